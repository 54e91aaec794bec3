"""Taking a found list out as a file: asked for, written in the background, kept for a day, purged."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from openpyxl import Workbook

from zerotrip.cases.models import Case, Door, Export, ExportFault, ExportForm, ExportStatus, Priority
from zerotrip.cases.queries import Search, find
from zerotrip.cases.rules import standing_as
from zerotrip.catalogue.queries import spec_of
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import NotFound
from zerotrip.files import keeping, under_way
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.parties.models import PartyKind
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, seat_ended

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
"""How long a file can be fetched."""
REMEMBERED = timedelta(days=30)
"""How long the list of one's exports goes back."""
MOST_ROWS = 200_000
"""Rows of one file. Whoever needs more narrows the search, or asks for the database."""
AT_ONCE = 2_000
"""Rows read, written and counted in one go."""

COLUMNS = ("number", "version", "subject", "status", "result", "priority", "door", "area_path")
MOMENTS = ("submitted_at", "accepted_at", "decided_at", "closed_at", "due_at")
OF_APPLICANT = ("applicant__name", "applicant__kind", "applicant__uscc")


@transaction.atomic
def ask_export(
    search: Search, *, form: ExportForm, language: str, by: Actor, at: datetime, export_id: UUID | None = None
) -> Export:
    """Ask for what ``search`` finds as a file; a job writes it. The same ``export_id`` again is the same export.

    Raises Refused while too many of one's own are under way, Stale when ``export_id`` is of something else.
    """
    mine = Export.objects.visible_to(by)
    if export_id is not None and (found := mine.filter(pk=export_id).first()) is not None:
        return found
    under_way.require_free(mine.under_way())
    export = Export(account_id=by.account, form=form, search=asdict(search), language=language, asked_at=at)
    if export_id is not None:
        export.pk = export_id

    def make() -> None:
        ledger.append(export, "ask", by=by, at=at, details={"form": form.value, "search": export.search})
        export.save(force_insert=True)
        transaction.on_commit(partial(_enqueue, export.pk))

    return under_way.made_once(export, mine, make)


def _enqueue(export_id: UUID) -> None:
    from zerotrip.cases.tasks import export as job

    job.defer(export=str(export_id))


def run_export(export_id: UUID, *, at: datetime) -> Export | None:
    """Write the file of an export: what its owner may see now, not when it was asked for.

    Safe to run again after a crash anywhere: the file appears whole or not at all. A failure is kept
    with its reason.
    """
    export = _begun(export_id)
    if export is None:
        return None
    actor = actor_for(export.account, at=at)
    if not actor.is_staff:
        return _ended(export, at=at, fault=ExportFault.SEAT)
    found = find(actor, Search(**export.search))
    export.total = found.order_by()[: MOST_ROWS + 1].count()
    if export.total > MOST_ROWS:
        return _ended(export, at=at, fault=ExportFault.TOO_MANY)
    export.save(update_fields=["total"])
    try:
        with translation.override(export.language):
            write(export, found, told=partial(_told, export))
    except under_way.OverError:
        return None
    except Exception:
        log.exception("export %s", export.pk)
        return _ended(export, at=at, fault=ExportFault.BROKEN)
    return _ended(export, at=at)


def _begun(export_id: UUID) -> Export | None:
    rows = Export.objects.select_related("account__person")
    return under_way.begun(rows, export_id, ExportStatus.QUEUED, ExportStatus.RUNNING, rows=0)


def _told(export: Export, rows: int) -> None:
    """How far the file is, for whoever waits for it."""
    export.rows = rows
    under_way.told(export, rows=rows)


def _ended(export: Export, *, at: datetime, fault: ExportFault = ExportFault.NONE) -> Export | None:
    return under_way.ended(
        export,
        ExportStatus.FAILED if fault else ExportStatus.DONE,
        by=SYSTEM,
        at=at,
        action="fail" if fault else "make",
        details={"rows": export.rows, "size": export.size, "fault": fault.value},
        fault=fault,
        expires_at=None if fault else at + KEPT,
    )


def place_of(export: Export) -> Path:
    """Where the file of an export lies, once it is whole."""
    return _folder() / f"{export.pk}.{export.form}"


def _folder() -> Path:
    return keeping.folder("exports")


