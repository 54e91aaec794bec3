"""Who is named for which of the demo's enterprises (点对点): some for one subject, some for all, some for none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.demo_needs import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.models import Party, User

LEAD = "help@demo.test"
STREETS = ((FIRST, "duty1@demo.test", 9), (SECOND, "park@demo.test", 7))
"""Subdistrict, who is named for enterprises there for all subjects, and for how many of them."""


def load(people: Mapping[str, tuple[User, Party]], *, at: datetime) -> None:
    """Name them, as whoever leads with needs."""
    from config.demo import BUILDER, INVESTOR, SHOPKEEPER
    from zerotrip.catalogue.models import Service
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.relief.naming.actions import name_for_all, name_helper

    if not Service.objects.offered().filter(pk="need-approvals").exists():
        return
    accounts = dict(User.objects.filter(email__endswith="@demo.test").values_list("email", "pk"))
    lead = actor_for(User.objects.get(email=LEAD), at=at)
    for phone, subject, who in (
        (INVESTOR, "need-approvals", "steward@demo.test"),
        (INVESTOR, "need-space", "park@demo.test"),
        (BUILDER, "need-tax", "tax@demo.test"),
        (BUILDER, "", "duty1@demo.test"),
        (SHOPKEEPER, "", "duty1@demo.test"),
    ):
        name_helper(people[phone][1].pk, account=accounts[who], subject=subject, by=lead, at=at)
    for street, who, count in STREETS:
        firms = _others(street, count, people)
        name_for_all(firms, account=accounts[who], subject="", replace=False, by=lead, at=at)


def _others(street: str, count: int, people: Mapping[str, tuple[User, Party]]) -> list[UUID]:
    """Enterprises of a subdistrict that are not those of the demo's applicants."""
    from zerotrip.parties.models import Party, PartyKind
    from zerotrip.parties.queries import area_path_of

    own = [firm.pk for _account, firm in people.values()]
    there = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, area_path__startswith=area_path_of(street))
    return list(there.exclude(pk__in=own).order_by("uscc").values_list("pk", flat=True)[:count])
