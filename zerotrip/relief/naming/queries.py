"""Reads over who is named for which enterprise, and whether they can still be reached."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from zerotrip.cases.actions import targets
from zerotrip.cases.models import Case
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import offered
from zerotrip.duties.models import Obligation
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import HANDS, Membership, MembershipKind, Party, PartyKind
from zerotrip.parties.queries import seats_in_force, seats_over
from zerotrip.relief.naming.access import may_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from zerotrip.parties.access import Actor

WORDS = ("answer", "plan", "report", "resolve")
"""What is said to a firm of its needs, by the step it is said in."""


def named_for(party: UUID, *, subject: str, at: datetime) -> list[UUID]:
    """The accounts of those named for an enterprise: for the subject, then for all subjects."""
    rows = Membership.objects.in_force(at).filter(
        kind=MembershipKind.HELPER, organisation=party, subject__in=(subject, "")
    )
    return list(rows.order_by("-subject").values_list("person__account", flat=True))


def people_named(firms: Collection[UUID], *, subject: str = "", at: datetime) -> dict[UUID, UUID]:
    """The person named for each of these enterprises: for the subject, else for all of them. One query."""
    rows = Membership.objects.named().filter(organisation__in=list(firms), subject__in=(subject, ""))
    return dict(rows.in_force(at).order_by("subject").values_list("organisation", "person"))


def subjects() -> dict[str, str]:
    """What needs can be about, by slug, as it is called."""
    return {slug: str(spec.name) for slug, spec in offered().items() if spec.need is not None}


@dataclass(frozen=True)
class Named:
    """Somebody named for an enterprise, as lists show them."""

    membership: Membership
    subject: str
    """What they help with, in words."""
    office: Party | None
    """Where they help from; None: they have no seat over the enterprise any more."""
    away: bool = False
    """Absent, with nobody standing in."""

    @property
    def trouble(self) -> str:
        """Why routing passes them over, and what to do; nothing while they can be reached."""
        if self.office is None:
            return _("已离岗，请另派")
        return _("外出无人代班，请另派") if self.away else ""


def helpers_of(party: Party, *, at: datetime) -> list[Named]:
    """Who is named for an enterprise now: for all subjects first."""
    rows = Membership.objects.named().filter(organisation=party).select_related("person__account")
    return _told(sorted(rows, key=lambda row: row.subject), party.area_path, at=at)


def _told(rows: Collection[Membership], area_path: str, *, at: datetime) -> list[Named]:
    if not rows:
        return []
    people = {row.person_id for row in rows}
    seats = [seat for seat in seats_over(HANDS, area_path=area_path, at=at) if seat.person_id in people]
    there = {seat.person_id for seat in targets.reachable(seats, at=at)}
    offices = {seat.person_id: seat.organisation for seat in reversed(seats)}
    called = subjects()
    return [
        Named(
            membership=row,
            subject=called.get(row.subject, row.subject) if row.subject else _("全部诉求"),
            office=offices.get(row.person_id),
            away=row.person_id not in there,
        )
        for row in rows
    ]


PAST = 8
"""Former helpers the record names."""


def former_of(party: Party) -> list[Membership]:
    """Who was named for an enterprise before, latest first."""
    ended = Q(during__upper_inf=False, during__isempty=False)
    rows = Membership.objects.filter(ended, organisation=party, kind=MembershipKind.HELPER)
    return list(rows.select_related("person").order_by("-during__endswith", "pk")[:PAST])


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """Who is named for an enterprise, on its record: for its own people, and for staff over its area."""
    own = party.pk in actor.acts_for
    called = {} if own else subjects()
    former = [] if own else former_of(party)
    return {
        "named": helpers_of(party, at=at),
        "former": [(row, called.get(row.subject, row.subject) if row.subject else "") for row in former],
        "own": own,
        "may_name": not own and may_name(actor, party),
    }


def candidates_over(area_path: str, *, at: datetime) -> list[tuple[UUID, str, list[Party]]]:
    """Who could be named for an enterprise that lies here, by name: account, name, offices. Each once."""
    return _people(seats_over(HANDS, area_path=area_path, at=at))


def candidates_in(area_paths: Collection[str], *, at: datetime) -> list[tuple[UUID, str, list[Party]]]:
    """Who could be named for enterprises in these areas, for some of them at least; likewise."""
    near = [
        seat
        for seat in seats_in_force(at=at)
        if seat.role in HANDS
        and seat.person.account.is_active
        and any(seat.area_path.startswith(path) or path.startswith(seat.area_path) for path in area_paths)
    ]
    return _people(near)


def _people(seats: Iterable[Membership]) -> list[tuple[UUID, str, list[Party]]]:
    found: dict[UUID, tuple[str, list[Party]]] = {}
    for seat in seats:
        _name, offices = found.setdefault(seat.person.account.pk, (seat.person.name, []))
        if seat.organisation not in offices:
            offices.append(seat.organisation)
    return sorted(((key, name, offices) for key, (name, offices) in found.items()), key=lambda one: one[1])


def count_named(person: UUID) -> int:
    """For how many enterprises and subjects somebody is named."""
    return Membership.objects.named().filter(person=person, organisation__ended_at=None).count()


def own_firms(actor: Actor) -> QuerySet[Party]:
    """The enterprises one is named for, as far as one's seats let one see them: those with something open first."""
    mine = Membership.objects.named().filter(person=actor.person_id).values("organisation")
    seen = Party.objects.visible_to(actor).live().filter(kind=PartyKind.ENTERPRISE)
    waiting = _needs(actor).filter(applicant=OuterRef("pk"), closed_at=None)
    return seen.filter(pk__in=mine).order_by(Exists(waiting).desc(), "name", "pk")


