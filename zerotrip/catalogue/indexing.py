"""What the search knows of a service: names weigh most, then what people call it, then the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Value
from django.db.models.functions import Cast

from zerotrip.catalogue import words

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import ServiceSpec, Words

LONGEST = 4_000
"""Characters kept for the comparison by trigrams."""


def search_text_of(spec: ServiceSpec) -> str:
    """Name and keywords in lower case, compared by trigrams for slips of the pen."""
    return " ".join([spec.name.zh, spec.name.en, spec.id, *spec.keywords]).lower()[:LONGEST]


def search_words_of(spec: ServiceSpec) -> Cast:
    """The ``tsvector`` of a service, as an expression to save."""
    conditions = [_both(text) for text in spec.conditions]
    materials = [_both(material.name) for material in spec.materials]
    literal = words.vector(
        [
            (_both(spec.name), "A"),
            *((keyword, "B") for keyword in spec.keywords),
            (_both(spec.summary), "C"),
            *((text, "D") for text in conditions + materials),
        ]
    )
    return Cast(Value(literal), SearchVectorField())


def _both(text: Words) -> str:
    return f"{text.zh} {text.en}"
