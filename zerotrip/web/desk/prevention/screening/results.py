"""Results: files laboratories send, how far they are, what could not be read; and who is to be tested again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.queries import area_path_of, own_area_names
from zerotrip.prevention.models import Finding, Measure, ResultFile, ResultFileStatus, Retest, Tube
from zerotrip.prevention.picture.rows import retests as to_retest
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.screening.queries import figures
from zerotrip.prevention.screening.results import actions
from zerotrip.prevention.screening.rules import code_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.counted import counted_in
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.screening.boxes import laboratories
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable, today_of, typed

if TYPE_CHECKING:
    from django.db.models import QuerySet

UNDER_WAY = (ResultFileStatus.QUEUED, ResultFileStatus.READING)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """Hand in a file of results; what came in, by file and over the wire; tubes that wait too long."""
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return redirect("desk-result-file", _handed_in(request).pk)
        except Refusal as refusal:
            if refusal.status not in (409, 413, 415, 422):
                raise
            refused = refusal
    invalid = refused if isinstance(refused, Invalid) else None
    late = figures(today_of(request), request.actor, at=request.now)["late"]
    context = {
        "page": page_of(request, ResultFile.objects.visible_to(request.actor).order_by("-asked_at"), size=20),
        "laboratories": laboratories(),
        "areas": areas_of(request.actor),
        "values": {name: typed(request, name, most=60) for name in ("laboratory", "area", "said")},
        "key": uuid_from(typed(request, "key")) or new_id(),
        "late": late,
        "message": refused.message if refused is not None and invalid is None else "",
        **refused_with(invalid),
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 200
    return render(request, "desk/prevention/screening/results.html", context, status=status)


def _handed_in(request: Request) -> ResultFile:
    files = request.FILES.getlist("file")
    if not files:
        raise Invalid(_("还没有导入。"), {"file": [_("请选择要导入的文件。")]})
    said = typed(request, "said", most=8)
    return actions.hand_in(
        files[0],
        laboratory=typed(request, "laboratory", most=60),
        area_path=area_path_of(typed(request, "area", most=15)),
        name=str(files[0].name or "")[-200:],
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        file_id=uuid_from(typed(request, "key")) or new_id(),
        said=int(said) if said.isascii() and said.isdigit() else None,
    )


@require_GET
@during(Measure.SCREENING)
def show(request: Request, file_id: UUID) -> HttpResponse:
    """How far a file is, what it brought, and which rows said nothing."""
    file = ResultFile.objects.visible_to(request.actor).filter(pk=file_id).first()
    if file is None:
        raise NotFound(_("没有找到这个文件。"))
    names = ("new", "again", "corrected", "unknown", "positive", "faults")
    context = {
        "file": file,
        "laboratory": laboratories().get(file.laboratory, file.laboratory),
        "found": {name: file.found.get(name, 0) for name in names},
        "waits": file.status in UNDER_WAY,
        "unknown": _unknown(file) if file.found.get("unknown") else [],
        **rail(request, "prevention"),
    }
    name = "parts/file.html" if request.htmx else "file.html"
    return render(request, f"desk/prevention/screening/{name}", context)


def _unknown(file: ResultFile) -> list[str]:
    """Tubes of a file nobody has filled yet: their results wait."""
    known = Tube.objects.values("pk")
    return list(file.results.exclude(tube__in=known).order_by("tube").values_list("tube", flat=True)[:200])


@require_GET
@during(Measure.SCREENING)
def retests(request: Request) -> HttpResponse:
    """Who is to be tested singly, by grid: the open ones, or those of a tube."""
    code = code_of(storable(request.GET.get("tube", ""))[:40])
    every = request.GET.get("state") == "all" or bool(code)
    counted = counted_in(request)
    rows = to_retest(counted.asked).of(counted.part) if counted else _searched(request, code, every=every)
    rows = rows.select_related("person", "tube")
    page = page_of(request, rows.order_by("area_path", "due_at", "pk"), size=50)
    names = own_area_names({row.area_path for row in page.object_list})
    context = {
        "page": page,
        "rows": [_line(row, names) for row in page.object_list],
        "code": code,
        "every": every,
        "counted": counted,
        "query": counted.query if counted else urlencode({"tube": code, "state": "all" if every else ""}),
        "open": _searched(request, code, every=False).count(),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/screening/retests.html", context)


def _searched(request: Request, code: str, *, every: bool) -> QuerySet[Retest]:
    rows = Retest.objects.visible_to(request.actor)
    rows = rows.filter(tube=code) if code else rows
    return rows if every else rows.open()


def _line(row: Retest, names: dict[str, str]) -> dict[str, Any]:
    return {
        "retest": row,
        "name": identity.mask_name(row.person.name),
        "number": row.person.number_shown,
        "phone": identity.mask_phone(row.person.phone),
        "area": names.get(row.area_path, ""),
        "because": Finding(row.because).label,
        "outcome": Finding(row.outcome).label if row.outcome else "",
    }
