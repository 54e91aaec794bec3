"""Who there is, where, and who belongs to whom from when to when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.pairs import Pairs

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class AreaLevel(models.TextChoices):
    """Levels of an administrative area, widest first."""

    CITY = "city", _("市")
    DISTRICT = "district", _("区县")
    SUBDISTRICT = "subdistrict", _("街道")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")


class Area(models.Model):
    """An administrative area. Its path is the path of its parent and its own code.

    ``path`` looks like ``/370100000000/370199000000/``; "lies in" is a prefix match.
    """

    code = models.CharField(max_length=15, primary_key=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=12, choices=AreaLevel)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(path__endswith=Concat(models.Value("/"), F("code"), models.Value("/"))),
                name="area_path_ends_in_its_code",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{12}([0-9]{3})?$"),
                name="area_code_is_12_digits_or_15_for_a_grid",
            ),
        ]
        indexes = [models.Index(fields=["path"], name="area_path_prefix", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class PartyKind(models.TextChoices):
    """What a party is."""

    PERSON = "person", _("个人")
    ENTERPRISE = "enterprise", _("企业")
    DEPARTMENT = "department", _("部门")
    TEAM = "team", _("专班")


OFFICES = (PartyKind.DEPARTMENT, PartyKind.TEAM)
"""Those whose people act for them from a seat."""


class PartyQuerySet(models.QuerySet["Party"]):
    """Parties, chainable."""

    def live(self) -> PartyQuerySet:
        """Those that have not ended (merged, deregistered, closed)."""
        return self.filter(ended_at=None)

    def visible_to(self, actor: Actor) -> PartyQuerySet:
        """Oneself and those one may act for; departments are public; staff see teams and their area."""
        own = Q(pk__in=actor.acts_for)
        public = Q(kind=PartyKind.DEPARTMENT)
        staffed = Q(kind=PartyKind.TEAM) if actor.seats else Q(pk__in=[])
        for seat in actor.seats:
            staffed |= Q(kind=PartyKind.ENTERPRISE, area_path__startswith=seat.area_path)
        return self.filter(own | public | staffed)


class Party(Chained):
    """A person, an enterprise, a department or a team: whoever can ask, act or be responsible."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=PartyKind)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    code = models.SlugField(max_length=60, blank=True, help_text="Name of a department in packs.")
    uscc = models.CharField(max_length=18, blank=True)
    ric_digest = models.BinaryField(max_length=32, null=True, editable=False)
    ric_sealed = models.BinaryField(null=True, editable=False)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    area_path = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The party it turned out to be: see enterprises.actions.merge.",
    )

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"], condition=Q(ended_at=None) & ~Q(uscc=""), name="one_live_party_per_uscc"
            ),
            models.UniqueConstraint(
                fields=["ric_digest"],
                condition=Q(ended_at=None, ric_digest__isnull=False),
                name="one_live_party_per_ric",
            ),
            models.UniqueConstraint(
                fields=["code", "area_path"],
                condition=Q(ended_at=None) & ~Q(code=""),
                name="one_live_department_per_code_and_area",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PartyKind.ENTERPRISE) | Q(uscc__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"),
                name="enterprise_has_a_uscc",
            ),
            models.CheckConstraint(
                condition=Q(kind=PartyKind.PERSON) | Q(ric_digest=None, ric_sealed=None),
                name="only_people_have_identity_numbers",
            ),
            models.CheckConstraint(
                condition=Q(ric_digest=None, ric_sealed=None)
                | Q(ric_digest__isnull=False, ric_sealed__isnull=False),
                name="identity_number_is_sealed_and_digested_together",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PartyKind.DEPARTMENT) | (~Q(code="") & ~Q(area_path="")),
                name="department_has_code_and_area",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PartyKind.TEAM) | (~Q(code="") & ~Q(area_path="")),
                name="team_has_code_and_area",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(ended_at__isnull=False), name="merged_party_has_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="party_area_prefix", opclasses=["text_pattern_ops"]),
            GinIndex(Pairs(Upper("name")), name="party_name_pairs"),
            models.Index(fields=["uscc"], name="party_merged", condition=Q(merged_into__isnull=False)),
            # A handful among tens of thousands.
            models.Index(
                fields=["area_path", "code"], name="party_departments", condition=Q(kind=PartyKind.DEPARTMENT)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes accounts. Applicants have no password: they sign in by code."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Accounts with their person, whose name every page shows."""
        return super().get_queryset().select_related("person")

    def create_user(
        self,
        *,
        person: Party,
        email: str | None = None,
        phone: str | None = None,
        password: str | None = None,
        **extra: Any,
    ) -> User:
        """An account of ``person``. At least one of e-mail and phone is needed."""
        user = self.model(
            person=person, email=self.normalize_email(email) or None if email else None, phone=phone, **extra
        )
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account: how a person signs in. What the person may do follows from memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField(Party, models.PROTECT, related_name="account")
    email = models.EmailField(unique=True, null=True, blank=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    email_verified = models.BooleanField(default=False)
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="account_has_email_or_phone"
            ),
            models.CheckConstraint(condition=Q(person__isnull=False), name="account_has_a_person"),
        ]

    def __str__(self) -> str:
        return self.email or self.phone or str(self.pk)


