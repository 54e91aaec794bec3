"""Jobs of projects: read the clock, call one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Refusal
from zerotrip.projects.actions import miss

AT_ONCE = 2000
"""Findings of one run; what is left has its turn a minute later."""


@app.periodic(cron="* * * * *")
@app.task(name="projects.sweep", queueing_lock="projects.sweep")
def sweep(timestamp: int) -> None:
    """Find the milestones that are overdue."""
    at = timezone.now()
    overdue = Obligation.objects.due().filter(kind=Kind.MILESTONE, missed_at=None, due_at__lt=at)
    for pk in overdue.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]:
        try:
            miss(pk, at=at)
        except Refusal:  # reached meanwhile
            continue
