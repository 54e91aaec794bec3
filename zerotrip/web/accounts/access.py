"""Who may open a page at all: anybody signed in, or staff with a second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from zerotrip.parties.models import User

View = TypeVar("View", bound=Callable[..., "HttpResponseBase"])


def signed_in(view: View) -> View:
    """Send visitors to sign in and new people to say their name, and back; everybody else to the page."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.actor.user_id is None:
            back = request.get_full_path() if request.method == "GET" else "/"
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")
        if not request.actor.name and _address(request) != "welcome":
            back = request.get_full_path() if request.method == "GET" else "/"
            return redirect(f"{reverse('welcome')}?{urlencode({'next': back})}")
        return view(request, *args, **kwargs)

    return cast(View, wrapped)


def staff_only(view: View) -> View:
    """Let staff in who have a password, once they have shown their second factor in this session."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.unproven:
            return _to_second_factor(request)
        if not request.actor.is_staff:
            raise NotAllowed(_("这是工作人员的页面，您没有岗位。"))
        return view(request, *args, **kwargs)

    return signed_in(cast(View, wrapped))


def require_password(user: User) -> None:
    """Refuse an account that signs in by code alone: whoever reads its mail would be at the desk.

    The password is given at the command line, ``zerotrip staff add`` or ``reset``. Raises NotAllowed.
    """
    if not user.has_usable_password():
        raise NotAllowed(
            _("您的账号还没有密码，不能进入工作台。请向本部门管理员领取密码，再从“工作人员登录”进入。")
        )


def _to_second_factor(request: Request) -> HttpResponseBase:
    """To show the second factor, or to set one up when there is none yet."""
    require_password(cast("User", request.user))
    if not is_mfa_enabled(request.user):
        return redirect("mfa_activate_totp")
    back = request.get_full_path() if request.method == "GET" else reverse("desk")
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")


def _address(request: Request) -> str | None:
    """The name of the address that was asked for."""
    return request.resolver_match.url_name if request.resolver_match else None