class MembershipKind(models.TextChoices):
    """How a person belongs to an organisation."""

    STAFF = "staff", _("工作人员")
    AGENT = "agent", _("经办人")
    HELPER = "helper", _("点对点专人")


class Role(models.TextChoices):
    """What a member of staff does in a department."""

    CLERK = "clerk", _("受理")
    REVIEWER = "reviewer", _("审查")
    LEADER = "leader", _("决定")
    HEAD = "head", _("机关负责人")
    SUPERVISOR = "supervisor", _("监督")
    ADMINISTRATOR = "administrator", _("管理")
    HELPER = "helper", pgettext_lazy("岗位", "帮办")
    DUTY = "duty", _("诉求值班")


WORKING_ROLES = (Role.CLERK, Role.REVIEWER, Role.LEADER, Role.HEAD)
"""Those who do the work of approvals."""
HELPING_ROLES = (Role.HELPER, Role.DUTY)
"""Those who help with needs: whoever is named, and whoever has the duty of an area for what nobody is named for."""
HANDS = (*WORKING_ROLES, *HELPING_ROLES)
"""Those who do the work of cases, of approvals and of needs."""
LEADING_ROLES = (Role.LEADER, Role.HEAD)
"""Those who answer for the people of a department."""


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, chainable."""

    def in_force(self, at: datetime) -> MembershipQuerySet:
        """Those that hold at ``at``."""
        return self.filter(during__contains=at)

    def named(self) -> MembershipQuerySet:
        """Those who are named to help an enterprise (点对点) and were not ended: an end is always of now."""
        return self.filter(kind=MembershipKind.HELPER, during__upper_inf=True)


class Membership(models.Model):
    """A person belongs to an organisation, in a role, from when to when.

    Staff sit in an office, agents act for an enterprise; a helper is the one member of staff named for an
    enterprise, for one subject of needs or for all of them (点对点): that gives no right the seat does not give.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Party, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Party, models.PROTECT, related_name="members")
    kind = models.CharField(max_length=12, choices=MembershipKind)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    area_path = models.CharField(max_length=120, blank=True)
    subject = models.SlugField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text="What a named helper helps with: a service of category need; empty: every subject.",
    )
    during = DateTimeRangeField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=MembershipKind.STAFF, role__in=Role.values) & ~Q(area_path="")
                | Q(kind__in=(MembershipKind.AGENT, MembershipKind.HELPER), role="", area_path=""),
                name="staff_have_role_and_area",
            ),
            models.CheckConstraint(
                condition=Q(subject="") | Q(kind=MembershipKind.HELPER), name="only_named_helpers_have_a_subject"
            ),
            ExclusionConstraint(
                name="memberships_do_not_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="one_named_helper_at_a_time",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(kind=MembershipKind.HELPER),
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"],
                name="named_helper",
                condition=Q(kind=MembershipKind.HELPER, during__upper_inf=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind} {self.organisation}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences, chainable."""

    def in_force(self, at: datetime) -> AbsenceQuerySet:
        """Those under way at ``at``."""
        return self.filter(during__contains=at)

    def not_over(self, at: datetime) -> AbsenceQuerySet:
        """Those under way at ``at`` or to come."""
        return self.filter(during__endswith__gt=at)


class Absence(models.Model):
    """A member of staff is away, from when to when; what is assigned to them may be done by a stand-in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Party, models.PROTECT, related_name="absences")
    stand_in = models.ForeignKey(Party, models.PROTECT, related_name="stands_in")
    during = DateTimeRangeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="absences_do_not_overlap",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~Q(person=F("stand_in")), name="nobody_stands_in_for_themselves"),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="absence_begins_and_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.during}"


