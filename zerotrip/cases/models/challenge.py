"""A decision before another authority: administrative review (行政复议) or a lawsuit (行政诉讼)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case
from zerotrip.ids import new_id
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class ChallengeKind(models.TextChoices):
    """Before whom."""

    REVIEW = "review", _("行政复议")
    LAWSUIT = "lawsuit", _("行政诉讼")


class Stage(models.TextChoices):
    """How far it is."""

    FILED = "filed", _("已提出")
    ACCEPTED = "accepted", _("已受理")
    CLOSED = "closed", _("已结案")


class Upshot(models.TextChoices):
    """What became of the decision."""

    NONE = "", "—"
    UPHELD = "upheld", _("维持")
    CHANGED = "changed", _("变更")
    REVOKED = "revoked", _("撤销")
    ANEW = "anew", _("责令重新作出")
    OTHERWISE = "otherwise", _("撤回、驳回或者其他")


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """Challenges, chainable."""

    def visible_to(self, actor: Actor) -> ChallengeQuerySet:
        """Who sees the case sees what became of its decision."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class Challenge(models.Model):
    """That somebody asked another authority to look at what was decided in a case, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="challenges")
    kind = models.CharField(max_length=8, choices=ChallengeKind)
    organ = models.CharField(max_length=120, help_text="Which authority or court.")
    number = models.CharField(max_length=80, blank=True, help_text="Its number of the matter.")
    filed_on = models.DateField()
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.FILED)
    upshot = models.CharField(max_length=10, choices=Upshot, default=Upshot.NONE, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        ordering = ("filed_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=~Q(stage=Stage.CLOSED), name="one_open_challenge_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.CLOSED, closed_on__isnull=False) & ~Q(upshot=Upshot.NONE)
                | ~Q(stage=Stage.CLOSED) & Q(closed_on=None, upshot=Upshot.NONE),
                name="closed_challenge_says_when_and_how",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("filed_on")),
                name="challenge_closes_after_it_is_filed",
            ),
            models.CheckConstraint(condition=~Q(organ=""), name="challenge_names_the_organ"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
