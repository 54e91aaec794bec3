"""What is opened by hand: a survey of every firm, receipts of a notice. Asked in an area, until a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from zerotrip.duties import editions
from zerotrip.duties.models import Window
from zerotrip.duties.standing import scopes
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.duties.standing.sources import REPORT
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.parties.queries import area_path_of
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement
    from zerotrip.parties.access import Actor

LONGEST = timedelta(days=60)


def askable() -> list[Requirement]:
    """The duties that are opened by hand and reported."""
    return [row for row in editions.standing(SORT) if spec_of(row).by_hand and spec_of(row).act == REPORT]


def may_ask(actor: Actor, area_path: str) -> bool:
    """Whether the actor opens them in an area: staff who work there."""
    return bool(area_path) and any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*WORKING_ROLES))


@transaction.atomic
def ask(slug: str, *, area: str, until: date | None, by: Actor, at: datetime) -> Window:
    """Ask everybody a duty is about in an area, until the end of a day. Asked again meanwhile, it is the same.

    Raises NotFound, NotAllowed, Invalid by field, Refused where its measure is not in force.
    """
    requirement = next((row for row in askable() if row.slug == slug), None)
    if requirement is None:
        raise NotFound(_("没有这项要求。"))
    path = area_path_of(area)
    problems: dict[str, list[str]] = {}
    if not path or not any(path.startswith(seat.area_path) for seat in by.seats):
        problems["area"] = [_("请选择您辖区内的区域。")]
    today = at.astimezone(CHINA).date()
    if until is None or not today <= until <= today + LONGEST:
        problems["until"] = [_("请填写最后一天，从今天起最多 %(days)s 天。") % {"days": LONGEST.days}]
    if problems or until is None:
        raise Invalid(_("还不能发起。"), problems)
    if not may_ask(by, path):
        raise NotAllowed(_("由负责这个区域的工作人员发起。"))
    if not any(path.startswith(scope.area_path) for scope in scopes.of(spec_of(requirement).measure, at)):
        raise Refused(_("这里现在没有启动这项防控措施。"))
    with connection.cursor() as cursor:  # two who ask at once ask once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"ask:{slug}:{path}"])
    same = Window.objects.filter(requirement__slug__startswith=editions.all_of(requirement), area_path=path)
    found = same.around(at).order_by("pk").first()
    if found is not None:
        return found
    ends = datetime.combine(until + timedelta(days=1), time(), CHINA)
    return open_window(requirement, Span(at, ends), area_path=path, at=at)
