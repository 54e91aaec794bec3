"""Who owes what and has not, at the desk: the standing duties of a day, each area by area, the silent by name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Due, Subject, Window
from zerotrip.duties.standing import queries
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.reminding import moments_of
from zerotrip.duties.standing.sources import REPORT
from zerotrip.errors import NotAllowed
from zerotrip.parties.models import HANDS, Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names, phones_of
from zerotrip.prevention.events.exporting import right_of
from zerotrip.prevention.leaflets.rules import ACT as READ
from zerotrip.prevention.leaflets.rules import may_see
from zerotrip.prevention.models import Leaflet
from zerotrip.prevention.picture import rows
from zerotrip.prevention.rounds.rules import has_callers
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.counted import counted_in
from zerotrip.web.desk.prevention.exporting import asked_why
from zerotrip.web.desk.prevention.forms import areas_of
from zerotrip.web.duties.reported import reported
from zerotrip.web.duties.reporting import ReportPage, due_of, names_of
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.web.workbooks import as_csv
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zerotrip.duties.models import DueQuerySet
    from zerotrip.web.desk.prevention.counted import Counted

PAGE_SIZE = 50
PEOPLE = (Subject.PERSON, Subject.SHIFT)
"""Of whom neither phones are listed nor lists go out."""
MOST = 300
"""Windows of one day."""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The standing duties of a day where one works, how far each has come, the worst first; or one by name."""
    if (counted := counted_in(request)) is not None:
        return _names(request, counted)
    day = _day(request)
    first = datetime.combine(day, time(), tzinfo=CHINA)
    at = min(request.now, first + timedelta(days=1))
    there = Window.objects.visible_to(request.actor).filter(starts__lt=first + timedelta(days=1), ends__gt=first)
    windows = list(there.select_related("requirement").order_by("starts", "pk")[:MOST])
    found = queries.of_windows(windows, request.actor, at=at) if windows else {}
    told: list[dict[str, Any]] = [
        {"window": window, "coverage": found[window.pk]} for window in windows if window.pk in found
    ]
    told.sort(key=lambda row: -row["coverage"].missing)
    context = {
        "rows": told,
        "left": there.count() - MOST if len(windows) == MOST else 0,
        "most": MOST,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today_of(request) else None,
        "areas": area_names({code_of(window.area_path) for window in windows}),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/duties.html", context)


def _names(request: Request, counted: Counted) -> HttpResponse:
    """What a number of the picture counts of a duty, by name, all its windows of the day together."""
    there = rows.windows(counted.asked, request.GET.get("duty", ""))
    page = page_of(request, rows.dues(counted.asked, there, counted.part), size=PAGE_SIZE)
    by_key = {window.pk: window for window in there}
    names = area_names({code_of(due.area_path) for due in page})
    lines = _lines(there[0], list(page), names, at=request.now) if there else []
    context = {
        "counted": counted,
        "title": spec_of(there[-1].requirement).name if there else "",
        "page": page,
        "query": counted.query,
        "duty": request.GET.get("duty", ""),
        "areas": areas_of(request.actor),
        "code": code_of(counted.asked.area_path),
        "of_people": bool(there) and there[0].subject in PEOPLE,
        "lines": [line | {"window": by_key[line["due"].window_id]} for line in lines],
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/owed.html", context)


@require_GET
@staff_only
def show(request: Request, window_id: int) -> HttpResponse:
    """One window: area by area, and who is missing, now or at a past moment."""
    window = _window(request, window_id)
    at, area = _at(request, window), area_within(request, window)
    total = queries.total(window, request.actor, at=at, area_path=area)
    below = [row for row in queries.coverage(window, request.actor, at=at, area_path=area) if row.key != area]
    page = page_of(request, queries.missing(window, request.actor, at=at, area_path=area), size=PAGE_SIZE)
    own = own_area_names([row.key for row in below])
    names = area_names({code_of(area)} | {code_of(due.area_path) for due in page})
    leaflet = Leaflet.objects.filter(window=window).first() if _is_read(window) else None
    sees = leaflet is None or may_see(request.actor, leaflet, area)
    context = {
        "window": window,
        "at": at,
        "past": at < min(request.now, window.ends),
        "over": window.ends <= request.now,
        "area": area,
        "area_name": names.get(code_of(area), ""),
        "up": area[: area.rstrip("/").rindex("/") + 1] if area != window.area_path else "",
        "row": {"coverage": total},
        "below": [{"name": own.get(row.key, row.key), "coverage": row} for row in below],
        "page": page,
        "lines": _lines(window, list(page), names, at=request.now) if sees else [],
        "sees": sees,
        "reports": _may_report(request, window),
        "of_people": window.subject in PEOPLE,
        "survey": _is_survey(window),
        "reminds": [moment for moment in moments_of(window) if moment >= window.starts],
        "leaflet": leaflet,
        "exports": right_of(request.actor, on=today_of(request), area_path=window.area_path) is not None,
        "query": f"area={area}&at={request.GET.get('at', '')}",
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/duty.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def export(request: Request, window_id: int) -> HttpResponseBase:
    """Who is missing in a window, as lines of CSV: for whoever was named, and says why."""
    window = _window(request, window_id)
    if (
        page := asked_why(
            request,
            window.requirement.title,
            back=reverse("desk-duty", args=[window.pk]),
            area_path=window.area_path,
        )
    ) is not None:
        return page
    at, area = _at(request, window), area_within(request, window)
    silent = queries.missing(window, request.actor, at=at, area_path=area)
    if window.subject in PEOPLE:  # names of people go out by the roster, with its own reason
        silent = silent.none()
    head = [_("名称"), _("区域"), _("联系电话"), _("已报次数"), _("应报次数")]
    return as_csv(f"{window.requirement.title}.csv", [head, *_told(window, silent, at=request.now)])


def _told(window: Window, silent: DueQuerySet, *, at: datetime) -> Iterator[Sequence[Any]]:
    found = list(silent[:50_000])
    areas = area_names({code_of(due.area_path) for due in found})
    for line in _lines(window, found, areas, at=at):
        yield [line["name"], line["area"], line["phone"], line["due"].done, window.needs]


def _lines(window: Window, dues: Sequence[Due], areas: dict[str, str], *, at: datetime) -> list[dict[str, Any]]:
    """Who is missing, with the name and the phone of whoever answers."""
    names = names_of(window.subject, [due.subject for due in dues])
    if window.subject == Subject.PERSON:
        return _people(dues, names, areas)
    owner = "subject" if window.subject == Subject.ENTERPRISE else "place"
    whose = {key for due in dues if (key := getattr(due, owner)) is not None}
    phones = phones_of(whose, at=at) if window.subject not in PEOPLE else {}
    return [
        {
            "due": due,
            "name": names.get(due.subject, ""),
            "area": areas.get(code_of(due.area_path), ""),
            "phone": phones.get(getattr(due, owner), ""),
            "link": "",
        }
        for due in dues
    ]


def _people(dues: Sequence[Due], names: Mapping[UUID, str], areas: dict[str, str]) -> list[dict[str, Any]]:
    """People who are missing: masked, with a link to where their number can be read for a reason."""
    return [
        {
            "due": due,
            "name": names.get(due.subject, ""),
            "area": areas.get(code_of(due.area_path), ""),
            "phone": "",
            "link": reverse("desk-roster-person", args=[due.subject]),
        }
        for due in dues
    ]


@require_http_methods(["GET", "POST"])
@staff_only
def report(request: Request, window_id: int, subject: UUID) -> HttpResponse:
    """Report for somebody who has said so on the phone or on paper: with the time when it was done."""
    due = due_of(Due.objects.visible_to(request.actor), window_id, subject)
    _require_may_report(request, due.window)
    page = ReportPage.sent(request, due) if request.method == "POST" else ReportPage.begun(due)
    done_at = _done_at(request, due.window)
    back = typed(request, "back", most=10) or request.GET.get("back", "")[:10]
    if page.is_handed_in(request):
        if done_at is None:
            page.problems = {**page.problems, "at": [_("请填写是什么时候做的，要在这一次的时间里。")]}
        elif page.file(request, done_at=done_at):
            messages.success(request, _("已替对方报上。"))
            return redirect("desk-survey-mine") if back == "mine" else redirect("desk-duty", due.window_id)
    context = {
        "due": due,
        "back": back,
        "page": page,
        "name": names_of(due.window.subject, [due.subject]).get(due.subject, ""),
        "survey": _is_survey(due.window),
        "reports": reported(request, subject, due.window),
        "day": typed(request, "day") or today_of(request).isoformat(),
        "hour": typed(request, "hour") or request.now.astimezone(CHINA).strftime("%H:%M"),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/report.html", context, status=422 if page.problems else 200)


def _done_at(request: Request, window: Window) -> datetime | None:
    """When it was done, as typed, to the minute; None outside the window."""
    at = moment_of(typed(request, "day"), typed(request, "hour"))
    if at is None or not window.starts - timedelta(minutes=1) < at < window.ends:
        return None
    return max(at, window.starts)


def _is_read(window: Window) -> bool:
    return spec_of(window.requirement).act == READ


def _is_survey(window: Window) -> bool:
    return has_callers(window) and window.subject == Subject.ENTERPRISE


def _may_report(request: Request, window: Window) -> bool:
    return spec_of(window.requirement).act == REPORT and bool(request.actor.seats_as(*HANDS))


def _require_may_report(request: Request, window: Window) -> None:
    if not _may_report(request, window):
        raise NotAllowed(_("由本区域的经办人代报。"))


def _window(request: Request, window_id: int) -> Window:
    found = Window.objects.visible_to(request.actor).select_related("requirement")
    return get_object_or_404(found, pk=window_id)


def _day(request: Request) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today_of(request)


def _at(request: Request, window: Window) -> datetime:
    """The moment that is asked of: one within the window that is past, else the latest there is."""
    latest = min(request.now, window.ends)
    try:
        asked = datetime.fromisoformat(request.GET.get("at", "")).replace(tzinfo=CHINA)
    except ValueError:
        return latest
    return asked if window.starts <= asked <= latest else latest


def area_within(request: Request, window: Window) -> str:
    """The area that is asked of, inside that of the window."""
    asked = request.GET.get("area", "")[:120]
    inside = asked.startswith(window.area_path) and Area.objects.filter(path=asked).exists()
    return asked if inside else window.area_path
