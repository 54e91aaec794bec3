"""The weekly report of projects: one page on the web, one on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from zerotrip import projects
from zerotrip.errors import NotFound
from zerotrip.licences.printing import render as printed
from zerotrip.parties.models import Party
from zerotrip.projects.queries import Light, day_of
from zerotrip.projects.weeks import EARLIEST, Report, Week, report_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.projects.words import phase_words
from zerotrip.web.requests import Request, paper_language
from zerotrip.web.templatetags.show import amount, called, day, say, wan

if TYPE_CHECKING:
    from zerotrip.projects.weeks import Line

PAPER = "week.typ"
MOST_LATE = 8
"""Overdue milestones and open problems that are named one by one; the page is one page."""

LONGEST = 60
"""Characters of a problem on the page."""


def _week(request: Request) -> Week:
    """The week that was asked for; without a word, the present one. Raises NotFound for one to come, or none."""
    now = Week.of(day_of(request.now))
    asked = request.GET.get("week", "")[:10]
    if not asked:
        return now
    try:
        week = Week.named(asked)
    except ValueError:
        raise NotFound(_("没有这一周，请写成 2026-W10 的样子。")) from None
    if not EARLIEST <= week.monday <= now.monday:
        raise NotFound(_("这一周还没有到，或太早。"))
    return week


@require_GET
@staff_only
def week(request: Request) -> HttpResponse:
    """The report of a week."""
    report = report_of(_week(request), request.actor, now=request.now)
    present = report.week == Week.of(day_of(request.now))
    context = {
        "report": report,
        "rows": [{"line": line, "phase": phase_words(line.plan)} for line in report.lines],
        "sentences": sentences(report),
        "named": named(report),
        "next": None if present else report.week.after,
        "office": _office(request),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/week.html", context)


@require_GET
@staff_only
def paper(request: Request) -> HttpResponse:
    """The same on paper, in the reader's language."""
    report = report_of(_week(request), request.actor, now=request.now)
    made = printed({PAPER: _template()}, PAPER, on_paper(report, _office(request)), at=report.at)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="projects-{report.week.name}.pdf"'
    return answer


@cache
def _template() -> str:
    return (Path(projects.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")


def _office(request: Request) -> str:
    offices = Party.objects.filter(pk__in={seat.department_id for seat in request.actor.seats})
    return _("、").join(called(office) for office in offices.order_by("area_path", "code"))


def sentences(report: Report) -> list[str]:
    """The report in a few fixed sentences."""
    done, needed = report.permits
    permits = _("跟踪项目 %(count)d 个，需要的 %(all)d 项许可已办好 %(done)d 项，本周办好 %(week)d 项。")
    reached = _("本周达到节点 %(reached)d 个；逾期未达 %(late)d 个，逾期后已达到 %(recovered)d 个。")
    settled = _("本周办结问题 %(settled)d 个，还有 %(open)d 个没有办结。")
    told = [
        permits % {"count": len(report.lines), "all": needed, "done": done, "week": report.granted},
        _spent(report),
        reached % {"reached": report.reached, "late": report.late, "recovered": report.recovered},
        settled % {"settled": report.settled, "open": report.open_problems},
    ]
    each = _("%(stage)s %(count)d 条 %(amount)s")
    stages = _("、").join(
        each % {"stage": row.stage.label, "count": row.count, "amount": wan(row.amount)}
        for row in report.leads
        if row.count
    )
    return [*told, _("招商线索：%(stages)s。") % {"stages": stages}] if stages else told


def _spent(report: Report) -> str:
    words: dict[str, Any] = {"done": wan(report.done), "planned": wan(report.planned), "share": report.share}
    if report.share is None:
        return _("累计完成投资 %(done)s，到本月没有计划。") % words
    return _("累计完成投资 %(done)s，到本月计划 %(planned)s，完成 %(share).1f%%。") % words


def named(report: Report) -> list[tuple[str, str]]:
    """What is overdue, one by one: the project, and what."""
    words = _("节点“%(name)s”约定%(due)s，逾期")
    return [
        (line.project.name, words % {"name": say(row.words)[:LONGEST], "due": day(row.due_on)})
        for line in report.lines
        for row in line.milestones
        if row.light is Light.LATE
    ][:MOST_LATE]


def on_paper(report: Report, office: str) -> dict[str, Any]:
    """What the page of paper says."""
    week = report.week
    return {
        "language": paper_language(),
        "title": _("重点项目周报"),
        "week": _week_words(week),
        "office": office,
        "as_of": _("数字截至%(day)s") % {"day": day(report.day)},
        "sentences": sentences(report),
        "head": [
            pgettext("重点项目", "项目"),
            _("阶段"),
            _("许可"),
            _("许可办齐"),
            _("完成 / 计划（万元）"),
            _("逾期节点"),
            _("未办结问题"),
        ],
        "rows": [_paper_row(line) for line in report.lines],
        "late_title": _("逾期事项"),
        "late": [f"{project}：{what}" for project, what in named(report)],
        "nothing": _("没有在跟踪的项目。"),
    }


def _week_words(week: Week) -> str:
    words = {"year": week.year, "number": week.number, "since": day(week.monday), "until": day(week.sunday)}
    return _("%(year)d 年第 %(number)d 周（%(since)s 至 %(until)s）") % words


def _paper_row(line: Line) -> list[str]:
    plan = line.plan
    return [
        line.project.name,
        phase_words(plan),
        f"{plan.done} / {len(plan.needed)}",
        _("已办齐") if plan.complete else day(plan.finish),
        f"{amount(line.money.done_by(plan.today))} / {amount(line.planned)}",
        str(line.late or "—"),
        str(line.open_problems or "—"),
    ]
