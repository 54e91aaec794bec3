"""A plan as one picture: a row for each permit, its bar over the days. Drawn by the server; no script."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import formats
from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import offered
from zerotrip.criteria import Truth
from zerotrip.ids import new_id
from zerotrip.projects.planning import Source, State
from zerotrip.web.templatetags.show import day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.projects.planning import Plan, Step

WIDE = 1000
"""Units the days of the picture are spread over."""
LEAST = 6
"""Units a bar is wide at least, so that one of a day can be seen."""
MOST_TICKS = 7


@dataclass(frozen=True)
class Bar:
    """A piece of a row: from where and how wide, as shares of the picture, and what it says."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Tick:
    """A date written over the picture."""

    x: str
    words: str


@dataclass
class Row:
    """A permit in the picture, with everything the template shows of it."""

    step: Step
    name: str
    tag: str
    tone: str
    when: str
    note: str
    bars: list[Bar] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    undated: str = ""
    """The date that is not known and from which it would be planned."""
    asks: list[str] = field(default_factory=list)
    """The facts that would settle whether it is needed."""
    key: UUID = field(default_factory=new_id)
    """Of the case that is begun from this row: one press begins one."""


@dataclass
class Picture:
    """The whole: rows by phase, dates along the top, where today is."""

    plan: Plan
    phases: list[tuple[str, bool, list[Row]]]
    """Name, whether the project is in it, rows."""
    ticks: list[Tick]
    today: str
    words: str
    """What the picture says, for those who do not see it."""

    @property
    def rows(self) -> list[Row]:
        """All rows."""
        return [row for _name, _now, rows in self.phases for row in rows]


def picture_of(plan: Plan) -> Picture:
    """The picture of a plan."""
    services = offered()
    scale = _Scale(plan)
    names = {step.id: name_of(step, services) for step in plan.steps}
    phases = []
    for phase in plan.spec.phases:
        rows = [_row(step, plan, names, scale) for step in plan.needed if step.permit.phase == phase.id]
        if rows:
            phases.append((str(phase.name), phase.id == plan.phase, rows))
    return Picture(plan, phases, scale.ticks(), share(scale.x(plan.today)), _spoken(plan, names))


def name_of(step: Step, services: Mapping[str, ServiceSpec]) -> str:
    """What people call a permit: the name of its service, or the key of one nobody offers."""
    spec = services.get(step.permit.service)
    return str(spec.name) if spec is not None else step.permit.service


def _tick(on: date) -> str:
    """A date over the picture, short: the month on its first day, with the year in January."""
    if on.day == 1:
        return formats.date_format(on, _("Y年n月")) if on.month == 1 else formats.date_format(on, _("n月"))
    return f"{on.month}-{on.day:02}"


def share(units: int) -> str:
    """Units as a share of the picture: ``34.5%``."""
    return f"{units / 10:.1f}%"


