"""The desk: what is due, the case in full, the steps of one's seat."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.cases import actions, queries
from zerotrip.cases.access import why_keep_out
from zerotrip.cases.actions.hearing import may_add_scan
from zerotrip.cases.actions.staff import FOUND
from zerotrip.cases.models import Assignment, Case, Correction
from zerotrip.cases.rules import may, reads_rating, stage_steps
from zerotrip.cases.states import Result, Status, Step
from zerotrip.catalogue.queries import findings_form_of, stage_name
from zerotrip.errors import Invalid, NotFound
from zerotrip.licences.queries import licence_concerned, licence_of
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.attaching import attached, hold
from zerotrip.web.cases import sheet, story
from zerotrip.web.cases.access import movable_assignment, staff_case, workable_assignment
from zerotrip.web.cases.enclosed import Enclosed, enclosed_in
from zerotrip.web.cases.heard import sheet_of
from zerotrip.web.cases.helping_with import helpers_of
from zerotrip.web.desk import acts
from zerotrip.web.desk.bars import card as bars_card
from zerotrip.web.desk.bars import places_card
from zerotrip.web.desk.challenges import card as challenge_card
from zerotrip.web.desk.frame import rail as _rail
from zerotrip.web.desk.green import card as green_card
from zerotrip.web.desk.licences import slips_card
from zerotrip.web.desk.mail import mailed
from zerotrip.web.desk.needs import acts as needs
from zerotrip.web.desk.needs.matched import matched, warned
from zerotrip.web.desk.reveal import readable
from zerotrip.web.requests import Request


@require_GET
@staff_only
def show(request: Request, number: str) -> HttpResponse:
    """The case in full, with the steps this person may take now."""
    return _page(request, staff_case(request, number))


def _page(
    request: Request,
    case: Case,
    *,
    refused: tuple[UUID, Invalid] | None = None,
    opened: str = "",
    status: int = 200,
) -> HttpResponse:
    file = queries.file_of(case, request.actor, at_desk=True)
    if reason := why_keep_out(case, request.actor):  # known with the file: it costs no query here
        raise NotFound(reason)
    licence = licence_of(case.pk) if case.result == Result.GRANTED else None
    enclosed = enclosed_in(file) if file.spec.need else Enclosed()
    context = {
        "file": file,
        "case": case,
        "milestones": story.milestones(file),
        "history": story.history(file, enclosed.reported),
        "answers": sheet.shown_answers(file, compare=True),
        "amounts": sheet.amounts(file),
        "findings": sheet.findings(file),
        "materials": sheet.named_materials(file, compare=True),
        "proofs": sheet.proofs(file, request.now),
        "clock": sheet.clock_view(file, request.now),
        "clocks": [sheet.told_clock(file, clock, request.now) for clock in file.clocks],
        "drafts": sheet.hands(file) if file.decision else [],
        "works": [_work(file, assignment, request, refused) for assignment in file.assignments],
        "asked": sheet.asked(file),
        "letters": sheet.letters(file),
        "asked_by": file.names.get(file.correction.requested_by_id) if file.correction else "",
        "decided_by": file.names.get(file.decision.decided_by_id) if file.decision else "",
        "numbers": readable(file, request.actor),
        "green": green_card(file, request),
        "pen": slips_card(file, request) if file.decision else None,
        "concerned": licence_concerned(case.pk) if file.spec.outcome.upon else None,
        "mailed": mailed(case, request) if file.owes else [],
        "licence": licence,
        "contest": challenge_card(file, licence, request) if file.decision else None,
        "barred": bars_card(file, request),
        "places": places_card(file, request),
        "opened": opened,
        "may_rate": case.status == Status.CLOSED
        and file.rating is None
        and bool(request.actor.seats_as(*WORKING_ROLES)),
        "reads_rating": reads_rating(case, request.actor),
        "filing": file.spec.category == "filing",
        "helpers": helpers_of(file, enclosed) if file.spec.need else [],
        "enclosed": enclosed,
        "matched": matched(file, request) if file.spec.need else None,
        "warned": warned(file, request.actor) if file.spec.need else None,
        "key": uuid4(),
        **_rail(request, ""),
    }
    context["mine"] = [work for work in context["works"] if work["steps"]]
    hears = [work["assignment"] for work in context["mine"] if Step.HEAR in work["steps"]]
    context["hears"] = hears[0] if hears else None
    context["may_add_scan"] = may_add_scan(case, file.heard.hearing, request.actor)
    context["heard"] = sheet_of(file, now=request.now, doing=bool(hears))
    return render(request, "desk/case.html", context, status=status)


def _work(
    file: queries.File, assignment: Assignment, request: Request, refused: tuple[UUID, Invalid] | None
) -> dict[str, Any]:
    """A unit of work with what this person may do in it; after a refusal with what was wrong and typed."""
    steps = [step for step in stage_steps(file.case, assignment) if may(step, file.case, request.actor, assignment)]
    both = (assignment.first_by_id, assignment.done_by_id)
    by = _("、").join(file.names.get(who, "") for who in both if who is not None)
    work = {
        "assignment": assignment,
        "stage": stage_name(file.spec, assignment.stage),
        "steps": steps,
        "note": next((str(one.note) for one in file.spec.stages if one.id == assignment.stage and one.note), ""),
        "acts": [*acts.acts(file, assignment, steps), *needs.acts(file, steps, request)],
        "clock": next((clock for clock in file.clocks if clock.assignment_id == assignment.pk), None),
        "by": by,
        "falsehood": acts.falsehood_note(file) if Step.REFUSE in steps and file.spec.category == "permit" else "",
        "conditions": "\n".join(one.conditions for one in file.assignments if one.conditions),
    }
    mine = refused is not None and refused[0] == assignment.pk
    form = findings_form_of(file.case.version_id, assignment.stage)
    if form.fields and Step.REVIEW in steps:
        typed = form.read_post(request.POST, prefix=FOUND) if mine else assignment.findings
        work["finds"] = form.bind(typed, problems=refused[1].problems if mine and refused else {}, prefix=FOUND)
    if refused is None or not mine:
        return work
    return {**work, "refused": refused[1], "typed": request.POST, "files": attached(request)}


@require_POST
@staff_only
def act(request: Request, assignment_id: UUID, step: str) -> HttpResponse:
    """Take one step. What is missing is named on the case page, with what was typed."""
    find = movable_assignment if step == "move" else workable_assignment
    assignment = find(request, assignment_id)
    hold(request)
    action = acts.ACTIONS.get(step) or needs.ACTIONS.get(step)
    if action is None:
        raise NotFound(_("没有这个操作。"))
    try:
        case = action(request, assignment)
    except Invalid as refused:
        case = staff_case(request, assignment.case.number)
        return _page(request, case, refused=(assignment.pk, refused), opened=step, status=422)
    said = needs.STEPS[step].label if step in needs.STEPS else acts.said(step)
    messages.success(request, _("%(number)s：%(step)s，已记录。") % {"number": case.number, "step": said})
    return redirect("desk-case", case.number)


@require_http_methods(["GET", "POST"])
@staff_only
def correction(request: Request, assignment_id: UUID) -> HttpResponse:
    """Name once everything that is missing or wrong: every field and material, side by side."""
    assignment = workable_assignment(request, assignment_id)
    case = staff_case(request, assignment.case.number)
    if request.method == "GET" and not may(Step.REQUEST_CORRECTION, case, request.actor, assignment):
        return redirect("desk-case", case.number)
    refused = None
    if request.method == "POST":
        try:
            items = {
                name.removeprefix("message-"): acts.text(request, name)
                for name in request.POST
                if name.startswith("message-") and len(name) <= 80 and acts.text(request, name)
            }
            actions.request_correction(
                assignment,
                items=items,
                note=acts.text(request, "note"),
                again_because=acts.text(request, "again_because"),
                **acts.common(request),
            )
        except Invalid as error:
            refused = error
        else:
            text = _("已一次性告知 %(count)d 处，等申请人补正。") % {"count": len(items)}
            messages.success(request, text)
            return redirect("desk-case", case.number)
    file = queries.file_of(case, request.actor, at_desk=True)
    context = {
        "case": case,
        "file": file,
        "assignment": assignment,
        "sections": _correctable(file, request, refused),
        "note": request.POST.get("note", "") or _kept_note(file, request),
        "earlier": [each for each in file.corrections if each.taken_back_at is None],
        "again_because": request.POST.get("again_because", ""),
        "refused": refused,
        "key": uuid4(),
        **_rail(request, ""),
    }
    return render(request, "desk/correction.html", context, status=422 if refused else 200)


def _licence(file: queries.File, material: str) -> list[str]:
    """The licence that stands in for a material, if one does."""
    grant = file.proved.get(material)
    return [_("电子证照 %(number)s") % {"number": grant.number}] if isinstance(grant, Grant) else []


def _taken_back(file: queries.File) -> Correction | None:
    """The notice on the shown round that was taken back: its text is where a new one begins."""
    found = [c for c in file.corrections if c.taken_back_at and file.shown and c.round == file.shown.round]
    return found[-1] if found else None


def _kept_note(file: queries.File, request: Request) -> str:
    taken_back = _taken_back(file)
    return taken_back.note if taken_back and request.method == "GET" else ""


def _correctable(
    file: queries.File, request: Request, refused: Invalid | None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Every field and material with what was answered, and what the notice says of it so far."""
    problems = refused.problems if refused else {}
    taken_back = _taken_back(file)
    kept = taken_back.places if taken_back else {}

    def line(place: str, label: str, text: str) -> dict[str, Any]:
        message = request.POST.get(f"message-{place}", "") if request.method == "POST" else kept.get(place, "")
        return {
            "place": place,
            "label": label,
            "text": text,
            "files": file.materials.get(place.removeprefix("material:"), []) if ":" in place else [],
            "message": message,
            "problems": problems.get(place, []),
        }

    sections = [
        (title, [line(answer.place, answer.label, answer.text) for answer in lines])
        for title, lines in sheet.correctable(file)
    ]
    materials = [
        line(
            f"material:{material.id}",
            str(material.name),
            _("、").join([*_licence(file, material.id), *(f.name for f in file.materials.get(material.id, []))]),
        )
        for material in file.spec.materials
    ]
    return [*sections, (_("材料"), materials)] if materials else sections
