"""``screening.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.screening.spec import ScreeningSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: ScreeningSpec, judge: Judge) -> None:
    """Each outcome and each laboratory once."""
    judge.unique((one.id for one in spec.outcomes), ("outcomes",), "id")
    judge.unique((one.id for one in spec.laboratories), ("laboratories",), "id")


PART = part_of("screening", ScreeningSpec, judge)
