"""The enterprises I am named for: what is open, what they owe, what was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from zerotrip.relief.naming.queries import helped_rows, lost_firms, own_firms
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http import HttpResponse

PAGE_SIZE = 30


@require_GET
@staff_only
def mine(request: Request) -> HttpResponse:
    """A row for each, by name."""
    page = page_of(request, own_firms(request.actor), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": helped_rows(list(page.object_list), request.actor, at=request.now),
        "lost": lost_firms(request.actor),
        "now": request.now,
        **rail(request, "my-firms"),
    }
    return render(request, "desk/naming/mine.html", context)
