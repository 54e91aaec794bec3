"""Search for part of a text, in writing without spaces: by its pairs of characters next to each other.

Chinese is looked for by words of two characters, which trigrams do not find. A pair is one number, so that
neither an index nor its order hangs on the collation of the database.
"""

from __future__ import annotations

from itertools import pairwise

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]  # not in the stubs
from django.db.models import BigIntegerField, Func, Q, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

_BITS = 21
"""A character of Unicode needs so many."""


class Pairs(Func):
    """The pairs of a text in the database: a function that the first migration of ``parties`` makes."""

    function = "text_pairs"
    arity = 1
    output_field = ArrayField(BigIntegerField())


def pairs(text: str) -> list[int]:
    """The pairs of a text, as the database has them."""
    return sorted({ord(one) << _BITS | ord(other) for one, other in pairwise(text)})


def contains(column: str, text: str) -> Q:
    """Whether a column contains a text, in capitals or not: by looking at row after row."""
    return Q(GreaterThan(StrIndex(Upper(column), Value(text.upper())), 0))


def contains_by_index(column: str, text: str) -> Q:
    """The same by the index over ``Pairs(Upper(column))``; a single character has no pair to look up."""
    if not (found := pairs(text.upper())):
        return contains(column, text)
    has_pairs = Q(ArrayContains(Pairs(Upper(column)), found))
    # What holds all pairs of a text may hold them apart.
    return has_pairs if len(found) == 1 and len(text) == 2 else has_pairs & contains(column, text)
