"""A round of visits without a network: a site is inspected, leaflets are signed; handed in with the page closed."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.test_field import PIXEL, ready, states
from tests.prevention.inspections import looking
from tests.prevention.leaflets import sent
from tests.prevention.venues import doors
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.leaflets import sending
from zerotrip.prevention.models import Declared as Rules
from zerotrip.prevention.models import Inspection, InspectionItem, Measure, Receipt
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inspection(demo_district) -> Inspection:
    """An inspection the clerk has begun, and a leaflet that somebody without a phone has not read."""
    now = timezone.now()
    clerk, leader = (actor_for(User.objects.get(email=f"{who}@demo.test"), at=now) for who in ("clerk", "leader"))
    told = Declared("虚构防控", "虚构通知〔2026〕4 号", (Measure.VENUES,), now.astimezone(CHINA).date(), None, 30)
    office = leader.seats[0].department_id
    declare(told, area=sent.AREA, department=office, key=new_id(), by=leader, at=now)
    Rules.objects.update_or_create(pack="tests", name="inspections", defaults={"definition": looking.RULES})
    sent.duty()
    sent.person("李四", phone=False, household="3-201")
    sending.work(sent.made(SimpleNamespace(clerk=clerk), at=now).pk, at=now)
    return looking.started(doors.site(), clerk, leader, at=now)


def test_an_inspection_and_a_leaflet_are_handed_in_though_the_page_is_closed(person, inspection, live):
    clerk = person(390)
    clerk.context.grant_permissions(["geolocation"])
    clerk.context.set_geolocation({"latitude": 36.65, "longitude": 117.12, "accuracy": 12})
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/field/")
    ready(clerk)
    expect(clerk.page.locator("#along")).to_contain_text("1 次检查、1 人待签收")
    clerk.press("带上今天的资料")
    expect(clerk.page.locator("#tasks a")).to_have_count(2)
    clerk.look("field-visits")
    clerk.context.set_offline(True)

    clerk.page.locator("#tasks a", has_text="虚构商场").click()
    clerk.press("门口有人")
    clerk.page.check("input[name=found][value=defect]")
    clerk.press("记下")
    expect(clerk.page.locator("[data-field=note] .problem")).to_be_visible()
    expect(clerk.page.locator("[data-field=files] .problem")).to_be_visible()
    clerk.page.fill("#note", "门口没有人")
    clerk.page.set_input_files("#photos", {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    clerk.page.check("#position")
    expect(clerk.page.locator("[role=status]", has_text="已取得位置")).to_be_visible()
    clerk.look("field-finding")
    clerk.press("记下")
    expect(clerk.page.locator("#items a", has_text="门口有人")).to_contain_text("不合格 · 门口没有人")
    expect(clerk.page.locator("#items")).to_contain_text("还有 2 项没有填")
    clerk.look("field-inspection")

    # The rest was ticked on paper.
    clerk.page.goto(f"/field/#/inspection/{inspection.pk}?sheet=K7QX2M9PR4")
    expect(clerk.page.locator("#sheet")).to_have_value("K7QX2M9PR4")
    clerk.page.fill("#sheet_time", "00:00")
    for place in (1, 2):
        clerk.page.check(f"input[name=found-{place}][value=ok]")
    clerk.look("field-checklist-sheet")
    clerk.page.locator("#typing").get_by_role("button", name="记下").click()
    expect(clerk.page.locator("#page")).to_contain_text("都填完了")

    clerk.page.goto("/field/#/leaflets")
    clerk.press("李*")
    clerk.page.fill("#name", "别人")
    clerk.press("读过了，签收")
    expect(clerk.page.locator("[data-field=name] .problem")).to_contain_text("名册")
    clerk.look("field-leaflet")
    clerk.page.fill("#name", "李四")
    clerk.press("读过了，签收")
    expect(clerk.page.locator("#page")).to_contain_text("都签收了")
    clerk.width = 1440
    clerk.page.set_viewport_size({"width": 1440, "height": 900})
    assert states(clerk) == ["waiting"] * 4
    clerk.look("field-visits-outbox")

    # The page is gone; the browser wakes the worker when there is a network again.
    other = clerk.context.new_page()
    clerk.page.close()
    clerk.context.set_offline(False)
    woken(other, live)
    end = time.monotonic() + 15
    while not (InspectionItem.objects.count() == 3 and Receipt.objects.exists()) and time.monotonic() < end:
        other.wait_for_timeout(100)
    midnight = timezone.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    assert set(InspectionItem.objects.filter(found="ok").values_list("found_at", flat=True)) == {midnight}
    row = InspectionItem.objects.get(found="defect")
    assert (row.item, row.found, row.note) == ("keeper", "defect", "门口没有人")
    assert row.stamped_id not in (None, row.photo_id)
    assert (Receipt.objects.get().how, Receipt.objects.get().signature) == ("door", "李四")


def woken(page, live: str) -> None:
    """What the browser does when the network is back, or has been away too often."""
    told = page.context.new_cdp_session(page)
    found: list[dict] = []
    told.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    told.send("ServiceWorker.enable")
    page.goto("/")
    (worker,) = {one["registrationId"] for one in found if one["scopeURL"].endswith("/field/")}
    asked = {"origin": live, "registrationId": worker, "tag": "outbox", "lastChance": True}
    told.send("ServiceWorker.dispatchSyncEvent", asked)
