"""The figures of a warning as they read: then, and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import translation

from zerotrip.facts.vocabulary import period_before, plain, year_before
from zerotrip.facts.wording import in_round_figures, value_text
from zerotrip.facts.worth import MISSING, State
from zerotrip.relief.visits.wording import LANGUAGES, facts_read, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.criteria import Rule
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
    """Now; of a warning that has turned, when it did."""
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


def kept_figures(rule: Rule, found: Known, words: Vocabulary) -> list[dict[str, Any]]:
    """What a rule stood on when it was asked, to be kept: each fact that was known, with its day and source."""
    return [
        {
            "fact": name,
            "value": found.worths[name].value,
            "as_of": (day.isoformat() if (day := found.worths[name].as_of) else ""),
            "source": found.worths[name].source,
            "sums": list(sums_of(name, found, words)),
        }
        for name in facts_read(rule.facts(), found)
    ]


def then_and_now(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], words: Vocabulary
) -> dict[str, str]:
    """From what to what the figures of a warning have turned, in both languages."""
    said = {}
    then = {one["fact"]: one["value"] for one in before}
    known = [(words.facts[one["fact"]], one["value"]) for one in after if one["fact"] in words.facts]
    for code, language in LANGUAGES.items():
        with translation.override(language):
            parts = [
                f"{spec.label} {shown(words, spec.id, then.get(spec.id))} → {shown(words, spec.id, value)}"
                for spec, value in known
            ]
            said[code] = ("；" if code == "zh" else "; ").join(parts)
    return said


def figures_of(context: Mapping[str, Any], now: Known, words: Vocabulary) -> list[Figure]:
    """The figures a warning was given upon, with what they are now; of one that turned, what they were then."""
    found = []
    ended = {one["fact"]: one for one in context.get("turned", {}).get("figures", [])}
    for one in context.get("figures", []):
        spec = words.facts.get(one["fact"])
        if spec is None:
            continue
        worth = now.worths.get(spec.id, MISSING)
        known = worth.state is State.KNOWN
        last = ended.get(spec.id)
        sums = tuple(_sum_text(words, spec, text) for text in one.get("sums", ["", ""]))
        found.append(
            Figure(
                spec,
                shown(words, spec.id, one["value"]),
                _day(one["as_of"]),
                words.source_name(one["source"]),
                (sums[0], sums[1]),
                shown(words, spec.id, last["value"] if last else worth.value) if known or last else "",
                _day(last["as_of"]) if last else worth.as_of if known else None,
            )
        )
    return found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _sum_text(words: Vocabulary, spec: FactSpec, text: str) -> str:
    change = spec.computed.change if spec.computed is not None else None
    of = words.facts.get(change.of) if change is not None else None
    if not text or of is None:
        return ""
    return in_round_figures(Decimal(text)) if of.kind == "money" else value_text(of, text)
