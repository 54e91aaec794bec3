"""Jobs of the file store."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from zerotrip.files import actions


@app.periodic(cron="41 3 * * *")
@app.task(name="files.sweep", queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    """Delete what nobody refers to, every night."""
    actions.sweep(at=datetime.fromtimestamp(timestamp, tz=UTC))
