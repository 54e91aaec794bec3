"""The licence registry of others (电子证照库): one protocol, one shipped form of it.

Which one, ``settings.LICENCE_REGISTRY`` says by its dotted path; another registry is another class of
this shape. It is asked only for what somebody consented to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from zerotrip.licences.identifiers import is_identifier
from zerotrip.licences.reuse.models import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_FACTS = 60
"""Facts of one licence that are read."""


class Unanswered(Exception):
    """The registry gave no answer that can be relied on. ``permanent``: asking again changes nothing."""

    def __init__(self, reason: str, *, permanent: bool = False, fault: Fault = Fault.UNANSWERED) -> None:
        super().__init__(reason)
        self.permanent, self.fault = permanent, fault


@dataclass(frozen=True)
class Asked:
    """What is asked: a kind of licence of a holder, or the one of a number. ``key`` names the asking."""

    key: str
    kind: str
    holder: str
    """The USCC of the holder."""
    number: str = ""
    purpose: str = ""
    """For which matter, as the holder was told."""


Line = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f]*\Z")]


class Holder(BaseModel):
    """Whose licence it is."""

    model_config = ConfigDict(frozen=True, extra="ignore", regex_engine="python-re")

    uscc: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NP-RTUW-Y]{18}\Z")]
    name: Annotated[Line, Field(min_length=1, max_length=120)]


class Answer(BaseModel):
    """A licence as the registry has it."""

    model_config = ConfigDict(frozen=True, extra="ignore", regex_engine="python-re")

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}\Z")]
    number: Annotated[Line, Field(min_length=1, max_length=80)]
    identifier: Annotated[Line, Field(max_length=120)] = ""
    """GB/T 36904; its check character is looked at."""
    title: Annotated[Line, Field(min_length=1, max_length=120)]
    title_en: Annotated[Line, Field(max_length=160)] = ""
    holder: Holder
    issuer: Annotated[Line, Field(min_length=1, max_length=120)]
    valid_from: date | None = None
    valid_until: date | None = None
    status: Literal["valid", "suspended", "revoked"]
    facts: Annotated[
        dict[
            Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}\Z")],
            Annotated[Line, Field(max_length=500)],
        ],
        Field(max_length=MOST_FACTS),
    ] = Field(default_factory=dict)

    def holds(self, on: date) -> bool:
        """Whether the registry says that it is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= on
        return self.status == "valid" and begun and (self.valid_until is None or on <= self.valid_until)


class Registry(Protocol):
    """Where licences of others are kept."""

    def find(self, asked: Asked, *, at: datetime) -> Answer:
        """The licence that is asked for, checked by ``believed``. Raises Unanswered."""
        ...


def registry() -> Registry | None:
    """The configured registry, or None: then only licences held here stand in for materials."""
    if not settings.LICENCE_REGISTRY:
        return None
    made: Registry = import_string(settings.LICENCE_REGISTRY)()
    return made


def believed(content: Mapping[str, object], asked: Asked) -> Answer:
    """An answer in its agreed shape, about what was asked and nobody else.

    Raises Unanswered for one that lies: malformed, another kind, another holder or number, an identifier
    whose check character is wrong, an end before its beginning.
    """
    try:
        answer = Answer.model_validate(content)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_url=False))
        raise Unanswered(f"The answer is malformed: {places}") from error
    if answer.kind != asked.kind:
        raise Unanswered("The answer is about another kind of licence.")
    if asked.number and answer.number != asked.number:
        raise Unanswered("The answer is about another number.")
    if answer.holder.uscc != asked.holder:
        # Asked by number, it is somebody else's licence; asked by holder, the registry mixes people up.
        others = bool(asked.number)
        fault = Fault.OTHERS if others else Fault.UNANSWERED
        raise Unanswered("The answer is about another holder.", permanent=others, fault=fault)
    if answer.identifier and not is_identifier(answer.identifier):
        raise Unanswered("The check character of the identifier is wrong.")
    if answer.valid_from and answer.valid_until and answer.valid_until < answer.valid_from:
        raise Unanswered("The licence ends before it begins.")
    return answer
