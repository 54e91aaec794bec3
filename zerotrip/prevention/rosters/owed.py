"""What people on rosters owed and reported goes with the event it was owed under; of sites and enterprises, what it
says of people."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, TextField, Value
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Due, Kind, Report, ReportFile, Requirement, Subject, Window
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.sources import duty_of
from zerotrip.prevention.events.purging import Basis, Expiry, Holds

if TYPE_CHECKING:
    from zerotrip.duties.models import ReportQuerySet
    from zerotrip.prevention.events.purging import Ended

NAME = "owed"
SAID = "said"
HOLDS = [
    Holds(
        "duties.Due",
        _("每个人、每个班欠什么、做了没有、为什么不用做"),
        _("知道谁还没有做"),
        Basis.HEALTH,
        Expiry.DAY,
        _("删除个人和班次的；企业、场所做没做留下"),
    ),
]
SAID_HOLD = [
    Holds(
        "duties.Report",
        _("每日核查、消杀、送餐等填报：发热等异常情况、交接人姓名、填报位置"),
        _("异常当天有人处理，做没做有据可查"),
        Basis.HEALTH,
        Expiry.DAY,
        _("个人的整条删除；企业、场所的清空文字和位置，只留数字和选项"),
    ),
    Holds(
        "duties.ReportFile",
        _("填报的照片；签收单上有姓名"),
        _("做没做有据可查"),
        Basis.EMERGENCY,
        Expiry.DAY,
        _("个人的和签收单删除；消杀、清洁照片留下"),
    ),
]


def purge(ended: Ended) -> int:
    """Delete what people owed and what was reported of them; that sites and enterprises did something stays.

    While the event runs on, nothing of a window that ended later: it may be written long before it begins.
    """
    windows = Window.objects.filter(ended.past("ends"), subject__in=(Subject.PERSON, Subject.SHIFT))
    gone, _kinds = Due.objects.filter(ended.rows(at="since"), window__in=windows.values("pk")).delete()
    standing = Requirement.objects.filter(kind=Kind.STANDING)
    duties = {duty_of(row) for row in standing if spec_of(row).who in ("person", "shift")}
    reports = Report.objects.filter(ended.rows(), duty__in=duties)
    ReportFile.objects.filter(report__in=reports.values("pk")).delete()
    return gone + reports.delete()[0]


def purge_said(ended: Ended) -> int:
    """Take what reports of sites and enterprises say of people out of them, and delete papers that were signed.

    What is typed in free words may name somebody and how they are; numbers and choices do not, nor do the fields a
    duty keeps (``keeps``). How many reports there were.
    """
    words: dict[str, set[str]] = defaultdict(set)
    signed: set[str] = set()
    for row in Requirement.objects.filter(kind=Kind.STANDING):
        spec = spec_of(row)
        if spec.who in ("site", "enterprise"):
            words[duty_of(row)] |= spec.in_words
            signed |= {duty_of(row)} if spec.receipt else set()
    rows = Report.objects.filter(ended.rows())
    ReportFile.objects.filter(report__in=rows.filter(duty__in=signed).values("pk")).delete()
    return sum(_emptied(rows.filter(duty=duty), sorted(fields)) for duty, fields in words.items())


def _emptied(rows: ReportQuerySet, fields: list[str]) -> int:
    less = Func(
        F("answers"),
        Value(fields, output_field=ArrayField(TextField())),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=JSONField(),
    )
    said = rows.filter(Q(answers__has_any_keys=fields) | Q(position__isnull=False))
    return said.update(answers=less, position=None)
