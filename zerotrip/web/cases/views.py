"""Files, licences and notices: shown alike to applicants and staff."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zerotrip.cases.models import NeedFile
from zerotrip.cases.queries import load as load_case
from zerotrip.channels import actions as channels
from zerotrip.channels import notices as texts
from zerotrip.channels.models import Notice
from zerotrip.duties.models import RecordFile
from zerotrip.errors import NotFound
from zerotrip.licences import letters, slips
from zerotrip.licences.access import load as load_licence
from zerotrip.licences.reuse.queries import load_grant
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.attaching import load_held
from zerotrip.web.cases.access import visible_material
from zerotrip.web.cases.files import pdf, serve, serve_page
from zerotrip.web.requests import Request

PAGE_SIZE = 30
PREVIEW_WIDTH = 960
THUMB_WIDTH = 480
"""Pixels: shown at a fifth of that, sharp on every screen."""


@require_GET
@signed_in
def material(request: Request, material_id: UUID) -> HttpResponseBase:
    """A file of a case."""
    found = visible_material(request, material_id)
    return serve(found.blob, found.name, download="download" in request.GET)


@require_GET
@signed_in
def material_page(request: Request, material_id: UUID, page: int) -> HttpResponse:
    """A picture of one page of a file."""
    return serve_page(visible_material(request, material_id).blob, page, PREVIEW_WIDTH)


def _attached(model: type[NeedFile | RecordFile], file_id: UUID, request: Request) -> NeedFile | RecordFile:
    """A file beside what was said, if the reader may see that. Raises NotFound."""
    found = model.objects.visible_to(request.actor).select_related("blob").filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("没有找到这个文件。"))
    return found


@require_GET
@signed_in
def need_file(request: Request, file_id: UUID) -> HttpResponseBase:
    """A picture or paper of a need."""
    found = _attached(NeedFile, file_id, request)
    return serve(found.blob, found.name, download="download" in request.GET)


@require_GET
@signed_in
def need_file_page(request: Request, file_id: UUID, page: int) -> HttpResponse:
    """A small picture of one page of it."""
    return serve_page(_attached(NeedFile, file_id, request).blob, page, THUMB_WIDTH)


@require_GET
@signed_in
def answer_file(request: Request, file_id: UUID) -> HttpResponseBase:
    """A picture or paper that came with an answer, or of a visit."""
    found = _attached(RecordFile, file_id, request)
    return serve(found.blob, found.name, download="download" in request.GET)


@require_GET
@signed_in
def answer_file_page(request: Request, file_id: UUID, page: int) -> HttpResponse:
    """A small picture of one page of it."""
    return serve_page(_attached(RecordFile, file_id, request).blob, page, THUMB_WIDTH)


@require_GET
@signed_in
def held_file(request: Request, token: str) -> HttpResponse:
    """A small picture of what a form holds on to, for whoever sent it."""
    return serve_page(load_held(token, request).blob, 1, THUMB_WIDTH)


@require_GET
@signed_in
def licence_file(request: Request, licence_id: UUID) -> HttpResponseBase:
    """The signed document of a licence."""
    licence = load_licence(licence_id, request.actor)
    return serve(licence.blob, f"{licence.title}-{licence.number}.pdf", download="download" in request.GET)


@require_GET
@signed_in
def grant_file(request: Request, grant_id: UUID) -> HttpResponseBase:
    """The signed document of a licence held here, for whoever may see the use it was put to."""
    grant = load_grant(grant_id, request.actor)
    if grant.licence is None:
        raise NotFound(_("这份证照不在本系统里，没有可以打开的文件。"))
    name = f"{grant.title}-{grant.number}.pdf"
    return serve(grant.licence.blob, name, download="download" in request.GET)


@require_GET
@signed_in
def letter(request: Request, number: str, kind: str) -> HttpResponse:
    """A notice of corrections or a decision in writing, as its addressee is entitled to it."""
    case = load_case(number, request.actor)
    written = letters.letter_of(case, kind)
    return pdf(letters.draw(written, at=request.now), f"{written.title}-{case.number}.pdf")


@require_GET
@signed_in
def receipt(request: Request, number: str) -> HttpResponse:
    """The receipt of what was handed in, with the code that leads to the status."""
    case = load_case(number, request.actor)
    paper = next((one for one in slips.PAPERS if one == request.GET.get("paper")), slips.PAPERS[0])
    return pdf(slips.receipt(case, paper=paper, at=request.now), f"{case.number}-receipt.pdf")


@require_GET
@signed_in
def notices(request: Request) -> HttpResponse:
    """What I was told, latest first."""
    found = Notice.objects.visible_to(request.actor).order_by("-at")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        (notice, texts.title(notice.template, notice.context), texts.text(notice.template, notice.context))
        for notice in page.object_list
    ]
    return render(request, "portal/notices.html", {"page": page, "rows": rows, "section": "notices"})


@require_POST
@signed_in
def read_notice(request: Request, notice_id: UUID) -> HttpResponse:
    """Open what a notice is about; it counts as read."""
    notice = Notice.objects.visible_to(request.actor).filter(pk=notice_id).first()
    channels.mark_read(by=request.actor, at=request.now, notice=notice_id)
    link = notice.link if notice else ""
    return redirect(link if url_has_allowed_host_and_scheme(link, None) else "notices")


@require_POST
@signed_in
def read_all(request: Request) -> HttpResponse:
    """Mark everything read."""
    channels.mark_read(by=request.actor, at=request.now)
    return redirect("notices")
