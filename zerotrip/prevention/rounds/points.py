"""Sampling points: hours, windows, team and queue; and the plan of which grid comes where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from zerotrip.duties.models import Window
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.models import GridSlot, Opening, Point, PointPlan, Site
from zerotrip.prevention.rounds.planning import Stand, Step, lacking, propose, retimed, step_of
from zerotrip.prevention.rounds.queries import doors_of
from zerotrip.prevention.rounds.rules import is_screening, require_follow, require_lead
from zerotrip.prevention.screening.spec import rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.rounds.planning import Lacking, Slot, Span
    from zerotrip.prevention.screening.spec import PlanningSpec

KIND = "sampling-point"
LONGEST_QUEUE = 5000
Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Described:
    """A point as it is typed in."""

    windows: int | None
    per_hour: int | None
    samplers: int | None
    registrars: int | None
    keepers: int | None
    hours: Mapping[int, Hours | None]
    """By day of the week, 0 for Monday; None: shut."""


NUMBERS = {
    "windows": (1, 200),
    "per_hour": (1, 1000),
    "samplers": (0, 500),
    "registrars": (0, 500),
    "keepers": (0, 500),
}


@transaction.atomic
def describe(site_id: UUID, told: Described, *, by: Actor, at: datetime) -> Point:
    """Say what a sampling point has and when it is open. Raises NotFound, NotAllowed, Invalid by field."""
    site = _site(site_id, by)
    require_follow(by, site.area_path)
    problems = {
        name: [_("请填写 %(low)s 到 %(high)s 之间的数。") % {"low": low, "high": high}]
        for name, (low, high) in NUMBERS.items()
        if (value := getattr(told, name)) is None or not low <= value <= high
    }
    for weekday, hours in told.hours.items():
        if hours is not None and hours[0] >= hours[1]:
            problems[f"opens_{weekday}"] = [_("关门要晚于开门。")]
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    numbers = {name: getattr(told, name) for name in NUMBERS}
    point, _made = Point.objects.update_or_create(site=site, defaults=numbers)
    Opening.objects.filter(point=point).delete()
    Opening.objects.bulk_create(
        Opening(point=point, weekday=weekday, opens=hours[0], closes=hours[1])
        for weekday, hours in sorted(told.hours.items())
        if hours is not None
    )
    open_on = {str(day): [f"{each:%H:%M}" for each in hours] for day, hours in told.hours.items() if hours}
    ledger.append(site, "point", by=by, at=at, details={**numbers, "hours": open_on})
    site.save(update_fields=["ledger_length", "ledger_head"])
    return point


@transaction.atomic
def tell_queue(site_id: UUID, waiting: int | None, *, by: Actor, at: datetime) -> Point:
    """Say how many people are waiting now; the last word counts. Raises NotFound, NotAllowed, Invalid."""
    site = _site(site_id, by)
    require_follow(by, site.area_path)
    if waiting is None or not 0 <= waiting <= LONGEST_QUEUE:
        text = _("请填写 %(low)s 到 %(high)s 之间的数。") % {"low": 0, "high": LONGEST_QUEUE}
        raise Invalid(text, {"queue": [text]})
    told = {"queue": waiting, "queue_at": at, "queue_by_id": by.account}
    point, _made = Point.objects.update_or_create(site=site, defaults=told)
    return point


def _site(site_id: UUID, by: Actor) -> Site:
    rows = Site.objects.visible_to(by).select_for_update(of=("self",)).filter(kind=KIND, closed_on=None)
    site = rows.filter(pk=site_id).first()
    if site is None:
        raise NotFound(_("没有这个采样点，或它已经关闭。"))
    return site


FRESH = timedelta(hours=2)
"""For how long what was told of a queue is passed on."""


def queue_word(point: Point, spec: PlanningSpec, *, at: datetime) -> str:
    """``short``, ``long`` or ``full``; empty where nothing was told lately."""
    if point.queue is None or point.queue_at is None or at - point.queue_at > FRESH:
        return ""
    if point.queue >= spec.queue_room:
        return "full"
    return "long" if point.queue >= spec.long_queue else "short"


def spans_of(window: Window, opens: time, closes: time, *, after: datetime) -> list[tuple[datetime, datetime]]:
    """The hours of each day that lie within a window and after a moment; they begin on a whole slot."""
    found = []
    since = _whole(max(window.starts, after), timedelta(minutes=rules().planning.slot_minutes))
    day = since.astimezone(CHINA).date()
    while day <= window.ends.astimezone(CHINA).date():
        starts = max(datetime.combine(day, opens, CHINA), since)
        ends = min(datetime.combine(day, closes, CHINA), window.ends)
        if starts < ends:
            found.append((starts, ends))
        day += timedelta(days=1)
    return found


def _whole(at: datetime, step: timedelta) -> datetime:
    """The first moment from one on that lies on a whole step of its day."""
    midnight = datetime.combine(at.astimezone(CHINA).date(), time(), CHINA)
    return midnight - (midnight - at) // step * step


@transaction.atomic
def plan(window_id: int, opens: time | None, closes: time | None, *, by: Actor, at: datetime) -> PointPlan:
    """Propose which grid of a round comes to which point when, from whoever owes it now; a proposal before is gone.

    Raises NotFound, NotAllowed, Invalid by field, Refused for one that is confirmed or where there is no point.
    """
    window = _planned(window_id, by)
    if opens is None or closes is None or opens >= closes:
        raise Invalid(_("还没有排。"), {"closes": [_("请填写每天几点到几点，关门要晚于开门。")]})
    if not window.is_whole:
        raise Refused(_("这一轮还在打开，请等应检名单生成完再安排。"))
    held = PointPlan.objects.filter(window=window).first()
    if held is not None and held.confirmed_at is not None:
        raise Refused(_("安排已经确认，请先撤回确认。"))
    if not spans_of(window, opens, closes, after=at):
        raise Invalid(_("还没有排。"), {"closes": [_("这一轮里没有这几个小时。")]})
    stands = stands_of(window, opens, closes, after=at)
    if not stands:
        raise Refused(_("这个区域还没有采样点，请先登记采样点，再填写它的窗口。"))
    if not any(stand.spans for stand in stands):
        raise Invalid(
            _("还没有排。"), {"closes": [_("这几个小时里没有采样点开门，请改时间，或改采样点的开放时间。")]}
        )
    slots = propose(doors_of(window, at=at), stands, rules().planning)
    if held is not None:
        held.delete()
    made = PointPlan.objects.create(
        window=window, area_path=window.area_path, opens=opens, closes=closes, made_by_id=by.account, made_at=at
    )
    GridSlot.objects.bulk_create((_slot(made, slot) for slot in slots), batch_size=2000)
    return made


def _slot(plan: PointPlan, slot: Slot) -> GridSlot:
    return GridSlot(
        plan=plan,
        area_path=slot.area_path,
        point_id=slot.site,
        people=slot.people,
        starts=slot.starts,
        ends=slot.ends,
        steps=_kept(slot.steps),
    )


def _kept(steps: Iterable[Step]) -> list[list[Any]]:
    return [[step.starts.isoformat(), step.first, step.last, step.people, step.named] for step in steps]


def steps_of(slot: GridSlot) -> list[Step]:
    """The steps of a slot, the first first."""
    return [
        Step(datetime.fromisoformat(starts), first, last, people, tuple(named))
        for starts, first, last, people, named in slot.steps
    ]


def stands_of(window: Window, opens: time, closes: time, *, after: datetime) -> list[Stand]:
    """The points of the area of a window that are there on its first day, with the hours each is open in it.

    Of one nobody described: one window, as long as people are sampled.
    """
    day = window.starts.astimezone(CHINA).date()
    found = Site.objects.open_on(day).filter(kind=KIND, area_path__startswith=window.area_path)
    whole, usual = spans_of(window, opens, closes, after=after), rules().planning.people_per_window_hour
    stands = []
    for site in found.select_related("point").prefetch_related("point__openings").order_by("area_path", "name"):
        point: Point | None = getattr(site, "point", None)
        if point is None:
            stands.append(Stand(site.pk, site.area_path, 1, usual, None, whole))
        else:
            spans = _open_in(whole, point)
            stands.append(
                Stand(site.pk, site.area_path, point.windows, point.per_hour, point.samplers or None, spans)
            )
    return stands


def _open_in(spans: Sequence[Span], point: Point) -> list[Span]:
    """What of some hours a point is open; one that never said its hours is."""
    hours = {row.weekday: row for row in point.openings.all()}
    if not hours:
        return list(spans)
    found = []
    for starts, ends in spans:
        day = starts.astimezone(CHINA).date()
        if (row := hours.get(day.weekday())) is not None:
            first = max(starts, datetime.combine(day, row.opens, CHINA))
            last = min(ends, datetime.combine(day, row.closes, CHINA))
            found += [(first, last)] if first < last else []
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What comes to a point in a plan."""

    people: int
    ends: datetime
    lacking: Lacking


