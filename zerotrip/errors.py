"""What an action may refuse. Doors translate these into pages and status codes; nobody else catches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An action that did not happen, with the reason in the reader's words.

    Raised inside the transaction of the step, so that nothing of it remains.
    """

    status = 400

    def __init__(self, message: str, /, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class Refused(Refusal):
    """The rules do not allow this now (409): the reader is told why and what to do next."""

    status = 409


class NotAllowed(Refusal):
    """This person may see the thing but not do this to it (403)."""

    status = 403


class NotFound(Refusal):
    """The thing does not exist, or this person may not know that it does (404)."""

    status = 404


class Stale(Refusal):
    """Somebody else acted first (409). The page offers the present state."""

    status = 409


class Ended(Stale):
    """The mandate somebody acted under is over (409). The page gives back what they typed."""


class Invalid(Refusal):
    """What was typed or sent does not pass (422). ``problems`` maps each place to its messages."""

    status = 422

    def __init__(self, message: str, /, problems: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.problems: dict[str, list[str]] = dict(problems or {})


class Unchanged(Invalid):
    """What was to be changed is as it was (422). Whoever says that it is right so may go on."""


class TooLarge(Refusal):
    """More bytes than the place takes (413)."""

    status = 413


class Unproven(Refusal):
    """A message of a machine that does not prove whose it is (401)."""

    status = 401


class WrongType(Refusal):
    """Content of a type the place does not take, judged by the bytes and not by the name (415)."""

    status = 415
