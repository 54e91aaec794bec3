"""Tables as an answer: workbooks, and lines of CSV."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from zerotrip.enterprises.sheets.writing import defused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000
"""Rows of a workbook that is written while somebody waits: a few seconds. Longer lists go out as CSV, which is
sent as it is read."""
Answer = TypeVar("Answer", bound=HttpResponseBase)

AT_ONCE = 500
"""Lines of CSV sent in one go."""


def workbook(name: str, book: Workbook) -> HttpResponse:
    """A workbook to be saved under this name."""
    held = io.BytesIO()
    book.save(held)
    return as_file(HttpResponse(held.getvalue(), content_type=XLSX), name)


def as_csv(name: str, lines: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Lines as a CSV file that no spreadsheet takes for formulas, sent as it is read: memory does not grow with it.

    The lines are read after the request is over: whatever it is to hold, permission and language among it, is
    settled before.
    """
    return as_file(StreamingHttpResponse(_written(iter(lines)), content_type="text/csv; charset=utf-8"), name)


def _written(lines: Iterator[Sequence[Any]]) -> Iterator[str]:
    yield "\ufeff"
    while batch := list(islice(lines, AT_ONCE)):
        text = io.StringIO()
        csv.writer(text).writerows(
            [cell if isinstance(cell, int | float) else defused(str(cell)) for cell in line] for line in batch
        )
        yield text.getvalue()


def as_file(response: Answer, name: str) -> Answer:
    """An answer to be saved under this name, and kept by nobody on the way."""
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
