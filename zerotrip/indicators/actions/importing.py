"""Figures from a workbook: handed in, looked through with every fault named, taken as a whole when confirmed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from zerotrip.files import under_way
from zerotrip.files.keeping import clear_leftovers, folder, received
from zerotrip.files.scanning import scan
from zerotrip.indicators.access import Entering, entering
from zerotrip.indicators.actions.recording import Entered, counted, keep_figures, sort_out
from zerotrip.indicators.models import TO_LOOK_THROUGH, TO_TAKE, Door, Filing, FilingState
from zerotrip.indicators.queries import rows_at, specs
from zerotrip.indicators.rules import doubt_about, shown
from zerotrip.indicators.sheets import Reader
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.parties.models import Area

if TYPE_CHECKING:
    from zerotrip.files.store import Readable
    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import User

log = logging.getLogger(__name__)

AT_ONCE = 2_000
"""Figures compared and written in one go: memory does not grow with the file."""
LARGEST = 20 * 1024 * 1024
"""Bytes of a file."""
KEPT = timedelta(days=1)
"""How long a file waits for its confirmation."""
MOST_DOUBTS = 100
"""Figures worth a second look that are named."""


def hand_in(file: Readable, *, name: str, language: str, by: Actor, at: datetime, filing_id: UUID) -> Filing:
    """Keep a workbook for a day and have it looked through; nothing of it is recorded.

    The same ``filing_id`` again is the same filing. Raises NotAllowed for somebody who enters nothing, TooLarge
    for a file beyond the limit, Refused while too many of one's own are under way.
    """
    mine = Filing.objects.visible_to(by)
    if (found := mine.filter(pk=filing_id).first()) is not None:
        return found
    if not entering(by).entered(specs(by).values()):
        raise NotAllowed(_("您不填报指标。要填报，请联系统计部门登记岗位。"))
    under_way.require_free(mine.under_way())
    filing = Filing(id=filing_id, account_id=by.account, door=Door.FILE, state=FilingState.QUEUED, at=at)
    filing.name, filing.language = name[:200], language

    def make() -> None:
        with received(file, place_of(filing_id), most=LARGEST) as (sha256, size):
            details = {"name": filing.name, "sha256": sha256, "bytes": size}
            ledger.append(filing, "hand_in", by=by, at=at, details=details)
            filing.save(force_insert=True)
            _enqueue(filing)

    return under_way.made_once(filing, mine, make)


def _enqueue(filing: Filing) -> None:
    """Have the worker do what the filing waits for, once this is committed."""
    from zerotrip.indicators.tasks import work

    work.defer(filing=str(filing.pk))


def place_of(filing_id: UUID) -> Path:
    """Where the file of a filing lies."""
    return folder("indicators") / f"{filing_id}.xlsx"


def _forget(filing_id: UUID) -> None:
    """Delete the file of a filing, once this is committed."""
    transaction.on_commit(lambda: place_of(filing_id).unlink(missing_ok=True))


def _begun(filing_id: UUID, *states: FilingState) -> Filing | None:
    """A filing, marked as being worked on; None when it is not to be."""
    rows = Filing.objects.filter(account__isnull=False).select_related("account__person")
    return under_way.begun(rows, filing_id, *states)


def _ended(filing: Filing, state: FilingState, *, at: datetime, action: str, **changes: Any) -> Filing | None:
    """The worker is done with a filing for now; the journal says with what. None where it moved on meanwhile."""
    details = _in_short(changes.get("found", filing.found))
    return under_way.ended(filing, state, by=SYSTEM, at=at, action=action, details=details, **changes)


def _failed(filing: Filing, because: str, *, at: datetime) -> Filing | None:
    """It did not work, and why. The file is of no more use."""
    _forget(filing.pk)
    return _ended(filing, FilingState.FAILED, at=at, action="fail", because=because[:400])


def _in_short(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if isinstance(value, int)}


def look_through(filing_id: UUID, *, at: datetime) -> Filing | None:
    """Say what a workbook would change, or every fault with sheet, row and column. Nothing is recorded.

    Safe to run again after a crash anywhere: it begins anew.
    """
    filing = _begun(filing_id, *TO_LOOK_THROUGH)
    if filing is None:
        return None
    try:
        because = under_way.why_not(
            filing,
            partial(_look_through, filing, at=at),
            language=filing.language,
            broken=lambda: _("检查时出了问题，什么都没有入库，请重新上传。"),
        )
    except under_way.OverError:
        return None
    if because:
        return _failed(filing, because, at=at)
    return _ended(filing, FilingState.CHECKED, at=at, action="check", found=filing.found)


def _look_through(filing: Filing, *, at: datetime) -> None:
    with place_of(filing.pk).open("rb") as held:
        scan(held)
        filing.found = _found(filing, held, by=_actor(filing, at=at))


def _actor(filing: Filing, *, at: datetime) -> Actor:
    """Whoever handed it in, as they may enter now."""
    account: User = filing.account  # type: ignore[assignment]  # _begun takes those with an account
    return actor_for(account, at=at)


def _told(filing: Filing, reader: Reader) -> None:
    """How far it is, for whoever waits for it."""
    under_way.told(filing, found={"rows": reader.rows, "total": reader.total})


def _reader(held: BinaryIO, by: Actor, **more: Any) -> Reader:
    seen = [seat.area_path for seat in by.seats]
    areas = {
        code: path
        for code, path in Area.objects.values_list("pk", "path")
        if any(path.startswith(one) for one in seen)
    }
    return Reader(held, specs(by), areas, **more)


def _batches(figures: Iterator[Entered]) -> Iterator[list[Entered]]:
    while batch := list(islice(figures, AT_ONCE)):
        yield batch


def _found(filing: Filing, held: BinaryIO, *, by: Actor) -> dict[str, Any]:
    """What a workbook would change, and what is wrong with it."""
    may = entering(by)
    reader = _reader(held, by, told=lambda far: _told(filing, far))
    found: dict[str, Any] = {"new": 0, "revised": 0, "figures": 0}
    doubts: list[dict[str, str]] = []
    doubtful = 0
    seen: dict[int, int] = {}
    for batch in _batches(reader.figures()):
        found["figures"] += len(batch)
        for one in batch:
            _judge(one, reader, may, seen)
        allowed = [one for one in batch if may.may_enter(reader.specs[one.key.indicator], one.key.area_path)]
        try:
            fresh = sort_out(allowed, may=may, reason="", asked=False)
        except Invalid as refused:
            for where, reasons in refused.problems.items():
                sheet, letters, row = _cell(where)
                reader.fault(sheet, row, letters, reasons[0])
            continue
        for name, count in counted(fresh).items():
            found[name] += count
        named = _doubts([one for one, _revision in fresh], reader.specs)
        doubtful += len(named)
        doubts += named[: MOST_DOUBTS - len(doubts)]
    return {
        **found,
        "rows": reader.rows,
        "notes": reader.notes,
        "wrong": reader.count,
        "faults": [[one.place, one.reason] for one in reader.faults],
        "doubtful": doubtful,
        "doubts": [[one["place"], one["reason"]] for one in doubts],
    }


def _judge(one: Entered, reader: Reader, may: Entering, seen: dict[int, int]) -> None:
    """A figure somebody may enter, and that does not stand in the workbook twice."""
    sheet, letters, row = _cell(one.place)
    spec = reader.specs[one.key.indicator]
    if not may.may_enter(spec, one.key.area_path):
        reader.fault(sheet, row, letters, _("您不能填报这个区域的“%(name)s”。") % {"name": spec.name})
    # The hash of a key stands for it, and its row for its place: they take less room than what they say.
    if (first := seen.setdefault(hash(one.key), row)) != row:
        reader.fault(sheet, row, letters, _("与第 %(row)d 行重复：同一个数填了两次。") % {"row": first})


def _cell(place: str) -> tuple[str, str, int]:
    """Sheet, column and row of ``季度!F12``."""
    sheet, _mark, cell = place.rpartition("!")
    letters = cell.rstrip("0123456789")
    return sheet, letters, int(cell[len(letters) :])


def _doubts(entered: list[Entered], declared: Mapping[str, IndicatorSpec]) -> list[dict[str, str]]:
    """What is worth a second look, against last year's figures of the same areas."""
    last = rows_at([one.key._replace(year=one.key.year - 1) for one in entered])
    found = []
    for one in entered:
        base = last.get(one.key._replace(year=one.key.year - 1))
        spec = declared[one.key.indicator]
        if reason := doubt_about(spec, one.value, base.value if base else None):
            found.append({"place": one.place, "reason": f"{shown(spec, one.value)}：{reason}"})
    return found


