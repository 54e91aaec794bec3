"""The lists of the desk: what is due first comes first, and nobody's list holds what is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser, cost, submitted
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Verdict
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role

DAY = timedelta(days=1)


def filing(district, *, days_ago: int = 0, **changes):
    """A filing handed in so many days ago, with its intake."""
    at = timezone.now() - days_ago * DAY
    return submitted("investment-filing", district.firm, district.applicant, at=at, **changes)


def order(page) -> list[str]:
    """The case numbers in the order of the page."""
    return [link.split("/")[3] for link in page.links if link.startswith("/desk/cases/SF-")]


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


def test_what_is_due_first_comes_first_whenever_it_came(district, clerk):
    today, long_ago, lately = (filing(district, days_ago=days)[0] for days in (0, 60, 20))
    assert order(clerk.open("/desk/")) == [long_ago.number, lately.number, today.number]


def test_what_is_late_says_so_in_its_row_and_in_the_head(district, clerk):
    filing(district, days_ago=60)
    filing(district)
    page = clerk.open("/desk/")
    assert page.marked[".late"].count("超期") == 1
    assert "超期 1 件" in page.text


def test_each_seat_lists_its_own_stages_and_no_others(district):
    case, intake = submitted("construction-permit", district.firm, district.applicant)
    who = {name: Browser(getattr(district, name)) for name in ("clerk", "housing", "fire", "agriculture", "leader")}

    def holders() -> list[str]:
        return [name for name, browser in who.items() if order(browser.open("/desk/"))]

    assert holders() == ["clerk"]
    actions.accept(intake, by=district.clerk, at=timezone.now())
    assert holders() == ["housing", "fire"]
    for work, by in zip(world.open_work(case), (district.defence, district.fire, district.housing), strict=True):
        actions.review(work, verdict=Verdict.PASS, by=by, at=timezone.now())
    assert holders() == ["leader"]


def test_a_seat_over_another_area_lists_nothing(district):
    filing(district)  # in the second subdistrict
    elsewhere = world.staff("third", "approval-bureau", Role.CLERK)
    membership = elsewhere.person.memberships.get()
    membership.area_path = f"{world.DISTRICT}370199003000/"
    membership.save()
    assert order(Browser(elsewhere).open("/desk/")) == []
    membership.area_path = f"{world.DISTRICT}370199002000/"
    membership.save()
    assert len(order(Browser(elsewhere).open("/desk/"))) == 1


def test_whoever_acts_for_the_applicant_keeps_out_of_the_list(district):
    case, _intake = filing(district)
    both = world.agent(world.staff("both", "approval-bureau", Role.CLERK), district.firm)
    assert order(Browser(both).open("/desk/")) == []
    Browser(both).open(f"/desk/cases/{case.number}/", status=404)


def test_what_waits_for_applicants_stands_apart(district, clerk):
    waiting, intake = filing(district)
    other, _intake = filing(district)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=timezone.now())
    page = clerk.open("/desk/")
    assert order(page) == [other.number]
    assert order(clerk.open("/desk/?kind=waiting")) == [waiting.number]
    assert "等申请人补正 1" in page.text


def test_the_rail_counts_and_filters_by_kind(district):
    filing(district)
    decided, intake = filing(district)
    actions.accept(intake, by=district.clerk, at=timezone.now())
    both = Browser(world.staff("both", "approval-bureau", Role.CLERK, Role.LEADER))
    page = both.open("/desk/")
    assert "待办 2" in page.text
    assert "收件受理 1" in page.text
    assert "决定 1" in page.text
    assert order(both.open("/desk/?kind=decision")) == [decided.number]
    assert order(both.open("/desk/?kind=review")) == []
    assert len(order(both.open("/desk/?kind=nonsense"))) == 2, "a filter nobody offers filters nothing"


def test_lists_come_in_pages_that_keep_the_filter(district, clerk):
    for _number in range(31):
        filing(district)
    first = clerk.open("/desk/?kind=intake")
    assert len(order(first)) == 30
    (following,) = [link for link in first.links if "page=2" in link]
    assert following == "?kind=intake&page=2"
    last = clerk.open(f"/desk/{following}")
    assert len(order(last)) == 1
    assert not set(order(first)) & set(order(last))
    assert order(clerk.open("/desk/?page=99")) == order(last)
    assert order(clerk.open("/desk/?page=x")) == order(first)
    assert len(order(clerk.open("/desk/cases/?q=&status=submitted"))) == 30
    assert len(order(clerk.open("/desk/cases/?q=&status=submitted&page=2"))) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/desk/", "都办完了"),
        ("/desk/?kind=intake", "都办完了"),
        ("/desk/?kind=waiting", "没有等待补正的办件"),
        ("/desk/done/", "还没有办过的件"),
        ("/desk/cases/", "本部门经手的办件会列在这里"),
        ("/desk/cases/?q=nobody", "换个编号或名称再试"),
        ("/desk/licences/", "还没有签发证照"),
    ],
)
def test_an_empty_list_says_what_will_be_there(clerk, address, words):
    page = clerk.open(address)
    assert words in page.text
    assert "table" not in page.marked


def test_what_i_have_done_is_kept_for_me_alone(district, clerk):
    first, intake = filing(district, days_ago=1)
    actions.accept(intake, by=district.clerk, at=timezone.now() - timedelta(hours=1))
    second, intake = filing(district)
    actions.decline(intake, reasons="不属于本机关职权", by=district.clerk, at=timezone.now())
    assert order(clerk.open("/desk/done/")) == [second.number, first.number]
    assert order(Browser(district.leader).open("/desk/done/")) == []


def test_cases_are_found_by_number_project_applicant_and_status(district, clerk):
    case, intake = filing(district, project_name="清泉水厂扩建")
    other_firm = world.enterprise("济南虚构水务有限公司", serial=901)
    agent = world.acting(world.agent(world.person("高行健"), other_firm))
    other, _work = submitted("investment-filing", other_firm, agent)
    actions.accept(intake, by=district.clerk, at=timezone.now())

    def found(query: str) -> set[str]:
        return set(order(clerk.open(f"/desk/cases/?{query}")))

    assert found("") == {case.number, other.number}
    assert found(f"q={case.number.lower()}") == {case.number}
    assert found("q=水厂") == {case.number}
    assert found("q=水务") == {other.number}
    assert found("status=deciding") == {case.number}
    assert found("status=deciding&q=水务") == set()
    assert found("status=nonsense") == {case.number, other.number}
    assert found("q=%25") == set(), "a percent sign is looked for as it stands"


@pytest.mark.parametrize(
    ("query", "status"), [("q=%00", 400), ("page=%00", 400), ("q=" + "x" * 5000, 200), ("q=%ED%A0%80", 200)]
)
def test_no_query_breaks_the_search(district, clerk, query, status):
    filing(district)
    clerk.open(f"/desk/cases/?{query}", status=status)


def test_drafts_are_nobodys_business_also_when_they_were_given_up(district):
    filing(district)
    kept = world.draft("investment-filing", district.firm, district.applicant)
    given_up = world.draft("investment-filing", district.firm, district.applicant)
    actions.withdraw(given_up, by=district.applicant, at=timezone.now())
    for actor in (district.clerk, district.leader, district.supervisor):
        browser = Browser(actor)
        assert not {kept.number, given_up.number} & set(order(browser.open("/desk/cases/")))
        for case in (kept, given_up):
            browser.open(f"/desk/cases/{case.number}/", status=404)


def test_licences_of_my_office_are_listed(district, clerk):
    case, intake = filing(district)
    actions.accept(intake, by=district.clerk, at=timezone.now())
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=timezone.now())
    licence = actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=timezone.now()).licence
    page = clerk.open("/desk/licences/")
    assert licence.number in page.text
    assert f"/licences/{licence.pk}/" in page.links
    assert Browser(district.housing).open("/desk/licences/").text.count(licence.number) == 0


@pytest.mark.parametrize(("address", "most"), [("/desk/", 11), ("/desk/done/", 8), ("/desk/cases/", 9)])
def test_a_list_costs_the_same_however_long(district, clerk, address, most):
    _case, intake = filing(district)
    actions.accept(intake, by=district.clerk, at=timezone.now())
    filing(district)
    few = cost(clerk, address)
    for _number in range(6):
        _case, intake = filing(district)
        actions.accept(intake, by=district.clerk, at=timezone.now())
        filing(district)
    assert few == cost(clerk, address) <= most
