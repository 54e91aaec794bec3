"""Reads over a case and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Case as Choose
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from zerotrip.cases import clocks, proofs
from zerotrip.cases.access import is_on_applicants_side
from zerotrip.cases.heard import NOBODY_HEARD, Heard, rows_of
from zerotrip.cases.models import (
    DESK_ROLES,
    LEADING,
    Assignment,
    AssignmentStatus,
    Assistance,
    Bar,
    Case,
    Challenge,
    ChosenColumns,
    Clock,
    Commitment,
    Correction,
    Decision,
    Export,
    Material,
    Mode,
    Priority,
    Proposal,
    ProposalKind,
    Rating,
    SavedView,
    Submission,
    Suspension,
)
from zerotrip.cases.models.case import GREEN_FIRST, NUMBER
from zerotrip.cases.proofs import Proof, in_round
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import offered, versions_of
from zerotrip.duties.models import Kind, Obligation
from zerotrip.duties.models import Status as DutyStatus
from zerotrip.errors import NotFound
from zerotrip.ledger.models import Entry
from zerotrip.pairs import contains, contains_by_index
from zerotrip.parties.models import Party, Role
from zerotrip.parties.queries import area_path_of
from zerotrip.rows import count_up_to, fetch_all, wanted
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from zerotrip.cases.models import AssignmentQuerySet
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor
    from zerotrip.workdays.limits import Due


@dataclass(frozen=True)
class File:
    """A case with all that its page shows, as one reader sees it."""

    case: Case
    spec: ServiceSpec
    rounds: tuple[Submission, ...]
    corrections: tuple[Correction, ...]
    assignments: tuple[Assignment, ...]
    clocks: tuple[Clock, ...]
    history: tuple[Entry, ...]
    decision: Decision | None
    is_applicant: bool
    suspensions: tuple[Suspension, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    owed: tuple[Obligation, ...] = ()
    commitment: Commitment | None = None
    rating: Rating | None = None
    heard: Heard = NOBODY_HEARD
    """Those concerned, what they and the applicant were told and said, and the hearing."""
    proofs: tuple[Proof, ...] = ()
    """The licences that stand in for materials, ended uses too."""
    bars: tuple[Bar, ...] = ()
    """What the applicant is, or was, barred from, in this case or another."""
    looks_at: frozenset[str] | None = None
    """The materials this reader's department looks at; None: all of them."""

    @cached_property
    def shown(self) -> Submission | None:
        """The round this reader looks at: applicants their latest, staff the latest submitted."""
        rounds = [r for r in self.rounds if self.is_applicant or r.submitted_at]
        return rounds[-1] if rounds else None

    @cached_property
    def before(self) -> Submission | None:
        """The round before the shown one, to put old beside new."""
        rounds = [r for r in self.rounds if self.shown and r.round < self.shown.round]
        return rounds[-1] if rounds else None

    @cached_property
    def materials(self) -> dict[str, list[Material]]:
        """The files of the shown round by material, those this reader is concerned with."""
        return self.files_of(self.shown)

    @cached_property
    def proved(self) -> dict[str, Proof]:
        """What licences prove in the shown round, by material; of those this reader is concerned with."""
        found = in_round(self.proofs, self.shown.round) if self.shown else {}
        return found if self.looks_at is None else {key: found[key] for key in found if key in self.looks_at}

    def files_of(self, submission: Submission | None) -> dict[str, list[Material]]:
        """The files of a round by material, those this reader is concerned with."""
        found = by_key(submission)
        return found if self.looks_at is None else {key: found[key] for key in found if key in self.looks_at}

    @cached_property
    def correction(self) -> Correction | None:
        """The correction that waits for the applicant."""
        return next((c for c in self.corrections if c.is_open), None)

    @cached_property
    def make_ups(self) -> list[Obligation]:
        """The materials that come, or came, later."""
        kind = [each for each in self.owed if each.kind == Kind.MAKE_UP]
        return [each for each in kind if each.status != DutyStatus.DROPPED]

    @cached_property
    def owes(self) -> list[Obligation]:
        """The materials that wait for the applicant."""
        return [each for each in self.make_ups if each.status == DutyStatus.OPEN]

    @cached_property
    def answer(self) -> Obligation | None:
        """By when the open correction is to be answered, if the service limits it."""
        waiting = [o for o in self.owed if o.kind == Kind.ANSWER and o.status == DutyStatus.OPEN]
        return waiting[0] if waiting else None

    @cached_property
    def owes_word(self) -> Obligation | None:
        """By when the firm says whether its need is settled, while it is asked."""
        waiting = [o for o in self.owed if o.kind == Kind.CONFIRM and o.status == DutyStatus.OPEN]
        return waiting[0] if waiting else None

    @cached_property
    def stopped(self) -> list[Suspension]:
        """The special procedures under way."""
        return [each for each in self.suspensions if each.ended_at is None]

    @cached_property
    def rehearsed(self) -> Assignment | None:
        """The conclusion of a rehearsal, if it came to one."""
        accepted = self.case.accepted_at
        if self.case.mode == Mode.FORMAL and accepted is None:
            return None
        for one in self.assignments:
            if one.kind == "decision" and one.done_at and (accepted is None or one.done_at < accepted):
                return one
        return None

    @cached_property
    def findings(self) -> dict[str, Any]:
        """What the opinions that stand found, by field."""
        return found_in(self.assignments)

    def proposal(self, kind: ProposalKind) -> Proposal | None:
        """The latest draft of this kind."""
        return next((each for each in reversed(self.proposals) if each.kind == kind), None)

    @cached_property
    def running(self) -> Clock | None:
        """The clock the reader cares about now: the promised one once it runs, else any that runs."""
        running = {clock.name: clock for clock in self.clocks if clock.ended_at is None}
        for name in LEADING:
            if name in running:
                return running[name]
        return None

    @cached_property
    def names(self) -> dict[UUID | None, str]:
        """Who took part, by account, as the journal has their names."""
        return {entry.actor: entry.actor_name for entry in self.history}

    def explain(self, clock: Clock) -> Due:
        """How this clock's due date comes about, line by line."""
        return clocks.derive(clock, calendar_for(self.case.area_path))


