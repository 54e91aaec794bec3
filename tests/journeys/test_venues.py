"""Story 13: a poster is scanned, people are checked at the door, a site is disinfected, inspected, put right."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from config import demo
from tests.duties.standing import roster
from tests.prevention.inspections import looking
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Party, User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Declared as Rules
from zerotrip.prevention.models import Inspection, Measure, Site, VenueScan
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)
AREA, PATH = "370199000000", "/370100000000/370199000000/"


@pytest.fixture
def site(demo_district) -> Site:
    """A mall of the investor's firm, that has to be disinfected today."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    today = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕4 号", (Measure.VENUES,), today, None, 30)
    declare(told, area=AREA, department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    Rules.objects.update_or_create(pack="tests", name="inspections", defaults={"definition": looking.RULES})
    owner = actor_for(User.objects.get(phone=demo.INVESTOR), at=now)
    firm = Party.objects.filter(pk__in=owner.represents).order_by("pk").first()
    site = Site.objects.create(
        kind_id="mall", name="虚构商场", owner=firm, area_path=PATH, risk="medium", opened_on=today
    )
    (duty,) = roster.declared(roster.spec("disinfection", who="site", photos=1, name={"zh": "虚构消杀"}))
    roster.opened(duty, at=now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0))
    return site


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph."""
    place, drawn = tmp_path / "现场.jpg", io.BytesIO()
    Image.new("RGB", (800, 600), (90, 120, 90)).save(drawn, "JPEG")
    place.write_bytes(drawn.getvalue())
    return place


@pytest.mark.parametrize("width", [390, 1440])
def test_a_site_is_scanned_checked_disinfected_inspected_and_put_right(person, site, photo, width):
    visitor, owner = person(width), person(width)
    visitor.page.goto(f"/v/{site.code}/")
    visitor.look("poster")
    visitor.press("我进来了")
    expect(visitor.page.locator("main")).to_contain_text("已登记，请进")
    visitor.look("entered")

    owner.sign_in(demo.INVESTOR)
    owner.page.goto("/doors/")
    owner.look("doors")
    owner.page.goto(f"/doors/{site.pk}/")
    owner.fill({"number": "13900000001", "temperature": "38.4"})
    owner.press("查验这个人")
    expect(owner.page.locator("main")).to_contain_text("不能进")
    owner.look("away")
    owner.fill({"temperature": "36.5"})
    owner.press("查验这个人")
    expect(owner.page.locator("main")).to_contain_text("可以进")
    assert sorted(VenueScan.objects.values_list("outcome", flat=True)) == ["away", "entered", "in"]

    owner.page.goto("/checks/")
    owner.page.locator("a:has-text('虚构消杀')").click()
    owner.page.locator("#files-file").set_input_files(photo)
    owner.look("disinfected")
    owner.press("报上")
    expect(owner.page.locator("main")).to_contain_text("都报了")

    first = person(width)
    first.sign_in_as_staff("leader@demo.test")
    first.page.goto(f"/desk/prevention/sites/{site.pk}/")
    first.look("site")
    first.page.locator("a:text-is('开始检查')").click()
    first.page.locator("[name=checklist]").first.check()
    first.page.locator("#second").select_option(index=1)
    first.press("开始检查")
    for item in ("keeper", "goods"):
        first.page.locator(f"[name=found-{item}][value=ok]").check()
    first.page.locator("[name=found-airing][value=defect]").check()
    first.page.locator("#found-airing summary").click()
    first.page.fill("#note-airing", "没有开窗")
    first.page.locator("#photo-airing-file").set_input_files(photo)
    first.look("filled-in")
    first.page.locator("button[value=sign]").click()
    expect(first.page.locator("main")).to_contain_text("等第二人签字")

    inspection = Inspection.objects.select_related("second").get()
    second = person(width)
    second.sign_in_as_staff(inspection.second.email)
    second.page.goto(f"/desk/prevention/inspections/{inspection.pk}/")
    second.press("签字")
    expect(second.page.locator("main")).to_contain_text("待整改")

    owner.page.goto(f"/rectify/{inspection.pk}/")
    owner.page.fill("#fixed-airing", "已开窗，每天两次")
    owner.page.locator("#files-airing-file").set_input_files(photo)
    owner.look("put-right")
    owner.press("报整改情况")
    expect(owner.page.locator("main")).to_contain_text("等复查")

    second.page.reload()
    second.look("recheck")
    second.press("复查通过")
    expect(second.page.locator("main")).to_contain_text("已改好")
    visitor.page.goto(f"/s/{site.code}/")
    expect(visitor.page.locator("main")).to_contain_text("没有未整改的问题")
    visitor.look("board")
