"""What the desk and the portal have in common of people at posts: what they bring and wish, as it is typed in."""

from __future__ import annotations

from django.utils.dates import WEEKDAYS

from zerotrip.prevention.posts.actions.people import Wishes
from zerotrip.web.requests import Request, typed


def weekdays() -> list[tuple[int, str]]:
    """The days of the week, Monday first."""
    return [(number, str(name)) for number, name in WEEKDAYS.items()]


def wishes_of(request: Request, *, kind: str = "") -> Wishes:
    """What was typed."""
    most = typed(request, "most_a_week", most=2)
    days = [day for day in request.POST.getlist("weekdays") if day.isascii() and day.isdigit()]
    return Wishes(
        kind=kind or typed(request, "kind", most=12),
        phone=typed(request, "phone", most=20),
        unit=typed(request, "unit", most=200),
        skills=request.POST.getlist("skills"),
        weekdays=[int(day) for day in days if len(day) == 1],
        no_nights=typed(request, "no_nights") == "1",
        most_a_week=int(most) if most.isascii() and most.isdigit() else None,
    )
