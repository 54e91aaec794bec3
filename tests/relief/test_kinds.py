"""A kind nobody has thought of needs no code: declared, it is asked, matched, told and counted."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal

import pytest
import yaml

from tests import helped, world
from tests.relief.market import the_pair
from tests.world import MORNING
from zerotrip.catalogue.actions import export_pack, load_pack
from zerotrip.catalogue.packs import check
from zerotrip.errors import NotFound
from zerotrip.parties.access import SYSTEM
from zerotrip.relief.matching import actions, queries
from zerotrip.relief.models import Resource, ResourceKind

BERTHS = """
id: berths
name: {zh: 泊位, en: Berths}
offer:
  name: {zh: 我有空泊位, en: I have a free berth}
  place: {zh: 在哪个港区, en: In which port}
  fields:
    - {id: depth, kind: number, label: {zh: 水深, en: Depth}, unit: {zh: 米, en: m}}
    - {id: cold, kind: yes_no, label: {zh: 岸电, en: Shore power}}
    - {id: days, kind: number, label: {zh: 可用天数, en: Days}, unit: {zh: 天, en: days}, decimals: 0}
    - {id: cargo, kind: multi_choice, label: {zh: 货种, en: Cargo}, choices: [
        {value: bulk, label: {zh: 散货, en: Bulk}}, {value: timber, label: {zh: 木材, en: Timber}}]}
want:
  name: {zh: 我要泊位, en: I need a berth}
  place: {zh: 去哪个港区, en: To which port}
  fields:
    - {id: draught, kind: number, label: {zh: 吃水, en: Draught}, unit: {zh: 米, en: m}}
    - {id: power, kind: yes_no, label: {zh: 要岸电, en: Needs shore power}}
    - {id: days, kind: number, label: {zh: 天数, en: Days}, unit: {zh: 天, en: days}, decimals: 0}
    - {id: cargo, kind: choice, label: {zh: 货种, en: Cargo}, choices: [
        {value: timber, label: {zh: 木材, en: Timber}}, {value: bulk, label: {zh: 散货, en: Bulk}}]}
rules:
  - {offer: depth, must: at_least, want: draught}
  - {offer: cold, must: cover, want: power}
  - {offer: cargo, must: share, want: cargo}
closeness:
  - {by: near, offer: depth, want: draught, weight: 3}
  - {by: place, weight: 1}
