"""Questions over every enterprise at once: the clauses of policies as SQL over what counts of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection

from zerotrip.criteria import Rule, select
from zerotrip.facts.columns import PREFIX, columns
from zerotrip.facts.models import Standing, StandingQuerySet
from zerotrip.facts.vocabulary import Vocabulary
from zerotrip.policies.evaluating import Policy


def which(rows: StandingQuerySet, policy: Policy, words: Vocabulary, *, today: date) -> StandingQuerySet:
    """``rows`` with ``holds``: whether the policy is for the enterprise, None where that is unknown."""
    return rows.annotate(holds=select(policy.rule, columns(words), today=today))


def as_sql(rule: Rule, words: Vocabulary, *, today: date) -> tuple[str, tuple[Any, ...]]:
    """A rule as text and parameters, over the table of what counts."""
    query = Standing.objects.all().query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    text, params = compiler.compile(select(rule, columns(words), today=today).resolve_expression(query))
    return text, tuple(params)


@dataclass(frozen=True)
class Count:
    """How many enterprises a policy is for, and of how many that cannot be told."""

    policy: str
    yes: int
    unknown: int


def count(policies: Sequence[Policy], words: Vocabulary, *, today: date, area_path: str = "/") -> list[Count]:
    """Of each policy, how many enterprises of an area it is for. One statement over all of them."""
    if not policies:
        return []
    asked, counts, params = [], [], []
    for at, policy in enumerate(policies):
        text, given = as_sql(policy.rule, words, today=today)
        asked.append(f"{text} AS p{at}")
        counts.append(f"count(*) FILTER (WHERE p{at}), count(*) - count(p{at})")
        params += given
    table = Standing._meta.db_table
    everywhere = area_path == "/"
    where = "" if everywhere else " WHERE area_path LIKE %s"
    # OFFSET 0 keeps the planner from putting each rule where it is counted, twice.
    statement = f'SELECT {", ".join(counts)} FROM (SELECT {", ".join(asked)} FROM "{table}"{where} OFFSET 0) asked'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, params if everywhere else [*params, f"{area_path}%"])
        row = cursor.fetchone()
    return [Count(policy.spec.id, row[2 * at], row[2 * at + 1]) for at, policy in enumerate(policies)]


@dataclass(frozen=True)
class Changed:
    """An enterprise whose answer an amendment changes: before and after, None for unknown."""

    party: UUID
    before: bool | None
    after: bool | None


def changed(
    before: Policy, after: Policy, words: Vocabulary, *, today: date, area_path: str = "/", most: int = 1_000
) -> list[Changed]:
    """The enterprises whose answer is another one under ``after``, at most so many. One statement."""
    one, first = as_sql(before.rule, words, today=today)
    two, second = as_sql(after.rule, words, today=today)
    table = Standing._meta.db_table
    statement = (
        f'SELECT party_id, was, becomes FROM (SELECT party_id, ({one}) AS was, ({two}) AS becomes FROM "{table}"'  # noqa: S608
        " WHERE area_path LIKE %s) asked WHERE was IS DISTINCT FROM becomes ORDER BY party_id LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*first, *second, f"{area_path}%", most])
        return [Changed(*row) for row in cursor.fetchall()]


def changes(
    before: Policy, after: Policy, words: Vocabulary, *, today: date, area_path: str = "/"
) -> dict[tuple[bool | None, bool | None], int]:
    """How many enterprises go from which answer to which. One statement; what stays is not in it."""
    one, first = as_sql(before.rule, words, today=today)
    two, second = as_sql(after.rule, words, today=today)
    table = Standing._meta.db_table
    statement = (
        f'SELECT was, becomes, count(*) FROM (SELECT ({one}) AS was, ({two}) AS becomes FROM "{table}"'  # noqa: S608
        " WHERE area_path LIKE %s) asked WHERE was IS DISTINCT FROM becomes GROUP BY was, becomes"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*first, *second, f"{area_path}%"])
        return {(was, becomes): number for was, becomes, number in cursor.fetchall()}


def pairs(policies: Iterable[Policy], words: Vocabulary, *, today: date) -> tuple[str, list[Any]]:
    """A query of all (party, policy) for which a policy holds: one pass over the table."""
    rows, params = [], []
    for policy in policies:
        text, given = as_sql(policy.rule, words, today=today)
        rows.append(f"(%s::text, {text})")
        params += [policy.spec.id, *given]
    table = Standing._meta.db_table
    return (
        f'SELECT "{table}".party_id, asked.policy FROM "{table}" CROSS JOIN LATERAL (VALUES {", ".join(rows)})'  # noqa: S608
        " AS asked (policy, holds) WHERE asked.holds"
    ), params


def lacking(
    policy: Policy, words: Vocabulary, *, today: date, area_path: str = "/", most: int = 8
) -> list[tuple[str, int]]:
    """The facts that are missing most often where the policy cannot be told, with how many enterprises.

    A fact is missing where it is unknown and a clause that asks for it is, too. One statement.
    """
    whole, given = as_sql(policy.rule, words, today=today)
    names: list[str] = []
    parts: list[str] = []
    params: list[Any] = []
    for name in sorted(policy.rule.facts()):
        clauses = [as_sql(each.rule, words, today=today) for each in policy.asked if name in each.rule.facts()]
        open_clause = " OR ".join(f"({text}) IS NULL" for text, _params in clauses)
        names.append(name)
        parts.append(f'count(*) FILTER (WHERE "{PREFIX}{name}" IS NULL AND ({open_clause}))')
        params += [value for _text, own in clauses for value in own]
    if not names:
        return []
    table = Standing._meta.db_table
    statement = f'SELECT {", ".join(parts)} FROM "{table}" WHERE area_path LIKE %s AND ({whole}) IS NULL'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, f"{area_path}%", *given])
        counts = cursor.fetchone()
    found = sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1])
    return [(name, number) for name, number in found if number][:most]
