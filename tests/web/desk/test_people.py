"""Who is away, who stands in, handing over; and the green channel as staff and applicant see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser
from tests.web.desk.test_worklist import filing, order
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case
from zerotrip.cases.queries import file_of, load
from zerotrip.parties.models import Absence, Role
from zerotrip.web.desk.green import card

TODAY = timezone.localdate


@pytest.fixture
def second(district):
    return world.acting(world.staff("second", "approval-bureau", Role.CLERK))


def record(browser, person, stand_in, **changes):
    typed = {
        "person": str(person.user_id),
        "stand_in": str(stand_in.user_id),
        "since": f"{TODAY():%Y-%m-%d}",
        "until": f"{TODAY() + timedelta(days=2):%Y-%m-%d}",
        **changes,
    }
    status = typed.pop("status", 302)
    return browser.open("/desk/people/").form("").press("登记", status=status, **typed)


def test_a_leader_records_an_absence_and_the_stand_in_sees_the_work(district, second):
    case, intake = filing(district)
    actions.take(intake, by=district.clerk, at=timezone.now())
    stand_in = Browser(second)
    assert order(stand_in.open("/desk/")) == []
    record(Browser(district.leader), district.clerk, second)
    page = stand_in.open("/desk/")
    assert order(page) == [case.number]
    assert "代班" in page.text
    assert "外出中" in Browser(district.clerk).open("/desk/people/").text
    absence = Absence.objects.get()
    assert timezone.localtime(absence.during.upper).date() == TODAY() + timedelta(days=3), "the last day counts"


def test_one_records_ones_own_absence_and_nobody_elses(district, second):
    clerk = Browser(district.clerk)
    form = clerk.open("/desk/people/").form("")
    assert form.values["person"] == [""] or form.values["person"] == [str(district.clerk.user_id)]
    record(clerk, second, district.clerk, status=403)
    record(clerk, district.clerk, second)
    assert Absence.objects.count() == 1


def test_a_wrong_absence_says_what_is_wrong_and_keeps_what_was_typed(district, second):
    page = record(Browser(district.leader), district.clerk, second, until="2020-01-01", status=422)
    assert "结束不早于今天" in page.text
    assert page.form("").values["until"] == ["2020-01-01"]
    for none in ({"since": "morgen"}, {"until": "9999-12-31"}):  # a last day with none after it
        page = record(Browser(district.leader), district.clerk, second, status=422, **none)
        assert "请填写日期" in page.text
    page = record(Browser(district.leader), district.clerk, district.housing, status=409)
    assert "代班人须是同一部门" in page.text


def test_back_earlier_is_one_press(district, second):
    record(Browser(district.leader), district.clerk, second)
    page = Browser(district.clerk).open("/desk/people/")
    page.form(f"/desk/people/absence/{Absence.objects.get().pk}/").press("已回来")
    assert "没有人外出" in Browser(district.clerk).open("/desk/people/").text


def test_all_of_somebody_is_handed_over_in_one_press_and_listed(district, second):
    numbers = set()
    for _number in range(3):
        case, intake = filing(district)
        actions.take(intake, by=district.clerk, at=timezone.now())
        numbers.add(case.number)
    leader = Browser(district.leader)
    page = leader.open(f"/desk/people/{district.clerk.user_id}/hand-over/")
    assert "3 件" in page.text
    done = page.form("").press("一次移交", status=200, to=str(second.user_id))
    assert "手上的 3 件已移交" in done.text
    assert set(order(done)) == numbers
    assert set(Assignment.objects.values_list("assignee", flat=True)) == {second.user_id}


def test_handing_over_is_for_oneself_and_ones_leaders(district, second):
    address = f"/desk/people/{district.clerk.user_id}/hand-over/"
    Browser(district.clerk).open(address)
    Browser(second).open(address, status=404)
    Browser(district.housing).open(address, status=404)
    page = Browser(district.leader).open(address).form("").press("一次移交", status=422)
    assert "请选择一位同事" in page.text


# The green channel


def shown(case: Case, actor) -> str:
    """The card as the case page includes it."""
    request = RequestFactory().get("/")
    request.actor, request.now = actor, timezone.now()
    file = file_of(load(case.number, actor), actor)
    return render_to_string("desk/parts/green.html", {"green": card(file, request)})


def test_the_card_is_for_those_who_may_and_tells_all_who_looks_after_the_case(district, second):
    case, _intake = filing(district)
    assert "进入绿色通道" in shown(case, district.leader)
    assert "second" in shown(case, district.supervisor)
    assert shown(case, district.clerk).strip() == ""
    actions.put_in_green(case, contact=second, reason="重大项目", by=district.leader, at=timezone.now())
    told = shown(case, district.clerk)
    assert "专人：second" in told
    assert "重大项目" in told
    assert "退出绿色通道" not in told
    assert "退出绿色通道" in shown(case, district.leader)


def test_a_case_goes_in_and_out_from_its_page_and_the_applicant_sees_the_named_person(district, second):
    case, _intake = filing(district)
    leader = Browser(district.leader)
    token = leader.open("/desk/?who=").form("/desk/columns/").values["csrfmiddlewaretoken"][0]
    address = f"/desk/cases/{case.number}/green/"
    data = {"csrfmiddlewaretoken": token, "act": "in", "contact": str(second.user_id), "reason": "区重点项目"}
    leader.send(address, {**data, "reason": ""}, status=422)
    leader.send(address, {**data, "contact": ""}, status=422)
    assert leader.send(address, data).location == f"/desk/cases/{case.number}/"
    page = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert "由 second 专人负责到底" in page.text
    assert "进入绿色通道" in page.text
    assert "区重点项目" not in page.text, "the reason is between offices"
    assert district.leader.name not in page.text.split()
    assert "绿色通道" in Browser(district.leader).open("/desk/cases/").marked[".green"]
    leader.send(address, {**data, "act": "out"})
    assert "专人负责到底" not in Browser(district.applicant).open(f"/cases/{case.number}/").text
