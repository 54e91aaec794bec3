"""Workbooks as an answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpResponse

if TYPE_CHECKING:
    from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, book: Workbook) -> HttpResponse:
    """A workbook to be saved under this name."""
    held = io.BytesIO()
    book.save(held)
    response = HttpResponse(held.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
