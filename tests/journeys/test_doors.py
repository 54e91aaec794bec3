"""Doors in step: a call ends in an online application; a counter intake goes on online and back."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from config import demo
from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Consultation, Door
from zerotrip.channels.models import Message
from zerotrip.licences.slips import status_url
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


def acting(email: str):
    return world.acting(User.objects.get(email=email), timezone.now())


def code() -> str:
    return re.findall(r"\b\d{6}\b", Message.objects.order_by("queued_at", "pk").last().body)[0]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_call_ends_in_an_application_online(person, work, width):
    officer = person(width)
    officer.sign_in_as_staff("clerk@demo.test")
    officer.page.goto("/desk/calls/")
    officer.look("no-calls")
    officer.page.fill("#question", "农药经营许可证上的名称要改，要带什么？")
    officer.page.fill("#q", "农药经营许可证改名")
    officer.press("查找")
    officer.press("就是这个")
    officer.page.wait_for_selector("#service option[value=pesticide-change]:checked", state="attached")
    officer.page.fill("#phone", demo.DEALER)
    officer.look("call")
    officer.press("登记并发送指南")
    officer.page.wait_for_selector("text=指南已发")
    officer.look("calls")
    assert Consultation.objects.get().guide_sent_at is not None
    work()
    sent = Message.objects.get(address=demo.DEALER)
    dealer = person(390)
    dealer.page.goto(re.search(r"/services/[\w-]+/", sent.body)[0])
    dealer.press("在线申报")
    dealer.page.wait_for_url("**/sign-in/**")


@pytest.mark.parametrize("width", [390, 1440])
def test_counter_and_online_are_one_case(person, work, live, width):
    dealer = User.objects.get(phone=demo.DEALER)
    firm = Party.objects.get(members__person=dealer.person)
    clerk = person(width)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto("/desk/counter/?q=投资项目备案")
    clerk.look("counter")
    clerk.page.goto("/desk/counter/new/investment-filing/")
    clerk.page.fill("#name", dealer.person.name)
    clerk.page.fill("#phone", demo.DEALER)
    clerk.page.fill("#firm", firm.name)
    clerk.page.fill("#uscc", firm.uscc)
    clerk.look("who")
    clerk.press("开始录入")
    clerk.page.wait_for_url("**/cases/SF-*/")
    clerk.look("draft")
    case = Case.objects.get()
    answers = world.plain(world.sample("investment-filing"))
    actions.save_draft(case, answers, edit=0, by=acting("clerk@demo.test"), at=timezone.now())
    clerk.page.goto(f"/cases/{case.number}/materials/")
    clerk.look("materials")
    clerk.page.goto(f"/cases/{case.number}/check/")
    clerk.look("check")
    clerk.press("发送确认码")
    clerk.page.wait_for_selector("#code")
    clerk.look("code")
    clerk.page.fill("#code", code())
    clerk.press("确认")
    clerk.page.wait_for_selector("text=已确认")
    clerk.look("confirmed")
    clerk.press("提交")
    clerk.page.wait_for_url("**/submitted/")
    clerk.look("submitted")
    assert Case.objects.get().door == Door.DESK

    visitor = person(390)
    visitor.page.goto(status_url(case).partition("/s/")[1] + status_url(case).partition("/s/")[2])
    visitor.look("status-asked")
    visitor.page.fill("#digits", demo.DEALER[-4:])
    visitor.press("查进度")
    visitor.page.wait_for_selector("text=待受理")
    visitor.look("status")

    applicant = person(390)
    applicant.sign_in(demo.DEALER)
    applicant.page.goto(f"/cases/{case.number}/")
    applicant.look("online")
    applicant.page.goto("/me/mandates/")
    applicant.look("mandates")
