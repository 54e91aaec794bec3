"""Queries that are put together once in a process and asked with other values each time.

Putting a query together costs more than the database needs to answer one by key. That is worth saving where it is
asked with each request of somebody signed in, or with each record a phone sends; nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

if TYPE_CHECKING:
    from django.db.models import QuerySet

_STANDS_IN: dict[type, Callable[[int], Any]] = {
    UUID: lambda number: UUID(int=number),
    datetime: lambda number: datetime(1, 1, 2 + number, tzinfo=UTC),
    date: lambda number: date(1, 1, 2 + number),
}


class Compiled:
    """A query with places for values, each of a UUID, a moment or a day.

    ``build`` makes the query, a ``values_list``, of the places by name. Rows come as the driver reads them: JSON is
    text.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **places: type) -> None:
        self._build = build
        self._places = {name: _STANDS_IN[kind](number) for number, (name, kind) in enumerate(places.items(), 1)}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the query finds with these values. Raises KeyError for a place without one."""
        text, params = self._statement
        told = {place: values[name] for name, place in self._places.items()}
        with connection.cursor() as cursor:
            cursor.execute(text, [told.get(each, each) for each in params])
            return list(cursor.fetchall())

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        text, params = self._build(**self._places).query.sql_with_params()
        if lost := [name for name, place in self._places.items() if place not in params]:
            raise ImproperlyConfigured(f"the query has no place for {', '.join(lost)}")
        return str(text), tuple(params)
