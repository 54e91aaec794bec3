"""Where a need goes: the first rule that fits and can be followed; through teams, never in a circle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.cases.actions import targets
from zerotrip.cases.models import TAKING_ROLES
from zerotrip.cases.routing import Route
from zerotrip.errors import Refused
from zerotrip.parties.models import Membership, MembershipKind, PartyKind, User
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.naming.queries import named_for
from zerotrip.relief.routing import facts
from zerotrip.relief.routing.table import Line, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.cases.models import Case
    from zerotrip.cases.routing import Target


Edition = tuple[int, UUID | None]
"""Which rules there are: the latest revision, and of which rule it was."""


@dataclass(frozen=True)
class Compiled:
    """All rules that are followed, as of an edition: a table for each list."""

    edition: Edition
    tables: dict[UUID | None, Table]
    rules: dict[UUID, RoutingRule]
    asks: bool = False
    """Whether any rule asks about the firm."""


_kept: dict[str, Compiled] = {}


def compiled() -> Compiled:
    """The rules as they are now: one light query while nothing has changed."""
    edition = RoutingRule.objects.order_by("-revision", "-pk").values_list("revision", "pk").first() or (0, None)
    kept = _kept.get("rules")
    if kept is None or kept.edition != edition:
        rules = list(RoutingRule.objects.followed().select_related("office"))
        kept = _kept["rules"] = compile_rules(rules, edition)
    return kept


def compile_rules(rules: Sequence[RoutingRule], edition: Edition = (0, None)) -> Compiled:
    """Rules as tables. One whose criteria do not read any more, because a fact is gone, fits nothing."""
    vocabulary = facts.vocabulary()
    lists: dict[UUID | None, list[Line]] = {None: []}
    for rule in rules:
        try:
            when = criteria.parse(rule.when, vocabulary=vocabulary) if rule.when else None
        except criteria.Faults:
            continue
        line = Line(rule.pk, (rule.order, str(rule.pk)), frozenset(rule.subjects), frozenset(rule.areas), when)
        lists.setdefault(rule.team_id, []).append(line)
    tables = {whose: Table(lines) for whose, lines in lists.items()}
    asks = any(line.when is not None for lines in lists.values() for line in lines)
    return Compiled(edition, tables, {rule.pk: rule for rule in rules}, asks)


def route(case: Case, *, subject: str, at: datetime) -> Route:
    """Whoever the rules name for a need; what fitted and could not be followed is told with it."""
    return _Search(case, subject, at).result()


class _Search:
    """One need on its way through the lists."""

    def __init__(self, case: Case, subject: str, at: datetime) -> None:
        self.case, self.subject, self.at = case, subject, at
        self.areas = [code for code in case.area_path.split("/") if code]
        self.rules = compiled()
        self.passed: list[str] = []

    def result(self) -> Route:
        """The whole way, from the district's list."""
        return self._through(None, ()) or Route(passed=self.passed)

    @cached_property
    def facts(self) -> Mapping[str, object]:
        """What is known of the firm; asked only where some rule asks about it."""
        return facts.facts_of(self.case.applicant_id, at=self.at) if self.rules.asks else {}

    def _through(self, whose: UUID | None, way: tuple[RoutingRule, ...]) -> Route | None:
        """The first line of a list that leads to somebody; the lists on the way so far are in ``way``."""
        for line in self.rules.tables.get(whose, Table(())).matches(self.subject, self.areas, self.facts):
            rule = self.rules.rules[line.id]
            if (found := self._follow(rule, way)) is not None:
                return found
        return None

    @cached_property
    def named(self) -> list[UUID]:
        """The accounts of those named for the firm: for the subject, then for all."""
        return list(named_for(self.case.applicant_id, subject=self.subject, at=self.at))

    def _follow(self, rule: RoutingRule, way: tuple[RoutingRule, ...]) -> Route | None:
        if rule.named and not self.named:
            return None  # most firms have nobody: nothing was passed over
        if rule.office_id is not None and rule.office_id in self.rules.tables:
            if rule.office_id in {one.office_id for one in way}:
                names = _(" → ").join(one.name for one in (*way, rule))
                self.passed.append(_("绕成了圈：%(names)s") % {"names": names})
                return None
            if (inside := self._through(rule.office_id, (*way, rule))) is not None:
                return inside
        try:
            target = self._target(rule)
        except Refused as why:
            self.passed.append(_("%(rule)s：%(why)s") % {"rule": rule.name, "why": why.message})
            return None
        return Route(target, rule=rule.name, rule_id=rule.pk, green=rule.green, passed=self.passed)

    def _target(self, rule: RoutingRule) -> Target:
        """Whoever a rule names. Raises Refused with why it cannot be them."""
        if rule.named:
            return self._named()
        if rule.person_id is not None:
            target = targets.of_person(rule.person_id, area_path=self.case.area_path, at=self.at)
            self._require_apart(target)
            return target
        if rule.office_id is None:
            raise AssertionError("a rule goes to a person, to an office, or to whoever is named for the firm")
        return targets.of_office(rule.office_id, area_path=self.case.area_path, at=self.at, role=rule.role)

    def _named(self) -> Target:
        """Whoever is named for the firm, for the subject or for all. Raises Refused with why nobody of them can."""
        reasons: list[str] = []
        for account in self.named:
            try:
                target = targets.of_person(account, area_path=self.case.area_path, at=self.at)
                self._require_apart(target)
            except Refused as why:
                reasons.append(str(why.message))
                continue
            return target
        raise Refused("".join(reasons))

    def _require_apart(self, target: Target) -> None:
        agents = Membership.objects.in_force(self.at).filter(kind=MembershipKind.AGENT)
        if agents.filter(person=target.person, organisation=self.case.applicant_id).exists():
            raise Refused(_("%(name)s是申请人一方或由其代办，应当回避。") % {"name": target.name})


