"""What packs declare of requirements: each edition a row, so that what was asked in one stays as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zerotrip.catalogue.packs.parts import Changes
from zerotrip.duties.models import Requirement

if TYPE_CHECKING:
    from zerotrip.duties.models import RequirementQuerySet
    from zerotrip.questions.words import Part


def keep(sort: str, pack: str, declared: Mapping[str, tuple[Part, Mapping[str, Any]]], *, at: datetime) -> Changes:
    """Make the standing editions of a sort what a pack says, by name; earlier ones close. Twice changes nothing.

    Beside each declaration stand the columns of the requirement that follow from it.
    """
    changes = Changes()
    before = {row.slug: row for row in standing(sort, pack)}
    wanted = {_slug(sort, pack, name, spec): name for name, (spec, _columns) in declared.items()}
    for slug, name in wanted.items():
        if slug not in before:
            spec, columns = declared[name]
            _write(slug, pack, spec, columns)
            changes.made.append(name)
    gone = [row for slug, row in before.items() if slug not in wanted]
    Requirement.objects.filter(pk__in=[row.pk for row in gone]).update(closed_at=at)
    changes.withdrawn += sorted({name_of(row) for row in gone} - set(declared))
    return changes


def standing(sort: str, pack: str = "") -> RequirementQuerySet:
    """The editions of a sort that count now, of one pack or of all."""
    rows = Requirement.objects.filter(slug__startswith=f"{sort}:", closed_at=None).order_by("slug")
    return rows.filter(pack=pack) if pack else rows.exclude(pack="")


def name_of(row: Requirement) -> str:
    """Its own name in its pack, the same in every edition."""
    return row.slug.split(":")[2]


def all_of(row: Requirement) -> str:
    """What the slugs of all editions of the same declaration begin with."""
    return row.slug.rpartition(":")[0] + ":"


def _slug(sort: str, pack: str, name: str, spec: Part) -> str:
    """Names an edition: the same declaration has the same name wherever it is loaded."""
    text = json.dumps(_told(spec), ensure_ascii=False, sort_keys=True)
    return f"{sort}:{pack}:{name}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _told(spec: Part) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude_defaults=True)


def _write(slug: str, pack: str, spec: Part, columns: Mapping[str, Any]) -> None:
    Requirement.objects.update_or_create(
        pk=Requirement.key(slug),
        defaults={
            "slug": slug,
            "consequence": "report",
            "pack": pack,
            "declared": _told(spec),
            "closed_at": None,
            **columns,
        },
    )
