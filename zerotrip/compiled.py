"""What is asked of the database over and over: put together once in a process, and planned once on a connection.

Putting a query together, and then planning it, costs more than the database needs to answer one by key. That is
worth saving where it is asked with each request of somebody signed in, or with each record a phone sends; nowhere
else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from django.db.models import QuerySet

_STANDS_IN: dict[type, tuple[str, Callable[[int], Any]]] = {
    UUID: ("uuid", lambda number: UUID(int=number)),
    datetime: ("timestamptz", lambda number: datetime(1, 1, 2 + number, tzinfo=UTC)),
    date: ("date", lambda number: date(1, 1, 2 + number)),
    str: ("varchar", "\ue000{}".format),
}
"""By kind of value: what PostgreSQL calls it, and what stands in for it while a query is put together."""
_PLACES = re.compile("%[s%]")


class _Prepared(psycopg.Cursor[Any]):
    """A cursor of the driver's whose statements are prepared, on connections that are kept."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        """Execute a statement, with its values beside it."""
        return super().execute(query, params, **{"prepare": True, **how})


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor for statements that stay the same: planned once on a connection, with values sent beside them.

    The database has to be able to tell the type of each value: a statement casts what it cannot tell.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # As Django's own cursors are: timed, logged and with its errors.
        cursor = connection._prepare_cursor(_Prepared(connection.connection))  # type: ignore[attr-defined]
    with cursor:
        yield cursor


class Compiled:
    """A query with places for values, each of a UUID, a moment, a day or a text.

    ``build`` makes the query, a ``values_list``, of the places by name. Rows come as the driver reads them: JSON is
    text.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **places: type) -> None:
        self._build = build
        self._places = {name: _STANDS_IN[kind] for name, kind in places.items()}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the query finds with these values. Raises KeyError for a place without one."""
        with prepared() as cursor:
            cursor.execute(self._statement, {name: values[name] for name in self._places})
            return list(cursor.fetchall())

    @cached_property
    def _statement(self) -> str:
        """The query as text: what never changes written into it, the places named."""
        stands_in = {name: make(number) for number, (name, (_kind, make)) in enumerate(self._places.items(), 1)}
        text, params = self._build(**stands_in).query.sql_with_params()
        if lost := [name for name, value in stands_in.items() if value not in params]:
            raise ImproperlyConfigured(f"the query has no place for {', '.join(lost)}")
        named = {value: f"%({name})s::{self._places[name][0]}" for name, value in stands_in.items()}
        written = iter(params)

        def place(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%%"
            value = next(written)
            return named[value] if isinstance(value, Hashable) and value in named else _literal(value)

        return _PLACES.sub(place, str(text))


def _literal(value: object) -> str:
    connection.ensure_connection()
    return sql.Literal(value).as_string(connection.connection).replace("%", "%%")
