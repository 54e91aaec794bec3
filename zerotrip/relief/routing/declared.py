"""``relief.yaml`` of a pack: judged with the rest of it, and made the rules of the district."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties.actions import declare_team
from zerotrip.parties.models import Area, Party
from zerotrip.parties.queries import departments
from zerotrip.relief.models import Declaration, RoutingRule
from zerotrip.relief.routing.actions import one_at_a_time
from zerotrip.relief.routing.finding import why_stopped
from zerotrip.relief.routing.spec import ReliefSpec, RuleSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.spec import DistrictSpec
    from zerotrip.criteria import FactType
    from zerotrip.parties.access import Actor

Files = Mapping[str, ReliefSpec]


def judge(files: Files, pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Names that nothing has, criteria that do not read, and lists of teams that lead round in a circle."""
    for name, spec in files.items():
        judge = judges[name]
        areas = {area.code for area in pack.district.areas}
        offices = {one.code for one in pack.district.departments}
        teams = {one.code for one in spec.teams}
        subjects = {slug for slug, service in pack.services.items() if service.need is not None}
        judge.unique((team.code for team in spec.teams), ("teams",), "code")
        judge.unique((rule.id for rule in spec.rules), ("rules",), "id")
        for index, team in enumerate(spec.teams):
            judge.known(team.area, areas, ("teams", index, "area"), _("没有区划 %(name)s。"))
            if team.code in offices:
                judge.fault(("teams", index, "code"), _("已有代码为“%(code)s”的部门。") % {"code": team.code})
        for index, rule in enumerate(spec.rules):
            _rule(judge, rule, index, areas=areas, offices=offices, teams=teams, subjects=subjects)
            # While the facts have faults of their own, what is asked of them would only repeat those.
            if "facts" not in pack.faulty:
                _asks(judge, rule, index, vocabulary_of(pack).types)
        _circles(judge, spec)


def _rule(
    judge: Judge,
    rule: RuleSpec,
    index: int,
    *,
    areas: set[str],
    offices: set[str],
    teams: set[str],
    subjects: set[str],
) -> None:
    for at, code in enumerate(rule.areas):
        judge.known(code, areas, ("rules", index, "areas", at), _("没有区划 %(name)s。"))
    for at, slug in enumerate(rule.subjects):
        judge.known(slug, subjects, ("rules", index, "subjects", at), _("没有诉求主题“%(name)s”。"))
    if rule.department is not None:
        judge.known(rule.department, offices, ("rules", index, "department"), _("没有部门“%(name)s”。"))
    for key, team in (("team", rule.team), ("list", rule.list)):
        if team is not None:
            judge.known(team, teams, ("rules", index, key), _("没有专班“%(name)s”。"))


def _asks(judge: Judge, rule: RuleSpec, index: int, vocabulary: Mapping[str, FactType]) -> None:
    """What a rule asks of the firm is a fact there is."""
    if rule.when is not None:
        try:
            criteria.parse(rule.when, vocabulary=vocabulary)
        except criteria.Faults as error:
            for fault in error.faults:
                judge.fault(("rules", index, "when", *fault.path), fault.message)


def _circles(judge: Judge, spec: ReliefSpec) -> None:
    """A team's list that leads to a team whose list leads back."""
    onward: dict[str, set[str]] = {}
    for index, rule in enumerate(spec.rules):
        if rule.list is None or rule.team is None:
            continue
        if way := _way(onward, rule.team, rule.list):
            names = _(" → ").join([rule.list, *way])
            judge.fault(("rules", index, "team"), _("会让诉求绕圈：%(names)s。") % {"names": names})
        else:
            onward.setdefault(rule.list, set()).add(rule.team)


def _way(onward: Mapping[str, set[str]], start: str, end: str) -> list[str]:
    """The teams from one to another by the lists so far, both included; nothing where there is no way."""
    waiting, seen = [[start]], {start}
    while waiting:
        way = waiting.pop()
        if way[-1] == end:
            return way
        for team in onward.get(way[-1], set()) - seen:
            seen.add(team)
            waiting.append([*way, team])
        if end in onward.get(way[-1], ()):
            return [*way, end]
    return []


