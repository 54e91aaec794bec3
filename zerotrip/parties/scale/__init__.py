"""How large an enterprise is: its statistical size class, and whether it is counted as above-scale.

Both are pure functions of its industry and figures over tables that are data. A figure that is not known gives
an answer that says so, which one is missing, and whether it would matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from django.db import models
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zerotrip.parties.industries import ancestors


class Size(models.TextChoices):
    """Size classes of statistics, largest first."""

    LARGE = "large", gettext_lazy("大型")
    MEDIUM = "medium", gettext_lazy("中型")
    SMALL = "small", gettext_lazy("小型")
    MICRO = "micro", gettext_lazy("微型")


class Measure(models.TextChoices):
    """What an enterprise is measured by. Staff in people, the others in 万元."""

    STAFF = "staff", gettext_lazy("从业人员")
    REVENUE = "revenue", gettext_lazy("营业收入")
    ASSETS = "assets", gettext_lazy("资产总额")


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the table: which industries, and the least of a large, a medium and a small enterprise."""

    name: str
    name_en: str
    least: Mapping[Measure, tuple[Decimal, Decimal, Decimal]]

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Line:
    """What one figure says: the class it reaches, and the bound that shows it. No value: it is not known."""

    measure: Measure
    value: Decimal | None
    size: Size | None = None
    bound: Decimal | None = None

    def text(self) -> str:
        """As a sentence: ``营业收入 1,800 万元 < 2,000 万元 → 小型``."""
        if self.value is None or self.bound is None or self.size is None:
            return _("%(measure)s：未知") % {"measure": self.measure.label}
        sign = "≥" if self.value >= self.bound else "<"
        return f"{self.measure.label} {amount(self.measure, self.value)} {sign} " + (
            f"{amount(self.measure, self.bound)} → {self.size.label}"
        )


@dataclass(frozen=True, slots=True)
class Sizing:
    """The size class of an enterprise, with its derivation.

    ``size`` is None when it is not known; ``possible`` then names the classes it may be, largest first, and
    ``missing`` the figures that are not known. A missing figure does not matter when the others decide.
    """

    size: Size | None
    possible: tuple[Size, ...] = ()
    missing: tuple[Measure, ...] = ()
    group: Group | None = None
    lines: tuple[Line, ...] = field(default=())

    @property
    def matters(self) -> bool:
        """Whether what is missing would change the answer."""
        return bool(self.missing) and self.size is None

    def texts(self) -> list[str]:
        """The derivation, line by line."""
        if self.group is None:
            return [_("这个行业不在划型标准内。")]
        told = [_("按“%(group)s”划型") % {"group": self.group.label}, *(line.text() for line in self.lines)]
        return [*told, self._outcome()]

    def _outcome(self) -> str:
        if self.size is None:
            names = _("、").join(str(one.label) for one in self.possible)
            return _("缺少的数据会影响结果，可能是：%(sizes)s") % {"sizes": names}
        if self.missing:
            return _("已有数据只够%(size)s，缺少的数据不影响结果") % {"size": self.size.label}
        if len(self.lines) > 1:
            return _("各项下限须同时满足，否则下划一档 → %(size)s") % {"size": self.size.label}
        return _("→ %(size)s") % {"size": self.size.label}


def amount(measure: Measure, value: Decimal) -> str:
    """A figure with its unit, in the language of the page: ``1,800 万元``, ``320 人``."""
    shown = f"{value.normalize():,f}"  # thousands are grouped in Chinese statistics too
    if measure is not Measure.STAFF and (get_language() or "").startswith("en"):
        return _("%(amount)s 元") % {"amount": f"{(value * 10_000).normalize():,f}"}
    return (
        _("%(amount)s 人") % {"amount": shown}
        if measure is Measure.STAFF
        else _("%(amount)s 万元") % {"amount": shown}
    )


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((files(__name__) / name).read_text(encoding="utf-8"))
    return read


def _three(large: int, medium: int, small: int) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(large), Decimal(medium), Decimal(small)


@lru_cache(maxsize=1)
def _groups() -> dict[str, Group]:
    by_code: dict[str, Group] = {}
    for row in _read("sizes.yaml")["groups"]:
        group = Group(
            row["name"], row["name_en"], {Measure(key): _three(*row["least"][key]) for key in row["least"]}
        )
        by_code |= dict.fromkeys(row["industries"], group)
    return by_code


def group_of(industry: str) -> Group | None:
    """The line of the table an industry falls under; None when the table has none (finance, education …)."""
    for step in reversed(ancestors(industry)):
        if step.code in _groups():
            return _groups()[step.code]
    return None


