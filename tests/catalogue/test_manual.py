"""docs/packs.md can be trusted: its example passes the check, and it names every key there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from config.places import ROOT
from tests.world import UNISSUED
from zerotrip.catalogue.packs import check
from zerotrip.catalogue.packs.scaffold import scaffold
from zerotrip.catalogue.packs.scenarios import Scenario
from zerotrip.catalogue.spec import DistrictSpec, PackSpec, ServiceSpec
from zerotrip.indicators.spec import IndicatorsSpec
from zerotrip.questions import SectionSpec
from zerotrip.questions.fields import Kind
from zerotrip.questions.words import Part, Words
from zerotrip.workdays.limits import Unit

MANUAL = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")


def shapes(*roots: type[Part]) -> set[type[Part]]:
    """Every shape that can stand in one of these."""
    found: set[type[Part]] = set()
    waiting: list[object] = list(roots)
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Part) and one not in found:
            found.add(one)
            waiting += [field.annotation for field in one.model_fields.values()]
        waiting += [*get_args(one)] if not isinstance(one, type) or get_args(one) else []
    return found - {Words}


@pytest.mark.parametrize(
    "shape",
    sorted(
        shapes(ServiceSpec, PackSpec, DistrictSpec, SectionSpec, Scenario, IndicatorsSpec),
        key=lambda one: one.__name__,
    ),
)
def test_every_key_is_in_the_manual(shape: type[Part]) -> None:
    """In the reference as ``key``, or in one of its examples as ``key:``."""
    missing = [key for key in shape.model_fields if not re.search(rf"`{key}`|\b{key}: ", MANUAL)]
    assert missing == []


@pytest.mark.parametrize("word", [*Kind, *Unit])
def test_every_kind_of_field_and_unit_is_in_the_manual(word: str) -> None:
    assert f"`{word}`" in MANUAL


def test_the_example_passes_the_check_without_a_warning(pack: Path) -> None:
    for name, text in re.findall(r"```yaml\n# (\w+/old-age-allowance\.yaml)\n(.*?)```", MANUAL, re.DOTALL):
        (pack / name).write_text(text, encoding="utf-8")
    assert (pack / "scenarios/old-age-allowance.yaml").exists()
    assert [fault for fault in check(pack) if fault.reason != UNISSUED] == []


def test_a_new_service_passes_the_check_as_it_stands(pack: Path) -> None:
    assert len(scaffold(pack, "stall-filing-new")) == 3
    assert [fault for fault in check(pack) if fault.reason != UNISSUED] == []


def test_a_new_service_does_not_write_over_one_that_is_there(pack: Path) -> None:
    file = pack / "services" / "investment-filing.yaml"
    before = file.read_text(encoding="utf-8")
    with pytest.raises(FileExistsError):
        scaffold(pack, "investment-filing")
    assert file.read_text(encoding="utf-8") == before
