"""``gates.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.gates.spec import GatesSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: GatesSpec, judge: Judge) -> None:
    """Each kind of goods once."""
    judge.unique((one.id for one in spec.goods), ("goods",), "id")


PART = part_of("gates", GatesSpec, judge)
