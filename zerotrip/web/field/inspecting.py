"""Inspections under way go along, for either inspector to fill in without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from zerotrip.prevention.inspections.actions import items_of
from zerotrip.prevention.models import Found, Inspection

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST = 20


def mine(actor: Actor) -> list[dict[str, Any]]:
    """The inspections somebody may fill in, the latest first, item by item with what was found so far."""
    rows = Inspection.objects.visible_to(actor).filter(Q(first=actor.user_id) | Q(second=actor.user_id))
    found = rows.filter(signed_at=None).select_related("site").prefetch_related("findings")[:MOST]
    return [_told(row) for row in found] if actor.user_id else []


def _told(inspection: Inspection) -> dict[str, Any]:
    there = {row.item: row for row in inspection.findings.all()}
    return {
        "id": str(inspection.pk),
        "site": inspection.site.name,
        "found": [{"id": value, "name": str(label)} for value, label in Found.choices],
        "items": [
            {
                "id": item.id,
                "name": str(item.name),
                "help": str(item.help or ""),
                "found": row.found if (row := there.get(item.id)) else "",
                "note": row.note if row else "",
                "photo": bool(row and row.photo_id),
            }
            for item in items_of(inspection)
        ],
    }
