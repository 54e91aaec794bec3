"""Windows that somebody opens over very many are written in the background, part by part.

Each part is a transaction of its own and changes nothing when it is written again, so that a worker killed anywhere
goes on where the last one came to, and two at once come to the same. Until it is whole a window says so: it is
neither closed nor made to agree with the rosters.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from zerotrip.duties.models import Filling
from zerotrip.duties.standing import materialising
from zerotrip.duties.standing.counting import recount
from zerotrip.duties.standing.declared import spec_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.duties.models import Requirement, Window
    from zerotrip.duties.standing.schedule import Span

PART = 20_000
"""Subjects written in one transaction."""


@transaction.atomic
def begin_window(
    requirement: Requirement, span: Span, *, area_path: str, at: datetime, where: Mapping[str, Any] | None = None
) -> Window:
    """Open a window of a standing duty in an area, and have what everybody owes written. Twice is once.

    With ``where``, of those alone of whom these criteria are not known to be false.
    """
    window, made = materialising.new_window(requirement, span, area_path=area_path, at=at, where=where)
    if made:
        Filling.objects.create(window=window)
        enqueue(window.pk)
    return window


def enqueue(window_id: int, **more: Any) -> None:
    """Have the worker go on with a window; no two at once."""
    from zerotrip.duties.tasks import fill

    fill.configure(lock=f"duties.fill:{window_id}", **more).defer(window=window_id)


def go_on(window_id: int, *, at: datetime) -> None:
    """Write the rest of a window, and let it be whole. One that is, stays as it is."""
    while _next(window_id, at=at):
        pass


def take_up() -> None:
    """Have gone on with the windows that are not whole, as after jobs that failed."""
    for pk in Filling.objects.values_list("pk", flat=True):
        with suppress(AlreadyEnqueued), transaction.atomic():
            enqueue(pk, queueing_lock=f"duties.left:{pk}")


@transaction.atomic
def _next(window_id: int, *, at: datetime) -> bool:
    """The next step of a window; whether there is another."""
    rows = Filling.objects.select_for_update(of=("self",)).select_related("window__requirement")
    filling = rows.filter(pk=window_id).first()
    if filling is None:
        return False
    window = filling.window
    requirement = window.requirement
    if filling.people is None:
        filling.people, ends = materialising.ends_of_parts(window, requirement, PART)
        filling.ends = [str(end) for end in ends]
        filling.save(update_fields=["people", "ends"])
    elif filling.done < filling.parts:
        after, until = _edges(filling)
        materialising.write_part(window, requirement, after=after, until=until, at=window.opened_at)
        filling.done += 1
        filling.save(update_fields=["done"])
    else:
        recount(window, requirement)
        materialising.make_way(window, requirement, spec_of(requirement), at=at)
        filling.delete()
        return False
    return True


def _edges(filling: Filling) -> tuple[UUID | None, UUID | None]:
    """After whom the next part begins, and with whom it ends; None: with nobody in particular."""
    ends = [None, *map(UUID, filling.ends), None]
    return ends[filling.done], ends[filling.done + 1]