def loads_of(held: PointPlan, slots: QuerySet[GridSlot]) -> dict[UUID, Load]:
    """Of each point some slots of a plan are at: how many come until when, and what it is short of for them."""
    if held.opens is None or held.closes is None:
        return {}
    stands = stands_of(held.window, held.opens, held.closes, after=held.made_at)
    known, spec = {stand.site: stand for stand in stands}, rules().planning
    sums = slots.order_by().values_list("point").annotate(Sum("people"), Max("ends"))
    return {
        site: Load(people, ends, lacking(known[site], people, ends, spec))
        for site, people, ends in sums
        if site in known
    }


@transaction.atomic
def put_right(
    slot_id: int, *, point: UUID | None, starts: datetime | None, ends: datetime | None, by: Actor, at: datetime
) -> GridSlot:
    """Send a grid to another point or at another time; its doors keep their order, spread evenly over it.

    Raises NotFound, NotAllowed, Invalid, Refused for a plan that is confirmed.
    """
    seen = GridSlot.objects.filter(pk=slot_id).values_list("plan", flat=True).first()
    if seen is None:
        raise NotFound(_("没有这条安排，请刷新后再看。"))
    window = _planned(seen, by)
    slot = GridSlot.objects.select_related("plan").filter(pk=slot_id).first()
    if slot is None:
        raise NotFound(_("没有这条安排，请刷新后再看。"))
    if slot.plan.confirmed_at is not None:
        raise Refused(_("安排已经确认，请先撤回确认。"))
    problems: dict[str, list[str]] = {}
    rows = Site.objects.filter(kind=KIND, closed_on=None, area_path__startswith=window.area_path)
    if point is None or not rows.filter(pk=point).exists():
        problems["point"] = [_("请选择采样点。")]
    if starts is None or ends is None or starts >= ends:
        problems["starts"] = [_("请填写几点到几点，结束要晚于开始。")]
    if problems or point is None or starts is None or ends is None:
        raise Invalid(_("还没有保存。"), problems)
    slot.point_id, slot.starts, slot.ends = point, starts, ends
    slot.steps = _kept(retimed(steps_of(slot), starts, ends))
    slot.save(update_fields=["point", "starts", "ends", "steps"])
    return slot


