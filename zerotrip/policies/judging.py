"""Whether the policies of a pack agree with its facts, and do what their examples say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.criteria import Leaf, Operator, Truth
from zerotrip.criteria.facts import Today
from zerotrip.facts.spec import Kind
from zerotrip.facts.vocabulary import Vocabulary, plain
from zerotrip.policies.evaluating import REGION, Policy, numeric, windows_of
from zerotrip.policies.examples import Judged
from zerotrip.policies.spec import Limited, PolicySpec, ShelvesSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.packs.parts import Files
    from zerotrip.facts.spec import FactSpec


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
            self._limited(self.spec.limited)
        if not any(tier.counts for tier in self.spec.benefit.tiers):
            judge.fault(("benefit",), _("由本区发放的，要在 tiers 里写明金额怎么算。"))

    def _limited(self, limited: Limited) -> None:
        """A run keeps to so many places or so much money where it can count them, and tell who comes first."""
        judge = self.judge
        if limited.places is None and limited.budget is None:
            judge.fault(("limited",), _("由本区免申发放的（by: us），要写明名额“places”或总额“budget”。"))
        if not limited.rank:
            reason = _("由本区免申发放的（by: us），要在“rank”里写明按哪些事实排先后。")
            judge.fault(("limited",), reason)
        if self.spec.apply and self.spec.apply.service:
            reason = _("限名额或总额的，不能又由本区免申发放、又在本包的事项里申请：两边的数对不上。")
            judge.fault(("limited",), reason)

    def _ranks(self) -> None:
        """Who comes first is told by numbers or dates there are."""
        for at, rank in enumerate(self.spec.limited.rank if self.spec.limited else ()):
            place: Place = ("limited", "rank", at)
            kinds = (Kind.DATE,) if rank.first in ("earliest", "latest") else (Kind.NUMBER, Kind.MONEY)
            names = {name for name, fact in self.vocabulary.facts.items() if fact.kind in kinds}
            reason = (
                _("没有日期类的事实“%(name)s”。") if Kind.DATE in kinds else _("没有数字或金额类的事实“%(name)s”。")
            )
            self.judge.known(rank.fact, names, (*place, "fact"), reason)

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
        self._ranks()
        for index, season in enumerate(windows_of(self.spec)):
            if season.when is not None:
                self._rule(season.when, ("apply", "windows", index, "when"))
        if any(not fault.warning for fault in self.judge.faults[before:]):
            return False
        self.policy = Policy.of(self.spec, self.vocabulary)
        self._contradictions(self.policy)
        self._out_of_reach(self.policy)
        return not any(not fault.warning for fault in self.judge.faults[before:])

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
            self._plausible(leaf, fact, place)

    def _plausible(self, leaf: Leaf, fact: FactSpec, place: Place) -> None:
        """A number beyond what the fact can be has mostly the wrong unit: 5.5 for 5.5 %."""
        for value in values_of(leaf):
            beyond = isinstance(value, Decimal) and (
                (fact.at_most is not None and value > fact.at_most)
                or (fact.at_least is not None and value < fact.at_least)
            )
            if beyond:
                words = {"value": plain(value), "label": fact.label, "low": fact.at_least, "high": fact.at_most}
                words = {key: "…" if said is None else said for key, said in words.items()}
                reason = _("%(value)s 超出了“%(label)s”可能的数（%(low)s 到 %(high)s），请核对单位：5%% 写 0.05。")
                self.judge.fault(place, reason % words)

    def _contradictions(self, policy: Policy) -> None:
        """Clauses of which one excludes the other can hold for nobody."""
        asked = [(each.clause.id, leaf) for each in policy.asked for leaf in joined(each.rule)]
        places = {clause.id: index for index, clause in enumerate(self.spec.clauses)}
        for at, (one, first) in enumerate(asked):
            for other, second in asked[at + 1 :]:
                if excludes(first, second):
                    place: Place = ("clauses", places[other], "when") if other in places else ()
                    reason = _("这一条自相矛盾，没有企业能满足。") if one == other else ""
                    reason = reason or _("和“%(one)s”互相矛盾，没有企业能同时满足。") % {"one": one}
                    self.judge.fault(place, reason)

    def _out_of_reach(self, policy: Policy) -> None:
        """A tier whose condition excludes a clause is for nobody the clauses let in."""
        asked = [(each.clause.id, leaf) for each in policy.asked for leaf in joined(each.rule)]
        for index, (_tier, rule) in enumerate(policy.tiers):
            leaves = list(joined(rule)) if rule else []
            for one in [clause for clause, leaf in asked for own in leaves if excludes(leaf, own)][:1]:
                reason = _("和条件“%(one)s”互相矛盾，没有企业能得到这一档。") % {"one": one}
                self.judge.fault(("benefit", "tiers", index, "when"), reason)

    def examples(self) -> None:
        """What the examples say comes out."""
        assert self.policy is not None  # noqa: S101  the criteria were judged
        for index, example in enumerate(self.spec.examples):
            Judged(self.policy, self.vocabulary, self.judge, example, ("examples", index)).judge()


def joined(rule: criteria.Rule) -> Iterator[criteria.Leaf]:
    """The comparisons that all have to hold, at whatever depth."""
    if isinstance(rule, criteria.Leaf):
        yield rule
    elif isinstance(rule, criteria.All):
        for part in rule.parts:
            yield from joined(part)


def excludes(one: Any, other: Any) -> bool:
    """Whether two comparisons of the same fact can never both hold; False where that is not plain to see."""
    if one.fact != other.fact:
        return False
    for first, second in ((one, other), (other, one)):
        if first.operator is Operator.IS and not isinstance(first.value, Today):
            if any(isinstance(value, Today) for value in values_of(second)):
                return False
            return second.explain({second.fact: first.value}).truth is Truth.NO
    if one.operator is Operator.IN and other.operator is Operator.IN:
        return not set(one.value) & set(other.value)
    if one.operator is Operator.WITHIN and other.operator is Operator.WITHIN:
        return not any(a.startswith(b) or b.startswith(a) for a in one.value for b in other.value)
    low, high = _bounds(one), _bounds(other)
    return _apart(low, high) or _apart(high, low)


def values_of(leaf: Any) -> tuple[Any, ...]:
    """What a comparison compares with, one or several."""
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


def _bounds(leaf: Any) -> tuple[Any, bool, Any, bool]:
    """Lowest, whether itself included, highest, whether itself included; None is open."""
    values = values_of(leaf)
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
