"""Jobs of cases: each reads the clock and calls one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.cases.models import Case
from zerotrip.cases.outcomes import arrived_by
from zerotrip.cases.states import Status
from zerotrip.parties.access import SYSTEM


@app.task(name="cases.produce", retry=10)
def produce(case: str) -> None:
    """Make the outcome of a granted case; deliver it, unless on paper. Safe to run again after a crash."""
    from zerotrip.cases.actions.outcome import deliver, issue

    found = Case.objects.get(pk=case)
    if found.status == Status.GRANTED:
        found = issue(found, by=SYSTEM, at=timezone.now())
    if found.status == Status.ISSUED and arrived_by(found):
        deliver(found, by=SYSTEM, at=timezone.now())
