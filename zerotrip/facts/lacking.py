"""Which statements would make a fact known, and which facts can be supposed. Pure.

A fact that follows from others is not stated itself: those it follows from are, and of a figure of periods
each period that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zerotrip.criteria import Truth
from zerotrip.facts.spec import Case, Computation, FactSpec
from zerotrip.facts.vocabulary import MONTHS, Vocabulary, period_before, periods_of
from zerotrip.facts.worth import MISSING, Known, State, Stated, known
from zerotrip.parties.scale import Measure, group_of

SUPPOSED = "supposed"
"""Source of what is only supposed."""


@dataclass(frozen=True)
class Lacking:
    """One statement that is missing: a fact, and of a figure the last day of its period."""

    name: str
    day: date | None = None


def lacking(names: Iterable[str], words: Vocabulary, found: Known, *, today: date) -> list[Lacking]:
    """What has to be stated for these facts to be known; what is known already is left out."""
    seen = dict.fromkeys(each for name in names for each in _lacking(name, words, found, today))
    return list(seen)


def inputs(names: Iterable[str], words: Vocabulary, found: Known, *, today: date) -> list[str]:
    """What these facts are missing for, by name: what a computed one follows from and nobody has stated.

    A computed fact of which all that can be stated is known is named itself.
    """
    seen: dict[str, None] = {}
    for name in names:
        said = [each.name for each in lacking([name], words, found, today=today)]
        seen |= dict.fromkeys(said or [name])
    return list(seen)


def _lacking(name: str, words: Vocabulary, found: Known, today: date) -> Iterator[Lacking]:
    spec = words.facts.get(name)
    if spec is None or found.worths.get(name, MISSING).state is State.KNOWN:
        return
    how = spec.computed
    if how is None:
        yield Lacking(name, last_period(spec, today) if spec.per else None)
    elif how.total or how.change:
        of = words.facts[(how.total or how.change).of]  # type: ignore[union-attr]
        series = found.series.get(of.id, {})
        for day in _periods(how, of, series, today):
            if series.get(day, MISSING).state is not State.KNOWN:
                yield Lacking(of.id, day)
    else:
        for needed in _that_matter(how, words, found):
            yield from _lacking(needed, words, found, today)


def _that_matter(how: Computation, words: Vocabulary, found: Known) -> tuple[str, ...]:
    """What a computed fact follows from here: of a size class only the figures its industry is measured by, of
    cases only what decides between those that may hold."""
    if how.cases is not None:
        return tuple(dict.fromkeys(_of_cases(how.cases, words, found)))
    if how.size_class is None:
        return needs(how, words)
    said = how.size_class
    industry = found.worths.get(said.industry, MISSING)
    group = group_of(industry.value) if industry.state is State.KNOWN else None
    if group is None:
        return needs(how, words)
    figures = {Measure.STAFF: said.staff, Measure.REVENUE: said.revenue, Measure.ASSETS: said.assets}
    return tuple(figures[measure] for measure in group.least)


def _of_cases(cases: Iterable[Case], words: Vocabulary, found: Known) -> Iterator[str]:
    facts = {name: worth.fact for name, worth in found.worths.items()}
    for case in cases:
        verdict = words.rule(case.when).explain(facts) if case.when else None
        if verdict is not None and verdict.truth is Truth.NO:
            continue
        yield from verdict.missing if verdict else ()
        if case.value in words.facts:
            yield str(case.value)
        if verdict is None or verdict.truth is Truth.YES:
            return


def last_period(spec: FactSpec, today: date) -> date:
    """The last day of the latest period of a figure that is over on ``today``."""
    months = MONTHS[spec.per]
    return date(today.year, (today.month - 1) // months * months + 1, 1) - timedelta(days=1)


def _periods(how: Computation, of: FactSpec, series: Mapping[date, Any], today: date) -> list[date]:
    """The periods a total or a change needs, latest first."""
    stated = [day for day, worth in series.items() if worth.state is State.KNOWN]
    last = max(stated, default=last_period(of, today))
    if how.total and how.total.since and how.total.until:
        return periods_of(of, how.total.since, how.total.until)
    if how.total and how.total.year is not None:
        year = today.year + how.total.year
        end = date(year, 12, 31) if how.total.year else last
        days = [period_before(of, end, back) for back in range(12)]
        return [day for day in days if day.year == year]
    if how.total:
        start = period_before(of, last, how.total.back)
        return [period_before(of, start, back) for back in range(how.total.periods or 1)]
    count = how.change.periods if how.change else 1
    before = period_before(of, last, 12 // MONTHS[of.per])
    return [period_before(of, day, back) for day in (last, before) for back in range(count)]


def needs(how: Computation, words: Vocabulary) -> tuple[str, ...]:
    """The facts a computed one follows from, as declared."""
    way, said = how.way
    if way in ("sum", "difference", "product", "quotient", "days", "months", "years"):
        return tuple(said)
    if way == "cases":
        rules = [words.rule(case.when) for case in said if case.when]
        values = [str(case.value) for case in said if case.value in words.facts]
        return tuple(dict.fromkeys([*(leaf.fact for rule in rules for leaf in rule.leaves()), *values]))
    if way in ("total", "change", "scaled", "whole"):
        return (said.of,)
    if way == "holds":
        return tuple(dict.fromkeys(leaf.fact for leaf in words.rule(said).leaves()))
    if way == "sector":
        return (said,)
    if way in ("least", "greatest"):
        return tuple(each for each in said if isinstance(each, str))
    if way == "published":  # nobody states it; where it differs by division, that has to be known
        return (words.home,) if words.home and any(each.within for each in said) else ()
    return () if way == "party" else tuple(getattr(said, key) for key in type(said).model_fields)


def behind(names: Iterable[str], words: Vocabulary) -> frozenset[str]:
    """These facts with all they follow from, and where somebody is: what has to be worked out to know them."""
    found: set[str] = set()
    waiting = [*names, *((words.home,) if words.home else ())]
    while waiting:
        name = waiting.pop()
        spec = words.facts.get(name)
        if spec is None or name in found:
            continue
        found.add(name)
        if spec.computed is not None:
            waiting += [each for each in needs(spec.computed, words) if isinstance(each, str)]
    return frozenset(found)


def askable(names: Iterable[str], words: Vocabulary) -> list[str]:
    """The facts to ask somebody for, of whom nothing is known, so that these come out.

    What is summed over periods, and where somebody is, is asked for itself.
    """
    return list(dict.fromkeys(each for name in names for each in _askable(name, words)))


def _askable(name: str, words: Vocabulary) -> Iterator[str]:
    spec = words.facts.get(name)
    if spec is None:
        return
    if spec.computed is None or spec.computed.way[0] in ("total", "change", "party"):
        yield name
        return
    for needed in needs(spec.computed, words):
        yield from _askable(needed, words)


@dataclass(frozen=True)
class Supposed:
    """A statement nobody made."""

    name: str
    value: Any
    as_of: date
    source: str = SUPPOSED
    recorded_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)


def supposing(
    values: Mapping[str, Any],
    stated: Sequence[Stated],
    words: Vocabulary,
    *,
    today: date,
    area_path: str = "",
    kind: str = "enterprise",
) -> Known:
    """What would count if these facts were so, whatever was stated of them, with all that follows.

    ``values`` are as they are kept. A fact that is worked out may be supposed too; of a figure its latest
    period is.
    """
    facts, statements = dict(words.facts), [one for one in stated if one.name not in values]
    for name, value in values.items():
        spec = facts[name]
        day = last_period(spec, today) if spec.per else today
        if spec.per:
            statements += [one for one in stated if one.name == name and one.as_of < day]
        statements.append(Supposed(name, value, day))
        if spec.computed is not None:
            facts[name] = spec.model_copy(update={"computed": None})
    return known(Vocabulary(facts, words.sources), statements, today=today, area_path=area_path, kind=kind)
