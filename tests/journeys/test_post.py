"""A licence goes by post: chosen on a phone, labelled and scanned by keyboard, delivered by the courier."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests import world
from tests.api.test_courier import SECRET, Sender, event
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Verdict
from zerotrip.licences.post.models import Label, Shipment
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


def acting(email: str):
    return world.acting(User.objects.get(email=email), timezone.now())


def granted(case: Case) -> None:
    """What the offices do, which other stories tell."""
    now = timezone.now()
    (intake,) = world.open_work(case)
    actions.accept(intake, by=acting("clerk@demo.test"), at=now)
    (review,) = world.open_work(case)
    actions.review(review, verdict=Verdict.PASS, by=acting("agriculture@demo.test"), at=now)
    (decision,) = world.open_work(case)
    actions.grant(decision, by=acting("leader@demo.test"), at=now)


def test_a_licence_goes_by_post(person, work, live, settings):
    settings.COURIER, settings.COURIER_SECRETS = "zerotrip.licences.post.couriers.webhook.Webhook", [SECRET]
    dealer = User.objects.get(phone=demo.DEALER)
    firm = Party.objects.get(members__person=dealer.person)
    case = world.draft("pesticide-change", firm, world.acting(dealer, timezone.now()), at=timezone.now())

    applicant = person(390)
    applicant.sign_in(demo.DEALER)
    applicant.page.goto(f"/cases/{case.number}/check/")
    expect(applicant.page.locator("#delivery_address")).to_be_hidden()
    applicant.page.check("input[name=delivery][value=post]")
    applicant.page.fill("#delivery_address", "山东省济南市示范区虚构路 18 号")
    applicant.look("check")
    applicant.press("提交")
    applicant.page.wait_for_url("**/submitted/")
    applicant.look("submitted")
    granted(case)
    work()
    applicant.page.goto(f"/cases/{case.number}/")
    expect(applicant.page.locator("text=下载电子证照")).to_be_visible()

    clerk = person(1440)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/desk/post/")
    clerk.look("to-post")
    clerk.press("打印面单")
    clerk.look("batch")
    shipment = Shipment.objects.get(case=case)
    clerk.page.keyboard.press("s")
    clerk.page.wait_for_url("**/scan/")
    clerk.page.keyboard.type(Label.objects.get(shipment=shipment).tracking)
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_selector("text=全部扫描完毕")
    clerk.look("scanned")
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_selector("text=交接完毕，全部交寄")

    status, _told = Sender(live).send(event(shipment, "delivered", signed_by="本人"))
    assert status == 200
    applicant.page.goto(f"/cases/{case.number}/")
    expect(applicant.page.locator("#delivery-card", has_text="本人")).to_be_visible()
    applicant.look("delivered")
    clerk.page.goto(f"/desk/post/{shipment.pk}/")
    clerk.look("parcel")
