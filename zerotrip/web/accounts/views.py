"""Signing in and out, who one is, and whom one acts for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.catalogue.queries import district_path
from zerotrip.channels.models import Message
from zerotrip.enterprises.actions import keeping
from zerotrip.errors import NotFound, Refusal
from zerotrip.parties import actions
from zerotrip.parties.access import actor_for
from zerotrip.parties.mandates import PHONE
from zerotrip.parties.models import Membership, MembershipKind, Party
from zerotrip.parties.queries import area_choices
from zerotrip.web.accounts.access import require_password, signed_in
from zerotrip.web.accounts.demo import staff_codes
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.forms import Form
    from django.http.response import HttpResponseBase

    from zerotrip.parties.models import User

LONGEST_EMAIL = 254
STREETS_AND_COMMUNITIES = 2
"""How deep below the district the places lie among which an enterprise is."""
"""Characters of an e-mail address (RFC 5321, section 4.5.3.1.3)."""


@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """One field, phone or e-mail; a code goes there. Whether an account exists is not told."""
    back = _back(request)
    if request.actor.user_id:
        return redirect(back or "my-cases")
    typed = request.POST.get("address", "").strip()
    problem, status = "", 200
    if request.method == "POST":
        status = 422
        address = address_of(typed)
        if address is None:
            problem = _("请填写 11 位手机号或电子邮箱。")
        elif not ratelimit.consume(request, action="request_login_code", key="".join(address.values())):
            problem = _("请求太频繁，请过几分钟再试。")
        else:
            try:
                return _send_code(request, address, back)
            except Refusal as refusal:
                problem, status = refusal.message, refusal.status
    context = {"typed": typed, "problem": problem, "next": back}
    return render(request, "accounts/sign_in.html", context, status=status)


def _send_code(request: Request, address: dict[str, str], back: str) -> HttpResponse:
    """To the page for the code, which is on its way. Raises Refused when it could not be sent."""
    user = actions.account_at(at=request.now, **address)
    LoginCodeVerificationProcess.initiate(request=request, user=user, **address)
    target = redirect("account_confirm_login_code")
    if back:
        target["Location"] += "?" + urlencode({"next": back})
    return target


def address_of(typed: str) -> dict[str, str] | None:
    """What was typed as a phone or as an e-mail address."""
    digits = re.sub(r"[\s-]", "", typed).removeprefix("+86")
    if PHONE.match(digits):
        return {"phone": digits}
    try:
        validate_email(typed)
    except ValidationError:
        return None
    return {"email": typed.lower()} if len(typed) <= LONGEST_EMAIL else None


def _back(request: Request) -> str:
    """The page to return to, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
    return asked if ours else ""


@require_POST
def sign_out(request: Request) -> HttpResponse:
    """End the session. The browser forgets the pages and files it kept: the next one at it may be somebody else."""
    logout(request)
    response = redirect("/")
    response["Clear-Site-Data"] = '"cache"'
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def welcome(request: Request) -> HttpResponse:
    """A new account says whose it is."""
    name = request.POST.get("name", "").strip()
    problem = ""
    back = _back(request)
    if request.actor.name:
        return redirect(back or "profile")
    if request.method == "POST":
        try:
            person = actions.name_person(_account(request).person, name=name, by=request.actor, at=request.now)
            _account(request).person = person
            return redirect(back or get_adapter().get_login_redirect_url(request))
        except Refusal as refusal:
            problem = refusal.message
    context = {"name": name, "problem": problem, "next": back}
    return render(request, "accounts/welcome.html", context, status=422 if problem else 200)


@require_GET
@signed_in
def profile(request: Request) -> HttpResponse:
    """Who I am, how I sign in, and the enterprises I act for."""
    return _profile(request)


