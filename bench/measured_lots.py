"""Figures of tracing: a lot among a million movements, beside the bare statement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from bench.figures import Figure, figure, timed
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.lots.tracing import STATEMENT, trace
from zerotrip.prevention.models import Lot, Movement

AIM = 5.0
"""Seconds within which any lot is traced among a million movements."""
PER_LOT = 100
"""Movements of each lot: one receipt, ten markets, each with a part split off and eight sales of it or less."""
POPULATE = (
    """INSERT INTO prevention_holder (id, name, area_path, made_at)
    SELECT md5('h' || n)::uuid, 'holder ' || n, %(area)s, now() FROM generate_series(0, 999) n""",
    """INSERT INTO prevention_lot (ledger_length, ledger_head, id, number, item_id, country, port, consignment,
        marks, arrived_at, at)
    SELECT 0, ''::bytea, md5('l' || n)::uuid, 'L' || n, 'frozen-beef', '', '', 'C' || n / 10, '', now(), now()
    FROM generate_series(0, %(lots)s * 11 - 1) n""",
    # Lot k*11 is received; k*11+1 … k*11+10 are split off it at ten markets.
    """INSERT INTO prevention_movement (id, step, kind, source_id, source_holder_id, target_id, target_holder_id,
        quantity, at, area_path, outside, outside_person, handler, handler_phone, plate, handled, reason, door,
        recorded_at)
    SELECT md5('m' || k || '-' || s)::uuid, md5('m' || k || '-' || s)::uuid,
        CASE WHEN s = 0 THEN 'receive' WHEN s <= 10 THEN 'move' WHEN s <= 20 THEN 'split' ELSE 'sell' END,
        CASE WHEN s = 0 THEN NULL WHEN s <= 20 THEN md5('l' || k * 11)::uuid
             ELSE md5('l' || k * 11 + 1 + s %% 10)::uuid END,
        CASE WHEN s = 0 THEN NULL WHEN s <= 10 THEN md5('h' || k %% 1000)::uuid
             ELSE md5('h' || (k + 1 + s %% 10) %% 1000)::uuid END,
        CASE WHEN s <= 10 THEN md5('l' || k * 11)::uuid
             WHEN s <= 20 THEN md5('l' || k * 11 + 1 + s %% 10)::uuid END,
        CASE WHEN s = 0 THEN md5('h' || k %% 1000)::uuid
             WHEN s <= 20 THEN md5('h' || (k + 1 + s %% 10) %% 1000)::uuid END,
        1, timestamptz '2026-03-01' + s * interval '1 minute', %(area)s, '', false, '', '', '', true, '', 'api',
        now()
    FROM generate_series(0, %(lots)s - 1) k, generate_series(0, %(per)s - 1) s""",
    "ANALYZE prevention_movement, prevention_lot, prevention_holder",
)


def measure(*, movements: int, repeats: int) -> Iterator[Figure]:
    """A lot of a hundred movements; then one that a tenth of all movements come from; each beside its floor."""
    load_pack(world.WHOLE, by=SYSTEM, at=timezone.now())
    begun = time.perf_counter()
    lots = movements // PER_LOT
    with connection.cursor() as cursor:
        for statement in POPULATE:
            cursor.execute(statement, {"area": world.DISTRICT, "lots": lots, "per": PER_LOT})
    sizes: dict[str, Any] = {"movements": Movement.objects.count()}
    yield figure("lots_population", [time.perf_counter() - begun], "s", sizes=sizes)
    yield _traced("trace_of_a_lot", Lot.objects.get(number="L0"), sizes, repeats)
    _widen(lots // 10)
    yield _traced("trace_of_a_tenth", Lot.objects.get(number="L0"), sizes, max(3, repeats // 10))


def _widen(lots: int) -> None:
    """Let many lots be made of the first one, as a recall of one origin would find them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO prevention_movement (id, step, kind, source_id, source_holder_id, target_id,
                target_holder_id, quantity, at, area_path, outside, outside_person, handler, handler_phone, plate,
                handled, reason, door, recorded_at)
            SELECT md5('w' || k)::uuid, md5('w' || k)::uuid, 'split', md5('l0')::uuid, md5('h' || k %% 1000)::uuid,
                md5('l' || k * 11)::uuid, md5('h' || k %% 1000)::uuid, 1, timestamptz '2026-02-28', %s, '', false,
                '', '', '', true, '', 'api', now() FROM generate_series(1, %s) k""",
            [world.DISTRICT, lots],
        )
        cursor.execute("ANALYZE prevention_movement")


def _traced(name: str, lot: Lot, sizes: dict[str, Any], repeats: int) -> Figure:
    at = timezone.now()
    found = trace(lot, at=at)
    ours = timed(repeats, lambda: trace(lot, at=at), warm=1)
    floor = timed(repeats, lambda: _raw(lot.pk), warm=1)
    middle, bare = sorted(ours)[len(ours) // 2], sorted(floor)[len(floor) // 2]
    told = {"found": len(found.steps), "floor_ms": round(bare, 2), "times_floor": round(middle / bare, 2)}
    return figure(name, ours, "ms", sizes=sizes, aim_ms=AIM * 1000, met=max(ours) <= AIM * 1000, **told)


def _raw(lot: UUID) -> int:
    """The floor: the statement, its rows fetched and nothing made of them."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"lot": lot, "most": 10_000_000})
        return len(cursor.fetchall())
