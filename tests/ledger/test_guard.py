"""The database itself refuses to change the journal, wherever a line of it lies.

A database of tests may be emptied, so these make one that is not called so.
"""

from __future__ import annotations

import secrets
from importlib import import_module
from uuid import UUID

import psycopg
import pytest
from django.db import connection

JOURNAL = import_module("zerotrip.ledger.migrations.0001_squashed_0003_closed_days")
"""The migration that makes it."""
MONTH = "ledger_entry_2031_07"
INSERT = (
    "INSERT INTO ledger_entry (subject, seq, kind, action, actor_name, at, reason, details, digest)"
    " VALUES (%s, 1, 'x', 'x', 'x', now(), '', '{}', sha256('x'))"
)


@pytest.fixture(scope="module")
def journal(django_db_setup):
    """A connection to a journal in a database of its own, with a line in a month and one in none."""
    name = f"journal_{secrets.token_hex(6)}"
    where = connection.get_connection_params()
    where = {key: where[key] for key in ("host", "port", "user", "password", "dbname") if where.get(key)}
    with psycopg.connect(**where, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(**where | {"dbname": name}, autocommit=True) as made:
                made.execute(JOURNAL.TABLE)
                made.execute("SELECT ledger_make_partition('2031-07-15')")
                month = made.execute("SELECT ledger_first_subject('2031-07-20')").fetchone()
                for subject in (UUID(int=0), *month):
                    made.execute(INSERT, [subject])
                yield made
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def partitions(journal) -> list[str]:
    found = journal.execute("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass")
    return ["ledger_entry", *(str(name) for (name,) in found)]


def refuses(journal, statement: str) -> bool:
    try:
        journal.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_lines_lie_in_the_month_of_their_subject_and_in_none(journal):
    for table in ("ledger_entry_other", MONTH):
        assert journal.execute(f"SELECT count(*) FROM ONLY {table}").fetchone() == (1,)


def test_neither_the_journal_nor_any_part_of_it_is_emptied(journal):
    tables = partitions(journal)
    assert MONTH in tables, "made after the guard was"
    assert "ledger_entry_other" in tables, "made before it"
    assert len(tables) > 25
    assert [table for table in tables if not refuses(journal, f"TRUNCATE {table}")] == []
    assert journal.execute("SELECT count(*) FROM ledger_entry").fetchone() == (2,)


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET reason = 'another'"])
def test_no_line_is_changed_or_deleted_by_either_name(journal, statement):
    tables = ("ledger_entry", "ledger_entry_other", MONTH)
    assert all(refuses(journal, statement.format(table)) for table in tables)


def test_a_month_is_made_once(journal):
    before = partitions(journal)
    journal.execute(
        "SELECT ledger_make_partition(day) FROM (VALUES ('2031-07-01'::date), ('2031-07-31')) days(day)"
    )
    assert partitions(journal) == before


def test_the_journal_can_be_taken_back_as_a_whole_and_made_again(journal):
    with journal.transaction(force_rollback=True):
        journal.execute(JOURNAL.UNDO)
        left = journal.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'ledger%'").fetchall()
        assert left == []
        journal.execute(JOURNAL.TABLE)
        assert len(partitions(journal)) > 25
    assert refuses(journal, "TRUNCATE ledger_entry_other")


@pytest.mark.django_db
def test_the_partitions_of_this_installation_have_the_guard():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass"
            " AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = inhrelid"
            " AND tgname = 'ledger_partition_is_not_emptied')"
        )
        assert cursor.fetchall() == []
