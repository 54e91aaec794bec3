"""A service guide as a page shows it: what to bring, how long it takes, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip import criteria
from zerotrip.cases.models import Procedure
from zerotrip.catalogue.queries import form_of
from zerotrip.catalogue.spec import UNSTATED
from zerotrip.criteria import All, Any_, Leaf, Not, Operator
from zerotrip.criteria.facts import Today
from zerotrip.parties.queries import area_path_of
from zerotrip.questions.fields import Kind
from zerotrip.web.portal.services.finding import audience_names
from zerotrip.web.templatetags.show import limit, say
from zerotrip.workdays.limits import due
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.catalogue.spec import DistrictSpec, Limit, Material, ServiceSpec
    from zerotrip.criteria import Rule
    from zerotrip.licences.models import Licence
    from zerotrip.questions import Form
    from zerotrip.questions.fields import FieldSpec
    from zerotrip.workdays.limits import Due


@dataclass(frozen=True)
class MaterialLine:
    """A material, whether it is always needed, and if not, when."""

    spec: Material
    need: str
    """``always``, ``sometimes`` or ``optional``."""
    condition: str = ""
    proved: str = ""
    """The licence of this reader that proves it already."""

    @property
    def form(self) -> str:
        """In which form it is handed in."""
        names = {"electronic": _("电子件"), "paper": _("纸质件"), "both": _("电子件或纸质件")}
        return names[self.spec.form]


@dataclass(frozen=True)
class StageLine:
    """Who looks at the application, and for how long at most."""

    name: str
    department: str
    limit: Limit | None
    alongside: bool
    """Runs side by side with another stage."""


@dataclass(frozen=True)
class Guide:
    """What the page of a service shows beside its specification."""

    spec: ServiceSpec
    version: ServiceVersion
    materials: tuple[MaterialLine, ...]
    stages: tuple[StageLine, ...]
    sections: tuple[str, ...]
    """The parts of the form, by title."""
    department: str
    audience: str
    category: str
    handling: str
    delivery: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    promised: bool
    """Whether a promised limit is stated."""
    statutory: bool
    procedures: tuple[str, ...]
    example: Due | None
    """When an application accepted now would be decided; None where it is decided on the spot."""

    @property
    def materials_title(self) -> str:
        """The heading over the materials, in the reader's words."""
        if self.always:
            words = ngettext("您需要准备 %(count)d 件材料", "您需要准备 %(count)d 件材料", self.always)
            return words % {"count": self.always}
        return _("不用准备材料，填表就行")

    @property
    def always(self) -> int:
        """How many materials everybody needs, without those this reader's licences prove."""
        return sum(line.need == "always" and not line.proved for line in self.materials)

    @property
    def sometimes(self) -> int:
        """How many materials some need."""
        return sum(line.need == "sometimes" and not line.proved for line in self.materials)

    @property
    def proved(self) -> int:
        """How many materials this reader's licences prove."""
        return sum(bool(line.proved) for line in self.materials)


def guide_of(
    version: ServiceVersion,
    district: DistrictSpec | None,
    *,
    at: datetime,
    proved: Mapping[str, Licence] | None = None,
) -> Guide:
    """The guide of a version as of ``at``: one query for the area, none for a warm calendar.

    ``proved`` are the materials that licences of the reader prove already.
    """
    spec = version.spec
    offices = {part.code: say(part.name.model_dump()) for part in district.departments} if district else {}
    categories = {
        "permit": _("行政许可"),
        "filing": _("行政备案"),
        "confirmation": _("行政确认"),
        "other": _("其他事项"),
    }
    handlings = {"immediate": _("即办件"), "promised": _("承诺件")}
    deliveries = {"electronic": _("电子证照"), "post": _("可邮寄"), "counter": _("可窗口领取")}
    return Guide(
        spec=spec,
        version=version,
        materials=tuple(_materials(version, proved or {})),
        stages=tuple(_stages(spec, offices)),
        sections=() if spec.incomplete else tuple(str(part.spec.title) for part in form_of(version.pk).sections),
        department=offices.get(spec.department, spec.department),
        audience=_("、").join(audience_names()[kind] for kind in spec.audience),
        category=categories[spec.category],
        handling=handlings[spec.handling],
        delivery=tuple(deliveries[way] for way in spec.delivery),
        codes=tuple((_code_name(key), value) for key, value in spec.codes.items()),
        example=None if spec.incomplete else _example(spec.promised, district, at),
        promised=spec.promised != UNSTATED,
        statutory=spec.statutory != UNSTATED,
        procedures=tuple(
            _("%(kind)s（最长 %(most)s）") % {"kind": Procedure(each.kind).label, "most": limit(each.most)}
            for each in spec.procedures
        ),
    )


