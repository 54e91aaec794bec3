"""The browser of the journeys: it sees our server and nobody else's."""

from __future__ import annotations

import urllib.request

import pytest
from playwright.sync_api import Error
from pytest_socket import SocketConnectBlockedError

from tests.conftest import DESK, PHONE


@pytest.mark.parametrize("page", [PHONE, DESK], indirect=True)
def test_a_page_of_the_live_server_is_seen_and_pictured(page, artefacts):
    page.goto("/healthz")

    assert page.locator("body").inner_text().strip() == "ok"
    page.screenshot(path=artefacts / "health.png")
    assert (artefacts / "health.png").stat().st_size > 1000
    assert page.evaluate("window.innerWidth") == page.viewport_size["width"]


def test_no_other_server_is_found(browser):
    context = browser.new_context()
    page = context.new_page()

    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")
    context.close()


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_nor_do_the_tests_themselves_reach_one():
    with pytest.raises(SocketConnectBlockedError):
        urllib.request.urlopen("http://192.0.2.1/", timeout=1)
