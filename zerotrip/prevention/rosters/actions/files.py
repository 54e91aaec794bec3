"""A roster file: handed in, looked through without entering anybody, confirmed, taken over in batches."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.enterprises.models import SheetStatus
from zerotrip.errors import Invalid, NotFound, Refusal, Refused, Stale
from zerotrip.files import keeping
from zerotrip.files.scanning import scan
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.parties.models import Party, PartyKind
from zerotrip.prevention.events.rules import require_any_in_force
from zerotrip.prevention.models import EnrolmentKind, RosterFile, RosterRow, Site
from zerotrip.prevention.rosters import matching, taking
from zerotrip.prevention.rosters.judging import Place, Places, judged, places_for
from zerotrip.prevention.rosters.reading import LARGEST, label_of, roster
from zerotrip.prevention.rosters.rules import may_keep, require_keeps_any
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.rosters.identity import Identity
    from zerotrip.prevention.rosters.reading import Roster

log = logging.getLogger(__name__)

KEPT = timedelta(days=3)
"""How long a file and what was found in it is kept."""
WAITING = 3
"""Files somebody can have under way at once."""
SHOWN = 200
"""Faults that are named; all are counted."""
TOLD_EVERY = 5_000
"""Rows after which whoever waits is told how far it is."""
FURTHEST = 31
"""Days from today a roster may begin, before or after."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file is to be taken for, as it is typed in."""

    kind: str
    area_path: str
    first_day: date | None
    site: UUID | None = None
    employer: str = ""
    """The USCC of an employer, for a roster of one."""
    replaces: bool = False


def hand_in(
    file: Readable, asked: Asked, *, name: str, language: str, by: Actor, at: datetime, file_id: UUID
) -> RosterFile:
    """Keep a roster file for a few days and have it looked through; nobody is entered yet. Twice is once.

    Raises NotAllowed for whoever keeps no roster, Invalid by field, Refused without an event in the area or while
    too many of one's own are under way, TooLarge.
    """
    require_keeps_any(by)
    mine = RosterFile.objects.visible_to(by)
    if (found := mine.filter(pk=file_id).first()) is not None:
        return found
    row = _begun_as(asked, by=by, at=at)
    require_any_in_force(row.area_path, on=at.astimezone(CHINA).date())
    if mine.under_way().count() >= WAITING:
        raise Refused(_("还有 %(count)d 个文件没有处理完，请等它们完成。") % {"count": WAITING})
    row.pk, row.name, row.language = file_id, name[-200:], language
    try:
        with transaction.atomic(), keeping.received(file, place_of(file_id), most=LARGEST) as (sha256, size):
            if not size:
                raise Invalid(_("请选择要导入的文件。"), {"file": [_("请选择要导入的文件。")]})
            row.sha256 = sha256
            ledger.append(row, "hand_in", by=by, at=at, details={"kind": row.kind, "sha256": sha256})
            row.save(force_insert=True)
            _enqueue(row)
    except IntegrityError:
        if (found := mine.filter(pk=file_id).first()) is None:
            raise Stale(_("这一页已经用过，请重新打开后再试。")) from None
        return found
    return row


