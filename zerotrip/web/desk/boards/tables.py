"""The tables of the boards: each column says what it shows, and which list stands behind its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.rating import BAD_GRADES
from zerotrip.insight.models import MarkKind
from zerotrip.insight.queries import Sums

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True)
class Row:
    """A row of a board: what it is about, what it adds up to, and what is open and was noted there."""

    key: str
    name: str
    sums: Sums
    open: int = 0
    overdue: int = 0
    marks: dict[str, tuple[int, int]] | None = None
    green: bool = False
    grades: dict[int, int] | None = None
    """Ratings of the period by grade."""

    def count(self, kind: str) -> int:
        """How many marks of a kind."""
        return (self.marks or {}).get(kind, (0, 0))[0]

    @property
    def ratings(self) -> int:
        """How many ratings there were."""
        return sum((self.grades or {}).values())

    @property
    def average(self) -> float | None:
        """Their average, between 1 and 5."""
        count = self.ratings
        return sum(grade * n for grade, n in (self.grades or {}).items()) / count if count else None

    @property
    def bad(self) -> int:
        """How many of them are bad."""
        return sum(n for grade, n in (self.grades or {}).items() if grade in BAD_GRADES)

    @property
    def paused_minutes(self) -> int:
        """The minutes that were paused."""
        return (self.marks or {}).get(MarkKind.PAUSE, (0, 0))[1]


@dataclass(frozen=True)
class Column:
    """One column."""

    title: str | Promise
    value: Callable[[Row], int | float | None]
    form: str = "count"
    """``count``, ``share``, ``hours`` or ``each``."""
    measure: str = ""
    """The list behind the number."""
    group: str | Promise = ""


def shown(value: float | None, form: str) -> str:
    """A value as tables have it: 96.4 %, 12.5 (hours), 0.31 (for each case)."""
    if value is None:
        return "—"
    if form == "share":
        return f"{value * 100:.1f}%"
    if form == "hours":
        return f"{value / 60:,.1f}"
    if form == "each":
        return f"{value:.2f}"
    return f"{value:,.0f}"


CASES = (
    Column(_("收件"), lambda row: row.sums["received"], measure="received", group=_("件数")),
    Column(_("办结"), lambda row: row.sums["closed"], measure="closed", group=_("件数")),
    Column(_("在办"), lambda row: row.open, measure="open", group=_("件数")),
    Column(_("在办超期"), lambda row: row.overdue, measure="overdue", group=_("件数")),
    Column(_("按承诺"), lambda row: row.sums.on_time, "share", measure="on_time", group=_("按时率")),
    Column(_("超承诺"), lambda row: row.sums.late, measure="late", group=_("按时率")),
    Column(
        _("平均超"),
        lambda row: row.sums["late_minutes"] / row.sums.late if row.sums.late else None,
        "hours",
        group=_("按时率"),
    ),
    Column(_("按法定"), lambda row: row.sums.lawful, "share", group=_("按时率")),
    Column(_("超法定"), lambda row: row.sums.unlawful, measure="unlawful", group=_("按时率")),
    Column(_("我方中位"), lambda row: row.sums.median, "hours", group=_("工作小时")),
    Column(_("我方九成"), lambda row: row.sums.p90, "hours", group=_("工作小时")),
    Column(_("我方平均"), lambda row: row.sums.each("hands"), "hours", group=_("工作小时")),
    Column(_("申请人平均"), lambda row: row.sums.each("applicant"), "hours", group=_("工作小时")),
    Column(_("特别程序平均"), lambda row: row.sums.each("paused"), "hours", group=_("工作小时")),
    Column(_("暂停"), lambda row: row.sums["pauses"], measure="pauses", group=_("次数")),
    Column(_("延期"), lambda row: row.sums["extensions"], measure="extensions", group=_("次数")),
    Column(_("补正/件"), lambda row: row.sums.each("corrections"), "each", measure="corrected", group=_("次数")),
    Column(_("再次补正"), lambda row: row.sums["again"], measure="again", group=_("次数")),
    Column(
        _("零跑腿"),
        lambda row: row.sums.share("zero_trip", "closed"),
        "share",
        measure="zero_trip",
        group=_("结果"),
    ),
    Column(_("撤回"), lambda row: row.sums["withdrawn"], measure="withdrawn", group=_("结果")),
    Column(_("逾期视为撤回"), lambda row: row.sums["lapsed"], measure="lapsed", group=_("结果")),
    Column(_("评价"), lambda row: row.ratings, measure="ratings", group=_("好差评")),
    Column(_("平均分"), lambda row: row.average, "each", group=_("好差评")),
    Column(_("差评"), lambda row: row.bad, measure="bad", group=_("好差评")),
)
"""By service and by department."""

PEOPLE = (
    Column(_("办理环节"), lambda row: row.sums["closed"], measure="work", group=_("办理")),
    Column(_("按时"), lambda row: row.sums.on_time, "share", group=_("办理")),
    Column(_("超时"), lambda row: row.sums.late, measure="late-work", group=_("办理")),
    Column(_("中位"), lambda row: row.sums.median, "hours", group=_("工作小时")),
    Column(_("九成"), lambda row: row.sums.p90, "hours", group=_("工作小时")),
    Column(_("补正告知"), lambda row: row.count(MarkKind.CORRECTION), measure="marks", group=_("经手")),
    Column(_("再次补正"), lambda row: row.count(MarkKind.AGAIN), measure="marks", group=_("经手")),
    Column(_("收回补正"), lambda row: row.count(MarkKind.TAKEN_BACK), measure="marks", group=_("经手")),
    Column(_("暂停"), lambda row: row.count(MarkKind.PAUSE), measure="marks", group=_("经手")),
    Column(_("暂停小时"), lambda row: row.paused_minutes, "hours", group=_("经手")),
    Column(_("延期"), lambda row: row.count(MarkKind.EXTENSION), measure="marks", group=_("经手")),
)
"""By person: of the cases closed in the period, the work they did and what they had a hand in."""


def groups(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """The heading over the headings: each group with how many columns it spans."""
    found: list[tuple[str, int]] = []
    for column in columns:
        name = str(column.group)
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + 1)
        else:
            found.append((name, 1))
    return found
