"""Reads over visits: mine by day, those of a firm, how a round stands, warnings with their figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Need
from zerotrip.catalogue.spec import StageKind
from zerotrip.criteria import Faults, Truth
from zerotrip.duties.models import Kind, Obligation, ObligationQuerySet, Record, Requirement, Status
from zerotrip.duties.queries import display, form_of, last_answers
from zerotrip.duties.rules import issuing_seats
from zerotrip.errors import NotFound
from zerotrip.facts.queries import day_of, known_of, vocabulary
from zerotrip.parties.models import HANDS, Area, AreaLevel, Party
from zerotrip.questions.fields import Kind as Asks
from zerotrip.relief.visits.declared import spec_of
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.facts.worth import Known
    from zerotrip.parties.access import Actor

IN_A_BLOCK, DONE_SHOWN = 8, 20
SHORT = 80
"""Characters of a note in a list."""
SHOWN = ("about", "owner", "requirement", "watcher")


def _own(actor: Actor) -> Q:
    """What one owes oneself, and what one's offices owe."""
    offices = {seat.department_id for seat in actor.seats_as(*HANDS)}
    return Q(owner__in=[*offices, *([actor.person_id] if actor.person_id else [])])


def own(actor: Actor, kind: Kind) -> ObligationQuerySet:
    """The visits, or the warnings, of oneself and one's offices."""
    return Obligation.objects.visible_to(actor).filter(_own(actor), kind=kind)


@dataclass(frozen=True)
class Visit:
    """A visit as lists show it."""

    obligation: Obligation
    last: datetime | None = None
    """When somebody last went to the firm."""
    tries: int = 0
    note: str = ""
    needs: int = 0

    @property
    def checklist(self) -> Any:
        """The name of the form, in both languages."""
        return self.obligation.requirement.population.get("checklist", {}).get("name", "")


@dataclass(frozen=True)
class Mine:
    """One's visits by when they are due."""

    late: list[Visit]
    today: list[Visit]
    week: list[Visit]
    later: list[Visit]
    done: list[Visit]

    @property
    def open(self) -> int:
        """How many wait."""
        return len(self.late) + len(self.today) + len(self.week) + len(self.later)


def my_visits(actor: Actor, *, at: datetime) -> Mine:
    """One's open visits by day, and the last that are done. Four queries, however many."""
    rows = own(actor, Kind.VISIT).select_related(*SHOWN)
    waiting = list(rows.due().order_by("due_at", "area_path", "pk")[:500])
    done = list(rows.filter(status=Status.KEPT).order_by("-ended_at", "pk")[:DONE_SHOWN])
    told = {visit.obligation.pk: visit for visit in shown_visits([*waiting, *done], actor)}
    today = day_of(at)
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Visit]] = defaultdict(list)
    for one in waiting:
        day = one.due_at.astimezone(CHINA).date()
        name = "late" if one.due_at < at else "today" if day == today else "week" if day <= sunday else "later"
        groups[name].append(told[one.pk])
    return Mine(groups["late"], groups["today"], groups["week"], groups["later"], [told[one.pk] for one in done])


def shown_visits(rows: Collection[Obligation], actor: Actor) -> list[Visit]:
    """Visits with what lists say of them: the last one before, the tries, the note, the needs, as far as ``actor``
    may see those. Four queries."""
    keys = [row.pk for row in rows]
    firms = {row.about_id for row in rows if row.about_id}
    last = last_visits(firms, actor)
    tries = tries_of(keys)
    notes = notes_of([row for row in rows if row.status != Status.OPEN])
    needs = needs_counted(keys, actor)
    return [
        Visit(
            row,
            last.get(row.about_id) if row.about_id else None,
            tries[row.pk],
            notes.get(row.pk, ""),
            needs[row.pk],
        )
        for row in rows
    ]


def last_visits(firms: Collection[UUID], actor: Actor) -> dict[UUID, datetime]:
    """When somebody last went to each of these firms, of the visits ``actor`` may see. One query."""
    seen = Obligation.objects.visible_to(actor)
    rows = seen.filter(kind=Kind.VISIT, status=Status.KEPT, about__in=list(firms)).order_by()
    return dict(rows.values_list("about").annotate(last=Max("ended_at")))


def tries_of(keys: Collection[UUID]) -> Counter[UUID]:
    """How often each was tried in vain. One query."""
    rows = Record.objects.filter(obligation__in=list(keys), what="tried").order_by()
    return Counter(dict(rows.values_list("obligation").annotate(n=Count("pk"))))


def needs_counted(keys: Collection[UUID], actor: Actor) -> Counter[UUID]:
    """How many needs ``actor`` may see came out of each visit. One query."""
    rows = Need.objects.visible_to(actor).filter(source="visit", source_id__in=list(keys)).order_by()
    return Counter(dict(rows.values_list("source_id").annotate(n=Count("pk"))))


