"""Reading the journal, and proving it whole."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from zerotrip.ledger.actions import digest
from zerotrip.ledger.models import Chained, Entry


def history(subject: UUID) -> QuerySet[Entry]:
    """The entries of one subject, oldest first."""
    return Entry.objects.filter(subject=subject).order_by("seq")


def first_break(row: Chained) -> int | None:
    """The number of the first entry that does not follow from the one before, or None if whole.

    A chain that was cut at its end is found too: the row carries length and head.
    """
    previous = b""
    seq = 0
    for seq, entry in enumerate(history(row.pk), start=1):
        if entry.seq != seq or bytes(entry.digest) != digest(previous, entry):
            return seq
        previous = bytes(entry.digest)
    if seq != row.ledger_length or previous != bytes(row.ledger_head):
        return seq + 1
    return None
