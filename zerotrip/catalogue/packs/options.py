"""Whether what depends on the answers agrees with the form: variants, windows, amounts, stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip import criteria, questions
from zerotrip.catalogue.packs.shapes import misfits
from zerotrip.catalogue.spec import StageKind
from zerotrip.questions.fields import FieldSpec
from zerotrip.questions.words import Part

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.spec import ServiceSpec, Stage
    from zerotrip.catalogue.tariffs import Tariff
    from zerotrip.questions import Form


class Found(Part):
    """What a stage finds, as its fields are shaped."""

    finds: tuple[FieldSpec, ...]


NUMBERS = frozenset({"number", "money"})


def option_faults(judge: Judge, spec: ServiceSpec, form: Form) -> None:
    """Add the faults of everything in a service that its answers decide, materials apart."""
    _variants(judge, spec, form)
    _windows(judge, spec, form)
    whole = _findings(judge, spec, form)
    for key, tariff in (("tariff", spec.tariff), ("pays", spec.pays)):
        if tariff is not None:
            _tariff(judge, tariff, whole, (key,))
    if spec.tariff is not None and spec.fee is None:
        judge.fault(("tariff",), _("写了怎么计费，也要在“fee”里用一句话说明收费。"))
    _allotment(judge, spec)
    if spec.safety is not None and spec.category != "permit":
        judge.fault(("safety",), _("只有行政许可适用《行政许可法》第七十八条、第七十九条。"))
    for index, stage in enumerate(spec.stages):
        if stage.when is not None and stage.kind is not StageKind.REVIEW:
            judge.fault(("stages", index, "when"), _("受理和决定每件都有，只有审查环节可以写“when”。"))
        judge.condition(stage.when, form, ("stages", index, "when"))
        _two_people(judge, stage, ("stages", index))


def _allotment(judge: Judge, spec: ServiceSpec) -> None:
    """What is limited in number is a licence that is issued, and decided on by somebody, one after the other."""
    if spec.allotment is None:
        return
    if spec.category != "permit" or spec.outcome.upon is not None:
        judge.fault(("allotment",), _("只有核发新证的行政许可可以有数量限制（《行政许可法》第五十七条）。"))
    if spec.promise is not None and spec.promise.at_once:
        judge.fault(("promise", "at_once"), _("有数量限制的，要按受理的先后顺序决定，不能提交后自动决定。"))


def _two_people(judge: Judge, stage: Stage, place: Place) -> None:
    """Two people examine in a review, and no silence speaks for them."""
    if stage.two_people and stage.kind is not StageKind.REVIEW:
        judge.fault((*place, "two_people"), _("只有审查环节可以写“two_people”。"))
    elif stage.two_people and stage.silence != "remind":
        judge.fault((*place, "silence"), _("两人核查的环节，逾期不能视为已有意见。"))


FOUND = frozenset({"text", "long_text", "number", "money", "date", "choice", "multi_choice", "yes_no"})
"""Kinds of field a stage can find."""


def _findings(judge: Judge, spec: ServiceSpec, form: Form) -> Form:
    """What is asked and what is found in one form; the form itself when they do not go together."""
    before = len(judge.faults)
    for index, stage in enumerate(spec.stages):
        place: Place = ("stages", index, "finds")
        if stage.finds and stage.kind is not StageKind.REVIEW:
            judge.fault(place, _("只有审查环节可以写“finds”。"))
        wrong = misfits(Found, {"finds": list(stage.finds)}, judge.document, ("stages", index))
        for where, reason in wrong:
            judge.fault(where, reason)
        for at, field in enumerate(stage.finds if not wrong else ()):
            if field["kind"] not in FOUND:
                judge.fault((*place, at, "kind"), _("环节里不能认定“%(kind)s”类的字段。") % {"kind": field["kind"]})
            if field["id"] in form.fields:
                judge.fault((*place, at, "id"), _("“%(name)s”重复。") % {"name": field["id"]})
    if len(judge.faults) > before:
        return form
    try:
        return questions.parse([*spec.form, *spec.finding_sections()])
    except criteria.Faults as error:
        for fault in error.faults:
            at = [index for index, stage in enumerate(spec.stages) if stage.finds][
                int(fault.path[0]) - len(spec.form)
            ]
            judge.fault(("stages", at, "finds", *fault.path[2:]), fault.message)
        return form


def _variants(judge: Judge, spec: ServiceSpec, form: Form) -> None:
    judge.unique((variant.id for variant in spec.variants), ("variants",), "id")
    for index, variant in enumerate(spec.variants):
        judge.condition(variant.when, form, ("variants", index, "when"))


def _windows(judge: Judge, spec: ServiceSpec, form: Form) -> None:
    dates = [name for name, field in form.fields.items() if field.kind == "date"]
    for index, window in enumerate(spec.apply):
        place: Place = ("apply", index)
        judge.condition(window.when, form, (*place, "when"))
        if window.field is not None:
            judge.known(window.field, dates, (*place, "field"), _("表单里没有日期字段“%(name)s”。"))


def _tariff(judge: Judge, tariff: Tariff, form: Form, place: Place) -> None:
    numbers = [name for name, field in form.fields.items() if field.kind in NUMBERS]
    for index, charge in enumerate(tariff.items):
        here: Place = (*place, "items", index)
        judge.condition(charge.when, form, (*here, "when"))
        for at, name in enumerate(charge.of):
            reason = _("表单里没有数字或金额字段“%(name)s”。")
            judge.known(name, numbers, (*here, "of", at), reason)
