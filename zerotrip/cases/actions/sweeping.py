"""What time alone brings about: each finding is one action of its own, so a sweep can be killed anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from zerotrip.cases.actions.corrections import lapse
from zerotrip.cases.actions.decisions import deem
from zerotrip.cases.actions.judging import settle_by_silence
from zerotrip.cases.actions.needs import find_owner
from zerotrip.cases.actions.owed import draw_consequence
from zerotrip.cases.actions.procedures import run_out
from zerotrip.cases.actions.staff import accept_by_silence, pass_over
from zerotrip.cases.clocks import stage_due
from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Clock, ClockName, Mode, Suspension
from zerotrip.cases.outcomes import decided_by_silence
from zerotrip.cases.states import UNDER_WAY, Status
from zerotrip.catalogue.queries import escalation_of, spec_of
from zerotrip.catalogue.spec import UNSTATED, Limit, StageKind, Unit
from zerotrip.channels.actions import tell, tell_staff
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Refusal
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Membership, MembershipKind, Party, Role, User
from zerotrip.parties.queries import departments
from zerotrip.rows import Writes, fetch, fetch_all, wanted
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.catalogue.spec import Escalation

AT_ONCE = 2000
"""Findings of one kind in one sweep; what is left has its turn in the next."""
YELLOW, RED, HIGHER_UP = 1, 2, 3


def sweep(*, at: datetime) -> dict[str, int]:
    """Do all that is due by ``at``. How much was done of each kind."""
    return {
        "procedures run out": _each(lambda row: run_out(row, by=SYSTEM, at=at), _run_out(at)),
        "silences": _each(lambda work: pass_over(work, by=SYSTEM, at=at), _silent(at)),
        "lights": _each(lambda pk: light(pk, at=at), _lit(at)),
        "accepted by silence": _each(lambda work: accept_by_silence(work, by=SYSTEM, at=at), _unheard(at)),
        "escalations": _each(lambda pk: escalate(pk, at=at), _staying_late(at)),
        "duties missed": _each(lambda owed: _missed(owed, at=at), _overdue(at)),
        "needs without an owner": sum(find_owner(pk, at=at) for pk in _unowned(at)),
        "renewed by silence": _each(lambda found: deem(found[0], law=found[1], by=SYSTEM, at=at), _unanswered(at)),
    }


def _each(act: Callable[[Any], Any], found: Iterable[Any]) -> int:
    """Act on each. One that somebody else was faster with is left."""
    done = 0
    for one in found:
        try:
            act(one)
        except Refusal:
            continue
        done += 1
    return done


def _run_out(at: datetime) -> Iterable[Suspension]:
    """What was announced for longer than its case took is of no concern any more."""
    return Suspension.objects.filter(ended_at=None, until__lte=at, case__status__in=UNDER_WAY)[:AT_ONCE]


def _unheard(at: datetime) -> list[Assignment]:
    """Applications to which nobody said anything in the five days; that it is red was told before."""
    formal = {"case__status": Status.SUBMITTED, "case__mode": Mode.FORMAL}
    late = Assignment.objects.filter(
        kind=StageKind.INTAKE, status=AssignmentStatus.OPEN, waiting=False, due_at__lt=at
    )
    return list(late.filter(**formal)[:AT_ONCE])


def _unanswered(at: datetime) -> list[tuple[Case, str]]:
    return list(islice(decided_by_silence(at), AT_ONCE))


def _silent(at: datetime) -> list[Assignment]:
    """Overdue opinions whose silence counts. Their clock has not been told of as red yet."""
    late = Clock.objects.filter(ended_at=None, name=ClockName.STAGE, told__lt=RED, due_at__lt=at)
    works = Assignment.objects.filter(clock__in=late, status=AssignmentStatus.OPEN).select_related("case")[:AT_ONCE]
    return [work for work in works if _silence(work) != "remind"]


def _silence(work: Assignment) -> str:
    spec = work.case.spec
    return next((stage.silence for stage in spec.stages if stage.id == work.stage), "remind")


def _lit(at: datetime) -> Iterable[UUID]:
    """The clocks whose light changed since anybody was told."""
    changed = Q(due_at__lt=at, told__lt=RED) | Q(warn_at__lte=at, told=0)
    return Clock.objects.filter(changed, ended_at=None).values_list("pk", flat=True)[:AT_ONCE]


@transaction.atomic
def light(clock_id: UUID, *, at: datetime) -> int:
    """Tell of a light that changed, once: yellow those whose turn it is, red their leaders too. Which light.

    Red goes into the journal of the case.
    """
    found = Clock.objects.filter(pk=clock_id).values_list("case", flat=True).first()
    if found is None:
        return 0
    cases, clocks, works = fetch_all(
        wanted(Case, lock=True, id=found),
        wanted(Clock, id=clock_id),
        wanted(Assignment, case_id=found, status=AssignmentStatus.OPEN.value, waiting=False),
    )
    case, clock = cases[0], clocks[0]
    colour = _colour(clock, at)
    if clock.ended_at is not None or colour <= clock.told:
        return 0
    writes = Writes()
    clock.told = colour
    writes.change(clock, "told")
    concerned = [work for work in works if clock.assignment_id in (None, work.pk)]
    if colour == RED:
        details = {"clock": clock.name, "due": clock.due_at.isoformat() if clock.due_at else None}
        writes.insert(ledger.extend(case, "late", by=SYSTEM, at=at, details=details))
        writes.change(case, "ledger_length", "ledger_head")
    for work in concerned:
        _tell(writes, case, clock, work, at=at)
    if colour == RED and clock.assignment_id is None:
        _tell_answerable(writes, case, clock, at=at)
    if colour == RED:
        department = concerned[0].department_id if clock.assignment_id and concerned else case.department_id
        _plan_escalation(writes, case, clock, department)
    writes.send()
    return colour


def _escalation(case: Case, department: UUID) -> Escalation | None:
    code = Party.objects.values_list("code", flat=True).get(pk=department)
    return escalation_of(case.version.service.pack, code)


def _plan_escalation(writes: Writes, case: Case, clock: Clock, department: UUID) -> None:
    """Keep when what stays late goes higher up, where the district says that it does."""
    rule = _escalation(case, department)
    if rule is None or clock.due_at is None:
        return
    limit = Limit(amount=rule.after, unit=Unit.WORKING_DAYS, basis=UNSTATED.basis)
    ends = stage_due(limit, at=clock.due_at, calendar=calendar_for(case.area_path))
    clock.escalate_at = ends if rule.after else clock.due_at
    writes.change(clock, "escalate_at")


def _staying_late(at: datetime) -> Iterable[UUID]:
    late = Clock.objects.filter(ended_at=None, told=RED, escalate_at__lte=at)
    return late.values_list("pk", flat=True)[:AT_ONCE]


@transaction.atomic
def escalate(clock_id: UUID, *, at: datetime) -> None:
    """Tell whoever the district names that something stays late, once; the journal of the case keeps it.

    A limit that was extended meanwhile is not late, and goes nowhere.
    """
    case_id = Clock.objects.values_list("case", flat=True).get(pk=clock_id)
    cases, clocks = fetch_all(wanted(Case, lock=True, id=case_id), wanted(Clock, id=clock_id))
    case, clock = cases[0], clocks[0]
    if clock.ended_at is not None or clock.told != RED:
        return
    writes = Writes()
    work = Assignment.objects.filter(pk=clock.assignment_id).first() if clock.assignment_id else None
    rule = _escalation(case, work.department_id if work else case.department_id)
    if rule is None or clock.due_at is None or clock.due_at >= at:
        clock.escalate_at = None
        writes.change(clock, "escalate_at")
        writes.send()
        return
    above = departments([str(rule.to)], area_path=case.area_path)[str(rule.to)]
    clock.told = HIGHER_UP
    writes.change(clock, "told")
    details = {"clock": clock.name, "to": above.name, "role": rule.role, "after": rule.after}
    writes.insert(ledger.extend(case, "escalated", by=SYSTEM, at=at, details=details))
    writes.change(case, "ledger_length", "ledger_head")
    said = {**_said(case, clock, at=at), "template": "staff_escalated", "key": f"{clock.pk}:escalated"}
    tell_staff(writes, department=above.pk, area_path=case.area_path, roles=[rule.role], **said)
    writes.send()


def _colour(clock: Clock, at: datetime) -> int:
    if clock.due_at is None or clock.warn_at is None:
        return 0
    return RED if at > clock.due_at else YELLOW if at >= clock.warn_at else 0


def _tell(writes: Writes, case: Case, clock: Clock, work: Assignment, *, at: datetime) -> None:
    """Those whose turn it is; at red the leaders of their department too."""
    said = _said(case, clock, at=at)
    said["key"] = f"{clock.pk}:{work.pk}:{clock.told}"
    if work.assignee_id is not None:
        (assignee,) = User.objects.filter(pk=work.assignee_id).values_list("person", flat=True)
        tell(writes, party=assignee, **said)
    roles = [] if work.assignee_id else [Role(work.role)]
    roles += [Role.LEADER, Role.HEAD] if clock.told == RED else []
    if roles:
        tell_staff(
            writes, department=work.department_id, area_path=work.area_path, roles=dict.fromkeys(roles), **said
        )


def _tell_answerable(writes: Writes, case: Case, clock: Clock, *, at: datetime) -> None:
    """Those who answer for the case as a whole; past the limit of the law also those who supervise."""
    roles = [Role.LEADER, Role.HEAD] + [Role.SUPERVISOR] * (clock.name == ClockName.STATUTORY)
    said = {**_said(case, clock, at=at), "key": f"{clock.pk}:answerable:{clock.told}"}
    tell_staff(writes, department=case.department_id, area_path=case.area_path, roles=roles, **said)


def _said(case: Case, clock: Clock, *, at: datetime) -> dict[str, Any]:
    service = spec_of(case.version_id).name.model_dump()
    kind = "staff_hearing" if clock.name == ClockName.HEARING else "staff"
    return {
        "template": f"{kind}_late" if clock.told >= RED else f"{kind}_watch",
        "context": {"number": case.number, "service": service, "due": clock.due_at},
        "link": f"/desk/cases/{case.number}/",
        "at": at,
    }


def _unowned(at: datetime) -> Iterable[UUID]:
    """Needs that nobody helps with, and those whose helper sits in the seat no more."""
    seats = Membership.objects.in_force(at).filter(
        kind=MembershipKind.STAFF, organisation=OuterRef("department"), role=OuterRef("role")
    )
    seated = Q(assignee=None) & Exists(seats) | Exists(seats.filter(person__account=OuterRef("assignee")))
    open_help = Assignment.objects.filter(kind=StageKind.HELP, status=AssignmentStatus.OPEN)
    nobody = ~Exists(open_help.filter(case=OuterRef("pk")))
    lost = Q(pk__in=open_help.exclude(seated).values("case"))
    helping = Case.objects.filter(status=Status.HELPING)
    return list(helping.filter(nobody | lost).values_list("pk", flat=True)[:AT_ONCE])


def _overdue(at: datetime) -> Iterable[Obligation]:
    mine = (Kind.ANSWER, Kind.MAKE_UP, Kind.RECTIFY, Kind.CONFIRM)
    overdue = Obligation.objects.due().filter(missed_at=None, due_at__lt=at, kind__in=mine)
    return overdue.select_related("requirement").order_by(F("due_at"))[:AT_ONCE]


def _missed(owed: Obligation, *, at: datetime) -> None:
    """Draw the consequence of a duty of the applicant's that was not done."""
    case = Case.objects.get(pk=owed.subject)
    if owed.kind == Kind.CONFIRM:
        settle_by_silence(case.pk, at=at)
    elif owed.kind == Kind.MAKE_UP:
        draw_consequence(owed, by=SYSTEM, at=at)
    elif owed.requirement.consequence == "lapse":
        lapse(case, by=SYSTEM, at=at)
    else:
        _report(owed, case, at=at)


@transaction.atomic
def _report(owed: Obligation, case: Case, *, at: datetime) -> None:
    held = next(iter(fetch(Obligation, lock=True, id=owed.pk)))
    writes = Writes()
    duties.miss(writes, held, by=SYSTEM, at=at)
    tell_staff(
        writes,
        department=held.watcher_id,
        area_path=held.area_path,
        roles=(Role.CLERK, Role.LEADER),
        template="staff_duty_missed",
        context={**held.context, "what": held.words, "number": case.number},
        link=f"/desk/cases/{case.number}/",
        key=f"{held.pk}:missed",
        at=at,
    )
    writes.send()
