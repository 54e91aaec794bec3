"""The routing rules: read by all staff, kept by administrators; what stopped itself says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.cases.models import TAKING_ROLES
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind
from zerotrip.parties.queries import area_choices, area_names
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.routing import facts
from zerotrip.relief.routing.actions import Wish, may_change, move_rule, put_rule, remove_rule, switch_rule
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.asking import subjects
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.templatetags.show import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAGE_SIZE = 100


def _district() -> str:
    """The path of the widest area offices serve here: what rules can be about lies in it."""
    paths = Party.objects.live().filter(kind=PartyKind.DEPARTMENT).order_by("area_path")
    return paths.values_list("area_path", flat=True).first() or "/"


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The lists in their order: who gets which needs, and which rules are not followed and why."""
    standing = RoutingRule.objects.visible_to(request.actor).standing()
    listed = standing.select_related("person__person", "office", "team").order_by("team__name", "order", "pk")
    page = page_of(request, listed, size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": _rows(page.object_list),
        "stopped": standing.exclude(stopped="").count(),
        "may": may_change(request.actor),
        **rail(request, "needs"),
    }
    return render(request, "desk/needs/rules.html", context)


def _rows(rules: Iterable[RoutingRule]) -> list[dict[str, Any]]:
    listed = list(rules)
    named = {version.service_id: str(version.spec.name) for version in subjects()}
    areas = area_names({code for rule in listed for code in rule.areas})
    return [
        {
            "rule": rule,
            "subjects": [named.get(slug, slug) for slug in rule.subjects],
            "areas": [areas.get(code, code) for code in rule.areas],
            "asks": asks_words(rule.when),
            "to": _to(rule),
        }
        for rule in listed
    ]


def _to(rule: RoutingRule) -> str:
    """Who gets what a rule fits."""
    if rule.named:
        return _("企业的点对点专人")
    return rule.person.person.name if rule.person else called(rule.office) if rule.office else ""


FACTS = ("industry", "size_class", "foreign_invested", "above_scale")
"""What this page asks of a firm, as far as the district knows such facts; packs can ask for any other."""
YES_NO = (("", gettext_lazy("都可以")), ("yes", gettext_lazy("是")), ("no", gettext_lazy("否")))


def sizes() -> dict[str, str]:
    """The size classes there are, by value."""
    known = facts.vocabulary().get("size_class")
    return {value: str(label) for value, label in known.names.items()} if known else {}


def asks_words(when: Mapping[str, Any] | None) -> list[str]:
    """What a rule asks of the firm, in words."""
    asked = asks_of(when)
    if asked is None:
        return [_("自定条件（由服务包声明）")]
    words = []
    if asked["industry"]:
        words.append(_("行业 %(code)s") % {"code": asked["industry"]})
    if asked["size_class"]:
        words.append(sizes().get(asked["size_class"], asked["size_class"]))
    if asked["foreign_invested"]:
        words.append(_("外资企业") if asked["foreign_invested"] == "yes" else _("非外资企业"))
    if asked["above_scale"]:
        words.append(_("规上企业") if asked["above_scale"] == "yes" else _("非规上企业"))
    return words


def asks_of(when: Mapping[str, Any] | None) -> dict[str, str] | None:
    """What a rule asks of the firm as this page can show and change it; None where it asks for more."""
    asked = dict.fromkeys(FACTS, "")
    parts = [] if not when else when.get("all", [when])
    for part in parts:
        name = part.get("fact") if isinstance(part, dict) else None
        if name == "industry" and isinstance(part.get("within"), str):
            asked["industry"] = part["within"]
        elif name == "size_class" and isinstance(part.get("is"), str):
            asked["size_class"] = part["is"]
        elif name in ("foreign_invested", "above_scale") and isinstance(part.get("is"), bool):
            asked[name] = "yes" if part["is"] else "no"
        else:
            return None
    return asked


def _when(request: Request, before: RoutingRule | None) -> dict[str, Any] | None:
    """The criteria that were typed; those of a pack that this page cannot show stay as they are."""
    if before is not None and asks_of(before.when) is None:
        return dict(before.when or {})
    parts: list[dict[str, Any]] = []
    if industry := typed(request, "industry", most=20).upper():
        parts.append({"fact": "industry", "within": industry})
    if size := typed(request, "size_class", most=10):
        parts.append({"fact": "size_class", "is": size})
    for name in ("foreign_invested", "above_scale"):
        if (said := typed(request, name, most=3)) in ("yes", "no"):
            parts.append({"fact": name, "is": said == "yes"})
    return {"all": parts} if parts else None


