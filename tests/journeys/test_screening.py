"""Story 17 at a screen: a tube is filled, sealed, packed and taken in; a positive pool names everybody in it."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from tests.conftest import DESK, PHONE
from tests.journeys.test_field_sampling import point  # noqa: F401  a fixture
from tests.prevention.handing_in import number
from zerotrip.api.hooks.laboratory import SIGNATURE, TIMESTAMP
from zerotrip.signed import signature

SECRET = "between the journey and the laboratory, long"


@pytest.fixture
def laboratory(settings, live):
    """A laboratory's own system, with the secret the district gave it."""
    settings.LABORATORY_SECRETS = [SECRET]

    def say(tube: str, outcome: str) -> int:
        said = {"tube": tube, "outcome": outcome, "issued_at": timezone.now().isoformat()}
        told = {"id": "01a218b9-2884-73ed-a8c1-f07fa326f4fa", "laboratory": "demo-lab-1", "results": [said]}
        body, stamp = json.dumps(told).encode(), str(int(timezone.now().timestamp()))
        signed = {TIMESTAMP: stamp, SIGNATURE: signature(SECRET, stamp, body)}
        return (
            Client(HTTP_HOST="localhost")
            .post("/hooks/laboratory/", body, "application/json", headers=signed)
            .status_code
        )

    return say


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_tube_is_filled_and_a_positive_pool_is_followed_up(person, point, laboratory, width):  # noqa: F811
    sampler = person(width)
    page = sampler.page
    sampler.sign_in_as_staff("leader@demo.test")
    page.goto("/desk/prevention/screening/")
    sampler.look("the day of sampling")
    page.get_by_role("link", name=point.name).click()
    tube = f"JOURNEY{width}"
    page.fill("#tube", tube)
    page.locator("input[name=capacity][value='5']").check()
    sampler.press("开始采样")
    page.fill("#who", number(1))
    sampler.press("入管")
    page.get_by_text("已入管").wait_for()
    page.fill("#who", f"E{width}7654321")
    page.locator("main button:text-is('入管')").first.click()
    sampler.look("somebody nobody knows")
    page.fill("#name", "Visitor Fictitious")
    sampler.press("登记并入管")
    page.get_by_text("2/5").first.wait_for()
    sampler.look("a tube in hand")
    sampler.press("封管（2 人）")
    sampler.press("装箱")
    page.fill("#code", f"BOX-J{width}")
    boxes = page.locator("input[name=tubes]")
    page.fill("#counted", str(boxes.count()))
    page.locator("main form button:text-is('装箱')").click()
    page.select_option("#laboratory", "demo-lab-1")
    page.fill("#carrier", "虚构转运员")
    page.locator("main form button:text-is('交接')").click()
    page.locator(f"input[name=tubes][value={tube}]").wait_for()
    sampler.look("a box under way")
    page.fill("#receiver", "虚构收样员")
    page.locator("main form button:text-is('签收')").click()
    page.get_by_text("没有不符").wait_for()
    assert laboratory(tube, "positive") == 200
    page.goto(f"/desk/prevention/screening/retests/?tube={tube}")
    expect(page.locator("main tbody tr")).to_have_count(2)
    sampler.look("who is to be tested again")
