"""The pages of projects: what each person reads and can do there, what it costs, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.projects.site import FACTS
from tests.projects.test_following import trouble
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.cases.models import Case
from zerotrip.duties.models import Obligation
from zerotrip.ids import new_id
from zerotrip.projects import actions
from zerotrip.projects.models import Investment, Lead, Project


@pytest.fixture
def project(place) -> Project:
    """Registered a day ago: pages are of today."""
    at = timezone.now() - timedelta(days=1)
    described = actions.Described("虚构装备二期", "industry", place.firm.name, place.firm.uscc, date(2026, 1, 5))
    return actions.register(described, FACTS, department=place.office.pk, key=new_id(), by=place.steward, at=at)


def another(place, number: int) -> Project:
    at = timezone.now() - timedelta(days=1)
    described = actions.Described(
        f"虚构项目 {number}", "industry", place.firm.name, place.firm.uscc, date(2026, 1, 5)
    )
    project = actions.register(described, FACTS, department=place.office.pk, key=new_id(), by=place.steward, at=at)
    actions.tell_money(project, month="2026-02", planned="10", done="5", by=place.steward, at=at)
    on = timezone.localdate() + timedelta(days=9)
    actions.set_milestone(project, name="开工", on=on, key=uuid4(), by=place.steward, at=at)
    actions.note_problem(project, trouble(), key=uuid4(), by=place.steward, at=at)
    return project


def url(project, step: str = "") -> str:
    return f"/desk/projects/{project.pk}/{step}"


def test_a_board_costs_the_same_for_one_project_and_for_many(place, project):
    leader = Browser(place.leader)
    another(place, 1)
    one = cost(leader, "/desk/projects/")
    for number in range(2, 6):
        another(place, number)
    assert cost(leader, "/desk/projects/") == one
    assert one <= 24


def test_what_the_pages_cost(place, project):
    another(place, 1)
    leader, owner = Browser(place.leader), Browser(place.owner)
    assert cost(leader, url(project)) <= 36
    assert cost(leader, "/desk/projects/week/") <= 25
    assert cost(leader, "/desk/projects/leads/") <= 14
    assert cost(owner, "/projects/") <= 18
    assert cost(owner, f"/projects/{project.pk}/") <= 24


def test_the_steward_finds_every_permit_in_the_picture_with_its_state(place, project):
    page = Browser(place.steward).open(url(project))
    assert {f"permit-{name}" for name in ("filing", "land-granted", "line-check")} <= page.ids
    assert "可以办了" in page.text
    assert "等前面" in page.text


def test_who_does_not_steer_reads_and_finds_nothing_to_press(place, project):
    page = Browser(place.colleague).open(url(project))
    assert [form.action for form in page.forms if str(project.pk) in form.action] == []
    Browser(place.colleague).open(url(project, "facts/"))
    Browser(place.agriculture).open(url(project), status=404)
    Browser(place.owner).open(f"/projects/{project.pk}/")
    Browser(place.stranger).open(f"/projects/{project.pk}/", status=404)


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("money", {"month": "2026-02", "planned": "许多", "done": ""}, "请填写金额"),
        ("milestone", {"milestone": "开工", "on": "2020-01-01"}, "请填写节点日期"),
        ("link", {"number": "SF-2026-999999"}, "没有找到这个办件"),
    ],
)
def test_what_is_wrong_stands_at_its_place_and_what_was_typed_stays(place, project, step, typed, said):
    page = Browser(place.steward).open(url(project))
    again = page.form(f"/{step}/").press(status=422, **typed)
    assert any(said in text for text in again.marked[".problem"])
    kept = again.form(f"/{step}/").values
    assert {name: kept[name] for name in typed} == {name: [value] for name, value in typed.items()}
    assert not Investment.objects.exists()


def test_a_problem_is_a_need_with_a_link_for_who_may_read_it(place, project):
    form = Browser(place.steward).open(url(project)).form("/problem/")
    typed = {"words": "增资登记找谁办？", "contact": "林知远"}
    wrong = sent(form, {**typed, "phone": "1"}, status=422)
    assert [text for text in wrong.marked[".problem"] if "电话" in text or "号码" in text]
    assert wrong.form("/problem/").values["contact"] == ["林知远"]
    page = sent(form, {**typed, "phone": "13800000001"}).follow()
    case = Case.objects.get()
    assert case.number in page.text
    assert "等待响应" in page.text
    assert f"/desk/cases/{case.number}/" in Browser(place.housing).open(url(project)).links
    assert f"/cases/{case.number}/" in Browser(place.owner).open(f"/projects/{project.pk}/").links
    assert f"/desk/cases/{case.number}/" not in page.links, "the steward's department does not help with it"


def sent(form, typed, status=302):
    """What comes back for a form one control of which is called like the button's words."""
    data = form.values | typed
    return form.browser.send(form.action, data, status=status)


