"""Which facts would decide most of what is open, for a short form: those few first, the others named. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.criteria import Truth
from zerotrip.facts.lacking import Lacking, inputs, lacking
from zerotrip.facts.worth import MISSING, State
from zerotrip.web.portal.policies.controls import Control, control
from zerotrip.web.portal.policies.reading import Standing
from zerotrip.web.portal.policies.stating import key_of, may_state

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Places
    from zerotrip.facts.worth import Known
    from zerotrip.web.portal.policies.mine import Entry

FEW = 5
"""Facts asked for at once."""


@dataclass(frozen=True)
class Missing:
    """A fact that is missing, of some policies that cannot be told."""

    name: str
    label: str
    policies: int
    """How many of them it could matter for."""
    keys: tuple[str, ...] = ()
    """What has to be stated, as an address says it; of a figure each period."""
    who: str = ""
    """Who states it, or what has to be done first, where the firm itself cannot."""


@dataclass(frozen=True)
class Deciding:
    """What to say next so that most is decided."""

    controls: tuple[Control, ...]
    """Of the facts that decide most, those the firm states itself."""
    names: str
    """The same, as the form sends them."""
    decided: int
    """Policies that can be told once all of these are stated."""
    further: tuple[Missing, ...]


def deciding(
    entries: Iterable[Entry], words: Vocabulary, known: Known, *, today: date, named: Places
) -> Deciding | None:
    """What would decide the policies that are open; None where none is."""
    asked = [each.answer.missing for each in entries if _is_open(each) and each.answer]
    if not asked:
        return None
    needs = [frozenset(inputs(names, words, known, today=today)) for names in asked]
    counted = Counter(name for need in needs for name in need)
    missing = {name: _missing(name, counted[name], words, known, today) for name in counted}
    own = [need for need in needs if not any(missing[name].who for name in need)]
    first = _first(in_order(own), [name for name in missing if not missing[name].who])
    controls = tuple(
        control(words.facts[each.name], day=each.day, named=named)
        for name in first
        for each in _statements(name, words, known, today)
    )
    others = sorted(set(missing) - set(first), key=lambda name: (-counted[name], name))
    return Deciding(
        controls,
        ",".join(key for name in first for key in missing[name].keys),
        sum(need <= set(first) for need in own),
        tuple(missing[name] for name in others),
    )


def _is_open(entry: Entry) -> bool:
    current = entry.term.standing in (Standing.IN_FORCE, Standing.SOON)
    return current and not entry.had and entry.answer is not None and entry.answer.truth is Truth.UNKNOWN


def _missing(name: str, policies: int, words: Vocabulary, known: Known, today: date) -> Missing:
    spec = words.facts[name]
    keys = tuple(key_of(each.name, each.day) for each in _statements(name, words, known, today))
    who = ""
    if known.worths.get(name, MISSING).state is State.CONTRADICTORY:
        who = _("说法不一，要先核实")
    elif not may_state(name, words):
        offices = _("、").join(words.source_name(source) for source in spec.sources)
        who = _("由%(who)s提供") % {"who": offices} if offices else _("由本区登记")
    return Missing(name, str(spec.label), policies, keys, who)


def _statements(name: str, words: Vocabulary, known: Known, today: date) -> list[Lacking]:
    return lacking([name], words, known, today=today)


def in_order(needs: Sequence[frozenset[str]]) -> list[tuple[str, ...]]:
    """What to ask for, step by step: each step those facts that decide most policies for each fact asked.

    ``needs`` are the facts each policy is open for.
    """
    counted = Counter(name for need in needs for name in need)
    left: Mapping[frozenset[str], int] = Counter(needs)
    chosen: frozenset[str] = frozenset()
    steps: list[tuple[str, ...]] = []
    while left:
        step = max(left, key=lambda need: (_worth(need | chosen, left) / len(need - chosen), *_tie(need)))
        steps.append(tuple(sorted(step - chosen, key=lambda name: (-counted[name], name))))
        chosen |= step
        left = {need: count for need, count in left.items() if not need <= chosen}
    return steps


def _worth(stated: frozenset[str], left: Mapping[frozenset[str], int]) -> int:
    """How many policies are told once these facts are stated."""
    return sum(count for need, count in left.items() if need <= stated)


def _tie(need: frozenset[str]) -> tuple[int, list[str]]:
    return -len(need), sorted(need)


def _first(steps: Sequence[tuple[str, ...]], possible: Sequence[str]) -> list[str]:
    """The facts of the first steps, as many as are few; where no policy is decided so, any that can be stated."""
    first: list[str] = []
    for step in steps:
        if len(first) + len(step) > FEW:
            break
        first += step
    return first or list(possible[:FEW])
