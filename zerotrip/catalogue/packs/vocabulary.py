"""``facts.yaml``: which facts there are of enterprises and people. Other parts of a pack ask about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.judging import Judge, perhaps
from zerotrip.catalogue.packs.parts import Changes, Files, PackPart
from zerotrip.facts.actions import declare
from zerotrip.facts.queries import declared_by
from zerotrip.facts.spec import Announced, Case, Computation, FactSpec, FactsSpec, Kind, Total
from zerotrip.facts.trees import area_key
from zerotrip.facts.vocabulary import Unfit, Vocabulary, ends_a_period, periods_of, value_of
from zerotrip.parties.industries import Sector
from zerotrip.parties.scale import Size

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.parties.access import Actor

NAME = "facts"
MOST_PERIODS = 60
COUNTED = frozenset(
    {
        "sum",
        "difference",
        "product",
        "quotient",
        "scaled",
        "least",
        "greatest",
        "whole",
        "days",
        "months",
        "years",
        "total",
        "change",
        "cases",
        "published",
        "published_on",
    }
)
"""Ways that give a number."""
MORE_THAN_NUMBERS = {"cases": (Kind.CHOICE,), "published": (Kind.YES_NO,), "published_on": (Kind.YES_NO,)}
"""What else some of them give."""


def vocabulary_of(pack: Pack) -> Vocabulary:
    """The facts a pack declares, for whoever judges its criteria."""
    return Vocabulary.of(pack.parts.get(NAME, {}).values())


def judge(files: Files[FactsSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree among the facts of a pack."""
    for name, spec in files.items():
        _Facts(spec, judges[name]).judge()