class _Scale:
    """Days into units."""

    def __init__(self, plan: Plan) -> None:
        starts = [step.start for step in plan.needed if step.start]
        ends = [step.cautious or step.finish for step in plan.needed]
        first = min([plan.today, *starts])
        last = max([plan.today + timedelta(days=10), *(one for one in ends if one)])
        margin = max(1, (last - first).days // 40)
        self.first, self.last = first - timedelta(days=margin), last + timedelta(days=margin)
        self.days = (self.last - self.first).days

    def x(self, on: date) -> int:
        return round((on - self.first).days * WIDE / self.days)

    def bar(self, start: date, end: date, tone: str) -> Bar:
        left, right = self.x(start), self.x(end + timedelta(days=1))
        return Bar(share(left), share(max(LEAST, right - left)), tone)

    def ticks(self) -> list[Tick]:
        """Firsts of months where there are enough of them, else Mondays."""
        firsts = [one for one in self._every() if one.day == 1]
        days = firsts if len(firsts) >= 3 else [one for one in self._every() if one.weekday() == 0]
        every = max(1, -(-len(days) // MOST_TICKS))
        inside = [one for one in days[::every] if 40 < self.x(one) < WIDE - 40]
        return [Tick(share(self.x(one)), _tick(one)) for one in inside]

    def _every(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days + 1)]


def _row(step: Step, plan: Plan, names: Mapping[str, str], scale: _Scale) -> Row:
    tag, tone = tag_of(step)
    waits = [names[one] for one in step.after if (other := plan.step(one)) and other.state is not State.DONE]
    form = plan.spec.parsed_form
    asks = [str(form.fields[name].spec.label) for name in step.missing if name in form.fields]
    return Row(
        step=step,
        name=names[step.id],
        tag=tag,
        tone=tone,
        when=_when(step),
        note=_note(step),
        bars=_bars(step, plan, scale),
        waits=waits,
        undated=str(form.fields[step.undated].spec.label) if step.undated in form.fields else "",
        asks=asks,
    )


_TAGS = {
    State.DONE: ("ok",),
    State.RUNNING: ("water",),
    State.REHEARSING: ("water",),
    State.DRAFT: ("warn",),
    State.READY: ("warn",),
    State.WAITING: ("",),
}


def tag_of(step: Step) -> tuple[str, str]:
    """A short word for where a permit stands, and its tone."""
    if step.overdue:
        return _("超时"), "late"
    if step.need is Truth.UNKNOWN and step.progress is None:
        return _("待确认"), "warn"
    words = {
        State.DONE: _("已办好"),
        State.RUNNING: _("办理中"),
        State.REHEARSING: _("预审中"),
        State.DRAFT: _("填写中"),
        State.READY: _("可以办了"),
        State.WAITING: _("可先预审") if step.early else _("等前面"),
    }
    return words[step.state], _TAGS[step.state][0]


def _when(step: Step) -> str:
    """The days of a permit in words."""
    if step.start is None or step.finish is None:
        return ""
    if step.state is State.DONE:
        return _("%(start)s至%(finish)s") % {"start": day(step.start), "finish": day(step.finish)}
    if step.state in (State.RUNNING, State.REHEARSING):
        told = _("%(start)s开始，预计%(finish)s办好")
    elif step.state in (State.READY, State.DRAFT):
        told = _("现在开始，预计%(finish)s办好")
    else:
        told = _("最早%(start)s开始，预计%(finish)s办好")
    return told % {"start": day(step.start), "finish": day(step.finish)}


def _note(step: Step) -> str:
    """Where its days are from."""
    duration = step.duration
    if duration.source is Source.REGISTER:
        told = _("近期 %(count)d 件：一半在 %(likely)d 个工作日内，八成在 %(cautious)d 个工作日内")
        return told % {"count": duration.count, "likely": duration.likely, "cautious": duration.cautious}
    if duration.source is Source.PROMISED:
        return _("按承诺时限 %(days)d 个工作日") % {"days": duration.likely}
    if duration.source is Source.USUAL:
        return _("按通常用时 %(days)d 个工作日") % {"days": duration.likely}
    return _("没有用时依据，未计入")


def _bars(step: Step, plan: Plan, scale: _Scale) -> list[Bar]:
    if step.start is None or step.finish is None:
        return []
    if step.state is State.DONE:
        return [scale.bar(step.start, step.finish, "done")]
    bars: list[Bar] = []
    ahead = step.start
    if step.state in (State.RUNNING, State.REHEARSING):
        bars.append(scale.bar(step.start, plan.today, "late" if step.overdue else "running"))
        ahead = plan.today
    bars.append(scale.bar(ahead, step.finish, "critical" if step.critical else "ahead"))
    if step.cautious and step.cautious > step.finish:
        bars.append(scale.bar(step.finish, step.cautious, "maybe"))
    return bars


def _spoken(plan: Plan, names: Mapping[str, str]) -> str:
    if plan.complete:
        return _("许可已全部办好。")
    way = _("、").join(names[step.id] for step in plan.critical)
    told = _("已办好 %(done)d 项，共 %(all)d 项，预计%(finish)s全部办好。最影响工期的依次是：%(way)s。")
    return told % {"done": plan.done, "all": len(plan.needed), "finish": day(plan.finish), "way": way}


def lines_of(plan: Plan) -> list[dict[str, Any]]:
    """The table behind the picture."""
    services = offered()
    names = {step.id: name_of(step, services) for step in plan.steps}
    return [
        {
            "step": step,
            "name": names[step.id],
            "phase": plan.spec.name_of("phases", step.permit.phase),
            "tag": tag_of(step)[0],
            "after": [names[one] for one in step.after],
            "note": _note(step),
        }
        for step in plan.needed
    ]
