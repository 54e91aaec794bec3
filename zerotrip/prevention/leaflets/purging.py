"""Who was sent what, and who read it, goes with the event; so do the texts, and whom they were for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Due, Window
from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Leaflet, Receipt

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "leaflets"
HOLDS = [
    Holds(
        "prevention.Leaflet",
        _("明白纸、倡议书的内容，发给哪些人和场所"),
        _("该知道的人都知道"),
        Basis.EMERGENCY,
        Expiry.OVER,
        _("删除整份"),
    ),
    Holds(
        "prevention.Receipt",
        _("发给了谁、谁签收的、签名"),
        _("没有读到的人有人上门"),
        Basis.EMERGENCY,
        Expiry.OVER,
        _("和明白纸一起删除"),
    ),
]


def purge(ended: Ended) -> int:
    """Delete the leaflets to people and sites of the area, with their receipts and the windows of those."""
    going = Leaflet.objects.filter(ended.rows(at="made_at"), ended.past("ends", "withdrawn_at"))
    windows = list(going.exclude(window=None).values_list("window", flat=True))
    gone = Receipt.objects.filter(leaflet__in=going.values("pk"))._raw_delete("default")
    gone += Due.objects.filter(window__in=windows).delete()[0]
    gone += going._raw_delete("default")
    return gone + Window.objects.filter(pk__in=windows).delete()[0]
