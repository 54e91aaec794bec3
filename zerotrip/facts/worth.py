"""What counts of all that was stated of a party: one value of each fact, or why there is none. Pure.

The most trusted source that has something fresh is believed; of what it states the latest date counts, and
of one date what was recorded last. Two sources of the same trust that state different things of the same
date contradict each other, and then nothing counts until somebody says which is right.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from itertools import groupby
from math import prod
from typing import Any, Protocol

from zerotrip import criteria
from zerotrip.criteria import Truth
from zerotrip.facts.published import Reading, read
from zerotrip.facts.spec import Computation, FactSpec
from zerotrip.facts.trees import area_of_path
from zerotrip.facts.vocabulary import COMPUTED, Vocabulary, period_before, plain, year_before
from zerotrip.parties.industries import sector
from zerotrip.parties.scale import Measure, size_of, standing_of

PRECISION = Decimal(10) ** -6
"""Of what is worked out."""


class Stated(Protocol):
    """One statement, as it is kept."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def source(self) -> str: ...
    @property
    def as_of(self) -> date: ...
    @property
    def recorded_at(self) -> datetime: ...


class State(Enum):
    """How it stands with a fact."""

    KNOWN = "known"
    MISSING = "missing"
    STALE = "stale"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True)
class Worth:
    """What counts of a fact."""

    state: State
    value: Any = None
    """As it is kept; None unless known."""
    source: str = ""
    as_of: date | None = None
    until: date | None = None
    """The last day it counts, if it does not count for ever."""
    among: tuple[Stated, ...] = ()
    """What was looked at: the statement that counts first, or those that contradict one another or are stale."""
    differing: tuple[Stated, ...] = ()
    """Fresh statements of less trusted sources that say something else."""
    needs: tuple[str, ...] = ()
    """Of a computed fact, what it is worked out from."""

    @property
    def fact(self) -> criteria.Fact:
        """As criteria read it."""
        return criteria.Fact(self.value, self.source, self.as_of)


MISSING = Worth(State.MISSING)


@dataclass(frozen=True)
class Known:
    """All that counts of one party on one day."""

    worths: Mapping[str, Worth]
    series: Mapping[str, Mapping[date, Worth]] = field(default_factory=dict)
    """Figures of periods, by the last day of each."""

    def facts(self, today: date) -> dict[str, object]:
        """As criteria read them."""
        return {"today": today, **{name: worth.fact for name, worth in self.worths.items()}}

    @property
    def until(self) -> date | None:
        """The last day all of this holds: the day after, something is stale."""
        return min((worth.until for worth in self.worths.values() if worth.until), default=None)


def known(
    vocabulary: Vocabulary,
    stated: Iterable[Stated],
    *,
    today: date,
    area_path: str = "",
    kind: str = "enterprise",
    given: Mapping[str, Worth] | None = None,
    among: Container[str] | None = None,
) -> Known:
    """What counts of what was stated of one party, with what follows from it.

    ``given`` are computed facts that are taken as they are instead, for somebody invented. ``among`` are the
    only facts to be worked out, with all they follow from: see ``lacking.behind``.
    """
    by_name: dict[str, list[Stated]] = {}
    for one in stated:
        by_name.setdefault(one.name, []).append(one)
    working = _Working(vocabulary, by_name, today, area_path)
    for spec in vocabulary.of_kind(kind):
        if among is not None and spec.id not in among:
            continue
        if given and spec.id in given:
            working.worths[spec.id] = given[spec.id]
        else:
            working.add(spec)
    return Known(working.worths, working.series)


