"""Figures as workbooks: a template to be filled in, and one that was, read row by row in bounded memory.

A workbook has a sheet for each frequency; a row is an area, perhaps an industry, and a period; a column is an
indicator with its unit. Whatever is not plainly a figure is named with sheet, row and column, and nothing is
guessed: a formula, a merged cell, a number kept as text that is not one, another unit than ours.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.indicators.actions.recording import Entered
from zerotrip.indicators.figures import Book, Key
from zerotrip.indicators.periods import Frequency, Period, valid
from zerotrip.indicators.rules import fault_of, number_from

if TYPE_CHECKING:
    from zerotrip.indicators.spec import IndicatorSpec

MOST_ROWS = 100_000
"""Rows of one workbook, all sheets together."""
MOST_FIGURES = 400_000
"""Figures of one workbook. Each that was read is remembered by a number, so that none comes twice."""
MOST_COLUMNS = 250
MOST_INFLATED = 400_000_000
"""Bytes of what is inside the workbook, unpacked."""
MOST_SHEETS = 20

SHEETS = {
    Frequency.MONTH: lambda: _("月度"),
    Frequency.QUARTER: lambda: _("季度"),
    Frequency.YEAR: lambda: _("年度"),
}
NAMES = {
    Frequency.MONTH: ("月度", "Monthly"),
    Frequency.QUARTER: ("季度", "Quarterly"),
    Frequency.YEAR: ("年度", "Yearly"),
}
FIXED = (
    ("area", ("区划代码", "Area code")),
    ("area_name", ("区域", "Area")),
    ("industry", ("行业代码", "Industry code")),
    ("industry_name", ("行业", "Industry")),
    ("year", ("年", "Year")),
    ("number", ("期", "Period")),
)
"""The first columns by what they hold, as they are called in both languages."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in a workbook, and where."""

    sheet: str
    row: int
    column: str
    reason: str

    @property
    def place(self) -> str:
        """As spreadsheets write it: ``季度!F12``."""
        return f"{self.sheet}!{self.column}{self.row}" if self.row else self.sheet


def template(
    book: Book,
    specs: Sequence[IndicatorSpec],
    periods: Mapping[Frequency, Period],
    paths: Mapping[str, Sequence[str]],
) -> Workbook:
    """A workbook to be filled in: a sheet for each frequency, the areas somebody enters, what is there already.

    ``paths``: by indicator, the areas that may be entered.
    """
    made = Workbook(write_only=True)
    for frequency in Frequency:
        of_it = [spec for spec in specs if spec.frequency is frequency]
        if of_it:
            _sheet(made, book, of_it, periods[frequency], paths)
    return made


def _sheet(
    made: Workbook, book: Book, specs: Sequence[IndicatorSpec], period: Period, paths: Mapping[str, Sequence[str]]
) -> None:
    sheet = made.create_sheet(str(SHEETS[period.frequency]()))
    sheet.freeze_panes = "G2"
    for column, width in zip("ABCDEF", (16, 22, 10, 22, 7, 5), strict=True):
        sheet.column_dimensions[column].width = width
    for place in range(len(specs)):
        sheet.column_dimensions[get_column_letter(len(FIXED) + 1 + place)].width = 22
    sheet.append([_bold(sheet, text) for text in [*(_fixed(names) for _key, names in FIXED), *map(heading, specs)]])
    for path in sorted({path for spec in specs for path in paths[spec.id]}):
        industries = {one.code: str(one.name) for spec in specs for one in spec.industries}
        for code, name in {"": "", **industries}.items():
            there = [spec for spec in specs if path in paths[spec.id] and (not code or code in _codes(spec))]
            if there:
                area = book.places[path]
                head = [area.code, area.name, code, name, period.year, period.number]
                rows = [book.row(spec.id, path, period, code) if spec in there else None for spec in specs]
                sheet.append([*head, *(None if row is None else float(row.value) for row in rows)])


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _fixed(names: tuple[str, str]) -> str:
    return names[1] if _("区域") != "区域" else names[0]


