"""A workbook of enterprises: handed in, judged without saving anything, confirmed, taken over in batches."""

from __future__ import annotations

import csv
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.enterprises.actions.under_way import (
    KEPT,
    begun,
    ended,
    enqueue,
    failed,
    faults_place_of,
    folder,
    place_of,
)
from zerotrip.enterprises.models import Sheet, SheetKind, SheetStatus
from zerotrip.enterprises.queries import areas_of
from zerotrip.enterprises.sheets import judging
from zerotrip.enterprises.sheets.judging import BATCH, Line, Terms
from zerotrip.enterprises.sheets.reading import LARGEST, opened
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.facts.actions import derive
from zerotrip.facts.models import Fact
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.files import under_way
from zerotrip.files.keeping import clear_leftovers, received, whole
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Party, PartyKind

if TYPE_CHECKING:
    from zerotrip.enterprises.sheets.headings import Heading
    from zerotrip.enterprises.sheets.judging import Fault
    from zerotrip.enterprises.sheets.reading import Book
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor

SHOWN = 200
"""Faults shown on the page; all of them are in the file."""
MOST_FAULTS = 100_000
"""Faults written into the file."""


def hand_in(
    file: Readable, *, name: str, source: str, as_of: date, language: str, by: Actor, at: datetime, sheet_id: UUID
) -> Sheet:
    """Keep a workbook and have it judged; nothing of it is saved. The same ``sheet_id`` again is the same sheet.

    Raises NotAllowed for whoever is no staff, Invalid for a source or day that will not do, TooLarge, and
    Refused while too many of one's own are under way.
    """
    if not by.is_staff:
        raise NotAllowed(_("企业数据由工作人员导入。"))
    mine = Sheet.objects.visible_to(by)
    if (found := mine.filter(pk=sheet_id).first()) is not None:
        return found
    _require_terms(source, as_of, at=at)
    under_way.require_free(mine.under_way())
    sheet = Sheet(
        id=sheet_id,
        kind=SheetKind.IN,
        account_id=by.account,
        name=name[-200:],
        source=source,
        as_of=as_of,
        language=language,
        asked_at=at,
        expires_at=at + KEPT,
    )

    def make() -> None:
        with received(file, place_of(sheet_id), most=LARGEST) as (sheet.sha256, size):
            if not size:
                text = _("请选择要导入的文件。")
                raise Invalid(text, {"file": [text]})
            details = {"name": sheet.name, "sha256": sheet.sha256}
            ledger.append(sheet, "hand_in", by=by, at=at, details=details)
            sheet.save(force_insert=True)
            enqueue(sheet)

    return under_way.made_once(sheet, mine, make)


def _require_terms(source: str, as_of: date, *, at: datetime) -> None:
    found = vocabulary().sources.get(source)
    if found is None or found.own:
        text = _("请选择数据来源。")
        raise Invalid(text, {"source": [text]})
    if as_of > day_of(at):
        text = _("截至日期不能晚于今天。")
        raise Invalid(text, {"as_of": [text]})


def judge(sheet_id: UUID, *, at: datetime) -> Sheet | None:
    """Judge a sheet that was handed in: count and keep what is wrong with it, row by row. Nothing else is saved.

    Safe to run again after a crash anywhere: it begins anew.
    """
    sheet = begun(sheet_id, SheetStatus.QUEUED, SheetStatus.CHECKING)
    if sheet is None:
        return None
    sheet.rows = sheet.good = sheet.new = sheet.faults = 0
    try:
        because = under_way.why_not(
            sheet,
            partial(_judge, sheet, at=at),
            language=sheet.language,
            broken=lambda: _("核对时出了问题，什么也没有写入，请再试一次。"),
        )
    except under_way.OverError:
        return None
    if because:
        return failed(sheet, because, at=at)
    return ended(sheet, SheetStatus.CHECKED, at=at, action="judge")


def terms_of(sheet: Sheet, words: Vocabulary, *, at: datetime) -> Terms:
    """What its rows are judged by. Raises Refused where whoever handed it in has no seat any more."""
    actor = actor_for(sheet.account, at=at)
    if not actor.is_staff or sheet.as_of is None:
        raise Refused(_("您已没有岗位，不能导入。"))
    note = f"{sheet.name} #"
    return Terms(words, actor, day_of(at), sheet.as_of, sheet.source, areas_of(actor), note)


def _judge(sheet: Sheet, *, at: datetime) -> None:
    with opened(place_of(sheet.pk)) as book:
        _look_through(sheet, book, at=at)