def found_in(works: Iterable[Assignment]) -> dict[str, Any]:
    """What was found in this work, by field, where it stands."""
    found: dict[str, Any] = {}
    for work in works:
        if work.status == AssignmentStatus.DONE:
            found |= work.findings
    return found


def by_key(submission: Submission | None) -> dict[str, list[Material]]:
    """The files of a round by material."""
    grouped: dict[str, list[Material]] = {}
    for material in submission.materials.all() if submission else ():
        grouped.setdefault(material.key, []).append(material)
    return grouped


def load(number: str, actor: Actor) -> Case:
    """The case of this number, if ``actor`` may see it. Raises NotFound alike for both reasons."""
    case = (
        Case.objects.visible_to(actor)
        .select_related("applicant", "department", "version", "opened_by__person", "contact__person")
        .filter(number=number)
        .first()
    )
    if case is None:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    return case


def file_of(case: Case, actor: Actor, *, at_desk: bool = False) -> File:
    """Everything the case page shows, in a fixed number of queries.

    ``at_desk``: as staff see it, also whoever helps the applicant under a mandate.
    """
    rounds, corrections, assignments, clocks, history, decisions, stops, drafts, owed, *more = fetch_all(
        wanted(Submission, case_id=case.pk),
        wanted(Correction, case_id=case.pk),
        wanted(Assignment, case_id=case.pk),
        wanted(Clock, case_id=case.pk),
        wanted(Entry, subject=case.pk),
        wanted(Decision, case_id=case.pk),
        wanted(Suspension, case_id=case.pk),
        wanted(Proposal, case_id=case.pk),
        wanted(Obligation, subject=case.pk),
        wanted(Commitment, case_id=case.pk),
        wanted(Assistance, case_id=case.pk),
        wanted(Rating, case_id=case.pk),
        wanted(Bar, party_id=case.applicant_id),
        *rows_of(case.pk),
        *proofs.rows_of(case.pk),
    )
    promised, case.helpers, rated, bars, concerned, tellings, hearings, *used = more
    if used:
        proofs.keep(case, *used)
    theirs = case.applicant_id in actor.acts_for or (not at_desk and is_on_applicants_side(case, actor))
    spec = case.spec
    order = {stage.id: place for place, stage in enumerate(spec.stages)}
    prefetch_related_objects(rounds, Prefetch("materials", Material.objects.select_related("blob")))
    for each in rounds:
        each.case = case
    prefetch_related_objects(assignments, "department")
    prefetch_related_objects(drafts, "approvals")
    return File(
        case=case,
        spec=spec,
        rounds=tuple(sorted(rounds, key=lambda each: each.round)),
        corrections=tuple(sorted(corrections, key=lambda each: each.round)),
        assignments=tuple(
            sorted(assignments, key=lambda each: (order.get(each.stage, len(order)), each.opened_at))
        ),
        clocks=tuple(sorted(clocks, key=lambda each: (each.started_at, each.name))),
        history=tuple(sorted(history, key=lambda each: each.seq)),
        decision=decisions[0] if decisions else None,
        is_applicant=theirs,
        suspensions=tuple(sorted(stops, key=lambda each: each.started_at)),
        proposals=tuple(sorted(drafts, key=lambda each: each.drafted_at)),
        owed=tuple(sorted(owed, key=lambda each: (each.opened_at, each.key))),
        commitment=promised[0] if promised else None,
        rating=rated[0] if rated else None,
        heard=Heard.of(concerned, tellings, hearings),
        proofs=tuple(proofs.of_case(case)),
        bars=tuple(sorted(bars, key=lambda each: (each.since, each.kind))),
        looks_at=None if theirs else _looks_at(case, assignments, actor),
    )


