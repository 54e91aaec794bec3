"""What rules may ask about a firm, and what is known of one: the facts every pack's criteria are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.facts.queries import day_of, known_of
from zerotrip.facts.queries import vocabulary as all_facts
from zerotrip.parties.models import Party

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from zerotrip.criteria import FactType


def vocabulary() -> Mapping[str, FactType]:
    """The facts rules may ask about, with their types."""
    return all_facts().types


def facts_of(party: UUID, *, at: datetime) -> Mapping[str, object]:
    """What counts of an enterprise at a moment. What is not known is not there: no rule that asks about it fits."""
    return known_of(Party.objects.get(pk=party), at=at).facts(day_of(at))