def _look_through(sheet: Sheet, book: Book, *, at: datetime) -> None:
    words = vocabulary()
    terms = terms_of(sheet, words, at=at)
    heading = judging.heading_of(book, words)
    sheet.ignored = [list(one) for one in heading.ignored]
    sheet.shown = []
    with (
        whole(faults_place_of(sheet.pk)) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        kept = csv.writer(file)
        kept.writerow([_("行"), _("哪一列"), _("表头"), _("填的内容"), _("什么问题")])
        if heading.faults:
            for letter, title, what in heading.faults:
                _note(sheet, kept, judging.Fault(heading.row, letter, title, "", what))
            return
        sheet.total = _count(book, heading)
        for batch in judging.lines(book, heading, terms):
            for line in batch:
                for fault in line.faults:
                    _note(sheet, kept, fault)
                sheet.good += not line.faults
                sheet.new += not line.faults and line.party is None
            sheet.rows += len(batch)
            under_way.told(sheet, rows=sheet.rows, total=sheet.total, faults=sheet.faults)


def _count(book: Book, heading: Heading) -> int:
    return sum(1 for number, _cells in book.rows(heading.width) if number > heading.row)


def _note(sheet: Sheet, kept: Any, fault: Fault) -> None:
    """Count a fault, keep it in the file, and show it while it is among the first."""
    sheet.faults += 1
    if sheet.faults <= MOST_FAULTS:
        kept.writerow([defused(str(cell)) for cell in fault.told()])
    if len(sheet.shown) < SHOWN:
        sheet.shown.append(fault.told())


@transaction.atomic
def confirm(sheet_id: UUID, *, by: Actor, at: datetime) -> Sheet:
    """Have the rows without fault taken over; confirmed again, it is as it was.

    Raises NotFound for another's sheet, Refused for one that is not judged, or has no row that will do.
    """
    sheet = _own(sheet_id, by)
    if sheet.confirmed_at is not None:
        return sheet
    if sheet.status != SheetStatus.CHECKED:
        raise Refused(_("这个文件还没有核对完，请稍后再确认。"))
    if not sheet.good:
        raise Refused(_("没有可以导入的行。请按列出的问题修改后重新上传。"))
    if sheet.expires_at <= at:
        raise Refused(_("这个文件已经过期，请重新上传。"))
    sheet.status, sheet.confirmed_at = SheetStatus.WAITING, at
    ledger.append(sheet, "confirm", by=by, at=at, details={"rows": sheet.good, "faults": sheet.faults})
    sheet.save(update_fields=["status", "confirmed_at", "ledger_length", "ledger_head"])
    enqueue(sheet)
    return sheet


@transaction.atomic
def drop(sheet_id: UUID, *, by: Actor, at: datetime) -> Sheet:
    """Think better of it: nothing is taken over. Raises NotFound, and Refused once it was confirmed."""
    sheet = _own(sheet_id, by)
    if sheet.status == SheetStatus.DROPPED:
        return sheet
    if sheet.confirmed_at is not None or sheet.kind != SheetKind.IN:
        raise Refused(_("这个文件已经确认导入，不能再放弃。"))
    sheet.status, sheet.ended_at, sheet.because = SheetStatus.DROPPED, at, ""
    ledger.append(sheet, "drop", by=by, at=at)
    sheet.save(update_fields=["status", "ended_at", "because", "ledger_length", "ledger_head"])
    return sheet


def _own(sheet_id: UUID, by: Actor) -> Sheet:
    held = Sheet.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=sheet_id).first()
    if held is None:
        raise NotFound(_("没有找到这个文件。"))
    return held


def take_over(sheet_id: UUID, *, at: datetime) -> Sheet | None:
    """Take over the rows of a confirmed sheet, judged anew, batch by batch.

    Each batch is a transaction that also says how far it came, so that a run after a crash goes on from there
    and nothing is taken over twice. Rows that will not do now are left out and counted.
    """
    sheet = begun(sheet_id, SheetStatus.WAITING, SheetStatus.SAVING)
    if sheet is None:
        return None
    because = under_way.why_not(
        sheet,
        partial(_take_over, sheet, at=at),
        language=sheet.language,
        broken=lambda: _broken_off(sheet),
    )
    if because:
        return failed(sheet, because, at=at)
    return ended(sheet, SheetStatus.DONE, at=at, action="take_over")


def _broken_off(sheet: Sheet) -> str:
    told = _("写到第 %(rows)d 行时出了问题，前面的已经写入；重新上传同一文件不会重复写入。")
    return told % {"rows": sheet.saved}


def _take_over(sheet: Sheet, *, at: datetime) -> None:
    words = vocabulary()
    terms = terms_of(sheet, words, at=at)
    with opened(place_of(sheet.pk)) as book:
        heading = judging.heading_of(book, words)
        if heading.faults:
            raise Refused(heading.faults[0][2])
        for batch in judging.lines(book, heading, terms, after=sheet.saved):
            _save(sheet, batch, words, by=terms.actor, at=at)


def _save(sheet: Sheet, batch: list[Line], words: Vocabulary, *, by: Actor, at: datetime) -> None:
    """Take over a batch: the enterprises that are new, what is stated of all, and how far the sheet is."""
    good = [line for line in batch if not line.faults]
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                made, stated = _write(sheet, good, words, by=by, at=at)
                Sheet.objects.filter(pk=sheet.pk).update(
                    saved=sheet.saved + len(batch), made=sheet.made + made, stated=sheet.stated + stated
                )
        except IntegrityError:
            if attempt == 2:
                raise
            # Somebody registered one of them meanwhile: with the second look it is there.
            for line in good:
                line.party = line.party or Party.objects.live().filter(uscc=line.uscc).first()
        else:
            sheet.saved, sheet.made, sheet.stated = (
                sheet.saved + len(batch),
                sheet.made + made,
                sheet.stated + stated,
            )
            return


