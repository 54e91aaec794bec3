"""What packs declare of indicators: judged, loaded, and told again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.errors import Refused
from zerotrip.indicators.models import Indicator, Observation
from zerotrip.indicators.spec import IndicatorSpec, IndicatorsSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.packs.parts import Files
    from zerotrip.parties.access import Actor

NAME = "indicators"
FROZEN = ("unit", "frequency", "reported", "flow", "change")
"""What cannot change once there are figures: the same number would mean something else."""


def judge(files: Files[IndicatorsSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree: names twice, departments, weights and industries there are not."""
    for name, declared_here in files.items():
        found, told = declared_here.indicators, judges[name]
        told.unique((one.id for one in found), ("indicators",), "id")
        offices = {office.code for office in pack.district.departments}
        by_id = {one.id: one for one in found}
        for place, one in enumerate(found):
            _judge_one(one, place, told, offices=offices, by_id=by_id)


def _judge_one(
    one: IndicatorSpec, place: int, told: Judge, *, offices: set[str], by_id: Mapping[str, IndicatorSpec]
) -> None:
    here = ("indicators", place)
    none_such = _("district.yaml 里没有部门“%(name)s”。")
    told.known(one.department, offices, (*here, "department"), none_such)
    for number, code in enumerate(one.entered_by):
        told.known(code, offices, (*here, "entered_by", number), none_such)
    told.unique((industry.code for industry in one.industries), (*here, "industries"), "code")
    if one.weight is not None:
        told.known(one.weight, by_id, (*here, "weight"), _("没有指标“%(name)s”。"))
        weight = by_id.get(one.weight)
        if weight is not None and (weight.frequency != one.frequency or weight.rolls_up != "sum"):
            told.fault((*here, "weight"), _("作权数的指标要同样的报告期，并且可以相加。"))
        if one.weight == one.id:
            told.fault((*here, "weight"), _("指标不能作自己的权数。"))
    if one.least is not None and one.most is not None and one.most < one.least:
        told.fault((*here, "most"), _("上限小于下限。"))
    for number, change in enumerate(one.breaks):
        if change.number > one.frequency.per_year:
            told.fault((*here, "breaks", number, "number"), _("一年没有这么多个报告期。"))


def load(files: Files[IndicatorsSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make the database say what the pack says; see ``PackPart.load``."""
    found = [one for declared_here in files.values() for one in declared_here.indicators]
    return declare(found, pack=pack.spec.id, by=by, at=at)


def declare(found: list[IndicatorSpec], *, pack: str, by: Actor, at: datetime) -> Changes:
    """Keep these indicators of a pack; those it no longer has are withdrawn, with their figures kept.

    The load of the pack journals what changed. Raises Refused when an indicator that has figures would
    mean something else, or belongs to another pack.
    """
    changes = Changes()
    held = {row.pk: row for row in Indicator.objects.select_for_update(of=("self",))}
    for place, spec in enumerate(found):
        definition = spec.model_dump(mode="json", exclude_defaults=True)
        row = held.get(spec.id)
        digest = _digest(definition)
        if row is not None and row.pack != pack:
            raise Refused(_("指标“%(id)s”已由服务包“%(pack)s”提供。") % {"id": spec.id, "pack": row.pack})
        if row is not None and (row.digest, row.place, row.withdrawn_at) == (digest, place, None):
            continue
        if row is not None:
            _require_same_meaning(row, spec)
        Indicator.objects.update_or_create(
            pk=spec.id,
            defaults={
                "pack": pack,
                "place": place,
                "digest": digest,
                "definition": definition,
                "loaded_at": at,
                "withdrawn_at": None,
            },
        )
        changes.made.append(spec.id)
    gone = Indicator.objects.kept().filter(pack=pack).exclude(pk__in=[spec.id for spec in found])
    changes.withdrawn += sorted(gone.values_list("pk", flat=True))
    gone.update(withdrawn_at=at)
    return changes


def _digest(definition: dict[str, object]) -> str:
    text = json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _require_same_meaning(row: Indicator, spec: IndicatorSpec) -> None:
    before = row.spec
    changed = [name for name in FROZEN if _meaning(before, name) != _meaning(spec, name)]
    if changed and Observation.objects.filter(indicator=row).exists():
        told = {"id": row.pk, "names": "、".join(changed)}
        raise Refused(_("指标“%(id)s”已有数据，不能再改 %(names)s。口径变了写 breaks，含义变了用新的 id。") % told)


def _meaning(spec: IndicatorSpec, name: str) -> object:
    value = getattr(spec, name)
    return value.zh if name == "unit" else value


def declared(pack: str) -> Files[IndicatorsSpec]:
    """The indicators of a loaded pack, as its file would say them."""
    rows = Indicator.objects.kept().filter(pack=pack)
    found = tuple(row.spec for row in rows)
    return {NAME: IndicatorsSpec(indicators=found)} if found else {}


PART = PackPart(NAME, IndicatorsSpec, judge=judge, load=load, stored=declared, folder=False)
