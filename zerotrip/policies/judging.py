"""Whether the policies of a pack agree with its facts, and do what their examples say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.criteria import Operator, Truth
from zerotrip.criteria.facts import Today
from zerotrip.facts.vocabulary import Unfit, Vocabulary, value_of
from zerotrip.facts.worth import State, Worth, known
from zerotrip.policies.evaluating import REGION, Answer, Policy, evaluate, numeric, windows_of
from zerotrip.policies.spec import Example, PolicySpec, ShelvesSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.packs.parts import Files

GIVEN = "given"
"""Source of what an example says."""


def judge_shelves(files: Files[ShelvesSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Each shelf once."""
    for name, spec in files.items():
        judges[name].unique((shelf.id for shelf in spec.shelves), ("shelves",), "id")


def judge(files: Files[PolicySpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree in the policies of a pack, and what their examples find."""
    vocabulary = vocabulary_of(pack)
    for name, spec in files.items():
        judging = _Judging(spec, judges[name], vocabulary, pack, set(files))
        judging.names()
        # While the facts have faults of their own, what is asked of them would only repeat those.
        if "facts" not in pack.faulty and judging.criteria():
            judging.examples()
    _circles(files, judges)


def _circles(files: Files[PolicySpec], judges: Mapping[str, Judge]) -> None:
    """No policy takes the place of itself, by however many others."""
    for name in files:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            spec = files.get(waiting.pop())
            new = set(spec.replaces if spec else ()) - reached
            reached |= new
            waiting.extend(new)
        if name in reached:
            judges[name].fault(("replaces",), _("不能取代自己：这些政策绕成了一圈。"))


class _Judging:
    """One policy."""

    def __init__(
        self, spec: PolicySpec, judge: Judge, vocabulary: Vocabulary, pack: Pack, policies: set[str]
    ) -> None:
        self.spec, self.judge, self.vocabulary, self.pack, self.policies = spec, judge, vocabulary, pack, policies
        self.policy: Policy | None = None

    def names(self) -> None:
        """What is named is there."""
        spec, judge = self.spec, self.judge
        shelves = [shelf.id for each in self.pack.parts.get("shelves", {}).values() for shelf in each.shelves]
        for at, shelf in enumerate(spec.shelves if "shelves" not in self.pack.faulty else ()):
            judge.known(shelf, shelves, ("shelves", at), _("shelves.yaml 里没有“%(name)s”。"))
        departments = [each.code for each in self.pack.district.departments]
        for place, department in (
            (("department",), spec.department),
            (("unasked", "department"), spec.unasked.department if spec.unasked else None),
        ):
            if department is not None:
                judge.known(department, departments, place, _("没有部门“%(name)s”。"))
        if spec.unasked and spec.unasked.by == "us":
            self._unasked()
        if spec.benefit.choose == "highest":
            for at, tier in enumerate(spec.benefit.tiers):
                if not tier.counts:
                    judge.fault(
                        ("benefit", "tiers", at), _("就高享受（choose: highest）的，每一档都要写明金额怎么算。")
                    )
        if spec.apply and spec.apply.service:
            reason = _("没有事项“%(name)s”。")
            judge.known(spec.apply.service, self.pack.services, ("apply", "service"), reason)
        for key in ("excludes", "replaces"):
            for at, other in enumerate(getattr(spec, key)):
                judge.known(other, self.policies - {spec.id}, (key, at), _("没有另一项政策“%(name)s”。"))
        judge.unique((clause.id for clause in spec.clauses), ("clauses",), "id")
        judge.unique((tier.id for tier in spec.benefit.tiers), ("benefit", "tiers"), "id")
        asked = spec.region.code and not spec.region.anywhere and "facts" not in self.pack.faulty
        if asked and self.vocabulary.home is None:
            reason = _("facts.yaml 里要有一个 computed: {party: area} 的事实，才知道企业在哪里。")
            judge.fault(("region",), reason)
        if not spec.examples:
            judge.fault((), _("没有示例企业：请在 examples 里写明几家企业应当如何。"), warning=True)

    def _unasked(self) -> None:
        """What we pay ourselves, somebody pays, and it is a sum."""
        unasked, judge = self.spec.unasked, self.judge
        if unasked is not None and unasked.department is None:
            judge.fault(("unasked",), _("由本区发放的（by: us），要写明发放部门“department”。"))
        if self.spec.limited is not None:
            judge.fault(("limited",), _("由本区免申发放的（by: us）是给所有符合的企业，不能限名额或总额。"))
        if not any(tier.counts for tier in self.spec.benefit.tiers):
            judge.fault(("benefit",), _("由本区发放的，要在 tiers 里写明金额怎么算。"))

    def criteria(self) -> bool:
        """Every condition asks about facts there are and can hold. Whether all of it can be asked."""
        before = len(self.judge.faults)
        for index, clause in enumerate(self.spec.clauses):
            place: Place = ("clauses", index, "when")
            if clause.id == REGION:
                self.judge.fault(("clauses", index, "id"), _("“region”是由所在区域得出的条件，请换一个名称。"))
            self._rule(clause.when, place)
        numbers = numeric(self.vocabulary)
        for index, tier in enumerate(self.spec.benefit.tiers):
            place = ("benefit", "tiers", index)
            if tier.when is not None:
                self._rule(tier.when, (*place, "when"))
            for at, name in enumerate(tier.of):
                self.judge.known(name, numbers, (*place, "of", at), _("没有数字或金额类的事实“%(name)s”。"))
            if tier.no_more_than:
                reason = _("没有数字或金额类的事实“%(name)s”。")
                self.judge.known(tier.no_more_than, numbers, (*place, "no_more_than"), reason)
        for index, season in enumerate(windows_of(self.spec)):
            if season.when is not None:
                self._rule(season.when, ("apply", "windows", index, "when"))
        if any(not fault.warning for fault in self.judge.faults[before:]):
            return False
        self.policy = Policy.of(self.spec, self.vocabulary)
        self._contradictions(self.policy)
        return True

    def _rule(self, tree: Mapping[str, Any], place: Place) -> None:
        try:
            rule = self.vocabulary.rule(tree)
        except criteria.Faults as error:
            for fault in error.faults:
                self.judge.fault((*place, *fault.path), fault.message)
            return
        for leaf in rule.leaves():
            fact = self.vocabulary.facts[leaf.fact]
            if not set(self.spec.audience) & set(fact.of):
                reason = _("“%(name)s”不是这类服务对象的事实。") % {"name": leaf.fact}
                self.judge.fault(place, reason)

    def _contradictions(self, policy: Policy) -> None:
        """Clauses of which one excludes the other can hold for nobody."""
        asked = [each for each in policy.asked if isinstance(each.rule, criteria.Leaf)]
        asked += [
            type(each)(each.clause, part)
            for each in policy.asked
            if isinstance(each.rule, criteria.All)
            for part in each.rule.parts
            if isinstance(part, criteria.Leaf)
        ]
        places = {clause.id: index for index, clause in enumerate(self.spec.clauses)}
        for at, one in enumerate(asked):
            for other in asked[at + 1 :]:
                if excludes(one.rule, other.rule):
                    words = {"one": one.clause.id, "other": other.clause.id}
                    place: Place = ("clauses", places[other.clause.id], "when") if other.clause.id in places else ()
                    self.judge.fault(place, _("和“%(one)s”互相矛盾，没有企业能同时满足。") % words)

    def examples(self) -> None:
        """What the examples say comes out."""
        for index, example in enumerate(self.spec.examples):
            place: Place = ("examples", index)
            facts = self._facts(example, place)
            if facts is not None and self.policy is not None:
                answer = evaluate(self.policy, facts)
                for key, reason in differences(example, answer):
                    self.judge.fault((*place, *key), reason)

    def _facts(self, example: Example, place: Place) -> dict[str, object] | None:
        before = len(self.judge.faults)
        values: dict[str, Any] = {}
        for name, written in example.facts.items():
            spec = self.vocabulary.facts.get(name)
            if spec is None:
                reason = _("没有“%(name)s”这个事实。") % {"name": name} + perhaps(name, self.vocabulary.facts)
                self.judge.fault((*place, "facts", name), reason)
                continue
            try:
                values[name] = None if written is None else value_of(spec, written)
            except Unfit as unfit:
                self.judge.fault((*place, "facts", name), str(unfit))
        if len(self.judge.faults) > before:
            return None
        return example_facts(values, self.vocabulary, example.on, kinds=self.spec.audience)


@dataclass(frozen=True)
class _Stated:
    """A statement of an example: as of the day it is asked, or the end of the period before it."""

    name: str
    value: Any
    as_of: date
    source: str = GIVEN
    recorded_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)


def example_facts(
    values: Mapping[str, Any], vocabulary: Vocabulary, day: date, *, kinds: Iterable[str] = ("enterprise",)
) -> dict[str, object]:
    """Facts of somebody invented, an enterprise or a person: what is given, and what follows from it."""
    stated = [_Stated(name, value, day) for name, value in values.items() if not vocabulary.facts[name].computed]
    computed = [name for name in values if vocabulary.facts[name].computed]
    given = {
        name: Worth(State.KNOWN if values[name] is not None else State.MISSING, values[name], GIVEN, day)
        for name in computed
    }
    found: dict[str, object] = {}
    # A figure of a period is the latest one, whatever its date: it does not go stale in an example.
    for kind in kinds:
        found |= known(vocabulary.lasting, stated, today=day, kind=kind, given=given).facts(day)
    return found


def differences(example: Example, answer: Answer) -> Iterable[tuple[Place, str]]:
    """Where an answer is not what the example expects."""
    said: Any
    checks: list[tuple[Place, Any, Any]] = [(("expect",), example.expect, answer.truth.value)]
    truths = {each.clause.id: each.truth.value for each in answer.clauses}
    for clause, wanted in example.clauses.items():
        if clause not in truths:
            yield (("clauses", clause), _("没有条件“%(name)s”。") % {"name": clause} + perhaps(clause, truths))
        else:
            checks.append((("clauses", clause), wanted, truths[clause]))
    if example.missing is not None:
        checks.append((("missing",), sorted(example.missing), sorted(answer.wanted)))
    if example.tier is not None:
        held = [each.tier.id for each in answer.gained if each.truth is Truth.YES]
        checks.append((("tier",), list(example.tier), held))
    if example.amount is not None:
        checks.append((("amount",), _yuan(example.amount), "" if answer.amount is None else _yuan(answer.amount)))
    if example.open is not None:
        checks.append((("open",), example.open, answer.opening.truth.value if answer.opening else ""))
    for place, wanted, said in checks:
        if wanted != said:
            words = {"wanted": _plain(wanted), "said": _plain(said), "why": _why(answer)}
            yield place, _("应为 %(wanted)s，实为 %(said)s。%(why)s") % words


def _yuan(amount: Decimal | str) -> str:
    return amount if isinstance(amount, str) else f"{amount:.2f}"


def _plain(value: Any) -> str:
    return "[" + ", ".join(value) + "]" if isinstance(value, list) else str(value) or '""'


def _why(answer: Answer) -> str:
    told = [f"{each.clause.id}={each.truth.value}" for each in answer.clauses]
    if answer.wanted:
        told.append(_("缺少：%(names)s") % {"names": "、".join(answer.wanted)})
    return f"（{'，'.join(told)}）" if told else ""


def excludes(one: Any, other: Any) -> bool:
    """Whether two comparisons of the same fact can never both hold; False where that is not plain to see."""
    if one.fact != other.fact:
        return False
    for first, second in ((one, other), (other, one)):
        if first.operator is Operator.IS and not isinstance(first.value, Today):
            if any(isinstance(value, Today) for value in _values(second)):
                return False
            return second.explain({second.fact: first.value}).truth is Truth.NO
    if one.operator is Operator.IN and other.operator is Operator.IN:
        return not set(one.value) & set(other.value)
    if one.operator is Operator.WITHIN and other.operator is Operator.WITHIN:
        return not any(a.startswith(b) or b.startswith(a) for a in one.value for b in other.value)
    low, high = _bounds(one), _bounds(other)
    return _apart(low, high) or _apart(high, low)


def _values(leaf: Any) -> tuple[Any, ...]:
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


def _bounds(leaf: Any) -> tuple[Any, bool, Any, bool]:
    """Lowest, whether itself included, highest, whether itself included; None is open."""
    values = _values(leaf)
    if any(isinstance(value, Today) for value in values):
        return None, True, None, True
    match leaf.operator:
        case Operator.AT_LEAST:
            return values[0], True, None, True
        case Operator.MORE_THAN | Operator.AFTER:
            return values[0], False, None, True
        case Operator.AT_MOST:
            return None, True, values[0], True
        case Operator.LESS_THAN | Operator.BEFORE:
            return None, True, values[0], False
        case Operator.BETWEEN:
            return values[0], True, values[1], True
    return None, True, None, True


def _apart(one: tuple[Any, bool, Any, bool], other: tuple[Any, bool, Any, bool]) -> bool:
    """Whether all of the one lies below all of the other."""
    highest, included = one[2], one[3]
    lowest, too = other[0], other[1]
    if highest is None or lowest is None:
        return False
    return bool(highest < lowest or (highest == lowest and not (included and too)))
