"""The shape of ``facts.yaml``: which facts there are, who states them, what follows from others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from zerotrip.questions.fields import Choice
from zerotrip.questions.words import Name, Part, Slug, Text, Words

Names = Annotated[tuple[Name, ...], Field(min_length=2, max_length=12)]
Bounded = Annotated[tuple[Name | Decimal, ...], Field(min_length=2, max_length=12)]
"""Facts, and numbers to compare them with."""
Pair = Annotated[tuple[Name, Name], Field(min_length=2, max_length=2)]


class Kind(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """In yuan."""
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    INDUSTRY = "industry"
    """A code of GB/T 4754, of whatever level."""
    AREA = "area"
    """An administrative division code (GB/T 2260, with 9, 12 or 15 digits below the district)."""


class Total(Part):
    """The sum of a monthly, quarterly or yearly fact over several of its periods."""

    of: Name
    periods: Annotated[int, Field(ge=1, le=36)] | None = None
    """The latest so many that are stated."""
    year: Annotated[int, Field(ge=-10, le=0)] | None = None
    """All periods of a calendar year: 0 is this year so far, -1 the last."""
    back: Annotated[int, Field(ge=0, le=120)] = 0
    """So many periods before the latest: 12 months back is the same time a year ago."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.periods is None) == (self.year is None) or (self.back and self.year is not None):
            raise ValueError("total")
        return self


class Change(Part):
    """How much a figure grew over its latest periods against the same a year before: 0.1 is a tenth more."""

    of: Name
    periods: Annotated[int, Field(ge=1, le=12)] = 1


class Sized(Part):
    """The facts a size class is worked out from."""

    industry: Name
    staff: Name
    revenue: Name
    assets: Name


class Reaching(Part):
    """The facts that tell whether the threshold of above-scale enterprises is reached."""

    industry: Name
    revenue: Name


class Scaled(Part):
    """A fact times a number, and a number on top: 1.5 % of the staff, what is above 10 million."""

    of: Name
    times: Decimal = Decimal(1)
    plus: Decimal = Decimal(0)


class Announced(Part):
    """A value somebody published: from which day on it holds, and where it was read."""

    value: Decimal
    since: date
    until: date | None = None
    """The last day it holds, where that is known; the next value ends it in any case."""
    confirmed: date | None = None
    """A later day on which it was seen to hold still: ``fresh`` is counted from here."""
    within: tuple[Text, ...] = ()
    """Division codes it holds in; left out: everywhere a narrower one does not."""
    source: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.until and self.until < self.since) or (self.confirmed and self.confirmed < self.since):
            raise ValueError("announced")
        return self


class Dated(Part):
    """What a published value was on a day that is a fact itself: the rate when the contract was signed."""

    of: Name
    day: Name


class Computation(Part):
    """A fact that follows from others declared before it, in one of several ways."""

    sum: Names | None = None
    difference: Names | None = None
    """The first less all others."""
    product: Names | None = None
    quotient: Pair | None = None
    """The first by the second; unknown where that is zero."""
    scaled: Scaled | None = None
    least: Bounded | None = None
    """The least of several: no more than 200 square metres count."""
    greatest: Bounded | None = None
    published: tuple[Announced, ...] | None = None
    """The same for everybody, or for everybody in a division: what was published, by day. None of it: unknown."""
    published_on: Dated | None = None
    total: Total | None = None
    change: Change | None = None
    holds: dict[str, Any] | None = None
    """Yes where these criteria hold, no where they do not."""
    party: Literal["area"] | None = None
    """What is kept of the party itself."""
    sector: Name | None = None
    """The sector of the economy (三次产业) of an industry: ``primary``, ``secondary``, ``tertiary``."""
    size_class: Sized | None = None
    """统计上大中小微型企业划分办法（2017）: ``large``, ``medium``, ``small``, ``micro``."""
    reaches_scale: Reaching | None = None
    """Whether revenue reaches the threshold of above-scale enterprises (being counted as one is another fact)."""

    @cached_property
    def way(self) -> tuple[str, Any]:
        """Which way, and what it says."""
        ((name, value),) = self._said()
        return name, value

    def _said(self) -> list[tuple[str, Any]]:
        said = [(key, getattr(self, key)) for key in type(self).model_fields]
        return [(key, value) for key, value in said if value or (key == "published" and value is not None)]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self._said()) != 1:
            raise ValueError("computation")
        return self


class FactSpec(Part):
    """One fact that can be known of a party."""

    id: Name
    kind: Kind
    label: Words
    help: Words | None = None
    """What it means, how it is counted: shown where somebody states it."""
    of: Annotated[tuple[Literal["enterprise", "person"], ...], Field(min_length=1)] = ("enterprise",)
    unit: Words | None = None
    """The unit it is kept in; money is in yuan."""
    units: dict[Text, Annotated[Decimal, Field(gt=0)]] = Field(default_factory=dict)
    """Other units it may be stated in, and how many of its own each is: ``{千人: 1000}``."""
    choices: tuple[Choice, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    per: Literal["", "month", "quarter", "year"] = ""
    """A figure of a period, dated by the last day of it; left out: as of a day."""
    fresh: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Calendar days after its date for which it counts; left out: until it is stated anew."""
    sources: tuple[Slug, ...] = ()
    """Who may state it; left out: every source."""
    sensitive: bool = False
    computed: Computation | None = None
    basis: Words | None = None
    """Where the definition comes from."""

    @property
    def published(self) -> bool:
        """Whether it is published for everybody, and so says nothing of one enterprise."""
        return self.computed is not None and self.computed.published is not None


class SourceSpec(Part):
    """Somebody who states facts."""

    id: Slug
    name: Words
    trust: Annotated[int, Field(ge=1, le=9)]
    """1 is believed first. Of several that state a fact the most trusted one that is fresh counts."""
    own: bool = False
    """What a party says of itself."""


class FactsSpec(Part):
    """``facts.yaml``."""

    sources: Annotated[tuple[SourceSpec, ...], Field(min_length=1)]
    facts: Annotated[tuple[FactSpec, ...], Field(min_length=1)]
