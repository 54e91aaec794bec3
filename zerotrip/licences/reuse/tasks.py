"""Jobs of reuse: each reads the clock and calls one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.licences.registries import registry
from zerotrip.licences.reuse import actions
from zerotrip.licences.reuse.queries import to_ask, to_look_at
from zerotrip.parties.access import SYSTEM

MOST = 200
"""Uses looked at in one run; the next takes up the rest."""
MOST_SILENCES = 3
"""Silences in a row after which a run leaves the registry alone."""


@app.periodic(cron="* * * * *")
@app.task(name="licences.verify_uses", queueing_lock="licences.verify_uses")
def verify_uses(timestamp: int) -> None:
    """Verify what is provisional, ask again about what was verified, and find what was stopped meanwhile."""
    at = timezone.now()
    for grant in to_look_at(at)[:MOST]:
        actions.look_at(grant, by=SYSTEM, at=at)
    silences = 0
    for grant in to_ask(at)[:MOST] if registry() else ():
        tries = grant.tries
        silences = silences + 1 if actions.verify(grant, by=SYSTEM, at=timezone.now()).tries > tries else 0
        if silences == MOST_SILENCES:
            return
