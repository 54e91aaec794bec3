"""Which entries match one: hard rules and the closest first, in one statement.

The index ``resource_matched`` holds every column that is compared, in the order of the first measure. The
statement walks from the wanted number both ways and stops at ``DEEP`` that meet all rules on either side; those
are ranked by all measures. Of more than that many, those nearest by the first measure are ranked: whoever
writes a kind puts what matters most first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

from zerotrip.relief.matching.judging import NEARNESS, UNKNOWN
from zerotrip.relief.matching.kinds import NUMBERS, SETS, other

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.relief.matching.kinds import Kind, Measure, Rule
    from zerotrip.relief.matching.spec import Side
    from zerotrip.relief.models import Resource

DEEP = 300
"""How many that meet all rules are looked at on either side of the wanted number."""
BUSY = 3
"""Times the proposals of a kind that may wait at one entry: no more are added until some are answered."""
_COLUMNS = ", ".join(("id", "area_path", *NUMBERS, *SETS))


@dataclass
class _Text:
    """Parts of a statement with their values, in order."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, part: str, *values: Any) -> None:
        self.parts.append(part)
        self.values += values


def find(of: Resource, kind: Kind, *, limit: int) -> list[tuple[UUID, int]]:
    """The entries across that match ``of`` and were never brought together with it: keys and scores, best first."""
    text, values = statement(of, kind, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return [(key, int(score)) for key, score in cursor.fetchall()]


def statement(of: Resource, kind: Kind, *, limit: int) -> tuple[str, list[Any]]:
    """The statement of ``find``, for whoever measures it."""
    across = other(of.stands)
    where = _where(of, kind, across)
    condition = " AND ".join(where.parts)
    branches = _branches(of, kind, across)
    found = " UNION ALL ".join(
        f"(SELECT {_COLUMNS} FROM relief_resource WHERE {condition}{more} LIMIT {DEEP})"  # noqa: S608  likewise
        for more, _v in branches
    )
    values: list[Any] = []
    for _more, added in branches:
        values += [*where.values, *added]
    score, weighed = _score(of, kind, across)
    mine, theirs = ("want_id", "offer_id") if of.stands == "want" else ("offer_id", "want_id")
    text = f"""
WITH found AS ({found}),
ranked AS (
  SELECT id, floor(({score}) + 0.5) AS score FROM found
  WHERE NOT EXISTS (SELECT 1 FROM relief_introduction i WHERE i.{mine} = %s AND i.{theirs} = found.id)
  ORDER BY 2 DESC, id LIMIT %s)
SELECT id, score FROM ranked
WHERE (SELECT count(*) FROM relief_introduction i WHERE i.{theirs} = ranked.id AND i.status = 'proposed') < %s
ORDER BY score DESC, id LIMIT %s"""  # noqa: S608  made of names of our own columns
    return text, [*values, *weighed, of.pk, 3 * limit, BUSY * kind.spec.proposals, limit]


def _where(of: Resource, kind: Kind, across: Side) -> _Text:
    text = _Text()
    text.add("kind = %s AND side = %s AND status = 'open' AND quantity > reserved + used", of.kind, across)
    text.add("party_id <> %s", of.party_id)
    text.add("starts_with(area_path, %s) AND starts_with(%s, reach)", of.reach, of.area_path)
    for rule in kind.rules:
        if across == "offer":
            _ask_offer(text, rule, getattr(of, rule.want))
        else:
            _ask_want(text, rule, getattr(of, rule.offer))
    return text


def _ask_offer(text: _Text, rule: Rule, wanted: Any) -> None:
    if wanted is None:
        return
    column = rule.offer
    if rule.spec.must in ("at_least", "at_most"):
        text.add(f"{column} {'>=' if rule.spec.must == 'at_least' else '<='} %s", wanted)
    elif rule.spec.must == "share":
        text.add(f"{column} & %s <> 0", wanted)
    else:
        text.add(f"{column} & %s = %s", wanted, wanted)


def _ask_want(text: _Text, rule: Rule, offered: Any) -> None:
    column = rule.want
    if offered is None:
        text.add(f"{column} IS NULL")
    elif rule.spec.must in ("at_least", "at_most"):
        text.add(f"({column} IS NULL OR {column} {'<=' if rule.spec.must == 'at_least' else '>='} %s)", offered)
    elif rule.spec.must == "share":
        text.add(f"({column} IS NULL OR {column} & %s <> 0)", offered)
    else:
        text.add(f"({column} IS NULL OR {column} & %s = {column})", offered)


def _branches(of: Resource, kind: Kind, across: Side) -> list[tuple[str, list[Any]]]:
    """The ways from where the closest stand: what follows the condition, and its values."""
    first = next((m for m in kind.measures if m.spec.by in ("near", "low")), None)
    if first is None:
        return [("", [])]
    column = first.offer if across == "offer" else first.want
    own = getattr(of, first.want if across == "offer" else first.offer)
    unsaid: tuple[str, list[Any]] = (f" AND {column} IS NULL", [])
    if first.spec.by == "low":
        way = "" if across == "offer" else " DESC"
        return [(f" AND {column} IS NOT NULL ORDER BY {column}{way}", []), unsaid]
    if own is None:
        return [("", [])]
    up = (f" AND {column} >= %s ORDER BY {column}", [own])
    return [up, (f" AND {column} < %s ORDER BY {column} DESC", [own]), unsaid]


def _score(of: Resource, kind: Kind, across: Side) -> tuple[str, list[Any]]:
    if not kind.measures:
        return "100", []
    text = _Text()
    total = sum(measure.spec.weight for measure in kind.measures)
    for measure in kind.measures:
        part, values = _closeness(of, measure, across)
        text.add(f"%s * ({part})", 100.0 * measure.spec.weight / total, *values)
    return " + ".join(text.parts), text.values


def _closeness(of: Resource, measure: Measure, across: Side) -> tuple[str, list[Any]]:
    if measure.spec.by == "place":
        return _nearness(of.area_path)
    column = measure.offer if across == "offer" else measure.want
    own = getattr(of, measure.want if across == "offer" else measure.offer)
    if own is None:
        return "%s", [UNKNOWN]
    offered, wanted = (column, "%s::float8") if across == "offer" else ("%s::float8", column)
    if measure.spec.by == "share":
        bits = "%s::bigint" if across == "offer" else column
        part = f"bit_count(({column} & %s)::bit(64))::float8 / bit_count({bits}::bit(64))"
        return f"coalesce({part}, {UNKNOWN})", [own, own] if across == "offer" else [own]
    scale, scales = _scale(measure, wanted, own, across)
    if measure.spec.by == "near":
        far, values = f"abs({column} - %s::float8) / {scale}", [own, *scales]
    else:
        far, values = f"{offered} / {scale}", [*([] if across == "offer" else [own]), *scales]
    # Not coalesce: the greatest of nothing and a number is the number.
    return f"CASE WHEN {column} IS NULL THEN {UNKNOWN} ELSE least(1.0, greatest(0.0, 1.0 - {far})) END", values


def _scale(measure: Measure, wanted: str, own: Any, across: Side) -> tuple[str, list[Any]]:
    if not measure.relative:
        return "%s::float8", [float(measure.spec.within or 1)]
    return f"greatest(abs({wanted}), 1.0)", [own] if across == "offer" else []


def _nearness(path: str) -> tuple[str, list[Any]]:
    """By the areas in common, the narrowest first; what lies in the other is as close as can be."""
    parts = path.strip("/").split("/")
    cases, values = ["WHEN starts_with(area_path, %s) OR starts_with(%s, area_path) THEN 1.0"], [path, path]
    for depth in range(len(parts) - 1, 0, -1):
        cases.append(f"WHEN starts_with(area_path, %s) THEN {NEARNESS[min(depth, len(NEARNESS) - 1)]}")
        values.append(f"/{'/'.join(parts[:depth])}/")
    return f"CASE {' '.join(cases)} ELSE {NEARNESS[0]} END", values
