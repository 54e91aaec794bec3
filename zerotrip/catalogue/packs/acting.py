"""Services that act upon licences: whether what they say of them holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.judging import Judge
from zerotrip.catalogue.spec import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.catalogue.packs.documents import Document, Place
    from zerotrip.catalogue.packs.faults import Fault
    from zerotrip.catalogue.spec import Outcome, ServiceSpec, Upon
    from zerotrip.questions import Form

SAID = frozenset({"number", "valid_until", "holder"})
"""What every licence says beside its facts."""
PLACE: Place = ("outcome", "upon")


def issuing(outcome: Outcome) -> tuple[str, ...]:
    """What the outcome has to say for a licence to be numbered and printed anew.

    One that acts upon a licence keeps its number, and is printed as it was unless it says otherwise.
    """
    upon = outcome.upon
    return ("number", "template") if upon is None or (upon.unlisted and upon.act != "cancel") else ()


def acting_faults(judge: Judge, spec: ServiceSpec, form: Form) -> None:
    """What is done to a licence: the keys that go with the act, and fields a licence can fill."""
    for index, variant in enumerate(spec.variants):
        if variant.outcome is not None and variant.outcome.upon is not None:
            reason = _("“upon”只写在事项自己的“outcome”里：先选证照，再填表。")
            judge.fault(("variants", index, "outcome", "upon"), reason)
    upon = spec.outcome.upon
    if upon is None:
        return
    if spec.outcome.licence_kind is None:
        judge.fault(PLACE, _("要写明办理的是哪一种证照：“licence_kind”。"))
    if any(variant.outcome is not None for variant in spec.variants):
        judge.fault(PLACE, _("办理已有证照的事项，各种情形的结果相同，情形里不写“outcome”。"))
    if upon.act == "cancel":
        _cancelling(judge, spec)
    _renewing(judge, spec.outcome, upon)
    for name, facts in upon.fills.items():
        place: Place = (*PLACE, "fills", name)
        judge.known(name, form.fields, place, _("表单里没有“%(name)s”。"))
        if name in form.fields:
            _filled(judge, form.fields[name].kind, facts, name, place)


def _cancelling(judge: Judge, spec: ServiceSpec) -> None:
    for key in ("number", "template", "valid_days", "valid_months", "valid_until"):
        if getattr(spec.outcome, key) is not None:
            judge.fault(("outcome", key), _("注销不发新证，不写“%(name)s”。") % {"name": key})
    if set(spec.delivery) != {"electronic"}:
        judge.fault(("delivery",), _("注销不发新证，只有电子送达。"))


def _renewing(judge: Judge, outcome: Outcome, upon: Upon) -> None:
    ends = (outcome.valid_days, outcome.valid_months, outcome.valid_until)
    if upon.act == "renew" and not any(ends):
        judge.fault(PLACE, _("延续要写明新的有效期：“valid_months”“valid_days”或“valid_until”。"))
    for key in ("before", "deemed"):
        if upon.act != "renew" and getattr(upon, key) is not None:
            judge.fault((*PLACE, key), _("只有延续才有“%(name)s”。") % {"name": key})
    if upon.before is not None and upon.before.unit is not Unit.CALENDAR_DAYS:
        judge.fault((*PLACE, "before", "unit"), _("提前多久申请按日历日写：calendar_days。"))
    if upon.deemed is not None and upon.before is None:
        judge.fault((*PLACE, "deemed"), _("视为准予延续的，要写明提前多久申请：“before”。"))


def _filled(judge: Judge, kind: str, facts: str | tuple[str, ...], name: str, place: Place) -> None:
    """A text takes any fact as it is printed; a date only the last day of the licence."""
    dated = "valid_until" in ((facts,) if isinstance(facts, str) else facts)
    if kind not in ("text", "long_text") and not (kind == "date" and dated):
        judge.fault(place, _("“%(name)s”不是文字，也不是填有效期的日期，不能由证照填写。") % {"name": name})


def upon_faults(spec: ServiceSpec, document: Document, file: str, *, said: Mapping[str, set[str]]) -> list[Fault]:
    """Facts a form is filled with that no licence of the kind says; ``said``: what they say, by kind."""
    judge = Judge(file, document)
    known = said.get(spec.licence_kind)
    for name, facts in spec.outcome.upon.fills.items() if spec.outcome.upon and known else ():
        for fact in (facts,) if isinstance(facts, str) else facts:
            reason = _("这种证照没有“%(name)s”这一项内容。")
            judge.known(fact, {*(known or ()), *SAID}, (*PLACE, "fills", name), reason)
    return judge.faults