def heading(spec: IndicatorSpec) -> str:
    """How a column is called: ``税收（亿元）``."""
    return _("%(name)s（%(unit)s）") % {"name": spec.name, "unit": spec.unit}


def _codes(spec: IndicatorSpec) -> set[str]:
    return {one.code for one in spec.industries}


class Reader:
    """Goes through a workbook once. Faults gather in ``faults``; figures come as they are read."""

    def __init__(
        self,
        file: BinaryIO,
        specs: Mapping[str, IndicatorSpec],
        areas: Mapping[str, str],
        *,
        told: Callable[[Reader], None] | None = None,
    ) -> None:
        """``areas``: the path of each area by its code, as far as somebody may see it.

        ``told`` hears every so many rows how far it is.
        """
        self.file, self.specs, self.areas, self.told = file, specs, areas, told
        self.faults: list[Fault] = []
        self.count = 0
        """How many faults there are, more than are kept."""
        self.rows = self.read = self.total = 0
        self.notes = 0
        """How many numbers were kept as text and taken for what they plainly say."""

    KEPT = 200
    """Faults that are kept; past that, more of them help nobody."""
    TOLD = 2_000
    """Rows after which it is told how far it is."""

    def fault(self, sheet: str, row: int, column: str, reason: str) -> None:
        """Add a fault."""
        self.count += 1
        if len(self.faults) < self.KEPT:
            self.faults.append(Fault(sheet, row, column, reason))

    def figures(self) -> Iterator[Entered]:
        """Every figure of the workbook; what is none is a fault."""
        if not self._is_workbook():
            return
        try:
            book = load_workbook(self.file, read_only=True, data_only=False, keep_links=False)
        except Exception:
            self.fault(_("文件"), 0, "", _("打不开，不是完好的 Excel 工作簿（.xlsx）。"))
            return
        try:
            yield from self._sheets(book)
        finally:
            book.close()

    def _is_workbook(self) -> bool:
        """Whether it can be unpacked, and is not larger inside than it says."""
        self.file.seek(0)
        try:
            with zipfile.ZipFile(self.file) as packed:
                inside = packed.infolist()
                names = {one.filename for one in inside}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self.fault(_("文件"), 0, "", _("不是 Excel 工作簿（.xlsx）。旧的 .xls 请另存为 .xlsx。"))
            return False
        if "xl/workbook.xml" not in names:
            self.fault(_("文件"), 0, "", _("不是 Excel 工作簿（.xlsx）。旧的 .xls 请另存为 .xlsx。"))
            return False
        if sum(one.file_size for one in inside) > MOST_INFLATED:
            self.fault(_("文件"), 0, "", _("工作簿展开后太大，请分成几个文件。"))
            return False
        self.file.seek(0)
        return True

    def _sheets(self, book: Any) -> Iterator[Entered]:
        pages = list(self._pages(book))
        self.total = sum(rows for _sheet, _frequency, _merged, rows in pages)
        for sheet, frequency, merged, _rows in pages:
            try:
                yield from self._sheet(sheet, frequency, merged)
            except _BROKEN:
                self.fault(sheet.title, 0, "", _("这张表读不下去，文件可能已损坏。"))

    def _pages(self, book: Any) -> Iterator[tuple[Any, Frequency, list[str], int]]:
        """The sheets to be read, each with its merged cells and about how many rows it has."""
        known: set[Frequency] = set()
        for sheet in book.worksheets[:MOST_SHEETS]:
            frequency = next((one for one, names in NAMES.items() if sheet.title.strip() in names), None)
            if frequency is None:
                continue
            if frequency in known:
                self.fault(sheet.title, 0, "", _("这种表只能有一张，请并到前面那张里。"))
                continue
            known.add(frequency)
            try:
                merged, rows = looked_over(self.file, sheet)
            except _BROKEN:
                self.fault(sheet.title, 0, "", _("这张表读不下去，文件可能已损坏。"))
                continue
            yield sheet, frequency, merged, max(0, rows - 1)
        if not known:
            told = {"names": "、".join(str(SHEETS[one]()) for one in Frequency)}
            self.fault(_("文件"), 0, "", _("没有要读的表：表名应为%(names)s之一。请用下载的模板。") % told)

    def _sheet(self, sheet: Any, frequency: Frequency, merged: list[str]) -> Iterator[Entered]:
        for corner in merged[:20]:
            column, row = re.match(r"([A-Z]+)([0-9]+)", corner).groups()  # type: ignore[union-attr]
            self.fault(sheet.title, int(row), column, _("有合并单元格，请取消合并，每格填一个数。"))
        rows = sheet.iter_rows(max_col=MOST_COLUMNS)
        columns = self._heading(sheet.title, next(rows, ()), frequency)
        if columns is None or merged:
            return
        for number, cells in enumerate(rows, 2):
            if all(cell.value is None for cell in cells):
                continue
            self.rows += 1
            if self.told and self.rows % self.TOLD == 0:
                self.told(self)
            if self.rows > MOST_ROWS:
                self.fault(
                    sheet.title, number, "A", _("行数太多，一个文件最多 %(most)d 行。") % {"most": MOST_ROWS}
                )
                return
            for one in self._row(sheet.title, number, cells, columns, frequency):
                self.read += 1
                yield one
            if self.read > MOST_FIGURES:
                told = {"most": MOST_FIGURES}
                self.fault(sheet.title, number, "A", _("数太多，一个文件最多 %(most)d 个数。") % told)
                return

    def _heading(self, title: str, cells: Sequence[Any], frequency: Frequency) -> dict[int, str] | None:
        """What stands in which column: one of the fixed, or the id of an indicator; None for a wrong heading."""
        before = self.count
        fixed = {name: key for key, names in FIXED for name in names}
        of_it = {key: spec for key, spec in self.specs.items() if spec.frequency is frequency}
        wanted = {name: key for key, spec in of_it.items() for name in _headings(spec)}
        found: dict[int, str] = {}
        for place, cell in enumerate(cells):
            text = "" if cell.value is None else " ".join(str(cell.value).split())
            if not text:
                continue
            key = fixed.get(text) or wanted.get(text)
            if key is None:
                self.fault(
                    title, 1, get_column_letter(place + 1), self._wrong_heading(text, of_it, [*fixed, *wanted])
                )
            elif key in found.values():
                self.fault(title, 1, get_column_letter(place + 1), _("列“%(name)s”重复。") % {"name": text[:40]})
            else:
                found[place] = key
        for key, names in FIXED:
            if key in ("area", "year", "number") and key not in found.values():
                self.fault(title, 1, "", _("表头缺少“%(name)s”列。") % {"name": _fixed(names)})
        if not set(found.values()) & set(of_it) and self.count == before:
            self.fault(title, 1, "", _("表头里没有指标列。"))
        return found if self.count == before else None

    @staticmethod
    def _wrong_heading(text: str, specs: Mapping[str, IndicatorSpec], known: Sequence[str]) -> str:
        """Why a heading is none: another unit than ours, or no indicator at all."""
        for spec in specs.values():
            for name in (spec.name.zh, spec.name.en):
                if name and re.split(r"\s*[（(]", text)[0] == re.split(r"\s*[（(]", name)[0]:
                    told = {"name": str(spec.name), "unit": str(spec.unit)}
                    return _("“%(name)s”的单位应写作“%(unit)s”，请换算后用模板的表头。") % told
        return _("没有“%(name)s”这一列。") % {"name": text[:40]} + perhaps(text, known)

    def _row(
        self, title: str, number: int, cells: Sequence[Any], columns: Mapping[int, str], frequency: Frequency
    ) -> Iterator[Entered]:
        before = self.count
        at = {key: place for place, key in columns.items()}

        def cell(key: str) -> Any:
            return cells[at[key]] if key in at and at[key] < len(cells) else None

        path = self.areas.get(_code(cell("area")))
        if path is None:
            self._named(title, number, at["area"], _("没有这个区划代码，或不在您的范围内。"))
        year, part = _whole(cell("year")), _whole(cell("number"))
        if year is None or part is None or not valid(Period(year, part, frequency)):
            told = {"most": frequency.per_year}
            self._named(title, number, at["year"], _("年份或期数不对：期数应为 1 到 %(most)d。") % told)
        industry = _code(cell("industry"))
        for place, key in columns.items():
            if key not in self.specs or place >= len(cells) or cells[place].value is None:
                continue
            value = self._value(title, number, place, cells[place], self.specs[key])
            if industry and industry not in _codes(self.specs[key]):
                self._named(title, number, at["industry"], _("这个指标不按这个行业统计。"))
            elif self.count == before and value is not None and path and year is not None and part is not None:
                where = f"{title}!{get_column_letter(place + 1)}{number}"
                yield Entered(where, Key(key, path, industry, year, part), value)

    def _named(self, title: str, number: int, place: int, reason: str) -> None:
        self.fault(title, number, get_column_letter(place + 1), reason)

    def _value(self, title: str, number: int, place: int, cell: Any, spec: IndicatorSpec) -> Decimal | None:
        """The figure in a cell, exactly as it is written; a fault for anything else."""
        value = self._number(title, number, place, cell, spec)
        if value is not None and (problem := fault_of(spec, value)):
            self._named(title, number, place, problem)
            return None
        return value

    def _number(self, title: str, number: int, place: int, cell: Any, spec: IndicatorSpec) -> Decimal | None:
        kind, value = cell.data_type, cell.value
        if kind == "f":
            self._named(title, number, place, _("是公式，请粘贴为数值。"))
            return None
        if kind == "e":
            self._named(title, number, place, _("是错误值 %(value)s。") % {"value": str(value)[:20]})
            return None
        if isinstance(value, bool) or kind == "d":
            self._named(title, number, place, _("不是数字。"))
            return None
        if isinstance(value, int | float):
            return Decimal(repr(value))
        text = str(value).strip()
        if not text:
            return None
        found = number_from(text)
        if found is None:
            told = {"text": text[:20], "unit": str(spec.unit)}
            self._named(title, number, place, _("“%(text)s”不是数字，请只填数，单位是%(unit)s。") % told)
        else:
            self.notes += 1
        return found


