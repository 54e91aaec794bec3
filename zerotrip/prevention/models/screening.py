"""Tubes and who is in them, boxes on their way, and what the laboratory found.

A tube is known by the code printed on it, whoever scans it first: two phones that fill one tube without a network
write the same row. Who is in a tube is kept as it converges: the latest moment somebody was taken and the latest
they were taken out again, so that the order in which records arrive, and how often, is of no importance.
Samples are partitioned by the day their tube was begun and have no chain in the journal, as what is owed has none
(decision 35). See docs/decisions/0039.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.under_way import UnderWay
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import User
from zerotrip.prevention.models.rosters import Person
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


SIZES = (1, 5, 10, 20)
"""People to a tube. 5, 10 and 20 were validated (NHC, 2022-06-09); one is for those who are tested singly."""


class Finding(models.TextChoices):
    """What a laboratory found in a tube."""

    NEGATIVE = "negative", _("阴性")
    POSITIVE = "positive", _("阳性")
    UNCLEAR = "unclear", _("待复核")
    INVALID = "invalid", _("无效，需要重采")


def _of_staff(actor: Actor, field: str = "area_path") -> Q:
    found = Q(pk__in=[])
    for path in {seat.area_path for seat in actor.seats}:
        found |= Q(**{f"{field}__startswith": path})
    return found


class BoxQuerySet(models.QuerySet["Box"]):
    """Boxes, chainable."""

    def visible_to(self, actor: Actor) -> BoxQuerySet:
        """Staff see those packed in their area."""
        return self.filter(_of_staff(actor))

    def held(self) -> BoxQuerySet:
        """Locked. Whoever fills a tube in one asks whether its box is there, holding the tube: they do not wait."""
        return self.select_for_update(of=("self",), no_key=True)


class Box(Chained):
    """Tubes on their way from a sampling point to a laboratory."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=32, help_text="As printed on it; boxes are used again.")
    point = models.ForeignKey(Site, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    counted = models.PositiveSmallIntegerField(help_text="Tubes, counted by hand when it was packed.")
    packed_at = models.DateTimeField()
    packed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.SlugField(max_length=60, blank=True, db_index=False)
    carrier = models.CharField(max_length=60, blank=True, help_text="Who took it along.")
    plate = models.CharField(max_length=20, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    handed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.CharField(max_length=60, blank=True, help_text="Who took it in at the laboratory.")

    objects = BoxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(received_at=None), name="one_box_of_a_code_under_way"
            ),
            models.CheckConstraint(condition=Q(counted__gt=0), name="box_holds_something"),
            models.CheckConstraint(
                condition=Q(handed_at=None, handed_by=None, carrier="")
                | Q(handed_at__isnull=False, handed_by__isnull=False) & ~Q(carrier="") & ~Q(laboratory=""),
                name="box_handed_over_says_by_and_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(received_at=None, received_by="") | Q(handed_at__isnull=False) & ~Q(received_by=""),
                name="box_received_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["area_path", "-packed_at"], name="box_of_area")]

    def __str__(self) -> str:
        return self.code


class TubeQuerySet(models.QuerySet["Tube"]):
    """Tubes, chainable."""

    def visible_to(self, actor: Actor) -> TubeQuerySet:
        """Staff see those begun in their area."""
        return self.filter(_of_staff(actor))

    def waiting(self, before: datetime) -> TubeQuerySet:
        """Those begun before a moment of which no laboratory has said anything."""
        return self.filter(outcome="", begun_at__lt=before)


class Tube(models.Model):
    """A tube and how many are in it. Rows of it are locked by whoever puts somebody in or takes somebody out."""

    code = models.CharField(max_length=32, primary_key=True)
    day = models.DateField(help_text="The day in China it was begun: the partition of its samples.")
    capacity = models.PositiveSmallIntegerField(choices=[(size, size) for size in SIZES])
    taken = models.PositiveSmallIntegerField(default=0, help_text="How many of those in it count.")
    over = models.PositiveSmallIntegerField(default=0, help_text="How many are in it beyond its capacity.")
    point = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    sealed_at = models.DateTimeField(null=True, blank=True)
    box = models.ForeignKey(Box, models.PROTECT, null=True, blank=True, related_name="tubes", db_index=False)
    outcome = models.CharField(max_length=8, choices=Finding, blank=True, help_text="Empty: nothing is known yet.")
    outcome_at = models.DateTimeField(null=True, blank=True, help_text="When the laboratory said so.")

    objects = TubeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(capacity__in=SIZES), name="tube_is_of_a_validated_size"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="tube_holds_no_more_than_its_size"),
            models.CheckConstraint(
                condition=Q(over=0) | Q(taken=F("capacity")), name="tube_runs_over_when_it_is_full"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None) | ~Q(outcome="") & Q(outcome_at__isnull=False),
                name="tube_outcome_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["point", "-begun_at"], name="tube_of_point"),
            models.Index(
                fields=["area_path", "begun_at"],
                name="tube_of_area",
                opclasses=["text_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["box"], name="tube_of_box", condition=Q(box__isnull=False)),
            models.Index(fields=["begun_at"], name="tube_without_outcome", condition=Q(outcome="")),
            models.Index(fields=["code"], name="tube_invalid", condition=Q(outcome=Finding.INVALID)),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_full(self) -> bool:
        """Whether nobody more may be put in."""
        return self.taken >= self.capacity


class SampleQuerySet(models.QuerySet["Sample"]):
    """Samples, chainable."""

    def visible_to(self, actor: Actor) -> SampleQuerySet:
        """Staff see those of the tubes begun in their area."""
        return self.filter(tube__in=Tube.objects.visible_to(actor).values("pk"))


class Sample(models.Model):
    """Somebody in a tube. A table of its own, partitioned by day: see the migration."""

    pk = models.CompositePrimaryKey("day", "tube", "person")
    day = models.DateField()
    tube = models.ForeignKey(Tube, models.PROTECT, related_name="samples", db_constraint=False, db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField(null=True, help_text="When they were taken last.")
    void_at = models.DateTimeField(null=True, help_text="When they were last taken out again.")
    counts = models.BooleanField(help_text="In the tube, and not beyond its capacity.")
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False)

    objects = SampleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.tube_id} {self.person_id}"

    @property
    def is_out(self) -> bool:
        """Whether they were taken out again."""
        return self.at is None or (self.void_at is not None and self.void_at >= self.at)


class MishapKind(models.TextChoices):
    """What of a tube was not as it was said to be."""

    MISSING = "missing", _("箱里没有")
    EXTRA = "extra", _("清单上没有")
    LEAKED = "leaked", _("渗漏或破损")
    UNLABELLED = "unlabelled", _("条码看不清")
    EMPTY = "empty", _("管里没有拭子")
    SWABS = "swabs", _("拭子数和人数不符")


VOIDING = (MishapKind.MISSING, MishapKind.LEAKED, MishapKind.EMPTY)
"""Those after which a tube says nothing of whoever is in it."""


class MishapQuerySet(models.QuerySet["Mishap"]):
    """Mishaps, chainable."""

    def visible_to(self, actor: Actor) -> MishapQuerySet:
        """Staff see those of the boxes of their area."""
        return self.filter(_of_staff(actor, "box__area_path"))


class Mishap(models.Model):
    """A tube that was not in its box as packed, or not as it should be, named at the laboratory."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    box = models.ForeignKey(Box, models.CASCADE, related_name="mishaps")
    code = models.CharField(max_length=32)
    kind = models.CharField(max_length=10, choices=MishapKind)
    note = models.CharField(max_length=200, blank=True)
    voids = models.BooleanField(
        default=False, help_text="Whoever is in the tube is to be sampled again, as long as nothing is found in it."
    )
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled = models.CharField(max_length=200, blank=True, help_text="How it was settled.")

    objects = MishapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["box", "code", "kind"], name="mishap_named_once"),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled="") | Q(settled_at__isnull=False) & ~Q(settled=""),
                name="settled_mishap_says_how",
            ),
        ]
        indexes = [models.Index(fields=["code"], name="mishap_that_voids", condition=Q(voids=True))]

    def __str__(self) -> str:
        return f"{self.code} {self.kind}"


class ResultFileStatus(models.TextChoices):
    """How far a file of results is."""

    QUEUED = "queued", _("等待读取")
    READING = "reading", _("正在读取")
    DONE = "done", _("已入库")
    FAILED = "failed", _("没有入库")


class ResultFileQuerySet(models.QuerySet["ResultFile"]):
    """Files of results, chainable."""

    def visible_to(self, actor: Actor) -> ResultFileQuerySet:
        """Staff see those handed in for their area."""
        return self.filter(_of_staff(actor))


class ResultFile(UnderWay):
    """Results as a laboratory sent them: a file, or one message of its system."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    laboratory = models.SlugField(max_length=60, db_index=False)
    area_path = models.CharField(max_length=120)
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    name = models.CharField(max_length=200, blank=True, help_text="Of the file; empty: it came over the wire.")
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10, default="zh-hans")
    status = models.CharField(max_length=8, choices=ResultFileStatus, default=ResultFileStatus.QUEUED)
    because = models.CharField(max_length=400, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Rows gone through.")
    found = models.JSONField(default=dict, help_text="Counts: new, again, corrected, unknown, positive, faults.")
    faults = models.JSONField(default=list, help_text="The first faults: row, what.")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ResultFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ResultFileStatus.FAILED) | ~Q(because=""), name="failed_result_file_says_why"
            ),
        ]
        indexes = [models.Index(fields=["area_path", "-asked_at"], name="result_file_of_area")]

    def __str__(self) -> str:
        return f"{self.laboratory} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def percent(self) -> int:
        """How much of it is gone through."""
        return min(100, self.done * 100 // self.total) if self.total else 0


class ResultQuerySet(models.QuerySet["Result"]):
    """Results, chainable."""

    def visible_to(self, actor: Actor) -> ResultQuerySet:
        """Staff see those handed in for their area."""
        return self.filter(file__in=ResultFile.objects.visible_to(actor).values("pk"))


class Result(models.Model):
    """What a laboratory said of a tube, once. Never changed: a correction is a later one.

    The tube is told by its code alone: a result may come before the phone that knows who is in it.
    """

    id = models.BigAutoField(primary_key=True)
    tube = models.CharField(max_length=32)
    outcome = models.CharField(max_length=8, choices=Finding)
    issued_at = models.DateTimeField(help_text="When the laboratory said so: of two the later one counts.")
    file = models.ForeignKey(ResultFile, models.PROTECT, related_name="results", db_index=False)

    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tube", "issued_at", "outcome"], name="result_is_kept_once"),
        ]
        indexes = [models.Index(fields=["file"], name="result_of_file")]

    def __str__(self) -> str:
        return f"{self.tube} {self.outcome}"


