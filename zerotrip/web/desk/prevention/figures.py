"""The frozen figures of a round: on the page, as a workbook and on paper, from the same lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.parties.models import Party
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import By, Measure, SiteKind, Tally
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention import paper
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rounds import title_of, window_of
from zerotrip.web.requests import Request
from zerotrip.web.templatetags.show import stamp
from zerotrip.web.workbooks import workbook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.duties.models import Window
    from zerotrip.prevention.models import TallyLine

MOST_TALLIES = 30
MOST_LINES = 300
"""Of one kind, on the page and on paper; the workbook has them all."""


@require_GET
@during(Measure.SCREENING)
def show(request: Request, window_id: int) -> HttpResponse:
    """The figures of a round at one of the moments they were frozen at, beside those of the moment before."""
    window = window_of(request, window_id)
    tallies = list(Tally.objects.filter(window=window).order_by("-at")[:MOST_TALLIES])
    asked = request.GET.get("tally", "")
    tally = next((one for one in tallies if str(one.pk) == asked), tallies[0] if tallies else None)
    context = {
        "window": window,
        "title": title_of(window),
        "tallies": tallies,
        "tally": tally,
        "before": _before(tally),
        "parts": _shown(request, window, tally) if tally else [],
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/figures.html", context)


def _shown(request: Request, window: Window, tally: Tally) -> list[tuple[By, list[dict[str, Any]], str]]:
    found = [(by, *_most(rows)) for by, rows in _parts(request, window, tally)]
    return [(by, rows, _left_out(left) if left else "") for by, rows, left in found]


def _before(tally: Tally | None) -> Tally | None:
    return Tally.objects.filter(window=tally.window_id).before(tally.at).first() if tally else None


def _parts(request: Request, window: Window, tally: Tally) -> list[tuple[By, list[dict[str, Any]]]]:
    """The lines of a tally by what they are told apart by, with what came since the one before.

    Whoever works in a part of the area sees the lines of areas there, and no others.
    """
    whole = any(window.area_path.startswith(seat.area_path) for seat in request.actor.seats)
    lines = list(tally.lines.order_by("key"))
    before = _before(tally)
    last = {(row.by, row.key): row for row in before.lines.all()} if before else {}
    names = _names(lines)
    found = []
    for by in By:
        mine = [line for line in lines if line.by == by and (whole or _may_see(request, line))]
        rows = [
            {
                "name": names.get((line.by, line.key), ""),
                "line": line,
                "more": line.kept - last[line.by, line.key].kept if (line.by, line.key) in last else None,
            }
            for line in mine
        ]
        if rows:
            found.append((by, rows))
    return found


def _most(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Those lines that miss most people, in their order; how many are left out."""
    chosen = sorted(rows, key=lambda row: (-row["line"].missing, row["line"].key))[:MOST_LINES]
    return sorted(chosen, key=lambda row: str(row["line"].key)), len(rows) - len(chosen)


def _may_see(request: Request, line: TallyLine) -> bool:
    return line.by == By.AREA and any(line.key.startswith(seat.area_path) for seat in request.actor.seats)


def _names(lines: Iterable[TallyLine]) -> dict[tuple[str, str], str]:
    rows = list(lines)
    areas = area_names({code_of(row.key) for row in rows if row.by == By.AREA})
    kinds = {row.pk: str(row.spec.name) for row in SiteKind.objects.all()}
    firms = Party.objects.in_bulk([UUID(row.key) for row in rows if row.by == By.EMPLOYER])
    told = {By.WHOLE.value: lambda key: _("合计"), By.AREA.value: lambda key: areas.get(code_of(key), "")}
    told |= {
        By.SITE_KIND.value: lambda key: kinds.get(key, key),
        By.EMPLOYER.value: lambda key: firms[UUID(key)].name if UUID(key) in firms else "",
    }
    return {(row.by, row.key): told[row.by](row.key) for row in rows}


def _head() -> list[str]:
    return [_("名称"), _("应检"), _("已采样"), _("已完成"), _("有原因"), _("没来"), _("阳性"), _("比上次多")]


def _numbers(row: dict[str, Any]) -> list[int | None]:
    """In the order of the head; None: not known."""
    line = row["line"]
    return [line.asked, line.sampled, line.kept, line.excused, line.missing, line.positives, row["more"]]


@require_GET
@during(Measure.SCREENING)
def as_workbook(request: Request, window_id: int, tally_id: int) -> HttpResponse:
    """Frozen figures as a workbook."""
    from openpyxl import Workbook

    window, tally = _tally(request, window_id, tally_id)
    book = Workbook()
    book.remove(book.worksheets[0])
    for by, rows in _parts(request, window, tally):
        sheet = book.create_sheet(str(by.label))
        sheet.append([defused(title_of(window)), stamp(tally.at)])
        sheet.append(_head())
        for row in rows:
            sheet.append([defused(row["name"]), *("" if number is None else number for number in _numbers(row))])
    if not book.worksheets:
        book.create_sheet(_("合计"))
    return workbook(f"{_file_name(window, tally)}.xlsx", book)


@require_GET
@during(Measure.SCREENING)
def on_paper(request: Request, window_id: int, tally_id: int) -> HttpResponse:
    """Frozen figures on paper: of which moment they are, when they were frozen, and who printed them."""
    window, tally = _tally(request, window_id, tally_id)
    before = _before(tally)
    facts = [
        (_("区域"), area_names({code_of(window.area_path)}).get(code_of(window.area_path), "")),
        (_("这一轮"), f"{stamp(window.starts)} – {stamp(window.ends)}"),
        (_("截至"), stamp(tally.at)),
        (_("留存"), _("%(at)s 由系统自动留存，不再改动") % {"at": stamp(tally.made_at)}),
    ]
    parts = [_printed(by, *_most(rows)) for by, rows in _parts(request, window, tally)]
    note = _("“比上次多”是比 %(at)s 那次多完成的。") % {"at": stamp(before.at)} if before else ""
    sheet = paper.Sheet(_("%(round)s 定时统计") % {"round": title_of(window)}, facts, parts, note)
    return paper.printed(sheet, f"{_file_name(window, tally)}.pdf", request)


def _printed(by: By, rows: list[dict[str, Any]], left: int) -> paper.Part:
    lines = [[row["name"] or "—", *map(paper.told, _numbers(row))] for row in rows]
    return paper.Part(str(by.label), _head(), lines, _left_out(left) if left else "")


def _left_out(left: int) -> str:
    """That not every line is there, which ones are, and where all are."""
    return _("这里列没来最多的 %(most)s 行，另有 %(left)s 行，全部在 Excel 里。") % {
        "most": MOST_LINES,
        "left": left,
    }


def _tally(request: Request, window_id: int, tally_id: int) -> tuple[Window, Tally]:
    window = window_of(request, window_id)
    return window, get_object_or_404(Tally.objects.filter(window=window), pk=tally_id)


def _file_name(window: Window, tally: Tally) -> str:
    return f"{title_of(window)} {stamp(tally.at).replace(':', '')}"
