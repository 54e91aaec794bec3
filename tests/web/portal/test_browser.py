"""The public pages in a real browser: reachable for everybody, on a phone and on a desk."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import world
from tests.conftest import DESK, PHONE
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM

PAGES = [
    "/",
    "/services/",
    "/services/?q=开工要办什么证",
    "/services/?theme=investment",
    "/services/?q=zzqq",
    "/services/construction-permit/",
    "/v/",
    "/v/abcdefghijklmnopqrstuv",
    "/accessibility",
    "/no/such/page",
]


@pytest.fixture
def pack(transactional_db):
    load_pack(world.PACK, by=SYSTEM, at=world.MORNING)


@pytest.mark.parametrize("page", [PHONE, DESK], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_public_page_is_accessible_and_fits(pack, live, page, theme, language, artefacts):
    page.context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": live},
            {"name": "theme", "value": theme, "url": live},
        ]
    )
    axe = Axe()
    for path in PAGES:
        page.goto(path)
        faults = axe.run(page).response["violations"]
        assert [(path, fault["id"], fault["nodes"][0]["target"]) for fault in faults] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.screenshot(path=artefacts / f"{PAGES.index(path)}.png", full_page=True)


def test_typing_finds_without_leaving_the_page(pack, page):
    page.goto("/services/")
    page.get_by_role("searchbox").press_sequentially("农药")
    page.get_by_text("“农药”找到 1 个事项").wait_for()
    expect(page.locator(".results li")).to_have_count(1)
    assert page.url.endswith("q=%E5%86%9C%E8%8D%AF")


def test_without_a_script_the_same_is_found(pack, browser, live):
    context = browser.new_context(base_url=live, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("农药")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".results li")).to_have_count(1)
    page.locator(".results a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("农药经营许可证变更")
    context.close()


def test_the_first_key_leads_to_the_content(pack, page):
    page.goto("/services/construction-permit/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"


def test_on_paper_everything_is_open(pack, page):
    page.goto("/services/construction-permit/")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_text("领证之日起三个月内开工")).to_be_visible()
    expect(page.locator(".foot")).to_be_hidden()
