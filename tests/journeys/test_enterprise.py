"""The record of an enterprise: by staff, by the firm's own people on a phone, and not by an outsider."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests import world
from tests.enterprises.workbooks import AREA, workbook
from tests.facts.words import SPEC
from zerotrip.enterprises import actions
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def firm(demo_district) -> Party:
    """The dealer's firm, of which two offices say different things."""
    now = timezone.now()
    declare("tests", SPEC, at=now)
    dealer = User.objects.get(phone=demo.DEALER)
    firm = Party.objects.get(members__person=dealer.person)
    actions.place(firm.pk, area=AREA, reason="演示", by=SYSTEM, at=now)
    day = now.date() - timedelta(days=2)
    said = [
        Statement("industry", "F5167", day, "tax"),
        Statement("staff", 9, day, "tax"),
        Statement("staff", 12, day, "statistics"),
    ]
    record(firm.pk, said, by=SYSTEM, at=now, key=uuid4())
    return Party.objects.get(pk=firm.pk)


def test_a_contradiction_is_found_by_staff_and_settled_by_the_firm_telling_and_staff_checking(person, firm):
    clerk = person(1440)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/desk/enterprises/")
    clerk.look("list")
    clerk.page.fill("input[name=q]", firm.name[2:6])
    clerk.press("查找")
    clerk.page.click(f"text={firm.name}")
    clerk.page.wait_for_selector("text=有几项靠不住")
    expect(clerk.page.locator("text=12 人 · 统计").first).to_be_visible()
    clerk.look("record")

    owner = person(390)
    owner.sign_in(demo.DEALER)
    owner.page.goto("/enterprise/")
    owner.page.wait_for_url(f"**/enterprise/{firm.uscc}/")
    owner.look("own-record")
    owner.page.locator(f"a[href='/enterprise/{firm.uscc}/facts/staff/']").first.click()
    owner.page.fill("#value", "12")
    owner.press("记录")
    owner.page.wait_for_selector("text=已记录")
    owner.look("own-fact")

    clerk.page.locator(f"a[href='/desk/enterprises/{firm.uscc}/facts/staff/']").first.click()
    clerk.page.wait_for_selector("text=企业自己填报")
    clerk.page.fill("#value", "12")
    clerk.page.select_option("#source", "statistics")
    clerk.page.fill("#reason", "电话核实，税务漏了三人")
    clerk.look("fact")
    clerk.press("记录")
    clerk.page.wait_for_selector("text=现在算数")
    clerk.page.goto(f"/desk/enterprises/{firm.uscc}/")
    expect(clerk.page.locator("text=有几项靠不住")).to_have_count(0)

    outsider = person(390)
    outsider.sign_in(demo.BUILDER)
    for address in (f"/enterprise/{firm.uscc}/", f"/desk/enterprises/{firm.uscc}/"):
        answer = outsider.page.goto(address)
        assert answer.status in (403, 404)
        assert firm.name not in outsider.page.content()


def test_a_workbook_is_checked_mended_and_taken_over(person, work, firm, tmp_path: Path):
    new, bad = world.uscc(860), world.uscc(861)[:-1] + "I"
    file = tmp_path / "台账.xlsx"
    file.write_bytes(handed(new, bad).read())
    clerk = person(1440)
    clerk.sign_in_as_staff("window@demo.test")
    clerk.page.goto("/desk/enterprises/sheets/")
    clerk.page.set_input_files("input[name=file]", str(file))
    clerk.page.select_option("select[name=source]", "tax")
    clerk.look("hand-in")
    clerk.press("上传并核对")
    clerk.page.wait_for_selector("text=排队中")
    work()
    clerk.page.wait_for_selector("text=导入没有问题的 1 行")
    expect(clerk.page.locator("text=校验位")).to_be_visible()
    assert not Party.objects.filter(uscc=new).exists()
    clerk.look("judged")
    clerk.press("导入没有问题的 1 行")
    work()
    clerk.page.wait_for_selector("text=新增企业 1 家")
    clerk.look("taken-over")
    clerk.page.goto(f"/desk/enterprises/{new}/")
    expect(clerk.page.locator("text=济南新来有限公司").first).to_be_visible()
    clerk.look("new-record")


def handed(new: str, bad: str) -> io.BytesIO:
    return workbook(
        [new, "济南新来有限公司", AREA, "C3921", 320, 1800], [bad, "济南写错有限公司", AREA, "C3921", 3, 10]
    )
