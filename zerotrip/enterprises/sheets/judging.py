"""Rows of a workbook judged: what each says of which enterprise, or what is wrong with it, cell by cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel

from zerotrip.enterprises.sheets import headings
from zerotrip.enterprises.sheets.headings import Column, Heading
from zerotrip.enterprises.sheets.reading import MOST_ROWS, Book, Cell, letter
from zerotrip.facts.actions import Statement, checked
from zerotrip.facts.spec import Kind
from zerotrip.facts.vocabulary import Unfit
from zerotrip.parties.industries import industry
from zerotrip.parties.models import Party, PartyKind
from zerotrip.questions.kinds import is_uscc

if TYPE_CHECKING:
    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor

BATCH = 500
"""Rows judged with one look into the database, and taken over in one transaction."""
SAMPLE = 50
"""Rows by which it is seen whether columns have slipped."""
_USCC = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, or with a row where it is no one cell."""

    row: int
    column: str
    heading: str
    value: str
    what: str

    def told(self) -> list[Any]:
        """As it is kept."""
        return [self.row, self.column, self.heading, self.value, self.what]


@dataclass
class Line:
    """A row as far as it was understood."""

    row: int
    uscc: str = ""
    name: str = ""
    area_path: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    statements: list[Statement] = field(default_factory=list)
    values: dict[tuple[str, date], Any] = field(default_factory=dict)
    """What the statements come to, as it is kept."""
    faults: list[Fault] = field(default_factory=list)
    party: Party | None = None
    """The enterprise there is."""


@dataclass(frozen=True)
class Terms:
    """What rows are judged by."""

    words: Vocabulary
    actor: Actor
    today: date
    as_of: date
    source: str
    areas: Mapping[str, str]
    """Paths of the areas of one's seats, by code and by name."""
    note: str


def heading_of(book: Book, words: Vocabulary) -> Heading:
    """The heading of a workbook; where its columns have slipped, that is told as a fault."""
    heading = headings.read(book.rows(last=headings.LOOKED_AT), words)
    place = heading.place(headings.USCC)
    if place is None:
        return heading
    if heading.row in book.merged:
        told = _("表头有合并单元格（%(area)s），请取消合并。") % {"area": book.merged[heading.row]}
        heading.faults.append(("", "", told))
    sample = list(islice((cells for number, cells in book.rows() if number > heading.row), SAMPLE))
    slipped = _slipped(sample, place)
    if slipped is not None:
        told = _("%(letter)s 列才像是统一社会信用代码，数据和表头可能错开了。") % {"letter": slipped}
        heading.faults.append((place.letter, place.heading, told))
    return heading


def _slipped(sample: list[list[Cell]], place: Column) -> str | None:
    """The letter of the column that holds the codes, where it is not the one that says so."""
    if not sample:
        return None
    counts: dict[int, int] = {}
    for cells in sample:
        for index, cell in enumerate(cells):
            if isinstance(cell.value, str) and _USCC.fullmatch(_narrow(cell.value).upper()):
                counts[index] = counts.get(index, 0) + 1
    if counts.get(place.index, 0) * 2 >= len(sample) or not counts:
        return None
    index = max(counts, key=lambda one: counts[one])
    return letter(index) if counts[index] * 5 >= len(sample) * 4 else None


def lines(book: Book, heading: Heading, terms: Terms, *, after: int = 0) -> Iterator[list[Line]]:
    """The rows in batches, judged. Numbers of rows seen before ``after`` rows are skipped but still compared."""
    reader = _Reader(book, heading, terms)
    batch: list[Line] = []
    for count, (number, cells) in enumerate(_below(book, heading), 1):
        if count > MOST_ROWS:
            line = Line(number)
            told = _("一次最多导入 %(most)d 行，从这一行起没有读取。请拆成几个文件。") % {"most": MOST_ROWS}
            line.faults.append(Fault(number, "", "", "", told))
            batch.append(line)
            break
        line = reader.read(number, cells, seen=count <= after)
        if count > after:
            batch.append(line)
        if len(batch) >= BATCH:
            yield _with_parties(batch, terms)
            batch = []
    if batch:
        yield _with_parties(batch, terms)


def _below(book: Book, heading: Heading) -> Iterator[tuple[int, list[Cell]]]:
    for number, cells in book.rows(heading.width):
        if number > heading.row:
            yield number, cells


