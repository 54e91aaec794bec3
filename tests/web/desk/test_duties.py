"""Standing duties on the pages: a firm reports, the desk sees who has not, each in both languages."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests import world
from tests.duties.standing.roster import GRIDS, declared, firm, spec
from tests.prevention import emergency
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.duties.models import Due, Report, Window
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing
from zerotrip.prevention.models import Enrolment, Person
from zerotrip.web.desk.prevention import duties
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

FORM = [
    {
        "id": "today",
        "title": {"zh": "今天", "en": "Today"},
        "fields": [
            {"id": "present", "kind": "number", "decimals": 0, "label": {"zh": "在岗人数", "en": "At work"}}
        ],
    }
]


@pytest.fixture
def window(district) -> Window:
    """A window over the whole of today, with a form; the district's own firm and two others owe it."""
    Standing.objects.create(party=district.firm, area_path=GRIDS[0], derived_at=world.MORNING)
    firm(1)
    firm(2, GRIDS[1])
    named = {"name": {"zh": "每日核查", "en": "Daily check"}, "sections": FORM, "remind": [60, 240]}
    (duty,) = declared(spec(**named))
    today = datetime.combine(timezone.now().astimezone(CHINA).date(), time(), tzinfo=CHINA)
    return open_window(duty, Span(today, today + timedelta(days=1)), area_path=world.DISTRICT, at=today)


def url(window: Window, subject=None) -> str:
    return f"/checks/{window.pk}/{subject}/" if subject else "/checks/"


def test_a_firm_reports_and_sees_that_it_has(district, window):
    agent = Browser(district.applicant)
    assert "还有 1 项没报" in agent.open("/checks/").text
    assert "今天还有 1 项没报" in agent.open("/asked/").text
    page = agent.open(url(window, district.firm.pk))
    form = page.form()
    refused = form.press(status=422, **{"a-present": "很多"})
    assert "在岗人数" in refused.text
    assert refused.form().values["a-present"] == ["很多"]
    form.press(**{"a-present": "12"})
    form.press(**{"a-present": "12"})
    assert Report.objects.get().answers == {"present": "12"}
    due = Due.objects.get(subject=district.firm.pk)
    assert due.done == 1
    assert "都报了" in agent.open("/checks/").text
    assert "<dd>12</dd>" in agent.open(url(window, district.firm.pk)).html
    staff = Browser(district.clerk).open(f"/desk/prevention/duties/{window.pk}/{due.subject}/")
    assert "这一次报过的" in staff.text


def test_nobody_reports_for_a_firm_that_is_not_theirs(district, window):
    other = Due.objects.exclude(subject=district.firm.pk).first()
    Browser(district.applicant).open(url(window, other.subject), status=404)
    Browser(district.stranger).open(url(window, district.firm.pk), status=404)


def test_duties_that_are_not_listed_are_said_to_be_there(district, window, monkeypatch):
    clerk = Browser(district.clerk)
    assert "没有列出" not in clerk.open("/desk/prevention/duties/").text
    evening = Span(window.starts + timedelta(hours=18), window.ends)
    open_window(window.requirement, evening, area_path=world.DISTRICT, at=window.starts)
    monkeypatch.setattr(duties, "MOST", 1)
    assert "另有 1 项没有列出" in clerk.open("/desk/prevention/duties/").text


def test_the_desk_sees_who_has_not_area_by_area(district, window):
    clerk = Browser(district.clerk)
    assert "每日核查" in clerk.open("/desk/prevention/duties/").text
    page = clerk.open(f"/desk/prevention/duties/{window.pk}/")
    assert "自动提醒还没报的：今天 20:00、今天 23:00" in " ".join(page.text.split())
    assert "虚构企业1" in page.text
    assert "虚构企业2" in page.text
    inside = clerk.open(f"/desk/prevention/duties/{window.pk}/?area={GRIDS[1]}")
    assert "虚构企业2" in inside.text
    assert "虚构企业1" not in inside.text
    emergency.declared(district)
    emergency.exporter(district)
    asks = clerk.open(f"/desk/prevention/duties/{window.pk}/missing.csv")
    lines = asks.form().press(status=200, why="核对").html
    assert lines.count("虚构企业") == 2


def test_staff_report_for_a_firm_with_the_time_it_was_done(district, window):
    due = Due.objects.exclude(subject=district.firm.pk).first()
    clerk = Browser(district.clerk)
    form = clerk.open(f"/desk/prevention/duties/{window.pk}/{due.subject}/").form()
    yesterday = (window.starts.astimezone(CHINA) - timedelta(days=1)).date().isoformat()
    refused = form.press(status=422, **{"a-present": "3", "day": yesterday, "hour": "09:00"})
    assert "什么时候做的" in refused.text
    form.press(**{"a-present": "3", "day": window.day.isoformat(), "hour": "00:00"})
    report = Report.objects.get()
    assert (report.by_id, report.at) == (district.clerk.user_id, window.starts)
    assert Due.objects.get(subject=due.subject).done == 1
    Browser(district.supervisor).open(f"/desk/prevention/duties/{window.pk}/{due.subject}/", status=403)


