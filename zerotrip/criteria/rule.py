"""The rule tree and its one parser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.criteria.facts import ORDERED, Comparable, FactKind, FactType, Today, read, read_day, read_period

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.criteria.explain import Verdict

Place = tuple[str | int, ...]
DEEPEST = 20
"""Levels of a tree; more is a mistake or an attack."""


class Operator(StrEnum):
    """How a fact is compared."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    BEFORE = "before"
    AFTER = "after"
    CONTAINS = "contains"
    NOT_IN = "not_in"
    BETWEEN = "between"
    """Both ends included."""
    WITHIN = "within"
    """In this place of a tree, or one of these, at whatever depth; of a date, in this calendar period."""
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"
    ONLY = "only"
    """Every one of the set is among these; an empty set is."""


_KINDS: dict[Operator, frozenset[FactKind]] = {
    Operator.IS: frozenset(FactKind) - {FactKind.SET},
    Operator.IS_NOT: frozenset(FactKind) - {FactKind.SET},
    Operator.IN: frozenset({FactKind.TEXT, FactKind.CHOICE}),
    Operator.NOT_IN: frozenset({FactKind.TEXT, FactKind.CHOICE}),
    Operator.BETWEEN: ORDERED,
    Operator.WITHIN: frozenset({FactKind.TREE, FactKind.DATE}),
    Operator.AT_LEAST: ORDERED,
    Operator.AT_MOST: ORDERED,
    Operator.MORE_THAN: ORDERED - {FactKind.DATE},
    Operator.LESS_THAN: ORDERED - {FactKind.DATE},
    Operator.BEFORE: frozenset({FactKind.DATE}),
    Operator.AFTER: frozenset({FactKind.DATE}),
    Operator.CONTAINS: frozenset({FactKind.SET}),
    Operator.CONTAINS_ANY: frozenset({FactKind.SET}),
    Operator.CONTAINS_ALL: frozenset({FactKind.SET}),
    Operator.ONLY: frozenset({FactKind.SET}),
}
"""Which kinds of fact an operator compares."""


SEVERAL = frozenset(
    {
        Operator.IN,
        Operator.NOT_IN,
        Operator.BETWEEN,
        Operator.WITHIN,
        Operator.CONTAINS_ANY,
        Operator.CONTAINS_ALL,
        Operator.ONLY,
    }
)
"""Operators that compare with a list."""


_ENDS = {
    Operator.AT_LEAST: "first",
    Operator.BEFORE: "first",
    Operator.AT_MOST: "last",
    Operator.AFTER: "last",
}
"""Which end of a calendar period a comparison with it means."""


@dataclass(frozen=True)
class Fault:
    """Something wrong in a tree, with the path to it."""

    path: Place
    message: str


