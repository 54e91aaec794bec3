"""Rounds are opened, closed, opened again and prolonged; each is journalled with the event it is done for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from zerotrip.duties import editions
from zerotrip.duties.models import Requirement, Window
from zerotrip.duties.standing import closing
from zerotrip.duties.standing.filling import begin_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.errors import Invalid, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.paths import around
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import Event, Measure, Round
from zerotrip.prevention.rounds.rules import is_screening, may_lead, require_lead, rounds
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

LONGEST = timedelta(days=14)
"""Of one round."""
AHEAD = timedelta(days=14)
"""Before it begins, at which a round may be opened."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A round as it is typed in."""

    name: str
    area: str
    """Code of the area."""
    requirement: UUID | None
    starts: datetime | None
    ends: datetime | None


@transaction.atomic
def open_round(asked: Asked, *, key: UUID, by: Actor, at: datetime) -> Round:
    """Open a round over an area, and have written what everybody on its rosters owes. Twice is once.

    Raises Invalid with everything wrong by field, NotAllowed, Refused without an event that asks for screening.
    """
    found = Round.objects.filter(pk=key).first()
    if found is not None:
        return found
    area_path, requirement, name = area_path_of(asked.area), _requirement(asked), " ".join(asked.name.split())
    problems = _wrong_in(asked, name, area_path, requirement, by=by, at=at)
    if problems or requirement is None or asked.starts is None or asked.ends is None:
        raise Invalid(_("还没有打开。"), problems)
    event = _event(area_path, at=at)
    if _overlaps(requirement, area_path, asked.starts, asked.ends):
        raise Invalid(_("还没有打开。"), {"starts": [_("这个区域这段时间已有一轮，请改时间。")]})
    window = begin_window(requirement, Span(asked.starts, asked.ends), area_path=area_path, at=at)
    row = Round.objects.create(id=key, window=window, event=event, name=name, opened_by_id=by.account, opened_at=at)
    _journal(event, "round_open", window, by=by, at=at, name=name, ends=asked.ends.isoformat())
    return row


def _requirement(asked: Asked) -> Requirement | None:
    return next((row for row in rounds() if row.pk == asked.requirement), None)


def _wrong_in(
    asked: Asked, name: str, area_path: str, requirement: Requirement | None, *, by: Actor, at: datetime
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 0 < len(name) <= 60:
        problems["name"] = [_("请填写这一轮的名称，最多 60 个字。")]
    if not area_path or not may_lead(by, area_path):
        problems["area"] = [_("请选择您负责的区域。")]
    if requirement is None:
        problems["requirement"] = [_("没有这项要求，请重新选择。")]
    if asked.starts is None or asked.starts > at + AHEAD:
        problems["starts"] = [_("请填写开始时间，最晚 %(days)s 天以后。") % {"days": AHEAD.days}]
    if asked.ends is None or asked.ends <= at or (asked.starts and not _lasts(asked.starts, asked.ends)):
        problems["ends"] = [_("请填写结束时间：晚于开始和现在，一轮最长 %(days)s 天。") % {"days": LONGEST.days}]
    return problems


def _lasts(starts: datetime, ends: datetime) -> bool:
    return timedelta() < ends - starts <= LONGEST


def _overlaps(requirement: Requirement, area_path: str, starts: datetime, ends: datetime) -> bool:
    """Whether a round of the same kind is there at the time, in the area, in one inside or around it."""
    same = Window.objects.filter(
        Q(closed_at=None) | Q(closed_by__isnull=False),  # or time withdrew it: its event is over
        requirement__slug__startswith=editions.all_of(requirement),
        starts__lt=ends,
        ends__gt=starts,
    )
    inside = same.filter(area_path__startswith=area_path)
    return inside.exists() or same.filter(area_path__in=around(area_path)).exists()


@transaction.atomic
def close(window_id: int, *, by: Actor, at: datetime) -> Window:
    """Close a round or the window of a regime: nobody is missing. Twice is once.

    Raises NotFound, NotAllowed, Refused with how many are missing.
    """
    seen = _seen(window_id, by)
    event = _event(seen.area_path, at=at)  # before the window: whoever leaves somebody out locks in that order
    window = closing.close(window_id, by=by, at=at)
    if seen.closed_at is None and window.closed_at == at:
        _journal(event, "round_close", window, by=by, at=at)
    return window


@transaction.atomic
def reopen(window_id: int, *, reason: str, by: Actor, at: datetime) -> Window:
    """Open a closed round again for a reason, while the event lasts.

    Raises NotFound, NotAllowed, Invalid, Refused.
    """
    seen = _seen(window_id, by)
    told = _reason(reason)
    event = _event(seen.area_path, at=at)
    window = closing.reopen(window_id, at=at)
    _journal(event, "round_reopen", window, by=by, at=at, reason=told)
    return window


@transaction.atomic
def prolong(window_id: int, ends: datetime | None, *, reason: str, by: Actor, at: datetime) -> Window:
    """Let a round end later, for a reason. Raises NotFound, NotAllowed, Invalid, Refused."""
    seen = _seen(window_id, by)
    told = _reason(reason)
    if not Round.objects.filter(window=seen).exists():
        raise NotFound(_("没有这一轮。"))
    if ends is None or not _lasts(seen.starts, ends):
        raise Invalid(_("还没有保存。"), {"ends": [_("一轮最长 %(days)s 天。") % {"days": LONGEST.days}]})
    event = _event(seen.area_path, at=at)
    window = closing.extend(window_id, ends, at=at)
    _journal(event, "round_prolong", window, by=by, at=at, reason=told, ends=ends.isoformat())
    return window


def _reason(reason: str) -> str:
    told = " ".join(reason.split())
    if not 0 < len(told) <= 400:
        raise Invalid(_("还没有保存。"), {"reason": [_("请写明为什么，最多 400 个字。")]})
    return told


def _seen(window_id: int, by: Actor) -> Window:
    window = Window.objects.visible_to(by).select_related("requirement").filter(pk=window_id).first()
    if window is None or not is_screening(window):
        raise NotFound(_("没有这一轮。"))
    require_lead(by, window.area_path)
    return window


def _event(area_path: str, *, at: datetime) -> Event:
    """The event that asks for it, locked: its journal is written. Raises Refused."""
    event = require_in_force(Measure.SCREENING, area_path, on=at.astimezone(CHINA).date())
    return Event.objects.select_for_update(of=("self",)).get(pk=event.pk)


def _journal(
    event: Event, action: str, window: Window, *, by: Actor, at: datetime, reason: str = "", **details: Any
) -> None:
    told = {"window": window.pk, "area": window.area_path, **details}
    ledger.append(event, action, by=by, at=at, reason=reason, details=told)
    event.save(update_fields=["ledger_length", "ledger_head"])
