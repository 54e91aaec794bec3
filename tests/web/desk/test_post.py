"""The post room as clerks use it: the list, a batch, the scanner, what came back, the counter."""

from __future__ import annotations

import re

import pytest

from tests.licences.post.conftest import ANNA, fresh, granted, hear, later, number_of, parcel, sent, told  # noqa: F401
from tests.web.browsing import Browser
from zerotrip.licences.post import actions
from zerotrip.licences.post.models import Batch, Shipment

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(district) -> Browser:
    return Browser(district.clerk)


@pytest.fixture
def leader(district) -> Browser:
    return Browser(district.leader)


def test_from_the_list_to_the_courier_by_keyboard(clerk, parcel):  # noqa: F811
    first, second = parcel(), parcel(recipient="王小满")
    listed = clerk.open("/desk/post/")
    assert "王小满" in listed.text
    assert ANNA["address"].replace(" ", "") in listed.text.replace(" ", "")
    batch_page = listed.form("/make/").press("打印面单").follow()
    batch = Batch.objects.get()
    assert f"/desk/post/batches/{batch.number}/scan/" in batch_page.links
    for paper in ("labels", "sheet"):
        answer = clerk.client.get(f"/desk/post/batches/{batch.number}/{paper}/")
        assert answer.content.startswith(b"%PDF")
        assert answer["Cache-Control"] == "private, no-store"
    scan = clerk.open(f"/desk/post/batches/{batch.number}/scan/")
    after = scan.form().press(code=number_of(first)).follow()
    assert f"{number_of(first)} 已交寄" in after.text
    again = after.form().press(code=number_of(first), status=409)
    assert "不用再扫" in again.text
    wrong = again.form().press(code="ZT1", status=409)
    assert "没有这个单号：ZT1" in wrong.text
    assert f"还有 1 件没有扫描：{number_of(second)}" in wrong.text
    closed = wrong.form("/close/").press("交接完毕").follow()
    assert "1 件没有交寄" in closed.text
    assert number_of(second) in closed.text
    assert "王小满" in clerk.open("/desk/post/").text
    assert fresh(first).status == "handed_over"


def test_pressing_twice_makes_one_batch(clerk, parcel):  # noqa: F811
    parcel()
    form = clerk.open("/desk/post/").form("/make/")
    form.press("打印面单")
    assert "已经在批次" in form.press("打印面单", status=409).text
    assert Batch.objects.count() == 1


def test_who_does_not_post_reads_no_address_and_no_phone(leader, parcel):  # noqa: F811
    shipment = parcel()
    for url in ("/desk/post/", f"/desk/post/{shipment.pk}/"):
        page = leader.open(url)
        assert ANNA["phone"] not in page.html
        assert "虚构路" not in page.html
        assert ANNA["recipient"] not in page.text
        assert "林**" in page.text
        assert "138****0001" in page.text


def test_what_came_back_is_listed_with_its_reason_and_sent_again(clerk, sent):  # noqa: F811
    shipment = sent()
    hear(told(shipment, "undelivered", later(hours=3), note="地址不详"))
    assert "原因：地址不详" in clerk.open("/desk/post/?show=undelivered").text
    page = clerk.open(f"/desk/post/{shipment.pk}/")
    page = page.form("/again/").press("重新寄送", note="电话约好").follow()
    assert "不再使用" in page.text
    assert "电话约好" in page.text
    assert fresh(shipment).status == "waiting"


def test_a_clerk_writes_down_who_signed(clerk, sent):  # noqa: F811
    shipment = sent()
    page = clerk.open(f"/desk/post/{shipment.pk}/")
    refused = page.form("/delivered/").press("登记已签收", status=422)
    assert "请填写签收人" in refused.text
    done = refused.form("/delivered/").press("登记已签收", said="本人").follow()
    assert "已送达" in done.text
    assert fresh(shipment).case.status == "closed"


def test_at_the_counter_it_is_handed_out_against_a_name(clerk, district, parcel):  # noqa: F811
    shipment = parcel("counter")
    assert "待领取" in clerk.open("/desk/post/?show=counter").text
    page = clerk.open(f"/desk/post/{shipment.pk}/")
    assert "请填写领取人姓名" in page.form("/collect/").press("已核对身份", status=422).text
    done = page.form("/collect/").press("已核对身份", taken_by="林知远").follow()
    assert "已领取" in done.text
    assert re.search(r"发放人 ?clerk", done.text)


def test_the_page_of_the_case_leads_to_its_parcel(clerk, sent):  # noqa: F811
    shipment = sent()
    assert f"/desk/post/{shipment.pk}/" in clerk.open(f"/desk/cases/{shipment.case.number}/").links


@pytest.mark.parametrize("show", ["post", "batched", "counter", "sent", "undelivered", "done", "'; --", ""])
def test_an_empty_list_says_what_would_be_here(clerk, show):
    assert "empty" in clerk.open(f"/desk/post/?show={show}").html


def test_a_list_costs_the_same_however_long(clerk, district, parcel, django_assert_max_num_queries):  # noqa: F811
    parcel()
    clerk.open("/desk/post/")
    with django_assert_max_num_queries(12) as first:
        clerk.open("/desk/post/")
    for _more in range(3):
        parcel()
    with django_assert_max_num_queries(len(first.captured_queries)):
        clerk.open("/desk/post/")
    batch = actions.make_batch(
        Shipment.objects.values_list("pk", flat=True), by=district.clerk, at=later(minutes=1)
    )
    with django_assert_max_num_queries(12):
        clerk.open(f"/desk/post/batches/{batch.number}/")
