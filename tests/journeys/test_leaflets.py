"""Story 16: a leaflet goes to people, is read on a phone and signed at a door, and the silent are named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.prevention.leaflets import sent
from zerotrip.duties import editions
from zerotrip.duties.standing.declared import SORT
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.leaflets import sending
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.models import Leaflet, Measure, Receipt
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(demo_district) -> None:
    """Somebody with a phone, somebody without, somebody who will be silent, where an event is under way."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    told = Declared("虚构防控", "虚构通知〔2026〕4 号", tuple(Measure), now.astimezone(CHINA).date(), None, 30)
    declare(told, area="370199000000", department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    if not any("notice-people" in row.slug for row in editions.standing(SORT)):
        sent.duty()
    sent.person("王小明"), sent.person("李大爷", phone=False, household="9-901"), sent.person("赵不应")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_leaflet_reaches_people_and_the_silent_are_named(person, people, width):
    clerk, phone = person(width), person(390)
    clerk.sign_in_as_staff("leader@demo.test")
    clerk.page.goto("/desk/prevention/leaflets/new/")
    later = timezone.now().astimezone(CHINA) + timedelta(days=2)
    clerk.fill({"title": "虚构明白纸", "text": "第一条。\n\n第二条。"})
    clerk.page.fill("[name=until]", later.date().isoformat())
    clerk.page.select_option("[name=area]", "370199001001001")
    clerk.press("看发给多少人")
    clerk.look("reach")
    expect(clerk.page.locator("main")).to_contain_text("发给 3 人")
    clerk.press("发送")
    row = Leaflet.objects.get()
    sending.work(row.pk, at=timezone.now())

    first = Receipt.objects.order_by("subject").first()
    phone.page.goto(f"/n/{token_of(first.pk)}/")
    phone.look("letter")
    phone.page.fill("[name=name]", "王小明")
    phone.press("我读过了，签收")
    expect(phone.page.locator("main")).to_contain_text("已在")
    phone.look("signed")

    clerk.page.goto(f"/desk/prevention/leaflets/{row.pk}/?who=door")
    clerk.page.locator("table a.btn").first.click()
    clerk.look("door")
    clerk.page.fill("[name=name]", "李大爷")
    clerk.press("读过了，签收")
    clerk.page.goto(f"/desk/prevention/leaflets/{row.pk}/")
    silent = clerk.page.locator("main").inner_text()
    assert "赵*应" in silent
    assert "王*明" not in silent
    clerk.look("silent")
