"""The page of one indicator: this year against last, by area, by industry, each with its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.errors import NotFound
from zerotrip.indicators import queries
from zerotrip.indicators.access import entering
from zerotrip.indicators.arithmetic import share
from zerotrip.indicators.periods import Period
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.charts import Series, lines, shades, shares
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.indicators.asking import Question, crumbs, question_of
from zerotrip.web.desk.indicators.board import choices, tile
from zerotrip.web.desk.indicators.telling import Told, amount, number, percent, told
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from django.http import HttpResponse

    from zerotrip.indicators.figures import Book, Change, Value
    from zerotrip.indicators.spec import IndicatorSpec


@dataclass(frozen=True)
class Part:
    """A part of the figure: an area below, or an industry."""

    name: str
    value: str
    change: Told
    share: str
    """Of the whole."""
    pull: str
    contribution: str
    reached: str
    bar: int
    shade: int
    drill: str = ""
    """Where the part is shown by its own parts."""
    figure: str = ""
    """Where its revisions are."""


@dataclass(frozen=True)
class Line:
    """A period of the year in the table behind the chart."""

    name: str
    value: str
    lacking: bool
    """Whether it was added up and areas have not reported."""
    last: str
    change: Told
    single: str
    figure: str
    now: bool


@require_GET
@staff_only
def one(request: Request, slug: str) -> HttpResponse:
    """An indicator of an area."""
    spec = queries.specs(request.actor).get(slug)
    if spec is None:
        raise NotFound(_("没有这个指标。"))
    question = question_of(request, request.GET.dict(), spec=spec)
    book = queries.book(
        request.actor, among(question, spec), path=question.path, periods=_both_years(question.period)
    )
    by_industry = _industries(question, spec)
    context = {
        "question": question,
        "spec": spec,
        "place": book.places[question.path],
        "crumbs": crumbs(book.places, question.path),
        "tile": tile(spec, question, book),
        "target": amount(spec, book.target(spec.id, question.path, question.period.year)),
        "single": _single(spec, question, book),
        "apart": _apart(spec, question, book),
        "period_name": question.period.name(cumulative=spec.cumulative),
        "figure": figure_link(spec, question.code, question.period),
        "own": book.row(spec.id, question.path, question.period),
        "charts": _charts(spec, question, book),
        "lines": _lines(spec, question, book),
        "areas": _areas(spec, question, book),
        "industries": by_industry,
        "owing": queries.owing(book, spec, question.path, question.period),
        "due": question.period.due(spec.due_days),
        "late": queries.is_late(spec, question.period, question.today),
        "may_enter": entering(request.actor).may_enter(spec, question.path),
        "may_aim": entering(request.actor).may_aim(spec, question.path) if spec.flow else False,
        **choices(question),
        **rail(request, "indicators"),
    }
    return render(request, "desk/indicators/one.html", context)


def among(question: Question, spec: IndicatorSpec) -> dict[str, IndicatorSpec]:
    """An indicator, and the one that weighs it."""
    return {key: question.specs[key] for key in (spec.id, spec.weight) if key and key in question.specs}


def figure_link(spec: IndicatorSpec, code: str, period: Period, industry: str = "") -> str:
    """Where the revisions of a figure are."""
    asked = {"area": code, "period": period.key, "industry": industry}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('desk-indicator-figure', args=[spec.id])}?{query}"


def _both_years(period: Period) -> list[Period]:
    """All periods of this year and the last, and for their growth of the one before."""
    numbers = range(1, period.frequency.per_year + 1)
    years = range(period.year - 2, period.year + 1)
    return [Period(year, number, period.frequency) for year in years for number in numbers]


def _single(spec: IndicatorSpec, question: Question, book: Book) -> str:
    """What the period alone brought, where that is not what is shown anyway."""
    if not spec.cumulative or question.period.number == 1:
        return ""
    return amount(spec, book.single(spec.id, question.path, question.period))


def _apart(spec: IndicatorSpec, question: Question, book: Book) -> str:
    """That the area's own figure is not what the areas below come to; empty when it is, or when they lack some."""
    row = book.row(spec.id, question.path, question.period)
    together = book.added_up(spec.id, question.path, question.period) if row else None
    if row is None or together is None or together.missing or together.amount == row.value:
        return ""
    return _("本级报 %(own)s，下级合计 %(sum)s，两者不一致") % {
        "own": amount(spec, row.value),
        "sum": amount(spec, together.amount),
    }


def _years(period: Period) -> list[Period]:
    return [Period(period.year, number, period.frequency) for number in range(1, period.frequency.per_year + 1)]