def load(files: Files, pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make the teams and rules of the district what the pack says. What was changed at the desk stays so."""
    spec = next(iter(files.values()), ReliefSpec())
    definition = spec.model_dump(mode="json", exclude_defaults=True)
    kept = Declaration.objects.filter(pack=pack.spec.id).first()
    if kept is not None and kept.definition == definition:
        return Changes()
    if kept is None and not definition:
        return Changes()
    for team in spec.teams:
        declare_team(code=team.code, name=team.name.zh, name_en=team.name.en, area=team.area, by=by, at=at)
    changes = _rules(spec, pack, by=by, at=at)
    Declaration.objects.update_or_create(pack=pack.spec.id, defaults={"definition": definition})
    return changes


def _rules(spec: ReliefSpec, pack: Pack, *, by: Actor, at: datetime) -> Changes:
    changes, revision = Changes(), one_at_a_time()
    there = {rule.key: rule for rule in RoutingRule.objects.standing().filter(pack=pack.spec.id)}
    teams = {team.code: _team(team.code, team.area) for team in spec.teams}
    for number, declared in enumerate(_each(spec.rules, pack.district), start=1):
        key, area, one = declared
        rule = there.pop(key, None)
        if rule is not None and rule.edited:
            continue
        before = _said(rule) if rule else None
        rule = rule or RoutingRule(pk=new_id(), pack=pack.spec.id, key=key)
        rule.name, rule.order, rule.green = one.name.zh[:120], number, one.green.zh[:200] if one.green else ""
        rule.subjects, rule.when, rule.role = sorted(one.subjects), one.when, one.role or ""
        rule.areas = [area] if area else sorted(one.areas)
        rule.team = teams[one.list] if one.list else None
        rule.named = one.named
        rule.office = teams[one.team] if one.team else _office(one, area, pack.district)
        if before == _said(rule):
            continue
        rule.stopped = rule.stopped or why_stopped(rule, at=at)
        rule.stopped_at = (rule.stopped_at or at) if rule.stopped else None
        rule.revision, rule.changed_at, rule.changed_by_id = revision, at, by.user_id
        ledger.append(rule, "change" if before else "put", by=by, at=at, details={"pack": pack.spec.id})
        rule.save()
        changes.made.append(key)
    for rule in there.values():
        if not rule.edited:
            rule.removed_at, rule.revision, rule.changed_at = at, revision, at
            ledger.append(rule, "remove", by=by, at=at, details={"pack": pack.spec.id})
            rule.save()
            changes.withdrawn.append(rule.key)
    return changes


def _each(rules: Iterable[RuleSpec], district: DistrictSpec) -> Iterable[tuple[str, str, RuleSpec]]:
    """Each rule with its key; one to a department that every subdistrict has is one for each of them."""
    for rule in rules:
        homes = [one.area for one in district.departments if one.code == rule.department]
        if len(homes) < 2:
            yield rule.id, "", rule
            continue
        for area in homes:
            if not rule.areas or area in rule.areas:
                yield f"{rule.id}.{area}"[:60], area, rule


def _office(rule: RuleSpec, area: str, district: DistrictSpec) -> Party | None:
    if rule.department is None:
        return None
    code = rule.department
    home = next(one.area for one in district.departments if one.code == code)
    path = Area.objects.get(pk=area or home).path
    return departments([code], area_path=path)[code]


def _team(code: str, area: str) -> Party:
    return Party.objects.live().get(code=code, area_path=Area.objects.get(pk=area).path)


def _said(rule: RoutingRule) -> tuple[object, ...]:
    return (
        *(rule.name, rule.order, rule.green, tuple(rule.subjects), tuple(rule.areas), str(rule.when), rule.role),
        *(rule.team_id, rule.office_id, rule.named),
    )


def stored(pack: str) -> Files:
    """What a loaded pack declares."""
    kept = Declaration.objects.filter(pack=pack).first()
    return {"relief": ReliefSpec.model_validate(kept.definition)} if kept and kept.definition else {}


PART: PackPart[ReliefSpec] = PackPart("relief", ReliefSpec, judge, load, stored, folder=False)
