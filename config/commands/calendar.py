"""``zerotrip calendar``: working days."""

from __future__ import annotations

import click


@click.group("calendar")
def command() -> None:
    """Working days: load a year, explain a deadline (工作日历)."""
