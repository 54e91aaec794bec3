"""The demo's round: opened this morning, points described and planned, some of the missing given to a caller."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from config.demo_prevention import DISTRICT, GRIDS

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

WINDOWS, QUEUE = (2, 3, 1, 4, 1), (12, 80, 0, 210, 35)
"""Of each point of the demo, by name."""


def load(*, at: datetime) -> None:
    """Describe the points, open a round of today, plan it, and give a grid to somebody."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.parties.queries import area_path_of
    from zerotrip.prevention.models import Site
    from zerotrip.prevention.rounds import calling, points
    from zerotrip.prevention.rounds.rules import rounds
    from zerotrip.workdays.calendar import CHINA

    leader, kinds = User.objects.filter(email="leader@demo.test").first(), rounds()
    if leader is None or not kinds or not Site.objects.filter(kind=points.KIND).exists():
        return
    by, day = actor_for(leader, at=at), at.astimezone(CHINA).date()
    _describe(by, at=at)
    starts = datetime.combine(day, time(6), CHINA)
    ends = max(datetime.combine(day, time(22), CHINA), at + timedelta(hours=4))
    window = _open(by, starts, ends, at=at)
    _freeze(window, datetime.combine(day, time(), CHINA), at=at)
    opened = min(starts, at)  # whatever the hour now: late in the evening no point is open any more
    points.plan(window, time(6), time(23, 59), by=by, at=opened)
    points.confirm(window, confirmed=True, by=by, at=opened)
    calling.give(window, callers=[by.account], area_path=area_path_of(GRIDS[0]), by=by, at=at)


def _describe(by: Actor, *, at: datetime) -> None:
    from zerotrip.prevention.models import Site
    from zerotrip.prevention.rounds import points

    sites = Site.objects.filter(kind=points.KIND).order_by("name").values_list("pk", flat=True)
    hours = dict.fromkeys(range(7), (time(6), time(22)))
    for site, windows, queue in zip(sites, WINDOWS, QUEUE, strict=False):
        told = points.Described(windows, 100, windows, windows, windows * 3, hours)
        points.describe(site, told, by=by, at=at)
        points.tell_queue(site, queue, by=by, at=at)


def _open(by: Actor, starts: datetime, ends: datetime, *, at: datetime) -> int:
    from zerotrip.duties.standing import filling
    from zerotrip.prevention.rounds import actions
    from zerotrip.prevention.rounds.rules import rounds

    asked = actions.Asked("第一轮区域核酸检测（演示）", DISTRICT, rounds()[0].pk, starts, ends)
    key = uuid5(NAMESPACE_URL, "zerotrip:demo:round")
    window = actions.open_round(asked, key=key, by=by, at=min(starts, at)).window_id
    filling.go_on(window, at=at)
    return window


def _freeze(window: int, midnight: datetime, *, at: datetime) -> None:
    """The figures of the moments that have passed since."""
    from zerotrip.duties.models import Window
    from zerotrip.prevention.rounds import tallies

    row = Window.objects.select_related("requirement").get(pk=window)
    for moment in tallies.moments(midnight):
        if row.starts < moment <= at:
            tallies.freeze(row, moment, at=at)
