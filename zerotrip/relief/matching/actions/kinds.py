"""Loading kinds of resources from a pack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.catalogue.packs.parts import Changes
from zerotrip.errors import Invalid
from zerotrip.ledger import actions as ledger
from zerotrip.relief.matching.kinds import NUMBERS, SETS, Kind, parse
from zerotrip.relief.models import Resource, ResourceKind, ResourceStatus

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.spec import KindSpec

AT_ONCE = 1000


@transaction.atomic
def load_kinds(specs: Mapping[str, KindSpec], *, pack: str, by: Actor, at: datetime) -> Changes:
    """Offer these kinds, and no others of the pack. The same twice changes nothing.

    Where what is compared has changed, the columns of the entries under way are filled anew. Raises Invalid for
    a kind another pack has.
    """
    changes = Changes()
    there = {row.slug: row for row in ResourceKind.objects.select_for_update(of=("self",)).order_by("slug")}
    for slug, spec in specs.items():
        row = there.get(slug)
        if row is not None and row.pack != pack:
            text = _("供需种类“%(id)s”已由服务包“%(pack)s”提供。") % {"id": slug, "pack": row.pack}
            raise Invalid(text, {f"resources/{slug}.yaml:1": [text]})
        if _load(spec, row, pack, by=by, at=at):
            changes.made.append(slug)
    for slug, row in there.items():
        if row.pack == pack and row.offered and slug not in specs:
            row.offered = False
            ledger.append(row, "withdraw", by=by, at=at)
            row.save()
            changes.withdrawn.append(slug)
    return changes


def _load(spec: KindSpec, row: ResourceKind | None, pack: str, *, by: Actor, at: datetime) -> bool:
    definition = spec.model_dump_json(exclude_defaults=True)
    if row is not None and row.offered and row.definition == definition:
        return False
    before = row.kind if row is not None else None
    row = row or ResourceKind(slug=spec.id, pack=pack)
    row.definition, row.place, row.offered, row.loaded_at = definition, spec.order, True, at
    ledger.append(row, "load", by=by, at=at, details={"pack": pack})
    row.save()
    kind = parse(spec)
    if before is not None and (before.slots, before.bits) != (kind.slots, kind.bits):
        _fill_anew(kind)
    return True


def _fill_anew(kind: Kind) -> None:
    """Fill the columns of the entries that can still match."""
    live = Resource.objects.filter(kind=kind.id, status__in=(ResourceStatus.OPEN, ResourceStatus.ASLEEP))
    keys = list(live.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        rows = list(live.filter(pk__in=keys[start : start + AT_ONCE]))
        for row in rows:
            fill(row, kind)
        Resource.objects.bulk_update(rows, [*NUMBERS, *SETS])


def fill(resource: Resource, kind: Kind) -> None:
    """Put the answers into the columns they are compared by."""
    for name, value in kind.columns(resource.stands, resource.answers).items():
        setattr(resource, name, value)
