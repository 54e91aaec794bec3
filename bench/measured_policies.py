"""Figures of policies: all of them over every enterprise, and one enterprise with reasons."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.figures import Figure, figure, timed
from tests import world
from tests.policies import invented
from zerotrip.catalogue.actions import load_pack
from zerotrip.facts.columns import PREFIX, TABLE
from zerotrip.facts.models import Standing
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.vocabulary import Vocabulary
from zerotrip.parties.access import SYSTEM
from zerotrip.policies import asking
from zerotrip.policies.evaluating import Policy, evaluate
from zerotrip.policies.queries import published, spec_of

BY_HAND = Path(__file__).with_name("eligibility.sql")
"""The clauses of every shipped policy as somebody wrote them in SQL, a line a policy."""
REASONS_AIM, HAND_AIM, CEL_AIM = 20.0, 1.5, 20.0
ROW_BY_ROW = 20_000
"""Enterprises that CEL is asked about; the time of all of them follows."""


def measure(*, enterprises: int, repeats: int) -> Iterator[Figure]:
    """Eligibility over so many enterprises, beside SQL by hand and CEL; and the answers of one, with reasons."""
    load_pack(world.WHOLE, by=SYSTEM, at=timezone.now())
    words, today = vocabulary(), day_of(timezone.now())
    policies = [Policy.of(spec_of(version), words) for version in published(audience="enterprise").values()]
    begun = time.perf_counter()
    invented.populate(enterprises, policies, words, today=today)
    with connection.cursor() as cursor:
        cursor.execute(f'VACUUM ANALYZE "{TABLE}"')
    sizes = {"enterprises": Standing.objects.count(), "policies": len(policies)}
    yield figure("eligibility_population", [time.perf_counter() - begun], "s", sizes=sizes)
    ours, by_hand = _in_turns(policies, words, today, repeats)
    cel = _row_by_row(policies, words, today, enterprises)
    yield figure(
        "eligibility",
        ours,
        "s",
        sizes=sizes,
        to_hand=_middle(ours) / _middle(by_hand),
        aim_to_hand=HAND_AIM,
        faster_than_cel=cel / _middle(ours),
        aim_faster_than_cel=CEL_AIM,
    )
    yield figure("eligibility_by_hand", by_hand, "s", sizes=sizes)
    yield figure("eligibility_cel", [cel], "s", sizes=sizes, asked=min(ROW_BY_ROW, enterprises))
    yield _agreement(policies, words, today, sizes)
    facts = {"today": today, **_row(words)}
    yield figure(
        "eligibility_reasons",
        timed(100, lambda: [evaluate(policy, facts) for policy in policies]),
        "ms",
        sizes=sizes,
        aim=REASONS_AIM,
    )


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _in_turns(
    policies: list[Policy], words: Vocabulary, today: Any, repeats: int
) -> tuple[list[float], list[float]]:
    """Seconds of our statement and of the one by hand, in turns; they must find the same."""
    text = BY_HAND.read_text(encoding="utf-8")
    ours, by_hand = [], []
    for _turn in range(repeats + 1):
        begun = time.perf_counter()
        found = {each.policy: each.yes for each in asking.count(policies, words, today=today)}
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(text)
            named = [column.name for column in cursor.description or ()]
            wanted = dict(zip(named, cursor.fetchone() or (), strict=True))
        by_hand.append(time.perf_counter() - begun)
        if found != {name: wanted[name] for name in found if name in wanted} or set(found) != set(wanted):
            raise SystemExit(f"By hand something else comes out: {set(found.items()) ^ set(wanted.items())}")
    return ours[1:], by_hand[1:]


def _row_by_row(policies: list[Policy], words: Vocabulary, today: Any, enterprises: int) -> float:
    """Seconds in which CEL answers for all enterprises, from those of some: reading the rows is not counted."""
    from bench.peers.cel_policies import CelPolicies

    peer = CelPolicies([policy.rule for policy in policies], today)
    rows = list(_rows(words, min(ROW_BY_ROW, enterprises)))
    begun = time.perf_counter()
    for row in rows:
        peer.answers(row)
    return (time.perf_counter() - begun) * enterprises / len(rows)


def _rows(words: Vocabulary, most: int) -> Iterator[Mapping[str, Any]]:
    names = list(words.facts)
    columns = ", ".join(f'"{PREFIX}{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{TABLE}" LIMIT %s', [most])
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def _row(words: Vocabulary) -> Mapping[str, Any]:
    return next(iter(_rows(words, 1)))


def _agreement(policies: list[Policy], words: Vocabulary, today: Any, sizes: dict[str, int]) -> Figure:
    """That the database and Python say the same of every enterprise and policy."""
    begun = time.perf_counter()
    for policy in policies:
        seen, different = invented.disagreements(policy, words, today=today)
        if different or seen != sizes["enterprises"]:
            raise SystemExit(f"{policy.spec.id}: the database and Python differ on {different[:3]}")
    answers = sizes["enterprises"] * len(policies)
    return figure("eligibility_agreement", [time.perf_counter() - begun], "s", sizes=sizes, answers=answers)
