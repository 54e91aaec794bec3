"""Story 8: a firm's revenue falls. The figures warn, somebody goes, what the firm needs goes to people at once."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_needs
from config.demo_record import months_of
from tests.helped import pack
from tests.journeys.test_needs import photo
from zerotrip.cases.models import Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.duties.models import Kind, Obligation
from zerotrip.enterprises import actions as enterprises
from zerotrip.facts.actions import record
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party
from zerotrip.relief.visits.actions import warn_all

pytestmark = pytest.mark.django_db(transaction=True)

WARNINGS = """
warnings:
  - id: revenue-falls
    name: {zh: 营业收入下降三分之一以上, en: Revenue down by a third or more}
    when: {fact: revenue_change, at_most: "-0.3333"}
    why:
      zh: 近三个月营业收入同比下降 {revenue_change:fall}。
      en: Revenue is {revenue_change:fall} below the year before.
    within: {amount: 2, unit: working_days, basis: {zh: 自定, en: Own}}
    subject: need-labour
    checklist: visit
    follow: [orders]
"""


@pytest.fixture
def falling(demo_district, tmp_path) -> Party:
    """The investor's firm, in the second subdistrict, with figures that fall and the warning of it."""
    now = timezone.now()
    folder = tmp_path / "pack"
    shutil.copytree(pack(), folder)
    (folder / "warnings.yaml").write_text(WARNINGS, encoding="utf-8")
    load_pack(folder, by=SYSTEM, at=now)
    demo_needs.seat_teams(at=now)
    firm = Party.objects.get(members__person__account__phone=demo.INVESTOR)
    enterprises.place(firm.pk, area=demo_needs.SECOND, reason="测试", by=SYSTEM, at=now)
    said = list(months_of(14, timezone.localdate(now), falling=True))
    record(firm.pk, said, by=SYSTEM, at=now, key=new_id())
    assert warn_all(at=now) == 1
    return firm


def day(after: int) -> str:
    return (timezone.localdate() + timedelta(days=after)).isoformat()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_firm_whose_revenue_falls_is_visited_and_its_needs_have_people(person, falling, width):
    duty = person(width)
    duty.sign_in_as_staff("duty2@demo.test")
    duty.page.goto("/desk/visits/")
    duty.look("visits")
    duty.press(falling.name)
    expect(duty.page.locator("main")).to_contain_text("同比下降")
    duty.look("warning")
    duty.press("安排走访")
    duty.page.fill("#day", day(2))
    duty.look("visit-new")
    duty.press("安排走访")
    duty.page.wait_for_url("**/desk/visits/*-*/")
    duty.look("visit")
    duty.page.locator("summary", has_text="没联系上").click()
    duty.page.fill("#tried", "上午打了两次，没人接")
    duty.press("记一次没联系上")
    duty.page.locator("input[name=visit-how][value=on-site]").check()
    duty.page.fill("[name=visit-met]", "高经理")
    duty.page.locator("input[name=visit-running][value=reduced]").check()
    duty.page.wait_for_selector("[name=visit-staff_present]")  # asked once the firm is known to run
    duty.page.fill("[name=visit-staff_present]", "31")
    duty.page.locator("input[name=visit-reason][value=orders]").check()
    duty.page.fill("[name=visit-notes]", "订单少了一半。")
    for name in ("车间一.png", "车间二.png"):  # one after the other, as a camera gives them
        duty.page.set_input_files("#files input[data-camera]", photo(name, 90 if name == "车间一.png" else 200))
    expect(duty.page.locator("#files [data-chosen] li")).to_have_count(2)
    for place, (subject, title) in enumerate(
        (("need-space", "想退租一半厂房"), ("need-labour", "有二十人可以借出"))
    ):
        duty.page.select_option("#more", subject)
        duty.press("加一件")
        duty.page.fill(f"[name=need-{place}-title]", title)
        duty.page.fill(f"[name=need-{place}-detail]", title)
    duty.page.fill("[name=need-0-contact_name]", "高经理")
    duty.press("提交走访记录")
    duty.look("visit-lacks")
    assert duty.page.input_value("[name=visit-met]") == "高经理"
    expect(duty.page.locator("#files .files li")).to_have_count(2)
    duty.page.locator("#files .files input").last.uncheck()  # the other one will do
    duty.page.fill("[name=need-0-site-detail]", "虚构路 8 号")
    duty.page.fill("[name=need-0-contact_phone]", "13800000001")
    duty.press("提交走访记录")
    told = duty.page.locator("main").inner_text()
    assert "登记了 2 件诉求" in told
    assert "车间一.png" in told
    assert "车间二.png" not in told
    seen = "async image => { image.loading = 'eager'; await image.decode(); return image.naturalWidth; }"
    assert duty.page.locator(".files img").evaluate(seen) > 0
    duty.look("visit-done")
    assert {case.need.source for case in Case.objects.all()} == {"visit"}
    assert all(case.number in told for case in Case.objects.all())
    warning = Obligation.objects.get(kind=Kind.WARNING)
    duty.page.goto(f"/desk/warnings/{warning.pk}/")
    expect(duty.page.locator("main")).to_contain_text("请继续跟进")
    duty.look("warning-followed")

    lead = person(width)
    lead.sign_in_as_staff("help@demo.test")
    lead.page.goto("/desk/rounds/new/")
    lead.page.fill("#lines", f"{falling.uscc}\n没有这家工地")
    lead.page.fill("#title", "联系全部建筑工地")
    lead.page.locator("input[name=people]").first.check()
    lead.page.fill("#last", day(9))
    lead.press("预览")
    lead.look("round-preview")
    expect(lead.page.locator("main")).to_contain_text("没有这家工地")
    lead.press("发出")
    lead.page.wait_for_url("**/desk/rounds/*-*/")
    lead.look("round")
    lead.page.locator("input[name=visit]").first.check()
    lead.press("催办")
    expect(lead.page.locator("main")).to_contain_text("已催办 1 家")
