"""Found enterprises taken out as a workbook; and the empty one that is filled in and handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from zerotrip.enterprises.actions.under_way import KEPT, begun, ended, enqueue, failed, place_of
from zerotrip.enterprises.models import Sheet, SheetKind, SheetStatus
from zerotrip.enterprises.queries import Search, counts_of, find
from zerotrip.enterprises.sheets.headings import ADDRESS, AREA, AS_OF, EMAIL, NAME, OWN, PHONE, USCC, written
from zerotrip.enterprises.sheets.reading import letter
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.facts.vocabulary import Vocabulary, unit_of
from zerotrip.files import under_way
from zerotrip.files.keeping import whole
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import actor_for
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, seat_ended

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

MOST = 200_000
"""Enterprises of one workbook. Whoever needs more narrows the search."""
AT_ONCE = 1_000
ROWS_AS_TEXT = 500
"""Rows of the template whose codes and names are formatted as text from the start."""


@transaction.atomic
def ask(search: Search, *, language: str, by: Actor, at: datetime, sheet_id: UUID) -> Sheet:
    """Ask for what ``search`` finds as a workbook; the worker writes it. The same id again is the same sheet.

    Raises NotAllowed for whoever is no staff, Refused while too many of one's own are under way.
    """
    if not by.is_staff:
        raise NotAllowed(_("企业数据由工作人员导出。"))
    mine = Sheet.objects.visible_to(by)
    if (found := mine.filter(pk=sheet_id).first()) is not None:
        return found
    under_way.require_free(mine.under_way())
    sheet = Sheet(
        id=sheet_id,
        kind=SheetKind.OUT,
        account_id=by.account,
        search=asdict(search),
        language=language,
        asked_at=at,
        expires_at=at + KEPT,
    )

    def make() -> None:
        ledger.append(sheet, "ask", by=by, at=at, details={"search": sheet.search})
        sheet.save(force_insert=True)
        enqueue(sheet)

    return under_way.made_once(sheet, mine, make)


def write_out(sheet_id: UUID, *, at: datetime) -> Sheet | None:
    """Write the workbook of a sheet: what its owner may see now. Safe to run again after a crash anywhere."""
    sheet = begun(sheet_id, SheetStatus.QUEUED, SheetStatus.WRITING)
    if sheet is None:
        return None
    because = under_way.why_not(
        sheet,
        partial(_made, sheet, at=at),
        language=sheet.language,
        broken=lambda: _("生成时出了问题，请再试一次。"),
    )
    if because:
        return failed(sheet, because, at=at)
    return ended(sheet, SheetStatus.DONE, at=at, action="write")


def _made(sheet: Sheet, *, at: datetime) -> None:
    actor = actor_for(sheet.account, at=at)
    if not actor.is_staff:
        raise Refused(_("您已没有岗位，不能导出。"))
    words = vocabulary()
    found = find(actor, Search(**sheet.search), words)
    sheet.total = found.order_by()[: MOST + 1].count()
    if sheet.total > MOST:
        raise Refused(_("结果太多，请加上筛选条件再导出。"))
    with whole(place_of(sheet.pk)) as temporary, temporary.open("wb") as file:
        _write(sheet, found, words, file)


def _write(sheet: Sheet, found: QuerySet[Party], words: Vocabulary, file: BinaryIO) -> None:
    specs = [
        spec
        for spec in words.of_kind("enterprise")
        if not spec.sensitive and not spec.published and spec.kind is not Kind.AREA
    ]
    book = Workbook(write_only=True)
    page = book.create_sheet(_("企业"))
    page.freeze_panes = "C2"
    own = (USCC, NAME, AREA, ADDRESS)
    page.append([*(str(OWN[name][0]) for name in own), *(_title(spec) for spec in specs)])
    for batch in _batches(found):
        counted = counts_of((firm.pk for firm in batch), (spec.id for spec in specs), words)
        codes = {code_of(firm.area_path) for firm in batch if firm.area_path}
        names = area_names(codes)
        for firm in batch:
            area = names.get(code_of(firm.area_path), "")
            values = counted.get(firm.pk, {})
            page.append(
                [
                    defused(firm.uscc),
                    defused(firm.name),
                    defused(area),
                    defused(firm.address),
                    *(_cell(spec, values.get(spec.id)) for spec in specs),
                ]
            )
        sheet.rows += len(batch)
        Sheet.objects.filter(pk=sheet.pk).update(rows=sheet.rows, total=sheet.total)
    book.save(file)


def _batches(found: QuerySet[Party]) -> Iterator[list[Party]]:
    batch: list[Party] = []
    for firm in found.iterator(chunk_size=AT_ONCE):
        batch.append(firm)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _title(spec: FactSpec) -> str:
    unit = str(unit_of(spec))
    period = _("（最近一期）") if spec.per else ""
    return f"{written(spec, unit=unit)}{period}"


def _cell(spec: FactSpec, value: Any) -> Any:
    """A value as a cell: numbers and days as such, the others in words."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value
    called = {choice.value: str(choice.label) for choice in spec.choices}
    if isinstance(value, list):
        return defused(_("、").join(called.get(one, str(one)) for one in value))
    return defused(called.get(value, str(value)))