def _charts(spec: IndicatorSpec, question: Question, book: Book) -> dict[str, Any] | None:
    """This year's line and last year's; of yearly figures the last ten years are no line yet."""
    periods = _years(question.period)
    if len(periods) == 1:
        return None

    def values(of: Sequence[Period]) -> tuple[Decimal | None, ...]:
        # What lacks areas is no point of the line: it would look like a fall.
        found = [book.value(spec.id, question.path, period) for period in of]
        return tuple(None if value is None or value.missing else value.amount for value in found)

    now, last = values(periods), values([period.year_before for period in periods])
    if not any(value is not None for value in (*now, *last)):
        return None
    year = question.period.year
    names = [_("%(year)d 年") % {"year": one} for one in (year - 1, year)]
    drawn = [Series(names[0], last), Series(names[1], now, strong=True)]
    labels = [period.short(cumulative=spec.cumulative) for period in periods]
    return lines(labels, drawn, shown=lambda value: amount(spec, value))


def _lines(spec: IndicatorSpec, question: Question, book: Book) -> list[Line]:
    """The table behind the lines."""
    found = []
    for period in _years(question.period):
        value = book.value(spec.id, question.path, period)
        last = book.value(spec.id, question.path, period.year_before)
        found.append(
            Line(
                name=period.short(cumulative=spec.cumulative),
                value=amount(spec, amount_of(value)),
                lacking=bool(value and value.missing),
                last=amount(spec, last.amount if last else None),
                change=told(spec, book.change(spec.id, question.path, period), book.places),
                single=amount(spec, book.single(spec.id, question.path, period)),
                figure=figure_link(spec, question.code, period) if value and value.own else "",
                now=period == question.period,
            )
        )
    return found


def _areas(spec: IndicatorSpec, question: Question, book: Book) -> list[Part]:
    """The areas below that report, the largest first."""
    period = question.period
    whole = Whole(spec, book, question)
    paths = book.below(spec, question.path)
    values = [amount_of(book.value(spec.id, path, period)) for path in paths]
    found: list[tuple[Decimal | None, Part]] = []
    for path, value, bar, shade in zip(paths, values, shares(values), shades(values), strict=True):
        place = book.places[path]
        part = Part(
            name=place.name,
            value=amount(spec, value),
            reached=percent(book.reached(spec.id, path, period)),
            bar=bar,
            shade=shade,
            drill=f"{reverse('desk-indicator', args=[spec.id])}?{question.query(area=place.code)}",
            figure=figure_link(spec, place.code, period),
            **whole.weight(value, book.change(spec.id, path, period)),
        )
        found.append((value, part))
    found.sort(key=lambda pair: (pair[0] is None, -(pair[0] or 0)))
    return [part for _value, part in found]


def _industries(question: Question, spec: IndicatorSpec) -> list[Part]:
    """The industries of the area, as far as they are reported."""
    if not spec.industries:
        return []
    path, period = question.path, question.period
    book = queries.book(
        question.request.actor,
        {spec.id: spec},
        path=path,
        periods=[period, period.year_before],
        industries=True,
        targets=False,
    )
    whole = Whole(spec, book, question)
    values = [amount_of(book.value(spec.id, path, period, industry.code)) for industry in spec.industries]
    found = []
    for industry, value, bar in zip(spec.industries, values, shares(values), strict=True):
        own = book.row(spec.id, path, period, industry.code)
        found.append(
            Part(
                name=str(industry.name),
                value=amount(spec, value),
                reached="",
                bar=bar,
                shade=0,
                figure=figure_link(spec, question.code, period, industry.code) if own else "",
                **whole.weight(value, book.change(spec.id, path, period, industry.code)),
            )
        )
    return found if any(value is not None for value in values) else []


def amount_of(value: Value | None) -> Decimal | None:
    """How much it is, if there is anything."""
    return value.amount if value else None


class Whole:
    """What parts are parts of."""

    def __init__(self, spec: IndicatorSpec, book: Book, question: Question) -> None:
        self.spec, self.book = spec, book
        self.change = book.change(spec.id, question.path, question.period)
        self.total = amount_of(book.value(spec.id, question.path, question.period))

    def weight(self, value: Decimal | None, change: Change | None) -> dict[str, Any]:
        """What a part is in the whole, and what it does to its growth. Of a mean there are no parts."""
        told_ = {
            "change": told(self.spec, change, self.book.places),
            "share": "—",
            "pull": "—",
            "contribution": "—",
        }
        if self.spec.rolls_up != "sum":
            return told_
        shared = self.book.part_of(self.change, change)
        of_whole = share(value, self.total) if value is not None and self.total is not None else None
        return {
            **told_,
            "share": percent(of_whole),
            "pull": "—" if shared.pull is None else number(shared.pull, signed=True, places=2),
            "contribution": percent(shared.contribution),
        }
