"""Who is away and who stands in; handing over all that somebody has to another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, AssignmentStatus
from zerotrip.cases.queries import assigned_to
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.parties import actions as parties
from zerotrip.parties.models import Absence, Membership, User
from zerotrip.parties.queries import absences, colleagues, led_by
from zerotrip.relief.naming.queries import count_named
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.bulk import person_from
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.lists import row_of
from zerotrip.web.requests import Request, day_typed, today_of, typed


@require_http_methods(["GET", "POST"])
@staff_only
def people(request: Request) -> HttpResponse:
    """The people of my departments with what they have in hand, who is away, and a form to say so."""
    if request.method == "GET":
        return _page(request)
    try:
        absence = _record(request)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, refused=refused)
    said = _("已登记：%(name)s外出期间由%(other)s代班。")
    messages.success(request, said % {"name": absence.person.name, "other": absence.stand_in.name})
    return redirect("desk-people")


def _record(request: Request) -> Absence:
    person, stand_in = person_from(request, "person"), person_from(request, "stand_in")
    accounts = User.objects.in_bulk([person.account, stand_in.account])
    return parties.record_absence(
        accounts[person.account].person,
        stand_in=accounts[stand_in.account].person,
        since=day_typed(request, "since"),
        until=day_typed(request, "until", later=1),
        by=request.actor,
        at=request.now,
    )


def _page(request: Request, *, refused: Refusal | None = None) -> HttpResponse:
    seats = colleagues({seat.department_id for seat in request.actor.seats}, at=request.now)
    led = led_by(request.actor)
    in_hand = _in_hand([seat.person.account.pk for seat in seats])
    rows = _rows(seats, in_hand)
    mine = [row for row in rows if row["account"] == request.actor.user_id or row["departments"] & led]
    context = {
        "people": rows,
        "may_record": mine,
        "may_hand_over": {row["account"] for row in mine},
        "absences": [
            (found, found.during.upper - timedelta(minutes=1), _may_end(found, mine))
            for found in absences(request.actor, at=request.now)
        ],
        "at": request.now,
        "today": today_of(request),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "typed": {name: typed(request, name) for name in ("person", "stand_in", "since", "until")},
        **rail(request, "people"),
    }
    return render(request, "desk/people.html", context, status=refused.status if refused else 200)


def _may_end(absence: Absence, mine: list[dict[str, Any]]) -> bool:
    return any(row["person"] == absence.person_id for row in mine)


def _in_hand(accounts: list[UUID]) -> Counter[UUID]:
    """How many open pieces of work are assigned to each."""
    works = Assignment.objects.filter(assignee__in=accounts, status=AssignmentStatus.OPEN)
    counted = works.order_by().values_list("assignee").annotate(count=Count("pk"))
    return Counter(dict(counted))


def _rows(seats: list[Membership], in_hand: Counter[UUID]) -> list[dict[str, Any]]:
    """A row for each person, with their roles."""
    rows: dict[UUID, dict[str, Any]] = {}
    for seat in seats:
        account = seat.person.account.pk
        row = rows.setdefault(
            account,
            {
                "account": account,
                "person": seat.person_id,
                "name": seat.person.name,
                "roles": [],
                "departments": set(),
                "in_hand": in_hand[account],
            },
        )
        row["roles"].append(seat.get_role_display())
        row["departments"].add(seat.organisation_id)
    return list(rows.values())


@require_POST
@staff_only
def back(request: Request, absence_id: UUID) -> HttpResponse:
    """Back earlier than said, or not away after all."""
    absence = Absence.objects.select_related("person").filter(pk=absence_id).first()
    if absence is None or absence.pk not in {one.pk for one in absences(request.actor, at=request.now)}:
        raise NotFound(_("这次外出已经结束。"))
    parties.end_absence(absence, by=request.actor, at=request.now)
    messages.success(request, _("已登记：%(name)s回来了。") % {"name": absence.person.name})
    return redirect("desk-people")


@require_http_methods(["GET", "POST"])
@staff_only
def hand_over(request: Request, account_id: UUID) -> HttpResponse:
    """All that somebody has, to another in one press; then what became of each."""
    leaver = _colleague(request, account_id)
    if request.method == "POST":
        try:
            to = person_from(request)
            key = typed(request, "key", most=40)
            firms = count_named(leaver.person_id)
            answers = actions.hand_over(leaver, to=to, by=request.actor, at=request.now, key=key)
            left = count_named(leaver.person_id)
        except Invalid as refused:
            return _hand_over_page(request, leaver, refused=refused)
        context = {
            "leaver": leaver.person,
            "to": to,
            "answers": [(answer, row_of(answer.work, request)) for answer in answers],
            "done": sum(answer.done for answer in answers),
            "firms": firms - left,
            "firms_left": left,
            **rail(request, "people"),
        }
        return render(request, "desk/handed_over.html", context)
    return _hand_over_page(request, leaver)


def _hand_over_page(request: Request, leaver: User, *, refused: Invalid | None = None) -> HttpResponse:
    works = list(assigned_to(leaver.pk))
    seats = colleagues({seat.department_id for seat in request.actor.seats}, at=request.now)
    others = {seat.person.account.pk: seat.person.name for seat in seats if seat.person.account.pk != leaver.pk}
    context = {
        "leaver": leaver,
        "rows": [row_of(work, request) for work in works],
        "others": others.items(),
        "firms": count_named(leaver.person_id),
        "chosen": typed(request, "to"),
        "refused": refused,
        "key": uuid4(),
        **rail(request, "people"),
    }
    return render(request, "desk/hand_over.html", context, status=422 if refused else 200)


def _colleague(request: Request, account_id: UUID) -> User:
    """Myself, or somebody of a department I lead. Raises NotFound for all others."""
    led = led_by(request.actor)
    accounts = {seat.person.account.pk for seat in colleagues(led, at=request.now)} | {request.actor.account}
    user = User.objects.filter(pk=account_id).first() if account_id in accounts else None
    if user is None:
        raise NotFound(_("没有找到这位同事，或您不能替其移交。"))
    return user
