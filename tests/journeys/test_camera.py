"""Codes are read by the camera, with and without a network; where there is none, the page says to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.conftest import launched
from tests.journeys.filmed import bar_code, film, qr_code
from tests.journeys.test_field_sampling import point, take_along  # noqa: F401  point is a fixture
from tests.prevention.handing_in import number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.django_db(transaction=True)
TUBE = "ZT20261126"
SHEET = "K7QX2M9PR4"


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Path:
    """What the camera sees."""
    path = tmp_path_factory.mktemp("camera") / "seen.y4m"
    film(bar_code(TUBE), path)
    return path


@pytest.fixture(scope="module")
def browser(seen) -> Iterator[Browser]:
    """A browser with a camera that is asked for each time."""
    with launched("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={seen}") as browser:
        yield browser


def test_tubes_people_and_sheets_are_read_by_the_camera(person, point, seen):  # noqa: F811
    clerk = person(390)
    take_along(clerk, "clerk@demo.test", point)

    # Whoever does not let the browser use the camera is told what to do, and goes on.
    clerk.press("用相机扫")
    expect(clerk.page.locator("#told")).to_contain_text("浏览器没有允许用相机")
    clerk.look("camera-refused")
    clerk.context.grant_permissions(["camera"])
    clerk.press("用相机扫")
    expect(clerk.page.locator("#told")).to_contain_text(f"管 {TUBE} 已打开")
    film(qr_code(number(3)), seen)
    clerk.press("用相机扫")
    expect(clerk.page.locator("#told")).to_contain_text("1 / 10")
    film(qr_code(f"https://zero.example/field/#/sample/{point.pk}?sheet={SHEET}"), seen)
    clerk.page.locator("#paper summary").click()
    clerk.page.locator("#paper button").click()
    expect(clerk.page.locator("#sheet")).to_have_value(SHEET)

    # With a network the same codes go into the page at the desk.
    clerk.context.set_offline(False)
    film(bar_code("ZT20261127"), seen)
    clerk.page.goto(reverse("desk-sampling-point", args=[point.pk]))
    clerk.press("用相机扫")
    expect(clerk.page.locator("h1")).to_contain_text("ZT20261127")
    film(qr_code(number(4)), seen)
    clerk.press("用相机扫")
    expect(clerk.page.locator("h1")).to_contain_text("1/10")
    clerk.context.clear_permissions()
    clerk.press("用相机扫")
    expect(clerk.page.locator("[role=alert]", has_text="浏览器没有允许用相机")).to_be_visible()
    clerk.look("camera-at-the-desk")
