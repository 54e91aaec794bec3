"""Duty posts at the desk: where people stand, who stands there, the code they sign on with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotAllowed
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, colleagues
from zerotrip.prevention.models import Gap, Measure, Post, Shift, Site, Swap, Worker, WorkerKind
from zerotrip.prevention.picture import rows
from zerotrip.prevention.picture.lines import Part
from zerotrip.prevention.posts import actions, spec
from zerotrip.prevention.posts.codes import STEP
from zerotrip.prevention.posts.codes import code_of as sign_code
from zerotrip.prevention.posts.rules import may_enter, may_lead, may_run, minutes_late
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.counted import asked_of, counted_in
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.web.shifts import weekdays, wishes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from zerotrip.errors import Refusal
    from zerotrip.parties.models import Party

TURNS = 6
"""Rows of turns in the form."""
LISTED = 20
"""Gaps, and swaps to decide, that are listed: the earliest."""
NEAR = timedelta(days=2)
"""Around now, of which a post shows its shifts."""


@require_GET
@during(Measure.POSTS)
def index(request: Request) -> HttpResponse:
    """The posts, what of the next day is not staffed, and swaps that wait for a decision."""
    counted = counted_in(request)
    posts = rows.posts(counted.asked) if counted else _open_posts(request)
    swaps = Swap.objects.visible_to(request.actor).open().filter(agreed_at__isnull=False)
    parts = "shift__post", "shift__worker__person", "other__person", "returned"
    listed = list(swaps.select_related(*parts).order_by("shift__during", "pk")[:LISTED])
    gaps = Gap.objects.filter(post__in=posts, ends_at__gt=request.now).select_related("post")
    on = Shift.objects.told().filter(
        post__in=posts, signed_on_at__isnull=False, signed_off_at=None, during__contains=request.now
    )
    there: dict[UUID, int] = {}
    for post_id in on.values_list("post", flat=True):
        there[post_id] = there.get(post_id, 0) + 1
    context = {
        "counted": counted,
        "posts": [(post, there.get(post.pk, 0)) for post in posts],
        "gaps": gaps[:LISTED],
        "more_gaps": _more(gaps),
        "skills": spec.rules().named(),
        "swaps": list(zip(listed, actions.words_against(listed), strict=True)),
        "more_swaps": _more(swaps),
        "waiting": Worker.objects.visible_to(request.actor).enlisted().filter(accepted_at=None).count(),
        "runs": bool(_runs(request)),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/index.html", context)


def _more(rows: QuerySet[Any]) -> int:
    """How many there are beside those that are listed."""
    return max(0, rows.count() - LISTED)


def _open_posts(request: Request) -> list[Post]:
    found = Post.objects.visible_to(request.actor).open()
    return list(found.select_related("lead__person").prefetch_related("turns"))


@require_GET
@during(Measure.POSTS)
def turns(request: Request) -> HttpResponse:
    """Everybody the turns of a day ask for, as far as they have begun: who signed on when, and where nobody is."""
    counted = counted_in(request)
    asked = counted.asked if counted else asked_of(request)
    posts = {post.pk: post for post in rows.posts(asked)}
    found = rows.stands(asked, list(posts.values()))
    if counted is not None:
        found = [one for one in found if counted.part in (Part.DUE, one.part)]
    context = {
        "counted": counted,
        "day": asked.day,
        "stands": [(one, posts[one.slot.post]) for one in found],
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/turns.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.POSTS)
def new(request: Request) -> HttpResponse:
    """Set a post up."""
    if not _runs(request):
        raise NotAllowed(_("值班岗位由负责这个区域的工作人员管理。"))
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@during(Measure.POSTS)
def edit(request: Request, post_id: UUID) -> HttpResponse:
    """Change a post."""
    post = _load(request, post_id)
    if not may_lead(post, request.actor) or post.closed_at is not None:
        raise NotAllowed(_("由岗位负责人办理。"))
    return _form(request, post)


def _form(request: Request, post: Post | None) -> HttpResponse:
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            post = actions.put_post(
                _typed(request),
                area=typed(request, "area", most=15),
                key=post.pk if post else uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已保存。"))
            return redirect("desk-post-of-duty", post.pk)
    people: dict[UUID, tuple[UUID, str, Party | None]] = {
        seat.person.account.pk: (seat.person.account.pk, seat.person.name, seat.organisation)
        for seat in colleagues({seat.department_id for seat in request.actor.seats}, at=request.now)
    }
    if post is not None:
        people.setdefault(post.lead_id, (post.lead_id, post.lead.person.name, None))
    values = request.POST if refused else _values_of(post) if post else {"lead": str(request.actor.user_id)}
    turns = _rows(request) if refused else _turns_of(post)
    skills = request.POST.getlist("skills") if refused else post.skills if post else []
    sites = Site.objects.visible_to(request.actor).open_on(today_of(request)).filter(kind__in=["gate", "post"])
    context = {
        "post": post,
        "values": values,
        "turns": turns,
        "areas": areas_of(request.actor),
        "people": people.values(),
        "skills": [(skill, skill.id in skills) for skill in spec.rules().skills],
        "sites": sites.order_by("name"),
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/form.html", context, status=refused.status if refused else 200)


@require_GET
@during(Measure.POSTS)
def show(request: Request, post_id: UUID) -> HttpResponse:
    """One post: who stands there now, who comes next, who was late or absent."""
    return _show(request, _load(request, post_id))


def _show(request: Request, post: Post, refused: Invalid | None = None, about: UUID | None = None) -> HttpResponse:
    near = Shift.objects.told().filter(post=post).between(request.now - NEAR, request.now + NEAR)
    rules = spec.rules()
    lines = [
        {
            "shift": shift,
            "late": minutes_late(shift, rules),
            "absent": shift.signed_on_at is None
            and request.now >= shift.starts_at + timedelta(minutes=rules.missed_minutes),
            "begun": shift.starts_at <= request.now,
            "open": about == shift.pk,
            "enters": may_enter(shift, request.actor),
        }
        for shift in near.select_related("worker__person", "post")
    ]
    context = {
        "post": post,
        "area": area_names({code_of(post.area_path)}).get(code_of(post.area_path), ""),
        "lines": lines,
        "skills": [rules.named().get(skill, skill) for skill in post.skills],
        "gaps": Gap.objects.filter(post=post, ends_at__gt=request.now)[:10],
        "leads": may_lead(post, request.actor),
        "runs": may_run(request.actor, post.area_path),
        "history": history(post.pk).order_by("-seq")[:10],
        "values": request.POST,
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/show.html", context, status=refused.status if refused else 200)


@require_POST
@during(Measure.POSTS)
def close(request: Request, post_id: UUID) -> HttpResponse:
    """Man a post no longer."""
    post = _load(request, post_id)
    try:
        actions.close_post(post.pk, reason=typed(request, "reason", most=400), by=request.actor, at=request.now)
    except Invalid as refused:
        return _show(request, post, refused)
    messages.success(request, _("已撤岗。"))
    return redirect("desk-posts")


@require_POST
@during(Measure.POSTS)
def enter(request: Request, post_id: UUID, shift_id: UUID) -> HttpResponse:
    """Enter when somebody came and went, for who has no telephone."""
    post = _load(request, post_id)
    day = typed(request, "day", most=10)
    on, off = (moment_of(day, typed(request, name, most=5)) for name in ("on", "off"))
    if on is not None and off is not None and off < on:
        off += timedelta(days=1)
    try:
        actions.enter_by_hand(
            shift_id, on=on, off=off, reason=typed(request, "reason", most=200), by=request.actor, at=request.now
        )
    except Invalid as refused:
        return _show(request, post, refused, about=shift_id)
    messages.success(request, _("已补记。"))
    return redirect("desk-post-of-duty", post.pk)


@require_GET
@during(Measure.POSTS)
def code(request: Request, post_id: UUID) -> HttpResponse:
    """The code of a post, for a screen that stands there: big digits, and a QR code that leads to signing on."""
    post = _load(request, post_id)
    if not may_lead(post, request.actor):
        raise NotAllowed(_("由岗位负责人办理。"))
    import segno  # slow to load, seldom drawn

    digits = sign_code(bytes(post.secret), request.now)
    address = f"{settings.SITE_URL}{reverse('my-shifts')}?code={digits}"
    context = {
        "post": post,
        "digits": f"{digits[:3]} {digits[3:]}",
        "qr": segno.make(address, error="m").svg_inline(scale=6, border=2),
        "left": STEP - int(request.now.timestamp()) % STEP,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/code.html", context)


@require_GET
@during(Measure.POSTS)
def people(request: Request) -> HttpResponse:
    """Those who stand at posts, those who wait to be accepted first."""
    return _people(request)


def _people(request: Request, refused: Refusal | None = None) -> HttpResponse:
    rows = Worker.objects.visible_to(request.actor).enlisted().select_related("person")
    names = spec.rules().named()
    page = page_of(request, rows.order_by("accepted_at", "person__name", "pk"), size=50)
    days = dict(weekdays())
    lines = [
        {
            "worker": row,
            "skills": [names.get(skill, skill) for skill in row.skills],
            "days": [days[day] for day in row.weekdays],
            "may": may_run(request.actor, row.area_path),
        }
        for row in page.object_list
    ]
    known = {row.person_id for row in Worker.objects.enlisted().only("person")}
    seats = colleagues({seat.department_id for seat in request.actor.seats}, at=request.now)
    others = {seat.person_id: seat.person for seat in seats if seat.person_id not in known}
    context = {
        "page": page,
        "lines": lines,
        "others": sorted(others.values(), key=lambda person: person.name),
        "areas": areas_of(request.actor),
        "skills": spec.rules().skills,
        "runs": bool(_runs(request)),
        "key": new_id(),
        "values": request.POST,
        **refused_with(refused if isinstance(refused, Invalid) else None),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/posts/people.html", context, status=refused.status if refused else 200)


@require_POST
@during(Measure.POSTS)
def enlist(request: Request) -> HttpResponse:
    """Put a colleague among those who stand at posts."""
    person = uuid_from(typed(request, "person"))
    mine = {seat.person_id for seat in colleagues({s.department_id for s in request.actor.seats}, at=request.now)}
    try:
        if person not in mine:
            raise Invalid(_("还不能加入。"), {"person": [_("请选择同事。")]})
        actions.enlist(
            wishes_of(request, kind=WorkerKind.STAFF),
            area=typed(request, "area", most=15),
            key=uuid_from(typed(request, "key")) or new_id(),
            by=request.actor,
            at=request.now,
            person=person,
        )
    except Invalid as refused:
        return _people(request, refused)
    messages.success(request, _("已加入，可以排班了。"))
    return redirect("desk-post-people")


@require_POST
@during(Measure.POSTS)
def act(request: Request, worker_id: UUID, step: str) -> HttpResponse:
    """Accept somebody, or take them off."""
    if step == "accept":
        actions.accept(worker_id, by=request.actor, at=request.now)
        messages.success(request, _("已通过，本人会收到通知。"))
    else:
        try:
            actions.leave(worker_id, reason=typed(request, "reason", most=200), by=request.actor, at=request.now)
        except Invalid as refused:
            return _people(request, refused)
        messages.success(request, _("已移出。"))
    return redirect("desk-post-people")


@require_POST
@during(Measure.POSTS)
def settle(request: Request, swap_id: UUID, step: str) -> HttpResponse:
    """Decide on a swap that would break a rule."""
    if step == "confirm":
        actions.confirm(swap_id, reason=typed(request, "reason", most=200), by=request.actor, at=request.now)
        messages.success(request, _("已同意换班，双方会收到通知。"))
    else:
        actions.refuse(swap_id, by=request.actor, at=request.now)
        messages.success(request, _("没有同意换班，双方会收到通知。"))
    return redirect("desk-posts")


def _load(request: Request, post_id: UUID) -> Post:
    rows = Post.objects.visible_to(request.actor).select_related("lead__person", "site").prefetch_related("turns")
    return get_object_or_404(rows, pk=post_id)


def _runs(request: Request) -> list[str]:
    return [seat.area_path for seat in request.actor.seats if may_run(request.actor, seat.area_path)]


def _typed(request: Request) -> actions.Described:
    turns = []
    for row in _rows(request):
        if any(row.values()):
            start, end, people = (_hour(row[name]) for name in ("start", "end", "people"))
            hours = 0 if start is None or end is None else (end - start) % 24 or 24
            turns.append((99 if start is None else start, hours, people or 0))
    return actions.Described(
        name=typed(request, "name", most=200),
        place=typed(request, "place", most=400),
        outside=typed(request, "outside") == "1",
        skills=request.POST.getlist("skills"),
        turns=turns,
        lead=uuid_from(typed(request, "lead")),
        site=uuid_from(typed(request, "site")),
        gaps_meant=typed(request, "gaps") == "1",
    )


def _hour(text: str) -> int | None:
    text = text.partition(":")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _rows(request: Request) -> list[dict[str, str]]:
    names = ("start", "end", "people")
    return [{name: typed(request, f"{name}{place}", most=5) for name in names} for place in range(TURNS)]


def _turns_of(post: Post | None) -> list[dict[str, str]]:
    given = [(turn.starts, turn.hours, turn.people) for turn in post.turns.all()] if post else _USUAL
    rows = [
        {"start": f"{start:02}:00", "end": f"{(start + hours) % 24:02}:00", "people": str(people)}
        for start, hours, people in given
    ]
    return rows + [{"start": "", "end": "", "people": ""}] * (TURNS - len(rows))


_USUAL = ((7, 8, 2), (15, 8, 2), (23, 8, 2))
"""What the form of a new post is filled in with."""


def _values_of(post: Post) -> Mapping[str, Any]:
    covered = {(turn.starts + hour) % 24 for turn in post.turns.all() for hour in range(turn.hours)}
    return {
        "name": post.name,
        "place": post.place,
        "outside": "1" if post.outside else "",
        "lead": str(post.lead_id),
        "site": str(post.site_id or ""),
        "gaps": "1" if len(covered) < 24 else "",
    }