class Faults(ValueError):
    """A tree that is no rule: everything wrong with it, at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, f.path))}: {f.message}" for f in faults))
        self.faults = tuple(faults)


class Rule:
    """A parsed rule. Nodes are All, Any_, Some, Not and Leaf."""

    def explain(self, facts: Mapping[str, object]) -> Verdict:
        """Whether the rule holds for ``facts``, why, and what is missing.

        A fact that is absent, None or empty is unknown. ``facts["today"]`` is needed where a rule
        speaks of today; without it such a comparison is unknown.
        """
        from zerotrip.criteria.explain import explain

        return explain(self, facts)

    def facts(self) -> frozenset[str]:
        """The names of the facts the rule reads."""
        return frozenset(leaf.fact for leaf in self.leaves())

    def leaves(self) -> Iterator[Leaf]:
        """The comparisons, left to right."""
        raise NotImplementedError


@dataclass(frozen=True)
class Leaf(Rule):
    """One fact compared with one value."""

    fact: str
    type: FactType
    operator: Operator
    value: Comparable | Today | tuple[Comparable | Today, ...]

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def wanted(self, today: date | None) -> Comparable | tuple[Comparable, ...] | None:
        """The value compared with, with today filled in; None when today is not known."""
        if not isinstance(self.value, tuple):
            return _on(self.value, today)
        found = [_on(value, today) for value in self.value]
        return None if None in found else tuple(value for value in found if value is not None)


def _on(value: Comparable | Today, today: date | None) -> Comparable | None:
    if isinstance(value, Today):
        return value.on(today) if today else None
    return value


@dataclass(frozen=True)
class _Parts(Rule):
    parts: tuple[Rule, ...]

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True)
class All(_Parts):
    """Holds when every part holds."""


@dataclass(frozen=True)
class Any_(_Parts):
    """Holds when some part holds."""


@dataclass(frozen=True)
class Some(_Parts):
    """Holds when at least so many parts do."""

    at_least: int


@dataclass(frozen=True)
class Not(Rule):
    """Holds when its part does not."""

    part: Rule

    def leaves(self) -> Iterator[Leaf]:
        yield from self.part.leaves()


def parse(tree: object, *, vocabulary: Mapping[str, FactType]) -> Rule:
    """The rule a YAML tree declares, its facts looked up in ``vocabulary``.

    Raises Faults with everything that is wrong, each with its path.
    """
    parser = _Parser(vocabulary)
    rule = parser.node(tree, ())
    if parser.faults:
        raise Faults(parser.faults)
    return rule


class _Parser:
    def __init__(self, vocabulary: Mapping[str, FactType]) -> None:
        self.vocabulary = vocabulary
        self.faults: list[Fault] = []

    def fault(self, path: Place, message: str) -> Rule:
        self.faults.append(Fault(path, message))
        return All(())

    def node(self, tree: object, path: Place) -> Rule:
        if len(path) > 2 * DEEPEST:
            return self.fault(path, _("条件嵌套太深，最多 %(most)d 层。") % {"most": DEEPEST})
        if not isinstance(tree, Mapping):
            return self.fault(path, _("这里要写一个条件：all、any、not 或 fact。"))
        if "fact" in tree:
            return self.leaf(tree, path)
        if len(tree) != 1:
            return self.fault(path, _("一个条件只能有 all、any、some、not 中的一个。"))
        ((key, below),) = tree.items()
        if key == "not":
            return Not(self.node(below, (*path, "not")))
        if key == "some":
            return self.some(below, (*path, "some"))
        if key not in ("all", "any"):
            return self.fault(path, _("不认识“%(key)s”，请用 all、any、some、not 或 fact。") % {"key": key})
        parts = self.parts(below, (*path, key))
        return All(parts) if key == "all" else Any_(parts)

    def parts(self, below: object, path: Place) -> tuple[Rule, ...]:
        if not isinstance(below, Sequence) or isinstance(below, str) or not below:
            self.fault(path, _("这里要列出至少一个条件。"))
            return ()
        return tuple(self.node(part, (*path, index)) for index, part in enumerate(below))

    def some(self, below: object, path: Place) -> Rule:
        if not isinstance(below, Mapping) or set(below) != {"at_least", "of"}:
            return self.fault(path, _("这里要写 at_least（至少几项）和 of（列出条件）。"))
        parts, count = self.parts(below["of"], (*path, "of")), below["at_least"]
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= max(len(parts), 1):
            return self.fault((*path, "at_least"), _("至少几项：写 1 到条件总数之间的整数。"))
        return Some(parts, count)

    def leaf(self, tree: Mapping[object, object], path: Place) -> Rule:
        name = tree["fact"]
        fact = self.vocabulary.get(name) if isinstance(name, str) else None
        if fact is None:
            return self.fault((*path, "fact"), self.unknown(name))
        operators = [key for key in tree if key != "fact"]
        if len(operators) != 1 or operators[0] not in list(Operator):
            known = "、".join(Operator)
            return self.fault(path, _("请写且只写一种比较：%(known)s。") % {"known": known})
        operator = Operator(str(operators[0]))
        if fact.kind not in _KINDS[operator]:
            reason = _("“%(name)s”是%(kind)s，不能用 %(operator)s 比较，可以用：%(known)s。")
            known = "、".join(each.value for each in Operator if fact.kind in _KINDS[each])
            words = {"name": name, "kind": fact.kind.value, "operator": operator.value, "known": known}
            return self.fault((*path, operator.value), reason % words)
        here = (*path, operator.value)
        if operator is Operator.WITHIN and fact.kind is FactKind.DATE:
            return self.inside(str(name), fact, tree[operators[0]], here)
        value = self.value(fact, operator, tree[operators[0]], here)
        return All(()) if value is None else Leaf(str(name), fact, operator, value)

    def inside(self, name: str, fact: FactType, written: object, path: Place) -> Rule:
        """A date in a calendar period lies between its first and its last day."""
        period = read_period(written)
        if period is None:
            return self.fault(path, _("这里写一个日历期：year（本年）、year-1（上一年）、quarter-1、month。"))
        return Leaf(name, fact, Operator.BETWEEN, (period.first, period.last))

    def unknown(self, name: object) -> str:
        if name == "today":
            return _("today 不是事实，写在日期后面，如 {fact: founded_on, at_most: today-6months}。")
        near = get_close_matches(str(name), list(self.vocabulary), n=1)
        reason = _("没有“%(name)s”这个事实或字段。") % {"name": name}
        return reason + (_("是不是“%(name)s”？") % {"name": near[0]} if near else "")

    def value(
        self, fact: FactType, operator: Operator, written: object, path: Place
    ) -> Comparable | Today | tuple[Comparable | Today, ...] | None:
        if operator in SEVERAL:
            return self.several(fact, operator, written, path)
        return self.single(fact, written, path, end=_ENDS.get(operator))

    def single(
        self, fact: FactType, written: object, path: Place, *, end: str | None = None
    ) -> Comparable | Today | None:
        if fact.kind is FactKind.DATE:
            return self.day(written, path, end)
        if fact.kind is FactKind.TREE:
            return self.place(fact, written, path)
        kind = FactKind.CHOICE if fact.kind is FactKind.SET else fact.kind
        value = read(kind, written)
        if value is None and kind in (FactKind.NUMBER, FactKind.MONEY):
            self.fault(path, _("“%(value)s”不是数：5%% 写 0.05，50 万元写 500000。") % {"value": written})
        elif value is None:
            self.fault(path, _("“%(value)s”和事实的类型不符。") % {"value": written})
        elif fact.values is not None and value not in fact.values:
            self.fault(path, _("“%(value)s”不在可选值里。") % {"value": written})
            return None
        return value

    def day(self, written: object, path: Place, end: str | None) -> date | Today | None:
        """A day, or of a calendar period the ``end`` that the comparison means."""
        day = read_day(written)
        if day is None and (period := read_period(written)) is not None:
            if end is None:
                self.fault(path, _("一个日历期不是一天：在这一期内请用 within。"))
                return None
            return period.first if end == "first" else period.last
        if day is None:
            self.fault(path, _("请写日期，如 2026-01-31、today、today-30、today-6months 或 year-1。"))
        return day

    def place(self, fact: FactType, written: object, path: Place) -> str | None:
        """The key of a place in a tree. A code of digits alone may stand without quotes in a pack."""
        code = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
        key = (fact.key(code) if fact.key else code) if isinstance(code, str) else None
        if key is None:
            self.fault(path, _("没有“%(value)s”这个代码。") % {"value": written})
        return key

    def several(
        self, fact: FactType, operator: Operator, written: object, path: Place
    ) -> tuple[Comparable | Today, ...] | None:
        if operator is Operator.WITHIN and not isinstance(written, list | tuple):
            written, path = [written], path[:-1]
        if not isinstance(written, Sequence) or isinstance(written, str) or not written:
            self.fault(path, _("这里要列出至少一个值。"))
            return None
        if operator is Operator.BETWEEN and len(written) != 2:
            self.fault(path, _("这里要写两个值：从多少到多少，都包括在内。"))
            return None
        ends = ("first", "last") if operator is Operator.BETWEEN else ()
        found = [
            self.single(fact, item, (*path, index), end=ends[index] if ends else None)
            for index, item in enumerate(written)
        ]
        values = tuple(value for value in found if value is not None)
        if operator is Operator.BETWEEN and len(values) == 2 and _crossed(values):
            self.fault(path, _("从多少到多少：前一个不能大于后一个。"))
        return values


def _crossed(values: tuple[Comparable | Today, ...]) -> bool:
    low, high = values
    return not isinstance(low, Today) and not isinstance(high, Today) and low > high  # type: ignore[operator]
