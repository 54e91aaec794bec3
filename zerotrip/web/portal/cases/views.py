"""An applicant's case: begin, fill in, attach, check, submit, follow, correct, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.cases import actions
from zerotrip.cases.actions.bars import barred, require_may_hand_in, why_barred
from zerotrip.cases.actions.corrections import reopen_until
from zerotrip.cases.actions.draft import judged, out_of_time, unlocked_places
from zerotrip.cases.actions.places import require_left_to_hand_in, why_full
from zerotrip.cases.actions.rating import rating_link
from zerotrip.cases.actions.rehearsals import ways_to_rehearse
from zerotrip.cases.models import Case
from zerotrip.cases.queries import File, file_of, my_cases
from zerotrip.cases.rules import may, require
from zerotrip.cases.states import Result, Status, Step
from zerotrip.catalogue.queries import form_of
from zerotrip.duties.queries import asked_of_firms
from zerotrip.errors import Ended, Invalid, NotFound, Refusal, Stale, Unchanged
from zerotrip.files.content import PDF
from zerotrip.files.naming import clean_name
from zerotrip.ids import new_id
from zerotrip.licences.queries import licence_concerned, licence_of
from zerotrip.parties.models import Deed, Party
from zerotrip.prevention.lots.queries import reaches_firms
from zerotrip.projects.models import Project
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases import sheet, story
from zerotrip.web.cases.access import ended_case, offered_version, own_case, own_material
from zerotrip.web.cases.heard import sheet_of
from zerotrip.web.cases.helping import confirmation_card
from zerotrip.web.portal.cases import delivery, forms, upon
from zerotrip.web.portal.cases.proving import fixed_fields, offered
from zerotrip.web.portal.needs.showing import show as show_need
from zerotrip.web.portal.services.guide import season_of
from zerotrip.web.requests import Request, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from zerotrip.questions import Section

PAGE_SIZE = 20


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """My cases: what waits for me first, then the rest by date."""
    page = Paginator(my_cases(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    has_projects = Project.objects.owned_by(request.actor).exists()
    asked = asked_of_firms(request.actor).due().count() if request.actor.represents else 0
    context = {"page": page, "section": "cases", "has_projects": has_projects, "asked": asked}
    context["has_goods"] = reaches_firms(request.actor, on=today_of(request))
    return render(request, "portal/cases/index.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def apply(request: Request, slug: str) -> HttpResponse:
    """Choose for whom to apply, then begin the draft."""
    version = offered_version(slug)
    spec = version.spec
    if spec.need is not None:
        return redirect(f"{reverse('need-new')}?subject={slug}")
    applicants = [
        party
        for party in Party.objects.filter(pk__in=_principals(request, slug)).order_by("kind", "name")
        if party.kind in spec.audience
    ]
    if spec.outcome.upon is not None and applicants:
        return upon.choose(request, version, applicants)
    kept_out = barred(spec, [party.pk for party in applicants], at=request.now)
    against = {pk: why_barred(found) for pk, found in kept_out.items()}
    if full := why_full(spec, at=request.now):
        against = {party.pk: full for party in applicants}
    problem = ""
    if request.method == "POST":
        chosen = next((p for p in applicants if str(p.pk) == request.POST.get("applicant")), None)
        if chosen is not None and chosen.pk in against:
            problem = against[chosen.pk]
        elif chosen is not None:
            case = actions.open_case(
                service=version.service,
                applicant=chosen,
                by=request.actor,
                at=request.now,
                case_id=_case_id(request, chosen),
            )
            return redirect("case", case.number)
        problem = problem or _("请选择以谁的名义申请。")
    context = {
        "spec": spec,
        "season": season_of(spec, timezone.localdate(request.now)),
        "applicants": [(party, against.get(party.pk, "")) for party in applicants],
        "open": len(applicants) - len(against),
        "problem": problem,
        "case_id": new_id(),
    }
    return render(request, "portal/cases/apply.html", context, status=422 if problem else 200)


def _principals(request: Request, service: str) -> frozenset[UUID]:
    """In whose name this person may begin an application for a service."""
    mandated = {
        power.principal_id
        for power in request.actor.powers
        if service in power.services and Deed.FILL in power.deeds
    }
    return request.actor.acts_for | mandated


def _case_id(request: Request, applicant: Party) -> UUID | None:
    """The key of the draft to begin: the page's, so that one press opens one draft.

    Somebody who came back to the page and chose another applicant begins another draft.
    """
    asked = forms.uuid_from(request.POST.get("case"))
    taken = asked is not None and Case.objects.filter(pk=asked).exclude(applicant=applicant).exists()
    return None if taken else asked


@require_GET
@signed_in
def show(request: Request, number: str) -> HttpResponse:
    """A draft's task list, or where a submitted case stands and what comes next."""
    case = own_case(request, number)
    file = file_of(case, request.actor)
    if case.status == Status.DRAFT:
        return render(request, "portal/cases/draft.html", _draft_context(file))
    if file.spec.need is not None:
        return show_need(request, file)
    licence = licence_of(case.pk) if case.result == Result.GRANTED else None
    context = {
        "file": file,
        "case": case,
        "milestones": story.milestones(file),
        "history": story.history(file),
        "tone": story.tone(case.status, case.result),
        "answers": sheet.shown_answers(file),
        "amounts": sheet.amounts(file),
        "findings": sheet.findings(file),
        "derivation": file.explain(file.running) if file.running else None,
        "materials": sheet.named_materials(file),
        "proofs": sheet.proofs(file, request.now),
        "clock": sheet.clock_view(file, request.now),
        "licences": [licence] if licence else [],
        "concerned": licence_concerned(case.pk) if file.spec.outcome.upon else None,
        "asked": sheet.asked(file),
        "barred": [each for each in file.bars if each.case_id == case.pk],
        "letters": sheet.letters(file),
        "heard": sheet_of(file, now=request.now),
        "can_withdraw": may(Step.WITHDRAW, case, request.actor),
        "rate_link": rating_link(case),
        "paper": (paper := delivery.shown(case)),
        "next": paper.next or story.what_next(file),
        "can_formalise": may(Step.FORMALISE, case, request.actor),
        "reopen_until": _reopen_until(request, case),
        "key": uuid4(),
        "section": "cases",
    }
    return render(request, "portal/cases/show.html", context)