@transaction.atomic
def fetch(sheet_id: UUID, *, by: Actor, at: datetime) -> tuple[Sheet, BinaryIO]:
    """The workbook of one's own sheet that was taken out, while it is kept; fetching it is journalled.

    Raises NotFound, also when a seat has ended since: it may hold what one may no longer see.
    """
    held = Sheet.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=sheet_id).first()
    if held is None or held.kind != SheetKind.OUT or held.status != SheetStatus.DONE or held.expires_at <= at:
        raise NotFound(_("这个文件已经过期或不存在，请重新导出。"))
    if seat_ended(by.person, since=held.asked_at, at=at):
        raise NotFound(_("导出以后您的岗位有变动，请重新导出。"))
    try:
        file = place_of(held.pk).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("这个文件已经过期或不存在，请重新导出。")) from error
    ledger.append(held, "fetch", by=by, at=at)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return held, file


def template(file: BinaryIO, words: Vocabulary, *, at: datetime) -> None:
    """Write the workbook to be filled in: a column for all that may be stated, and what each means."""
    specs = [
        spec
        for spec in words.of_kind("enterprise")
        if spec.computed is None and spec.kind is not Kind.AREA and not _own_alone(spec, words)
    ]
    today = day_of(at)
    book = Workbook()
    page = book.active
    if page is None:
        raise AssertionError("a new workbook has a sheet")
    page.title = _("企业")
    page.append([*(str(label) for label, _words in OWN.values()), *_titles(specs, today)])
    for index, cell in enumerate(page[1]):
        cell.font = Font(bold=True)
        page.column_dimensions[letter(index)].width = max(12, min(40, 2 * len(str(cell.value)) + 2))
        for row in range(2, ROWS_AS_TEXT if index < 2 else 2):
            page[f"{letter(index)}{row}"].number_format = "@"
    page.freeze_panes = "C2"
    told = book.create_sheet(_("填写说明"))
    for line in _told(specs):
        told.append(line)
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 32, 90
    book.save(file)


def _own_alone(spec: FactSpec, words: Vocabulary) -> bool:
    """Whether only the enterprise itself may state a fact."""
    return bool(spec.sources) and all(words.sources[one].own for one in spec.sources if one in words.sources)


def _titles(specs: Iterable[FactSpec], today: date) -> Iterator[str]:
    for spec in specs:
        unit = "万元" if spec.kind is Kind.MONEY and spec.per == "year" else str(unit_of(spec))
        yield written(spec, unit=unit, period=_latest(spec, today))


def _latest(spec: FactSpec, today: date) -> str:
    if not spec.per:
        return ""
    month = today.month - 1 or 12
    year = today.year if today.month > 1 else today.year - 1
    if spec.per == "month":
        return f"{year}-{month:02}"
    if spec.per == "year":
        return str(today.year - 1)
    quarter = (today.month - 1) // 3
    return f"{today.year}Q{quarter}" if quarter else f"{today.year - 1}Q4"


def _told(specs: Iterable[FactSpec]) -> Iterator[list[str]]:
    yield [_("哪一列"), _("怎么填")]
    yield [str(OWN[USCC][0]), _("18 位，必填。先把这一列设为文本格式。")]
    yield [str(OWN[NAME][0]), _("营业执照上的名称。系统里没有的企业必填。")]
    yield [str(OWN[AREA][0]), _("街道、社区或网格的代码或名称。系统里没有的企业必填。")]
    yield [str(OWN[AS_OF][0]), _("这一行的数据是哪一天的，如 2026-01-31。不填按上传时选的日期。")]
    yield [f"{OWN[PHONE][0]}、{OWN[EMAIL][0]}", _("只补充系统里还没有的，不会改动已有的。")]
    for spec in specs:
        parts = [str(spec.help)] if spec.help else []
        if spec.choices:
            parts.append(_("可选：%(choices)s") % {"choices": _("、").join(str(one.label) for one in spec.choices)})
        elif spec.kind is Kind.YES_NO:
            parts.append(_("填“是”或“否”"))
        elif spec.kind is Kind.MONEY:
            parts.append(_("单位可改为元、千元、万元、亿元，写在表头的括号里"))
        if spec.per:
            parts.append(_("所属期写在表头后面，可以加列填别的期"))
        yield [str(spec.label), _("；").join(parts)]
