"""Those a licence touches besides its applicant, what they were told and answered, and the hearing of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip.cases.models.case import Case
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Notice(models.TextChoices):
    """What somebody was told."""

    VIEW = "view", _("告知可以陈述意见")
    RIGHT = "right", _("告知听证权利")
    HEARING = "hearing", _("通知听证时间地点")


class Channel(models.TextChoices):
    """By which way, so that it can be shown later that it reached them. Each is said within a sentence."""

    PORTAL = "portal", pgettext_lazy("怎样告知", "网上")
    POST = "post", pgettext_lazy("怎样告知", "邮寄")
    PHONE = "phone", pgettext_lazy("怎样告知", "电话")
    IN_PERSON = "in_person", pgettext_lazy("怎样告知", "当面送达")


class Answer(models.TextChoices):
    """What came back."""

    NONE = "", "—"
    SAID = "said", _("陈述了意见")
    NOTHING = "nothing", _("没有意见")
    ASKED = "asked", pgettext_lazy("答复", "要求听证")
    WAIVED = "waived", pgettext_lazy("答复", "放弃听证")


class Ground(models.TextChoices):
    """Why there is a hearing."""

    LAW = "law", _("法律、法规、规章规定应当听证")
    PUBLIC = "public", _("涉及公共利益，行政机关认为需要听证")
    ASKED = "asked", _("申请人或者利害关系人要求听证")


class ConcernedQuerySet(models.QuerySet["Concerned"]):
    """Those concerned, chainable."""

    def visible_to(self, actor: Actor) -> ConcernedQuerySet:
        """Who sees the case. How they are reached only the page of the work shows."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class HearingQuerySet(models.QuerySet["Hearing"]):
    """Hearings, chainable."""

    def visible_to(self, actor: Actor) -> HearingQuerySet:
        """Who sees the case."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class TellingQuerySet(models.QuerySet["Telling"]):
    """Notices, chainable."""

    def visible_to(self, actor: Actor) -> TellingQuerySet:
        """Who sees the case, and whom it was addressed to as somebody concerned."""
        mine = Q(to_applicant=False, concerned__party__in=actor.acts_for)
        return self.filter(Q(case__in=Case.objects.visible_to(actor)) | mine)


class Concerned(models.Model):
    """Somebody whose major interest the licence touches (行政许可法 art. 36)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="concerned")
    name = models.CharField(max_length=80)
    contact = models.CharField(
        max_length=120, blank=True, help_text="Shown to whoever does the work, and to nobody else."
    )
    interest = models.TextField(help_text="What the licence touches.")
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", help_text="Where they have an account here."
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was wiped how they are reached, after the case."
    )

    objects = ConcernedQuerySet.as_manager()

    class Meta:
        ordering = ("recorded_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="")
                & ~Q(interest="")
                & (Q(purged_at=None) & ~Q(contact="") | Q(purged_at__isnull=False, contact="")),
                name="concerned_is_named_and_reached",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.pk}"


