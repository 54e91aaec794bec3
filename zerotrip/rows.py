"""Rows read and written without compiling a query each time, and sent together.

A step of a case reads a few rows and writes a few, each by its key. Django would compile every one of
these statements anew, which takes longer than PostgreSQL's work on it, and wait for each answer before
it sends the next. Here the text of a statement is made once for a model, from the model's own fields,
and what a step writes is sent in one go. Values go through the fields as Django sends them;
constraints, triggers and errors are the same. Everything else is the ORM's. See docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, Q, QuerySet, Value
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from procrastinate.tasks import Task

M = TypeVar("M", bound=Model)
Converter = Callable[[Any, Any, Any], Any]

_DEFER = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%s, %s, %s, %s, %s, %s, NULL)::procrastinate_job_to_defer_v1])"
)
_DEFER_ALL = (
    "SELECT procrastinate_defer_jobs_v1(array_agg(ROW(%s, %s, %s, %s, NULL, args, NULL)"
    "::procrastinate_job_to_defer_v1)) FROM unnest(%s::jsonb[]) AS args"
)


@dataclass(frozen=True)
class Wanted(Generic[M]):
    """The rows of a model whose columns equal these values; see ``wanted``."""

    model: type[M]
    equal: dict[str, Any]
    lock: bool

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """Which columns are compared, and how."""
        return tuple((name, _how(value)) for name, value in self.equal.items())

    @property
    def text(self) -> str:
        """The statement that reads them."""
        return _select(self.model, self.where, self.lock)

    @property
    def values(self) -> list[Any]:
        """What goes into its places."""
        fields = _fields(self.model)
        return [_asked(fields[name], value) for name, value in self.equal.items() if value is not None]

    def rows(self, found: Sequence[Sequence[Any]]) -> list[M]:
        """The rows of an answer."""
        names, converters = _loading(self.model)
        return [self.model.from_db(DEFAULT_DB_ALIAS, names, _converted(row, converters)) for row in found]


def wanted(model: type[M], *, lock: bool = False, **equal: Any) -> Wanted[M]:
    """The rows whose columns equal these values: None asks for NULL, a list for any of its members.

    With ``lock``, locked for change until the transaction ends.
    """
    return Wanted(model, equal, lock)


def fetch(model: type[M], *, lock: bool = False, **equal: Any) -> list[M]:
    """The rows that are wanted."""
    (rows,) = fetch_all(wanted(model, lock=lock, **equal))
    return rows


def fetch_all(*asked: Wanted[Any]) -> list[list[Any]]:
    """Several answers for one wait, in the order asked.

    Each is read after the one before: what follows a lock sees all that was written before it was had.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("; ".join(one.text for one in asked), [value for one in asked for value in one.values])
        answers = []
        for one in asked:
            answers.append(one.rows(cursor.fetchall()))
            cursor.nextset()
        return answers


