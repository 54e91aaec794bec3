"""What is offered and wanted, which offer and want were brought together, and what is set aside for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import Case
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.pairs import Pairs
from zerotrip.parties.models import HANDS, Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind

SETS = ("s1", "s2", "s3", "s4")
SEEING_ROLES = (*HANDS, Role.SUPERVISOR)
"""Seats from which resources of the area are seen."""


class ResourceKindQuerySet(models.QuerySet["ResourceKind"]):
    """Kinds, chainable. Like services they are public: everybody sees all of them."""

    def offered(self) -> ResourceKindQuerySet:
        """Those that new entries can be made of."""
        return self.filter(offered=True)


class ResourceKind(Chained):
    """A kind of resource as the pack declares it now."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    pack = models.SlugField(max_length=60)
    place = models.PositiveSmallIntegerField(help_text="In lists.")
    definition = models.TextField(help_text="JSON as declared: the same text is the same kind.")
    offered = models.BooleanField(default=True)
    loaded_at = models.DateTimeField()

    objects = ResourceKindQuerySet.as_manager()

    class Meta:
        ordering = ("place", "slug")

    def __str__(self) -> str:
        return self.slug

    @property
    def kind(self) -> Kind:
        """The declaration, parsed once a process."""
        from zerotrip.relief.matching.kinds import parsed

        return parsed(self.definition)


class Side(models.TextChoices):
    """Which side of a kind an entry stands on."""

    OFFER = "offer", _("供给")
    WANT = "want", _("需求")


class ResourceStatus(models.TextChoices):
    """Where an entry is."""

    OPEN = "open", _("对接中")
    ASLEEP = "asleep", _("待确认，暂不展示")
    DONE = "done", _("已落实")
    WITHDRAWN = "withdrawn", _("已撤下")
    EXPIRED = "expired", _("已到期")


def seen_by_seat(actor: Actor, *paths: str) -> Q:
    """What lies in the area of a seat, by one of these columns."""
    seen = Q(pk__in=[])
    for seat in actor.seats_as(*SEEING_ROLES):
        for path in paths:
            seen |= Q(**{f"{path}__startswith": seat.area_path})
    return seen


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Entries, chainable."""

    def visible_to(self, actor: Actor) -> ResourceQuerySet:
        """In full, contacts too: one's own, and to staff those of their area."""
        return self.filter(Q(party__in=actor.acts_for) | seen_by_seat(actor, "area_path"))

    def own(self, actor: Actor) -> ResourceQuerySet:
        """One's own and those of whom one acts for."""
        return self.filter(party__in=actor.acts_for)

    def available(self) -> ResourceQuerySet:
        """Those that can still be had: listed, with something left that is not set aside."""
        return self.filter(status=ResourceStatus.OPEN, quantity__gt=F("reserved") + F("used"))


