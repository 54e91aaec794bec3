"""What goes of rosters with an event: everybody no other event holds. See ``events.purging``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q

from zerotrip.prevention.models import Enrolment, Exclusion, Person, RosterFile, RosterRow
from zerotrip.prevention.rosters.actions.files import place_of
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import date, datetime

    from zerotrip.prevention.events.purging import Ended


def enrolments(ended: Ended) -> int:
    """Those of the area that began by the end of the event, and of no day another event holds there."""
    going = Q(area_path__startswith=ended.area_path, during__startswith__lt=_day(ended.ends_at))
    for path, first, last in ended.others:
        days = DateRange(_day(first), _day(last) if last else None)
        going &= ~Q(area_path__startswith=path, during__overlap=days)
    return Enrolment.objects.filter(going)._raw_delete("default")


def exclusions(ended: Ended) -> int:
    """Those of people who are on no roster any more, wherever it was."""
    held = Enrolment.objects.filter(person=OuterRef("person"))
    return Exclusion.objects.filter(~Exists(held))._raw_delete("default")


def people(ended: Ended) -> int:
    """Those who are on no roster any more, wherever it was. Parties and their accounts stay."""
    held = Enrolment.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(~Exists(held))._raw_delete("default")


def rows(ended: Ended) -> int:
    """What is left of files of the area: what they say of people, and the files themselves."""
    over = RosterFile.objects.filter(ended.rows(at="asked_at"))
    gone = RosterRow.objects.filter(file__in=over.values("pk"))._raw_delete("default")
    for pk in over.filter(purged=False).values_list("pk", flat=True):
        transaction.on_commit(partial(place_of(pk).unlink, missing_ok=True))
    over.update(purged=True, faults=[], name="", expires_at=ended.ends_at)
    return gone


PURGES = {
    "prevention.RosterRow": rows,
    "prevention.Enrolment": enrolments,
    "prevention.Exclusion": exclusions,
    "prevention.Person": people,
}
"""By the table, in the order it has to be."""


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
