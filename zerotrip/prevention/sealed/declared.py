"""``sealed.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.sealed.spec import SealedSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: SealedSpec, judge: Judge) -> None:
    """Each level once."""
    judge.unique((one.id for one in spec.levels), ("levels",), "id")


PART = part_of("sealed", SealedSpec, judge)
