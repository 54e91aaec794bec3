"""Story 8 to its end: the visit becomes a need, the need finds an above-scale buyer, the figures turn."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo, demo_needs, demo_resources
from config.demo_record import months_of
from tests import world
from tests.helped import SUBJECTS
from zerotrip.catalogue.actions import load_pack
from zerotrip.duties.models import Kind, Obligation
from zerotrip.enterprises import actions as enterprises
from zerotrip.facts.actions import Statement, record
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party
from zerotrip.relief.matching import actions as matching
from zerotrip.relief.models import Introduction, Meeting
from zerotrip.relief.visits.actions import turn_all, warn_all

pytestmark = pytest.mark.django_db(transaction=True)


def day(after: int) -> str:
    return (timezone.localdate() + timedelta(days=after)).isoformat()


@pytest.fixture
def buyer(demo_district) -> Party:
    """An above-scale firm of the first subdistrict that has an order to place."""
    now = timezone.now()
    user, firm = demo_resources.load_people(at=now)["retailer"]
    stated = [Statement("above_scale", True, timezone.localdate(now), "statistics")]
    entry = matching.Entry(
        title="外协包装盒三万件",
        answers={"trade": "printing", "pieces": "30000", "budget": "800000", "deliver_by": day(40)},
        place=demo_resources.FIRST,
        contact_name="于邻",
        contact_phone=demo_resources.RETAILER,
    )
    folder = world.pack_of([*world.SERVICES, *SUBJECTS, "need-market"])
    for name in ("facts.yaml", "warnings.yaml"):
        shutil.copy(world.WHOLE / name, folder)
    load_pack(folder, by=SYSTEM, at=now)
    demo_needs.seat_teams(at=now)
    record(firm.pk, stated, by=SYSTEM, at=now, key=new_id())
    matching.publish("orders", "want", firm, entry, key=new_id(), by=world.acting(user, now), at=now)
    return firm


@pytest.fixture
def falling(buyer) -> Party:
    """A firm of the second subdistrict whose monthly figures fall by more than a third: the night warns."""
    now = timezone.now()
    firm = Party.objects.get(members__person__account__phone=demo.INVESTOR)
    enterprises.place(firm.pk, area=demo_needs.SECOND, reason="测试", by=SYSTEM, at=now)
    record(firm.pk, list(months_of(14, timezone.localdate(now), falling=True)), by=SYSTEM, at=now, key=new_id())
    assert warn_all(at=now) == 1
    return firm


@pytest.mark.parametrize("width", [390, 1440])
def test_story_8_a_firm_whose_revenue_falls_finds_a_buyer_and_recovers(person, work, buyer, falling, width):
    duty = person(width)
    duty.sign_in_as_staff("duty2@demo.test")
    duty.page.goto("/desk/visits/")
    duty.press(falling.name)
    duty.press("安排走访")
    duty.page.fill("#day", day(2))
    duty.press("安排走访")
    duty.page.wait_for_url("**/desk/visits/*-*/")

    # On the phone: what the firm needs is likely what the warning says, and whom to call is known.
    duty.page.locator("input[name=visit-how][value=on-site]").check()
    duty.page.fill("[name=visit-met]", "高经理")
    duty.page.locator("input[name=visit-running][value=reduced]").check()
    duty.page.wait_for_selector("[name=visit-staff_present]")
    duty.page.fill("[name=visit-staff_present]", "31")
    duty.page.locator("input[name=visit-reason][value=orders]").check()
    duty.page.fill("[name=visit-notes]", "订单少了一半。")
    assert duty.page.input_value("#more") == "need-market"
    duty.press("加一件")
    assert duty.page.input_value("[name=need-0-contact_name]") == "高经理"
    duty.page.fill("[name=need-0-title]", "想找包装盒的买家")
    duty.page.fill("[name=need-0-detail]", "老客户停产，订单少了一半。")
    duty.page.fill("[name=need-0-product]", "包装盒印刷")
    duty.page.fill("[name=need-0-site-detail]", "虚构路 8 号")
    duty.page.fill("[name=need-0-contact_phone]", "13800000001")
    duty.look("visit")
    duty.press("提交走访记录")
    duty.press("想找包装盒的买家")
    duty.page.wait_for_url("**/desk/cases/**")
    expect(duty.page.locator("main")).to_contain_text("同比下降")
    duty.look("need")

    # From the need the firm's offer is entered; what is known is filled in.
    duty.press("登记订单协作")
    assert duty.page.input_value("#title") == "包装盒印刷"
    assert duty.page.input_value("#contact_name") == "高经理"
    expect(duty.page.locator("main")).to_contain_text(falling.name)
    duty.look("offer-begun")
    duty.fill({"trades": ["printing"], "capacity": "50000", "least": "1000", "ready_on": day(10)})
    duty.press("发布")
    duty.page.wait_for_url("**/desk/cases/**")
    matched = duty.page.locator("#matched")
    assert "规上企业" in matched.inner_text()
    assert buyer.name not in matched.inner_text()
    duty.look("need-matched")

    # Both consent: the buyer on its own page, the firm through the helper; then contacts are shown.
    duty.press("外协包装盒三万件")
    duty.page.locator("summary", has_text="供给方同意…").click()
    duty.page.fill("#how-offer", "高经理电话同意")
    duty.press("登记同意")
    work()
    other = person(width)
    other.sign_in(demo_resources.RETAILER)
    other.page.goto(f"/resources/introductions/{Introduction.objects.get().pk}/")
    expect(other.page.locator("main")).not_to_contain_text(falling.name)
    other.press("同意对接")
    expect(other.page.locator("main")).to_contain_text(falling.name)
    duty.page.reload()
    expect(duty.page.locator("main")).to_contain_text(buyer.name)

    # Orders are signed: recorded, and the words of the end of the need begin with that.
    duty.press("登记结果")
    row = Introduction.objects.get()
    assert (row.status, row.amount) == (Meeting.SUCCEEDED, 800_000)
    duty.look("outcome")
    duty.press("回到诉求")
    duty.page.locator("summary", has_text="帮办完成…").click()
    assert "80 万元" in duty.page.input_value("#resolve-outcome")
    duty.look("need-outcome")
    duty.press("帮办完成")
    duty.page.wait_for_selector(".message.success")

    # Followed until it turns: three months later the figures end the warning, and it says so once.
    warning = Obligation.objects.get(kind=Kind.WARNING)
    duty.page.goto("/desk/visits/")
    expect(duty.page.locator("main")).to_contain_text("跟进中的企业")
    duty.look("followed")
    later = timezone.now() + timedelta(days=95)
    newer = [
        one for one in months_of(20, timezone.localdate(later), falling=False) if one.name == "monthly_revenue"
    ]
    record(falling.pk, newer, by=SYSTEM, at=later, key=new_id())
    assert (turn_all(at=later), turn_all(at=later)) == (1, 0)
    work()
    duty.page.goto("/notices/")
    expect(duty.page.locator("button.notice-row", has_text="已恢复")).to_have_count(1)
    duty.page.goto(f"/desk/warnings/{warning.pk}/")
    expect(duty.page.locator("main")).to_contain_text("预警已解除")
    duty.look("turned")
    duty.page.goto(f"/desk/enterprises/{falling.uscc}/")
    duty.page.locator("h2", has_text="企业走访").scroll_into_view_if_needed()
    duty.page.wait_for_selector(".tag.ok:has-text('已恢复')")
