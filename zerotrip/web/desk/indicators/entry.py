"""Entering the figures of a period: a table of areas and indicators, saved at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.errors import Invalid, NotAllowed, Stale
from zerotrip.indicators import queries
from zerotrip.indicators.access import Entering, entering
from zerotrip.indicators.actions import Aimed, Entered, aim, record
from zerotrip.indicators.figures import Book, Key
from zerotrip.indicators.periods import Frequency, Period, latest_over
from zerotrip.indicators.rules import doubt_about, exact, fault_of, number_from, shown
from zerotrip.indicators.sheets import heading
from zerotrip.parties.paths import code_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.indicators.asking import Question, crumbs, question_of
from zerotrip.web.desk.indicators.board import choices
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zerotrip.indicators.figures import Place
    from zerotrip.indicators.models import Filing
    from zerotrip.indicators.spec import IndicatorSpec


@dataclass
class Cell:
    """One control of the table."""

    name: str
    label: str
    """What it is of, for those who do not see the table."""
    spec: IndicatorSpec
    path: str
    industry: str
    held: str
    """What is recorded."""
    revision: int
    last: str
    """Last year's, for comparison; empty without one."""
    typed: str = ""
    sure: bool = False
    problems: list[str] = field(default_factory=list)
    doubt: str = ""

    @property
    def changed(self) -> bool:
        """Whether what was typed is not what is recorded."""
        value = number_from(self.typed)
        return self.typed != "" and (value is None or not self.held or value != Decimal(self.held))


@dataclass
class Line:
    """A row of the table."""

    name: str
    depth: int
    cells: list[Cell | None]


@require_http_methods(["GET", "POST"])
@staff_only
def entry(request: Request) -> HttpResponse:
    """The table of a period, by area or, of one area, by industry; a POST saves it."""
    given = request.GET.dict()
    may = entering(request.actor)
    question = question_of(request, _usual(given, request, may))
    specs = may.entered(question.shown.values())
    if not specs:
        raise NotAllowed(_("您不填报指标。要填报，请联系统计部门登记岗位。"))
    by = "industry" if given.get("by") == "industry" and any(spec.industries for spec in specs) else "area"
    if by == "industry":
        specs = [spec for spec in specs if spec.industries]
    book = queries.book(
        request.actor,
        {spec.id: spec for spec in specs},
        path=question.path,
        periods=[question.period, question.period.year_before],
        industries=by == "industry",
        targets=False,
    )
    lined = _by_industry if by == "industry" else _by_area
    lines = list(lined(question, book, specs, may))
    cells = [cell for line in lines for cell in line.cells if cell is not None]
    refused: Invalid | None = None
    if request.method == "POST":
        _take(request, cells)
        refused = _save(request, question, cells)
        if refused is None:
            return redirect(f"{reverse('desk-indicators-entry')}?{question.query(by='' if by == 'area' else by)}")
    return _page(request, question, book, specs, lines, by=by, refused=refused)


def _usual(given: dict[str, str], request: Request, may: Entering) -> dict[str, str]:
    """Unless asked for, the area one enters for and the last period that is over."""
    if not given.get("area") and may.seats:
        path = min(path for _code, path in may.seats)
        given = {**given, "area": code_of(path)}
    if not given.get("period"):
        frequency = given.get("frequency", "")
        there = [spec.frequency for spec in queries.specs(request.actor).values()]
        asked = Frequency(frequency) if frequency in there else (there or [Frequency.QUARTER])[0]
        given = {**given, "period": latest_over(today_of(request), asked).key}
    return given


def _by_area(question: Question, book: Book, specs: list[IndicatorSpec], may: Entering) -> Iterator[Line]:
    """The area itself, where it reports, and those below it."""
    own = any(book.places[question.path].level in spec.levels for spec in specs)
    below = sorted({part for spec in specs for part in book.below(spec, question.path)})
    for path in [question.path, *below] if own else below:
        place = book.places[path]
        cells = [
            _cell(question, book, spec, path, name=place.name)
            if place.level in spec.levels and may.may_enter(spec, path)
            else None
            for spec in specs
        ]
        if any(cells):
            yield Line(place.name, 1 if own and path != question.path else 0, list(cells))


def _by_industry(question: Question, book: Book, specs: list[IndicatorSpec], may: Entering) -> Iterator[Line]:
    """The industries of the area, in the order they are declared."""
    names = {industry.code: str(industry.name) for spec in specs for industry in spec.industries}
    here = book.places[question.path].level
    for code, name in names.items():
        cells = [
            _cell(question, book, spec, question.path, industry=code, name=name)
            if any(industry.code == code for industry in spec.industries)
            and here in spec.levels
            and may.may_enter(spec, question.path)
            else None
            for spec in specs
        ]
        if any(cells):
            yield Line(name, 0, list(cells))


