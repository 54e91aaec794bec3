"""Tables as strangers hand them in: workbooks, and CSV in UTF-8, UTF-16 or GB18030. Row by row; rosters first."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.enterprises.sheets.headings import plain
from zerotrip.enterprises.sheets.reading import Cell, opened
from zerotrip.errors import TooLarge, WrongType
from zerotrip.prevention.rosters import identity

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 200 * 1024 * 1024
"""Bytes of a file; of a workbook ``sheets.reading.LARGEST``."""
MOST_ROWS = 1_500_000
LOOKED_AT = 20
"""Rows among which the heading is looked for."""
AREA, HOUSEHOLD, EMPLOYER, SITE = "area", "household", "employer", "site"
COLUMNS = {
    identity.NAME: (gettext_lazy("姓名"), ("姓名", "名字", "人员姓名", "name")),
    identity.NUMBER: (
        gettext_lazy("身份证号"),
        ("身份证号", "身份证号码", "公民身份号码", "居民身份证号", "identity number"),
    ),
    identity.DOCUMENT_KIND: (gettext_lazy("其他证件类型"), ("其他证件类型", "证件类型", "kind of document")),
    identity.DOCUMENT: (
        gettext_lazy("其他证件号"),
        ("其他证件号", "证件号", "证件号码", "护照号", "document number"),
    ),
    identity.PHONE: (
        gettext_lazy("手机号"),
        ("手机号", "手机", "手机号码", "联系电话", "电话", "联系方式", "phone"),
    ),
    identity.BORN: (gettext_lazy("出生年份"), ("出生年份", "出生年月", "出生日期", "year of birth")),
    AREA: (gettext_lazy("网格"), ("网格", "所属网格", "网格代码", "区划", "区划代码", "社区", "area")),
    HOUSEHOLD: (
        gettext_lazy("住址或房间"),
        ("住址或房间", "住址", "门牌", "门牌号", "房号", "房间", "房间号", "household"),
    ),
    EMPLOYER: (
        gettext_lazy("单位统一社会信用代码"),
        ("单位统一社会信用代码", "统一社会信用代码", "信用代码", "uscc"),
    ),
    SITE: (gettext_lazy("场所码或场所名称"), ("场所码或场所名称", "场所码", "场所名称", "宿舍", "工地", "site")),
}
"""What a row says: what a column is called, and what else it goes by."""
Columns = Mapping[str, tuple[Any, tuple[str, ...]]]
"""What a table may say, by name: what its column is called, and what else it goes by."""


@dataclass
class Heading:
    """Which column says what."""

    row: int
    columns: dict[int, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many columns are worth reading."""
        return max(self.columns, default=0) + 1


@dataclass(frozen=True, slots=True)
class Written:
    """A row as it stands: what is written by name of the column; formulas and errors are named apart."""

    number: int
    texts: dict[str, str]
    formulas: tuple[str, ...] = ()


class Roster:
    """A table that was opened: of people, or of whatever has the columns that were asked for."""

    def __init__(self, rows: Rows, columns: Columns, must: str) -> None:
        self._rows = rows
        self.heading = _heading(islice(rows.rows(), LOOKED_AT), columns, must)

    def lines(self) -> Iterator[Written]:
        """The rows below the heading that say something. Raises TooLarge, and WrongType where it breaks off."""
        columns = self.heading.columns
        for count, (number, cells) in enumerate(self._rows.rows(self.heading.width)):
            if number <= self.heading.row:
                continue
            if count > MOST_ROWS:
                told = _("一个文件最多 %(most)d 行，请拆成几个文件。")
                raise TooLarge(told % {"most": MOST_ROWS})
            texts, formulas = {}, []
            for index, name in columns.items():
                cell = cells[index] if index < len(cells) else None
                if cell is None or cell.empty:
                    continue
                texts[name] = cell.text
                if cell.formula or cell.error:
                    formulas.append(name)
            if texts:
                yield Written(number, texts, tuple(formulas))


class Rows:
    """Where rows come from, from the first each time."""

    def rows(self, width: int = 256) -> Iterator[tuple[int, list[Cell]]]:
        """Rows that hold something, with their numbers from 1."""
        raise NotImplementedError


class _Book(Rows):
    def __init__(self, book: object) -> None:
        self._book = book

    def rows(self, width: int = 256) -> Iterator[tuple[int, list[Cell]]]:
        found: Iterator[tuple[int, list[Cell]]] = self._book.rows(width)  # type: ignore[attr-defined]
        return found


class _Text(Rows):
    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        with path.open(encoding=encoding, newline="") as file:
            head = file.readline(10_000)
        self._comma = max((",", "\t", ";", "，"), key=head.count)

    def rows(self, width: int = 256) -> Iterator[tuple[int, list[Cell]]]:
        number = 0
        with self._path.open(encoding=self._encoding, newline="") as file:
            try:
                for number, row in enumerate(csv.reader(file, delimiter=self._comma), 1):
                    if any(row):
                        yield number, [Cell(text.removeprefix("\t")) for text in row[:width]]
            except (csv.Error, UnicodeDecodeError) as error:
                told = _("读到第 %(row)d 行时文件损坏了，请重新保存后再试。")
                raise WrongType(told % {"row": number + 1}) from error


def roster(path: Path) -> AbstractContextManager[Roster]:
    """A roster on disk; see ``table``."""
    return table(path, COLUMNS, must=identity.NAME)


@contextmanager
def table(path: Path, columns: Columns, *, must: str) -> Iterator[Roster]:
    """A table on disk: a workbook by its first bytes, else text in the one encoding that reads all of it.

    Raises WrongType for what is neither or has no heading with the column it must have, TooLarge.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        with opened(path) as book:
            yield Roster(_Book(book), columns, must)
        return
    if path.stat().st_size > LARGEST:
        raise TooLarge(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": LARGEST // 1024 // 1024})
    yield Roster(_Text(path, encoding_of(path)), columns, must)


def encoding_of(path: Path) -> str:
    """The encoding of a text: UTF-16 by its mark, UTF-8 if all of it is, else GB18030. Raises WrongType."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _reads(path, encoding):
            return encoding
    raise WrongType(_("这不是 Excel（.xlsx）或 CSV 文件，请用模板另存后再试。"))


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                if "\x00" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _heading(rows: Iterator[tuple[int, list[Cell]]], columns: Columns, must: str) -> Heading:
    known = {plain(word): name for name, (_label, words) in columns.items() for word in words}
    for number, cells in rows:
        names = [known.get(plain(cell.text)) for cell in cells]
        if must not in names:
            continue
        found = Heading(number)
        for index, name in enumerate(names):
            if name is not None and name not in found.columns.values():
                found.columns[index] = name
            elif not cells[index].empty:
                found.ignored.append(cells[index].text)
        return found
    told = {"rows": LOOKED_AT, "column": columns[must][0]}
    raise WrongType(_("前 %(rows)d 行里没有找到“%(column)s”这一列。请用模板的表头。") % told)


def label_of(name: str) -> str:
    """What a column is called."""
    return str(COLUMNS[name][0])


def labels() -> Mapping[str, str]:
    """What the columns are called, in the order of the template."""
    return {name: str(label) for name, (label, _words) in COLUMNS.items()}
