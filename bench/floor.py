"""The floor: the very statements of a case, sent again by psycopg with nothing around them.

What one case sends is recorded, the statements and where transactions begin and end. Each replay
gives the rows it makes new identifiers and a new case number, so that it writes as much as a case
does. Digests of the journal are sent as they were.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.types.json import Jsonb

from bench.flow import District, whole_case
from zerotrip.cases.models import Case
from zerotrip.ids import new_id

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Statement:
    """One statement as Django sent it."""

    sql: str
    params: Any
    many: bool
    atomic: bool


@dataclass
class Recording:
    """What a case sent, step by step; ``True`` marks the steps that are measured."""

    number: str = ""
    steps: list[tuple[bool, list[Statement]]] = field(default_factory=list)

    @property
    def statements(self) -> int:
        """How many statements the measured steps sent."""
        return sum(len(sent) for measured, sent in self.steps if measured)

    @property
    def commits(self) -> int:
        """How many transactions the measured steps took."""
        return sum(any(s.atomic for s in sent) for measured, sent in self.steps if measured)

    def identifiers(self) -> set[str]:
        """All identifiers in what was sent."""
        found: set[str] = set()

        def note(text: str) -> str:
            found.update(UUID.findall(text))
            return text

        for _measured, sent in self.steps:
            for statement in sent:
                _change(statement.params, note)
        return found


def record(district: District) -> Recording:
    """Drive one case and write down what it sends."""
    recording = Recording()

    def noting(measured: bool) -> Callable[[str, Callable[[], Any]], Any]:
        def carry_out(_name: str, act: Callable[[], Any]) -> Any:
            sent: list[Statement] = []

            def write_down(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
                sent.append(Statement(sql, params, many, connection.in_atomic_block))
                return execute(sql, params, many, context)

            with connection.execute_wrapper(write_down):
                result = act()
            recording.steps.append((measured, sent))
            return result

        return carry_out

    case: Case = whole_case(district, noting(True), noting(False))
    recording.number = case.number
    return recording


def _change(value: Any, change: Callable[[str], str]) -> Any:
    """The value with ``change`` done to every text and identifier in it."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(change(str(value)))
    if isinstance(value, str):
        return change(str(value))
    if isinstance(value, Jsonb):
        return Jsonb(_change(value.obj, change), dumps=value.dumps)
    if isinstance(value, dict):
        return {key: _change(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_change(part, change) for part in value)
    return value


def afresh(recording: Recording, made: set[str], serial: int) -> list[tuple[bool, list[Statement]]]:
    """The recording with new identifiers for the rows in ``made``, and a case number of its own."""
    new = {old: str(new_id()) for old in made}
    number = f"FLOOR-{serial:06}"

    def change(text: str) -> str:
        return UUID.sub(lambda found: new.get(found[0], found[0]), text).replace(recording.number, number)

    return [
        (measured, [Statement(s.sql, _change(s.params, change), s.many, s.atomic) for s in sent])
        for measured, sent in recording.steps
    ]


def connect() -> psycopg.Connection:
    """A plain connection that adapts values as Django's does, and joins them in on our side as it does."""
    given = connection.get_connection_params()
    context = get_adapters_template(True, connection.timezone)
    options = {key: given[key] for key in ("dbname", "user", "host", "port") if key in given}
    return psycopg.connect(
        **options, autocommit=True, context=context, cursor_factory=psycopg.ClientCursor, prepare_threshold=None
    )


def replay(raw: psycopg.Connection, steps: list[tuple[bool, list[Statement]]]) -> float:
    """Send the statements again; the seconds the measured steps took."""
    seconds = 0.0
    for measured, sent in steps:
        begun = time.perf_counter()
        _send(raw, sent)
        if measured:
            seconds += time.perf_counter() - begun
    return seconds


def _send(raw: psycopg.Connection, sent: list[Statement]) -> None:
    cursor, inside = raw.cursor(), False
    for statement in sent:
        if statement.atomic != inside:
            cursor.execute("BEGIN" if statement.atomic else "COMMIT")
            inside = statement.atomic
        if statement.many:
            cursor.executemany(statement.sql, statement.params)
        else:
            cursor.execute(statement.sql, statement.params)
        if cursor.description:
            cursor.fetchall()
    if inside:
        cursor.execute("COMMIT")