def _worth(
    spec: FactSpec, stated: Sequence[Stated], vocabulary: Vocabulary, today: date, *, lasting: bool = False
) -> Worth:
    """What counts of the statements about one fact, or one period of a figure; ``lasting``: never stale."""
    if not stated:
        return MISSING
    current = _without_corrected(stated)
    fresh = [one for one in current if lasting or _until(spec, one.as_of) >= today]
    ordered = sorted(fresh or current, key=lambda one: (vocabulary.trust(one.source), -one.as_of.toordinal()))
    if not fresh:
        return Worth(State.STALE, source=ordered[0].source, as_of=ordered[0].as_of, among=tuple(ordered))
    trust = vocabulary.trust(ordered[0].source)
    best = [one for one in ordered if vocabulary.trust(one.source) == trust and one.as_of == ordered[0].as_of]
    first = best[0]
    if any(one.value != first.value for one in best):
        return Worth(State.CONTRADICTORY, as_of=first.as_of, among=tuple(best))
    if first.value is None:  # taken back: nothing is known of it
        return Worth(State.MISSING, among=(first,))
    until = date.max if lasting else _until(spec, first.as_of)
    return Worth(
        State.KNOWN,
        first.value,
        first.source,
        first.as_of,
        None if until == date.max else until,
        (first,),
        tuple(one for one in ordered if one.value != first.value and vocabulary.trust(one.source) > trust),
    )


def _without_corrected(stated: Sequence[Stated]) -> list[Stated]:
    """Of each source and date what was recorded last."""
    ordered = sorted(stated, key=lambda one: (one.source, one.as_of, one.recorded_at))
    return [list(group)[-1] for _key, group in groupby(ordered, key=lambda one: (one.source, one.as_of))]


def _until(spec: FactSpec, as_of: date) -> date:
    return date.max if spec.fresh is None else as_of + timedelta(days=spec.fresh)


class _Working:
    """Facts worked out one after another: each reads those before it."""

    def __init__(
        self, vocabulary: Vocabulary, stated: Mapping[str, list[Stated]], today: date, area_path: str
    ) -> None:
        self.vocabulary, self.stated, self.today, self.area_path = vocabulary, stated, today, area_path
        self.worths: dict[str, Worth] = {}
        self.series: dict[str, dict[date, Worth]] = {}

    def add(self, spec: FactSpec) -> None:
        if spec.computed is not None:
            self.worths[spec.id] = self._computed(spec, spec.computed)
        elif spec.per:
            self._figures(spec)
        else:
            self.worths[spec.id] = _worth(spec, self.stated.get(spec.id, ()), self.vocabulary, self.today)

    def _figures(self, spec: FactSpec) -> None:
        """A figure of each period; as a fact it is the latest."""
        periods: dict[date, list[Stated]] = {}
        for one in self.stated.get(spec.id, ()):
            periods.setdefault(one.as_of, []).append(one)
        found = {
            day: _worth(spec, periods[day], self.vocabulary, self.today, lasting=True) for day in sorted(periods)
        }
        self.series[spec.id] = found
        latest = next((day for day in reversed(found) if found[day].state is not State.MISSING), None)
        self.worths[spec.id] = (
            MISSING if latest is None else _worth(spec, periods[latest], self.vocabulary, self.today)
        )

    def _computed(self, spec: FactSpec, how: Computation) -> Worth:
        way, said = how.way
        return _WAYS[way](self, spec, said)

    def settled(self, needs: Iterable[str], work_out: Callable[..., Any]) -> Worth:
        """What follows from facts that are all known; unknown while one is not."""
        names = tuple(needs)
        worths = [self.worths.get(name, MISSING) for name in names]
        open_ones = [worth for worth in worths if worth.state is not State.KNOWN]
        if open_ones:
            return Worth(open_ones[0].state, needs=names)
        value = work_out(*(worth.value for worth in worths))
        return self.following(value, worths, names)

    def following(self, value: Any, worths: Sequence[Worth], names: tuple[str, ...]) -> Worth:
        if value is None:
            return Worth(State.MISSING, needs=names)
        days = [worth.as_of for worth in worths if worth.as_of]
        ends = [worth.until for worth in worths if worth.until]
        return Worth(State.KNOWN, value, COMPUTED, min(days, default=None), min(ends, default=None), needs=names)

    def arithmetic(self, names: tuple[str, ...], reckon: Callable[..., Decimal | None]) -> Worth:
        def work_out(*values: str) -> str | None:
            found = reckon(*map(Decimal, values))
            return None if found is None else plain(found.quantize(PRECISION, rounding=ROUND_HALF_UP))

        return self.settled(names, work_out)

    def holds(self, spec: FactSpec) -> Worth:
        rule = self.vocabulary.holding[spec.id]
        names = tuple(dict.fromkeys(leaf.fact for leaf in rule.leaves()))
        read = [self.worths.get(name, MISSING) for name in names]
        truth = rule.explain({name: worth.fact for name, worth in zip(names, read, strict=True)}).truth
        value = None if truth is Truth.UNKNOWN else truth is Truth.YES
        return self.following(value, [worth for worth in read if worth.state is State.KNOWN], names)

    def total(self, of: str, days: Sequence[date]) -> Worth:
        """The sum of these periods; unknown while one is not stated."""
        found = [self.series.get(of, {}).get(day, MISSING) for day in days]
        open_ones = [worth for worth in found if worth.state is not State.KNOWN]
        if open_ones or not found:
            return Worth(open_ones[0].state if open_ones else State.MISSING, needs=(of,))
        worth = self.following(plain(sum((Decimal(each.value) for each in found), Decimal(0))), found, (of,))
        return Worth(worth.state, worth.value, COMPUTED, max(days), self._lasts(of, max(days)), needs=(of,))

    def _lasts(self, of: str, day: date) -> date | None:
        until = _until(self.vocabulary.facts[of], day)
        return None if until == date.max else until

    def latest(self, of: str) -> date | None:
        """The last period a figure is known of, if that is fresh."""
        worth = self.worths.get(of, MISSING)
        return worth.as_of if worth.state is State.KNOWN else None

    def periods(self, of: str, last: date, count: int) -> list[date]:
        spec = self.vocabulary.facts[of]
        return [period_before(spec, last, back) for back in range(count)]