def _reopen_until(request: Request, case: Case) -> datetime | None:
    """Until when this person can take a lapsed case up again; None when they cannot."""
    until = reopen_until(case) if may(Step.REOPEN, case, request.actor) else None
    return until if until is not None and request.now <= until else None


def _draft_context(file: File) -> dict[str, Any]:
    tasks = forms.tasks(file)
    next_task = next((task for task in tasks if not task.done), None)
    spec = file.spec
    return {
        "file": file,
        "case": file.case,
        "tasks": tasks,
        "next_task": next_task,
        "concerned": licence_concerned(file.case.pk) if spec.outcome.upon else None,
        "has_ways": spec.promise is not None or bool(ways_to_rehearse(spec)),
        "section": "cases",
    }


@require_http_methods(["GET", "POST"])
@signed_in
def section(request: Request, number: str, section_id: str) -> HttpResponse:
    """One section of the form on one page. Saved on leaving, and while typing."""
    try:
        case = _draft(request, number)
    except Ended:
        return _ended_while_typing(request, number, section_id)
    part = _section(case, section_id)
    submission = case.submissions.get(submitted_at=None)
    form, fixed = form_of(case.version_id), fixed_fields(case, submission)
    if request.method == "GET":
        page = forms.SectionPage(case, part, submission.answers, submission.edit, fixed=fixed)
        return render(request, "portal/cases/section.html", {"case": case, "page": page})
    answers = form.read_post(request.POST, section=part.id)
    edit, window = forms.number_from(request.POST.get("edit")), typed(request, "window", most=36)
    try:
        saved = actions.save_draft(
            case,
            answers,
            edit=edit,
            by=request.actor,
            at=request.now,
            keep=True,
            window=window,
            leaving=not request.htmx,
        )
    except Stale as stale:
        kept = {**submission.answers, **answers}
        page = forms.SectionPage(case, part, kept, submission.edit, conflict=stale.message, fixed=fixed)
        return _section_response(request, case, page, status=409)
    page = forms.SectionPage(
        case, part, saved.answers, saved.edit, saved_at=request.now, window=window, fixed=fixed
    )
    if request.htmx or form.asks_for_rows(request.POST):
        return _section_response(request, case, page)
    if "leave" in request.POST:
        return redirect("case", number)
    page.show_problems(timezone.localdate(request.now))
    if page.problems:
        return _section_response(request, case, page, status=422)
    return redirect(forms.next_place(case, part, saved.answers))


def _ended_while_typing(request: Request, number: str, section_id: str) -> HttpResponse:
    """The mandate is over: say so at once, and leave on the page what was typed, but nothing that is stored."""
    found = ended_case(request, number)
    if found is None or request.method != "POST":
        raise Ended(found[1] if found else _("您的授权已经结束。"))
    case, text = found
    part = _section(case, section_id)
    typed_here = form_of(case.version_id).read_post(request.POST, section=part.id)
    page = forms.SectionPage(case, part, typed_here, -1, conflict=text)
    return _section_response(request, case, page, status=409)


