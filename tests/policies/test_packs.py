"""Policies in a pack: the manual can be trusted, faults are named, loading is all or nothing and can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import world
from tests.policies.steady import MANUAL, pack
from zerotrip.catalogue.actions import export_pack, load_pack
from zerotrip.catalogue.packs import Fault, check
from zerotrip.facts.actions import declare
from zerotrip.facts.queries import vocabulary
from zerotrip.facts.spec import FactsSpec, Kind
from zerotrip.parties.access import SYSTEM
from zerotrip.policies import loading
from zerotrip.policies.models import Policy, PolicyVersion, Shelf
from zerotrip.policies.queries import current, published, spec_of
from zerotrip.policies.spec import PolicySpec, ShelvesSpec

POLICY = "policies/steady-output.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pack(tmp_path / "pack")


def errors(folder: Path) -> list[Fault]:
    return [fault for fault in check(folder) if not fault.warning]


def change(folder: Path, old: str, new: str, name: str = POLICY) -> int:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_example_of_the_manual_passes_the_check(folder):
    assert [fault for fault in check(folder) if fault.reason != world.UNISSUED] == []


def test_the_manual_names_every_key():
    import re

    from tests.catalogue.test_manual import shapes

    keys = {key for shape in shapes(PolicySpec, ShelvesSpec, FactsSpec) for key in shape.model_fields}
    missing = [key for key in sorted(keys) if not re.search(rf"`{key}`|\b{key}: ", MANUAL)]
    assert missing == []
    assert all(f"`{kind}`" in MANUAL for kind in Kind)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fact: blacklisted", "fact: blacklist", "blacklisted"),
        ("at_least: 0.1}", "at_least: 很多}", "不是数"),
        ("within: [B, C, D]", "within: [B, C, Z]", "代码"),
        ("of: [quarter_power_cost]", "of: [specialised]", "数字或金额"),
        ("shelves: [growth]", "shelves: [grow]", "growth"),
        ("department: approval-bureau\n  period", "department: approval\n  period", "approval-bureau"),
        ("until: 2026-12-31", "until: 2025-12-31", "since"),
        ('amount: "30000.00"', 'amount: "30000.01"', "30000.00"),
        ("missing: [revenue_change]", "missing: []", "revenue_change"),
        ("tier: [plain]", "tier: [bonus]", "plain"),
        ("clauses: {industry: ", "clauses: {trade: ", "trade"),
        ("quarter_power_cost: 300000", "quarter_power_cost: 30万", "不是数"),
        ("          at_least: 2", "          at_least: 4", "整数"),
    ],
)
def test_a_fault_is_named_at_its_line(folder, old, new, said):
    line = change(folder, old, new)
    found = errors(folder)
    assert found
    assert any(said in fault.reason for fault in found), found
    assert all(fault.file == POLICY and abs(fault.line - line) <= 6 for fault in found), (line, found)


@pytest.mark.parametrize(
    "contradicting",
    [
        "{fact: revenue_change, less_than: 0.1}",
        "{fact: revenue_change, between: [0, 0.05]}",
        "{fact: industry, within: [F, G]}",
        "{fact: blacklisted, is: true}",
    ],
)
def test_clauses_that_nobody_can_fulfil_are_a_fault(folder, contradicting):
    change(
        folder,
        "  - id: honest\n",
        f"  - id: second\n    text: {{zh: 另一条, en: Another}}\n    when: {contradicting}\n  - id: honest\n",
    )
    assert any("矛盾" in fault.reason for fault in errors(folder))


def test_facts_that_do_not_agree_are_faults(folder):
    change(folder, "quotient: [research_cost, revenue]", "quotient: [research_cost, later]", "facts.yaml")
    change(folder, "kind: choice\n    label: {zh: 企业规模", "kind: yes_no\n    label: {zh: 企业规模", "facts.yaml")
    found = errors(folder)
    assert {fault.file for fault in found} >= {"facts.yaml"}
    assert any("later" in fault.reason for fault in found)


@pytest.fixture
def loaded(folder, db) -> Path:
    load_pack(folder, by=SYSTEM, at=world.MORNING)
    return folder


def test_loading_publishes_and_the_same_again_changes_nothing(loaded):
    assert set(published()) == {"steady-output"}
    assert Shelf.objects.count() == 9
    report = load_pack(loaded, by=SYSTEM, at=world.MORNING)
    assert not report.changed
    assert PolicyVersion.objects.count() == 1


def test_what_is_written_out_can_be_loaded_again(loaded, tmp_path):
    export_pack("jinan", tmp_path / "out")
    assert errors(tmp_path / "out") == []
    assert not load_pack(tmp_path / "out", by=SYSTEM, at=world.MORNING).changed


def test_a_changed_policy_is_another_version_and_the_old_one_stays(loaded):
    before = published()["steady-output"]
    change(loaded, "at_least: 0.1}", "at_least: 0.11}")
    load_pack(loaded, by=SYSTEM, at=world.MORNING)
    after = published()["steady-output"]
    assert after != before
    assert spec_of(before).clauses[1].when["at_least"] == 0.1
    assert PolicyVersion.objects.get(pk=after).number == 2


def test_a_policy_that_is_gone_is_withdrawn(loaded):
    (loaded / POLICY).unlink()
    report = load_pack(loaded, by=SYSTEM, at=world.MORNING)
    assert report.parts["policies"].withdrawn == ["steady-output"]
    assert published() == {}


def test_what_is_proposed_is_not_published_until_it_is(loaded):
    from zerotrip.catalogue import packs

    change(loaded, "at_least: 0.1}", "at_least: 0.11}")
    read, _faults = packs.read(loaded)
    assert read is not None
    before = published()
    assert loading.propose(read.parts["policies"], read, by=SYSTEM, at=world.MORNING) == ["steady-output"]
    assert published() == before
    policy = Policy.objects.get()
    assert policy.proposed is not None
    load_pack(loaded, by=SYSTEM, at=world.MORNING)
    policy.refresh_from_db()
    assert (policy.current, policy.proposed) == (PolicyVersion.objects.get(number=2), None)


def test_a_policy_whose_fact_is_gone_is_left_out(loaded):
    assert [policy.spec.id for policy in current()] == ["steady-output"]
    declare("jinan", None, at=world.MORNING)
    assert vocabulary().facts == {}
    assert current() == []


def test_a_version_never_changes(loaded):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.update(number=7)
