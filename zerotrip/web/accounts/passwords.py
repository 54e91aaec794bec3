"""Staff change their password: the old one is asked for, and whoever else is signed in with it is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zerotrip.parties import actions
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.parties.models import User


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@staff_only
def change(request: Request) -> HttpResponse:
    """The old password and twice the new one; what does not pass is said in place."""
    account: User = request.user  # type: ignore[assignment]  # staff are signed in
    if request.method == "GET":
        return render(request, "accounts/password.html", {"form": PasswordChangeForm(account)})
    if not ratelimit.consume(request, action="change_password", user=account):
        problem = _("尝试次数太多，请过几分钟再来。")
        return render(
            request, "accounts/password.html", {"form": PasswordChangeForm(account), "problem": problem}, status=429
        )
    form = PasswordChangeForm(account, request.POST)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form}, status=422)
    actions.set_password(account, form.cleaned_data["new_password1"], by=request.actor, at=request.now)
    update_session_auth_hash(request, account)
    messages.success(request, _("密码已更改。在其他地方的登录都已退出。"))
    return redirect("profile")