class _Facts:
    """The facts of one file: each is judged against those before it."""

    def __init__(self, spec: FactsSpec, judge: Judge) -> None:
        self.spec, self.judge_of = spec, judge
        self.before: dict[str, FactSpec] = {}

    def judge(self) -> None:
        judge = self.judge_of
        judge.unique((each.id for each in self.spec.sources), ("sources",), "id")
        judge.unique((each.id for each in self.spec.facts), ("facts",), "id")
        sources = [each.id for each in self.spec.sources]
        for index, fact in enumerate(self.spec.facts):
            place: Place = ("facts", index)
            for at, source in enumerate(fact.sources):
                judge.known(source, sources, (*place, "sources", at), _("没有来源“%(name)s”。"))
            self.fact(fact, place)
            self.before[fact.id] = fact

    def fact(self, fact: FactSpec, place: Place) -> None:
        choosing = fact.kind in (Kind.CHOICE, Kind.MULTI_CHOICE)
        if choosing != bool(fact.choices):
            self.judge_of.fault((*place, "choices"), _("choice 和 multi_choice 要列出选项，其他类型没有选项。"))
        self.judge_of.unique((choice.value for choice in fact.choices), (*place, "choices"), "value")
        if fact.per and fact.kind not in (Kind.NUMBER, Kind.MONEY):
            self.judge_of.fault((*place, "per"), _("只有数字和金额可以按期统计。"))
        if fact.kind is Kind.MONEY and (fact.unit or fact.units):
            self.judge_of.fault((*place, "unit"), _("金额以元保存，填报时可以用元、千元、万元、亿元，不用写单位。"))
        if fact.computed is not None:
            if fact.per or fact.sources or (fact.fresh and not fact.published):
                self.judge_of.fault((*place, "computed"), _("推算的事实不写 per、sources、fresh。"))
            self.computed(fact, fact.computed, (*place, "computed"))

    def computed(self, fact: FactSpec, how: Computation, place: Place) -> None:
        way, said = how.way
        here = (*place, way)
        if way in COUNTED:
            self.counted(fact, way, said, here)
            self.gives(fact, place, Kind.NUMBER, Kind.MONEY, *MORE_THAN_NUMBERS.get(way, ()))
        elif way == "holds":
            self.criteria(said, here)
            self.gives(fact, place, Kind.YES_NO)
        elif way == "party":
            self.gives(fact, place, Kind.AREA)
        elif way == "sector":
            self.read(said, here, Kind.INDUSTRY)
            self.gives(fact, place, Kind.CHOICE)
        elif way == "reaches_scale":
            self.read(said.industry, (*here, "industry"), Kind.INDUSTRY)
            self.read(said.revenue, (*here, "revenue"), Kind.MONEY)
            self.gives(fact, place, Kind.YES_NO)
        else:
            for name, kinds in (
                ("industry", (Kind.INDUSTRY,)),
                ("staff", (Kind.NUMBER,)),
                ("revenue", (Kind.MONEY,)),
                ("assets", (Kind.MONEY,)),
            ):
                self.read(getattr(said, name), (*here, name), *kinds)
            self.gives(fact, place, Kind.CHOICE)
        self.offers(fact, way, place)

    def counted(self, fact: FactSpec, way: str, said: Any, here: Place) -> None:
        """What a number is worked out from."""
        if way == "published":
            self.published(fact, said, here)
        elif way == "published_on":
            kinds = (Kind.YES_NO,) if fact.kind is Kind.YES_NO else (Kind.NUMBER, Kind.MONEY)
            found = self.read(said.of, (*here, "of"), *kinds)
            if found is not None and not found.published:
                self.judge_of.fault((*here, "of"), _("“%(name)s”不是公布的数值（published）。") % {"name": said.of})
            self.read(said.day, (*here, "day"), Kind.DATE)
        elif way in ("least", "greatest"):
            self.bounded(said, here)
        elif way == "cases":
            self.cases(fact, said, here)
        elif way in ("scaled", "whole"):
            self.read(said.of, (*here, "of"), Kind.NUMBER, Kind.MONEY)
        elif way in ("total", "change"):
            found = self.read(said.of, (*here, "of"), Kind.NUMBER, Kind.MONEY)
            if found is not None and not found.per:
                self.judge_of.fault((*here, "of"), _("“%(name)s”不是按期统计的事实（per）。") % {"name": said.of})
            elif found is not None and way == "total":
                self.whole_periods(found, said, here)
        else:
            kinds = (Kind.DATE,) if way in ("days", "months", "years") else (Kind.NUMBER, Kind.MONEY)
            for at, name in enumerate(said):
                self.read(name, (*here, at), *kinds)

    def whole_periods(self, of: FactSpec, said: Total, place: Place) -> None:
        """What is added up are whole periods, and not too many."""
        if said.since is None or said.until is None:
            return
        if not ends_a_period(of, said.since - timedelta(days=1)):
            self.judge_of.fault((*place, "since"), _("要是一期（per）的第一天，如 2022-04-01。"))
        elif not ends_a_period(of, said.until):
            self.judge_of.fault((*place, "until"), _("要是一期（per）的最后一天，如 2022-06-30。"))
        elif len(periods_of(of, said.since, said.until)) > MOST_PERIODS:
            self.judge_of.fault(place, _("最多 %(most)d 期。") % {"most": MOST_PERIODS})

    def cases(self, fact: FactSpec, said: tuple[Case, ...], place: Place) -> None:
        """Every case but the last asks something, and each gives what the fact can be."""
        for at, case in enumerate(said):
            last = at == len(said) - 1
            if (case.when is None) != last:
                reason = _("最后一项不写 when（其他情形），前面的都要写。")
                self.judge_of.fault((*place, at), reason)
            if case.when is not None:
                self.criteria(case.when, (*place, at, "when"))
            self.value(fact, case.value, (*place, at, "value"))

    def value(self, fact: FactSpec, value: Decimal | str, place: Place) -> None:
        """A number or the name of a number before, or of a choice one of its values."""
        if isinstance(value, str) and fact.kind is not Kind.CHOICE:
            self.read(value, place, Kind.NUMBER, Kind.MONEY)
            return
        try:
            value_of(fact, value)
        except Unfit as unfit:
            self.judge_of.fault(place, str(unfit))

    def bounded(self, said: tuple[str | Decimal, ...], place: Place) -> None:
        """Facts and numbers, a fact at least: of numbers alone nothing follows."""
        names = [(at, each) for at, each in enumerate(said) if isinstance(each, str)]
        for at, name in names:
            self.read(name, (*place, at), Kind.NUMBER, Kind.MONEY)
        if not names:
            self.judge_of.fault(place, _("这里至少要有一个事实。"))

    def published(self, fact: FactSpec, values: tuple[Announced, ...], place: Place) -> None:
        """What is published is plausible, of divisions there are, and once for each division and day."""
        seen: set[tuple[str, date]] = set()
        for at, one in enumerate(values):
            try:
                if isinstance(one.value, bool) != (fact.kind is Kind.YES_NO):
                    raise Unfit(_("请写 true 或 false。") if fact.kind is Kind.YES_NO else _("请写数字。"))
                value_of(fact, one.value)
            except Unfit as unfit:
                self.judge_of.fault((*place, at, "value"), str(unfit))
            for number, code in enumerate(one.within):
                if area_key(code) is None:
                    reason = _("没有“%(value)s”这个代码。") % {"value": code}
                    self.judge_of.fault((*place, at, "within", number), reason)
            for key in {area_key(code) or code for code in one.within} or {""}:
                if (key, one.since) in seen:
                    self.judge_of.fault((*place, at, "since"), _("同一天已经有一个数值。"))
                seen.add((key, one.since))
        home = any(each.computed and each.computed.party == "area" for each in self.before.values())
        if any(one.within for one in values) and not home:
            self.judge_of.fault(place, _("分区域的数值（within）之前，要有一个 computed: {party: area} 的事实。"))

    def offers(self, fact: FactSpec, way: str, place: Place) -> None:
        """A choice that is worked out offers all that can come out."""
        out = {"sector": set(Sector.values), "size_class": set(Size.values)}.get(way, set())
        lacking = out - {choice.value for choice in fact.choices}
        if lacking and fact.kind is Kind.CHOICE:
            reason = _("选项里缺少推算得出的值：%(values)s。") % {"values": "、".join(sorted(lacking))}
            self.judge_of.fault((*place[:-1], "choices"), reason)

    def read(self, name: str, place: Place, *kinds: Kind) -> FactSpec | None:
        found = self.before.get(name)
        if found is None and any(name == each.id for each in self.spec.facts):
            reason = _("“%(name)s”写在后面，或者就是这一项自己：推算只能用前面的，不能绕成一圈。")
            self.judge_of.fault(place, reason % {"name": name})
        elif found is None:
            reason = _("前面没有“%(name)s”这个事实，推算只能用前面的。") % {"name": name}
            self.judge_of.fault(place, reason + perhaps(name, self.before))
        elif found.kind not in kinds:
            words = {"name": name, "kinds": "、".join(kinds)}
            self.judge_of.fault(place, _("“%(name)s”要是 %(kinds)s 类的事实。") % words)
            return None
        return found

    def gives(self, fact: FactSpec, place: Place, *kinds: Kind) -> None:
        if fact.kind not in kinds:
            self.judge_of.fault(place, _("这样推算出来的是 %(kinds)s。") % {"kinds": "、".join(kinds)})

    def criteria(self, tree: dict[str, Any], place: Place) -> None:
        try:
            rule = Vocabulary(self.before).rule(tree)
        except criteria.Faults as error:
            for fault in error.faults:
                self.judge_of.fault((*place, *fault.path), fault.message)
            return
        if any(leaf.wanted(None) is None for leaf in rule.leaves()):
            self.judge_of.fault(place, _("推算的条件不能用 today：答案会随日子变。请把条件写到用它的地方。"))


def load(files: Files[FactsSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make these the facts of the pack."""
    changed = declare(pack.spec.id, files.get(NAME), at=at)
    if not changed:
        return Changes()
    return Changes(made=[NAME]) if NAME in files else Changes(withdrawn=[NAME])


def stored(pack: str) -> Files[FactsSpec]:
    """What a loaded pack declares."""
    found = declared_by(pack)
    return {NAME: found} if found else {}


PART = PackPart(NAME, FactsSpec, judge, load, stored, folder=False)
