"""Every write to routing rules: put down, moved, stopped, taken away; rules that stop by themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.models import Service
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Area, AreaLevel, Party, PartyKind, Role, User
from zerotrip.parties.queries import seats_over
from zerotrip.relief.models import RoutingRule, Stopped
from zerotrip.relief.routing import facts
from zerotrip.relief.routing.finding import circle, why_stopped
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

_LOCK = 0x7A74_7275_6C65
"""Key of the advisory lock that lets the rules change one at a time."""
LONGEST_NAME = 120


@dataclass(frozen=True)
class Wish:
    """What a rule is to say: which needs, and who gets them."""

    name: str
    subjects: Collection[str] = ()
    areas: Collection[str] = ()
    when: Mapping[str, Any] | None = None
    person: UUID | None = None
    office: UUID | None = None
    role: str = ""
    green: str = ""
    team: UUID | None = None
    named: bool = False
    """Whoever is named for the firm gets it."""


def may_change(actor: Actor) -> bool:
    """Whether somebody may change the routing rules."""
    return actor.is_system or bool(actor.seats_as(Role.ADMINISTRATOR))


def _require(by: Actor) -> None:
    if not may_change(by):
        raise NotAllowed(_("分派规则由管理岗位的工作人员维护。"))


def one_at_a_time() -> int:
    """Wait for whoever changes rules; the next revision."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return (RoutingRule.objects.aggregate(latest=Max("revision"))["latest"] or 0) + 1


@transaction.atomic
def put_rule(
    wish: Wish, *, by: Actor, at: datetime, rule_id: UUID | None = None, before: int | None = None
) -> RoutingRule:
    """Write a rule down, at the end of its list or ``before`` a place (from 1); the same ``rule_id`` changes it.

    Raises NotAllowed for whoever is no administrator, Invalid with what is wrong at its place, Refused where it
    would send needs round in a circle of teams.
    """
    _require(by)
    revision = one_at_a_time()
    found = RoutingRule.objects.standing().filter(pk=rule_id).first() if rule_id else None
    rule = found or RoutingRule(pk=rule_id or new_id(), order=_last(wish.team) + 1)
    _fill(rule, wish, at=at)
    if names := circle(rule):
        raise Refused(_("这条规则会让诉求绕圈：%(names)s。") % {"names": _(" → ").join(names)})
    rule.edited = bool(rule.pack)
    rule.revision, rule.changed_at, rule.changed_by_id = revision, at, by.user_id
    rule.stopped, rule.stopped_at = "", None
    if why := why_stopped(rule, at=at):
        rule.stopped, rule.stopped_at = why, at
    details = {"name": rule.name, "to": "named" if rule.named else str(rule.person_id or rule.office_id)}
    ledger.append(rule, "change" if found else "put", by=by, at=at, details=details)
    rule.save()
    if before is not None:
        _place(rule, before)
    return rule


def _last(team: UUID | None) -> int:
    return RoutingRule.objects.filter(team=team).aggregate(last=Max("order"))["last"] or 0


