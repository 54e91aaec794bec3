"""Which facts there are, as the loaded packs say: types for criteria, units, trust in sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip import criteria
from zerotrip.criteria import FactKind, FactType
from zerotrip.facts.spec import FactSpec, FactsSpec, Kind, SourceSpec
from zerotrip.facts.trees import area_key
from zerotrip.parties.industries import industries, industry, search, told
from zerotrip.workdays.limits import months_after

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[Kind, FactKind] = {
    Kind.TEXT: FactKind.TEXT,
    Kind.NUMBER: FactKind.NUMBER,
    Kind.MONEY: FactKind.MONEY,
    Kind.DATE: FactKind.DATE,
    Kind.YES_NO: FactKind.BOOLEAN,
    Kind.CHOICE: FactKind.CHOICE,
    Kind.MULTI_CHOICE: FactKind.SET,
    Kind.INDUSTRY: FactKind.TREE,
    Kind.AREA: FactKind.TREE,
}
NUMERIC = frozenset({FactKind.NUMBER, FactKind.MONEY})
COMPUTED = "computed"
"""Source of what follows from other facts."""
YUAN = {"元": Decimal(1), "千元": Decimal(1_000), "万元": Decimal(10_000), "亿元": Decimal(10) ** 8}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
LONGEST_TEXT = 400


class Unfit(ValueError):
    """A value that a fact does not take; the message says why, for whoever typed it."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The facts there are by name, in the order declared, and who states them."""

    facts: Mapping[str, FactSpec] = field(default_factory=dict)
    sources: Mapping[str, SourceSpec] = field(default_factory=dict)

    @classmethod
    def of(cls, specs: Iterable[FactsSpec]) -> Vocabulary:
        """What several packs say together; of a name that two declare the first one's holds."""
        facts: dict[str, FactSpec] = {}
        sources: dict[str, SourceSpec] = {}
        for spec in specs:
            facts = {**{each.id: each for each in spec.facts}, **facts}
            sources = {**{each.id: each for each in spec.sources}, **sources}
        return cls(facts, sources)

    @cached_property
    def types(self) -> dict[str, FactType]:
        """What criteria compare."""
        return {name: type_of(spec) for name, spec in self.facts.items()}

    @cached_property
    def holding(self) -> dict[str, criteria.Rule]:
        """The rules of the facts that say whether something holds, parsed once. Raises criteria.Faults."""
        computed = {name: spec.computed for name, spec in self.facts.items() if spec.computed}
        return {name: self.rule(how.holds) for name, how in computed.items() if how.holds}

    @cached_property
    def deciding(self) -> dict[str, tuple[tuple[criteria.Rule | None, Decimal | str], ...]]:
        """Of the facts that differ by case, the rule and the value of each, parsed once. Raises criteria.Faults."""
        return {
            name: tuple((self.rule(case.when) if case.when else None, case.value) for case in spec.computed.cases)
            for name, spec in self.facts.items()
            if spec.computed and spec.computed.cases
        }

    @cached_property
    def lasting(self) -> Vocabulary:
        """The same facts, none of which goes stale: for examples."""
        facts = {
            name: spec if spec.computed else spec.model_copy(update={"fresh": None})
            for name, spec in self.facts.items()
        }
        return Vocabulary(facts, self.sources)

    @cached_property
    def home(self) -> str | None:
        """The fact that says where an enterprise is, as the register has it."""
        return next((n for n, spec in self.facts.items() if spec.computed and spec.computed.party == "area"), None)

    def of_kind(self, party: str) -> list[FactSpec]:
        """The facts of an enterprise, or of a person."""
        return [spec for spec in self.facts.values() if party in spec.of]

    def source_name(self, source: str) -> str:
        """What people call a source."""
        if source == COMPUTED:
            return _("推算")
        known = self.sources.get(source)
        return str(known.name) if known else source

    def trust(self, source: str) -> int:
        """How early a source is believed: 1 is first; one there is no more comes last."""
        return self.sources[source].trust if source in self.sources else 99

    def rule(self, tree: Mapping[str, Any]) -> criteria.Rule:
        """A rule over these facts. Raises criteria.Faults."""
        return criteria.parse(tree, vocabulary=self.types)


def type_of(spec: FactSpec) -> FactType:
    """How criteria compare a fact."""
    return FactType(
        KINDS[spec.kind],
        spec.label,
        frozenset(choice.value for choice in spec.choices) if spec.choices else None,
        unit=unit_of(spec),
        names={choice.value: choice.label for choice in spec.choices} or _tree_names(spec.kind),
        key=_KEYS.get(spec.kind),
    )


def unit_of(spec: FactSpec) -> object:
    """The unit of a fact's values, for people."""
    return gettext_lazy("元") if spec.kind is Kind.MONEY else (spec.unit or "")


def industry_key(code: str) -> str | None:
    """The key of an industry of GB/T 4754: ``3921`` and ``C3921`` are ``C3921``; None for no such code."""
    found = industry(code)
    return found.written if found else None


_KEYS: dict[Kind, Callable[[str], str | None]] = {Kind.INDUSTRY: industry_key, Kind.AREA: area_key}


class _Industries(Mapping[str, object]):
    """What industries are called, by key."""

    def __getitem__(self, key: str) -> object:
        found = industry(key)
        if found is None:
            raise KeyError(key)
        return found.label

    def __iter__(self) -> Iterator[str]:
        return (one.written for one in industries())

    def __len__(self) -> int:
        return len(industries())


def _tree_names(kind: Kind) -> Mapping[str, object]:
    return _Industries() if kind is Kind.INDUSTRY else {}


