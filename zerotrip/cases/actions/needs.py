"""Needs (企业诉求): raised through any door, several at once, each a case with its own owner and clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases import clocks, routing
from zerotrip.cases.actions import targets
from zerotrip.cases.actions.applicant import freeze, terms
from zerotrip.cases.actions.draft import begin_draft, sealed
from zerotrip.cases.actions.enclosing import enclose
from zerotrip.cases.actions.stages import start_clocks
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import (
    TAKING_ROLES,
    Assignment,
    AssignmentStatus,
    Case,
    Clock,
    ClockName,
    Door,
    Need,
    Priority,
    Submission,
)
from zerotrip.cases.routing import Route, Target
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import form_of, spec_of
from zerotrip.catalogue.spec import HELP_STAGE, Limit, StageKind
from zerotrip.channels.actions import tell, tell_staff
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Area, Deed, Membership, MembershipKind, Party, PartyKind, User
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import known_facts
from zerotrip.rows import fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor

MOST = 12
"""Needs of one request."""


@dataclass(frozen=True)
class Asked:
    """One need as it is asked: its subject, and what is said of it."""

    service: Service
    answers: Mapping[str, Any]
    office: UUID | None = None
    """Whose it is, where whoever raises it knows; the rules are asked only if nobody sits there."""
    files: Sequence[Handed] = ()
    """Pictures and papers that come with it."""


@dataclass(frozen=True)
class Source:
    """What a need came out of, such as a visit: its kind in a word, and its key."""

    kind: str
    id: UUID


def prefix_of(place: int) -> str:
    """What stands before the names of the controls of one of several needs."""
    return f"need-{place}-"


def raise_needs(
    asked: Sequence[Asked],
    *,
    applicant: Party,
    request: UUID,
    by: Actor,
    at: datetime,
    door: Door = Door.PORTAL,
    source: Source | None = None,
) -> list[Case]:
    """Raise one or several needs of an enterprise: each becomes a case with its own subject, owner and clocks.

    By whoever acts for it, or by staff for it, who write down what it says. All or none; the same ``request``
    raises them once, whoever presses again. Raises Invalid with the problems of each need at its place
    (``prefix_of``), NotAllowed for a stranger, Refused for what is no need.
    """
    known = _of_request(request, applicant)
    if known:
        return known
    _require_may_raise(asked, applicant, by)
    filled = [replace(one, answers=_filled(one, applicant, by=by, at=at)) for one in asked]
    _require_right(filled, at=at)
    with transaction.atomic():
        raised = [
            _raise(one, place, applicant, request, by=by, at=at, door=door, source=source)
            for place, one in enumerate(filled)
        ]
    cases = [case for case in raised if case is not None]
    return cases if len(cases) == len(raised) else _of_request(request, applicant)


def _of_request(request: UUID, applicant: Party) -> list[Case]:
    return list(Case.objects.filter(need__request=request, applicant=applicant).order_by("number"))


def _require_may_raise(asked: Sequence[Asked], applicant: Party, by: Actor) -> None:
    if not 0 < len(asked) <= MOST:
        raise Invalid(_("请至少选一项诉求，最多 %(most)d 项。") % {"most": MOST})
    if applicant.kind != PartyKind.ENTERPRISE:
        raise Refused(_("企业诉求由企业提出，请选择企业。"))
    for one in asked:
        if one.service.current is None or spec_of(one.service.current.pk).need is None:
            raise Refused(_("“%(slug)s”不是企业诉求的主题。") % {"slug": one.service.pk})
        theirs = by.may_act(Deed.SUBMIT, party=applicant.pk, service=one.service.pk)
        if not theirs and not by.seats_as(*TAKING_ROLES):
            raise NotAllowed(_("您不能代表该申请人办理。"))


def begun_answers(service: Service, applicant: Party, *, by: Actor, at: datetime) -> dict[str, Any]:
    """What the form of a subject knows beforehand: the contact, and where the enterprise is."""
    if service.current is None:
        return {}
    theirs = applicant.pk in by.acts_for
    form = form_of(service.current.pk)
    answers = form.initial(known=known_facts(applicant, by, at, assisted=not theirs))
    area = spec_of(service.current.pk).area
    code = code_of(applicant.area_path)
    if area is not None and area not in answers and code:
        answers[area] = {"area": code, "detail": applicant.address}
    return answers


def _filled(one: Asked, applicant: Party, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The answers, with what is known where nothing was said at all."""
    known = begun_answers(one.service, applicant, by=by, at=at)
    area = spec_of(one.service.current.pk).area if one.service.current else None
    if area in known and area not in one.answers and not known[area]["detail"]:
        known[area] = {**known[area], "detail": applicant.name}
    return {**known, **one.answers}


