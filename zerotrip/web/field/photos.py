"""Photographs go ahead of their records, by digest: one that broke off is sent again, and kept once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.files.attaching import receive
from zerotrip.web.attaching import token_of
from zerotrip.web.field.doors import for_phones

if TYPE_CHECKING:
    from zerotrip.web.requests import Request

DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@require_POST
@for_phones
def photo(request: Request, digest: str) -> JsonResponse:
    """Keep a photograph, and name it by a token. Sent again it is the same. Raises Invalid for half a one."""
    upload = request.FILES.get("file")
    if upload is None or not DIGEST.match(digest):
        raise NotFound(_("没有找到这个文件。"))
    handed = receive(upload, name=upload.name or "", at=request.now)
    if handed.blob.pk != digest:
        raise Invalid(_("照片没有传完整，会自动再传。"), {})
    return JsonResponse({"token": token_of(handed, by=request.actor, at=request.now)})