def _write(sheet: Sheet, good: list[Line], words: Vocabulary, *, by: Actor, at: datetime) -> tuple[int, int]:
    known = [line.party.pk for line in good if line.party is not None]
    locked = {
        party.pk: party
        for party in Party.objects.select_for_update(of=("self",)).filter(pk__in=known).order_by("pk")
    }
    entries: list[Entry] = []
    firms: dict[str, Party] = {}
    new: list[Party] = []
    for line in good:
        firm = locked.get(line.party.pk) if line.party is not None else None
        if firm is None:
            firm = _new(line, at=at)
            new.append(firm)
            told = {"uscc": firm.uscc, "sheet": str(sheet.pk)}
            entries.append(ledger.extend(firm, "register", by=by, at=at, details=told))
        elif _fill_in(firm, line):
            entries.append(ledger.extend(firm, "contacts", by=by, at=at, details={"sheet": str(sheet.pk)}))
        firms[line.uscc] = firm
    Party.objects.bulk_create(new)
    facts = _facts(sheet, good, firms, by=by, at=at)
    for firm in firms.values():
        if names := sorted({fact.name for fact in facts if fact.party_id == firm.pk}):
            told_facts = {"sheet": str(sheet.pk), "facts": names}
            entries.append(ledger.extend(firm, "facts", by=by, at=at, reason=sheet.name, details=told_facts))
    Fact.objects.bulk_create(facts, ignore_conflicts=True)
    Entry.objects.bulk_create(entries)
    changed = ["address", "phone", "email", "area_path", "ledger_length", "ledger_head"]
    Party.objects.bulk_update(firms.values(), changed, batch_size=BATCH)
    derive(firms.values(), at=at, words=words)
    return len(new), len(facts)


def _new(line: Line, *, at: datetime) -> Party:
    return Party(
        id=new_id(),
        kind=PartyKind.ENTERPRISE,
        name=line.name,
        uscc=line.uscc,
        area_path=line.area_path,
        address=line.address,
        phone=line.phone,
        email=line.email,
        created_at=at,
    )


def _fill_in(firm: Party, line: Line) -> bool:
    """Put what is not known yet of an enterprise there is; what is known is never overwritten. Whether any was."""
    gaps = {
        name: getattr(line, name)
        for name in ("area_path", "address", "phone", "email")
        if getattr(line, name) and not getattr(firm, name)
    }
    for name, value in gaps.items():
        setattr(firm, name, value)
    return bool(gaps)


def _facts(sheet: Sheet, good: list[Line], firms: dict[str, Party], *, by: Actor, at: datetime) -> list[Fact]:
    """The statements that are new: what the same source said of the same day already is not said again."""
    names = {one.name for line in good for one in line.statements}
    rows = Fact.objects.filter(party__in=firms.values(), name__in=names, source=sheet.source)
    said: dict[tuple[UUID, str, date], Any] = {}
    for fact in rows.order_by("recorded_at"):
        said[fact.party_id, fact.name, fact.as_of] = fact.value
    found = []
    for line in good:
        firm = firms[line.uscc]
        for one in line.statements:
            value = line.values[one.name, one.as_of]
            if said.get((firm.pk, one.name, one.as_of), _NOTHING) == value:
                continue
            found.append(
                Fact(
                    id=uuid5(sheet.pk, f"{firm.pk}:{one.name}:{one.source}:{one.as_of}"),
                    party=firm,
                    name=one.name,
                    value=value,
                    source=one.source,
                    as_of=one.as_of,
                    note=one.note[-400:],
                    recorded_by_id=by.user_id,
                    recorded_at=at,
                )
            )
    return found


_NOTHING = object()


def fetch_faults(sheet_id: UUID, *, by: Actor, at: datetime) -> tuple[Sheet, BinaryIO]:
    """The list of all faults of one's own sheet, for reading. Raises NotFound."""
    sheet = Sheet.objects.visible_to(by).filter(pk=sheet_id, kind=SheetKind.IN, purged=False).first()
    if sheet is None:
        raise NotFound(_("没有找到这个文件。"))
    try:
        return sheet, faults_place_of(sheet_id).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("这个文件已经过期或不存在，请重新上传。")) from error


def purge(*, at: datetime) -> int:
    """Delete the files of sheets whose time is over. Returns how many sheets."""
    over = list(Sheet.objects.over(at).values_list("pk", flat=True))
    for pk in over:
        place_of(pk).unlink(missing_ok=True)
        faults_place_of(pk).unlink(missing_ok=True)
    Sheet.objects.filter(pk__in=over).update(purged=True)
    clear_leftovers(folder(), before=at - KEPT)
    return len(over)