def _example(promise: Limit, district: DistrictSpec | None, at: datetime) -> Due | None:
    if not promise.amount:
        return None
    calendar = calendar_for(area_path_of(district.area) if district else "")
    return due(start=at, amount=promise.amount, unit=promise.unit, calendar=calendar)


def _code_name(key: str) -> str:
    names = {"basic": _("基本编码"), "implementing": _("实施编码"), "handling": _("业务办理项编码")}
    return names.get(key, key)


def _stages(spec: ServiceSpec, offices: dict[str, str]) -> Iterator[StageLine]:
    for stage in spec.stages:
        alongside = sum(other.after == stage.after for other in spec.stages) > 1
        yield StageLine(str(stage.name), offices.get(stage.department, stage.department), stage.limit, alongside)


def _materials(version: ServiceVersion, proved: Mapping[str, Licence]) -> list[MaterialLine]:
    """The materials: those everybody needs first, then those some need."""
    form = form_of(version.pk)
    lines = [
        replace(_material(material, form), proved=_named(proved.get(material.id)))
        for material in version.spec.materials
    ]
    return sorted(lines, key=lambda line: ("always", "sometimes", "optional").index(line.need))


def _named(licence: Licence | None) -> str:
    return f"{say({'zh': licence.title, 'en': licence.title_en})} {licence.number}" if licence else ""


def _material(material: Material, form: Form) -> MaterialLine:
    if isinstance(material.required, bool):
        return MaterialLine(material, "always" if material.required else "optional")
    rule = criteria.parse(material.required, vocabulary=form.vocabulary())
    return MaterialLine(material, "sometimes", condition(rule, form))


def condition(rule: Rule, form: Form) -> str:
    """A rule over answers in words: ``“是否需要拆迁”选“是”``."""
    if isinstance(rule, All):
        return _("，并且").join(condition(part, form) for part in rule.parts)
    if isinstance(rule, Any_):
        return _("，或者").join(condition(part, form) for part in rule.parts)
    if isinstance(rule, Not):
        return _("并非%(condition)s") % {"condition": condition(rule.part, form)}
    if isinstance(rule, Leaf):
        return _comparison(rule, form)
    raise AssertionError(f"no rule: {rule!r}")


def _comparison(leaf: Leaf, form: Form) -> str:
    asked = form.fields[leaf.fact].spec if leaf.fact in form.fields else None
    if asked is None or isinstance(leaf.value, Today):
        return _("按所填内容")
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    said = _("或").join(_answer(asked, value) for value in values)
    return _phrases()[leaf.operator] % {"question": asked.label, "answer": said}


def _phrases() -> dict[Operator, str]:
    picked = _("“%(question)s”选“%(answer)s”")
    return {
        Operator.IS: picked,
        Operator.IN: picked,
        Operator.CONTAINS: picked,
        Operator.IS_NOT: _("“%(question)s”不选“%(answer)s”"),
        Operator.AT_LEAST: _("“%(question)s”不少于 %(answer)s"),
        Operator.AT_MOST: _("“%(question)s”不超过 %(answer)s"),
        Operator.MORE_THAN: _("“%(question)s”超过 %(answer)s"),
        Operator.LESS_THAN: _("“%(question)s”少于 %(answer)s"),
        Operator.BEFORE: _("“%(question)s”早于 %(answer)s"),
        Operator.AFTER: _("“%(question)s”晚于 %(answer)s"),
    }


def _answer(asked: FieldSpec, value: object) -> str:
    if asked.kind is Kind.YES_NO:
        return _("是") if value else _("否")
    return next((str(choice.label) for choice in asked.choices if choice.value == value), str(value))