def _looks_at(case: Case, assignments: list[Assignment], actor: Actor) -> frozenset[str] | None:
    """What ``Material.visible_to`` says, of one case."""
    watches = any(s.role == Role.SUPERVISOR and case.area_path.startswith(s.area_path) for s in actor.seats)
    mine = [
        work.materials
        for work in assignments
        if actor.sits(department_id=work.department_id, area_path=work.area_path, roles=DESK_ROLES)
    ]
    if watches or not all(mine):
        return None
    return frozenset(key for keys in mine for key in keys)


@dataclass(frozen=True)
class Wish:
    """Which open work is looked for. What is empty narrows nothing."""

    kind: str = ""
    """Of stage; ``waiting``: what waits for the applicant, which otherwise stands apart."""
    service: str = ""
    area: str = ""
    """Code of a subdistrict."""
    light: str = ""
    """``green``, ``yellow`` or ``red``, as the clock of the work has it."""
    who: str = ""
    """``mine``: assigned to me; ``free``: to nobody; ``all``: all of my departments; else what I may do."""
    green: bool = False
    """In the green channel."""


def worklist(actor: Actor, wish: Wish = Wish(), *, at: datetime | None = None) -> QuerySet[Assignment]:
    """The open work of this actor, the green channel first, then by when it is due, with what a row shows.

    Each row carries ``warn_at``, when its light turns yellow. ``at`` is needed where a light is wished for.
    """
    works = _wished(actor, wish).annotate(warn_at=_WARN_AT)
    if wish.light and at is not None:
        works = works.filter(_light(wish.light, at))
    return (
        works.select_related("case__applicant", "case__version", "assignee__person", "department")
        .defer("case__version__definition", "case__version__files")
        .order_by("priority", "due_at", "opened_at", "pk")
    )


_WARN_AT = Coalesce(
    F("clock__warn_at"),
    Subquery(
        Clock.objects.filter(case=OuterRef("case"), assignment=None, ended_at=None, name__in=LEADING)
        .order_by("due_at")
        .values("warn_at")[:1]
    ),
)
"""When the light of a piece of work turns yellow: by its own clock, else by the one the case is due with."""


def _wished(actor: Actor, wish: Wish) -> AssignmentQuerySet:
    if wish.who == "all":
        works = Assignment.objects.of_departments_of(actor)
    else:
        works = Assignment.objects.for_hands_of(actor)
    if wish.who == "mine":
        works = works.filter(assignee=actor.user_id)
    elif wish.who == "free":
        works = works.filter(assignee=None)
    works = works.filter(waiting=wish.kind == "waiting")
    if wish.kind and wish.kind != "waiting":
        works = works.filter(kind=wish.kind)
    if wish.service:
        works = works.filter(service=wish.service)
    if wish.area:
        works = works.filter(area_path__startswith=area_path_of(wish.area) or "-")
    return works.filter(priority=Priority.GREEN) if wish.green else works


def _light(light: str, at: datetime) -> Q:
    # Nothing is warned of after it is due, so that an index can begin where what is late ends.
    return {
        "red": Q(due_at__lt=at),
        "yellow": Q(due_at__gte=at, warn_at__lte=at),
        "green": Q(due_at__gte=at, warn_at__gt=at) | Q(due_at=None) | Q(due_at__gte=at, warn_at=None),
    }[light]


def offered_services(actor: Actor) -> list[tuple[str, str]]:
    """The services on offer in which one's departments have a stage, by name: to narrow a worklist."""
    offices = {seat.department_id for seat in actor.seats}
    codes = set(Party.objects.filter(pk__in=offices).values_list("code", flat=True))
    concerned = {
        slug: str(spec.name)
        for slug, spec in offered().items()
        if codes & {spec.department, *(stage.department for stage in spec.stages)}
    }
    return sorted(concerned.items(), key=itemgetter(1))


