"""Story 9: "Can somebody test our staff?" A named person within the hour, a team on site, the firm's own word."""

from __future__ import annotations

import shutil

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_needs
from tests import world
from tests.files.samples import image
from tests.helped import pack
from zerotrip.cases.models import Case, Rating
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def subjects(demo_district, tmp_path):
    """Subjects of needs, the shipped rule that sends testing to its team, and those who help."""
    folder = tmp_path / "pack"
    shutil.copytree(pack(), folder)
    (folder / "relief.yaml").write_text(RULES, encoding="utf-8")
    load_pack(folder, by=SYSTEM, at=timezone.now())
    demo_needs.seat_teams(at=timezone.now())


RULES = """
teams:
  - {code: testing-team, area: "370199000000", name: {zh: 上门采样专班, en: On-site sampling team}}
rules:
  - id: testing
    name: {zh: 检测筛查交上门采样专班, en: Testing goes to the on-site team}
    subjects: [need-testing]
    team: testing-team
"""


def photo(name: str, shade: int = 200) -> dict[str, object]:
    """A picture as a phone takes it, but small."""
    return {"name": name, "mimeType": "image/png", "buffer": image(size=(320, 240), colour=(shade, 80, 80))}


def act(staff, words: str, text: str) -> None:
    """Open an act on the page of a need, say something, press its button."""
    form = staff.page.locator("form", has=staff.page.locator(f"button:has-text('{words}')")).first
    if not form.is_visible():
        staff.page.locator("summary", has_text=f"{words}…").click()
    form.locator("textarea").first.fill(text)
    form.locator("button").last.click()
    staff.page.wait_for_load_state()


@pytest.mark.parametrize(("phone", "desk"), [(390, 1440), (1440, 390)])
def test_staff_of_a_firm_are_tested_on_site_and_the_firm_has_the_last_word(person, work, subjects, phone, desk):
    firm = person(phone)
    firm.sign_in(demo.INVESTOR)
    firm.page.goto("/needs/")
    firm.look("needs")
    firm.page.locator("input[name=subject][value=need-testing]").check()
    firm.press("下一步")
    words = "能不能给我们员工做核酸检测"
    firm.page.fill("[name=need-0-title]", words)
    firm.page.fill("[name=need-0-detail]", "厂里 126 人，明天复工前要做。")
    firm.page.set_input_files("#need-0-files-file", [photo("厂门.png"), photo("名单.png", 90)])
    firm.page.get_by_role("button", name="去掉 名单.png").click()  # taken away before it is sent
    firm.press("提交诉求")
    firm.look("need-lacks")  # it says where, and keeps what was typed and chosen
    expect(firm.page.locator("#need-0-files .files li").first).to_contain_text("厂门.png")
    assert firm.page.input_value("[name=need-0-title]") == words
    firm.page.select_option("[name=need-0-site-area]", "370199002002")
    firm.page.fill("[name=need-0-site-detail]", "虚构路 8 号")
    firm.press("提交诉求")
    firm.page.wait_for_url("**/cases/SF-*/")
    case = Case.objects.get()
    expect(firm.page.locator("main")).to_contain_text("上门采样专班")
    firm.look("need-raised")
    assert firm.page.locator("#enclosed img").evaluate("image => image.naturalWidth") > 0

    sampler = person(desk)
    sampler.sign_in_as_staff("sampler@demo.test")
    sampler.page.goto(f"/desk/cases/{case.number}/")
    sampler.look("need-desk")
    expect(sampler.page.locator("#enclosed")).to_contain_text("厂门.png")
    sampler.page.set_input_files("#answer-files-file", photo("我的工作证.png"))
    act(sampler, "答复企业", "您好，我是康采样，由我负责到底。")

    lead = person(desk)
    lead.sign_in_as_staff("help@demo.test")
    lead.page.goto(f"/desk/cases/{case.number}/")
    lead.page.locator("summary", has_text="进入绿色通道").click()
    lead.page.locator("form:has(textarea[name=reason]) select[name=contact]").select_option(label="康采样")
    lead.page.locator("form:has(select[name=contact]) textarea[name=reason]").fill("126 人停工等检测。")
    lead.page.locator("form:has(select[name=contact]) button").last.click()
    lead.page.wait_for_load_state()
    lead.page.goto("/desk/needs/")
    expect(lead.page.locator("main")).to_contain_text("绿色通道 1 件")
    lead.look("need-overview")

    sampler.page.goto(f"/desk/cases/{case.number}/")
    act(sampler, "告诉企业方案", "明天上午九点三人到厂采样。")
    act(sampler, "帮办完成", "采样 126 人，结果已发。")
    work()

    firm.page.goto(f"/cases/{case.number}/")
    expect(firm.page.locator("main")).to_contain_text("我的工作证.png")
    assert firm.page.evaluate("document.documentElement.scrollWidth") <= firm.width  # no file widens the page
    firm.look("need-done")
    firm.press("确认并评价")
    firm.page.locator("input[name=grade][value='2']").check()
    firm.page.fill("textarea[name=comment]", "有八个人没有采到。")
    firm.press("提交评价")
    expect(firm.page.locator("main")).to_contain_text("由上一级接着办")
    assert not Rating.objects.exists()

    lead.page.goto(f"/desk/cases/{case.number}/")
    expect(lead.page.locator("main")).to_contain_text("有八个人没有采到。")
    lead.look("need-above")
    act(lead, "帮办完成", "八人已补采，结果已发。")

    firm.page.goto(f"/cases/{case.number}/")
    firm.press("确认并评价")
    firm.page.locator("input[name=grade][value='5']").check()
    firm.press("提交评价")
    firm.page.goto(f"/cases/{case.number}/")
    firm.look("need-closed")
    case.refresh_from_db()
    assert (case.result, case.rating.grade, case.need.level) == ("resolved", 5, 1)
    assert world.PACK
