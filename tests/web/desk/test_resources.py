"""The desk of offers and wants: staff act for firms of their area, introduce by hand, and count what came of it."""

from __future__ import annotations

import pytest

from tests import world
from tests.relief.conftest import printer, retailer  # noqa: F401  fixtures
from tests.relief.market import SECOND, introduced, the_pair
from tests.web.browsing import HAN, Browser, cost, token
from tests.world import MORNING
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, Role
from zerotrip.relief.matching import actions
from zerotrip.relief.models import Introduction, Resource

URL = "/desk/resources/"


def offer_of(**changes):
    told = {
        "firm": "济南虚构纺织有限公司",
        "uscc": world.uscc(950),
        "title": "织布车间",
        "place": SECOND,
        "uses": ["production"],
        "area": "1000",
        "rent": "20",
        "height": "5",
        "crane": "no",
        "free_from": "2026-12-01",
        "address": "虚构路 1 号",
        "contact_name": "方布",
        "contact_phone": "13900000001",
    }
    return {**told, **changes}


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


def street_clerk(street: str) -> Browser:
    user = world.staff(f"street-{street}", "approval-bureau", Role.CLERK)
    user.person.memberships.update(area_path=f"{world.DISTRICT}{street}/")
    return Browser(user)


def test_a_clerk_enters_for_a_firm_that_was_not_known(clerk):
    form = clerk.open(f"{URL}new/premises/offer/").form()
    again = form.press("发布", status=422, **offer_of(uscc="123", area=""))
    assert "统一社会信用代码不对" in again.text
    assert not Party.objects.filter(name="济南虚构纺织有限公司").exists()
    again = again.form().press("发布", status=422, **offer_of(area=""))
    assert "请填写“面积”" in again.text
    assert not Party.objects.filter(name="济南虚构纺织有限公司").exists()
    assert again.form().values["firm"] == ["济南虚构纺织有限公司"]
    page = again.form().press("发布", **offer_of()).follow()
    assert "济南虚构纺织有限公司" in page.text
    assert Resource.objects.get().by_staff


def test_the_list_has_what_lies_in_ones_area_and_is_narrowed(printer, retailer):  # noqa: F811
    printer.enters("premises", "offer")
    retailer.enters("premises", "want")
    first, second = street_clerk("370199001000"), street_clerk("370199002000")
    assert "社区团购分拣场地" in first.open(URL).text
    assert "印刷厂房一层" not in first.open(URL).text
    assert "印刷厂房一层" in second.open(URL).text
    assert "没有符合条件的" in second.open(f"{URL}?side=want").text
    assert "没有符合条件的" in second.open(f"{URL}?area=999999999999").text
    third = street_clerk("370199003000")
    assert "本辖区还没有供给和需求" in third.open(URL).text
    third.open(f"{URL}{Resource.objects.get(side='offer').pk}/", status=404)
    third.open(f"{URL}introductions/{Introduction.objects.get().pk}/", status=404)


def test_of_a_firm_elsewhere_staff_see_no_contact_before_both_agree(printer, retailer):  # noqa: F811
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    url = f"{URL}introductions/{row.pk}/"
    first = street_clerk("370199001000")
    page = first.open(url)
    assert "济南虚构零售有限公司" in page.text
    assert "济南虚构印刷有限公司" not in page.text
    refused = page.form("agree/").press("登记同意", status=422)
    assert "请写明企业怎么说的" in refused.text
    page.form("agree/").press("登记同意", how="于经理电话同意")
    row = actions.agree(row, "offer", by=printer.agent, at=MORNING)
    assert row.status == "introduced"
    after = first.open(url).text
    assert "济南虚构印刷有限公司" in after
    assert "于经理电话同意" in after


