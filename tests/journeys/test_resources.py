"""Story 7: a retailer has no space for a new business line, a printer has an idle plant; both find each other."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo_resources
from tests import world
from zerotrip.parties.models import User
from zerotrip.relief.matching.queries import board
from zerotrip.relief.models import Introduction, Resource

pytestmark = pytest.mark.django_db(transaction=True)

OFFER = {
    "title": "印刷厂房一层 1,200 平方米",
    "place": demo_resources.PARK,
    "uses": ["production", "storage"],
    "area": "1200",
    "rent": "18",
    "height": "6",
    "crane": False,
    "free_from": "2026-12-01",
    "address": "示范大道 66 号",
}
WANT = {
    "title": "社区团购分拣场地",
    "place": demo_resources.FIRST,
    "uses": ["storage"],
    "area_least": "800",
    "area_most": "1500",
    "rent_most": "25",
    "crane": False,
}


def enter(somebody, side: str, answers) -> None:
    somebody.page.goto(f"/resources/kinds/premises/{side}/")
    somebody.fill(answers)
    somebody.look(f"{side}-form")
    somebody.press("发布")
    somebody.page.wait_for_selector("text=已发布")


@pytest.mark.parametrize("width", [390, 1440])
def test_story_7_an_idle_plant_and_a_want_of_space(person, work, width):
    demo_resources.load_people(at=timezone.now())
    printer, retailer = person(width), person(width)
    printer.sign_in(demo_resources.PRINTER)
    enter(printer, "offer", OFFER)
    retailer.sign_in(demo_resources.RETAILER)
    retailer.page.goto("/resources/")
    retailer.look("kinds")
    enter(retailer, "want", WANT)
    expect(retailer.page.locator("text=您要 800 至 1,500 平方米").first).to_be_visible()
    retailer.look("matched")
    work()

    retailer.press("看看并答复")
    expect(retailer.page.locator("text=青禾印刷")).to_have_count(0)
    retailer.look("proposal")
    retailer.press("同意对接")
    printer.page.goto("/notices/")
    printer.page.locator("button.notice-row", has_text="有一个合适的对接").click()
    printer.page.wait_for_url("**/resources/introductions/**")
    expect(printer.page.locator("text=邻里优选")).to_have_count(0)
    printer.press("同意对接")
    expect(printer.page.locator("text=济南示范邻里优选商贸有限公司").first).to_be_visible()
    printer.look("introduced")

    retailer.page.reload()
    expect(retailer.page.locator("text=济南示范青禾印刷有限公司").first).to_be_visible()
    retailer.press("预留")
    expect(retailer.page.locator("text=已预留到").first).to_be_visible()
    retailer.look("reserved")
    retailer.press("登记结果")
    expect(retailer.page.locator("text=落实用房面积").first).to_be_visible()
    retailer.look("concluded")

    staff = person(width)
    staff.sign_in_as_staff("clerk@demo.test")
    staff.page.goto("/desk/resources/")
    staff.look("desk-list")
    staff.page.locator("a.cover", has_text="印刷厂房一层").click()
    staff.look("desk-offer")
    staff.page.locator("a.cover", has_text="社区团购分拣场地").click()
    staff.look("desk-introduction")
    staff.page.goto("/desk/resources/board/")
    for text in ("盘活闲置面积", "落实用房面积", "1,200 平方米"):
        expect(staff.page.locator(f"text={text}").first).to_be_visible()
    staff.look("desk-board")

    now = timezone.now()
    clerk = world.acting(User.objects.get(email="clerk@demo.test"), now)
    row = Introduction.objects.get()
    sums = board(clerk, since=row.proposed_at, until=now)
    assert [(one.placed_amount, one.met_amount) for one in sums if one.kind.id == "premises"] == [(1200, 1200)]
    assert set(Resource.objects.values_list("status", flat=True)) == {"done"}