def test_pages_cost_the_same_for_one_firm_and_for_many(district, window):
    clerk = Browser(district.clerk)
    pages = ("/desk/prevention/duties/", f"/desk/prevention/duties/{window.pk}/")
    before = [cost(clerk, page) for page in pages]
    for number in range(3, 9):
        party = firm(number)
        Due.objects.create(day=window.day, window=window, subject=party.pk, area_path=GRIDS[0], since=window.starts)
    assert [cost(clerk, page) for page in pages] == before


@pytest.mark.parametrize("who", ["applicant", "clerk"])
def test_pages_are_english_in_english(district, window, who):
    browser = Browser(getattr(district, who), language="en")
    paths = {
        "applicant": ["/checks/", url(window, district.firm.pk)],
        "clerk": ["/desk/prevention/duties/", f"/desk/prevention/duties/{window.pk}/"],
    }[who]
    for path in paths:
        words = chinese_words(browser.open(path))
        assert [word for word in words if "虚构" not in word and word != "林知远"] == [], path


def test_a_survey_is_begun_by_hand_and_the_silent_are_named(district, window):
    emergency.declared(district)
    named = {"name": {"zh": "摸排", "en": "Survey"}, "sections": FORM, "by_hand": True, "measure": "checks"}
    declared(spec("check", name={"zh": "每日核查"}, sections=FORM), spec("survey", **named))
    clerk = Browser(district.clerk)
    form = clerk.open("/desk/prevention/surveys/").form()
    assert "最后一天" in form.press("发起", status=422, area="370199000000").text
    until = (timezone.now().astimezone(CHINA).date() + timedelta(days=3)).isoformat()
    page = form.press("发起", area="370199000000", until=until).follow()
    assert "虚构企业1" in page.text
    form.press("发起", area="370199000000", until=until)
    assert Window.objects.filter(requirement__name__zh="摸排").count() == 1
    assert "摸排" in Browser(district.applicant).open("/checks/").text
    Browser(district.supervisor).send(
        "/desk/prevention/surveys/", {"duty": "x", "area": "370199000000", "until": until}, status=403
    )


def test_what_staff_go_for_is_not_asked_of_the_firm(district, window):
    named = {"name": {"zh": "上门摸排"}, "sections": FORM, "visited": True}
    (duty,) = declared(spec("visit", **named))
    open_window(duty, Span(window.starts, window.ends), area_path=world.DISTRICT, at=window.starts)
    assert "上门摸排" not in Browser(district.applicant).open("/checks/").text
    assert "上门摸排" in Browser(district.clerk).open("/desk/prevention/duties/").text


@pytest.fixture
def tested(district) -> Window:
    """A duty of people; the applicant owes it, on the roster of the firm."""
    today = timezone.now().astimezone(CHINA).date()
    person = Person.objects.create(
        **dict.fromkeys(("name", "name_key"), "林知远"),
        phone="13800000001",
        created_at=world.MORNING,
        party_id=district.applicant.person_id,
    )
    Enrolment.objects.create(
        person=person, kind="worker", employer=district.firm, area_path=GRIDS[0], during=DateRange(today, None)
    )
    (duty,) = declared(spec("health", who="person", name={"zh": "健康打卡", "en": "Health report"}, sections=FORM))
    begin = datetime.combine(today, time(), tzinfo=CHINA)
    return open_window(duty, Span(begin, begin + timedelta(days=1)), area_path=world.DISTRICT, at=begin)


def test_somebody_on_a_roster_reports_for_oneself_and_the_employer_sees_who_has_not(district, tested):
    agent = Browser(district.applicant)
    page = agent.open("/checks/")
    assert "员工要做的" in page.text
    assert "林*远" in page.text
    due = Due.objects.get()
    agent.open(url(tested, due.subject)).form().press(**{"a-present": "1"})
    assert Due.objects.get().kept_at is not None
    assert "已做" in agent.open("/checks/").text
    Browser(district.stranger).open(url(tested, due.subject), status=404)


def test_a_grid_worker_reports_for_somebody_and_sees_no_whole_name(district, tested):
    clerk = Browser(district.clerk)
    page = clerk.open(f"/desk/prevention/duties/{tested.pk}/")
    assert "林*远" in page.text
    due = Due.objects.get()
    form = clerk.open(f"/desk/prevention/duties/{tested.pk}/{due.subject}/").form()
    form.press(**{"a-present": "1", "day": tested.day.isoformat(), "hour": "00:00"})
    assert Due.objects.get().kept_at is not None
    assert Report.objects.get().by_id == district.clerk.user_id
