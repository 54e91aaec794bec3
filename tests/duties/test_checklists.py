"""Forms of tasks, reports and visits, as packs declare them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import world
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import load_pack
from zerotrip.duties.models import Kind, Requirement
from zerotrip.duties.queries import checklists, form_of
from zerotrip.parties.access import SYSTEM

SHEET = """
id: {id}
kind: {kind}
name: {{zh: 冷链核查, en: Cold chain}}
sections:
  - id: stock
    title: {{zh: 在库, en: In store}}
    fields:
      - {{id: tonnes, kind: {field}, label: {{zh: 数量, en: Stock}}}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of its own."""
    folder = tmp_path / "pack"
    shutil.copytree(world.PACK, folder)
    (folder / "checklists").mkdir(exist_ok=True)
    return folder


def declare(pack: Path, *, id: str = "cold-chain", kind: str = "report", field: str = "number") -> None:
    text = SHEET.format(id=id, kind=kind, field=field).lstrip()
    (pack / "checklists" / "cold-chain.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "line", "reason"),
    [
        ({"field": "file"}, 8, "不设文件字段"),
        ({"kind": "party"}, 2, "只能是"),
        ({"id": "warm-chain"}, 1, ""),
    ],
)
def test_every_fault_is_named_at_its_line(pack, said, line, reason):
    declare(pack, **said)
    found = [fault for fault in packs.check(pack) if fault.file.startswith("checklists/")]
    assert [(fault.line, reason in fault.reason) for fault in found][:1] == [(line, True)], found


def cold_chain() -> Requirement:
    """The edition that is offered now."""
    return next(one for one in checklists(Kind.REPORT) if ":cold-chain:" in one.slug)


def test_what_was_asked_keeps_the_edition_it_was_asked_in(district, pack):
    declare(pack)
    load_pack(pack, by=SYSTEM, at=world.MORNING)
    first = cold_chain()
    declare(pack, field="money")
    load_pack(pack, by=SYSTEM, at=world.MORNING)
    second = cold_chain()
    kinds = [form_of(Requirement.objects.get(pk=one.pk)).fields["tonnes"].kind for one in (first, second)]
    assert kinds == ["number", "money"]
