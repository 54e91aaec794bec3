"""How those a leaflet is for are reached: people by the phone on the roster, sites by that of whoever is in charge
there, and by the account of whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from zerotrip.duties.models import Subject
from zerotrip.parties.models import Membership, MembershipKind, User
from zerotrip.prevention.models import Person, Site

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

MOBILE = r"^1[3-9][0-9]{9}$"
"""A number that takes text messages: those of sites are landlines, too."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is sent the link."""

    phone: str
    """Empty: none that takes text messages."""
    owner: UUID | None = None
    """Of a site, whose it is, where somebody there has an account."""
    name: str = ""
    """Of a site."""


def reached(who: str, *, at: datetime) -> QuerySet[Person] | QuerySet[Site]:
    """Those a link reaches; to all others a leaflet has to be brought."""
    if who == Subject.PERSON:
        return Person.objects.exclude(phone="")
    return Site.objects.filter(Q(phone__regex=MOBILE) | _has_account(at))


def addresses(who: str, subjects: Collection[UUID], *, at: datetime) -> dict[UUID, Address]:
    """Where each of some is reached, of those who are. One statement."""
    if who == Subject.PERSON:
        people = Person.objects.exclude(phone="").filter(pk__in=subjects)
        return {pk: Address(phone) for pk, phone in people.values_list("pk", "phone")}
    sites = Site.objects.filter(Q(phone__regex=MOBILE) | _has_account(at), pk__in=subjects)
    rows = sites.annotate(told=_has_account(at)).values_list("pk", "phone", "owner", "told", "name")
    return {
        pk: Address(phone if re.match(MOBILE, phone) else "", owner if told else None, name)
        for pk, phone, owner, told, name in rows
    }


def _has_account(at: datetime) -> Q:
    """Of a site: whoever it belongs to, or acts for them, has an account."""
    agents = Membership.objects.in_force(at).filter(organisation=OuterRef("owner"), kind=MembershipKind.AGENT)
    own = User.objects.filter(person=OuterRef("owner"), is_active=True)
    return Q(Exists(agents.filter(person__account__is_active=True))) | Q(Exists(own))
