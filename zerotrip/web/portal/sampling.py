"""Where to be sampled, for everybody: points, hours, how long the queue is, and where one's own grid goes when."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.errors import NotFound
from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.events.rules import is_in_force_anywhere
from zerotrip.prevention.models import Enrolment, EnrolmentKind, GridSlot, Measure
from zerotrip.prevention.rounds import points
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.requests import Request, storable, today_of


@require_GET
def index(request: Request) -> HttpResponse:
    """The sampling points, while somewhere people are to be sampled. Raises NotFound otherwise."""
    today = today_of(request)
    if not is_in_force_anywhere(Measure.SCREENING, on=today):
        raise NotFound(_("现在没有核酸筛查。"))
    own, door = _own(request)
    grid = storable(request.GET.get("grid", ""))[:15] or own
    path = Area.objects.filter(pk=grid).values_list("path", flat=True).first() or ""
    found, spec = points.open_points(today), rules().planning
    planned = GridSlot.objects.filter(ends__gt=request.now, plan__confirmed_at__isnull=False)
    codes = {code_of(area) for area in planned.values_list("area_path", flat=True).distinct()}
    names = area_names({code_of(point.site.area_path) for point in found} | codes | ({grid} if path else set()))
    context = {
        "rows": [
            {
                "point": point,
                "area": names.get(code_of(point.site.area_path), ""),
                "word": points.queue_word(point, spec, at=request.now),
                "hours": next((one for one in point.openings.all() if one.weekday == today.weekday()), None),
            }
            for point in found
        ],
        "grid": grid if path else "",
        "grid_name": names.get(grid, ""),
        "grids": sorted(((code, names.get(code, code)) for code in codes), key=lambda each: each[1]),
        "slots": [
            {
                "slot": slot,
                "steps": points.steps_of(slot),
                "own": points.time_of(slot, door) if grid == own else None,
            }
            for slot in (points.slots_for(path, at=request.now) if path else ())
        ],
    }
    return render(request, "portal/sampling/points.html", context)


def _own(request: Request) -> tuple[str, str]:
    """The grid in which whoever is signed in lives, and the door, as far as a roster says so."""
    if request.actor.person_id is None:
        return "", ""
    rows = Enrolment.objects.on(today_of(request)).filter(
        kind=EnrolmentKind.RESIDENT, person__party=request.actor.person_id
    )
    found = rows.values_list("area_path", "household").first()
    return (code_of(found[0]), found[1]) if found else ("", "")
