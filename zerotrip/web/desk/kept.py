"""Filters of the worklist under a name, and the columns it shows: each account's own."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.cases import actions
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.filters import cleaned
from zerotrip.web.desk.lists import COLUMNS
from zerotrip.web.requests import Request, typed


def _back(query: str) -> HttpResponse:
    """To the worklist as it was; without a filter to the whole of it, not to the usual filter."""
    return redirect(f"{reverse('desk')}?{query or 'who='}")


@require_POST
@staff_only
def save(request: Request) -> HttpResponse:
    """Keep a filter under a name."""
    query = cleaned(typed(request, "query"))
    view = actions.save_view(
        typed(request, "name", most=200),
        query=query,
        is_default=typed(request, "default") == "1",
        by=request.actor,
        at=request.now,
    )
    messages.success(request, _("已保存筛选“%(name)s”。") % {"name": view.name})
    return _back(query)


@require_POST
@staff_only
def change(request: Request, view_id: UUID) -> HttpResponse:
    """Make a saved filter the usual one, or no longer; or forget it."""
    act = typed(request, "act")
    if act == "delete":
        actions.forget_view(view_id, by=request.actor)
        messages.success(request, _("筛选已删除。"))
        return _back("")
    view = actions.prefer_view(view_id, usual=act == "default", by=request.actor)
    return _back(view.query)


@require_POST
@staff_only
def columns(request: Request) -> HttpResponse:
    """Show these columns from now on."""
    chosen = [name for name in COLUMNS if name in request.POST.getlist("column")]
    actions.choose_columns(chosen, by=request.actor)
    return _back(cleaned(typed(request, "query")))
