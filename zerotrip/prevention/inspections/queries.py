"""Reads over inspections: what was found last, what is still to be put right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count

from zerotrip.duties.models import Kind, Obligation, Record, Status
from zerotrip.duties.queries import with_files
from zerotrip.prevention.inspections.actions import items_of
from zerotrip.prevention.models import Found, Inspection, InspectionItem

if TYPE_CHECKING:
    from zerotrip.duties.models import ObligationQuerySet, RecordFile
    from zerotrip.prevention.inspections.spec import ItemSpec

WAITING = (Status.OPEN, Status.HANDED_IN)


@dataclass
class Line:
    """One item of an inspection, with what was found and what became of it."""

    item: ItemSpec
    row: InspectionItem | None = None
    owed: Obligation | None = None
    records: Sequence[Record] = field(default_factory=list)

    @property
    def is_defect(self) -> bool:
        """Whether something is wrong with it."""
        return self.row is not None and self.row.found == Found.DEFECT

    @property
    def told(self) -> Record | None:
        """What the owner said last."""
        return next((one for one in reversed(self.records) if one.what == "handed_in"), None)

    @property
    def pictures(self) -> list[RecordFile]:
        """The photographs that came with it."""
        return list(self.told.files.all()) if self.told else []

    @property
    def returned(self) -> Record | None:
        """Why it did not pass, as long as nobody has answered since."""
        last = next((one for one in reversed(self.records) if one.what in ("handed_in", "returned")), None)
        return last if last is not None and last.what == "returned" else None


def lines_of(inspection: Inspection) -> list[Line]:
    """The items of an inspection, in the order of its list. Three queries."""
    rows = {row.item: row for row in inspection.findings.select_related("owed__requirement")}
    owed = {row.owed_id: row.owed for row in rows.values() if row.owed is not None}
    records: dict[UUID, list[Record]] = {}
    if owed:
        found = Record.objects.filter(obligation__in=list(owed))
        for record in found.select_related("by__person").prefetch_related(with_files()).order_by("at", "pk"):
            records.setdefault(record.obligation_id, []).append(record)
    lines = []
    for item in items_of(inspection):
        row = rows.get(item.id)
        due = row.owed if row is not None else None
        lines.append(Line(item, row, due, records.get(due.pk, []) if due else []))
    return lines


def defects(rows: ObligationQuerySet) -> ObligationQuerySet:
    """Of what is owed, what inspections found and is not settled."""
    return rows.filter(kind=Kind.DEFECT, status__in=WAITING)


def open_defects(inspections: Collection[UUID]) -> dict[UUID, int]:
    """How many defects of some inspections are not settled."""
    rows = Obligation.objects.filter(kind=Kind.DEFECT, status__in=WAITING, subject__in=list(inspections))
    return dict(rows.order_by().values_list("subject").annotate(count=Count("pk")))


def last_of(site: UUID) -> tuple[Inspection | None, int]:
    """The last inspection of a site both signed, and how many defects of the site are not settled. Two queries."""
    done = Inspection.objects.done().filter(site=site).order_by("-countersigned_at")
    last = done.first()
    if last is None:
        return None, 0
    rows = Obligation.objects.filter(kind=Kind.DEFECT, status__in=WAITING, subject__in=done.order_by().values("pk"))
    return last, rows.count()