class MandateKind(models.TextChoices):
    """Why somebody acts in another's name (帮办代办)."""

    ASSISTED = "assisted", _("帮办")
    DELEGATED = "delegated", _("代办")


class Given(models.TextChoices):
    """Where a mandate was given."""

    COUNTER = "counter", _("窗口")
    PHONE = "phone", _("电话")
    ONLINE = "online", _("网上")


class Deed(models.TextChoices):
    """What somebody may do in another's name."""

    FILL = "fill", _("填写和上传")
    SUBMIT = "submit", _("提交")
    CORRECT = "correct", _("补正和补交")
    WITHDRAW = "withdraw", _("撤回")
    RECEIVE = "receive", _("领取结果")


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates, chainable."""

    def in_force(self, at: datetime) -> MandateQuerySet:
        """Those that hold at ``at``: what a clerk recorded, once its principal said yes."""
        return self.filter(during__contains=at, revoked_at=None, awaits=False)

    def visible_to(self, actor: Actor) -> MandateQuerySet:
        """Those given by the parties one acts for, those one has or recorded oneself, and to clerks those
        for services that were recorded at the counter of their office."""
        if actor.user_id is None:
            return self.none()
        own = Q(agent=actor.user_id) | Q(recorded_by=actor.user_id)
        return self.filter(own | Q(principal__in=actor.acts_for) | self._of_office(actor))

    def _of_office(self, actor: Actor) -> Q:
        offices = {seat.department_id for seat in actor.seats_as(Role.CLERK)}
        if not offices:
            return Q(pk__in=[])
        colleagues = Membership.objects.filter(organisation__in=offices, kind=MembershipKind.STAFF)
        return Q(given=Given.COUNTER, case=None, recorded_by__person__in=colleagues.values("person"))


class Mandate(models.Model):
    """An account may act in a party's name: for what, in which steps, from when to when, on what evidence.

    Assisted (帮办): a clerk keys in what an applicant at the counter or on the phone says.
    Delegated (代办): somebody files on behalf of a principal who is not there (《民法典》第一百六十一条;
    第一百六十五条 asks for name, matters, authority and term in writing).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    principal = models.ForeignKey(Party, models.PROTECT, related_name="mandates")
    agent = models.ForeignKey(User, models.PROTECT, related_name="mandates")
    kind = models.CharField(max_length=10, choices=MandateKind)
    given = models.CharField(max_length=8, choices=Given)
    deeds = ArrayField(models.CharField(max_length=10, choices=Deed))
    services = ArrayField(models.SlugField(max_length=60), default=list, help_text="Empty: one case.")
    case = models.UUIDField(null=True, blank=True, help_text="The one case; None: the services.")
    during = DateTimeRangeField()
    evidence = models.ForeignKey(
        Blob, models.PROTECT, null=True, blank=True, related_name="+", help_text="The signed paper."
    )
    statement = models.TextField(blank=True, help_text="What was said, where no paper was signed.")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    awaits = models.BooleanField(
        default=False, db_default=False, help_text="Recorded by a clerk; its principal has not said yes yet."
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="mandate_begins_and_ends",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False, services__len=0) | Q(case=None, services__len__gt=0),
                name="mandate_is_for_one_case_or_for_services",
            ),
            models.CheckConstraint(condition=Q(deeds__len__gt=0), name="mandate_lets_something_be_done"),
            models.CheckConstraint(
                condition=Q(evidence__isnull=False) | ~Q(statement=""), name="mandate_rests_on_paper_or_words"
            ),
            models.CheckConstraint(
                condition=~Q(kind=MandateKind.ASSISTED)
                | Q(case__isnull=False) & Q(given__in=(Given.COUNTER, Given.PHONE)),
                name="assistance_is_for_one_case",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revoked_mandate_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(awaits=False, confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="confirmed_mandate_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")),
                name="nobody_confirms_the_mandate_they_recorded",
            ),
            models.CheckConstraint(
                condition=Q(awaits=False) | Q(kind=MandateKind.DELEGATED), name="assistance_holds_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} {self.principal_id}"