def _cell(question: Question, book: Book, spec: IndicatorSpec, path: str, *, name: str, industry: str = "") -> Cell:
    period = question.period
    row = book.row(spec.id, path, period, industry)
    last = book.value(spec.id, path, period.year_before, industry)
    place = book.places[path]
    held = exact(row.value, least=spec.decimals) if row else ""
    return Cell(
        name=f"v-{place.code}-{spec.id}{'-' + industry if industry else ''}",
        label=f"{name} · {heading(spec)}",
        spec=spec,
        path=path,
        industry=industry,
        held=held,
        revision=row.revision if row else 0,
        last=shown(spec, last.amount) if last else "",
        typed=held,
    )


def _take(request: Request, cells: list[Cell]) -> None:
    """What was typed."""
    for cell in cells:
        cell.typed = typed(request, cell.name, most=40)
        # Sure of this very number, not of another typed since.
        cell.sure = request.POST.get(f"sure-{cell.name}", "") == cell.typed != ""


def _filed(request: Request, file: Callable[..., Filing | None], cells: list[Cell]) -> Filing | Invalid | None:
    """File what was typed. What was wrong with it, each cell saying so; None when nothing has changed."""
    try:
        return file(
            reason=typed(request, "reason", most=300),
            filing_id=uuid_from(typed(request, "key")),
            by=request.actor,
            at=request.now,
        )
    except Invalid as refused:
        for cell in cells:
            cell.problems = list(refused.problems.get(cell.name, []))
        return refused
    except Stale as stale:
        return Invalid(stale.message)


def _save(request: Request, question: Question, cells: list[Cell]) -> Invalid | None:
    """Save what has changed; None when that is done, else what was wrong, with each cell saying so."""
    entered = []
    for cell in cells:
        if cell.changed and (one := _entered(request, question, cell)) is not None:
            entered.append(one)
        elif not cell.typed and cell.held:
            cell.problems = [_("报过的数不能清空；报错了请改成正确的数。")]
    wrong = [cell for cell in cells if cell.problems]
    doubtful = [cell for cell in cells if cell.doubt and not cell.sure and not cell.problems]
    if wrong or doubtful:
        return Invalid(_("没有保存：有 %(count)d 个数请先核对。") % {"count": len(wrong) + len(doubtful)})
    filing = _filed(request, partial(record, entered), cells)
    if isinstance(filing, Invalid):
        return filing
    if filing is None:
        messages.info(request, _("没有变化，不用保存。"))
    else:
        messages.success(
            request,
            _("已保存：新报 %(new)d 个，修订 %(revised)d 个。")
            % {"new": filing.found["new"], "revised": filing.found["revised"]},
        )
    return None


def _entered(request: Request, question: Question, cell: Cell) -> Entered | None:
    """A changed cell as it is recorded; None, with the problem at the cell, for what is no figure."""
    value = number_from(cell.typed)
    if value is None:
        cell.problems = [_("请填数字，单位是%(unit)s，例如 12.34。") % {"unit": cell.spec.unit}]
        return None
    if problem := fault_of(cell.spec, value):
        cell.problems = [problem]
        return None
    last = number_from(cell.last)
    cell.doubt = doubt_about(cell.spec, value, last)
    seen = typed(request, f"seen-{cell.name}", most=5)
    period = question.period
    return Entered(
        place=cell.name,
        key=Key(cell.spec.id, cell.path, cell.industry, period.year, period.number),
        value=value,
        seen=int(seen) if seen.isascii() and seen.isdigit() else cell.revision,
    )


def _page(
    request: Request,
    question: Question,
    book: Book,
    specs: list[IndicatorSpec],
    lines: list[Line],
    *,
    by: str,
    refused: Invalid | None,
) -> HttpResponse:
    cells = [cell for line in lines for cell in line.cells if cell is not None]
    summary = [
        {"text": f"{cell.label}：{text}", "url": f"#{cell.name}"}
        for cell in cells
        for text in [*cell.problems, *([cell.doubt] if cell.doubt and not cell.sure else [])]
    ]
    summary += [
        {"text": text, "url": "#reason"} for text in (refused.problems.get("reason", []) if refused else [])
    ]
    if refused and not summary:
        summary = [{"text": refused.message, "url": "#main"}]
    due = min(question.period.due(spec.due_days) for spec in specs)
    places = queries.places(question.root)
    context = {
        "question": question,
        "place": book.places[question.path],
        "crumbs": crumbs(places, question.path),
        "specs": specs,
        "lines": lines,
        "by": by,
        "has_industries": any(spec.industries for spec in specs),
        "refused": refused,
        "summary": summary,
        "reason": typed(request, "reason", most=300),
        "reason_problems": refused.problems.get("reason", []) if refused else [],
        "asks_reason": any(cell.revision and cell.changed for cell in cells),
        "key": typed(request, "key") or uuid4(),
        "empty": sum(not cell.held for cell in cells),
        "due": due,
        "late": question.today > due,
        "over": question.today > question.period.last_day,
        "areas": _areas(places.values(), specs, question.root),
        "period_name": question.period.name(cumulative=question.cumulative),
        **choices(question),
        **rail(request, "indicators"),
    }
    return render(request, "desk/indicators/entry.html", context, status=422 if refused else 200)


