"""Who was sent what, and who read it, goes with the event; so do the texts, which may name a household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.models import Leaflet, Receipt

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "leaflets"


def purge(ended: Ended) -> int:
    """Delete the leaflets to people of the area, with their receipts."""
    going = Leaflet.objects.filter(ended.rows(at="made_at"))
    gone = Receipt.objects.filter(leaflet__in=going.values("pk"))._raw_delete("default")
    return gone + going._raw_delete("default")
