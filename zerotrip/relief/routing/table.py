"""Ten thousand routing rules, compiled: which of them fit a need, in their order. Pure.

Each rule is filed under the one thing it asks for that fewest others ask for: an area, a subject, an industry.
A need is looked up by all that it is; what it finds is a handful, whose other conditions are then asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from zerotrip.criteria import All, FactKind, Leaf, Operator, Rule, Truth

Key = tuple[str, Any]
_ANY: Key = ("", None)


@dataclass(frozen=True)
class Line:
    """A rule as it is compiled."""

    id: UUID
    order: tuple[int, str]
    subjects: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    when: Rule | None = None

    def fits(self, subject: str, areas: frozenset[str], facts: Mapping[str, object]) -> bool:
        """Whether all it asks for holds; what is not known does not."""
        if self.subjects and subject not in self.subjects:
            return False
        if self.areas and not self.areas & areas:
            return False
        return self.when is None or self.when.explain(facts).truth is Truth.YES


class Table:
    """The lines of one list."""

    def __init__(self, lines: Iterable[Line]) -> None:
        listed = list(lines)
        keys = [list(_keys(line)) for line in listed]
        common = Counter(key for several in keys for one in several for key in one)
        self._filed: dict[Key, list[Line]] = defaultdict(list)
        for line, several in zip(listed, keys, strict=True):
            rarest = min(several, key=lambda one: sum(common[key] for key in one), default=[_ANY])
            for key in rarest:
                self._filed[key].append(line)
        asked = {name for name, _value in self._filed if name not in ("", "*area", "*subject")}
        trees = {leaf.fact for line in listed if line.when for leaf in line.when.leaves() if _is_tree(leaf)}
        self._facts = {name: name in trees for name in asked}

    def matches(self, subject: str, areas: Sequence[str], facts: Mapping[str, object]) -> Iterator[Line]:
        """The lines that fit, the first first. ``areas`` are the codes of the place and of all it lies in."""
        inside = frozenset(areas)
        found: dict[UUID, Line] = {}
        for key in self._looked_up(subject, areas, facts):
            found |= {line.id: line for line in self._filed.get(key, ())}
        for line in sorted(found.values(), key=lambda one: one.order):
            if line.fits(subject, inside, facts):
                yield line

    def _looked_up(self, subject: str, areas: Sequence[str], facts: Mapping[str, object]) -> Iterator[Key]:
        yield _ANY
        yield "*subject", subject
        yield from (("*area", code) for code in areas)
        for name, is_tree in self._facts.items():
            value = getattr(facts.get(name), "value", facts.get(name))
            if is_tree and isinstance(value, str):
                yield from ((name, value[:length]) for length in range(1, len(value) + 1))
            elif value is not None:
                yield name, value


def _keys(line: Line) -> Iterator[list[Key]]:
    """What a line may be filed under: each way a list of keys of which the need has one."""
    if line.subjects:
        yield [("*subject", one) for one in line.subjects]
    if line.areas:
        yield [("*area", one) for one in line.areas]
    for leaf in _conjuncts(line.when):
        if leaf.operator is Operator.IS and leaf.type.kind in (FactKind.CHOICE, FactKind.TEXT, FactKind.BOOLEAN):
            yield [(leaf.fact, leaf.value)]
        elif leaf.operator is Operator.IN and isinstance(leaf.value, tuple):
            yield [(leaf.fact, one) for one in leaf.value]
        elif leaf.operator is Operator.WITHIN:
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            yield [(leaf.fact, one) for one in values]


def _conjuncts(rule: Rule | None) -> Iterator[Leaf]:
    """The comparisons all of which have to hold."""
    if isinstance(rule, Leaf):
        yield rule
    elif isinstance(rule, All):
        for part in rule.parts:
            yield from _conjuncts(part)


def _is_tree(leaf: Leaf) -> bool:
    return leaf.type.kind is FactKind.TREE
