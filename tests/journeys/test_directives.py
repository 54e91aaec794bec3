"""Story 18: a directive becomes tasks with owners, deadlines and feedback; supervision sees what is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_directives
from tests import world
from zerotrip.duties.models import Obligation, Requirement
from zerotrip.parties.models import Party

pytestmark = pytest.mark.django_db(transaction=True)

HEAD, SUPERVISOR = demo_directives.ISSUER, "supervisor@demo.test"


def questions(page) -> None:
    """Write two questions line by line."""
    page.locator("input[name=form][value=own]").check()
    page.fill("[name=own-questions-0-label]", "到岗人数")
    page.locator("input[name=own-questions-0-kind][value=number]").check()
    page.locator("[name=add-own-questions]").click()
    page.wait_for_load_state()
    page.fill("[name=own-questions-1-label]", "有什么困难")
    page.locator("input[name=own-questions-1-kind][value=long_text]").check()


def answer(somebody, owed: Obligation, present: str, words: str) -> None:
    """Fill in the form of a task."""
    somebody.page.goto(f"/desk/tasks/{owed.pk}/")
    somebody.page.fill("[name=a-q1]", present)
    somebody.page.fill("[name=a-q2]", words)
    somebody.press("提交反馈")
    somebody.page.wait_for_selector(".message.success")


@pytest.mark.parametrize("width", [390, 1440])
def test_story_18_a_meeting_decides_and_the_streets_answer(person, demo_district, width):
    streets = list(Party.objects.filter(code="subdistrict-office").order_by("area_path"))
    head = person(width)
    head.sign_in_as_staff(HEAD)
    head.page.goto("/desk/directives/?view=issued")
    head.look("nothing-yet")
    head.page.goto("/desk/directives/new/")
    head.page.fill("#source", "区长办公会第 3 期")
    head.page.fill("#title", "做好复工复产服务")
    for street in streets[:3]:
        head.page.locator(f"input[name=owner][value='{street.pk}']").check()
    head.page.wait_for_selector("#count:has-text('将发给 3 个对象')")
    questions(head.page)
    head.look("new")
    head.press("发出")
    head.page.wait_for_selector(".message.success")
    head.look("board-empty")
    task = Requirement.objects.get(kind="task", issuer__isnull=False)
    one, other, third = (task.obligations.get(owner=street) for street in streets[:3])

    # The third street passes it on, one of its people answers, and it answers with the sum.
    leader = person(width)
    leader.sign_in_as_staff(demo_directives.HEAD)
    leader.page.goto("/desk/directives/")
    leader.look("asked")
    leader.page.locator("main a", has_text="做好复工复产服务").click()
    leader.page.locator("summary", has_text="转办…").click()
    for name in ("葛片区", "邵三街"):
        leader.page.locator("#pass-on label.choice", has_text=name).click()
    leader.look("pass-on")
    leader.page.locator("#pass-on form button").click()
    leader.page.wait_for_selector(".message.success")
    for email, present in ((demo_directives.GRID, "30"), ("duty3@demo.test", "12")):
        below = person(width)
        below.sign_in_as_staff(email)
        answer(below, third.parts.get(owner__account__email=email), present, "缺口罩")
    leader.page.goto(f"/desk/tasks/{third.pk}/")
    leader.press("按下级汇总填入")
    assert leader.page.input_value("[name=a-q1]") == "42"
    leader.look("brought-together")
    leader.press("提交反馈")
    leader.page.wait_for_selector(".message.success")

    # The first street answers; the second is late, is seen by supervision and urged.
    first = person(width)
    first.sign_in_as_staff("duty1@demo.test")
    answer(first, one, "100", "缺司机")
    late = timezone.now() - timedelta(days=2)
    Obligation.objects.filter(pk=other.pk).update(opened_at=late - timedelta(days=2), due_at=late)
    supervisor = person(width)
    supervisor.sign_in_as_staff(SUPERVISOR)
    supervisor.page.goto("/desk/directives/?view=area&late=1")
    supervisor.look("late-in-the-area")
    supervisor.page.locator("main a", has_text="做好复工复产服务").click()
    expect(supervisor.page.locator("main")).to_contain_text("逾期 2 天")

    head.page.goto(f"/desk/directives/{task.part_of_id}/")
    head.press("全部催办")
    head.page.wait_for_selector(".message.success")
    head.press("全部通过")
    head.page.wait_for_selector(".message.success")
    head.look("board")
    head.press("看汇总")
    expect(head.page.locator("main")).to_contain_text("合计 142")
    head.look("gathered")
    head.page.goto(f"/desk/directives/{task.part_of_id}/")
    head.page.locator("summary", has_text="办结归档…").click()
    head.page.locator("details.act form button", has_text="办结归档").click()
    head.page.wait_for_selector(".problem")
    head.look("closing-says-why")
    head.page.fill("#note", "二街道并入下周专报")
    head.page.locator("details.act form button", has_text="办结归档").click()
    head.page.wait_for_selector(".tag:has-text('已归档')")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_notice_is_signed_by_the_firms_it_names(person, demo_district, width):
    firm = Party.objects.get(uscc=world.sample("investment-filing")["unit"]["uscc"])
    Party.objects.filter(pk=firm.pk).update(area_path=world.DISTRICT)  # nobody has placed it yet
    head = person(width)
    head.sign_in_as_staff(HEAD)
    head.page.goto("/desk/directives/new/?kind=receipt")
    head.page.fill("#title", "致企业的一封信")
    head.page.fill("#text", "请做好防护。")
    head.page.locator("summary", has_text="只发给指定的几家").click()
    head.page.fill("#usccs", firm.uscc)
    head.page.wait_for_selector("#count:has-text('将发给 1 家企业')")
    head.look("notice")
    head.press("发出")
    head.page.wait_for_selector(".message.success")
    owner = person(width)
    owner.sign_in(demo.INVESTOR)
    owner.look("what-waits")
    owner.press("通知或填报等您处理")
    owner.look("notices")
    owner.press("致企业的一封信")
    owner.look("notice-to-sign")
    owner.press("我已阅读")
    owner.page.wait_for_selector(".message.success")
    owner.look("signed")
    head.page.reload()
    expect(head.page.locator("main")).to_contain_text("高行健")