class _Reader:
    """Turns rows into lines, one after another; knows which codes came before."""

    def __init__(self, book: Book, heading: Heading, terms: Terms) -> None:
        self.book, self.heading, self.terms = book, heading, terms
        self.first_row: dict[str, int] = {}

    def read(self, number: int, cells: list[Cell], *, seen: bool) -> Line:
        line = Line(number)
        if number in self.book.merged:
            told = _("这一行有合并单元格（%(area)s），请取消合并，每行填完整。") % {
                "area": self.book.merged[number]
            }
            line.faults.append(Fault(number, "", "", "", told))
        self.code(line, cells)
        if seen:
            return line
        day = self.day(line, cells)
        for column in self.heading.columns:
            cell = cells[column.index] if column.index < len(cells) else Cell(None)
            if column.own == headings.USCC or cell.empty:
                continue
            try:
                self.take(line, column, cell, day)
            except Unfit as unfit:
                line.faults.append(_fault(number, column, cell, str(unfit)))
        return line

    def code(self, line: Line, cells: list[Cell]) -> None:
        column = self.heading.place(headings.USCC)
        if column is None:
            raise AssertionError("a heading without a code has no lines")
        cell = cells[column.index] if column.index < len(cells) else Cell(None)
        try:
            line.uscc = _uscc(cell)
        except Unfit as unfit:
            line.faults.append(_fault(line.row, column, cell, str(unfit)))
            return
        first = self.first_row.setdefault(line.uscc, line.row)
        if first != line.row:
            told = _("与第 %(row)d 行的统一社会信用代码重复。") % {"row": first}
            line.faults.append(_fault(line.row, column, cell, told))

    def day(self, line: Line, cells: list[Cell]) -> date:
        """The day what the row says was so."""
        column = self.heading.place(headings.AS_OF)
        cell = cells[column.index] if column and column.index < len(cells) else Cell(None)
        if column is None or cell.empty:
            return self.terms.as_of
        try:
            day = _date(_plainly(cell), self.book.epoch)
        except Unfit as unfit:
            line.faults.append(_fault(line.row, column, cell, str(unfit)))
            return self.terms.as_of
        if day > self.terms.today:
            line.faults.append(_fault(line.row, column, cell, _("日期还没有到。")))
        return day

    def take(self, line: Line, column: Column, cell: Cell, day: date) -> None:
        value = _plainly(cell)
        if column.spec is not None:
            self.fact(line, column, column.spec, value, column.as_of or day)
        elif column.own == headings.NAME:
            line.name = _text(value, most=120)
        elif column.own == headings.AREA:
            line.area_path = self.area(value)
        elif column.own == headings.ADDRESS:
            line.address = _text(value, most=200)
        elif column.own == headings.PHONE:
            line.phone = _phone(value)
        elif column.own == headings.EMAIL:
            line.email = _email(value)

    def fact(self, line: Line, column: Column, spec: FactSpec, value: Any, day: date) -> None:
        if spec.kind is Kind.DATE:
            value = _date(value, self.book.epoch)
        elif spec.kind is Kind.INDUSTRY:
            value = _industry(value)
        elif isinstance(value, datetime | date):
            raise Unfit(_("这里是日期，应填%(label)s。") % {"label": spec.label})
        elif isinstance(value, str):
            value = _narrow(value) if spec.kind in (Kind.NUMBER, Kind.MONEY) else value.strip()
        elif isinstance(value, float) and value.is_integer() and spec.kind not in (Kind.NUMBER, Kind.MONEY):
            value = str(int(value))
        said = Statement(
            spec.id, value, day, self.terms.source, unit=column.unit, note=f"{self.terms.note}{line.row}"
        )
        line.values[spec.id, day] = checked(said, self.terms.words, kind="enterprise", today=self.terms.today)
        line.statements.append(said)

    def area(self, value: Any) -> str:
        written = _text(value, most=120).replace(" ", "")
        found = self.terms.areas.get(written)
        if found is not None:
            return found
        near = get_close_matches(written, list(self.terms.areas), n=1, cutoff=0.6)
        told = _("您的辖区内没有这个区划。")
        raise Unfit(told + (_("是不是“%(name)s”？") % {"name": near[0]} if near else ""))


def _fault(row: int, column: Column, cell: Cell, what: str) -> Fault:
    return Fault(row, column.letter, column.heading, cell.text[:60], what)


def _plainly(cell: Cell) -> Any:
    """What a cell holds, where that is a value."""
    if cell.formula:
        raise Unfit(_("这一格是公式，请粘贴为数值。"))
    if cell.error:
        raise Unfit(_("这一格是公式的错误值，请改为数值。"))
    return cell.value


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _text(value: Any, *, most: int) -> str:
    text = " ".join(Cell(value).text.split()) if not isinstance(value, str) else " ".join(value.split())
    if len(text) > most or not text.isprintable():
        raise Unfit(_("最多 %(most)d 字，且不能有特殊字符。") % {"most": most})
    return text


