"""Certificates and pictures of lots, for whoever sees the lot."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.errors import NotFound
from zerotrip.prevention.models import LotFile
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.files import serve, serve_page

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from zerotrip.web.requests import Request

THUMB_WIDTH = 480


def _load(request: Request, file_id: UUID) -> LotFile:
    found = LotFile.objects.visible_to(request.actor).select_related("blob").filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("没有找到这个文件。"))
    return found


@require_GET
@signed_in
def file(request: Request, file_id: UUID) -> HttpResponseBase:
    """A certificate or a picture."""
    found = _load(request, file_id)
    return serve(found.blob, found.name, download="download" in request.GET)


@require_GET
@signed_in
def page(request: Request, file_id: UUID, page: int) -> HttpResponse:
    """A small picture of one page of it."""
    return serve_page(_load(request, file_id).blob, page, THUMB_WIDTH)
