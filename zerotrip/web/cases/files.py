"""Serving files: as attachments unless a picture or a PDF, and pictures of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from zerotrip.files.previews import MEDIA_TYPE, page_image
from zerotrip.files.store import open_blob

if TYPE_CHECKING:
    from zerotrip.files.models import Blob

SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})
"""Types a browser shows by itself; everything else is downloaded."""


def pdf(content: bytes, name: str) -> HttpResponse:
    """A document that is made anew each time, shown in the browser and kept by nobody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or "inline"
    response["Cache-Control"] = "private, no-store"
    return response


def serve(blob: Blob, name: str, *, download: bool = False) -> FileResponse:
    """The stored bytes, with their judged type, in a sandbox of their own."""
    response = FileResponse(
        open_blob(blob.pk),
        content_type=blob.media_type,
        as_attachment=download or blob.media_type not in SHOWN,
        filename=name,
    )
    # A browser does not open its PDF viewer in a sandbox.
    sandbox = "" if blob.media_type == "application/pdf" else "; sandbox"
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'unsafe-inline'{sandbox}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


def serve_page(blob: Blob, page: int, width: int) -> HttpResponse:
    """A picture of one page."""
    response = HttpResponse(page_image(blob, page, width), content_type=MEDIA_TYPE)
    response["Cache-Control"] = "private, max-age=86400"
    return response
