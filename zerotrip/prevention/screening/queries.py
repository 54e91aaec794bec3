"""Reads over tubes: the figures of a day, points, who is in a tube, what is known of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from zerotrip.prevention.models import Box, Finding, Mishap, Retest, Sample, Site, Tube
from zerotrip.prevention.screening.rules import POINT
from zerotrip.prevention.screening.spec import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.duties.models import Window
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models.screening import MishapQuerySet, SampleQuerySet

LONGEST = 60
"""Days back over which somebody's samples are looked for."""


def figures(day: date, actor: Actor, *, at: datetime) -> dict[str, int]:
    """Of the tubes begun on a day, as far as one may see them: how many, with how many people, how far they are."""
    late = at - timedelta(hours=rules().tubes.late_hours)
    found: dict[str, int] = (
        Tube.objects.visible_to(actor)
        .filter(day=day)
        .aggregate(
            tubes=Count("pk"),
            people=Coalesce(Sum("taken"), 0),
            over=Coalesce(Sum("over"), 0),
            open=Count("pk", filter=Q(sealed_at=None)),
            unpacked=Count("pk", filter=Q(sealed_at__isnull=False, box=None)),
            negative=Count("pk", filter=Q(outcome=Finding.NEGATIVE)),
            other=Count("pk", filter=~Q(outcome__in=("", Finding.NEGATIVE))),
            late=Count("pk", filter=Q(outcome="", begun_at__lt=late)),
        )
    )
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """A sampling point and its day."""

    site: Site
    tubes: int
    people: int
    open: int
    last: datetime | None


def points(day: date, actor: Actor) -> list[Point]:
    """The sampling points of one's area on a day. Two queries."""
    sites = Site.objects.visible_to(actor).open_on(day).filter(kind=POINT).order_by("area_path", "name")
    rows = (
        Tube.objects.visible_to(actor)
        .filter(day=day)
        .order_by()
        .values("point")
        .annotate(
            tubes=Count("pk"),
            people=Coalesce(Sum("taken"), 0),
            open=Count("pk", filter=Q(sealed_at=None)),
            last=Max("begun_at"),
        )
    )
    held = {row["point"]: row for row in rows}
    return [_point(site, held.get(site.pk, {})) for site in sites]


def _point(site: Site, told: Mapping[str, Any]) -> Point:
    return Point(site, told.get("tubes", 0), told.get("people", 0), told.get("open", 0), told.get("last"))


def members(tube: Tube) -> SampleQuerySet:
    """Everybody who is in a tube, in the order they were put in; those beyond its capacity last."""
    rows = Sample.objects.filter(day=tube.day, tube=tube, at__isnull=False)
    inside = rows.filter(Q(void_at=None) | Q(void_at__lt=F("at")))
    return inside.select_related("person").order_by("-counts", "at", "person")


def mishaps(actor: Actor) -> MishapQuerySet:
    """Mishaps of one's area; ``known``: whether one may look at the tube, ``people``: how many in it are to be
    sampled again because of it.
    """
    tube = Tube.objects.visible_to(actor).filter(pk=OuterRef("code"))
    people = Case(When(voids=True, then=Subquery(tube.values("taken"))), output_field=IntegerField())
    return Mishap.objects.visible_to(actor).annotate(known=Exists(tube), people=people)


def why_void(tube: Tube) -> Mishap | None:
    """What happened to a sealed tube after which it says nothing of whoever is in it."""
    if tube.sealed_at is None or tube.outcome:
        return None
    return Mishap.objects.filter(code=tube.pk, voids=True).select_related("box").order_by("-found_at").first()


def open_mishaps(actor: Actor) -> int:
    """Mishaps nobody has settled."""
    return Mishap.objects.visible_to(actor).filter(settled_at=None).count()


def open_retests(actor: Actor) -> int:
    """People who are to be tested singly and were not."""
    return Retest.objects.visible_to(actor).open().count()


def boxes_under_way(actor: Actor) -> int:
    """Boxes no laboratory has taken in yet."""
    return Box.objects.visible_to(actor).filter(received_at=None).count()


def samples_of(person: UUID, *, at: datetime) -> SampleQuerySet:
    """What was taken of somebody lately, the latest first."""
    rows = Sample.objects.filter(person=person, counts=True, at__gte=at - timedelta(days=LONGEST))
    return rows.select_related("tube__point").order_by("-at")


_POSITIVES = """
SELECT DISTINCT d.area_path, d.place, d.subject FROM duties_due d
JOIN prevention_sample s ON s.person_id = d.subject AND s.counts AND s.at >= %(starts)s AND s.at < %(ends)s
JOIN prevention_tube t ON t.code = s.tube_id AND t.outcome = 'positive' AND t.outcome_at <= %(at)s
    AND (t.capacity = 1 OR %(pool)s)
WHERE d.day = %(day)s AND d.window_id = %(window)s
"""
Place = tuple[str, UUID | None]
"""A grid, and the site or employer through which somebody is on a roster."""


def positives(window: Window, at: datetime) -> dict[UUID, Place]:
    """Who of those who owe a test in a window was found positive by a moment, and their grid and place.

    Found so by a single test; by a pool only where the district decided that it decides.
    """
    told: dict[str, Any] = {
        "day": window.day,
        "window": window.pk,
        "starts": window.starts,
        "ends": window.ends,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POSITIVES, {**told, "pool": rules().tubes.pool_decides})
        return {subject: (path, place) for path, place, subject in cursor.fetchall()}


class Status:
    """What the latest samples say of somebody."""

    UNKNOWN, NEGATIVE, RETEST, POSITIVE = "unknown", "negative", "retest", "positive"


def status_of(samples: list[Sample], *, pool_decides: bool) -> str:
    """What is known of somebody from their samples, the latest first.

    A single test decides. A pool that is negative clears everybody in it; one that is not says no more than that
    each has to be tested singly, unless the district decided that the pool decides.
    """
    told = next((row for row in samples if row.tube.outcome not in ("", Finding.INVALID)), None)
    if told is None:
        return Status.UNKNOWN
    if told.tube.outcome == Finding.NEGATIVE:
        return Status.NEGATIVE
    if told.tube.outcome == Finding.POSITIVE and (told.tube.capacity == 1 or pool_decides):
        return Status.POSITIVE
    return Status.RETEST
