"""A district after some years: cases cloned by the hundred thousand from the driven ones, with all their rows.

A clone differs from its pattern in everything that tells cases apart: applicant, staff, place, subject, number,
days. Its due dates are derived anew for its days, and its journal is chained anew, so that it can be proved.
Rows go in by COPY, several processes at once, while the tables have no indexes, unique and foreign keys; these
are made again afterwards, as they were: PostgreSQL checks every row against them.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection, connections
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bench.patterns import OPEN
from bench.templates import Template, columns, owned_models
from tests import world
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Area, AreaLevel, Membership, MembershipKind, Party, PartyKind, User

if TYPE_CHECKING:
    from django.db.models import Model

    from bench.patterns import Office

WEEKS = 104
"""How far back cases go."""
WAITED = 1.2
"""Weeks an open case began before its pattern did, on average."""
AT_ONCE = 1_000
"""Cases written in one transaction."""
FIRST_NUMBER = 1_000_000
"""Where the numbers of clones begin: longer than those the product gives, so that both can be there."""
JITTER = 5_400
"""Seconds by which clones of a pattern begin earlier."""
BRANDS = "瑞丰恒泰鼎盛嘉禾宏远启明安康长青锦华东岳蓝海云峰金桥银杏百川万象天成致远"
TRADES = (
    *("精密部件", "食品加工", "冷链仓储", "纺织印染", "建筑材料", "生物制药"),
    *("软件研发", "物流配送", "农机服务", "餐饮管理", "家居制造", "汽车维修"),
)
WORKS = (
    *("厂房新建项目", "生产线扩建项目", "仓库改造项目", "门店装修工程"),
    *("设备更新项目", "管网接入工程", "办公楼加固工程"),
)


@dataclass
class Population:
    """The people and places clones are spread over."""

    firms: list[tuple[str, str]] = field(default_factory=list)
    """Key and name of each."""
    agents: list[tuple[str, str, str]] = field(default_factory=list)
    """Account, name and person of whoever acts for the firm at the same place."""
    places: list[str] = field(default_factory=list)
    staff: dict[tuple[Any, str], list[tuple[str, str]]] = field(default_factory=dict)
    """Account and name, by department and role."""


def populate(office: Office, firms: int) -> Population:
    """Firms, each with somebody who acts for it."""
    chance = random.Random(firms)
    at = world.MORNING
    companies = [
        Party(
            kind=PartyKind.ENTERPRISE,
            name=f"济南虚构{_brand(chance)}{chance.choice(TRADES)}{number:05}有限公司",
            uscc=world.uscc(10_000 + number),
            area_path=world.DISTRICT,
            created_at=at,
        )
        for number in range(firms)
    ]
    people = [Party(kind=PartyKind.PERSON, name=f"经办{number:05}", created_at=at) for number in range(firms)]
    accounts = [
        User(person=person, phone=f"188{number:08}", password="!", created_at=at)
        for number, person in enumerate(people)
    ]
    since = DateTimeTZRange(datetime(2024, 1, 1, tzinfo=UTC), None)
    Party.objects.bulk_create([*companies, *people], batch_size=5_000)
    User.objects.bulk_create(accounts, batch_size=5_000)
    Membership.objects.bulk_create(
        (
            Membership(person=person, organisation=firm, kind=MembershipKind.AGENT, during=since)
            for person, firm in zip(people, companies, strict=True)
        ),
        batch_size=5_000,
    )
    return Population(
        firms=[(str(firm.pk), firm.name) for firm in companies],
        agents=[(str(user.pk), user.person.name, str(user.person_id)) for user in accounts],
        places=list(Area.objects.filter(level=AreaLevel.COMMUNITY).order_by("path").values_list("path", flat=True)),
        staff={post: [(str(u.pk), u.person.name) for u in users] for post, users in office.staff.items()},
    )


def _brand(chance: random.Random) -> str:
    return chance.choice(BRANDS) + chance.choice(BRANDS)


Week = tuple[int, int, list[tuple[int, int]]]
"""How many weeks back, the number of its first case, and how many clones of which template."""


def load(templates: Sequence[Template], population: Population, *, first: int, last: int, workers: int = 2) -> None:
    """Let there be cases number ``first`` to before ``last``, in proportion to the shares of their patterns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_make_partition((now() - n * interval '1 month')::date) FROM generate_series(0, 28) AS n"
        )
    todo = spread(templates, first, last)
    url, tables = _address(), owned_models()
    with bare(url, [model._meta.db_table for model in tables], workers):
        if workers == 1:
            _begin(url, templates, population)
            for week in todo:
                _fill(week)
            _worker.raw.close()
        else:
            _fill_together(todo, workers, (url, templates, population))
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("SET maintenance_work_mem TO '512MB'")
        raw.execute("VACUUM (ANALYZE, PARALLEL 2)")


