"""A service guide as a page shows it: what to bring, how long it takes, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip import criteria
from zerotrip.cases.models import Procedure
from zerotrip.catalogue.queries import findings_form_of, form_of, whole_form_of
from zerotrip.catalogue.spec import UNSTATED
from zerotrip.catalogue.tariffs import money
from zerotrip.catalogue.windows import distance_words, is_open, next_opening, season_words
from zerotrip.criteria import All, Any_, Leaf, Not, Operator
from zerotrip.criteria.facts import Today
from zerotrip.parties.queries import area_path_of
from zerotrip.questions.fields import Kind
from zerotrip.web.portal.services.finding import audience_names
from zerotrip.web.templatetags.show import limit, say
from zerotrip.workdays.limits import Unit, due
from zerotrip.workdays.queries import calendar_for
from zerotrip.workdays.spelling import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.catalogue.spec import DistrictSpec, Limit, Material, ServiceSpec, Variant
    from zerotrip.catalogue.tariffs import Charge, Tariff
    from zerotrip.catalogue.windows import Window
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

    @property
    def paper(self) -> str:
        """How many of it and of what size: ``原件 1 份、复印件 2 份，A4``."""
        copies = self.spec.copies
        originals, duplicates = (copies.originals, copies.duplicates) if copies else (0, 0)
        told = (
            [ngettext("原件 %(count)d 份", "原件 %(count)d 份", originals) % {"count": originals}]
            if originals
            else []
        )
        if duplicates:
            told.append(ngettext("复印件 %(count)d 份", "复印件 %(count)d 份", duplicates) % {"count": duplicates})
        counted = _("、").join(told)
        return _("；").join(filter(None, (counted, str(self.spec.size or ""))))

    @property
    def source(self) -> str:
        """Where it comes from, in the reader's words."""
        names = {
            "": "",
            "applicant": _("申请人自备"),
            "government": _("政府部门核发"),
            "intermediary": _("中介机构出具"),
            "other": _("其他来源"),
        }
        return _("：").join(filter(None, (names[self.spec.source], str(self.spec.source_note or ""))))


@dataclass(frozen=True)
class StageLine:
    """Who looks at the application, and for how long at most."""

    name: str
    department: str
    limit: Limit | None
    alongside: bool
    """Runs side by side with another stage."""
    condition: str = ""
    """When it is there; empty: always."""
    note: str = ""
    finds: tuple[str, ...] = ()
    """What is found or fixed in it, by label."""
    two_people: bool = False


@dataclass(frozen=True)
class VariantLine:
    """A case in which limits or the outcome are otherwise."""

    spec: Variant
    condition: str


@dataclass(frozen=True)
class ChargeLine:
    """One item of what is paid, in words."""

    name: str
    how: str
    condition: str
    steps: tuple[tuple[str, str], ...] = ()
    """Of a scale: how far each step reaches, and what it costs."""


@dataclass(frozen=True)
class TariffLines:
    """What is to be paid, or is paid out, item by item in words."""

    spec: Tariff
    items: tuple[ChargeLine, ...]

    @property
    def at_most(self) -> str:
        """The most of all together."""
        return money(self.spec.at_most) if self.spec.at_most is not None else ""


@dataclass(frozen=True)
class Season:
    """Whether now is a time to apply."""

    open: bool
    words: str
    again: date | None


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
    variants: tuple[VariantLine, ...]
    tariff: TariffLines | None
    pays: TariffLines | None
    windows: tuple[tuple[str, str], ...]
    """When an application may come, each with where that is written."""
    season: Season | None
    """None: at any time of the year."""
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
    def validity(self) -> str:
        """How long what is issued holds, where that is set."""
        outcome = self.spec.outcome
        if outcome.valid_months is not None:
            return span(outcome.valid_months, Unit.MONTHS)
        return span(outcome.valid_days, Unit.CALENDAR_DAYS) if outcome.valid_days is not None else ""

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


def office_names(district: DistrictSpec | None) -> dict[str, str]:
    """What departments are called; one that every subdistrict has, by whose it is."""
    found: dict[str, list[str]] = {}
    for part in district.departments if district else ():
        found.setdefault(part.code, []).append(say(part.name.model_dump()))
    return {
        code: names[0] if len(names) == 1 else _("所在街道：%(names)s") % {"names": _("、").join(names)}
        for code, names in found.items()
    }


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
    spec, form = version.spec, form_of(version.pk)
    offices = office_names(district)
    categories = {
        "permit": _("行政许可"),
        "filing": _("行政备案"),
        "confirmation": _("行政确认"),
        "payment": _("行政给付"),
        "reward": _("行政奖励"),
        "ruling": _("行政裁决"),
        "levy": _("行政征收"),
        "inspection": _("行政检查"),
        "public_service": _("公共服务"),
        "other": _("其他事项"),
    }
    handlings = {"immediate": _("即办件"), "promised": _("承诺件")}
    deliveries = {"electronic": _("电子证照"), "post": _("可邮寄"), "counter": _("可窗口领取")}
    return Guide(
        spec=spec,
        version=version,
        materials=tuple(_materials(version, proved or {})),
        stages=tuple(_stages(version.pk, spec, offices, form)),
        sections=() if spec.incomplete else tuple(str(part.spec.title) for part in form.sections),
        variants=tuple(VariantLine(each, _when(each.when, form)) for each in spec.variants),
        tariff=_tariff(spec.tariff, whole_form_of(version.pk)),
        pays=_tariff(spec.pays, whole_form_of(version.pk)),
        windows=tuple((_window(each, form), str(each.basis)) for each in spec.apply),
        season=season_of(spec, timezone.localdate(at)),
        department=offices.get(spec.department, spec.department),
        audience=_("、").join(audience_names()[kind] for kind in spec.audience),
        category=categories[spec.category],
        handling=handlings[spec.handling],
        delivery=(_("电子决定书"),)
        if spec.outcome.kind == "letter"
        else tuple(deliveries[way] for way in spec.delivery),
        codes=tuple((_code_name(key), value) for key, value in spec.codes.items()),
        example=None if spec.incomplete else _example(spec.promised, district, at),
        promised=spec.promised != UNSTATED,
        statutory=spec.statutory != UNSTATED,
        procedures=tuple(
            _("%(kind)s（最长 %(most)s）") % {"kind": Procedure(each.kind).label, "most": limit(each.most)}
            for each in spec.procedures
        ),
    )


