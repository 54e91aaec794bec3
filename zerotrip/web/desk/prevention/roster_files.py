"""Roster files at the desk: handed in, what was found in them, confirmed, and who was merged with whom and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from openpyxl import Workbook

from zerotrip.enterprises.models import UNDER_WAY
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, area_path_of
from zerotrip.prevention.models import Enrolment, EnrolmentKind, Person, RosterFile, RosterRow, Verdict
from zerotrip.prevention.models.rosters import UNMERGED
from zerotrip.prevention.rosters import actions, identity, matching
from zerotrip.prevention.rosters.actions.files import Asked
from zerotrip.prevention.rosters.reading import MOST_ROWS, labels
from zerotrip.prevention.rosters.rules import require_keeps_any
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.exporting import asked_why
from zerotrip.web.desk.prevention.forms import areas_of
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rosters import sites_of
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, summary_of, today_of, typed
from zerotrip.web.workbooks import as_csv, workbook

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE_SIZE = 20
SHOWN = 100
"""Rows shown on the page; all of them are in the list that can be saved."""
MERGED = (Verdict.DOCUMENT, Verdict.PHONE, Verdict.COMPLETED)
"""Rows found by less than a number: worth a look."""


@require_http_methods(["GET", "POST"])
@during(None)
def index(request: Request) -> HttpResponse:
    """Hand in a roster, and see what I handed in."""
    require_keeps_any(request.actor)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return redirect("desk-roster-file", _handed_in(request).pk)
        except Refusal as refusal:
            if refusal.status not in (409, 413, 415, 422):
                raise
            refused = refusal
    names = ("kind", "area", "site", "employer", "first_day", "replaces")
    values = {name: typed(request, name, most=60) for name in names} if refused else {"kind": "resident"}
    values["first_day"] = values.get("first_day") or today_of(request).isoformat()
    invalid = refused if isinstance(refused, Invalid) else None
    context = {
        "page": page_of(
            request, RosterFile.objects.visible_to(request.actor).order_by("-asked_at"), size=PAGE_SIZE
        ),
        **{"values": values, "key": new_id(), "kinds": EnrolmentKind.choices, "most": f"{MOST_ROWS:,}"},
        **{"areas": areas_of(request.actor), "sites": sites_of(request.actor)},
        "problems": invalid.problems if invalid else {},
        "summary": summary_of(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 200
    return render(request, "desk/prevention/rosters/files.html", context, status=status)


def _handed_in(request: Request) -> RosterFile:
    files = request.FILES.getlist("file")
    if not files:
        raise Invalid(_("请选择要导入的文件。"), {"file": [_("请选择要导入的文件。")]})
    asked = Asked(
        kind=typed(request, "kind", most=10),
        area_path=area_path_of(typed(request, "area", most=15)),
        first_day=day_or_none(request, "first_day"),
        site=uuid_from(typed(request, "site")),
        employer=typed(request, "employer", most=30),
        replaces=typed(request, "replaces") == "yes",
    )
    return actions.hand_in(
        files[0],
        asked,
        name=str(files[0].name or "")[-200:],
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        file_id=uuid_from(typed(request, "key")) or new_id(),
    )


def _own(request: Request, file_id: UUID) -> RosterFile:
    rows = RosterFile.objects.visible_to(request.actor).select_related("site", "employer")
    file = rows.filter(pk=file_id).first()
    if file is None:
        raise NotFound(_("没有找到这个文件。"))
    return file


@require_GET
@during(None)
def show(request: Request, file_id: UUID) -> HttpResponse:
    """How far a file is; what is wrong with it, who it is about, and what confirming would do."""
    file = _own(request, file_id)
    found = {name: file.found.get(name, 0) for name in (*Verdict.values, "wrong", "joining", "staying", "moving")}
    lines = RosterRow.objects.filter(file=file).order_by("number")
    leaves = [] if file.status != "checked" or not file.replaces else matching.leaving_ids(file, most=SHOWN)
    gone = Enrolment.objects.filter(pk__in=leaves).select_related("person")
    context = {
        **{"file": file, "found": found, "waits": file.status in UNDER_WAY},
        "place": _place(file),
        "good": max(0, file.rows - found["wrong"] - sum(found[verdict] for verdict in UNMERGED)),
        "unmerged": _told(lines.filter(verdict__in=UNMERGED)[:SHOWN]),
        "merged": _told(lines.filter(verdict__in=MERGED)[:SHOWN]),
        "leaving": [(identity.mask_name(one.person.name), one.person.number_shown, one.household) for one in gone],
        "leaving_count": file.found.get("leaving", 0),
        "renamed": file.found.get("renamed", 0),
        "ignored": file.found.get("ignored", []),
        **rail(request, "prevention"),
    }
    name = "desk/prevention/rosters/parts/file.html" if request.htmx else "desk/prevention/rosters/file.html"
    return render(request, name, context)


def _place(file: RosterFile) -> str:
    """What it is a roster of."""
    if file.site is not None:
        return file.site.name
    code = code_of(file.area_path)
    return file.employer.name if file.employer is not None else area_names({code}).get(code, "")


def _told(lines: Iterable[RosterRow]) -> list[dict[str, Any]]:
    """Rows with whom they were found to be about, masked."""
    held = list(lines)
    wanted = {key for one in held for key in (one.person_id, one.other_id) if key}
    people = Person.objects.in_bulk(wanted)
    return [_line(one, people) for one in held]


def _line(one: RosterRow, people: dict[Any, Person]) -> dict[str, Any]:
    def masked(key: UUID | None) -> str:
        person = people.get(key)
        if person is None:
            return ""
        known = person.number_shown or identity.mask_phone(person.phone)
        return f"{identity.mask_name(person.name)} {known}"

    return {
        "number": one.number,
        "name": identity.mask_name(one.name),
        "shown": one.number_shown or identity.mask_phone(one.phone),
        "why": str(Verdict(one.verdict).label) if one.verdict else "",
        "verdict": one.verdict,
        "person": masked(one.person_id),
        "other": masked(one.other_id),
    }


@require_POST
@during(None)
def act(request: Request, file_id: UUID, step: str) -> HttpResponse:
    """Confirm a file, or think better of it."""
    if step == "confirm":
        actions.confirm(file_id, by=request.actor, at=request.now)
        messages.success(request, _("已确认，正在写入。可以离开这一页。"))
    elif step == "drop":
        actions.drop(file_id, by=request.actor, at=request.now)
        messages.success(request, _("已放弃，什么也没有写入。"))
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("desk-roster-file", file_id)


@require_http_methods(["GET", "POST"])
@during(None)
def report(request: Request, file_id: UUID) -> HttpResponseBase:
    """Every row that was merged with somebody by less than a number, or could not be: as a list, masked.

    For whoever was named to take lists out, and says why.
    """
    file = _own(request, file_id)
    if (
        page := asked_why(
            request, _("名册导入结果"), back=reverse("desk-roster-file", args=[file.pk]), area_path=file.area_path
        )
    ) is not None:
        return page
    heading = [_("行"), _("姓名"), _("号码"), _("结果"), _("对应的人"), _("另一个人")]
    pks = list(
        RosterRow.objects.filter(file=file, verdict__in=(*UNMERGED, *MERGED))
        .order_by("number")
        .values_list("pk", flat=True)
    )

    words = {str(value): str(label) for value, label in Verdict.choices}  # read after the language is gone

    def lines() -> Iterator[list[Any]]:
        yield heading
        for start in range(0, len(pks), 1000):
            for line in _told(RosterRow.objects.filter(pk__in=pks[start : start + 1000]).order_by("number")):
                why = words[line["verdict"]]
                yield [line["number"], line["name"], line["shown"], why, line["person"], line["other"]]

    return as_csv(_("名册导入结果.csv"), lines())


@require_GET
@during(None)
def template(request: Request) -> HttpResponse:
    """The workbook to fill in: numbers as text, so that none loses its last digits."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(list(labels().values()))
    for column, width in zip("ABCDEFGHIJ", (12, 24, 18, 20, 16, 12, 22, 22, 26, 24), strict=True):
        sheet.column_dimensions[column].width = width
        sheet.column_dimensions[column].number_format = "@"
        for number in range(2, 202):
            sheet[f"{column}{number}"].number_format = "@"
    sheet.freeze_panes = "A2"
    return workbook(_("名册导入模板.xlsx"), book)
