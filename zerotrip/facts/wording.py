"""How a value of a fact reads, in the active language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.words import WAN, YI, grouped, is_rate, shown, yuan
from zerotrip.parties.industries import industry


def value_text(spec: FactSpec, value: Any) -> str:
    """A value as it reads: ``1,800 万元``, ``320 人``, ``是``, ``C3921 通信系统设备制造``."""
    if value is None:
        return _("不详")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if spec.kind is Kind.MONEY:
        return in_round_figures(Decimal(value))
    if is_rate(spec):
        return f"{_short(Decimal(value) * 100)}%"
    if spec.kind is Kind.NUMBER:
        return shown(spec, value)
    if spec.kind is Kind.DATE:
        return whole_day(value if isinstance(value, date) else date.fromisoformat(value))
    if spec.kind is Kind.INDUSTRY:
        found = industry(value)
        return f"{found.written} {found.label}" if found else str(value)
    called = {choice.value: str(choice.label) for choice in spec.choices}
    if isinstance(value, list):
        return _("、").join(called.get(one, str(one)) for one in value)
    return called.get(value, str(value))


def in_round_figures(amount: Decimal) -> str:
    """An amount in the unit people say it in, to two places of it, so that columns read: ``35.71 万元``.

    Where what is owed hangs on it, ``words.yuan`` says it to the fen.
    """
    unit = next((each for each in (YI, WAN) if abs(amount) >= each), None)
    if unit is None or (get_language() or "").startswith("en"):
        return yuan(amount)
    text = _("%(amount)s 亿元") if unit == YI else _("%(amount)s 万元")
    return text % {"amount": _short(amount / unit)}


def _short(number: Decimal) -> str:
    return grouped(number.quantize(Decimal("0.01")))


def whole_day(day: date) -> str:
    """A date with its year: ``2026 年 4 月 14 日``."""
    if (get_language() or "").startswith("en"):
        return formats.date_format(day, "j M Y")
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
