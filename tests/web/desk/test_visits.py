"""Visits at the desk: mine, one with its needs, a round with its board, a warning."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests import world
from tests.files.samples import image
from tests.helped import FIRST, PARK, SECOND, answers, seat
from tests.relief.test_visits import FOUND, firms, form
from zerotrip.cases.models import Case, Door, NeedFile
from zerotrip.duties.actions import ordering
from zerotrip.duties.actions.ordering import Asked, Order
from zerotrip.duties.models import Kind, Obligation, RecordFile, Requirement, Status
from zerotrip.parties.models import Area, Party, Role, User
from zerotrip.relief.visits.actions import record_visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def browser(user: User) -> Client:
    return world.sign_in(Client(), user)


@pytest.fixture
def helper(helped) -> User:
    """Goes for the enterprise service centre."""
    return seat("走访甲", "enterprise-service", Role.HELPER)


def soon(days: int = 3) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def sent(helped, person: User, sites: list[Party], *, days: int = 3) -> Requirement:
    """A round under way, as whoever leads the centre gave it."""
    now = timezone.now()
    lead = world.acting(helped.lead, now)
    order = Order(Kind.VISIT, "联系建筑工地", form=form().form, population={"checklist": {"name": form().name}})
    asked = [Asked(person.person.pk, now + timedelta(days=days), site.pk) for site in sites]
    office = lead.seats[0].department_id
    return ordering.issue(order, asked, office=office, key=uuid4(), by=lead, at=now)


def typed_visit(**more: str) -> dict[str, str]:
    return {f"visit-{name}": value for name, value in FOUND.items()} | {"key": str(uuid4())} | more


def typed_need(place: int, subject: str, **changes) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in answers(subject, **changes).items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        told |= {f"need-{place}-{name}{'-' + key if key else ''}": text for key, text in parts}
    return told


@pytest.fixture
def mine(helped, helper) -> Obligation:
    """One visit of the firm, which lies in the park."""
    helped.firm.area_path = Area.objects.get(pk=PARK).path
    helped.firm.phone = "13812345678"
    helped.firm.save(update_fields=["area_path", "phone"])
    return sent(helped, helper, [helped.firm]).obligations.get()


def test_my_visits_are_listed_by_day_with_a_hidden_telephone(helped, helper, mine):
    page = browser(helper).get(reverse("desk-visits")).content.decode()
    assert helped.firm.name in page
    assert "138****5678" in page
    assert "还没有走访过" in page
    empty = browser(helped.second).get(reverse("desk-visits")).content.decode()
    assert "现在没有要走访的企业" in empty


def test_a_visit_and_two_needs_are_written_down_in_one_press(helped, helper, mine):
    client, address = browser(helper), reverse("desk-visit", args=[mine.pk])
    page = client.get(address).content.decode()
    assert "在岗人数" not in page  # asked once it is known that the firm is running
    added = client.post(address, {**typed_visit(), "more": "need-space", "add": "1"})
    assert added.status_code == 200
    assert "在岗人数" in added.content.decode()
    told = {
        **typed_visit(door="phone"),
        "subject": ["need-space", "need-labour"],
        **typed_need(0, "need-space"),
        **typed_need(1, "need-labour"),
    }
    done = client.post(address, told, follow=True).content.decode()
    assert "登记了 2 件诉求" in done
    assert {case.door for case in Case.objects.all()} == {Door.PHONE}
    client.post(address, told)
    assert Case.objects.count() == 2
    assert all(case.number in done for case in Case.objects.all())
    assert "值班员" in done  # who has them now


def test_what_is_wrong_stands_at_its_place_with_all_that_was_typed(helped, helper, mine):
    told = {
        **typed_visit(**{"visit-staff_present": "很多"}),
        "subject": ["need-space"],
        **typed_need(0, "need-space", title=""),
    }
    answer = browser(helper).post(reverse("desk-visit", args=[mine.pk]), told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#visit-staff_present"' in page
    assert 'href="#need-0-title"' in page
    assert 'value="王经理"' in page
    assert 'value="很多"' in page
    mine.refresh_from_db()
    assert (mine.status, Case.objects.count()) == (Status.OPEN, 0)


def test_photographs_of_a_visit_outlive_a_refusal_and_show_with_its_notes(helped, helper, mine):
    client, address = browser(helper), reverse("desk-visit", args=[mine.pk])
    page = client.get(address).content.decode()
    assert 'accept="image/*" capture="environment"' in page
    shots = [SimpleUploadedFile(f"车间{n}.png", image(colour=(n, 9, 9))) for n in range(2)]
    refused = client.post(address, {**typed_visit(**{"visit-staff_present": "很多"}), "files": shots})
    kept = re.findall(r'name="files-kept" value="([^"]+)" checked', refused.content.decode())
    assert (refused.status_code, len(kept)) == (422, 2)
    wrong = client.post(address, {**typed_visit(), "files": SimpleUploadedFile("a.exe", b"MZ")})
    assert 'href="#files"' in wrong.content.decode()
    done = client.post(address, {**typed_visit(), "files-kept": kept[:1]}, follow=True).content.decode()
    assert "车间0.png" in done
    assert "车间1.png" not in done
    (one,) = RecordFile.objects.all()
    assert client.get(reverse("answer-file-page", args=[one.pk, 1])).status_code == 200
    assert browser(helped.second).get(reverse("answer-file-page", args=[one.pk, 1])).status_code == 404


def test_a_need_of_a_visit_has_its_own_pictures(helped, helper, mine):
    told = {**typed_visit(), "subject": ["need-space"], **typed_need(0, "need-space")}
    pictures = {
        "need-0-files": SimpleUploadedFile("厂房.png", image()),
        "files": SimpleUploadedFile("门.png", image()),
    }
    browser(helper).post(reverse("desk-visit", args=[mine.pk]), {**told, **pictures})
    assert NeedFile.objects.get().name == "厂房.png"
    assert RecordFile.objects.get().name == "门.png"


def test_the_only_need_on_the_page_can_be_taken_away_again(helped, helper, mine):
    told = {**typed_visit(), "subject": ["need-space"], **typed_need(0, "need-space"), "remove": "0"}
    page = browser(helper).post(reverse("desk-visit", args=[mine.pk]), told).content.decode()
    assert "need-0-title" not in page
    assert 'value="王经理"' in page


def test_nobody_reached_is_noted_and_listed(helped, helper, mine):
    client = browser(helper)
    empty = client.post(reverse("desk-visit-tried", args=[mine.pk]), {"tried": " "})
    assert empty.status_code == 422
    page = client.post(reverse("desk-visit-tried", args=[mine.pk]), {"tried": "打了两次没人接"}, follow=True)
    assert "打了两次没人接" in page.content.decode()
    assert "1 次没联系上" in client.get(reverse("desk-visits")).content.decode()


def test_a_round_is_looked_at_before_it_is_given(helped, helper):
    sites = firms(3, FIRST, SECOND)
    client, address = browser(helped.lead), reverse("desk-round-new")
    told = {
        "lines": f"{sites[0].uscc}\n{sites[1].name}\n{sites[2].name}\n没有这家",
        "title": "联系建筑工地",
        "checklist": str(form().pk),
        "who": "chosen",
        "people": [str(helper.person.pk)],
        "last": soon(),
        "key": str(uuid4()),
    }
    seen = client.post(address, {**told, "seen": "0", "give": "1"}).content.decode()
    assert "发出前看一看：3 家企业" in seen
    assert "没有这家" in seen
    assert not Requirement.objects.filter(kind=Kind.VISIT, issuer__isnull=False).exists()
    for _press in range(2):
        client.post(address, {**told, "seen": "3", "give": "1"})
    order = Requirement.objects.get(kind=Kind.VISIT, issuer__isnull=False)
    assert order.obligations.count() == 3
    assert order.population["not_found"] == ["没有这家"]


def test_firms_come_from_the_search_of_the_list_and_from_ticks(helped, helper):
    sites = firms(5, FIRST, SECOND)
    client = browser(helped.lead)
    listed = client.get(reverse("desk-enterprises")).content.decode()
    assert "按此筛选结果发起走访" in listed
    page = client.get(reverse("desk-round-new"), {"which": "all", "area": SECOND}).content.decode()
    assert "已选 2 家" in page
    ticked = client.get(reverse("desk-round-new"), {"which": "ticked", "firm": [str(sites[0].pk)]}).content.decode()
    assert "已选 1 家" in ticked
    assert "按此筛选结果发起走访" not in browser(helped.second).get(reverse("desk-needs")).content.decode()


def test_a_workbook_of_names_is_read_and_kept_in_the_page(helped, helper):
    sites = firms(2)
    book = Workbook()
    for row in (["企业名称"], [sites[0].name], [sites[1].name], ["没有这家"]):
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    client = browser(helped.lead)
    handed = SimpleUploadedFile("名单.xlsx", out.getvalue(), XLSX)
    page = client.post(reverse("desk-round-new"), {"book": handed, "title": "x"})
    assert page.status_code == 422  # the day is missing, the names are not lost
    assert "已选 2 家" in page.content.decode()
    assert f"{sites[1].name}\n没有这家" in page.content.decode()
    broken = SimpleUploadedFile("名单.xlsx", b"no workbook", XLSX)
    wrong = client.post(reverse("desk-round-new"), {"book": broken, "lines": sites[0].name})
    assert wrong.status_code == 422
    assert 'id="book-problem"' in wrong.content.decode()
    assert sites[0].name in wrong.content.decode()


def test_the_board_lets_whoever_gave_the_round_urge_move_hand_on_and_withdraw(helped, helper):
    other = seat("走访乙", "enterprise-service", Role.HELPER)
    sites = firms(4)
    order = sent(helped, helper, sites)
    rows = {row.about_id: row for row in order.obligations.all()}
    client = browser(helped.lead)

    def act(step: str, *places: int, **typed: str):
        ticked = [str(rows[sites[place].pk].pk) for place in places]
        return client.post(
            reverse("desk-round-act", args=[order.pk, step]), {"visit": ticked, **typed}, follow=True
        )

    assert "已催办 2 家" in act("urge", 0, 1).content.decode()
    assert "今天已经催过了" in act("urge", 0).content.decode()
    assert act("move", 0, due=soon(5)).status_code == 422  # why?
    assert "已改期 1 家" in act("move", 0, due=soon(5), reason="下雨").content.decode()
    assert act("hand-on", 1, reason="请假").status_code == 422  # to whom?
    act("hand-on", 1, reason="请假", person=str(other.person.pk))
    act("withdraw", 2, reason="已停工")
    assert act("withdraw", reason="x").status_code == 422
    page = client.get(reverse("desk-round", args=[order.pk])).content.decode()
    assert "另有 1 家已撤销" in page
    assert "走访乙" in page
    closed = client.post(reverse("desk-round-act", args=[order.pk, "close"]), {"note": ""})
    assert closed.status_code == 422
    client.post(reverse("desk-round-act", args=[order.pk, "close"]), {"note": "余下的并入下一轮"})
    order.refresh_from_db()
    assert order.closed_at is not None


def test_the_board_is_read_by_supervisors_and_exported_with_the_answers(helped, helper):
    sites = firms(2)
    order = sent(helped, helper, sites)
    now = timezone.now()
    visit = order.obligations.get(about=sites[0])
    record_visit(visit, FOUND, key=uuid4(), by=world.acting(helper, now), at=now)
    watcher = browser(User.objects.get(pk=helped.supervisor.user_id))
    page = watcher.get(reverse("desk-round", args=[order.pk])).content.decode()
    assert "40" in page
    assert "催办" not in page
    answer = watcher.get(reverse("desk-round-export", args=[order.pk]))
    sheet = load_workbook(BytesIO(answer.content)).active
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert lines[0][:3] == ["企业", "统一社会信用代码", "走访人"]
    assert {line[4] for line in lines[1:]} == {"已履行", "待履行"}
    assert any("王经理" in [str(cell) for cell in line] for line in lines)
    assert browser(helped.second).get(reverse("desk-round", args=[order.pk])).status_code == 404


def test_a_round_is_a_part_of_a_directive(helped, helper):
    now = timezone.now()
    lead = world.acting(helped.lead, now)
    office = lead.seats[0].department_id
    directive = ordering.issue(Order(Kind.DIRECTIVE, "工地防控"), office=office, key=uuid4(), by=lead, at=now)
    client = browser(helped.lead)
    told = {
        "lines": firms(1)[0].name,
        "title": "联系建筑工地",
        "checklist": str(form().pk),
        "who": "chosen",
        "people": [str(helper.person.pk)],
        "last": soon(),
        "part_of": str(directive.pk),
        "seen": "1",
        "give": "1",
    }
    page = client.post(reverse("desk-round-new"), told, follow=True).content.decode()
    assert reverse("desk-directive", args=[directive.pk]) in page
    assert Requirement.objects.get(kind=Kind.VISIT, issuer__isnull=False).part_of == directive
    strangers = browser(helped.duty).get(reverse("desk-round-new"), {"part_of": str(directive.pk)})
    assert strangers.status_code == 404


def counted(client: Client, address: str, django_assert_max_num_queries, most: int) -> None:
    client.get(address)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


def test_thirty_nine_visits_cost_no_queries_each(helped, helper, django_assert_max_num_queries):
    order = sent(helped, helper, firms(39))
    now = timezone.now()
    for visit in order.obligations.all()[:20]:
        record_visit(visit, FOUND, key=uuid4(), by=world.acting(helper, now), at=now)
    counted(browser(helper), reverse("desk-visits"), django_assert_max_num_queries, 24)
    counted(browser(helped.lead), reverse("desk-round", args=[order.pk]), django_assert_max_num_queries, 26)
    counted(browser(helped.lead), reverse("desk-rounds"), django_assert_max_num_queries, 20)


def test_one_visit_is_planned_from_the_record_of_the_firm(helped, mine):
    client = browser(helped.duty)
    block = client.get(reverse("desk-enterprise-block", args=[helped.firm.uscc, "visits"])).content.decode()
    assert f"{reverse('desk-visit-new')}?firm={helped.firm.uscc}" in block
    page = client.get(reverse("desk-visit-new"), {"firm": helped.firm.uscc}).content.decode()
    assert helped.firm.name in page
    told = {"firm": helped.firm.uscc, "person": str(helped.duty.person.pk), "checklist": str(form().pk)}
    wrong = client.post(reverse("desk-visit-new"), {**told, "day": "2020-01-01"})
    assert wrong.status_code == 422
    unknown = client.post(reverse("desk-visit-new"), {**told, "firm": "没有这家", "day": soon()})
    assert "没有找到这家企业" in unknown.content.decode()
    client.post(reverse("desk-visit-new"), {**told, "day": soon()})
    assert Obligation.objects.filter(owner=helped.duty.person, about=helped.firm).count() == 1