def _address() -> str:
    given = connection.get_connection_params()
    return make_conninfo(
        **{key: given[key] for key in ("dbname", "user", "password", "host", "port") if key in given}
    )


def _fill_together(todo: list[Week], workers: int, given: tuple[Any, ...]) -> None:
    connections.close_all()  # a process must not share one with its parent
    with multiprocessing.get_context("fork").Pool(workers, _begin, given) as pool:
        for _written in pool.imap_unordered(_fill, todo):
            pass


def spread(templates: Sequence[Template], first: int, last: int) -> list[Week]:
    """Which clones begin when: closed cases spread over two years, open ones lately, oldest first."""
    chance = random.Random(first)
    total = sum(template.share for template in templates)
    weeks: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    left = last - first
    for place, template in enumerate(templates):
        count = left if place == len(templates) - 1 else round((last - first) * template.share / total)
        left -= count
        for _clone in range(count):
            is_open = template.stand in OPEN
            week = min(int(chance.expovariate(1 / WAITED)), 8) if is_open else chance.randrange(WEEKS)
            weeks[week][place] += 1
    todo, number = [], first
    for week in sorted(weeks, reverse=True):
        todo.append((week, number, sorted(weeks[week].items())))
        number += sum(weeks[week].values())
    return todo


class _Worker:
    """What a process that writes clones keeps at hand."""

    templates: Sequence[Template]
    population: Population
    raw: psycopg.Connection


_worker = _Worker()


def _begin(url: str, templates: Sequence[Template], population: Population) -> None:
    _worker.templates, _worker.population = templates, population
    _worker.raw = psycopg.connect(url)
    _worker.raw.execute("SET synchronous_commit TO off")
    _worker.raw.commit()


@dataclass(frozen=True, order=True)
class _Clone:
    """When a clone begins, of which template it is, and by how much it is earlier than that."""

    opened_at: datetime
    place: int
    weeks: int
    seconds: int

    @property
    def back(self) -> timedelta:
        return timedelta(weeks=self.weeks, seconds=self.seconds)


def _fill(week: Week) -> int:
    """Write the clones that begin in a week, in the order in which they begin."""
    weeks, number, counts = week
    chance = random.Random(number)
    clones = []
    for place, count in counts:
        template = _worker.templates[place]
        for _clone in range(count):
            seconds = 0 if template.exact else chance.randrange(JITTER)
            clones.append(
                _Clone(template.opened_at - timedelta(weeks=weeks, seconds=seconds), place, weeks, seconds)
            )
    clones.sort()
    for start in range(0, len(clones), AT_ONCE):
        _write(clones[start : start + AT_ONCE], number + start, chance)
    return len(clones)


def _write(clones: list[_Clone], number: int, chance: random.Random) -> None:
    tables: dict[type[Model], list[str]] = defaultdict(list)
    for serial, clone in enumerate(clones, number):
        template = _worker.templates[clone.place]
        values = _values(template, clone, serial, chance)
        for head, lines in template.chains:
            last = b""
            for body, line in lines:
                last = hashlib.sha256(last + (body % values).encode()).digest()
                values["digest"] = last.hex()
                tables[Entry].append(line % values)
            values[head] = last.hex()
        for model, text in template.tables.items():
            tables[model].append(text % values)
    with _worker.raw.cursor() as cursor:
        for model, texts in tables.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns(model)))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), names)
            with cursor.copy(into) as told:
                told.write("".join(texts))
    _worker.raw.commit()