class Resource(Chained):
    """Something a party offers or wants: one entry of a kind.

    Everybody may know of an offer that is available, by its public face (``matching.faces``); contacts and
    fields marked sensitive are for those of ``visible_to``, and for the other side once both have agreed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField(max_length=60)
    side = models.CharField(max_length=5, choices=Side)
    party = models.ForeignKey(Party, models.PROTECT, related_name="resources")
    need = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="resources", help_text="What it is to help."
    )
    title = models.CharField(max_length=80)
    answers = models.JSONField()
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=20)
    area_path = models.CharField(max_length=120, help_text="Where it is, or where it is needed.")
    reach = models.CharField(max_length=120, help_text="The area in which the other side may lie.")
    quantity = models.DecimalField(max_digits=16, decimal_places=2, default=1)
    reserved = models.DecimalField(max_digits=16, decimal_places=2, default=0, help_text="Kept by the database.")
    used = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    n1 = models.FloatField(null=True)
    n2 = models.FloatField(null=True)
    n3 = models.FloatField(null=True)
    n4 = models.FloatField(null=True)
    n5 = models.FloatField(null=True)
    n6 = models.FloatField(null=True)
    s1 = models.BigIntegerField(null=True)
    s2 = models.BigIntegerField(null=True)
    s3 = models.BigIntegerField(null=True)
    s4 = models.BigIntegerField(null=True)
    status = models.CharField(max_length=10, choices=ResourceStatus, default=ResourceStatus.OPEN)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_staff = models.BooleanField(default=False, help_text="Entered by staff in the party's name.")
    confirmed_at = models.DateTimeField(help_text="When somebody last said that it still stands.")
    confirm_at = models.DateTimeField(help_text="When to ask.")
    asked_at = models.DateTimeField(null=True, blank=True)
    sleep_at = models.DateTimeField(null=True, blank=True, help_text="When to hide it, once asked.")
    valid_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=200, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ("-entered_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, reserved__gte=0, used__gte=0), name="resource_amounts_are_amounts"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("reserved") + F("used")), name="resource_is_never_given_twice"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("open", "asleep"), ended_at=None)
                | Q(status__in=("done", "withdrawn", "expired"), ended_at__isnull=False),
                name="ended_resource_says_when",
            ),
            models.CheckConstraint(
                condition=Q(asked_at=None, sleep_at=None) | Q(asked_at__isnull=False, sleep_at__isnull=False),
                name="resource_that_was_asked_sleeps_later",
            ),
        ]
        indexes = [
            # What a search compares stands in the index: of 200,000 offers only those that match are read.
            models.Index(
                fields=["kind", "side", "n1"],
                include=[*("id", "party", "area_path", "reach"), *("n2", "n3", "n4", "n5", "n6"), *SETS],
                condition=Q(status="open", quantity__gt=F("reserved") + F("used")),
                name="resource_matched",
            ),
            models.Index(
                fields=["kind", "side", "-entered_at", "-id"],
                condition=Q(status="open", quantity__gt=F("reserved") + F("used")),
                name="resource_shelf",
            ),
            models.Index(fields=["-entered_at", "-id"], name="resource_latest"),
            models.Index(fields=["area_path"], name="resource_area_prefix", opclasses=["text_pattern_ops"]),
            models.Index(
                fields=["confirm_at"], condition=Q(status="open", asked_at=None), name="resource_to_confirm"
            ),
            models.Index(
                fields=["sleep_at"], condition=Q(status="open", asked_at__isnull=False), name="resource_to_sleep"
            ),
            models.Index(
                fields=["valid_until"], condition=Q(status__in=("open", "asleep")), name="resource_to_expire"
            ),
            GinIndex(Pairs(Upper("title")), name="resource_title_pairs"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stands(self) -> Literal["offer", "want"]:
        """The side as a plain word."""
        return "offer" if self.side == Side.OFFER else "want"


class Meeting(models.TextChoices):
    """Where an introduction is."""

    PROPOSED = "proposed", _("等双方同意")
    INTRODUCED = "introduced", _("已牵线")
    SUCCEEDED = "succeeded", _("已对接成功")
    FAILED = "failed", _("没有谈成")
    REFUSED = "refused", _("一方不考虑")
    LAPSED = "lapsed", _("到期未同意")
    DROPPED = "dropped", _("一方已撤下或落实")


class Outcome(models.TextChoices):
    """What came of an introduction."""

    SUCCEEDED = "succeeded", _("谈成了")
    FAILED = "failed", _("没谈成")


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    """Introductions, chainable."""

    def visible_to(self, actor: Actor) -> IntroductionQuerySet:
        """To both parties, and to staff when one side lies in their area."""
        own = Q(offer_party__in=actor.acts_for) | Q(want_party__in=actor.acts_for)
        return self.filter(own | seen_by_seat(actor, "offer_area", "want_area"))

    def underway(self) -> IntroductionQuerySet:
        """Those in which something can still happen."""
        return self.filter(status__in=(Meeting.PROPOSED, Meeting.INTRODUCED))


class Introduction(Chained):
    """An offer and a want that were brought together: once for each pair, whatever comes of it.

    Contacts are shown to both once both have agreed, and for as long as it is introduced or has succeeded.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField(max_length=60)
    offer = models.ForeignKey(Resource, models.PROTECT, related_name="offered_in", db_index=False)
    want = models.ForeignKey(Resource, models.PROTECT, related_name="wanted_in")
    offer_party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    want_party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    offer_area = models.CharField(max_length=120)
    want_area = models.CharField(max_length=120)
    score = models.PositiveSmallIntegerField(help_text="Of 100.")
    reasons = models.JSONField(help_text="Told to each side, in both languages, as they were found.")
    by_hand = models.BooleanField(default=False, help_text="Somebody asked for it; else the rules found it.")
    note = models.CharField(max_length=500, blank=True, help_text="Of staff who brought the two together.")
    status = models.CharField(max_length=10, choices=Meeting, default=Meeting.PROPOSED)
    proposed_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text="When a proposal lapses.")
    offer_agreed_at = models.DateTimeField(null=True, blank=True)
    offer_agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    want_agreed_at = models.DateTimeField(null=True, blank=True)
    want_agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    introduced_at = models.DateTimeField(null=True, blank=True)
    refused_by_side = models.CharField(max_length=5, choices=Side, blank=True)
    refused_because = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True, help_text="As counted.")
    taken = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True, help_text="Of the offer.")
    outcome_note = models.CharField(max_length=500, blank=True)
    outcome_from = models.CharField(max_length=5, blank=True, help_text="offer, want or staff.")
    outcome_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-score", "-id")
        constraints = [
            models.UniqueConstraint(fields=["offer", "want"], name="introduced_once"),
            models.CheckConstraint(condition=Q(score__lte=100), name="introduction_score_is_of_a_hundred"),
            models.CheckConstraint(
                condition=~Q(status__in=("introduced", "succeeded", "failed"))
                | Q(offer_agreed_at__isnull=False, want_agreed_at__isnull=False, introduced_at__isnull=False),
                name="introduced_when_both_agreed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("proposed", "introduced"), ended_at=None)
                | Q(ended_at__isnull=False) & ~Q(status__in=("proposed", "introduced")),
                name="ended_introduction_says_when",
            ),
            models.CheckConstraint(
                condition=Q(status="succeeded", amount__gte=0, taken__gt=0)
                | ~Q(status="succeeded") & Q(amount=None, taken=None),
                name="success_says_how_much",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") & ~Q(refused_by_side="") & ~Q(refused_because="")
                | ~Q(status="refused") & Q(refused_by_side="", refused_because=""),
                name="refusal_says_who_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(status="proposed"), name="introduction_to_lapse"),
            models.Index(fields=["-proposed_at", "-id"], name="introduction_latest"),
            models.Index(
                fields=["ended_at"], condition=Q(status__in=("succeeded", "failed")), name="introduction_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.want_id}"


class ReservationStatus(models.TextChoices):
    """Where a reservation is."""

    HELD = "held", _("预留中")
    USED = "used", _("已落实")
    RELEASED = "released", _("已取消")
    EXPIRED = "expired", _("已到期")


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Reservations, chainable."""

    def visible_to(self, actor: Actor) -> ReservationQuerySet:
        """To both parties and the staff of their areas, as the introduction is."""
        return self.filter(introduction__in=Introduction.objects.visible_to(actor))


class Reservation(models.Model):
    """Part of an offer, or all of it, set aside for a want for a time.

    The database adds up what is held of an offer (``Resource.reserved``) and refuses more than there is; of an
    offer that goes as a whole it holds one at most.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    introduction = models.ForeignKey(Introduction, models.PROTECT, related_name="reservations")
    offer = models.ForeignKey(Resource, models.PROTECT, related_name="reservations")
    quantity = models.DecimalField(max_digits=16, decimal_places=2)
    whole = models.BooleanField(help_text="The offer goes as a whole.")
    status = models.CharField(max_length=8, choices=ReservationStatus, default=ReservationStatus.HELD)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_is_of_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="reservation_gives_time"),
            models.UniqueConstraint(
                fields=["offer"], condition=Q(status="held", whole=True), name="whole_offer_is_held_once"
            ),
            models.UniqueConstraint(
                fields=["introduction"], condition=Q(status="held"), name="introduction_holds_once"
            ),
            models.CheckConstraint(
                condition=Q(status="held", ended_at=None) | ~Q(status="held") & Q(ended_at__isnull=False),
                name="ended_reservation_says_when",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(status="held"), name="reservation_to_expire")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.quantity}"
