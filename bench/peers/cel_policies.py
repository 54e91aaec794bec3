"""The clauses of policies in CEL, as Google's runtime evaluates them: row by row, one enterprise after another.

Two-valued: a fact that is missing makes a comparison false, which asks less of CEL than of us.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cel_expr_python import cel

from zerotrip.criteria import All, Any_, Leaf, Not, Operator, Rule, Some

_SIGNS = {
    Operator.IS: "==",
    Operator.IS_NOT: "!=",
    Operator.IN: "in",
    Operator.AT_LEAST: ">=",
    Operator.AT_MOST: "<=",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.AFTER: ">",
    Operator.BEFORE: "<",
}


class CelPolicies:
    """The policies compiled once."""

    def __init__(self, rules: Iterable[Rule], today: date) -> None:
        self.today = today
        environment = cel.NewEnv(variables={"f": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
        self.expressions = [environment.compile(self.text(rule)) for rule in rules]
        self.environment = environment

    def answers(self, facts: Mapping[str, Any]) -> list[bool]:
        """What each policy says of one enterprise."""
        data = {"f": {name: _plain(value) for name, value in facts.items() if value is not None}}
        activation = self.environment.Activation(data)
        return [bool(expression.eval(activation).value()) for expression in self.expressions]

    def text(self, rule: Rule) -> str:
        """A rule as CEL writes it."""
        if isinstance(rule, Leaf):
            return f"(has(f.{rule.fact}) && {self._leaf(rule)})"
        if isinstance(rule, Not):
            return f"!{self.text(rule.part)}"
        assert isinstance(rule, All | Any_ | Some)
        parts = [self.text(part) for part in rule.parts]
        if isinstance(rule, Some):
            return f"({' + '.join(f'({part} ? 1 : 0)' for part in parts)} >= {rule.at_least})"
        if not parts:
            return "true"
        return f"({(' && ' if isinstance(rule, All) else ' || ').join(parts)})"

    def _leaf(self, leaf: Leaf) -> str:
        wanted, name = leaf.wanted(self.today), f"f.{leaf.fact}"
        if leaf.operator is Operator.WITHIN:
            assert isinstance(wanted, tuple)
            return "(" + " || ".join(f"{name}.startsWith({_written(key)})" for key in wanted) + ")"
        if leaf.operator is Operator.BETWEEN:
            assert isinstance(wanted, tuple)
            return f"({name} >= {_written(wanted[0])} && {name} <= {_written(wanted[1])})"
        if leaf.operator is Operator.NOT_IN:
            return f"!({name} in {_written(wanted)})"
        if leaf.operator is Operator.CONTAINS:
            return f"({_written(wanted)} in {name})"
        if leaf.operator in (Operator.CONTAINS_ANY, Operator.CONTAINS_ALL, Operator.ONLY):
            among = _written(wanted)
            return {
                Operator.CONTAINS_ANY: f"{name}.exists(x, x in {among})",
                Operator.CONTAINS_ALL: f"{among}.all(x, x in {name})",
                Operator.ONLY: f"{name}.all(x, x in {among})",
            }[leaf.operator]
        return f"{name} {_SIGNS[leaf.operator]} {_written(wanted)}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _written(value: Any) -> str:
    if isinstance(value, tuple | list | frozenset):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return repr(float(value))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
