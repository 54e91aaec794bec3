"""A courier that is asked, over HTTP. docs/operations.md has the format."""

from __future__ import annotations

import time
from datetime import datetime
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound
from zerotrip.licences.post.couriers import Report, Silent, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 5
"""Seconds to wait for each part of an answer."""
WHOLE = 15
"""Seconds for the whole of it."""
LARGEST = 1024 * 1024
"""Bytes of an answer."""
_PART = 64 * 1024


class Polling:
    """Asks the courier."""

    patience, whole = PATIENCE, WHOLE

    def hear(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Report]:
        """Nothing: this courier sends nothing, so whoever does is not it."""
        raise NotFound(_("这里不接收快递推送。"))

    def ask(self, numbers: Sequence[str], *, at: datetime) -> list[Report]:
        """See ``Courier``. Redirects are not followed: an answer is from the address of the settings or none."""
        query = urlencode({"tracking": ",".join(numbers)})
        headers = {"Authorization": f"Bearer {settings.COURIER_KEY}", "Accept": "application/json"}
        request = Request(f"{settings.COURIER_URL}?{query}", headers=headers)  # noqa: S310  an address of the settings
        try:
            with build_opener(_Straight).open(request, timeout=self.patience) as answer:
                return read(self._whole(answer))
        except (OSError, HTTPException, Invalid) as error:
            raise Silent(str(error) or type(error).__name__) from error

    def _whole(self, answer: HTTPResponse) -> bytes:
        """The body, if it comes in time and is no larger than agreed."""
        until, parts, size = time.monotonic() + self.whole, [], 0
        while part := answer.read1(_PART):
            size += len(part)
            parts.append(part)
            if size > LARGEST:
                raise OSError("The answer is too large.")
            if time.monotonic() > until:
                raise TimeoutError("The answer took too long.")
        return b"".join(parts)


class _Straight(HTTPRedirectHandler):
    """Goes nowhere else, so that the key goes nowhere else either."""

    def redirect_request(self, *args: object) -> None:
        return None
