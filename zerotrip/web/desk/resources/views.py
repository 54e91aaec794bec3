"""Offers and wants of one's area: found, entered in a firm's name, brought together by hand, counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.cases.models import Case
from zerotrip.cases.queries import file_of
from zerotrip.cases.states import Status
from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger.queries import history
from zerotrip.parties import mandates
from zerotrip.parties.models import HANDS
from zerotrip.parties.queries import area_path_of, streets
from zerotrip.relief.matching import actions, queries
from zerotrip.relief.matching.access import load, load_introduction, may_manage, own_side
from zerotrip.relief.models import Introduction, Meeting, Resource, ResourceStatus, Side
from zerotrip.relief.models.resources import SEEING_ROLES
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.desk.boards.asking import PERIODS, question_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.needs.matched import begun
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable, typed
from zerotrip.web.resources.entering import EntryPage
from zerotrip.web.resources.meeting import SAID, Line, MeetingPage
from zerotrip.web.resources.meeting import act as take_step
from zerotrip.web.workbooks import as_csv
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from zerotrip.cases.queries import File
    from zerotrip.parties.models import Party
    from zerotrip.relief.matching.queries import Sums
    from zerotrip.relief.matching.spec import Side as SideName

PAGE_SIZE = 30
MOST_LINES = 20_000


def _frame(request: Request) -> dict[str, Any]:
    return rail(request, "resources")


def _streets(request: Request) -> list[tuple[str, str]]:
    return streets([seat.area_path for seat in request.actor.seats_as(*SEEING_ROLES)])


def _code(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) <= 15 else ""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The entries of one's area, narrowed by what they are."""
    kinds = queries.kinds(withdrawn=True)
    asked = {
        "kind": request.GET.get("kind", "") if request.GET.get("kind", "") in kinds else "",
        "side": request.GET.get("side", "") if request.GET.get("side", "") in Side.values else "",
        "status": request.GET.get("status", "") if request.GET.get("status", "") in ResourceStatus.values else "",
        "area": _code(request.GET.get("area", "")),
        "q": storable(request.GET.get("q", "")).strip()[:60],
    }
    found = queries.entered(
        request.actor,
        kind=asked["kind"],
        side=asked["side"],
        status=asked["status"],
        area_path=area_path_of(asked["area"]) or "-" if asked["area"] else "",
        text=asked["q"],
    )
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "page": page,
        "faces": queries.faces(page.object_list, kinds, contact=True),
        "asked": asked,
        "narrowed": any(asked.values()),
        "kinds": kinds.values(),
        "sides": Side.choices,
        "statuses": ResourceStatus.choices,
        "areas": _streets(request),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "may_enter": _may_enter(request),
        **_frame(request),
    }
    return render(request, "desk/resources/index.html", context)


def _may_enter(request: Request) -> bool:
    return bool(request.actor.seats_as(*HANDS))


@require_GET
@staff_only
def choose(request: Request) -> HttpResponse:
    """Of which kind, and which side of it."""
    _require_worker(request)
    context = {"kinds": queries.kinds().values(), **_frame(request)}
    return render(request, "desk/resources/choose.html", context)


def _require_worker(request: Request) -> None:
    if not _may_enter(request):
        raise NotAllowed(_("代企业发布由有办理岗位的工作人员操作。"))


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request, slug: str, side: str) -> HttpResponse:
    """Enter something in a firm's name: the firm by its code, registered where nobody knew it; or from a need, with
    what is known of it."""
    _require_worker(request)
    if side not in Side.values:
        raise NotFound(_("没有找到这个页面。"))
    kind, standing = queries.kind_of(slug), cast("SideName", side)
    file = _need(request)
    if request.method != "POST":
        known = begun(file, kind, standing) if file else None
        return _form(request, EntryPage.fresh(request, kind, standing, known), need=file)
    page = EntryPage.sent(request, kind, standing)
    try:
        made = _publish(request, page, file)
    except Invalid as refused:
        page.refuse(refused)
        return _form(request, page, need=file, status=422)
    if file is None:
        messages.success(request, _("已代企业发布。有合适的会马上通知企业和您。"))
        return redirect("desk-resource", made.pk)
    messages.success(request, _("已登记，合适的列在下面；以后有新的会马上通知企业。"))
    return redirect(f"{reverse('desk-case', args=[file.case.number])}#matched")


def _need(request: Request) -> File | None:
    """The need something is entered for. Raises NotFound for one this person may not see."""
    number = typed(request, "need", most=24) or storable(request.GET.get("need", ""))[:24]
    if not number:
        return None
    file = file_of(staff_case(request, number), request.actor, at_desk=True)
    if file.spec.need is None or file.case.status == Status.CLOSED:
        raise NotFound(_("没有找到这件诉求，或者已经办结。"))
    return file


