"""The figures of a warning as they read: then, and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerotrip.facts.vocabulary import period_before, plain, year_before
from zerotrip.facts.wording import in_round_figures, value_text
from zerotrip.facts.worth import MISSING, State
from zerotrip.relief.visits.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known


@dataclass(frozen=True)
class Figure:
    """One fact a warning stands on: as it was then, and as it is now."""

    spec: FactSpec
    text: str
    as_of: date | None
    source: str
    sums: tuple[str, str]
    """Of a change: what the latest periods came to, and the same a year before."""
    now: str
    now_as_of: date | None


def shown(words: Vocabulary, name: str, value: Any) -> str:
    """A fact's value as it reads; a change as per cent."""
    spec = words.facts.get(name)
    if spec is None:
        return str(value)
    if value is not None and spec.computed is not None and spec.computed.change is not None:
        return percent(Decimal(value))
    return value_text(spec, value)


def sums_of(name: str, found: Known, words: Vocabulary) -> tuple[str, str]:
    """What the periods of a change came to, and the same a year before; nothing for other facts."""
    spec = words.facts.get(name)
    change = spec.computed.change if spec is not None and spec.computed is not None else None
    worth = found.worths.get(name, MISSING)
    if change is None or worth.state is not State.KNOWN or worth.as_of is None:
        return "", ""
    of = words.facts[change.of]
    series = found.series.get(change.of, {})

    def total(last: date) -> str:
        days = [period_before(of, last, back) for back in range(change.periods)]
        return plain(sum((Decimal(series[day].value) for day in days if day in series), Decimal(0)))

    return total(worth.as_of), total(year_before(of, worth.as_of))


def figures_of(context: Mapping[str, Any], now: Known, words: Vocabulary) -> list[Figure]:
    """The figures a warning was given upon, with what they are now."""
    found = []
    for one in context.get("figures", []):
        spec = words.facts.get(one["fact"])
        if spec is None:
            continue
        worth = now.worths.get(spec.id, MISSING)
        known = worth.state is State.KNOWN
        sums = tuple(_sum_text(words, spec, text) for text in one.get("sums", ["", ""]))
        found.append(
            Figure(
                spec,
                shown(words, spec.id, one["value"]),
                date.fromisoformat(one["as_of"]) if one["as_of"] else None,
                words.source_name(one["source"]),
                (sums[0], sums[1]),
                shown(words, spec.id, worth.value) if known else "",
                worth.as_of if known else None,
            )
        )
    return found


def _sum_text(words: Vocabulary, spec: FactSpec, text: str) -> str:
    change = spec.computed.change if spec.computed is not None else None
    of = words.facts.get(change.of) if change is not None else None
    if not text or of is None:
        return ""
    return in_round_figures(Decimal(text)) if of.kind == "money" else value_text(of, text)