def _uscc(cell: Cell) -> str:
    value = _plainly(cell)
    if value is None or value == "":
        raise Unfit(_("没有填统一社会信用代码。"))
    if not isinstance(value, str):
        raise Unfit(_("代码被存成了数字，末几位可能丢了。请把这一列设为文本后重填。"))
    code = _narrow(value).upper().replace(" ", "")
    if len(code) != 18:
        raise Unfit(_("统一社会信用代码是 18 位，这里是 %(count)d 位。") % {"count": len(code)})
    if not is_uscc(code):
        raise Unfit(_("统一社会信用代码的校验位不对，请对照营业执照核对。"))
    return code


def _date(value: Any, epoch: datetime) -> date:
    """A day, as a date, as Excel's number of one, or written out."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            found = from_excel(value, epoch) if 367 <= value <= 109_574 else None  # from 1901 to 2199
        except (ValueError, OverflowError):
            found = None
        if isinstance(found, datetime):
            return found.date()
    match = _DAY.fullmatch(_narrow(str(value)))
    if match is not None:
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            pass
    raise Unfit(_("不是日期。请写成 2026-01-31。"))


def _industry(value: Any) -> str:
    """An industry as it is read: a code that was stored as a number may have lost its nought."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        code = str(int(value))
        padded = f"0{code}"
        if industry(code) and industry(padded):
            told = _("行业代码存成了数字，看不出是 %(one)s 还是 %(other)s。请带门类字母填写，如 C3921。")
            raise Unfit(told % {"one": code, "other": padded})
        return padded if industry(padded) else code
    return _narrow(str(value))


def _phone(value: Any) -> str:
    text = re.sub(r"[\s\-()]", "", _narrow(Cell(value).text))
    if not re.fullmatch(r"\+?[0-9]{5,15}", text):
        raise Unfit(_("电话号码应为 5 到 15 位数字。"))
    return text


def _email(value: Any) -> str:
    text = _text(value, most=254)
    try:
        validate_email(text)
    except ValidationError:
        raise Unfit(_("电子邮箱的写法不对。")) from None
    return text


def _with_parties(batch: list[Line], terms: Terms) -> list[Line]:
    """With the enterprises there are, and what is wrong for them: one look for all."""
    codes = {line.uscc for line in batch if line.uscc}
    there = {party.uscc: party for party in Party.objects.live().filter(uscc__in=codes)}
    merged = {
        row.uscc: row.merged_into
        for row in Party.objects.filter(uscc__in=codes - set(there), merged_into__isnull=False).select_related(
            "merged_into"
        )
    }
    for line in batch:
        if not line.uscc:
            continue
        line.party = there.get(line.uscc)
        told = ""
        if line.uscc in merged and line.party is None:
            told = _("这家已并入“%(name)s”（%(uscc)s），请填那一家的代码。")
            into = merged[line.uscc]
            told %= {"name": into.name, "uscc": into.uscc} if into else {"name": "", "uscc": ""}
        elif line.party is None:
            told = _wanting(line)
        else:
            told = _differing(line, line.party, terms)
        if told:
            line.faults.append(Fault(line.row, "", "", line.uscc, told))
    return batch


def _wanting(line: Line) -> str:
    """What a new enterprise lacks."""
    if any(fault.heading for fault in line.faults):
        return ""  # named at its cell already
    if not line.name:
        return _("系统里还没有这家企业，要填企业名称。")
    return "" if line.area_path else _("系统里还没有这家企业，要填区划。")


def _differing(line: Line, party: Party, terms: Terms) -> str:
    if party.kind != PartyKind.ENTERPRISE:
        return _("这个代码属于机关单位，不是企业。")
    if party.area_path and not any(party.area_path.startswith(seat.area_path) for seat in terms.actor.seats):
        return _("这家企业不在您的辖区。")
    if line.name and plain_name(line.name) != plain_name(party.name):
        told = _("系统里这个代码的企业是“%(name)s”。名称不同，请核对代码；改名请在企业档案里办理。")
        return told % {"name": party.name}
    return ""


def plain_name(name: str) -> str:
    """The name of an enterprise without what does not tell: width of brackets, spaces."""
    return "".join(_narrow(name).split())


def faults_of(lines: Iterable[Line]) -> Iterator[Fault]:
    """All faults, in the order of the rows."""
    for line in lines:
        yield from line.faults
