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
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zerotrip.parties import actions
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.parties.models import User

WORDS = {
    "required": gettext_lazy("请填写这一项。"),
    "password_incorrect": gettext_lazy("现在的密码不对，请核对后再试。"),
    "password_mismatch": gettext_lazy("两次输入的新密码不一样。"),
    "password_too_short": gettext_lazy("新密码至少要有 10 位。"),
    "password_too_common": gettext_lazy("新密码太常见，容易被猜到，请换一个。"),
    "password_too_similar": gettext_lazy("新密码与您的邮箱或手机号太相近，请换一个。"),
}
"""What is wrong, in our words: the library's are not all in Chinese."""


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@staff_only
def change(request: Request) -> HttpResponse:
    """The old password and twice the new one; what does not pass is said in place."""
    account: User = request.user  # type: ignore[assignment]  # staff are signed in
    if request.method == "GET":
        return _page(request)
    if not ratelimit.consume(request, action="change_password", user=account):
        return _page(request, 429, limit=_("尝试次数太多，请过几分钟再来。"))
    form = PasswordChangeForm(account, request.POST)
    if not form.is_valid():
        return _page(request, 422, problems=_problems(form))
    actions.set_password(account, form.cleaned_data["new_password1"], by=request.actor, at=request.now)
    update_session_auth_hash(request, account)
    messages.success(request, _("密码已更改。在其他地方的登录都已退出。"))
    return redirect("profile")


def _page(
    request: Request, status: int = 200, *, limit: str = "", problems: dict[str, list[str]] | None = None
) -> HttpResponse:
    context = {"limit": limit, "problems": problems or {}}
    return render(request, "accounts/password.html", context, status=status)


def _problems(form: PasswordChangeForm) -> dict[str, list[str]]:
    """What is wrong by field. The library judges a new password at its repetition; it belongs to the first."""
    found: dict[str, list[str]] = {}
    for name, errors in form.errors.as_data().items():
        for error in errors:
            code = error.code or ""
            place = "new_password1" if code.startswith("password_too") else name
            found.setdefault(place, []).append(str(WORDS.get(code, error.messages[0])))
    return found
