"""Licences: signed documents that others can verify, and the counters their numbers come from."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import Case
from zerotrip.cases.models.case import NUMBER, mandated
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.licences.post import models as post  # noqa: F401  the tables of delivery
from zerotrip.licences.reuse import models as reuse  # noqa: F401  the tables of reuse
from zerotrip.licences.states import ENDED, Ground, Origin, Standing, Status
from zerotrip.parties.models import Deed, MandateKind, Party, Role, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


CANCELLED = _("持证人申请注销（办件 %(number)s）。")
"""Why a licence ended that its holder gave up."""


def new_token() -> str:
    """128 random bits for the address of the public verification page."""
    return secrets.token_urlsafe(16)


def received(actor: Actor) -> Q:
    """The licences of cases whose result a mandate lets ``actor`` receive."""
    able = tuple(power for power in actor.powers if Deed.RECEIVE in power.deeds)
    return mandated(replace(actor, powers=able), "case__", kind=MandateKind.DELEGATED)


class LicenceQuerySet(models.QuerySet["Licence"]):
    """Licences, chainable."""

    def visible_to(self, actor: Actor) -> LicenceQuerySet:
        """Those of the holders one acts for, or receives the result for; staff see what their
        department issued in their area, supervisors everything issued in theirs."""
        return self.filter(Q(holder__in=actor.acts_for) | received(actor) | _of_offices(actor))

    def issued_by_offices_of(self, actor: Actor) -> LicenceQuerySet:
        """What staff see of licences by their seats."""
        return self.filter(_of_offices(actor))

    def held_by(self, actor: Actor) -> LicenceQuerySet:
        """The licences of those ``actor`` acts for: "my licences"."""
        return self.filter(holder__in=actor.acts_for)


def _of_offices(actor: Actor) -> Q:
    seen = Q(pk__in=[])
    for seat in actor.seats:
        within = Q(area_path__startswith=seat.area_path)
        seen |= within if seat.role == Role.SUPERVISOR else within & Q(issuer=seat.department_id)
    return seen


class Licence(Chained):
    """A document that says its holder may, or that something was filed. Signed, verifiable, revocable.

    Each row is one edition of it. What changes, is renewed, lost or corrected is printed as the next
    edition of the same number, which replaces the one before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField(max_length=60, help_text="Which sort of licence, as its service declares.")
    number = models.CharField(max_length=80)
    edition = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.ISSUE)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", help_text="The edition before."
    )
    identifier = models.CharField(max_length=120, unique=True, help_text="GB/T 36904, with check character.")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    holder = models.ForeignKey(Party, models.PROTECT, related_name="licences")
    issuer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    case = models.OneToOneField(
        Case,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="licence",
        help_text="Whose outcome it is. A corrected edition takes the place of the one it corrects.",
    )
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
    ground = models.CharField(max_length=8, choices=Ground, default=Ground.NONE, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "number"],
                condition=~Q(status=Status.REPLACED),
                name="one_current_licence_per_number",
            ),
            models.UniqueConstraint(fields=["kind", "number", "edition"], name="licence_edition_once_per_number"),
            models.CheckConstraint(
                condition=Q(edition=1, replaces=None) | Q(edition__gt=1, replaces__isnull=False),
                name="later_edition_replaces_one",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.REVOKED) & ~Q(ground=Ground.NONE)
                | ~Q(status=Status.REVOKED) & Q(ground=Ground.NONE),
                name="ended_licence_says_on_which_ground",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.VALID, stopped_at=None, stopped_by=None, stopped_because="")
                | Q(status__in=(Status.SUSPENDED, Status.REVOKED, Status.REPLACED))
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
    def status_said(self) -> str:
        """The status in a word: a licence that was ended by the word of the law for how."""
        return str(ENDED[Ground(self.ground)] if self.ground else self.get_status_display())

    @property
    def because(self) -> str:
        """Why it was stopped, as it was written; of one its holder gave up, in the reader's language."""
        number = NUMBER.search(self.stopped_because)
        if self.ground == Ground.CANCEL and number is not None:
            return str(CANCELLED) % {"number": number[0]}
        return self.stopped_because

    def standing_said(self, at: datetime) -> str:
        """What the licence is worth at ``at``, in a word."""
        return str(ENDED[Ground(self.ground)] if self.ground else self.standing(at).label)

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


