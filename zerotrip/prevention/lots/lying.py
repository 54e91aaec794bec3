"""What of a lot lay at a holder when: worked back from what lies there now.

Goods lie where they were brought to since they arrived; until somebody has confirmed that, since they left.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from zerotrip.prevention.models import Balance, Holder, Lot, Movement

if TYPE_CHECKING:
    from collections.abc import Sequence


def lying_since(lot: Lot, holder: Holder, amount: Decimal, at: datetime) -> datetime | None:
    """From when on so much of a lot has been lying at a holder; None where it was at ``at`` already, and where it
    does not lie there now. Three queries."""
    left = _lies(lot, holder)
    if left < amount:
        return None
    for when, change in _since(lot, holder, at):
        left -= change
        if left < amount:
            return when
    return None


_ARRIVED = Coalesce("arrival__arrived_at", "at")


def _lies(lot: Lot, holder: Holder) -> Decimal:
    found = Balance.objects.filter(lot=lot, holder=holder).values_list("quantity", flat=True).first()
    return found or Decimal(0)


def _since(lot: Lot, holder: Holder, at: datetime) -> Sequence[tuple[datetime, Decimal]]:
    """By how much it changed at each moment after ``at``, the last first."""
    inward = Movement.objects.filter(target=lot, target_holder=holder).annotate(when=_ARRIVED)
    outward = Movement.objects.filter(source=lot, source_holder=holder).annotate(when=F("at"))
    changes: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for rows, sign in ((inward, 1), (outward, -1)):
        found = rows.filter(when__gt=at).order_by().values_list("when")
        for when, quantity in found.annotate(sum=Sum("quantity")):
            changes[when] += sign * quantity
    return sorted(changes.items(), reverse=True)
