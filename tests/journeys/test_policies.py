"""Story 10: a firm learns what it qualifies for, lacks and what is unknown; staff ask which enterprises."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from config import demo
from tests import world
from tests.policies import market
from zerotrip.parties.models import Party, PartyKind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_story_10_a_firm_learns_what_it_can_have_and_staff_whom_it_is_for(person, tmp_path, width):
    market.load(tmp_path / "pack")
    Party.objects.filter(kind=PartyKind.ENTERPRISE).update(area_path=world.DISTRICT)
    firm = Party.objects.filter(kind=PartyKind.ENTERPRISE).order_by("name").first()
    owner = demo.BUILDER if "建" in firm.name else demo.INVESTOR
    for each in Party.objects.filter(kind=PartyKind.ENTERPRISE):
        market.state(each, staff="120", rent="80000")
    visitor = person(width)
    visitor.page.goto("/policies/?q=出口")
    visitor.look("found")
    visitor.page.goto("/policies/rent-half/")
    visitor.look("policy")
    visitor.page.goto("/policies-compared/?p=rent-half&p=many-staff")
    visitor.look("compared")
    visitor.page.goto("/policy-calculator/?f-staff=50&f-area=370199")
    visitor.look("calculator")
    applicant = person(width)
    applicant.sign_in(owner)
    applicant.page.goto("/my-policies/")
    applicant.look("mine")
    expect(applicant.page.locator("#group-yes")).to_have_count(1)
    expect(applicant.page.locator("#group-no")).to_have_count(1)
    assert "从业人员超过 500 人" in applicant.page.inner_text("main")
    unknown = applicant.page.locator("#export-help")
    assert "还不知道" in unknown.inner_text()
    unknown.get_by_role("link", name="补上这些情况").click()
    applicant.look("state")
    applicant.page.locator("label:has-text('是')").first.click()
    applicant.press("填报并看结果")
    applicant.page.wait_for_selector("text=已填报 1 项")
    applicant.look("anew")
    expect(applicant.page.locator("#export-help h3")).not_to_contain_text("不确定")
    staff = person(width)
    staff.sign_in_as_staff("leader@demo.test")
    staff.page.goto("/desk/policies/")
    staff.look("desk")
    staff.page.goto("/desk/policies/export-help/")
    staff.look("which")
    assert "企业" in staff.page.inner_text("main")
