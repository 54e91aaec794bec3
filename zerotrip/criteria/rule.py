"""The rule tree and its one parser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.criteria.facts import ORDERED, Comparable, FactKind, FactType, Today, read, read_day

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


_KINDS: dict[Operator, frozenset[FactKind]] = {
    Operator.IS: frozenset(FactKind) - {FactKind.SET},
    Operator.IS_NOT: frozenset(FactKind) - {FactKind.SET},
    Operator.IN: frozenset({FactKind.TEXT, FactKind.CHOICE}),
    Operator.AT_LEAST: ORDERED,
    Operator.AT_MOST: ORDERED,
    Operator.MORE_THAN: ORDERED - {FactKind.DATE},
    Operator.LESS_THAN: ORDERED - {FactKind.DATE},
    Operator.BEFORE: frozenset({FactKind.DATE}),
    Operator.AFTER: frozenset({FactKind.DATE}),
    Operator.CONTAINS: frozenset({FactKind.SET}),
}
"""Which kinds of fact an operator compares."""


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
    """A parsed rule. Nodes are All, Any_, Not and Leaf."""

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
    value: Comparable | Today | tuple[Comparable, ...]

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def wanted(self, today: date | None) -> Comparable | tuple[Comparable, ...] | None:
        """The value compared with, with today filled in; None when today is not known."""
        if isinstance(self.value, Today):
            return self.value.on(today) if today else None
        return self.value


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
            return self.fault(path, _("一个条件只能有 all、any、not 中的一个。"))
        ((key, below),) = tree.items()
        if key == "not":
            return Not(self.node(below, (*path, "not")))
        if key not in ("all", "any"):
            return self.fault(path, _("不认识“%(key)s”，请用 all、any、not 或 fact。") % {"key": key})
        if not isinstance(below, Sequence) or isinstance(below, str) or not below:
            return self.fault((*path, key), _("这里要列出至少一个条件。"))
        parts = tuple(self.node(part, (*path, key, index)) for index, part in enumerate(below))
        return All(parts) if key == "all" else Any_(parts)

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
            reason = _("“%(name)s”是%(kind)s，不能用 %(operator)s 比较。")
            return self.fault(
                (*path, operator.value),
                reason % {"name": name, "kind": fact.kind.value, "operator": operator.value},
            )
        value = self.value(fact, operator, tree[operators[0]], (*path, operator.value))
        return All(()) if value is None else Leaf(str(name), fact, operator, value)

    def unknown(self, name: object) -> str:
        near = get_close_matches(str(name), list(self.vocabulary), n=1)
        reason = _("没有“%(name)s”这个事实或字段。") % {"name": name}
        return reason + (_("是不是“%(name)s”？") % {"name": near[0]} if near else "")

    def value(
        self, fact: FactType, operator: Operator, written: object, path: Place
    ) -> Comparable | Today | tuple[Comparable, ...] | None:
        if operator is Operator.IN:
            return self.several(fact, written, path)
        if fact.kind is FactKind.DATE:
            day = read_day(written)
            if day is None:
                self.fault(path, _("请写日期，如 2026-01-31、today 或 today-30。"))
            return day
        kind = FactKind.CHOICE if fact.kind is FactKind.SET else fact.kind
        value = read(kind, written)
        if value is None:
            self.fault(path, _("“%(value)s”和事实的类型不符。") % {"value": written})
        elif fact.values is not None and value not in fact.values:
            self.fault(path, _("“%(value)s”不在可选值里。") % {"value": written})
            return None
        return value

    def several(self, fact: FactType, written: object, path: Place) -> tuple[Comparable, ...] | None:
        if not isinstance(written, Sequence) or isinstance(written, str) or not written:
            self.fault(path, _("这里要列出至少一个值。"))
            return None
        values = [self.value(fact, Operator.IS, item, (*path, index)) for index, item in enumerate(written)]
        return tuple(value for value in values if value is not None and not isinstance(value, Today | tuple))
