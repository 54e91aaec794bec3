"""The invented enterprises of a policy: what is known of them, and where the answer is not the one expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.criteria import Fact, Leaf, Reason, Truth
from zerotrip.facts.lacking import Supposed
from zerotrip.facts.spec import Kind
from zerotrip.facts.vocabulary import MONTHS, Unfit, Vocabulary, value_of
from zerotrip.facts.words import sentence, shown
from zerotrip.facts.worth import State, Worth, known
from zerotrip.policies.evaluating import Answer, Gained, Policy, evaluate, in_force
from zerotrip.workdays.limits import months_after

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.worth import Stated
    from zerotrip.policies.spec import Example

GIVEN = "given"
"""Source of what an example says."""
_PERIODS = {
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])\Z"),
    "year": re.compile(r"(\d{4})\Z"),
}
_WRITTEN = {"month": "2026-03", "quarter": "2026-Q1", "year": "2026"}


def example_facts(
    values: Mapping[str, Any],
    vocabulary: Vocabulary,
    day: date,
    *,
    kinds: Iterable[str] = ("enterprise",),
    figures: Iterable[Stated] = (),
) -> dict[str, object]:
    """Facts of somebody invented, an enterprise or a person: what is given, and what follows from it.

    ``figures`` are those of named periods; other figures are of the latest one.
    """
    stated = [
        Supposed(name, value, day, GIVEN) for name, value in values.items() if not vocabulary.facts[name].computed
    ]
    computed = [name for name in values if vocabulary.facts[name].computed]
    given = {
        name: Worth(State.KNOWN if values[name] is not None else State.MISSING, values[name], GIVEN, day)
        for name in computed
    }
    found: dict[str, object] = {}
    # A figure of a period is the latest one, whatever its date: it does not go stale in an example.
    for kind in kinds:
        found |= known(vocabulary.lasting, [*stated, *figures], today=day, kind=kind, given=given).facts(day)
    return found


def period_end(spec: FactSpec, written: str) -> date | None:
    """The last day of a period of a figure: ``2026-03``, ``2026-Q1`` or ``2026``; None where it is none."""
    match = _PERIODS[spec.per].match(written) if spec.per else None
    if match is None:
        return None
    year, number = int(match[1]), int(match[2]) if spec.per != "year" else 1
    if not 1900 <= year <= 2200:
        return None
    return months_after(date(year, 1, 1), number * MONTHS[spec.per]) - timedelta(days=1)


@dataclass
class Judged:
    """One example of a policy."""

    policy: Policy
    vocabulary: Vocabulary
    judge_of: Judge
    example: Example
    place: Place

    def judge(self) -> None:
        """Name what is wrong with what it gives, or where something else comes out."""
        spec, example = self.policy.spec, self.example
        facts = self._facts()
        if facts is None:
            return
        if not in_force(spec, example.on):
            reason = _("这一天不在有效期内：没有人能享受，这里只核对条件和金额。")
            self.judge_of.fault((*self.place, "on"), reason, warning=True)
        answer = evaluate(self.policy, facts)
        for key, reason in differences(example, answer, facts, self.vocabulary):
            self.judge_of.fault((*self.place, *key), reason)

    def _facts(self) -> dict[str, object] | None:
        before = len(self.judge_of.faults)
        values: dict[str, Any] = {}
        figures: list[Stated] = []
        for name, written in self.example.facts.items():
            spec = self.vocabulary.facts.get(name)
            here = (*self.place, "facts", name)
            if spec is None:
                reason = _("没有“%(name)s”这个事实。") % {"name": name} + perhaps(name, self.vocabulary.facts)
                self.judge_of.fault(here, reason)
            elif isinstance(written, Mapping) and spec.per and not spec.computed:
                figures += self._figures(spec, written, here)
            else:
                self._put(values, spec, written, here)
        if len(self.judge_of.faults) > before:
            return None
        kinds = self.policy.spec.audience
        return example_facts(values, self.vocabulary, self.example.on, kinds=kinds, figures=figures)

    def _put(self, values: dict[str, Any], spec: FactSpec, written: Any, here: Place) -> None:
        try:
            values[spec.id] = None if written is None else value_of(spec, written)
        except Unfit as unfit:
            numeric = spec.kind in (Kind.NUMBER, Kind.MONEY) and isinstance(written, str)
            hint = _("“%(value)s”不是数：5%% 写 0.05，50 万元写 500000。") % {"value": written}
            self.judge_of.fault(here, hint if numeric else str(unfit))

    def _figures(self, spec: FactSpec, written: Mapping[str, Any], here: Place) -> Iterator[Stated]:
        for period, figure in written.items():
            found: dict[str, Any] = {}
            self._put(found, spec, figure, (*here, period))
            end = period_end(spec, period)
            if end is None or end > self.example.on:
                reason = _("这里写一期：如 %(written)s，而且在提问那天以前已经结束。")
                self.judge_of.fault((*here, period), reason % {"written": _WRITTEN[spec.per]})
            elif found:
                yield Supposed(spec.id, found[spec.id], end, GIVEN)


def differences(
    example: Example, answer: Answer, facts: Mapping[str, object], words: Vocabulary
) -> Iterable[tuple[Place, str]]:
    """Where an answer is not what the example expects, and how it comes about."""
    said: Any
    checks: list[tuple[Place, Any, Any]] = [(("expect",), example.expect, answer.truth.value)]
    truths = {each.clause.id: each.truth.value for each in answer.clauses}
    for clause, wanted in example.clauses.items():
        if clause not in truths:
            yield (("clauses", clause), _("没有条件“%(name)s”。") % {"name": clause} + perhaps(clause, truths))
        else:
            checks.append((("clauses", clause), wanted, truths[clause]))
    if example.missing is not None:
        checks.append((("missing",), sorted(example.missing), sorted(answer.wanted)))
    if example.tier is not None:
        held = [each.tier.id for each in answer.gained if each.truth is Truth.YES]
        checks.append((("tier",), list(example.tier), held))
    if example.amount is not None:
        checks.append((("amount",), _yuan(example.amount), "" if answer.amount is None else _yuan(answer.amount)))
    if example.open is not None:
        checks.append((("open",), example.open, answer.opening.truth.value if answer.opening else ""))
    for place, wanted, said in checks:
        if wanted != said:
            told = {"wanted": _plain(wanted), "said": _plain(said), "why": _why(answer, facts, words, place)}
            yield place, _("应为 %(wanted)s，实为 %(said)s。%(why)s") % told


def _yuan(amount: Decimal | str) -> str:
    return amount if isinstance(amount, str) else f"{amount:.2f}"


def _plain(value: Any) -> str:
    return "[" + ", ".join(value) + "]" if isinstance(value, list) else str(value) or '""'


def _why(answer: Answer, facts: Mapping[str, object], words: Vocabulary, asked: Place) -> str:
    """How it comes about: of the clauses the comparisons that decided, of an amount what it is worked out from."""
    told = []
    for each in answer.clauses:
        decides = (asked == ("expect",) and each.truth is answer.truth) or asked == ("clauses", each.clause.id)
        lines = list(_decisive(each.verdict.reasons, facts, words))[:SHOWN] if decides else []
        told.append("：".join([f"{each.clause.id}={each.truth.value}", *lines]))
    if asked in (("amount",), ("tier",)):
        told += [_reckoned(each, facts, words) for each in answer.gained]
    if answer.wanted:
        told.append(_("缺少：%(names)s") % {"names": "、".join(answer.wanted)})
    return f"（{'，'.join(told)}）" if told else ""


SHOWN = 3
"""Comparisons of a clause that are told; more of them help nobody."""


def _decisive(reason: Reason, facts: Mapping[str, object], words: Vocabulary) -> Iterator[str]:
    """The comparisons an answer comes from, with what is known."""
    if isinstance(reason.rule, Leaf):
        today = facts.get("today")
        said = sentence(reason.rule, words, today=today if isinstance(today, date) else None)
        yield f"{said}（{_known(reason.rule.fact, facts, words)}）"
        return
    alike = [part for part in reason.parts if part.truth is reason.truth]
    for part in alike or reason.parts:
        yield from _decisive(part, facts, words)


def _reckoned(gained: Gained, facts: Mapping[str, object], words: Vocabulary) -> str:
    """A tier with what it comes to, and the facts that come from."""
    tier = gained.tier
    names = [*tier.of, *([tier.no_more_than] if tier.no_more_than else [])]
    said = "、".join(f"{name} {_known(name, facts, words)}" for name in names)
    amount = "" if gained.amount is None else _yuan(gained.amount)
    return f"{tier.id}={amount or '？'}" + (f"（{said}）" if said else "")


def _known(name: str, facts: Mapping[str, object], words: Vocabulary) -> str:
    fact = facts.get(name)
    value = fact.value if isinstance(fact, Fact) else fact
    return _("不详") if value is None else shown(words.facts[name], value)
