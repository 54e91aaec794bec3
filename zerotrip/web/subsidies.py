"""What both faces show of runs and grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.policies.unasked.reckoning import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.policies.unasked.models import Grant

TONES = {"draft": "water", "announced": "warn", "closed": "water", "paid": "ok", "abandoned": ""}
"""The colour of a run's tag; never the only sign."""
GRANT_TONES = {
    "proposed": "warn",
    "withheld": "",
    "agreed": "water",
    "declined": "",
    "payable": "water",
    "paid": "ok",
    "returned": "late",
}


@dataclass(frozen=True)
class Fact:
    """A frozen fact, for people."""

    label: dict[str, str]
    shown: str
    state: str
    source: str
    as_of: date | None
    depends: str


def facts_of(grant: Grant, words: Vocabulary) -> Iterator[Fact]:
    """The facts a grant rests on, as they were."""
    for name, kept in grant.facts.items():
        known = name in words.facts
        yield Fact(
            kept["label"],
            shown(name, kept["value"], words) if known else kept["shown"],
            kept["state"],
            words.source_name(kept["source"]) if kept["source"] else "",
            date.fromisoformat(kept["as_of"]) if kept["as_of"] else None,
            _("、").join(str(words.facts[one].label) if one in words.facts else one for one in kept["from"]),
        )
