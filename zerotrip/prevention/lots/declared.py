"""Goods in packs: judged, loaded, and told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.errors import Refused
from zerotrip.prevention.lots.spec import GoodsSpec, ItemSpec
from zerotrip.prevention.models import Item

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.packs.parts import Files
    from zerotrip.parties.access import Actor

NAME = "goods"


def judge(files: Files[GoodsSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree: items declared twice, certificates of what is no cold chain."""
    for name, goods in files.items():
        told = judges[name]
        told.unique((item.id for item in goods.items), ("items",), "id")
        for place, item in enumerate(goods.items):
            if item.papers and item.purpose != "cold_chain":
                told.fault(("items", place, "papers"), _("只有冷链食品才要求证明。"))
            if len(set(item.papers)) < len(item.papers):
                told.fault(("items", place, "papers"), _("同一种证明写了两次。"))


def load(files: Files[GoodsSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make the database say what the pack says; see ``PackPart.load``."""
    found = [item for goods in files.values() for item in goods.items]
    return declare(found, pack=pack.spec.id, at=at)


def declare(found: list[ItemSpec], *, pack: str, at: datetime) -> Changes:
    """Keep these items of a pack; the load of the pack journals what changed. Those it no longer has are
    withdrawn, their lots stay.

    Raises Refused when an item that has lots would be counted in another unit, or belongs to another pack.
    """
    changes = Changes()
    held = {row.pk: row for row in Item.objects.select_for_update(of=("self",))}
    for place, spec in enumerate(found):
        row = held.get(spec.id)
        if row is not None and row.pack != pack:
            raise Refused(_("货物“%(name)s”属于另一个包。") % {"name": spec.id})
        if row is not None and _counts_anew(row, spec) and row.lots.exists():
            raise Refused(_("货物“%(name)s”已有批次，不能改单位、用途或减少小数位。") % {"name": spec.id})
        values = _values(spec) | {"place": place, "offered": True}
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            continue
        Item.objects.update_or_create(pk=spec.id, defaults={**values, "pack": pack, "loaded_at": at})
        changes.made.append(spec.id)
    gone = {key for key, row in held.items() if row.pack == pack and row.offered} - {spec.id for spec in found}
    Item.objects.filter(pk__in=gone).update(offered=False)
    changes.withdrawn += sorted(gone)
    return changes


def _counts_anew(row: Item, spec: ItemSpec) -> bool:
    """Whether the same number would mean something else."""
    return row.unit["zh"] != spec.unit.zh or row.purpose != spec.purpose or spec.decimals < row.decimals


def _values(spec: ItemSpec) -> dict[str, Any]:
    return {
        "name": spec.name.model_dump(),
        "unit": spec.unit.model_dump(),
        "purpose": spec.purpose,
        "decimals": spec.decimals,
        "papers": list(spec.papers),
        "transit_hours": spec.transit_hours,
        "definition": spec.model_dump(mode="json"),
    }


def _stored(pack: str) -> Files[GoodsSpec]:
    rows = Item.objects.offered().filter(pack=pack)
    items = tuple(ItemSpec.model_validate(row.definition) for row in rows)
    return {NAME: GoodsSpec(items=items)} if items else {}


PART = PackPart(NAME, GoodsSpec, judge, load, _stored, folder=False)
"""``goods.yaml``."""
