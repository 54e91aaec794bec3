"""Fixtures every test may use; browser ones are for journeys."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from config.places import ROOT
from tests.chromium import chromium
from tests.district import district, pytest_runtest_setup, settled  # noqa: F401  fixtures, and a hook of theirs
from tests.helped import helped  # noqa: F401  a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from pytest_django.plugin import DjangoDbBlocker

PHONE, DESK = 390, 1440
"""Widths in pixels at which every page is looked at."""


def pytest_configure(config: pytest.Config) -> None:
    """Plain static files: the manifest of the collected ones belongs to a running installation. Quick passwords.

    Properties are judged by what they say, not by how busy the machine is.
    """
    import hypothesis
    from django.conf import settings

    patient = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
    hypothesis.settings.register_profile("patient", **patient)
    hypothesis.settings.load_profile("patient")
    settings.PASSWORD_HASHERS = ["tests.hashing.Quick", *settings.PASSWORD_HASHERS[1:]]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Each test begins in Chinese, whatever language the one before read pages in."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine does not look at the calendar's stamp more often: pins are of the page, not of it."""
    monkeypatch.setattr("zerotrip.workdays.queries.LOOK_AFTER", 3600)


@pytest.fixture(autouse=True)
def no_jobs_left(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A test that commits leaves its jobs behind: their tables are the library's, which nothing empties for us."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


OF_MIGRATIONS = {"django_content_type", "auth_permission"}
"""Tables whose rows tests do not make."""


@pytest.fixture(autouse=True, scope="session")
def emptied_quickly() -> Iterator[None]:
    """After a test that commits, the tables it wrote to are emptied: of some hundreds, it is a few dozen."""

    @cache
    def all_at_once() -> str:
        found = connection.introspection.django_table_names(only_existing=True, include_views=False)
        names = sorted(set(found) - OF_MIGRATIONS)
        return " UNION ALL ".join(f"(SELECT '{name}' WHERE EXISTS (SELECT FROM {name}))" for name in names)

    def empty(_case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute(all_at_once())
            if written := [name for (name,) in cursor.fetchall()]:
                cursor.execute(f"TRUNCATE {', '.join(written)} CASCADE")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(autouse=True, scope="session")
def read_once() -> Iterator[None]:
    """The packs tests begin from do not change while they run: each is read and judged once, not for every test."""
    from tests import world
    from zerotrip.catalogue import packs

    read, kept = packs.read, cache(packs.read)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "read", lambda path: (kept if path in (world.PACK, world.WHOLE) else read)(path))
        yield


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """A folder for the pictures of this test: ``artefacts/<test>/``, kept after the run."""
    folder = ROOT / "artefacts" / re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def launched(*more: str) -> Iterator[Browser]:
    """A Chromium that asks nobody for anything, with ``more`` arguments."""
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
                *more,
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of the module: its event loop must not outlive it, others need theirs."""
    with launched() as browser:
        yield browser


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