def _areas(places: Iterable[Place], specs: list[IndicatorSpec], root: str) -> list[Place]:
    """The areas a page can be of: the widest, and those that report."""
    levels = {level for spec in specs for level in spec.levels}
    return [one for one in places if one.level in levels or one.path == root]


@require_http_methods(["GET", "POST"])
@staff_only
def targets(request: Request) -> HttpResponse:
    """The targets of a year, of an area and those below it; a POST sets them."""
    may = entering(request.actor)
    question = question_of(request, _usual(request.GET.dict(), request, may))
    specs = [spec for spec in may.aimed(question.specs.values()) if spec.flow]
    if not specs:
        raise NotAllowed(_("目标由负责这个指标的部门设定。"))
    year = _year(request.GET.get("year", ""), question.period)
    places = queries.places(question.path)
    held = queries.targets_of(request.actor, [spec.id for spec in specs], path=question.path, years={year})
    book = Book({spec.id: spec for spec in specs}, {}, places)
    paths = [question.path, *sorted({part for spec in specs for part in book.below(spec, question.path)})]
    lines = [
        Line(
            places[path].name,
            0 if path == question.path else 1,
            [
                _target_cell(spec, path, places[path].name, year, held) if may.may_aim(spec, path) else None
                for spec in specs
            ],
        )
        for path in paths
    ]
    cells = [cell for line in lines for cell in line.cells if cell is not None]
    refused = None
    if request.method == "POST":
        _take(request, cells)
        refused = _save_targets(request, cells, year)
        if refused is None:
            return redirect(f"{reverse('desk-indicators-targets')}?{question.query(period='', year=str(year))}")
    summary = [
        {"text": f"{cell.label}：{text}", "url": f"#{cell.name}"} for cell in cells for text in cell.problems
    ]
    for name in ("reason", "source"):
        summary += [
            {"text": text, "url": f"#{name}"} for text in (refused.problems.get(name, []) if refused else [])
        ]
    if refused and not summary:
        summary = [{"text": refused.message, "url": "#main"}]
    context = {
        "question": question,
        "place": places[question.path],
        "specs": specs,
        "lines": lines,
        "areas": _areas(queries.places(question.root).values(), specs, question.root),
        "year": year,
        "year_text": str(year),
        "years": range(question.today.year - 2, question.today.year + 2),
        "refused": refused,
        "summary": summary,
        "reason": typed(request, "reason", most=300),
        "reason_problems": refused.problems.get("reason", []) if refused else [],
        "source": typed(request, "source", most=200),
        "source_problems": refused.problems.get("source", []) if refused else [],
        "asks_reason": any(cell.held and cell.changed for cell in cells),
        "key": typed(request, "key") or uuid4(),
        **rail(request, "indicators"),
    }
    return render(request, "desk/indicators/targets.html", context, status=422 if refused else 200)


def _year(asked: str, period: Period) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and 1949 <= int(asked[:4]) <= 2199 else period.year


def _target_cell(
    spec: IndicatorSpec, path: str, name: str, year: int, held: dict[tuple[str, str, int], Decimal]
) -> Cell:
    aimed = held.get((spec.id, path, year))
    code = code_of(path)
    text = "" if aimed is None else exact(aimed, least=spec.decimals)
    label = f"{name} · {heading(spec)}"
    return Cell(f"v-{code}-{spec.id}", label, spec, path, "", text, 1 if text else 0, "", typed=text)


def _save_targets(request: Request, cells: list[Cell], year: int) -> Invalid | None:
    aimed: list[Aimed] = []
    source = typed(request, "source", most=200)
    for cell in cells:
        if not cell.changed:
            if not cell.typed and cell.held:
                cell.problems = [_("定下的目标不能清空。")]
            continue
        value = number_from(cell.typed)
        if value is None:
            cell.problems = [_("请填数字，单位是%(unit)s，例如 12.34。") % {"unit": cell.spec.unit}]
            continue
        aimed.append(Aimed(cell.name, cell.spec.id, cell.path, year, value, source))
    if any(cell.problems for cell in cells):
        return Invalid(_("没有保存，请先改正下面的数。"))
    if aimed and not source:
        text = _("请写明目标出自哪份计划或文件。")
        return Invalid(text, {"source": [text]})
    filing = _filed(request, partial(aim, aimed), cells)
    if isinstance(filing, Invalid):
        return filing
    if filing is None:
        messages.info(request, _("没有变化，不用保存。"))
    else:
        messages.success(request, _("已保存 %(count)d 个目标。") % {"count": filing.found["targets"]})
    return None
