"""The rules by which a need finds whoever helps with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Stopped(models.TextChoices):
    """Why a rule is not followed."""

    NOT = "", "—"
    LEFT = "left", _("这个人已不在岗")
    ABSENT = "absent", _("这个人外出，没有人代班")
    EMPTY = "empty", _("那里没有人")
    BY_HAND = "by_hand", _("人工停用")


class RoutingRuleQuerySet(models.QuerySet["RoutingRule"]):
    """Routing rules, chainable."""

    def visible_to(self, actor: Actor) -> RoutingRuleQuerySet:
        """Whoever works in an office reads them: they say why a need is where it is."""
        return self if actor.is_staff or actor.is_system else self.none()

    def standing(self) -> RoutingRuleQuerySet:
        """Those that were not taken away."""
        return self.filter(removed_at=None)

    def followed(self) -> RoutingRuleQuerySet:
        """Those that are followed now."""
        return self.standing().filter(stopped="")


class RoutingRule(Chained):
    """One line of an ordered list: needs like these go to this person, office or team, or to whoever is named for
    the firm (点对点). The first that fits counts.

    A line may be of the district's own list, or of that of a team: what goes to a team with a list goes on by it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(
        Party,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="routing",
        help_text="Whose list; None: the district's.",
    )
    order = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    subjects = ArrayField(models.SlugField(max_length=60), default=list, blank=True, help_text="Empty: any.")
    areas = ArrayField(
        models.CharField(max_length=15), default=list, blank=True, help_text="Codes; empty: anywhere."
    )
    when = models.JSONField(null=True, blank=True, help_text="Criteria over what is known of the firm.")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    office = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="routed_to", help_text="A department or a team."
    )
    named = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The firm's named helper for the subject, else its helper for all subjects.",
    )
    role = models.CharField(
        max_length=16, choices=Role, blank=True, help_text="Which seat of the office; empty: whichever helps."
    )
    green = models.CharField(max_length=200, blank=True, help_text="Why such needs go into the green channel.")
    pack = models.CharField(
        max_length=60, blank=True, help_text="The pack that declares it; empty: made at the desk."
    )
    key = models.CharField(max_length=60, blank=True, help_text="Its name in the pack.")
    edited = models.BooleanField(default=False, help_text="Changed at the desk since: the pack leaves it alone.")
    stopped = models.CharField(max_length=10, choices=Stopped, default=Stopped.NOT, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    revision = models.BigIntegerField(
        help_text="Grows with each change of any rule: what is compiled knows it is old."
    )
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RoutingRuleQuerySet.as_manager()

    class Meta:
        ordering = ("order", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, office=None, named=False, role="")
                | Q(person=None, office__isnull=False, named=False)
                | Q(person=None, office=None, named=True, role=""),
                name="rule_goes_to_one_place",
            ),
            models.CheckConstraint(
                condition=Q(stopped="", stopped_at=None) | ~Q(stopped="") & Q(stopped_at__isnull=False),
                name="stopped_rule_says_since_when",
            ),
            models.UniqueConstraint(
                fields=["pack", "key"], condition=Q(removed_at=None) & ~Q(pack=""), name="rule_of_a_pack_once"
            ),
            models.CheckConstraint(
                condition=Q(pack="", key="") | ~Q(pack="") & ~Q(key=""), name="rule_of_a_pack_has_a_key"
            ),
        ]
        indexes = [
            models.Index(fields=["-revision"], name="rule_latest_revision"),
            models.Index(
                fields=["person"], name="rule_of_person", condition=Q(removed_at=None, person__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Declaration(models.Model):
    """What a pack declares of relief, as it was loaded last."""

    pack = models.CharField(max_length=60, primary_key=True)
    definition = models.JSONField()

    def __str__(self) -> str:
        return self.pack
