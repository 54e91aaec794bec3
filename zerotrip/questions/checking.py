"""Answers, whatever they are, into clean values and problems."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.questions import kinds
from zerotrip.questions.fields import FieldSpec, Kind

if TYPE_CHECKING:
    from zerotrip.questions.form import Field

Answers = Mapping[str, Any]

EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
"""Room for the largest number times the largest; halves round up, as amounts of money do."""


class Checker:
    """One check of one set of answers; ``problems`` fills as the fields are read."""

    def __init__(self, today: date | None = None, files: Collection[str] | None = None) -> None:
        self.today = today
        self.files = files
        self.problems: dict[str, list[str]] = {}

    def fields(self, fields: Collection[Field], given: Answers, above: Answers, prefix: str = "") -> dict[str, Any]:
        """The clean values of ``fields``; ``above`` are the answers around a row of a group."""
        values: dict[str, Any] = {}
        facts: dict[str, Any] = dict(above)
        for item in fields:
            if not item.is_asked(facts):
                continue
            value = self.one(item, given.get(item.id), facts, f"{prefix}{item.id}")
            if not kinds.is_blank(value):
                values[item.id] = facts[item.id] = value
        return values

    def one(self, item: Field, value: Any, facts: Answers, place: str) -> Any:
        """The clean value of one field that is asked, or None."""
        if item.spec.computed is not None:
            return self.computed(item.spec, facts, place)
        if item.kind is Kind.FILE:
            if self.files is not None and item.id not in self.files and item.is_required(facts):
                self.problems[place] = [_("请上传“%(label)s”。") % {"label": item.spec.label}]
            return None
        if item.kind is Kind.GROUP:
            return self.rows(item, value, facts, place)
        if kinds.is_blank(value):
            if item.is_required(facts):
                self.problems[place] = [_ask(item)]
            return None
        try:
            clean = kinds.clean(item.spec, value, today=self.today)
        except kinds.Bad as bad:
            self.problems[place] = [str(bad)]
            return None
        since = facts.get(item.since.id) if item.since is not None else None
        if item.since is not None and since is not None and clean < since:
            self.problems[place] = [_("不能早于“%(label)s”。") % {"label": item.since.spec.label}]
            return None
        return clean

    def rows(self, item: Field, value: Any, facts: Answers, place: str) -> list[dict[str, Any]]:
        """The clean rows of a group. Blank rows do not count, yet keep their number on the page."""
        given = value if isinstance(value, list) else []
        filled = [
            (number, row)
            for number, row in enumerate(given)
            if isinstance(row, Mapping) and not kinds.is_blank(dict(row))
        ]
        if len(filled) > item.spec.rows_at_most:
            self.problems[place] = [_("最多 %(most)d 行。") % {"most": item.spec.rows_at_most}]
        if len(filled) < (item.spec.rows_at_least if item.is_required(facts) else 0):
            self.problems[place] = [_("请至少填写 %(least)d 行。") % {"least": item.spec.rows_at_least}]
        rows = [
            self.fields(item.fields, row, facts, f"{place}.{number}.")
            for number, row in filled[: item.spec.rows_at_most]
        ]
        return [row for row in rows if row]

    def computed(self, spec: FieldSpec, facts: Answers, place: str) -> str | None:
        """The computed number; None while a part of it is missing. A sum takes missing parts as nothing,
        and so do the rows of a group."""
        assert spec.computed is not None  # noqa: S101  the caller looked
        way, names = spec.computed.parts
        if way == "rows":
            return str(len(facts.get(names[0], [])))
        if way == "days":
            first, last = (facts.get(name) for name in names)
            count = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 if first and last else 0
            return self.bounded(spec, Decimal(count), place) if count > 0 else None
        parts = _column(facts, names[0]) if way == "total" else [facts.get(name) for name in names]
        if way in ("sum", "total"):
            parts = [part for part in parts if part is not None]
        if not parts or any(part is None for part in parts):
            return None
        if way == "quotient" and not Decimal(str(parts[1])):
            return None
        number = functools.reduce(_COMPUTE[way], (Decimal(str(part)) for part in parts))
        if abs(number) >= kinds.LARGEST:
            self.problems[place] = [_("“%(label)s”的计算结果太大，请核对各项数字。") % {"label": spec.label}]
            return None
        return self.bounded(spec, number.quantize(Decimal(1).scaleb(-spec.decimals), context=EXACT), place)

    def bounded(self, spec: FieldSpec, number: Decimal, place: str) -> str:
        """A computed number; a problem where it passes the least or the most of its field."""
        words = {"label": spec.label, "number": kinds.plain(number)}
        if spec.at_least is not None and number < spec.at_least:
            reason = _("“%(label)s”算出来是 %(number)s，不能小于 %(bound)s。")
            self.problems[place] = [reason % {**words, "bound": kinds.plain(spec.at_least)}]
        elif spec.at_most is not None and number > spec.at_most:
            reason = _("“%(label)s”算出来是 %(number)s，不能大于 %(bound)s。")
            self.problems[place] = [reason % {**words, "bound": kinds.plain(spec.at_most)}]
        return kinds.plain(number)


def _ask(item: Field) -> str:
    chosen = item.kind in (Kind.CHOICE, Kind.MULTI_CHOICE, Kind.YES_NO)
    ticked = item.kind is Kind.MULTI_CHOICE and len(item.spec.choices) == 1
    text = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
    text = _("请勾选“%(label)s”。") if ticked else text
    return text % {"label": item.spec.label}


def _column(facts: Answers, path: str) -> list[Any]:
    """The answers of one column over the rows of a group."""
    group, _dot, column = path.partition(".")
    return [row.get(column) for row in facts.get(group, [])]


def _times(one: Decimal, other: Decimal) -> Decimal:
    """The product; what has passed the largest number stays beyond it, however many factors follow."""
    return one if abs(one) >= kinds.LARGEST else EXACT.multiply(one, other)


_COMPUTE: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "sum": operator.add,
    "total": operator.add,
    "difference": operator.sub,
    "product": _times,
    "quotient": EXACT.divide,
}
