"""What sheets on their way in and out have in common: their places, their states, the jobs that move them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from zerotrip.enterprises.models import Sheet, SheetStatus
from zerotrip.files import keeping, under_way
from zerotrip.parties.access import SYSTEM

KEPT = timedelta(days=3)
"""How long the files of a sheet are kept."""


def enqueue(sheet: Sheet) -> None:
    """Have the worker do what the sheet waits for, once this is committed."""
    from zerotrip.enterprises.tasks import work

    transaction.on_commit(partial(_defer, work, sheet.pk))


def _defer(job: Any, sheet: UUID) -> None:
    job.defer(sheet=str(sheet))


def place_of(sheet_id: UUID) -> Path:
    """Where the workbook of a sheet lies."""
    return folder() / f"{sheet_id}.xlsx"


def faults_place_of(sheet_id: UUID) -> Path:
    """Where the list of its faults lies."""
    return folder() / f"{sheet_id}.csv"


def folder() -> Path:
    """Where the files of sheets lie."""
    return keeping.folder("sheets")


def begun(sheet_id: UUID, *states: SheetStatus) -> Sheet | None:
    """The sheet, marked as being worked on; None when it is not to be."""
    return under_way.begun(Sheet.objects.select_related("account__person"), sheet_id, *states)


def ended(sheet: Sheet, status: SheetStatus, *, at: datetime, action: str, because: str = "") -> Sheet | None:
    """The worker is done with it for now; the journal says with what. Given up meanwhile, it stays so."""
    over = status in (SheetStatus.DONE, SheetStatus.FAILED)
    details = {"rows": sheet.rows, "faults": sheet.faults, "made": sheet.made, "stated": sheet.stated}
    more = {"ended_at": at} if over else {}
    return under_way.ended(sheet, status, by=SYSTEM, at=at, action=action, because=because, details=details, **more)


def failed(sheet: Sheet, because: str, *, at: datetime) -> Sheet | None:
    """It did not work, and why."""
    return ended(sheet, SheetStatus.FAILED, at=at, action="fail", because=because[:400])