def _section_response(request: Request, case: Case, page: forms.SectionPage, status: int = 200) -> HttpResponse:
    return render(request, "portal/cases/section.html", {"case": case, "page": page}, status=status)


def _draft(request: Request, number: str) -> Case:
    case = own_case(request, number)
    if case.status != Status.DRAFT:
        raise Stale(_("这个办件已经提交，现在不能修改。"))
    return case


def _section(case: Case, section_id: str) -> Section:
    for part in form_of(case.version_id).sections:
        if part.id == section_id:
            return part
    raise NotFound(_("表单没有这一部分。"))


@require_http_methods(["GET", "POST"])
@signed_in
def materials(request: Request, number: str) -> HttpResponse:
    """The materials of a draft: what is needed, what is there, one upload control each."""
    case = _draft(request, number)
    problems, status = attach_all(request, case) if request.method == "POST" else ({}, 200)
    if request.method == "POST" and not problems and not request.htmx:
        return redirect("case-materials", number)
    return materials_page(request, case, problems, status=status)


def materials_page(
    request: Request, case: Case, problems: dict[str, list[str]], *, status: int = 200, down: str = ""
) -> HttpResponse:
    """The materials with what is wrong; ``down`` is the one about which the registry did not answer."""
    file = file_of(case, request.actor)
    rows = forms.material_rows(file, problems, offered=offered(request, case, down=down))
    context = {"case": case, "file": file, "materials": rows}
    return render(request, "portal/cases/materials.html", context, status=status)


def attach_all(request: Request, case: Case) -> tuple[dict[str, list[str]], int]:
    """Attach every uploaded file; say at its place what each refused one lacks.

    The status is that of the refusals where they agree, such as 415, else 422.
    """
    problems: dict[str, list[str]] = {}
    refused: set[int] = set()
    for key in request.FILES:
        if key.startswith(PAGES):
            _attach_pages(request, case, key.removeprefix(PAGES), problems, refused)
            continue
        for upload in request.FILES.getlist(key):
            try:
                actions.attach(case, key, upload, name=upload.name or "", by=request.actor, at=request.now)
            except NotFound:  # of no material of this service: there is no place to say so
                raise
            except Refusal as refusal:
                problems.setdefault(f"material:{key}", []).append(f"{upload.name}：{refusal.message}")
                refused.add(refusal.status)
    return problems, refused.pop() if len(refused) == 1 else 422 if refused else 200


PAGES = "pages-"
"""Before the name of a material: photographs that become pages of one document."""


def _attach_pages(
    request: Request, case: Case, key: str, problems: dict[str, list[str]], refused: set[int]
) -> None:
    declared = next((material for material in case.spec.materials if material.id == key), None)
    if declared is None:
        raise NotFound(_("这个事项没有这件材料。"))
    name = clean_name(f"{declared.name.zh}（拍照）.pdf", PDF)
    photographs = [upload.file for upload in request.FILES.getlist(PAGES + key) if upload.file is not None]
    try:
        actions.attach_pages(case, key, photographs, name=name, by=request.actor, at=request.now)
    except Refusal as refusal:
        problems.setdefault(f"material:{key}", []).append(refusal.message)
        refused.add(refusal.status)


@require_POST
@signed_in
def remove_material(request: Request, material_id: UUID) -> HttpResponse:
    """Take a file out of the open round."""
    material = own_material(request, material_id)
    actions.detach(material, by=request.actor, at=request.now)
    case = material.submission.case
    return redirect("case-correct" if case.status == Status.CORRECTING else "case-materials", case.number)


@require_http_methods(["GET", "POST"])
@signed_in
def check(request: Request, number: str) -> HttpResponse:
    """Check your answers, then submit. What is missing is named with a link to its place."""
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            delivery.choose(request, own_case(request, number))
            undertakes = "undertakes" in request.POST
            actions.submit(
                own_case(request, number),
                by=request.actor,
                at=request.now,
                key=_key(request),
                undertakes=undertakes,
            )
            return redirect("case-submitted", number)
        except Invalid as invalid:
            problems = invalid.problems
    case = _draft(request, number)
    file = file_of(case, request.actor)
    lacking = {} if problems or file.shown is None else judged(file.shown, at=request.now)[1]
    if not problems and (file.spec.safety is not None or file.spec.allotment is not None):
        lacking = {**_kept_out(case, request), **lacking}
    values = form_of(case.version_id).check(file.shown.answers).values if file.shown else {}
    untimely = out_of_time(file.shown, values, at=request.now) if file.shown else []
    context = {
        "case": case,
        "file": file,
        "answers": sheet.shown_answers(file),
        "materials": [row for row in forms.material_rows(file, problems) if row.needed or row.files or row.grant],
        "amounts": sheet.amounts(file),
        "untimely": [each for each in untimely if not each.refuses],
        "summary": delivery.problem_links(case, problems or lacking),
        "lacking": bool(lacking),
        "delivery": delivery.Page(request, case, problems),
        "owed": forms.owed_rows(file),
        "problems": problems,
        "confirmation": confirmation_card(request, case),
        "key": uuid4(),
    }
    return render(request, "portal/cases/check.html", context, status=422 if problems else 200)


