"""What goes of posts with an event: who stood where and when. Credited time stays, as a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Sum

from zerotrip.prevention.models import Gap, Plan, Shift, Worker

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended


def purge_shifts(ended: Ended) -> int:
    """Delete the shifts, with their swaps, the gaps, and the plans nothing is left of."""
    going = Shift.objects.filter(ended.rows(at="during__startswith"))
    credits = going.filter(credited__gt=0).values("worker").annotate(minutes=Sum("credited")).order_by("worker")
    for row in list(credits):
        Worker.objects.filter(pk=row["worker"]).update(minutes_before=F("minutes_before") + row["minutes"])
    plans = set(going.values_list("plan", flat=True))
    count = going.count()
    going.delete()
    Gap.objects.filter(ended.rows(at="starts_at")).delete()
    Plan.objects.filter(pk__in=plans, shifts=None).delete()
    return count
