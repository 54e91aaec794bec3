"""Sealed areas on the pages: sealed at the desk, served by the carrier on a phone, asked for at a door."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.duties.standing import roster
from tests.prevention import emergency
from tests.prevention.sealed.shut import GRID, MEALS, point
from tests.prevention.test_population import enrolled, site, somebody
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.duties.models import Due, Report, WrongCodes
from zerotrip.ids import new_id
from zerotrip.prevention.models import DoorRequest, SealedArea, Site
from zerotrip.prevention.sealed import actions, stepping
from zerotrip.prevention.sealed.codes import code_of, door_token
from zerotrip.prevention.sealed.doors import Door, Where
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

SEALED = "/desk/prevention/sealed/"


@pytest.fixture
def now() -> datetime:
    """The moment it is."""
    return timezone.now()


@pytest.fixture
def area(district, now) -> SealedArea:
    """An area sealed until tomorrow, served by the firm, with a run under way all day."""
    emergency.declared(district)
    all_day = {**MEALS, "times": [], "name": {"zh": "送餐", "en": "Meals"}}
    roster.declared(roster.spec("meal-run", **all_day))
    told = actions.Described(
        name="虚构小区",
        level="sealed",
        basis="虚构通知",
        decided_by="虚构指挥部",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=2),
        points=[point().pk],
        carrier=district.firm.uscc,
    )
    found = actions.seal(told, area=GRID, key=new_id(), by=district.clerk, at=now)
    stepping.bring_in_step(found.pk, at=now)
    return found


def household_of(area: SealedArea, name: str = "9-901") -> str:
    """The page of a door."""
    return f"/household/{door_token(area, Door(Where(area.area_path), name))}/"


def test_an_area_is_sealed_and_opened_again_at_the_desk(district, now):
    emergency.declared(district)
    serving = point()
    clerk = Browser(district.clerk)
    form = clerk.open(SEALED + "new/").form()
    refused = form.press("封控", status=422, name="虚构小区")
    assert {"级别", "依据"} <= {word[-2:] for word in refused.text.split() if word.endswith(("级别", "依据"))}
    assert refused.form().values["name"] == ["虚构小区"]
    later = now.astimezone(CHINA) + timedelta(days=3)
    typed = {
        **{"name": "虚构小区", "area": GRID, "level": "sealed", "basis": "虚构通知", "decided_by": "虚构指挥部"},
        **{"points": [str(serving.pk)], "to_day": later.date().isoformat(), "to_hour": "08:00"},
    }
    page = form.press("封控", **typed).follow()
    assert "封控中" in page.text
    assert "正在按最新的决定更新" in page.text
    stepping.bring_in_step(SealedArea.objects.get().pk, at=now)
    assert "正在按最新的决定更新" not in clerk.open(page.url).text
    lifting = page.form("/lift/").press("现在解封", status=422)
    assert "为什么" in lifting.text
    page.form("/lift/").press("现在解封", reason="转为低风险")
    assert "已提前解封" in clerk.open(page.url).text


def test_the_carrier_confirms_a_stop_by_the_code_of_the_receiver(district, area, now):
    driver = Browser(district.applicant)
    run = next(link for link in driver.open("/runs/").links if link.startswith("/runs/"))
    sheet = driver.open(run)
    assert "虚构收发点" in sheet.text
    serving = area.points.get()
    code = code_of(serving.code, Due.objects.get().window)
    assert code not in sheet.html
    form = driver.open(next(link for link in sheet.links if str(serving.pk) in link)).form()
    refused = form.press(status=422, **{"a-handed": "虚构司机", "a-received": "虚构楼长", "code": "1"})
    assert "接收码" in refused.text
    assert WrongCodes.objects.get().tries == 1
    form.press(**{"a-handed": "虚构司机", "a-received": "虚构楼长", "code": code})
    assert Due.objects.get().kept_at is not None
    assert Report.objects.get().by_id == district.applicant.user_id
    desk = Browser(district.clerk).open(f"{SEALED}{area.pk}/runs/{Due.objects.get().window_id}/")
    assert "虚构楼长 收" in desk.text


def test_others_learn_nothing_of_a_run(district, area):
    window = Due.objects.get().window_id
    Browser(district.stranger).open(f"/runs/{area.pk}/{window}/", status=404)


def test_the_sheet_of_a_run_is_a_paper_too(district, area):
    window = Due.objects.get().window_id
    actions.ask_from_door(area.pk, actions.Asking("9-901", "meal", "清真餐两份"), key=new_id(), at=timezone.now())
    paper = Browser(district.clerk).client.get(f"{SEALED}{area.pk}/runs/{window}/?paper")
    assert paper.content.startswith(b"%PDF")


def test_a_door_asks_without_an_account_and_the_desk_brings_it(district, area):
    link = household_of(area)
    household = Browser()
    form = household.open(link).form()
    refused = form.press(status=422, kind="medicine")
    assert "写明要什么" in refused.text
    form.press(kind="medicine", what="降压药一盒", persons="2")
    form.press(kind="medicine", what="降压药一盒", persons="2")
    assert DoorRequest.objects.count() == 1
    page = Browser(district.clerk).open(f"{SEALED}{area.pk}/")
    assert "降压药一盒" in page.text
    page.form("/brought/").press("送到了")
    assert "已送到" in household.open(link).text
    household.open(f"{link[:-3]}xx/", status=404)


def test_doors_of_two_buildings_have_a_code_each_and_the_desk_says_which(district, area):
    today = timezone.now().astimezone(CHINA).date()
    for name in ("虚构一号楼", "虚构二号楼"):
        place = site(name=name, area_path=area.area_path, opened_on=today)
        enrolled(somebody(name), "lodger", first=today, site=place, household="1-101")
    clerk = Browser(district.clerk)
    page = clerk.open(f"{SEALED}{area.pk}/doors/")
    assert [page.text.count(words) for words in ("虚构一号楼", "虚构二号楼", "1-101")] == [1, 1, 2]
    link = next(link for link in page.links if "/household/" in link)
    household = Browser().open(link[link.index("/household/") :])
    assert "虚构一号楼 1-101" in household.text
    household.form().press(kind="meal", what="一份餐")
    form = clerk.open(f"{SEALED}{area.pk}/").form("/ask/")
    refused = form.press(status=422, door="1-101", kind="goods", what="一桶水")
    assert "哪个网格或哪栋楼" in refused.text
    second = Site.objects.get(name="虚构二号楼")
    refused.form("/ask/").press(where=str(second.pk), door="1-101", kind="goods", what="一桶水")
    run = clerk.open(f"{SEALED}{area.pk}/runs/{Due.objects.get().window_id}/")
    assert "虚构一号楼 1-101" in run.text
    assert "虚构二号楼 1-101" in run.text


def test_pages_cost_the_same_for_one_request_and_for_many(district, area):
    clerk = Browser(district.clerk)
    pages = (SEALED, f"{SEALED}{area.pk}/", f"{SEALED}{area.pk}/runs/{Due.objects.get().window_id}/")
    actions.ask_from_door(area.pk, actions.Asking("9-901", "meal", "一份餐"), key=new_id(), at=timezone.now())
    before = [cost(clerk, page) for page in pages]
    for number in range(5):
        actions.ask_from_door(
            area.pk, actions.Asking(f"9-{number}", "meal", "一份餐"), key=new_id(), at=timezone.now()
        )
        area.points.add(point(f"虚构收发点{number}"))
    assert [cost(clerk, page) for page in pages] == before


@pytest.mark.parametrize("who", ["applicant", "clerk"])
def test_pages_are_english_in_english(district, area, who):
    browser = Browser(getattr(district, who), language="en")
    window = Due.objects.get().window_id
    site = area.points.get().pk
    run, page = f"/runs/{area.pk}/{window}/", f"{SEALED}{area.pk}/"
    paths = {
        "applicant": ["/runs/", run, f"{run}{site}/", household_of(area)],
        "clerk": [SEALED, SEALED + "new/", page, f"{page}runs/{window}/", f"{page}doors/"],
    }[who]
    for path in paths:
        words = chinese_words(browser.open(path))
        assert [
            word for word in words if "虚构" not in word and word not in ("林知远", "谁交的", "谁收的", "送餐")
        ] == [], path
