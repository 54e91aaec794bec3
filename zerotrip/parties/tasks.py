"""Jobs of parties."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.parties import actions

KEPT = timedelta(days=1)
"""How long an account waits for its first sign-in."""


@app.periodic(cron="29 3 * * *")
@app.task(name="parties.sweep_accounts", queueing_lock="parties.sweep_accounts")
def sweep_accounts(timestamp: int) -> None:
    """Delete the accounts of addresses that were typed and never signed in."""
    actions.sweep_accounts(before=timezone.now() - KEPT)