def test_a_form_sent_twice_is_done_once(place, project):
    form = Browser(place.steward).open(url(project)).form("/milestone/")
    on = (timezone.localdate() + timedelta(days=9)).isoformat()
    for _again in range(2):
        form.press(milestone="开工", on=on)
    assert Obligation.objects.filter(kind="milestone").count() == 1


def test_a_project_is_registered_with_what_is_known(place):
    steward = Browser(place.steward)
    form = steward.open("/desk/projects/new/").form()
    wrong = form.press(status=422, name="x", owner_name="")
    assert "请选择项目类别" in wrong.text
    assert wrong.form().values["name"] == ["x"]
    typed = {
        "name": "虚构装备三期",
        "kind": "industry",
        "owner_name": place.firm.name,
        "owner_uscc": place.firm.uscc,
        "site-area": "370199002002",
        "site-detail": "示范大道 88 号",
    }
    page = wrong.form().press(**typed).follow()
    assert "虚构装备三期" in page.text
    assert "是否需要，取决于" in page.text


def test_an_investor_is_followed_and_lands(place):
    steward = Browser(place.steward)
    typed = {"investor": "虚构投资", "matter": "厂房", "kind": "industry", "amount": "100", "capital": "foreign"}
    page = steward.open("/desk/projects/leads/new/").form().press(**typed).follow()
    wrong = page.form().press(status=422, stage="lost", note="")
    assert "请写明原因" in wrong.text
    page = wrong.form().press(stage="signed", note="签了").follow()
    landing = steward.open(f"/desk/projects/leads/{Lead.objects.get().pk}/land/")
    assert landing.form().values["name"] == ["厂房"]
    landing.form().press(
        owner_name=place.firm.name,
        owner_uscc=place.firm.uscc,
        **{"site-area": "370199002002", "site-detail": "示范大道 88 号"},
    )
    assert Lead.objects.get().project.name == "厂房"


def test_the_owner_lets_the_steward_file_and_sees_until_when(place, project):
    owner = Browser(place.owner)
    page = owner.open(f"/projects/{project.pk}/")
    page = page.form("/entrust/").press().follow()
    assert "已委托" in page.text
    assert "代办" in Browser(place.steward).open(url(project)).text


@pytest.mark.parametrize("week", ["2026-W99", "x", "2999-W01", "1999-W01", "2026"])
def test_a_week_that_is_none_is_said_to_be_none(place, project, week):
    Browser(place.leader).open(f"/desk/projects/week/?week={week}", status=404)
    Browser(place.leader).open(f"/desk/projects/week/paper/?week={week}", status=404)


def test_the_paper_of_a_week_is_one_page_and_the_same_each_time(place, project):
    import pypdfium2

    leader = Browser(place.leader)
    week = (timezone.localdate() - timedelta(days=7)).isocalendar()
    address = f"/desk/projects/week/paper/?week={week.year}-W{week.week:02}"
    first, second = (leader.open(address).response.content for _each in range(2))
    assert first == second
    assert len(pypdfium2.PdfDocument(first)) == 1


@pytest.mark.parametrize(
    "address", ["/desk/projects/", "{project}", "{project}facts/", "/desk/projects/new/", "/desk/projects/week/"]
)
def test_an_english_reader_meets_no_chinese_of_ours(place, project, address):
    page = Browser(place.leader, language="en").open(address.replace("{project}", url(project)))
    for name in _TOLD:
        page.foreign = page.foreign.replace(name, "…")
    assert chinese_words(page) == []


_TOLD = ("虚构装备二期", "济南虚构装备有限公司", "标准厂房一栋", "示范大道")
"""What people typed."""


def test_the_record_of_the_owner_shows_its_projects_to_who_may_see_them(place, project):
    address = f"/desk/enterprises/{place.firm.uscc}/blocks/projects/"
    assert "虚构装备二期" in Browser(place.leader).open(address).text
    assert "虚构装备二期" not in Browser(place.agriculture).open(address).text
