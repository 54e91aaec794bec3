"""The demo district behind a live server, and hands to use it as people do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from procrastinate.contrib.django import app

from config import demo
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars

CODE = re.compile(r"\b([0-9]{6})\b")


@pytest.fixture
def demo_district(transactional_db, settings, tmp_path: Path) -> Iterator[None]:
    """The pack and the demo's people, without cases."""
    settings.DEMO = True
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    now = timezone.now()
    cache.clear()
    for year in (now.year, now.year + 1):
        load_year(year, by=SYSTEM, at=now)
    load_pack(world.PACK, by=SYSTEM, at=now)
    demo.load_people(at=now)
    yield
    forget_calendars()


@pytest.fixture
def work(demo_district) -> Callable[[], None]:
    """Let the worker do what is queued, then stop."""

    def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    def aside() -> None:
        # The browser keeps an event loop in this thread; the worker needs one of its own.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(run).result(timeout=60)

    return aside


class Person:
    """Somebody at a screen of one width."""

    def __init__(self, browser: Browser, live: str, width: int, pictures: Path) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=live,
            viewport={"width": width, "height": 844 if width < 800 else 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.width, self.pictures, self.taken = width, pictures, 0

    def look(self, name: str) -> None:
        """Hold the page to WCAG 2.2 AA; keep a picture of it where ``PICTURES`` asks for them, or it fails."""
        self.page.wait_for_load_state()
        self.taken += 1
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        asked = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=asked)
        if found.violations_count or os.environ.get("PICTURES"):
            self.page.screenshot(path=self.pictures / f"{self.taken:02}-{name}-{self.width}.png", full_page=True)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"

    def press(self, words: str) -> None:
        """Press the button or link that says so, the one in sight."""
        inside = "main {}:has-text('" + words + "'):visible"
        self.page.locator(f"{inside.format('button')}, {inside.format('a')}").first.click()
        self.page.wait_for_load_state()

    def sign_in(self, phone: str) -> None:
        """As an applicant, with the code from the demo's outbox."""
        self.page.goto("/sign-in/")
        self.page.fill("#address", phone)
        self.press("获取验证码")
        self.page.fill("#code", self._code("tr", phone))
        self.page.locator("main button:has-text('登录')").click()
        self.page.wait_for_url("**/cases/")

    def sign_in_as_staff(self, email: str) -> None:
        """With the password and the second factor of the moment."""
        self.page.goto("/sign-in/staff/")
        self.page.fill("#login", email)
        self.page.fill("#password", demo.PASSWORD)
        self.press("下一步")
        self.page.fill("#code", self._code("dl.codes dt", email))
        self.page.locator("main button:has-text('登录')").click()
        self.page.wait_for_url("**/desk/")

    def _code(self, rows: str, whose: str) -> str:
        outbox = self.context.new_page()
        outbox.goto("/outbox/")
        row = outbox.locator(rows, has_text=whose).first
        text = row.inner_text() if rows == "tr" else row.locator("xpath=following-sibling::dd[1]").inner_text()
        outbox.close()
        found = CODE.findall(text)
        assert found, f"no code for {whose} in {text!r}"
        return str(found[-1])

    def fill(self, answers: dict[str, Any]) -> None:
        """Type what is asked on this page, as far as ``answers`` tell, in the order it is asked."""
        for name, value in answers.items():
            self._answer(name, value)

    def _answer(self, name: str, value: Any) -> None:
        if isinstance(value, dict):
            for part, text in value.items():
                self._answer(f"{name}-{part}", text)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                if number and not self.page.locator(f"[name^='{name}-{number}-']").count():
                    self.page.locator(f"[name=add-{name}]").click()
                    self.page.wait_for_load_state()
                self._answer(f"{name}-{number}", row)
        elif isinstance(value, list):
            for choice in value:
                self._check(name, choice)
        elif isinstance(value, bool):
            self._check(name, "yes" if value else "no")
        else:
            self._type(name, str(value))

    def _check(self, name: str, value: str) -> None:
        box = self.page.locator(f"input[name='{name}'][value='{value}']")
        if not box.count():
            return
        if self.page.locator("form[data-autosave]").count() and not box.is_checked():
            # What hangs on the answer comes up when it has been saved.
            # A save of an earlier answer may still be on its way: the one that counts has this answer in it.
            told = urlencode({name: value})
            with self.page.expect_response(lambda answer: told in (answer.request.post_data or "").split("&")):
                box.check()
            # The answer has come, but it is on the page only when nothing is under way any more (a form may
            # show its saving on another element than itself).
            expect(self.page.locator(".htmx-request")).to_have_count(0)
        else:
            box.check()

    def _type(self, name: str, text: str) -> None:
        control = self.page.locator(f"[name='{name}']")
        if not control.count():
            return
        if control.first.get_attribute("type") == "radio":
            self._check(name, text)
        elif control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(text)
        else:
            control.fill(text)


@pytest.fixture
def person(browser: Browser, live: str, demo_district, artefacts: Path) -> Iterator[Callable[[int], Person]]:
    """Somebody new at a screen: ``person(390)``."""
    people: list[Person] = []

    def sit_down(width: int) -> Person:
        people.append(Person(browser, live, width, artefacts))
        return people[-1]

    yield sit_down
    for somebody in people:
        somebody.context.close()
