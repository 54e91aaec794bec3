"""Days of the journal are closed once, in order, and show what was done to them afterwards."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from zerotrip.ids import new_id
from zerotrip.ledger import days
from zerotrip.ledger.models import ClosedDay, Entry
from zerotrip.licences.signing import sign_data, signed_by

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 3, 4, tzinfo=UTC)
"""Noon of 3 March in China."""
A_DAY = timedelta(days=1)


def entry(at: datetime, action: str = "open") -> Entry:
    """A line of the journal."""
    return Entry.objects.create(
        subject=new_id(),
        seq=1,
        kind="cases.case",
        action=action,
        actor=uuid4(),
        actor_name="陈受理",
        at=at,
        digest=hashlib.sha256(action.encode()).digest(),
    )


def sign(digest: bytes) -> bytes:
    return b"signed " + digest


def holds(digest: bytes, signature: bytes) -> str:
    return "us" if signature == sign(digest) else ""


def close(at: datetime) -> list[date]:
    return [closed.day for closed in days.close(at=at, sign=sign)]


def whole() -> list[bool]:
    return [proof.whole for proof in days.prove(signed_by=holds)]


def test_days_are_closed_when_they_are_over_in_order_and_once():
    assert close(NOON) == [], "there is nothing to close"
    entry(NOON)
    entry(NOON + 2 * A_DAY)
    assert close(NOON + timedelta(hours=12, minutes=59)) == [], "the day ended less than an hour ago"
    assert close(NOON + timedelta(hours=13)) == [date(2026, 3, 3)]
    assert close(NOON + 3 * A_DAY) == [date(2026, 3, 4), date(2026, 3, 5)], "also a day without entries"
    assert close(NOON + 3 * A_DAY) == []
    assert list(ClosedDay.objects.values_list("entries", flat=True)) == [1, 0, 1]
    assert whole() == [True, True, True]


def test_an_entry_slipped_into_a_closed_day_shows_in_that_day_alone():
    for day in range(3):
        entry(NOON + day * A_DAY)
    close(NOON + 4 * A_DAY)
    entry(NOON + A_DAY, "slipped in")
    assert whole() == [True, False, True, True]


@pytest.mark.parametrize(
    "change",
    ["UPDATE ledger_entry SET digest = sha256('x') WHERE seq = 1", "DELETE FROM ledger_entry WHERE seq = 1"],
)
def test_what_was_changed_past_the_guards_shows(change):
    entry(NOON)
    close(NOON + A_DAY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change)
    assert whole() == [False]


def test_a_day_closed_anew_with_another_key_shows_who_signed():
    entry(NOON)
    signature = days.close(at=NOON + A_DAY, sign=lambda digest: b"forged")[0].signature
    assert signature == b"forged"
    assert whole() == [False]


@pytest.mark.parametrize("change", ["UPDATE ledger_closedday SET entries = 0", "DELETE FROM ledger_closedday"])
def test_a_closed_day_stays(change):
    entry(NOON)
    close(NOON + A_DAY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_signature_is_that_of_the_agency_and_of_nothing_else(settings, tmp_path):
    settings.KEYS = tmp_path / "keys"
    signature = sign_data(b"digest", at=NOON)
    assert "演示签发" in signed_by(b"digest", signature)
    assert signed_by(b"other", signature) == ""
    assert signed_by(b"digest", signature[:-9]) == ""
    assert signed_by(b"digest", b"") == ""
