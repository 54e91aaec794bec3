"""What a granted case brings forth: each outcome kind of the catalogue has exactly one handler.

The app that owns a kind registers its handler at start-up; a system check fails on a kind without
one. Handlers run in the worker, inside the transaction of the ``issue`` step, and are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor


class Handler(Protocol):
    """Makes the outcome of a granted case. Returns what the journal keeps of it."""

    def __call__(self, case: Case, *, by: Actor, at: datetime) -> dict[str, Any]: ...


class Stopper(Protocol):
    """Suspends or revokes the outcome of a case, whichever ``what`` says, if there is one and it holds."""

    def __call__(self, case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None: ...


Arrival = Callable[["Case"], str | None]
"""By which way the outcome of an issued case has reached its applicant; None while it is on its way."""

_handlers: dict[str, Handler] = {}
_stoppers: dict[str, Stopper] = {}
_arrival: list[Arrival] = []


def register(kind: str, handler: Handler, stopper: Stopper) -> None:
    """Name the one handler of an outcome kind, and what takes its outcome back."""
    if _handlers.get(kind, handler) is not handler:
        raise ImproperlyConfigured(f"Outcome kind {kind!r} has two handlers.")
    _handlers[kind], _stoppers[kind] = handler, stopper


def handler_of(kind: str) -> Handler:
    """The handler of an outcome kind."""
    return _handlers[kind]


def stop(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Suspend or revoke what the case brought forth, within the caller's transaction."""
    _stoppers[case.spec.outcome.kind](case, what, reason=reason, by=by, at=at)


def ask_arrival(ask: Arrival) -> None:
    """Name the one who knows what is on its way."""
    _arrival[:] = [ask]


def arrived_by(case: Case) -> str | None:
    """By which way the outcome has arrived: electronically, once it is issued, unless somebody knows better."""
    return _arrival[0](case) if _arrival else "electronic"


def kinds() -> frozenset[str]:
    """The outcome kinds somebody makes."""
    return frozenset(_handlers)


def check_kinds(declared: Iterable[str]) -> list[CheckMessage]:
    """Errors for declared kinds that nobody makes."""
    return [
        Error(f"No app makes the outcome kind {kind!r}.", id="cases.E001")
        for kind in sorted(set(declared) - kinds())
    ]
