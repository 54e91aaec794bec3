"""Every write to events. One action is one step: lock, check, change, journal, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Area
from zerotrip.prevention.events.rules import require_change, seats_to_declare
from zerotrip.prevention.models import Event, Measure
from zerotrip.prevention.models.events import LONGEST_KEPT
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.parties.access import Actor

EARLIEST = 30
"""Days before today from which on an event may have begun: what was done on paper first is entered later."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An event as it is typed in."""

    name: str
    basis: str
    measures: Sequence[str]
    starts_on: date | None
    ends_on: date | None
    keep_days: int | None


@transaction.atomic
def declare(declared: Declared, *, area: str, department: UUID, key: UUID, by: Actor, at: datetime) -> Event:
    """Declare an event for an area: its measures come up there. Twice is once.

    Raises NotAllowed unless the actor leads the department over the area, Invalid with everything wrong by field.
    """
    found = Event.objects.filter(pk=key).first()
    if found is not None:
        return found
    seats = [seat for seat in seats_to_declare(by) if seat.department_id == department]
    if not seats:
        raise NotAllowed(_("防控由部门负责人启动。"))
    problems = _wrong_in(declared, today=at.astimezone(CHINA).date(), begun=None)
    path = Area.objects.filter(pk=area).values_list("path", flat=True).first() or ""
    if not any(path.startswith(seat.area_path) for seat in seats):
        problems["area"] = [_("请选择您负责的区域。")]
    if problems or declared.starts_on is None or declared.keep_days is None:
        raise Invalid(_("还不能启动防控。"), problems)
    event = Event(
        pk=key,
        name=_plain(declared.name),
        area_path=path,
        measures=_ordered(declared.measures),
        basis=_plain(declared.basis),
        starts_on=declared.starts_on,
        ends_on=declared.ends_on,
        keep_days=declared.keep_days,
        department_id=department,
        declared_by_id=by.account,
        declared_at=at,
    )
    ledger.append(event, "declare", by=by, at=at, details=_told(declared))
    event.save(force_insert=True)
    return event


@transaction.atomic
def change(event_id: UUID, declared: Declared, *, reason: str, by: Actor, at: datetime) -> Event:
    """Change what an event asks for, or its days; a last day that is over ends it. The reason is journalled.

    Raises NotFound, NotAllowed, Refused once it is purged, Invalid by field.
    """
    event = Event.objects.visible_to(by).select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound(_("没有这次防控。"))
    require_change(event, by)
    problems = _wrong_in(declared, today=at.astimezone(CHINA).date(), begun=event.starts_on)
    if not reason.strip():
        problems["reason"] = [_("请写明为什么改。")]
    if problems or declared.starts_on is None or declared.keep_days is None:
        raise Invalid(_("还不能保存。"), problems)
    event.name, event.basis = _plain(declared.name), _plain(declared.basis)
    event.measures = _ordered(declared.measures)
    event.starts_on, event.ends_on, event.keep_days = declared.starts_on, declared.ends_on, declared.keep_days
    ledger.append(event, "change", by=by, at=at, reason=reason.strip(), details=_told(declared))
    event.save()
    return event


def _wrong_in(declared: Declared, *, today: date, begun: date | None) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 1 < len(_plain(declared.name)) <= 80:
        problems["name"] = [_("请填写名称，2 到 80 个字。")]
    if not 1 < len(_plain(declared.basis)) <= 200:
        problems["basis"] = [_("请填写依据，如通知的名称和文号，最多 200 个字。")]
    if not declared.measures or set(declared.measures) - set(Measure.values):
        problems["measures"] = [_("请至少选择一项措施。")]
    if declared.starts_on is None:
        problems["starts_on"] = [_("请填写开始日期。")]
    elif declared.starts_on != begun and (today - declared.starts_on).days > EARLIEST:
        problems["starts_on"] = [_("开始日期最早是 %(days)s 天前。") % {"days": EARLIEST}]
    elif declared.ends_on is not None and declared.ends_on < declared.starts_on:
        problems["ends_on"] = [_("最后一天不能早于开始日期。")]
    if declared.keep_days is None or not 0 <= declared.keep_days <= LONGEST_KEPT:
        problems["keep_days"] = [_("请填写保存天数，0 到 %(most)s 天。") % {"most": LONGEST_KEPT}]
    return problems


def _plain(text: str) -> str:
    return " ".join(text.split())


def _ordered(measures: Sequence[str]) -> list[str]:
    return [measure for measure in Measure.values if measure in measures]


def _told(declared: Declared) -> dict[str, Any]:
    """What was declared, for the journal."""
    told = asdict(declared) | {"measures": _ordered(declared.measures)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
