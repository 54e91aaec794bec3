"""Closing the journal day by day, and proving that closed days stayed as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from zerotrip.ledger.models import ClosedDay, Entry

A_DAY = timedelta(days=1)
GRACE = timedelta(hours=1)
"""How long after midnight a step begun before it may still be writing its entry."""

Sign = Callable[[bytes], bytes]
"""Signs a digest."""
SignedBy = Callable[[bytes, bytes], str]
"""Who signed a digest, by name; nobody when the signature does not hold."""


@transaction.atomic
def close(*, at: datetime, sign: Sign) -> list[ClosedDay]:
    """Close every day that is over and not yet closed, oldest first. Two at once close each day once.

    A day is over an hour after midnight, local time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.close'))")
    last = ClosedDay.objects.last()
    first = last.day + A_DAY if last else _first_day()
    over = timezone.localdate(at - GRACE)
    closed: list[ClosedDay] = []
    while first is not None and first + A_DAY * len(closed) < over:
        last = _closed(first + A_DAY * len(closed), last, at=at, sign=sign)
        last.save(force_insert=True)
        closed.append(last)
    return closed


def _first_day() -> date | None:
    earliest = Entry.objects.aggregate(earliest=Min("at"))["earliest"]
    return timezone.localdate(earliest) if earliest else None


def _closed(day: date, before: ClosedDay | None, *, at: datetime, sign: Sign) -> ClosedDay:
    entries, digest = digest_of(day, bytes(before.digest) if before else b"")
    return ClosedDay(day=day, entries=entries, digest=digest, signature=sign(digest), closed_at=at)


def digest_of(day: date, previous: bytes) -> tuple[int, bytes]:
    """How many entries a local day has, and SHA-256 over the day before, the day, and each entry's digest."""
    start = timezone.make_aware(datetime.combine(day, time()))
    found = Entry.objects.filter(at__gte=start, at__lt=start + A_DAY).order_by("subject", "seq")
    total, count = hashlib.sha256(previous + day.isoformat().encode()), 0
    for subject, seq, digest in found.values_list("subject", "seq", "digest").iterator(chunk_size=5000):
        total.update(subject.bytes + seq.to_bytes(4, "big") + bytes(digest))
        count += 1
    return count, total.digest()


@dataclass(frozen=True)
class Proof:
    """What became of a closed day."""

    day: date
    entries: int
    digest: str
    signed_by: str
    whole: bool


def prove(*, signed_by: SignedBy) -> Iterator[Proof]:
    """Every closed day, oldest first, with whether its entries and its signature are still those."""
    previous = b""
    for closed in ClosedDay.objects.all():
        digest = bytes(closed.digest)
        found = digest_of(closed.day, previous)
        name = signed_by(digest, bytes(closed.signature))
        yield Proof(
            closed.day, closed.entries, digest.hex(), name, found == (closed.entries, digest) and name != ""
        )
        previous = digest
