"""What counts towards standing duties: for each act a table of who did it when, told by whoever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

from zerotrip.duties import editions

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement, Window
    from zerotrip.duties.standing.schedule import Span

Source = Callable[["Requirement", "Window", "Span"], sql.Composable]
"""A query of ``subject`` and ``at``, one row for each record that counts; its table has an index over both.

Most records count in every window they fall into; those of a window alone are found by it. What was made outside of
the span need not be among them.
"""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """How the records of everybody are read: in the order of an index that holds all that is asked for.

    To look each record up to know whether it counts, and to sort them, costs several times as much as to count
    them, and grows faster than they do.
    """

    records: Source
    """As the source of an act; of those who are ``unsure`` it may hold records that do not count."""
    unsure: Source | None = None
    """A query of ``subject``: the few of whom the records do not tell. They are counted one by one."""


REPORT = "report"
_SOURCES: dict[str, Source] = {}
_AT_ONCE: dict[str, AtOnce] = {}
_SENT: dict[str, frozenset[str]] = {}


def register(act: str, source: Source, *, at_once: AtOnce | None = None, sent_to: Collection[str] = ()) -> None:
    """Say what counts as an act; how everybody's is read at once, if not by the same query; and of what is sent, to
    whom: a pack has one duty for each, opened by hand.

    Raises ImproperlyConfigured for a second one of the name.
    """
    if _SOURCES.setdefault(act, source) is not source:
        raise ImproperlyConfigured(f"{act} is counted twice")
    _AT_ONCE[act] = at_once or AtOnce(source)
    if sent_to:
        _SENT[act] = frozenset(sent_to)


def sent_to(act: str) -> frozenset[str]:
    """Who is sent what an act answers; empty: it answers nothing that is sent."""
    return _SENT.get(act, frozenset())


def known() -> frozenset[str]:
    """The acts that are counted."""
    return frozenset(_SOURCES)


def of(act: str) -> Source:
    """What counts as an act. Raises KeyError."""
    return _SOURCES[act]


def at_once(act: str) -> AtOnce:
    """What counts as an act, read for everybody. Raises KeyError."""
    return _AT_ONCE[act]


def duty_of(requirement: Requirement) -> str:
    """The name under which reports of a standing duty are kept, the same in every edition."""
    return f"{requirement.pack}:{editions.name_of(requirement)}"


def reports(requirement: Requirement, _window: Window, _span: Span) -> sql.Composable:
    """The reports of a duty that no other puts right."""
    return sql.SQL(
        "SELECT r.subject, r.at FROM duties_report r WHERE r.duty = {}"
        " AND NOT EXISTS (SELECT 1 FROM duties_report c WHERE c.corrects = r.id)"
    ).format(sql.Literal(duty_of(requirement)))
