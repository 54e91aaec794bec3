"""``projects.yaml``: every fault has its file and line, editions are kept, loading twice changes nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from tests import world
from tests.projects.site import CHAIN, scheme
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import export_pack, load_pack
from zerotrip.errors import NotFound
from zerotrip.parties.access import SYSTEM
from zerotrip.projects.declared import packs_of_projects, scheme_at
from zerotrip.projects.models import Scheme

NOW = world.MORNING


@pytest.fixture
def folder(tmp_path):
    """The pack of the chain, to be changed."""
    return shutil.copytree(scheme(CHAIN), tmp_path / "pack")


def faults(folder, *changes: tuple[str, str]) -> list[str]:
    """What the check says after these changes of the file, with the line each is at."""
    path = folder / "projects.yaml"
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    found = [fault for fault in packs.check(folder) if not fault.warning]
    assert {fault.file for fault in found} <= {"projects.yaml"}
    lines = text.splitlines()
    return [f"{lines[fault.line - 1].strip()} | {fault.reason}" for fault in found]


def test_the_shipped_declaration_has_no_fault(folder):
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("before", "after", "at", "said"),
    [
        ("service: line-check", "service: line-chek", "service: line-chek", "是不是“line-check”"),
        ("phase: design", "phase: desgin", "phase: desgin", "没有阶段"),
        ("after: [line-check]", "after: [linecheck]", "after: [linecheck]", "没有许可"),
        ("after: [site-opinion]", "after: [line-check]", "after: [line-check]", "更后面的阶段"),
        ("{fact: land, is: allocated}", "{fact: land, is: sold}", "when: {fact: land, is: sold}", ""),
        ("{fact: land, is: granted}", "{fact: lnd, is: granted}", "when: {fact: lnd, is: granted}", "land"),
        ("foreign: foreign_invested", "foreig: foreign_invested", "fills: {foreig:", "是不是“foreign”"),
        ("not_before: finish_date", "not_before: floor_area", "not_before: floor_area", "没有日期"),
        ("joint: acceptance", "joint: acceptence", "joint: acceptence", "没有联合验收"),
        ("department: commerce", "department: commerse", "department: commerse", "是不是“commerce”"),
        ("- id: drainage", "- id: filing", "- id: filing", "重复"),
    ],
)
def test_each_fault_is_named_at_its_line(folder, before, after, at, said):
    found = faults(folder, (before, after))
    assert any(at in fault and said in fault for fault in found), found


def test_permits_that_wait_for_one_another_are_named_once_with_the_way_round(folder):
    note = "    note: {zh: 建筑面积界线"
    (found,) = faults(
        folder,
        ("    after: [construction-permit]\n", "    after: [waste]\n"),
        (f"    after: [project-planning]\n{note}", f"    after: [line-check]\n{note}"),
    )
    assert "绕成了圈" in found
    assert "waste → line-check → waste" in found


def test_a_permit_cannot_run_ahead_in_a_service_that_cannot(folder):
    found = faults(folder, ("service: line-check\n", "service: line-check\n    early: true\n"))
    assert any("early: true" in fault and "预审" in fault for fault in found)


def test_the_last_class_of_problems_takes_whatever_fits_no_other(folder):
    text = "  - id: other\n    name: {zh: 其他问题, en: Other}\n"
    found = faults(folder, (text, text + "    when: {fact: builds, is: true}\n"))
    assert any("最后一类" in fault for fault in found)


def test_loading_twice_changes_nothing_and_a_change_makes_an_edition(db, folder):
    assert load_pack(folder, by=SYSTEM, at=NOW).parts["projects"].made == ["projects"]
    assert not load_pack(folder, by=SYSTEM, at=NOW).parts["projects"].any
    later = NOW + timedelta(days=3)
    assert faults(folder, ("{zh: 工业, en: Industry}", "{zh: 工业项目, en: Industry}")) == []
    load_pack(folder, by=SYSTEM, at=later)
    assert Scheme.objects.count() == 2
    assert scheme_at("jinan").kinds[0].name.zh == "工业项目"
    assert scheme_at("jinan", at=NOW).kinds[0].name.zh == "工业"


def test_a_pack_that_declares_none_any_more_takes_no_new_projects(db, folder):
    load_pack(folder, by=SYSTEM, at=NOW)
    (folder / "projects.yaml").unlink()
    assert load_pack(folder, by=SYSTEM, at=NOW).parts["projects"].withdrawn == ["projects"]
    assert packs_of_projects() == {}
    assert scheme_at("jinan", at=NOW).kinds, "those there are go on"


def test_a_pack_without_projects_has_none(db):
    load_pack(world.PACK, by=SYSTEM, at=NOW)
    with pytest.raises(NotFound):
        scheme_at("jinan")


def test_what_is_written_out_loads_without_a_change(db, folder, tmp_path):
    load_pack(folder, by=SYSTEM, at=NOW)
    export_pack("jinan", tmp_path / "out")
    assert not load_pack(tmp_path / "out", by=SYSTEM, at=NOW).parts["projects"].any
