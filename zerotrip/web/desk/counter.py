"""The counter: take an application in for somebody who came or rang, or go on with theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.cases import actions
from zerotrip.cases.actions.confirming import VALID, addressees
from zerotrip.cases.actions.counter import DOORS, case_to_take_over, require_counter
from zerotrip.cases.models import Case, Confirmation, Purpose
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import search, services_issuing
from zerotrip.errors import Invalid, NotFound, Refusal, Refused
from zerotrip.files.actions import store
from zerotrip.ids import new_id
from zerotrip.licences import slips
from zerotrip.parties import mandates
from zerotrip.parties.models import Given, Party, PartyKind
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import offered_version, own_case
from zerotrip.web.cases.files import pdf
from zerotrip.web.desk import consent
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.limits import limit_codes
from zerotrip.web.portal.cases import upon
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.files.models import Blob
    from zerotrip.files.store import Readable
    from zerotrip.parties.models import User

FOUND = 12
"""Services shown for a search."""
FIELDS = ("kind", "name", "phone", "email", "identity_number", "firm", "uscc", "given")
"""What is typed of somebody who came or rang."""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """Find the service, go on with somebody's case, and what I am keying in today."""
    require_counter(request.actor)
    return _index(request)


def _index(request: Request, *, refused: Refusal | None = None) -> HttpResponse:
    asked = (request.GET.get("q") or "").strip()
    context = {
        "q": asked,
        "found": [(version, version.spec) for version in search(asked, limit=FOUND)],
        "mine": _mine(request),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "typed": {name: typed(request, name) for name in ("number", "phone")},
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/index.html", context, status=refused.status if refused else 200)


def _mine(request: Request) -> list[Case]:
    """The cases this clerk may key in today, those not handed in first."""
    helped = [power.case_id for power in request.actor.powers if power.assists and power.case_id]
    found = Case.objects.filter(pk__in=helped).select_related("applicant", "version")
    return sorted(found, key=lambda case: (case.status != Status.DRAFT, case.opened_at))


@require_http_methods(["GET", "POST"])
@staff_only
def intake(request: Request, slug: str) -> HttpResponse:
    """Who applies, then the draft: the same pages as online, filled in for them."""
    require_counter(request.actor)
    version = offered_version(slug)
    if version.spec.need is not None:
        return redirect(f"{reverse('desk-need-new')}?subject={slug}")
    if request.method == "GET":
        return _intake(request, version)
    try:
        with transaction.atomic():
            case_id, applicant, contact = _who(request)
            if version.spec.outcome.upon is not None:
                _admit(request, case_id, applicant, contact)
                return redirect("desk-counter-licence", slug, case_id)
            case = _open(request, version, case_id, applicant, contact)
    except (Invalid, Refused) as refused:
        return _intake(request, version, refused=refused)
    return redirect("case", case.number)


def _intake(request: Request, version: ServiceVersion, *, refused: Refusal | None = None) -> HttpResponse:
    spec = version.spec
    told = {name: typed(request, name) or request.GET.get(name, "") for name in FIELDS}
    if told["kind"] not in spec.audience:
        told["kind"] = spec.audience[0]
    context = {
        "spec": spec,
        "version": version,
        "typed": told,
        "kinds": [(kind, PartyKind(kind).label) for kind in spec.audience],
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "key": uuid_from(typed(request, "case")) or new_id(),
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/intake.html", context, status=refused.status if refused else 200)


def _who(request: Request) -> tuple[UUID, Party, User]:
    """The key of the draft, the applicant and the person who is there, registered where nobody knew them."""
    by, at = request.actor, request.now
    person = mandates.Person(*(typed(request, name) for name in ("name", "phone", "email", "identity_number")))
    contact: User = mandates.register_person(person, by=by, at=at)
    applicant: Party = contact.person
    if typed(request, "kind") == PartyKind.ENTERPRISE:
        applicant = mandates.register_enterprise(
            name=typed(request, "firm"), uscc=typed(request, "uscc"), by=by, at=at
        )
    return uuid_from(typed(request, "case")) or new_id(), applicant, contact


def _given(request: Request) -> Given:
    return Given.PHONE if typed(request, "given") == Given.PHONE else Given.COUNTER


def _authority(request: Request) -> Blob | None:
    paper = request.FILES.get("authority")
    return _paper(paper, request) if paper is not None else None


def _open(request: Request, version: ServiceVersion, case_id: UUID, applicant: Party, contact: User) -> Case:
    return actions.open_at_counter(
        service=version.service,
        applicant=applicant,
        contact=contact,
        given=_given(request),
        case_id=case_id,
        authority=_authority(request),
        by=request.actor,
        at=request.now,
    )


def _admit(request: Request, case_id: UUID, applicant: Party, contact: User) -> None:
    """A service about a licence: the draft begins once it was said which."""
    actions.admit(
        applicant,
        contact,
        case_id,
        _given(request),
        authority=_authority(request),
        by=request.actor,
        at=request.now,
    )


@require_http_methods(["GET", "POST"])
@staff_only
def licence(request: Request, slug: str, case_id: UUID) -> HttpResponse:
    """Which of the applicant's licences it is about, then the draft, filled in from it."""
    require_counter(request.actor)
    version = offered_version(slug)
    power = next((one for one in request.actor.powers if one.assists and one.case_id == case_id), None)
    if power is None or version.spec.outcome.upon is None:
        raise NotFound(_("没有找到这次收件，或者已经过了当天。请重新收件。"))
    begun = Case.objects.filter(pk=case_id).first()
    if begun is not None:
        return redirect("case", begun.number)
    applicant = Party.objects.get(pk=power.principal_id)
    problem = ""
    choices = upon.choices_of(request, version, [applicant])
    if request.method == "POST":
        wanted = typed(request, "licence", most=60)
        chosen = next((each for each in choices if each.value == wanted), None)
        try:
            if chosen is None:
                raise Refused(_("请选择要办理的证照。"))
            case = upon.begin(request, version, chosen, case_id, DOORS[Given(power.given)])
            return redirect("case", case.number)
        except Refused as refused:
            problem = refused.message
    possible = [each for each in choices if not each.against]
    context = {
        "spec": version.spec,
        "applicant": applicant,
        "choices": choices,
        "possible": possible,
        "asked": typed(request, "licence", most=60),
        "issuing": [] if any(each.licence for each in choices) else services_issuing(version.spec.licence_kind),
        "problem": problem,
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/licence.html", context, status=422 if problem else 200)


def _paper(upload: Readable, request: Request) -> Blob:
    try:
        return store(upload, at=request.now)
    except Refusal as refusal:
        raise Invalid(refusal.message, {"authority": [refusal.message]}) from refusal


@require_POST
@staff_only
def resume(request: Request) -> HttpResponse:
    """Go on with what an applicant began: they name number and phone, and agree by code or in writing."""
    try:
        number = typed(request, "number", most=40).upper()
        limit_codes(request, number)  # phones cannot be tried one after another against a number
        case = case_to_take_over(number, by=request.actor)
        phone = typed(request, "phone", most=254)
        to = next((each for each in addressees(case, at=request.now) if each.address == phone), None)
        if to is None:
            raise NotFound(_("没有找到这个办件，或手机号与办件不符。请与申请人核对。"))
        if case.status not in (Status.DRAFT, Status.CORRECTING):
            raise Refused(_("这个办件现在不用申请人填写或补正。"))
        if "paper" in request.FILES:
            said = _on_paper(request, case, Purpose.TAKE_OVER)
            actions.take_over(said, Given.COUNTER, by=request.actor, at=request.now)
            return redirect("case", case.number)
        limit_codes(request, to.address)
        asked = actions.ask_code(case, Purpose.TAKE_OVER, to=to, by=request.actor, at=request.now)
    except (Refused, NotFound, Invalid) as refused:
        return _index(request, refused=refused)
    return redirect("desk-counter-code", asked.pk)


def _on_paper(request: Request, case: Case, purpose: Purpose) -> Confirmation:
    (paper,) = request.FILES.getlist("paper")[:1]
    try:
        return actions.confirm_on_paper(case, purpose, paper, by=request.actor, at=request.now)
    except Refusal as refusal:
        raise Invalid(refusal.message, {"paper": [refusal.message]}) from refusal


@require_POST
@staff_only
def confirm(request: Request, number: str) -> HttpResponse:
    """Let the applicant say yes to what was keyed in: by a code to one of their phones, or by signature."""
    require_counter(request.actor)
    case = own_case(request, number)
    if "paper" in request.FILES:
        _on_paper(request, case, Purpose.HAND_IN)
        messages.success(request, _("签字页已收好，可以提交了。"))
        return redirect(_hand_in_page(case), number)
    to = next((a for a in addressees(case, at=request.now) if str(a.account) == typed(request, "to")), None)
    if to is None:
        raise Refused(_("请选择把确认码发给谁，或者上传签字页。"))
    limit_codes(request, to.address)
    asked = actions.ask_code(case, Purpose.HAND_IN, to=to, by=request.actor, at=request.now)
    return redirect("desk-counter-code", asked.pk)


@require_http_methods(["GET", "POST"])
@staff_only
def code(request: Request, confirmation_id: UUID) -> HttpResponse:
    """Type the code the applicant tells."""
    require_counter(request.actor)
    asked = Confirmation.objects.select_related("case__version", "case__applicant", "mandate__principal").filter(
        pk=confirmation_id, asked_by=request.actor.user_id
    )
    found = asked.first()
    if found is None:
        raise NotFound(_("没有找到这个确认码，请重新发送。"))
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            said = actions.confirm_by_code(
                confirmation_id, typed(request, "code", most=12), by=request.actor, at=request.now
            )
            return _go_on(request, said)
        except (Invalid, Refused) as refusal:
            refused = refusal
    context = {
        "asked": found,
        "minutes": VALID.seconds // 60,
        "refused": refused,
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/code.html", context, status=refused.status if refused else 200)


def _hand_in_page(case: Case) -> str:
    """The page on which an open round is handed in: that of the application, or of the correction."""
    return "case-correct" if case.status == Status.CORRECTING else "case-check"


def _go_on(request: Request, said: Confirmation) -> HttpResponse:
    if said.mandate is not None or said.case is None:
        messages.success(request, _("委托人已确认，授权从现在起有效。"))
        return redirect("desk-mandate", said.mandate_id)
    if said.purpose == Purpose.REUSE:
        return consent.read(request, own_case(request, said.case.number), said.about)
    if said.purpose == Purpose.HAND_IN:
        messages.success(request, _("申请人已确认，可以提交了。"))
        return redirect(_hand_in_page(said.case), said.case.number)
    case = actions.take_over(said, Given.COUNTER, by=request.actor, at=request.now)
    messages.success(request, _("申请人已同意，今天之内可以接着办。"))
    return redirect("case", case.number)


@require_GET
@staff_only
def application(request: Request, number: str) -> HttpResponse:
    """The application as it stands, to be read and signed."""
    case = own_case(request, number)
    return pdf(slips.application(case, at=request.now), f"{case.number}-application.pdf")
