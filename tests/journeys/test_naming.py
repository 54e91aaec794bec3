"""Point to point: one person is named for a firm, the firm asks them, and the need is with them at once."""

from __future__ import annotations

import shutil

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_needs
from tests.helped import SECOND, pack
from zerotrip.cases.models import Assignment, Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.enterprises.actions import place
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Membership, Party

pytestmark = pytest.mark.django_db(transaction=True)

RULES = """
teams:
  - {code: testing-team, area: "370199000000", name: {zh: 上门采样专班, en: On-site sampling team}}
rules:
  - id: named
    name: {zh: 企业有点对点专人的先交专人, en: Firms with a named helper go to them first}
    named: true
  - id: testing
    name: {zh: 检测筛查交上门采样专班, en: Testing goes to the on-site team}
    subjects: [need-testing]
    team: testing-team
"""


@pytest.fixture
def firms(demo_district, tmp_path) -> list[Party]:
    """Subjects of needs, the rules above, those who help; and the demo's firms in the second subdistrict."""
    folder = tmp_path / "pack"
    shutil.copytree(pack(), folder)
    (folder / "relief.yaml").write_text(RULES, encoding="utf-8")
    now = timezone.now()
    load_pack(folder, by=SYSTEM, at=now)
    demo_needs.seat_teams(at=now)
    found = list(Party.objects.filter(kind="enterprise").order_by("pk"))
    return [place(firm.pk, area=SECOND, reason="演示数据", by=SYSTEM, at=now) for firm in found]


@pytest.mark.parametrize(("phone", "desk"), [(390, 1440), (1440, 390)])
def test_a_firm_asks_the_one_who_is_named_for_it(person, firms, phone, desk):
    firm = firms[0]
    lead = person(desk)
    lead.sign_in_as_staff("help@demo.test")
    lead.page.goto(f"/desk/enterprises/{firm.uscc}/blocks/named/")
    lead.look("nobody-named")
    lead.press("指定专人")
    lead.page.select_option("#subject", "need-testing")
    lead.page.locator("#person option", has_text="袁园区").first.wait_for(state="attached")
    chosen = lead.page.locator("#person option", has_text="袁园区").get_attribute("value")
    lead.page.select_option("#person", chosen)
    lead.look("naming-one")
    lead.press("指定")
    lead.page.goto(f"/desk/enterprises/{firm.uscc}/blocks/named/")
    lead.look("named")

    lead.page.goto("/desk/enterprises/?named=none")
    lead.look("list-without-anybody")
    lead.page.locator("button", has_text="给查到的企业指定点对点专人").click()
    lead.page.wait_for_load_state()
    lead.page.select_option("#person", chosen)
    lead.press("先看结果")
    lead.look("naming-many")
    others = len(firms) - 1
    lead.press(f"帮办这 {others} 家")
    expect(lead.page.locator("main")).to_contain_text(f"点对点帮办 {others} 家企业")
    assert Membership.objects.named().count() == len(firms)

    own = person(phone)
    own.sign_in(demo.INVESTOR)
    own.page.goto(f"/enterprise/{firm.uscc}/blocks/named/")
    own.look("firm-sees-who")
    own.press("向 TA 提诉求")
    own.page.fill("[name=need-0-title]", "能不能给我们员工做核酸检测")
    own.page.fill("[name=need-0-detail]", "厂里 126 人，明天复工前要做。")
    own.page.select_option("[name=need-0-site-area]", "370199002002")
    own.page.fill("[name=need-0-site-detail]", "虚构路 8 号")
    own.press("提交诉求")
    own.page.wait_for_url("**/cases/SF-*/")
    work = Assignment.objects.get(case=Case.objects.get(), status="open")
    assert work.assignee.email == "park@demo.test", "not with the team: the named one comes first"

    park = person(desk)
    park.sign_in_as_staff("park@demo.test")
    park.page.goto("/desk/needs/firms/")
    expect(park.page.locator("main")).to_contain_text("1 件")
    park.look("my-firms")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_leader_mans_a_task_force(person, firms, width):
    lead = person(width)
    lead.sign_in_as_staff("help@demo.test")
    lead.page.goto("/desk/needs/teams/")
    lead.look("teams")
    lead.page.locator("a", has_text="上门采样专班").click()
    lead.page.wait_for_load_state()
    lead.look("team")
    chosen = lead.page.locator("#person option", has_text="任用工").get_attribute("value")
    lead.page.select_option("#person", chosen)
    lead.press("加入")
    expect(lead.page.locator("main")).to_contain_text("任用工已加入")
    lead.page.locator("tr", has_text="任用工").locator("button", has_text="退出专班").click()
    lead.page.wait_for_load_state()
    expect(lead.page.locator("main")).to_contain_text("以前的成员")
    lead.look("team-with-history")
