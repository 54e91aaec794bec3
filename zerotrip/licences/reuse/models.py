"""The consented use of one licence for one material of one case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import DESK_ROLES, Assignment, Case, Confirmation, Submission
from zerotrip.cases.models.case import mandated
from zerotrip.ids import new_id
from zerotrip.parties.models import Role, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class Proven(models.TextChoices):
    """How far the use of a licence is proved."""

    VERIFIED = "verified", _("已核验")
    PROVISIONAL = "provisional", _("待核验")
    FAILED = "failed", _("核验不通过")


class Fault(models.TextChoices):
    """Why a use failed."""

    NONE = "", "—"
    UNKNOWN = "unknown", _("证照库里没有这份证照")
    OTHERS = "others", _("证照库里这个编号不是申请人的证照")
    NOT_VALID = "not_valid", _("证照已经失效")
    ENDS = "ends", _("证照在法定办结日之前到期")
    UNANSWERED = "unanswered", _("证照库一直没有给出可以采信的答复")


class GrantQuerySet(models.QuerySet["Grant"]):
    """Uses, chainable."""

    def visible_to(self, actor: Actor) -> GrantQuerySet:
        """The applicant's side sees all; staff what was handed in and a stage of theirs looks at,
        supervisors everything handed in in their area."""
        mine = Q(case__applicant__in=actor.acts_for) | mandated(actor, "case__")
        shown: Any = Q(pk__in=[])
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                shown |= Q(case__area_path__startswith=seat.area_path)
            elif seat.role in DESK_ROLES:
                work = Assignment.objects.filter(
                    Q(materials=[]) | Q(materials__contains=[OuterRef("material")]),
                    case=OuterRef("case"),
                    department=seat.department_id,
                    area_path__startswith=seat.area_path,
                )
                shown |= Exists(work)
        handed_in = Submission.objects.filter(
            case=OuterRef("case"), round=OuterRef("round"), submitted_at__isnull=False
        )
        return self.filter(mine | Exists(handed_in) & shown)

    def live(self) -> GrantQuerySet:
        """Those that were not taken back or replaced."""
        return self.filter(ended_round=None)


class Grant(models.Model):
    """Somebody let the agency read one licence for one material of one case. What was read stays as it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="grants")
    material = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField(help_text="The first submission it counts in.")
    ended_round = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The first it does not.")
    licence = models.ForeignKey(
        "licences.Licence", models.PROTECT, null=True, blank=True, related_name="grants", help_text="One held here."
    )
    kind = models.SlugField(max_length=60)
    number = models.CharField(max_length=80)
    identifier = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    holder = models.CharField(max_length=120, blank=True)
    issuer = models.CharField(max_length=120, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    facts = models.JSONField(default=dict, help_text="What the licence said: name → text.")
    filled = models.JSONField(default=dict, help_text="Field of the form → what the licence gives it.")
    consent = models.JSONField(help_text="The sentence that was agreed to, in both languages.")
    consented_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    consented_at = models.DateTimeField()
    confirmation = models.ForeignKey(
        Confirmation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="How the applicant agreed, where a clerk keyed in.",
    )
    status = models.CharField(max_length=12, choices=Proven)
    fault = models.CharField(max_length=12, choices=Fault, default=Fault.NONE, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True, help_text="When it was last found to hold.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Without an answer, since the last one.")
    ask_at = models.DateTimeField(null=True, blank=True, help_text="Not to be asked about before.")
    differs = models.JSONField(null=True, blank=True, help_text="A later answer that says something else.")
    differs_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("consented_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "material"], condition=Q(ended_round=None), name="one_live_grant_per_material"
            ),
            models.CheckConstraint(
                condition=Q(ended_round=None) | Q(ended_round__gte=models.F("round")),
                name="grant_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(status=Proven.FAILED) & ~Q(fault=Fault.NONE)
                | ~Q(status=Proven.FAILED) & Q(fault=Fault.NONE),
                name="failed_grant_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status=Proven.VERIFIED) | Q(verified_at__isnull=False), name="verified_grant_says_when"
            ),
            models.CheckConstraint(
                condition=Q(licence=None) | ~Q(status=Proven.PROVISIONAL), name="own_licence_needs_no_registry"
            ),
            models.CheckConstraint(
                condition=Q(differs=None, differs_at=None) | Q(differs__isnull=False, differs_at__isnull=False),
                name="other_answer_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["licence", "-consented_at"], name="grant_of_licence"),
            models.Index(
                fields=["ask_at"],
                name="grant_to_ask",
                condition=Q(ended_round=None, licence=None) & ~Q(status=Proven.FAILED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.material} {self.number}"

    @property
    def words(self) -> dict[str, str]:
        """What the licence is called, in both languages."""
        return {"zh": self.title, "en": self.title_en}

    def trouble(self, *, at: datetime) -> str:
        """See ``cases.proofs.Proof``."""
        from zerotrip.licences.reuse.rules import trouble

        return trouble(self, at=at)

    def waiting(self, *, at: datetime) -> str:
        """See ``cases.proofs.Proof``."""
        from zerotrip.licences.reuse.rules import waiting

        return waiting(self, at=at)
