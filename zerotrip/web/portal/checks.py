"""What stands to be reported now by one's enterprises and their sites: daily checks, disinfection, airing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Due, Subject
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.queries import under_way
from zerotrip.duties.standing.sources import REPORT
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.leaflets.rules import ACT as READ
from zerotrip.prevention.models import Leaflet, Person, Receipt, SealedArea
from zerotrip.prevention.rosters.queries import staff_of_firms
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.duties.reported import reported
from zerotrip.web.duties.reporting import ReportPage, due_of, names_of, require_open
from zerotrip.web.portal.prevention import doors
from zerotrip.web.requests import Request, today_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.parties.access import Actor

SECTION = {"section": "cases"}
MOST = 200


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """What is to be reported now, what is not done yet first."""
    found = list(under_way(Due.objects.of(_answers_for(request.actor)), at=request.now)[:MOST])
    found = [due for due in found if not spec_of(due.window.requirement).visited]
    names: dict[UUID, str] = {}
    for subject in Subject.values:
        names |= names_of(subject, [due.subject for due in found if due.window.subject == subject])
    links, titles = _links(found), _titles(found)
    rows = [
        {
            "due": due,
            "name": names.get(due.subject, ""),
            "title": titles.get(due.window_id, due.window.requirement.title),
            "link": links.get((due.window_id, due.subject)),
        }
        for due in found
    ]
    rows.sort(key=lambda row: row["due"].kept_at is not None)  # type: ignore[union-attr]
    waits = sum(due.kept_at is None for due in found)
    staff = _staff(request)
    carries = SealedArea.objects.carried_by(request.actor).in_force(request.now).exists()
    context = {
        "rows": rows,
        "waits": waits,
        "staff": [row for row in staff if row["due"].kept_at is None],
        "done": sum(row["due"].kept_at is not None for row in staff),
        "carries": carries,
        "doors": [door for door in doors(request) if door.address != "checks"],
        **SECTION,
    }
    return render(request, "portal/checks/index.html", context)


def _links(dues: Sequence[Due]) -> dict[tuple[int, UUID], str]:
    """Of what is not a form: where it is done. Leaflets are read; to be sampled, one goes somewhere."""
    found: dict[tuple[int, UUID], str] = {}
    for due in dues:
        if spec_of(due.window.requirement).act != REPORT:
            found[due.window_id, due.subject] = ""
    if found:
        rows = Receipt.objects.filter(
            leaflet__window__in={window for window, _subject in found},
            subject__in={subject for _window, subject in found},
        )
        for pk, window, subject in rows.values_list("pk", "leaflet__window", "subject"):
            found[window, subject] = reverse("leaflet", args=[token_of(pk)])
    return found


def _titles(dues: Sequence[Due]) -> dict[int, str]:
    """What leaflets are called: several may be waited for at a time."""
    windows = {due.window_id for due in dues if spec_of(due.window.requirement).act == READ}
    rows = Leaflet.objects.filter(window__in=windows) if windows else ()
    return {row.window_id: row.heading for row in rows if row.window_id is not None}


def _staff(request: Request) -> list[dict[str, Any]]:
    """What those who work for one's enterprises owe now, who has not first; their names masked.

    What somebody was sent to read is theirs, and not told to whom they work for.
    """
    if not request.actor.represents:
        return []
    there = staff_of_firms(request.actor.represents, today_of(request)).values("person")
    owed = Due.objects.filter(subject__in=there, window__leaflet=None)
    dues = list(under_way(owed, at=request.now)[:MOST])
    names = names_of(Subject.PERSON, [due.subject for due in dues])
    rows = [{"due": due, "name": names.get(due.subject, "")} for due in dues]
    return sorted(rows, key=lambda row: row["due"].kept_at is not None)


def _answers_for(actor: Actor) -> set[UUID]:
    """Oneself, whom one acts for, and oneself as somebody on a roster."""
    own = Person.objects.filter(party=actor.person_id).values_list("pk", flat=True) if actor.person_id else ()
    return {*actor.acts_for, *own}


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: Request, window_id: int, subject: UUID) -> HttpResponse:
    """The form of one; a POST files it."""
    due = due_of(Due.objects.of(_answers_for(request.actor)), window_id, subject)
    require_open(due.window, request.now)
    page = ReportPage.sent(request, due) if request.method == "POST" else ReportPage.begun(due)
    if page.is_handed_in(request) and page.file(request, done_at=request.now):
        messages.success(request, _("已报上，谢谢。"))
        return redirect("checks")
    name = names_of(due.window.subject, [due.subject]).get(due.subject, "")
    reports = reported(request, subject, due.window)
    context = {"due": due, "page": page, "name": name, "reports": reports, **SECTION}
    return render(request, "portal/checks/show.html", context, status=422 if page.problems else 200)
