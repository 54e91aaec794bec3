"""Reads over the doors of sites: what a site owes, who came by the hour, where somebody was, who was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import ExtractHour

from zerotrip.duties.models import Due, Subject
from zerotrip.prevention.models import Outcome, Person, Site, VenueScan
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import VenueScanQuerySet


def owed_on(site_id: UUID, day: date) -> list[Due]:
    """What a site owes on a day, with its windows, the earliest first; what it is excused from is left out."""
    return list(
        Due.objects.filter(day=day, subject=site_id, window__subject=Subject.SITE)
        .filter(Q(released_at=None) | Q(kept_at__isnull=False))
        .select_related("window__requirement")
        .order_by("window__starts", "window__requirement__slug")
    )


def day_of(day: date) -> tuple[datetime, datetime]:
    """The beginning of a day in China, and of the next."""
    first = datetime.combine(day, time(), tzinfo=CHINA)
    return first, first + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many came, and how many of them were turned away."""

    key: UUID | int
    came: int
    checked: int
    away: int


_COUNTS = {
    "came": Count("pk", filter=~Q(outcome=Outcome.AWAY)),
    "checked": Count("pk", filter=~Q(outcome=Outcome.ENTERED)),
    "away": Count("pk", filter=Q(outcome=Outcome.AWAY)),
}


def by_hour(rows: VenueScanQuerySet) -> list[Counted]:
    """The counts of each hour in which somebody came."""
    found = (
        rows.order_by()
        .annotate(hour=ExtractHour("at", tzinfo=CHINA))
        .values("hour")
        .annotate(**_COUNTS)
        .order_by("hour")
        .values_list("hour", "came", "checked", "away")
    )
    return [Counted(*row) for row in found]


def by_site(rows: VenueScanQuerySet, sites: Iterable[UUID]) -> dict[UUID, Counted]:
    """The counts of some sites."""
    found = rows.order_by().filter(site__in=list(sites)).values_list("site").annotate(**_COUNTS)
    return {row[0]: Counted(*row) for row in found}


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who was at a site: known only by a digest, unless a roster knows it."""

    first: datetime
    last: datetime
    times: int
    person: Person | None


def were_there(site: Site, first: datetime, after: datetime, *, by: Actor, most: int) -> tuple[list[Present], int]:
    """Who was let in at a site in a time, and how many came without saying who they are.

    Each person once; those on rosters of the actor's area with who they are.
    """
    rows = VenueScan.objects.visible_to(by).filter(site=site).between(first, after).let_in().order_by()
    unnamed = rows.filter(person=None).count()
    found = (
        rows.exclude(person=None)
        .values("person")
        .annotate(first=Min("at"), last=Max("at"), times=Count("pk"))
        .order_by("first")[:most]
    )
    seen = [(bytes(row["person"] or b""), row["first"], row["last"], row["times"]) for row in found]
    known = _on_rosters([digest for digest, *_rest in seen], by=by)
    return [Present(first, last, times, known.get(digest)) for digest, first, last, times in seen], unnamed


def _on_rosters(digests: Sequence[bytes], *, by: Actor) -> dict[bytes, Person]:
    """The people of the actor's area who have these digests of an identity number or a document."""
    people = Person.objects.visible_to(by)
    found: dict[bytes, Person] = {}
    for person in people.filter(Q(ric_digest__in=digests) | Q(document_digest__in=digests)):
        for digest in (person.ric_digest, person.document_digest):
            if digest is not None:
                found[bytes(digest)] = person
    return found


def where_was(digests: Sequence[bytes], first: datetime, after: datetime, *, by: Actor) -> list[VenueScan]:
    """The doors in the actor's area somebody came to in a time, in the order they came."""
    rows = VenueScan.objects.visible_to(by).filter(person__in=list(digests)).between(first, after)
    return list(rows.select_related("site__kind").order_by("at", "pk"))
