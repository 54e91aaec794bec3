"""The open visits and warnings of somebody who leaves go to their successor."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from zerotrip.duties.actions.ordering import change_hands
from zerotrip.duties.actions.owing import tell_owners
from zerotrip.duties.models import Kind, Obligation, Status
from zerotrip.duties.rules import watches
from zerotrip.parties.models import HANDS
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import User


@transaction.atomic
def hand_over_visits(leaver: User, *, to: Actor, by: Actor, at: datetime) -> int:
    """Hand over what is open, as far as the successor's seats reach it, by the leaver or by the office that looks
    after it. Returns how many; what stays is seen as late by that office."""
    waiting = Q(status=Status.OPEN) | Q(kind=Kind.WARNING, status=Status.HANDED_IN)
    rows = Obligation.objects.filter(waiting, owner=leaver.person_id, kind__in=(Kind.VISIT, Kind.WARNING))
    theirs = [
        row
        for row in rows.select_for_update(of=("self",)).order_by("pk")
        if any(row.area_path.startswith(seat.area_path) for seat in to.seats_as(*HANDS))
        and (by.user_id == leaver.pk or watches(row, by))
    ]
    if not theirs:
        return 0
    writes = Writes()
    for row in theirs:
        change_hands(writes, row, to.person, name=to.name, note=_("移交"), by=by, at=at)
    template = "order_given" if len(theirs) == 1 else "orders_given"
    tell_owners(writes, theirs, template, key=f"left:{theirs[0].pk}:{at:%Y%m%d%H%M%S}", at=at, issuer=by.name)
    writes.send()
    return len(theirs)
