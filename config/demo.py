"""The demo's people and enterprises, in the fictitious district the packs declare.

`zerotrip run --demo` and `zerotrip demo` call :func:`load` once, while there is no account yet, and
show :func:`accounts` each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Account(NamedTuple):
    """How somebody may try the demo."""

    name: str
    """What is typed to sign in: an address or a phone number."""
    role: str
    """Who that is, in both languages."""
    key: str
    """How to sign in: where the code appears, or the password."""


def accounts() -> list[Account]:
    """Those who may sign in."""
    return []


def load(*, at: datetime) -> None:
    """Register everybody, as of ``at``."""
