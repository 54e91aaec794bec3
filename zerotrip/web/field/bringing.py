"""Leaflets go along to those who have not read them: to be brought to their door without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from zerotrip.duties.models import Due, Subject
from zerotrip.parties.models import HANDS
from zerotrip.parties.queries import own_area_names
from zerotrip.prevention.field.people import digest
from zerotrip.prevention.leaflets.rules import may_bring
from zerotrip.prevention.models import Enrolment, Leaflet, Person
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.field.clock import milliseconds
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor

MOST = 300
"""Visits a phone takes along, those to people without a phone of their own first."""
MOST_LEAFLETS = 10


def visits(actor: Actor, key: bytes, *, at: datetime) -> dict[str, Any]:
    """The leaflets that are still to be read, and at whose doors, masked; of the name of whoever signs the digest.

    Empty where there is nobody to go to.
    """
    if not actor.seats_as(*HANDS):
        return {}
    rows = Leaflet.objects.visible_to(actor).standing(at).filter(who=Subject.PERSON, window__isnull=False)
    rows = rows.select_related("window")
    leaflets = {row.window_id: row for row in rows.order_by("ends", "pk")[:MOST_LEAFLETS]}
    dues = _dues(list(leaflets.values()), actor, at=at)
    if not dues:
        return {}
    people = Person.objects.in_bulk([due.subject for due in dues])
    homes, areas = _homes(dues, at=at), own_area_names({due.area_path for due in dues})
    return {
        "leaflets": {str(row.pk): _told(row) for row in leaflets.values()},
        "visits": [
            {
                "leaflet": str(leaflets[due.window_id].pk),
                "person": str(due.subject),
                "name": mask_name(person.name),
                "key": digest(key, person.name_key),
                "door": f"{areas.get(due.area_path, '')} {homes.get(due.subject, '')}".strip(),
            }
            for due in dues
            if (person := people.get(due.subject)) is not None
        ],
    }


def _told(leaflet: Leaflet) -> dict[str, Any]:
    return {"title": leaflet.heading, "text": leaflet.words, "ends": milliseconds(leaflet.ends)}


def _dues(leaflets: Sequence[Leaflet], actor: Actor, *, at: datetime) -> list[Due]:
    """Who has not read them, door by door."""
    windows = [row.window for row in leaflets if row.window is not None]
    keys, days = [window.pk for window in windows], {window.day for window in windows}
    missing = Due.objects.visible_to(actor).filter(day__in=days, window__in=keys).missing(at)
    mute = Exists(Person.objects.filter(pk=OuterRef("subject"), phone=""))
    found = list(missing.filter(mute)[:MOST])
    found += missing.exclude(mute)[: MOST - len(found)]
    brought = [due for due in found if may_bring(actor, due.area_path)]
    return sorted(brought, key=lambda due: (due.area_path, str(due.subject)))


def _homes(dues: Sequence[Due], *, at: datetime) -> Mapping[UUID, str]:
    rows = Enrolment.objects.on(at.astimezone(CHINA).date()).filter(person__in=[due.subject for due in dues])
    return dict(rows.exclude(household="").order_by("pk").values_list("person", "household"))
