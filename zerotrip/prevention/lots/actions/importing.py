"""A workbook of receipts and sales: handed in, tried out row by row with nothing kept, taken over as a whole."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.enterprises.sheets.reading import LARGEST, opened
from zerotrip.errors import Invalid, NotFound, Refusal, Refused
from zerotrip.files.keeping import folder, received
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.prevention.lots import sheets
from zerotrip.prevention.lots.actions.holding import Where, place_at
from zerotrip.prevention.lots.actions.moving import sell
from zerotrip.prevention.lots.actions.receiving import Arrived, receive
from zerotrip.prevention.lots.actions.steps import Carried, Stamp
from zerotrip.prevention.models import Door, GoodsSheet, GoodsSheetState, Holder, Item, Lot

if TYPE_CHECKING:
    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long a workbook waits for its confirmation."""
WAITING = 3
"""Workbooks somebody can have under way at once."""
SHOWN = 100
"""Faults and rows that are kept to be looked at."""


def hand_in(file: Readable, *, name: str, language: str, key: UUID, by: Actor, at: datetime) -> GoodsSheet:
    """Keep a workbook for a day and have it tried out; nothing of it is recorded. Twice is once.

    Raises TooLarge, Refused while too many of one's own are under way.
    """
    mine = GoodsSheet.objects.visible_to(by)
    if (found := mine.filter(pk=key).first()) is not None:
        return found
    waiting = mine.filter(state__in=(GoodsSheetState.QUEUED, GoodsSheetState.WAITING))
    if waiting.count() >= WAITING:
        raise Refused(_("还有 %(count)d 个文件没有处理完，请等它们完成。") % {"count": WAITING})
    sheet = GoodsSheet(
        id=key, account_id=by.account, name=name[:200], language=language, asked_at=at, expires_at=at + KEPT
    )
    with transaction.atomic(), received(file, place_of(key), most=LARGEST) as (sha256, size):
        sheet.sha256 = sha256
        ledger.append(sheet, "hand_in", by=by, at=at, details={"name": sheet.name, "bytes": size})
        sheet.save(force_insert=True)
        _enqueue(sheet)
    return sheet


def place_of(key: UUID) -> Path:
    """Where a workbook lies."""
    return folder("goods") / f"{key}.xlsx"


def _enqueue(sheet: GoodsSheet) -> None:
    from zerotrip.prevention.tasks import work_goods

    work_goods.defer(sheet=str(sheet.pk))


@transaction.atomic
def confirm_sheet(sheet_id: UUID, *, by: Actor, at: datetime) -> GoodsSheet:
    """Have a workbook without faults taken over. Raises NotFound, Refused."""
    sheet = GoodsSheet.objects.visible_to(by).select_for_update().filter(pk=sheet_id).first()
    if sheet is None:
        raise NotFound(_("没有找到这个文件。"))
    if sheet.state in (GoodsSheetState.WAITING, GoodsSheetState.DONE):
        return sheet
    if sheet.state != GoodsSheetState.CHECKED or sheet.faults:
        raise Refused(_("文件里还有问题，改好后重新上传。"))
    sheet.state = GoodsSheetState.WAITING
    ledger.append(sheet, "confirm", by=by, at=at)
    sheet.save()
    _enqueue(sheet)
    return sheet


@dataclass
class _Gone:
    """What came of going through a workbook."""

    rows: int = 0
    faults: int = 0
    shown: list[list[Any]] | None = None
    sample: list[list[Any]] | None = None
    because: str = ""


def work(sheet_id: UUID, *, at: datetime) -> GoodsSheet | None:
    """Do what a workbook waits for: to be tried out, or taken over. Killed anywhere, it begins anew."""
    with transaction.atomic():
        rows = GoodsSheet.objects.select_for_update(of=("self",)).select_related("account__person")
        wanted = (GoodsSheetState.QUEUED, GoodsSheetState.WAITING)
        sheet = rows.filter(pk=sheet_id, state__in=wanted).first()
        if sheet is None:
            return None
        taking = sheet.state == GoodsSheetState.WAITING
        with translation.override(sheet.language):
            gone = _gone_through(sheet, at=at, keep=taking)
        _end(sheet, gone, taking=taking, at=at)
        return sheet


def _end(sheet: GoodsSheet, gone: _Gone, *, taking: bool, at: datetime) -> None:
    sheet.rows, sheet.faults = gone.rows, gone.faults
    sheet.shown, sheet.sample, sheet.because = gone.shown or [], gone.sample or [], gone.because[:400]
    if gone.because:
        sheet.state = GoodsSheetState.FAILED
    elif taking and not gone.faults:
        sheet.state = GoodsSheetState.DONE
    else:
        sheet.state = GoodsSheetState.CHECKED
    sheet.ended_at = at
    details = {"rows": gone.rows, "faults": gone.faults}
    ledger.append(sheet, sheet.state, by=SYSTEM, at=at, reason=sheet.because, details=details)
    sheet.save()


def _gone_through(sheet: GoodsSheet, *, at: datetime, keep: bool) -> _Gone:
    """Record every row; without ``keep``, or with a fault in any, nothing of it stays."""
    actor = actor_for(sheet.account, at=at)
    try:
        with transaction.atomic():
            gone = _rows(sheet, actor, at=at)
            if not keep or gone.faults or gone.because:
                transaction.set_rollback(True)
            return gone
    except Refusal as refusal:
        return _Gone(because=refusal.message)
    except Exception:
        log.exception("goods sheet %s", sheet.pk)
        return _Gone(because=_("处理时出了问题，什么都没有写入，请重新上传。"))


