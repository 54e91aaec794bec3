"""Enterprises from a workbook: judged without saving, every fault named, taken over once and in bounded memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook, load_workbook

from tests import world
from tests.enterprises.workbooks import AREA, HEAD, part_of, repacked, with_part, workbook
from tests.facts.words import SPEC, WORDS
from zerotrip.enterprises import actions
from zerotrip.enterprises.actions import importing
from zerotrip.enterprises.actions.under_way import faults_place_of, place_of
from zerotrip.enterprises.models import Sheet, SheetStatus
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, TooLarge
from zerotrip.facts import columns
from zerotrip.facts.actions import declare
from zerotrip.facts.models import Fact
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Membership, Party, PartyKind

AT = world.MORNING
DAY = date(2026, 2, 28)
NEW = world.uscc(700)


@pytest.fixture
def office(district):
    """The district, whose pack declares the facts of the tests."""
    declare("tests", SPEC, at=AT)
    return district


def row(uscc: object = NEW, name: object = "济南新来有限公司", area: object = AREA, *rest: object) -> list[object]:
    """A row that will do, unless told otherwise."""
    usual = ["C3921", 320, 1800]
    return [uscc, name, area, *rest, *usual[len(rest) :]]


def handed_in(office, file: io.BytesIO, *, by=None, source="tax", key: UUID | None = None) -> Sheet:
    return actions.hand_in(
        file,
        name="台账.xlsx",
        source=source,
        as_of=DAY,
        language="zh-hans",
        by=by or office.clerk,
        at=AT,
        sheet_id=key or uuid4(),
    )


def judged(office, *rows: list[object], file: io.BytesIO | None = None, **extra: object) -> Sheet:
    sheet = actions.judge(handed_in(office, file or workbook(*rows, **extra)).pk, at=AT)
    assert sheet is not None
    return sheet


def taken_over(office, sheet: Sheet) -> Sheet:
    actions.confirm(sheet.pk, by=office.clerk, at=AT)
    done = actions.take_over(sheet.pk, at=AT)
    assert done is not None
    assert done.status == SheetStatus.DONE, done.because
    return done


def told(sheet: Sheet) -> list[tuple[int, str, str]]:
    """Row, column and what is wrong."""
    return [(fault[0], fault[1], fault[4]) for fault in sheet.shown]


def firm(uscc: str = NEW) -> Party:
    return Party.objects.live().get(uscc=uscc)


def counts(party: Party, *names: str) -> dict[str, object]:
    return dict(columns.read(party.pk, names))


def test_nothing_is_saved_before_it_is_confirmed(office):
    sheet = judged(office, row())
    assert (sheet.status, sheet.rows, sheet.good, sheet.new, sheet.faults) == (SheetStatus.CHECKED, 1, 1, 1, 0)
    assert not Party.objects.filter(uscc=NEW).exists()
    assert not Fact.objects.exists()
    assert actions.take_over(sheet.pk, at=AT) is None


def test_a_new_enterprise_comes_with_its_facts_units_and_periods(office):
    done = taken_over(office, judged(office, row()))
    assert (done.made, done.stated) == (1, 3)
    found = firm()
    assert (found.name, found.area_path) == ("济南新来有限公司", f"{world.DISTRICT}370199001000/")
    assert counts(found, "industry", "staff", "revenue", "size") == {
        "industry": "C3921",
        "staff": Decimal(320),
        "revenue": Decimal(18_000_000),
        "size": "small",
    }
    dated = {fact.name: (fact.as_of, fact.source) for fact in Fact.objects.filter(party=found)}
    assert dated == {"industry": (DAY, "tax"), "staff": (DAY, "tax"), "revenue": (date(2025, 12, 31), "tax")}
    assert [entry.action for entry in history(found.pk)] == ["register", "facts"]
    assert first_break(found) is None
    assert {fact.note for fact in Fact.objects.all()} == {"台账.xlsx #2"}


def test_an_enterprise_there_is_keeps_what_is_known_and_gets_what_is_not(office):
    Party.objects.filter(pk=office.firm.pk).update(phone="053112345678")
    head = (*HEAD, "联系电话", "地址")
    file = workbook(row(office.firm.uscc, "", "", "", 7, "", "13800000000", "虚构路 1 号"), head=head)
    done = taken_over(office, judged(office, file=file))
    assert (done.made, done.stated) == (0, 1)
    office.firm.refresh_from_db()
    assert (office.firm.phone, office.firm.address) == ("053112345678", "虚构路 1 号")
    assert counts(office.firm, "staff", "industry") == {"staff": Decimal(7), "industry": None}


def test_the_same_file_again_says_nothing_twice(office):
    taken_over(office, judged(office, row()))
    again = taken_over(office, judged(office, row()))
    assert (again.made, again.stated) == (0, 0)
    assert Fact.objects.count() == 3
    changed = taken_over(office, judged(office, row(NEW, "济南新来有限公司", AREA, "C3921", 321)))
    assert changed.stated == 1
    assert counts(firm(), "staff") == {"staff": Decimal(321)}


def test_the_same_key_is_the_same_sheet_and_confirming_twice_is_once(office):
    key = uuid4()
    first = handed_in(office, workbook(row()), key=key)
    assert handed_in(office, workbook(row()), key=key) == first
    actions.judge(key, at=AT)
    actions.confirm(key, by=office.clerk, at=AT)
    actions.confirm(key, by=office.clerk, at=AT)
    assert actions.take_over(key, at=AT).made == 1
    assert actions.take_over(key, at=AT) is None


BAD = world.uscc(701)[:-1] + ("0" if world.uscc(701)[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (row(""), "A", "没有填统一社会信用代码"),
        (row(BAD), "A", "校验位"),
        (row(NEW[:17]), "A", "这里是 17 位"),
        (row(913701990000000000), "A", "存成了数字"),
        (row("=A1"), "A", "公式"),
        (row(NEW, ""), "", "要填企业名称"),
        (row(NEW, "新来", ""), "", "要填区划"),
        (row(NEW, "新来", "北京市"), "C", "没有这个区划"),
        (row(NEW, "新来", AREA, "C9999"), "D", "没有“C9999”这个代码或名称"),
        (row(NEW, "新来", AREA, "通信系统设备制"), "D", "是不是“C3921 通信系统设备制造”"),
        (row(NEW, "新来", AREA, 511), "D", "看不出是 511 还是 0511"),
        (row(NEW, "新来", AREA, "C3921", "很多"), "E", "请写数字"),
        (row(NEW, "新来", AREA, "C3921", -1), "E", "不能小于 0"),
        (row(NEW, "新来", AREA, "C3921", 10**7), "E", "不能大于 100000，请核对单位"),
        (row(NEW, "新来", AREA, "C3921", "=1+1"), "E", "公式"),
        (row(NEW, "新来", AREA, "C3921", datetime(2026, 1, 1)), "E", "这里是日期"),
        (row(NEW, "新来", AREA, "C3921", 3, "#REF!"), "F", "错误值"),
        (row(NEW, "新来", AREA, "C3921", 3, 10**20), "F", "数太大了"),
    ],
)
def test_every_fault_is_named_by_row_and_column(office, cells, column, words):
    sheet = judged(office, row(world.uscc(702), "好的有限公司"), cells)
    ((number, letter, what),) = told(sheet)
    assert (number, letter) == (3, column)
    assert words in what
    assert (sheet.good, sheet.faults) == (1, 1)


def test_text_numbers_full_width_digits_and_names_of_industries_and_areas_will_do(office):
    cells = [f" {NEW.lower()} ", "济南新来有限公司", "示范一街道", "通信系统设备制造", "３２０", "1,800.50"]
    sheet = judged(office, cells)
    assert told(sheet) == []
    taken_over(office, sheet)
    assert counts(firm(), "industry", "staff", "revenue") == {
        "industry": "C3921",
        "staff": Decimal(320),
        "revenue": Decimal(18_005_000),
    }


@pytest.mark.parametrize(
    "written",
    [datetime(2020, 5, 1), 43952, "43952", "2020-05-01", "2020/5/1", "2020年5月1日", "20200501", "２０２０.5.1"],
)
def test_days_are_read_as_dates_serial_numbers_and_however_written(office, written):
    sheet = judged(office, [NEW, "新来", AREA, written], head=(*HEAD[:3], "成立日期"))
    if written == "43952":
        assert "不是日期" in told(sheet)[0][2]  # text that looks like a number is no day anybody meant
        return
    taken_over(office, sheet)
    assert counts(firm(), "opened") == {"opened": date(2020, 5, 1)}


def test_a_code_twice_in_a_file_is_named_with_the_other_row(office):
    sheet = judged(office, row(), row(world.uscc(703), "别的有限公司"), row())
    assert told(sheet) == [(4, "A", "与第 2 行的统一社会信用代码重复。")]


def test_merged_cells_are_named_in_each_row_they_cover(office):
    rows = [row(world.uscc(700 + number), f"第{number}家有限公司") for number in range(4)]
    sheet = judged(office, *rows, merge=["C3:C4"])
    assert [number for number, _column, _what in told(sheet)] == [
        3,
        4,
        4,
    ]  # the lower of the two has no area either
    assert "C3:C4" in told(sheet)[0][2]
    assert sheet.good == 2


def test_the_heading_may_stand_below_a_title_and_in_any_order(office):
    head = ("年收入（亿元）2025年", "企业名称", "从业人员", "统一社会信用代码*", "区划", "备注")
    sheet = judged(office, ["0.18", "济南新来有限公司", 5, NEW, AREA, "好"], head=head, above=3)
    assert told(sheet) == []
    assert sheet.ignored == [["F", "备注", "没有这一项"]]
    taken_over(office, sheet)
    assert counts(firm(), "revenue", "staff") == {"revenue": Decimal(18_000_000), "staff": Decimal(5)}


@pytest.mark.parametrize(
    ("head", "column", "words"),
    [
        (("企业名称", "区划"), "", "没有找到“统一社会信用代码”"),
        ((*HEAD[:4], "从业人原"), "E", "是不是“从业人员”"),
        ((*HEAD[:5], "年收入（美元）2025"), "F", "不能用“美元”"),
        ((*HEAD[:4], "从业人员（万元）"), "E", "不能用“万元”"),
        ((*HEAD[:5], "年收入（万元）"), "F", "要写所属年份"),
        ((*HEAD[:5], "月收入（元）2025"), "F", "要写所属月份"),
        ((*HEAD[:5], "从业人员（人）"), "F", "与 E 列重复"),
        ((*HEAD[:4], "从业人员（人）2025"), "E", "不分期"),
        ((*HEAD[:5], "=1+1"), "F", "表头不能是公式"),
    ],
)  # fmt: skip
def test_a_wrong_heading_stops_everything_and_says_where(office, head, column, words):
    sheet = judged(office, row(), head=head)
    ((_number, letter, what),) = told(sheet)
    assert letter == column
    assert words in what
    assert (sheet.good, sheet.rows) == (0, 0)
    with pytest.raises(Refused):
        actions.confirm(sheet.pk, by=office.clerk, at=AT)


def test_columns_that_slipped_are_seen(office):
    rows = [["某街道", *row(world.uscc(700 + number), f"第{number}家")] for number in range(5)]
    sheet = judged(office, *rows)
    assert "B 列才像是统一社会信用代码" in told(sheet)[0][2]
    assert sheet.good == 0


def test_a_merged_heading_and_worked_out_columns_are_told(office):
    sheet = judged(office, row(), head=(*HEAD[:5], "规模"), merge=["A1:B1"])
    assert any("合并单元格" in what for _row, _column, what in told(sheet))
    plain = judged(office, row(NEW, "新来", AREA, "C3921", 3, "小型"), head=(*HEAD[:5], "规模"))
    assert plain.ignored == [["F", "规模", "由其他数据推算"]]
    assert plain.faults == 0


def test_another_name_under_a_known_code_is_no_silent_change(office):
    sheet = judged(office, row(office.firm.uscc, "别的公司"))
    assert "名称不同" in told(sheet)[0][2]
    spaced = judged(office, row(office.firm.uscc, f" {office.firm.name} "))
    assert spaced.faults == 0


def test_an_enterprise_of_another_area_or_a_merged_one_is_refused(office):
    far = world.enterprise("外地有限公司", serial=704)
    Party.objects.filter(pk=far.pk).update(area_path="/990000000000/")
    gone = world.enterprise("旧登记", serial=705)
    actions.merge(office.firm.pk, gone.pk, reason="同一家", by=office.leader, at=AT)
    sheet = judged(office, row(far.uscc, "外地有限公司"), row(gone.uscc, "旧登记"))
    assert "不在您的辖区" in told(sheet)[0][2]
    assert office.firm.uscc in told(sheet)[1][2]


def test_good_rows_are_taken_over_and_the_others_are_left(office):
    sheet = judged(office, row(), row(BAD, "坏的"), row(world.uscc(706), "第三家有限公司"))
    done = taken_over(office, sheet)
    assert (done.made, done.saved, done.faults) == (2, 3, 1)


def test_a_run_that_broke_off_goes_on_where_it_was(office, monkeypatch):
    monkeypatch.setattr("zerotrip.enterprises.sheets.judging.BATCH", 2)
    rows = [row(world.uscc(700 + number), f"第{number}家有限公司") for number in range(5)]
    sheet = judged(office, *rows)
    actions.confirm(sheet.pk, by=office.clerk, at=AT)
    write, calls = importing._write, []

    def breaks(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*args, **kwargs)

    monkeypatch.setattr(importing, "_write", breaks)
    with pytest.raises(KeyboardInterrupt):
        actions.take_over(sheet.pk, at=AT)
    sheet.refresh_from_db()
    assert (sheet.status, sheet.saved, sheet.made) == (SheetStatus.SAVING, 2, 2)
    done = actions.take_over(sheet.pk, at=AT)
    assert (done.status, done.saved, done.made) == (SheetStatus.DONE, 5, 5)
    assert Party.objects.filter(kind=PartyKind.ENTERPRISE, uscc__startswith="91370199DEM0007").count() == 5


def zipped(**parts: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    out.seek(0)
    return out


SPACES = b" " * 120_000_000
FIRST = part_of(workbook(row()), "sheet1")
HOSTILE = {
    "no workbook at all": lambda: io.BytesIO(b"%PDF-1.7 nothing"),
    "an old workbook": lambda: io.BytesIO(b"\xd0\xcf\x11\xe0" + b"0" * 600),
    "a zip that is none": lambda: io.BytesIO(b"PK\x03\x04" + b"0" * 600),
    "a zip of something else": lambda: zipped(a_txt=b"a"),
    "a bomb in the sheet": lambda: repacked(workbook(row()), sheet1=b"<worksheet>" + SPACES),
    "a bomb in the texts": lambda: with_part(workbook(row()), "xl/sharedStrings.xml", b"<sst>" + SPACES),
    "entities": lambda: repacked(
        workbook(row()), sheet1=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><worksheet>&b;</worksheet>'
    ),
    "a sheet that ends in the middle": lambda: repacked(workbook(row()), sheet1=FIRST[:900]),
    "texts that are not there": lambda: repacked(
        workbook(row()),
        sheet1=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_fails_with_a_reason_and_saves_nothing(office, kind):
    sheet = judged(office, file=HOSTILE[kind]())
    assert sheet.status == SheetStatus.FAILED or sheet.faults
    assert sheet.status != SheetStatus.FAILED or sheet.because.endswith("。")
    assert "出了问题" not in sheet.because
    assert not Party.objects.filter(uscc=NEW).exists()


def test_a_file_beyond_all_bounds_is_not_even_kept(office, monkeypatch):
    monkeypatch.setattr(importing, "LARGEST", 1000)
    key = uuid4()
    with pytest.raises(TooLarge):
        handed_in(office, workbook(row()), key=key)
    assert not place_of(key).exists()
    assert not Sheet.objects.exists()


def test_rows_beyond_the_most_are_told_not_swallowed(office, monkeypatch):
    monkeypatch.setattr("zerotrip.enterprises.sheets.judging.MOST_ROWS", 2)
    rows = [row(world.uscc(700 + number), f"第{number}家有限公司") for number in range(4)]
    sheet = judged(office, *rows)
    assert sheet.good == 2
    assert told(sheet)[-1][0] == 4
    assert "最多导入 2 行" in told(sheet)[-1][2]


def test_a_cell_far_out_and_a_row_far_down_cost_nothing(office):
    book = Workbook()
    book.active.append(list(HEAD))
    book.active.append(row())
    book.active["XFD2"] = "x"
    book.active["A200000"] = None
    book.active["B150000"] = "孤零零"
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    sheet = judged(office, file=out)
    assert told(sheet) == [(150000, "A", "没有填统一社会信用代码。")]


def test_the_list_of_faults_is_kept_for_whoever_handed_it_in(office):
    sheet = judged(office, row(BAD, "=危险()"))
    found, file = actions.fetch_faults(sheet.pk, by=office.clerk, at=AT)
    with file:
        lines = file.read().decode("utf-8-sig").splitlines()
    assert found == sheet
    assert lines[0] == "行,哪一列,表头,填的内容,什么问题"
    assert lines[1].startswith("2,A,统一社会信用代码,")
    for other in (office.housing, office.applicant):
        with pytest.raises(NotFound):
            actions.fetch_faults(sheet.pk, by=other, at=AT)


def test_only_staff_hand_in_and_only_for_offices(office):
    with pytest.raises(NotAllowed):
        handed_in(office, workbook(row()), by=office.applicant)
    for source in ("self", "nobody", ""):
        with pytest.raises(Invalid) as refusal:
            handed_in(office, workbook(row()), source=source)
        assert set(refusal.value.problems) == {"source"}


def test_ones_sheets_are_ones_own(office):
    sheet = judged(office, row())
    for act in (actions.confirm, actions.drop):
        with pytest.raises(NotFound):
            act(sheet.pk, by=office.housing, at=AT)
    actions.drop(sheet.pk, by=office.clerk, at=AT)
    with pytest.raises(Refused):
        actions.confirm(sheet.pk, by=office.clerk, at=AT)
    assert not Party.objects.filter(uscc=NEW).exists()


def test_whoever_lost_their_seat_meanwhile_brings_nothing_in(office):
    sheet = judged(office, row())
    actions.confirm(sheet.pk, by=office.clerk, at=AT)
    Membership.objects.filter(person=office.clerk.person_id).update(during=world.period("2026-01-01", "2026-01-02"))
    assert actions.take_over(sheet.pk, at=AT).status == SheetStatus.FAILED
    assert not Party.objects.filter(uscc=NEW).exists()


def test_the_files_go_when_their_time_is_over(office):
    sheet = judged(office, row())
    assert actions.purge(at=AT) == 0
    assert actions.purge(at=AT + importing.KEPT) == 1
    assert not place_of(sheet.pk).exists()
    assert not faults_place_of(sheet.pk).exists()
    assert actions.purge(at=AT + importing.KEPT) == 0


def test_the_template_comes_back_without_a_fault(office):
    out = io.BytesIO()
    actions.template(out, WORDS, at=AT)
    out.seek(0)
    book = load_workbook(out)
    sheet = book.worksheets[0]
    sheet["A2"], sheet["B2"], sheet["C2"] = NEW, "济南新来有限公司", AREA
    again = io.BytesIO()
    book.save(again)
    again.seek(0)
    found = judged(office, file=again)
    assert (found.faults, found.ignored, found.good) == (0, [], 1)


def test_many_rows_need_no_more_memory_than_few(office):
    def peak(rows: int) -> int:
        book = Workbook(write_only=True)
        page = book.create_sheet()
        page.append(list(HEAD))
        for number in range(rows):
            page.append(row(world.uscc(10_000 + number), f"第{number}家有限公司"))
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        sheet = handed_in(office, out)
        tracemalloc.start()
        actions.judge(sheet.pk, at=AT)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(1_000), peak(5_000)
    # What grows is the texts of the file and the codes that were seen: a few hundred bytes a row.
    assert many - few < 4_000 * 1_000


def test_a_sheet_given_up_while_it_is_checked_stays_given_up(office, monkeypatch):
    sheet = handed_in(office, workbook(row(NEW, "新来", AREA)))
    count = importing._count

    def given_up(*book):
        actions.drop(sheet.pk, by=office.clerk, at=AT)
        return count(*book)

    monkeypatch.setattr(importing, "_count", given_up)
    assert actions.judge(sheet.pk, at=AT) is None
    assert Sheet.objects.get(pk=sheet.pk).status == SheetStatus.DROPPED
