"""How facts read: values with their units, where each comes from, and how it stands with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.wording import value_text
from zerotrip.facts.worth import MISSING, Known, State, Worth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.facts.models import Fact
    from zerotrip.facts.vocabulary import Vocabulary


@dataclass(frozen=True)
class Line:
    """A fact as the record shows it."""

    spec: FactSpec
    worth: Worth
    text: str
    source: str
    said: tuple[Fact, ...] = field(default=())
    """All that was stated of it, latest first."""
    disputed: tuple[tuple[str, str, date], ...] = ()
    """What is stale, or what contradicts: value, source and day of each."""

    @property
    def state(self) -> str:
        """``known``, ``stale``, ``contradictory`` or ``missing``."""
        return self.worth.state.value

    @property
    def tone(self) -> str:
        """The colour of its tag, where it has one."""
        return {State.STALE: "warn", State.CONTRADICTORY: "late"}.get(self.worth.state, "")

    @property
    def differs(self) -> bool:
        """Whether somebody less trusted says something else."""
        return bool(self.worth.differing)


def lines(words: Vocabulary, known: Known, said: Iterable[Fact]) -> list[Line]:
    """The facts of an enterprise in the order declared, but for sensitive ones, figures of months, and what is
    published for everybody."""
    by_name: dict[str, list[Fact]] = {}
    for fact in sorted(said, key=lambda one: (one.as_of, one.recorded_at), reverse=True):
        by_name.setdefault(fact.name, []).append(fact)
    found = []
    for spec in words.of_kind("enterprise"):
        if spec.sensitive or spec.published or spec.kind is Kind.AREA or spec.per == "month":
            continue
        worth = known.worths.get(spec.id, MISSING)
        found.append(line_of(spec, worth, words, by_name.get(spec.id, [])))
    return found


def line_of(spec: FactSpec, worth: Worth, words: Vocabulary, said: Iterable[Fact]) -> Line:
    """One fact as the record shows it."""
    text = value_text(spec, worth.value) if worth.state is State.KNOWN else ""
    among = worth.among if worth.state in (State.STALE, State.CONTRADICTORY) else ()
    disputed = tuple((value_text(spec, one.value), words.source_name(one.source), one.as_of) for one in among[:3])
    source = words.source_name(worth.source) if worth.source else ""
    return Line(spec, worth, text, source, tuple(said), disputed)


@dataclass(frozen=True)
class Month:
    """One month of figures."""

    day: date
    """Its last."""
    values: tuple[tuple[str, Worth], ...]
    """What each figure came to, and how it stands with it."""
    change: str = ""
    """Of the first figure against a year before."""
    grew: bool = False
    bar: int = 0
    """Of 100, beside the largest month shown."""
    before: int = 0
    """The same month a year before."""


MONTHS = 12


def months(words: Vocabulary, known: Known) -> tuple[list[FactSpec], list[Month]]:
    """The monthly figures of the last year for which there are any: which, and the months, latest first."""
    specs = [spec for spec in words.of_kind("enterprise") if spec.per == "month" and known.series.get(spec.id)]
    days = sorted({day for spec in specs for day in known.series[spec.id]}, reverse=True)[:MONTHS]
    if not days:
        return specs, []
    first = known.series[specs[0].id]
    most = max((amount for day in first if (amount := _amount(first, day))), default=Decimal(0))
    return specs, [_month(day, specs, known, most) for day in days]


def _month(day: date, specs: list[FactSpec], known: Known, most: Decimal) -> Month:
    first = known.series[specs[0].id]
    now, before = _amount(first, day), _amount(first, _a_year_before(day))
    values = []
    for spec in specs:
        worth = known.series[spec.id].get(day, MISSING)
        values.append((value_text(spec, worth.value) if worth.state is State.KNOWN else "", worth))
    change = (now - before) / before * 100 if now is not None and before else None
    return Month(
        day,
        tuple(values),
        f"{change:+.1f}%".replace("-", "−") if change is not None else "",
        change is not None and change > 0,
        _share(now, most),
        _share(before, most),
    )


def _a_year_before(day: date) -> date:
    from zerotrip.workdays.limits import months_after

    return months_after(date(day.year, day.month, 1), -11) - date.resolution


def _amount(series: Any, day: date) -> Decimal | None:
    worth = series.get(day, MISSING)
    return Decimal(worth.value) if worth.state is State.KNOWN else None


def _share(amount: Decimal | None, most: Decimal) -> int:
    return int(amount * 100 / most) if amount and most > 0 and amount > 0 else 0
