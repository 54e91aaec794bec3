"""Who stands at the table: found by what they show, or entered in a few seconds if nobody knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.prevention.models import Person
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.rosters.actions import people as rosters
from zerotrip.prevention.rosters.queries import of_number
from zerotrip.prevention.screening.rules import point_for
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST = 12
"""People a search shows."""


def found(text: str, *, by: Actor) -> list[Person]:
    """Those somebody may mean who scans a card or types a number, a phone or a name.

    A whole number or document finds its holder wherever they are on a roster: they stand there. A phone or a name
    finds those of one's area.
    """
    plain = "".join(identity_text(text).split())
    if not plain:
        return []
    if people := list(Person.objects.filter(of_number(plain))[:MOST]):
        return people
    near = Person.objects.visible_to(by)
    if phone := identity.phone_of(plain):
        return list(near.filter(phone=phone).order_by("name_key")[:MOST])
    return list(near.filter(name_key=identity.name_key(text)).order_by("number_shown")[:MOST])


def identity_text(text: str) -> str:
    """What was scanned, cut to what a number or a name may be."""
    return " ".join(text.split())[:120]


def meet(written: Mapping[str, str], *, point: UUID, by: Actor, at: datetime) -> Person:
    """Somebody at a point whom the scan did not find: found after all by all they say, or entered.

    Whoever is on no roster that day is put on that of the point, for the day: their grid finds them there and gives
    them a place. An infant is known by the birth certificate, or by name with the phone of whoever brings it.
    Raises NotFound, NotAllowed, Invalid by field, Refused where what they say means two people.
    """
    site = point_for(by, point)
    today = at.astimezone(CHINA).date()
    person, faults = identity.read(written, today=today)
    if person is None:
        problems: dict[str, list[str]] = {}
        for name, reason in faults:
            problems.setdefault(name, []).append(reason)
        raise Invalid(_("还没有登记。"), problems)
    return rosters.meet(person, site=site, by=by, at=at)
