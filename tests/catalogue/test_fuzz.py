"""A pack spoilt at random is judged without an exception, and loads if it passes."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalogue.conftest import NOW, SHIPPED
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.packs import Fault, check, documents
from zerotrip.catalogue.packs.writing import dump
from zerotrip.catalogue.queries import form_of, needed_materials
from zerotrip.parties.access import SYSTEM

NAMES = sorted(str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*.yaml"))
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**14,
    "",
    "x",
    "no such",
    "农",
    "{year}",
    "a" * 5000,
    "answers.x",
    [],
    {},
    [[]],
]


def spoil(value: object, chance: random.Random) -> object:
    """The value with one part changed, dropped, doubled or moved."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        if chance.random() < 0.8:
            return {**value, key: spoil(value[key], chance)}
        if chance.random() < 0.5:
            return {name: item for name, item in value.items() if name != key}
        return {**value, chance.choice([key + "x", "id", "kind", "when", "required"]): chance.choice(ODD)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        if chance.random() < 0.8:
            return [*value[:at], spoil(value[at], chance), *value[at + 1 :]]
        return value[:at] + value[at + 1 :] if chance.random() < 0.5 else [*value, value[at]]
    return chance.choice(ODD)


def judged(folder: Path) -> list[Fault]:
    faults = check(folder)
    assert all(isinstance(fault.line, int) and fault.reason for fault in faults)
    return faults


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 2**32), st.integers(1, 3))
def test_a_pack_with_spoilt_values_is_judged_and_loads_if_it_passes(
    db: None, tmp_path_factory: pytest.TempPathFactory, name: str, seed: int, times: int
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("fuzz") / "pack"))
    chance = random.Random(seed)
    value = documents.read((folder / name).read_text()).value
    for _ in range(times):
        value = spoil(value, chance)
    (folder / name).write_text(dump(value))
    if not any(not fault.warning for fault in judged(folder)):
        sid = transaction.savepoint()
        load_pack(folder, by=SYSTEM, at=NOW)
        for service in Service.objects.offered():
            checked = form_of(service.current_id).check({})
            needed_materials(service.current_id, checked.values)
        transaction.savepoint_rollback(sid)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_a_pack_with_spoilt_bytes_is_judged(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("fuzz") / "pack"))
    content = (folder / name).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    middle = data.draw(
        st.binary(max_size=40) | st.text(alphabet="{}[]:-#&*!|>'\"%@`,? \t\n~0", max_size=40).map(str.encode)
    )
    (folder / name).write_bytes(content[:start] + middle + content[end:])
    judged(folder)
