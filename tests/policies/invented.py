"""Many invented enterprises whose facts lie close to what the policies ask for, on both sides, or are unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg import sql

from tests import world
from zerotrip.criteria import FactKind, Leaf, Truth
from zerotrip.criteria.facts import NUMERIC, Today
from zerotrip.facts.columns import PREFIX, TABLE, TYPES
from zerotrip.facts.spec import FactSpec
from zerotrip.facts.vocabulary import KINDS, Vocabulary
from zerotrip.parties.models import Party
from zerotrip.policies import asking
from zerotrip.policies.evaluating import Policy

UNKNOWN = 0.25
"""Share of facts that are not known."""


def leaves(policies: Iterable[Policy]) -> list[Leaf]:
    """Every comparison of these policies, of conditions and of tiers."""
    rules = [policy.rule for policy in policies]
    rules += [rule for policy in policies for _tier, rule in policy.tiers if rule]
    return [leaf for rule in rules for leaf in rule.leaves()]


def domains(policies: Sequence[Policy], words: Vocabulary, *, today: date) -> dict[str, list[Any]]:
    """A few values of each fact: what is asked for, a little less, a little more, and something else."""
    asked: dict[str, set[Any]] = {name: set() for name in words.facts}
    for leaf in leaves(policies):
        for value in leaf.value if isinstance(leaf.value, tuple) else (leaf.value,):
            asked[leaf.fact].add(value.on(today) if isinstance(value, Today) else value)
    return {name: _domain(words.facts[name], values) for name, values in asked.items()}


def _domain(spec: FactSpec, asked: set[Any]) -> list[Any]:
    kind = KINDS[spec.kind]
    if kind in NUMERIC:
        step = Decimal("0.01")
        return sorted({Decimal(0), Decimal(7)} | {value + by for value in asked for by in (-step, 0, step)})
    if kind is FactKind.DATE:
        day = timedelta(days=1)
        return sorted({date(1999, 12, 31)} | {value + by for value in asked for by in (-day, 0 * day, day)})
    if kind is FactKind.BOOLEAN:
        return [True, False]
    if kind in (FactKind.CHOICE, FactKind.SET):
        return sorted(choice.value for choice in spec.choices)
    if kind is FactKind.TREE:
        return sorted({"A0111", "S91", "51", "3702"} | asked | {f"{key}1" for key in asked})
    return sorted(asked | {"甲"})


def populate(
    count: int, policies: Sequence[Policy], words: Vocabulary, *, today: date, seed: float = 0.2026
) -> None:
    """Put so many enterprises and what counts of them into the database, by two statements."""
    firms = sql.SQL(
        "INSERT INTO {party} (id, kind, name, name_en, code, uscc, phone, email, address, area_path, created_at,"
        " ledger_length, ledger_head) SELECT gen_random_uuid(), 'enterprise', '虚构企业' || n || '号', '', '',"
        " '91370199' || lpad(n::text, 10, '0'), '', '', '', {area}, {at}, 0, ''"
        " FROM generate_series(1, {count}) n"
    ).format(
        party=sql.Identifier(Party._meta.db_table),
        area=sql.Literal(world.DISTRICT),
        at=sql.Literal(world.MORNING),
        count=sql.Literal(count),
    )
    found = domains(policies, words, today=today)
    names = list(words.facts)
    standings = sql.SQL(
        "INSERT INTO {table} (party_id, area_path, derived_at, {columns})"
        " SELECT id, area_path, created_at, {values} FROM {party} WHERE kind = 'enterprise'"
    ).format(
        table=sql.Identifier(TABLE),
        columns=sql.SQL(", ").join(sql.Identifier(PREFIX + name) for name in names),
        values=sql.SQL(", ").join(_chance(KINDS[words.facts[name].kind], found[name]) for name in names),
        party=sql.Identifier(Party._meta.db_table),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.2026)")
        cursor.execute(firms)
        cursor.execute(standings)
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(TABLE)))


def _chance(kind: FactKind, values: list[Any]) -> sql.Composable:
    """One of these values by chance, or NULL."""
    typed = TYPES[kind][0]
    among = sql.SQL(", ").join(map(sql.Literal, values))
    if kind is FactKind.SET:
        one = sql.SQL("ARRAY(SELECT each FROM unnest(ARRAY[{}]::text[]) each WHERE random() < 0.4)").format(among)
    else:
        one = sql.SQL("(ARRAY[{}]::{}[])[1 + floor(random() * {})::int]").format(
            among, sql.SQL(typed), sql.Literal(len(values))
        )
    return sql.SQL("CASE WHEN random() >= {} THEN {} END").format(sql.Literal(UNKNOWN), one)


def disagreements(policy: Policy, words: Vocabulary, *, today: date) -> tuple[int, list[dict[str, Any]]]:
    """How many enterprises were looked at, and the facts of those of which the database and Python differ.

    Enterprises of which the policy reads the same facts are one group: Python is asked once of each.
    """
    names = sorted(policy.rule.facts())
    text, params = asking.as_sql(policy.rule, words, today=today)
    columns = ", ".join(f'"{PREFIX}{name}"' for name in names)
    grouped = f"{columns}, " if names else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {grouped}({text}) AS holds, count(*) FROM "{TABLE}" GROUP BY {grouped}holds', list(params)
        )
        rows = cursor.fetchall()
    means = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    different = []
    for *values, holds, _count in rows:
        facts = {"today": today, **dict(zip(names, values, strict=True))}
        if policy.rule.explain(facts).truth is not means[holds]:
            different.append({**facts, "holds": holds})
    return sum(row[-1] for row in rows), different
