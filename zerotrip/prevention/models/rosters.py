"""People on rosters: who they are, where they belong from which day to which, and who is left out and why.

They are no parties: nobody signs in as one of them, and they go with the event that brought them. The rows are
narrow and have no chain in the journal, so that a city's people come in within minutes and go by date. See
docs/decisions/0036.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.duties import editions
from zerotrip.duties.models import Requirement
from zerotrip.enterprises.models import UNDER_WAY, SheetStatus
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import HANDS, Party, User
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from zerotrip.parties.access import Actor


class DocumentKind(models.TextChoices):
    """What somebody shows who has no resident identity number at hand."""

    PASSPORT = "passport", _("护照")
    RESIDENCE = "residence", _("外国人永久居留身份证")
    RESIDENT_PERMIT = "permit", _("港澳台居民居住证")
    TRAVEL_PERMIT = "travel", _("港澳台居民来往内地通行证")
    BIRTH = "birth", _("出生医学证明")
    OTHER = "other", _("其他证件")


class PersonQuerySet(models.QuerySet["Person"]):
    """People on rosters, chainable."""

    def visible_to(self, actor: Actor) -> PersonQuerySet:
        """Staff see those who are, or were, on a roster of their area."""
        rows = Enrolment.objects.within({seat.area_path for seat in actor.seats}).filter(person=OuterRef("pk"))
        return self.filter(Exists(rows))


class Person(models.Model):
    """Somebody on a roster: known by an identity number, else by another document, else by name and phone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, help_text="What of the name is compared: see rosters.identity.")
    ric_digest = models.BinaryField(max_length=32, null=True, editable=False)
    ric_sealed = models.BinaryField(null=True, editable=False)
    document_kind = models.CharField(max_length=10, choices=DocumentKind, blank=True)
    document_digest = models.BinaryField(max_length=32, null=True, editable=False)
    document_sealed = models.BinaryField(null=True, editable=False)
    number_shown = models.CharField(
        max_length=32, blank=True, help_text="What is shown of the number or the document: masked."
    )
    phone = models.CharField(max_length=20, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    party = models.ForeignKey(
        Party, models.SET_NULL, null=True, blank=True, related_name="+", help_text="The account of the same number."
    )
    created_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                fields=["ric_digest"], condition=Q(ric_digest__isnull=False), name="one_person_per_ric"
            ),
            models.UniqueConstraint(
                fields=["document_digest"],
                condition=Q(document_digest__isnull=False),
                name="one_person_per_document",
            ),
            models.UniqueConstraint(
                fields=["name_key", "phone"],
                condition=Q(ric_digest=None, document_digest=None),
                name="one_unnumbered_person_per_name_and_phone",
            ),
            models.CheckConstraint(
                condition=Q(ric_digest=None, ric_sealed=None)
                | Q(ric_digest__isnull=False, ric_sealed__isnull=False),
                name="person_number_is_sealed_and_digested_together",
            ),
            models.CheckConstraint(
                condition=Q(document_digest=None, document_sealed=None, document_kind="")
                | Q(document_digest__isnull=False, document_sealed__isnull=False) & ~Q(document_kind=""),
                name="person_document_has_kind_seal_and_digest",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name_key=""), name="person_has_a_name"),
            models.CheckConstraint(
                condition=Q(ric_digest__isnull=False) | Q(document_digest__isnull=False) | ~Q(phone=""),
                name="person_is_known_by_something",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "phone"], name="person_by_name_and_phone"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EnrolmentKind(models.TextChoices):
    """Whose roster somebody is on. On each kind, a person is on one roster a day."""

    RESIDENT = "resident", _("居民")
    LODGER = "lodger", _("宿舍住宿人员")
    BUILDER = "builder", _("工地人员")
    WORKER = "worker", _("单位员工")


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Enrolments, chainable."""

    def within(self, paths: Iterable[str]) -> EnrolmentQuerySet:
        """Those in any of the areas."""
        seen = Q(pk__in=[])
        for path in paths:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)

    def on(self, day: date) -> EnrolmentQuerySet:
        """Those that hold on a day."""
        return self.filter(during__contains=day)

    def from_on(self, day: date) -> EnrolmentQuerySet:
        """Those that hold on a day or later."""
        return self.filter(during__overlap=DateRange(day, None))

    def visible_to(self, actor: Actor) -> EnrolmentQuerySet:
        """Staff see those of their area."""
        return self.within({seat.area_path for seat in actor.seats})

    def kept_by(self, actor: Actor) -> EnrolmentQuerySet:
        """Those that staff may change: of an area they work in, not one they supervise."""
        return self.within({seat.area_path for seat in actor.seats_as(*HANDS)})


class Enrolment(models.Model):
    """Somebody is on a roster from a day on: of a grid and household, an employer, a dormitory, a building site."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="enrolments", db_index=False)
    kind = models.CharField(max_length=8, choices=EnrolmentKind)
    area_path = models.CharField(max_length=120)
    household = models.CharField(
        max_length=80, blank=True, help_text="The door within the grid, as it is written there; or the room."
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    employer = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    during = DateRangeField(help_text="Its first day, and the first it does not hold any more; no end: until told.")
    because = models.CharField(
        max_length=400,
        blank=True,
        db_default="",
        default="",
        help_text="Why it ends, of somebody who is on no other roster of the kind from then on.",
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_person_is_on_one_roster_of_a_kind_a_day",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="enrolment_begins"
            ),
            models.CheckConstraint(condition=~Q(area_path=""), name="enrolment_has_an_area"),
            models.CheckConstraint(
                condition=Q(kind=EnrolmentKind.RESIDENT, site=None, employer=None)
                | Q(kind__in=(EnrolmentKind.LODGER, EnrolmentKind.BUILDER), site__isnull=False)
                | Q(kind=EnrolmentKind.WORKER, site__isnull=False)
                | Q(kind=EnrolmentKind.WORKER, employer__isnull=False),
                name="enrolment_says_where",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="enrolment_area", opclasses=["text_pattern_ops"]),
            models.Index(fields=["site"], name="enrolment_site", condition=Q(site__isnull=False)),
            models.Index(fields=["employer"], name="enrolment_employer", condition=Q(employer__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.during}"


class LeftOut(models.TextChoices):
    """Why somebody on a roster is not due."""

    AWAY = "away", _("外出，不在本地")
    MANAGED = "managed", _("隔离或管控中")
    MEDICAL = "medical", _("身体原因不宜")
    ELSEWHERE = "elsewhere", _("已在别处完成，有证明")
    DECEASED = "deceased", _("已去世")
    DOUBLE = "double", _("重复登记")
    OTHER = "other", _("其他")


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    """Exclusions, chainable."""

    def of(self, requirement: Requirement | None) -> ExclusionQuerySet:
        """Those of everything that is due, and those of one requirement in any of its editions."""
        if requirement is None:
            return self.filter(requirement=None)
        same = Requirement.objects.filter(slug__startswith=editions.all_of(requirement))
        return self.filter(Q(requirement=None) | Q(requirement__in=same.values("pk")))

    def on(self, day: date) -> ExclusionQuerySet:
        """Those that hold on a day."""
        return self.filter(during__contains=day)

    def visible_to(self, actor: Actor) -> ExclusionQuerySet:
        """Staff see those of the people they see."""
        rows = Enrolment.objects.visible_to(actor).filter(person=OuterRef("person"))
        return self.filter(Exists(rows))


class Exclusion(models.Model):
    """Somebody who is on a roster and not due: why, from when to when, of what, and who says so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="exclusions")
    reason = models.CharField(max_length=10, choices=LeftOut)
    during = DateRangeField()
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: nothing is due."
    )
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="exclusion_begins"
            ),
            models.CheckConstraint(
                condition=~Q(reason__in=(LeftOut.OTHER, LeftOut.ELSEWHERE)) | ~Q(note=""),
                name="exclusion_says_what_else",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=(LeftOut.DECEASED, LeftOut.DOUBLE)) | Q(during__upper_inf=False),
                name="exclusion_has_an_end_unless_it_is_final",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.reason} {self.during}"


class RosterFileQuerySet(models.QuerySet["RosterFile"]):
    """Files of rosters, chainable."""

    def visible_to(self, actor: Actor) -> RosterFileQuerySet:
        """One's own: a file holds people its owner may see, and nobody else's."""
        return self.filter(account=actor.user_id) if actor.user_id else self.none()

    def under_way(self) -> RosterFileQuerySet:
        """Those the worker has, or is to have."""
        return self.filter(status__in=UNDER_WAY)


class RosterFile(Chained):
    """A roster handed in as a file: looked through row by row, confirmed, and taken over in batches."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=EnrolmentKind)
    area_path = models.CharField(
        max_length=120, help_text="Where its people are, unless a row names another place."
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    employer = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    first_day = models.DateField(help_text="From which day on its people are on the roster.")
    replaces = models.BooleanField(default=False, help_text="Whoever it does not name is on that roster no more.")
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=SheetStatus, default=SheetStatus.QUEUED)
    because = models.CharField(max_length=400, blank=True, help_text="Why it failed, or is to be confirmed again.")
    rows = models.PositiveIntegerField(default=0, help_text="Rows read so far.")
    total = models.PositiveIntegerField(default=0, help_text="All rows, once they are counted.")
    saved = models.PositiveIntegerField(default=0, help_text="Rows gone through in taking it over.")
    found = models.JSONField(default=dict, help_text="Counts of what it says: see rosters.matching.")
    faults = models.JSONField(
        default=list, help_text="The first faults: row, heading, what. Never what was written."
    )
    leaving = models.CharField(max_length=32, blank=True, help_text="Digest of whom it would take off, as listed.")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="When the file and its rows go.")
    purged = models.BooleanField(default=False)

    objects = RosterFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=SheetStatus.FAILED) | ~Q(because=""), name="failed_roster_file_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(area_path="") & ~Q(sha256=""), name="roster_file_is_a_file_of_an_area"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-asked_at"], name="roster_file_of_account"),
            models.Index(fields=["expires_at"], name="roster_file_to_purge", condition=Q(purged=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.status}"

    @property
    def percent(self) -> int:
        """How much of the work under way is done."""
        done = self.saved if self.confirmed_at else self.rows
        return min(100, done * 100 // self.total) if self.total else 0


class Verdict(models.TextChoices):
    """What becomes of a row of a roster file."""

    NEW = "new", _("新登记")
    NUMBER = "number", _("身份证号相同")
    DOCUMENT = "document", _("证件号相同")
    PHONE = "phone", _("姓名和手机号相同")
    COMPLETED = "completed", _("姓名和手机号相同，补上号码")
    CONFLICT = "conflict", _("指向两个人，没有合并")
    AMBIGUOUS = "ambiguous", _("同名同号的不止一人，没有合并")
    ELSEWHERE = "elsewhere", _("同一个人在文件里有两个地方")


UNMERGED = (Verdict.CONFLICT, Verdict.AMBIGUOUS, Verdict.ELSEWHERE)
"""Rows that are not taken over: somebody has to look."""


class RosterRowQuerySet(models.QuerySet["RosterRow"]):
    """Rows of files, chainable."""

    def visible_to(self, actor: Actor) -> RosterRowQuerySet:
        """Those of one's own files."""
        return self.filter(file__in=RosterFile.objects.visible_to(actor).values("pk"))


class RosterRow(models.Model):
    """One row of a roster file without a fault, what it says, and who it is about. Gone with its file."""

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(RosterFile, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(help_text="The row in the file.")
    fresh = models.UUIDField(help_text="The key of the person, should it be somebody new.")
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120)
    ric_digest = models.BinaryField(max_length=32, null=True)
    ric_sealed = models.BinaryField(null=True)
    document_kind = models.CharField(max_length=10, blank=True)
    document_digest = models.BinaryField(max_length=32, null=True)
    document_sealed = models.BinaryField(null=True)
    number_shown = models.CharField(max_length=32, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True)
    area_path = models.CharField(max_length=120)
    household = models.CharField(max_length=80, blank=True)
    site_id = models.UUIDField(null=True)
    employer_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True, help_text="Who it is about.")
    other_id = models.UUIDField(null=True, help_text="Of a conflict: the second one it claims.")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)

    objects = RosterRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="one_line_per_row_of_a_roster_file"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} #{self.number} {self.verdict}"