def _total(working: _Working, spec: FactSpec, said: Any) -> Worth:
    of = working.vocabulary.facts[said.of]
    if said.year is not None:
        return _year(working, of, working.today.year + said.year)
    last = working.latest(said.of)
    if last is None:
        return Worth(working.worths.get(said.of, MISSING).state, needs=(said.of,))
    days = working.periods(said.of, period_before(of, last, said.back), said.periods)
    return working.total(said.of, days)


def _year(working: _Working, of: FactSpec, year: int) -> Worth:
    """A calendar year: all its periods, or, of this year, those up to the latest stated. Ends with the year."""
    stated = [day for day in working.series.get(of.id, {}) if day.year == year]
    last = date(year, 12, 31) if year < working.today.year else max(stated, default=None)
    if last is None:
        return Worth(State.MISSING, needs=(of.id,))
    days = [day for day in working.periods(of.id, last, 12) if day.year == year]
    worth = working.total(of.id, days)
    if worth.state is not State.KNOWN:
        return worth
    return Worth(worth.state, worth.value, COMPUTED, worth.as_of, date(working.today.year, 12, 31), needs=(of.id,))


def _change(working: _Working, spec: FactSpec, said: Any) -> Worth:
    last = working.latest(said.of)
    if last is None:
        return Worth(working.worths.get(said.of, MISSING).state, needs=(said.of,))
    of = working.vocabulary.facts[said.of]
    now = working.total(said.of, working.periods(said.of, last, said.periods))
    before = working.total(said.of, working.periods(said.of, year_before(of, last), said.periods))
    for worth in (now, before):
        if worth.state is not State.KNOWN:
            return worth
    base = Decimal(before.value)
    if base <= 0:
        return Worth(State.MISSING, needs=(said.of,))
    grown = ((Decimal(now.value) - base) / base).quantize(PRECISION, rounding=ROUND_HALF_UP)
    return Worth(State.KNOWN, plain(grown), COMPUTED, now.as_of, now.until, needs=(said.of,))


def _party(working: _Working, spec: FactSpec, said: str) -> Worth:
    area = area_of_path(working.area_path)
    return Worth(State.KNOWN, area, COMPUTED) if area else MISSING


WAN = Decimal(10_000)
"""Yuan in a 万元, in which statistics measure."""


def _sector(working: _Working, spec: FactSpec, said: str) -> Worth:
    return working.settled((said,), lambda code: str(found) if (found := sector(code)) else None)


