"""Leaflets (明白纸) and appeals (倡议书) to people on rosters, and that each was read.

Who owes a receipt and has not given it is in the dues of a window (decision 35); nothing here says it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Window
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import User
from zerotrip.parties.paths import around
from zerotrip.prevention.models.posts import inside

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class LeafletKind(models.TextChoices):
    """What sort of paper it is."""

    NOTICE = "notice", _("明白纸")
    APPEAL = "appeal", _("倡议书")


class LeafletQuerySet(models.QuerySet["Leaflet"]):
    """Leaflets, chainable."""

    def standing(self, at: datetime) -> LeafletQuerySet:
        """Those whose receipts are still waited for."""
        return self.filter(withdrawn_at=None, ends__gt=at)

    def visible_to(self, actor: Actor) -> LeafletQuerySet:
        """Staff see those to people of their area, and those over an area around it."""
        seen = inside(actor)
        for seat in actor.seats:
            seen |= Q(area_path__in=around(seat.area_path))
        return self.filter(seen)


class Leaflet(Chained):
    """One edition of a text to people of an area. Its words never change: other words are another edition.

    Its key is made by whoever sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=LeafletKind)
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160, blank=True)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    signed = models.BooleanField(help_text="Whether readers sign with their name.")
    area_path = models.CharField(max_length=120)
    where = models.JSONField(default=dict, blank=True, help_text="Criteria of those on rosters it is for.")
    ends = models.DateTimeField(help_text="Until when it is to be read.")
    edition = models.PositiveSmallIntegerField(default=1)
    replaces = models.UUIDField(null=True, blank=True, unique=True, help_text="The edition before.")
    window = models.OneToOneField(
        Window,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leaflet",
        help_text="In which receipts are owed.",
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When everybody then on the rosters had been sent it."
    )
    named_at = models.DateTimeField(null=True, blank=True, help_text="When the silent were named to their grids.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    because = models.CharField(max_length=200, blank=True, help_text="Why it was withdrawn.")

    objects = LeafletQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="leaflet_says_something"),
            models.CheckConstraint(condition=~Q(area_path=""), name="leaflet_is_for_an_area"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, because="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(because=""),
                name="withdrawn_leaflet_says_by_whom_and_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends"], name="leaflet_to_be_named", condition=Q(named_at=None, withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def told(self) -> tuple[str, str]:
        """Title and text in the reader's language, as far as there is one."""
        english = (get_language() or "").startswith("en")
        return (self.title_en if english else "") or self.title, (self.text_en if english else "") or self.text

    def stands(self, at: datetime) -> bool:
        """Whether its receipts are still waited for."""
        return self.withdrawn_at is None and at < self.ends


class Reading(models.TextChoices):
    """How somebody came to read it."""

    LINK = "link", _("手机链接")
    DOOR = "door", _("上门送达")


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Receipts, chainable."""

    def visible_to(self, actor: Actor) -> ReceiptQuerySet:
        """Staff see those of their area."""
        return self.filter(inside(actor))


class Receipt(models.Model):
    """Somebody was sent a leaflet, or was brought it, and has read it. Purged with the event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    leaflet = models.ForeignKey(Leaflet, models.PROTECT, related_name="receipts", db_index=False)
    person = models.UUIDField(help_text="Somebody on a roster.")
    area_path = models.CharField(max_length=120)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When the link went to their phone.")
    reminded = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=4, choices=Reading, blank=True)
    signature = models.CharField(max_length=120, blank=True, help_text="The name as it was signed.")
    on_behalf = models.CharField(max_length=40, blank=True, help_text="Of whoever signed for them, what they are.")
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, help_text="Who brought it."
    )

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["leaflet", "person"], name="one_receipt_of_a_leaflet_and_person"),
            models.CheckConstraint(
                condition=Q(read_at=None, how="", by=None, signature="", on_behalf="")
                | Q(read_at__isnull=False, how=Reading.LINK, by=None, on_behalf="")
                | Q(read_at__isnull=False, how=Reading.DOOR, by__isnull=False),
                name="receipt_says_how_it_was_read",
            ),
            models.CheckConstraint(condition=~Q(sent_at=None, read_at=None), name="receipt_was_sent_or_read"),
        ]

    def __str__(self) -> str:
        return f"{self.leaflet_id} {self.person}"
