"""Identifiers of rows: UUIDv7, so that a key tells its month and new rows land together."""

from __future__ import annotations

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    return compat.uuid7()
