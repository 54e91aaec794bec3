"""The worklist at work: filters, saved filters, columns, several at once; and the list as a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser, cost, submitted
from tests.web.desk.test_worklist import filing, order
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Clock, Export, SavedView
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.models import Role, User
from zerotrip.parties.queries import area_names

DAY = timedelta(days=1)


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


@pytest.fixture
def both(district):
    """Clerk and leader of the office in one person."""
    return world.acting(world.staff("both", "approval-bureau", Role.CLERK, Role.LEADER))


def tick(page, *works: Assignment, **typed):
    """Choose rows and press what ``act`` says."""
    token = page.form("/desk/bulk/").values["csrfmiddlewaretoken"]
    key = page.form("/desk/bulk/").values["key"]
    data = {"csrfmiddlewaretoken": token, "key": key, "work": [str(work.pk) for work in works], **typed}
    return page.browser.send("/desk/bulk/", data, status=typed.pop("status", 200))


def state(work: Assignment) -> Assignment:
    return Assignment.objects.get(pk=work.pk)


# Filters


def test_work_is_filtered_by_service_street_light_person_and_channel(district, clerk):
    mine, intake = filing(district)
    late, _intake = filing(district, days_ago=60)
    change, _intake = submitted("pesticide-change", district.firm, district.applicant)
    green, _intake = filing(district)
    actions.take(intake, by=district.clerk, at=timezone.now())
    contact = world.acting(world.staff("second", "approval-bureau", Role.CLERK))
    actions.put_in_green(green, contact=contact, reason="重大项目", by=district.leader, at=timezone.now())
    Clock.objects.filter(case=change).update(warn_at=timezone.now() - DAY)

    def found(query: str) -> set[str]:
        return set(order(clerk.open(f"/desk/?{query}")))

    assert found("who=") == {mine.number, late.number, change.number}
    assert found("who=mine") == {mine.number}
    assert found("who=free") == {late.number, change.number}
    assert found("who=all") == {mine.number, late.number, change.number, green.number}
    assert found("who=all&green=1") == {green.number}
    assert found("service=pesticide-change") == {change.number}
    assert found("light=red") == {late.number}
    assert found("light=yellow") == {change.number}
    assert found("light=green") == {mine.number}
    assert found("area=370199002000") >= {mine.number, late.number}
    assert found("area=370199003000") == {change.number}
    assert found("area=370199001000") == set()
    assert found("area=1") == set(), "a street there is not"
    assert len(found("light=blue&who=boss&area=x&kind=y")) == 3, "what nobody offers filters nothing"


def test_a_filter_that_finds_nothing_says_so_and_how_to_be_rid_of_it(district, clerk):
    filing(district)
    page = clerk.open("/desk/?light=red")
    assert "没有符合条件的待办" in page.text
    assert "?who=" in page.links


def test_the_light_of_a_row_is_its_clocks(district, clerk):
    case, _intake = filing(district)
    Clock.objects.filter(case=case).update(warn_at=timezone.now() - DAY)
    assert "快到期" in clerk.open("/desk/").text


def test_counts_and_rows_say_the_same(district, both):
    _case, intake = filing(district)
    filing(district)
    _decided, other = filing(district)
    actions.accept(other, by=district.clerk, at=timezone.now())
    actions.take(intake, by=both, at=timezone.now())
    page = Browser(both).open("/desk/?who=")
    counted = {
        "who=": "我能办的 3",
        "who=mine": "分给我的 1",
        "who=free": "待领的 2",
        "kind=intake": "收件受理 2",
        "kind=decision": "决定 1",
    }
    for query, words in counted.items():
        assert words in page.text
        assert len(order(Browser(both).open(f"/desk/?{query}"))) == int(words[-1]), query


# Saved filters and columns


def save(clerk, query: str, name: str, **typed):
    return clerk.open(f"/desk/?{query}").form("/desk/views/").press("保存筛选", name=name, **typed)


def test_a_saved_filter_is_kept_under_its_name_and_opens_the_desk_when_it_is_the_usual_one(district, clerk):
    filing(district)
    late, _intake = filing(district, days_ago=60)
    page = save(clerk, "light=red&kind=intake", "超期的受理", default="1")
    assert page.location == "/desk/?kind=intake&light=red"
    assert clerk.open("/desk/", status=302).location == "/desk/?kind=intake&light=red"
    assert "超期的受理" in clerk.open("/desk/?kind=intake&light=red").marked["h1"][0]
    assert len(order(clerk.open("/desk/?who="))) == 2, "the whole list is one press away"
    view = SavedView.objects.get()
    form = clerk.open("/desk/?who=").form(f"/desk/views/{view.pk}/")
    form.press("取消默认")
    assert order(clerk.open("/desk/"))[0] == late.number
    form.press("删除")
    assert not SavedView.objects.exists()


def test_one_filter_is_the_usual_one_and_a_name_stands_for_one_filter(district, clerk):
    save(clerk, "light=red", "甲", default="1")
    save(clerk, "light=yellow", "乙", default="1")
    save(clerk, "green=1", "甲")
    kept = {view.name: (view.query, view.is_default) for view in SavedView.objects.all()}
    assert kept == {"甲": ("green=1", False), "乙": ("light=yellow", True)}
    account = User.objects.get(pk=district.clerk.user_id)
    with pytest.raises(IntegrityError, match="saved_view_name_once_per_account"), transaction.atomic():
        SavedView.objects.create(account=account, name="甲", query="x", saved_at=timezone.now())
    with pytest.raises(IntegrityError, match="one_default_view_per_account"), transaction.atomic():
        SavedView.objects.create(account=account, name="丙", query="x", is_default=True, saved_at=timezone.now())


def test_saved_filters_are_ones_own(district, clerk):
    save(clerk, "light=red", "甲")
    view = SavedView.objects.get()
    other = Browser(district.leader)
    page = other.open("/desk/?light=red")
    assert "甲" not in page.text.split()
    token = page.form("/desk/columns/").values["csrfmiddlewaretoken"][0]
    other.send(f"/desk/views/{view.pk}/", {"csrfmiddlewaretoken": token, "act": "delete"}, status=404)
    assert SavedView.objects.exists()


@pytest.mark.parametrize(("query", "name"), [("", "甲"), ("light=nonsense", "甲"), ("light=red", " ")])
def test_a_filter_without_a_name_or_a_condition_is_not_kept(district, clerk, query, name):
    token = clerk.open("/desk/?who=").form("/desk/columns/").values["csrfmiddlewaretoken"][0]
    data = {"csrfmiddlewaretoken": token, "query": query, "name": name}
    clerk.send("/desk/views/", data, status=422)
    assert not SavedView.objects.exists()


def test_chosen_columns_show_from_then_on_for_their_account_alone(district, clerk):
    filing(district)
    form = clerk.open("/desk/?light=green").form("/desk/columns/")
    assert form.values["column"] == ["applicant", "stage", "assignee"]
    page = form.press("应用", column=["area", "department", "nonsense"])
    assert page.location == "/desk/?light=green"
    heads = clerk.open("/desk/").marked["th"]
    assert heads[2:4] == ["街道", "部门"]
    assert area_names(["370199002000"])["370199002000"] in clerk.open("/desk/").text
    other = Browser(world.staff("second", "approval-bureau", Role.CLERK)).open("/desk/")
    assert other.marked["th"][2:5] == ["申请人", "环节", "办理人"]


# Several at once


def test_several_are_taken_and_given_back_with_one_press(district, clerk):
    (_a, one), (_b, two) = filing(district), filing(district)
    page = tick(clerk.open("/desk/"), one, two, act="take")
    assert "2 件中办成 2 件" in page.text
    assert {state(one).assignee_id, state(two).assignee_id} == {district.clerk.user_id}
    page = tick(clerk.open("/desk/"), one, act="give-back")
    assert state(one).assignee_id is None
    assert state(two).assignee_id == district.clerk.user_id


def test_several_are_given_to_somebody_with_the_role_after_a_second_look(district):
    second = world.acting(world.staff("second", "approval-bureau", Role.CLERK))
    (_a, one), (_b, two) = filing(district), filing(district)
    leader = Browser(district.leader)
    page = tick(leader.open("/desk/?who=all"), one, two, act="assign")
    assert state(one).assignee_id is None, "nothing is done before the second look"
    assert "second · 能办其中 2 件" in page.text
    assert "leader ·" not in page.text
    actions.accept(two, by=district.clerk, at=timezone.now())
    form = page.form("/desk/bulk/")
    form.values["work"] = [str(one.pk), str(two.pk)]
    done = form.press("指派这", status=200, to=str(second.user_id))
    assert "2 件中办成 1 件" in done.text
    assert "办理完毕" in done.text
    assert state(one).assignee_id == second.user_id
    form.press("指派这", status=200, to=str(second.user_id))
    assert [e.action for e in history(one.case_id)].count("assign") == 1, "the same press again does nothing again"


def test_like_decisions_are_looked_at_again_then_granted_each_with_its_result(district):
    works = []
    for _number in range(2):
        case, intake = filing(district)
        actions.accept(intake, by=district.clerk, at=timezone.now())
        works += world.open_work(case)
    leader = Browser(district.leader)
    page = tick(leader.open("/desk/"), *works, act="grant")
    assert {Case.objects.get(pk=work.case_id).status for work in works} == {"deciding"}
    actions.withdraw(works[1].case, by=district.applicant, at=timezone.now())
    form = page.form("/desk/bulk/")
    form.values["work"] = [str(work.pk) for work in works]
    done = form.press("准予这", status=200, reasons="符合规定")
    assert "2 件中办成 1 件" in done.text
    assert [Case.objects.get(pk=work.case_id).result for work in works] == ["granted", "withdrawn"]


def test_unlike_rows_are_refused_before_anything_is_done(district, both):
    _case, intake = filing(district)
    decided, other = filing(district)
    actions.accept(other, by=district.clerk, at=timezone.now())
    (decision,) = world.open_work(decided)
    page = tick(Browser(both).open("/desk/?who="), intake, decision, act="grant", status=422)
    assert "只选择待决定的办件" in page.text


def test_rows_of_others_and_none_at_all_are_nothing_to_do(district, clerk):
    _case, intake = filing(district)
    page = clerk.open("/desk/")
    tick(page, act="take", status=422)
    other = Browser(district.agriculture)
    token = other.open("/desk/?who=").form("/desk/columns/").values["csrfmiddlewaretoken"]
    answer = other.send(
        "/desk/bulk/", {"csrfmiddlewaretoken": token, "work": [str(intake.pk)], "act": "take"}, status=200
    )
    assert "0 件中办成 0 件" in answer.text
    assert state(intake).assignee_id is None


# Cost


def grow(case: Case, work: Assignment, count: int, first: int = 0) -> None:
    """So many cases like this one, with their work and clocks."""
    clock = Clock.objects.get(case=case)
    for number in range(first, first + count):
        fresh = Case.objects.get(pk=case.pk)
        fresh.pk, fresh.number = new_id(), f"SF-2026-9{number:05}"
        fresh.save(force_insert=True)
        copied = Assignment.objects.get(pk=work.pk)
        copied.pk, copied.case = new_id(), fresh
        copied.save(force_insert=True)
        clock.pk, clock.case = new_id(), fresh
        clock.save(force_insert=True)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/desk/?who=all", 11),
        ("/desk/?light=green&service=investment-filing&area=370199002000", 12),
        ("/desk/cases/?status=submitted", 9),
        ("/desk/people/", 8),
        ("/desk/exports/", 7),
    ],
)
def test_a_list_costs_the_same_at_10_and_at_100_rows(district, clerk, address, most):
    case, work = filing(district)
    grow(case, work, 9)
    few = cost(clerk, address)
    grow(case, work, 90, first=9)
    assert few == cost(clerk, address) <= most


# The list as a file


def test_the_found_list_is_asked_for_made_and_fetched(district, clerk):
    case, _intake = filing(district, project_name="清泉水厂扩建")
    filing(district)
    page = clerk.open("/desk/cases/?q=水厂")
    page.form("/desk/exports/").press("CSV")
    export = Export.objects.get()
    waiting = clerk.open("/desk/exports/")
    assert "排队中" in waiting.text
    actions.run_export(export.pk, at=timezone.now())
    ready = clerk.open("/desk/exports/")
    assert "可下载1 件" in ready.text
    file = ready.form(f"/desk/exports/{export.pk}/file/").press("下载", status=200)
    assert case.number in file.html
    assert file.response["Content-Disposition"].startswith("attachment")
    assert "no-store" in file.response["Cache-Control"]


def test_a_search_no_database_would_keep_is_kept_without_what_it_refuses(district, clerk):
    filing(district)
    clerk.open("/desk/cases/").form("/desk/exports/").press("CSV", q="水\x00厂", service="x\x00")
    assert Export.objects.get().search["text"] == "水\ufffd厂"


def test_another_does_not_fetch_the_file(district, clerk):
    filing(district)
    clerk.open("/desk/cases/").form("/desk/exports/").press("CSV")
    export = Export.objects.get()
    actions.run_export(export.pk, at=timezone.now())
    leader = Browser(district.leader)
    assert str(export.pk) not in leader.open("/desk/exports/").html
    token = leader.open("/desk/?who=").form("/desk/columns/").values["csrfmiddlewaretoken"]
    leader.send(f"/desk/exports/{export.pk}/file/", {"csrfmiddlewaretoken": token}, status=404)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "running", "rows": 20, "total": 80}, "20 / 80 件"),
        ({"status": "failed", "fault": "many"}, "结果太多"),
        ({"status": "failed", "fault": "broken"}, "请再试一次"),
        ({"status": "expired", "expires_at": timezone.now()}, "文件已删除"),
        ({"status": "done", "expires_at": timezone.now() + DAY}, "文件里只有表头"),
    ],
)
def test_every_state_of_an_export_is_told(district, clerk, changes, words):
    filing(district)
    clerk.open("/desk/cases/").form("/desk/exports/").press("CSV")
    Export.objects.update(**changes)
    page = clerk.open("/desk/exports/")
    assert words in page.text
    assert ("hx-get" in page.html.split('id="exports"')[1][:80]) == (changes["status"] == "running")


def test_without_an_export_the_page_says_how_to_get_one(clerk):
    assert "还没有导出" in clerk.open("/desk/exports/").text
