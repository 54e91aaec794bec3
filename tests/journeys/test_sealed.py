"""Story 16: an area is sealed and served, a household asks for something, and the day is seen whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests.duties.standing import roster
from tests.prevention.sealed.shut import GRID, MEALS, point
from zerotrip.duties.models import Due
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Membership, User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import DoorRequest, Measure, SealedArea, Site
from zerotrip.prevention.sealed import stepping
from zerotrip.prevention.sealed.codes import code_of, door_token
from zerotrip.prevention.sealed.doors import Door, Where
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def serving(demo_district) -> Site:
    """A collection point where supplies are in force, and meals that are owed all day."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    first = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕3 号", tuple(Measure), first, None, 30)
    declare(told, area="370199000000", department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    roster.declared(roster.spec("meal-run", **{**MEALS, "times": [], "name": {"zh": "送餐"}}))
    return point()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_sealed_area_is_served_and_the_day_is_seen_whole(person, serving, width):
    clerk, driver, household = person(width), person(width), person(width)
    agent = User.objects.get(phone=demo.INVESTOR)
    firm = Membership.objects.get(person=agent.person, kind="agent").organisation

    clerk.sign_in_as_staff("leader@demo.test")
    clerk.page.goto("/desk/prevention/sealed/new/")
    clerk.look("seal")
    clerk.fill({"name": "虚构小区", "basis": "虚构通知", "decided_by": "虚构指挥部", "carrier": firm.uscc})
    clerk.page.select_option("[name=area]", GRID)
    clerk.page.check("[name=level][value=sealed]")
    clerk.page.check("[name=points]")
    later = timezone.now().astimezone(CHINA) + timedelta(days=3)
    clerk.page.fill("[name=to_day]", later.date().isoformat())
    clerk.page.fill("[name=to_hour]", "08:00")
    clerk.page.locator("form.card button.btn").click()
    clerk.page.wait_for_url("**/sealed/*-*/")
    area = SealedArea.objects.get()
    stepping.bring_in_step(area.pk, at=timezone.now())
    due = Due.objects.get(subject=serving.pk)

    household.page.goto(f"/household/{door_token(area, Door(Where(area.area_path), '9-901'))}/")
    household.look("door")
    household.page.check("[name=kind][value=meal]")
    household.page.fill("[name=what]", "清真餐两份")
    household.press("告诉社区")
    assert DoorRequest.objects.get().door == "9-901"

    driver.sign_in(demo.INVESTOR)
    driver.page.goto(f"/runs/{area.pk}/{due.window_id}/")
    expect(driver.page.locator("main")).to_contain_text("清真餐两份")
    driver.look("run")
    driver.press("虚构收发点")
    driver.page.fill("[name=a-handed]", "虚构司机")
    driver.page.fill("[name=a-received]", "虚构楼长")
    driver.page.fill("[name=code]", code_of(serving.code, due.window))
    driver.press("确认这一站")
    assert Due.objects.get(subject=serving.pk).kept_at is not None

    clerk.page.reload()
    expect(clerk.page.locator("main")).to_contain_text("清真餐两份")
    clerk.look("sealed")
    clerk.page.goto("/desk/prevention/picture/")
    expect(clerk.page.locator("#board")).to_contain_text("送餐")
    clerk.look("picture")
    number = clerk.page.locator("#lines a.number").first
    count = int(number.inner_text())
    number.click()
    expect(clerk.page.locator("#rows tr")).to_have_count(count)
    clerk.look("picture-names")