def notes_of(rows: Iterable[Obligation]) -> dict[UUID, str]:
    """The first words of what was written down of each visit. One query."""
    by_key = {row.pk: row for row in rows}
    found = {}
    for key, record in last_answers(by_key).items() if by_key else ():
        form = form_of(by_key[key].requirement)
        told = [
            display(item, record.answers[item.id])
            for item in (form.fields.values() if form else ())
            if item.kind is Asks.LONG_TEXT and record.answers.get(item.id)
        ]
        text = " ".join((told[0] if told else record.note).split())
        found[key] = f"{text[:SHORT]}…" if len(text) > SHORT else text
    return found


def load_visit(key: UUID, actor: Actor) -> Obligation:
    """A visit as far as ``actor`` may see it. Raises NotFound."""
    return _load(key, Kind.VISIT, actor)


def load_warning(key: UUID, actor: Actor) -> Obligation:
    """A warning as far as ``actor`` may see it. Raises NotFound."""
    return _load(key, Kind.WARNING, actor)


def _load(key: UUID, kind: Kind, actor: Actor) -> Obligation:
    rows = Obligation.objects.visible_to(actor).filter(kind=kind, about__isnull=False)
    found = rows.select_related(*SHOWN, "requirement__issuer", "requirement__issued_by__person").filter(pk=key)
    if (one := found.first()) is None:
        raise NotFound("没有找到这次走访。" if kind is Kind.VISIT else "没有找到这条预警。")
    return one


@dataclass(frozen=True)
class Raised:
    """A need that came out of a visit."""

    case: Case
    opens: bool
    """Whether the reader may open it."""
    who: str = ""
    """Who helps with it now: a person, else the office."""


def needs_of(keys: Collection[UUID], actor: Actor) -> list[Raised]:
    """The needs that came out of visits, with who has each: whoever sees the visit knows of them. Three queries."""
    rows = Case.objects.filter(need__source="visit", need__source_id__in=list(keys))
    cases = list(rows.select_related("version").defer("version__definition", "version__files").order_by("number"))
    found = [case.pk for case in cases]
    if not found:
        return []
    seen = set(Case.objects.visible_to(actor).filter(pk__in=found).values_list("pk", flat=True))
    work = Assignment.objects.filter(case__in=found, kind=StageKind.HELP.value, status=AssignmentStatus.OPEN)
    helping = {
        one.case_id: one.assignee.person.name if one.assignee else one.department.name
        for one in work.select_related("assignee__person", "department").order_by("-opened_at", "-stage")
    }
    return [Raised(case, case.pk in seen, helping.get(case.pk, "")) for case in cases]


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """The visits of an enterprise on its record, latest first, as far as ``actor`` may see them."""
    rows = Obligation.objects.visible_to(actor).filter(about=party, kind__in=(Kind.VISIT, Kind.WARNING))
    rows = rows.exclude(status=Status.DROPPED).select_related(*SHOWN).order_by("-opened_at", "pk")
    found = list(rows[: IN_A_BLOCK + 1])
    may_plan = bool(issuing_seats(Kind.VISIT, actor))
    if not found and not may_plan:
        return None
    visits = [row for row in found[:IN_A_BLOCK] if row.kind == Kind.VISIT]
    warnings = [Warned(row) for row in found if row.kind == Kind.WARNING]
    return {
        "visits": shown_visits(visits, actor),
        "warnings": [one for one in warnings if one.stands or one.turned_at],
        "more": len(found) > IN_A_BLOCK,
        "may_plan": may_plan,
    }


def rounds(actor: Actor) -> QuerySet[Requirement]:
    """The rounds one may see, latest first; visits planned one by one are none."""
    seen = Requirement.objects.visible_to(actor).filter(kind=Kind.VISIT).exclude(population__has_key="single")
    return seen.select_related("issuer", "part_of").order_by("-issued_at", "pk")


@dataclass
class Line:
    """How far a person, or a street, has come."""

    name: str
    asked: int = 0
    done: int = 0
    late: int = 0
    unreached: int = 0
    """Tried in vain, and still open."""

    def add(self, visit: Visit, *, at: datetime) -> None:
        """One more visit."""
        row = visit.obligation
        self.asked += 1
        self.done += row.status != Status.OPEN
        self.late += row.is_late(at)
        self.unreached += row.status == Status.OPEN and visit.tries > 0


@dataclass(frozen=True)
class Board:
    """How a round stands, with all its visits: the late first, then by day."""

    total: Line
    people: list[Line]
    streets: list[Line]
    visits: list[Visit]
    withdrawn: int = 0
    needs: int = 0
    answers: Mapping[UUID, Record] = field(default_factory=dict)


