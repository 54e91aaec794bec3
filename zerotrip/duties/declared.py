"""``checklists/`` of a pack: judged with the rest of it, and kept as requirements nobody owes by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip import questions
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.criteria import Faults
from zerotrip.duties import editions
from zerotrip.duties.spec import ChecklistSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

Files = Mapping[str, ChecklistSpec]
SORT = "checklist"


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
                        ("sections", place, "fields", number, "kind"),
                        _("检查单和反馈表不设文件字段：照片、文件由填表的人附在表后，请换一种字段。"),
                    )


def load(files: Files, pack: Pack, by: Actor, at: datetime) -> Changes:
    """Keep each form as it stands; an earlier edition stays for what was asked in it. See ``PackPart.load``."""
    return editions.keep(SORT, pack.spec.id, {spec.id: (spec, _columns(spec)) for spec in files.values()}, at=at)


def _columns(spec: ChecklistSpec) -> dict[str, Any]:
    return {
        "kind": spec.kind,
        "name": spec.name.model_dump(),
        "text": str(spec.about.zh) if spec.about else "",
        "form": spec.model_dump(mode="json", exclude_defaults=True)["sections"],
        "remind": [3, 1],
    }


def stored(pack: str) -> Files:
    """The forms of a loaded pack as its files would say them."""
    rows = editions.standing(SORT, pack)
    return {editions.name_of(row): ChecklistSpec.model_validate(row.declared) for row in rows}


PART: PackPart[ChecklistSpec] = PackPart("checklists", ChecklistSpec, judge, load, stored)
