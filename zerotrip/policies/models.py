"""Policies, their frozen versions, and the shelves they stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Shelf(models.Model):
    """A theme policies are looked for by."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField()
    definition = models.JSONField()

    class Meta:
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.slug


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Policies, chainable."""

    def visible_to(self, actor: Actor) -> PolicyQuerySet:
        """What is published is public; what is proposed is seen by staff."""
        return self if actor.is_staff else self.published()

    def published(self) -> PolicyQuerySet:
        """Those people can look up."""
        return self.exclude(current=None)


class Policy(models.Model):
    """A policy. Its current version is what people are told; a proposed one waits to be published."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60)
    current = models.ForeignKey(
        "PolicyVersion", models.PROTECT, null=True, blank=True, related_name="+", help_text="None: not published."
    )
    proposed = models.ForeignKey("PolicyVersion", models.PROTECT, null=True, blank=True, related_name="+")
    shelves = ArrayField(models.SlugField(max_length=60))
    audience = ArrayField(models.CharField(max_length=12))
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    issued = models.CharField(max_length=10, blank=True)
    search_text = models.TextField(blank=True)
    search_words = SearchVectorField(null=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed=None) | Q(current=None) | ~Q(proposed=F("current")),
                name="what_is_proposed_is_not_published",
            )
        ]
        indexes = [
            GinIndex(fields=["search_words"], name="policy_search_words"),
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="policy_search_trigrams"),
        ]

    def __str__(self) -> str:
        return self.slug


class PolicyVersion(Chained):
    """One frozen declaration of a policy. What was granted under it stays on it. The database refuses a change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number_once"),
            models.UniqueConstraint(fields=["policy", "digest"], name="policy_version_content_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.number}"


class Act(models.TextChoices):
    """What was done with a version."""

    PUBLISH = "publish", _("公布")
    DISCARD = "discard", _("不采用")
    WITHDRAW = "withdraw", _("撤下")


class PublicationQuerySet(models.QuerySet["Publication"]):
    """What was done with versions, chainable."""

    def visible_to(self, actor: Actor) -> PublicationQuerySet:
        """What was published or taken down is public; what was discarded is seen by staff."""
        return self if actor.is_staff else self.exclude(act=Act.DISCARD)


class Publication(Chained):
    """A version of a policy was published, discarded or taken down: when, by whom, why. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="publications", db_index=False)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="publications")
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: a pack.")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["policy", "at"], name="publication_of_policy")]

    def __str__(self) -> str:
        return f"{self.act} {self.version_id}"


from zerotrip.policies.unasked import models as unasked  # noqa: E402, F401  the tables of runs and grants