def board_of(order: Requirement, actor: Actor, *, at: datetime) -> Board:
    """A round, as far as ``actor`` may see its visits. A handful of queries, however many firms."""
    rows = list(
        Obligation.objects.visible_to(actor)
        .filter(requirement=order)
        .select_related(*SHOWN)
        .order_by("due_at", "area_path", "pk")
    )
    live = [row for row in rows if row.status != Status.DROPPED]
    for row in live:
        row.requirement = order
    visits = shown_visits(live, actor)
    total, people, streets = Line(""), dict[UUID, Line](), dict[str, Line]()
    called = _street_names(live)
    for visit in visits:
        row = visit.obligation
        street = street_of(row.area_path)
        total.add(visit, at=at)
        people.setdefault(row.owner_id, Line(row.owner.name)).add(visit, at=at)
        streets.setdefault(street, Line(called.get(street, ""))).add(visit, at=at)
    visits.sort(key=lambda visit: _first(visit.obligation, at))
    return Board(
        total,
        sorted(people.values(), key=lambda line: (-line.late, line.name)),
        [streets[path] for path in sorted(streets)],
        visits,
        withdrawn=len(rows) - len(live),
        needs=sum(visit.needs for visit in visits),
        answers=last_answers([row.pk for row in live if row.status != Status.OPEN]),
    )


def _first(row: Obligation, at: datetime) -> tuple[int, datetime, str]:
    order = 0 if row.is_late(at) else 1 if row.status == Status.OPEN else 2
    return order, row.due_at, row.area_path


def street_of(area_path: str) -> str:
    """The subdistrict an area lies in, by its path; of something wider itself."""
    return "/".join(area_path.split("/")[:4]) + "/" if area_path.count("/") > 4 else area_path


def _street_names(rows: Iterable[Obligation]) -> dict[str, str]:
    paths = {street_of(row.area_path) for row in rows}
    areas = Area.objects.filter(path__in=paths).exclude(level=AreaLevel.CITY)
    return {area.path: _called(area) for area in areas}


def _called(area: Area) -> str:
    from django.utils.translation import get_language

    english = (get_language() or "").startswith("en")
    return (area.name_en if english else "") or area.name


def now_of(warning: Obligation, *, at: datetime) -> Known:
    """What counts of the firm of a warning now."""
    if warning.about_id is None:
        raise AssertionError("a warning is about a firm")
    return known_of(Party.objects.get(pk=warning.about_id), at=at)


def recovered(warning: Obligation, now: Known, *, at: datetime) -> bool:
    """Whether the figures do not warn any more. Unknown is not well."""
    try:
        rule = vocabulary().rule(spec_of(warning.requirement).when)
    except Faults:
        return False
    return rule.explain(now.facts(day_of(at))).truth is Truth.NO


@dataclass(frozen=True)
class Warned:
    """A warning as lists show it: it stands while its rule holds, and then says how the figures turned."""

    obligation: Obligation

    @property
    def stands(self) -> bool:
        """Whether it was not dismissed, followed by a newer one, or closed."""
        return self.obligation.status in (Status.OPEN, Status.HANDED_IN)

    @property
    def followed(self) -> bool:
        """Whether somebody decided to go: the firm is followed until the figures turn."""
        return self.obligation.status == Status.HANDED_IN

    @property
    def turned_at(self) -> datetime | None:
        """When the figures had turned."""
        told = self.obligation.context.get("turned")
        return datetime.fromisoformat(told["at"]) if told else None

    @property
    def figures(self) -> dict[str, str]:
        """From what to what they turned, in both languages."""
        told = self.obligation.context.get("turned")
        return dict(told["said"]) if told else {}


def followed_warnings(actor: Actor) -> list[Warned]:
    """The firms one follows since a warning, the longest first."""
    rows = own(actor, Kind.WARNING).filter(status=Status.HANDED_IN).select_related(*SHOWN)
    return [Warned(row) for row in rows.order_by("opened_at", "pk")[:50]]


def warning_of(need: Need, actor: Actor) -> Warned | None:
    """The warning upon which somebody went and heard of a need, as far as ``actor`` may see it. Two queries."""
    if need.source != "visit":
        return None
    asked = Requirement.objects.filter(obligations=need.source_id).values_list("population", flat=True).first()
    key = (asked or {}).get("warning")
    rows = Obligation.objects.visible_to(actor).filter(kind=Kind.WARNING)
    found = rows.select_related(*SHOWN).filter(pk=key).first() if key else None
    return Warned(found) if found is not None else None


def open_warnings(actor: Actor) -> list[Obligation]:
    """The warnings one has to decide on, due first."""
    return list(own(actor, Kind.WARNING).due().select_related(*SHOWN).order_by("due_at", "pk")[:50])


def followed(warning: Obligation, actor: Actor) -> list[Visit]:
    """The visits of the firm since a warning, as far as ``actor`` may see them: followed until the figures turn."""
    rows = Obligation.objects.visible_to(actor).filter(kind=Kind.VISIT, about=warning.about_id)
    rows = rows.filter(opened_at__gte=warning.opened_at).exclude(status=Status.DROPPED)
    return shown_visits(list(rows.select_related(*SHOWN).order_by("opened_at", "pk")[:20]), actor)
