"""Figures of the register of enterprises: its list and the record of one, among very many."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.measured_pages import checked
from config.demo_record import statements_of
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.facts.actions import record
from zerotrip.facts.columns import PREFIX, TABLE
from zerotrip.facts.queries import day_of
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.industries import Level, industries
from zerotrip.parties.models import Party, Role

AIM_QUERIES, AIM_MS = 11, 60
AREAS = ("370199001000", "370199002000", "370199003000")
SIZES = ("micro", "micro", "micro", "small", "small", "medium", "large")


def measure(*, enterprises: int, repeats: int) -> Iterator[Figure]:
    """Pages a clerk opens, through all middleware, without the network."""
    load_pack(world.WHOLE, by=SYSTEM, at=timezone.now())
    begun = time.perf_counter()
    _populate(enterprises)
    firm = Party.objects.filter(kind="enterprise").order_by("pk")[enterprises // 2]
    _tell_much_of(firm)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    sizes = {"enterprises": Party.objects.filter(kind="enterprise").count()}
    yield figure("register", [time.perf_counter() - begun], "s", sizes=sizes)
    client = Client(HTTP_HOST="localhost")
    world.sign_in(client, world.staff("reader", "approval-bureau", Role.CLERK))
    for name, address in _pages(firm).items():
        counted = checked(client, address)
        times = timed(repeats, lambda address=address: client.get(address))
        yield figure(
            "page",
            times,
            "ms",
            sizes={"page": name, "reader": "clerk", **sizes},
            p95=round(sorted(times)[int(len(times) * 0.95)], 3),
            **counted,
            aim=AIM_MS,
            aim_queries=AIM_QUERIES,
        )


def _pages(firm: Party) -> dict[str, str]:
    at = "/desk/enterprises/"
    return {
        "enterprise": f"{at}{firm.uscc}/",
        "enterprise, one fact": f"{at}{firm.uscc}/facts/staff/",
        "enterprises": at,
        "enterprises, page 30": f"{at}?page=30",
        "enterprises, by part of the name": f"{at}?q={quote(firm.name[4:8])}",
        "enterprises, by a word many have": f"{at}?q={quote('有限')}",
        "enterprises, by USCC": f"{at}?q={firm.uscc}",
        "enterprises, by street": f"{at}?area={AREAS[1]}",
        "enterprises, by industry": f"{at}?industry=C39",
        "enterprises, by a rare industry": f"{at}?industry=T9700",
        "enterprises, by street, industry and size": f"{at}?area={AREAS[1]}&industry=C&size_class=medium",
        "enterprises, by name and size": f"{at}?q={quote(firm.name[4:6])}&size_class=large",
    }


def _populate(count: int) -> None:
    """Enterprises by the statement: a name, a place, an industry, a size, three facts each."""
    codes = [one.written for one in industries(Level.CLASS)]
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES, {"count": count, "areas": [f"{world.DISTRICT}{area}/" for area in AREAS]})
        cursor.execute(_STANDING, {"codes": codes, "sizes": list(SIZES)})
        cursor.execute(_FACTS, {"codes": codes})


_PARTIES = """
INSERT INTO parties_party (id, kind, name, name_en, code, uscc, phone, email, address, area_path, created_at,
                           ledger_length, ledger_head)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'enterprise',
       '济南' || substr('瑞丰恒泰鼎盛嘉禾宏远启明安康长青锦华东岳', 1 + n %% 19, 2)
           || lpad(n::text, 7, '0') || '号有限公司',
       '', '', '91370199' || lpad(n::text, 10, '0'), '', '', '虚构路 ' || n %% 900 || ' 号',
       (%(areas)s::text[])[1 + n %% 3], now(), 0, ''
FROM generate_series(1, %(count)s) AS n
"""
_STANDING = f"""
INSERT INTO "{TABLE}" (party_id, area_path, derived_at, "{PREFIX}industry", "{PREFIX}size_class",
                       "{PREFIX}above_scale", "{PREFIX}staff")
SELECT id, area_path, now(), (%(codes)s::text[])[1 + n %% {len(industries(Level.CLASS))}],
       (%(sizes)s::text[])[1 + n %% {len(SIZES)}], n %% 20 = 0, n %% 500
FROM (SELECT id, area_path, substr(uscc, 9)::bigint AS n FROM parties_party WHERE id::text ~ '^01900000-') AS firms
"""
_FACTS = f"""
INSERT INTO facts_fact (id, party_id, name, value, source, as_of, note, recorded_at)
SELECT gen_random_uuid(), id, fact.name, fact.value, 'statistics', current_date - 30, '', now()
FROM (SELECT id, substr(uscc, 9)::bigint AS n FROM parties_party WHERE id::text ~ '^01900000-') AS firms,
     LATERAL (VALUES
       ('industry', to_jsonb((%(codes)s::text[])[1 + n %% {len(industries(Level.CLASS))}])),
       ('staff', to_jsonb((n %% 500)::text)),
       ('above_scale', to_jsonb(n %% 20 = 0))) AS fact(name, value)
"""


def _tell_much_of(firm: Party) -> None:
    """The one that is opened: facts from several sources, two years of months, and people who act for it."""
    at = timezone.now()
    said: list[Any] = statements_of(0, day_of(at))
    record(firm.pk, said, by=SYSTEM, at=at, key=uuid4())
    for number in range(3):
        world.agent(world.person(f"经办人{number}"), firm)
