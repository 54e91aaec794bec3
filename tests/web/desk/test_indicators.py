"""The indicators at the desk: a board that adds up, entry that loses nothing, corrections that stay visible."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from config import demo_indicators
from tests.indicators.conftest import FIRST, YEAR, bureau, figures  # noqa: F401  fixtures
from tests.web.browsing import Browser, Form, Page, chinese_words, cost
from zerotrip.errors import Stale
from zerotrip.indicators import tasks
from zerotrip.indicators.models import Filing, Observation

STREET, OTHER = "370199001000", "370199002000"
NOW = f"period={YEAR}-1"
TAX = f"v-{STREET}-tax"


@pytest.fixture
def street(figures) -> Browser:  # noqa: F811
    return Browser(figures.street)


@pytest.fixture
def district_browser(figures) -> Browser:  # noqa: F811
    return Browser(figures.supervisor)


def table(page: Page) -> Form:
    """The form of a page with what is entered: the last one, after that with the period."""
    return page.forms[-1]


def work() -> None:
    """What the worker does with the workbooks that wait."""
    for filing in Filing.objects.under_way():
        tasks.work(str(filing.pk))


def test_the_quarter_of_the_story_stands_on_the_board_to_the_digit(street):
    page = street.open(f"/desk/indicators/?{NOW}")
    assert re.findall(r"([\d.]+) 亿元\s?同比 (\+\d+%)", page.text) == [
        ("1.85", "+22%"),
        ("2.08", "+5%"),
        ("48.88", "+13%"),
        ("3.00", "+10%"),
    ]
    assert page.text.count("公布增速") == 4
    assert "不一致" not in page.text


def test_the_district_adds_up_and_drills_down_to_communities(district_browser):
    page = district_browser.open(f"/desk/indicators/of/tax/?{NOW}")
    assert "下级合计" in page.text
    assert "8.27" in page.marked["b"]
    link = next(link for link in page.links if f"area={STREET}" in link)
    below = district_browser.open(link)
    assert "春晖社区" in below.text
    assert "3.00" in below.text
    assert "去年同期数已修订为" in district_browser.open(f"/desk/indicators/of/tax/?{NOW}&area={OTHER}").text


def test_a_picture_has_its_words_and_its_table(district_browser):
    page = district_browser.open(f"/desk/indicators/of/trade-sales/?period={YEAR - 1}-4")
    assert 'role="img" aria-label="批零住餐销售额（营业额），2025 年与上年同期两条线，数据见下表"' in page.html
    assert page.html.count("<polyline") == 4  # two lines, drawn for a desk and for a phone
    assert "分行业" in page.text
    assert "style=" not in page.html


def test_a_subdistrict_does_not_learn_the_figures_of_another(street):
    street.open(f"/desk/indicators/?area={OTHER}", status=404)
    street.open("/desk/indicators/?area=370199000000", status=404)
    street.open(f"/desk/indicators/of/tax/figure/?area={OTHER}&{NOW}", status=404)
    assert "示范二街道" not in street.open(f"/desk/indicators/entry/?{NOW}").text


def test_nonsense_in_the_address_asks_for_what_is_usual(street):
    for query in ("period=x&area=", "period=2026-9", "frequency=week&as=pdf", "industry=99"):
        street.open(f"/desk/indicators/?{query}")
    street.open("/desk/indicators/of/nothing/", status=404)
    street.open("/desk/indicators/of/tax/figure/?industry=99", status=404)


def test_figures_of_a_quarter_are_entered_in_one_table(street):
    page = street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2")
    assert "还有 15 格没有填" in page.text
    saved = table(page).press("保存", **{TAX: "6.5", f"v-{STREET}-fixed-asset-investment": " 3，900.5"}, status=422)
    assert table(saved).values[f"v-{STREET}-fixed-asset-investment"] == ["3，900.5"]
    assert "相差上千倍" in saved.text
    done = table(saved).press("保存", **{f"v-{STREET}-fixed-asset-investment": "3.9"})
    assert "已保存：新报 2 个" in done.follow().text
    assert Observation.objects.filter(year=YEAR, number=2).count() == 2


def test_an_outlier_is_asked_about_and_taken_when_somebody_is_sure_of_that_very_number(street):
    page = street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2")
    asked = table(page).press("保存", **{TAX: "60"}, status=422)
    assert f"sure-{TAX}" in table(asked).values
    again = table(asked).press("保存", **{TAX: "61", f"sure-{TAX}": "60"}, status=422)
    done = table(again).press("保存", **{f"sure-{TAX}": "61"})
    assert "新报 1 个" in done.follow().text


@pytest.mark.parametrize("wrong", ["三亿", "-1", "1.23456", "1e99", "=1+1", "9" * 40])
def test_what_is_no_figure_is_said_at_its_place_and_stays_as_typed(street, wrong):
    page = street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2")
    refused = table(page).press("保存", **{TAX: wrong, f"v-{STREET}-above-scale-firms": "119"}, status=422)
    assert table(refused).values[TAX] == [wrong]
    assert table(refused).values[f"v-{STREET}-above-scale-firms"] == ["119"]
    assert f"#{TAX}" in refused.links
    assert not Observation.objects.filter(year=YEAR, number=2).exists()


def test_a_correction_asks_why_and_leaves_the_first_figure_to_be_seen(street, district_browser):
    page = street.open(f"/desk/indicators/entry/?area={STREET}&{NOW}")
    refused = table(page).press("保存", **{TAX: "3.10"}, status=422)
    assert "#reason" in refused.links
    assert table(refused).values[TAX] == ["3.10"]
    table(refused).press("保存", reason="漏报一户")
    seen = district_browser.open(f"/desk/indicators/of/tax/figure/?area={STREET}&{NOW}")
    assert "漏报一户" in seen.text
    assert {"3.10", "3.00"} <= set(seen.marked["td"])
    assert len(seen.forms) == 3  # language, theme, sign out: nothing to enter


def test_two_people_at_the_same_figure_do_not_write_over_each_other(street, figures):  # noqa: F811
    first = street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2")
    other = Browser(figures.statistics).open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2")
    table(other).press("保存", **{TAX: "6.4"})
    refused = table(first).press("保存", **{TAX: "6.5"}, status=422)
    assert "已被改为 6.4" in refused.text
    assert table(refused).values[TAX] == ["6.5"]


def test_nothing_typed_is_lost_when_another_saves_in_the_same_moment(street, monkeypatch):
    def late(*_args, **_more):
        raise Stale("刚才有人保存了同一个数，请重新打开页面核对。")

    monkeypatch.setattr("zerotrip.web.desk.indicators.entry.record", late)
    page = table(street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2"))
    refused = page.press("保存", **{TAX: "6.5"}, status=422)
    assert "刚才有人保存了同一个数" in refused.text
    assert table(refused).values[TAX] == ["6.5"]


def test_a_page_sent_twice_is_saved_once(street):
    form = table(street.open(f"/desk/indicators/entry/?area={STREET}&period={YEAR}-2"))
    for _time in range(2):
        form.press("保存", **{TAX: "6.5"}, status=302)
    assert Observation.objects.filter(year=YEAR, number=2).count() == 1


def test_a_comparable_base_and_a_published_growth_are_stated_and_told_apart(street):
    url = f"/desk/indicators/of/tax/figure/?area={STREET}&{NOW}"
    form = table(street.open(url))
    half = form.press("保存", base="2.5", reason="名录变动", status=422)
    assert "#base_note" in half.links
    form = table(half)
    form.press("保存", base_note="两户迁出", published="19.5", basis="nominal", reason="名录变动")
    page = street.open(url)
    assert "+20%" in page.text
    assert "按可比基数 2.50：两户迁出" in page.text
    assert "与公布的不一致：按现价算得 +20%" in page.text
    table(page).press("保存", basis="comparable", reason="公布的是可比价")
    assert "不一致" not in street.open(url).text


def test_targets_are_set_with_their_source_by_the_bureau(figures):  # noqa: F811
    browser = Browser(figures.statistics)
    page = browser.open(f"/desk/indicators/targets/?year={YEAR}")
    refused = page.forms[-1].press("保存", **{TAX: "15"}, status=422)
    assert "#source" in refused.links
    refused.forms[-1].press("保存", source="年度计划", reason="中期调整")
    assert "完成 20%" in browser.open(f"/desk/indicators/of/tax/?area={STREET}&{NOW}").text


def test_a_template_comes_back_filled_in_and_changes_nothing_until_it_is_confirmed(street):
    got = street.client.get(f"/desk/indicators/files/template/?period={YEAR}-2")
    book = load_workbook(io.BytesIO(got.content))
    sheet = book["季度"]
    assert [cell.value for cell in sheet[1]][6:8] == ["固定资产投资（亿元）", "工业总产值（亿元）"]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == STREET and not row[2].value)
    row[6].value, row[9].value = 4.15, 6.65
    held = io.BytesIO()
    book.save(held)
    file = SimpleUploadedFile("二季度.xlsx", held.getvalue())
    waiting = table(street.open("/desk/indicators/files/")).press("上传并检查", file=file).follow()
    assert "排队检查" in waiting.text
    assert "现在什么都没有入库" in waiting.text
    work()
    checked = street.open(waiting.url)
    assert "可以入库" in checked.text
    assert not Observation.objects.filter(year=YEAR, number=2).exists()
    assert "已确认，排队入库" in table(checked).press("确认入库").follow().text
    work()
    done = street.open(waiting.url)
    assert done.html.count("已入库") == 1
    assert re.search(r"新报\s*2\s*修订\s*0", done.text)
    assert Observation.objects.filter(year=YEAR, number=2).count() == 2


def test_a_bad_workbook_is_told_cell_by_cell_and_somebody_elses_is_not_there(street, figures):  # noqa: F811
    sent = table(street.open("/desk/indicators/files/")).press(
        "上传并检查", file=SimpleUploadedFile("x.xlsx", b"nothing")
    )
    url = sent.follow().url
    work()
    assert "不是 Excel 工作簿" in street.open(url).text
    Browser(figures.statistics).open(f"/desk/indicators/files/{Filing.objects.latest('at').pk}/", status=404)
    assert "请选择" in table(street.open("/desk/indicators/files/")).press("上传并检查", status=422).text


def test_a_workbook_under_way_asks_again_until_it_is_looked_through(street):
    page = table(street.open("/desk/indicators/files/")).press(
        "上传并检查", file=SimpleUploadedFile("x.xlsx", b"nothing")
    )
    url = page.follow().url
    part = street.client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'hx-get="{url}"' in part
    work()
    part = street.client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "有 1 处要改" in part


def test_the_same_page_sent_twice_hands_a_workbook_in_once(street):
    form = table(street.open("/desk/indicators/files/"))
    for _time in range(2):
        form.press("上传并检查", file=SimpleUploadedFile("x.xlsx", b"nothing"))
    assert Filing.objects.filter(door="file").count() == 1


def test_a_board_is_taken_out_as_a_file(district_browser):
    lines = district_browser.open(f"/desk/indicators/?{NOW}&as=csv").html.splitlines()
    line = next(line for line in lines if line.startswith(f"{STREET},示范一街道,税收"))
    assert line.split(",")[3:8] == ["亿元", "2026 年一季度", "3.0", "2.7273", "9.9989"]
    fallen = next(line for line in lines if line.startswith("370199003000,示范三街道,固定资产投资"))
    assert fallen.split(",")[7].startswith("-7.")
    book = load_workbook(io.BytesIO(district_browser.client.get(f"/desk/indicators/?{NOW}&as=xlsx").content))
    assert book.active.max_row == len(lines)


def test_pages_read_in_english(figures):  # noqa: F811
    browser = Browser(figures.statistics, language="en")
    for url in ("", "of/trade-sales/", "entry/", "targets/", "files/", f"of/tax/figure/?area={STREET}&{NOW}"):
        page = browser.open(f"/desk/indicators/{url}")
        typed = (demo_indicators.SOURCE, figures.statistics.name, "税务部门年度清算后核减（演示）")
        words = [word for word in chinese_words(page) if not any(text in word for text in typed)]
        assert words == [], (url, words)


def test_pages_take_as_many_queries_for_few_figures_as_for_many(bureau):  # noqa: F811
    browser = Browser(bureau.statistics)
    urls = [f"/desk/indicators/{url}" for url in ("", "of/trade-sales/", "entry/", "targets/")]
    urls = [f"{url}?{NOW}" for url in urls]
    few = {url: cost(browser, url) for url in urls}
    demo_indicators.load(by=bureau.statistics, at=datetime(2026, 4, 20, tzinfo=UTC))
    many = {url: cost(browser, url) for url in urls}
    assert many == few
    assert max(many.values()) <= 16


def test_a_subdistrict_begins_at_its_own_area(street):
    page = street.open(f"/desk/indicators/?{NOW}")
    assert page.marked["h1"] == ["示范一街道 · 2026 年一季度"]
    assert FIRST.endswith(f"{STREET}/")
