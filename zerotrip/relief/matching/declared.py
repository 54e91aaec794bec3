"""Kinds of resources in packs: judged, loaded, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip import criteria
from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.facts.spec import Kind as FactKind
from zerotrip.questions import Kind as Asks
from zerotrip.relief.matching.kinds import MOST_CHOICES, SIDES, Kind, parse
from zerotrip.relief.matching.spec import HelpSpec, KindSpec, RuleSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

FAULTS = {
    "field": gettext_lazy("没有字段“%(name)s”。"),
    "kind": gettext_lazy("“%(name)s”不能这样比较：数字、金额、日期比大小，选择和是否比有无，两边要同类。"),
    "pair": gettext_lazy("要写“offer”和“want”两个字段。"),
    "place": gettext_lazy("按远近比较的不写字段。"),
    "within": gettext_lazy("比较日期“%(name)s”要写“within”（天数），也只能用 near；数字不写“within”。"),
    "numbers": gettext_lazy("比较的数字和日期太多，每边最多 %(name)s 个。"),
    "sets": gettext_lazy("比较的选择太多，最多 %(name)s 对。"),
    "paired": gettext_lazy("“%(name)s”不成对：一个选择字段只能和对面的同一个字段比较。"),
    "choices": gettext_lazy("比较的选择最多 %(name)s 项。"),
    "number": gettext_lazy("“%(name)s”应为数字或金额字段。"),
}
NOT_ASKED = (Asks.FILE, Asks.IDENTITY_NUMBER, Asks.GROUP)
"""What is not asked of a resource: it is no application."""
RESERVED = frozenset(
    {"title", "place", "reach", "party", "contact_name", "contact_phone", "until", "key", "for", "need"}
)
"""What every form has beside the fields of its kind."""


def judge(files: Mapping[str, KindSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree in each kind to its judge."""
    for name, spec in files.items():
        _judge(spec, judges[name])
        for index, help in enumerate(spec.helps):
            _judge_help(spec, help, ("helps", index), pack, judges[name])


def _judge(spec: KindSpec, judge: Judge) -> None:
    for side in SIDES:
        for index, field in enumerate(getattr(spec, side).fields):
            if field.kind in NOT_ASKED:
                judge.fault((side, "fields", index, "kind"), _("供需信息里不能用这种字段。"))
            if field.id in RESERVED:
                judge.fault(
                    (side, "fields", index, "id"), _("“%(name)s”每张表都有，请换个名字。") % {"name": field.id}
                )
    try:
        kind = parse(spec)
    except criteria.Faults:
        _form_faults(spec, judge)
        return
    for at, reason, name in kind.faults:
        near = perhaps(name, [n for side in SIDES for n in kind.forms[side].fields]) if reason == "field" else ""
        judge.fault(at, str(FAULTS[reason]) % {"name": name} + near)
    for index, rule in enumerate(spec.rules):
        _judge_rule(kind, rule, index, judge)


def _judge_help(spec: KindSpec, help: HelpSpec, place: Place, pack: Pack, judge: Judge) -> None:
    """What helps a need the pack does not have helps nobody, and is no fault: packs share kinds."""
    service = pack.services.get(help.need)
    if not any(each.need for each in pack.services.values()):
        return
    if service is None or service.need is None:
        judge.fault(
            (*place, "need"), _("没有诉求主题“%(name)s”，这一条用不上。") % {"name": help.need}, warning=True
        )
        return
    here = {"title", *(field.id for field in getattr(spec, help.side).fields)}
    there = {name for section in service.form for field in section.get("fields", ()) if (name := field.get("id"))}
    for target, source in help.fills.items():
        judge.known(target, here, (*place, "fills"), _("这一侧没有字段“%(name)s”。"))
        judge.known(source, there, (*place, "fills", target), _("诉求表里没有字段“%(name)s”。"))
    if help.among is not None and "facts" not in pack.faulty:
        fact = vocabulary_of(pack).facts.get(help.among)
        if fact is None or fact.kind is not FactKind.YES_NO:
            judge.fault(
                (*place, "among"),
                _("“%(name)s”不是企业的“是否”事实，这一条用不上。") % {"name": help.among},
                warning=True,
            )


def _judge_rule(kind: Kind, rule: RuleSpec, index: int, judge: Judge) -> None:
    offered = kind.field("offer", rule.offer)
    if offered is not None and offered.required is not True and rule.must in ("at_least", "at_most"):
        # An offer that does not say is no match for whoever asks.
        judge.fault(("rules", index, "offer"), _("硬条件看的供给字段最好必填：没填的供给不会匹配。"), warning=True)
    for side in ("want", "offer"):
        words = getattr(rule.words, side, None)
        for text in (words.zh, words.en) if words else ():
            try:
                text.format(offer="", want="")
            except (LookupError, ValueError):
                judge.fault(("rules", index, "words", side), _("文字里只能用 {offer} 和 {want}。"))


def _form_faults(spec: KindSpec, judge: Judge) -> None:
    """The faults of the fields, where they stand."""
    from zerotrip import questions

    for side in SIDES:
        part = getattr(spec, side)
        try:
            questions.parse([{"id": side, "title": part.name, "fields": part.fields}])
        except criteria.Faults as faults:
            for fault in faults.faults:
                judge.fault((side, *fault.path[1:]), fault.message)


def _load(files: Mapping[str, KindSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    from zerotrip.relief.matching.actions.kinds import load_kinds

    return load_kinds(files, pack=pack.spec.id, by=by, at=at)


def _stored(pack: str) -> Mapping[str, KindSpec]:
    from zerotrip.relief.models import ResourceKind

    rows = ResourceKind.objects.offered().filter(pack=pack)
    return {row.slug: row.kind.spec for row in rows}


PART = PackPart("resources", KindSpec, judge, _load, _stored)
"""``resources/<id>.yaml``."""

__all__ = ["MOST_CHOICES", "PART", "judge"]
