"""Plans of shifts at the desk: asked for, looked at, changed by hand, published."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid
from zerotrip.ids import new_id
from zerotrip.prevention.models import Measure, Plan, PlanStatus, Post
from zerotrip.prevention.models.posts import LONGEST_PLAN
from zerotrip.prevention.posts import actions, queries, spec
from zerotrip.prevention.posts.planning import day_of, shares, uncovered
from zerotrip.prevention.posts.rules import REASONS, may_run, planning_rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, number, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, today_of, typed

if TYPE_CHECKING:
    from zerotrip.prevention.models import Shift
    from zerotrip.prevention.posts.planning import Uncovered

TONES = {PlanStatus.ASKED: "water", PlanStatus.DRAFTED: "warn", PlanStatus.PUBLISHED: "ok", PlanStatus.DROPPED: ""}
NAMED = 5
"""People named behind a reason."""


@require_http_methods(["GET", "POST"])
@during(Measure.POSTS)
def index(request: Request) -> HttpResponse:
    """The plans there are; a POST asks for another."""
    refused: Invalid | None = None
    if request.method == "POST":
        chosen = [key for one in request.POST.getlist("posts") if (key := uuid_from(one)) is not None]
        try:
            plan = actions.ask_plan(
                area=typed(request, "area", most=15),
                posts=chosen,
                starts_on=day_or_none(request, "starts_on"),
                days=number(request, "days"),
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("desk-plan", plan.pk)
    posts = Post.objects.visible_to(request.actor).open()
    chosen_texts = set(request.POST.getlist("posts"))
    plans = Plan.objects.visible_to(request.actor).prefetch_related("posts")[:30]
    context = {
        "plans": [(plan, TONES[PlanStatus(plan.status)]) for plan in plans],
        "posts": [(post, not refused or str(post.pk) in chosen_texts) for post in posts],
        "areas": areas_of(request.actor),
        "runs": any(may_run(request.actor, seat.area_path) for seat in request.actor.seats),
        "values": request.POST
        if refused
        else {"starts_on": today_of(request).isoformat(), "days": str(LONGEST_PLAN)},
        "key": new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/plans.html", context, status=refused.status if refused else 200)


@require_GET
@during(Measure.POSTS)
def show(request: Request, plan_id: UUID) -> HttpResponse:
    """One plan: day by day who stands where, what is not covered and why, how it is shared out."""
    return _show(request, _load(request, plan_id))


def _show(request: Request, plan: Plan, refused: Invalid | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "plan": plan,
        "tone": TONES[PlanStatus(plan.status)],
        "runs": may_run(request.actor, plan.area_path),
        "values": request.POST,
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    if plan.status != PlanStatus.ASKED:
        context |= _lines(plan, request.now)
    return render(request, "desk/prevention/posts/plan.html", context, status=refused.status if refused else 200)


def _lines(plan: Plan, now: datetime) -> dict[str, Any]:
    rules = planning_rules(spec.rules())
    posts = {post.pk: post for post in plan.posts.prefetch_related("turns")}
    slots = queries.slots(posts.values(), plan.starts_on, plan.ends_on)
    people = queries.hands(plan.area_path, plan.starts_on, plan.ends_on, without=plan.pk)
    standing = queries.told_at(posts.values(), slots, of=plan)
    given = queries.given_to(slots, standing)
    gaps = {one.slot: one for one in uncovered(slots, people, given, rules)}
    there: dict[tuple[UUID, datetime], list[Shift]] = defaultdict(list)
    for shift in standing:
        there[shift.post_id, shift.starts_at].append(shift)
    days: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for slot in slots:
        gap = gaps.get(slot)
        line = {
            "slot": slot,
            "post": posts[slot.post],
            "shifts": there[slot.post, slot.starts_at],
            "gap": gap,
            "why": _why(gap) if gap else [],
            "lacking": _skills(gap) if gap else [],
            "over": slot.ends_at <= now,
            "key": new_id(),
        }
        days[day_of(slot.starts_at)].append(line)
    own = shares(people, given, rules)
    names = {hand.worker: hand.name for hand in people}
    table = sorted(((names[key], *counts) for key, counts in own.items()), key=lambda row: (-row[1], row[0]))
    return {
        "days": list(days.items()),
        "gaps": len(gaps),
        "given": len(given),
        "people": sorted(people, key=lambda hand: hand.name),
        "shares": table,
    }


def _skills(gap: Uncovered) -> list[str]:
    names = spec.rules().named()
    return [names.get(skill, skill) for skill in gap.skills]


def _why(gap: Uncovered) -> list[str]:
    """What keeps those who could fill a gap from it, in words."""
    if not gap.reasons:
        return [_("没有会的人") if gap.skills and not gap.missing else _("没有可以安排的人")]
    found = []
    for reason, named in gap.reasons.items():
        names = _("、").join(named[:NAMED])
        more = _(" 等 %(count)s 人") % {"count": len(named)} if len(named) > NAMED else ""
        found.append(_("%(why)s：%(names)s%(more)s") % {"why": REASONS[reason], "names": names, "more": more})
    return found


@require_POST
@during(Measure.POSTS)
def act(request: Request, plan_id: UUID, step: str) -> HttpResponse:
    """Put somebody on a turn, take somebody off, publish, or do without."""
    plan = _load(request, plan_id)
    reason = typed(request, "reason", most=200)
    try:
        if step == "give":
            _give(request, plan, reason)
            messages.success(request, _("已安排。"))
        elif step == "take":
            shift = uuid_from(typed(request, "shift"))
            if shift is not None:
                actions.take(shift, reason=reason, by=request.actor, at=request.now)
            messages.success(request, _("已取消这个班。"))
        elif step == "publish":
            actions.publish(plan.pk, by=request.actor, at=request.now)
            messages.success(request, _("已发布，每个人都会收到通知。"))
        else:
            actions.drop_plan(plan.pk, by=request.actor, at=request.now)
            messages.success(request, _("已作废。"))
    except Invalid as refused:
        return _show(request, plan, refused)
    return redirect("desk-plan", plan.pk)


def _give(request: Request, plan: Plan, reason: str) -> None:
    post, worker = uuid_from(typed(request, "post")), uuid_from(typed(request, "worker"))
    starts_at = _moment(typed(request, "starts_at", most=40))
    if post is None or worker is None or starts_at is None:
        raise Invalid(_("还不能安排。"), {"worker": [_("请选择人员。")]})
    actions.give(
        plan.pk,
        post=post,
        starts_at=starts_at,
        worker=worker,
        reason=reason,
        by=request.actor,
        at=request.now,
        key=uuid_from(typed(request, "key")) or new_id(),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _load(request: Request, plan_id: UUID) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.actor), pk=plan_id)
