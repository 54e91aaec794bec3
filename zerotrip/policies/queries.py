"""Reading policies: what is published, what it means for one enterprise."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from zerotrip import criteria
from zerotrip.cases.models import Case
from zerotrip.cases.states import Result
from zerotrip.catalogue.queries import best_first
from zerotrip.facts.queries import day_of, known_of, places, vocabulary
from zerotrip.facts.trees import area_key
from zerotrip.policies import models
from zerotrip.policies.evaluating import Answer, Policy, evaluate
from zerotrip.policies.spec import PolicySpec, ShelfSpec
from zerotrip.policies.unasked.models import Grant

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known
    from zerotrip.parties.models import Party


CACHED = 2_048
"""Versions kept parsed in a process. They never change, so nothing is ever stale."""
_specs: dict[UUID, PolicySpec] = {}


def spec_of(version: UUID) -> PolicySpec:
    """The declaration of a version, parsed once a process. One query the first time."""
    return specs_of([version])[version]


def specs_of(versions: Collection[UUID]) -> dict[UUID, PolicySpec]:
    """The declarations of versions, each parsed once a process. One query for all that are new to it.

    Raises ``PolicyVersion.DoesNotExist`` where there is none of a key.
    """
    wanted = set(versions)
    held = {key: spec for key in wanted if (spec := _specs.get(key)) is not None}
    if new := wanted - set(held):
        rows = models.PolicyVersion.objects.filter(pk__in=new).values_list("pk", "definition")
        read = {key: PolicySpec.model_validate(definition) for key, definition in rows}
        if new - set(read):
            raise models.PolicyVersion.DoesNotExist(f"no version {sorted(map(str, new - set(read)))}")
        if len(_specs) + len(read) > CACHED:
            _specs.clear()
        _specs.update(read)
        held |= read
    return held


@lru_cache(maxsize=2_048)
def _parsed(version: UUID, words: Vocabulary) -> Policy | None:
    try:
        return Policy.of(spec_of(version), words)
    except criteria.Faults:
        return None


def parsed(version: UUID, words: Vocabulary) -> Policy | None:
    """A version with its criteria over the facts there are now; None where one it asks about is there no more."""
    return _parsed(version, words)


def published(*, audience: str = "") -> dict[str, UUID]:
    """The versions people are told of, by policy. One query."""
    rows = models.Policy.objects.published().order_by("slug")
    rows = rows.filter(audience__contains=[audience]) if audience else rows
    return dict(rows.values_list("slug", "current"))


def current(words: Vocabulary | None = None, *, audience: str = "enterprise") -> list[Policy]:
    """The published policies for enterprises, or people, with their criteria."""
    listed = offered(words or vocabulary(), audience=audience)
    return [each.policy for each in listed if each.policy is not None]


@dataclass(frozen=True)
class Offered:
    """A published policy; without its criteria where they ask for a fact there is no more."""

    version: UUID
    spec: PolicySpec
    policy: Policy | None


def offered(words: Vocabulary, *, audience: str = "") -> list[Offered]:
    """The published policies, those too that cannot be asked. Two queries, the second for what is new."""
    versions = list(published(audience=audience).values())
    specs = specs_of(versions)
    return [Offered(version, specs[version], parsed(version, words)) for version in versions]


def places_of(specs: Iterable[PolicySpec]) -> dict[str, str]:
    """What areas are called, by key: ours, and those these policies hold in elsewhere. One query."""
    named = {area_key(spec.region.code) or "": str(spec.region.name) for spec in specs if spec.region.code}
    return {**named, **places()}


def shelves() -> list[ShelfSpec]:
    """The shelves, in order. One query."""
    return [ShelfSpec.model_validate(row.definition) for row in models.Shelf.objects.all()]


def answers_for(party: Party, *, at: datetime) -> list[Answer]:
    """What every published policy means for an enterprise, clause by clause. Three queries."""
    words = vocabulary()
    known = known_of(party, at=at, words=words)
    return answers_on(known, day_of(at), words, audience=str(party.kind))


def answers_on(known: Known, today: date, words: Vocabulary, *, audience: str = "enterprise") -> list[Answer]:
    """What every published policy means on these facts."""
    facts = known.facts(today)
    return [evaluate(policy, facts) for policy in current(words, audience=audience)]


MOST_FOUND = 100


def search(text: str) -> list[UUID]:
    """The versions of the published policies ``text`` may mean, best first; none for an empty text. One query.

    Chinese needs no spaces; a slip of the pen is forgiven where most of the text is right.
    """
    found = best_first(models.Policy.objects.published(), text)[:MOST_FOUND]
    return [row.current_id for row in found if row.current_id is not None]


@dataclass(frozen=True)
class Had:
    """Something a party has had under a policy."""

    policy: str
    on: date | None
    amount: Decimal | None = None
    """Yuan, where it was a sum that is known."""
    number: str = ""
    """Of the case it was granted in."""


def had_by(party: Party, policies: Iterable[PolicySpec]) -> list[Had]:
    """What a party has had of these policies, or is about to: what was granted without application, once
    announced, and granted cases of their services. One query, two where any has a service."""
    services: dict[str, list[str]] = {}
    for spec in policies:
        if spec.apply and spec.apply.service:
            services.setdefault(spec.apply.service, []).append(spec.id)
    grants = Grant.objects.live().filter(party=party).filter(~Q(run__status__in=("draft", "abandoned")))
    granted = grants.order_by("pk").values_list("policy", "paid_on", "agreed_at", "amount", "case__number")
    found = [
        Had(policy, paid or (day_of(agreed) if agreed else None), amount, number or "")
        for policy, paid, agreed, amount, number in granted
    ]
    counted = {(had.policy, had.number) for had in found}
    if services:
        cases = Case.objects.filter(applicant=party, result=Result.GRANTED, version__service__in=services)
        for slug, at, number in cases.order_by("decided_at").values_list(
            "version__service", "decided_at", "number"
        ):
            named = [policy for policy in services[slug] if (policy, number) not in counted]
            found += [Had(policy, day_of(at) if at else None, number=number) for policy in named]
    return found


@dataclass(frozen=True)
class Edition:
    """A version people have been told of, with the day it was published."""

    number: int
    version: UUID
    published_at: datetime


def editions(policy: str) -> list[Edition]:
    """The versions of a policy that were published, latest first. One query."""
    rows = models.Publication.objects.filter(policy=policy, act=models.Act.PUBLISH).order_by("-at")
    found: dict[UUID, Edition] = {}
    for version, number, at in rows.values_list("version", "version__number", "at"):
        found.setdefault(version, Edition(number, version, at))
    return list(found.values())
