"""A window is closed once nobody is missing: whoever was asked has kept it, or is excused with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.duties.models import Due, Filling, Why, Window
from zerotrip.duties.standing.materialising import reconcile
from zerotrip.errors import NotFound, Refused

if TYPE_CHECKING:
    from zerotrip.duties.models.windows import WindowQuerySet
    from zerotrip.parties.access import Actor


def missing_in(window: Window, *, at: datetime) -> int:
    """How many still owe something in a window, wherever: what keeps it from being closed."""
    return Due.objects.filter(day=window.day, window=window.pk).missing(at).count()


@transaction.atomic
def close(window_id: int, *, by: Actor, at: datetime) -> Window:
    """Close a window: everybody the rosters name now kept it or is excused. Twice is once.

    Whether the actor may is asked by whoever calls. Raises NotFound; Refused with how many are missing.
    """
    window = _locked(window_id)
    if window.closed_at is not None:
        return window
    if window.starts > at:
        raise Refused(_("还没有开始，不能结束。"))
    if not window.is_whole:
        raise Refused(_("还在打开，请等应检名单生成完再结束。"))
    reconcile(window.pk, at=at)
    missing = missing_in(window, at=at)
    if missing:
        raise Refused(_("还有 %(count)s 人没有做，也没有登记原因，不能结束。") % {"count": missing})
    window.closed_at, window.closed_by_id = at, by.account
    window.save(update_fields=["closed_at", "closed_by"])
    return window


@transaction.atomic
def withdraw(window_id: int, *, by: Actor, at: datetime) -> Window:
    """What a window asks for is not asked any more: whoever has not done it is released. Twice is once.

    Whether the actor may is asked by whoever calls; nobody is named where time does it, as when its measure is in
    force no more. Raises NotFound; Refused once it is over.
    """
    window = _locked(window_id)
    if window.closed_at is not None:
        return window
    if window.ends <= at:
        raise Refused(_("已经到期，不能再撤回。"))
    Filling.objects.filter(window=window.pk).delete()  # whoever is not written yet never owes it
    rows = Due.objects.filter(day=window.day, window=window.pk, kept_at=None, released_at=None)
    rows.update(released_at=at, why=Why.WITHDRAWN)
    window.closed_at, window.closed_by_id = at, by.user_id
    window.save(update_fields=["closed_at", "closed_by"])
    return window


@transaction.atomic
def reopen(window_id: int, *, at: datetime) -> Window:
    """Take a closing back: the window agrees with the rosters again. Raises NotFound, Refused if it is open."""
    window = _locked(window_id)
    if window.closed_at is None:
        raise Refused(_("没有结束，不用重新打开。"))
    window.closed_at = window.closed_by = None
    window.save(update_fields=["closed_at", "closed_by"])
    reconcile(window.pk, at=at)
    return window


@transaction.atomic
def extend(window_id: int, ends: datetime, *, at: datetime) -> Window:
    """Let a window that is not closed end later. Raises NotFound; Refused if that is not later, or not to come."""
    window = _locked(window_id)
    if window.closed_at is not None:
        raise Refused(_("已经结束，请先重新打开。"))
    if ends <= max(window.ends, at):
        raise Refused(_("新的结束时间要晚于原来的，也要晚于现在。"))
    window.ends = ends
    window.save(update_fields=["ends"])
    reconcile(window.pk, at=at)
    return window


def excuse(subject: UUID, windows: WindowQuerySet, *, why: str, at: datetime) -> int:
    """Release what somebody still owes in windows that are over, for a reason that came to light later; how many.

    How each stood when it ended is told as before: they were missing then.
    """
    over = list(windows.filter(ends__lte=at).values_list("day", "pk"))
    if not over:
        return 0
    days, keys = {day for day, _window in over}, [window for _day, window in over]
    rows = Due.objects.filter(day__in=days, window__in=keys, subject=subject, kept_at=None, released_at=None)
    return rows.update(released_at=at, why=why)


def _locked(window_id: int) -> Window:
    window = Window.objects.select_for_update(of=("self",)).select_related("filling").filter(pk=window_id).first()
    if window is None:
        raise NotFound(_("没有这一轮。"))
    return window
