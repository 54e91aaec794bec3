"""The pages of offers and wants: what anybody sees, what a party does, and that nobody is shown too early."""

from __future__ import annotations

import pytest

from tests.relief.conftest import printer, retailer  # noqa: F401  fixtures
from tests.relief.market import FIRST, SECOND, introduced, the_pair
from tests.web.browsing import HAN, Browser, cost, token
from zerotrip.relief.matching import actions
from zerotrip.relief.models import Introduction, Resource


def fields(**changes):
    """A want of premises as a page sends it."""
    told = {
        "title": "分拣场地",
        "place": FIRST,
        "reach": "370199000000",
        "uses": ["storage"],
        "area_least": "800",
        "area_most": "1500",
        "rent_most": "25",
        "crane": "no",
        "needed_by": "2027-04-01",
        "contact_name": "于邻",
        "contact_phone": "13800000022",
    }
    return {**told, **changes}


@pytest.fixture
def seller(printer) -> Browser:  # noqa: F811
    return Browser(printer.agent)


@pytest.fixture
def buyer(retailer) -> Browser:  # noqa: F811
    return Browser(retailer.agent)


def test_anybody_looks_through_offers_and_nobody_is_named(printer):  # noqa: F811
    offer = printer.enters("premises", "offer")
    visitor = Browser()
    assert "场地厂房" in visitor.open("/resources/").text
    for page in (visitor.open("/resources/kinds/premises/"), visitor.open(f"/resources/{offer.pk}/")):
        assert "印刷厂房一层" in page.text
        assert "1,200 平方米" in page.text
        for secret in ("济南虚构印刷", "13900000000", "虚构路 18 号"):
            assert secret not in page.text


def test_the_shelf_is_narrowed_by_area_and_words(printer):  # noqa: F811
    printer.enters("premises", "offer", title="沿街商铺", place=FIRST)
    printer.enters("premises", "offer", title="印刷车间", place=SECOND)
    visitor = Browser()
    first = visitor.open("/resources/kinds/premises/?area=370199001000").text
    assert "沿街商铺" in first
    assert "印刷车间" not in first
    assert "印刷车间" in visitor.open("/resources/kinds/premises/?q=车间").text
    assert "没有符合条件的供给" in visitor.open("/resources/kinds/premises/?q=月球").text
    assert "现在没有供给" in visitor.open("/resources/kinds/orders/").text


def test_a_want_is_entered_in_one_short_form_and_meets_an_offer_at_once(printer, retailer, buyer):  # noqa: F811
    printer.enters("premises", "offer")
    page = buyer.open("/resources/kinds/premises/want/").form().press("发布", **fields())
    shown = buyer.open(page.location)
    assert "印刷厂房一层" in shown.text
    assert "您要 800 至 1,500 平方米" in shown.text
    assert "等您答复" in shown.text
    assert "济南虚构印刷" not in shown.text
    assert Resource.objects.get(side="want").party == retailer.party


def test_what_is_wrong_is_named_and_what_was_typed_is_still_there(buyer):
    page = buyer.open("/resources/kinds/premises/want/").form()
    again = page.press("发布", status=422, **fields(area_least="很大", title="打 13912345678", place=""))
    assert "请填写数字" in again.text
    assert "不要写电话" in again.text
    assert "请选择所在的街道或社区" in again.text
    held = again.form().values
    assert held["area_least"] == ["很大"]
    assert held["contact_name"] == ["于邻"]
    assert not Resource.objects.exists()


def test_from_the_proposal_to_the_outcome(printer, retailer, seller, buyer):  # noqa: F811
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    url = f"/resources/introductions/{row.pk}/"
    assert "1 个对接等您答复" in seller.open("/resources/mine/").text
    seller.open(url).form("agree/").press("同意对接")
    assert "等对方答复" in seller.open(url).text
    before = buyer.open(url)
    assert "对方已经同意" in before.text
    assert "济南虚构印刷" not in before.text
    before.form("agree/").press("同意对接")
    after = buyer.open(url)
    for shown in ("济南虚构印刷有限公司", "13900000000", "虚构路 18 号"):
        assert shown in after.text
    assert "济南虚构零售有限公司" in seller.open(url).text
    after.form("reserve/").press("预留")
    assert "已预留到" in buyer.open(url).text
    buyer.open(url).form("outcome/").press("登记结果", amount="1,150")
    assert "盘活闲置面积" in seller.open(url).text
    row.refresh_from_db()
    assert (row.status, row.amount) == ("succeeded", 1150)


def test_saying_no_needs_a_reason_and_ends_it(printer, retailer, buyer):  # noqa: F811
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    url = f"/resources/introductions/{row.pk}/"
    page = buyer.open(url).form("refuse/").press("不考虑", status=422)
    assert "请选择或写明为什么不考虑" in page.text
    page.form("refuse/").press("不考虑", because="地点太远", more="要四环内")
    row.refresh_from_db()
    assert row.refused_because == "地点太远；要四环内"
    assert "不会再推荐" in buyer.open(url).text


