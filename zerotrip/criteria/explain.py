"""Why a rule holds, does not, or cannot be told — and which missing fact would change the answer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from zerotrip.criteria.facts import Comparable, FactKind, read
from zerotrip.criteria.rule import All, Any_, Leaf, Not, Operator, Rule, Some


class Truth(Enum):
    """Kleene's three truth values."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool) -> Truth:
        """YES or NO."""
        return cls.YES if value else cls.NO

    def __invert__(self) -> Truth:
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(self, self)


@dataclass(frozen=True)
class Fact:
    """A value with where it comes from and the day it was true."""

    value: object
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Reason:
    """One node of the rule with its result; leaves carry the fact they looked at."""

    rule: Rule
    truth: Truth
    parts: tuple[Reason, ...] = ()
    fact: Fact | None = None


@dataclass(frozen=True)
class Verdict:
    """What came out, the reasons as a tree parallel to the rule, and what is missing."""

    truth: Truth
    reasons: Reason
    missing: tuple[str, ...]
    """Unknown facts whose value could change the answer, in the order the rule reads them.

    None that matters is left out. Where a rule asks about each fact once, none that cannot matter is
    in; a fact asked about twice may be named although its two answers cancel out.
    """


def explain(rule: Rule, facts: Mapping[str, object]) -> Verdict:
    """Judge ``rule`` on ``facts``."""
    day = read(FactKind.DATE, _fact(facts.get("today")).value)
    today = day if isinstance(day, date) else None
    reasons = _judge(rule, facts, today)
    return Verdict(reasons.truth, reasons, tuple(dict.fromkeys(_missing(reasons, today))))


def _fact(value: object) -> Fact:
    return value if isinstance(value, Fact) else Fact(value)


def _judge(rule: Rule, facts: Mapping[str, object], today: date | None) -> Reason:
    if isinstance(rule, Leaf):
        fact = _fact(facts.get(rule.fact))
        return Reason(rule, _compare(rule, read(rule.type.kind, fact.value), today), fact=fact)
    if isinstance(rule, Not):
        part = _judge(rule.part, facts, today)
        return Reason(rule, ~part.truth, (part,))
    assert isinstance(rule, All | Any_ | Some)  # noqa: S101  the five nodes there are
    parts = tuple(_judge(part, facts, today) for part in rule.parts)
    if isinstance(rule, Some):
        return Reason(rule, _at_least(rule.at_least, [part.truth for part in parts]), parts)
    decisive = Truth.NO if isinstance(rule, All) else Truth.YES
    truths = {part.truth for part in parts}
    if decisive in truths:
        return Reason(rule, decisive, parts)
    return Reason(rule, Truth.UNKNOWN if Truth.UNKNOWN in truths else ~decisive, parts)


def _at_least(count: int, truths: list[Truth]) -> Truth:
    """Whether so many hold, whatever becomes of the unknown."""
    holding = truths.count(Truth.YES)
    if holding >= count:
        return Truth.YES
    return Truth.UNKNOWN if holding + truths.count(Truth.UNKNOWN) >= count else Truth.NO


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.IS: operator.eq,
    Operator.IS_NOT: operator.ne,
    Operator.IN: lambda given, wanted: given in wanted,
    Operator.CONTAINS: operator.contains,
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
    Operator.MORE_THAN: operator.gt,
    Operator.LESS_THAN: operator.lt,
    Operator.AFTER: operator.gt,
    Operator.BEFORE: operator.lt,
    Operator.NOT_IN: lambda given, wanted: given not in wanted,
    Operator.BETWEEN: lambda given, wanted: wanted[0] <= given <= wanted[1],
    Operator.WITHIN: str.startswith,
    Operator.CONTAINS_ANY: lambda given, wanted: not given.isdisjoint(wanted),
    Operator.CONTAINS_ALL: frozenset.issuperset,
    Operator.ONLY: frozenset.issubset,
}


def _compare(leaf: Leaf, given: Comparable | None, today: date | None) -> Truth:
    wanted = leaf.wanted(today)
    if given is None or wanted is None:
        return Truth.UNKNOWN
    return Truth.of(_COMPARE[leaf.operator](given, wanted))


def _missing(reason: Reason, today: date | None) -> list[str]:
    """The unknown leaves that hold the answer up: those not dominated by a decided neighbour."""
    if reason.truth is not Truth.UNKNOWN:
        return []
    if isinstance(reason.rule, Leaf):
        return _unknown(reason.rule, reason.fact, today)
    return [name for part in reason.parts for name in _missing(part, today)]


def _unknown(leaf: Leaf, fact: Fact | None, today: date | None) -> list[str]:
    names = [] if fact and read(leaf.type.kind, fact.value) is not None else [leaf.fact]
    return [*names, "today"] if leaf.wanted(today) is None else names