def _rows(sheet: GoodsSheet, actor: Actor, *, at: datetime) -> _Gone:
    gone = _Gone(shown=[], sample=[])
    with opened(place_of(sheet.pk)) as book:
        heading, because = sheets.heading_of(book)
        if heading is None:
            return _Gone(because=because)
        reader = _Reader(actor, sheet.pk, at)
        for line in sheets.lines(book, heading):
            gone.rows += 1
            told = reader.take(line) if not line.faults else ""
            for column, what in line.faults:
                gone.faults += 1
                if len(gone.shown or []) < SHOWN:
                    shown = [line.row, heading.told(column), line.values.get(column, "")[:60], what]
                    gone.shown = [*(gone.shown or []), shown]
            if told and len(gone.sample or []) < 10:
                gone.sample = [*(gone.sample or []), [line.row, told]]
    if not gone.rows:
        gone.because = _("表里没有数据。")
    return gone


class _Reader:
    """Records one row after another; knows the items and the holders by name."""

    def __init__(self, actor: Actor, key: UUID, at: datetime) -> None:
        self.actor, self.key, self.at = actor, key, at
        self.items: dict[str, str] = {}
        for item in Item.objects.offered():
            self.items |= {item.pk: item.pk, item.name["zh"]: item.pk, item.name.get("en", ""): item.pk}
        self.holders: dict[str, UUID] = {}
        for holder in Holder.objects.visible_to(actor).select_related("party"):
            self.holders.setdefault(holder.name, holder.pk)

    def take(self, line: sheets.Line) -> str:
        """Record what a row says; what is wrong is added to it."""
        said = line.values
        kind = said.get("kind", "").strip().casefold()
        if kind not in (*sheets.RECEIPT, *sheets.SALE):
            line.fault("kind", _("请写“入库”或“销售”。"))
            return ""
        stamp = Stamp(uuid5(self.key, str(line.row)), self.actor, self.at, Door.SHEET)
        try:
            with transaction.atomic():
                return self._receive(line, stamp) if kind in sheets.RECEIPT else self._sell(line, stamp)
        except Invalid as invalid:
            for place, texts in (invalid.problems or {"": [invalid.message]}).items():
                column = {"to": "uscc", "arrived_at": "at"}.get(place, place)
                line.fault(column, texts[0])
        except Refusal as refusal:
            line.fault("", refusal.message)
        return ""

    def _where(self, line: sheets.Line) -> Where:
        name = line.values.get("holder", "").strip()
        if name in self.holders:
            return Where(holder=self.holders[name])
        own = next(iter(self.actor.represents), None) if len(self.actor.represents) == 1 else None
        if own is not None and name:
            return Where(party=own, name=name)
        raise Invalid(_("没有这个存放点。"), {"holder": [_("没有这个存放点，请先在页面上登记一次，或核对名称。")]})

    def _carried(self, line: sheets.Line) -> Carried:
        said = line.values
        return Carried(
            handler=said.get("handler", ""),
            handler_phone=said.get("handler_phone", ""),
            plate=said.get("plate", ""),
            outside=said.get("outside", ""),
        )

    def _receive(self, line: sheets.Line, stamp: Stamp) -> str:
        said = line.values
        produced, expires = line.moments.get("produced_on"), line.moments.get("expires_on")
        arrived = Arrived(
            item=self.items.get(said.get("item", "").strip(), ""),
            quantity=said.get("quantity", ""),
            where=self._where(line),
            country=said.get("country", ""),
            port=said.get("port", ""),
            consignment=said.get("consignment", ""),
            marks=said.get("marks", ""),
            produced_on=produced.date() if produced else None,
            expires_on=expires.date() if expires else None,
            arrived_at=line.moments.get("at"),
            carried=self._carried(line),
        )
        made = receive(arrived, stamp=stamp)[0].target
        return _("入库 %(item)s %(quantity)s") % {"item": made.item if made else "", "quantity": arrived.quantity}

    def _sell(self, line: sheets.Line, stamp: Stamp) -> str:
        said = line.values
        number = said.get("lot", "").strip().upper()
        lot = Lot.objects.visible_to(self.actor).select_related("item").filter(number=number).first()
        if lot is None:
            raise Invalid(_("没有找到这个批次。"), {"lot": [_("没有找到这个批次，请核对批次号。")]})
        source = place_at(self._where(line), by=self.actor, at=self.at)
        to = Where(uscc=said.get("uscc", "")) if said.get("uscc") else None
        when = line.moments.get("at")
        quantity = said.get("quantity", "")
        sell(lot, quantity, source=source, to=to, carried=self._carried(line), when=when, stamp=stamp)
        return _("销售 %(item)s %(quantity)s") % {"item": lot.item, "quantity": quantity}


def purge_sheets(*, at: datetime) -> int:
    """Delete the workbooks whose day is over. How many there were."""
    gone = list(GoodsSheet.objects.over(at))
    for sheet in gone:
        place_of(sheet.pk).unlink(missing_ok=True)
        sheet.purged = True
        sheet.save(update_fields=["purged"])
    return len(gone)
