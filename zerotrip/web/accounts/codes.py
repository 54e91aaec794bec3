"""Typing the code of a sign-in: how often, and what is said when it is too late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.stages import LoginByCodeStage
from allauth.account.views import ConfirmLoginCodeView
from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from zerotrip.web.requests import Request


@method_decorator(login_stage_required(LoginByCodeStage.key, redirect_urlname="sign-in"), name="dispatch")
class ConfirmCode(ConfirmLoginCodeView):  # type: ignore[misc]  # the library has no types
    """The library's page, with a limit for each address that holds across browsers.

    The library counts wrong codes in the session, which requests sent at the same time do not see
    of each other.
    """

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so when the code has expired."""
        stage = request._login_stage  # type: ignore[attr-defined]
        if LoginCodeVerificationProcess.resume(stage) is None:
            return self._ask_again(_("验证码已过期，请重新获取。"))
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the code, unless this address was tried too often."""
        state = self._process.state
        address = state.get("phone") or state.get("email")
        if self._action == "verify" and not ratelimit.consume(request, action="confirm_login_code", key=address):
            self._process.abort()
            return self._ask_again(_("尝试次数太多，请过几分钟重新获取验证码。"))
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def _ask_again(self, why: str) -> HttpResponse:
        messages.error(self.request, why)
        return redirect(self.passthrough_next_url(reverse("sign-in")))
