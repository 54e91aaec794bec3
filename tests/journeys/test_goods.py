"""Story 14: frozen goods arrive; every lot is traced from receipt to sale without a gap, both ways, in seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests import world
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User
from zerotrip.prevention.events.actions import Declared, declare
from zerotrip.prevention.models import Lot, Measure

pytestmark = pytest.mark.django_db(transaction=True)


def begin() -> None:
    """The district asks for the cold chain and for supplies."""
    at = timezone.now()
    leader = world.acting(User.objects.get(email="leader@demo.test"), at)
    told = Declared("虚构演练", "虚构通知", [Measure.COLD_CHAIN, Measure.SUPPLIES], at.date(), None, 30)
    office = leader.seats[0].department_id
    declare(told, area="370199000000", department=office, key=new_id(), by=leader, at=at - timedelta(minutes=5))


@pytest.mark.parametrize("width", [390, 1440])
def test_story_14_a_lot_is_traced_from_receipt_to_sale(person, work, width):
    begin()
    Party.objects.filter(uscc__gt="").update(area_path="/370100000000/370199000000/370199001000/")
    buyer = Party.objects.filter(members__person__account__phone=demo.DEALER, uscc__gt="").first()
    firm = person(width)
    firm.sign_in(demo.BUILDER)
    firm.look("my-cases")
    firm.press("登记货物")
    firm.look("no-goods")
    firm.press("登记入库")
    firm.press("登记入库")
    firm.look("what-is-wrong")
    firm.fill({"item": "frozen-beef", "quantity": "100", "consignment": "530120260000000001", "handler": "马驰骋"})
    firm.look("receipt")
    firm.press("登记入库")
    firm.page.wait_for_selector("text=已入库")
    firm.look("lot")
    whole = Lot.objects.get()

    firm.press("拆分")
    firm.fill({"parts-0": "40"})
    firm.press("登记")
    firm.page.wait_for_selector("text=新批次")
    part = Lot.objects.exclude(pk=whole.pk).get()
    firm.page.goto(f"/goods/lots/{part.pk}/")
    firm.press("销售")
    firm.fill({"quantity": "30", "to-uscc": buyer.uscc, "handler": "马驰骋", "plate": "鲁A·D0001"})
    firm.look("sale")
    firm.press("登记")
    firm.page.wait_for_selector("text=没有确认收货")
    firm.press("销售")
    firm.fill({"quantity": "10", "outside": "外地虚构酒楼"})
    firm.press("登记")

    receiver = person(width)
    receiver.sign_in(demo.DEALER)
    receiver.page.goto("/goods/")
    receiver.look("to-confirm")
    receiver.page.locator("ul.tasks a", has_text="牛肉").click()
    receiver.look("confirm")
    receiver.press("确认收货")
    receiver.page.wait_for_selector("text=已确认收货")

    desk = person(width)
    desk.sign_in_as_staff("clerk@demo.test")
    desk.page.goto("/desk/prevention/")
    desk.look("doors")
    desk.page.locator("a.cover", has_text="冷链追溯").click()
    desk.page.fill("input[name=q]", part.number)
    desk.press("查找")
    desk.look("found")
    desk.page.locator("a.cover").first.click()
    desk.press("追溯")
    desk.look("trace")
    for said in (whole.number, "外地虚构酒楼", buyer.name, "缺少海关检验检疫证明", "马**"):
        expect(desk.page.locator(f"text={said}").first).to_be_visible()
    desk.page.goto(f"/desk/prevention/goods/lots/{whole.pk}/trace/")
    expect(desk.page.locator(f"text={buyer.name}").first).to_be_visible()

    leader = person(width)
    leader.sign_in_as_staff("leader@demo.test")
    leader.page.goto(f"/desk/prevention/goods/lots/{whole.pk}/recall/")
    leader.fill({"reason": "外包装核酸检测阳性（虚构）"})
    leader.press("封存并通知")
    leader.page.wait_for_selector("text=没有答复")
    leader.look("recalled")
    work()
    receiver.page.goto("/notices/")
    expect(receiver.page.locator("text=封存").first).to_be_visible()
    receiver.page.goto("/goods/supplies/new/")
    receiver.look("ask")
    desk.page.goto("/desk/prevention/goods/supplies/")
    desk.look("supplies")