@transaction.atomic
def _publish(request: Request, page: EntryPage, need: File | None) -> Resource:
    by, at = request.actor, request.now
    if need is not None:
        case = need.case
        return actions.publish(
            page.kind.id, page.side, case.applicant, page.entry, key=page.key, by=by, at=at, need=case
        )
    firm: Party = mandates.register_enterprise(
        name=typed(request, "firm", most=120), uscc=typed(request, "uscc", most=30), by=by, at=at
    )
    return actions.publish(page.kind.id, page.side, firm, page.entry, key=page.key, by=by, at=at)


def _form(
    request: Request,
    page: EntryPage,
    *,
    edited: Resource | None = None,
    need: File | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": page,
        "need": need.case if need else None,
        "edited": edited,
        "firm": typed(request, "firm", most=120) or storable(request.GET.get("firm", ""))[:120],
        "uscc": typed(request, "uscc", most=30) or storable(request.GET.get("uscc", ""))[:30],
        **_frame(request),
    }
    return render(request, "desk/resources/form.html", context, status=status)


def _load(request: Request, resource_id: UUID) -> Resource:
    """An entry one sees by one's seat; one's own is at the portal."""
    resource = load(resource_id, request.actor)
    if resource.party_id in request.actor.acts_for:
        raise NotFound(_("这是您本人或您所代表企业的信息，请到“我的供需”查看。"))
    return resource


@require_GET
@staff_only
def show(request: Request, resource_id: UUID) -> HttpResponse:
    """An entry in full, whom it meets, and whom it could be brought together with by hand."""
    return _page(request, _load(request, resource_id))


