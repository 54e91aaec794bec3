"""The courier: one protocol, and two shipped forms of it. One is told, the other asks.

Which one, ``settings.COURIER`` says by its dotted path; another courier is another class of this shape.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from zerotrip.errors import Invalid
from zerotrip.licences.post.states import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COURIER = "courier"
"""The code under which tracking and event numbers of the configured courier are kept apart from others'."""
MOST_REPORTS = 200
"""Reports in one message."""


class Silent(Exception):
    """The courier does not answer, or says what cannot be read. It is asked again later."""


Line = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f]*\Z")]


class Report(BaseModel):
    """One thing a courier tells of one parcel. ``id`` is its own number of it, and never comes twice."""

    model_config = ConfigDict(frozen=True, extra="ignore", regex_engine="python-re")

    id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,80}\Z")]
    tracking: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,40}\Z")]
    kind: EventKind
    at: AwareDatetime
    place: Annotated[Line, Field(max_length=80)] = ""
    note: Annotated[Line, Field(max_length=200)] = ""
    signed_by: Annotated[Line, Field(max_length=60)] = ""


class Message(BaseModel):
    """What a courier sends or answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    events: Annotated[list[Report], Field(max_length=MOST_REPORTS)]


def read(body: bytes) -> list[Report]:
    """The reports of a message in JSON. Raises Invalid, naming what is wrong and where."""
    try:
        return Message.model_validate_json(body).events
    except ValidationError as error:
        problems = {".".join(map(str, fault["loc"])): [fault["msg"]] for fault in error.errors(include_url=False)}
        raise Invalid(_("内容不符合约定的格式。"), problems) from error


class Courier(Protocol):
    """Where news of parcels comes from."""

    def hear(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Report]:
        """What the courier sent. Raises Unproven unless it proves who sent it, NotFound when this courier
        sends nothing, Invalid for what cannot be read."""
        ...

    def ask(self, numbers: Sequence[str], *, at: datetime) -> list[Report]:
        """What the courier answers about these tracking numbers; nothing when it sends by itself.

        Raises Silent when it does not answer as agreed.
        """
        ...


def courier() -> Courier | None:
    """The configured courier, or None: then clerks write down what they are told."""
    if not settings.COURIER:
        return None
    made: Courier = import_string(settings.COURIER)()
    return made
