"""How often codes go out to one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.utils.translation import gettext as _

from zerotrip.errors import Refused

if TYPE_CHECKING:
    from zerotrip.web.requests import Request


def limit_codes(request: Request, address: str) -> None:
    """Count one more code to an address. Raises Refused when there were too many."""
    if not ratelimit.consume(request, action="counter_code", user=request.user, key=address):
        raise Refused(_("确认码发送太频繁，请过几分钟再发，或者改为纸上签字。"))
