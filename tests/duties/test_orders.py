"""An order: given, answered, looked at, passed on, urged, overdue, closed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import world
from tests.world import MORNING
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.actions.ordering import Asked, Order
from zerotrip.duties.actions.owing import recompute, remind
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.queries import form_of, gathered, last_answers, progress_below, progress_of, totals
from zerotrip.duties.tasks import miss_all
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Party, PartyKind, Role

pytestmark = pytest.mark.django_db

FRIDAY = MORNING + timedelta(days=3)
FORM = [
    {
        "id": "state",
        "title": {"zh": "情况"},
        "fields": [
            {"id": "present", "kind": "number", "label": {"zh": "到岗人数"}, "decimals": 0, "at_least": 0},
            {"id": "closed", "kind": "yes_no", "label": {"zh": "封闭管理"}},
            {"id": "need", "kind": "text", "label": {"zh": "困难"}, "required": False},
        ],
    }
]


@pytest.fixture
def head(district):
    """Who leads the bureau of the whole district."""
    return world.acting(world.staff("head", "approval-bureau", Role.HEAD))


@pytest.fixture
def streets(district):
    """The offices of two streets, each with who leads it."""
    offices = list(Party.objects.filter(code="subdistrict-office").order_by("area_path")[:2])
    leaders = [
        world.acting(world.staff(f"street{place}", "subdistrict-office", Role.LEADER, area_path=office.area_path))
        for place, office in enumerate(offices)
    ]
    return list(zip(offices, leaders, strict=True))


def bureau() -> Party:
    return Party.objects.get(kind=PartyKind.DEPARTMENT, code="approval-bureau")


def give(by, owners, *, kind=Kind.TASK, title="摸清复工情况", part_of=None, at=MORNING, due=FRIDAY, **said):
    return ordering.issue(
        Order(kind, title, **said),
        [Asked(one.pk, due) for one in owners],
        office=bureau().pk,
        key=uuid4(),
        by=by,
        at=at,
        part_of=part_of,
    )


def owed(requirement, owner) -> Obligation:
    return Obligation.objects.get(requirement=requirement, owner=owner)


def told(template: str) -> list[str]:
    world.tell_queued()
    return sorted(Notice.objects.filter(template=template).values_list("user__person__name", flat=True))


def test_an_order_asks_each_office_and_tells_its_people(head, streets):
    directive = ordering.issue(
        Order(Kind.DIRECTIVE, "做好复工复产", source="区长办公会 2026 年第 3 期"),
        office=bureau().pk,
        key=uuid4(),
        by=head,
        at=MORNING,
    )
    task = give(head, [office for office, _leader in streets], part_of=directive, form=FORM)
    assert [one.subject for one in task.obligations.all()] == [directive.pk, directive.pk]
    assert told("order_given") == ["street0", "street1"]
    progress = progress_of([task.pk], at=MORNING)[task.pk]
    assert (progress.asked, progress.answered, progress.silent, progress.late) == (2, 0, 2, 0)
    assert [entry.action for entry in Entry.objects.filter(subject=task.pk)] == ["issued"]


def test_the_same_press_gives_it_once(head, streets):
    key, asked = uuid4(), [Asked(streets[0][0].pk, FRIDAY)]
    for _press in range(2):
        ordering.issue(Order(Kind.TASK, "报送"), asked, office=bureau().pk, key=key, by=head, at=MORNING)
    assert Requirement.objects.filter(kind=Kind.TASK, issuer__isnull=False).count() == 1
    assert Obligation.objects.filter(requirement=key).count() == 1


def test_only_leaders_give_orders_and_only_inside_their_area(head, district, streets):
    (one, leader), (other, _other_leader) = streets
    with pytest.raises(NotAllowed):
        give(district.clerk, [one])
    with pytest.raises(Invalid) as refused:
        ordering.issue(
            Order(Kind.TASK, "报送"), [Asked(other.pk, FRIDAY)], office=one.pk, key=uuid4(), by=leader, at=MORNING
        )
    assert list(refused.value.problems) == ["owners"]
    assert not Obligation.objects.filter(kind=Kind.TASK).exists()


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"text": "长" * 8001}, "text"),
        ({"source": "长" * 161}, "source"),
        ({"due": MORNING - timedelta(hours=1)}, "due"),
        ({"due": MORNING + timedelta(days=4000)}, "due"),
        ({"owners": []}, "owners"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_given(head, streets, changed, place):
    with pytest.raises(Invalid) as refused:
        give(head, **{"owners": [streets[0][0]], **changed})
    assert list(refused.value.problems) == [place]
    assert not Requirement.objects.filter(issuer__isnull=False).exists()


def test_answers_are_checked_by_the_form_and_the_latest_counts(head, streets):
    (office, leader), _other = streets
    task = give(head, [office], form=FORM)
    mine = owed(task, office)
    with pytest.raises(Invalid) as refused:
        answering.answer(mine, {"present": "很多"}, key=uuid4(), by=leader, at=MORNING)
    assert set(refused.value.problems) == {"present", "closed"}
    key = uuid4()
    for _press in range(2):
        answering.answer(mine, {"present": "40", "closed": True}, key=key, by=leader, at=MORNING)
    mine.refresh_from_db()
    assert (mine.status, mine.records.filter(what="kept").count()) == (Status.KEPT, 1)
    answering.answer(mine, {"present": "42", "closed": True}, key=uuid4(), by=leader, at=MORNING + timedelta(1))
    assert last_answers([mine.pk])[mine.pk].answers["present"] == "42"
    assert told("orders_answered") == ["head", "leader"]


def test_strangers_and_other_streets_do_not_answer(head, district, streets):
    (office, _leader), (_other, other_leader) = streets
    mine = owed(give(head, [office]), office)
    for stranger in (other_leader, district.applicant, district.clerk):
        with pytest.raises(NotAllowed):
            answering.answer(mine, {}, note="好了", key=uuid4(), by=stranger, at=MORNING)
    seen = Obligation.objects.filter(pk=mine.pk)
    assert not seen.visible_to(other_leader).exists()
    assert not seen.visible_to(district.applicant).exists()


def test_a_checked_answer_waits_is_returned_with_a_reason_and_counts_when_it_is_good(head, streets):
    (office, leader), _other = streets
    mine = owed(give(head, [office], checked=True), office)
    answering.answer(mine, {}, note="已完成", key=uuid4(), by=leader, at=MORNING)
    with pytest.raises(NotAllowed):
        answering.accept(mine, by=leader, at=MORNING)
    with pytest.raises(Invalid):
        answering.return_answer(mine, reason=" ", due_at=None, by=head, at=MORNING)
    answering.return_answer(mine, reason="请附数字", due_at=FRIDAY + timedelta(days=3), by=head, at=MORNING)
    mine.refresh_from_db()
    assert (mine.status, mine.due_at) == (Status.OPEN, FRIDAY + timedelta(days=3))
    assert told("order_returned") == ["street0"]
    answering.answer(mine, {}, note="共 40 人", key=uuid4(), by=leader, at=MORNING)
    answering.accept(mine, by=head, at=MORNING)
    with pytest.raises(Stale):
        answering.accept(mine, by=head, at=MORNING)
    with pytest.raises(Stale):
        answering.answer(mine, {}, note="再改", key=uuid4(), by=leader, at=MORNING)


def test_a_task_is_passed_on_once_and_comes_back_summed_up(head, streets, district):
    (office, leader), (other, _other_leader) = streets
    task = give(head, [office], form=FORM)
    mine = owed(task, office)
    people = [
        world.staff(f"grid{place}", "subdistrict-office", Role.CLERK, area_path=office.area_path).person
        for place in range(2)
    ]
    late = FRIDAY + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        ordering.pass_on(mine, [Asked(people[0].pk, late), Asked(other.pk, late)], note="", by=leader, at=MORNING)
    assert set(refused.value.problems) == {"due", "owners"}
    asked = [Asked(one.pk, FRIDAY) for one in people]
    parts = ordering.pass_on(mine, asked, note="分头报", by=leader, at=MORNING)
    assert ordering.pass_on(mine, asked, note="分头报", by=leader, at=MORNING) == []
    for part, person, present in zip(parts, people, ("3", "4"), strict=True):
        actor = world.acting(person.account)
        answering.answer(part, {"present": present, "closed": False}, key=uuid4(), by=actor, at=MORNING)
        with pytest.raises(NotAllowed):
            ordering.pass_on(part, asked, note="", by=actor, at=MORNING)
    assert progress_below([mine.pk], at=MORNING)[mine.pk].answered == 2
    assert progress_of([task.pk], at=MORNING)[task.pk].asked == 1
    form = form_of(task)
    assert form is not None
    assert totals(form, last_answers([part.pk for part in parts])) == {"present": "7"}


def test_answers_are_gathered_question_by_question(head, streets):
    offices = [office for office, _leader in streets]
    task = give(head, offices, form=FORM)
    said = ({"present": "3", "closed": True, "need": "缺口罩"}, {"present": "4", "closed": False})
    for (office, leader), answers in zip(streets, said, strict=True):
        answering.answer(owed(task, office), answers, key=uuid4(), by=leader, at=MORNING)
    form = form_of(task)
    assert form is not None
    number, yes_no, words = gathered(form, last_answers(task.obligations.values_list("pk", flat=True)))
    assert (number.total, number.answered) == (7, 2)
    assert list(yes_no.chosen) == [("yes", 1), ("no", 1)]
    assert [text for _key, text in words.said] == ["缺口罩"]


def test_the_silent_are_told_of_once_and_the_issuer_with_them(head, streets):
    offices = [office for office, _leader in streets]
    task = give(head, offices)
    answering.answer(owed(task, offices[0]), {}, note="好了", key=uuid4(), by=streets[0][1], at=MORNING)
    late = FRIDAY + timedelta(minutes=1)
    assert answering.miss_some(task.pk, bureau().pk, at=late) == 1
    assert answering.miss_some(task.pk, bureau().pk, at=late) == 0
    assert told("order_late") == ["street1"]
    assert told("orders_late") == ["head", "leader"]
    assert progress_of([task.pk], at=late)[task.pk].late == 1
    answering.answer(owed(task, offices[1]), {}, note="补报", key=uuid4(), by=streets[1][1], at=late)
    assert progress_of([task.pk], at=late)[task.pk].late == 0


def test_the_job_finds_what_is_overdue(head, streets):
    task = give(head, [streets[0][0]])
    miss_all.func(timestamp=0)  # the clock of this machine is long past that day
    assert owed(task, streets[0][0]).missed_at is not None


def test_reminders_go_to_the_people_of_the_office(head, streets):
    task = give(head, [streets[0][0]], due=MORNING + timedelta(days=10))
    mine = owed(task, streets[0][0])
    assert mine.remind_at is not None
    assert remind(mine.pk, at=mine.remind_at)
    assert told("task_reminder") == ["street0"]


def test_urging_is_once_a_day(head, streets, district):
    task = give(head, [office for office, _leader in streets])
    keys = list(task.obligations.values_list("pk", flat=True))
    with pytest.raises(NotAllowed):
        ordering.urge(keys, by=streets[0][1], at=MORNING)
    assert ordering.urge(keys, by=head, at=MORNING) == 2
    assert ordering.urge(keys, by=head, at=MORNING + timedelta(hours=2)) == 0
    assert ordering.urge(keys, by=head, at=MORNING + timedelta(days=1)) == 2


def test_a_day_is_moved_with_a_reason_and_stays_moved_when_a_holiday_comes(head, streets):
    mine = owed(give(head, [streets[0][0]]), streets[0][0])
    with pytest.raises(Invalid) as refused:
        ordering.move(mine, due_at=MORNING - timedelta(days=1), reason="", by=head, at=MORNING)
    assert set(refused.value.problems) == {"due", "reason"}
    ordering.move(mine, due_at=FRIDAY + timedelta(days=5), reason="材料未到", by=head, at=MORNING)
    assert recompute(at=MORNING) == 0
    mine.refresh_from_db()
    assert mine.due_at == FRIDAY + timedelta(days=5)
    assert told("order_moved") == ["street0"]


def test_withdrawing_takes_what_was_passed_on_with_it(head, streets):
    (office, leader), _other = streets
    mine = owed(give(head, [office]), office)
    person = world.staff("grid", "subdistrict-office", Role.CLERK, area_path=office.area_path).person
    (part,) = ordering.pass_on(mine, [Asked(person.pk, FRIDAY)], note="", by=leader, at=MORNING)
    ordering.withdraw(mine, reason="重复", by=head, at=MORNING)
    part.refresh_from_db()
    assert part.status == Status.DROPPED
    with pytest.raises(Stale):
        ordering.withdraw(mine, reason="重复", by=head, at=MORNING)


def test_closing_says_why_while_somebody_is_silent_and_ends_its_parts(head, streets):
    directive = ordering.issue(
        Order(Kind.DIRECTIVE, "做好复工复产"), office=bureau().pk, key=uuid4(), by=head, at=MORNING
    )
    task = give(head, [office for office, _leader in streets], part_of=directive, checked=True)
    answering.answer(owed(task, streets[0][0]), {}, note="好了", key=uuid4(), by=streets[0][1], at=MORNING)
    with pytest.raises(Invalid):
        ordering.close(directive, note="", by=head, at=MORNING)
    ordering.close(directive, note="并入新任务", by=head, at=MORNING)
    assert {one.status for one in task.obligations.all()} == {Status.KEPT, Status.DROPPED}
    with pytest.raises(Refused):
        give(head, [streets[0][0]], part_of=directive)
    with pytest.raises((Refused, Stale)):
        answering.answer(owed(task, streets[1][0]), {}, note="晚了", key=uuid4(), by=streets[1][1], at=MORNING)


def test_whom_it_was_asked_of_is_asked_once(head, streets):
    (one, _leader), (other, _other_leader) = streets
    task = give(head, [one])
    assert len(ordering.ask_also(task, [Asked(one.pk, FRIDAY), Asked(other.pk, FRIDAY)], by=head, at=MORNING)) == 1
    twin = owed(task, one)
    twin.pk = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_an_enterprise_signs_a_notice(head, district):
    notice = give(head, [district.firm], kind=Kind.RECEIPT, title="致企业的一封信", text="请做好防护。")
    mine = owed(notice, district.firm)
    assert mine.link == f"/asked/{mine.pk}/"
    with pytest.raises(NotAllowed):
        answering.answer(mine, {}, key=uuid4(), by=district.stranger, at=MORNING)
    answering.answer(mine, {}, key=uuid4(), by=district.applicant, at=MORNING)
    mine.refresh_from_db()
    assert mine.status == Status.KEPT


def test_who_sees_an_order(head, district, streets):
    task = give(head, [streets[0][0]])
    sees = {
        "head": head,
        "street": streets[0][1],
        "other street": streets[1][1],
        "firm": district.applicant,
        "supervisor": district.supervisor,
    }
    seen = {who for who, actor in sees.items() if Requirement.objects.visible_to(actor).filter(pk=task.pk).exists()}
    assert seen == {"head", "street", "supervisor"}


@pytest.mark.parametrize(
    "broken",
    [
        {"issued_at": None},
        {"area_path": ""},
        {"kind": Kind.DIRECTIVE, "form": FORM},
        {"amount": 0, "unit": "hours"},
    ],
)
def test_the_database_keeps_orders_whole(head, streets, broken):
    task = give(head, [streets[0][0]])
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        Requirement.objects.filter(pk=task.pk).update(**broken)


def test_two_offices_may_pass_their_tasks_on_to_the_same_one(head, streets):
    (office, leader), _other = streets
    bureau_task = give(head, [office, bureau()])
    shared = world.staff("grid", "subdistrict-office", Role.CLERK, area_path=office.area_path).person
    for owner, by in ((office, leader), (bureau(), head)):
        asked = [Asked(shared.pk, FRIDAY)]
        assert len(ordering.pass_on(owed(bureau_task, owner), asked, note="", by=by, at=MORNING)) == 1


def test_whoever_owes_several_is_told_once_of_all(head, district):
    firms = [district.firm, world.enterprise("济南虚构建设有限公司", 901)]
    helper = world.staff("helper", "approval-bureau", Role.HELPER).person
    key = uuid4()
    ordering.issue(
        Order(Kind.VISIT, "走访工地"),
        [Asked(helper.pk, FRIDAY, about=firm.pk) for firm in firms],
        office=bureau().pk,
        key=key,
        by=head,
        at=MORNING,
    )
    assert told("orders_given") == ["helper"]
    assert ordering.urge(
        Obligation.objects.filter(requirement=key).values_list("pk", flat=True), by=head, at=MORNING
    )
    assert told("order_urged") == ["helper"]
    assert Notice.objects.get(template="order_urged").context["count"] == 2
