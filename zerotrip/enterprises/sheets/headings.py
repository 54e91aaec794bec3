"""The heading of a workbook of enterprises: which column says what, in which unit, of which period."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.enterprises.sheets.reading import Cell, letter
from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import Unfit, value_of

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary

USCC, NAME, AREA, ADDRESS, PHONE, EMAIL, AS_OF = "uscc", "name", "area", "address", "phone", "email", "as_of"
OWN = {
    USCC: (gettext_lazy("统一社会信用代码"), ("统一社会信用代码", "社会信用代码", "信用代码", "uscc")),
    NAME: (gettext_lazy("企业名称"), ("企业名称", "单位名称", "名称", "单位详细名称", "name of the enterprise")),
    AREA: (gettext_lazy("区划"), ("区划", "所在区划", "街道", "区划代码", "area code")),
    ADDRESS: (gettext_lazy("地址"), ("地址", "注册地址", "address")),
    PHONE: (gettext_lazy("联系电话"), ("联系电话", "电话", "phone")),
    EMAIL: (gettext_lazy("电子邮箱"), ("电子邮箱", "邮箱", "e-mail")),
    AS_OF: (gettext_lazy("截至日期"), ("截至日期", "数据日期", "as of")),
}
"""What a row says besides facts: how it is called, and what it is known by."""
LOOKED_AT = 20
"""Rows among which the heading is looked for."""
_PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:年|[-./])?\s*"
    r"(?:(?P<month>0?[1-9]|1[0-2])\s*月?|Q(?P<quarter>[1-4])|第?(?P<named>[一二三四1-4])季度)?\s*年?",
    re.IGNORECASE,
)
_WITH_UNIT = re.compile(r"(?P<label>.+)\((?P<unit>[^()]*)\)(?P<rest>[^()]*)")


@dataclass(frozen=True)
class Column:
    """A column that means something."""

    index: int
    heading: str
    own: str = ""
    """One of ``OWN``; empty for a fact."""
    spec: FactSpec | None = None
    unit: str = ""
    as_of: date | None = None
    """The last day of the period, of a figure of periods."""

    @property
    def letter(self) -> str:
        """As Excel calls it."""
        return letter(self.index)


@dataclass
class Heading:
    """What the heading of a workbook says, and what is wrong with it."""

    row: int = 0
    columns: list[Column] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    """Letter, heading, what is wrong."""
    ignored: list[tuple[str, str, str]] = field(default_factory=list)
    """Letter, heading, why it is not taken over."""

    def place(self, own: str) -> Column | None:
        """The column of something that is no fact."""
        return next((column for column in self.columns if column.own == own), None)

    @property
    def width(self) -> int:
        """How many columns are worth reading."""
        return max((column.index for column in self.columns), default=0) + 1


def plain(text: str) -> str:
    """A heading without what does not tell: width of characters, spaces, stars of what must be filled in."""
    return re.sub(r"[\s*＊]+", "", unicodedata.normalize("NFKC", text)).casefold()


_KNOWN = {plain(word): own for own, (_label, words) in OWN.items() for word in words}


def read(rows: Iterable[tuple[int, list[Cell]]], words: Vocabulary) -> Heading:
    """The heading among the first rows: the one that has a column for the USCC."""
    for number, cells in rows:
        if any(_KNOWN.get(plain(cell.text)) == USCC for cell in cells):
            return _Reading(number, cells, words).heading
    missing = Heading()
    told = _("前 %(rows)d 行里没有找到“统一社会信用代码”这一列。请用模板的表头。")
    missing.faults.append(("", "", told % {"rows": LOOKED_AT}))
    return missing


class _Reading:
    """One heading, column by column."""

    def __init__(self, row: int, cells: Sequence[Cell], words: Vocabulary) -> None:
        self.words = {plain(str(label)): spec for spec in words.of_kind("enterprise") for label in _labels(spec)}
        self.heading = Heading(row)
        self.seen: dict[tuple[str, date | None], str] = {}
        for index, cell in enumerate(cells):
            if cell.formula or cell.error:
                self.fault(index, cell.text, _("表头不能是公式。"))
            elif not cell.empty:
                self.column(index, cell.text)

    def fault(self, index: int, heading: str, what: str) -> None:
        self.heading.faults.append((letter(index), heading, what))

    def ignore(self, index: int, heading: str, why: str) -> None:
        self.heading.ignored.append((letter(index), heading, why))

    def column(self, index: int, heading: str) -> None:
        text = plain(heading)
        if (own := _KNOWN.get(text)) is not None:
            self.add(Column(index, heading, own=own), (own, None))
        elif (spec := self.words.get(text)) is not None:
            self.fact(index, heading, spec, unit="", rest="")
        else:
            self.with_unit(index, heading, text)

    def with_unit(self, index: int, heading: str, text: str) -> None:
        """A label followed by a unit in brackets, a period, or both."""
        written = _WITH_UNIT.fullmatch(text)
        label, unit, rest = written.groups() if written else (text, "", "")
        period = _PERIOD.search(label) if not rest else None
        if period is not None and period.end() == len(label) and period.start():
            label, rest = label[: period.start()], period[0]
        spec = self.words.get(label)
        if spec is not None:
            self.fact(index, heading, spec, unit=unit, rest=rest)
            return
        near = get_close_matches(label, [*self.words, *_KNOWN], n=1, cutoff=0.75)
        if near:
            name = str(self.words[near[0]].label) if near[0] in self.words else str(OWN[_KNOWN[near[0]]][0])
            self.fault(index, heading, _("没有这一列，是不是“%(name)s”？") % {"name": name})
        else:
            self.ignore(index, heading, _("没有这一项"))

    def fact(self, index: int, heading: str, spec: FactSpec, *, unit: str, rest: str) -> None:
        if spec.computed is not None:
            self.ignore(index, heading, _("由其他数据推算"))
            return
        as_of = None
        if spec.per:
            as_of = last_day(rest, spec.per)
            if as_of is None:
                told = {
                    "month": _("要写所属月份，如 %(label)s 2026-01"),
                    "quarter": _("要写所属季度，如 %(label)s 2026Q1"),
                    "year": _("要写所属年份，如 %(label)s 2025"),
                }
                self.fault(index, heading, told[spec.per] % {"label": spec.label})
                return
        elif rest:
            self.fault(
                index, heading, _("“%(label)s”不分期，后面不用写“%(rest)s”。") % {"label": spec.label, "rest": rest}
            )
            return
        if unit and not self.takes(index, heading, spec, unit):
            return
        self.add(Column(index, heading, spec=spec, unit=unit, as_of=as_of), (spec.id, as_of))

    def takes(self, index: int, heading: str, spec: FactSpec, unit: str) -> bool:
        """Whether figures of this fact may be stated in this unit."""
        own = {plain(str(word)) for word in (spec.unit.zh, spec.unit.en)} if spec.unit else set()
        if unit in own or spec.kind not in (Kind.NUMBER, Kind.MONEY):
            return True
        try:
            value_of(spec.model_copy(update={"at_least": None, "at_most": None}), "1", unit=unit)
        except Unfit as unfit:
            self.fault(index, heading, str(unfit))
            return False
        return True

    def add(self, column: Column, key: tuple[str, date | None]) -> None:
        if key in self.seen:
            told = _("与 %(letter)s 列重复。") % {"letter": self.seen[key]}
            self.fault(column.index, column.heading, told)
            return
        self.seen[key] = column.letter
        self.heading.columns.append(column)


def _labels(spec: FactSpec) -> list[str]:
    return [spec.label.zh, spec.label.en] if spec.label.en else [spec.label.zh]


def last_day(written: str, per: str) -> date | None:
    """The last day of a written period: ``2025``, ``2025年``, ``2026-01``, ``2026年1月``, ``2026Q1``."""
    match = _PERIOD.fullmatch(plain(written))
    if match is None:
        return None
    year, month = int(match["year"]), match["month"]
    quarter = match["quarter"] or (match["named"] and str("一二三四1234".index(match["named"]) % 4 + 1))
    if per == "year":
        return None if month or quarter else date(year, 12, 31)
    ends = 3 * int(quarter or 0) if per == "quarter" else int(month or 0)
    return date(year, ends, monthrange(year, ends)[1]) if ends else None


def written(spec: FactSpec, *, unit: str = "", period: str = "") -> str:
    """How a column of a fact is headed."""
    return f"{spec.label}{f'（{unit}）' if unit else ''}{period}"
