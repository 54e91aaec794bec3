"""What the applicant says of how a case was handled (好差评), and the call-back a bad grade brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case
from zerotrip.ids import new_id
from zerotrip.parties.models import LEADING_ROLES, Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Grade(models.IntegerChoices):
    """The five grades of 鲁政办发〔2020〕10号; the last two are bad."""

    VERY_GOOD = 5, _("非常满意")
    GOOD = 4, _("满意")
    FAIR = 3, _("基本满意")
    BAD = 2, _("不满意")
    VERY_BAD = 1, _("非常不满意")


BAD_GRADES = frozenset({Grade.BAD, Grade.VERY_BAD})
"""The grades that are called back on."""


class Tag(models.TextChoices):
    """What a grade is about, in a word."""

    FAST = "fast", _("办得快")
    CLEAR = "clear", _("一次说清")
    KIND = "kind", _("态度热情")
    NO_TRIP = "no_trip", _("不用跑腿")
    SLOW = "slow", _("办得慢")
    UNCLEAR = "unclear", _("没有一次说清")
    UNKIND = "unkind", _("态度不好")
    EXTRA = "extra", _("要了多余的材料")
    HARD = "hard", _("网上不好用")


class RatingDoor(models.TextChoices):
    """Where it was said."""

    PORTAL = "portal", _("网上，登录后")
    LINK = "link", _("短信或邮件里的链接")
    DESK = "desk", _("窗口")


class Settled(models.TextChoices):
    """Whether the applicant is content after the call-back."""

    NONE = "", "—"
    YES = "yes", _("满意")
    NO = "no", _("仍不满意")
    UNREACHED = "unreached", _("多次联系不上")


class RatingQuerySet(models.QuerySet["Rating"]):
    """Ratings, chainable."""

    def visible_to(self, actor: Actor) -> RatingQuerySet:
        """Of those one acts for; leaders and heads of their department, supervisors of their area. Clerks and
        reviewers do not read who said what of them."""
        seen = Q(case__applicant__in=actor.acts_for)
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            if seat.role == Role.SUPERVISOR:
                seen |= within
            elif seat.role in LEADING_ROLES:
                seen |= within & Q(department=seat.department_id)
        return self.filter(seen)


class Rating(models.Model):
    """One grade of one closed case. It changes only by a supplement and by the record of the call-back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.CASCADE, related_name="rating", help_text="One matter, one rating.")
    service = models.CharField(max_length=60, help_text="As the case's, so that averages need no join.")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    green = models.BooleanField(default=False)
    grade = models.PositiveSmallIntegerField(choices=Grade)
    tags = ArrayField(models.CharField(max_length=10, choices=Tag), default=list, blank=True)
    comment = models.TextField(blank=True)
    door = models.CharField(max_length=8, choices=RatingDoor)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="In whose session it was said: at the counter, the clerk's. None: by the link.",
    )
    at = models.DateTimeField()
    supplement = models.TextField(blank=True)
    supplemented_at = models.DateTimeField(null=True, blank=True)
    finding = models.TextField(blank=True, help_text="What the call-back found.")
    put_right = models.TextField(blank=True)
    settled = models.CharField(max_length=10, choices=Settled, default=Settled.NONE, blank=True)
    called_back_at = models.DateTimeField(null=True, blank=True)
    called_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="rating_has_one_of_five_grades"),
            models.CheckConstraint(
                condition=Q(supplemented_at=None, supplement="")
                | Q(supplemented_at__isnull=False) & ~Q(supplement=""),
                name="supplement_says_something_and_when",
            ),
            models.CheckConstraint(
                condition=Q(called_back_at=None, called_back_by=None, settled="", finding="", put_right="")
                | Q(called_back_at__isnull=False, called_back_by__isnull=False, grade__lte=2)
                & ~Q(settled="")
                & ~Q(finding=""),
                name="call_back_says_by_whom_and_what",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "grade"], name="rating_of_service"),
            models.Index(fields=["department", "grade"], name="rating_of_department"),
            models.Index(fields=["at"], name="rating_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.grade}"

    @property
    def is_bad(self) -> bool:
        """Whether it is called back on."""
        return self.grade in BAD_GRADES
