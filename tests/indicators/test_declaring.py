"""What packs say of indicators: every fault at its line, loaded once, and what figures hang on does not change."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from tests import world
from tests.indicators.conftest import FIRST, YEAR
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import export_pack, load_pack
from zerotrip.errors import Refused
from zerotrip.indicators.actions import Entered, record
from zerotrip.indicators.figures import Key
from zerotrip.indicators.models import Indicator, Observation
from zerotrip.parties.access import SYSTEM

NOW = datetime(2026, 4, 10, tzinfo=UTC)
HEAD = """
  - id: {id}
    name: {{zh: 甲, en: One}}
    unit: {{zh: 亿元, en: CNY 100 million}}
    frequency: {frequency}
    department: {department}
    source: {{zh: 来源, en: Source}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of its own."""
    folder = tmp_path / "pack"
    shutil.copytree(world.PACK, folder)
    return folder


def one(id: str = "one", frequency: str = "quarter", department: str = "statistics", more: str = "") -> str:
    return HEAD.format(id=id, frequency=frequency, department=department) + (f"    {more}\n" if more else "")


def faults(pack: Path, *declared: str) -> list[tuple[int, str]]:
    (pack / "indicators.yaml").write_text("indicators:" + "".join(declared), encoding="utf-8")
    found = packs.check(pack)
    assert {fault.file for fault in found if fault.reason != world.UNISSUED} <= {"indicators.yaml"}
    return [(fault.line, fault.reason) for fault in found if fault.file == "indicators.yaml"]


@pytest.mark.parametrize(
    ("declared", "line", "reason"),
    [
        (one(department="statistic"), 6, "没有部门“statistic”。是不是“statistics”"),
        (one(more="entered_by: [nobody]"), 8, "没有部门“nobody”"),
        (one(frequency="week"), 5, "只能是"),
        (one() + one(), 9, "重复"),
        (one(more="rolls_up: mean"), 2, "要写 weight"),
        (one(more="change: points"), 2, "不能相加"),
        (one(more="flow: false"), 2, "reported 写 period"),
        (one(more="colour: red"), 8, "没有“colour”这一项"),
        (one(more="least: 5\n    most: 1"), 9, "上限小于下限"),
        (one(more="breaks: [{year: 2026, number: 5, note: {zh: 改, en: New}}]"), 8, "没有这么多个报告期"),
        (
            one(more="industries: [{code: '51', name: {zh: 批发, en: W}}, {code: '51', name: {zh: 零售, en: R}}]"),
            8,
            "重复",
        ),
        (one(more="levels: []"), 8, "至少"),
    ],
)
def test_every_fault_is_named_at_its_line(pack, declared, line, reason):
    found = faults(pack, declared)
    assert [(at, reason in said) for at, said in found][:1] == [(line, True)], found


def test_a_weight_is_an_indicator_of_the_same_frequency_that_adds_up(pack):
    mean = "rolls_up: mean\n    weight: two"
    assert "没有指标“two”" in faults(pack, one(more=mean))[0][1]
    assert "同样的报告期" in faults(pack, one(more=mean), one("two", frequency="year"))[0][1]
    assert faults(pack, one(more=mean), one("two")) == []


def test_the_pack_loads_once_and_comes_out_again_as_it_was(district, tmp_path):
    report = load_pack(world.PACK, by=SYSTEM, at=NOW)
    assert not report.changed
    export_pack("jinan", tmp_path / "out")
    told, shipped = (
        yaml.safe_load((folder / "indicators.yaml").read_text(encoding="utf-8"))
        for folder in (tmp_path / "out", world.PACK)
    )
    assert [one["id"] for one in told["indicators"]] == [one["id"] for one in shipped["indicators"]]
    assert packs.read(tmp_path / "out")[0].parts["indicators"] == packs.read(world.PACK)[0].parts["indicators"]


def changed(pack: Path, text: str, to: str) -> Path:
    file = pack / "indicators.yaml"
    before = file.read_text(encoding="utf-8")
    assert text in before
    file.write_text(before.replace(text, to), encoding="utf-8")
    return pack


def test_what_figures_mean_cannot_change_once_there_are_any(bureau, pack):
    load_pack(changed(pack, "unit: {zh: 亿元,", "unit: {zh: 万元,"), by=SYSTEM, at=NOW)
    record([Entered("x", Key("tax", FIRST, "", YEAR, 1), Decimal(3))], by=bureau.street, at=NOW)
    with pytest.raises(Refused, match="unit"):
        load_pack(changed(pack, "unit: {zh: 万元,", "unit: {zh: 亿元,"), by=SYSTEM, at=NOW)
    assert Indicator.objects.get(pk="tax").spec.unit.zh == "万元"


def test_an_indicator_that_is_no_longer_declared_is_withdrawn_and_keeps_its_figures(bureau, pack):
    record([Entered("x", Key("tax", FIRST, "", YEAR, 1), Decimal(3))], by=bureau.street, at=NOW)
    (pack / "indicators.yaml").unlink()
    report = load_pack(pack, by=SYSTEM, at=NOW)
    assert "tax" in report.parts["indicators"].withdrawn
    assert not Indicator.objects.kept().exists()
    assert Observation.objects.count() == 1
    load_pack(world.PACK, by=SYSTEM, at=NOW)
    assert Indicator.objects.kept().count() == 5
