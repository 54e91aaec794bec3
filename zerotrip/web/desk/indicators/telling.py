"""How figures and their changes read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip.indicators.arithmetic import agrees, rounded
from zerotrip.indicators.figures import Change, Row, Why
from zerotrip.indicators.models import Basis
from zerotrip.indicators.rules import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.indicators.figures import Place, Value
    from zerotrip.indicators.spec import IndicatorSpec

DASH = "—"


class Told(NamedTuple):
    """A change in words."""

    text: str
    """``+22%``, ``−0.4 个百分点``, or why there is none."""
    tone: str = ""
    """``better`` or ``worse``."""
    note: str = ""
    """What it was worked out against, where that is not simply last year's figure."""
    known: bool = True
    """Whether there is a number."""


def percent(value: Decimal | None, *, signed: bool = False, places: int = 1) -> str:
    """``21%``, ``+22%``, ``−7.5%``: as published, without a nought after the point."""
    if value is None:
        return DASH
    return f"{number(value, signed=signed, places=places)}%"


def number(value: Decimal, *, signed: bool = False, places: int = 1) -> str:
    """A rounded number without noughts after the point, with a real minus sign."""
    text = f"{rounded(value, places):+,f}" if signed else f"{rounded(value, places):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("+0", "-0") else text.replace("-", "−")


def amount(spec: IndicatorSpec, value: Decimal | None) -> str:
    """A figure as tables have it."""
    return DASH if value is None else shown(spec, value).replace("-", "−")


def told(spec: IndicatorSpec, change: Change | None, places: Mapping[str, Place]) -> Told:
    """A change as it is shown, with what it is worth."""
    if change is None:
        return Told(DASH, known=False)
    if change.amount is None:
        return Told(_why_not(change, places), known=False)
    if spec.change == "points":
        text = _("%(points)s 个百分点") % {"points": number(change.amount, signed=True, places=2)}
    else:
        text = percent(change.amount, signed=True)
    up = change.amount > 0 if spec.better == "more" else change.amount < 0
    even = change.amount == 0 or spec.better == "neither"
    return Told(text, "" if even else "better" if up else "worse", _against(spec, change, places))


def _why_not(change: Change, places: Mapping[str, Place]) -> str:
    if change.why is Why.BROKEN:
        return _("口径有变，不可比：%(note)s") % {"note": change.note}
    if change.why is Why.NOT_POSITIVE:
        return _("去年同期不是正数，不算同比")
    if change.why is Why.INCOMPLETE:
        return _("去年同期没有报齐（缺%(areas)s），不算同比") % {"areas": _named(change.left_out, places)}
    return _("没有去年同期数")


def _against(spec: IndicatorSpec, change: Change, places: Mapping[str, Place]) -> str:
    """What a change was worked out against, where it is worth saying."""
    if change.why is Why.PARTIAL:
        text = _("只比两年都有数的区域：%(value)s 比 %(base)s") % {
            "value": amount(spec, change.value),
            "base": amount(spec, change.base),
        }
        if change.left_out:
            text += _("；%(areas)s没有去年同期数") % {"areas": _named(change.left_out, places)}
        return text
    if change.why is Why.STATED:
        return _("按可比基数 %(base)s：%(note)s") % {"base": amount(spec, change.base), "note": change.note}
    if change.why is Why.REVISED:
        return _("去年同期数已修订为 %(base)s") % {"base": amount(spec, change.base)}
    return ""


def _named(paths: Sequence[str], places: Mapping[str, Place], most: int = 3) -> str:
    names = [places[path].name for path in paths if path in places]
    text = _("、").join(names[:most])
    return text if len(names) <= most else _("%(names)s等 %(count)d 个") % {"names": text, "count": len(names)}


def lacking(value: Value | None, places: Mapping[str, Place]) -> str:
    """Who has not reported, of a figure that was added up."""
    if value is None or not value.missing:
        return ""
    count = len(value.missing)
    return ngettext("还缺%(areas)s", "还缺%(areas)s", count) % {"areas": _named(value.missing, places)}


class Published(NamedTuple):
    """A growth as its source has it, beside ours."""

    text: str
    differs: str = ""
    """What does not agree; empty when it does, or when the two cannot be compared."""


def published(row: Row | None, change: Change | None) -> Published | None:
    """The growth that was published, if any, and whether ours is the same. At other prices they are two things."""
    if row is None or row.published is None:
        return None
    text = _("公布增速 %(growth)s（%(basis)s）") % {
        "growth": percent(row.published, signed=True, places=2),
        "basis": Basis(row.basis).label,
    }
    if row.basis == Basis.COMPARABLE or change is None or change.amount is None:
        return Published(text)
    if agrees(change.amount, row.published):
        return Published(text)
    return Published(text, _("与公布的不一致：按现价算得 %(ours)s") % {"ours": percent(change.amount, signed=True)})
