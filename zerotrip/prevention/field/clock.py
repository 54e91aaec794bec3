"""When something was that a phone wrote down while it was away, whatever its clock showed. Pure.

A phone gives its clock and its ticks (milliseconds since its page was opened, which nobody can set, but which
may stand still while the phone sleeps), both when a record was made and when it is sent. It also gives how far
its clock was off when it last heard from us. ``static/web/field/clock.js`` reckons the same; one table of cases
holds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLACK = timedelta(minutes=2)
"""What two readings may differ by before one says that the clock was set: more than a slow network takes."""
LONG = timedelta(days=3)
"""How long a phone may have kept what it wrote down."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phone reads at one moment."""

    at: datetime
    """By its clock."""
    ticks: timedelta
    """Since its page was opened."""
    page: str
    """Which opening of the page the ticks are of; ticks of two pages have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was, by our clock."""

    at: datetime
    off: timedelta
    """How far the phone's clock was behind ours as it sent."""


class TooOld(Exception):
    """It is longer ago than a phone may keep things."""


def moment_of(made: Reading, sent: Reading, *, off: timedelta | None, received: datetime) -> Moment:
    """When a record was made: never later than ``received``. Raises TooOld.

    ``off`` is how far the phone took its clock to be behind ours when it made the record, None where it had never
    heard from us. While that agrees with what the clock is off by now it counts: a replay then gives the same
    moment to the millisecond. Where the clock was set since, ticks of the same page are believed if the clock
    agrees with them (it was set before), else what was known of it (it was set after).
    """
    off_now = received - sent.at
    waited = sent.at - made.at
    was_set = off is not None and abs(off_now - off) > SLACK
    latest = received
    if off is not None and not was_set:
        return _within(min(made.at + off, received), received, off_now)
    if made.page == sent.page and sent.ticks >= made.ticks:
        ticked = sent.ticks - made.ticks
        latest = received - ticked
        if abs(waited - ticked) <= SLACK or (waited < ticked and not was_set):
            return _within(latest, received, off_now)
    at = made.at + off if off is not None else received - waited
    return _within(min(at, latest), received, off_now)


def _within(at: datetime, received: datetime, off: timedelta) -> Moment:
    if received - at > LONG:
        raise TooOld
    return Moment(at, off)
