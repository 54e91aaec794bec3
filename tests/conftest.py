"""Fixtures every test may use; browser ones are for journeys."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING

import pytest

from config.places import ROOT
from tests.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PHONE, DESK = 390, 1440
"""Widths in pixels at which every page is looked at."""


def pytest_configure(config: pytest.Config) -> None:
    """Plain static files, and tables that may be emptied between tests that commit.

    The manifest of collected static files belongs to a running installation.
    """
    from django.conf import settings
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = unguarded(TransactionTestCase._fixture_teardown)

    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def unguarded(empty: Callable[..., None]) -> Callable[..., None]:
    """Let ``empty`` truncate what the database otherwise refuses to empty, such as the journal."""

    @functools.wraps(empty)
    def emptied(case: object) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT format('ALTER TABLE %s %%s TRIGGER %I', tgrelid::regclass, tgname)"
                " FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 > 0"  # 32: fires on TRUNCATE
            )
            guards = [guard for (guard,) in cursor.fetchall()]
            for guard in guards:
                cursor.execute(guard % "DISABLE")
            empty(case)
            for guard in guards:
                cursor.execute(guard % "ENABLE")

    return emptied


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """A folder for the pictures of this test: ``artefacts/<test>/``, kept after the run."""
    folder = ROOT / "artefacts" / re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that asks nobody for anything."""
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous face keeps an event loop in this thread, by which Django would
    # take every query of the test for one in asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def live(live_server, settings) -> str:
    """The address of a server over the test database, for real browsers and clients."""
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Page]:
    """A page at 390 pixels, or at another width by ``parametrize("page", [...], indirect=True)``.

    Addresses are relative to the live server: ``page.goto("/")``. Errors in scripts and failed
    requests fail the test.
    """
    width = getattr(request, "param", PHONE)
    context = browser.new_context(
        base_url=live,
        viewport={"width": width, "height": 844 if width < 800 else 900},
        device_scale_factor=2 if width < 800 else 1,
        has_touch=width < 800,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("requestfailed", lambda sent: faults.append(f"request: {sent.url} {sent.failure}"))
    yield page
    context.close()
    assert [fault for fault in faults if "ERR_ABORTED" not in fault] == []