def _begun_as(asked: Asked, *, by: Actor, at: datetime) -> RosterFile:
    """A file as it is asked for. Raises Invalid with everything wrong."""
    problems: dict[str, list[str]] = {}
    if asked.kind not in EnrolmentKind.values:
        problems["kind"] = [_("请选择是哪一种名册。")]
    today = at.astimezone(CHINA).date()
    if asked.first_day is None or abs((asked.first_day - today).days) > FURTHEST:
        problems["first_day"] = [_("请填写从哪一天起，前后 %(days)s 天以内。") % {"days": FURTHEST}]
    site = Site.objects.visible_to(by).filter(pk=asked.site, closed_on=None).first() if asked.site else None
    if asked.site and site is None:
        problems["site"] = [_("没有这个场所，或它已经关闭。")]
    employer = _employer(asked.employer)
    if asked.employer and employer is None:
        problems["employer"] = [_("没有这个统一社会信用代码的企业，请先登记企业。")]
    path = site.area_path if site else asked.area_path
    if not may_keep(by, path):
        problems["area"] = [_("请选择您辖区内的区域。")]
    if asked.replaces and asked.kind != EnrolmentKind.RESIDENT and site is None and employer is None:
        problems["replaces"] = [_("要整册替换，请先选定是哪个场所或单位的名册。")]
    if problems or asked.first_day is None:
        raise Invalid(_("还不能上传。"), problems)
    return RosterFile(
        account_id=by.account,
        kind=asked.kind,
        area_path=path,
        site=site if asked.kind != EnrolmentKind.RESIDENT else None,
        employer=employer if asked.kind == EnrolmentKind.WORKER else None,
        first_day=asked.first_day,
        replaces=asked.replaces,
        asked_at=at,
        expires_at=at + KEPT,
    )


def _employer(uscc: str) -> Party | None:
    if not uscc:
        return None
    return Party.objects.live().filter(kind=PartyKind.ENTERPRISE, uscc=uscc.strip().upper()).first()


def place_of(file_id: UUID) -> Path:
    """Where a file lies until it is taken over; workbooks are opened by this ending, text is whatever its name."""
    return keeping.folder("rosters") / f"{file_id}.xlsx"


def _enqueue(file: RosterFile) -> None:
    """Have the worker do what a file waits for, once this is committed."""
    from zerotrip.prevention.tasks import work_on_roster

    transaction.on_commit(partial(_defer, work_on_roster, file.pk))


def _defer(job: Any, file_id: UUID) -> None:
    job.defer(file=str(file_id))


def _begun(file_id: UUID, *states: SheetStatus) -> RosterFile | None:
    """The file, marked as being worked on; None when it is not to be."""
    with transaction.atomic():
        rows = RosterFile.objects.select_for_update(of=("self",)).filter(pk=file_id, status__in=states)
        file = rows.select_related("account__person").first()
        if file is not None:
            file.status = states[-1]
            file.save(update_fields=["status"])
        return file


@transaction.atomic
def _ended(file: RosterFile, status: SheetStatus, *, at: datetime, action: str, because: str = "") -> RosterFile:
    """The worker is done with it for now; the journal says with what. Given up meanwhile, it stays so."""
    held = RosterFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if held.status != file.status:
        return held
    file.status, file.because = status, because[:400]
    if status in (SheetStatus.DONE, SheetStatus.FAILED):
        file.ended_at = at
        transaction.on_commit(lambda: place_of(file.pk).unlink(missing_ok=True))
    ledger.append(file, action, by=SYSTEM, at=at, reason=file.because, details=dict(file.found))
    file.save()
    return file


def look_through(file_id: UUID, *, at: datetime) -> RosterFile | None:
    """Read a file row by row, say who each row is about and everything that is wrong; nobody is entered.

    Safe to run again after a crash anywhere: it begins anew.
    """
    file = _begun(file_id, SheetStatus.QUEUED, SheetStatus.CHECKING)
    if file is None:
        return None
    with translation.override(file.language):
        try:
            with place_of(file.pk).open("rb") as held:
                scan(held)
            _look_through(file, at=at)
        except Refusal as refusal:
            return _ended(file, SheetStatus.FAILED, at=at, action="fail", because=refusal.message)
        except Exception:
            log.exception("roster file %s", file.pk)
            because = _("核对时出了问题，什么也没有写入，请再试一次。")
            return _ended(file, SheetStatus.FAILED, at=at, action="fail", because=because)
    return _ended(file, SheetStatus.CHECKED, at=at, action="check", because=file.because)