def _fill(rule: RoutingRule, wish: Wish, *, at: datetime) -> None:
    problems: dict[str, list[str]] = {}
    name = " ".join(wish.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        problems["name"] = [_("请给规则起个名字，不超过 %(most)d 字。") % {"most": LONGEST_NAME}]
    needs = dict(Service.objects.filter(pk__in=wish.subjects).values_list("pk", "current__definition__category"))
    if any(needs.get(one) != "need" for one in wish.subjects):
        problems["subjects"] = [_("请从列出的主题里选。")]
    if Area.objects.filter(pk__in=wish.areas).count() != len(set(wish.areas)):
        problems["areas"] = [_("请从列出的区划里选。")]
    if (
        [wish.person is not None, wish.office is not None, wish.named].count(True) != 1
        or (
            wish.office is not None
            and not Party.objects.live().filter(pk=wish.office, kind__in=(PartyKind.DEPARTMENT, PartyKind.TEAM))
        )
        or (wish.person is not None and not User.objects.filter(pk=wish.person).exists())
    ):
        problems["target"] = [_("请选择一个人、一个部门、一个专班，或者企业的点对点专人。")]
    if wish.when is not None:
        try:
            criteria.parse(wish.when, vocabulary=facts.vocabulary())
        except criteria.Faults as faults:
            problems["when"] = [fault.message for fault in faults.faults]
    if problems:
        raise Invalid(_("规则还没有保存，请看下面的提示。"), problems)
    rule.name, rule.subjects, rule.areas = name, sorted(set(wish.subjects)), sorted(set(wish.areas))
    rule.when = dict(wish.when) if wish.when else None
    rule.person_id, rule.office_id, rule.team_id = wish.person, wish.office, wish.team
    rule.named = wish.named
    rule.role = wish.role if wish.office else ""
    rule.green = wish.green.strip()[:200]


@transaction.atomic
def move_rule(rule: RoutingRule, *, before: int, by: Actor, at: datetime) -> RoutingRule:
    """Put a rule at another place of its list, counted from 1. Raises NotAllowed, NotFound."""
    _require(by)
    revision = one_at_a_time()
    held = _standing(rule.pk)
    held.revision, held.changed_at, held.changed_by_id = revision, at, by.user_id
    ledger.append(held, "move", by=by, at=at, details={"before": before})
    held.save()
    _place(held, before)
    return held


def _place(rule: RoutingRule, before: int) -> None:
    """Number the list anew with a rule at a place. Only those that move are written."""
    others = list(RoutingRule.objects.standing().filter(team=rule.team_id).exclude(pk=rule.pk))
    others.insert(max(0, before - 1), rule)
    moved = []
    for number, one in enumerate(others, start=1):
        if one.order != number:
            one.order = number
            moved.append(one)
    RoutingRule.objects.bulk_update(moved, ["order"], batch_size=500)


@transaction.atomic
def switch_rule(rule: RoutingRule, *, on: bool, by: Actor, at: datetime) -> RoutingRule:
    """Stop following a rule, or follow it again. Raises NotAllowed, Refused while it cannot be followed."""
    _require(by)
    revision = one_at_a_time()
    held = _standing(rule.pk)
    why = why_stopped(held, at=at) if on else Stopped.BY_HAND.value
    if on and why:
        raise Refused(_("还不能启用：%(why)s。请先换人。") % {"why": Stopped(why).label})
    held.stopped, held.stopped_at = why, at if why else None
    held.revision, held.changed_at, held.changed_by_id = revision, at, by.user_id
    ledger.append(held, "follow" if on else "stop", by=by, at=at)
    held.save()
    return held


@transaction.atomic
def remove_rule(rule: RoutingRule, *, by: Actor, at: datetime) -> None:
    """Take a rule away; the history of needs it sent keeps its name. Raises NotAllowed, NotFound."""
    _require(by)
    revision = one_at_a_time()
    held = _standing(rule.pk)
    held.removed_at, held.revision, held.changed_at, held.changed_by_id = at, revision, at, by.user_id
    ledger.append(held, "remove", by=by, at=at)
    held.save()


def _standing(rule_id: UUID) -> RoutingRule:
    held = RoutingRule.objects.standing().filter(pk=rule_id).first()
    if held is None:
        raise NotFound(_("没有这条规则，可能已经删除。"))
    return held


def see_to_rules(*, at: datetime, office: UUID | None = None) -> int:
    """Stop the rules whose person left, is away with nobody standing in, or whose office is empty; tell those who
    keep the rules. Follow those again whose person came back. How many changed.

    With ``office``, only the rules that go there.
    """
    changed = 0
    by_itself = ("", Stopped.LEFT, Stopped.ABSENT, Stopped.EMPTY)
    rules = RoutingRule.objects.standing().filter(stopped__in=by_itself)
    if office is not None:
        rules = rules.filter(office=office)
    for rule in rules.select_related("office", "person__person"):
        if why_stopped(rule, at=at) != rule.stopped:
            changed += _see_to(rule.pk, at=at)
    return changed


@transaction.atomic
def _see_to(rule_id: UUID, *, at: datetime) -> bool:
    from zerotrip.parties.access import SYSTEM

    revision = one_at_a_time()
    held = RoutingRule.objects.standing().exclude(stopped=Stopped.BY_HAND).filter(pk=rule_id).first()
    why = why_stopped(held, at=at) if held else ""
    if held is None or why == held.stopped:
        return False
    held.stopped, held.stopped_at, held.revision = why, at if why else None, revision
    ledger.append(held, "stop" if why else "follow", by=SYSTEM, at=at, details={"why": why} if why else {})
    held.save()
    if why:
        _tell_keepers(held, Stopped(why), at=at)
    return True


def _tell_keepers(rule: RoutingRule, why: Stopped, *, at: datetime) -> None:
    """Tell the administrators of the district the rule is of, and supervision."""
    codes = rule.areas or Area.objects.filter(level=AreaLevel.DISTRICT).values_list("pk", flat=True)
    path = Area.objects.filter(pk__in=codes).order_by("path").values_list("path", flat=True).first() or "/"
    writes = Writes()
    for person in {
        seat.person_id for seat in seats_over((Role.ADMINISTRATOR, Role.SUPERVISOR), area_path=path, at=at)
    }:
        tell(
            writes,
            party=person,
            template="staff_rule_stopped",
            context={"rule": rule.name, "why": str(why.label)},
            link="/desk/needs/rules/",
            key=f"{rule.pk}:{rule.revision}",
            at=at,
        )
    writes.send()
