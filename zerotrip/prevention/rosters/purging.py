"""What goes of rosters with an event: everybody no other event holds. See ``events.purging``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Enrolment, Exclusion, Person, Retest, RosterFile, RosterRow, Sample
from zerotrip.prevention.rosters.actions.files import place_of
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import date, datetime

    from django_stubs_ext import StrPromise

    from zerotrip.prevention.events.purging import Ended


def enrolments(ended: Ended) -> int:
    """Those of the area that began by the end of the event, and of no day another event holds there.

    While the event runs on, those alone that ended: whoever is on a roster stays on it.
    """
    going = Q(area_path__startswith=ended.area_path, during__startswith__lt=_day(ended.ends_at)) & _over(ended)
    for path, first, last in ended.others:
        days = DateRange(_day(first), _day(last) if last else None)
        going &= ~Q(area_path__startswith=path, during__overlap=days)
    return Enrolment.objects.filter(going)._raw_delete("default")


def exclusions(ended: Ended) -> int:
    """Those of people who are on no roster any more, wherever it was; and of people of the area, what is over."""
    held = Enrolment.objects.filter(person=OuterRef("person"))
    going = Q(~Exists(held))
    if ended.running:
        over = _over(ended) & Q(Exists(held.filter(area_path__startswith=ended.area_path)))
        for path, first, _last in ended.others:
            there = Q(Exists(held.filter(area_path__startswith=path)))
            over &= ~(there & Q(during__endswith__gt=_day(first)))
        going |= over
    return Exclusion.objects.filter(going)._raw_delete("default")


def people(ended: Ended) -> int:
    """Those who are on no roster any more, wherever it was, and in no tube. Parties and their accounts stay."""
    held = (model.objects.filter(person=OuterRef("pk")) for model in (Enrolment, Sample, Retest))
    return Person.objects.filter(*(~Exists(rows) for rows in held))._raw_delete("default")


def _over(ended: Ended) -> Q:
    """While the event runs on, what ended before."""
    return Q(during__endswith__lte=_day(ended.ends_at)) if ended.running else Q()


def rows(ended: Ended) -> int:
    """What is left of files of the area: what they say of people, and the files themselves."""
    over = RosterFile.objects.filter(ended.rows(at="asked_at"))
    gone = RosterRow.objects.filter(file__in=over.values("pk"))._raw_delete("default")
    for pk in over.filter(purged=False).values_list("pk", flat=True):
        transaction.on_commit(partial(place_of(pk).unlink, missing_ok=True))
    over.update(purged=True, faults=[], name="", expires_at=ended.ends_at)
    return gone


PURGES = {
    "prevention.RosterRow": rows,
    "prevention.Enrolment": enrolments,
    "prevention.Exclusion": exclusions,
    "prevention.Person": people,
}
"""By the table, in the order it has to be."""


def _held(
    table: str, what: StrPromise, purpose: StrPromise, expiry: Expiry, basis: Basis = Basis.EMERGENCY
) -> Holds:
    return Holds(table, what, purpose, basis, expiry, _("删除整条；还在册的人不删"))


HOLDS = {
    "prevention.RosterRow": _held(
        "prevention.RosterRow", _("名册文件里的每一行"), _("核对以后写入名册"), Expiry.AT_ONCE
    ),
    "prevention.Enrolment": _held(
        "prevention.Enrolment",
        _("谁从哪天到哪天在哪个网格、住户、单位、宿舍、工地"),
        _("应检尽检，不漏一人"),
        Expiry.OVER,
    ),
    "prevention.Exclusion": _held(
        "prevention.Exclusion",
        _("谁为什么不用检，如身体原因、隔离管控"),
        _("不该做的人不催，该做的不漏"),
        Expiry.OVER,
        Basis.HEALTH,
    ),
    "prevention.Person": _held(
        "prevention.Person",
        _("名册上的人：姓名、证件号（加密）、电话、出生年份"),
        _("认得出同一个人，联系得上"),
        Expiry.OVER,
    ),
}
"""By the table."""


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
