"""Who there is to owe something on a day: whoever keeps a roster says so here, at start-up, once for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import CharField, F, Q, UUIDField, Value

from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.criteria import select
from zerotrip.duties.models.windows import Subject
from zerotrip.facts.columns import columns
from zerotrip.facts.models import Standing
from zerotrip.facts.queries import vocabulary

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.criteria import FactType, Rule
    from zerotrip.duties.models import Requirement

NOT_KNOWN_NOT_TO = Q(holds=True) | Q(holds=None)
"""Of a rule asked of rows: it holds or cannot be told. Whoever may owe something owes it, until more is known."""
COLUMNS = ("subject", "place", "area_path", "why")
"""What a population has of each: who, through whom, in which grid, and why nothing is owed if so (empty: it is)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a population is asked: on a day, in an area, by a rule, for a requirement in whatever edition."""

    on: date
    area_path: str
    rule: Rule | None = None
    requirement: Requirement | None = None
    """For which some may be left out alone; None: only those left out of everything are."""


@dataclass(frozen=True)
class Population:
    """Those of a kind there are."""

    among: Callable[[Asked], QuerySet[Any, Any]]
    """Those a rule is about, as the values of ``COLUMNS``, each once."""
    words: Callable[[Pack | None], Mapping[str, FactType]]
    """The facts a rule may ask for: as a pack that is being judged declares them, else as they are loaded."""


_POPULATIONS: dict[str, Population] = {}


def register(subject: Subject, population: Population) -> None:
    """Say who there is of a kind. Raises ImproperlyConfigured for a second one."""
    if _POPULATIONS.setdefault(subject, population) is not population:
        raise ImproperlyConfigured(f"two populations of {subject}")


def of(subject: str) -> Population | None:
    """The population of a kind; None where nobody keeps one."""
    return _POPULATIONS.get(subject)


def _enterprises(asked: Asked) -> QuerySet[Any, Any]:
    """The enterprises there are, by what counts of each today."""
    rows = Standing.objects.filter(area_path__startswith=asked.area_path, party__ended_at=None)
    if asked.rule is not None:
        holds = select(asked.rule, columns(vocabulary()), today=asked.on)
        rows = rows.annotate(holds=holds).filter(NOT_KNOWN_NOT_TO)
    found: QuerySet[Any, Any] = rows.annotate(
        subject=F("party_id"),
        place=Value(None, UUIDField(null=True)),
        why=Value("", CharField()),
    ).values(*COLUMNS)
    return found


def _words(pack: Pack | None) -> Mapping[str, FactType]:
    return (vocabulary_of(pack) if pack is not None else vocabulary()).types


ENTERPRISES = Population(_enterprises, _words)
