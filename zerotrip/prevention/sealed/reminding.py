"""Whoever makes the runs of a sealed area is told of what is not confirmed before it is late, and once it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.channels.actions import tell
from zerotrip.channels.models import Notice
from zerotrip.duties.standing.reminding import moments_of
from zerotrip.parties.models import HANDS
from zerotrip.parties.queries import accounts_of, staff_of
from zerotrip.prevention.events.queries import offices_over
from zerotrip.prevention.events.telling import tell_offices
from zerotrip.prevention.models import SealedArea
from zerotrip.prevention.sealed import queries
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.prevention.sealed.queries import Run

BACK = timedelta(hours=1)
"""How long after its end a run that was not confirmed is still told of: a worker may have been away."""


def remind(*, at: datetime) -> int:
    """Tell carriers which stops are not confirmed when a run is about to end, and them and the offices of the area
    when it has ended. Each once. How many runs were told of.
    """
    told = 0
    for sealed in SealedArea.objects.in_force(at).filter(has_runs=True).order_by("pk"):
        for run in queries.runs(sealed, at=at, back=BACK):
            told += _late(sealed, run, at=at) if run.is_over else _due(sealed, run, at=at)
    return told


def _due(sealed: SealedArea, run: Run, *, at: datetime) -> int:
    window, left = run.window, run.owed - run.done
    if sealed.carrier_id is None or not left or at < min(moments_of(window), default=window.ends):
        return 0
    return _tell(sealed, run, "sealed_run_due", left, at=at)


def _late(sealed: SealedArea, run: Run, *, at: datetime) -> int:
    left = len(run.missed)
    if not left or run.window.ends <= at - BACK:
        return 0
    return _tell(sealed, run, "sealed_run_late", left, at=at)


@transaction.atomic
def _tell(sealed: SealedArea, run: Run, template: str, left: int, *, at: datetime) -> int:
    window = run.window
    key = f"{template}:{sealed.pk}:{window.pk}"
    offices = sorted(offices_over(sealed.area_path, at=at)) if run.is_over else []
    readers = set(accounts_of(sealed.carrier_id, at=at)) if sealed.carrier_id else set()
    for office in offices:
        readers |= set(staff_of(office, HANDS, area_path=sealed.area_path, at=at))
    if not readers or Notice.objects.filter(user__in=readers, key__in=(key, f"staff:{key}")).exists():
        return 0
    context = {"what": window.requirement.name, "area": sealed.name, "count": left, "due": window.ends}
    writes = Writes()
    if sealed.carrier_id is not None:
        link = f"/runs/{sealed.pk}/{window.pk}/"
        tell(writes, party=sealed.carrier_id, template=template, context=context, link=link, key=key, at=at)
    tell_offices(
        writes,
        offices,
        area_path=sealed.area_path,
        template="staff_sealed_run_late",
        context=context,
        link=f"/desk/prevention/sealed/{sealed.pk}/",
        key=f"staff:{key}",
        at=at,
    )
    writes.send()
    return 1
