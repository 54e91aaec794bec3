"""Offers and wants: looked through by everybody, entered and brought together by those signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zerotrip.catalogue.queries import district_path
from zerotrip.errors import Invalid, NotFound
from zerotrip.parties.models import Party
from zerotrip.parties.queries import area_path_of, streets
from zerotrip.relief.matching import actions, queries
from zerotrip.relief.matching.access import load_introduction, load_offer, own_side
from zerotrip.relief.matching.actions.entering import party_for
from zerotrip.relief.models import Introduction, Meeting, Resource, ResourceStatus
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable, typed
from zerotrip.web.resources.entering import EntryPage
from zerotrip.web.resources.meeting import MeetingPage
from zerotrip.web.resources.meeting import act as take_step

if TYPE_CHECKING:
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import Side

PAGE_SIZE = 20
SECTION = {"section": "resources"}


@require_safe
def index(request: Request) -> HttpResponse:
    """The kinds there are, how many offers of each can be had, and where to begin."""
    kinds = queries.kinds()
    stock = queries.stock(kinds)
    waiting = len(queries.waiting(request.actor)) if request.actor.user_id else 0
    context = {"kinds": [(kind, stock.get(slug, 0)) for slug, kind in kinds.items()], "waiting": waiting}
    return render(request, "portal/resources/index.html", context | SECTION)


@require_safe
def shelf(request: Request, slug: str) -> HttpResponse:
    """The offers of a kind, without whose they are; narrowed by area and words."""
    kind = queries.kind_of(slug)
    area = request.GET.get("area", "")
    area = area if area.isascii() and area.isdigit() and len(area) <= 15 else ""
    text = storable(request.GET.get("q", "")).strip()[:60]
    found = queries.shelf(kind=slug, area_path=area_path_of(area) if area else "", text=text)
    page = page_of(request, found, size=PAGE_SIZE)
    path = district_path()
    context: dict[str, Any] = {
        "kind": kind,
        "kinds": queries.kinds().values(),
        "page": page,
        "faces": queries.faces(page.object_list, {slug: kind}, contact=False),
        "areas": streets([path]) if path else [],
        "area": area,
        "q": text,
        "query": "&".join(f"{name}={value}" for name, value in (("area", area), ("q", text)) if value),
    }
    return render(request, "portal/resources/shelf.html", context | SECTION)


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """What waits for one's answer, and one's own offers and wants."""
    kinds = queries.kinds(withdrawn=True)
    page = page_of(request, queries.own(request.actor), size=PAGE_SIZE)
    waiting = [(row, own_side(row, request.actor), kinds[row.kind]) for row in queries.waiting(request.actor)]
    context = {
        "page": page,
        "faces": queries.faces(page.object_list, kinds, contact=True),
        "waiting": [_asked(row, side, kind) for row, side, kind in waiting],
        "kinds": list(queries.kinds().values()),
    }
    return render(request, "portal/resources/mine.html", context | SECTION)


def _asked(row: Introduction, side: Side | None, kind: Kind) -> dict[str, Any]:
    """A proposal in a list: its own side, the other, and the reason that says most."""
    own, other = (row.offer, row.want) if side == "offer" else (row.want, row.offer)
    reasons = [reason[side or "want"] for reason in row.reasons]
    return {"row": row, "kind": kind, "own": own, "other": other, "reason": reasons[0] if reasons else {}}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: Request, slug: str, side: str) -> HttpResponse:
    """Enter an offer or a want: one short form. With ``for``, it asks for an offer one has seen."""
    if side not in ("offer", "want"):
        raise NotFound(_("没有找到这个页面。"))
    kind, asked = queries.kind_of(slug), _asked_for(request)
    standing = cast("Side", side)
    if request.method != "POST":
        return _form(request, EntryPage.fresh(request, kind, standing), asked=asked)
    page = EntryPage.sent(request, kind, standing)
    try:
        made = _publish(request, page, asked)
    except Invalid as refused:
        page.refuse(refused)
        return _form(request, page, asked=asked, status=422)
    messages.success(request, _("已发布。有合适的会马上告诉您。"))
    return redirect("resource", made.pk)


@transaction.atomic
def _publish(request: Request, page: EntryPage, asked: Resource | None) -> Resource:
    party = party_for(uuid_from(page.typed["party"]) or _parties(request)[0].pk, request.actor)
    by, at = request.actor, request.now
    made = actions.publish(page.kind.id, page.side, party, page.entry, key=page.key, by=by, at=at)
    if asked is not None and page.side == "want" and asked.kind == made.kind:
        row = actions.introduce(asked, made, by=by, at=at)
        actions.agree(row, "want", by=by, at=at)
    return made


def _asked_for(request: Request) -> Resource | None:
    """The offer somebody pressed a button for, while it can be had."""
    key = uuid_from(request.GET.get("for") or request.POST.get("for"))
    found = Resource.objects.available().filter(pk=key, side="offer").first() if key else None
    return None if found is None or found.party_id in request.actor.acts_for else found


def _form(
    request: Request,
    page: EntryPage,
    *,
    asked: Resource | None = None,
    edited: Resource | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": page, "asked": asked, "edited": edited, "parties": [] if edited else _parties(request)}
    return render(request, "portal/resources/form.html", context | SECTION, status=status)


def _parties(request: Request) -> list[Party]:
    """In whose name one may enter something: the enterprises one acts for, else one's own."""
    whose = request.actor.represents or request.actor.acts_for
    return list(Party.objects.live().filter(pk__in=whose).order_by("name"))


