"""Text messages through a pluggable sender."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils.module_loading import import_string

from zerotrip.channels.transports import Undeliverable

if TYPE_CHECKING:
    from zerotrip.channels.models import Message

Sender = Callable[[str, str, str], None]
"""Takes the number, the text and a key that is the same each time the same message is tried."""

PATIENCE = 10
"""Seconds to wait for a gateway."""
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
"""Answers below 500 that may be different next time."""


def send(message: Message) -> None:
    """Hand the message to the sender named by ``settings.SMS_SENDER``; in the demo, without one, keep it.

    Raises Undeliverable, also when there is no sender: a code nobody gets must not look sent.
    """
    if settings.SMS_SENDER:
        sender: Sender = import_string(settings.SMS_SENDER)
    elif settings.DEMO:
        sender = outbox
    else:
        raise Undeliverable("ZEROTRIP_SMS_SENDER is not set: text messages cannot be sent.", permanent=True)
    sender(message.address, message.body, str(message.pk))


def outbox(to: str, body: str, key: str) -> None:
    """The demo's sender: the message stays in its table and is shown on the outbox page."""


def http(to: str, body: str, key: str) -> None:
    """POST the message as JSON to ``settings.SMS_URL``, signed: for the many gateways that want just that.

    ``{"id", "to", "text"}``, with ``X-Signature: sha256=`` and the HMAC-SHA256 of the body in
    hexadecimal, keyed by ``settings.SMS_SECRET``. The gateway sends each id once, however often it
    comes. Raises Undeliverable; answers of the 400s are final, except those that ask to wait.
    """
    content = json.dumps({"id": key, "to": to, "text": body}, ensure_ascii=False).encode()
    signature = hmac.new(settings.SMS_SECRET.encode(), content, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Signature": f"sha256={signature}"}
    request = Request(settings.SMS_URL, content, headers)  # noqa: S310  an address of the settings
    try:
        with build_opener(_Straight).open(request, timeout=PATIENCE):
            pass
    except HTTPError as error:
        with error:
            final = error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in PASSING
            raise Undeliverable(f"The gateway answered {error.code}.", permanent=final) from error
    except OSError as error:
        raise Undeliverable(str(error), permanent=False) from error


class _Straight(HTTPRedirectHandler):
    """Goes nowhere else: a redirected POST would become a GET and lose the message."""

    def redirect_request(self, *args: object) -> None:
        return None
