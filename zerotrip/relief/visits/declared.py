"""``warnings.yaml`` of a pack: judged with the rest of it, kept as requirements the figures of firms call up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.duties import editions
from zerotrip.duties.models import Kind, Requirement
from zerotrip.facts.spec import Kind as FactKind
from zerotrip.relief.visits.spec import WarningSpec, WarningsSpec
from zerotrip.relief.visits.wording import Shown, placeholders

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor

Files = Mapping[str, WarningsSpec]
NAME, SORT = "warnings", "warning"


def judge(files: Files, pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Criteria that do not read, words that ask for what there is not, names that nothing has."""
    words = vocabulary_of(pack)
    subjects = {slug for slug, service in pack.services.items() if service.need is not None}
    forms = {name: spec for name, spec in pack.parts.get("checklists", {}).items() if spec.kind == "visit"}
    kinds = set(pack.parts.get("resources", {}))
    for name, spec in files.items():
        found = judges[name]
        found.unique((one.id for one in spec.warnings), ("warnings",), "id")
        for index, one in enumerate(spec.warnings):
            place: Place = ("warnings", index)
            # While the facts have faults of their own, what is asked of them would only repeat those.
            if "facts" not in pack.faulty:
                _criteria(one, words, found, place)
                _words(one, words, found, place)
            if one.within.amount <= 0:
                found.fault((*place, "within", "amount"), _("要给出时间，不能是 0。"))
            if one.subject is not None:
                found.known(one.subject, subjects, (*place, "subject"), _("没有诉求主题“%(name)s”。"))
            if one.checklist is not None:
                found.known(one.checklist, forms, (*place, "checklist"), _("没有走访表“%(name)s”。"))
            for at, kind in enumerate(one.follow):
                found.known(kind, kinds, (*place, "follow", at), _("没有资源类别“%(name)s”。"))


def _criteria(one: WarningSpec, words: Vocabulary, judge: Judge, place: Place) -> None:
    try:
        rule = words.rule(one.when)
    except criteria.Faults as error:
        for fault in error.faults:
            judge.fault((*place, "when", *fault.path), fault.message)
        return
    for name in sorted(rule.facts()):
        fact = words.facts.get(name)
        if fact is not None and "enterprise" not in fact.of:
            judge.fault((*place, "when"), _("“%(name)s”不是企业的事实。") % {"name": name})


def _words(one: WarningSpec, words: Vocabulary, judge: Judge, place: Place) -> None:
    """The sentence can be said of a firm."""
    for language in ("zh", "en"):
        text = getattr(one.why, language)
        if not text:
            continue
        try:
            asked = placeholders(text)
            text.format_map({name: Shown("1", Decimal(1)) for name in asked})
        except ValueError:
            judge.fault((*place, "why", language), _("花括号里只能写事实的名称，或者再加 :percent、:fall。"))
            continue
        for name, way in asked.items():
            judge.known(name, words.facts, (*place, "why", language), _("没有“%(name)s”这个事实。"))
            fact = words.facts.get(name)
            if way and fact is not None and fact.kind is not FactKind.NUMBER:
                judge.fault((*place, "why", language), _("“%(name)s”不是数字，不能写成百分比。") % {"name": name})


def load(files: Files, pack: Pack, by: Actor, at: datetime) -> Changes:
    """Keep each warning as it stands; what an earlier edition called up stays. See ``PackPart.load``."""
    declared = {one.id: (one, _columns(one)) for spec in files.values() for one in spec.warnings}
    return editions.keep(SORT, pack.spec.id, declared, at=at)


def _columns(one: WarningSpec) -> dict[str, Any]:
    return {
        "kind": Kind.WARNING,
        "name": one.name.model_dump(),
        "amount": Decimal(str(one.within.amount)),
        "unit": one.within.unit.value,
        "basis": one.within.basis.model_dump(),
        "remind": [1],
    }


def spec_of(row: Requirement) -> WarningSpec:
    """What the pack says of it."""
    return WarningSpec.model_validate(row.declared)


def standing_of(pack: str = "") -> list[Requirement]:
    """The warnings that are asked of enterprises now, of one pack or of all."""
    return list(editions.standing(SORT, pack))


def stored(pack: str) -> Files:
    """What a loaded pack declares."""
    listed = tuple(spec_of(row) for row in standing_of(pack))
    return {NAME: WarningsSpec(warnings=listed)} if listed else {}


PART: PackPart[WarningsSpec] = PackPart(NAME, WarningsSpec, judge, load, stored, folder=False)