def test_two_that_do_not_quite_fit_are_introduced_by_hand_and_concluded_by_staff(printer, retailer, clerk):  # noqa: F811
    offer = printer.enters("premises", "offer", area="700")
    retailer.enters("premises", "want")
    page = clerk.open(f"{URL}{offer.pk}/")
    made = page.form("introduce/").press("牵线", note="可以先用 700 平方米").follow()
    assert "不完全合" in made.text
    row = Introduction.objects.get()
    for side, who in (("offer", printer), ("want", retailer)):
        actions.agree(row, side, by=who.agent, at=MORNING)
    shown = clerk.open(f"{URL}introductions/{row.pk}/")
    shown.form("outcome/").press("登记结果", status=422, amount="很多")
    shown.form("outcome/").press("登记结果", amount="700", note="已签合同")
    board = clerk.open(f"{URL}board/")
    assert "700 平方米" in board.text
    assert "盘活闲置面积" in board.text
    assert "落实用房面积" in board.text


def test_the_board_is_taken_out_as_a_file(printer, retailer, clerk):  # noqa: F811
    from django.utils import timezone

    row = introduced(printer, retailer, at=timezone.now())
    actions.fail(row, note="=1+1", by=retailer.agent, at=timezone.now())
    assert "没有谈成" in clerk.open(f"{URL}board/").text
    page = clerk.open(f"{URL}board/?as=csv")
    assert "社区团购分拣场地" in page.html
    assert ",=1+1" not in page.html


def test_an_empty_board_says_so(clerk):
    assert "这段时间没有供需对接" in clerk.open(f"{URL}board/").text
    assert "请填写起止日期" in clerk.open(f"{URL}board/?period=custom&since=x").text


def test_a_supervisor_reads_and_is_offered_nothing_to_do(printer, retailer, district):  # noqa: F811
    row = introduced(printer, retailer)
    reader = Browser(district.supervisor)
    for url in (URL, f"{URL}{row.offer_id}/", f"{URL}introductions/{row.pk}/", f"{URL}board/"):
        page = reader.open(url)
        assert [form.action for form in page.forms if "/resources/" in form.action] == []
    reader.open(f"{URL}new/", status=403)
    sent = token(reader.open(URL))
    reader.send(f"{URL}introductions/{row.pk}/outcome/", {**sent, "amount": "1"}, status=403)
    reader.send(f"{URL}{row.offer_id}/withdraw/", {**sent, "because": "x"}, status=403)


def test_whoever_acts_for_one_side_does_not_handle_it_at_the_desk(printer, retailer, district):  # noqa: F811
    row = introduced(printer, retailer)
    both = world.agent(world.staff("both", "approval-bureau", Role.CLERK), printer.party)
    Browser(both).open(f"{URL}introductions/{row.pk}/", status=404)
    Browser(both).open(f"{URL}{row.offer_id}/", status=404)


def test_a_firm_says_on_the_phone_that_it_still_stands(printer, clerk):  # noqa: F811
    offer = printer.enters("premises", "offer")
    clerk.open(f"{URL}{offer.pk}/").form("confirm/").press("企业说还有效")
    clerk.open(f"{URL}{offer.pk}/edit/").form().press("保存", title="改了名字", until="")
    page = clerk.open(f"{URL}{offer.pk}/")
    page.form("withdraw/").press("撤下", status=422)
    page.form("withdraw/").press("撤下", because="企业自用")
    assert Resource.objects.get().status == "withdrawn"


def test_lists_ask_as_much_of_few_as_of_many(printer, retailer, clerk):  # noqa: F811
    want = retailer.enters("premises", "want")
    for _few in range(2):
        printer.enters("premises", "offer")
    urls = (URL, f"{URL}{want.pk}/", f"{URL}board/")
    few = [cost(clerk, url) for url in urls]
    for _many in range(6):
        printer.enters("premises", "offer")
    assert [cost(clerk, url) for url in urls] == few


def test_in_english_nothing_but_names_is_chinese(printer, retailer, district):  # noqa: F811
    row = introduced(printer, retailer)
    actions.reserve(row, key=new_id(), by=retailer.agent, at=MORNING)
    reader = Browser(district.clerk, language="en")
    names = {row.offer.title, row.want.title, printer.party.name, retailer.party.name, "林知远", "中文"}
    names |= {"虚构路", "号印刷车间", "零售有限公司经办", "公司经办", "系统"}
    urls = ("", "new/", "new/premises/want/", f"{row.offer_id}/", f"introductions/{row.pk}/", "board/")
    for url in urls:
        left = set(HAN.findall(reader.open(f"{URL}{url}").foreign)) - names
        assert not left, (url, left)
