"""``venues.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.models import HealthColour
from zerotrip.prevention.venues.spec import VenuesSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: VenuesSpec, judge: Judge) -> None:
    """What becomes of whoever shows no code is said by ``no_code``; green codes are let in."""
    if {HealthColour.GREEN, HealthColour.NONE} & set(spec.refuse_codes):
        judge.fault(("refuse_codes",), _("绿码不能列入；没有出示的由 no_code 决定。"))


PART = part_of("venues", VenuesSpec, judge)
