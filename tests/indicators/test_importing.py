"""Figures from a workbook: looked through first, every fault named by sheet, row and column, taken as a whole."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import Workbook

from tests.indicators.conftest import FIRST, SECOND, YEAR
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.indicators import queries
from zerotrip.indicators.actions import drop, look_through, purge, take
from zerotrip.indicators.actions.importing import place_of
from zerotrip.indicators.figures import Key
from zerotrip.indicators.models import Filing, Observation
from zerotrip.ledger.queries import history

NOW = datetime(2026, 4, 21, 2, 0, tzinfo=UTC)
HEAD = ["区划代码", "区域", "行业代码", "行业", "年", "期", "固定资产投资（亿元）", "税收（亿元）"]
STREET = "370199001000"


def workbook(*rows, head=HEAD, sheet="季度", change=None) -> io.BytesIO:
    made = Workbook()
    page = made.active
    page.title = sheet
    for row in (head, *rows):
        page.append(row)
    if change:
        change(page)
    held = io.BytesIO()
    made.save(held)
    held.seek(0)
    return held


def row(*values, code=STREET, industry=None, year=YEAR, number=1) -> list:
    return [code, None, industry, None, year, number, *values]


def looked(file, by) -> Filing:
    return look_through(file, name="一季度.xlsx", by=by, at=NOW)


def faults(file, by) -> dict[str, str]:
    filing = looked(file, by)
    assert filing.found["wrong"] == len(filing.found["faults"])
    assert not Observation.objects.filter(filing=filing).exists()
    return dict(filing.found["faults"])


def test_a_workbook_is_looked_through_and_then_taken_as_a_whole(bureau):
    filing = looked(workbook(row(1.85, 3), row(1.2, None, code="370199001001")), bureau.street)
    assert (filing.found["new"], filing.found["wrong"], Observation.objects.count()) == (3, 0, 0)
    taken = take(filing.pk, reason="", sure=False, by=bureau.street, at=NOW)
    assert take(filing.pk, reason="", sure=False, by=bureau.street, at=NOW).pk == taken.pk
    values = set(Observation.objects.values_list("indicator_id", "value"))
    assert values == {
        ("fixed-asset-investment", Decimal("1.85")),
        ("fixed-asset-investment", Decimal("1.2")),
        ("tax", Decimal("3")),
    }
    assert [entry.action for entry in history(filing.pk)] == ["check", "take"]


def test_every_fault_is_named_with_sheet_row_and_column(bureau):
    found = faults(
        workbook(
            row("=1+1", "三亿"),
            row(True, 1, code="370199009999"),
            row(-1, 1.23456, code="1"),
            row(1, 1, year="明年"),
            row(1, 1, number=5),
            row(1, None, industry="51"),
            row(2, None, code="370199001001"),
            row(3, None, code="370199001001"),
        ),
        bureau.street,
    )
    expected = {
        "季度!G2": "是公式，请粘",
        "季度!H2": "“三亿”不是",
        "季度!A3": "没有这个区划",
        "季度!G3": "不是数字。",
        "季度!A4": "没有这个区划",
        "季度!G4": "不能小于 0",
        "季度!H4": "小数最多 4",
        "季度!E5": "年份或期数不",
        "季度!E6": "年份或期数不",
        "季度!C7": "这个指标不按",
        "季度!G9": "与第 8 行重复",
    }
    assert set(found) == set(expected)
    assert [place for place, reason in found.items() if not reason.startswith(expected[place])] == []


def test_a_wrong_heading_is_named_and_the_right_one_offered(bureau):
    found = faults(workbook(row(1, 2), head=[*HEAD[:6], "固定资产投资（万元）", "税收收入（亿元）"]), bureau.street)
    assert "单位应写作“亿元”" in found["季度!G1"]
    assert "没有“税收收入（亿元）”这一列" in found["季度!H1"]
    assert "是不是“税收（亿元）”" in found["季度!H1"]
    assert "缺少“期”列" in next(iter(faults(workbook(head=HEAD[:5]), bureau.street).values()))
    assert "表名应为" in faults(workbook(sheet="Sheet1"), bureau.street)["文件"]


def test_two_sheets_of_one_kind_are_one_too_many(bureau):
    made = Workbook()
    made.active.title = "季度"
    for page in (made.active, made.create_sheet("Quarterly")):
        page.append(HEAD)
        page.append(row(1, 2))
    held = io.BytesIO()
    made.save(held)
    held.seek(0)
    assert faults(held, bureau.street) == {"Quarterly": "这种表只能有一张，请并到前面那张里。"}


def test_merged_cells_are_named(bureau):
    file = workbook(row(1, 2), row(2, 3), change=lambda page: page.merge_cells("G2:G3"))
    assert faults(file, bureau.street) == {"季度!G2": "有合并单元格，请取消合并，每格填一个数。"}


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_says_so(bureau, content):
    assert "不是 Excel 工作簿" in faults(io.BytesIO(content), bureau.street)["文件"]


def test_a_number_kept_as_text_is_taken_for_what_it_says_and_that_is_said(bureau):
    filing = looked(workbook(row("1.85", "３.０")), bureau.street)
    assert (filing.found["notes"], filing.found["wrong"]) == (2, 0)
    take(filing.pk, reason="", sure=False, by=bureau.street, at=NOW)
    assert set(Observation.objects.values_list("value", flat=True)) == {Decimal("1.85"), Decimal("3")}


def test_figures_of_other_areas_are_refused(bureau):
    found = faults(workbook(row(1, 2, code="370199002000")), bureau.street)
    assert "不在您的范围内" in found["季度!A2"]


def test_a_revision_needs_its_reason_and_a_doubt_somebody_who_is_sure(figures):
    filing = looked(workbook(row(1.9, 30)), figures.street)
    assert (filing.found["revised"], filing.found["doubtful"]) == (2, 1)
    assert "季度!H2" in filing.found["doubts"][0]
    with pytest.raises(Invalid) as refused:
        take(filing.pk, reason="", sure=False, by=figures.street, at=NOW)
    assert set(refused.value.problems) == {"reason", "sure"}
    take(filing.pk, reason="核实后更正", sure=True, by=figures.street, at=NOW)
    newest = queries.revisions(figures.street, Key("tax", FIRST, "", YEAR, 1))[0]
    assert (newest.value, newest.revision, newest.reason) == (Decimal("30"), 2, "核实后更正")


def test_what_has_faults_is_not_taken_and_what_is_not_ones_own_is_not_there(bureau):
    filing = looked(workbook(row("=1+1", 3)), bureau.street)
    with pytest.raises(Refused):
        take(filing.pk, reason="", sure=True, by=bureau.street, at=NOW)
    with pytest.raises(NotFound):
        take(filing.pk, reason="", sure=True, by=bureau.statistics, at=NOW)


def test_a_file_nobody_confirms_is_gone_after_a_day(bureau):
    kept, dropped = looked(workbook(row(1, 2)), bureau.street), looked(workbook(row(1, 2)), bureau.street)
    assert place_of(kept.pk).exists()
    drop(dropped.pk, by=bureau.street, at=NOW)
    assert purge(at=NOW + timedelta(hours=23)) == 0
    assert purge(at=NOW + timedelta(hours=25)) == 1
    assert not place_of(kept.pk).exists()
    with pytest.raises(NotFound):
        take(kept.pk, reason="", sure=False, by=bureau.street, at=NOW + timedelta(hours=25))


def test_rows_are_gone_through_in_bounded_memory_and_one_more_than_the_most_is_too_many(bureau, monkeypatch):
    monkeypatch.setattr("zerotrip.indicators.sheets.MOST_ROWS", 20_000)
    made = Workbook(write_only=True)
    page = made.create_sheet("季度")
    page.append(HEAD[:7])
    for number in range(20_001):
        page.append([STREET, None, None, None, 1950 + number % 200, 1 + number // 200 % 4, None])
    held = io.BytesIO()
    made.save(held)
    held.seek(0)
    tracemalloc.start()
    try:
        found = dict(looked(held, bureau.street).found["faults"])
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == {"季度!A20002": "行数太多，一个文件最多 20000 行。"}
    assert most < 20_000_000


def test_the_second_subdistrict_is_untouched_by_what_the_first_brings(figures):
    before = Observation.objects.filter(area_path__startswith=SECOND).count()
    filing = looked(workbook(row(1.91, 3.01)), figures.street)
    take(filing.pk, reason="更正", sure=True, by=figures.street, at=NOW)
    assert Observation.objects.filter(area_path__startswith=SECOND).count() == before
