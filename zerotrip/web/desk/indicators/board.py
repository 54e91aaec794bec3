"""The board: one number that matters per tile, the areas below in a table; and the same as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.indicators import queries
from zerotrip.indicators.access import entering
from zerotrip.indicators.periods import Frequency
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.indicators import taking_out
from zerotrip.web.desk.indicators.asking import Question, crumbs, question_of
from zerotrip.web.desk.indicators.telling import Published, Told, amount, lacking, percent, published, told
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http.response import HttpResponseBase

    from zerotrip.indicators.figures import Book, Place
    from zerotrip.indicators.spec import IndicatorSpec

FREQUENCIES = {
    Frequency.MONTH: lambda: _("月度指标"),
    Frequency.QUARTER: lambda: _("季度指标"),
    Frequency.YEAR: lambda: _("年度指标"),
}


@dataclass(frozen=True)
class Tile:
    """One indicator of an area at a glance."""

    spec: IndicatorSpec
    link: str
    value: str
    change: Told
    reached: str
    progress: int | None
    """Hundredths of the target, for a bar; None without one."""
    pace: str
    lacking: str
    published: Published | None
    late: bool


@dataclass(frozen=True)
class Cell:
    """A figure in the table."""

    value: str
    change: Told
    link: str


@require_GET
@staff_only
def board(request: Request) -> HttpResponseBase:
    """The indicators of an area in a period, and of the areas below it."""
    question = question_of(request, request.GET.dict())
    book = queries.book(request.actor, question.shown, path=question.path, periods=_needed(question), targets=True)
    if request.GET.get("as") in taking_out.FORMS:
        return taking_out.file(request.GET["as"], question, book)
    below = sorted({part for spec in question.shown.values() for part in book.below(spec, question.path)})
    return render(
        request,
        "desk/indicators/board.html",
        {
            "question": question,
            "place": book.places[question.path],
            "crumbs": crumbs(book.places, question.path),
            "tiles": [tile(spec, question, book) for spec in question.shown.values()],
            "rows": [(book.places[part], _row(part, question, book)) for part in below],
            "period_name": question.period.name(cumulative=question.cumulative),
            "may_enter": entering(request.actor).entered(question.specs.values()),
            **choices(question),
            **rail(request, "indicators"),
        },
    )


def choices(question: Question) -> dict[str, Any]:
    """What can be chosen above a page."""
    return {
        "periods": [(one.key, one.name(cumulative=question.cumulative)) for one in question.periods],
        "frequencies": [(one.value, FREQUENCIES[one]()) for one in question.frequencies],
    }


def _needed(question: Question) -> list[Any]:
    """This period and last year's; of what is not cumulated, the year so far too."""
    found = {question.period, question.period.year_before}
    if any(spec.flow and not spec.cumulative for spec in question.shown.values()):
        found |= set(question.period.to_date)
    return sorted(found)


def tile(spec: IndicatorSpec, question: Question, book: Book) -> Tile:
    """An indicator of the area the page is about."""
    path, period = question.path, question.period
    value, change = book.value(spec.id, path, period), book.change(spec.id, path, period)
    reached = book.reached(spec.id, path, period)
    part, whole = period.share_of_year
    return Tile(
        spec=spec,
        link=f"{reverse('desk-indicator', args=[spec.id])}?{question.query()}",
        value=amount(spec, value.amount if value else None),
        change=told(spec, change, book.places),
        reached=percent(reached),
        progress=_bar(reached),
        pace=_("序时进度 %(share)s%%") % {"share": round(part / whole * 100)} if spec.flow and whole > 1 else "",
        lacking=lacking(value, book.places),
        published=published(book.row(spec.id, path, period), change),
        late=value is None and queries.is_late(spec, period, question.today),
    )


def _bar(reached: Decimal | None) -> int | None:
    return None if reached is None else max(0, min(100, round(reached)))


def _row(path: str, question: Question, book: Book) -> list[Cell]:
    return [_cell(spec, path, question, book) for spec in question.shown.values()]


def _cell(spec: IndicatorSpec, path: str, question: Question, book: Book) -> Cell:
    place: Place = book.places[path]
    value = book.value(spec.id, path, question.period)
    link = f"{reverse('desk-indicator', args=[spec.id])}?{question.query(area=place.code)}"
    change = told(spec, book.change(spec.id, path, question.period), book.places)
    return Cell(amount(spec, value.amount if value else None), change, link)