def _require_right(asked: Iterable[Asked], *, at: datetime) -> None:
    """Raise Invalid with what is wrong of each, before anything is written."""
    problems: dict[str, list[str]] = {}
    for place, one in enumerate(asked):
        if one.service.current is None:
            continue
        form = form_of(one.service.current.pk)
        found = form.check(one.answers, today=timezone.localdate(at), files=frozenset()).problems
        problems |= {f"{prefix_of(place)}{name}": texts for name, texts in found.items()}
        spec = spec_of(one.service.current.pk)
        problems |= _elsewhere(spec.area, one.answers, prefix_of(place), problems, service=one.service)
    if problems:
        raise Invalid(_("还有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)


def _elsewhere(
    area: str | None, answers: Mapping[str, Any], prefix: str, problems: Mapping[str, Any], *, service: Service
) -> dict[str, list[str]]:
    """What is wrong with a place that is not in this district."""
    if area is None or not isinstance(answers.get(area), Mapping) or f"{prefix}{area}" in problems:
        return {}
    code = answers[area].get("area", "")
    path = Area.objects.filter(pk=code).values_list("path", flat=True).first() or ""
    offices = Party.objects.filter(kind=PartyKind.DEPARTMENT, code=service.department, ended_at=None)
    if any(path.startswith(one) for one in offices.values_list("area_path", flat=True)):
        return {}
    return {f"{prefix}{area}": [_("所选地点不在本区，请改选本区的街道或社区，或向所在地申请。")]}


def _raise(
    one: Asked,
    place: int,
    applicant: Party,
    request: UUID,
    *,
    by: Actor,
    at: datetime,
    door: Door,
    source: Source | None,
) -> Case | None:
    """One need of a request; None when the same press has raised it meanwhile."""
    case = begin_draft(
        service=one.service,
        applicant=applicant,
        by=by,
        at=at,
        case_id=uuid5(request, str(place)),
        door=door,
        assisted=applicant.pk not in by.acts_for,
    )
    if case.status != Status.DRAFT:
        return None
    answers = sealed(form_of(case.version_id), one.answers, before={})
    Submission.objects.filter(case=case, submitted_at=None).update(answers=answers)
    work = begin(Step.RAISE, case.pk, by=by, at=at)
    submission, values = freeze(work, door=door)
    found = source or Source("", case.pk)
    work.writes.insert(
        Need(case_id=case.pk, request=request, source=found.kind, source_id=found.id if found.kind else None)
    )
    work.case.department = case.department
    work.case.departments = [case.department_id]  # whoever leads with the subject sees all of its needs
    work.also("departments")
    start_helping(work)
    title = form_of(case.version_id).text_at(values, work.spec.subject)[:200] or applicant.name
    where = terms(work)
    enclosed = _enclosed(work, one, place)
    found_route = _named(work, one.office) or find(work)
    opened = send_to(work, found_route)
    work.move(
        Status.HELPING,
        details={"round": submission.round, **enclosed},
        subject=title,
        submitted_at=at,
        **where,
        **_green(work, found_route),
    )
    note_route(work, found_route, opened)
    _tell_raised(work, found_route, theirs=applicant.pk in by.acts_for)
    return work.done()


def _enclosed(work: Work, one: Asked, place: int) -> dict[str, Any]:
    """Bind the files of one of several needs. Raises Invalid at its place."""
    try:
        return enclose(work, one.files)
    except Invalid as wrong:
        problems = {f"{prefix_of(place)}{name}": texts for name, texts in wrong.problems.items()}
        raise Invalid(wrong.message, problems) from wrong


def start_helping(work: Work) -> None:
    """Let the clocks of a need run, all from now on: to answer, to plan, to settle it."""
    need = work.spec.need
    if need is None:
        raise AssertionError("only needs are helped with")
    green = work.spec.green if work.case.priority == Priority.GREEN else None
    limits = {
        ClockName.ANSWER: need.answer,
        ClockName.PLAN: need.plan,
        ClockName.PROMISED: green.promised if green else work.spec.promised,
    }
    work.clocks = list(start_clocks(work, limits).values())
    work.case.due_at = clocks.soonest(work.clocks)
    work.also("due_at")


def _named(work: Work, office: UUID | None) -> Route | None:
    """To the office whoever raises it has named, while somebody sits there."""
    if office is None:
        return None
    try:
        return Route(targets.of_office(office, area_path=work.case.area_path, at=work.at))
    except Refused:
        return None


def find(work: Work) -> Route:
    """Where a need goes: by the rules, else to the duty officer of its area, else to whoever leads."""
    route = routing.route(work.case, subject=work.spec.id, at=work.at)
    if route.target is not None:
        return route
    target = targets.on_duty(work.case, at=work.at) or targets.leading(work.case)
    return Route(target, passed=route.passed)


def send_to(work: Work, route: Route, *, stage: str = HELP_STAGE, limit: Limit | None = None) -> Assignment:
    """Open the work of whoever a need goes to; with ``limit`` a clock of their own to answer by."""
    target = route.target
    if target is None:
        raise AssertionError("a need always goes to somebody")
    return open_help(work, target, stage=stage, limit=limit)


def open_help(work: Work, target: Target, *, stage: str = HELP_STAGE, limit: Limit | None = None) -> Assignment:
    """Open one helper's work and tell them; with ``limit`` a clock of their own to answer by."""
    earlier = sum(one.stage.partition(".")[0] == stage for one in work.assignments)
    opened = Assignment(
        case_id=work.case.pk,
        stage=f"{stage}.{earlier + 1}",
        kind=StageKind.HELP.value,
        department_id=target.department_id,
        role=target.role,
        assignee_id=target.account,
        priority=work.case.priority,
        area_path=work.case.area_path,
        service=work.spec.id,
        opened_at=work.at,
        due_at=work.case.due_at,
    )
    own: list[Clock] = []
    if limit is not None:
        calendar = calendar_for(work.case.area_path)
        own.append(
            clocks.start(work.case, ClockName.STAGE, limit, at=work.at, calendar=calendar, assignment=opened)
        )
        opened.due_at = own[0].due_at
    work.give(opened)
    work.writes.insert(*own)
    work.assignments.append(opened)
    return opened


def tell_helper(work: Work, opened: Assignment, target: Target, template: str = "staff_need", **more: Any) -> None:
    """Tell whoever a need goes to: the person, or all of the office who may take it."""
    said: dict[str, Any] = {
        "template": template,
        "context": {
            "number": work.case.number,
            "service": work.spec.name.model_dump(),
            "subject": work.case.subject,
            "due": opened.due_at,
            **more,
        },
        "link": f"/desk/cases/{work.case.number}/",
        "key": f"{opened.pk}:{template}",
        "at": work.at,
    }
    if target.person is not None:
        tell(work.writes, party=target.person, **said)
    else:
        tell_staff(
            work.writes,
            department=target.department_id,
            area_path=work.case.area_path,
            roles=(target.role,),
            **said,
        )


def _green(work: Work, route: Route) -> dict[str, Any]:
    """What a rule that says so changes: the green channel has a named person, so an office alone is not enough."""
    target = route.target
    if not route.green or target is None or target.account is None or work.spec.green is None:
        return {}
    promised = next(one for one in work.clocks if one.name == ClockName.PROMISED)
    limit = work.spec.green.promised
    promised.amount, promised.unit, promised.basis = limit.amount, limit.unit.value, limit.basis.model_dump()
    clocks.reset(promised, calendar_for(work.case.area_path))
    work.writes.change(promised, "amount", "unit", "basis", "due_at", "warn_at", "provisional")
    work.case.due_at = clocks.soonest(work.clocks)
    for one in work.open:
        one.priority, one.due_at = Priority.GREEN, work.case.due_at
        work.writes.change(one, "priority", "due_at")
    return {"priority": Priority.GREEN.value, "contact_id": target.account}


def note_route(work: Work, route: Route, opened: Assignment) -> None:
    """Journal where a need went, by which rule, and what stood in the way of others."""
    target = route.target
    if target is None:
        raise AssertionError("a need always goes to somebody")
    details: dict[str, Any] = {"whom": target.called, "stage": opened.stage}
    if route.rule:
        details |= {"rule": route.rule, "rule_id": str(route.rule_id)}
    if route.passed:
        details["passed"] = route.passed
    case = work.case
    work.writes.insert(ledger.extend(case, Step.ROUTE.value, by=SYSTEM, at=work.at, details=details))
    if case.priority == Priority.GREEN and route.green and case.contact_id == target.account:
        told = {"contact": str(target.account), "name": target.name, "rule": route.rule}
        entry = ledger.extend(case, "green", by=SYSTEM, at=work.at, reason=route.green, details=told)
        work.writes.insert(entry)
    work.also("ledger_length", "ledger_head")
    tell_helper(work, opened, target)


def _tell_raised(work: Work, route: Route, *, theirs: bool) -> None:
    target = route.target
    answer = next(one for one in work.clocks if one.name == ClockName.ANSWER)
    work.tell_applicant(
        "need_raised" if theirs else "need_noted", who=target.called if target else "", due=answer.due_at
    )


@transaction.atomic
def split_need(
    assignment: Assignment, *, into: Service, title: str, detail: str, by: Actor, at: datetime, key: str = ""
) -> Case:
    """Make a case of its own of what is another need: another subject, owner and clocks, the same firm and contact.

    Raises Invalid without a title or what it is about, and as ``raise_needs``.
    """
    work = begin(Step.SPLIT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same={})
    if work.replayed:
        return work.case
    problems = {name: [_("请写明。")] for name, said in (("title", title), ("detail", detail)) if not said.strip()}
    if problems:
        raise Invalid(_("请写明拆出的诉求是什么。"), problems)
    if into.current is None or spec_of(into.current.pk).need is None:
        raise Refused(_("“%(slug)s”不是企业诉求的主题。") % {"slug": into.pk})
    request = fetch(Need, case_id=work.case.pk)[0].request
    latest = max(fetch(Submission, case_id=work.case.pk), key=lambda one: one.round)
    form, spec = form_of(into.current.pk), spec_of(into.current.pk)
    kept = {name: value for name, value in latest.answers.items() if name in form.fields}
    described = next((f.id for f in form.fields.values() if f.kind == "long_text"), spec.subject)
    answers = {
        **kept,
        spec.subject: title.strip(),
        described: detail.strip() if described != spec.subject else title,
    }
    applicant = Party.objects.get(pk=work.case.applicant_id)
    asked = [Asked(into, answers)]
    _require_right(asked, at=at)
    made = _raise(
        asked[0],
        Case.objects.filter(need__request=request).count(),
        applicant,
        request,
        by=by,
        at=at,
        door=Door(work.case.door),
        source=None,
    )
    if made is None:
        raise Stale(_("这一页已经用过，请重新打开后再试。"))
    work.stay(reason=title.strip(), details={"name": made.number})
    return work.done()


@transaction.atomic
def find_owner(case_id: UUID, *, at: datetime) -> bool:
    """See that somebody has a need: where nobody does, or whoever has it sits there no more, it is routed anew.

    Whether anything was changed. Nothing is where the same seat would have it again, empty or not.
    """
    work = begin_system(Step.ROUTE, case_id, at=at)
    if work.case.status != Status.HELPING:
        return False
    helping = [one for one in work.open if one.kind == StageKind.HELP]
    lost = [one for one in helping if not seated(one, at=at)]
    if helping and not lost:
        return False
    work.case.department = Party.objects.get(pk=work.case.department_id)
    route = find(work)
    target = route.target
    if target is None or any(
        target.is_same(department_id=one.department_id, role=one.role, account=one.assignee_id) for one in lost
    ):
        return False
    for one in lost:
        one.status, one.waiting = AssignmentStatus.CANCELLED, False
        one.findings = {**one.findings, "handed_to": target.called}
        work.writes.change(one, "status", "waiting", "findings")
    left = [one for one in helping if one not in lost]
    if not left:
        note_route(work, route, send_to(work, route, limit=work.spec.need.answer if work.spec.need else None))
    work.done()
    return True


def begin_system(step: Step, case_id: UUID, *, at: datetime) -> Work:
    """Lock a need for what time brings about; what may happen is for the caller to see."""
    from zerotrip.rows import fetch_all, wanted

    cases, assignments, running = fetch_all(
        wanted(Case, lock=True, id=case_id),
        wanted(Assignment, case_id=case_id),
        wanted(Clock, case_id=case_id, ended_at=None),
    )
    return Work(step, cases[0], assignments, [], None, SYSTEM, at, "", clocks=running)


def seated(work: Assignment, *, at: datetime) -> bool:
    """Whether whoever has a piece of work still sits there; of nobody in particular, whether anybody does."""
    seats = Membership.objects.in_force(at).filter(
        kind=MembershipKind.STAFF, organisation=work.department_id, role=work.role
    )
    if work.assignee_id is not None:
        seats = seats.filter(person=User.objects.get(pk=work.assignee_id).person_id)
    return any(work.area_path.startswith(path) for path in seats.values_list("area_path", flat=True))
