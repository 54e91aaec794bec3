"""Plans of shifts: asked for, made by the solver, changed by hand under the same rules, published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import Measure, Plan, PlanStatus, Post, Shift, Worker
from zerotrip.prevention.models.posts import LONGEST_PLAN
from zerotrip.prevention.posts import queries, spec
from zerotrip.prevention.posts.actions.gaps import end_filled
from zerotrip.prevention.posts.planning import Broken, Slot, broken
from zerotrip.prevention.posts.rules import in_words, planning_rules, require_changeable, require_run
from zerotrip.prevention.posts.solving import Progress, solve
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

AHEAD = timedelta(days=60)
"""How far off the first day of a plan may be."""
LINK = "/my-shifts/"


@transaction.atomic
def ask_plan(
    *,
    area: str,
    posts: Sequence[UUID],
    starts_on: date | None,
    days: int | None,
    key: UUID,
    by: Actor,
    at: datetime,
    seed: int = 1,
) -> Plan:
    """Ask for a plan of some posts of an area: the worker makes it. Twice is once.

    Raises NotAllowed, Refused where posts are not in force, Invalid by field.
    """
    found = Plan.objects.filter(pk=key).first()
    if found is not None:
        return found
    area_path, today = area_path_of(area), at.astimezone(CHINA).date()
    problems: dict[str, list[str]] = {}
    if not area_path:
        problems["area"] = [_("请选择区域。")]
    else:
        require_run(by, area_path)
    if starts_on is None or not today <= starts_on <= today + AHEAD:
        problems["starts_on"] = [_("第一天从今天起，最多 60 天以后。")]
    if days is None or not 1 <= days <= LONGEST_PLAN:
        problems["days"] = [_("一次排 1 到 %(most)s 天。") % {"most": LONGEST_PLAN}]
    rows = list(Post.objects.open().filter(area_path__startswith=area_path, pk__in=posts)) if area_path else []
    if not rows or len(rows) < len(set(posts)):
        problems["posts"] = [_("请选择要排班的岗位。")]
    if problems or starts_on is None or days is None:
        raise Invalid(_("还不能排班。"), problems)
    require_in_force(Measure.POSTS, area_path, on=today)
    plan = Plan(
        pk=key,
        area_path=area_path,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        seed=seed,
        asked_by_id=by.account,
        asked_at=at,
    )
    ledger.append(plan, "ask", by=by, at=at, details={"posts": sorted(post.name for post in rows), "days": days})
    plan.save(force_insert=True)
    plan.posts.set(rows)
    writes = Writes()
    from zerotrip.prevention.tasks import plan_shifts

    writes.defer(plan_shifts, plan=str(plan.pk))
    writes.send()
    return plan


def solve_plan(plan_id: UUID, *, at: datetime, work: float = 15.0, progress: Progress | None = None) -> Plan | None:
    """Make the plan that was asked for; None where it is made, dropped or gone. Killed, it can begin anew.

    The solver works outside of any transaction. What was given meanwhile by another plan is refused by the
    database; then it is made once more with what there is now.
    """
    for _try in range(3):
        plan = Plan.objects.filter(pk=plan_id, status=PlanStatus.ASKED).first()
        if plan is None:
            return None
        rules = planning_rules(spec.rules())
        posts = list(plan.posts.prefetch_related("turns"))
        # What has begun is past; what other plans staffed already is not staffed twice.
        asked = [slot for slot in queries.slots(posts, plan.starts_on, plan.ends_on) if slot.starts_at > at]
        there = queries.given_to(asked, queries.standing_at(posts, asked))
        people = queries.hands(plan.area_path, plan.starts_on, plan.ends_on)
        left = _left(asked, there, {hand.worker: hand.skills for hand in people})
        solution = solve(left, people, rules, seed=plan.seed, work=work, progress=progress or (lambda _done: None))
        given = [(slot, worker) for slot, worker in solution.given]
        try:
            return _keep(plan_id, given, proven=solution.proven, at=at)
        except IntegrityError:
            continue
    return _fail(plan_id, _("排班期间人员安排一直在变，请稍后再排。"), at=at)


def _left(
    asked: Sequence[Slot], there: Sequence[tuple[Slot, UUID]], skills: dict[UUID, frozenset[str]]
) -> list[Slot]:
    """The turns with what is still to be staffed of them."""
    on: dict[Slot, list[UUID]] = defaultdict(list)
    for slot, worker in there:
        on[slot].append(worker)
    found = []
    for slot in asked:
        had = {skill for worker in on[slot] for skill in skills.get(worker, ())}
        people = slot.people - len(on[slot])
        if people > 0:
            lacking = tuple(skill for skill in slot.skills if skill not in had)
            found.append(Slot(slot.post, slot.starts_at, slot.ends_at, people, lacking))
    return found


@transaction.atomic
def _keep(plan_id: UUID, given: Sequence[tuple[Slot, UUID]], *, proven: bool, at: datetime) -> Plan | None:
    from zerotrip.parties.access import SYSTEM

    plan = Plan.objects.select_for_update().filter(pk=plan_id, status=PlanStatus.ASKED).first()
    if plan is None:
        return None
    paths = dict(Post.objects.filter(plans=plan).values_list("pk", "area_path"))
    Shift.objects.bulk_create(
        Shift(
            pk=new_id(),
            plan=plan,
            post_id=slot.post,
            worker_id=worker,
            area_path=paths[slot.post],
            during=DateTimeTZRange(*slot.stretch),
        )
        for slot, worker in given
    )
    plan.status, plan.progress, plan.proven, plan.made_at = PlanStatus.DRAFTED, 100, proven, at
    ledger.append(plan, "make", by=SYSTEM, at=at, details={"shifts": len(given), "proven": proven})
    plan.save()
    return plan


@transaction.atomic
def _fail(plan_id: UUID, why: str, *, at: datetime) -> Plan | None:
    from zerotrip.parties.access import SYSTEM

    plan = Plan.objects.select_for_update().filter(pk=plan_id, status=PlanStatus.ASKED).first()
    if plan is None:
        return None
    plan.status, plan.failed = PlanStatus.DROPPED, why
    ledger.append(plan, "fail", by=SYSTEM, at=at, reason=why)
    plan.save()
    return plan


@transaction.atomic
def give(
    plan_id: UUID,
    *,
    post: UUID,
    starts_at: datetime,
    worker: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    key: UUID,
) -> Shift:
    """Put somebody on a turn of a plan by hand. Twice by one key is once.

    Raises Refused with the rules it would break unless a reason sets them aside; nobody is at two posts at a
    time whatever the reason. In a published plan the person is told at once.
    """
    plan = _changeable(plan_id, by)
    found = Shift.objects.filter(pk=key).first()
    if found is not None:
        return found
    slot = _slot(plan, post, starts_at)
    if slot.ends_at <= at:
        raise Refused(_("这个班次已经过去。"))
    who = Worker.objects.ready().filter(queries.around(plan.area_path), pk=worker).select_related("person").first()
    if who is None:
        raise Invalid(_("还不能安排。"), {"worker": [_("请选择人员。")]})
    # Two who give one person a shift wait for each other here, and the second sees the first.
    Worker.objects.select_for_update().get(pk=who.pk)
    _check(who, slot, reason)
    shift = Shift(
        pk=key,
        plan=plan,
        post_id=slot.post,
        worker=who,
        area_path=Post.objects.values_list("area_path", flat=True).get(pk=slot.post),
        during=DateTimeTZRange(*slot.stretch),
        override=reason.strip()[:200],
        published_at=at if plan.status == PlanStatus.PUBLISHED else None,
    )
    ledger.append(shift, "give", by=by, at=at, reason=reason.strip()[:200])
    try:
        with transaction.atomic():
            shift.save(force_insert=True)
    except IntegrityError as error:
        raise Stale(_("这个人刚刚被安排了别的班，请刷新后再试。")) from error
    if shift.published_at is not None:
        end_filled([shift.post_id], at=at)
        _tell_one(shift, "post_shift_given", at=at)
    return shift


def _check(who: Worker, slot: Slot, reason: str) -> None:
    theirs = queries.shifts_near([(who, slot.stretch)]).of(who, slot.stretch)
    wrong = broken(queries.hand_of(who), slot.stretch, theirs, planning_rules(spec.rules()))
    if Broken.OVERLAP in wrong:
        raise Refused(_("%(name)s同一时间已有别的班，不能安排。") % {"name": who.person.name})
    if wrong and not reason.strip():
        text = _("%(name)s：%(rules)s。确实要安排的，请写明理由。") % {
            "name": who.person.name,
            "rules": in_words(wrong),
        }
        raise Invalid(text, {"reason": [text]})


@transaction.atomic
def take(shift_id: UUID, *, reason: str, by: Actor, at: datetime) -> Shift:
    """Take somebody off a turn by hand; of a published plan with a reason, and they are told. Twice is once."""
    shift = Shift.objects.visible_to(by).filter(pk=shift_id).first()
    if shift is None:
        raise NotFound(_("没有这个班。"))
    plan = _changeable(shift.plan_id, by)
    shift = Shift.objects.select_for_update(of=("self",)).select_related("post", "worker").get(pk=shift_id)
    if shift.dropped_at is not None:
        return shift
    if shift.signed_on_at is not None:
        raise Refused(_("已经签到的班不能取消。"))
    if plan.status == PlanStatus.PUBLISHED and not reason.strip():
        raise Invalid(_("还不能取消。"), {"reason": [_("已经通知过本人，请写明理由。")]})
    shift.dropped_at = at
    ledger.append(shift, "take", by=by, at=at, reason=reason.strip()[:200])
    shift.save()
    shift.swaps.filter(settled_at=None).update(settled_at=at, settled_by_id=by.account)
    if shift.published_at is not None:
        _tell_one(shift, "post_shift_taken", at=at, reason=reason.strip()[:200])
    return shift


@transaction.atomic
def publish(plan_id: UUID, *, by: Actor, at: datetime) -> Plan:
    """Publish a plan: each person on it is told of their shifts, once. Twice is once."""
    plan = _changeable(plan_id, by)
    if plan.status == PlanStatus.PUBLISHED:
        return plan
    require_in_force(Measure.POSTS, plan.area_path, on=at.astimezone(CHINA).date())
    shifts = list(plan.shifts.filter(dropped_at=None).select_related("worker", "post").order_by("during"))
    if not shifts:
        raise Refused(_("这份排班一个班也没有，不能发布。"))
    plan.status, plan.published_at = PlanStatus.PUBLISHED, at
    ledger.append(plan, "publish", by=by, at=at, details={"shifts": len(shifts)})
    plan.save()
    plan.shifts.filter(dropped_at=None).update(published_at=at)
    end_filled({shift.post_id for shift in shifts}, at=at)
    theirs: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in shifts:
        theirs[shift.worker.person_id].append(shift)
    writes = Writes()
    for person, own in theirs.items():
        tell(
            writes,
            party=person,
            template="post_shifts",
            context={"count": len(own), "post": own[0].post.name, "first": own[0].starts_at},
            link=LINK,
            key=f"post-shifts:{plan.pk}",
            at=at,
        )
    writes.send()
    return plan


@transaction.atomic
def drop_plan(plan_id: UUID, *, by: Actor, at: datetime) -> Plan:
    """Do without a plan that was not published: its shifts are free again. Twice is once."""
    plan = Plan.objects.visible_to(by).select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(_("没有这份排班。"))
    require_run(by, plan.area_path)
    if plan.status == PlanStatus.DROPPED:
        return plan
    if plan.status == PlanStatus.PUBLISHED:
        raise Refused(_("已经发布的排班不能作废，请逐个调整。"))
    plan.shifts.filter(dropped_at=None).update(dropped_at=at)
    plan.status = PlanStatus.DROPPED
    ledger.append(plan, "drop", by=by, at=at)
    plan.save()
    return plan


def _changeable(plan_id: UUID, by: Actor) -> Plan:
    plan = Plan.objects.visible_to(by).select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(_("没有这份排班。"))
    require_run(by, plan.area_path)
    require_changeable(plan)
    return plan


def _slot(plan: Plan, post: UUID, starts_at: datetime) -> Slot:
    posts = list(plan.posts.filter(pk=post).prefetch_related("turns"))
    for slot in queries.slots(posts, plan.starts_on, plan.ends_on):
        if slot.starts_at == starts_at:
            return slot
    raise NotFound(_("没有这个班次，岗位可能改过了。"))


def _tell_one(shift: Shift, template: str, *, at: datetime, reason: str = "") -> None:
    writes = Writes()
    tell(
        writes,
        party=shift.worker.person_id,
        template=template,
        context={"post": shift.post.name, "place": shift.post.place, "from": shift.starts_at, "reason": reason},
        link=LINK,
        key=f"{template}:{shift.pk}",
        at=at,
    )
    writes.send()
