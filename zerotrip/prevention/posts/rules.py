"""Who may run posts, and what the rules of shifts say in words. The button and the guard ask the same function."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zerotrip.errors import NotAllowed, Refused
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.prevention.models import PlanStatus
from zerotrip.prevention.posts.planning import Broken, Rules
from zerotrip.prevention.posts.spec import PostsSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Plan, Post, Shift

WORDS = {
    Broken.OVERLAP: gettext_lazy("同一时间已有别的班"),
    Broken.SECOND: gettext_lazy("当天已有一个班"),
    Broken.REST: gettext_lazy("两班之间休息时间不够"),
    Broken.WEEK: gettext_lazy("这一周的班数已满"),
    Broken.WEEKDAY: gettext_lazy("这一天本人不能来"),
    Broken.NIGHT: gettext_lazy("本人不上夜班"),
}
REASONS = {
    **{rule.value: words for rule, words in WORDS.items()},
    "free": pgettext_lazy("排班", "可以安排"),
    "full": gettext_lazy("名额已排满"),
}
"""What keeps somebody from a turn, by the word of ``planning.Uncovered``."""
LATE_OFF = timedelta(hours=2)
"""After the end of a shift, until which one may sign off oneself."""


def planning_rules(spec: PostsSpec) -> Rules:
    """What of the district's rules a plan is held to."""
    return Rules(rest=spec.rest, night_from=spec.night_from, night_to=spec.night_to)


def in_words(rules: Iterable[Broken]) -> str:
    """The rules that would be broken, one after the other."""
    return _("、").join(str(WORDS[rule]) for rule in rules)


def may_run(actor: Actor, area_path: str) -> bool:
    """Whether the actor sets up posts, plans and people of an area: those who do the work of offices there."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*WORKING_ROLES))


def require_run(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless ``may_run``."""
    if not may_run(actor, area_path):
        raise NotAllowed(_("值班岗位由负责这个区域的工作人员管理。"))


def may_lead(post: Post, actor: Actor) -> bool:
    """Whether the actor answers for a post: its lead, or whoever runs the posts of its area."""
    return actor.user_id == post.lead_id or may_run(actor, post.area_path)


def require_lead(post: Post, actor: Actor) -> None:
    """Raise NotAllowed unless ``may_lead``."""
    if not may_lead(post, actor):
        raise NotAllowed(_("由岗位负责人办理。"))


def may_enter(shift: Shift, actor: Actor) -> bool:
    """Whether the actor enters by hand when somebody came and went: who ``may_lead``, but nobody of themselves."""
    return may_lead(shift.post, actor) and shift.worker.person_id != actor.person_id


def require_enter(shift: Shift, actor: Actor) -> None:
    """Raise NotAllowed unless ``may_enter``."""
    require_lead(shift.post, actor)
    if not may_enter(shift, actor):
        raise NotAllowed(_("自己的班不能自己补记，请负责这个区域的其他工作人员补记。"))


def require_changeable(plan: Plan) -> None:
    """Raise Refused for a plan that is being made, or was dropped."""
    if plan.status == PlanStatus.ASKED:
        raise Refused(_("正在排班，排好以后再改。"))
    if plan.status == PlanStatus.DROPPED:
        raise Refused(_("这份排班已经作废。"))


def why_not_on(shift: Shift, spec: PostsSpec, at: datetime) -> str:
    """Why nobody can sign on to a shift now; empty: they can."""
    if shift.dropped_at is not None or shift.published_at is None:
        return _("这个班已经取消。")
    if shift.signed_on_at is not None:
        return _("已经签到。")
    if at < shift.starts_at - timedelta(minutes=spec.early_minutes):
        return _("还没到签到时间，开始前 %(minutes)s 分钟起可以签到。") % {"minutes": spec.early_minutes}
    return _("这个班已经结束。") if at >= shift.ends_at else ""


def why_not_off(shift: Shift, at: datetime) -> str:
    """Why nobody can sign off from a shift now themselves; empty: they can."""
    if shift.signed_on_at is None:
        return _("还没有签到。")
    if shift.signed_off_at is not None:
        return _("已经签退。")
    return _("结束已经超过两小时，请岗位负责人补记签退。") if at > shift.ends_at + LATE_OFF else ""


def minutes_late(shift: Shift, spec: PostsSpec) -> int:
    """Minutes after its beginning somebody signed on, where that counts as late; else 0."""
    if shift.signed_on_at is None:
        return 0
    late = int((shift.signed_on_at - shift.starts_at).total_seconds() // 60)
    return late if late >= spec.late_minutes else 0


def credit(shift: Shift) -> int:
    """Minutes somebody stood there within their shift."""
    if shift.signed_on_at is None or shift.signed_off_at is None:
        return 0
    start, end = max(shift.signed_on_at, shift.starts_at), min(shift.signed_off_at, shift.ends_at)
    return max(0, int((end - start).total_seconds() // 60))
