"""How a value of a fact reads, in the active language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import unit_of
from zerotrip.parties.industries import industry

WAN = Decimal(10_000)
YI = Decimal(10) ** 8


def value_text(spec: FactSpec, value: Any) -> str:
    """A value as it reads: ``1,800 万元``, ``320 人``, ``是``, ``C3921 通信系统设备制造``."""
    if value is None:
        return _("不详")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if spec.kind is Kind.MONEY:
        return money_text(Decimal(value))
    if spec.kind is Kind.NUMBER:
        unit = str(unit_of(spec))
        return f"{Decimal(value).normalize():,f}{f' {unit}' if unit else ''}"
    if spec.kind is Kind.DATE:
        day = value if isinstance(value, date) else date.fromisoformat(value)
        return formats.date_format(day, "DATE_FORMAT")
    if spec.kind is Kind.INDUSTRY:
        found = industry(value)
        return f"{found.written} {found.label}" if found else str(value)
    called = {choice.value: str(choice.label) for choice in spec.choices}
    if isinstance(value, list):
        return _("、").join(called.get(one, str(one)) for one in value)
    return called.get(value, str(value))


def money_text(yuan: Decimal) -> str:
    """An amount in the unit people say it in: yuan, 万元 or 亿元, without a needless zero."""
    if abs(yuan) >= YI:
        return _("%(amount)s 亿元") % {"amount": _short(yuan / YI)}
    if abs(yuan) >= WAN:
        return _("%(amount)s 万元") % {"amount": _short(yuan / WAN)}
    return _("%(amount)s 元") % {"amount": _short(yuan)}


def _short(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')).normalize():,f}"
