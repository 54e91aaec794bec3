"""The second factor of staff: its secret at rest, and each code good for one time."""

from __future__ import annotations

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from zerotrip.parties import seals


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Secrets and the seeds of recovery codes lie sealed in the database."""

    def encrypt(self, text: str) -> str:
        """The secret, sealed."""
        return seals.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises Refused when no key opens it."""
        return seals.unseal(encrypted_text)


class _Once:
    """A code of an app that was taken is not taken again while it is still shown (RFC 6238, section 5.2).

    The library remembers it for one step of 30 seconds; with a tolerance it is good for longer.
    """

    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code, if it is right and new."""
        code: str = super().clean_code()  # type: ignore[misc]
        used = f"second-factor:{self.authenticator.user_id}:{normalize_user_code(code)}"
        steps = 2 * app_settings.TOTP_TOLERANCE + 1
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(
            used, 1, timeout=steps * app_settings.TOTP_PERIOD
        ):
            raise get_factor_adapter().validation_error("incorrect_code")
        return code


class SignInForm(_Once, AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class AgainForm(_Once, ReauthenticateForm):  # type: ignore[misc]
    """The second factor before something that matters."""
