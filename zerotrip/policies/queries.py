"""Reading policies: what is published, what it means for one enterprise."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from zerotrip import criteria
from zerotrip.facts.queries import day_of, known_of, vocabulary
from zerotrip.policies import models
from zerotrip.policies.evaluating import Answer, Policy, evaluate
from zerotrip.policies.spec import PolicySpec, ShelfSpec

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known
    from zerotrip.parties.models import Party


@lru_cache(maxsize=2_048)
def spec_of(version: UUID) -> PolicySpec:
    """The declaration of a version, parsed once a process. One query the first time."""
    definition = models.PolicyVersion.objects.values_list("definition", flat=True).get(pk=version)
    return PolicySpec.model_validate(definition)


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
    words = words or vocabulary()
    found = (parsed(version, words) for version in published(audience=audience).values())
    return [policy for policy in found if policy is not None]


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
