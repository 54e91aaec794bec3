"""Enterprises at the desk: found, read with who said what, corrected by saying it anew, merged, handed in."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.enterprises.workbooks import AREA, workbook
from tests.facts.words import SPEC
from tests.web.browsing import Browser, chinese_words, cost, submitted
from zerotrip.enterprises import actions, blocks
from zerotrip.enterprises.models import Merger, Sheet
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.facts.models import Fact
from zerotrip.ledger.queries import history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, Role

DAY = timedelta(days=1)
MONTHS = [date(2025, month, day) for month, day in ((1, 31), (2, 28), (3, 31))] + [
    date(2026, 1, 31),
    date(2026, 2, 28),
]


@pytest.fixture
def firm(district) -> Party:
    """The firm of the district, of which several say several things."""
    declare("tests", SPEC, at=world.MORNING)
    now = timezone.now()
    today = now.date() - DAY
    said = [
        Statement("industry", "C3921", today, "tax"),
        Statement("staff", 320, today, "tax"),
        Statement("staff", 300, today - DAY, "self"),
        Statement("revenue", 1800, date(2025, 12, 31), "tax", unit="万元"),
        *(Statement("sales", 100 + place * 10, day, "tax", unit="万元") for place, day in enumerate(MONTHS)),
    ]
    record(district.firm.pk, said, by=SYSTEM, at=now, key=uuid4())
    return district.firm


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


@pytest.fixture
def leader(district) -> Browser:
    return Browser(district.leader)


def at(firm: Party, rest: str = "") -> str:
    return f"/desk/enterprises/{firm.uscc}/{rest}"


def names(page) -> list[str]:
    return [link.split("/")[3] for link in page.links if link.startswith("/desk/enterprises/9137")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True), ("?q=虚构材料", True), ("?q=材", True), ("?q=没有这家", False), ("?industry=C", True),
        ("?industry=C39", True), ("?industry=C3922", False), ("?industry=F", False), ("?area=370199001000", False),
        ("?area=nothing&size=large", True),
    ],
)  # fmt: skip
def test_enterprises_are_found_by_name_area_and_industry(firm, clerk, query, found):
    assert (firm.uscc in names(clerk.open(f"/desk/enterprises/{query}"))) is found


def test_a_whole_code_finds_the_one(firm, clerk):
    other = world.enterprise("济南另一家有限公司", serial=811)
    assert names(clerk.open(f"/desk/enterprises/?q={other.uscc.lower()}")) == [other.uscc]


def test_licences_and_what_is_owed_come_into_view_by_their_own_permission(firm, district, clerk):
    case, _work = submitted("pesticide-change", firm, district.applicant)
    page = clerk.open(at(firm))
    assert {at(firm, "blocks/licences/"), at(firm, "blocks/owed/")} <= set(page.links)
    assert "这里没有您能看的内容" in clerk.open(at(firm, "blocks/licences/")).text
    assert case.number in page.text


def test_those_of_other_areas_are_in_no_list_and_on_no_page(firm):
    elsewhere = world.staff("third", "approval-bureau", Role.CLERK)
    seat = elsewhere.person.memberships.get()
    seat.area_path = f"{world.DISTRICT}370199003000/"
    seat.save()
    stranger = Browser(elsewhere)
    assert names(stranger.open("/desk/enterprises/")) == []
    stranger.open(at(firm), status=404)
    stranger.open(at(firm, "facts/staff/"), status=404)


def test_the_record_tells_industry_size_and_how_both_come_about(firm, clerk):
    page = clerk.open(at(firm))
    assert "制造业 › 计算机、通信和其他电子设备制造业 › 通信设备制造 › 通信系统设备制造" in page.text
    assert "营业收入 1,800 万元 < 2,000 万元 → 小型" in page.text
    assert "规模以上工业：营业收入 1,800 万元 < 2,000 万元" in page.text
    assert "320 人" in page.text


def test_figures_of_months_stand_beside_those_of_a_year_before(firm, clerk):
    page = clerk.open(at(firm))
    assert "2026-02" in page.text
    assert "140 万元" in page.text
    assert "+27.3%" in page.text  # 140 beside 110


def test_what_is_known_is_told_with_its_source_and_what_else_was_said_one_tap_away(firm, clerk):
    page = clerk.open(at(firm, "facts/staff/"))
    assert "税务" in page.text
    assert "300 人 企业自己填报" in page.text
    assert [text for text in page.marked[".tag"] if text == "现在算数"] == ["现在算数"]
    assert "由这些推算" in clerk.open(at(firm, "facts/size/")).text


def test_a_contradiction_is_shown_with_both_and_settled_by_saying_it_anew(firm, clerk):
    day = timezone.now().date() - DAY
    record(firm.pk, [Statement("staff", 333, day, "statistics")], by=SYSTEM, at=timezone.now(), key=uuid4())
    page = clerk.open(at(firm))
    assert "说法不一" in page.text
    assert "320 人 · 税务" in page.text
    assert "333 人 · 统计" in page.text
    form = clerk.open(at(firm, "facts/staff/")).form()
    form.press("记录", value="1,330", source="statistics", day=timezone.now().date().isoformat(), reason="电话核实")
    told = clerk.open(at(firm))
    assert "1,330 人" in told.text
    assert Fact.objects.filter(party=firm, name="staff").count() == 4
    assert list(history(firm.pk))[-1].reason == "电话核实"


def test_what_is_wrong_in_the_form_is_told_at_its_place_and_nothing_typed_is_lost(firm, clerk):
    form = clerk.open(at(firm, "facts/staff/")).form()
    page = form.press("记录", status=422, value="许多", source="statistics", reason="听说")
    assert page.marked[".problem"] == ["请写数字。"]
    again = page.form()
    assert (again.values["value"], again.values["reason"]) == (["许多"], ["听说"])
    page = again.press("记录", status=422, value="3", source="", reason="")
    assert page.marked[".problem"] == ["请选择数据来源。", "请写明根据什么，或为什么改。"]
    form = clerk.open(at(firm, "facts/sales/")).form()
    page = form.press("记录", status=422, value="3", source="tax", reason="x", period="去年")
    assert page.marked[".problem"] == ["请写月份，如 2026-01。"]
    assert Fact.objects.filter(party=firm, name="staff").count() == 2


def test_sending_a_form_twice_says_it_once(firm, clerk):
    form = clerk.open(at(firm, "facts/staff/")).form()
    for _press in range(2):
        form.press("记录", value="5", source="tax", reason="核实")
    assert Fact.objects.filter(party=firm, value="5").count() == 1


def test_how_to_reach_people_is_hidden_until_there_is_a_purpose(firm, district, clerk):
    Party.objects.filter(pk=firm.pk).update(phone="13812345678", email="office@firm.test")
    page = clerk.open(at(firm))
    assert "138****5678" in page.text
    assert "13812345678" not in page.html
    form = page.form("reveal/")
    refused = form.press("查看", status=422, reason=" ")
    assert "请写明理由" in refused.text
    shown = form.press("查看", status=200, reason="通知停电")
    assert "13812345678" in shown.text
    assert "no-store" in shown.response.headers["Cache-Control"]
    entry = list(history(firm.pk))[-1]
    assert (entry.action, entry.reason) == ("reveal", "通知停电")


def test_a_name_and_an_area_are_put_right_with_a_reason(firm, clerk):
    form = clerk.open(at(firm, "keep/rename/")).form()
    page = form.press("改名", status=422, name="新", reason="换照")
    assert "请填写营业执照上的企业名称" in page.text
    form.press("改名", name="济南新名有限公司", reason="换照")
    clerk.open(at(firm, "keep/place/")).form().press("改区域", area="370199002000", reason="迁址")
    firm.refresh_from_db()
    assert (firm.name, firm.area_path) == ("济南新名有限公司", f"{world.DISTRICT}370199002000/")
    assert [entry.action for entry in history(firm.pk)][-2:] == ["rename", "place"]
    assert firm.uscc in names(clerk.open("/desk/enterprises/?area=370199002000"))


def test_cases_and_licences_are_shown_as_far_as_a_seat_sees_them(firm, district, clerk):
    case, _work = submitted("pesticide-change", firm, district.applicant)
    draft = world.draft("investment-filing", firm, district.applicant)
    page = clerk.open(at(firm))
    assert case.number in page.text
    assert draft.number not in page.text
    assert case.number not in Browser(district.housing).open(at(firm)).text


def test_a_record_costs_few_queries_however_much_hangs_on_it(firm, district, clerk):
    submitted("pesticide-change", firm, district.applicant)
    one = cost(clerk, at(firm))
    submitted("pesticide-change", firm, district.applicant)
    submitted("investment-filing", firm, district.applicant)
    world.agent(world.person("第二位经办人"), firm)
    assert cost(clerk, at(firm)) == one
    assert one < 12


def test_a_list_costs_as_much_with_many_rows_as_with_few(firm, clerk):
    few = cost(clerk, "/desk/enterprises/")
    for serial in range(820, 840):
        world.enterprise(f"济南第{serial}家有限公司", serial=serial)
    assert cost(clerk, "/desk/enterprises/") == few


def test_blocks_of_other_apps_fill_their_places_by_their_own_permission(firm, district, clerk, monkeypatch):
    monkeypatch.setattr(blocks, "_blocks", {})
    seen = {district.clerk.user_id}
    blocks.register(
        blocks.Block(
            "needs",
            "诉求",
            lambda party, actor, now: {"derivation": None, "basis": "两件诉求"} if actor.user_id in seen else None,
            "web/parts/derivation.html",
        )
    )
    page = clerk.open(at(firm))
    assert at(firm, "blocks/needs/") in page.links
    assert "两件诉求" in clerk.open(at(firm, "blocks/needs/")).text
    fragment = clerk.client.get(at(firm, "blocks/needs/"), headers={"HX-Request": "true"}).content.decode()
    assert "两件诉求" in fragment
    assert "<html" not in fragment
    other = Browser(district.housing)
    assert "两件诉求" not in other.open(at(firm, "blocks/needs/")).text
    assert other.client.get(at(firm, "blocks/needs/"), headers={"HX-Request": "true"}).content.strip() == b""
    clerk.open(at(firm, "blocks/nothing/"), status=404)


def test_a_merger_is_looked_at_made_and_undone(firm, district, leader):
    other = world.enterprise("济南虚构材料（旧）有限公司", serial=812)
    world.agent(world.person("周予安"), other)
    page = leader.open(at(firm, f"merge/?other={other.uscc}"))
    assert "经办人和点对点专人 1" in page.text
    refused = page.form("merge/").press("合并", status=422, reason="")
    assert "请写明为什么是同一家" in refused.text
    done = page.form("merge/").press("合并", reason="旧登记证换照").follow()
    assert "旧登记证换照" in done.text
    moved = leader.open(at(other), status=302)
    assert moved.location == at(firm)
    done.form("undo/").press("撤销合并")
    assert Merger.objects.get().undone_at is not None
    assert leader.open(at(other)).status == 200


@pytest.mark.parametrize("asked", ["", "91370199DEM9999990", "no code"])
def test_another_that_is_not_there_is_told(firm, leader, asked):
    status = 404 if asked else 200
    assert "会发生什么" not in leader.open(at(firm, f"merge/?other={asked}"), status=status).text


def test_a_workbook_goes_from_the_page_to_the_register(firm, district, clerk):
    page = clerk.open("/desk/enterprises/sheets/")
    refused = page.form().press("上传并核对", status=422, source="tax")
    assert "请选择要导入的文件" in refused.text
    new, bad = world.uscc(813), world.uscc(814)[:-1]
    file = workbook([new, "济南新来有限公司", AREA, "C3921", 5, 10], [bad, "短了", AREA, "", "", ""])
    upload = SimpleUploadedFile("台账.xlsx", file.read())
    sheet_page = page.form().press("上传并核对", source="tax", file=upload).follow()
    assert "排队中" in sheet_page.text
    sheet = Sheet.objects.get()
    actions.judge(sheet.pk, at=timezone.now())
    judged = clerk.open(sheet_page.url)
    assert "导入没有问题的 1 行" in judged.text
    assert "统一社会信用代码是 18 位，这里是 17 位" in judged.text
    assert not Party.objects.filter(uscc=new).exists()
    faults = clerk.open(f"{sheet_page.url}faults/")
    assert "attachment" in faults.response.headers["Content-Disposition"]
    judged.form("confirm/").press("导入")
    actions.take_over(sheet.pk, at=timezone.now())
    assert "新增企业 1 家" in clerk.open(sheet_page.url).text
    assert "济南新来有限公司" in clerk.open(f"/desk/enterprises/?q={new}").text
    Browser(district.housing).open(sheet_page.url, status=404)


def test_what_was_found_is_taken_out(firm, clerk):
    clerk.open("/desk/enterprises/?industry=C").form("sheets/out/").press("导出为 Excel")
    sheet = Sheet.objects.get()
    actions.write_out(sheet.pk, at=timezone.now())
    page = clerk.open("/desk/enterprises/sheets/")
    file = page.form("fetch/").press("下载", status=200)
    assert file.response.headers["Content-Type"].endswith("spreadsheetml.sheet")


def test_the_template_is_there(firm, clerk):
    assert clerk.open("/desk/enterprises/sheets/template/").response.headers["Content-Type"].endswith("sheet")


def test_all_of_it_reads_in_english(firm, district):
    english = Browser(district.leader, language="en")
    for url in (
        "/desk/enterprises/", at(firm), at(firm, "facts/staff/"), "/desk/enterprises/sheets/", at(firm, "merge/"),
    ):  # fmt: skip
        left = set(chinese_words(english.open(url)))
        # Names of firms, people and areas, and the facts of this test, have but one language.
        assert not {word for word in left if {"导入", "合并", "来源", "记录", "没有"} & {word[:2], word[-2:]}}, (
            url,
            left,
        )
