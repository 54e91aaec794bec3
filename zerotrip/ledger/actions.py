"""The one way to write the journal."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from zerotrip.ledger.models import Chained, Entry


class Actor(Protocol):
    """Whoever acts: a person in a seat, or the system itself."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...


def digest(previous: bytes, entry: Entry) -> bytes:
    """SHA-256 over the previous digest and the canonical JSON of the entry."""
    return hashlib.sha256(previous + canonical(entry).encode()).digest()


def canonical(entry: Entry) -> str:
    """What of an entry its digest is made over, as JSON in one way only."""
    return json.dumps(
        [
            str(entry.subject),
            entry.seq,
            entry.kind,
            entry.action,
            str(entry.actor) if entry.actor else None,
            entry.actor_name,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.reason,
            entry.details,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )


def append(
    row: Chained,
    action: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> Entry:
    """Write the next entry of ``row``'s chain.

    The caller holds the row's lock (or has just made the row) and saves ``ledger_length`` and
    ``ledger_head`` with its own change, in the same transaction.
    """
    entry = extend(row, action, by=by, at=at, reason=reason, details=details)
    entry.save(force_insert=True)
    return entry


def extend(
    row: Chained,
    action: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> Entry:
    """The next entry of ``row``'s chain, not yet written: for a step that writes all it has at once."""
    entry = Entry(
        subject=row.pk,
        seq=row.ledger_length + 1,
        kind=row._meta.label_lower,
        action=action,
        actor=by.user_id,
        actor_name=by.name,
        at=at,
        reason=reason,
        details=details or {},
    )
    entry.digest = digest(bytes(row.ledger_head), entry)
    row.ledger_length = entry.seq
    row.ledger_head = entry.digest
    return entry
