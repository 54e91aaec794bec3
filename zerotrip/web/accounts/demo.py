"""The demo's second factors, so that one can try the desk without a phone."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt


def staff_codes() -> list[tuple[str, str]]:
    """E-mail and present code of each staff account, as an authenticator app would show it (RFC 6238)."""
    counter = int(time.time()) // 30
    found = (
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).select_related("user").order_by("user__email")
    )
    return [(str(row.user), format_hotp_value(hotp_value(decrypt(row.data["secret"]), counter))) for row in found]
