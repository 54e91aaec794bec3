"""Who goes to which firm, on the pages: shared out at the desk, done from a phone, in both languages."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.duties.standing.roster import GRIDS, declared, firm, spec
from tests.prevention import emergency
from tests.web.browsing import Browser, Page, chinese_words, cost, token
from tests.web.desk.test_duties import FORM
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.materialising import open_window, reconcile
from zerotrip.duties.standing.schedule import Span
from zerotrip.prevention.models import Caller
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(district) -> Window:
    emergency.declared(district, at=timezone.now())
    for number in (1, 2):
        firm(number)
    firm(3, GRIDS[1])
    name = {"zh": "摸排", "en": "Survey"}
    (duty,) = declared(spec("survey", name=name, sections=FORM, by_hand=True, measure="checks"))
    today = datetime.combine(timezone.now().astimezone(CHINA).date(), time(), tzinfo=CHINA)
    return open_window(duty, Span(today, today + timedelta(days=3)), area_path=world.DISTRICT, at=today)


def page_of(survey: Window) -> str:
    return f"/desk/prevention/surveys/{survey.pk}/"


def given(browser: Browser, survey: Window, *, status: int = 302, **how: object) -> Page:
    """What comes back when firms are given out so."""
    page = browser.open(page_of(survey))
    return browser.send(page_of(survey), {**token(page), **how}, status=status)


def test_firms_are_shared_out_visited_and_counted(district, survey):
    clerk = Browser(district.clerk)
    assert "谁去哪家" in clerk.open(f"/desk/prevention/duties/{survey.pk}/").text
    page = clerk.open(page_of(survey))
    assert "没人去的" in page.text
    done = given(clerk, survey, way="evenly").follow()
    assert "已分配 3 家" in done.text
    again = given(clerk, survey, way="evenly").follow()
    assert "没有可分配的企业" in again.text
    Caller.objects.update(caller=district.clerk.account)
    assert "我要去的企业：3 家" in clerk.open("/desk/prevention/surveys/").text
    mine = clerk.open("/desk/prevention/surveys/mine/")
    assert "虚构企业1" in mine.text
    due = Due.objects.filter(window=survey).order_by("area_path", "subject").first()
    form = clerk.open(f"/desk/prevention/duties/{survey.pk}/{due.subject}/?back=mine").form()
    back = form.press(**{"a-present": "3"}).follow()
    assert "我要去的企业" in back.text
    assert Due.objects.get(window=survey, subject=due.subject).kept_at is not None
    assert "本人问到" in clerk.open(page_of(survey)).text


def test_one_firm_is_given_to_another_and_nobody_chosen_is_said_at_its_place(district, survey):
    clerk = Browser(district.clerk)
    due = Due.objects.filter(window=survey).first()
    assert "请选择在这个区域工作的人员" in given(clerk, survey, way="one", status=422).text
    given(clerk, survey, firm=due.subject, caller=district.leader.account)
    assert Caller.objects.get().caller_id == district.leader.account
    nobody = clerk.open(f"{page_of(survey)}?whose=nobody")
    assert str(due.subject) not in nobody.text
    given(Browser(district.supervisor), survey, way="evenly", status=403)


def test_pages_are_in_english_too(district, survey):
    clerk = Browser(district.clerk, language="en")
    given(clerk, survey, way="evenly")
    Caller.objects.update(caller=district.clerk.account)
    for path in (page_of(survey), "/desk/prevention/surveys/mine/", "/desk/prevention/surveys/"):
        words = chinese_words(clerk.open(path))
        assert [word for word in words if "虚构" not in word and "示范" not in word] == [], path


def test_many_firms_cost_as_much_as_few(district, survey):
    clerk = Browser(district.clerk)
    given(clerk, survey, way="evenly")
    Caller.objects.update(caller=district.clerk.account)
    paths = (page_of(survey), "/desk/prevention/surveys/mine/")
    few = [cost(clerk, path) for path in paths]
    for number in range(10, 20):
        firm(number)
    reconcile(survey.pk, at=timezone.now())
    given(clerk, survey, way="evenly")
    Caller.objects.update(caller=district.clerk.account)
    assert [cost(clerk, path) for path in paths] == few
