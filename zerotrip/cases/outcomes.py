"""What a granted case brings forth: each outcome kind of the catalogue has exactly one handler.

The app that owns a kind registers its handler at start-up; a system check fails on a kind without
one. Handlers run in the worker, inside the transaction of the ``issue`` step, and are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.cases.states import Step
    from zerotrip.errors import Refusal
    from zerotrip.parties.access import Actor
    from zerotrip.rows import Writes


class Handler(Protocol):
    """Makes the outcome of a granted case. Returns what the journal keeps of it."""

    def __call__(self, case: Case, *, by: Actor, at: datetime) -> dict[str, Any]: ...


class Stopper(Protocol):
    """Suspends or revokes the outcome of a case, whichever ``what`` says, if there is one and it holds."""

    def __call__(self, case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None: ...


class Objector(Protocol):
    """Why a case cannot be handed in, or granted, as ``step`` says: the outcome it is about stands against it.

    ``answers`` are what is handed in, None where that is long done. Returns the refusal to raise, or None.
    """

    def __call__(
        self, case: Case, step: Step, *, answers: Mapping[str, Any] | None, at: datetime
    ) -> Refusal | None: ...


class Fulfiller(Protocol):
    """Lets go of the condition that something was owed, because it has come."""

    def __call__(self, case: Case, *, by: Actor, at: datetime) -> None: ...


Arrival = Callable[["Case"], str | None]
"""By which way the outcome of an issued case has reached its applicant; None while it is on its way."""
Overdue = Callable[[datetime], Iterable[tuple["Case", str]]]
"""The cases that silence has decided for the applicant by a moment, each with the law that says so."""


class Watcher(Protocol):
    """Told of a case while it is being granted, in the same transaction; may refuse, by raising, what it knows
    was given already."""

    def __call__(self, case: Case, *, at: datetime) -> object: ...


class Follower(Protocol):
    """Told of a need when it ends, settled or not; what it adds is written with the step."""

    def __call__(self, case: Case, writes: Writes, *, at: datetime) -> object: ...


@dataclass(frozen=True)
class Maker:
    """Whoever owns a kind of outcome: what makes it, takes it back, stands against it, frees it of a condition."""

    stopper: Stopper
    objector: Objector | None = None
    fulfiller: Fulfiller | None = None


_handlers: dict[str, Handler] = {}
_makers: dict[str, Maker] = {}
_arrival: list[Arrival] = []
_overdue: list[Overdue] = []
_watchers: list[Watcher] = []
_followers: list[Follower] = []


def register(kind: str, handler: Handler, maker: Maker) -> None:
    """Name the one handler of an outcome kind, and what else its owner does."""
    if _handlers.get(kind, handler) is not handler:
        raise ImproperlyConfigured(f"Outcome kind {kind!r} has two handlers.")
    _handlers[kind], _makers[kind] = handler, maker


def handler_of(kind: str) -> Handler:
    """The handler of an outcome kind."""
    return _handlers[kind]


def stop(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Suspend or revoke what the case brought forth, within the caller's transaction."""
    _maker(case).stopper(case, what, reason=reason, by=by, at=at)


def require(case: Case, step: Step, *, at: datetime, answers: Mapping[str, Any] | None = None) -> None:
    """Raise what stands against handing a case in, or granting it, on the side of its outcome."""
    objector = _maker(case).objector
    against = objector(case, step, answers=answers, at=at) if objector else None
    if against is not None:
        raise against


def watch(watcher: Watcher) -> None:
    """Name somebody who has to know what is granted."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def granted(case: Case, *, at: datetime) -> None:
    """Tell those who watch, within the caller's transaction. Raises what they raise."""
    for watcher in _watchers:
        watcher(case, at=at)


def follow_needs(follower: Follower) -> None:
    """Name somebody who has to know when needs end."""
    if follower not in _followers:
        _followers.append(follower)


def need_ended(case: Case, writes: Writes, *, at: datetime) -> None:
    """Tell those who follow needs, within the caller's transaction."""
    for follower in _followers:
        follower(case, writes, at=at)


def fulfil(case: Case, *, by: Actor, at: datetime) -> None:
    """Say that nothing is owed any more on which the outcome hung, within the caller's transaction."""
    fulfiller = _maker(case).fulfiller
    if fulfiller is not None:
        fulfiller(case, by=by, at=at)


def _maker(case: Case) -> Maker:
    return _makers[case.spec.outcome.kind]


def ask_overdue(ask: Overdue) -> None:
    """Name the one who knows what silence has decided."""
    _overdue[:] = [ask]


def decided_by_silence(at: datetime) -> Iterable[tuple[Case, str]]:
    """The open cases that no decision in time has decided for the applicant, each with the law that says so."""
    return _overdue[0](at) if _overdue else ()


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
