"""Who was sent what, and who read it, goes with the event; so do the texts, and whom they were for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.duties.models import Due, Window
from zerotrip.prevention.models import Leaflet, Receipt

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "leaflets"


def purge(ended: Ended) -> int:
    """Delete the leaflets to people and sites of the area, with their receipts and the windows of those."""
    going = Leaflet.objects.filter(ended.rows(at="made_at"))
    windows = list(going.exclude(window=None).values_list("window", flat=True))
    gone = Receipt.objects.filter(leaflet__in=going.values("pk"))._raw_delete("default")
    gone += Due.objects.filter(window__in=windows).delete()[0]
    gone += going._raw_delete("default")
    return gone + Window.objects.filter(pk__in=windows).delete()[0]