_ORDER = list(Size)


def size_of(industry: str, figures: Mapping[Measure, Decimal | None]) -> Sizing:
    """The size class of an enterprise of ``industry`` with these figures (people; 万元).

    国统字〔2017〕213号: the class is the lowest that any figure the table names gives. So a figure that is
    missing cannot raise what the others give, and does not matter once one of them gives micro. A negative
    figure counts as written, below every bound. An industry of a wide level is enough when its line is.
    """
    group = group_of(industry)
    if group is None:
        return Sizing(size=None)
    lines = tuple(_line(measure, figures.get(measure), least) for measure, least in group.least.items())
    missing = tuple(line.measure for line in lines if line.size is None)
    lowest = max((_ORDER.index(line.size) for line in lines if line.size is not None), default=0)
    possible = tuple(_ORDER[lowest:]) if missing else (_ORDER[lowest],)
    size = possible[0] if len(possible) == 1 else None
    return Sizing(size=size, possible=possible, missing=missing, group=group, lines=lines)


def _line(measure: Measure, value: Decimal | None, least: tuple[Decimal, Decimal, Decimal]) -> Line:
    if value is None:
        return Line(measure, None)
    reached = next((index for index, bound in enumerate(least) if value >= bound), len(least))
    # The bound that shows it: the one it failed to reach above its class, or that of the highest it reached.
    return Line(measure, value, _ORDER[reached], least[reached - 1] if reached else least[0])


@dataclass(frozen=True, slots=True)
class Threshold:
    """What makes an enterprise of some industries above-scale: revenue in 万元 a year, or what it needs."""

    name: str
    name_en: str
    revenue: Decimal | None = None
    needs: str = ""

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an enterprise reaches the threshold of its industry: yes, no, or unknown (None), and why."""

    above: bool | None
    threshold: Threshold | None
    revenue: Decimal | None = None

    def text(self) -> str:
        """As a sentence."""
        if self.threshold is None:
            return _("这个行业没有规模以上标准。")
        if self.threshold.revenue is None:
            return _needs(self.threshold)
        bound = amount(Measure.REVENUE, self.threshold.revenue)
        if self.revenue is None:
            told = _("%(group)s：年营业收入 %(bound)s 及以上；营业收入未知")
            return told % {"group": self.threshold.label, "bound": bound}
        told = _("%(group)s：营业收入 %(revenue)s %(sign)s %(bound)s")
        shown = {"revenue": amount(Measure.REVENUE, self.revenue), "sign": "≥" if self.above else "<"}
        return told % ({"group": self.threshold.label, "bound": bound} | shown)


def _needs(threshold: Threshold) -> str:
    told = {
        "qualification": _("%(group)s：有总承包或专业承包资质的都计入"),
        "development": _("%(group)s：有开发经营活动的都计入"),
    }
    return told[threshold.needs] % {"group": threshold.label}


@lru_cache(maxsize=1)
def _thresholds() -> dict[str, Threshold]:
    by_code: dict[str, Threshold] = {}
    for row in _read("above.yaml")["groups"]:
        revenue = Decimal(row["revenue"]) if "revenue" in row else None
        threshold = Threshold(row["name"], row["name_en"], revenue, row.get("needs", ""))
        by_code |= dict.fromkeys(row["industries"], threshold)
    return by_code


def threshold_of(industry: str) -> Threshold | None:
    """What makes an enterprise of this industry above-scale; None where statistics know no such thing."""
    for step in reversed(ancestors(industry)):
        if step.code in _thresholds():
            return _thresholds()[step.code]
    return None


def standing_of(industry: str, *, revenue: Decimal | None, has: bool | None = None) -> Standing:
    """Whether an enterprise of ``industry`` with this yearly revenue (万元) reaches the threshold.

    ``has`` says, where no revenue counts, whether it has what is needed: a qualification for construction,
    development under way for real estate. Reaching a threshold is not yet being counted: an enterprise is
    above-scale from the day the statistics bureau enters it, which is a fact of its own.
    """
    threshold = threshold_of(industry)
    if threshold is None:
        return Standing(None, None)
    if threshold.revenue is None:
        return Standing(has, threshold)
    return Standing(None if revenue is None else revenue >= threshold.revenue, threshold, revenue)


def source_of_sizes() -> str:
    """The document the size classes rest on."""
    return str(_read("sizes.yaml")["source"])


def source_of_thresholds() -> str:
    """What the thresholds rest on."""
    return str(_read("above.yaml")["source"])
