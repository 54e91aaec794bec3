"""Figures from a workbook: looked through first, with every fault named; taken as a whole when confirmed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, TooLarge
from zerotrip.files.scanning import scan
from zerotrip.indicators.access import Entering, entering
from zerotrip.indicators.actions.recording import Entered, counted, keep_figures, sort_out
from zerotrip.indicators.models import Door, Filing, FilingState, Observation
from zerotrip.indicators.queries import rows_of, specs
from zerotrip.indicators.rules import doubt_about, shown
from zerotrip.indicators.sheets import Reader
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Area

if TYPE_CHECKING:
    from zerotrip.files.store import Readable
    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.parties.access import Actor

AT_ONCE = 2_000
"""Figures compared and written in one go: memory does not grow with the file."""
LARGEST = 20_000_000
"""Bytes of a file."""
KEPT = timedelta(days=1)
"""How long a file waits for its confirmation."""
MOST_DOUBTS = 100
"""Figures worth a second look that are named."""


def look_through(file: Readable, *, name: str, by: Actor, at: datetime) -> Filing:
    """Keep a workbook for a day and say what it would change, or every fault with sheet, row and column.

    Nothing is recorded. Raises NotAllowed for somebody who enters nothing, TooLarge for a file beyond the limit.
    """
    may = entering(by)
    filing = Filing(account_id=by.account, door=Door.FILE, state=FilingState.CHECKED, at=at, name=name[:200])
    place = place_of(filing.pk)
    _store(file, place)
    try:
        with place.open("rb") as held:
            scan(held)
            filing.found = _found(held, may, by)
        with transaction.atomic():
            ledger.append(filing, "check", by=by, at=at, details=_in_short(filing.found))
            filing.save(force_insert=True)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return filing


def _in_short(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if isinstance(value, int)}


def place_of(filing_id: UUID) -> Path:
    """Where the file of a filing lies."""
    folder = Path(settings.FILES, "indicators")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{filing_id}.xlsx"


def _store(file: Readable, place: Path) -> None:
    descriptor, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            size = 0
            while piece := file.read(1 << 20):
                size += len(piece)
                if size > LARGEST:
                    raise TooLarge(_("文件太大，最多 %(most)d MB。") % {"most": LARGEST // 1_000_000})
                out.write(piece)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _reader(held: BinaryIO, by: Actor) -> Reader:
    seen = [seat.area_path for seat in by.seats]
    areas = {
        code: path
        for code, path in Area.objects.values_list("pk", "path")
        if any(path.startswith(one) for one in seen)
    }
    return Reader(held, specs(by), areas)


def _batches(figures: Iterator[Entered]) -> Iterator[list[Entered]]:
    while batch := list(islice(figures, AT_ONCE)):
        yield batch


def _found(held: BinaryIO, may: Entering, by: Actor) -> dict[str, Any]:
    """What a workbook would change, and what is wrong with it."""
    reader = _reader(held, by)
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
    if not entered:
        return []
    last = rows_of(
        Observation.objects.filter(
            indicator__in={one.key.indicator for one in entered},
            year__in={one.key.year - 1 for one in entered},
            number__in={one.key.number for one in entered},
            area_path__in={one.key.area_path for one in entered},
            industry__in={one.key.industry for one in entered},
        )
    )
    found = []
    for one in entered:
        base = last.get(one.key._replace(year=one.key.year - 1))
        spec = declared[one.key.indicator]
        if reason := doubt_about(spec, one.value, base.value if base else None):
            found.append({"place": one.place, "reason": f"{shown(spec, one.value)}：{reason}"})
    return found


@transaction.atomic
def take(filing_id: UUID, *, reason: str, sure: bool, by: Actor, at: datetime) -> Filing:
    """Record the figures of a workbook that was looked through, all or none.

    Taken once, however often it is confirmed. Raises NotFound for a file that is not one's own or no longer
    kept, Refused for one with faults, Invalid when revisions need a ``reason``, or doubts somebody who is
    ``sure``.
    """
    filing = Filing.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=filing_id).first()
    if filing is None or filing.door != Door.FILE:
        raise NotFound(_("没有这个文件。"))
    if filing.state == FilingState.TAKEN:
        return filing
    _require_takeable(filing, reason=reason, sure=sure, at=at)
    filing.reason = reason
    filing.state = FilingState.TAKEN
    may = entering(by)
    done = {"new": 0, "revised": 0}
    with place_of(filing.pk).open("rb") as held:
        reader = _reader(held, by)
        for batch in _batches(reader.figures()):
            fresh = sort_out(batch, may=may, reason=reason)
            keep_figures(filing, fresh)
            for name, count in counted(fresh).items():
                done[name] += count
        if reader.count:
            raise Refused(_("文件检查以后，区划或指标有变动，请重新上传。"))
    filing.found = {**filing.found, **done}
    ledger.append(filing, "take", by=by, at=at, reason=reason, details=_in_short(filing.found))
    filing.save()
    place = place_of(filing.pk)
    transaction.on_commit(lambda: place.unlink(missing_ok=True))
    return filing


def _require_takeable(filing: Filing, *, reason: str, sure: bool, at: datetime) -> None:
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


@transaction.atomic
def drop(filing_id: UUID, *, by: Actor, at: datetime) -> None:
    """Forget a workbook that was not taken."""
    filing = Filing.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=filing_id).first()
    if filing is None:
        raise NotFound(_("没有这个文件。"))
    if filing.state != FilingState.CHECKED:
        return
    filing.state = FilingState.DROPPED
    ledger.append(filing, "drop", by=by, at=at)
    filing.save(update_fields=["state", "ledger_length", "ledger_head"])
    place = place_of(filing.pk)
    transaction.on_commit(lambda: place.unlink(missing_ok=True))


def purge(*, at: datetime) -> int:
    """Delete the files nobody confirmed in their day. Returns how many."""
    over = Filing.objects.filter(door=Door.FILE, state=FilingState.CHECKED, at__lte=at - KEPT)
    gone = list(over.values_list("pk", flat=True))
    for pk in gone:
        place_of(pk).unlink(missing_ok=True)
    over.filter(pk__in=gone).update(state=FilingState.DROPPED)
    return len(gone)