def _profile(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    user = _account(request)
    mine = (
        Membership.objects.in_force(request.now)
        .filter(person=user.person_id, kind=MembershipKind.AGENT)
        .select_related("organisation")
        .order_by("organisation__name")
    )
    firms = [(m.organisation, list(_agents(m.organisation, request))) for m in mine]
    path = district_path()
    areas = [area for area in area_choices(path) if area[2] <= STREETS_AND_COMMUNITIES] if path else []
    context = {"account": user, "firms": firms, "areas": areas, **more}
    return render(request, "accounts/profile.html", context, status=status)


def _agents(firm: Party, request: Request) -> Any:
    return (
        Membership.objects.in_force(request.now)
        .filter(organisation=firm, kind=MembershipKind.AGENT)
        .select_related("person")
        .order_by("during")
    )


@require_POST
@signed_in
def rename(request: Request) -> HttpResponse:
    """Go by another name from now on."""
    name = request.POST.get("name", "").strip()
    try:
        actions.rename_person(_account(request).person, name=name, by=request.actor, at=request.now)
    except Refusal as refusal:
        return _profile(request, status=refusal.status, new_name=name, name_problem=refusal.message)
    messages.success(request, _("姓名已更改。"))
    return redirect("profile")


@require_POST
@signed_in
def add_enterprise(request: Request) -> HttpResponse:
    """Register an enterprise I act for."""
    typed = {"name": request.POST.get("name", "").strip(), "uscc": request.POST.get("uscc", "").strip()}
    area = request.POST.get("area", "").strip()
    try:
        with transaction.atomic():
            firm = actions.claim_enterprise(by=request.actor, at=request.now, **typed)
            if area and not firm.area_path:
                by = actor_for(_account(request), at=request.now)
                keeping.state_place(firm.pk, area=area, by=by, at=request.now)
    except Refusal as refusal:
        return _profile(request, status=refusal.status, typed={**typed, "area": area}, problem=refusal.message)
    messages.success(request, _("已登记“%(name)s”，现在可以用它的名义办事。") % {"name": firm.name})
    return redirect("profile")


@require_POST
@signed_in
def place_enterprise(request: Request, enterprise_id: UUID) -> HttpResponse:
    """Say where an enterprise of mine is."""
    try:
        area = request.POST.get("area", "").strip()
        firm = keeping.state_place(enterprise_id, area=area, by=request.actor, at=request.now)
    except Refusal as refusal:
        return _profile(request, status=refusal.status, place_problem=(enterprise_id, refusal.message))
    messages.success(request, _("已登记“%(name)s”的所在地。") % {"name": firm.name})
    return redirect("profile")


@require_POST
@signed_in
def add_agent(request: Request, enterprise_id: UUID) -> HttpResponse:
    """Let a colleague act for an enterprise of mine. Addresses cannot be tried one after another."""
    if not ratelimit.consume(request, action="add_agent", user=request.user):
        problem = _("尝试次数太多，请过一会儿再添加。")
        return _profile(request, status=429, agent_problem=(enterprise_id, problem))
    try:
        address = address_of(request.POST.get("address", "").strip())
        if address is None:
            raise NotFound(_("请填写同事的 11 位手机号或电子邮箱。"))
        agent = actions.add_agent(enterprise_id, by=request.actor, at=request.now, **address)
    except Refusal as refusal:
        return _profile(request, status=refusal.status, agent_problem=(enterprise_id, refusal.message))
    messages.success(request, _("%(name)s现在可以代表这家企业办事。") % {"name": agent.name})
    return redirect("profile")


@require_POST
@signed_in
def remove_agent(request: Request, membership_id: UUID) -> HttpResponse:
    """End somebody's acting for an enterprise of mine; the last one stays."""
    actions.remove_agent(membership_id, by=request.actor, at=request.now)
    messages.success(request, _("已停止代办，从现在起不能再代表这家企业。"))
    return redirect("profile")


def _account(request: Request) -> User:
    user = request.user
    if not user.is_authenticated:
        raise NotFound(_("请先登录。"))
    return user


class SetUpSecondFactor(ActivateTOTPView):  # type: ignore[misc]  # the library has no types
    """Setting up the second factor takes a password, and shows it too: the code was right."""

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse accounts without a password; the library asks those with one for it."""
        if request.user.is_authenticated:
            require_password(request.user)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep the secret, and that it was shown in this session."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp")
        return response


class DropSecondFactor(DeactivateTOTPView):  # type: ignore[misc]  # the library has no types
    """Giving the second factor up closes the desk until there is a new one."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Forget the secret, and that it was shown in this session."""
        response: HttpResponse = super().form_valid(form)
        session = self.request.session
        shown = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [record for record in shown if record["method"] != "mfa"]
        return response


@require_GET
def outbox(request: Request) -> HttpResponse:
    """The demo's letters and text messages, with the codes; staff's second factors of the moment."""
    if not settings.DEMO:
        raise NotFound(_("没有这个页面。"))
    sent = Message.objects.order_by("-queued_at")[:40]
    return render(request, "accounts/outbox.html", {"sent": sent, "codes": staff_codes()})
