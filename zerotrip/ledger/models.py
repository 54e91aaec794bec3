"""The journal: who did what, when and why. Append-only and chained, without foreign keys.

Each subject (a case, a licence, a service version …) has its own chain: entry *n* carries the
SHA-256 of entry *n-1* and of itself, and the subject's row carries the head, so that a chain is
extended under the subject's row lock without reading what went before.

The table is partitioned by the month in which the subject was *born*, which its UUIDv7 tells.
All entries of a subject therefore lie in one partition, and ``(subject, seq)`` is a real key:
a chain cannot fork. See docs/decisions/0002.
"""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One line of the journal. The database refuses to change or delete it."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.UUIDField()
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    actor = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("subject", "seq")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} #{self.seq} {self.action}"


class ClosedDay(models.Model):
    """A day of the journal, closed: a signed digest of its entries, chained to the day before.

    Whoever keeps the digest elsewhere can prove later that nothing of that day, or of any day before
    it, was changed, added or taken away. The database refuses to change or delete it.
    """

    day = models.DateField(primary_key=True)
    entries = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)
    signature = models.BinaryField(help_text="Detached CMS (RFC 5652) over the digest, DER.")
    closed_at = models.DateTimeField()

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {bytes(self.digest).hex()}"


class Chained(models.Model):
    """A row with a chain in the journal. Mixed into what has a history."""

    ledger_length = models.PositiveIntegerField(default=0, editable=False)
    ledger_head = models.BinaryField(max_length=32, default=bytes, editable=False)

    class Meta:
        abstract = True
