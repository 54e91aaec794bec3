"""The shape of a kind of resource in a pack: ``resources/<id>.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zerotrip.questions import FieldSpec, Part, Words
from zerotrip.questions.words import Name, Slug

Side = Literal["offer", "want"]


class SideSpec(Part):
    """How one side of a kind is asked: what people press, the place, and the fields."""

    name: Words
    """In the words of whoever enters it: ``我有闲置场地``."""
    note: Words | None = None
    example: Words | None = None
    """A title as one would write it."""
    place: Words
    """The question where it is, or where it is needed."""
    reach: Words | None = None
    """The question within which area the other side may lie; None: not asked, the whole district."""
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1, max_length=30)]
    """Those that are ``sensitive`` are shown to the other side only once both have agreed."""


class Told(Part):
    """A reason in words of one's own, with ``{offer}`` and ``{want}`` for the two values."""

    want: Words
    """To whoever wants: ``净高 {offer}，您要 {want}``."""
    offer: Words
    """To whoever offers."""


class RuleSpec(Part):
    """A hard rule: a pair is no match where it does not hold. A want that leaves its field open asks nothing."""

    offer: Name
    must: Literal["at_least", "at_most", "share", "cover"]
    """The offer's number or date is at least, at most that of the want; of choices, the two have one in common
    (``share``), or the offer has all that are wanted (``cover``: a wanted yes needs a yes)."""
    want: Name
    words: Told | None = None
    """None: told with the labels of the fields."""


class MeasureSpec(Part):
    """How close a pair is, between 0 and 1, weighed against the other measures."""

    by: Literal["near", "low", "share", "place"]
    """``near``: the two numbers or dates lie close together; ``low``: the offer's number is small against the
    most that is wanted; ``share``: how many of the wanted choices are there; ``place``: how much of the way down
    the areas the two have in common."""
    weight: Annotated[int, Field(ge=1, le=100)]
    offer: Name | None = None
    want: Name | Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)] | None = None
    """Two number fields mean their middle, or the one that is answered."""
    within: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Of dates: so many days apart count as far as can be."""


class QuantitySpec(Part):
    """A resource that can be taken in parts: how much there is of it."""

    offer: Name
    want: Name | None = None
    unit: Words


class OutcomeSpec(Part):
    """What is counted when a pair has come together, once for each side."""

    unit: Words
    offer: Words
    """What it is to whoever offered: ``盘活闲置面积``."""
    want: Words
    """What it is to whoever wanted: ``落实用房面积``."""
    amount: Name | None = None
    """The field of the offer, else of the want, that says what the amount will probably be."""
    decimals: Annotated[int, Field(ge=0, le=2)] = 0


class Periods(Part):
    """How long things hold in a kind, each the district's own choice."""

    reserve_hours: Annotated[int, Field(ge=1, le=24 * 60)] = 72
    """A reservation."""
    confirm_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Until an entry is asked whether it still stands."""
    grace_days: Annotated[int, Field(ge=1, le=90)] = 7
    """Until one that was asked and not confirmed is no longer shown."""
    answer_days: Annotated[int, Field(ge=1, le=90)] = 14
    """For both sides to agree to a proposal."""
    longest_days: Annotated[int, Field(ge=1, le=1100)] = 365
    """The furthest end of an entry."""


class HelpSpec(Part):
    """Where a need of an enterprise is helped by a kind: which side it then stands on."""

    need: Slug
    """The subject: a service with ``need``."""
    side: Side
    fills: dict[Name, Name] = {}
    """A field of this side, or ``title``, from a field of the need's form: what was said is not typed again. What
    is filled in is read by everybody, so nothing that was said in confidence belongs here."""
    among: Name | None = None
    """A fact of enterprises, yes or no, by which the register is searched for the other side: ``above_scale``."""


class KindSpec(Part):
    """A kind of resource: what is asked of both sides, which pairs match, what is counted."""

    id: Slug
    name: Words
    note: Words | None = None
    order: Annotated[int, Field(ge=0, le=1000)] = 100
    """The place in lists."""
    offer: SideSpec
    want: SideSpec
    rules: tuple[RuleSpec, ...] = ()
    closeness: Annotated[tuple[MeasureSpec, ...], Field(max_length=12)] = ()
    """The first with a number is what a long list of matches is searched by: write the most important first."""
    quantity: QuantitySpec | None = None
    """None: goes as a whole, to one."""
    outcome: OutcomeSpec
    periods: Periods = Periods()
    proposals: Annotated[int, Field(ge=1, le=50)] = 10
    """How many are proposed at a time."""
    helps: Annotated[tuple[HelpSpec, ...], Field(max_length=20)] = ()
    """The needs it helps: their pages offer it."""