class ConcernQuerySet(models.QuerySet["Concern"]):
    """Concerns, chainable."""

    def visible_to(self, actor: Actor) -> ConcernQuerySet:
        """Who sees the case sees which licence it is about."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class Concern(models.Model):
    """The licence a case is about, where its service acts upon one that is held here."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="concern")
    licence = models.ForeignKey(
        Licence, models.PROTECT, related_name="concerns", help_text="The edition it was begun on."
    )
    act = models.CharField(max_length=8)
    chosen_at = models.DateTimeField()
    ends_on = models.DateField(
        null=True, blank=True, help_text="Of a renewal that silence grants: the last day of the licence."
    )

    objects = ConcernQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["ends_on"], name="concern_ends", condition=Q(ends_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act}"


class Hands(models.TextChoices):
    """Where something is that one proposes and another confirms."""

    OPEN = "open", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    TURNED_DOWN = "down", _("未同意")


class TwoHands(models.Model):
    """What one proposes about a licence or a decision and a leader confirms or turns down: never the same hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reasons = models.TextField()
    status = models.CharField(max_length=10, choices=Hands, default=Hands.OPEN)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    opinion = models.TextField(blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~Q(reasons=""), name="%(class)s_gives_its_reasons"),
            models.CheckConstraint(
                condition=Q(status=Hands.OPEN, settled_by=None, settled_at=None)
                | ~Q(status=Hands.OPEN) & Q(settled_by__isnull=False, settled_at__isnull=False),
                name="%(class)s_settled_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | ~Q(settled_by=F("proposed_by")), name="%(class)s_takes_two_hands"
            ),
            models.CheckConstraint(
                condition=~Q(status=Hands.TURNED_DOWN) | ~Q(opinion=""), name="%(class)s_turned_down_says_why"
            ),
        ]


class RevocationQuerySet(models.QuerySet["Revocation"]):
    """Revocations, chainable."""

    def visible_to(self, actor: Actor) -> RevocationQuerySet:
        """Staff see those of the licences they see; holders, once they are confirmed."""
        staff = Q(licence__in=Licence.objects.issued_by_offices_of(actor))
        return self.filter(staff | Q(licence__holder__in=actor.acts_for, status=Hands.CONFIRMED))


class Revocation(TwoHands):
    """Taking a licence back for good: annulled, withdrawn, or as a penalty."""

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="revocations")
    ground = models.CharField(
        max_length=8, choices=[(g.value, g.label) for g in (Ground.ANNUL, Ground.WITHDRAW, Ground.PENALTY)]
    )
    fraud = models.BooleanField(
        default=False, db_default=False, help_text="Got by deceit, bribery or other improper means (art. 79)."
    )

    objects = RevocationQuerySet.as_manager()

    class Meta(TwoHands.Meta):
        constraints = [
            *TwoHands.Meta.constraints,
            models.CheckConstraint(
                condition=Q(fraud=False) | Q(ground=Ground.ANNUL), name="what_was_got_by_fraud_is_annulled"
            ),
            models.UniqueConstraint(
                fields=["licence"], condition=Q(status=Hands.OPEN), name="one_open_revocation_of_a_licence"
            ),
            models.UniqueConstraint(
                fields=["licence"], condition=Q(status=Hands.CONFIRMED), name="a_licence_is_revoked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence_id} {self.ground}"


class SlipQuerySet(models.QuerySet["Slip"]):
    """Slips, chainable."""

    def visible_to(self, actor: Actor) -> SlipQuerySet:
        """Staff see those of the cases they see; applicants, once they are confirmed."""
        mine = Q(case__applicant__in=actor.acts_for) | mandated(actor, "case__")
        seen = Q(case__in=Case.objects.visible_to(actor))
        return self.filter(seen & (~mine | Q(status=Hands.CONFIRMED)))


class Slip(TwoHands):
    """A slip of the pen in what was decided or printed: the places, what stood there and what it is to be."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="slips", help_text="What it was decided in.")
    licence = models.ForeignKey(
        Licence, models.PROTECT, null=True, blank=True, related_name="slips", help_text="The edition it stands in."
    )
    changes = models.JSONField(help_text="[{place, label, before, after}]; a place is fact:<name> or a text.")
    made = models.OneToOneField(
        Licence, models.PROTECT, null=True, blank=True, related_name="corrects", help_text="The edition printed."
    )

    objects = SlipQuerySet.as_manager()

    class Meta(TwoHands.Meta):
        constraints = [
            *TwoHands.Meta.constraints,
            models.UniqueConstraint(
                fields=["case"], condition=Q(status=Hands.OPEN), name="one_open_slip_of_a_case"
            ),
            models.CheckConstraint(condition=~Q(changes=[]), name="slip_changes_something"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {len(self.changes)}"


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
