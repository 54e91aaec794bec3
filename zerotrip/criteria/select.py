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
from zerotrip.criteria.rule import All, Leaf, Not, Operator, Rule, Some, _Parts


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


class _Counted(Func):
    """Whether at least so many parts hold, whatever becomes of those that are NULL.

    Kleene again: true once enough are true, false once too many are false for enough to be left.
    """

    def __init__(self, parts: list[Any], count: int) -> None:
        super().__init__(*parts, Value(count), output_field=BooleanField(null=True))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        *parts, count = self.source_expressions
        pairs = [compiler.compile(part) for part in parts]
        given = tuple(value for _sql, params in pairs for value in params)
        number, counted = compiler.compile(count)
        held = " + ".join(f"(({sql}) IS TRUE)::int" for sql, _params in pairs)
        open_ = " + ".join(f"(({sql}) IS NOT FALSE)::int" for sql, _params in pairs)
        text = f"(CASE WHEN {held} >= {number} THEN TRUE WHEN {open_} < {number} THEN FALSE END)"
        return text, (*given, *counted, *given, *counted)


class _Text(Func):
    """Texts as an array."""

    template = "ARRAY[%(expressions)s]::text[]"


class _Overlaps(_Joined):
    arg_joiner = " && "


class _Superset(_Joined):
    arg_joiner = " @> "


class _Subset(_Joined):
    arg_joiner = " <@ "


class _Begins(_Joined):
    """A text that begins with another: keys of trees hold no wildcard."""

    arg_joiner = " LIKE "


class _AnyOf(_Joined):
    """A value that an array holds."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("


_SETS: dict[Operator, type[_Joined]] = {
    Operator.CONTAINS_ANY: _Overlaps,
    Operator.CONTAINS_ALL: _Superset,
    Operator.ONLY: _Subset,
}
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


TEXTS = frozenset({FactKind.TEXT, FactKind.CHOICE, FactKind.TREE})


def select(rule: Rule, columns: Mapping[str, Expression], *, today: date) -> Expression:
    """``rule`` over ``columns`` as a nullable boolean: true, false, or NULL for unknown.

    A column may say that it is ``never_empty``; otherwise an empty text in it is as unknown as a missing one.
    Filter with ``.annotate(holds=select(…)).filter(holds=True)``; ``holds=None`` finds the unknown.
    Raises KeyError for a fact without a column.
    """
    if isinstance(rule, Leaf):
        return _leaf(rule, columns[rule.fact], today)
    if isinstance(rule, Not):
        return _Negated(select(rule.part, columns, today=today))
    assert isinstance(rule, _Parts)  # noqa: S101  the five nodes there are
    parts = [select(part, columns, today=today) for part in rule.parts]
    if isinstance(rule, Some):
        return _Counted(parts, rule.at_least)
    return _And(*parts) if isinstance(rule, All) else _Or(*parts)


def _leaf(leaf: Leaf, column: Expression, today: date) -> Expression:
    wanted: Any = leaf.wanted(today)
    if leaf.type.kind in TEXTS and not getattr(column, "never_empty", False):
        column = NullIf(column, Value(""), output_field=TextField())  # an empty text is as unknown as a missing one
    if leaf.operator is Operator.CONTAINS:
        return _AnyOf(Value(wanted), column)
    if leaf.operator is Operator.IS_NOT:
        return _Negated(Exact(column, wanted))
    if leaf.operator in _SETS:
        return _SETS[leaf.operator](column, _Text(*map(Value, wanted)))
    if leaf.operator is Operator.WITHIN:
        return _Or(*(_Begins(column, Value(f"{key}%")) for key in wanted))
    if leaf.operator is Operator.BETWEEN:
        low, high = wanted
        return _And(GreaterThanOrEqual(column, low), LessThanOrEqual(column, high))
    if leaf.operator is Operator.NOT_IN:
        return _Negated(In(column, list(wanted)))
    if leaf.operator is Operator.IN:
        wanted = list(wanted)
    return LOOKUPS[leaf.operator](column, wanted)
