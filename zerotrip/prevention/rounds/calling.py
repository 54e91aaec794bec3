"""The missing get a caller, who rings until they come, or are excused for a reason; firms of a survey get one who
goes there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from zerotrip.duties.models import Due, Window
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.parties.models import HANDS, Membership
from zerotrip.parties.queries import seats_over
from zerotrip.prevention.models import Call, Caller
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rounds.rules import has_callers, may_lead, require_follow, require_followed
from zerotrip.prevention.screening.spec import rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.models import DueQuerySet
    from zerotrip.parties.access import Actor

MOST = 5000
"""People one caller is given in one go."""
LATEST = timedelta(days=7)
"""Until when somebody may be called again."""


def without_caller(window: Window, area_path: str, *, at: datetime) -> DueQuerySet:
    """The missing of an area nobody is to call yet, grid by grid."""
    held = Caller.objects.open().filter(window=window.pk, subject=OuterRef("subject"))
    rows = Due.objects.filter(day=window.day, window=window.pk, area_path__startswith=area_path).missing(at)
    return rows.filter(~Exists(held)).order_by("area_path", "subject")


@transaction.atomic
def give(window_id: int, *, callers: Sequence[UUID], area_path: str, by: Actor, at: datetime) -> int:
    """Have some call those of an area who are missing and whom nobody calls yet; how many. Again gives no more.

    Each calls as many as the others, or one more, and those of one grid as far as that goes. Raises NotFound,
    NotAllowed, Refused once the missing are not called any more, Invalid for a caller who does not work there.
    """
    window = _window(window_id, area_path, by, at=at)
    _require_callers(callers, area_path, at=at)
    callers = list(dict.fromkeys(callers))
    dues = list(without_caller(window, area_path, at=at)[:MOST])
    shares = (callers[place * len(callers) // len(dues)] for place in range(len(dues)))
    return _keep(window, [_caller(window, due, who, by=by, at=at) for due, who in zip(dues, shares, strict=True)])


@transaction.atomic
def share_out(window_id: int, *, area_path: str, named: bool, by: Actor, at: datetime) -> int:
    """Give the missing of an area, whom nobody calls or goes to yet, to those they belong to; how many. Again gives
    no more.

    Each firm to the person named for it (点对点专人), if ``named``; else evenly to those of the nearest office.
    Only to those who work there: the others stay without anybody. Raises NotFound, NotAllowed, Refused.
    """
    window = _window(window_id, area_path, by, at=at)
    dues = list(without_caller(window, area_path, at=at)[:MOST])
    theirs = _named_for([due.subject for due in dues], at=at) if named else {}
    rows, load = [], Counter[UUID]()
    for grid, those in groupby(dues, key=lambda due: due.area_path):
        seats = seats_over(HANDS, area_path=grid, at=at)
        if named:
            hands = {seat.person.account.pk for seat in seats}
            found = ((due, theirs.get(due.subject)) for due in those)
            rows += [_caller(window, due, who, by=by, at=at) for due, who in found if who in hands]
        elif near := _nearest(seats):
            for due in those:
                who = min(near, key=load.__getitem__)
                load[who] += 1
                rows.append(_caller(window, due, who, by=by, at=at))
    return _keep(window, rows)


def _named_for(firms: Sequence[UUID], *, at: datetime) -> dict[UUID, UUID]:
    """The account of the person named for each firm: for whatever it needs, before one for a subject."""
    rows = Membership.objects.named().in_force(at).filter(organisation__in=firms).order_by("-subject")
    return dict(rows.values_list("organisation", "person__account"))


def _nearest(seats: Sequence[Membership]) -> list[UUID]:
    """Those of the smallest area, each once."""
    return list({seat.person.account.pk: None for seat in seats if seat.area_path == seats[0].area_path})


@transaction.atomic
def hand(window_id: int, subject: UUID, *, caller: UUID, by: Actor, at: datetime) -> Caller:
    """Have somebody call one who is missing, in place of whoever did. The same caller again changes nothing.

    Raises NotFound, NotAllowed, Refused, Invalid.
    """
    window = Window.objects.visible_to(by).filter(pk=window_id).first()
    due = Due.objects.filter(day=window.day, window=window, subject=subject).missing(at).first() if window else None
    if window is None or due is None:
        raise NotFound(_("已经来过、报过，或已登记原因，请刷新后再看。"))
    _window(window_id, due.area_path, by, at=at)
    _require_callers([caller], due.area_path, at=at)
    held = Caller.objects.open().select_for_update().filter(window=window, subject=subject).first()
    if held is not None and held.caller_id == caller:
        return held
    if held is not None:
        held.ended_at = at
        held.save(update_fields=["ended_at"])
    row = _caller(window, due, caller, by=by, at=at)
    Caller.objects.bulk_create([row], ignore_conflicts=True)
    return Caller.objects.open().get(window=window, subject=subject)


def take(window_id: int, *, area_path: str, by: Actor, at: datetime) -> Caller | None:
    """Take the next of an area whom nobody calls; None: there is nobody. Two at once take two.

    Raises NotFound, NotAllowed, Refused.
    """
    window = _window(window_id, area_path, by, at=at)
    while (due := without_caller(window, area_path, at=at).first()) is not None:
        row = _caller(window, due, by.account, by=by, at=at)
        Caller.objects.bulk_create([row], ignore_conflicts=True)
        held = Caller.objects.open().filter(window=window, subject=due.subject).first()
        if held is not None and held.caller_id == by.account:
            return held
    return None


def _keep(window: Window, rows: Sequence[Caller]) -> int:
    """Name callers, but where somebody was named meanwhile; how many were."""
    before = Caller.objects.filter(window=window).count()
    Caller.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return Caller.objects.filter(window=window).count() - before


def _caller(window: Window, due: Due, caller: UUID, *, by: Actor, at: datetime) -> Caller:
    return Caller(
        window=window,
        subject=due.subject,
        area_path=due.area_path,
        caller_id=caller,
        given_by_id=by.account,
        given_at=at,
        next_at=at,
    )


def _window(window_id: int, area_path: str, by: Actor, *, at: datetime) -> Window:
    """A window in which the missing of an area may be given to callers."""
    window = Window.objects.visible_to(by).select_related("requirement").filter(pk=window_id).first()
    if window is None or not has_callers(window) or not area_path.startswith(window.area_path):
        raise NotFound(_("没有这一次。"))
    require_follow(by, area_path)
    require_followed(window, at=at)
    return window


def callers_for(area_path: str, *, at: datetime) -> list[tuple[UUID, str]]:
    """Who may call people of an area: staff who work there, those of the nearest office first."""
    found: dict[UUID, str] = {}
    for seat in seats_over(HANDS, area_path=area_path, at=at):
        account = seat.person.account
        found.setdefault(account.pk, f"{seat.person.name} · {seat.organisation.name}")
    return list(found.items())


def _require_callers(callers: Sequence[UUID], area_path: str, *, at: datetime) -> None:
    if not callers or set(callers) - set(dict(callers_for(area_path, at=at))):
        raise Invalid(_("还没有分配。"), {"caller": [_("请选择在这个区域工作的人员。")]})


@dataclass(frozen=True, slots=True)
class Told:
    """What a call ended with, as it is typed in."""

    outcome: str
    note: str = ""
    next_at: datetime | None = None
    reason: str = ""
    """Of leaving somebody out, where the outcome does; empty: that of the outcome."""
    last_day: date | None = None
    """Until when; None: the last day of the window."""


@transaction.atomic
def call(caller_id: int, told: Told, *, key: UUID, by: Actor, at: datetime) -> Call:
    """Note a call. One that excuses leaves somebody out of this round, with its reason and days. Twice is once.

    After the end of a round, too, for a while: a reason then is that of its last day, and counts in it.

    Raises NotFound, NotAllowed unless it is the caller or who leads there, Invalid by field, Refused.
    """
    found = Call.objects.filter(pk=key).first()
    if found is not None:
        return found
    rows = Caller.objects.visible_to(by).select_for_update(of=("self",)).select_related("window__requirement")
    held = rows.filter(pk=caller_id).first()
    if held is None:
        raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
    if held.caller_id != by.account and not may_lead(by, held.area_path):
        raise NotAllowed(_("由分到的人打电话并登记。"))
    if held.ended_at is not None:
        raise Refused(_("这个人已改由别人联系，或已登记原因。"))
    require_followed(held.window, at=at)
    outcome = next((one for one in rules().outcomes if one.id == told.outcome), None)
    note = " ".join(told.note.split())
    problems: dict[str, list[str]] = {}
    if outcome is None:
        problems["outcome"] = [_("请选择结果。")]
    if len(note) > 200:
        problems["note"] = [_("最多 200 个字。")]
    if told.next_at is not None and not at < told.next_at <= at + LATEST:
        problems["next_at"] = [_("要晚于现在，最晚 %(days)s 天以后。") % {"days": LATEST.days}]
    if problems or outcome is None:
        raise Invalid(_("还没有登记。"), problems)
    excluded = None
    if outcome.then == "excuse":
        excluded = uuid5(key, "exclusion")
        _excuse(held, told, note, reason=told.reason or outcome.reason or "", key=excluded, by=by, at=at)
        held.ended_at = at
    else:
        held.next_at = told.next_at or at + timedelta(minutes=outcome.again_minutes)
    row = Call.objects.create(
        id=key,
        caller=held,
        by_id=by.account,
        at=at,
        outcome=outcome.id,
        note=note,
        next_at=None if excluded else held.next_at,
        exclusion=excluded,
    )
    held.calls, held.last = held.calls + 1, outcome.id
    held.save(update_fields=["ended_at", "next_at", "calls", "last"])
    return row


def _excuse(held: Caller, told: Told, note: str, *, reason: str, key: UUID, by: Actor, at: datetime) -> None:
    window = held.window
    last = (window.ends - timedelta(microseconds=1)).astimezone(CHINA).date()
    first = min(last, at.astimezone(CHINA).date())
    left = people.Left(
        reason=reason,
        first_day=first,
        last_day=told.last_day or last,
        note=note,
        requirement=window.requirement_id,
    )
    people.exclude(held.subject, left, by=by, at=at, key=key)
