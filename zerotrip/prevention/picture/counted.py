"""What prevention itself has on the picture of the day: standing duties, gates, posts and goods.

Each is one question or a few to the database, whatever the number of grids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerotrip.duties.models import Subject, Window
from zerotrip.duties.standing import queries as standing
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.sources import duty_of
from zerotrip.prevention.gates.spec import rules as gate_rules
from zerotrip.prevention.lots.queries import stock
from zerotrip.prevention.models import Measure, Passage, Post, Retest, SupplyRequest
from zerotrip.prevention.picture.lines import Asked, Line, Link, Source
from zerotrip.prevention.posts.queries import given_to, slots, standing_at
from zerotrip.prevention.posts.spec import rules as post_rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.duties.standing.queries import Coverage

MOST = 400
"""Windows of one day."""
LINKED = 4
"""Windows of a duty that are linked one by one."""


def duties(asked: Asked) -> list[Line]:
    """Each standing duty that had begun that day, the windows of its times and areas together."""
    windows = list(
        Window.objects.visible_to(asked.actor)
        .filter(starts__lte=asked.at, ends__gt=asked.begins)
        .select_related("requirement")
        .order_by("starts", "pk")[:MOST]
    )
    if not windows:
        return []
    found = standing.by_window_and_area(windows, asked.actor, at=asked.at, area_path=asked.area_path)
    together: dict[str, list[Window]] = defaultdict(list)
    for window in windows:
        if window.pk in found:
            together[duty_of(window.requirement)].append(window)
    return [_duty(each, found, asked) for each in together.values()]


def _duty(windows: Sequence[Window], found: Mapping[int, Sequence[Coverage]], asked: Asked) -> Line:
    due = done = missed = 0
    areas: dict[str, tuple[int, int]] = {}
    for window in windows:
        for row in found[window.pk]:
            due, done = due + row.owed, done + row.kept
            missed += row.missing if window.ends <= asked.at else 0
            before = areas.get(row.key, (0, 0))
            areas[row.key] = (before[0] + row.owed, before[1] + row.kept)
    spec = spec_of(windows[-1].requirement)
    return Line(
        str(spec.name), due, done, missed, _links(windows, asked), str(Subject(windows[-1].subject).label), areas
    )


def _links(windows: Sequence[Window], asked: Asked) -> tuple[Link, ...]:
    if len(windows) > LINKED:
        return (Link("desk-duties", query={"day": asked.day.isoformat()}),)
    query = {"area": asked.area_path} if asked.area_path else {}
    if asked.past:
        query["at"] = f"{asked.at.astimezone(CHINA):%Y-%m-%dT%H:%M}"
    return tuple(
        Link("desk-duty", (window.pk,), query, f"{window.starts.astimezone(CHINA):%H:%M}") for window in windows
    )


def kept_by_day(asked: Asked) -> Mapping[date, int]:
    """Of each day the hundredths of what was owed that were done."""
    days = asked.days
    rows = standing.by_day(days[0], days[-1], asked.actor, at=asked.at, area_path=asked.area_path)
    return {row.key: row.kept * 100 // row.owed for row in rows if row.owed}


def gates(asked: Asked) -> list[Line]:
    """Vehicles that were let in that day: those that left again are done, those that stay too long missed."""
    late = asked.at - timedelta(hours=gate_rules().stay_hours)
    rows = Passage.objects.visible_to(asked.actor).filter(
        area_path__startswith=asked.area_path, entered_at__gte=asked.begins, entered_at__lte=asked.at
    )
    left, let_in = Q(left_at__lte=asked.at), Q(refused="")
    counted = rows.order_by().aggregate(
        came=Count("pk"),
        let_in=Count("pk", filter=let_in),
        left=Count("pk", filter=let_in & left),
        late=Count("pk", filter=let_in & ~left & Q(entered_at__lt=late)),
        clean=Count("pk", filter=Q(disinfected=True)),
    )
    if not counted["came"]:
        return []
    note = _("来过 %(came)s 辆，没有放行 %(turned)s 辆，进门前消杀 %(clean)s 辆") % {
        "came": counted["came"],
        "turned": counted["came"] - counted["let_in"],
        "clean": counted["clean"],
    }
    links = (Link("desk-gates", query={"day": asked.day.isoformat()}),)
    title = _("车辆进门、离开")
    return [Line(title, counted["let_in"], counted["left"], counted["late"], links, note)]


def vehicles_by_day(asked: Asked) -> Mapping[date, int]:
    """Vehicles that came, day by day."""
    begins = asked.begins - (asked.day - asked.days[0])
    rows = Passage.objects.visible_to(asked.actor).filter(
        area_path__startswith=asked.area_path, entered_at__gte=begins, entered_at__lte=asked.at
    )
    days = rows.order_by().annotate(on=TruncDate("entered_at", tzinfo=CHINA)).values("on").annotate(n=Count("pk"))
    return {row["on"]: row["n"] for row in days}


def retests(asked: Asked) -> list[Line]:
    """Who was to be tested singly that day: those who were are done, those whose time is over missed."""
    rows = Retest.objects.visible_to(asked.actor).filter(
        area_path__startswith=asked.area_path, told_at__lte=asked.at
    )
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gte=asked.begins))
    ended = Q(ended_at__lte=asked.at)
    counted = rows.order_by().aggregate(
        due=Count("pk"),
        done=Count("pk", filter=ended),
        late=Count("pk", filter=~ended & Q(due_at__lt=asked.at)),
    )
    if not counted["due"]:
        return []
    return [Line(_("单采复核"), counted["due"], counted["done"], counted["late"], (Link("desk-retests"),))]


def posts(asked: Asked) -> list[Line]:
    """The turns of that day that had begun: people asked for, those who signed on, those who were not there."""
    rows = Post.objects.visible_to(asked.actor).filter(area_path__startswith=asked.area_path)
    rows = rows.filter(Q(closed_at=None) | Q(closed_at__gt=asked.at), made_at__lte=asked.at)
    there = list(rows.prefetch_related("turns"))
    turns = [slot for slot in slots(there, asked.day, asked.day) if slot.starts_at <= asked.at]
    if not turns:
        return []
    shifts = standing_at(there, turns)
    signed = [shift for shift in shifts if shift.signed_on_at is not None and shift.signed_on_at <= asked.at]
    come: dict[tuple[object, object], int] = defaultdict(int)
    for slot, _worker in given_to(turns, signed):
        come[slot.post, slot.starts_at] += 1
    patience = timedelta(minutes=post_rules().missed_minutes)
    due = done = missed = 0
    for slot in turns:
        here = min(slot.people, come[slot.post, slot.starts_at])
        due, done = due + slot.people, done + here
        missed += slot.people - here if slot.starts_at + patience <= asked.at else 0
    note = ngettext("%(count)s 个岗位", "%(count)s 个岗位", len(there)) % {"count": len(there)}
    return [Line(_("值守人次"), due, done, missed, (Link("desk-posts"),), note)]


def supplies(asked: Asked) -> list[Line]:
    """Requests that were to be met by that day, and what the stores lacked."""
    rows = SupplyRequest.objects.visible_to(asked.actor).filter(
        Q(closed_at=None) | Q(closed_at__gte=asked.begins),
        holder__area_path__startswith=asked.area_path,
        at__lte=asked.at,
        needed_by__lte=asked.day,
    )
    closed = Q(closed_at__lte=asked.at)
    counted = rows.order_by().aggregate(
        due=Count("pk"),
        done=Count("pk", filter=closed),
        late=Count("pk", filter=~closed & Q(needed_by__lt=asked.day)),
    )
    lines = []
    if counted["due"]:
        links = (Link("desk-supplies"),)
        lines.append(Line(_("物资申请"), counted["due"], counted["done"], counted["late"], links))
    return [*lines, *_stores(asked)]


def _stores(asked: Asked) -> list[Line]:
    rows = [
        row
        for row in stock(asked.actor, on=asked.day, at=asked.at if asked.past else None)
        if row.least is not None
    ]
    rows = [row for row in rows if row.holder.area_path.startswith(asked.area_path)]
    if not rows:
        return []
    low = sum(row.is_low for row in rows)
    note = _("低于下限的要补货")
    return [Line(_("物资备货"), len(rows), len(rows) - low, low, (Link("desk-supplies"),), note)]


SOURCES = (
    Source("retests", gettext_lazy("单采复核"), retests, 20, Measure.SCREENING),
    Source(
        "duties",
        gettext_lazy("每日要求"),
        duties,
        10,
        trend=kept_by_day,
        trend_title=gettext_lazy("每日要求完成率"),
        percent=True,
    ),
    Source(
        "gates",
        gettext_lazy("卡口"),
        gates,
        40,
        Measure.GATES,
        trend=vehicles_by_day,
        trend_title=gettext_lazy("每天来的车辆"),
    ),
    Source("posts", gettext_lazy("值守"), posts, 50, Measure.POSTS),
    Source("supplies", gettext_lazy("物资"), supplies, 60, Measure.SUPPLIES),
)