_NAMED = Q(ended_at=None) | ~Q(outcome="")


class RetestQuerySet(models.QuerySet["Retest"]):
    """Retests, chainable."""

    def open(self) -> RetestQuerySet:
        """Those nothing was found in yet."""
        return self.filter(ended_at=None)

    def named(self) -> RetestQuerySet:
        """All but those whom a correction of the tube set free."""
        return self.filter(_NAMED)

    def visible_to(self, actor: Actor) -> RetestQuerySet:
        """Staff see those of people of their area."""
        return self.filter(_of_staff(actor))


class Retest(models.Model):
    """Somebody in a tube that was not negative: to be tested singly. The tube alone says nothing of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tube = models.ForeignKey(Tube, models.PROTECT, related_name="retests")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    because = models.CharField(max_length=8, choices=Finding, help_text="What was found in the tube.")
    area_path = models.CharField(max_length=120, help_text="Of their grid; else of the point.")
    told_at = models.DateTimeField(help_text="When it was told to those who look after the area.")
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=8,
        choices=Finding,
        blank=True,
        help_text="Of the single test; empty: the tube was corrected.",
    )

    objects = RetestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tube", "person"],
                name="retested_once_for_a_tube",
                condition=_NAMED,
            ),
            models.CheckConstraint(
                condition=~Q(because=Finding.NEGATIVE), name="nobody_is_retested_for_a_negative"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(ended_at__isnull=False), name="retest_with_outcome_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "due_at"], name="retest_open", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.tube_id} {self.person_id}"