quantity: {offer: days, want: days, unit: {zh: 天, en: days}}
outcome: {unit: {zh: 吨, en: t}, offer: {zh: 装卸量, en: Handled}, want: {zh: 靠泊量, en: Berthed}}
"""
OFFER = {"depth": "9.5", "cold": True, "days": "30", "cargo": ["bulk", "timber"]}
WANT = {"draught": "8", "power": True, "days": "10", "cargo": "timber"}


@pytest.fixture
def pack(tmp_path):
    """The pack of the tests, to be changed."""
    folder = tmp_path / "pack"
    shutil.copytree(world.PACK, folder)
    (folder / "resources" / "berths.yaml").write_text(BERTHS, encoding="utf-8")
    return folder


def reload(pack, change=None, name="berths"):
    path = pack / "resources" / f"{name}.yaml"
    if change is not None:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(declared)
        path.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_pack(pack, by=SYSTEM, at=MORNING)


def test_an_unseen_kind_works_from_the_form_to_the_outcome(pack, printer, retailer, district):
    reload(pack)
    offer = printer.enters("berths", "offer", **OFFER)
    row = the_pair(offer, retailer.enters("berths", "want", **WANT))
    assert [reason["want"]["zh"] for reason in row.reasons][:3] == [
        "水深：9.5 米，您要 8 米以上",
        "岸电：有，您需要",
        "货种：散货、木材，您要木材",
    ]
    assert the_pair(offer, retailer.enters("berths", "want", **{**WANT, "draught": "10"})) is None
    for side, who in (("offer", printer), ("want", retailer)):
        row = actions.agree(row, side, by=who.agent, at=MORNING)
    actions.succeed(row, amount=Decimal(4200), taken=Decimal(10), by=retailer.agent, at=MORNING)
    day = timedelta(days=1)
    sums = {row.kind.id: row for row in queries.board(district.clerk, since=MORNING - day, until=MORNING + day)}
    assert sums["berths"].placed_amount == sums["berths"].met_amount == 4200
    assert Resource.objects.get(pk=offer.pk).used == 10


def test_loading_the_same_twice_changes_nothing_and_a_kind_taken_out_is_withdrawn(pack, printer):
    assert reload(pack).parts["resources"].made == ["berths"]
    assert not reload(pack).parts["resources"].any
    offer = printer.enters("berths", "offer", **OFFER)
    (pack / "resources" / "berths.yaml").unlink()
    assert reload(pack).parts["resources"].withdrawn == ["berths"]
    with pytest.raises(NotFound):
        printer.enters("berths", "offer", **OFFER)
    assert Resource.objects.get(pk=offer.pk).status == "open"


def test_when_other_things_are_compared_what_is_under_way_is_compared_by_them_too(pack, printer, retailer):
    reload(pack)
    offer = printer.enters("berths", "offer", **OFFER)

    def change(declared):
        declared["rules"] = [{"offer": "days", "must": "at_least", "want": "days"}]
        declared["closeness"] = [{"by": "near", "offer": "days", "want": "days", "weight": 1}]

    reload(pack, change)
    assert Resource.objects.get(pk=offer.pk).n1 == 30
    assert the_pair(offer, retailer.enters("berths", "want", **{**WANT, "draught": "99"})) is not None
    assert the_pair(offer, retailer.enters("berths", "want", **{**WANT, "days": "31"})) is None


def test_what_is_exported_loads_as_it_was(pack, tmp_path, district):
    reload(pack)
    export_pack("jinan", tmp_path / "out")
    assert ResourceKind.objects.get(slug="berths").kind.spec.id == "berths"
    assert not load_pack(tmp_path / "out", by=SYSTEM, at=MORNING).parts["resources"].any


@pytest.mark.parametrize(
    ("written", "instead", "reason"),
    [
        ("offer: depth, must", "offer: dept, must", "没有字段“dept”"),
        ("must: at_least", "must: at_lest", "只能是"),
        ("offer: cold, must: cover", "offer: cold, must: at_least", "不能这样比较"),
        ("offer: cargo, must: share, want: cargo", "offer: cargo, must: share, want: power", "不成对"),
        ("by: place, weight: 1", "by: place, weight: 1, offer: depth", "不写字段"),
        ("by: near, offer: depth", "by: near, within: 5, offer: depth", "within"),
        ("kind: number, label: {zh: 水深", "kind: file, label: {zh: 水深", "不能用这种字段"),
        ("quantity: {offer: days", "quantity: {offer: cargo", "应为数字或金额"),
        ("weight: 3", "weight: 0", "不能小于"),
        ("id: berths", "id: berth", "文件名应为"),
    ],
    ids=lambda text: text if text.isascii() else "",
)
def test_the_check_names_what_is_wrong_with_its_line(pack, written, instead, reason):
    path = pack / "resources" / "berths.yaml"
    assert BERTHS.count(written) == 1
    path.write_text(BERTHS.replace(written, instead), encoding="utf-8")
    found = [fault for fault in check(pack) if fault.file == "resources/berths.yaml" and not fault.warning]
    assert any(reason in fault.reason for fault in found), found
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if instead in text)
    assert any(abs(fault.line - line) <= 1 for fault in found), found


def test_words_of_ones_own_hold_no_other_placeholder(pack):
    path = pack / "resources" / "berths.yaml"
    own = "{offer: depth, must: at_least, want: draught, words: {want: {zh: '{depth}'}, offer: {zh: '{want}'}}}"
    path.write_text(BERTHS.replace("{offer: depth, must: at_least, want: draught}", own), encoding="utf-8")
    assert any("{offer} 和 {want}" in fault.reason for fault in check(pack))


@pytest.mark.parametrize(
    ("helps", "reason", "warns"),
    [
        ("{need: need-labour, side: want, fills: {title: trade, draught: people}, among: above_scale}", "", False),
        ("{need: need-labour, side: want, fills: {depht: people}}", "这一侧没有字段“depht”", False),
        ("{need: need-labour, side: want, fills: {draught: peple}}", "诉求表里没有字段“peple”", False),
        ("{need: need-berths, side: want}", "没有诉求主题“need-berths”", True),
        ("{need: food-permit, side: want}", "没有诉求主题“food-permit”", True),
        ("{need: need-labour, side: want, among: industry}", "“industry”不是企业的“是否”事实", True),
        ("{need: need-labour, side: both}", "只能是", False),
    ],
)
def test_where_a_kind_helps_a_need_is_checked(tmp_path, helps, reason, warns):
    folder = tmp_path / "pack"
    shutil.copytree(helped.with_facts(), folder)
    path = folder / "resources" / "berths.yaml"
    path.write_text(f"{BERTHS}helps:\n  - {helps}\n", encoding="utf-8")
    found = [fault for fault in check(folder) if fault.file == "resources/berths.yaml" and "helps" in fault.path]
    assert [(reason in fault.reason, fault.warning) for fault in found] == ([(True, warns)] if reason else [])
    assert all(fault.line == len(path.read_text(encoding="utf-8").splitlines()) for fault in found)


def test_the_kinds_that_are_shipped_have_all_their_words_in_both_languages(district):
    assert len(queries.kinds()) == 8
    assert [fault for fault in check(world.WHOLE) if fault.file.startswith("resources/")] == []
