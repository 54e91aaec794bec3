"""What the accounts library asks of us: how to reach people, and where to send them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.channels.actions import send_code
from zerotrip.channels.models import Transport
from zerotrip.channels.transports import Undeliverable
from zerotrip.errors import Refused
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.web.accounts.origin import origin
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Phone numbers and e-mail addresses live on the account; codes go through our channels."""

    def is_open_for_signup(self, request: Request) -> bool:
        """The library's own sign-up is closed: the first sign-in by code makes the account."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose attempts are counted together. The library's own has no answer where a header is garbage."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        return origin(
            forwarded, connection=request.META.get("REMOTE_ADDR", ""), proxies=settings.ALLAUTH_TRUSTED_PROXY_COUNT
        )

    def get_login_redirect_url(self, request: Request) -> str:
        """New people say their name first; staff go to the desk; others to their cases."""
        user = request.user
        if not isinstance(user, User):
            return reverse("sign-in")
        if not user.person.name:
            return reverse("welcome")
        actor = actor_for(user, at=request.now)
        return reverse("desk") if actor.is_staff else reverse("my-cases")

    def add_message(self, request: Request, level: int, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what happened; only a limit that was reached needs saying."""
        if "message" in kwargs:
            messages.add_message(request, level, _("尝试次数太多，请过几分钟重新获取验证码。"))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Changes to a second factor are shown on the page that makes them."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a sign-in code by e-mail."""
        if template_prefix == "account/email/login_code":
            self._send(Transport.EMAIL, email, context["code"])

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Send a sign-in code by text message."""
        self._send(Transport.SMS, phone, code)

    def _send(self, transport: Transport, to: str, code: str) -> None:
        valid = timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)
        body = _("%(code)s 是您的登录验证码，%(minutes)d 分钟内有效，请勿告诉他人。") % {
            "code": code,
            "minutes": valid.total_seconds() // 60,
        }
        try:
            subject = _("登录验证码")
            now = timezone.now()
            send_code(transport=transport, to=to, subject=subject, body=body, at=now, valid=valid)
        except Undeliverable as error:
            raise Refused(_("验证码没有发出去，请稍后再试，或换一种方式登录。")) from error

    def get_user_by_phone(self, phone: str) -> User | None:
        """The live account of a phone number."""
        return User.objects.filter(phone=phone, is_active=True).first()

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The phone of an account and whether it was verified."""
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Put a phone on an account."""
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        """The code sent to this phone came back."""
        user.phone_verified = user.phone == phone
        user.save(update_fields=["phone_verified"])

    def get_user_search_fields(self) -> list[str]:
        """Accounts are found by e-mail."""
        return ["email"]
