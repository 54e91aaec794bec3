"""Reads over the enterprises there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from zerotrip.enterprises.models import Merger, Sheet
from zerotrip.facts.columns import columns
from zerotrip.facts.models import Standing
from zerotrip.facts.spec import FactSpec, Kind
from zerotrip.pairs import contains_by_index
from zerotrip.parties.industries import industry
from zerotrip.parties.models import HANDS, Area, Membership, MembershipKind, Party, PartyKind
from zerotrip.parties.queries import area_path_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor

FILTERS = ("size_class", "above_scale", "reaches_scale", "foreign_invested", "entity_type")
"""The facts a list can be narrowed by, where the pack declares them."""
INDUSTRY, CARRIER = "industry", "carrier"


@dataclass(frozen=True)
class Search:
    """Which enterprises are looked for."""

    text: str = ""
    """A part of the name, or a whole USCC."""
    area: str = ""
    industry: str = ""
    carrier: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """A value of a fact by its name: one of its choices, or ``yes`` or ``no``."""
    named: str = ""
    """``mine``: those one is named to help; ``none``: those for which nobody is named; ``lost``: those whose
    named helper has no seat over them any more."""

    @property
    def by_facts(self) -> bool:
        """Whether what counts of them is asked about."""
        return bool(self.industry or self.carrier or self.facts)


def find(actor: Actor, search: Search, words: Vocabulary) -> QuerySet[Party]:
    """The live enterprises that are looked for, as far as ``actor`` may see them, latest first."""
    found = Party.objects.visible_to(actor).live().filter(kind=PartyKind.ENTERPRISE)
    if search.area:
        path = area_path_of(search.area)
        found = found.filter(area_path__startswith=path) if path else found.none()
    if search.text:
        code = search.text.upper()
        whole = Q(uscc=code) if len(code) == 18 and code.isascii() else Q(pk__in=[])
        found = found.filter(whole | contains_by_index("name", search.text))
    if search.named:
        found = found.filter(_named(actor, search.named))
    if search.by_facts:
        found = found.filter(pk__in=_standing(actor, search, words).values("party_id"))
    return found.order_by("-pk")


def _named(actor: Actor, which: str) -> Q:
    """What holds of enterprises by who is named to help them; see ``Search.named``."""
    helpers = Membership.objects.named().filter(organisation=OuterRef("pk"))
    if which == "mine":
        return Q(Exists(helpers.filter(person=actor.person_id)))
    if which == "none":
        return ~Q(Exists(helpers))
    seats = (
        Membership.objects.filter(
            kind=MembershipKind.STAFF,
            role__in=HANDS,
            during__upper_inf=True,
            person=OuterRef("person"),
            person__account__is_active=True,
            organisation__ended_at=None,
        )
        .annotate(whole=ExpressionWrapper(OuterRef("organisation__area_path"), CharField()))
        .filter(whole__startswith=F("area_path"))
    )
    return Q(Exists(helpers.filter(~Exists(seats))))


def _standing(actor: Actor, search: Search, words: Vocabulary) -> QuerySet[Standing]:
    """The rows of what counts that fit."""
    there = columns(words)
    rows = Standing.objects.visible_to(actor)
    found = industry(search.industry) if search.industry else None
    if search.industry:
        ok = found is not None and INDUSTRY in there
        rows = (
            rows.alias(of_industry=there[INDUSTRY]).filter(of_industry__startswith=found.written)
            if ok and found
            else rows.none()
        )
    if search.carrier:
        ok = CARRIER in there
        rows = rows.alias(of_carrier=there[CARRIER]).filter(of_carrier=search.carrier) if ok else rows.none()
    for name, value in search.facts.items():
        if name not in there:
            return rows.none()
        yes_no = words.facts[name].kind is Kind.YES_NO
        rows = rows.alias(**{f"of_{name}": there[name]}).filter(
            **{f"of_{name}": value == "yes" if yes_no else value}
        )
    return rows


def filters(words: Vocabulary) -> list[tuple[FactSpec, list[tuple[str, str]]]]:
    """The facts a list can be narrowed by, each with its values."""
    found = []
    for name in FILTERS:
        spec = words.facts.get(name)
        if spec is None:
            continue
        choices = [(choice.value, str(choice.label)) for choice in spec.choices]
        found.append((spec, choices))
    return found


def counts_of(keys: Iterable[UUID], names: Iterable[str], words: Vocabulary) -> dict[UUID, dict[str, Any]]:
    """What counts of several enterprises, of these facts: for the rows of a list, in one query."""
    wanted = set(names)
    there = {name: column for name, column in columns(words).items() if name in wanted}
    rows = Standing.objects.filter(pk__in=list(keys)).annotate(**{f"of_{name}": there[name] for name in there})
    found = rows.values_list("party_id", *(f"of_{name}" for name in there))
    return {row[0]: dict(zip(there, row[1:], strict=True)) for row in found}


def agents_of(party: Party, *, at: datetime) -> list[Membership]:
    """Who acts for it, in the order they came."""
    rows = Membership.objects.in_force(at).filter(organisation=party, kind=MembershipKind.AGENT)
    return list(rows.select_related("person").order_by("during", "pk"))


def areas_of(actor: Actor) -> dict[str, str]:
    """The areas inside one's seats: path by code, by full name, and by name where that is but one."""
    inside = Q(pk__in=[])
    for seat in actor.seats:
        inside |= Q(path__startswith=seat.area_path)
    found: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    rows = list(Area.objects.filter(inside).order_by("path"))
    called = {row.path: row.name for row in rows}
    for row in rows:
        found[row.code] = row.path
        chain = [path for path in _above(row.path) if path in called]
        found["".join(called[path] for path in chain)] = row.path
        for name in {row.name, row.name_en} - {""}:
            names.setdefault(name, []).append(row.path)
    return {name: paths[0] for name, paths in names.items() if len(paths) == 1} | found


def _above(path: str) -> list[str]:
    steps = path.strip("/").split("/")
    return ["/" + "/".join(steps[: count + 1]) + "/" for count in range(len(steps))]


def mergers_of(party: Party, actor: Actor) -> list[Merger]:
    """What was merged into it, latest first, as far as ``actor`` may know."""
    rows = Merger.objects.visible_to(actor).filter(survivor=party)
    return list(rows.select_related("loser", "merged_by__person", "undone_by__person").order_by("-merged_at"))


def sheets(actor: Actor) -> QuerySet[Sheet]:
    """The workbooks one handed in and took out, latest first."""
    return Sheet.objects.visible_to(actor).order_by("-asked_at")
