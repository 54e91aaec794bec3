"""``inspections.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.inspections.spec import InspectionsSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: InspectionsSpec, judge: Judge) -> None:
    """Each severity, list and item once; the severity of an item is declared."""
    known = {one.id for one in spec.severities}
    judge.unique((one.id for one in spec.severities), ("severities",), "id")
    judge.unique((one.id for one in spec.lists), ("lists",), "id")
    for place, each in enumerate(spec.lists):
        judge.unique((item.id for item in each.items), ("lists", place, "items"), "id")
        for row, item in enumerate(each.items):
            judge.known(item.severity, known, ("lists", place, "items", row, "severity"), _("没有这个严重程度。"))


PART = part_of("inspections", InspectionsSpec, judge)