def _values(template: Template, clone: _Clone, serial: int, chance: random.Random) -> dict[str, str]:
    """What stands in the places of a template for one clone."""
    population = _worker.population
    due, back = template.due(clone.weeks), clone.back
    values = {
        name: due.get(text) or (moment - back).isoformat(text[10])
        for text, (name, moment) in template.moments.items()
    }
    for name, day in template.days.values():
        values[name] = f"{day - timedelta(weeks=clone.weeks):%Y-%m-%d}"
    milliseconds = int(clone.opened_at.replace(tzinfo=UTC).timestamp() * 1000)
    for name in template.ids:
        values[name] = _identifier(milliseconds, chance)
    for name, text in template.unique.items():
        values[name] = f"{text[:100]}-{serial}"
    who = chance.randrange(len(population.firms))
    agent, agent_name, person = population.agents[who]
    firm, firm_name = population.firms[who]
    values["number"] = f"SF-{clone.opened_at.year}-{FIRST_NUMBER + serial}"
    values["applicant"], values["applicant_name"] = (firm, firm_name) if template.is_firm else (person, agent_name)
    values["agent"], values["agent_name"] = agent, agent_name
    values["area"] = chance.choice(population.places)
    values["subject"] = f"{_brand(chance)}{_brand(chance)}{chance.choice(TRADES)}{chance.choice(WORKS)}"
    shift = chance.randrange(8)
    for post, place, account, name in template.staff:
        people = population.staff[post]
        values[account], values[name] = people[(place + shift) % len(people)]
    return values


def _identifier(milliseconds: int, chance: random.Random) -> str:
    """A UUIDv7 of that moment."""
    high, low = f"{milliseconds:012x}", chance.getrandbits(72)
    return f"{high[:8]}-{high[8:]}-7{low >> 60:03x}-8{low >> 48 & 0xFFF:03x}-{low & 0xFFFFFFFFFFFF:012x}"


@contextlib.contextmanager
def bare(url: str, tables: list[str], workers: int) -> Iterator[None]:
    """The tables without indexes, keys and what refers to them; made again afterwards as they were.

    Checks of single rows stay. The journal is left alone: its rows come in the order of its one key.
    """
    with psycopg.connect(url, autocommit=True) as raw:
        foreign = raw.execute(_FOREIGN, [tables, tables]).fetchall()
        keys = raw.execute(_KEYS, [tables]).fetchall()
        indexes = raw.execute(_INDEXES, [tables]).fetchall()
        for table, name, _made in foreign + keys:
            raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for _table, name, _made in indexes:
            raw.execute(f"DROP INDEX {name}")
    yield
    by_table: dict[str, list[str]] = defaultdict(list)
    for table, name, made in keys:
        by_table[table].append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}")
    for table, _name, made in indexes:
        by_table[table].append(made.replace(" ON ONLY ", " ON "))
    _together(url, list(by_table.values()), workers)
    _together(url, [[f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}" for table, name, made in foreign]], 1)


_FOREIGN = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY(%s::regclass[]) OR confrelid = ANY(%s::regclass[]))
"""
_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('p', 'u', 'x') AND conrelid = ANY(%s::regclass[]) ORDER BY contype
"""
_INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
"""


def _together(url: str, batches: list[list[str]], workers: int) -> None:
    """Carry out batches of statements over so many connections, each batch in its order."""
    waiting, faults = list(reversed(batches)), []

    def work() -> None:
        try:
            with psycopg.connect(url, autocommit=True) as raw:
                raw.execute("SET maintenance_work_mem TO '1GB'")
                raw.execute("SET max_parallel_maintenance_workers TO 0")
                while waiting:
                    for statement in waiting.pop():
                        raw.execute(statement)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