def write(export: Export, found: QuerySet[Case], *, told: Callable[[int], None]) -> None:
    """Write what was found into the file of the export, row by row; memory does not grow with it."""
    place = place_of(export)
    with keeping.whole(place) as temporary:
        lines = _lines(found, told)
        if export.form == ExportForm.CSV:
            with temporary.open("w", encoding="utf-8-sig", newline="") as file:
                _write_csv(file, lines)
        else:
            with temporary.open("wb") as file:
                _write_xlsx(file, lines)
        export.size = temporary.stat().st_size


def _write_csv(file: TextIO, lines: Iterable[list[str]]) -> None:
    csv.writer(file).writerows(lines)


def _write_xlsx(file: BinaryIO, lines: Iterable[list[str]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("办件"))
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append(line)
    book.save(file)


def _lines(found: QuerySet[Case], told: Callable[[int], None]) -> Iterator[list[str]]:
    """The heading and a line for each case; ``told`` how many there were, every so often."""
    yield [defused(str(title)) for title in titles()]
    areas = _Areas()
    rows = found.values_list(*COLUMNS, *OF_APPLICANT, *MOMENTS, named=True)
    count = 0
    for count, row in enumerate(rows.iterator(chunk_size=AT_ONCE), 1):
        yield [defused(cell) for cell in _cells(row, areas)]
        if count % AT_ONCE == 0:
            told(count)
    told(count)


def titles() -> list[str]:
    """The heading, in the reader's language."""
    return [
        _("办件编号"),
        _("事项"),
        _("项目"),
        _("申请人"),
        _("统一社会信用代码"),
        _("状态"),
        _("绿色通道"),
        _("来源"),
        _("区域"),
        _("申报"),
        _("受理"),
        _("决定"),
        _("办结"),
        _("到期"),
    ]


def _cells(row: Any, areas: _Areas) -> list[str]:
    """A case as a line. People are named by the first character of their name alone."""
    person = row.applicant__kind == PartyKind.PERSON
    return [
        row.number,
        str(spec_of(row.version).name),
        row.subject,
        masked(row.applicant__name) if person else row.applicant__name,
        row.applicant__uscc,
        standing_as(row.status, row.result),
        _("是") if row.priority == Priority.GREEN else "",
        str(Door(row.door).label),
        areas.called(row.area_path),
        *(_moment(getattr(row, name)) for name in MOMENTS),
    ]


def _moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


class _Areas:
    """The names of areas, each asked for once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def called(self, path: str) -> str:
        """The name of the area of this path."""
        code = code_of(path)
        if code not in self._names:
            self._names[code] = area_names([code]).get(code, "")
        return self._names[code]


def masked(name: str) -> str:
    """A person's name with all but its first character hidden: 李**."""
    return name[:1] + "*" * (len(name) - 1)


@transaction.atomic
def fetch_export(export_id: UUID, *, by: Actor, at: datetime) -> tuple[Export, BinaryIO]:
    """The file of one's own export, for reading, while it is kept; fetching it is journalled.

    Raises NotFound, also when a seat has ended since it was made: it may hold what one may no longer see.
    """
    held = Export.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=export_id).first()
    if held is None or held.status != ExportStatus.DONE or held.expires_at is None or held.expires_at <= at:
        raise NotFound(_("这个文件已经过期或不存在，请重新导出。"))
    if seat_ended(by.person, since=held.expires_at - KEPT, at=at):
        raise NotFound(_("导出以后您的岗位有变动，请重新导出。"))
    try:
        file = place_of(held).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("这个文件已经过期或不存在，请重新导出。")) from error
    ledger.append(held, "fetch", by=by, at=at)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return held, file


def purge_exports(*, at: datetime) -> int:
    """Delete the files whose time is over, and what is remembered of old exports. Returns how many files."""
    over = list(Export.objects.over(at).values_list("pk", flat=True))
    for pk in over:
        _purge(pk, at=at)
    Export.objects.filter(asked_at__lt=at - REMEMBERED).exclude(status=ExportStatus.DONE).delete()
    keeping.clear_leftovers(_folder(), before=at - KEPT)
    return len(over)


@transaction.atomic
def _purge(export_id: UUID, *, at: datetime) -> None:
    held = Export.objects.over(at).select_for_update(of=("self",)).filter(pk=export_id).first()
    if held is None:
        return
    place_of(held).unlink(missing_ok=True)
    held.status = ExportStatus.EXPIRED
    ledger.append(held, "purge", by=SYSTEM, at=at)
    held.save(update_fields=["status", "ledger_length", "ledger_head"])