def _size_class(working: _Working, spec: FactSpec, said: Any) -> Worth:
    """Known as soon as what is missing cannot change it: a figure that gives micro decides alone."""
    names = (said.industry, said.staff, said.revenue, said.assets)
    industry, staff, revenue, assets = (working.worths.get(name, MISSING) for name in names)
    if industry.state is not State.KNOWN:
        return Worth(industry.state, needs=names)
    figures = {
        Measure.STAFF: _amount(staff, Decimal(1)),
        Measure.REVENUE: _amount(revenue, WAN),
        Measure.ASSETS: _amount(assets, WAN),
    }
    found = size_of(industry.value, figures)
    if found.size is None:
        states = [each.state for each in (staff, revenue, assets) if each.state is not State.KNOWN]
        return Worth(states[0] if states else State.MISSING, needs=names)
    read = [worth for worth in (industry, staff, revenue, assets) if worth.state is State.KNOWN]
    return working.following(str(found.size), read, names)


def _amount(worth: Worth, unit: Decimal) -> Decimal | None:
    return Decimal(worth.value) / unit if worth.state is State.KNOWN else None


def _reaches_scale(working: _Working, spec: FactSpec, said: Any) -> Worth:
    return working.settled(
        (said.industry, said.revenue),
        lambda industry, revenue: standing_of(industry, revenue=Decimal(revenue) / WAN).above,
    )


def _scaled(working: _Working, spec: FactSpec, said: Any) -> Worth:
    return working.arithmetic((said.of,), lambda number: number * said.times + said.plus)


def _bounded(working: _Working, said: Sequence[str | Decimal], choose: Callable[..., Decimal]) -> Worth:
    """The least or the greatest of facts and numbers."""
    names = tuple(each for each in said if isinstance(each, str))
    numbers = [each for each in said if not isinstance(each, str)]
    return working.arithmetic(names, lambda *of: choose([*of, *numbers]))


def _published(working: _Working, spec: FactSpec, said: Any) -> Worth:
    return _reading(working, read(said, working.today, _place(working), fresh=spec.fresh), spec)


def _published_on(working: _Working, spec: FactSpec, said: Any) -> Worth:
    """The value of a day that is a fact; of a day to come nobody knows it."""
    day = working.worths.get(said.day, MISSING)
    if day.state is not State.KNOWN:
        return Worth(day.state, needs=(said.day,))
    on, of = date.fromisoformat(day.value), working.vocabulary.facts[said.of]
    if on > working.today:
        return Worth(State.MISSING, until=on - timedelta(days=1), needs=(said.of, said.day))
    assert of.computed is not None  # noqa: S101  the judge of the facts looked
    worth = _reading(working, read(of.computed.published or (), on, _place(working), fresh=of.fresh), of)
    return replace(worth, until=day.until, needs=(said.of, said.day))


def _reading(working: _Working, reading: Reading, spec: FactSpec) -> Worth:
    if reading.value is None:
        state = State.STALE if reading.stale else State.MISSING
        home = working.vocabulary.home
        needs = (home,) if reading.placeless and home else ()
        return Worth(state, source=reading.source, as_of=reading.since, until=reading.until, needs=needs)
    return Worth(State.KNOWN, plain(reading.value), reading.source, reading.since, reading.until)


def _place(working: _Working) -> str:
    """Where the party is, as a key; empty while that is not known."""
    home = working.worths.get(working.vocabulary.home or "", MISSING)
    return str(home.value) if home.state is State.KNOWN else ""


def _quotient(one: Decimal, by: Decimal) -> Decimal | None:
    return one / by if by else None


_WAYS: dict[str, Callable[[_Working, FactSpec, Any], Worth]] = {
    "sum": lambda working, spec, names: working.arithmetic(names, lambda *of: sum(of, Decimal(0))),
    "difference": lambda working, spec, names: working.arithmetic(
        names, lambda first, *others: first - sum(others, Decimal(0))
    ),
    "product": lambda working, spec, names: working.arithmetic(names, lambda *of: prod(of, start=Decimal(1))),
    "quotient": lambda working, spec, names: working.arithmetic(names, _quotient),
    "scaled": _scaled,
    "least": lambda working, spec, said: _bounded(working, said, min),
    "greatest": lambda working, spec, said: _bounded(working, said, max),
    "published": _published,
    "published_on": _published_on,
    "total": _total,
    "change": _change,
    "holds": lambda working, spec, _tree: working.holds(spec),
    "party": _party,
    "sector": _sector,
    "size_class": _size_class,
    "reaches_scale": _reaches_scale,
}
