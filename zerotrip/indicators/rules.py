"""What a figure may be, and what about it is worth a second look. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.indicators import arithmetic
from zerotrip.indicators.arithmetic import decimals_of, rounded

if TYPE_CHECKING:
    from zerotrip.indicators.spec import IndicatorSpec

KEPT_PLACES = 4
"""Places after the point that are kept: of 亿元, down to 万元."""
LARGEST = Decimal(10) ** 15
"""No figure of a city is so large in any unit."""
MISTAKEN_UNIT = Decimal(1000)
"""A figure so many times last year's is rather in another unit."""

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_NARROW = str.maketrans("０１２３４５６７８９．－＋，", "0123456789.-+,")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?\Z")


def number_from(text: str) -> Decimal | None:
    """The number somebody typed, full-width digits and groups of three included; None for no number."""
    plain = text.translate(_NARROW).strip()
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    if len(plain) > 30 or not _NUMBER.match(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def fault_of(spec: IndicatorSpec, value: Decimal) -> str:
    """Why a figure of this indicator cannot be ``value``; empty when it can."""
    least, most = spec.bounds()
    if decimals_of(value) > KEPT_PLACES:
        return _("小数最多 %(places)d 位，请四舍五入后再填。") % {"places": KEPT_PLACES}
    if abs(value) >= LARGEST:
        return _("数字太大，请核对单位（%(unit)s）。") % {"unit": spec.unit}
    if least is not None and value < least:
        return _("不能小于 %(least)s。") % {"least": f"{least.normalize():f}"}
    if most is not None and value > most:
        return _("不能大于 %(most)s。") % {"most": f"{most.normalize():f}"}
    return ""


def doubt_about(spec: IndicatorSpec, value: Decimal, base: Decimal | None) -> str:
    """What makes somebody look twice at a figure, against last year's; empty when nothing does."""
    if base is None or base <= 0:
        return ""
    if value > base * MISTAKEN_UNIT or (value > 0 and value * MISTAKEN_UNIT < base):
        return _("与去年同期 %(base)s 相差上千倍，请核对单位（%(unit)s）。") % {
            "base": shown(spec, base),
            "unit": spec.unit,
        }
    if spec.change == "points":
        moved = abs(value - base)
        return (
            _("比去年同期 %(base)s 变化较大，请核对。") % {"base": shown(spec, base)} if moved > spec.doubt else ""
        )
    change = arithmetic.growth(value, base)
    if change is not None and abs(change) > Decimal(repr(spec.doubt)):
        return _("比去年同期 %(base)s 变化 %(change)s%%，请核对。") % {
            "base": shown(spec, base),
            "change": f"{rounded(change, 1):+f}",
        }
    return ""


def shown(spec: IndicatorSpec, value: Decimal) -> str:
    """A figure as it is shown: ``48.88``; with more places where the indicator shows fewer than it has none."""
    return f"{rounded(value, spec.decimals):,f}"


def exact(value: Decimal, *, least: int = 0) -> str:
    """A figure with all its places, and with ``least`` at least: what a form holds."""
    places = max(least, decimals_of(value))
    return f"{value:.{places}f}"
