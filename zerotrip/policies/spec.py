"""The shape of a policy: ``policies/<id>.yaml``, and of the shelves they stand on, ``shelves.yaml``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from zerotrip.catalogue.spec import Limit, Link
from zerotrip.catalogue.tariffs import Charge
from zerotrip.catalogue.windows import Day, sound
from zerotrip.questions.words import Name, Part, Slug, Text, Words

Divided = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{6})?)?)?\Z|^[0-9]{12}\Z")]
"""A division code: 2, 4, 6 or 12 digits."""
Issued = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?\Z")]
"""A day, or no more of it than the source says: ``2022``, ``2022-04``."""
Said = Literal["yes", "no", "unknown"]
Amount = Annotated[Decimal, Field(ge=0)] | Literal[""]
"""Yuan, or empty."""


class Clause(Part):
    """One condition, in words and as criteria over facts."""

    id: Name
    text: Words
    when: dict[str, Any]
    note: Words | None = None
    """How we read it, where the source leaves something open."""
    evidence: Words | None = None
    """What proves it, where the source asks for something."""


class Figure(Part):
    """A number of the benefit that is no money to be worked out: months, a rate, a ceiling of a loan."""

    label: Words
    value: Decimal
    unit: Words | None = None


class Tier(Charge):
    """What a policy gives to those for whom ``when`` holds: in words, in figures, and in yuan where that follows.

    ``of`` names facts whose product is the quantity; ``amount``, ``rate``, ``bands``, ``progressive``,
    ``at_least`` and ``at_most`` work as in a tariff. A tier that says none of these gives no sum of money.
    """

    id: Name
    gives: Words | None = None
    figures: tuple[Figure, ...] = ()
    no_more_than: Name | None = None
    """A fact, in yuan, the amount does not exceed: what was really paid."""
    divided_by: Annotated[Decimal, Field(gt=0)] | None = None
    """The quantity is divided by it first, such as 12 for a month of a year."""

    @property
    def counts(self) -> bool:
        """Whether it comes to a sum of money."""
        return bool(self.of or self.amount or self.bands)


class Benefit(Part):
    """What a policy gives."""

    kind: Literal["payment", "reduction", "refund", "deferral", "loan", "exemption", "rate", "service"]
    gives: Words
    """In one sentence."""
    tiers: tuple[Tier, ...] = ()
    choose: Literal["first", "all", "highest"] = "first"
    """Of the tiers that hold: the first, all of them together, or the one that comes to most (就高)."""
    per: Words | None = None
    """How often, such as ``每年``."""
    at_most: Annotated[Decimal, Field(gt=0)] | None = None
    """Yuan, of everything together."""


class Validity(Part):
    """From when to when a policy holds, both days included; what is left out is open, or not stated."""

    since: date | None = None
    until: date | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError("validity")
        return self


class Season(Part):
    """A time in which one may apply: ``03-01`` to ``03-31`` each year, or ``2026-03-01`` to ``2026-03-31`` once."""

    opens: Day
    closes: Day
    """The last day."""
    when: dict[str, Any] | None = None
    """Criteria over facts: the time is only for those for whom they hold."""
    note: Words | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not sound(self.opens, self.closes):
            raise ValueError("season")
        return self


class Applying(Part):
    """How one applies, where one has to."""

    how: Words
    service: Slug | None = None
    """The service of this pack the application is made with."""
    opens: date | None = None
    closes: date | None = None
    windows: tuple[Season, ...] = ()
    """Where there are several times to apply, or one each year."""
    materials: tuple[Words, ...] = ()
    url: Link = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.windows and (self.opens or self.closes):
            raise ValueError("windows")
        return self


class Rank(Part):
    """Who comes first, by a fact: the lowest or highest number, the earliest or latest date."""

    fact: Name
    first: Literal["lowest", "highest", "earliest", "latest"]


class Limited(Part):
    """There is only so much of it: so many places, or so much money. Said to people.

    Nobody is counted here, unless the benefit comes without application and we pay it: see ``rank``.
    """

    places: Annotated[int, Field(ge=1)] | None = None
    budget: Annotated[Decimal, Field(gt=0)] | None = None
    """Yuan; left out beside no ``places``: the source names no sum."""
    per: Literal["", "year", "quarter", "month"] = ""
    """For each of these anew; left out: once for all."""
    order: Words
    """Who comes first, as the source says: 按申报先后, 按得分高低."""
    rank: tuple[Rank, ...] = ()
    """The same by facts, the first that differs decides. Runs without application are cut by it."""


class Unasked(Part):
    """The benefit comes without application (免申即享)."""

    by: Literal["us", "payer"] = "us"
    """``us``: a department of this district evaluates, announces and pays. ``payer``: it is applied by whoever
    collects or owes the money (tax, social insurance, landlord, grid), and we only tell whom it is for."""
    department: Slug | None = None
    """Who pays it here; needed for ``us``."""
    period: Literal["once", "year", "quarter", "month"] = "once"
    """An enterprise has it once for each."""
    notice: Limit | None = None
    """How long the list is public and can be objected to before it is paid."""
    consent: Literal["ask", "silence"] = "ask"
    """``ask``: paid only to those who say yes. ``silence``: to all who do not say no before the notice ends."""
    basis: Words | None = None


class Example(Part):
    """An invented enterprise and what should come out for it. ``pack check`` works it out."""

    name: Text
    on: date
    """The day it is asked."""
    facts: dict[Name, Any] = Field(default_factory=dict)
    """By name. What follows from others may be given too, and then counts as given."""
    expect: Said
    clauses: dict[Name, Said] = Field(default_factory=dict)
    """By clause; those left out are not looked at. ``region`` is the one that follows from ``region``."""
    missing: tuple[Name, ...] | None = None
    """The facts named as missing, in any order."""
    tier: tuple[Name, ...] | None = None
    """The tiers that hold."""
    amount: Amount | None = None
    """Yuan, as ``12000`` or ``"12000.00"``; empty where it cannot be told."""
    open: Said | None = None
    """Whether one may apply on that day."""


class Region(Part):
    """Where a policy holds. An enterprise has to be there, unless ``anywhere`` says that the clauses tell."""

    name: Words
    code: Divided | None = None
    """Left out: the whole country."""
    anywhere: bool = False


class PolicySpec(Part):
    """A policy as a pack declares it."""

    id: Slug
    name: Words
    summary: Words
    region: Region
    issuer: Words
    document: str = ""
    """Its number, as 济指办发〔2022〕153号."""
    article: Words | None = None
    """Which article or item of the document."""
    issued: Issued | None = None
    leads: tuple[Words, ...] = ()
    """The departments in charge, as the source names them."""
    department: Slug | None = None
    """The one of this district that answers questions about it."""
    shelves: Annotated[tuple[Slug, ...], Field(min_length=1)]
    audience: Annotated[tuple[Literal["enterprise", "person"], ...], Field(min_length=1)] = ("enterprise",)
    keywords: tuple[Text, ...] = ()
    valid: Validity = Validity()
    clauses: tuple[Clause, ...] = ()
    """All have to hold."""
    benefit: Benefit
    apply: Applying | None = None
    unasked: Unasked | None = None
    limited: Limited | None = None
    times: Annotated[int, Field(ge=1, le=100)] | None = None
    """How often somebody may have it at all."""
    excludes: tuple[Slug, ...] = ()
    """Policies that cannot be had beside it."""
    replaces: tuple[Slug, ...] = ()
    """Policies this one took the place of."""
    open_points: tuple[Words, ...] = ()
    """What the source does not say."""
    notes: tuple[Words, ...] = ()
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    examples: tuple[Example, ...] = ()


class ShelfSpec(Part):
    """A theme policies are looked for by."""

    id: Slug
    name: Words
    note: Words | None = None


class ShelvesSpec(Part):
    """``shelves.yaml``: in the order of the page."""

    shelves: Annotated[tuple[ShelfSpec, ...], Field(min_length=1, max_length=30)]
