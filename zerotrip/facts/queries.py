"""Reading facts: the vocabulary there is now, what counts of one party, columns for questions over all."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import get_language

from zerotrip.facts import models, worth
from zerotrip.facts.models import Fact
from zerotrip.facts.spec import FactsSpec
from zerotrip.facts.trees import area_key
from zerotrip.facts.vocabulary import Vocabulary
from zerotrip.parties.models import Area, AreaLevel
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.models import Party


def vocabulary() -> Vocabulary:
    """The facts there are now. One light query; parsed once a process for each change."""
    rows = models.Declaration.objects.filter(current=True).order_by("pack")
    return _parsed(tuple(rows.values_list("pk", flat=True)))


@lru_cache(maxsize=8)
def _parsed(keys: tuple[UUID, ...]) -> Vocabulary:
    rows = {row.pk: row.definition for row in models.Declaration.objects.filter(pk__in=keys)}
    return Vocabulary.of(FactsSpec.model_validate(rows[key]) for key in keys)


def day_of(at: datetime) -> date:
    """The local day of a moment: facts are dated in China."""
    return at.astimezone(CHINA).date()


def known_of(party: Party, *, at: datetime, words: Vocabulary | None = None) -> worth.Known:
    """What counts of one party at a moment. One query, beside the vocabulary's."""
    return worth.known(
        words or vocabulary(),
        Fact.objects.filter(party=party, recorded_at__lte=at),
        today=day_of(at),
        area_path=party.area_path,
        kind=str(party.kind),
    )


def declared_by(pack: str) -> FactsSpec | None:
    """The facts a loaded pack declares; None where it declares none."""
    row = models.Declaration.objects.filter(pack=pack, current=True).first()
    return FactsSpec.model_validate(row.definition) if row else None


def stated_of(party: Party, *, at: datetime) -> list[Fact]:
    """What was stated of one party, as ``known_of`` reads it. One query."""
    return list(Fact.objects.filter(party=party, recorded_at__lte=at))


def places() -> dict[str, str]:
    """What the areas down to the subdistricts are called, by their keys as facts. One query."""
    rows = Area.objects.filter(level__in=(AreaLevel.CITY, AreaLevel.DISTRICT, AreaLevel.SUBDISTRICT))
    english = (get_language() or "").startswith("en")
    return {
        area_key(row.pk) or row.pk: (row.name_en if english else "") or row.name for row in rows.order_by("path")
    }
