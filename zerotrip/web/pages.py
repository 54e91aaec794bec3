"""Long lists, a page at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.web.requests import Request

MOST = 1000
"""Rows that can be leafed through. Whoever looks for one further down searches."""


class Leaves(Paginator):  # type: ignore[type-arg]  # generic in its stubs only
    """Pages of the first rows of a list. Further rows are not even counted, however many there are."""

    counted_by: QuerySet[Any] | None = None
    """The same rows, where they are counted faster than they are put in order."""
    keys_first = False
    """The keys are read before the rows on every page: no index has their order, so that all have to be sorted."""

    @cached_property
    def _counted(self) -> int:
        rows = self.counted_by if self.counted_by is not None else cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[: MOST + 1].count()

    def page(self, number: int | str) -> Page[Any]:
        """The rows of a page. On the way to a later one only keys are read, not all that a row shows."""
        page = super().page(number)
        before = (page.number - 1) * self.per_page
        if before or self.keys_first:
            rows = cast("QuerySet[Any]", self.object_list)
            page.object_list = rows.filter(
                pk__in=list(rows.values_list("pk", flat=True)[before : page.end_index()])
            )
        return page

    @property
    def count(self) -> int:
        """How many rows can be leafed through."""
        return min(self._counted, MOST)

    @property
    def more(self) -> int:
        """How many rows can be leafed through if there are further ones, else 0."""
        return MOST if self._counted > MOST else 0


def page_of(
    request: Request,
    rows: QuerySet[Any],
    *,
    size: int,
    counted_by: QuerySet[Any] | None = None,
    keys_first: bool = False,
) -> Page[Any]:
    """The page that was asked for; the nearest one there is for a number out of range."""
    leaves = Leaves(rows, size)
    leaves.counted_by, leaves.keys_first = counted_by, keys_first
    return leaves.get_page(request.GET.get("page"))
