"""A ranking nobody can dress up. Pure.

The share kept on time is ranked by the lower end of its Wilson interval (95 %), so that one case of one does
not lead and a small office cannot win by luck; beside it stands the place it would have if nothing had been
paused. Wilson, "Probable Inference", JASA 22 (1927).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

Z = 1.959964
"""The 97.5 % point of the normal distribution."""


def wilson(kept: int, of: int) -> float:
    """The least share that ``kept`` of ``of`` speaks for, with 95 % confidence; 0 without any."""
    if of == 0:
        return 0.0
    share = kept / of
    middle = share + Z * Z / (2 * of)
    spread = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + Z * Z / of))


def places(scores: Sequence[float]) -> list[int]:
    """The place of each score, the highest first; equal scores share a place."""
    return [1 + sum(other > score for other in scores) for score in scores]
