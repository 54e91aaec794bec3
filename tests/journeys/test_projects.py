"""Stories 4 and 11: a key project from its registration to its permits, and what it is followed by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests import world
from tests.journeys.test_needs import act
from tests.projects.site import CHAIN, scheme
from zerotrip.cases.models import Assignment, Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM
from zerotrip.projects.models import Lead, Project

pytestmark = pytest.mark.django_db(transaction=True)

STEWARD, COMMERCE = "steward@demo.test", "trade@demo.test"


@pytest.fixture
def chain(demo_district) -> None:
    """All permits of a building project, and what the pack asks of projects."""
    load_pack(scheme(CHAIN), by=SYSTEM, at=timezone.now())


def register(steward, *, foreign: bool = False) -> Project:
    """Fill in the form of a new project as it stands, and land on its plan."""
    page = steward.page
    page.fill("#name", "示范电机扩建")
    page.locator("input[name=kind][value=industry]").check()
    firm = world.sample("investment-filing")["unit"]
    page.fill("#owner_name", firm["name"])
    page.fill("#owner_uscc", firm["uscc"])
    page.select_option("#site-area", "370199002001")
    page.fill("#site-detail", "工业北路 16 号")
    page.locator("input[name=land][value=held]").check()
    page.locator("input[name=verified][value=no]").check()
    page.locator(f"input[name=foreign_invested][value={'yes' if foreign else 'no'}]").check()
    page.locator("input[name=builds][value=yes]").check()
    steward.look("register")
    page.locator("main form .buttons button").click()
    page.wait_for_url("**/desk/projects/*-*/")
    return Project.objects.get()


@pytest.mark.parametrize("width", [390, 1440])
def test_story_4_one_plan_of_all_permits_for_the_steward_and_the_owner(person, chain, width):
    steward = person(width)
    steward.sign_in_as_staff(STEWARD)
    steward.page.goto("/desk/projects/new/")
    project = register(steward)
    steward.look("plan")
    expect(steward.page.locator("table.gantt")).to_contain_text("企业投资项目备案")

    # What is not known yet is said, and answered.
    steward.press("去补充")
    steward.page.fill("#floor_area", "8200")
    steward.page.locator("input[name=pollutes][value=no]").check()
    steward.look("facts")
    steward.press("保存，重算计划")
    steward.page.wait_for_url(f"**/desk/projects/{project.pk}/")

    # Without a mandate the steward reminds; with one, files.
    expect(steward.page.locator("#permit-filing button", has_text="代办")).to_have_count(0)
    steward.page.locator("#permit-filing button", has_text="提醒企业").click()
    steward.page.wait_for_selector(".message.success")

    owner = person(width)
    owner.sign_in(demo.INVESTOR)
    owner.press("我的项目")
    owner.look("my-projects")
    owner.page.locator("main a", has_text="示范电机扩建").click()
    owner.look("my-plan")
    owner.press("委托管家代办")
    owner.page.wait_for_selector(".message.success")

    steward.page.goto(f"/desk/projects/{project.pk}/")
    steward.page.locator("#permit-filing button", has_text="代办").click()
    steward.page.wait_for_url("**/cases/SF-*/")
    steward.look("draft")
    case = Case.objects.get()
    assert case.submissions.get().answers["project_name"] == "示范电机扩建"

    # The owner goes on with what the steward began, and begins the next ahead.
    owner.page.goto(f"/projects/{project.pk}/")
    owner.page.locator(".tasks button", has_text="先预审").first.click()
    owner.page.wait_for_url("**/cases/SF-*/")
    assert set(Case.objects.values_list("mode", flat=True)) == {"formal", "simulated"}
    owner.page.goto(f"/projects/{project.pk}/")
    owner.look("under-way")


@pytest.mark.parametrize("width", [390, 1440])
def test_story_11_an_investor_lands_and_the_project_is_followed(person, chain, width):
    steward = person(width)
    steward.sign_in_as_staff(STEWARD)
    page = steward.page
    page.goto("/desk/projects/leads/new/")
    page.locator("main form .buttons button").click()
    steward.look("lead-problems")
    page.fill("#investor", "虚构电机有限公司")
    page.fill("#matter", "电机扩建")
    page.locator("input[name=kind][value=industry]").check()
    page.fill("#amount", "4800")
    page.locator("input[name=capital][value=foreign]").check()
    page.locator("input[name=foreign]").check()
    page.locator("main form .buttons button").click()
    page.wait_for_url("**/desk/projects/leads/*-*/")
    page.locator("input[name=stage][value=signed]").check()
    page.fill("#note", "签了投资协议")
    page.locator("main form button", has_text="登记").click()
    page.wait_for_selector(".message.success")
    steward.look("lead")
    steward.press("落地为项目")
    project = register(steward, foreign=True)
    assert Lead.objects.get().project == project

    # Money, a milestone, a problem of a foreign-invested project.
    page.locator("summary", has_text="填报投资").click()
    page.fill("#money-planned", "很多")
    page.locator("#money form button").click()
    page.wait_for_selector("#money .problem")
    assert page.input_value("#money-planned") == "很多"
    steward.look("money-problem")
    page.fill("#money-planned", "500")
    page.fill("#money-done", "120.5")
    page.locator("#money form button").click()
    page.wait_for_selector(".message.success")
    page.locator("summary", has_text="登记节点").click()
    page.fill("#milestone-milestone", "开工")
    page.fill("#milestone-on", (timezone.localdate() + timedelta(days=30)).isoformat())
    page.locator("#milestones form button", has_text="登记").click()
    page.wait_for_selector(".message.success")
    page.locator("summary", has_text="记一个问题").click()
    page.fill("#problem-words", "增资登记找谁办？")
    page.fill("#problem-contact", "林知远")
    page.fill("#problem-phone", demo.INVESTOR)
    page.locator("#problem form button", has_text="转给归口部门").click()
    page.wait_for_selector(".message.success")
    steward.look("followed")
    assert Assignment.objects.get(kind="help").department.code == "commerce"

    commerce = person(width)
    commerce.sign_in_as_staff(COMMERCE)
    commerce.page.goto("/desk/projects/")
    commerce.look("asked")
    commerce.page.locator("main a", has_text="示范电机扩建").click()
    commerce.page.locator("#problem a").click()
    act(commerce, "帮办完成", "请到商务局三楼，找外资科。")
    page.goto(f"/desk/projects/{project.pk}/")
    page.get_by_text("请到商务局三楼，找外资科。").wait_for()
    steward.look("helped")

    page.goto("/desk/projects/")
    steward.look("board")
    page.goto("/desk/projects/leads/?stage=landed")
    steward.look("leads")
    page.goto("/desk/projects/week/")
    steward.look("week")
    expect(page.locator(".report")).to_contain_text("120.50")
    paper = page.request.get("/desk/projects/week/paper/")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")
