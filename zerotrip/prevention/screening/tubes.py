"""What of ``screening.yaml`` is about tubes and laboratories."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from zerotrip.prevention.models import SIZES
from zerotrip.questions.words import Part, Slug, Words


class TubesSpec(Part):
    """Tubes, and what follows from one that is not negative."""

    size: int = 10
    """People to a tube where nobody chooses otherwise: 1, 5, 10 or 20."""
    retest_hours: Annotated[int, Field(ge=1, le=72)] = 24
    """Within which everybody of a tube that is not negative is tested singly: the district's own figure."""
    late_hours: Annotated[int, Field(ge=1, le=72)] = 12
    """After which a tube of which no laboratory has said anything is named: the district's own figure."""
    pool_decides: bool = False
    """Whether a positive pool makes everybody in it count as positive until they are tested singly."""

    @field_validator("size")
    @classmethod
    def _validated(cls, size: int) -> int:
        if size not in SIZES:
            raise ValueError("size is 1, 5, 10 or 20")
        return size


class LaboratorySpec(Part):
    """A laboratory that tests tubes."""

    id: Slug
    name: Words
    tubes_a_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """What it can test a day; None: not known."""
