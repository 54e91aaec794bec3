"""Stretches of time in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip.workdays.limits import Unit


def span(amount: float, unit: Unit) -> str:
    """So much of a unit, in the reader's language: ``半个工作日``, ``3 个工作日``, ``6 个月``, ``2 年``."""
    if unit is Unit.WORKING_DAYS and amount == 0.5:
        return _("半个工作日")
    if unit is Unit.MONTHS and amount and amount % 12 == 0:
        count = int(amount // 12)
        return ngettext("%(count)s 年", "%(count)s 年", count) % {"count": count}
    if unit is Unit.HOURS and 0 < amount < 2 and amount * 60 % 1 == 0:
        count = int(amount * 60)
        return ngettext("%(count)s 分钟", "%(count)s 分钟", count) % {"count": count}
    if unit is Unit.HOURS and amount >= 48 and amount % 24 == 0:
        count = int(amount // 24)
        return ngettext("%(count)s 天", "%(count)s 天", count) % {"count": count}
    names = {
        Unit.WORKING_DAYS: ngettext("%(count)s 个工作日", "%(count)s 个工作日", int(amount)),
        Unit.WORKING_HOURS: ngettext("%(count)s 个工作小时", "%(count)s 个工作小时", int(amount)),
        Unit.CALENDAR_DAYS: ngettext("%(count)s 日", "%(count)s 日", int(amount)),
        Unit.MONTHS: ngettext("%(count)s 个月", "%(count)s 个月", int(amount)),
        Unit.HOURS: ngettext("%(count)s 小时", "%(count)s 小时", int(amount)),
    }
    return names[unit] % {"count": f"{amount:g}"}
