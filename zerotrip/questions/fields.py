"""The shape of fields as packs declare them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field as Declared
from pydantic import model_validator

from zerotrip.questions.words import Name, Part, Slug, Text, Words

Sum = Annotated[tuple[Name, ...], Declared(min_length=1)]


class Kind(StrEnum):
    """What a field asks for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    YES_NO = "yes_no"
    FILE = "file"
    USCC = "uscc"
    IDENTITY_NUMBER = "identity_number"
    PHONE = "phone"
    ADDRESS = "address"
    ENTERPRISE = "enterprise"
    GROUP = "group"


class Choice(Part):
    """One of the values a choice offers."""

    value: Annotated[str, Declared(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}\Z")]
    label: Words


class Computed(Part):
    """A number worked out from earlier fields, in one of several ways."""

    sum: Sum | None = None
    difference: Sum | None = None
    """The first less all others."""
    product: Sum | None = None
    quotient: Annotated[tuple[Name, ...], Declared(min_length=2, max_length=2)] | None = None
    """The first by the second, such as income a head; nothing while that is zero."""
    rows: Name | None = None
    """How many rows a group has."""
    total: Annotated[str, Declared(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")] | None = None
    """The sum of a column over the rows of a group, such as ``equipment.price``."""

    days: Annotated[tuple[Name, ...], Declared(min_length=2, max_length=2)] | None = None
    """Days from one date to another, both counted; nothing while the second is the earlier."""

    @property
    def parts(self) -> tuple[str, tuple[str, ...]]:
        """The way, and the fields it reads."""
        ((way, names),) = self.model_dump(exclude_none=True).items()
        return way, (names,) if isinstance(names, str) else names

    @model_validator(mode="after")
    def _one_way(self) -> Computed:
        if (
            sum(
                way is not None
                for way in (
                    self.sum,
                    self.difference,
                    self.product,
                    self.quotient,
                    self.rows,
                    self.total,
                    self.days,
                )
            )
            != 1
        ):
            raise ValueError("computed")
        return self


class FieldSpec(Part):
    """One thing that is asked."""

    id: Name
    kind: Kind
    label: Words
    help: Words | None = None
    required: bool | dict[str, Any] = True
    """True, False, or criteria over fields asked before."""
    when: dict[str, Any] | None = None
    """Criteria over fields asked before; the field is asked only when they hold."""
    default: bool | Text | None = None
    default_from: Annotated[str, Declared(pattern=r"^[a-z][a-z_]*\.[a-z][a-z_]*\Z")] | None = None
    """A known fact such as ``applicant.name``."""
    computed: Computed | None = None
    choices: tuple[Choice, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    not_before: Annotated[str, Declared(pattern=r"^(today([+-][0-9]{1,5})?|\d{4}-\d\d-\d\d)\Z")] | None = None
    not_after: Annotated[str, Declared(pattern=r"^(today([+-][0-9]{1,5})?|\d{4}-\d\d-\d\d)\Z")] | None = None
    not_before_field: Name | None = None
    """A date asked before, which this one may not precede."""
    decimals: Annotated[int, Declared(ge=0, le=6)] = 2
    unit: Words | None = None
    max_length: Annotated[int, Declared(ge=1, le=10_000)] | None = None
    pattern: Annotated[str, Declared(max_length=200)] | None = None
    """A regular expression a text matches whole; say in ``help`` what it wants."""
    fields: tuple[FieldSpec, ...] = ()
    """The fields of one row of a group."""
    rows_at_least: Annotated[int, Declared(ge=0, le=50)] = 1
    rows_at_most: Annotated[int, Declared(ge=1, le=50)] = 20
    sensitive: bool = False
    autocomplete: Annotated[str, Declared(pattern=r"^[a-z0-9 -]{0,60}\Z")] = ""
    width: Literal["full", "half", "short"] = "full"


class SectionSpec(Part):
    """Fields that belong on one page."""

    id: Slug
    title: Words
    note: Words | None = None
    fields: Annotated[tuple[FieldSpec, ...], Declared(min_length=1)]
