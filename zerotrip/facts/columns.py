"""The columns of what counts: one of the right type for each fact, made when packs are loaded.

A table of our own with real columns is what lets a question over a million enterprises run as if somebody had
written the table for it; see docs/decisions/0025. Names of facts are letters, digits and underscores, and every
name is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, DateField, DecimalField, Expression, Field, TextField
from psycopg import sql

from zerotrip.criteria import FactKind
from zerotrip.facts.models import Standing
from zerotrip.facts.vocabulary import KINDS

if TYPE_CHECKING:
    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.vocabulary import Vocabulary

TABLE = Standing._meta.db_table
PREFIX = "f_"
TYPES: dict[FactKind, tuple[str, Field[Any, Any]]] = {
    FactKind.TEXT: ("text", TextField()),
    FactKind.CHOICE: ("text", TextField()),
    FactKind.TREE: ("text", TextField()),
    FactKind.NUMBER: ("numeric", DecimalField(max_digits=30, decimal_places=6)),
    FactKind.MONEY: ("numeric", DecimalField(max_digits=30, decimal_places=6)),
    FactKind.DATE: ("date", DateField()),
    FactKind.BOOLEAN: ("boolean", BooleanField(null=True)),
    FactKind.SET: ("text[]", ArrayField(TextField())),
}


class Column(Expression):
    """The column of a fact, in a query over Standing. What is unknown is NULL there, never an empty text."""

    never_empty = True

    def __init__(self, name: str, kind: FactKind) -> None:
        super().__init__(output_field=TYPES[kind][1])
        self.name, self.alias = name, TABLE

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column = connection.ops.quote_name(PREFIX + self.name)
        return f"{compiler.quote_name_unless_alias(self.alias)}.{column}", ()

    def relabeled_clone(self, relabels: Mapping[str, str]) -> Column:
        """The column of the table under another name, as in a query inside another."""
        clone = self.copy()
        clone.alias = relabels.get(self.alias, self.alias)
        return clone


def columns(vocabulary: Vocabulary) -> dict[str, Expression]:
    """The column of each fact, for ``criteria.select``."""
    return {name: Column(name, KINDS[spec.kind]) for name, spec in vocabulary.facts.items()}


def present() -> dict[str, str]:
    """The columns of facts there are, by name of the fact, with their types."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname LIKE 'f\\_%%'",
            [TABLE],
        )
        return {name.removeprefix(PREFIX): kind for name, kind in cursor.fetchall()}


def arrange(facts: Iterable[FactSpec]) -> bool:
    """Give every fact its column, within the caller's transaction. Whether anything changed.

    A fact of another type than before loses its column and gets a new one; a fact that is declared no more
    leaves its column, which costs nothing, so that returning to an older pack loses nothing.
    """
    there = present()
    changes: list[sql.Composable] = []
    indexes: list[sql.Composable] = []
    for spec in facts:
        wanted, _field = TYPES[KINDS[spec.kind]]
        name = sql.Identifier(PREFIX + spec.id)
        if (found := there.get(spec.id)) == wanted:
            continue
        if found is not None:
            changes.append(sql.SQL("DROP COLUMN {}").format(name))
        changes.append(sql.SQL("ADD COLUMN {} {}").format(name, sql.SQL(wanted)))
        if KINDS[spec.kind] == FactKind.TREE:  # lists are narrowed to a branch, which few enterprises share
            indexes.append(
                sql.SQL("CREATE INDEX ON {} ({} text_pattern_ops)").format(sql.Identifier(TABLE), name),
            )
    if changes:
        with connection.cursor() as cursor:
            # A table is not altered while checks of rows written before wait for the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(TABLE), sql.SQL(", ").join(changes)))
            for index in indexes:
                cursor.execute(index)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return bool(changes)


@lru_cache(maxsize=16)
def _writing(names: tuple[str, ...]) -> sql.Composed:
    fixed = ("party_id", "area_path", "derived_at", "derive_on")
    every = [*map(sql.Identifier, fixed), *(sql.Identifier(PREFIX + name) for name in names)]
    places = sql.SQL(", ").join(sql.Placeholder() for _each in every)
    changes = sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(name) for name in every[1:])
    return sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (party_id) DO UPDATE SET {}").format(
        sql.Identifier(TABLE), sql.SQL(", ").join(every), places, changes
    )


def write(names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Put rows in place: party, area path, moment, day to derive on, then a value for each name."""
    with connection.cursor() as cursor:
        cursor.executemany(_writing(names), list(rows))


def read(party_id: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """The row of one enterprise as the database has it, by fact: for tests and for doubt."""
    listed = tuple(names)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} WHERE party_id = %s").format(
                sql.SQL(", ").join(sql.Identifier(PREFIX + name) for name in listed), sql.Identifier(TABLE)
            ),
            [party_id],
        )
        row = cursor.fetchone()
    return dict(zip(listed, row, strict=True)) if row else {}
