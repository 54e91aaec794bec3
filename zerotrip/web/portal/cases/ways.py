"""The ways of an application beside the usual one: committed to, rehearsed, with materials that come later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases import actions
from zerotrip.cases.actions.rehearsals import ways_to_rehearse
from zerotrip.cases.models import Case, Mode
from zerotrip.cases.queries import File, file_of
from zerotrip.cases.rules import require
from zerotrip.cases.states import Status, Step
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.access import own_case
from zerotrip.web.portal.cases import forms, views
from zerotrip.web.portal.cases.proving import offered
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation

COMMITTED = "committed"


@require_http_methods(["GET", "POST"])
@signed_in
def way(request: Request, number: str) -> HttpResponse:
    """Choose how a draft is to be handled: as usual, on a commitment, or rehearsed first."""
    case = own_case(request, number)
    spec = case.version.spec
    if case.status != Status.DRAFT or not (spec.promise or ways_to_rehearse(spec)):
        raise Stale(_("办件已经提交，不能再改办理方式。"))
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            _choose(request, case)
        except Invalid as invalid:
            problems = invalid.problems
        except Refused as refused:
            problems = {"way": [refused.message]}
        else:
            return redirect("case", number)
    file = file_of(case, request.actor)
    present = COMMITTED if file.shown and file.shown.committed else case.mode
    context = {
        "case": case,
        "file": file,
        "spec": spec,
        "modes": [mode for mode in (Mode.PRE_REVIEW, Mode.SIMULATED) if mode.value in ways_to_rehearse(spec)],
        "barred": actions.barred_until(case.applicant_id, at=request.now) if spec.promise else None,
        "waived": [str(m.name) for m in spec.materials if spec.promise and m.id in spec.promise.waives],
        "open_materials": {
            mode: [str(m.name) for m in spec.materials if m.rehearsal == mode.value] for mode in Mode
        },
        "chosen": typed(request, "way") if request.method == "POST" else present,
        "name": typed(request, "name"),
        "ticked": request.POST.getlist("read"),
        "problems": problems,
    }
    return render(request, "portal/cases/way.html", context, status=422 if problems else 200)


def _choose(request: Request, case: Case) -> None:
    chosen, by, at = typed(request, "way"), request.actor, request.now
    if chosen == COMMITTED:
        conditions = case.version.spec.promise.conditions if case.version.spec.promise else ()
        if len(request.POST.getlist("read")) < len(conditions):
            raise Invalid(_("请逐条确认。"), {"read": [_("请逐条读过并勾选，全部符合才能承诺。")]})
        actions.rehearse(case, Mode.FORMAL, by=by, at=at)
        actions.commit(case, name=typed(request, "name", most=120), by=by, at=at)
        return
    if chosen not in Mode.values:
        raise Invalid(_("请选择办理方式。"), {"way": [_("请选择办理方式。")]})
    actions.take_commitment_back(case, by=by, at=at)
    actions.rehearse(case, Mode(chosen), by=by, at=at)


@require_POST
@signed_in
def later(request: Request, number: str) -> HttpResponse:
    """Say that a material of a draft comes later, or not any more."""
    case = own_case(request, number)
    key = typed(request, "material", most=60)
    actions.owe_later(case, key, typed(request, "how", most=12), by=request.actor, at=request.now)
    return redirect(f"/cases/{case.number}/materials/#material-{key}")


@require_http_methods(["GET", "POST"])
@signed_in
def make_up(request: Request, number: str) -> HttpResponse:
    """Hand in what was accepted without, material by material."""
    case = own_case(request, number)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        key = typed(request, "material", most=60)
        uploads = [(each, each.name or "") for each in request.FILES.getlist("files")]
        record = forms.uuid_from(request.POST.get("record")) or new_id()
        try:
            actions.make_up(case, key, uploads, by=request.actor, at=request.now, record=record)
        except Invalid as invalid:
            problems = invalid.problems
        else:
            messages.success(request, _("已收到，工作人员核对后会通知您。"))
            return redirect("case-make-up", number)
    file = file_of(case, request.actor)
    if not file.make_ups:
        return redirect("case", number)
    rows = [_owed_row(file, owed, problems) for owed in file.make_ups]
    context = {"case": case, "file": file, "rows": rows, "section": "cases"}
    return render(request, "portal/cases/make_up.html", context, status=422 if problems else 200)


def _owed_row(file: File, owed: Obligation, problems: dict[str, list[str]]) -> dict[str, Any]:
    declared = file.spec.material(owed.key)
    return {
        "owed": owed,
        "spec": declared,
        "files": file.materials.get(owed.key, []),
        "open": owed.status == "open",
        "problems": problems.get(f"material:{owed.key}", []),
        "record": uuid4(),
        "notes": [each.note for each in owed.records.filter(what="returned")][-1:],
    }


@require_http_methods(["GET", "POST"])
@signed_in
def complete(request: Request, number: str) -> HttpResponse:
    """Add what was open in a rehearsal, then turn it formal."""
    case = own_case(request, number)
    require(Step.FORMALISE, case, request.actor)
    problems: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        actions.complete_materials(case, by=request.actor, at=request.now)
        problems, status = views.attach_all(request, case)
        if "formalise" in request.POST and not problems:
            try:
                actions.formalise(case, by=request.actor, at=request.now, key=typed(request, "key", most=40))
            except Invalid as invalid:
                problems, status = invalid.problems, 422
            else:
                return redirect("case", number)
        if not problems:
            return redirect("case-complete", number)
    file = file_of(case, request.actor)
    rows = forms.material_rows(file, problems, offered=offered(request, case))
    rows = [row for row in rows if row.spec.rehearsal]
    context = {
        "case": case,
        "file": file,
        "materials": rows,
        "summary": forms.problem_links(case, problems, on_this_page=True),
        "key": uuid4(),
        "section": "cases",
    }
    return render(request, "portal/cases/complete.html", context, status=status)


@require_POST
@signed_in
def reopen(request: Request, number: str) -> HttpResponse:
    """Take a lapsed application up again where it was left."""
    case = own_case(request, number)
    actions.reopen(case, by=request.actor, at=request.now, key=typed(request, "key", most=40))
    return redirect("case-correct", number)
