"""Finding policies: by words, by shelf, by how they stand on a day, by region and issuer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zerotrip.policies.queries import MOST_FOUND, search
from zerotrip.policies.windows import last_day
from zerotrip.web.portal.policies.reading import Standing, Term, standing, term
from zerotrip.web.portal.services.finding import Facet, Option
from zerotrip.web.requests import storable

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.policies.queries import Offered
    from zerotrip.policies.spec import PolicySpec, ShelfSpec

EXPIRING = 3
"""Policies that end soon, named above the shelves."""


Reads = Mapping[str, "Callable[[PolicySpec], Iterable[str]]"]
"""What the policies can be narrowed by, and what of a policy counts."""


@dataclass(frozen=True)
class Row:
    """A policy in a list."""

    spec: PolicySpec
    term: Term
    broken: bool
    """It asks for a fact there is no more, so that nobody can be told whether it is for them."""


@dataclass(frozen=True)
class Shelf:
    """The policies of one theme: those in force first."""

    title: str
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Found:
    """What was found and how it may be narrowed."""

    text: str
    day: date
    rows: tuple[Row, ...]
    shelves: tuple[Shelf, ...]
    facets: tuple[Facet, ...]
    expiring: tuple[Row, ...]
    narrowed: bool
    without_narrowing: str


def find(asked: QueryDict, offered: list[Offered], shelves: Iterable[ShelfSpec], *, today: date) -> Found:
    """The policies a query string asks for: none for words, one where something is searched for.

    Values nobody offers are ignored, so that an old link still leads somewhere.
    """
    text = storable(asked.get("q", "")).strip()[:100]
    day = day_asked(asked.get("on", ""), today)
    everything = _searched(text, offered) if text else offered
    labels: dict[str, dict[str, str]] = {
        "shelf": {shelf.id: str(shelf.name) for shelf in shelves},
        "state": {each.value: each.words for each in Standing},
        "way": {"unasked": _("免申即享"), "online": _("网上申报"), "other": _("其他方式")},
        "region": _named(offered, lambda spec: str(spec.region.name)),
        "issuer": _named(offered, lambda spec: str(spec.issuer)),
    }
    reads = _reads(day)
    chosen = {key: str(asked[key]) for key in reads if asked.get(key) in labels[key]}
    base = ({"q": text} if text else {}) | ({"on": day.isoformat()} if day != today else {})
    rows = tuple(_row(each, day) for each in everything if _fits(each.spec, chosen, reads))
    if not text:
        rows = tuple(sorted(rows, key=_order))
    return Found(
        text=text,
        day=day,
        rows=rows,
        shelves=() if text else tuple(_shelved(rows, shelves, chosen.get("shelf"))),
        facets=tuple(_Narrowing(everything, chosen, reads, base).facet(key, labels[key]) for key in reads),
        expiring=() if text or chosen else _expiring(rows),
        narrowed=bool(chosen),
        without_narrowing=_url(base, {}),
    )


def day_asked(written: str, today: date) -> date:
    """The day a page was asked for; today where none, or no day, is named."""
    try:
        return date.fromisoformat(written[:10]) if written else today
    except ValueError:
        return today


def _searched(text: str, offered: list[Offered]) -> list[Offered]:
    held = {each.version: each for each in offered}
    return [held[version] for version in search(text)[:MOST_FOUND] if version in held]


def _named(offered: Iterable[Offered], name: Callable[[PolicySpec], str]) -> dict[str, str]:
    counted = Counter(name(each.spec) for each in offered)
    return {label: label for label, _count in counted.most_common()}


def way(spec: PolicySpec) -> str:
    """How a policy is had."""
    if spec.unasked:
        return "unasked"
    return "online" if spec.apply and spec.apply.service else "other"


def _reads(day: date) -> Reads:
    return {
        "shelf": lambda spec: spec.shelves,
        "state": lambda spec: _states(spec, day),
        "way": lambda spec: (way(spec),),
        "region": lambda spec: (str(spec.region.name),),
        "issuer": lambda spec: (str(spec.issuer),),
    }


def _states(spec: PolicySpec, day: date) -> tuple[str, ...]:
    """What ends soon is in force, too."""
    found = standing(spec, day)
    return (Standing.IN_FORCE, Standing.SOON) if found is Standing.SOON else (found,)


def _fits(spec: PolicySpec, chosen: Mapping[str, str], reads: Reads) -> bool:
    return all(value in reads[key](spec) for key, value in chosen.items())


def _row(each: Offered, day: date) -> Row:
    return Row(each.spec, term(each.spec, day), each.policy is None)


_RANK = {Standing.SOON: 0, Standing.IN_FORCE: 1, Standing.COMING: 2, Standing.OVER: 3}


def _order(row: Row) -> tuple[int, str]:
    return _RANK[row.term.standing], row.spec.id


def _expiring(rows: Iterable[Row]) -> tuple[Row, ...]:
    soon = [row for row in rows if row.term.standing is Standing.SOON]
    return tuple(sorted(soon, key=lambda row: last_day(row.spec) or date.max)[:EXPIRING])


def _shelved(rows: Iterable[Row], shelves: Iterable[ShelfSpec], chosen: str | None) -> Iterable[Shelf]:
    """Each policy once: under the chosen shelf, else under its first."""
    kept: dict[str, list[Row]] = {key: [] for key in (*(shelf.id for shelf in shelves), "")}
    for row in rows:
        kept[chosen or next((shelf for shelf in row.spec.shelves if shelf in kept), "")].append(row)
    named = {shelf.id: shelf for shelf in shelves}
    for key, held in kept.items():
        if held:
            shelf = named.get(key)
            note = str(shelf.note or "") if shelf else ""
            yield Shelf(str(shelf.name) if shelf else _("其他"), note, tuple(held))


@dataclass(frozen=True)
class _Narrowing:
    """How a list is narrowed, and how it may be further."""

    everything: Iterable[Offered]
    chosen: Mapping[str, str]
    reads: Reads
    base: Mapping[str, str]

    def facet(self, key: str, labels: Mapping[str, str]) -> Facet:
        """The options of one group, counted among what the other groups leave."""
        titles = {
            "shelf": _("货架"),
            "state": _("是否有效"),
            "way": _("怎么享受"),
            "region": _("适用区域"),
            "issuer": _("发文机关"),
        }
        others = {other: value for other, value in self.chosen.items() if other != key}
        left = [each.spec for each in self.everything if _fits(each.spec, others, self.reads)]
        counts = Counter(value for spec in left for value in self.reads[key](spec))
        options = [Option(_("全部"), len(left), _url(self.base, others), key not in self.chosen)]
        options += [
            Option(label, counts[value], _url(self.base, {**others, key: value}), self.chosen.get(key) == value)
            for value, label in labels.items()
            if counts[value] or self.chosen.get(key) == value
        ]
        return Facet(titles[key], tuple(options))


def _url(base: Mapping[str, str], chosen: Mapping[str, str]) -> str:
    return "?" + urlencode({**base, **chosen})
