"""The green channel on the case page: whether the case is in it, who looks after it, a form for those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.cases import actions
from zerotrip.cases.access import why_keep_out
from zerotrip.cases.actions.holding import MANAGING
from zerotrip.cases.actions.priority import UNDECIDED
from zerotrip.cases.models import Priority
from zerotrip.errors import NotFound
from zerotrip.parties.queries import colleagues
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.desk.acts import text
from zerotrip.web.desk.bulk import person_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.cases.queries import File


def card(file: File, request: Request) -> dict[str, Any] | None:
    """What ``desk/parts/green.html`` shows; None where there is nothing to show or do."""
    case = file.case
    is_green = case.priority == Priority.GREEN
    may = _may(case, request)
    if not is_green and not may:
        return None
    entered = next((entry for entry in reversed(file.history) if entry.action == "green"), None)
    return {
        "case": case,
        "is_green": is_green,
        "may": may,
        "people": _people(case, request) if may and not is_green else [],
        "limit": file.spec.green.promised if file.spec.green else None,
        "entered": entered,
        "key": uuid4(),
    }


def _may(case: Case, request: Request) -> bool:
    sits = request.actor.sits(department_id=case.department_id, area_path=case.area_path, roles=MANAGING)
    return sits and case.status in UNDECIDED and not why_keep_out(case, request.actor)


def _people(case: Case, request: Request) -> list[tuple[Any, str]]:
    """Who may look after the case."""
    offices = set(case.departments) if case.spec.need is not None else {case.department_id}
    seats = colleagues(offices, at=request.now)
    found = {
        seat.person.account.pk: seat.person.name for seat in seats if case.area_path.startswith(seat.area_path)
    }
    return list(found.items())


@require_POST
@staff_only
def change(request: Request, number: str) -> HttpResponse:
    """Put the case into the green channel, or take it out."""
    case = staff_case(request, number)
    common: dict[str, Any] = {
        "reason": text(request, "reason"),
        "by": request.actor,
        "at": request.now,
        "key": typed(request, "key", most=40),
    }
    act = typed(request, "act", most=4)
    if act == "in":
        actions.put_in_green(case, contact=person_from(request, "contact"), **common)
        messages.success(request, _("%(number)s：已进入绿色通道。") % {"number": number})
    elif act == "out":
        actions.take_out_of_green(case, **common)
        messages.success(request, _("%(number)s：已退出绿色通道。") % {"number": number})
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("desk-case", number)
