"""Offices are told of what came up in a place they work over; what anybody was told goes with the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from zerotrip.channels.actions import forget, tell_staff
from zerotrip.parties.models import HANDS
from zerotrip.prevention.events.purging import Basis, Expiry, Holds

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended
    from zerotrip.rows import Writes

NAME = "notices"
KINDS = frozenset(
    {
        *("post_accepted", "post_shifts", "post_shift_given", "post_shift_taken", "post_gap", "post_gap_skill"),
        *("post_missed", "post_swap_asked", "post_swap_lead", "post_swap_done", "post_swap_refused"),
        *("tube_positive", "tube_unclear", "tube_invalid"),
        *("defects_found", "defect_reminder", "defect_returned", "defect_late", "defect_put_right"),
        *("staff_defect_late", "inspection_to_sign", "inspection_sent_back"),
        *("leaflet", "leaflet_reminder", "site_leaflet", "site_leaflet_reminder"),
        *("staff_leaflet_doors", "staff_leaflet_silent", "staff_site_leaflet_doors", "staff_site_leaflet_silent"),
        *("sealed_run_due", "sealed_run_late", "staff_sealed_run_late"),
    }
)
"""What people are told of in an event: names of whoever was absent or swaps, doors, tubes."""
HOLDS = [
    Holds(
        "channels.Notice",
        _("站内通知：谁没有到岗和电话、谁请谁换班、哪根管阳性"),
        _("该处理的人马上知道"),
        Basis.EMERGENCY,
        Expiry.DAY,
        _("删除防控的通知"),
    ),
    Holds(
        "channels.Message",
        _("发出的短信和邮件：号码、地址和内容"),
        _("把通知送到"),
        Basis.EMERGENCY,
        Expiry.DAY,
        _("和通知一起删除；没有账号的人的号码更早清空"),
    ),
]


def purge(ended: Ended) -> int:
    """Delete the notices of those days, unless another event anywhere holds on to them: they lie in no area."""
    return forget(KINDS, ended.moments())


def tell_offices(
    writes: Writes,
    offices: Iterable[UUID],
    *,
    area_path: str,
    template: str,
    context: Mapping[str, Any],
    link: str,
    key: str,
    at: datetime,
) -> None:
    """Tell those who work in some offices over an area something, once for each ``key``."""
    for office in offices:
        tell_staff(
            writes,
            department=office,
            area_path=area_path,
            roles=HANDS,
            template=template,
            context=context,
            link=link,
            key=key,
            at=at,
        )
