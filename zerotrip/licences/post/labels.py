"""What goes with a parcel on paper: labels to stick on it, and the sheet of a batch."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from zerotrip.licences import keys
from zerotrip.licences.post.queries import labels_of
from zerotrip.licences.printing import render

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from zerotrip.licences.post.models import Batch, Label
    from zerotrip.parties.models import Party

LABEL, SHEET = "parcel-label.typ", "parcel-sheet.typ"
QUIET = 10
"""Modules of white on either side of a Code 128 (ISO/IEC 15417)."""


def code_128(text: str) -> str:
    """A Code 128 as SVG, one unit a module wide, with its quiet zones; to be stretched to any height."""
    import barcode  # slow to load, seldom drawn

    (bars,) = barcode.get("code128", text).build()
    rectangles = "".join(f"M{QUIET + place},0h1v1h-1z" for place, bar in enumerate(bars) if bar == "1")
    width = len(bars) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 1" preserveAspectRatio="none">'
        f'<rect width="{width}" height="1" fill="#fff"/><path d="{rectangles}" shape-rendering="crispEdges"/></svg>'
    )


def draw_labels(batch: Batch, *, at: datetime) -> bytes:
    """The labels of a batch as PDF, 100 × 150 mm, one a page, in the order of its sheet."""
    labels = list(labels_of(batch))
    data = {
        "labels": [_label(label) for label in labels],
        "batch": batch.number,
        "specimen": keys.is_demonstration(),
    }
    pictures = {label.tracking: code_128(label.tracking) for label in labels}
    return render(_template(LABEL), LABEL, data, at=at, pictures=pictures)


def _label(label: Label) -> dict[str, Any]:
    case, sender = label.shipment.case, label.shipment.department
    to = case.delivery
    return {
        "tracking": label.tracking,
        "case": case.number,
        "recipient": to.recipient,
        "phone": to.phone,
        "address": to.address,
        **_sender(sender),
    }


def _sender(department: Party) -> dict[str, str]:
    return {
        "sender": department.name,
        "sender_phone": department.phone,
        "sender_address": department.address,
    }


def draw_sheet(batch: Batch, *, at: datetime) -> bytes:
    """The sheet of a batch as PDF, A4: what is handed over, and room for both to sign."""
    data = {
        "number": batch.number,
        "department": batch.department.name,
        "opened": f"{timezone.localtime(batch.opened_at):%Y-%m-%d %H:%M}",
        "printed": f"{timezone.localtime(at):%Y-%m-%d %H:%M}",
        "lines": list(_lines(labels_of(batch))),
        "missing": batch.missing,
        "specimen": keys.is_demonstration(),
    }
    return render(_template(SHEET), SHEET, data, at=at, pictures={"barcode": code_128(batch.number)})


def _lines(labels: Iterable[Label]) -> Iterable[dict[str, str]]:
    for label in labels:
        case = label.shipment.case
        out = f"{timezone.localtime(label.handed_over_at):%H:%M}" if label.handed_over_at else ""
        yield {"tracking": label.tracking, "case": case.number, "to": case.delivery.recipient, "out": out}


@cache
def _template(name: str) -> dict[str, str]:
    folder = Path(__file__).parent.parent / "templates"
    return {name: (folder / name).read_text(encoding="utf-8")}