@transaction.atomic
def confirm(filing_id: UUID, *, reason: str, sure: bool, by: Actor, at: datetime) -> Filing:
    """Have a workbook that was looked through taken; confirmed again, it is as it was.

    Raises NotFound for a file that is not one's own or no longer kept, Refused for one with faults or that is
    still looked through, Invalid when revisions need a ``reason``, or doubts somebody who is ``sure``.
    """
    filing = _own(filing_id, by)
    if filing.state in (*TO_TAKE, FilingState.TAKEN):
        return filing
    _require_takeable(filing, reason=reason, sure=sure, at=at)
    filing.state, filing.reason, filing.because = FilingState.WAITING, reason, ""
    ledger.append(filing, "confirm", by=by, at=at, reason=reason, details=_in_short(filing.found))
    filing.save(update_fields=["state", "reason", "because", "ledger_length", "ledger_head"])
    _enqueue(filing)
    return filing


def _own(filing_id: UUID, by: Actor) -> Filing:
    """One's own file, locked: unless the worker writes its figures now, which whoever asks does not wait for."""
    mine = Filing.objects.visible_to(by).filter(pk=filing_id, door=Door.FILE)
    filing = mine.filter(state=FilingState.SAVING).first() or mine.select_for_update(of=("self",)).first()
    if filing is None:
        raise NotFound(_("没有这个文件。"))
    return filing