@transaction.atomic
def confirm(window_id: int, *, confirmed: bool, by: Actor, at: datetime) -> PointPlan:
    """Confirm a plan, so that people see where they go; or take that back. Raises NotFound, NotAllowed."""
    _planned(window_id, by)
    held = PointPlan.objects.filter(window=window_id).first()
    if held is None:
        raise NotFound(_("还没有安排。"))
    if confirmed is not (held.confirmed_at is not None):
        held.confirmed_at, held.confirmed_by_id = (at, by.account) if confirmed else (None, None)
        held.save(update_fields=["confirmed_at", "confirmed_by"])
    return held


def _planned(window_id: int, by: Actor) -> Window:
    """A round, locked as long as its plan is changed: one after the other proposes, puts right and confirms."""
    rows = Window.objects.visible_to(by).filter(pk=window_id).select_for_update(of=("self",), no_key=True)
    window = rows.select_related("requirement", "filling").first()
    if window is None or not is_screening(window):
        raise NotFound(_("没有这一轮。"))
    require_lead(by, window.area_path)
    return window


def slots_for(area_path: str, *, at: datetime) -> list[GridSlot]:
    """Where a grid goes in the rounds under way or to come, as far as it is confirmed."""
    rows = GridSlot.objects.filter(area_path=area_path, ends__gt=at, plan__confirmed_at__isnull=False)
    return list(rows.select_related("point", "plan__window__round", "plan__window__requirement").order_by("starts"))


def time_of(slot: GridSlot, door: str) -> datetime | None:
    """When those of a door are asked to come; None: the slot does not say."""
    step = step_of(steps_of(slot), door)
    return step.starts if step else None


def open_points(today: date) -> list[Point]:
    """The sampling points there are and somebody described, with their sites and hours."""
    there = Site.objects.open_on(today).filter(kind=KIND)
    rows = Point.objects.filter(site__in=there.values("pk")).select_related("site").prefetch_related("openings")
    return list(rows.order_by("site__area_path", "site__name"))
