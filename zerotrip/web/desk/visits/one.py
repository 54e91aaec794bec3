"""One visit: whom to see, what was tried, the form, the needs the firm tells of; then what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases.models import TAKING_ROLES, Door
from zerotrip.duties.actions import answering
from zerotrip.duties.models import Obligation, Status
from zerotrip.duties.queries import form_of, last_answers, with_files
from zerotrip.duties.rules import may_answer
from zerotrip.errors import Invalid, Refusal
from zerotrip.files.attaching import PLACE
from zerotrip.ids import new_id
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.relief.visits import queries
from zerotrip.relief.visits.actions import record_visit
from zerotrip.relief.visits.actions.visiting import PREFIX
from zerotrip.relief.visits.declared import spec_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.attaching import Attaching, attached, hold
from zerotrip.web.cases.asking import NeedsPage
from zerotrip.web.desk.frame import rail
from zerotrip.web.enterprises.record import hidden
from zerotrip.web.portal.cases.forms import Problem, uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.duties.models import Record
    from zerotrip.parties.access import Actor
    from zerotrip.questions.form import Form


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, visit_id: UUID) -> HttpResponse:
    """The visit; a POST writes it down with its needs. Sent by the page itself after a change, it only shows
    what is asked now."""
    visit = queries.load_visit(visit_id, request.actor)
    if request.method == "GET":
        return _page(request, visit)
    hold(request)
    chosen = _chosen(request)
    if request.htmx or "add" in request.POST or "remove" in request.POST:
        return _page(request, visit, chosen=chosen, sent=True)
    try:
        return _record(request, visit, chosen)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, visit, chosen=chosen, sent=True, refused=refused)


def _chosen(request: Request) -> list[str]:
    """The subjects of the needs on the page, with the one that was just added, without the one taken away."""
    from zerotrip.web.portal.needs.views import without

    chosen = [slug for slug in request.POST.getlist("subject") if slug]
    if "remove" in request.POST:
        return without(request, chosen, least=0)
    return [*chosen, typed(request, "more", most=60)] if "add" in request.POST else chosen


def _record(request: Request, visit: Obligation, chosen: list[str]) -> HttpResponse:
    form = form_of(visit.requirement)
    needs = _needs(request, visit, chosen, {})
    files = attached(request)
    cases = record_visit(
        visit,
        form.read_post(request.POST, prefix=PREFIX) if form else {},
        needs.asked(),
        note=typed(request, "note"),
        files=files.handed(),
        door=Door.PHONE if typed(request, "door") == Door.PHONE else Door.DESK,
        key=uuid_from(request.POST.get("key")) or new_id(),
        by=request.actor,
        at=request.now,
    )
    if cases:
        text = ngettext(
            "走访已记录，登记了 %(count)d 件诉求，已分派专人。",
            "走访已记录，登记了 %(count)d 件诉求，已分派专人。",
            len(cases),
        )
        messages.success(request, text % {"count": len(cases)})
    else:
        messages.success(request, _("走访已记录。"))
    return redirect("desk-visit", visit.pk)


def _needs(request: Request, visit: Obligation, chosen: list[str], problems: Mapping[str, list[str]]) -> NeedsPage:
    sent = request.POST if request.method == "POST" else None
    page = NeedsPage(
        chosen, firm=visit.about, actor=request.actor, now=request.now, sent=sent, problems=dict(problems), least=0
    )
    if "add" in request.POST:
        _fill_contact(request, visit, page)
    return page


def _fill_contact(request: Request, visit: Obligation, page: NeedsPage) -> None:
    """Whom they met, and where the firm is called, is not typed again in a need that was just added."""
    phone = visit.about.phone if visit.about else ""
    known = {"contact_name": typed(request, f"{PREFIX}met", most=40), "contact_phone": phone}
    for need in page.needs:
        blank = {name for name in known if name in need.form.fields and not need.answers.get(name)}
        need.answers |= {name: known[name] for name in blank if known[name]}


def _likely(visit: Obligation, actor: Actor) -> str:
    """The subject of the need a warning expects, of a visit upon one."""
    key = uuid_from(visit.requirement.population.get("warning"))
    if key is None:
        return ""
    warning = Obligation.objects.visible_to(actor).select_related("requirement").filter(pk=key).first()
    return (spec_of(warning.requirement).subject or "") if warning is not None else ""


def _page(
    request: Request,
    visit: Obligation,
    *,
    chosen: list[str] | None = None,
    sent: bool = False,
    refused: Refusal | None = None,
) -> HttpResponse:
    form = form_of(visit.requirement)
    problems = refused.problems if isinstance(refused, Invalid) else {}
    last = last_answers([visit.pk]).get(visit.pk)
    answers = form.read_post(request.POST, prefix=PREFIX) if form and sent else (last.answers if last else {})
    may = may_answer(visit, request.actor)
    again = sent or "again" in request.GET
    records = list(visit.records.select_related("by__person").prefetch_related(with_files()))
    page = _needs(request, visit, chosen or [], problems)
    firm = visit.about
    code = code_of(firm.area_path) if firm else ""
    context = {
        "visit": visit,
        "firm": firm,
        "phone": hidden(firm.phone) if firm else "",
        "area": area_names([code]).get(code, "") if code else "",
        "before": _before(visit, request.actor),
        "tries": [record for record in records if record.what == "tried"],
        "moves": [record for record in records if record.what in ("moved", "handed_on", "withdrawn", "dropped")],
        "last": last,
        "handed": [one for record in records for one in record.files.all()],
        "files": attached(request) if sent else Attaching(PLACE),
        "said": _said(form, last),
        "fields": form.bind(answers, problems=_under(problems), prefix=PREFIX) if form and may else [],
        "note": typed(request, "note") if sent else (last.note if last and not form else ""),
        "form": form,
        "may": may,
        "writes": may and (visit.status == Status.OPEN or again),
        "likely": _likely(visit, request.actor) if may and visit.status == Status.OPEN else "",
        "raises": bool(request.actor.seats_as(*TAKING_ROLES)),
        "page": page,
        "summary": [*_summary(form, problems), *page.summary],
        "needs": queries.needs_of([visit.pk], request.actor),
        "refused": refused,
        "problems": problems,
        "typed": request.POST,
        "key": uuid_from(request.POST.get("key")) or new_id(),
        "try_key": new_id(),
        "now": request.now,
        **rail(request, "visits"),
    }
    return render(request, "desk/visits/one.html", context, status=refused.status if refused else 200)


def _under(problems: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {place: texts for place, texts in problems.items() if place.startswith(PREFIX)}


def _before(visit: Obligation, actor: Actor) -> Any:
    """When somebody last went there, this visit left out."""
    if visit.about_id is None or visit.status == Status.KEPT:
        return None
    return queries.last_visits([visit.about_id], actor).get(visit.about_id)


def _said(form: Form | None, last: Record | None) -> list[tuple[str, str]]:
    if form is None or last is None:
        return []
    shown = form.show(last.answers)
    return [(str(field.spec.label), text) for _section, lines in shown for _place, field, text in lines if text]


def _summary(form: Form | None, problems: Mapping[str, list[str]]) -> list[Problem]:
    """What is wrong with the visit's own form, each with a link to its field."""
    found = []
    for place, texts in problems.items():
        name = place.removeprefix(PREFIX).split(".", 1)[0]
        if form is not None and place.startswith(PREFIX) and name in form.fields:
            found.append(Problem(f"{form.fields[name].spec.label}：{texts[0]}", f"#{place.replace('.', '-')}"))
        elif place in ("note", "needs", PLACE):
            found.append(Problem(texts[0], f"#{place}"))
    return found


@require_POST
@staff_only
def tried(request: Request, visit_id: UUID) -> HttpResponse:
    """Nobody was reached: noted, and still to be done."""
    visit = queries.load_visit(visit_id, request.actor)
    try:
        answering.note_try(
            visit,
            note=typed(request, "tried", most=2000),
            key=uuid_from(request.POST.get("key")) or new_id(),
            by=request.actor,
            at=request.now,
        )
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, visit, refused=refused)
    messages.success(request, _("已记下，这次走访还要再联系。"))
    return redirect("desk-visit", visit.pk)
