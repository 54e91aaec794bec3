"""The board of projects: by kind, phase and steward; money against plan; what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.projects import queries
from zerotrip.projects.declared import packs_of_projects
from zerotrip.projects.rules import seats_to_register
from zerotrip.projects.weeks import lines_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.projects.words import phase_words
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.projects.curve import curve_of
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zerotrip.projects.queries import Money
    from zerotrip.projects.weeks import Line

DONE = "done"
"""The word in the address for projects all of whose permits are granted."""


@require_GET
@staff_only
def board(request: Request) -> HttpResponse:
    """All projects one may see, narrowed by kind, phase, steward or what is late."""
    every = lines_of(request.actor, at=request.now)
    asked = {name: request.GET.get(name, "")[:60] for name in ("kind", "phase", "steward", "late")}
    shown = [line for line in every if _fits(line, asked)]
    money = queries.together(line.money for line in shown)
    today = queries.day_of(request.now)
    context = {
        "lines": [_row(line) for line in shown],
        "every": every,
        "asked": asked,
        "narrowed": any(asked.values()),
        "kinds": _choices([(line.project.kind, _kind(line)) for line in every]),
        "phases": _choices([(line.plan.phase or DONE, phase_words(line.plan)) for line in every]),
        "stewards": _choices([(str(line.project.steward_id), line.project.steward.person.name) for line in every]),
        "tiles": _tiles(shown, money, today),
        "money": money,
        "curve": curve_of(money, today=today),
        "registers": bool(seats_to_register(request.actor) and packs_of_projects()),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/board.html", context)


def _row(line: Line) -> dict[str, Any]:
    return {"line": line, "kind": _kind(line), "phase": phase_words(line.plan)}


def _kind(line: Line) -> str:
    return line.plan.spec.name_of("kinds", line.project.kind)


def _fits(line: Line, asked: dict[str, str]) -> bool:
    steward = uuid_from(asked["steward"])
    return (
        asked["kind"] in ("", line.project.kind)
        and asked["phase"] in ("", line.plan.phase or DONE)
        and (not asked["steward"] or steward == line.project.steward_id)
        and (not asked["late"] or bool(line.late))
    )


def _choices(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(set(pairs), key=lambda pair: pair[1])


def _tiles(lines: Sequence[Line], money: Money, today: date) -> list[dict[str, str]]:
    late, recovered = sum(line.late for line in lines), sum(line.recovered for line in lines)
    planned, done = money.planned_by(today), money.done_by(today)
    share = _("完成到本月计划的 %(share).1f%%") % {"share": done * 100 / planned} if planned else ""
    granted, needed = sum(line.plan.done for line in lines), sum(len(line.plan.needed) for line in lines)
    permits = _("许可办好 %(done)d / %(all)d 项") % {"done": granted, "all": needed}
    again = _("另有 %(count)d 个逾期后已达到") % {"count": recovered}
    waiting = sum(line.open_problems for line in lines)
    return [
        {"title": _("在跟踪的项目"), "text": str(len(lines)), "note": permits},
        {"title": _("累计完成投资（万元）"), "text": f"{done:,.0f}", "note": share},
        {"title": _("到期未达的节点"), "text": str(late), "note": again, "tone": "worse" if late else ""},
        {"title": _("没有办结的问题"), "text": str(waiting), "note": ""},
    ]
