"""What the doors other than the portal leave behind: who keyed in, what was confirmed, who rang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case
from zerotrip.catalogue.models import Service
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.parties.models import Mandate, MandateKind, Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_TRIES = 5
"""Wrong codes after which a confirmation has to be asked for again."""


class Assistance(models.Model):
    """Somebody typed a round of a case in the applicant's name, under a mandate (帮办代办)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="assistances")
    account = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=MandateKind)
    round = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "account", "kind", "round"], name="assistance_once_per_round"),
        ]
        indexes = [
            models.Index(fields=["account"], name="assistance_delegated", condition=Q(kind=MandateKind.DELEGATED))
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind} {self.case_id}"


class Purpose(models.TextChoices):
    """What an applicant at the counter says yes to."""

    TAKE_OVER = "take_over", _("由窗口接着办")
    HAND_IN = "hand_in", _("核对无误，提交")
    REUSE = "reuse", _("读取电子证照")
    MANDATE = "mandate", _("授权代办")


class Means(models.TextChoices):
    """How they say it."""

    CODE = "code", _("手机验证码")
    PAPER = "paper", _("纸上签字")
    SPOKEN = "spoken", _("当面说明")


class Confirmation(models.Model):
    """The applicant's own yes, where a clerk does the typing: a code sent to them, or their signature.

    One to handing in is to exactly what was there: ``fingerprint`` is that of answers and materials. One to
    reading a licence is to one sentence about one material; there alone a no is kept as well, said by mouth.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="confirmations")
    mandate = models.ForeignKey(Mandate, models.CASCADE, null=True, blank=True, related_name="confirmations")
    purpose = models.CharField(max_length=10, choices=Purpose)
    means = models.CharField(max_length=8, choices=Means)
    fingerprint = models.CharField(max_length=64, blank=True)
    code_digest = models.BinaryField(max_length=32, null=True, editable=False)
    about = models.CharField(max_length=60, blank=True, help_text="The material a licence is read for.")
    account = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who was sent the code."
    )
    sent_to = models.CharField(max_length=40, blank=True, help_text="Masked.")
    expires_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    paper = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(means=Means.PAPER, paper__isnull=False, code_digest=None, confirmed_at__isnull=False)
                | Q(means=Means.CODE, paper=None, code_digest__isnull=False, expires_at__isnull=False)
                | Q(means=Means.SPOKEN, paper=None, code_digest=None, refused_at__isnull=False),
                name="confirmation_by_code_or_on_paper",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=(Purpose.TAKE_OVER, Purpose.MANDATE), fingerprint="")
                | Q(purpose__in=(Purpose.HAND_IN, Purpose.REUSE)) & ~Q(fingerprint=""),
                name="confirmation_of_what_is_handed_in",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.REUSE) & ~Q(about="") | ~Q(purpose=Purpose.REUSE) & Q(about=""),
                name="confirmation_of_reading_says_for_what",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.MANDATE, case=None, mandate__isnull=False)
                | ~Q(purpose=Purpose.MANDATE) & Q(case__isnull=False, mandate=None),
                name="confirmation_is_about_a_case_or_a_mandate",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None) | Q(purpose=Purpose.REUSE, confirmed_at=None),
                name="only_reading_is_refused",
            ),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="confirmation_tries_end"),
        ]
        indexes = [models.Index(fields=["case", "-asked_at"], name="confirmation_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.purpose} {self.means}"


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Consultations, chainable."""

    def visible_to(self, actor: Actor) -> ConsultationQuerySet:
        """Those taken in one's department and area; supervisors see all of their area."""
        seen = Q(pk__in=[])
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            seen |= within if seat.role == Role.SUPERVISOR else within & Q(department=seat.department_id)
        return self.filter(seen)


class Consultation(models.Model):
    """Somebody rang and asked. What identifies them is wiped after a time; what is counted stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    caller = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    question = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField()
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    guide_sent_at = models.DateTimeField(null=True, blank=True)
    case = models.ForeignKey(
        Case, models.SET_NULL, null=True, blank=True, related_name="consultations", help_text="What came of it."
    )
    purge_at = models.DateTimeField(help_text="When caller, address, question and answer are wiped.")
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purged_at=None) & ~Q(question="")
                | Q(purged_at__isnull=False, caller="", phone="", email="", question="", answer=""),
                name="consultation_asks_something_until_wiped",
            ),
            models.CheckConstraint(
                condition=Q(guide_sent_at=None) | Q(service__isnull=False), name="guide_sent_is_of_a_service"
            ),
            models.CheckConstraint(condition=Q(minutes__lte=600), name="consultation_ends_the_same_day"),
        ]
        indexes = [
            models.Index(fields=["department", "-taken_at"], name="consultation_latest"),
            models.Index(fields=["purge_at"], name="consultation_to_wipe", condition=Q(purged_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.taken_at} {self.service_id}"
