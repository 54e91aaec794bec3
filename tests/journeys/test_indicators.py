"""Story 12: a quarter ends. The subdistrict enters its figures and corrects one; the district sees growth."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_indicators
from tests.conftest import DESK, PHONE
from zerotrip.indicators.models import Observation

pytestmark = pytest.mark.django_db(transaction=True)

STREET = "370199001000"
ENTERED = {
    "fixed-asset-investment": "4.08",
    "industrial-output": "4.66",
    "trade-sales": "109.49",
    "tax": "67.2",
    "above-scale-firms": "119",
}
"""Of the second quarter; the tax has its point in the wrong place."""


@pytest.mark.parametrize(("street_at", "district_at"), [(PHONE, DESK), (DESK, PHONE)])
def test_a_quarter_ends(person, street_at, district_at):
    now = timezone.now()
    demo.load_figures(at=now)
    year = demo_indicators.story_year(now.date())

    street = person(street_at)
    street.sign_in_as_staff("street@demo.test")
    street.page.goto(f"/desk/indicators/?period={year}-1")
    expect(street.page.locator(".figure", has_text="税收").locator("b")).to_have_text("3.00 亿元")
    expect(street.page.locator(".figure .better", has_text="+22%")).to_have_count(1)
    street.look("board")
    street.page.goto(f"/desk/indicators/entry/?area={STREET}&period={year}-2")
    for indicator, value in ENTERED.items():
        street.page.fill(f"#v-{STREET}-{indicator}", value)
    street.press("保存")
    expect(street.page.locator(".summary a", has_text="税收")).to_have_count(1)
    assert street.page.input_value(f"#v-{STREET}-trade-sales") == "109.49"
    street.look("asked-about")
    street.page.fill(f"#v-{STREET}-tax", "6.72")
    street.press("保存")
    expect(street.page.locator(".message.success", has_text="新报 5 个")).to_be_visible()
    street.look("entered")

    # A day later somebody finds a firm that was left out.
    street.page.goto(f"/desk/indicators/of/fixed-asset-investment/figure/?area={STREET}&period={year}-2")
    street.page.fill("#value", "4.14")
    street.press("保存")
    expect(street.page.locator("#reason-problem")).to_be_visible()
    street.look("why")
    street.page.fill("#reason", "补报一个项目")
    street.press("保存")
    street.look("revised")
    rows = Observation.objects.filter(
        indicator="fixed-asset-investment", year=year, number=2, area_path=demo_indicators.FIRST
    )
    assert [str(row.value) for row in rows.order_by("revision")] == ["4.0800", "4.1400"]

    district = person(district_at)
    district.sign_in_as_staff("statistics@demo.test")
    district.page.goto(f"/desk/indicators/?period={year}-2")
    expect(district.page.locator(".figure .warned", has_text="示范二街道")).to_have_count(5)
    district.look("not-complete")
    district.page.locator(".figure a", has_text="固定资产投资").click()
    expect(district.page.locator("text=只比两年都有数的区域：4.14 比 3.40").first).to_be_visible()
    district.look("like-for-like")
    district.page.locator(".area-tiles a", has_text="示范一街道").click()
    expect(district.page.locator(".measures b", has_text="+21.9%")).to_be_visible()
    district.look("subdistrict")
    district.page.locator(".measures a", has_text="第 2 版").click()
    expect(district.page.locator("td", has_text="补报一个项目")).to_be_visible()
    district.look("revisions")
