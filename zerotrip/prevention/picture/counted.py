"""What prevention itself has on the picture of the day: duties, defects, gates, posts, cold chain and supplies.

Each is one question or a few to the database, whatever the number of grids.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerotrip.duties.models import Subject, Window
from zerotrip.duties.standing import queries as standing
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.sources import duty_of
from zerotrip.prevention.models import Measure, Passage
from zerotrip.prevention.picture import rows
from zerotrip.prevention.picture.lines import DAYS, Asked, Line, Link, Note, Part, Source
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.duties.standing.queries import Coverage

LINKED = 4
"""Windows of a duty that are linked one by one."""


def duties(asked: Asked) -> list[Line]:
    """Each standing duty that had begun that day, the windows of its times and areas together."""
    windows = rows.windows(asked)
    if not windows:
        return []
    found = standing.by_window_and_area(windows, asked.actor, at=asked.at, area_path=asked.area_path)
    together: dict[str, list[Window]] = defaultdict(list)
    for window in windows:
        if window.pk in found:
            together[duty_of(window.requirement)].append(window)
    return [_duty(duty, each, found, asked) for duty, each in together.items()]


def _duty(duty: str, windows: Sequence[Window], found: Mapping[int, Sequence[Coverage]], asked: Asked) -> Line:
    due = done = missed = 0
    areas: dict[str, tuple[int, int]] = {}
    for window in windows:
        for row in found[window.pk]:
            due, done = due + row.owed, done + row.kept
            missed += row.missing if window.ends <= asked.at else 0
            before = areas.get(row.key, (0, 0))
            areas[row.key] = (before[0] + row.owed, before[1] + row.kept)
    last = windows[-1]
    return Line(
        str(spec_of(last.requirement).name),
        due,
        done,
        missed,
        Link("desk-duties", query={"duty": duty, **asked.query}),
        links=_links(windows, asked),
        words=str(Subject(last.subject).label),
        areas=areas,
    )


def _links(windows: Sequence[Window], asked: Asked) -> tuple[Link, ...]:
    if len(windows) > LINKED:
        return (Link("desk-duties", query={"day": asked.day.isoformat()}),)
    return tuple(
        Link("desk-duty", (window.pk,), asked.query, f"{window.starts.astimezone(CHINA):%H:%M}")
        for window in windows
    )


def kept_by_day(asked: Asked) -> Mapping[date, int]:
    """Of each day that is over the hundredths of what was owed that were done."""
    days = asked.days
    over = asked.at >= asked.ending(days[-2]).at + timedelta(days=1)
    found = standing.by_day(
        days[0], days[-1] if over else days[-2], asked.actor, at=asked.at, area_path=asked.area_path
    )
    return {row.key: row.kept * 100 // row.owed for row in found if row.owed}


def _told(title: str, numbers: Mapping[Part, int], names: Link, notes: tuple[Note, ...] = ()) -> Line:
    return Line(title, numbers[Part.DUE], numbers[Part.DONE], numbers[Part.MISSED], names, notes=notes)


def gates(asked: Asked) -> list[Line]:
    """Vehicles that were let in that day: those that left again are done, those that stay too long missed."""
    counted = rows.passages(asked).counted()
    if not counted[Part.CAME]:
        return []
    names = Link("desk-gates", query=asked.query)
    words = {
        Part.CAME: _("来过 %(count)s 辆"),
        Part.TURNED: _("没有放行 %(count)s 辆"),
        Part.CLEAN: _("进门前消杀 %(count)s 辆"),
    }
    notes = tuple(Note(text % {"count": counted[part]}, names.of(part)) for part, text in words.items())
    return [_told(_("车辆进门、离开"), counted, names, notes)]


def vehicles_by_day(asked: Asked) -> Mapping[date, int]:
    """Vehicles that came, day by day."""
    begins = asked.begins - (asked.day - asked.days[0])
    found = Passage.objects.visible_to(asked.actor).filter(
        area_path__startswith=asked.area_path, entered_at__gte=begins, entered_at__lte=asked.at
    )
    days = found.order_by().annotate(on=TruncDate("entered_at", tzinfo=CHINA)).values("on").annotate(n=Count("pk"))
    return {row["on"]: row["n"] for row in days}


def vehicles_of(asked: Asked) -> Link:
    """Those that came that day."""
    return Link("desk-gates", query=asked.query).of(Part.CAME)


def retests(asked: Asked) -> list[Line]:
    """Who was to be tested singly that day: those who were are done, those whose time is over missed."""
    counted = rows.retests(asked).counted()
    if not counted[Part.DUE]:
        return []
    return [_told(_("单采复核"), counted, Link("desk-retests", query=asked.query))]


def posts(asked: Asked) -> list[Line]:
    """The turns of that day that had begun: people asked for, those who signed on, those who were not there."""
    there = rows.posts(asked)
    stands = rows.stands(asked, there)
    if not stands:
        return []
    counted = Counter(stand.part for stand in stands)
    counted[Part.DUE] = len(stands)
    text = ngettext("%(count)s 个岗位", "%(count)s 个岗位", len(there)) % {"count": len(there)}
    note = Note(text, Link("desk-posts", query=asked.query).of(Part.DUE))
    return [_told(_("值守人次"), counted, Link("desk-post-turns", query=asked.query), (note,))]


def cold_chain(asked: Asked) -> list[Line]:
    """Goods on their way that were confirmed, certificates that were there, recalls that were answered."""
    told = (
        ("receipts", rows.receipts(asked).counted(), _("冷链收货确认"), _("超过运输时限没有确认的算漏做")),
        (
            "papers",
            rows.papers(asked).counted(),
            _("冷链货物证明"),
            _("近 %(days)d 天到货的，到货当天要备齐") % {"days": DAYS},
        ),
        ("answers", rows.answers(asked).counted(), _("召回答复"), ""),
    )
    return [
        replace(_told(title, counted, Link("desk-goods-due", query={"of": of, **asked.query})), words=words)
        for of, counted, title, words in told
        if counted[Part.DUE]
    ]


def defects(asked: Asked) -> list[Line]:
    """What inspections found wrong: what was looked at again and found good is done, what is overdue missed."""
    counted = rows.defects(asked).counted()
    if not counted[Part.DUE]:
        return []
    line = _told(_("检查出的问题"), counted, Link("desk-defects", query=asked.query))
    return [replace(line, words=_("复查通过的算已做"))]


def supplies(asked: Asked) -> list[Line]:
    """Requests that were to be met by that day, and what the stores lacked."""
    lines = []
    counted = rows.requests(asked).counted()
    if counted[Part.DUE]:
        names = Link("desk-supplies", query={"of": "requests", **asked.query})
        lines.append(_told(_("物资申请"), counted, names))
    return [*lines, *_stores(asked)]


def _stores(asked: Asked) -> list[Line]:
    due = rows.stores(asked, Part.DUE)
    if not due:
        return []
    low = sum(row.is_low for row in due)
    words = _("低于下限的要补货")
    if asked.past:
        words = _("库存按当时的出入库算，下限和已解除的召回按现在的算")
    names = Link("desk-supplies", query={"of": "stock", **asked.query})
    return [Line(_("物资备货"), len(due), len(due) - low, low, names, words=words)]


SOURCES = (
    Source("retests", gettext_lazy("单采复核"), retests, 20, Measure.SCREENING),
    Source(
        "duties",
        gettext_lazy("每日要求"),
        duties,
        10,
        trend=kept_by_day,
        trend_title=gettext_lazy("每日要求完成率（过完的天）"),
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
        trend_link=vehicles_of,
    ),
    Source("defects", gettext_lazy("场所整改"), defects, 30, Measure.VENUES),
    Source("posts", gettext_lazy("值守"), posts, 50, Measure.POSTS),
    Source("cold_chain", gettext_lazy("冷链"), cold_chain, 55, Measure.COLD_CHAIN),
    Source("supplies", gettext_lazy("物资"), supplies, 60, Measure.SUPPLIES),
)
