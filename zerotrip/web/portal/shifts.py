"""Standing at posts, for whoever does: enlisting, one's shifts, signing on, swapping, what is credited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.parties.models import Area, AreaLevel, User
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import Event, Measure, Shift, Swap, Worker, WorkerKind
from zerotrip.prevention.posts import actions, queries, spec
from zerotrip.prevention.posts.rules import minutes_late, why_not_off, why_not_on
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed
from zerotrip.web.shifts import weekdays, wishes_of

if TYPE_CHECKING:
    from datetime import date

SHOWN = 60
"""Shifts listed."""


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """My shifts: what I can sign on to now first, then what comes, then what was."""
    worker = queries.worker_of(request.actor)
    rows: list[dict[str, Any]] = []
    if worker is not None:
        rows = [
            _line(request, shift)
            for shift in worker.shifts.told().select_related("post").order_by("-during")[:SHOWN]
        ]
    swaps = Swap.objects.visible_to(request.actor).open().filter(agreed_at=None, other=worker) if worker else []
    context = {
        "worker": worker,
        "now": [line for line in rows if line["on"] == "" or (line["off"] == "")],
        "coming": [line for line in reversed(rows) if line["shift"].starts_at > request.now and line["on"]],
        "past": [line for line in rows if line["shift"].ends_at <= request.now and line["off"]],
        "swaps": swaps,
        "code": request.GET.get("code", "")[:6],
        "minutes": queries.credited(worker) if worker else 0,
        "asked_for": bool(_areas(today_of(request))),
    }
    return render(request, "portal/shifts/index.html", context)


def _line(request: Request, shift: Shift) -> dict[str, Any]:
    rules = spec.rules()
    return {
        "shift": shift,
        "on": why_not_on(shift, rules, request.now),
        "off": why_not_off(shift, request.now),
        "late": minutes_late(shift, rules),
    }


@require_http_methods(["GET", "POST"])
@signed_in
def enlist(request: Request) -> HttpResponse:
    """Enlist as a volunteer or a pioneer, or change what one wishes."""
    worker = queries.worker_of(request.actor)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            if worker is None:
                actions.enlist(
                    wishes_of(request),
                    area=typed(request, "area", most=15),
                    key=uuid_from(typed(request, "key")) or new_id(),
                    by=request.actor,
                    at=request.now,
                )
                messages.success(request, _("报名收到了，审核通过后会通知您。"))
            else:
                actions.change_worker(worker.pk, wishes_of(request), by=request.actor, at=request.now)
                messages.success(request, _("已保存。"))
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("my-shifts")
    areas = _areas(today_of(request))
    if worker is None and not areas:
        return render(request, "portal/shifts/none.html", {})
    problems = refused.problems if refused else {}
    values = request.POST if refused else _values_of(worker, request)
    chosen = request.POST.getlist("skills") if refused else worker.skills if worker else []
    days = (
        request.POST.getlist("weekdays") if refused else [str(day) for day in (worker.weekdays if worker else [])]
    )
    kinds = [(kind.value, kind.label) for kind in (WorkerKind.VOLUNTEER, WorkerKind.PIONEER)]
    context = {
        "worker": worker,
        "values": values,
        "areas": areas,
        "kinds": kinds if worker is None or worker.volunteers else [],
        "skills": [(skill, skill.id in chosen) for skill in spec.rules().skills],
        "days": [(number, name, str(number) in days) for number, name in weekdays()],
        "problems": problems,
        "summary": [{"text": text, "url": f"#{place}"} for place, texts in problems.items() for text in texts],
        "key": typed(request, "key", most=36) or new_id(),
    }
    return render(request, "portal/shifts/enlist.html", context, status=refused.status if refused else 200)


@require_POST
@signed_in
def leave(request: Request) -> HttpResponse:
    """Stand at posts no longer."""
    worker = queries.worker_of(request.actor)
    if worker is None:
        raise NotFound(_("您没有报名值守。"))
    actions.leave(worker.pk, reason="", by=request.actor, at=request.now)
    messages.success(request, _("已退出值守，谢谢您。"))
    return redirect("my-shifts")


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: Request, shift_id: UUID) -> HttpResponse:
    """One shift of mine: sign on or off with the code of the post, or ask somebody to swap."""
    own = Shift.objects.filter(worker__person=request.actor.person_id, published_at__isnull=False)
    shift = get_object_or_404(own.select_related("post__lead__person", "worker"), pk=shift_id)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            _act(request, shift)
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("my-shift", shift.pk)
    problems = refused.problems if refused else {}
    context = {
        **_line(request, shift),
        "others": _others(shift) if shift.starts_at > request.now else [],
        "swap": shift.swaps.filter(settled_at=None).select_related("other__person").first(),
        "code": typed(request, "code", most=6) or request.GET.get("code", "")[:6],
        "problems": problems,
        "summary": [{"text": text, "url": f"#{place}"} for place, texts in problems.items() for text in texts],
        "key": new_id(),
        "begun": shift.starts_at <= request.now,
    }
    return render(request, "portal/shifts/show.html", context, status=refused.status if refused else 200)


def _act(request: Request, shift: Shift) -> None:
    step, code = typed(request, "step", most=8), typed(request, "code", most=12)
    if step == "on":
        actions.sign_on(shift.pk, code=code, by=request.actor, at=request.now)
        messages.success(request, _("签到好了。"))
    elif step == "off":
        actions.sign_off(shift.pk, code=code, by=request.actor, at=request.now)
        messages.success(request, _("签退好了，辛苦了。"))
    else:
        other, _comma, returned = typed(request, "other", most=80).partition(",")
        chosen = uuid_from(other)
        if chosen is None:
            raise Invalid(_("还不能换班。"), {"other": [_("请选择换给谁。")]})
        actions.ask_swap(
            shift.pk,
            other=chosen,
            returned=uuid_from(returned),
            reason=typed(request, "reason", most=200),
            by=request.actor,
            at=request.now,
            key=uuid_from(typed(request, "key")),
        )
        messages.success(request, _("已请对方答复，答复了会通知您。"))


def _others(shift: Shift) -> list[tuple[str, str, Shift | None]]:
    """Whom to ask: those who stand at the same post soon, each of their shifts; and all, to stand in."""
    rows = Shift.objects.told().filter(post=shift.post, during__startswith__gt=shift.starts_at.replace(hour=0))
    rows = rows.exclude(worker=shift.worker).select_related("worker__person")[:20]
    found: list[tuple[str, str, Shift | None]] = [
        (f"{row.worker_id},{row.pk}", row.worker.person.name, row) for row in rows
    ]
    ready = Worker.objects.ready().filter(queries.around(shift.area_path)).exclude(pk=shift.worker_id)
    return found + [(str(one.pk), one.person.name, None) for one in ready.select_related("person")[:100]]


@require_POST
@signed_in
def answer(request: Request, swap_id: UUID, step: str) -> HttpResponse:
    """Answer whoever asks to swap."""
    if step == "agree":
        swap = actions.agree(swap_id, by=request.actor, at=request.now)
        done = _("换班好了。") if swap.done else _("已同意，等岗位负责人决定。")
        messages.success(request, done)
    else:
        actions.refuse(swap_id, by=request.actor, at=request.now)
        messages.success(request, _("已答复。"))
    return redirect("my-shifts")


@require_GET
@signed_in
def statement(request: Request) -> HttpResponse:
    """What somebody is credited with, to be printed."""
    worker = queries.worker_of(request.actor)
    if worker is None:
        raise NotFound(_("您没有报名值守。"))
    shifts = worker.shifts.standing().filter(credited__gt=0).select_related("post").order_by("during")
    context = {
        "worker": worker,
        "shifts": shifts,
        "minutes": queries.credited(worker),
        "office": queries.office_over(worker),
        "today": today_of(request),
        "area": area_names({code_of(worker.area_path)}).get(code_of(worker.area_path), ""),
    }
    return render(request, "portal/shifts/statement.html", context)


def _areas(today: date) -> list[tuple[str, str]]:
    """The districts and subdistricts where posts are manned: code and name."""
    rows = Event.objects.in_force(today).filter(measures__contains=[Measure.POSTS])
    paths = sorted(set(rows.values_list("area_path", flat=True)))
    codes = [code_of(path) for path in paths]
    for path in paths:
        inside = Area.objects.filter(path__startswith=path, level=AreaLevel.SUBDISTRICT).order_by("path")
        codes += inside.values_list("pk", flat=True)
    names = area_names(set(codes))
    return [(code, names.get(code, "")) for code in dict.fromkeys(codes)]


def _values_of(worker: Worker | None, request: Request) -> dict[str, str]:
    if worker is None:
        phone = User.objects.values_list("phone", flat=True).get(pk=request.actor.account)
        return {"phone": phone or "", "kind": WorkerKind.VOLUNTEER, "most_a_week": "2"}
    return {
        "phone": worker.phone,
        "unit": worker.unit,
        "kind": worker.kind,
        "no_nights": "1" if worker.no_nights else "",
        "most_a_week": str(worker.most_a_week),
    }
