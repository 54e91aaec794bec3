"""How applicants say where the result goes, change their mind, and follow it."""

from __future__ import annotations

import pytest

from tests import world
from tests.licences.post.conftest import ANNA, fresh, granted, hear, later, number_of, parcel, sent, told  # noqa: F401
from tests.web.browsing import Browser
from zerotrip.cases.models import Case
from zerotrip.licences.post.models import Delivery

pytestmark = pytest.mark.django_db

TYPED = {f"delivery_{name}": text for name, text in ANNA.items()}


@pytest.fixture
def applicant(district) -> Browser:
    return Browser(district.applicant)


@pytest.fixture
def draft(district) -> Case:
    return world.draft("pesticide-change", district.firm, district.applicant)


def check(applicant: Browser, case: Case):
    return applicant.open(f"/cases/{case.number}/check/")


def test_it_is_chosen_on_the_check_page_and_submitted_with_one_press(applicant, draft):
    page = check(applicant, draft).form().press("提交", delivery="post", **TYPED)
    assert page.location == f"/cases/{draft.number}/submitted/"
    delivery = Delivery.objects.get(case=draft)
    assert (delivery.way, delivery.recipient, delivery.address) == ("post", ANNA["recipient"], ANNA["address"])
    assert "邮寄到您填的地址" in page.follow().text


def test_electronically_is_what_is_chosen_unless_somebody_says_otherwise(applicant, draft):
    check(applicant, draft).form().press("提交")
    assert Delivery.objects.get(case=draft).way == "electronic"


def test_what_is_missing_is_named_at_its_place_and_nothing_is_submitted(applicant, draft):
    typed = {**TYPED, "delivery_phone": "12"}
    page = check(applicant, draft).form().press("提交", status=422, delivery="post", **typed)
    assert "#delivery_phone" in page.links
    assert "delivery_phone" in page.ids
    assert page.form().values["delivery_address"] == [ANNA["address"]]
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_what_was_typed_once_is_there_the_next_time(applicant, district, draft):
    check(applicant, draft).form().press("提交", delivery="post", **TYPED)
    other = world.draft("pesticide-change", district.firm, district.applicant)
    values = check(applicant, other).form().values
    assert values["delivery_address"] == [ANNA["address"]]
    assert values["delivery_phone"] == [ANNA["phone"]]


def test_nobody_elses_address_is_there(district, draft, applicant):
    check(applicant, draft).form().press("提交", delivery="post", **TYPED)
    colleague = world.agent(world.person("同事"), district.firm)
    other = world.draft("pesticide-change", district.firm, world.acting(colleague))
    assert ANNA["address"] not in check(Browser(colleague), other).html


def test_a_service_without_paper_asks_nothing(applicant, district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    assert "怎么领取结果" not in check(applicant, case).text
    assert "只有电子证照" in applicant.open(f"/cases/{case.number}/delivery/", status=409).text


def test_it_can_be_changed_until_it_is_handed_over(applicant, parcel):  # noqa: F811
    shipment = parcel()
    url = f"/cases/{shipment.case.number}/delivery/"
    page = applicant.open(url).form().press("保存", delivery_address="济南市示范区虚构路 9 号").follow()
    assert "虚构路 9 号" in page.text
    assert "纸质证照等待寄出" in page.text
    bad = applicant.open(url).form().press("保存", status=422, delivery_recipient="")
    assert "#delivery_recipient" in bad.links


def test_after_that_the_page_says_why_not(applicant, sent):  # noqa: F811
    shipment = sent()
    assert "已经交给快递" in applicant.open(f"/cases/{shipment.case.number}/delivery/", status=409).text
    assert "/delivery/" not in " ".join(applicant.open(f"/cases/{shipment.case.number}/").links)


def test_the_case_page_shows_where_the_paper_is(applicant, sent):  # noqa: F811
    shipment = sent()
    hear(told(shipment, "in_transit", later(hours=1), place="济南转运中心"))
    page = applicant.open(f"/cases/{shipment.case.number}/")
    assert number_of(shipment) in page.text
    assert "济南转运中心" in page.text
    assert ANNA["phone"] not in page.text
    hear(told(shipment, "undelivered", later(hours=5), note="无人在家。"))
    assert "原因：无人在家。请核对" in applicant.open(f"/cases/{shipment.case.number}/").text
    hear(told(shipment, "delivered", later(hours=9), signed_by="本人"))
    page = applicant.open(f"/cases/{shipment.case.number}/")
    assert "已送达" in page.text
    assert "本人" in page.text
    assert fresh(shipment).case.status == "closed"


def test_the_electronic_licence_is_there_while_the_paper_is_on_its_way(applicant, parcel):  # noqa: F811
    shipment = parcel("counter")
    page = applicant.open(f"/cases/{shipment.case.number}/")
    assert "下载电子证照" in page.text
    assert "请到窗口领取纸质证照" in page.text
