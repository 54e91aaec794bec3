"""A service of the pack with other rules, for what the three real ones do not need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import world
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import spec_of
from zerotrip.parties.access import SYSTEM

BASIS = {"zh": "测试依据", "en": "Test basis"}


def days(amount: float, unit: str = "working_days") -> dict[str, Any]:
    """A limit."""
    return {"amount": amount, "unit": unit, "basis": BASIS}


def hours(amount: float) -> dict[str, Any]:
    """A limit in office hours."""
    return days(amount, "working_hours")


def words(text: str) -> dict[str, str]:
    """A text whose English does not matter here."""
    return {"zh": text, "en": text}


def declare(folder: Path, base: str = "construction-permit", *, offices: str = "", **changes: Any) -> Service:
    """Load a pack with one service, ``test-permit``: ``base`` with other rules, and more ``offices`` as YAML."""
    service = Service.objects.get(pk=base)
    assert service.current is not None
    spec = spec_of(service.current.pk).model_dump(mode="json", exclude_defaults=True)
    spec = {**spec, **changes, "id": "test-permit"}
    found, faults = packs.read(world.PACK)
    assert found is not None, faults
    target = folder / "test-pack"
    (target / "services").mkdir(parents=True, exist_ok=True)
    (target / "templates").mkdir(exist_ok=True)
    for name, text in found.templates.items():
        (target / "templates" / name).write_text(text, encoding="utf-8")
    district = (world.PACK / "district.yaml").read_text(encoding="utf-8")
    district = district.replace("departments:\n", f"departments:\n{offices}", 1)
    (target / "district.yaml").write_text(district, "utf-8")
    (target / "pack.yaml").write_text("id: test-pack\nname: {zh: 测试, en: Test}\nsources: [测试]\n", "utf-8")
    (target / "services" / "test-permit.yaml").write_text(packs.writing.dump(spec), "utf-8")
    load_pack(target, by=SYSTEM, at=world.MORNING)
    return Service.objects.get(pk="test-permit")


def with_materials(base: str, **rules: dict[str, Any]) -> list[dict[str, Any]]:
    """The materials of a service with rules of their own added by name."""
    service = Service.objects.get(pk=base)
    assert service.current is not None
    listed = spec_of(service.current.pk).model_dump(mode="json", exclude_defaults=True)["materials"]
    return [{**material, **rules.get(material["id"], {})} for material in listed]
