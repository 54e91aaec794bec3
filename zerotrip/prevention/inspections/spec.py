"""The shape of ``inspections.yaml``: what inspectors look at, what it weighs, by when a defect is put right."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from zerotrip.catalogue.spec import Limit
from zerotrip.parties.models import Role
from zerotrip.prevention.declared import rules_of
from zerotrip.prevention.models import Risk
from zerotrip.questions.words import Part, Slug, Text, Words


class SeveritySpec(Part):
    """How bad a defect is."""

    id: Slug
    name: Words
    within: Limit
    """By when it is put right, counted from the second signature, and anew from a re-check that failed."""


class ItemSpec(Part):
    """One thing to look at."""

    id: Slug
    name: Words
    help: Words | None = None
    weight: Annotated[int, Field(ge=1, le=100)] = 10
    severity: Slug
    """Of a defect of it."""


class ListSpec(Part):
    """What is looked at in places of some kinds."""

    id: Slug
    name: Words
    kinds: tuple[Slug, ...] = ()
    """Kinds of site, or groups of them; empty: all."""
    items: Annotated[tuple[ItemSpec, ...], Field(min_length=1, max_length=60)]
    source: Text
    """Where it comes from; ``unsourced`` for the district's own choice."""


class InspectionsSpec(Part):
    """``inspections.yaml``. Weights, days and chances are the district's own choice."""

    severities: tuple[SeveritySpec, ...] = ()
    lists: tuple[ListSpec, ...] = ()
    escalate: tuple[Role, ...] = (Role.LEADER,)
    """Who in the office is told of a defect that is overdue."""
    chances: dict[Risk, Annotated[int, Field(ge=1, le=20)]] = Field(
        default_factory=lambda: {Risk.LOW: 1, Risk.MEDIUM: 2, Risk.HIGH: 4}
    )
    """In a draw, how many tickets a site of a risk has."""

    publish_after_days: Annotated[int, Field(ge=0, le=365)] = 30
    """After a draw, when its outcome is shown to anybody though not every site has been inspected: before, it would
    announce the visits."""
    publish_inspectors: bool = False
    """Whether the names of those drawn are shown with it; else they are masked."""

    def for_kind(self, kind: str, group: str) -> list[ListSpec]:
        """The lists for sites of a kind."""
        return [one for one in self.lists if not one.kinds or kind in one.kinds or group in one.kinds]

    def severity(self, name: str) -> SeveritySpec:
        """How bad a defect is, by name. Raises KeyError."""
        return next((one for one in self.severities if one.id == name), None) or _missing(name)


def _missing(name: str) -> SeveritySpec:
    raise KeyError(name)


def rules() -> InspectionsSpec:
    """What the district decided."""
    return rules_of("inspections", InspectionsSpec)