def _look_through(file: RosterFile, *, at: datetime) -> None:
    places = places_for(file, _actor(file, at=at))
    RosterRow.objects.filter(file=file)._raw_delete("default")
    with roster(place_of(file.pk)) as found, transaction.atomic():
        reading = _Reading(file, found, places, today=at.astimezone(CHINA).date())
        _copy(file, reading)
        file.rows = file.total = reading.rows
        file.faults = reading.shown
        ignored = found.heading.ignored[:40]
    matching.match(file.pk)
    file.found = {"faults": reading.faults, "wrong": reading.wrong, "ignored": ignored, **matching.counts(file)}
    file.leaving = matching.leaving(file)[1] if file.replaces else ""


def _actor(file: RosterFile, *, at: datetime) -> Actor:
    """Whoever handed it in, as they may work now. Raises Refused where they have no seat over its area any more."""
    actor = actor_for(file.account, at=at)
    if not may_keep(actor, file.area_path):
        raise Refused(_("您已没有这个区域的岗位，不能导入。"))
    return actor


class _Reading:
    """A file on its way into rows: counts what it reads, keeps the first faults."""

    def __init__(self, file: RosterFile, found: Roster, places: Places, *, today: date) -> None:
        self.file, self.found, self.places, self.today = file, found, places, today
        self.rows = self.wrong = self.faults = 0
        self.shown: list[list[Any]] = []

    def good(self) -> Iterator[tuple[int, Identity, Place]]:
        """The rows without a fault."""
        for written in self.found.lines():
            self.rows += 1
            person, place, faults = judged(written, self.places, today=self.today)
            for fault in faults:
                self.faults += 1
                if len(self.shown) < SHOWN:
                    self.shown.append([fault.row, label_of(fault.column), fault.reason])
            if person is not None and place is not None and not faults:
                yield written.number, person, place
            else:
                self.wrong += 1


_COLUMNS = (
    *("file_id", "number", "fresh", "name", "name_key", "ric_digest", "ric_sealed"),
    *("document_kind", "document_digest", "document_sealed", "number_shown", "phone", "birth_year"),
    *("area_path", "household", "site_id", "employer_id", "verdict"),
)


def _copy(file: RosterFile, reading: _Reading) -> None:
    """Send the good rows to the database as they are read."""
    text = f"COPY {matching.ROWS} ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        for number, person, place in reading.good():
            copy.write_row(
                (
                    *(file.pk, number, new_id(), person.name, person.key),
                    *(person.number_digest, _sealed(person.number)),
                    *(person.document_kind, person.document_digest, _sealed(person.document)),
                    *(person.shown, person.phone, person.birth_year),
                    *(place.area_path, place.household, place.site_id, place.employer_id, ""),
                )
            )


def _sealed(number: str) -> bytes | None:
    return seals.seal(number).encode() if number else None


@transaction.atomic
def confirm(file_id: UUID, *, by: Actor, at: datetime) -> RosterFile:
    """Have the rows that can be taken over taken over; confirmed again, it is as it was.

    Raises NotFound for another's file, Refused for one that is not looked through, has no row that will do, or
    replaces a roster while some of its rows are not understood: they may name those it would take off.
    """
    file = _own(file_id, by)
    if file.confirmed_at is not None:
        return file
    if file.status != SheetStatus.CHECKED:
        raise Refused(_("这个文件还没有核对完，请稍后再确认。"))
    if not file.rows - file.found.get("wrong", 0):
        raise Refused(_("没有可以导入的行。请按列出的问题修改后重新上传。"))
    if file.replaces and file.found.get("wrong"):
        raise Refused(_("整册替换前，请先改好有错误的行：它们写的可能正是要移出的人。"))
    if file.expires_at <= at:
        raise Refused(_("这个文件已经过期，请重新上传。"))
    require_any_in_force(file.area_path, on=at.astimezone(CHINA).date())
    file.status, file.confirmed_at, file.because = SheetStatus.WAITING, at, ""
    ledger.append(file, "confirm", by=by, at=at, details=dict(file.found))
    file.save(update_fields=["status", "confirmed_at", "because", "ledger_length", "ledger_head"])
    _enqueue(file)
    return file


