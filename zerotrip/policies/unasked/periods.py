"""For which period an enterprise has a benefit once. Pure."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _


def period_of(every: str, day: date) -> str:
    """The key of the period a day lies in: ``once``, ``2026``, ``2026Q1`` or ``2026-03``."""
    match every:
        case "once":
            return "once"
        case "year":
            return f"{day.year}"
        case "quarter":
            return f"{day.year}Q{(day.month + 2) // 3}"
        case "month":
            return f"{day.year}-{day.month:02}"
    raise ValueError(every)


def period_words(key: str) -> str:
    """A period for people."""
    if key == "once":
        return _("一次性")
    year = key[:4]
    if "Q" in key:
        return _("%(year)s 年第 %(quarter)s 季度") % {"year": year, "quarter": key[-1]}
    if "-" in key:
        return _("%(year)s 年 %(month)d 月") % {"year": year, "month": int(key[-2:])}
    return _("%(year)s 年") % {"year": year}