def _own(request: Request, resource_id: UUID) -> Resource:
    found = Resource.objects.own(request.actor).select_related("party").filter(pk=resource_id).first()
    if found is None:
        raise NotFound(_("没有找到这条供需信息。"))
    return found


@require_safe
def show(request: Request, resource_id: UUID) -> HttpResponse:
    """One's own entry with whom it meets; anybody else's offer by its public face."""
    own = Resource.objects.own(request.actor).select_related("party").filter(pk=resource_id).first()
    if own is not None:
        return _own_page(request, own)
    offer = load_offer(resource_id)
    kind = queries.kind_of(offer.kind, withdrawn=True)
    context = {
        "face": queries.faces([offer], {kind.id: kind}, contact=False)[0],
        "kind": kind,
        "wants": Resource.objects.own(request.actor).available().filter(kind=offer.kind, side="want")[:10],
        "met": Introduction.objects.visible_to(request.actor).filter(offer=offer).first()
        if request.actor.acts_for
        else None,
    }
    return render(request, "portal/resources/offer.html", context | SECTION)


def _own_page(request: Request, resource: Resource, *, refused: Invalid | None = None) -> HttpResponse:
    kind = queries.kind_of(resource.kind, withdrawn=True)
    side: Side = resource.stands
    met = queries.meetings(resource, request.actor)
    others = {row.pk: row.want if side == "offer" else row.offer for row in met}
    faces = {face.resource.pk: face for face in queries.faces(others.values(), {kind.id: kind}, contact=False)}
    rows: list[dict[str, Any]] = [
        {
            "row": row,
            "face": faces[others[row.pk].pk],
            "reasons": [reason[side] for reason in row.reasons][:3],
            "agreed": getattr(row, f"{side}_agreed_at") is not None,
        }
        for row in met
    ]
    live = (Meeting.PROPOSED, Meeting.INTRODUCED, Meeting.SUCCEEDED)
    context = {
        "face": queries.faces([resource], {kind.id: kind}, contact=True)[0],
        "kind": kind,
        "met": [one for one in rows if one["row"].status in live],
        "past": [one for one in rows if one["row"].status not in live],
        "live": resource.status in (ResourceStatus.OPEN, ResourceStatus.ASLEEP),
        "refused": refused,
    }
    return render(request, "portal/resources/mine_one.html", context | SECTION, status=422 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: Request, resource_id: UUID) -> HttpResponse:
    """Change one's entry."""
    resource = _own(request, resource_id)
    kind = queries.kind_of(resource.kind, withdrawn=True)
    side: Side = resource.stands
    if request.method != "POST":
        return _form(request, EntryPage.of(resource, kind), edited=resource)
    page = EntryPage.sent(request, kind, side)
    try:
        actions.revise(resource, page.entry, by=request.actor, at=request.now)
    except Invalid as refused:
        page.refuse(refused)
        return _form(request, page, edited=resource, status=422)
    messages.success(request, _("已保存。匹配按新的内容重新找过。"))
    return redirect("resource", resource.pk)


@require_POST
@signed_in
def act(request: Request, resource_id: UUID, step: str) -> HttpResponse:
    """Confirm or take down one's entry, or ask for somebody's offer with a want one has."""
    if step == "ask":
        return _ask(request, load_offer(resource_id))
    resource = _own(request, resource_id)
    if step == "confirm":
        actions.confirm(resource, by=request.actor, at=request.now)
        messages.success(request, _("已确认，继续展示。"))
    elif step == "withdraw":
        try:
            actions.withdraw(resource, because=typed(request, "because"), by=request.actor, at=request.now)
        except Invalid as refused:
            return _own_page(request, resource, refused=refused)
        messages.success(request, _("已撤下。"))
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("resource", resource.pk)


@transaction.atomic
def _ask(request: Request, offer: Resource) -> HttpResponse:
    want = _own(request, uuid_from(typed(request, "want")) or offer.pk)
    row = actions.introduce(offer, want, by=request.actor, at=request.now)
    actions.agree(row, "want", by=request.actor, at=request.now)
    messages.success(request, _("已告诉对方。对方同意后，双方就能看到联系方式。"))
    return redirect("introduction", row.pk)


@require_safe
@signed_in
def introduction(request: Request, introduction_id: UUID) -> HttpResponse:
    """An introduction of one's own: why it fits, how far it is, what to do next."""
    return _introduction_page(request, _meeting(request, introduction_id))


def _meeting(request: Request, introduction_id: UUID) -> Introduction:
    """An introduction in which one is a party. Staff have a page of their own at the desk."""
    row = load_introduction(introduction_id, request.actor)
    if own_side(row, request.actor) is None:
        raise NotFound(_("没有找到这次牵线。"))
    return row


def _introduction_page(
    request: Request, row: Introduction, *, refused: Invalid | None = None, opened: str = ""
) -> HttpResponse:
    context = {
        "meeting": MeetingPage(row, request),
        "row": row,
        "refused": refused,
        "opened": opened,
        "typed": request.POST if refused else {},
    }
    status = 422 if refused else 200
    return render(request, "portal/resources/introduction.html", context | SECTION, status=status)


@require_POST
@signed_in
def meet(request: Request, introduction_id: UUID, step: str) -> HttpResponse:
    """Take a step of an introduction of one's own."""
    row = _meeting(request, introduction_id)
    try:
        messages.success(request, take_step(request, row, step))
    except Invalid as refused:
        return _introduction_page(request, _meeting(request, introduction_id), refused=refused, opened=step)
    return redirect("introduction", row.pk)