def _kept_out(case: Case, request: Request) -> dict[str, list[str]]:
    """Why the applicant may not apply for this licence now, where the page says when to apply."""
    try:
        require_may_hand_in(case, at=request.now)
        require_left_to_hand_in(case, at=request.now)
    except Invalid as invalid:
        return invalid.problems
    return {}


def _key(request: Request) -> str:
    """The key by which the same press of a button is known again."""
    return typed(request, "key", most=40)


@require_GET
@signed_in
def submitted(request: Request, number: str) -> HttpResponse:
    """The receipt: the number, what happens next and by when."""
    case = own_case(request, number)
    file = file_of(case, request.actor)
    if case.submitted_at is None:
        return redirect("case", number)
    context = {"case": case, "file": file, "next": story.what_next(file), "paper": delivery.shown(case)}
    return render(request, "portal/cases/submitted.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def correct(request: Request, number: str) -> HttpResponse:
    """Only what was named, on one page, each with what is asked; then hand it in again."""
    case = own_case(request, number)
    if case.status != Status.CORRECTING:
        if "submit" in request.POST:  # pressed twice: the same step again, or the reason why not
            actions.correct(case, by=request.actor, at=request.now, key=_key(request))
            return redirect("case-submitted", number)
        raise Stale(_("这个办件现在不需要补正。"))
    if request.method == "GET":
        return correction_page(request, case, {})
    problems, status = attach_all(request, case)
    answers = form_of(case.version_id).read_post(request.POST, names=forms.unlocked_fields(case, request.now))
    try:
        if answers:
            edit = forms.number_from(request.POST.get("edit"))
            actions.save_draft(case, answers, edit=edit, by=request.actor, at=request.now, keep=True)
        if "remove" in request.POST:
            material_id = forms.uuid_from(request.POST["remove"])
            if material_id is None:
                raise NotFound(_("没有找到这个文件。"))
            actions.detach(own_material(request, material_id), by=request.actor, at=request.now)
        elif "submit" in request.POST and not problems:
            keep = request.POST.getlist("keep")
            actions.correct(case, by=request.actor, at=request.now, key=_key(request), keep=keep)
            return redirect("case-submitted", number)
    except Stale as stale:
        return correction_page(request, case, {"": [stale.message], **problems}, kept=answers, status=409)
    except Unchanged as unchanged:
        return correction_page(request, case, unchanged.problems, unchanged=unchanged.problems, status=422)
    except Invalid as invalid:
        problems, status = invalid.problems, 422
    return correction_page(request, case, problems, status=status) if problems else redirect("case-correct", number)


def correction_page(
    request: Request,
    case: Case,
    problems: dict[str, list[str]],
    *,
    kept: dict[str, Any] | None = None,
    unchanged: Collection[str] = (),
    status: int = 200,
    down: str = "",
) -> HttpResponse:
    """The page of a correction with what is wrong."""
    file = file_of(case, request.actor)
    unlocked = unlocked_places(file.shown, at=request.now) if file.shown else frozenset()
    context = {
        "case": case,
        "file": file,
        "page": forms.CorrectionPage(
            file,
            problems,
            unlocked=unlocked,
            typed=kept,
            unchanged=unchanged,
            fixed=fixed_fields(case, file.shown) if file.shown else {},
            offered=offered(request, case, down=down),
        ),
        "summary": forms.problem_links(case, problems, on_this_page=True),
        "confirmation": confirmation_card(request, case),
        "key": uuid4(),
    }
    return render(request, "portal/cases/correct.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def withdraw(request: Request, number: str) -> HttpResponse:
    """Take the application back, after a page that says what that means."""
    case = own_case(request, number)
    if request.method == "POST":
        actions.withdraw(
            case,
            by=request.actor,
            at=request.now,
            reason=typed(request, "reason", most=500),
            key=_key(request),
        )
        return redirect("case", number)
    require(Step.WITHDRAW, case, request.actor)
    return render(request, "portal/cases/withdraw.html", {"case": case, "spec": case.version.spec, "key": uuid4()})