@transaction.atomic
def drop(file_id: UUID, *, by: Actor, at: datetime) -> RosterFile:
    """Think better of it: nobody is entered, the rows go. Raises NotFound, and Refused once it was confirmed."""
    file = _own(file_id, by)
    if file.status == SheetStatus.DROPPED:
        return file
    if file.confirmed_at is not None:
        raise Refused(_("这个文件已经确认导入，不能再放弃。"))
    file.status, file.ended_at, file.because = SheetStatus.DROPPED, at, ""
    ledger.append(file, "drop", by=by, at=at)
    file.save(update_fields=["status", "ended_at", "because", "ledger_length", "ledger_head"])
    _forget([file.pk])
    return file


def _own(file_id: UUID, by: Actor) -> RosterFile:
    held = RosterFile.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=file_id).first()
    if held is None:
        raise NotFound(_("没有找到这个文件。"))
    return held


def take_over(file_id: UUID, *, at: datetime) -> RosterFile | None:
    """Take over the rows of a confirmed file, matched anew, batch by batch; last, take off whom it does not name.

    Each batch is a transaction of its own, and taking it over again changes nothing, so that a run after a crash
    goes through the rest and nobody is entered twice. Where a file would take off others than were listed when it
    was confirmed, that is left to be confirmed again.
    """
    file = _begun(file_id, SheetStatus.WAITING, SheetStatus.SAVING)
    if file is None:
        return None
    with translation.override(file.language):
        try:
            _actor(file, at=at)
            _take(file, at=at)
            return _finish(file, at=at)
        except Refusal as refusal:
            return _ended(file, SheetStatus.FAILED, at=at, action="fail", because=refusal.message)
        except Exception:
            log.exception("roster file %s", file.pk)
            told = _("写了 %(rows)d 行时出了问题，前面的已经写入；重新上传同一文件不会重复。")
            because = told % {"rows": file.saved}
            return _ended(file, SheetStatus.FAILED, at=at, action="fail", because=because)


def _take(file: RosterFile, *, at: datetime) -> None:
    matching.match(file.pk)
    file.found |= matching.counts(file)
    file.saved, after, attempts = 0, 0, 0
    while True:
        try:
            last = taking.take(file, after=after, at=at)
        except IntegrityError:
            # Somebody of the same number was entered by hand meanwhile: matched again, they are found.
            attempts += 1
            if attempts > 3:
                raise
            matching.match(file.pk)
            continue
        if last is None:
            return
        after = last


@transaction.atomic
def _finish(file: RosterFile, *, at: datetime) -> RosterFile:
    if file.replaces:
        count, digest = matching.leaving(file)
        if digest != file.leaving:
            file.found, file.leaving, file.confirmed_at = {**file.found, "leaving": count}, digest, None
            because = _("名册里的人已经写入；您确认以后名册有变动，要移出的人与列出的不同，请再核对一次。")
            return _ended(file, SheetStatus.CHECKED, at=at, action="again", because=because)
        because = _("%(day)s 起的名册没有列出（整册替换）") % {"day": file.first_day.isoformat()}
        taking.take_off(file, because=because)
    return _ended(file, SheetStatus.DONE, at=at, action="take_over")


def purge(*, at: datetime) -> int:
    """Delete files whose time is over, with their rows. Returns how many."""
    over = RosterFile.objects.filter(expires_at__lte=at, purged=False).exclude(status=SheetStatus.SAVING)
    found = list(over.values_list("pk", flat=True))
    _forget(found)
    keeping.clear_leftovers(keeping.folder("rosters"), before=at - KEPT)
    return len(found)


def _forget(files: list[UUID]) -> None:
    """What a file says of people goes; that there was one stays, with its counts."""
    with transaction.atomic():
        RosterRow.objects.filter(file__in=files)._raw_delete("default")
        RosterFile.objects.filter(pk__in=files).update(purged=True)
        for pk in files:
            transaction.on_commit(partial(place_of(pk).unlink, missing_ok=True))
