"""How a phone tells what its clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from zerotrip.prevention.field.clock import Reading
from zerotrip.questions.words import Part

Milliseconds = Annotated[float, Field(ge=0, le=4e12)]
"""Since 1970, or since a page was opened; the largest is in the year 2096."""


class ReadingTold(Part):
    """A reading of a phone: its clock, and its ticks since which page was opened."""

    at: Milliseconds
    ticks: Milliseconds
    page: Annotated[str, Field(max_length=40)]

    def read(self) -> Reading:
        """The same in our terms."""
        return Reading(
            datetime.fromtimestamp(self.at / 1000, tz=UTC), timedelta(milliseconds=self.ticks), self.page
        )


def milliseconds(moment: datetime) -> int:
    """A moment as phones reckon."""
    return round(moment.timestamp() * 1000)