@dataclass(frozen=True)
class Search:
    """Which cases are looked for. What is empty narrows nothing."""

    text: str = ""
    """A number, or words of the subject or of the applicant's name."""
    status: str = ""
    service: str = ""
    area: str = ""
    """Code of a subdistrict."""
    green: bool = False
    """In the green channel, now or to the end."""


def find(actor: Actor, search: Search = Search()) -> QuerySet[Case]:
    """The cases handed in that this actor may see: open ones of the green channel first, then the latest."""
    return find_to_leaf(actor, search)[0]


def find_to_leaf(actor: Actor, search: Search = Search()) -> tuple[QuerySet[Case], QuerySet[Case]]:
    """The same for a page of it, and how to count them: what lies in order is not what is counted fastest."""
    in_order, counted = _about(search.text)
    narrowed = _narrowed(actor, search)
    return _in_order(narrowed.filter(in_order)), narrowed.filter(counted)


def _in_order(found: QuerySet[Case]) -> QuerySet[Case]:
    return (
        found.select_related("applicant", "version")
        .defer("version__definition", "version__files")
        .order_by(GREEN_FIRST, "-submitted_at", "-pk")
    )


def _narrowed(actor: Actor, search: Search) -> QuerySet[Case]:
    found = Case.objects.visible_to(actor).filter(submitted_at__isnull=False)  # no drafts, not those given up
    if search.service:
        versions = versions_of(search.service)  # by their keys: the order of one lies in an index
        found = found.filter(version=versions[0]) if len(versions) == 1 else found.filter(version__in=versions)
    if search.area:
        found = found.filter(area_path__startswith=area_path_of(search.area) or "-")
    if search.green:
        found = found.filter(priority=Priority.GREEN)
    return found.filter(status=search.status) if search.status else found


SAMPLE = 2000
"""So many of the latest cases tell how common a word is."""
COMMON, EVERYWHERE = SAMPLE // 200, SAMPLE // 20
"""Hits in the sample from which on cases are met soon enough on the way through the list: thirty; a thousand."""
MANY_NAMES = 3000
"""Names that are too many to be looked up."""


def _about(text: str) -> tuple[Q, Q]:
    """What a text says of a case: to be put in order, and to be counted.

    Where few cases have it they are looked up by its pairs and put in order, which takes the longer the more
    there are. Where many have it they are met on the way through the list.
    """
    if not text:
        return Q(), Q()
    if NUMBER.fullmatch(text):
        return (number := Q(number=text.upper())), number
    on_the_way = contains("subject", text) | contains("applicant__name", text)
    if len(text) < 2:  # there is no pair to look up
        return on_the_way, on_the_way
    latest = _in_order(Case.objects.filter(submitted_at__isnull=False)).annotate(met=on_the_way)
    hits = sum(latest.values_list("met", flat=True)[:SAMPLE])
    if hits >= EVERYWHERE:
        return on_the_way, on_the_way
    names = Party.objects.filter(contains_by_index("name", text)).values_list("pk", flat=True)
    named = list(names[: MANY_NAMES + 1])
    if len(named) > MANY_NAMES:
        return on_the_way, on_the_way
    by_index = contains_by_index("subject", text) | Q(applicant__in=named)
    return on_the_way if hits >= COMMON else by_index, by_index


def exports(actor: Actor) -> QuerySet[Export]:
    """The lists this actor took out, latest first."""
    return Export.objects.visible_to(actor).order_by("-asked_at", "-pk")


def kept_by(actor: Actor) -> tuple[list[SavedView], list[str]]:
    """The filters an account saved, by name, and the columns it chose; one query."""
    views, chosen = fetch_all(
        wanted(SavedView, account_id=actor.account), wanted(ChosenColumns, account_id=actor.account)
    )
    return sorted(views, key=lambda view: view.name), list(chosen[0].columns) if chosen else []


def assigned_to(account: UUID) -> QuerySet[Assignment]:
    """The open work that is assigned to an account, due first."""
    return (
        Assignment.objects.filter(assignee=account, status=AssignmentStatus.OPEN)
        .select_related("case__version", "department")
        .defer("case__version__definition", "case__version__files")
        .order_by("due_at", "pk")
    )