def lost_firms(actor: Actor) -> int:
    """For how many one is named that one's seats do not reach any more."""
    mine = Membership.objects.named().filter(person=actor.person_id, organisation__ended_at=None)
    return mine.exclude(organisation__in=own_firms(actor).order_by().values("pk")).count()


@dataclass(frozen=True)
class Helped:
    """One of the enterprises somebody is named for: what is open, what it owes, what was said last."""

    party: Party
    subjects: list[str]
    open: int = 0
    late: int = 0
    next_due: datetime | None = None
    owed: list[Obligation] | None = None
    last: Entry | None = None
    last_case: Case | None = None


def helped_rows(firms: Collection[Party], actor: Actor, *, at: datetime) -> list[Helped]:
    """The rows of these enterprises, in a handful of queries however many they are."""
    keys = [firm.pk for firm in firms]
    if not keys:
        return []
    mine = Membership.objects.named().filter(person=actor.person_id, organisation__in=keys).order_by("subject")
    named: dict[UUID, list[str]] = {}
    called = subjects()
    for firm, subject in mine.values_list("organisation", "subject"):
        named.setdefault(firm, []).append(called.get(subject, subject) if subject else _("全部诉求"))
    cases = _latest(keys, actor)
    still, late, due = _open(keys, actor, at=at)
    owed = _owed(keys, actor)
    said = _said([case.pk for case in cases.values()])
    return [
        Helped(
            party=firm,
            subjects=named.get(firm.pk, []),
            open=still[firm.pk],
            late=late[firm.pk],
            next_due=due.get(firm.pk),
            owed=owed.get(firm.pk, []),
            last=said.get(cases[firm.pk].pk) if firm.pk in cases else None,
            last_case=cases.get(firm.pk),
        )
        for firm in firms
    ]


def _needs(actor: Actor) -> QuerySet[Case]:
    return Case.objects.visible_to(actor).filter(need__isnull=False, submitted_at__isnull=False)


def _open(
    keys: Collection[UUID], actor: Actor, *, at: datetime
) -> tuple[Counter[UUID], Counter[UUID], dict[UUID, datetime]]:
    """How many needs of each are open, how many of these are late, and when the next is due."""
    still: Counter[UUID] = Counter()
    late: Counter[UUID] = Counter()
    due: dict[UUID, datetime] = {}
    rows = _needs(actor).filter(applicant__in=keys, closed_at=None).order_by()
    for firm, status, until in rows.values_list("applicant", "status", "due_at"):
        still[firm] += 1
        if until is None:
            continue
        late[firm] += status == Status.HELPING and until < at
        due[firm] = min(until, due.get(firm, until))
    return still, late, due


def _latest(keys: Collection[UUID], actor: Actor) -> dict[UUID, Case]:
    """The latest need of each."""
    rows = _needs(actor).filter(applicant__in=keys).order_by("applicant", "-submitted_at", "-pk")
    rows = rows.distinct("applicant").select_related("version").defer("version__definition", "version__files")
    return {case.applicant_id: case for case in rows}


def _owed(keys: Collection[UUID], actor: Actor) -> dict[UUID, list[Obligation]]:
    found: dict[UUID, list[Obligation]] = {}
    rows = Obligation.objects.visible_to(actor).due().filter(owner__in=keys)
    for one in rows.order_by("due_at", "pk"):
        found.setdefault(one.owner_id, []).append(one)
    return found


def _said(cases: Collection[UUID]) -> dict[UUID, Entry]:
    """What was said last of each of these needs."""
    rows = Entry.objects.filter(subject__in=cases, action__in=WORDS).exclude(reason="")
    return {entry.subject: entry for entry in rows.order_by("subject", "seq")}
