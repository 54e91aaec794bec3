"""What is published of ratings: averages with their counts, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from zerotrip.cases.models import Grade, Rating

PUBLISHED_FROM = 5
"""Ratings from which on an average is published: fewer would show what single people said."""


@dataclass(frozen=True)
class Published:
    """What is published of ratings: how many there are of each grade, and the average of enough of them."""

    counts: dict[int, int]

    @property
    def count(self) -> int:
        """How many."""
        return sum(self.counts.values())

    @property
    def average(self) -> float | None:
        """Between 1 and 5; None of fewer than are published."""
        if self.count < PUBLISHED_FROM:
            return None
        return sum(grade * count for grade, count in self.counts.items()) / self.count

    @property
    def shares(self) -> list[tuple[str, int, int]]:
        """Each grade with its count and its share in percent, the best first; none of fewer than are published."""
        if self.count < PUBLISHED_FROM:
            return []
        return [
            (str(label), self.counts.get(grade, 0), round(self.counts.get(grade, 0) * 100 / self.count))
            for grade, label in Grade.choices
        ]


def published_ratings(by: str, **equal: Any) -> dict[Any, Published]:
    """What is published of ratings by ``service`` or ``department``. One query, of an index alone."""
    found: dict[Any, dict[int, int]] = {}
    counted = Rating.objects.filter(**equal).order_by().values_list(by, "grade").annotate(n=Count("pk"))
    for key, grade, count in counted:
        found.setdefault(key, {})[grade] = count
    return {key: Published(counts) for key, counts in found.items()}
