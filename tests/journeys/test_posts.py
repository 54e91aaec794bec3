"""Story 15: posts are manned day and night, and vehicles and goods pass a gate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from zerotrip.ids import new_id
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Measure, Passage, Plan, Post, Shift, Site, Worker
from zerotrip.prevention.posts.actions import solve_plan
from zerotrip.prevention.posts.codes import code_of
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db(transaction=True)
AREA, PATH = "370199000000", "/370100000000/370199000000/"


@pytest.fixture
def gate(demo_district) -> Site:
    """A gate where posts and gates are asked for."""
    now = timezone.now()
    leader = actor_for(User.objects.get(email="leader@demo.test"), at=now)
    first = now.astimezone(CHINA).date()
    told = Declared("虚构防控", "虚构通知〔2026〕3 号", (Measure.POSTS, Measure.GATES), first, None, 30)
    declare(told, area=AREA, department=leader.seats[0].department_id, key=new_id(), by=leader, at=now)
    return Site.objects.create(kind_id="gate", name="虚构北卡口", area_path=PATH, risk="medium", opened_on=first)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_post_is_planned_published_and_signed_on_to_and_a_vehicle_passes(person, gate, width):
    volunteer, clerk = person(width), person(width)
    volunteer.sign_in(demo.INVESTOR)
    volunteer.page.goto("/my-shifts/")
    volunteer.press("报名")
    volunteer.look("enlist")
    volunteer.fill({"kind": "pioneer", "most_a_week": "5"})
    volunteer.press("报名")
    expect(volunteer.page.locator("main")).to_contain_text("正在审核")

    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/desk/prevention/posts/people/")
    clerk.look("post-people")
    clerk.press("同意加入")
    assert Worker.objects.ready().count() == 1

    soon = timezone.now().astimezone(CHINA) + timedelta(hours=1)
    clerk.page.goto("/desk/prevention/posts/new/")
    clerk.fill({"name": "虚构北门岗", "place": "虚构路 1 号北门"})
    clerk.page.fill("[name=start0]", f"{soon.hour}:00")
    clerk.page.fill("[name=end0]", f"{(soon.hour + 8) % 24}:00")
    clerk.page.fill("[name=people0]", "1")
    for row in (1, 2):
        for name in ("start", "end", "people"):
            clerk.page.fill(f"[name={name}{row}]", "")
    clerk.press("保存")
    problem = clerk.page.locator("#turns-problem").inner_text()
    assert "没有人" in problem
    clerk.look("post-refused")
    clerk.page.check("[name=gaps]")
    clerk.press("保存")
    post = Post.objects.get()

    clerk.page.goto("/desk/prevention/posts/plans/")
    clerk.fill({"starts_on": soon.date().isoformat(), "days": "2"})
    clerk.press("开始排班")
    plan = Plan.objects.get()
    solve_plan(plan.pk, at=timezone.now(), work=1)
    clerk.page.goto(f"/desk/prevention/posts/plans/{plan.pk}/")
    clerk.look("plan")
    expect(clerk.page.locator("main")).to_contain_text("每个班都排满了")
    clerk.press("发布")
    assert Shift.objects.told().count() == 2
    clerk.page.goto(f"/desk/prevention/posts/{post.pk}/code/")
    clerk.look("post-code")

    volunteer.page.goto("/my-shifts/")
    volunteer.look("my-shifts")
    volunteer.press("签到")
    volunteer.page.fill("#code", "000000")
    volunteer.press("签到")
    expect(volunteer.page.locator("main")).to_contain_text("签到码不对")
    volunteer.page.fill("#code", code_of(bytes(post.secret), timezone.now()))
    volunteer.page.locator("button:text-is('签到')").click()
    volunteer.page.wait_for_load_state()
    expect(volunteer.page.locator("main")).to_contain_text("在岗")
    volunteer.look("signed-on")

    clerk.page.goto(f"/desk/prevention/gates/{gate.pk}/")
    clerk.page.fill("#look-plate", "鲁a·12345")
    clerk.press("查一下")
    clerk.fill({"temperature": "38.2", "driver": "虚构司机", "phone": "13800001111", "origin": "虚构市"})
    clerk.page.locator("button:text-is('登记')").click()
    clerk.page.locator("#refused-problem").wait_for()
    expect(clerk.page.locator("main")).to_contain_text("不能放行")
    clerk.look("gate-refused")
    clerk.fill({"temperature": "36.4"})
    clerk.page.locator("button:text-is('登记')").click()
    clerk.page.wait_for_url(f"**/gates/{gate.pk}/")
    passage = Passage.objects.get()
    assert (passage.plate, passage.refused) == ("鲁A12345", "")
    clerk.look("gate")
    clerk.page.locator("main button:text-is('离开')").click()
    clerk.page.locator("text=已登记离开").wait_for()
    passage.refresh_from_db()
    assert passage.left_at is not None
    clerk.page.goto(f"/desk/prevention/gates/{gate.pk}/?plate=鲁A12345")
    assert "虚构司机" not in clerk.page.content()
    clerk.look("gate-again")
    clerk.fill({"temperature": "36.5"})
    clerk.page.get_by_label("还是上次的司机").check()
    clerk.page.locator("button:text-is('登记')").click()
    clerk.page.locator("text=已登记，放行").wait_for()
    assert Passage.objects.filter(driver="虚构司机", phone="13800001111").count() == 2
    clerk.page.goto("/desk/prevention/gates/")
    clerk.look("gates")
    expect(clerk.page.locator("main")).to_contain_text("2 辆来过")
    clerk.press("虚**机")
    clerk.fill({"reason": "虚构：联系司机"})
    clerk.press("查看")
    expect(clerk.page.locator("main")).to_contain_text("虚构司机")
    clerk.look("driver")
