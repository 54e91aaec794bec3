"""Story 17: a round is opened, who is missing is called and excused, and then, and only then, it is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.duties.standing.roster import declared as standing
from tests.duties.standing.roster import spec as duty
from tests.prevention.test_population import GRID, enrolled, somebody
from zerotrip.duties.models import Window
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Measure
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)
AREA = "370199000000"


@pytest.fixture
def missed(demo_district) -> None:
    """Somebody on a roster where screening is asked for."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    first = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕4 号", (Measure.SCREENING,), first, None, 30)
    declare(told, area=AREA, department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    standing(duty("round", who="person", measure="screening", by_hand=True))
    enrolled(somebody("张虚构"), first=first, household="1-101")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_round_is_opened_called_through_and_closed(person, work, missed, width):
    leader = person(width)
    leader.sign_in_as_staff("leader@demo.test")
    leader.page.goto("/desk/prevention/rounds/")
    now = timezone.now().astimezone(CHINA)
    leader.page.locator("main details:has-text('打开新的一轮') > summary").click()
    leader.fill(
        {
            "name": "虚构第一轮",
            "area": AREA,
            "first_day": f"{now:%Y-%m-%d}",
            "opens": "00:00",
            "last_day": f"{now + timedelta(days=1):%Y-%m-%d}",
            "closes": "23:59",
        }
    )
    leader.press("打开这一轮")
    expect(leader.page.locator("#filling")).to_be_visible()
    work()
    expect(leader.page.locator("#filling")).to_have_count(0)
    leader.look("round")
    expect(leader.page.locator("main")).to_contain_text("不能结束")

    leader.press("看没来的人")
    leader.look("round-missing")
    expect(leader.page.locator("main")).not_to_contain_text("张虚构")
    leader.press("我来联系下一个")
    leader.look("round-call")
    expect(leader.page.locator("main")).to_contain_text("张虚构")
    leader.press("接通，不在本地")
    expect(leader.page.locator("main")).to_contain_text("没有要打的电话")

    window = Window.objects.get(round__name="虚构第一轮")
    leader.page.goto(f"/desk/prevention/rounds/{window.pk}/")
    leader.press("结束这一轮")
    window.refresh_from_db()
    assert window.closed_at is not None
    assert GRID.startswith(window.area_path)
