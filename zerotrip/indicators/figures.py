"""What figures add up to and how they have changed. Pure: works on rows that were read before.

An area's own figure goes first. Without one, it is added up of the areas below that report. Growth compares
like with like: each area with its own base of the year before, or with the comparable base it states; areas
without a base are left out on both sides, and the result says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from zerotrip.indicators import arithmetic
from zerotrip.indicators.periods import Period
from zerotrip.indicators.spec import IndicatorSpec
from zerotrip.parties.paths import code_of


class Key(NamedTuple):
    """What a figure is of."""

    indicator: str
    area_path: str
    industry: str
    year: int
    number: int


class Row(NamedTuple):
    """The newest revision of a figure."""

    value: Decimal
    revision: int = 1
    base: Decimal | None = None
    base_note: str = ""
    published: Decimal | None = None
    basis: str = ""
    source: str = ""


class Place(NamedTuple):
    """An area as figures know it."""

    path: str
    level: str
    name: str = ""

    @property
    def code(self) -> str:
        """Its division code."""
        return code_of(self.path)


@dataclass(frozen=True)
class Value:
    """A figure that was reported, or added up."""

    amount: Decimal
    own: bool
    """Reported for this very area, not added up."""
    revision: int = 0
    leaves: tuple[str, ...] = ()
    """The areas whose own figures it is made of."""
    missing: tuple[str, ...] = ()
    """The areas below that have not reported."""


class Why(StrEnum):
    """What a change was worked out against, or why it was not."""

    RECORDED = "recorded"
    REVISED = "revised"
    """The base has been corrected since it was first reported."""
    STATED = "stated"
    """A comparable base was stated (可比口径)."""
    ADDED_UP = "added_up"
    """The base was added up of the areas below."""
    PARTIAL = "partial"
    """Of the areas that have both figures alone."""
    MISSING = "missing"
    BROKEN = "broken"
    """The definition has changed in between."""
    NOT_POSITIVE = "not_positive"
    INCOMPLETE = "incomplete"
    """The base, or the mean, lacks areas that the figure has."""


@dataclass(frozen=True)
class Change:
    """A figure against last year's."""

    why: Why
    amount: Decimal | None = None
    """In per cent, or in percentage points for rates; None when it was not worked out."""
    value: Decimal = Decimal(0)
    """What was compared: the figure, or the part of it that has a base."""
    base: Decimal | None = None
    note: str = ""
    left_out: tuple[str, ...] = ()
    """Areas in the figure and not in the comparison."""


@dataclass(frozen=True)
class Share:
    """A part of a whole: its change, and what of the change of the whole comes from it."""

    pull: Decimal | None
    contribution: Decimal | None


