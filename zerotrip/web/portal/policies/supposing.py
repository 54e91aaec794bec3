"""The calculator: what the policies would mean if some facts were so. Nothing of it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zerotrip.criteria import Truth
from zerotrip.facts.lacking import askable, supposing
from zerotrip.facts.words import shown
from zerotrip.facts.worth import MISSING, State
from zerotrip.policies.evaluating import evaluate
from zerotrip.web.portal.policies.controls import Control, control, query_of, read, values_of, with_known
from zerotrip.web.portal.policies.mine import Entry, entry_of
from zerotrip.web.portal.policies.reading import Standing, standing

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Places
    from zerotrip.facts.worth import Stated, Worth
    from zerotrip.parties.models import Party
    from zerotrip.policies.queries import Offered

FIRST = 10
"""Facts asked for at once; the others are folded away."""


@dataclass(frozen=True)
class Outcome:
    """One policy: what it means now, and what it would."""

    then: Entry
    now: Entry | None
    """None where nobody's facts are known."""

    @property
    def changed(self) -> bool:
        """Whether the answer or the amount would be another one."""
        return self.now is not None and (self.now.truth, self.now.amount) != (self.then.truth, self.then.amount)


@dataclass(frozen=True)
class Supposed:
    """What came out."""

    controls: tuple[Control, ...]
    asked: bool
    """Whether anything was supposed."""
    outcomes: tuple[Outcome, ...]
    query: str
    """The address that asks the same, without saying for whom."""
    changes: tuple[str, ...]
    """What was supposed, in words: ``从业人员：250 人``."""

    @property
    def first(self) -> tuple[Control, ...]:
        """The controls in sight: those filled in, and those that matter most."""
        filled = tuple(each for each in self.controls if each.typed)
        others = [each for each in self.controls if not each.typed]
        return filled + tuple(others[: max(FIRST - len(filled), 0)])

    @property
    def further(self) -> tuple[Control, ...]:
        """The controls folded away."""
        seen = {each.name for each in self.first}
        return tuple(each for each in self.controls if each.name not in seen)

    @property
    def changed(self) -> tuple[Outcome, ...]:
        """What would be another one."""
        return tuple(each for each in self.outcomes if each.changed)

    def of(self, truth: Truth) -> tuple[Outcome, ...]:
        """The policies that would come out so."""
        return tuple(each for each in self.outcomes if each.then.truth == truth.value)

    @property
    def holding(self) -> tuple[Outcome, ...]:
        """Those that would hold."""
        return self.of(Truth.YES)

    @property
    def open(self) -> tuple[Outcome, ...]:
        """Those that could not be told."""
        return self.of(Truth.UNKNOWN)

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """Those that would not hold."""
        return self.of(Truth.NO)


def suppose(
    given: QueryDict,
    listed: Sequence[Offered],
    words: Vocabulary,
    *,
    today: date,
    named: Places,
    kind: str,
    party: Party | None = None,
    stated: Sequence[Stated] = (),
) -> Supposed:
    """What these policies would mean if the facts of an address were so, beside what was stated of a party."""
    policies = [each for each in listed if each.policy is not None]
    names = _asked_most(policies, words, kind)
    filled = [read(given, control(words.facts[name], named=named)) for name in names]
    taken = values_of(filled)
    where = {"area_path": party.area_path if party else "", "kind": kind}
    now = supposing({}, stated, words, today=today, **where)
    then = supposing(taken.values, stated, words, today=today, **where) if taken.values else now
    outcomes = []
    for each in policies:
        assert each.policy is not None  # noqa: S101  those without were left out above
        told = [
            entry_of(
                each.spec,
                evaluate(each.policy, known.facts(today)),
                known,
                words,
                today=today,
                named=named,
            )
            for known in ((then, now) if party else (then,))
        ]
        outcomes.append(Outcome(told[0], told[1] if party else None))
    controls = with_known(taken.controls, now, words, named) if party else taken.controls
    ordered = sorted(controls, key=lambda each: not _open(each, now.worths, party))
    changes = tuple(
        f"{words.facts[name].label}{_('：')}{shown(words.facts[name], value, named)}"
        for name, value in taken.values.items()
    )
    query = urlencode([*([("who", kind)] if kind == "person" else []), *query_of(filled)])
    return Supposed(tuple(ordered), bool(taken.values), tuple(outcomes), query, changes)


def _open(each: Control, worths: Mapping[str, Worth], party: Party | None) -> bool:
    """Whether a control comes first: what was filled in, then what nobody knows."""
    return bool(each.typed) or party is None or worths.get(each.spec.id, MISSING).state is State.KNOWN


def _asked_most(policies: Iterable[Offered], words: Vocabulary, kind: str) -> list[str]:
    """The facts that matter for these policies, those most of them ask for first."""
    counted: Counter[str] = Counter()
    for each in policies:
        if each.policy is not None:
            counted.update(askable(sorted(each.policy.facts), words))
    known = [name for name in words.facts if kind in words.facts[name].of and counted[name]]
    return sorted(known, key=lambda name: -counted[name])


def in_question(listed: Sequence[Offered], *, today: date, only: str = "") -> list[Offered]:
    """The policies a calculation is about: the one that is named, else those that are not over."""
    if only:
        return [each for each in listed if each.spec.id == only]
    return [each for each in listed if standing(each.spec, today) is not Standing.OVER]
