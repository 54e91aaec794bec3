"""Figures of matching: a new want against many offers of its kind, beside the statement sent raw."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.figures import Figure, figure
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Area, Party
from zerotrip.relief.matching import finding
from zerotrip.relief.matching.actions.kinds import fill
from zerotrip.relief.matching.finding import find, statement
from zerotrip.relief.matching.kinds import Kind
from zerotrip.relief.matching.queries import kind_of
from zerotrip.relief.models import Resource

AIM = 50.0
"""Milliseconds within which 95 of 100 wants find their offers."""
LIMIT = 10
KIND = "premises"
OFFERS = """
INSERT INTO relief_resource (ledger_length, ledger_head, id, kind, side, party_id, title, answers, contact_name,
    contact_phone, area_path, reach, quantity, reserved, used, {columns}, status, entered_at, by_staff,
    confirmed_at, confirm_at, valid_until, ended_because)
SELECT 0, ''::bytea, gen_random_uuid(), %s, 'offer', %s, 'offer', '{{}}'::jsonb, 'x', 'x',
    (%s::text[])[1 + floor(random() * %s)::int], %s, 1, 0, 0, {values}, 'open', now(), false, now(),
    now() + interval '30 days', now() + interval '1 year', ''
FROM generate_series(1, %s)"""
VALUES = {
    "area": "round(exp(5 + 1.2 * (random() + random() + random())) * 1)",
    "rent": "round(5 + 50 * random() * random())",
    "height": "round(3 + 9 * random())",
    "free_from": "739700 + floor(random() * 365)",
    "uses": "(1 << floor(random() * 5)::int) | (1 << floor(random() * 5)::int)",
    "crane": "CASE WHEN random() < 0.3 THEN 1 END",
}
"""What stands in the column of each field of an offer."""


def measure(*, offers: int, wants: int) -> Iterator[Figure]:
    """Wants as they come, each against all offers: the tightest and the loosest among them."""
    load_pack(world.WHOLE, by=SYSTEM, at=timezone.now())
    kind = kind_of(KIND)
    begun = time.perf_counter()
    _populate(kind, offers)
    sizes = {"offers": Resource.objects.filter(kind=KIND, side="offer").count()}
    yield figure("matching_population", [time.perf_counter() - begun], "s", sizes=sizes)
    asked = list(_wants(kind, wants))
    for want in asked[:20]:
        find(want, kind, limit=LIMIT)
    ours, floor, found = [], [], 0
    for want in asked:
        begun = time.perf_counter()
        rows = find(want, kind, limit=LIMIT)
        ours.append((time.perf_counter() - begun) * 1000)
        found += bool(rows)
        floor.append(_raw(want, kind, rows))
    more = {"p95": _p95(ours), "aim_p95": AIM, "with_matches": found}
    yield figure("matching", ours, "ms", sizes={**sizes, "wants": wants}, **more)
    yield figure("matching_floor", floor, "ms", sizes=sizes, p95=_p95(floor))
    yield _exhaustive(kind, asked, sizes)


def _p95(values: list[float]) -> float:
    return round(sorted(values)[int(len(values) * 0.95)], 2)


def _populate(kind: Kind, count: int) -> None:
    """Offers of one kind, alike in every run."""
    seller = _party("SELLER", 1)
    places = list(Area.objects.filter(level="community").order_by("path").values_list("path", flat=True))
    district = Area.objects.get(level="district").path
    columns = {column: VALUES[names[0]] for names, column in kind.slots["offer"].items()}
    text = OFFERS.format(columns=", ".join(columns), values=", ".join(columns.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute(text, [KIND, seller.pk, places, len(places), district, count])
        cursor.execute("VACUUM ANALYZE relief_resource")


def _party(name: str, serial: int) -> Party:
    return Party.objects.create(
        kind="enterprise", name=name, uscc=world.uscc(800_000 + serial), created_at=timezone.now()
    )


def _wants(kind: Kind, count: int) -> Iterator[Resource]:
    """Wants of every temper: narrow and wide, near and anywhere, with and without a crane."""
    chance = random.Random(42)
    buyer = _party("BUYER", 2)
    places = list(Area.objects.filter(level="community").order_by("path").values_list("path", flat=True))
    district = Area.objects.get(level="district").path
    for _number in range(count):
        least = chance.randrange(100, 4000)
        answers: dict[str, Any] = {
            "uses": chance.sample(["production", "storage", "retail", "office", "display"], chance.randint(1, 2)),
            "area_least": str(least),
            "area_most": str(int(least * chance.choice((1.05, 1.3, 2, 5)))),
            "crane": chance.random() < 0.3,
        }
        if chance.random() < 0.7:
            answers["rent_most"] = str(chance.randrange(6, 50))
        if chance.random() < 0.5:
            answers["height_least"] = str(chance.randrange(3, 12))
        place = chance.choice(places)
        reach = district if chance.random() < 0.7 else "/".join(place.split("/")[:4]) + "/"
        want = Resource(
            id=new_id(), kind=KIND, side="want", party=buyer, area_path=place, reach=reach, answers=answers
        )
        fill(want, kind)
        yield want


def _raw(want: Resource, kind: Kind, found: list[Any]) -> float:
    """Milliseconds of the same statement with nothing around it."""
    text, values = statement(want, kind, limit=LIMIT)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(text, values)
        rows = cursor.fetchall()
        spent = (time.perf_counter() - begun) * 1000
    if [row[0] for row in rows] != [key for key, _score in found]:
        raise AssertionError("the same statement finds the same")
    return spent


def _exhaustive(kind: Kind, asked: list[Resource], sizes: dict[str, int]) -> Figure:
    """The same with every match ranked, however many; ``best`` is how often the best score is the same."""
    some, spent, same = asked[:: max(1, len(asked) // 50)], [], 0
    deep = finding.DEEP
    for want in some:
        near = find(want, kind, limit=LIMIT)
        finding.DEEP = 10**9
        begun = time.perf_counter()
        every = find(want, kind, limit=LIMIT)
        spent.append((time.perf_counter() - begun) * 1000)
        finding.DEEP = deep
        same += [score for _key, score in near[:1]] == [score for _key, score in every[:1]]
    return figure("matching_exhaustive", spent, "ms", sizes=sizes, p95=_p95(spent), best=same / len(some))
