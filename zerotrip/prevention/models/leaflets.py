"""Leaflets (明白纸, 倡议书) to people on rosters or to sites, and that each was read. See docs/decisions/0040.

Who owes a receipt and has not given it is in the dues of a window (decision 35); nothing here says it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Subject, Window
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import User
from zerotrip.parties.paths import around
from zerotrip.prevention.models.events import Event
from zerotrip.prevention.models.posts import inside
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class LeafletKind(models.TextChoices):
    """What sort of paper it is."""

    NOTICE = "notice", _("明白纸")
    APPEAL = "appeal", _("倡议书")


WHO = [(each.value, each.label) for each in (Subject.PERSON, Subject.SITE)]
"""Of whoever owes something those who are sent leaflets; enterprises are sent orders to sign."""
TRIES = 5
"""Names that are not on the roster after which a link takes no more."""


class LeafletQuerySet(models.QuerySet["Leaflet"]):
    """Leaflets, chainable."""

    def standing(self, at: datetime) -> LeafletQuerySet:
        """Those whose receipts are still waited for: not withdrawn, not over, and an event is under way there."""
        whole = ExpressionWrapper(OuterRef("area_path"), output_field=models.CharField())
        events = Event.objects.in_force(at.astimezone(CHINA).date()).annotate(whole=whole)
        there = Exists(events.filter(whole__startswith=F("area_path")))
        return self.filter(there, withdrawn_at=None, ends__gt=at)

    def visible_to(self, actor: Actor) -> LeafletQuerySet:
        """Staff see those to people of their area, and those over an area around it."""
        seen = inside(actor)
        for seat in actor.seats:
            seen |= Q(area_path__in=around(seat.area_path))
        return self.filter(seen)


class Leaflet(Chained):
    """One edition of a text to people or sites of an area. Its words never change: other words are another edition.

    Its key is made by whoever sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=LeafletKind)
    who = models.CharField(max_length=10, choices=WHO, default=Subject.PERSON)
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160, blank=True)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    signed = models.BooleanField(help_text="Whether readers sign with their name.")
    area_path = models.CharField(max_length=120)
    where = models.JSONField(default=dict, blank=True, help_text="Criteria of those it is for.")
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
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it did not go on being sent.")
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
    def heading(self) -> str:
        """Its title in the reader's language, as far as there is one."""
        return (self.title_en if _english() else "") or self.title

    @property
    def words(self) -> str:
        """Its text in the reader's language, as far as there is one."""
        return (self.text_en if _english() else "") or self.text

    @property
    def to_sites(self) -> bool:
        """Whether it is for sites, and not for people."""
        return self.who == Subject.SITE


def _english() -> bool:
    return (get_language() or "").startswith("en")


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
    """Somebody was sent a leaflet, or was brought it, and has read it: a person, or who answers for a site.

    Purged with the event.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    leaflet = models.ForeignKey(Leaflet, models.PROTECT, related_name="receipts", db_index=False)
    subject = models.UUIDField(help_text="Somebody on a roster, or a site.")
    area_path = models.CharField(max_length=120)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When the link went to their phone.")
    reminded = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=4, choices=Reading, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Signed with names that are not on the roster.")
    signature = models.CharField(max_length=120, blank=True, help_text="The name as it was signed.")
    on_behalf = models.CharField(max_length=40, blank=True, help_text="Of whoever signed for it, what they are.")
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, help_text="Who brought it."
    )

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["leaflet", "subject"], name="one_receipt_of_a_leaflet_and_subject"),
            models.CheckConstraint(
                condition=Q(read_at=None, how="", by=None, signature="", on_behalf="")
                | Q(read_at__isnull=False, how=Reading.LINK, by=None)
                | Q(read_at__isnull=False, how=Reading.DOOR, by__isnull=False),
                name="receipt_says_how_it_was_read",
            ),
            models.CheckConstraint(condition=~Q(sent_at=None, read_at=None), name="receipt_was_sent_or_read"),
            models.CheckConstraint(condition=Q(tries__lte=TRIES), name="receipt_link_is_tried_a_few_times"),
        ]

    def __str__(self) -> str:
        return f"{self.leaflet_id} {self.subject}"

    @property
    def is_locked(self) -> bool:
        """Whether its link takes no name any more: too many were not on the roster."""
        return self.tries >= TRIES