def why_stopped(rule: RoutingRule, *, at: datetime) -> str:
    """Why a rule cannot be followed at all now: who it names left or is away, or nobody is there. Else nothing."""
    seats = Membership.objects.in_force(at).filter(kind=MembershipKind.STAFF, organisation__ended_at=None)
    seats = seats.filter(person__account__is_active=True).select_related("person__account", "organisation")
    if rule.person_id is not None:
        person = User.objects.get(pk=rule.person_id).person_id
        held = list(seats.filter(person=person, role__in=TAKING_ROLES))
        if not held:
            return "left"
        return "" if targets.reachable(held, at=at) else "absent"
    if rule.named:
        return ""  # of which firm, a need will tell
    there = seats.filter(organisation=rule.office_id)
    if rule.role:
        there = there.filter(role=rule.role)
    return "" if there.exists() else "empty"


def circle(rule: RoutingRule) -> list[str]:
    """The names of the teams a rule would close a circle of, from its own list round to it again; else nothing."""
    if rule.team_id is None or rule.office_id is None:
        return []
    if rule.office is None or rule.office.kind != PartyKind.TEAM:
        return []
    onward: dict[UUID, list[RoutingRule]] = {}
    others = RoutingRule.objects.standing().filter(team__isnull=False, office__kind=PartyKind.TEAM)
    for one in others.exclude(pk=rule.pk).select_related("office", "team"):
        if one.team_id is not None:
            onward.setdefault(one.team_id, []).append(one)
    start = rule.team.name if rule.team else ""
    waiting: list[tuple[UUID, tuple[str, ...]]] = [(rule.office_id, (start, rule.office.name))]
    seen: set[UUID] = set()
    while waiting:
        team, names = waiting.pop()
        if team == rule.team_id:
            return list(names)
        if team not in seen:
            seen.add(team)
            waiting += [
                (one.office_id, (*names, one.office.name))
                for one in onward.get(team, [])
                if one.office_id and one.office
            ]
    return []
