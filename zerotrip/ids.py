"""Identifiers of rows: UUIDv7, so that a key tells its month and new rows land together."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    return compat.uuid7()


def is_made_around(made: UUID, at: datetime, *, within: timedelta) -> bool:
    """Whether an id that was made elsewhere says that it was made about then: rows lie by the days of their ids."""
    if made.version != 7:
        return False
    born = datetime.fromtimestamp((made.int >> 80) / 1000, tz=at.tzinfo)
    return abs(at - born) <= within
