"""``checklists/`` of a pack: judged with the rest of it, and kept as requirements nobody owes by themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip import questions
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.criteria import Faults
from zerotrip.duties.models import Requirement
from zerotrip.duties.spec import ChecklistSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

Files = Mapping[str, ChecklistSpec]
PREFIX = "checklist:"


def judge(files: Files, pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Forms that do not read."""
    for name, spec in files.items():
        PART.misnamed(name, spec, judges[name])
        try:
            form = questions.parse(spec.sections)
        except Faults as error:
            for fault in error.faults:
                judges[name].fault(("sections", *fault.path), fault.message)
            continue
        for place, section in enumerate(form.sections):
            for number, item in enumerate(section.fields):
                if item.kind is questions.Kind.FILE:
                    judges[name].fault(
                        ("sections", place, "fields", number, "kind"), _("检查单和反馈表不收文件，请换一种字段。")
                    )


def load(files: Files, pack: Pack, by: Actor, at: datetime) -> Changes:
    """Keep each form as it stands; an earlier edition stays for what was asked in it. See ``PackPart.load``."""
    changes = Changes()
    standing = {row.slug: row for row in _standing(pack.spec.id)}
    wanted = {_slug(pack.spec.id, spec): spec for spec in files.values()}
    for slug, spec in wanted.items():
        if slug not in standing:
            _keep(slug, spec, pack.spec.id)
            changes.made.append(spec.id)
    gone = [row for slug, row in standing.items() if slug not in wanted]
    Requirement.objects.filter(pk__in=[row.pk for row in gone]).update(closed_at=at)
    named = {spec.id for spec in files.values()}
    changes.withdrawn += sorted({_id_of(row) for row in gone} - named)
    return changes


def _keep(slug: str, spec: ChecklistSpec, pack: str) -> None:
    declared = spec.model_dump(mode="json", exclude_defaults=True)
    Requirement.objects.update_or_create(
        pk=Requirement.key(slug),
        defaults={
            "slug": slug,
            "kind": spec.kind,
            "name": spec.name.model_dump(),
            "text": str(spec.about.zh) if spec.about else "",
            "form": declared["sections"],
            "consequence": "report",
            "remind": [3, 1],
            "pack": pack,
            "declared": declared,
            "closed_at": None,
        },
    )


def _slug(pack: str, spec: ChecklistSpec) -> str:
    """Names an edition: the same declaration has the same name wherever it is loaded."""
    text = json.dumps(spec.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True)
    return f"{PREFIX}{pack}:{spec.id}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _id_of(row: Requirement) -> str:
    return row.slug.split(":")[2]


def _standing(pack: str) -> list[Requirement]:
    return list(Requirement.objects.filter(pack=pack, slug__startswith=PREFIX, closed_at=None))


def stored(pack: str) -> Files:
    """The forms of a loaded pack as its files would say them."""
    return {_id_of(row): ChecklistSpec.model_validate(row.declared) for row in _standing(pack)}


PART: PackPart[ChecklistSpec] = PackPart("checklists", ChecklistSpec, judge, load, stored)
