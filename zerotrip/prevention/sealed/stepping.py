"""What is owed in a sealed area follows what was decided for it, in the background, after each change of the area.

Its journal counts the changes, so that a worker killed anywhere, or one that comes late, leaves it to be seen that
there is something to do.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from procrastinate.exceptions import AlreadyEnqueued

from zerotrip.duties import editions
from zerotrip.duties.models import Window
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.materialising import reconcile
from zerotrip.duties.standing.turning import turn
from zerotrip.parties.paths import around
from zerotrip.prevention.models import SealedArea
from zerotrip.prevention.sealed.rules import MEASURE

if TYPE_CHECKING:
    from django.db.models import QuerySet


def enqueue(sealed: SealedArea, **more: Any) -> None:
    """Have the worker bring what is owed in an area in step with it; no two at once."""
    from zerotrip.prevention.tasks import bring_in_step as job

    if sealed.has_runs:
        job.configure(lock=f"prevention.sealed:{sealed.pk}", **more).defer(sealed=str(sealed.pk))


def take_up() -> None:
    """Have brought in step what is not, as after jobs that failed."""
    for sealed in SealedArea.objects.filter(has_runs=True, agreed__lt=F("ledger_length")):
        with suppress(AlreadyEnqueued), transaction.atomic():
            enqueue(sealed, queueing_lock=f"prevention.sealed:{sealed.pk}")


def bring_in_step(sealed_id: UUID, *, at: datetime) -> None:
    """Open the runs that are under way, and make those that are open agree with who is served now.

    Each run is a transaction of its own, and changes nothing when it is done again.
    """
    sealed = SealedArea.objects.get(pk=sealed_id)
    turn(at=at, measure=MEASURE)
    for pk in _under_way(sealed, at).order_by("pk").values_list("pk", flat=True):
        reconcile(pk, at=at)
    SealedArea.objects.filter(pk=sealed_id, agreed__lt=sealed.ledger_length).update(agreed=sealed.ledger_length)


def _under_way(sealed: SealedArea, at: datetime) -> QuerySet[Window]:
    duties = [row.pk for row in editions.standing(SORT) if spec_of(row).measure == MEASURE]
    there = Q(area_path__startswith=sealed.area_path) | Q(area_path__in=around(sealed.area_path))
    return Window.objects.open().around(at).filter(there, requirement__in=duties)
