"""Any interleaving of two clerks, an applicant, a leader and the passing of time keeps what has to hold.

Everybody acts on copies of rows as they saw them once, however old these are. A step is taken or refused;
after each, the case is held against what its own rows say.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import world
from tests.lawful import BASIS, days, declare, with_materials, words
from tests.world import MORNING, draft
from zerotrip.cases import actions, clocks
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import (
    LEADING,
    Assignment,
    Case,
    Clock,
    ClockName,
    Correction,
    Procedure,
    Proposal,
    Submission,
    Verdict,
)
from zerotrip.cases.states import TRANSITIONS, Result, Status, Step
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Refusal
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Role
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENT = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RUNNING: dict[str, set[str]] = {
    Status.SUBMITTED: {ClockName.NOTICE},
    Status.CORRECTING: set(),
    Status.REVIEWING: {ClockName.PROMISED, ClockName.STATUTORY},
    Status.DECIDING: {ClockName.PROMISED, ClockName.STATUTORY},
    Status.GRANTED: {ClockName.DELIVERY},
    Status.ISSUED: {ClockName.DELIVERY},
    Status.CLOSED: set(),
}
"""The clocks of the case itself that run, by where it is."""
DECIDED = {Result.GRANTED, Result.REFUSED, Result.DECLINED, Result.TERMINATED}


def rules(*, levels: bool) -> dict[str, Any]:
    """A service that uses all that can go wrong between two hands."""
    tolerable = {"against": ["commitment"], "within": days(5), "consequence": "end", "basis": BASIS}
    reviews = [
        {
            "id": f"{office}-review",
            "name": words(office),
            "kind": "review",
            "department": office,
            "after": ["intake"],
            "limit": days(2),
            "silence": "agree",
            "silence_basis": BASIS,
        }
        for office in ("housing", "fire")
    ]
    bureau = {"department": "approval-bureau"}
    after = [each["id"] for each in reviews]
    return {
        "statutory": days(20),
        "promised": days(6),
        "extension": days(4),
        "procedures": [{"kind": "hearing", "most": days(20)}],
        "corrections": {"within": days(3), "lapse": True, "reopen": days(5)},
        "materials": with_materials("construction-permit", contract={"tolerable": tolerable}),
        "owing": {"issue": "conditional", "basis": BASIS},
        "stages": [
            {"id": "intake", "name": words("受理"), "kind": "intake", **bureau},
            *reviews,
            {"id": "decision", "name": words("决定"), "kind": "decision", "after": after, "join": "lead", **bureau},
        ],
        **({"approval": {"draft": "clerk", "levels": ["leader"]}} if levels else {}),
    }


class Desk:
    """The people of one case, and every copy of its rows that anybody ever saw."""

    def __init__(self, case: Case, district: Any, second: Actor, head: Actor) -> None:
        self.case, self.at, self.length = case, MORNING, 0
        self.applicant = district.applicant
        self.staff = [district.clerk, second, district.leader, head, district.housing, district.fire]
        self.cases: list[Case] = []
        self.works: list[Assignment] = []
        self.look()

    def look(self) -> None:
        """Somebody opens the page."""
        self.cases.append(Case.objects.get(pk=self.case.pk))
        seen = {(work.pk, work.status) for work in self.works}
        self.works += [
            work
            for work in Assignment.objects.filter(case=self.case).order_by("opened_at", "stage")
            if (work.pk, work.status) not in seen
        ]

    def at_home(self, work: Assignment) -> list[Actor]:
        """Those whose work it is, whoever has it."""
        seats = [(by, seat) for by in self.staff for seat in by.seats]
        mine = [by for by, seat in seats if (seat.department_id, seat.role) == (work.department_id, work.role)]
        return mine or self.staff


MOVES: dict[str, Callable[[Assignment, Case, Actor, Desk], Any]] = {
    "accept": lambda work, case, by, desk: actions.accept(work, by=by, at=desk.at),
    "decline": lambda work, case, by, desk: actions.decline(work, reasons="不属本机关", by=by, at=desk.at),
    "ask": lambda work, case, by, desk: actions.request_correction(
        work, items={"project_name": "请核对"}, by=by, at=desk.at, again_because="又有"
    ),
    "take back": lambda work, case, by, desk: actions.take_back(work, reason="发错", by=by, at=desk.at),
    "pass": lambda work, case, by, desk: actions.review(work, verdict=Verdict.PASS, by=by, at=desk.at),
    "fail": lambda work, case, by, desk: actions.review(
        work, verdict=Verdict.FAIL, by=by, at=desk.at, opinion="不符"
    ),
    "stop": lambda work, case, by, desk: actions.suspend(
        work, kind=Procedure.HEARING, reason="听证", amount=2, by=by, at=desk.at
    ),
    "go on": lambda work, case, by, desk: actions.resume(
        work, kind=Procedure.HEARING, outcome="没有异议", by=by, at=desk.at
    ),
    "ask for time": lambda work, case, by, desk: actions.ask_extension(work, reason="复杂", by=by, at=desk.at),
    "give time": lambda work, case, by, desk: actions.extend(work, by=by, at=desk.at),
    "give none": lambda work, case, by, desk: actions.deny_extension(work, opinion="不必", by=by, at=desk.at),
    "grant": lambda work, case, by, desk: actions.grant(work, by=by, at=desk.at),
    "refuse": lambda work, case, by, desk: actions.refuse(work, reasons="不符合", by=by, at=desk.at),
    "end": lambda work, case, by, desk: actions.terminate(work, reasons="已注销", by=by, at=desk.at),
    "draft": lambda work, case, by, desk: actions.draft_decision(work, verdict=Result.GRANTED, by=by, at=desk.at),
    "approve": lambda work, case, by, desk: actions.approve(work, by=by, at=desk.at),
    "return": lambda work, case, by, desk: actions.return_draft(work, opinion="再改", by=by, at=desk.at),
    "compare": lambda work, case, by, desk: actions.check_make_up(work, good=True, by=by, at=desk.at),
    "take": lambda work, case, by, desk: actions.take(work, by=by, at=desk.at),
    "give back": lambda work, case, by, desk: actions.give_back(work, by=by, at=desk.at),
    "correct": lambda work, case, by, desk: actions.correct(
        case, by=desk.applicant, at=desk.at, keep=["project_name"]
    ),
    "withdraw": lambda work, case, by, desk: actions.withdraw(case, by=desk.applicant, at=desk.at),
    "reopen": lambda work, case, by, desk: actions.reopen(case, by=desk.applicant, at=desk.at),
    "make up": lambda work, case, by, desk: actions.make_up(
        case, "contract", [(world.pdf("合同"), "合同.pdf")], by=desk.applicant, at=desk.at, record=new_id()
    ),
    "issue": lambda work, case, by, desk: actions.issue(case, by=SYSTEM, at=desk.at),
    "deliver": lambda work, case, by, desk: actions.deliver(case, by=SYSTEM, at=desk.at),
    "a minute": lambda work, case, by, desk: sweep(at=desk.at),
}
LIKELY = ("accept", "pass", "grant", "approve", "draft", "correct", "stop", "ask")
"""What is tried more often, or hardly anything would come to a decision."""


def moved(desk: Desk, name: str, work: Assignment, case: Case, by: Actor) -> None:
    """Try a step; what was refused has left nothing behind."""
    before = Case.objects.filter(pk=desk.case.pk).values().get()
    try:
        with transaction.atomic():
            MOVES[name](work, case, by, desk)
    except Refusal:
        assert Case.objects.filter(pk=desk.case.pk).values().get() == before
    holds(desk.case.pk)
    length = Case.objects.values_list("ledger_length", flat=True).get(pk=desk.case.pk)
    assert length >= before["ledger_length"]


def holds(pk: Any) -> None:
    """What has to be true of a case at any moment, read from its rows alone."""
    case = Case.objects.get(pk=pk)
    assert first_break(case) is None
    _story(case)
    _work(case)
    _time(case)
    _owed(case)
    assert hasattr(case, "decision") == (case.result in DECIDED)
    assert Licence.objects.filter(case=case).count() == (
        case.status == Status.ISSUED or (case.status == Status.CLOSED and case.result == Result.GRANTED)
    )


def _story(case: Case) -> None:
    """The journal tells of moves the table has, each from where the one before ended."""
    standing = Status.DRAFT
    for entry in history(case.pk):
        if {"from", "to"} <= set(entry.details):
            source, target = Status(entry.details["from"]), Status(entry.details["to"])
            assert source == standing
            assert target in TRANSITIONS[Step(entry.action)][source]
            standing = target
    assert standing == case.status


def _work(case: Case) -> None:
    """Who has something to do, by where the case is; what lists are narrowed by is what the work says."""
    given = list(case.assignments.all())
    assert {*case.departments} == {work.department_id for work in given}
    assert len(case.departments) == len({*case.departments})
    assert {work.service for work in given} <= {case.version.service_id}
    opened = [work for work in given if work.status == "open"]
    stages = [work.stage for work in opened]
    assert len(stages) == len(set(stages))
    kinds = sorted(work.kind for work in opened if work.kind not in ("approval", "make_up", "check"))
    waiting = {work.waiting for work in opened if work.kind == "intake"}
    if case.status in (Status.SUBMITTED, Status.CORRECTING):
        assert (kinds, waiting) == (["intake"], {case.status == Status.CORRECTING})
    elif case.status == Status.REVIEWING:
        assert kinds
        assert set(kinds) == {"review"}
    else:
        assert kinds == (["decision"] if case.status == Status.DECIDING else [])
    if case.status not in (Status.REVIEWING, Status.DECIDING):
        assert not [work for work in opened if work.kind == "approval"]
        assert not Proposal.objects.filter(case=case, status="open").exists()
    # What was begun before a notice was taken back stays the applicant's.
    drafts = Submission.objects.filter(case=case, submitted_at=None).count()
    assert drafts == 1 if case.status == Status.CORRECTING else drafts <= 1
    pending = Correction.objects.open().filter(case=case)
    # A notice nobody answers any more, because the application was withdrawn, stays as it was.
    assert pending.count() == (case.status == Status.CORRECTING) or case.result == Result.WITHDRAWN


def _time(case: Case) -> None:
    """The clocks that run are those of where the case is, and every due date is what its clock says."""
    calendar = calendar_for(case.area_path)
    running = list(Clock.objects.filter(case=case, ended_at=None).select_related("assignment"))
    assert {clock.name for clock in running if clock.assignment is None} == RUNNING[Status(case.status)]
    for clock in running:
        assert clock.due_at == clocks.derive(clock, calendar).at
        if clock.assignment is not None:
            assert clock.assignment.status == "open"
            assert clock.assignment.due_at == clock.due_at
    leading = [clock.due_at for clock in running if clock.name in LEADING]
    if case.status == Status.CORRECTING:  # the answer is due, not ours
        leading = [
            None,
            *Obligation.objects.filter(subject=case.pk, kind=Kind.ANSWER).values_list("due_at", flat=True),
        ]
    assert case.due_at in (leading or [None])
    assert case.suspended == case.suspensions.filter(ended_at=None).exists()
    assert not case.suspended or case.status in (Status.REVIEWING, Status.DECIDING)


def _owed(case: Case) -> None:
    """What the applicant owes: an answer while one is asked for, a material while the case lives."""
    owed = Obligation.objects.filter(subject=case.pk)
    answers = owed.filter(kind=Kind.ANSWER, status="open").count()
    assert answers == (case.status == Status.CORRECTING and not _reopened(case))
    if case.status == Status.CLOSED and case.result != Result.GRANTED:
        assert not owed.filter(status__in=("open", "handed_in")).exists()
    for each in owed.filter(kind=Kind.MAKE_UP):
        looked_at = case.assignments.filter(kind="make_up", status="open", materials=[each.key])
        assert looked_at.count() == (each.status == "handed_in")


def _reopened(case: Case) -> bool:
    return history(case.pk).filter(action=Step.REOPEN).exists()


@pytest.fixture
def desk(district, tmp_path) -> Iterator[Callable[[bool], Desk]]:
    """A case handed in, with one material owed."""
    second = world.acting(world.staff("second", "approval-bureau", Role.CLERK))
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))

    def begin(levels: bool) -> Desk:
        service = declare(tmp_path, **rules(levels=levels))
        firm, applicant = district.firm, district.applicant
        case = draft(service.pk, firm, applicant, MORNING, like="construction-permit", without=["contract"])
        actions.owe_later(case, "contract", "commitment", by=applicant, at=MORNING)
        case = actions.submit(case, by=applicant, at=MORNING, undertakes=True)
        return Desk(case, district, second, head)

    return begin


@pytest.mark.parametrize("levels", [False, True], ids=["decided at once", "drafted and approved"])
def test_any_interleaving_with_stale_copies_keeps_what_has_to_hold(desk, levels):
    fresh = desk(levels)
    names = st.one_of(st.sampled_from(LIKELY), st.sampled_from(sorted(MOVES)))
    hours = st.one_of(st.just(0), st.integers(0, 8), st.integers(24, 24 * 9))

    @PATIENT
    @given(st.data())
    def play(data: st.DataObject) -> None:
        with transaction.atomic():
            fresh.at, fresh.cases, fresh.works = MORNING, [], []
            fresh.look()
            for _number in range(data.draw(st.integers(4, 22))):
                fresh.at += timedelta(hours=data.draw(hours))
                name = data.draw(names)
                # The latest copy is the likeliest, and any older one may come.
                work = data.draw(st.one_of(st.just(fresh.works[-1]), st.sampled_from(fresh.works)))
                case = data.draw(st.sampled_from(fresh.cases))
                by = data.draw(st.one_of(st.sampled_from(fresh.at_home(work)), st.sampled_from(fresh.staff)))
                moved(fresh, name, work, case, by)
                fresh.look()
            transaction.set_rollback(True)

    play()
