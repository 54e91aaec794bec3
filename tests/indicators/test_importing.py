"""Figures from a workbook: looked through first, every fault named by sheet, row and column, taken as a whole."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.indicators.conftest import FIRST, SECOND, YEAR
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale, TooLarge
from zerotrip.indicators import queries
from zerotrip.indicators.actions import (
    Entered,
    confirm,
    drop,
    hand_in,
    importing,
    look_through,
    purge,
    record,
    take,
)
from zerotrip.indicators.actions.importing import place_of
from zerotrip.indicators.figures import Key
from zerotrip.indicators.models import Filing, FilingState, Observation
from zerotrip.ledger.queries import history
from zerotrip.parties.models import Membership

NOW = datetime(2026, 4, 21, 2, 0, tzinfo=UTC)
HEAD = ["区划代码", "区域", "行业代码", "行业", "年", "期", "固定资产投资（亿元）", "税收（亿元）"]
STREET = "370199001000"


def jobs():
    """What the worker is to do with figures; other tests leave it other things."""
    return ProcrastinateJob.objects.filter(task_name="indicators.work")


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


def handed_in(file, by, *, key=None) -> Filing:
    return hand_in(file, name="一季度.xlsx", language="zh-hans", by=by, at=NOW, filing_id=key or uuid4())


def looked(file, by) -> Filing:
    filing = look_through(handed_in(file, by).pk, at=NOW)
    assert filing is not None
    return filing


def taken_in(filing, by, *, reason="", sure=False) -> Filing:
    confirm(filing.pk, reason=reason, sure=sure, by=by, at=NOW)
    taken = take(filing.pk, at=NOW)
    assert taken is not None
    assert taken.state == FilingState.TAKEN, taken.because
    return taken


def faults(file, by) -> dict[str, str]:
    filing = looked(file, by)
    assert filing.found["wrong"] == len(filing.found["faults"])
    assert not Observation.objects.filter(filing=filing).exists()
    return dict(filing.found["faults"])


def test_a_workbook_is_looked_through_and_then_taken_as_a_whole(bureau, django_capture_on_commit_callbacks):
    filing = looked(workbook(row(1.85, 3), row(1.2, None, code="370199001001")), bureau.street)
    assert (filing.found["new"], filing.found["wrong"], Observation.objects.count()) == (3, 0, 0)
    with django_capture_on_commit_callbacks(execute=True):
        taken = taken_in(filing, bureau.street)
    assert confirm(filing.pk, reason="", sure=False, by=bureau.street, at=NOW).pk == taken.pk
    assert take(filing.pk, at=NOW) is None
    assert not place_of(filing.pk).exists()
    values = set(Observation.objects.values_list("indicator_id", "value"))
    assert values == {
        ("fixed-asset-investment", Decimal("1.85")),
        ("fixed-asset-investment", Decimal("1.2")),
        ("tax", Decimal("3")),
    }
    assert [entry.action for entry in history(filing.pk)] == ["hand_in", "check", "confirm", "take"]


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
    taken_in(filing, bureau.street)
    assert set(Observation.objects.values_list("value", flat=True)) == {Decimal("1.85"), Decimal("3")}


def test_figures_of_other_areas_are_refused(bureau):
    found = faults(workbook(row(1, 2, code="370199002000")), bureau.street)
    assert "不在您的范围内" in found["季度!A2"]


def test_a_revision_needs_its_reason_and_a_doubt_somebody_who_is_sure(figures):
    filing = looked(workbook(row(1.9, 30)), figures.street)
    assert (filing.found["revised"], filing.found["doubtful"]) == (2, 1)
    assert "季度!H2" in filing.found["doubts"][0]
    with pytest.raises(Invalid) as refused:
        confirm(filing.pk, reason="", sure=False, by=figures.street, at=NOW)
    assert set(refused.value.problems) == {"reason", "sure"}
    taken_in(filing, figures.street, reason="核实后更正", sure=True)
    newest = queries.revisions(figures.street, Key("tax", FIRST, "", YEAR, 1))[0]
    assert (newest.value, newest.revision, newest.reason) == (Decimal("30"), 2, "核实后更正")


def test_what_has_faults_is_not_taken_and_what_is_not_ones_own_is_not_there(bureau):
    filing = looked(workbook(row("=1+1", 3)), bureau.street)
    with pytest.raises(Refused):
        confirm(filing.pk, reason="", sure=True, by=bureau.street, at=NOW)
    with pytest.raises(NotFound):
        confirm(filing.pk, reason="", sure=True, by=bureau.statistics, at=NOW)


def test_a_file_nobody_confirms_is_gone_after_a_day(bureau):
    kept, dropped = looked(workbook(row(1, 2)), bureau.street), looked(workbook(row(1, 2)), bureau.street)
    assert place_of(kept.pk).exists()
    drop(dropped.pk, by=bureau.street, at=NOW)
    assert purge(at=NOW + timedelta(hours=23)) == 0
    assert purge(at=NOW + timedelta(hours=25)) == 1
    assert not place_of(kept.pk).exists()
    with pytest.raises(NotFound):
        confirm(kept.pk, reason="", sure=False, by=bureau.street, at=NOW + timedelta(hours=25))


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
    taken_in(filing, figures.street, reason="更正", sure=True)
    assert Observation.objects.filter(area_path__startswith=SECOND).count() == before


def test_what_is_handed_in_waits_for_the_worker_and_cannot_be_taken_before(bureau):
    filing = handed_in(workbook(row(1, 2)), bureau.street)
    assert (filing.state, filing.found) == (FilingState.QUEUED, {})
    assert list(jobs().values_list("args", flat=True)) == [{"filing": str(filing.pk)}]
    with pytest.raises(Refused, match="还没有检查完"):
        confirm(filing.pk, reason="", sure=False, by=bureau.street, at=NOW)
    assert take(filing.pk, at=NOW) is None
    assert not Observation.objects.exists()


def test_the_same_key_hands_in_once_and_anothers_key_not_at_all(bureau):
    key = uuid4()
    first = handed_in(workbook(row(1, 2)), bureau.street, key=key)
    kept = place_of(key).read_bytes()
    assert handed_in(workbook(row(9, 9)), bureau.street, key=key).pk == first.pk
    with pytest.raises(Stale):
        handed_in(workbook(row(9, 9)), bureau.statistics, key=key)
    assert place_of(key).read_bytes() == kept
    assert Filing.objects.count() == jobs().count() == 1


def test_whoever_enters_nothing_hands_in_nothing(bureau):
    with pytest.raises(NotAllowed):
        handed_in(workbook(row(1, 2)), bureau.clerk)
    assert not Filing.objects.exists()


def test_a_file_beyond_the_limit_and_a_fourth_under_way_are_refused(bureau, monkeypatch):
    for _number in range(3):
        handed_in(workbook(row(1, 2)), bureau.street)
    with pytest.raises(Refused, match="还有 3 个文件"):
        handed_in(workbook(row(1, 2)), bureau.street)
    monkeypatch.setattr("zerotrip.indicators.actions.importing.LARGEST", 1024)
    key = uuid4()
    with pytest.raises(TooLarge):
        handed_in(workbook(row(1, 2)), bureau.statistics, key=key)
    assert not place_of(key).exists()


def killed(*_args, **_more):
    raise SystemExit("the worker is killed")


def test_a_worker_killed_while_looking_through_begins_anew(bureau, monkeypatch):
    filing = handed_in(workbook(row(1, 2)), bureau.street)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "sort_out", killed)
        with pytest.raises(SystemExit):
            look_through(filing.pk, at=NOW)
    filing.refresh_from_db()
    assert filing.state == FilingState.CHECKING
    assert look_through(filing.pk, at=NOW).found["new"] == 2
    assert look_through(filing.pk, at=NOW) is None


def test_a_worker_killed_while_writing_leaves_nothing_and_then_writes_once(bureau, monkeypatch):
    monkeypatch.setattr("zerotrip.indicators.actions.importing.AT_ONCE", 1)
    filing = looked(workbook(row(1, 2), row(3, 4, number=2)), bureau.street)
    confirm(filing.pk, reason="", sure=False, by=bureau.street, at=NOW)
    written, so_far = importing.keep_figures, []

    def killed_at_the_third(held, fresh):
        so_far.append(fresh)
        (killed if len(so_far) == 3 else written)(held, fresh)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "keep_figures", killed_at_the_third)
        with pytest.raises(SystemExit):
            take(filing.pk, at=NOW)
    assert not Observation.objects.exists()
    assert take(filing.pk, at=NOW).found["new"] == 4
    assert take(filing.pk, at=NOW) is None
    assert Observation.objects.count() == 4


def test_a_file_that_is_gone_or_whose_owner_left_ends_with_the_reason(bureau):
    gone, left = (handed_in(workbook(row(1, 2)), bureau.street) for _number in range(2))
    place_of(gone.pk).unlink()
    failed = look_through(gone.pk, at=NOW)
    assert (failed.state, failed.because) == (FilingState.FAILED, "检查时出了问题，什么都没有入库，请重新上传。")
    look_through(left.pk, at=NOW)
    confirm(left.pk, reason="", sure=False, by=bureau.street, at=NOW)
    Membership.objects.filter(person=bureau.street.person).delete()
    failed = take(left.pk, at=NOW)
    assert failed.state == FilingState.FAILED
    assert failed.because
    assert not Observation.objects.exists()


def test_what_somebody_else_entered_after_it_was_confirmed_is_looked_at_again(bureau):
    filing = looked(workbook(row(1, 2)), bureau.street)
    confirm(filing.pk, reason="", sure=False, by=bureau.street, at=NOW)
    entered = [Entered("x", Key("tax", FIRST, "", YEAR, 1), Decimal(7), seen=0)]
    record(entered, by=bureau.street, at=NOW)
    assert take(filing.pk, at=NOW).state == FilingState.QUEUED
    again = look_through(filing.pk, at=NOW)
    assert (again.state, again.found["new"], again.found["revised"]) == (FilingState.CHECKED, 1, 1)
    assert "请再核对一次" in again.because
    with pytest.raises(Invalid):
        confirm(again.pk, reason="", sure=True, by=bureau.street, at=NOW)
    assert taken_in(again, bureau.street, reason="更正", sure=True).found["revised"] == 1


def test_a_file_can_be_given_up_while_it_is_looked_through_but_not_once_it_is_confirmed(bureau, monkeypatch):
    monkeypatch.setattr("zerotrip.indicators.sheets.Reader.TOLD", 1)
    filing = handed_in(workbook(row(1, 2)), bureau.street)
    told = importing._told

    def given_up(held, reader):
        drop(filing.pk, by=bureau.street, at=NOW)
        told(held, reader)

    monkeypatch.setattr(importing, "_told", given_up)
    assert look_through(filing.pk, at=NOW) is None
    filing.refresh_from_db()
    assert filing.state == FilingState.DROPPED
    monkeypatch.setattr(importing, "_told", told)
    other = looked(workbook(row(1, 2)), bureau.street)
    confirm(other.pk, reason="", sure=False, by=bureau.street, at=NOW)
    with pytest.raises(Refused):
        drop(other.pk, by=bureau.street, at=NOW)


def test_it_is_told_how_far_it_is(bureau, monkeypatch):
    monkeypatch.setattr("zerotrip.indicators.sheets.Reader.TOLD", 1)
    seen = []
    told = importing._told

    def noted(held, reader):
        told(held, reader)
        seen.append(Filing.objects.get(pk=held.pk).percent)

    monkeypatch.setattr(importing, "_told", noted)
    looked(workbook(*(row(1, 2, number=number) for number in (1, 2, 3, 4))), bureau.street)
    assert seen == [25, 50, 75, 100]


def test_the_figures_there_are_found_by_their_keys_in_whatever_order_and_as_many_statements(figures):
    keys = [
        Key(name, path, "", YEAR - 1, number)
        for name in ("tax", "fixed-asset-investment")
        for path in (FIRST, SECOND)
        for number in (1, 2, 3, 4)
    ]
    with CaptureQueriesContext(connection) as asked:
        found = queries.rows_at(keys[::-1])
    assert len(asked) == 1
    each = {key: queries.revisions(figures.statistics, key) for key in keys}
    assert {key: row.value for key, row in found.items()} == {
        key: revisions[0].value for key, revisions in each.items() if revisions
    }
    assert found
