"""The shape of ``indicators.yaml``: which figures a district keeps, and how they are to be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from zerotrip.indicators.periods import Frequency, Period
from zerotrip.questions.words import Part, Slug, Words

Industry = Annotated[str, StringConstraints(pattern=r"^([A-T]|[0-9]{2,4})$")]
Level = Literal["city", "district", "subdistrict", "community", "grid"]


class IndustrySpec(Part):
    """A class of industry an indicator is also reported by: its code in GB/T 4754, and its name."""

    code: Industry
    name: Words


class BreakSpec(Part):
    """From this period on, the figures mean something else (口径调整): they do not grow from those before."""

    year: Annotated[int, Field(ge=1949, le=2199)]
    number: Annotated[int, Field(ge=1, le=12)] = 1
    note: Words


class IndicatorSpec(Part):
    """One indicator."""

    id: Slug
    name: Words
    short: Words | None = None
    """As tiles and columns call it."""
    unit: Words
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    """Places after the point that are shown. Four are kept."""
    frequency: Frequency
    reported: Literal["cumulative", "period"] = "cumulative"
    """What a figure is of: the year up to the end of the period, or the period alone."""
    flow: bool = True
    """Whether periods add up to the year; False for what is counted at one day, such as a number of firms."""
    better: Literal["more", "less", "neither"] = "more"
    change: Literal["percent", "points"] = "percent"
    """How a change is told: in per cent of the base, or, of rates, in percentage points."""
    rolls_up: Literal["sum", "mean", "none"] = "sum"
    weight: Slug | None = None
    """Of a mean: the indicator whose figures are the weights."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = ("subdistrict",)
    """The levels of area figures are entered for. Areas above add them up, unless they have their own."""
    industries: tuple[IndustrySpec, ...] = ()
    least: float | None = 0
    """What a figure may not be below; None: anything."""
    most: float | None = None
    doubt: Annotated[float, Field(gt=0, le=100_000)] = 50
    """A change against last year by more per cent than this is asked about."""
    department: Slug
    """Who is in charge: enters, corrects and sets targets in its whole area."""
    entered_by: tuple[Slug, ...] = ()
    """Who else enters: each for its own area."""
    due_days: Annotated[int, Field(ge=0, le=365)] = 15
    """Days after the end of a period."""
    source: Words
    """Where figures come from, unless one says otherwise."""
    note: Words | None = None
    """What is counted, and what is not (指标解释)."""
    breaks: tuple[BreakSpec, ...] = ()

    @model_validator(mode="after")
    def agrees_with_itself(self) -> Self:
        """A mean has weights, and a rate does not add up."""
        if (self.rolls_up == "mean") != (self.weight is not None):
            raise ValueError("indicator-weight")
        if self.change == "points" and self.rolls_up == "sum":
            raise ValueError("indicator-points")
        if not self.flow and self.reported == "cumulative":
            raise ValueError("indicator-flow")
        return self

    @property
    def called(self) -> Words:
        """Its short name, or its name."""
        return self.short or self.name

    @property
    def cumulative(self) -> bool:
        """Whether a figure is of the year up to the end of its period."""
        return self.reported == "cumulative"

    def broken(self, base: Period, period: Period) -> BreakSpec | None:
        """The change of definition after ``base`` and not after ``period``, the last one; None without any."""
        found = [
            one
            for one in self.breaks
            if (base.year, base.number) < (one.year, one.number) <= (period.year, period.number)
        ]
        return max(found, key=lambda one: (one.year, one.number)) if found else None

    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """What a figure may not be below and above, exactly."""
        least, most = (None if bound is None else Decimal(repr(bound)) for bound in (self.least, self.most))
        return least, most


class IndicatorsSpec(Part):
    """All indicators of a pack, in the order they are shown."""

    indicators: Annotated[tuple[IndicatorSpec, ...], Field(max_length=200)]