def test_an_offer_one_has_seen_is_asked_for_with_a_want(printer, retailer, seller, buyer):  # noqa: F811
    offer = printer.enters("premises", "offer", area="700")
    page = buyer.open(f"/resources/{offer.pk}/")
    assert f"/resources/kinds/premises/want/?for={offer.pk}" in page.links
    form = buyer.open(f"/resources/kinds/premises/want/?for={offer.pk}").form()
    form.press("发布", **fields())
    row = Introduction.objects.get()
    assert row.want_agreed_at is not None
    assert "不完全合" in seller.open(f"/resources/introductions/{row.pk}/").text


def test_a_want_one_has_is_sent_to_an_offer_by_a_button(printer, retailer, buyer):  # noqa: F811
    want = retailer.enters("premises", "want")
    offer = printer.enters("premises", "offer", area="700")
    buyer.open(f"/resources/{offer.pk}/").form("ask/").press("告诉对方", want=str(want.pk))
    assert Introduction.objects.get().want_agreed_at is not None


def test_one_changes_confirms_and_takes_down_what_is_ones_own(printer, seller):  # noqa: F811
    offer = printer.enters("premises", "offer")
    seller.open(f"/resources/{offer.pk}/edit/").form().press("保存", title="二层也空了", until="")
    assert Resource.objects.get().title == "二层也空了"
    page = seller.open(f"/resources/{offer.pk}/")
    assert page.form("withdraw/").press("撤下", status=422)
    page.form("withdraw/").press("撤下", because="自用")
    assert "再发布一条" in seller.open(f"/resources/{offer.pk}/").text


@pytest.mark.parametrize("step", ["agree", "refuse", "reserve", "outcome", "take-back", "release"])
def test_an_outsider_learns_and_does_nothing(printer, retailer, district, step):  # noqa: F811
    row = introduced(printer, retailer)
    outsider = Browser(district.stranger)
    outsider.open(f"/resources/introductions/{row.pk}/", status=404)
    outsider.open(f"/resources/{row.want_id}/", status=404)
    outsider.open(f"/resources/{row.offer_id}/edit/", status=404)
    sent = {**token(outsider.open("/resources/")), "because": "x", "amount": "1"}
    outsider.send(f"/resources/introductions/{row.pk}/{step}/", sent, status=404)
    row.refresh_from_db()
    assert row.status == "introduced"


def test_in_whose_name_is_asked_only_where_there_is_a_choice(buyer, retailer):  # noqa: F811
    form = buyer.open("/resources/kinds/premises/want/").form()
    assert form.values["party"] == [str(retailer.party.pk)]


def test_nobody_enters_something_in_another_firms_name(buyer, printer):  # noqa: F811
    form = buyer.open("/resources/kinds/premises/want/").form()
    form.press("发布", status=404, **fields(party=str(printer.party.pk)))
    assert not Resource.objects.exists()


def test_pages_ask_as_much_of_few_as_of_many(printer, retailer, buyer):  # noqa: F811
    for _few in range(2):
        printer.enters("premises", "offer")
    want = retailer.enters("premises", "want")
    urls = ("/resources/kinds/premises/", "/resources/mine/", f"/resources/{want.pk}/")
    few = [cost(buyer, url) for url in urls]
    for _many in range(6):
        printer.enters("premises", "offer")
    assert [cost(buyer, url) for url in urls] == few


def test_in_english_nothing_but_names_is_chinese(printer, retailer):  # noqa: F811
    row = introduced(printer, retailer)
    reader = Browser(retailer.agent, language="en")
    for url in (
        "/resources/",
        "/resources/kinds/premises/",
        "/resources/kinds/premises/want/",
        "/resources/kinds/labour/offer/",
        "/resources/mine/",
        f"/resources/{row.want_id}/",
        f"/resources/introductions/{row.pk}/",
    ):
        left = set(HAN.findall(reader.open(url).foreign)) - KNOWN
        assert not left, (url, left)


KNOWN = {
    "印刷厂房一层",
    "社区团购分拣场地",
    "济南虚构零售有限公司",
    "济南虚构印刷有限公司",
    "林知远",
    "虚构路",
    "号印刷车间",
    "零售有限公司经办",
    "公司经办",
}
"""What firms have called their things, and themselves."""


def test_proposals_that_ended_stand_apart(printer, retailer, buyer):  # noqa: F811
    offer, want = printer.enters("premises", "offer"), retailer.enters("premises", "want")
    actions.refuse(the_pair(offer, want), "want", because="太远", by=retailer.agent, at=want.entered_at)
    page = buyer.open(f"/resources/{want.pk}/")
    assert "没有继续的 1 个" in page.text
    assert "现在还没有合适的" in page.text