def my_cases(actor: Actor) -> QuerySet[Case]:
    """The cases of those this actor acts for: to be corrected first, then newest first."""
    return (
        Case.objects.applied_by(actor)
        .select_related("applicant", "version")
        .defer("version__definition", "version__files")
        .annotate(asked=Q(status__in=(Status.CORRECTING, Status.CONFIRMING)))
        .order_by("-asked", "-opened_at", "-pk")
    )


def my_needs(actor: Actor) -> QuerySet[Case]:
    """The needs of those this actor acts for: those that wait for their word first, then newest first."""
    return (
        Case.objects.applied_by(actor)
        .filter(need__isnull=False)
        .select_related("applicant", "version")
        .defer("version__definition", "version__files")
        .annotate(asked=Q(status=Status.CONFIRMING))
        .order_by("-asked", "-opened_at", "-pk")
    )


def open_clocks(area_path: str = "/") -> QuerySet[Clock]:
    """The clocks that still run in an area: those a new holiday notice may move."""
    return Clock.objects.filter(ended_at=None, case__area_path__startswith=area_path)


COUNTED_TO = 1000
"""Up to how many the desk counts. Nobody plans by whether it is 8,000 or 9,000 that wait."""


def counts(
    actor: Actor, *, at: datetime, apart: bool = True, also: Mapping[str, QuerySet[Any]] | None = None
) -> dict[str, int]:
    """The numbers of the desk's rail: open work by kind, waiting for applicants; one statement.

    With ``apart`` those of the worklist too: what is late, one's own, and nobody's. Each is right up to
    ``COUNTED_TO``, and one more than that where there are more. The green channel is counted apart.
    ``also`` are other lists counted beside, whose rows have a key.
    """
    parts = Assignment.objects.parts_for_hands_of(actor)
    every = range(len(parts))
    to_do = Q(waiting=False)
    counted: dict[str, tuple[Iterable[int], Q]] = {
        "all": (every, to_do),
        "intake": (every, to_do & Q(kind="intake")),
        "review": (every, to_do & Q(kind="review")),
        "decision": (every, to_do & Q(kind="decision")),
        "green": (every, to_do & Q(priority=Priority.GREEN)),
        "waiting": (every, Q(waiting=True)),
    }
    if apart:
        whose = [assignee for assignee, _work in parts]
        counted |= {
            "late": (every, to_do & Q(due_at__lt=at)),
            "mine": ([n for n in every if whose[n] is not None and whose[n] == actor.user_id], to_do),
            "free": ([n for n in every if whose[n] is None], to_do),
        }
    others = dict(also or {})
    counted |= {name: ([len(parts) + place], Q(pk__isnull=False)) for place, name in enumerate(others)}
    return count_up_to(COUNTED_TO, [*(work for _assignee, work in parts), *others.values()], counted)


def challenges_of(case: Case, actor: Actor) -> list[Challenge]:
    """The reviews and lawsuits about what was decided in a case, first filed first."""
    found = Challenge.objects.visible_to(actor).filter(case=case)
    return list(found.select_related("noted_by__person"))


def challenged(actor: Actor) -> dict[str, dict[str, int]]:
    """How many decisions one may see went before another authority: by kind, open ones and each outcome."""
    rows = Challenge.objects.visible_to(actor).order_by("kind", "upshot").values_list("kind", "upshot")
    counted: dict[str, dict[str, int]] = {}
    for kind, upshot, count in rows.annotate(count=Count("pk")):
        counted.setdefault(kind, {})[upshot or "open"] = count
    return counted


LISTED = 1001
"""As many of one's own latest acts as a list can be leafed through, and one more."""


def done_by(actor: Actor) -> QuerySet[Assignment]:
    """The work this actor has done, latest first by ``acted_at``: to its end or, where two examine, first.

    Each of the two ways is read from its own index, and no further than a list goes.
    """
    who = actor.user_id
    done = Assignment.objects.filter(status=AssignmentStatus.DONE, done_by=who).order_by("-done_at")
    first = Assignment.objects.filter(first_by=who, status__in=(AssignmentStatus.OPEN, AssignmentStatus.DONE))
    latest = done.values("pk")[:LISTED].union(first.order_by("-first_at").values("pk")[:LISTED], all=True)
    return (
        Assignment.objects.filter(pk__in=latest)
        .annotate(acted_at=Choose(When(first_by=who, then=F("first_at")), default=F("done_at")))
        .select_related("case__applicant", "case__version")
        .defer("case__version__definition", "case__version__files")
        .order_by("-acted_at")
    )
