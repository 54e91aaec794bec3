"""Packs, their services, and the services' immutable versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import ServiceSpec


class Pack(Chained):
    """A loaded pack: where its services are done and how people browse them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    district = models.JSONField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services, chainable. The catalogue is public: everybody sees all of it."""

    def offered(self) -> ServiceQuerySet:
        """Those that new cases can begin with."""
        return self.exclude(current=None)


class Service(models.Model):
    """What can be asked for. Its current version is the one new cases begin with."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60)
    current = models.ForeignKey(
        "ServiceVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="None: withdrawn.",
    )
    department = models.SlugField(max_length=60)
    audience = ArrayField(models.CharField(max_length=12))
    themes = ArrayField(models.SlugField(max_length=60))
    search_text = models.TextField(blank=True)
    search_words = SearchVectorField(null=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["search_words"], name="service_search_words"),
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="service_search_trigrams"),
        ]

    def __str__(self) -> str:
        return self.slug


class ServiceVersion(Chained):
    """One frozen declaration of a service. A case stays on the version it began with.

    The database refuses to change or delete a version once made; so its chain in the journal has
    one entry, written before the row.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    files = models.JSONField(default=dict, help_text="Templates by name: the version is whole by itself.")
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="version_number_once_per_service"),
            models.UniqueConstraint(fields=["service", "digest"], name="version_content_once_per_service"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_numbers_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} v{self.number}"

    @property
    def spec(self) -> ServiceSpec:
        """The declaration, parsed once a process for each version."""
        from zerotrip.catalogue.queries import spec_of

        return spec_of(self.pk)