def _require_takeable(filing: Filing, *, reason: str, sure: bool, at: datetime) -> None:
    if filing.state in TO_LOOK_THROUGH:
        raise Refused(_("这个文件还没有检查完，请稍后再确认。"))
    if filing.state != FilingState.CHECKED or filing.at + KEPT <= at or not place_of(filing.pk).exists():
        raise NotFound(_("这个文件已经放弃或过期，请重新上传。"))
    if filing.found.get("wrong"):
        raise Refused(_("文件里还有错误，请改好后重新上传。"))
    problems: dict[str, list[str]] = {}
    if filing.found.get("revised") and not reason:
        problems["reason"] = [_("文件会改动已经报过的数，请写明原因。")]
    if filing.found.get("doubtful") and not sure:
        problems["sure"] = [_("有些数与去年相差较大，请核实后勾选。")]
    if problems:
        raise Invalid(_("还没有入库。"), problems)


def take(filing_id: UUID, *, at: datetime) -> Filing | None:
    """Record the figures of a confirmed workbook, all or none.

    One transaction, so that a run after a crash finds nothing written, and one that is not needed any more
    writes nothing. What somebody else entered meanwhile has it looked through anew, to be confirmed again.
    """
    filing = _begun(filing_id, *TO_TAKE)
    if filing is None:
        return None
    with translation.override(filing.language):
        try:
            return _take(filing, at=at)
        except Invalid:
            return _again(filing, at=at)
        except Refusal as refusal:
            return _failed(filing, refusal.message, at=at)
        except Exception:
            log.exception("filing %s", filing.pk)
            return _failed(filing, _("入库时出了问题，什么都没有写入，请重新上传。"), at=at)


@transaction.atomic
def _take(filing: Filing, *, at: datetime) -> Filing | None:
    held = Filing.objects.select_for_update(of=("self",)).filter(pk=filing.pk, state=FilingState.SAVING).first()
    if held is None:
        return None
    by = _actor(filing, at=at)
    may = entering(by)
    done = {"new": 0, "revised": 0}
    with place_of(held.pk).open("rb") as file:
        reader = _reader(file, by)
        for batch in _batches(reader.figures()):
            fresh = sort_out(batch, may=may, reason=held.reason)
            keep_figures(held, fresh)
            for name, count in counted(fresh).items():
                done[name] += count
        if reader.count:
            raise Refused(_("文件检查以后，区划或指标有变动，请重新上传。"))
    held.state, held.found = FilingState.TAKEN, {**held.found, **done}
    ledger.append(held, "take", by=by, at=at, reason=held.reason, details=_in_short(held.found))
    held.save()
    _forget(held.pk)
    return held


@transaction.atomic
def _again(filing: Filing, *, at: datetime) -> Filing | None:
    because = _("您确认以后，表里的数有别人报过，已重新检查，请再核对一次。")
    queued = _ended(filing, FilingState.QUEUED, at=at, action="again", because=because)
    if queued is not None:
        _enqueue(queued)
    return queued


@transaction.atomic
def drop(filing_id: UUID, *, by: Actor, at: datetime) -> None:
    """Forget a workbook that was not taken. Raises NotFound, and Refused once it was confirmed."""
    filing = _own(filing_id, by)
    if filing.state in TO_TAKE:
        raise Refused(_("这个文件已经确认入库，不能再放弃。"))
    if filing.state not in (*TO_LOOK_THROUGH, FilingState.CHECKED):
        return
    filing.state = FilingState.DROPPED
    ledger.append(filing, "drop", by=by, at=at)
    filing.save(update_fields=["state", "ledger_length", "ledger_head"])
    _forget(filing.pk)


def purge(*, at: datetime) -> int:
    """Delete the files nobody confirmed in their day. Returns how many."""
    waiting = Filing.objects.filter(door=Door.FILE, state__in=(*TO_LOOK_THROUGH, FilingState.CHECKED))
    gone = 0
    for pk in list(waiting.filter(at__lte=at - KEPT).values_list("pk", flat=True)):
        if waiting.filter(pk=pk).update(state=FilingState.DROPPED):
            place_of(pk).unlink(missing_ok=True)
            gone += 1
    clear_leftovers(folder("indicators"), before=at - KEPT)
    return gone
