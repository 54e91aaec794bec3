"""Files of a pack that are rules of prevention: kept as they were loaded last, read back when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.prevention.models import Declared
from zerotrip.questions.words import Part

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.parties.access import Actor

Shape = TypeVar("Shape", bound=Part)


def part_of(name: str, shape: type[Shape], judge: Callable[[Shape, Judge], None]) -> PackPart[Shape]:
    """A single file ``<name>.yaml`` of a pack: its shape, and what of it does not agree."""

    def judged(files: Mapping[str, Shape], pack: Pack, judges: Mapping[str, Judge]) -> None:
        for file, spec in files.items():
            judge(spec, judges[file])

    def load(files: Mapping[str, Shape], pack: Pack, by: Actor, at: datetime) -> Changes:
        kept = Declared.objects.filter(pack=pack.spec.id, name=name).first()
        spec = next(iter(files.values()), None)
        definition = None if spec is None else spec.model_dump(mode="json", exclude_defaults=True)
        if definition == (kept.definition if kept else None):
            return Changes()
        if definition is None:
            Declared.objects.filter(pack=pack.spec.id, name=name).delete()
            return Changes(withdrawn=[name])
        Declared.objects.update_or_create(pack=pack.spec.id, name=name, defaults={"definition": definition})
        return Changes(made=[name])

    def stored(pack: str) -> Mapping[str, Shape]:
        kept = Declared.objects.filter(pack=pack, name=name).first()
        return {name: shape.model_validate(kept.definition)} if kept else {}

    return PackPart(name, shape, judged, load, stored, folder=False)


def rules_of(name: str, shape: type[Shape]) -> Shape:
    """What the district decided; what it did not say is as the shape has it."""
    kept = Declared.objects.filter(name=name).order_by("pack").first()
    return shape.model_validate(kept.definition) if kept else shape()
