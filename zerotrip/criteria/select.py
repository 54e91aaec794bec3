"""A rule as SQL: a boolean that is NULL where the rule cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import BooleanField, Expression, Func, TextField, Value
from django.db.models.functions import NullIf
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Lookup,
)

from zerotrip.criteria.facts import FactKind
from zerotrip.criteria.rule import All, Leaf, Not, Operator, Rule, _Parts


class _Joined(Func):
    template = "(%(expressions)s)"

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts, output_field=BooleanField(null=True))


class _And(_Joined):
    arg_joiner = " AND "


class _Or(_Joined):
    arg_joiner = " OR "


class _Negated(_Joined):
    template = "(NOT %(expressions)s)"


class _AnyOf(_Joined):
    """A value that an array holds."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("


LOOKUPS: dict[Operator, type[Lookup[Any]]] = {
    Operator.IS: Exact,
    Operator.IN: In,
    Operator.AT_LEAST: GreaterThanOrEqual,
    Operator.AT_MOST: LessThanOrEqual,
    Operator.MORE_THAN: GreaterThan,
    Operator.LESS_THAN: LessThan,
    Operator.AFTER: GreaterThan,
    Operator.BEFORE: LessThan,
}


def select(rule: Rule, columns: Mapping[str, Expression], *, today: date) -> Expression:
    """``rule`` over ``columns`` as a nullable boolean: true, false, or NULL for unknown.

    Filter with ``.annotate(holds=select(…)).filter(holds=True)``; ``holds=None`` finds the unknown.
    Raises KeyError for a fact without a column.
    """
    if isinstance(rule, Leaf):
        return _leaf(rule, columns[rule.fact], today)
    if isinstance(rule, Not):
        return _Negated(select(rule.part, columns, today=today))
    assert isinstance(rule, _Parts)  # noqa: S101  the four nodes there are
    parts = [select(part, columns, today=today) for part in rule.parts]
    return _And(*parts) if isinstance(rule, All) else _Or(*parts)


def _leaf(leaf: Leaf, column: Expression, today: date) -> Expression:
    wanted: Any = leaf.wanted(today)
    if leaf.type.kind in (FactKind.TEXT, FactKind.CHOICE):
        column = NullIf(column, Value(""), output_field=TextField())  # an empty text is as unknown as a missing one
    if leaf.operator is Operator.CONTAINS:
        return _AnyOf(Value(wanted), column)
    if leaf.operator is Operator.IS_NOT:
        return _Negated(Exact(column, wanted))
    if leaf.operator is Operator.IN:
        wanted = list(wanted)
    return LOOKUPS[leaf.operator](column, wanted)