@require_http_methods(["GET", "POST"])
@staff_only
def edit(request: Request, rule_id: UUID | None = None) -> HttpResponse:
    """Write a rule down, or change one: which needs, and who gets them."""
    if not may_change(request.actor):
        raise NotAllowed(_("分派规则由管理岗位的工作人员维护。"))
    rule = _rule(request, rule_id) if rule_id else None
    if request.method == "GET":
        return _form(request, rule)
    kind, _colon, key = typed(request, "target", most=60).partition(":")
    chosen = uuid_from(key)
    wish = Wish(
        name=typed(request, "name", most=200),
        subjects=request.POST.getlist("subjects"),
        areas=[code for code in request.POST.getlist("areas") if code],
        when=_when(request, rule),
        person=chosen if kind == "p" else None,
        office=chosen if kind == "d" else None,
        role=rule.role if rule and kind == "d" and rule.office_id == chosen else "",
        green=typed(request, "green", most=200),
        team=uuid_from(typed(request, "team", most=40)),
        named=kind == "n",
    )
    order = typed(request, "order", most=6)
    before = int(order) if order.isascii() and order.isdigit() and int(order) else None
    try:
        put_rule(wish, by=request.actor, at=request.now, rule_id=rule_id, before=before)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _form(request, rule, refused=refused)
    messages.success(request, _("规则已保存，从现在起的诉求按它分派。"))
    return redirect("desk-rules")


def _rule(request: Request, rule_id: UUID) -> RoutingRule:
    found = RoutingRule.objects.visible_to(request.actor).standing().filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("没有这条规则，可能已经删除。"))
    return found


def _form(request: Request, rule: RoutingRule | None, *, refused: Refusal | None = None) -> HttpResponse:
    problems = refused.problems if isinstance(refused, Invalid) else {}
    sent = request.method == "POST"
    asked = asks_of(rule.when) if rule else dict.fromkeys(FACTS, "")
    told = {
        "name": typed(request, "name") if sent else rule.name if rule else "",
        "green": typed(request, "green") if sent else rule.green if rule else "",
        "order": typed(request, "order") if sent else rule.order if rule else "",
        "target": typed(request, "target") if sent else _target_of(rule),
        "team": typed(request, "team") if sent else str(rule.team_id or "") if rule else "",
        **{name: typed(request, name) if sent else (asked or {}).get(name, "") for name in FACTS},
    }
    context = {
        "rule": rule,
        "told": told,
        "subjects": [(version.service_id, str(version.spec.name)) for version in subjects()],
        "chosen": request.POST.getlist("subjects") if sent else rule.subjects if rule else [],
        "areas": area_choices(_district()),
        "places": request.POST.getlist("areas") if sent else rule.areas if rule else [],
        "sizes": sizes().items(),
        "asks": [name for name in FACTS if name in facts.vocabulary()],
        "yes_no": YES_NO,
        "asks_more": asked is None,
        "targets": _targets(request),
        "teams": [(str(team.pk), called(team)) for team in _teams()],
        "refused": refused,
        "problems": problems,
        **rail(request, "needs"),
    }
    return render(request, "desk/needs/rule.html", context, status=refused.status if refused else 200)


def _target_of(rule: RoutingRule | None) -> str:
    if rule is None:
        return ""
    if rule.named:
        return "n:"
    return f"p:{rule.person_id}" if rule.person_id else f"d:{rule.office_id}"


def _teams() -> Iterable[Party]:
    return Party.objects.live().filter(kind=PartyKind.TEAM).order_by("name")


def _targets(request: Request) -> list[tuple[str, str]]:
    """Whoever is named for the firm, offices and teams, then people with a seat, each once."""
    offices = (
        Party.objects.live().filter(kind__in=(PartyKind.DEPARTMENT, PartyKind.TEAM)).order_by("area_path", "name")
    )
    found = [(f"d:{one.pk}", called(one)) for one in offices]
    seats = Membership.objects.in_force(request.now).filter(kind=MembershipKind.STAFF, role__in=TAKING_ROLES)
    people = seats.filter(person__account__is_active=True).select_related("person__account", "organisation")
    named = {
        f"p:{seat.person.account.pk}": f"{seat.person.name}（{called(seat.organisation)}）"
        for seat in people.order_by("organisation__name")
    }
    return [("n:", _("企业的点对点专人")), *found, *sorted(named.items(), key=lambda one: one[1])]


@require_POST
@staff_only
def act(request: Request, rule_id: UUID, step: str) -> HttpResponse:
    """Move a rule up or down, stop it, follow it again, or take it away."""
    rule = _rule(request, rule_id)
    by, at = request.actor, request.now
    if step in ("up", "down"):
        place = (
            list(RoutingRule.objects.standing().filter(team=rule.team_id).values_list("pk", flat=True)).index(
                rule.pk
            )
            + 1
        )
        move_rule(rule, before=max(1, place + (1 if step == "down" else -1)), by=by, at=at)
    elif step in ("on", "off"):
        switch_rule(rule, on=step == "on", by=by, at=at)
    elif step == "remove":
        remove_rule(rule, by=by, at=at)
    else:
        raise NotFound(_("没有这个操作。"))
    messages.success(request, _("“%(name)s”：已记录。") % {"name": rule.name})
    return redirect("desk-rules")
