"""Licences: signed documents that others can verify, and the counters their numbers come from."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zerotrip.cases.models import Case
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.licences.post import models as post  # noqa: F401  the tables of delivery
from zerotrip.licences.reuse import models as reuse  # noqa: F401  the tables of reuse
from zerotrip.licences.states import Standing, Status
from zerotrip.parties.models import Party, Role, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


def new_token() -> str:
    """128 random bits for the address of the public verification page."""
    return secrets.token_urlsafe(16)


class LicenceQuerySet(models.QuerySet["Licence"]):
    """Licences, chainable."""

    def visible_to(self, actor: Actor) -> LicenceQuerySet:
        """Those of the holders one acts for; staff see what their department issued in their area,
        supervisors everything issued in theirs."""
        seen = Q(holder__in=actor.acts_for)
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            seen |= within if seat.role == Role.SUPERVISOR else within & Q(issuer=seat.department_id)
        return self.filter(seen)

    def held_by(self, actor: Actor) -> LicenceQuerySet:
        """The licences of those ``actor`` acts for: "my licences"."""
        return self.filter(holder__in=actor.acts_for)


class Licence(Chained):
    """A document that says its holder may, or that something was filed. Signed, verifiable, revocable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField(max_length=60, help_text="Which sort of licence: the name of its template.")
    number = models.CharField(max_length=80)
    identifier = models.CharField(max_length=120, unique=True, help_text="GB/T 36904, with check character.")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    holder = models.ForeignKey(Party, models.PROTECT, related_name="licences")
    issuer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="licence")
    version = models.ForeignKey(ServiceVersion, models.PROTECT, related_name="+")
    facts = models.JSONField(help_text="What the certificate says: name → text.")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="The last day; None: no end of its own.")
    status = models.CharField(max_length=10, choices=Status, default=Status.VALID)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: by a rule of the service."
    )
    stopped_because = models.TextField(blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="licence_number_once_per_kind"),
            models.CheckConstraint(
                condition=Q(status=Status.VALID, stopped_at=None, stopped_by=None, stopped_because="")
                | Q(status__in=(Status.SUSPENDED, Status.REVOKED))
                & Q(stopped_at__isnull=False)
                & ~Q(stopped_because=""),
                name="stopped_licence_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="licence_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-issued_at"], name="licence_of_holder"),
            models.Index(fields=["issuer", "-issued_at"], name="licence_of_issuer"),
            models.Index(fields=["-issued_at"], name="licence_latest"),
            models.Index(fields=["area_path"], name="licence_area_prefix", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def url(self) -> str:
        """The address of the public verification page, as the QR code has it."""
        return f"{settings.SITE_URL.rstrip('/')}/v/{self.token}"

    def standing(self, at: datetime) -> Standing:
        """What the licence is worth at ``at``. Its last day is valid to its end, local time."""
        if self.status != Status.VALID:
            return Standing(self.status)
        today = timezone.localtime(at).date()
        if self.valid_until is not None and today > self.valid_until:
            return Standing.EXPIRED
        return Standing.FUTURE if today < self.valid_from else Standing.VALID


class Counter(models.Model):
    """The last number given of a scheme in a year. Its row is locked until the licence is issued."""

    pk = models.CompositePrimaryKey("scheme", "year")
    scheme = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last__gte=1), name="counter_starts_at_one")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.year}: {self.last}"
