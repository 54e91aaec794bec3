"""What was stated of parties, which facts there are, and what counts today in one row for each enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zerotrip.ids import new_id
from zerotrip.parties.models import Party, PartyKind, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Declaration(models.Model):
    """The facts a loaded pack declares. A change of the pack is a new row, and the old one is not current."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.SlugField(max_length=60)
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    current = models.BooleanField(default=True)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack"], condition=Q(current=True), name="one_declaration_per_pack")
        ]

    def __str__(self) -> str:
        return self.pack


def of_parties_visible_to(actor: Actor, party: str = "party", area_path: str = "") -> Q:
    """Of oneself and those one acts for; staff see what lies in their area."""
    seen = Q(**{f"{party}__in": actor.acts_for})
    firms = Q() if area_path else Q(**{f"{party}__kind": PartyKind.ENTERPRISE})
    for seat in actor.seats:
        seen |= firms & Q(**{f"{area_path or party + '__area_path'}__startswith": seat.area_path})
    return seen


class FactQuerySet(models.QuerySet["Fact"]):
    """Statements, chainable."""

    def visible_to(self, actor: Actor) -> FactQuerySet:
        """Those about oneself and whom one acts for; staff see those about enterprises of their area."""
        return self.filter(of_parties_visible_to(actor))


class Fact(models.Model):
    """One statement about a party: what, by whom, as of which day. Never changed; a correction is another one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="facts", db_index=False)
    name = models.CharField(max_length=60)
    value = models.JSONField(null=True, help_text="None: taken back, nothing is known.")
    source = models.CharField(max_length=60)
    as_of = models.DateField(help_text="The day it was so, or the last of its period.")
    note = models.CharField(max_length=400, blank=True, help_text="Where it was read, why it was corrected.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-as_of", "-recorded_at")
        indexes = [models.Index(fields=["party", "name", "as_of"], name="fact_of_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.name}"


class StandingQuerySet(models.QuerySet["Standing"]):
    """What counts of enterprises, chainable."""

    def visible_to(self, actor: Actor) -> StandingQuerySet:
        """Of those one acts for; staff see those of their area."""
        return self.filter(of_parties_visible_to(actor, area_path="area_path"))


class Standing(models.Model):
    """What counts of an enterprise today: a row that questions over all of them are asked of.

    Besides these columns the table has one for each fact the packs declare, made when a pack is loaded: see
    ``columns``. All of it can be derived anew from the statements.
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="standing")
    area_path = models.CharField(max_length=120, help_text="As the party's, so that lists need no join.")
    derived_at = models.DateTimeField()
    derive_on = models.DateField(null=True, blank=True, help_text="The day something of it is no longer so.")

    objects = StandingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["area_path"], name="standing_area_prefix", opclasses=["text_pattern_ops"]),
            models.Index(fields=["derive_on"], name="standing_to_derive", condition=Q(derive_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.party_id)
