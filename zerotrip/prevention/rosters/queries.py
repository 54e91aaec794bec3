"""Reads over rosters: who is on one on a day, and who has a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zerotrip.duties import editions
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.parties import seals
from zerotrip.prevention.models import DocumentKind, Enrolment, EnrolmentKind, Person
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.rosters.population import once_each

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.duties.models import Requirement
    from zerotrip.parties.access import Actor

MOST = 20
"""People a search shows."""


def of_number(text: str) -> Q:
    """Whoever has this identity number, or a document of this number, of whatever kind."""
    number = "".join(text.split()).upper()
    digests = [seals.digest(f"{kind}:{number}") for kind in DocumentKind.values]
    return Q(ric_digest=seals.digest(number)) | Q(document_digest__in=digests)


def search(text: str, phone: str, *, by: Actor) -> list[Person]:
    """Those of one's area who have this number or document; with a phone, this name and phone."""
    if phone:
        asked = Q(name_key=identity.name_key(text), phone=identity.phone_of(phone) or None)
    else:
        asked = of_number(text)
    return list(Person.objects.visible_to(by).filter(asked)[:MOST])


def duties_of_people() -> list[Requirement]:
    """The standing duties of people: somebody can be left out of one of them alone."""
    return [row for row in editions.standing(SORT) if spec_of(row).who == "person"]


def homes(people: Collection[UUID], *, on: date) -> dict[UUID, str]:
    """Where each of some people is looked after on a day: the path of their grid; not those on no roster."""
    rows = once_each(Enrolment.objects.on(on).filter(person__in=people))
    return dict(rows.values_list("person_id", "area_path"))


def staff_of_firms(firms: Collection[UUID], on: date) -> QuerySet[Enrolment]:
    """Those who work for some enterprises on a day, at their own sites too: by the rosters of people at work."""
    return Enrolment.objects.on(on).filter(
        Q(employer__in=firms) | Q(site__owner__in=firms), kind__in=(EnrolmentKind.WORKER, EnrolmentKind.BUILDER)
    )
