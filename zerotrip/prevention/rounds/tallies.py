"""The figures of a round are frozen at the times a pack names: what comes in late is told in the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q

from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.counting import in_passes
from zerotrip.parties.paths import around
from zerotrip.prevention.models import By, Site, Tally, TallyLine
from zerotrip.prevention.rounds.rules import is_screening
from zerotrip.prevention.screening.queries import positives
from zerotrip.prevention.screening.spec import rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LATE = timedelta(hours=2)
"""For how long after a moment its figures can still be frozen: a worker may have been down."""


@dataclass(slots=True)
class _Sum:
    asked: int = 0
    sampled: int = 0
    kept: int = 0
    excused: int = 0
    positives: int = 0


def freeze_due(*, at: datetime) -> list[Tally]:
    """Freeze the figures of the latest moment that has passed, of each window under way then. Twice is once.

    One that is still being opened has its turn once it is whole; one opened only afterwards, with the next moment.
    """
    moment = _latest(at)
    if moment is None or at - moment > LATE:
        return []
    those = Window.objects.filter(starts__lt=moment, ends__gte=moment, opened_at__lte=moment, filling=None)
    windows = those.select_related("requirement")
    rest = windows.exclude(tallies__at=moment).order_by("pk")
    return [freeze(window, moment, at=at) for window in rest if is_screening(window)]


def _latest(at: datetime) -> datetime | None:
    """The last moment that has passed: of today or of yesterday, whose 24:00 is today's midnight."""
    midnight = datetime.combine(at.astimezone(CHINA).date(), time(), CHINA)
    days = (midnight - timedelta(days=1), midnight)
    return max((moment for day in days for moment in moments(day) if moment <= at), default=None)


def moments(midnight: datetime) -> list[datetime]:
    """When the figures of the day that begins at ``midnight`` are frozen, by the pack."""
    clocks = (map(int, clock.split(":")) for clock in rules().report_times)
    return [midnight + timedelta(hours=hours, minutes=minutes) for hours, minutes in clocks]


@transaction.atomic
def freeze(window: Window, moment: datetime, *, at: datetime) -> Tally:
    """Freeze the figures of a window as of a moment: a pass over its dues, and one by employer. Twice is once.

    Whoever came once but not often enough counts as sampled as of now; that is not told of past moments.
    """
    tally, made = Tally.objects.get_or_create(window=window, at=moment, defaults={"made_at": at})
    if made:
        sums = _sums(window, moment)
        TallyLine.objects.bulk_create((_line(tally, by, key, one) for (by, key), one in sums.items()), 2000)
    return tally


def _line(tally: Tally, by: str, key: str, one: _Sum) -> TallyLine:
    return TallyLine(
        tally=tally,
        by=by,
        key=key,
        asked=one.asked,
        sampled=one.sampled,
        kept=one.kept,
        excused=one.excused,
        missing=one.asked - one.kept - one.excused,
        positives=one.positives,
    )


def _sums(window: Window, moment: datetime) -> dict[tuple[str, str], _Sum]:
    kept = Q(kept_at__lte=moment)
    released = Q(released_at__lte=moment) & (Q(kept_at=None) | Q(kept_at__gt=moment))
    rows = list(
        Due.objects.filter(day=window.day, window=window.pk, since__lte=moment)
        .values("area_path", "place")
        .annotate(asked=Count("subject"), sampled=Count("subject", filter=Q(done__gt=0)))
        .annotate(kept=Count("subject", filter=kept), excused=Count("subject", filter=released))
        .order_by()
        .values_list("area_path", "place", "asked", "sampled", "kept", "excused")
    )
    kinds = dict(Site.objects.filter(pk__in={row[1] for row in rows if row[1]}).values_list("pk", "kind"))
    positive = positives(window, moment)
    found = Counter(positive.values())
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    sums[By.WHOLE, ""] = _Sum()
    for path, place, *counts in rows:
        for key in _keys(window, path, place, kinds):
            _add(sums[key], counts, found[path, place])
    for employer, *counts, ill in _by_employer(window, moment, positive):
        _add(sums[By.EMPLOYER, str(employer)], counts, ill)
    return sums


_OF_EMPLOYERS = """
SELECT e.employer_id, count(*), count(*) FILTER (WHERE d.done > 0), count(*) FILTER (WHERE d.kept_at <= %(at)s),
    count(*) FILTER (WHERE d.released_at <= %(at)s AND (d.kept_at IS NULL OR d.kept_at > %(at)s)),
    count(*) FILTER (WHERE d.subject = ANY(%(positive)s::uuid[]))
FROM duties_due d
JOIN (SELECT DISTINCT person_id, employer_id FROM prevention_enrolment
    WHERE employer_id IS NOT NULL AND during @> %(on)s::date) e ON e.person_id = d.subject
WHERE d.day = %(day)s AND d.window_id = %(window)s AND d.since <= %(at)s
GROUP BY e.employer_id
"""


def _by_employer(window: Window, moment: datetime, positive: Iterable[UUID]) -> list[tuple[Any, ...]]:
    """The figures of everybody who works for an employer that day, wherever they live, work and owe it."""
    told: dict[str, Any] = {"day": window.day, "window": window.pk, "at": moment, "positive": list(positive)}
    with connection.cursor() as cursor, in_passes():
        cursor.execute(_OF_EMPLOYERS, {**told, "on": _day_of(moment)})
        return list(cursor.fetchall())


def _day_of(moment: datetime) -> date:
    """The day a moment closes: midnight is the end of one."""
    return (moment - timedelta(microseconds=1)).astimezone(CHINA).date()


def _keys(window: Window, path: str, place: UUID | None, kinds: Mapping[UUID, str]) -> Iterable[tuple[str, str]]:
    """The lines somebody of a grid and a place counts in."""
    yield By.WHOLE, ""
    for area in around(path):
        if area.startswith(window.area_path):
            yield By.AREA, area
    if place is not None and place in kinds:
        yield By.SITE_KIND, kinds[place]


def _add(one: _Sum, counts: Sequence[int], positives: int) -> None:
    asked, sampled, kept, excused = counts
    one.asked += asked
    one.sampled += sampled
    one.kept += kept
    one.excused += excused
    one.positives += positives
