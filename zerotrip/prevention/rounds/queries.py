"""Reads over rounds: what is under way, who is missing by grid and household, whom one has to call."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from zerotrip.duties.models import Due, Subject, Window
from zerotrip.duties.standing import queries as standing
from zerotrip.parties.models import Party
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import Caller, Enrolment, Person, Shift, Site
from zerotrip.prevention.rosters.identity import mask_name, mask_phone
from zerotrip.prevention.rounds.planning import Door, Grid
from zerotrip.prevention.rounds.rules import screenings
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from zerotrip.duties.models import DueQuerySet
    from zerotrip.duties.models.windows import WindowQuerySet
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models.rounds import CallerQuerySet

SHOWN = timedelta(days=14)
"""After its end, for which a window is listed."""
MOST = 100


def windows(actor: Actor, *, at: datetime) -> WindowQuerySet:
    """The rounds and the windows of regimes of one's area, those that end last, first."""
    names = Q(pk__in=[])
    for row in screenings():
        names |= Q(requirement__slug__startswith=row.slug.rpartition(":")[0] + ":")
    rows = Window.objects.visible_to(actor).filter(names, ends__gt=at - SHOWN)
    return rows.select_related("requirement", "round", "filling").order_by("-ends", "-pk")


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who is missing, masked."""

    person: UUID
    name: str
    phone: str
    area: str
    household: str
    place: str
    """The site or the employer of the roster."""
    done: int
    caller: Caller | None


def missing(
    window: Window, actor: Actor, *, at: datetime, area_path: str = "", place: UUID | None = None, whose: str = ""
) -> DueQuerySet:
    """Who is missing, grid by grid; of a place; ``whose``: ``nobody`` calls them, or ``somebody`` does."""
    rows = standing.missing(window, actor, at=at, area_path=area_path)
    if place is not None:
        rows = rows.filter(place=place)
    if whose:
        called = Caller.objects.open().filter(window=window.pk).values("subject")
        rows = rows.exclude(subject__in=called) if whose == "nobody" else rows.filter(subject__in=called)
    return rows


def named(window: Window, dues: Sequence[Due], *, at: datetime) -> list[Someone]:
    """Some of the missing as they are listed: five statements, however many there are."""
    keys = [due.subject for due in dues]
    people = Person.objects.in_bulk(keys)
    callers = Caller.objects.open().filter(window=window, subject__in=keys).select_related("caller__person")
    held = {row.subject: row for row in callers}
    doors = _doors(keys, at=at)
    places = place_names({due.place for due in dues if due.place})
    areas = area_names({code_of(due.area_path) for due in dues})
    return [
        Someone(
            person=due.subject,
            name=mask_name(person.name),
            phone=mask_phone(person.phone),
            area=areas.get(code_of(due.area_path), ""),
            household=doors.get((due.subject, due.area_path), ""),
            place=places.get(due.place, "") if due.place else "",
            done=due.done,
            caller=held.get(due.subject),
        )
        for due in dues
        if (person := people.get(due.subject)) is not None
    ]


_BY_DOOR = """
SELECT d.area_path, d.place, coalesce(e.household, ''), count(*)
FROM duties_due d
LEFT JOIN prevention_enrolment e ON e.person_id = d.subject AND e.area_path = d.area_path AND e.during @> %s::date
    AND CASE WHEN d.place IS NULL THEN e.kind = 'resident' ELSE e.kind = 'lodger' AND e.site_id = d.place END
WHERE d.day = %s AND d.window_id = %s AND d.since <= %s
    AND (d.released_at IS NULL OR d.released_at > %s) AND (d.kept_at IS NULL OR d.kept_at > %s)
GROUP BY 1, 2, 3
"""


def doors_of(window: Window, *, at: datetime) -> list[Grid]:
    """Who still owes it in a window, grid by grid and door by door. One statement, and the names of places."""
    day = max(window.starts, min(at, window.ends)).astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute(_BY_DOOR, [day, window.day, window.pk, at, at, at])
        rows = cursor.fetchall()
    names = place_names({place for _path, place, _door, _count in rows if place})
    found: dict[str, list[Door]] = defaultdict(list)
    for path, place, door, count in rows:
        name = names.get(place, "")
        found[path].append(Door(door_name(name, door), count, whole=bool(name) and not door))
    return [Grid(path, doors) for path, doors in sorted(found.items())]


def door_name(place: str, household: str) -> str:
    """What a door is called in a plan: the household, the room of a site, or the employer alone."""
    return f"{place} {household}".strip()


def doors_named(people: Collection[UUID], *, at: datetime) -> dict[tuple[UUID, str], str]:
    """The doors of some people as plans call them, by person and grid."""
    rows = Enrolment.objects.on(at.astimezone(CHINA).date()).filter(person__in=people).exclude(household="")
    told = rows.values_list("person", "area_path", "site__name", "household").order_by("household")
    found: dict[tuple[UUID, str], str] = {}
    for person, path, site, household in told:
        found.setdefault((person, path), door_name(site or "", household))
    return found


def _doors(people: Collection[UUID], *, at: datetime) -> dict[tuple[UUID, str], str]:
    """The household or the room of each, by person and grid."""
    rows = Enrolment.objects.on(at.astimezone(CHINA).date()).filter(person__in=people).exclude(household="")
    return {(person, path): door for person, path, door in rows.values_list("person", "area_path", "household")}


def place_names(places: Collection[UUID]) -> dict[UUID, str]:
    """What sites and employers are called."""
    found = dict(Site.objects.filter(pk__in=places).values_list("pk", "name"))
    rest = set(places) - set(found)
    return found | (dict(Party.objects.filter(pk__in=rest).values_list("pk", "name")) if rest else {})


def to_call(actor: Actor, *, at: datetime) -> CallerQuerySet:
    """Whom the actor still has to call, whose time has come first, first."""
    rows = Caller.objects.open().filter(caller=actor.user_id, window__subject=Subject.PERSON).missing(at)
    return rows.select_related("window__requirement", "window__round").order_by("next_at", "pk")


def team_at(points: Iterable[Any], *, at: datetime) -> dict[UUID, list[str]]:
    """Who is on a shift at the posts of each point now."""

    rows = Shift.objects.standing().filter(post__site__in=list(points), during__contains=at)
    found: dict[UUID, list[str]] = {}
    for site, name in rows.values_list("post__site", F("worker__person__name")).order_by("worker__person__name"):
        found.setdefault(site, []).append(name)
    return found