def _headings(spec: IndicatorSpec) -> list[str]:
    """What a column of an indicator may be called."""
    zh, en = spec.name.zh, spec.name.en or spec.name.zh
    units = {spec.unit.zh, spec.unit.en or spec.unit.zh}
    found = [f"{name}{opened}{unit}{closed}" for name in (zh, en) for unit in units for opened, closed in _BRACKETS]
    return [" ".join(text.split()) for text in found]


_BRACKETS = (("（", "）"), ("(", ")"), (" (", ")"))


def _code(cell: Any) -> str:
    """A code, also where the spreadsheet took it for a number."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:15]


def _whole(cell: Any) -> int | None:
    text = _code(cell)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3}[0-9]{1,7}):')


_BROKEN = (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile, SyntaxError)
"""What reading a broken sheet raises, wherever it is broken."""


def looked_over(file: BinaryIO, sheet: Any) -> tuple[list[str], int]:
    """The corners of merged cells of a sheet, which reading row by row does not show, and how many rows it has.

    In pieces, not at once.
    """
    found: list[str] = []
    rows = 0
    name = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    with zipfile.ZipFile(file) as packed, packed.open(name) as part:
        rest = b""
        while piece := part.read(1 << 20):
            held = rest + piece
            found += [hit.group(1).decode() for hit in _MERGED.finditer(held)]
            rows += held.count(b"<row ") - rest.count(b"<row ")
            rest = held[held.rfind(b"<") :][-200:] if b"<" in held else b""
            if rest and rest.startswith(b"<") and _MERGED.match(rest):
                rest = b""
    return list(dict.fromkeys(found)), rows
