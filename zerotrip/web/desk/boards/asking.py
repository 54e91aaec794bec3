"""What a board was asked to show, read from its address, and the address that asks for it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.insight.periods import DAY, Period, month_of, quarter_of
from zerotrip.insight.queries import BY, Asked
from zerotrip.parties.queries import area_path_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

PERIODS = {
    "month": gettext_lazy("本月"),
    "last-month": gettext_lazy("上月"),
    "quarter": gettext_lazy("本季度"),
    "last-quarter": gettext_lazy("上季度"),
    "year": gettext_lazy("本年"),
    "custom": gettext_lazy("自选日期"),
}
"""The periods that are offered, by the word in the address."""
CUTS = {
    "service": gettext_lazy("按事项"),
    "department": gettext_lazy("按部门"),
    "person": gettext_lazy("按人员"),
}
GREEN = {
    "apart": gettext_lazy("绿色通道单列"),
    "with": gettext_lazy("合并绿色通道"),
    "only": gettext_lazy("只看绿色通道"),
}
MOST_DAYS = 1100
"""Of a period of one's own choice: three years."""
EARLIEST = date(2000, 1, 1)


@dataclass
class Question:
    """What the address asks for, as it was typed, and what was wrong with it."""

    asked: Asked
    period: str
    area: str = ""
    """Its code."""
    since: str = ""
    until: str = ""
    problem: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def query(self, **changes: str) -> str:
        """The query string that asks for the same, but for the changes."""
        asked = self.asked
        kept = {
            "by": asked.by,
            "period": self.period,
            "since": self.since if self.period == "custom" else "",
            "until": self.until if self.period == "custom" else "",
            "service": asked.service,
            "department": str(asked.department or ""),
            "area": self.area,
            "green": "" if asked.green == "apart" else asked.green,
            **changes,
        }
        return urlencode({name: value for name, value in kept.items() if value})


def question_of(given: Mapping[str, str], *, at: datetime, by: str = "service") -> Question:
    """What is asked for. What nobody offers asks for nothing; a period that is none is said to be none."""
    today = at.astimezone(CHINA).date()
    name = given.get("period", "") if given.get("period", "") in PERIODS else "month"
    since, until = given.get("since", "").strip()[:10], given.get("until", "").strip()[:10]
    period, problem = _period(name, since, until, today)
    code = given.get("area", "")
    code = code if code.isascii() and code.isdigit() and len(code) <= 15 else ""
    path = area_path_of(code) if code else ""
    asked = Asked(
        period=period,
        by=given.get("by", "") if given.get("by", "") in BY else by,
        service=given.get("service", "").replace("\0", "").strip()[:60],
        department=uuid_from(given.get("department")),
        area=path or ("-" if code else ""),
        green=given.get("green", "") if given.get("green", "") in GREEN else "apart",
    )
    return Question(asked, name, area=code, since=since, until=until, problem=problem)


def _period(name: str, since: str, until: str, today: date) -> tuple[Period, str]:
    month, quarter = month_of(today), quarter_of(today)
    if name == "custom":
        return _chosen(since, until, month)
    named = {
        "month": month,
        "last-month": month.before,
        "quarter": quarter,
        "last-quarter": quarter.before,
        "year": Period(date(today.year, 1, 1), date(today.year + 1, 1, 1)),
    }
    return named[name], ""


def _chosen(since: str, until: str, month: Period) -> tuple[Period, str]:
    """Days of one's own choice; the present month, and what was wrong, where they are none."""
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        return month, _("请填写起止日期，例如 2026-03-01。现在显示的是本月。")
    if first > last:
        return month, _("开始日期晚于结束日期，请改一下。现在显示的是本月。")
    if first < EARLIEST or last > date(2100, 1, 1) or (last - first).days > MOST_DAYS:
        return month, _("一次最多看三年。现在显示的是本月。")
    return Period(first, last + DAY), ""
