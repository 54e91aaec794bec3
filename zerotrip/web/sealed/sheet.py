"""The sheet of a run: its stops with who is behind them and what doors ask for; on a phone and on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zerotrip import prevention
from zerotrip.errors import Invalid, NotFound
from zerotrip.prevention.models import Wanted
from zerotrip.prevention.sealed import queries
from zerotrip.prevention.sealed.actions import Asking
from zerotrip.prevention.sealed.codes import code_of
from zerotrip.prevention.sealed.spec import rules
from zerotrip.web.desk.prevention.forms import number
from zerotrip.web.requests import Request, paper_language, typed
from zerotrip.web.templatetags.show import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.prevention.models import SealedArea
    from zerotrip.prevention.sealed.doors import Door, Where
    from zerotrip.prevention.sealed.queries import Run

PAPER = "run-sheet.typ"
ASKED = ("where", "door", "kind", "what", "persons", "phone")


def run_of(sealed: SealedArea, window_id: int, request: Request) -> Run:
    """A run of today. Raises NotFound."""
    found = next((run for run in queries.runs(sealed, at=request.now) if run.window.pk == window_id), None)
    if found is None:
        raise NotFound(_("没有这趟任务，或者不是今天的。"))
    return found


def sheet(sealed: SealedArea, run: Run, request: Request, *, with_codes: bool) -> dict[str, Any]:
    """What the page of a run shows. Codes are for those who receive, not for those who bring."""
    stops = [stop for stop in run.stops if stop.is_owed]
    return {
        "sealed": sealed,
        "level": rules().named().get(sealed.level, sealed.level),
        "run": run,
        "stops": [(stop, code_of(stop.site.code, run.window) if with_codes else "") for stop in stops],
        "behind": queries.behind(sealed, request.now),
        "asked": queries.asked(sealed, run.name),
        "open": not run.is_over,
    }


def on_paper(held: Mapping[str, Any], title: str, request: Request) -> HttpResponse:
    """The sheet of a run as PDF, with room to sign at each stop."""
    from zerotrip.licences.printing import render as printed  # slow to load, seldom needed

    sealed, run, behind = held["sealed"], held["run"], held["behind"]
    data = {
        "language": paper_language(),
        "title": _("%(run)s 任务单") % {"run": title},
        "area": f"{sealed.name} · {held['level']}",
        "as_of": _("%(name)s，%(at)s") % {"name": request.actor.name, "at": stamp(request.now)},
        "facts": [
            [_("时间"), f"{stamp(run.window.starts)} – {stamp(run.window.ends)}"],
            [
                _("住户和人数"),
                _("%(doors)s 户，%(persons)s 人") % {"doors": behind.households, "persons": behind.persons},
            ],
            [_("承运单位"), sealed.carrier.name if sealed.carrier else "—"],
            [_("临时转运点"), sealed.transfer.name if sealed.transfer else "—"],
        ],
        "stops_title": _("收发点"),
        "stops_head": [_("地点"), _("联系人"), _("数量"), _("交"), _("收"), _("时间")],
        "stops": [
            [f"{stop.site.name} {stop.site.address}", stop.site.contact or "—", "", "", "", ""]
            for stop, _code in held["stops"]
        ],
        "asked_title": _("住户的需求"),
        "asked_head": [_("门牌"), _("要什么"), _("人数"), _("送到打勾")],
        "asked": [
            [
                f"{row.where} {row.door}".strip(),
                f"{Wanted(row.kind).label}：{row.what}",
                str(row.persons or "—"),
                "",
            ]
            for row in held["asked"]
        ],
        "none": _("没有。"),
    }
    pdf = printed({PAPER: _template()}, PAPER, data, at=request.now)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="run-{run.window.pk}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@cache
def _template() -> str:
    return (Path(prevention.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")


def asking_of(request: Request, door: Door | None = None, *, among: Sequence[Where] = ()) -> Asking:
    """What was typed for a door, one of which is known or which is in one of some grids or buildings.

    Raises Invalid for a number of people that is none.
    """
    persons = number(request, "persons")
    if typed(request, "persons") and persons is None:
        text = _("请填写 1 到 50 人。")
        raise Invalid(_("还没有记下。"), {"persons": [text]})
    return Asking(
        door=typed(request, "door", most=200) if door is None else door.name,
        kind=typed(request, "kind", most=10),
        what=typed(request, "what", most=400),
        persons=persons,
        phone=typed(request, "phone", most=30),
        where=door.where if door else next((one for one in among if one.key == typed(request, "where")), None),
    )
