"""Inspections at the desk: begun at a site, filled in on a phone, signed by two, looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.models import Obligation
from zerotrip.errors import Invalid, Refusal
from zerotrip.files.attaching import PLACE
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.models import User
from zerotrip.prevention.inspections import actions, draws, queries
from zerotrip.prevention.inspections.rules import (
    companions,
    may_answer,
    may_fill_in,
    may_recheck,
    may_sign,
    require_seat,
)
from zerotrip.prevention.inspections.spec import rules
from zerotrip.prevention.models import Found, Inspection, Measure
from zerotrip.prevention.picture.lines import Part
from zerotrip.prevention.picture.rows import defects as to_put_right
from zerotrip.prevention.picture.rows import part_of
from zerotrip.web.attaching import Attaching, attached
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.counted import asked_of, counted_in
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.sites import site_of
from zerotrip.web.duties.reporting import position_fields, position_of
from zerotrip.web.duties.stamping import stamped
from zerotrip.web.inspections import Answer
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.files.models import Blob
    from zerotrip.prevention.inspections.queries import Line
    from zerotrip.prevention.models import InspectionItem
    from zerotrip.prevention.picture.lines import Asked

PAGE_SIZE = 30
STATES = ("open", "defects")


@require_GET
@during(Measure.VENUES)
def index(request: Request) -> HttpResponse:
    """The inspections of one's area, the latest first; those under way, or with something to put right."""
    state = request.GET.get("state", "")
    rows = Inspection.objects.visible_to(request.actor).select_related("site", "first__person", "second__person")
    if state == "open":
        rows = rows.filter(countersigned_at=None)
    elif state == "defects":
        owed = queries.defects(Obligation.objects.visible_to(request.actor))
        rows = rows.filter(pk__in=owed.values("subject"))
    page = page_of(request, rows, size=PAGE_SIZE)
    waits = queries.open_defects([row.pk for row in page.object_list])
    context = {
        "page": page,
        "lines": [(row, waits.get(row.pk, 0)) for row in page.object_list],
        "state": state if state in STATES else "",
        "query": f"state={state}" if state in STATES else "",
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/inspections/index.html", context)


@require_GET
@during(Measure.VENUES)
def defects(request: Request) -> HttpResponse:
    """What inspections found wrong, one by one: all that was due today, or what a number of the picture counts."""
    counted = counted_in(request)
    asked, part = (counted.asked, counted.part) if counted else (asked_of(request), Part.DUE)
    found = to_put_right(asked).of(part).select_related("owed").order_by("owed__due_at", "pk")
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [_owed(item, asked) for item in page.object_list],
        "counted": counted,
        "query": counted.query if counted else "",
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/inspections/defects.html", context)


def _owed(item: InspectionItem, asked: Asked) -> dict[str, Any]:
    owed, said = item.owed, item.said  # type: ignore[attr-defined]
    if owed is None:
        raise AssertionError("only what is owed is listed")
    part = part_of(owed, said, asked)
    waits = part is Part.OPEN and said == "handed_in"
    return {"item": item, "done": part is Part.DONE, "waits": waits, "late": part is Part.MISSED}


@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def new(request: Request, site_id: UUID) -> HttpResponse:
    """Begin to inspect a site: by which list, and with whom; by a draw, with whom it fell to."""
    site = site_of(request, site_id)
    refused: Invalid | None = None
    draw = uuid_from(typed(request, "draw") or request.GET.get("draw", ""))
    row, drawn = draws.fell_to(draw, site.pk, by=request.actor) if draw else (None, ())
    seat = require_seat(request.actor, site, row.office_id if row else None)
    if request.method == "POST":
        try:
            made = actions.start(
                site.pk,
                checklist=typed(request, "checklist", most=60),
                second=uuid_from(typed(request, "second")),
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
                draw=draw,
                others_because=typed(request, "others_because", most=800),
            )
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("desk-inspection", made.pk)
    people = companions(request.actor, site, seat.department_id, at=request.now)
    fell = {user.pk: user.person.name for user in User.objects.filter(pk__in=drawn).select_related("person")}
    beside = [str(who) for who in drawn if who in people and request.actor.account in drawn]
    context = {
        "site": site,
        "lists": rules().for_kind(site.kind_id, site.kind.group),
        "people": sorted(people.items(), key=lambda pair: pair[1]),
        "draw": row,
        "drawn": [fell.get(who, "") for who in drawn],
        "values": request.POST if refused else {"second": next(iter(beside), "")},
        "key": new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(
        request, "desk/prevention/inspections/new.html", context, status=refused.status if refused else 200
    )


@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def show(request: Request, inspection_id: UUID) -> HttpResponse:
    """One inspection: its items to fill in, or what was found; a POST keeps what was filled in, and may sign."""
    inspection = _inspection(request, inspection_id)
    if request.method != "POST":
        return _page(request, inspection)
    try:
        actions.fill_in(inspection.pk, _answers(request, inspection), by=request.actor, at=request.now)
        if typed(request, "step") == "sign":
            actions.sign(inspection.pk, by=request.actor, at=request.now)
            messages.success(request, _("已签字，等第二检查人签字。"))
        else:
            messages.success(request, _("已保存。"))
    except Invalid as refused:
        return _page(request, _inspection(request, inspection_id), refused)
    return redirect("desk-inspection", inspection.pk)


def _answers(request: Request, inspection: Inspection) -> dict[str, actions.Answered]:
    """What was typed, item by item. Raises Invalid where a photograph was not taken."""
    answers, problems = {}, {}
    for item in actions.items_of(inspection):
        files = attached(request, f"photo-{item.id}", photo=True)
        if files.problems:
            problems[f"photo-{item.id}"] = files.problems
        handed = None if files.problems else next(iter(files.handed()), None)
        found = typed(request, f"found-{item.id}", most=8)
        if found:
            note = typed(request, f"note-{item.id}", most=800)
            answers[item.id] = actions.Answered(found, note, handed, _drawn(request, inspection, handed))
    if problems:
        raise Invalid(_("有文件没有收下，其他内容都还在。"), problems)
    return answers


def _drawn(request: Request, inspection: Inspection, photo: Handed | None) -> Blob | None:
    if photo is None:
        return None
    place = position_of(request)
    return stamped([photo], inspection.site.name, place, done_at=request.now, at=request.now).get(photo.blob.pk)


def _page(
    request: Request, inspection: Inspection, refused: Refusal | None = None, sent: Answer | None = None
) -> HttpResponse:
    filling = may_fill_in(inspection, request.actor)
    lines = queries.lines_of(inspection)
    typed_in = refused is not None and request.method == "POST" and sent is None
    context = {
        "inspection": inspection,
        "lines": [_line(request, line, sent, typed_in=typed_in) for line in lines],
        "kinds": [(kind.value, kind.label) for kind in Found],
        "filling": filling,
        "signs": may_sign(inspection, request.actor),
        "returns": inspection.signed_at is not None
        and inspection.countersigned_at is None
        and request.actor.user_id == inspection.second_id,
        "waits": sum(line.row is None for line in lines),
        "position_fields": position_fields(position_of(request) if typed_in else None),
        "history": history(inspection.pk).order_by("-seq")[:20],
        **refused_with(refused if isinstance(refused, Invalid) else None),
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 422 if sent else 200
    return render(request, "desk/prevention/inspections/show.html", context, status=status)


def _line(request: Request, line: Line, sent: Answer | None, *, typed_in: bool) -> dict[str, Any]:
    place = f"photo-{line.item.id}"
    own = sent is not None and line.owed is not None and sent.owed == line.owed.pk
    row = line.row
    return {
        "line": line,
        "place": place,
        "found": typed(request, f"found-{line.item.id}") if typed_in else row.found if row else "",
        "note": typed(request, f"note-{line.item.id}") if typed_in else row.note if row else "",
        "files": attached(request, place, photo=True) if typed_in else Attaching(place, photo=True),
        "may": line.owed is not None and may_answer(line.owed, request.actor),
        "rechecks": line.owed is not None and may_recheck(line.owed, request.actor),
        "sent": sent if own else None,
        "answer_files": sent.files if own and sent is not None else Attaching(PLACE),
        "key": new_id(),
    }


@require_POST
@during(Measure.VENUES)
def act(request: Request, inspection_id: UUID, step: str) -> HttpResponse:
    """Sign as the second, or send back to the first."""
    inspection = _inspection(request, inspection_id)
    try:
        if step == "sign":
            done = actions.sign(inspection.pk, by=request.actor, at=request.now)
            told = _("两位检查人都已签字，结果已经告知场所。") if done.countersigned_at else _("已签字。")
            messages.success(request, told)
        else:
            actions.send_back(
                inspection.pk, reason=typed(request, "reason", most=800), by=request.actor, at=request.now
            )
            messages.success(request, _("已退回第一检查人。"))
    except Invalid as refused:
        return _page(request, inspection, refused, Answer(request))
    return redirect("desk-inspection", inspection.pk)


@require_POST
@during(Measure.VENUES)
def defect(request: Request, inspection_id: UUID, step: str) -> HttpResponse:
    """Look again at what was put right; or say it is, where the office itself has to."""
    inspection = _inspection(request, inspection_id)
    sent = Answer(request)
    if step == "answer":
        if not sent.file(request):
            return _page(request, inspection, sent=sent)
        messages.success(request, _("已报上，等检查的部门复查。"))
        return redirect("desk-inspection", inspection.pk)
    passed = step == "pass"
    try:
        actions.recheck(sent.owed or UUID(int=0), passed=passed, note=sent.note, by=request.actor, at=request.now)
    except Invalid as refused:
        sent.problems = refused.problems
        return _page(request, inspection, sent=sent)
    messages.success(request, _("复查通过。") if passed else _("已退回，场所会收到通知。"))
    return redirect("desk-inspection", inspection.pk)


def _inspection(request: Request, inspection_id: UUID) -> Inspection:
    rows = Inspection.objects.visible_to(request.actor).select_related(
        "site__kind", "site__owner", "office", "first__person", "second__person"
    )
    return get_object_or_404(rows, pk=inspection_id)
