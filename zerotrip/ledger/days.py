"""Closing the journal day by day, and proving that closed days stayed as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import TruncDate
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
    if first is None:
        return []
    previous = bytes(last.digest) if last else b""
    closed: list[ClosedDay] = []
    for day, entries, content in _contents(first, timezone.localdate(at - GRACE)):
        previous = _digest(previous, day, content)
        closed.append(ClosedDay(day=day, entries=entries, digest=previous, signature=sign(previous), closed_at=at))
    return ClosedDay.objects.bulk_create(closed)


def _first_day() -> date | None:
    earliest = Entry.objects.aggregate(earliest=Min("at"))["earliest"]
    return timezone.localdate(earliest) if earliest else None


def _digest(previous: bytes, day: date, content: bytes) -> bytes:
    """SHA-256 over the day before, the day, and the digest of its entries."""
    return hashlib.sha256(previous + day.isoformat().encode() + content).digest()


def _contents(first: date, end: date) -> Iterator[tuple[date, int, bytes]]:
    """Each local day from ``first`` to before ``end``: how many entries, and SHA-256 over their digests.

    The journal is read once, however many days there are.
    """
    start, stop = (timezone.make_aware(datetime.combine(day, time())) for day in (first, end))
    found = Entry.objects.filter(at__gte=start, at__lt=stop).annotate(day=TruncDate("at"))
    lines = found.order_by("day", "subject", "seq").values_list("day", "subject", "seq", "digest")
    by_day = groupby(lines.iterator(chunk_size=5000), key=itemgetter(0))
    next_day, entries = next(by_day, (end, iter(())))
    for day in (first + A_DAY * number for number in range((end - first).days)):
        total, count = hashlib.sha256(), 0
        if day == next_day:
            for _day, subject, seq, digest in entries:
                total.update(subject.bytes + seq.to_bytes(4, "big") + bytes(digest))
                count += 1
            next_day, entries = next(by_day, (end, iter(())))
        yield day, count, total.digest()


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
    closed = list(ClosedDay.objects.all())
    if not closed:
        return
    previous = b""
    contents = _contents(closed[0].day, closed[-1].day + A_DAY)
    for kept, (day, entries, content) in zip(closed, contents, strict=False):
        digest = bytes(kept.digest)
        name = signed_by(digest, bytes(kept.signature))
        same = (day, entries, _digest(previous, day, content)) == (kept.day, kept.entries, digest)
        yield Proof(kept.day, kept.entries, digest.hex(), name, same and name != "")
        previous = digest
