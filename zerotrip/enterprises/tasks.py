"""Jobs of enterprises: each reads the clock and calls one action."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app


@app.task(name="enterprises.work", retry=2)
def work(sheet: str) -> None:
    """Do what a sheet waits for: to be judged, taken over or written. Safe to run again after a crash anywhere."""
    from zerotrip.enterprises.actions import judge, take_over, write_out
    from zerotrip.enterprises.models import Sheet, SheetKind

    key, at = UUID(sheet), timezone.now()
    kind = Sheet.objects.filter(pk=key).values_list("kind", flat=True).first()
    if kind == SheetKind.OUT:
        write_out(key, at=at)
    elif kind == SheetKind.IN and take_over(key, at=at) is None:
        judge(key, at=at)


@app.periodic(cron="29 * * * *")
@app.task(name="enterprises.purge", queueing_lock="enterprises.purge")
def purge(timestamp: int) -> None:
    """Delete the files of sheets whose time is over."""
    from zerotrip.enterprises import actions

    actions.purge(at=timezone.now())
