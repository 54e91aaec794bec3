"""Reads over what is owed: who has not answered, and what the others said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from zerotrip import questions
from zerotrip.duties import editions
from zerotrip.duties.models import ORDERED, Kind, Obligation, Record, RecordFile, Requirement, Status
from zerotrip.errors import NotFound
from zerotrip.parties.models import HANDS, Role
from zerotrip.questions import kinds
from zerotrip.questions.fields import Kind as Asks
from zerotrip.questions.form import Field, Form

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.duties.models import ObligationQuerySet, RequirementQuerySet
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

IN_A_BLOCK = 12


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """What an enterprise owes, on its record, what is due first at the top, as far as ``actor`` may see it."""
    owed = Obligation.objects.visible_to(actor).filter(owner=party).due()
    found = list(owed.order_by("due_at")[:IN_A_BLOCK])
    return {"owed": found} if found else None


def form_of(requirement: Requirement) -> Form | None:
    """The form an answer fills in; None where its word is all. Parsed once a process: it never changes."""
    if requirement.form is None:
        return None
    form = _forms.get(requirement.pk)
    if form is None:
        form = questions.parse(requirement.form)
        if len(_forms) >= MOST_FORMS:
            _forms.clear()
        _forms[requirement.pk] = form
    return form


MOST_FORMS = 500
_forms: dict[UUID, Form] = {}


def load_order(key: UUID, actor: Actor) -> Requirement:
    """An order as far as ``actor`` may see it, with its issuer. Raises NotFound."""
    found = Requirement.objects.visible_to(actor).select_related("issuer", "issued_by__person", "part_of")
    order = found.filter(pk=key).first()
    if order is None:
        raise NotFound("没有找到这件交办事项。")
    return order


def load_owed(key: UUID, actor: Actor) -> Obligation:
    """What somebody owes under an order, with who and what it is about. Raises NotFound."""
    found = Obligation.objects.visible_to(actor).filter(kind__in=ORDERED)
    owed = found.select_related(
        "requirement__issuer", "requirement__part_of", "owner", "watcher", "about", "part_of"
    ).filter(pk=key)
    if (one := owed.first()) is None:
        raise NotFound("没有找到这项任务。")
    return one


ASKED = (Kind.TASK, Kind.REPORT, Kind.RECEIPT)
"""What is asked by a directive or by itself and answered on its own page; visits have theirs."""


def asked_of_firms(actor: Actor) -> ObligationQuerySet:
    """What offices asked of the enterprises this person acts for."""
    return Obligation.objects.filter(owner__in=actor.represents, kind__in=ASKED)


def asked_at_desk(actor: Actor) -> ObligationQuerySet:
    """What was asked of this person and of their offices; what is asked of enterprises waits at the portal."""
    mine = Q(owner=actor.person_id)
    for seat in actor.seats_as(*HANDS):
        mine |= Q(owner=seat.department_id, area_path__startswith=seat.area_path)
    return Obligation.objects.filter(mine, kind__in=ASKED)


def orders_of(actor: Actor) -> RequirementQuerySet:
    """Directives, and what was asked by itself, from the offices of this person; latest first."""
    own = Q(pk__in=[])
    for seat in actor.seats:
        own |= Q(issuer=seat.department_id, area_path__startswith=seat.area_path)
    return _topmost(Requirement.objects.filter(own))


def supervised(actor: Actor) -> RequirementQuerySet:
    """All directives of the area this person supervises, and what was asked there by itself; latest first."""
    seen = Q(pk__in=[])
    for seat in actor.seats_as(Role.SUPERVISOR):
        seen |= Q(area_path__startswith=seat.area_path, issuer__isnull=False)
    return _topmost(Requirement.objects.filter(seen))


def _topmost(orders: RequirementQuerySet) -> RequirementQuerySet:
    found = orders.filter(part_of=None, kind__in=(Kind.DIRECTIVE, *ASKED))
    return found.select_related("issuer", "issued_by__person").order_by("-issued_at", "pk")


def with_late(orders: RequirementQuerySet, *, at: datetime) -> RequirementQuerySet:
    """Those of these under which somebody is late now."""
    late = Obligation.objects.due().filter(subject=OuterRef("pk"), due_at__lt=at, kind__in=ORDERED)
    return orders.filter(Exists(late))


@dataclass(frozen=True)
class Progress:
    """How far an order has come: of how many it was asked, and what has come of it."""

    asked: int = 0
    answered: int = 0
    """In time or late, looked at or not."""
    to_check: int = 0
    late: int = 0
    """Silent, and their time is over."""

    @property
    def silent(self) -> int:
        """How many have said nothing yet."""
        return self.asked - self.answered

    @property
    def share(self) -> int:
        """Answered of asked, in whole per cent, never rounded up to all."""
        return self.answered * 100 // self.asked if self.asked else 0

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.asked + other.asked,
            self.answered + other.answered,
            self.to_check + other.to_check,
            self.late + other.late,
        )


def progress_of(
    orders: Iterable[UUID], *, at: datetime, actor: Actor | None = None, whole: bool = False
) -> dict[UUID, Progress]:
    """How far each of these orders has come, in one query; what was passed on counts with whoever passed it on.

    With ``actor`` only what they may see is counted; with ``whole`` directives count all of their parts.
    """
    owed = Obligation.objects.visible_to(actor) if actor is not None else Obligation.objects.all()
    by = "subject" if whole else "requirement"
    rows = (
        owed.filter(**{f"{by}__in": list(orders)}, kind__in=ORDERED, part_of=None)
        .exclude(status=Status.DROPPED)
        .order_by()
        .values(by)
        .annotate(**_counted(at))
    )
    return {row[by]: _progress(row) for row in rows}


def progress_below(obligations: Iterable[UUID], *, at: datetime) -> dict[UUID, Progress]:
    """How far what was passed on of each of these has come, in one query."""
    rows = (
        Obligation.objects.filter(part_of__in=list(obligations))
        .exclude(status=Status.DROPPED)
        .order_by()
        .values("part_of")
        .annotate(**_counted(at))
    )
    return {row["part_of"]: _progress(row) for row in rows if row["part_of"]}


def _progress(row: Mapping[str, Any]) -> Progress:
    return Progress(row["asked"], row["answered"], row["to_check"], row["late"])


def _counted(at: datetime) -> dict[str, Count]:
    return {
        "asked": Count("pk"),
        "answered": Count("pk", filter=~Q(status=Status.OPEN)),
        "to_check": Count("pk", filter=Q(status=Status.HANDED_IN)),
        "late": Count("pk", filter=Q(status=Status.OPEN, due_at__lt=at)),
    }


def last_answers(obligations: Iterable[UUID]) -> dict[UUID, Record]:
    """The latest answer to each of these, in one query. What was returned since is among them."""
    rows = (
        Record.objects.filter(obligation__in=list(obligations), what__in=("handed_in", "kept"))
        .filter(details__has_key="answers")
        .order_by("obligation_id", "-at", "-pk")
        .distinct("obligation_id")
        .select_related("by__person")
        .prefetch_related(with_files())
    )
    return {row.obligation_id: row for row in rows}


def with_files() -> Prefetch[Any]:
    """What came with records, in one query beside theirs."""
    return Prefetch("files", RecordFile.objects.select_related("blob"))


@dataclass(frozen=True)
class Gathered:
    """What several said to one question: a sum, how many chose what, or each in their own words."""

    field: Field
    answered: int
    total: Decimal | None = None
    """Of numbers and amounts."""
    chosen: Sequence[tuple[str, int]] = ()
    """Each choice with how many took it, in the order of the form."""
    said: Sequence[tuple[UUID, str]] = ()
    """Whose words: the obligation, and what was written."""


def gathered(form: Form, records: Mapping[UUID, Record]) -> list[Gathered]:
    """The answers to an order question by question: numbers added up, choices counted, words one below another."""
    return [_gather(item, records) for item in form.fields.values()]


def _gather(item: Field, records: Mapping[UUID, Record]) -> Gathered:
    values = [(key, record.answers[item.id]) for key, record in records.items() if item.id in record.answers]
    if item.kind in (Asks.NUMBER, Asks.MONEY):
        total = sum((Decimal(str(value)) for _key, value in values), Decimal(0))
        return Gathered(item, len(values), total=total)
    if item.kind is Asks.YES_NO:
        yes = sum(value is True for _key, value in values)
        return Gathered(item, len(values), chosen=[("yes", yes), ("no", len(values) - yes)])
    if item.kind in (Asks.CHOICE, Asks.MULTI_CHOICE):
        taken = [one for _key, value in values for one in (value if isinstance(value, list) else [value])]
        chosen = [(str(choice.label), taken.count(choice.value)) for choice in item.spec.choices]
        return Gathered(item, len(values), chosen=chosen)
    return Gathered(item, len(values), said=[(key, display(item, value)) for key, value in values])


def display(item: Field, value: Any) -> str:
    """An answer as a line of text; the rows of a group one after the other."""
    if item.kind is not Asks.GROUP:
        return kinds.display(item.spec, value)
    rows = value if isinstance(value, list) else []
    told = ("，".join(filter(None, (display(part, row.get(part.id)) for part in item.fields))) for row in rows)
    return "；".join(told)


def totals(form: Form, records: Mapping[UUID, Record]) -> dict[str, str]:
    """The sums of the numbers several answered, as an answer of one who brings them together begins with."""
    return {
        one.field.id: format(one.total, "f")
        for one in gathered(form, records)
        if one.total is not None and one.answered
    }


def checklists(kind: Kind | None = None) -> list[Requirement]:
    """The forms the packs declare for this kind of order now, by name."""
    declared = editions.standing("checklist")
    found = declared.filter(kind=kind) if kind else declared
    return sorted(found, key=lambda one: (str(one.name["zh"]), one.slug))