def value_of(spec: FactSpec, written: object, *, unit: str = "") -> Any:
    """A stated value as it is kept: JSON, money in yuan, numbers as text. Raises Unfit.

    ``unit`` is the one it is stated in, where that is not the fact's own.
    """
    value = _READERS[spec.kind](spec, written)
    if spec.kind not in (Kind.NUMBER, Kind.MONEY):
        if unit and unit != str(unit_of(spec)):
            raise Unfit(_("“%(label)s”没有单位“%(unit)s”。") % {"label": spec.label, "unit": unit})
        return value
    number = value * _factor(spec, unit)
    if spec.at_least is not None and number < spec.at_least:
        raise Unfit(_("不能小于 %(least)s。") % {"least": plain(spec.at_least)})
    if spec.at_most is not None and number > spec.at_most:
        raise Unfit(_("不能大于 %(most)s，请核对单位。") % {"most": plain(spec.at_most)})
    if abs(number) >= Decimal(10) ** 18:
        raise Unfit(_("数太大了，请核对单位。"))
    return plain(number)


def _factor(spec: FactSpec, unit: str) -> Decimal:
    own = {spec.unit.zh, spec.unit.en} if spec.unit else set()
    if not unit or unit in own:
        return Decimal(1)
    units = {**YUAN, **spec.units} if spec.kind is Kind.MONEY else spec.units
    if unit not in units:
        known = "、".join([*sorted(own - {""}), *units])
        words = {"label": spec.label, "unit": unit, "known": known or _("无单位")}
        raise Unfit(_("“%(label)s”不能用“%(unit)s”，可用：%(known)s。") % words)
    return units[unit]


def plain(number: Decimal) -> str:
    """A number without a needless zero or exponent: ``1200``, ``0.055``."""
    text = f"{number.normalize():f}"
    return "0" if text == "-0" else text


def _text(spec: FactSpec, written: object) -> str:
    if not isinstance(written, str) or not written.strip() or len(written) > LONGEST_TEXT:
        raise Unfit(_("请写文字，最多 %(most)d 字。") % {"most": LONGEST_TEXT})
    return written.strip()


def _number(spec: FactSpec, written: object) -> Decimal:
    tidy = written.strip().replace(",", "").replace("，", "") if isinstance(written, str) else written
    number = criteria.facts.read(FactKind.NUMBER, tidy)
    if not isinstance(number, Decimal) or len(number.as_tuple().digits) > 24:
        raise Unfit(_("请写数字。"))
    return number


def _date(spec: FactSpec, written: object) -> str:
    day = criteria.facts.read(FactKind.DATE, written)
    if not isinstance(day, date) or not 1800 <= day.year <= 2200:
        raise Unfit(_("请写日期，如 2026-01-31。"))
    return day.isoformat()


_YES = {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def _yes_no(spec: FactSpec, written: object) -> bool:
    found = written if isinstance(written, bool) else _YES.get(str(written).strip().lower())
    if found is None:
        raise Unfit(_("请写“是”或“否”。"))
    return found


def _choice(spec: FactSpec, written: object) -> str:
    text = str(written).strip() if written is not None else ""
    for choice in spec.choices:
        if text in (choice.value, choice.label.zh, choice.label.en):
            return choice.value
    known = "、".join(str(choice.label) for choice in spec.choices)
    raise Unfit(_("没有“%(value)s”，可选：%(known)s。") % {"value": text[:60], "known": known})


def _multi_choice(spec: FactSpec, written: object) -> list[str]:
    parts = written.replace("，", "、").split("、") if isinstance(written, str) else written
    if not isinstance(parts, list | tuple | set | frozenset):
        raise Unfit(_("请列出若干选项。"))
    return sorted({_choice(spec, part) for part in parts if part != ""})


def _place(spec: FactSpec, written: object) -> str:
    key = _KEYS[spec.kind](str(written).strip()) if isinstance(written, str | int) else None
    if key is None:
        raise Unfit(_("没有“%(value)s”这个代码。") % {"value": str(written)[:60]})
    return key


def _industry(spec: FactSpec, written: object) -> str:
    text = str(written).strip() if isinstance(written, str | int) else ""
    found = told(text)
    if found is None:
        near = search(text, limit=1) if len(text) > 1 and not text.isascii() else []
        hint = _("是不是“%(name)s”？") % {"name": f"{near[0].written} {near[0].name}"} if near else ""
        raise Unfit(_("国民经济行业分类里没有“%(value)s”这个代码或名称。") % {"value": text[:60]} + hint)
    return found.written


_READERS: dict[Kind, Callable[[FactSpec, object], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.DATE: _date,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.MULTI_CHOICE: _multi_choice,
    Kind.INDUSTRY: _industry,
    Kind.AREA: _place,
}


def ends_a_period(spec: FactSpec, day: date) -> bool:
    """Whether a figure of a period may be dated so: by the last day of the period."""
    if not spec.per:
        return True
    after = day + timedelta(days=1)
    return after.day == 1 and (after.month - 1) % MONTHS[spec.per] == 0


def year_before(spec: FactSpec, day: date) -> date:
    """The last day of the same period a year before the one that ends with ``day``."""
    return period_before(spec, day, 12 // MONTHS[spec.per])


def periods_of(spec: FactSpec, since: date, until: date) -> list[date]:
    """The last days of the periods from one day to another, latest first."""
    days = [until]
    while (before := period_before(spec, days[-1])) >= since:
        days.append(before)
    return days


def period_before(spec: FactSpec, day: date, count: int = 1) -> date:
    """The last day of the period so many before the one that ends with ``day``."""
    return months_after(day + timedelta(days=1), -count * MONTHS[spec.per]) - timedelta(days=1)