def _page(request: Request, resource: Resource, *, refused: Invalid | None = None) -> HttpResponse:
    kind = queries.kind_of(resource.kind, withdrawn=True)
    met = queries.meetings(resource, request.actor)
    offered = resource.side == Side.OFFER
    live = resource.status in (ResourceStatus.OPEN, ResourceStatus.ASLEEP)
    managed = may_manage(resource, request.actor)
    text = storable(request.GET.get("q", "")).strip()[:60]
    open_now = resource.status == ResourceStatus.OPEN and managed
    across = queries.across(resource, request.actor, text=text) if open_now else []
    context = {
        "face": queries.faces([resource], {kind.id: kind}, contact=True)[0],
        "kind": kind,
        "needs": _needs(request, resource.need_id),
        "met": [(row, row.want if offered else row.offer) for row in met],
        "across": queries.faces(across, {kind.id: kind}, contact=False),
        "by_hand": open_now,
        "q": text,
        "live": live,
        "managed": managed,
        "history": [
            Line(str(SAID.get(entry.action, entry.action)), entry.actor_name, entry.at, entry.reason)
            for entry in reversed(list(history(resource.pk)))
        ],
        "refused": refused,
        **_frame(request),
    }
    return render(request, "desk/resources/show.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
@staff_only
def edit(request: Request, resource_id: UUID) -> HttpResponse:
    """Change an entry in the firm's name."""
    resource = _load(request, resource_id)
    if not may_manage(resource, request.actor):
        raise NotAllowed(_("只有发布的一方或所在地的工作人员可以操作。"))
    kind = queries.kind_of(resource.kind, withdrawn=True)
    if request.method != "POST":
        return _form(request, EntryPage.of(resource, kind), edited=resource)
    page = EntryPage.sent(request, kind, resource.stands)
    try:
        actions.revise(resource, page.entry, by=request.actor, at=request.now)
    except Invalid as refused:
        page.refuse(refused)
        return _form(request, page, edited=resource, status=422)
    messages.success(request, _("已保存。匹配按新的内容重新找过。"))
    return redirect("desk-resource", resource.pk)


@require_POST
@staff_only
def act(request: Request, resource_id: UUID, step: str) -> HttpResponse:
    """Confirm an entry, take it down, or bring it together with another by hand."""
    resource = _load(request, resource_id)
    by, at = request.actor, request.now
    if step == "confirm":
        actions.confirm(resource, by=by, at=at)
        messages.success(request, _("已确认，继续展示。"))
    elif step == "withdraw":
        try:
            actions.withdraw(resource, because=typed(request, "because"), by=by, at=at)
        except Invalid as refused:
            return _page(request, resource, refused=refused)
        messages.success(request, _("已撤下。"))
    elif step == "introduce":
        return _introduce(request, resource)
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("desk-resource", resource.pk)


def _introduce(request: Request, resource: Resource) -> HttpResponse:
    other = Resource.objects.available().filter(pk=uuid_from(typed(request, "other")) or resource.pk).first()
    if other is None:
        raise NotFound(_("对方已经落实、撤下或正在预留中。"))
    offer, want = (resource, other) if resource.side == Side.OFFER else (other, resource)
    note = typed(request, "note", most=500)
    row = actions.introduce(offer, want, note=note, by=request.actor, at=request.now)
    messages.success(request, _("已牵线，双方都会收到通知。"))
    return redirect("desk-introduction", row.pk)


@require_GET
@staff_only
def introduction(request: Request, introduction_id: UUID) -> HttpResponse:
    """An introduction with both sides, and what can be done for those of one's area."""
    return _introduction_page(request, _meeting(request, introduction_id))


def _meeting(request: Request, introduction_id: UUID) -> Introduction:
    row = load_introduction(introduction_id, request.actor)
    if own_side(row, request.actor) is not None:
        raise NotFound(_("这是您本人或您所代表企业的信息，请到“我的供需”查看。"))
    return row


def _introduction_page(
    request: Request, row: Introduction, *, refused: Invalid | None = None, opened: str = ""
) -> HttpResponse:
    page = MeetingPage(row, request)
    context = {
        "meeting": page,
        "row": row,
        "needs": _needs(request, row.offer.need_id, row.want.need_id),
        "refused": refused,
        "opened": opened,
        "side": typed(request, "side", most=5) if refused else "",
        "typed": request.POST if refused else {},
        **_frame(request),
    }
    return render(request, "desk/resources/introduction.html", context, status=422 if refused else 200)


def _needs(request: Request, *keys: UUID | None) -> list[Case]:
    """The needs something was entered for, as far as this person may see them: the way back to them."""
    found = [key for key in keys if key is not None]
    return list(Case.objects.visible_to(request.actor).filter(pk__in=found)) if found else []


@require_POST
@staff_only
def meet(request: Request, introduction_id: UUID, step: str) -> HttpResponse:
    """Take a step of an introduction in the name of a firm of one's area."""
    row = _meeting(request, introduction_id)
    try:
        messages.success(request, take_step(request, row, step))
    except Invalid as refused:
        return _introduction_page(request, _meeting(request, introduction_id), refused=refused, opened=step)
    return redirect("desk-introduction", row.pk)


@require_GET
@staff_only
def board(request: Request) -> HttpResponseBase:
    """What offers and wants came to in a period, for both sides, with the list behind it."""
    question = question_of(request.GET, at=request.now)
    period = question.asked.period
    since, until = (datetime.combine(day, time(), tzinfo=CHINA) for day in (period.since, period.until))
    kind = request.GET.get("kind", "")
    scope: dict[str, Any] = {"since": since, "until": until, "area_path": question.asked.area}
    rows = [row for row in queries.board(request.actor, **scope) if row.any]
    found = queries.concluded(request.actor, **scope, kind=kind)
    kinds = queries.kinds(withdrawn=True)
    if request.GET.get("as") == "csv":
        name = _("供需对接 %(since)s 至 %(last)s.csv") % {"since": period.since, "last": period.last}
        return as_csv(name, _lines(found[:MOST_LINES], kinds))
    page = page_of(request, found, size=PAGE_SIZE)
    query = question.query() + (f"&{urlencode({'kind': kind})}" if kind else "")
    context = {
        "rows": rows,
        "tiles": _tiles(rows),
        "page": page,
        "concluded": [(row, kinds[row.kind]) for row in page],
        "question": question,
        "period": period,
        "periods": PERIODS.items(),
        "kinds": kinds.values(),
        "kind": kind,
        "areas": _streets(request),
        "query": query,
        "csv": f"?{query}&as=csv",
        **_frame(request),
    }
    return render(request, "desk/resources/board.html", context)


def _tiles(rows: list[Sums]) -> list[tuple[str, int, str]]:
    """The numbers that matter: title, number, what it is of."""
    placed, met = sum(row.placed for row in rows), sum(row.met for row in rows)
    failed = sum(row.failed for row in rows)
    ended = max(placed, met) + failed
    share = _("谈成 %(share)d%%") % {"share": round(100 * max(placed, met) / ended)} if ended else ""
    return [
        (_("供给落实"), placed, _("本辖区的供给找到了去处")),
        (_("需求落实"), met, _("本辖区的需求找到了来源")),
        (_("牵线"), sum(row.introduced for row in rows), _("双方都同意、看到了联系方式")),
        (_("没谈成"), failed, share),
    ]


def _lines(found: Any, kinds: dict[str, Any]) -> Iterator[list[Any]]:
    yield [
        _("种类"),
        _("供给"),
        _("供给方"),
        _("需求"),
        _("需求方"),
        _("结果"),
        _("数量"),
        _("单位"),
        _("登记"),
        _("说明"),
        _("日期"),
    ]
    sources = {"offer": _("供给方"), "want": _("需求方"), "staff": _("工作人员")}
    for row in found.iterator(chunk_size=1000):
        kind = kinds[row.kind].spec
        done = row.status == Meeting.SUCCEEDED
        yield [
            kind.name,
            row.offer.title,
            row.offer.party.name,
            row.want.title,
            row.want.party.name,
            row.get_status_display(),
            queries.plain(row.amount).replace(",", "") if done else "",
            kind.outcome.unit if done else "",
            sources.get(row.outcome_from, ""),
            row.outcome_note,
            f"{row.ended_at.astimezone(CHINA):%Y-%m-%d}",
        ]