def _when(tree: dict[str, Any] | None, form: Form) -> str:
    """A declared condition in words; nothing where there is none."""
    return condition(criteria.parse(tree, vocabulary=form.vocabulary()), form) if tree is not None else ""


def season_of(spec: ServiceSpec, on: date) -> Season | None:
    """Whether an application may come on a day, by the seasons that hold for everybody."""
    seasons = [each for each in spec.apply if each.field is None and each.when is None]
    if not seasons:
        return None
    words = _("、").join(season_words(each) for each in seasons)
    again = min(filter(None, (next_opening(each, on) for each in seasons)), default=None)
    return Season(any(is_open(each, on) for each in seasons), words, again)


def _window(window: Window, form: Form) -> str:
    """When an application may come, in words."""
    if window.field is None:
        told = season_words(window)
    else:
        label = form.fields[window.field].spec.label
        told = _("“%(label)s”%(distance)s") % {"label": label, "distance": distance_words(window)}
    if window.when is None:
        return told
    return _("%(condition)s时：%(what)s") % {"condition": _when(window.when, form), "what": told}


def _tariff(tariff: Tariff | None, form: Form) -> TariffLines | None:
    if tariff is None:
        return None
    lines = (
        ChargeLine(str(each.name), _rate(each, form), _when(each.when, form), tuple(_steps(each)))
        for each in tariff.items
    )
    return TariffLines(tariff, tuple(lines))


def _rate(charge: Charge, form: Form) -> str:
    """How an item is worked out: ``“占用面积”×“占用天数”× 0.5 元``."""
    quantity = " × ".join(_("“%(label)s”") % {"label": form.fields[name].spec.label} for name in charge.of)
    told = f"{quantity} × {_yuan(charge.rate)}" if charge.rate else ""
    if charge.bands:
        way = _("按%(quantity)s分段累计") if charge.progressive else _("按%(quantity)s所在档")
        told = way % {"quantity": quantity}
    if charge.amount or not told:
        told = f"{_yuan(charge.amount)} + {told}" if told else _yuan(charge.amount)
    if charge.at_least is not None:
        told += _("，最少 %(amount)s") % {"amount": _yuan(charge.at_least)}
    if charge.at_most is not None:
        told += _("，最多 %(amount)s") % {"amount": _yuan(charge.at_most)}
    return told


def _steps(charge: Charge) -> Iterator[tuple[str, str]]:
    """The steps of a scale: how far each reaches, and what it costs."""
    below = Decimal(0)
    for band in charge.bands:
        reach = _("不超过 %(up_to)s") if band.up_to is not None else _("超过 %(below)s")
        words = {"up_to": f"{(band.up_to or below).normalize():,f}", "below": f"{below.normalize():,f}"}
        parts = [_yuan(band.amount)] if band.amount or not band.rate else []
        parts += [_("每单位 %(amount)s") % {"amount": _yuan(band.rate)}] if band.rate else []
        yield reach % words, " + ".join(parts)
        below = band.up_to or below


def _yuan(amount: Decimal) -> str:
    return _("%(amount)s 元") % {"amount": f"{amount.normalize():,f}"}


def _example(promise: Limit, district: DistrictSpec | None, at: datetime) -> Due | None:
    if not promise.amount:
        return None
    calendar = calendar_for(area_path_of(district.area) if district else "")
    return due(start=at, amount=promise.amount, unit=promise.unit, calendar=calendar)


def _code_name(key: str) -> str:
    names = {"basic": _("基本编码"), "implementing": _("实施编码"), "handling": _("业务办理项编码")}
    return names.get(key, key)


def _stages(version_id: UUID, spec: ServiceSpec, offices: dict[str, str], form: Form) -> Iterator[StageLine]:
    for stage in spec.stages:
        alongside = sum(other.after == stage.after for other in spec.stages) > 1
        office = offices.get(stage.department, stage.department)
        when, note = _when(stage.when, form), str(stage.note or "")
        found = findings_form_of(version_id, stage.id).fields.values()
        finds = tuple(str(field.spec.label) for field in found)
        yield StageLine(str(stage.name), office, stage.limit, alongside, when, note, finds, stage.two_people)


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