class Telling(models.Model):
    """One notice to one of those to be heard, and their answer: the applicant, or somebody concerned.

    A notice that lets somebody answer says until when (``until``); the decision waits for that day.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tellings")
    what = models.CharField(max_length=8, choices=Notice)
    number = models.PositiveSmallIntegerField(default=1, help_text="Which call of the hearing it tells of.")
    to_applicant = models.BooleanField()
    concerned = models.ForeignKey(
        Concerned,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tellings",
        help_text="To whom; or, to the applicant, whose interest it is about.",
    )
    via = models.CharField(max_length=10, choices=Channel)
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    says = models.TextField(blank=True, help_text="When, where and before whom the hearing is, as it was notified.")
    until = models.DateTimeField(null=True, blank=True, help_text="Until when they may answer.")
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.NONE, blank=True)
    words = models.TextField(blank=True, help_text="What they said.")
    answered_on = models.DateField(null=True, blank=True, help_text="The day their answer came.")
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = TellingQuerySet.as_manager()

    class Meta:
        ordering = ("told_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "what", "number", "to_applicant", "concerned"],
                nulls_distinct=False,
                name="told_of_it_once",
            ),
            models.CheckConstraint(
                condition=Q(to_applicant=True) | Q(concerned__isnull=False), name="telling_has_an_addressee"
            ),
            models.CheckConstraint(
                condition=Q(to_applicant=False) | Q(via=Channel.PORTAL), name="applicant_is_told_online"
            ),
            models.CheckConstraint(
                condition=Q(what=Notice.HEARING, until=None, answer=Answer.NONE) & ~Q(says="")
                | Q(what=Notice.VIEW, until__gt=F("told_at"), answer__in=("", Answer.SAID, Answer.NOTHING))
                | Q(what=Notice.RIGHT, until__gt=F("told_at"), answer__in=("", Answer.ASKED, Answer.WAIVED)),
                name="answer_fits_what_was_told",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.NONE, answered_on=None, noted_at=None, noted_by=None, words="")
                | ~Q(answer=Answer.NONE)
                & Q(answered_on__isnull=False, noted_at__isnull=False, noted_by__isnull=False),
                name="answer_says_when_and_who_noted_it",
            ),
            models.CheckConstraint(condition=~Q(answer=Answer.SAID, words=""), name="view_is_in_words"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.what}"


class Hearing(models.Model):
    """The hearing of a case: why, when, where, before whom, and its minutes (行政许可法 arts. 46–48)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="hearings")
    ground = models.CharField(max_length=8, choices=Ground)
    requested_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0, help_text="How often its time and place were notified.")
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    begins_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    closed_because = models.TextField(blank=True, help_text="Why it is not public: a secret, privacy.")
    announced = models.TextField(blank=True, help_text="Where it was announced publicly.")
    presided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    presider = models.CharField(max_length=80, blank=True, help_text="Their name, as the notice has it.")
    recusal_asked_at = models.DateTimeField(null=True, blank=True)
    recusal_asked_by = models.CharField(
        max_length=80, blank=True, help_text="Who asked that somebody else preside."
    )
    recusal_reason = models.TextField(blank=True)
    recusal_settled_at = models.DateTimeField(null=True, blank=True)
    recusal_settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recusal_answer = models.TextField(blank=True)
    minutes = models.TextField(blank=True)
    signatures = models.JSONField(default=list, help_text="[{name, signed, note}] of those who took part.")
    kept_at = models.DateTimeField(null=True, blank=True, help_text="When the minutes were put on file.")
    kept_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    scan = models.ForeignKey(
        Blob,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The paper they signed. Once it is there it stays.",
    )
    dropped_at = models.DateTimeField(null=True, blank=True, help_text="Nobody asks for it any more.")

    objects = HearingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(dropped_at=None), name="one_hearing_of_a_case"),
            models.CheckConstraint(
                condition=Q(ground=Ground.ASKED, requested_at__isnull=False)
                | ~Q(ground=Ground.ASKED) & Q(requested_at=None),
                name="hearing_is_asked_for_or_of_own_accord",
            ),
            models.CheckConstraint(
                condition=Q(
                    calls=0, called_at=None, called_by=None, begins_at=None, presided_by=None, place="", presider=""
                )
                | Q(
                    calls__gt=0,
                    called_at__isnull=False,
                    called_by__isnull=False,
                    begins_at__gt=F("called_at"),
                    presided_by__isnull=False,
                )
                & ~Q(place="")
                & ~Q(presider=""),
                name="called_hearing_has_time_place_and_presider",
            ),
            models.CheckConstraint(
                condition=Q(presided_by=None) | ~Q(presided_by=F("called_by")), name="who_examines_does_not_preside"
            ),
            models.CheckConstraint(
                condition=Q(ground=Ground.ASKED) | Q(calls=0) | ~Q(announced=""),
                name="hearing_of_own_accord_is_announced",
            ),
            models.CheckConstraint(
                condition=Q(recusal_asked_at=None, recusal_settled_at=None)
                | Q(recusal_asked_at__isnull=False) & ~Q(recusal_reason=""),
                name="recusal_gives_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(recusal_settled_at=None, recusal_settled_by=None)
                | Q(recusal_settled_at__isnull=False, recusal_settled_by__isnull=False) & ~Q(recusal_answer=""),
                name="settled_recusal_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(kept_at=None, kept_by=None, minutes="")
                | Q(kept_at__gte=F("begins_at"), kept_by__isnull=False, dropped_at=None)
                & ~Q(minutes="")
                & (Q(recusal_asked_at=None) | Q(recusal_settled_at__isnull=False)),
                name="kept_minutes_are_of_a_hearing_that_was_held",
            ),
            models.CheckConstraint(
                condition=Q(scan=None) | Q(kept_at__isnull=False), name="signed_paper_is_of_kept_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ground}"

    @property
    def is_called(self) -> bool:
        """Whether time and place were notified."""
        return self.calls > 0

    @property
    def recusal_is_open(self) -> bool:
        """Whether somebody asked that another preside, and nobody answered yet."""
        return self.recusal_asked_at is not None and self.recusal_settled_at is None