def change_many(rows: Sequence[Model], *names: str) -> None:
    """These columns of many rows of one model, each with its own values, in one statement.

    ``bulk_update`` asks of every row which of all it is, once for each column.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[DEFAULT_DB_ALIAS]
    named = {field.name: field for field in model._meta.concrete_fields}
    fields = [model._meta.pk, *(named[name] for name in names)]
    columns = [_quoted(field.column) for field in fields]
    typed = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    changes = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    table = _quoted(model._meta.db_table)
    text = (
        f"UPDATE {table} SET {changes} FROM unnest({typed}) AS new({', '.join(columns)})"
        f" WHERE {table}.{columns[0]} = new.{columns[0]}"
    )
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def count_up_to(
    most: int, parts: Sequence[QuerySet[Any]], counted: Mapping[str, tuple[Iterable[int], Q]]
) -> dict[str, int]:
    """How many rows parts of a table have together, for each name those parts and what holds of the rows.

    ``most + 1`` where there are more than ``most``. One statement, which reads no further than it counts;
    each part, named by its place, is compiled once.
    """
    told = [_told(part) for part in parts]
    found: list[str] = []
    values: list[Any] = []
    for places, holds in counted.values():
        texts = []
        for place in places:
            if (part := told[place]) is not None:
                text, given = part
                condition, more = _condition(parts[place], holds)
                texts.append(f"({text} AND {condition})")
                values += [*given, *more]
        rows = " UNION ALL ".join(texts) or "SELECT WHERE false"
        found.append(f"(SELECT count(*) FROM ({rows} LIMIT {most + 1}) AS found)")
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(found)}", values)
        return dict(zip(counted, cursor.fetchone(), strict=True))


def _told(part: QuerySet[Any]) -> tuple[str, Sequence[Any]] | None:
    """The rows of a part as a statement that more conditions can follow; None where there can be none."""
    try:
        text, values = part.order_by().values_list(Value(1)).query.sql_with_params()
    except EmptyResultSet:
        return None
    if not part.query.where:
        raise AssertionError("a part is part of a table")
    return text, values


def _condition(part: QuerySet[Any], holds: Q) -> tuple[str, Sequence[Any]]:
    """What holds of rows of a part, in its own columns."""
    query = part.query.chain()
    where = query.build_where(holds)
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    text, values = compiler.compile(where)
    return f"({text})", values


class Writes:
    """What a transaction is to write, in order. Nothing is written before ``send``."""

    def __init__(self) -> None:
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._texts: list[str] = []
        self._values: list[Any] = []

    def insert(self, *rows: Model) -> None:
        """New rows of one model."""
        if not rows:
            return
        fields = _columns(type(rows[0]))
        self._texts.append(_insert(type(rows[0]), len(rows)))
        self._values.extend(self._prepared(field, row, add=True) for row in rows for field in fields)

    def insert_once(self, row: Model) -> None:
        """A new row, unless there is one of its key."""
        self._texts.append(_insert(type(row), 1) + " ON CONFLICT DO NOTHING")
        self._values.extend(self._prepared(field, row, add=True) for field in _columns(type(row)))

    def change(self, row: Model, *names: str) -> None:
        """These columns of a row that is locked, or that nobody else can change."""
        model, key = type(row), row._meta.pk
        fields = _fields(model)
        self._texts.append(_update(model, names, ((key.attname, "= %s"),)))
        self._values.extend(self._prepared(fields[name], row, add=False) for name in names)
        self._values.append(self._prepared(key, row, add=False))

    def change_all(self, rows: Wanted[Any], **values: Any) -> None:
        """These columns of all rows that are wanted, found when they are written."""
        model: type[Model] = rows.model
        fields = _fields(model)
        self._texts.append(_update(model, tuple(values), rows.where))
        self._values.extend(
            fields[name].get_db_prep_save(value, self._connection) for name, value in values.items()
        )
        self._values.extend(rows.values)

    def defer(self, task: Task[Any, Any, Any], **arguments: Any) -> None:
        """A job, as ``task.defer(**arguments)`` would make it."""
        self._texts.append(_DEFER)
        self._values += [task.queue, task.name, task.priority, task.lock, task.queueing_lock, Jsonb(arguments)]

    def defer_all(self, task: Task[Any, Any, Any], arguments: Sequence[Mapping[str, Any]]) -> None:
        """A job for each of some arguments, of a task of which any number may wait."""
        if not arguments:
            return
        self._texts.append(_DEFER_ALL)
        self._values += [task.queue, task.name, task.priority, task.lock, [Jsonb(dict(one)) for one in arguments]]

    def send(self) -> None:
        """Send everything at once, within the caller's transaction.

        Raises django.db.Error for the first statement that fails, as Django does.
        """
        if not self._connection.in_atomic_block:
            raise AssertionError("writes belong to a transaction")
        if self._texts:
            with self._connection.cursor() as cursor:
                cursor.execute("; ".join(self._texts), self._values)
        self._texts, self._values = [], []

    def _prepared(self, field: Field[Any, Any], row: Model, *, add: bool) -> Any:
        return field.get_db_prep_save(field.pre_save(row, add), self._connection)


def _how(value: Any) -> str:
    """How a column is compared with a value."""
    if value is None:
        return "IS NULL"
    return "= ANY(%s)" if isinstance(value, list) else "= %s"


def _asked(field: Field[Any, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_asked(field, one) for one in value]
    return field.get_db_prep_value(value, connections[DEFAULT_DB_ALIAS])


def _quoted(name: str | None) -> str:
    if name is None:
        raise AssertionError("only fields with a column are read and written")
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)


@cache
def _fields(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.attname: field for field in model._meta.concrete_fields}


@cache
def _columns(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.generated)


@cache
def _select(model: type[Model], asked: tuple[tuple[str, str], ...], lock: bool) -> str:
    columns = ", ".join(_quoted(field.column) for field in _fields(model).values())
    found = f"SELECT {columns} FROM {_quoted(model._meta.db_table)}{_where(model, asked)}"
    return found + " FOR NO KEY UPDATE" * lock


def _where(model: type[Model], asked: tuple[tuple[str, str], ...]) -> str:
    return " WHERE " + " AND ".join(f"{_quoted(_fields(model)[name].column)} {how}" for name, how in asked)


@cache
def _loading(model: type[Model]) -> tuple[list[str], tuple[tuple[int, Any, tuple[Converter, ...]], ...]]:
    """The names ``from_db`` takes, and what turns the columns that need it into Python values."""
    connection = connections[DEFAULT_DB_ALIAS]
    converters = []
    for place, field in enumerate(_fields(model).values()):
        column = field.cached_col
        ways = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        if ways:
            converters.append((place, column, tuple(ways)))
    return list(_fields(model)), tuple(converters)


def _converted(row: Sequence[Any], converters: tuple[tuple[int, Any, tuple[Converter, ...]], ...]) -> Sequence[Any]:
    if not converters:
        return row
    connection, values = connections[DEFAULT_DB_ALIAS], list(row)
    for place, column, ways in converters:
        for way in ways:
            values[place] = way(values[place], column, connection)
    return values


@cache
def _insert(model: type[Model], count: int) -> str:
    columns = ", ".join(_quoted(field.column) for field in _columns(model))
    row = f"({', '.join(['%s'] * len(_columns(model)))})"
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"


@cache
def _update(model: type[Model], names: tuple[str, ...], where: tuple[tuple[str, str], ...]) -> str:
    changes = ", ".join(f"{_quoted(_fields(model)[name].column)} = %s" for name in names)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes}{_where(model, where)}"