@dataclass
class Book:
    """Everything that was read for a page, and what follows from it."""

    specs: Mapping[str, IndicatorSpec]
    rows: Mapping[Key, Row]
    places: Mapping[str, Place]
    targets: Mapping[tuple[str, str, int], Decimal] = field(default_factory=dict)
    _values: dict[Key, Value | None] = field(default_factory=dict, repr=False)
    _below: dict[tuple[str, tuple[str, ...]], list[str]] = field(default_factory=dict, repr=False)
    _parts: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for path in sorted(self.places):
            self._parts.setdefault(parent_of(path), []).append(path)

    def parts(self, path: str) -> list[str]:
        """The areas right below, by code."""
        return self._parts.get(path, [])

    def below(self, spec: IndicatorSpec, path: str) -> list[str]:
        """The nearest areas below that report this indicator."""
        key = (path, spec.levels)
        if key not in self._below:
            found: list[str] = []
            for part in self.parts(path):
                found += [part] if self.places[part].level in spec.levels else self.below(spec, part)
            self._below[key] = found
        return self._below[key]

    def row(self, indicator: str, path: str, period: Period, industry: str = "") -> Row | None:
        """The newest revision of what was reported for this very area."""
        return self.rows.get(Key(indicator, path, industry, period.year, period.number))

    def value(self, indicator: str, path: str, period: Period, industry: str = "") -> Value | None:
        """The figure of an area: its own, else added up of those below; None when nobody has reported."""
        key = Key(indicator, path, industry, period.year, period.number)
        if key not in self._values:
            row = self.rows.get(key)
            if row is not None:
                self._values[key] = Value(row.value, own=True, revision=row.revision, leaves=(path,))
            else:
                self._values[key] = self.added_up(indicator, path, period, industry)
        return self._values[key]

    def added_up(self, indicator: str, path: str, period: Period, industry: str = "") -> Value | None:
        """What the areas below come to, whether or not the area has a figure of its own."""
        spec = self.specs[indicator]
        below = self.below(spec, path)
        if spec.rolls_up == "none" or not below:
            return None
        parts = {part: self.value(indicator, part, period, industry) for part in below}
        weights = {part: Decimal(1) for part in below}
        if spec.weight is not None:
            weighed = {part: self.value(spec.weight, part, period, industry) for part in below}
            parts = {part: value if weighed[part] else None for part, value in parts.items()}
            weights = {part: weight.amount for part, weight in weighed.items() if weight}
        there = {part: value for part, value in parts.items() if value is not None}
        missing = [part for part in below if part not in there]
        missing += [place for value in there.values() for place in value.missing]
        if spec.weight is None:
            amount: Decimal | None = sum((value.amount for value in there.values()), Decimal(0))
        else:
            amount = arithmetic.mean((value.amount, weights[part]) for part, value in there.items())
        if not there or amount is None:
            return None
        leaves = tuple(leaf for value in there.values() for leaf in value.leaves)
        return Value(amount, own=False, leaves=leaves, missing=tuple(missing))

    def change(self, indicator: str, path: str, period: Period, industry: str = "") -> Change | None:
        """A figure against the same period of last year, like for like; None without a figure."""
        now = self.value(indicator, path, period, industry)
        if now is None:
            return None
        if now.own:
            return self._own_change(indicator, path, period, industry)
        if self.specs[indicator].rolls_up == "mean":
            return self._mean_change(indicator, path, period, industry, now)
        return self._change_of_parts(indicator, period, industry, now)

    def _own_change(self, indicator: str, path: str, period: Period, industry: str) -> Change:
        spec, row, last = self.specs[indicator], self.row(indicator, path, period, industry), period.year_before
        assert row is not None  # noqa: S101  the figure is its own
        if row.base is not None:
            return self._against(spec, row.value, row.base, Why.STATED, note=row.base_note)
        if (changed := spec.broken(last, period)) is not None:
            return Change(Why.BROKEN, value=row.value, note=str(changed.note))
        base = self.value(indicator, path, last, industry)
        if base is None:
            return Change(Why.MISSING, value=row.value)
        if base.missing:
            return Change(Why.INCOMPLETE, value=row.value, left_out=base.missing)
        why = Why.ADDED_UP if not base.own else Why.REVISED if base.revision > 1 else Why.RECORDED
        return self._against(spec, row.value, base.amount, why)

    def _mean_change(self, indicator: str, path: str, period: Period, industry: str, now: Value) -> Change:
        """Of an average: only where the same areas stand in both."""
        spec, last = self.specs[indicator], period.year_before
        if (changed := spec.broken(last, period)) is not None:
            return Change(Why.BROKEN, value=now.amount, note=str(changed.note))
        base = self.value(indicator, path, last, industry)
        if base is None:
            return Change(Why.MISSING, value=now.amount)
        if set(base.leaves) != set(now.leaves):
            apart = tuple(sorted(set(base.leaves) ^ set(now.leaves)))
            return Change(Why.INCOMPLETE, value=now.amount, left_out=apart)
        return self._against(spec, now.amount, base.amount, Why.ADDED_UP)

    def _change_of_parts(self, indicator: str, period: Period, industry: str, now: Value) -> Change:
        """Of a sum: what has a base, against these bases together."""
        each = {leaf: self._own_change(indicator, leaf, period, industry) for leaf in now.leaves}
        based = {leaf: change for leaf, change in each.items() if change.base is not None}
        left_out = tuple(leaf for leaf in now.leaves if leaf not in based)
        if not based:
            first = next(iter(each.values()))
            return Change(first.why, value=now.amount, note=first.note, left_out=left_out)
        value = sum((change.value for change in based.values()), Decimal(0))
        base = sum((change.base for change in based.values() if change.base is not None), Decimal(0))
        reasons = {change.why for change in based.values()}
        if left_out or now.missing:
            why = Why.PARTIAL
        else:
            why = next((one for one in (Why.STATED, Why.REVISED) if one in reasons), Why.ADDED_UP)
        notes = dict.fromkeys(change.note for change in based.values() if change.note)
        return self._against(self.specs[indicator], value, base, why, note=" ".join(notes), left_out=left_out)

    @staticmethod
    def _against(
        spec: IndicatorSpec,
        value: Decimal,
        base: Decimal,
        why: Why,
        *,
        note: str = "",
        left_out: tuple[str, ...] = (),
    ) -> Change:
        amount = value - base if spec.change == "points" else arithmetic.growth(value, base)
        return Change(Why.NOT_POSITIVE if amount is None else why, amount, value, base, note, left_out)

    def single(self, indicator: str, path: str, period: Period) -> Decimal | None:
        """What the period alone brought. Of cumulated figures: without the one before, of the same areas."""
        now = self.value(indicator, path, period)
        if now is None or not self.specs[indicator].cumulative or period.before is None:
            return now.amount if now else None
        before = self.value(indicator, path, period.before)
        if before is None or set(before.leaves) != set(now.leaves):
            return None
        if self.specs[indicator].broken(period.before, period) is not None:
            return None
        return arithmetic.singles([before.amount, now.amount])[1]

    def to_date(self, indicator: str, path: str, period: Period) -> Decimal | None:
        """What the year has brought by the end of the period; of what is counted at a day, the count."""
        spec = self.specs[indicator]
        if spec.cumulative or not spec.flow:
            now = self.value(indicator, path, period)
            return now.amount if now else None
        each = [self.value(indicator, path, one) for one in period.to_date]
        return arithmetic.cumulated([one.amount if one else None for one in each])[-1]

    def target(self, indicator: str, path: str, year: int) -> Decimal | None:
        """What the area is to reach in the year: its own target, or what those below are to reach together."""
        own = self.targets.get((indicator, path, year))
        spec = self.specs[indicator]
        if own is not None or spec.rolls_up != "sum":
            return own
        below = [self.target(indicator, part, year) for part in self.below(spec, path)]
        known = [one for one in below if one is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(below) else None

    def reached(self, indicator: str, path: str, period: Period) -> Decimal | None:
        """How many per cent of the year's target have been reached."""
        target, so_far = self.target(indicator, path, period.year), self.to_date(indicator, path, period)
        return arithmetic.share(so_far, target) if target is not None and so_far is not None else None

    def part_of(self, whole: Change | None, part: Change | None) -> Share:
        """What of the change of a whole comes from a part of it."""
        if whole is None or part is None or whole.base is None or part.base is None:
            return Share(None, None)
        pulled = arithmetic.pull(part.value, part.base, whole.base)
        given = arithmetic.contribution(part.value, part.base, whole.value, whole.base)
        return Share(pulled, given)


def parent_of(path: str) -> str:
    """The path of the area around."""
    return path.rstrip("/").rpartition("/")[0] + "/"


def by_code(places: Iterable[Place]) -> dict[str, Place]:
    """Areas by their code."""
    return {place.code: place for place in places}
