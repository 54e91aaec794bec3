"""Story 16: firms are shared out, asked on the way, and how far each visitor is is seen at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.duties.standing.roster import declared, firm, spec
from tests.web.desk.test_duties import FORM
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Caller, Measure
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def firms(demo_district) -> None:
    """Three firms of a subdistrict and a survey to ask them, where an event is under way."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    told = Declared("虚构防控", "虚构通知〔2026〕5 号", tuple(Measure), now.astimezone(CHINA).date(), None, 30)
    declare(told, area="370199000000", department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    declared(spec("survey", name={"zh": "企业摸排"}, sections=FORM, by_hand=True, measure="checks"))
    for number in range(3):
        firm(number)


@pytest.mark.parametrize("width", [390, 1440])
def test_firms_are_shared_out_asked_on_the_way_and_counted(person, firms, width):
    leader, visitor = person(width), person(390)
    leader.sign_in_as_staff("leader@demo.test")
    leader.page.goto("/desk/prevention/surveys/")
    later = timezone.now().astimezone(CHINA) + timedelta(days=2)
    leader.page.fill("[name=until]", later.date().isoformat())
    leader.page.select_option("[name=area]", "370199001000")
    leader.look("surveys")
    leader.page.locator("main form button.btn").click()
    leader.press("谁去哪家")
    leader.press("平均分给所在街道、网格的人")
    expect(leader.page.locator("main")).to_contain_text("简街道")
    leader.look("visitors")

    visitor.sign_in_as_staff("street@demo.test")
    visitor.page.goto("/desk/prevention/surveys/mine/")
    given = Caller.objects.filter(caller__email="street@demo.test").count()
    expect(visitor.page.locator("main tbody tr")).to_have_count(given)
    visitor.look("mine")
    visitor.press("填写")
    visitor.page.fill("[name=a-present]", "12")
    visitor.look("asked")
    visitor.page.locator("#answer button.btn").last.click()
    expect(visitor.page.locator("main tbody tr")).to_have_count(given - 1)

    leader.page.reload()
    row = leader.page.locator("main tr", has_text="简街道").first
    expect(row.locator("td").nth(2)).to_have_text("1")
    leader.look("progress")
