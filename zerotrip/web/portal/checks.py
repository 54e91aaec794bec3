"""What stands to be reported now by one's enterprises and their sites: daily checks, disinfection, airing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Due, Subject
from zerotrip.duties.standing.queries import under_way
from zerotrip.prevention.models import SealedArea
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.duties.reporting import ReportPage, due_of, names_of, require_open
from zerotrip.web.requests import Request

SECTION = {"section": "cases"}
MOST = 200


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """What is to be reported now, what is not done yet first."""
    found = list(under_way(Due.objects.of(request.actor.acts_for), at=request.now)[:MOST])
    names: dict[UUID, str] = {}
    for subject in Subject.values:
        names |= names_of(subject, [due.subject for due in found if due.window.subject == subject])
    rows = [{"due": due, "name": names.get(due.subject, "")} for due in found]
    rows.sort(key=lambda row: row["due"].kept_at is not None)  # type: ignore[attr-defined]
    waits = sum(due.kept_at is None for due in found)
    carries = SealedArea.objects.carried_by(request.actor).in_force(request.now).exists()
    context = {"rows": rows, "waits": waits, "carries": carries, **SECTION}
    return render(request, "portal/checks/index.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: Request, window_id: int, subject: UUID) -> HttpResponse:
    """The form of one; a POST files it."""
    due = due_of(Due.objects.of(request.actor.acts_for), window_id, subject)
    require_open(due.window, request.now)
    page = ReportPage.sent(request, due) if request.method == "POST" else ReportPage.begun(due)
    if page.is_handed_in(request) and page.file(request, done_at=request.now):
        messages.success(request, _("已报上，谢谢。"))
        return redirect("checks")
    name = names_of(due.window.subject, [due.subject]).get(due.subject, "")
    context = {"due": due, "page": page, "name": name, **SECTION}
    return render(request, "portal/checks/show.html", context, status=422 if page.problems else 200)
