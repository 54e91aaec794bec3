"""Figures of routing: a need among ten thousand rules, beside the rules looked through one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from bench.figures import Figure, figure, timed
from zerotrip.criteria import FactKind, FactType, Rule, parse
from zerotrip.relief.routing.table import Line, Table

AIM = 5.0
RULES = 10_000
SUBJECTS = tuple(f"need-{name}" for name in ("space", "labour", "finance", "testing", "supplies", "market", "tax"))
AREAS = tuple(f"370199{street:03}{community:03}" for street in range(1, 21) for community in range(0, 26))
WORDS = {
    "industry": FactType(FactKind.TREE, "行业", key=str),
    "size_class": FactType(FactKind.CHOICE, "规模", frozenset({"large", "medium", "small", "micro"})),
    "foreign_invested": FactType(FactKind.BOOLEAN, "外资"),
}


def measure(repeats: int) -> Iterator[Figure]:
    """The first rule that fits each of two hundred needs; compiling; and the floor, a plain loop over all."""
    lines = rules(random.Random(4754))
    needs = [need(random.Random(number)) for number in range(200)]
    table = Table(lines)
    routed = [next(table.matches(*one), None) for one in needs]
    looked = [first(lines, *one) for one in needs]
    if [line and line.id for line in routed] != [line and line.id for line in looked]:
        raise AssertionError("the table finds other rules than looking through all of them")
    sizes: dict[str, Any] = {"rules": len(lines)}
    each = [
        sum(timed(1, lambda one=one: next(table.matches(*one), None), warm=1))
        for _ in range(repeats)
        for one in needs
    ]
    floor = [sum(timed(1, lambda one=one: first(lines, *one), warm=0)) for one in needs]
    yield figure("need_routed", each, "ms", sizes=sizes, aim=AIM, found=sum(line is not None for line in routed))
    yield figure("need_routed_floor", floor, "ms", sizes=sizes)
    yield figure("rules_compiled", timed(5, lambda: Table(lines)), "ms", sizes=sizes)


def rules(chance: random.Random) -> list[Line]:
    """Rules as a large district has them: each of a subject, most of a place, many of an industry or size."""
    parsed = [parse(tree, vocabulary=WORDS) for tree in _trees(chance)]
    return [_line(number, chance, parsed) for number in range(RULES)]


def _line(number: int, chance: random.Random, parsed: list[Rule]) -> Line:
    subjects = frozenset(chance.sample(SUBJECTS, chance.randint(1, 2)))
    areas = frozenset(chance.sample(AREAS, chance.randint(1, 3))) if chance.random() < 0.8 else frozenset()
    when = chance.choice(parsed) if chance.random() < 0.6 or not areas else None
    return Line(UUID(int=number), (number, ""), subjects, areas, when)


def _trees(chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(400):
        industry = {"fact": "industry", "within": f"{chance.choice('CFGI')}{chance.randint(10, 60)}"}
        size = {"fact": "size_class", "in": ["small", "micro"]}
        foreign = {"fact": "foreign_invested", "is": number % 2 == 0}
        yield {"all": [[industry], [industry, size], [industry, foreign], [industry, size, foreign]][number % 4]}


def need(chance: random.Random) -> tuple[str, tuple[str, ...], dict[str, object]]:
    """A need: its subject, the areas it lies in, what is known of the firm."""
    area = chance.choice(AREAS)
    known = {
        "industry": f"{chance.choice('CFGI')}{chance.randint(10, 60)}11",
        "size_class": chance.choice(("large", "medium", "small", "micro")),
        "foreign_invested": chance.random() < 0.1,
    }
    return chance.choice(SUBJECTS), ("370199000000", f"{area[:9]}000", area), known


def first(lines: list[Line], subject: str, areas: tuple[str, ...], facts: dict[str, object]) -> Line | None:
    """The floor: the rules in their order, each asked whether it fits, until one does."""
    inside = frozenset(areas)
    return next((line for line in lines if line.fits(subject, inside, facts)), None)
