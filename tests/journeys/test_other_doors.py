"""Stories 2 and 3 by the other doors: a walk-in at the counter, and a caller; online and counter in step."""

from __future__ import annotations

import pytest
from django.utils import timezone

from config import demo
from tests import world
from tests.journeys.test_doors import acting, code
from tests.journeys.test_reuse import upload_all
from tests.journeys.test_stories import open_from_worklist
from tests.licences.reuse.conftest import kept
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Confirmation, Door, Rating, Verdict
from zerotrip.licences.models import Concern, Licence
from zerotrip.licences.slips import rate_url, status_url
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


def take_in(clerk, service: str, phone: str, given: str) -> None:
    """Who is there, or rang, and for which firm."""
    somebody = User.objects.get(phone=phone)
    firm = Party.objects.get(members__person=somebody.person)
    clerk.page.goto(f"/desk/counter/new/{service}/")
    clerk.page.locator(f"input[name=given][value={given}]").check()
    told = {"name": somebody.person.name, "phone": phone, "firm": firm.name, "uscc": firm.uscc}
    for name, words in told.items():
        clerk.page.fill(f"#{name}", words)
    clerk.press("开始录入")


def key_in(service: str) -> Case:
    """The form as the applicant says it; typing it is another test's."""
    case = Case.objects.get(status="draft")
    saved = case.submissions.get()
    answers = {**world.plain(world.sample(service)), **saved.answers}
    actions.save_draft(case, answers, edit=saved.edit, by=acting("clerk@demo.test"), at=timezone.now())
    return case


def confirm(clerk) -> None:
    """The applicant tells the code that was sent to them."""
    clerk.press("发送确认码")
    clerk.page.wait_for_selector("#code")
    clerk.page.fill("#code", code())
    clerk.press("确认")


def review(case: Case) -> None:
    """Every department finds it right; their pages are other tests'."""
    for found in world.open_work(case, "review"):
        seat = found.department.code.replace("civil-defence", "defence")
        actions.review(found, verdict=Verdict.PASS, by=acting(f"{seat}@demo.test"), at=timezone.now())


def address(url: str) -> str:
    return "/s/" + url.partition("/s/")[2]


def test_story_2_a_builder_walks_in_goes_on_online_and_comes_back(person, work):
    clerk = person(1440)
    clerk.sign_in_as_staff("clerk@demo.test")
    take_in(clerk, "construction-permit", demo.BUILDER, "counter")
    clerk.page.wait_for_url("**/cases/SF-*/")
    case = key_in("construction-permit")
    clerk.page.goto(f"/cases/{case.number}/materials/")
    clerk.page.locator("#material-contract button", has_text="先承诺").click()
    clerk.page.wait_for_selector("#material-contract .tag.water")
    upload_all(clerk.page, "contract")
    clerk.look("scanned")

    builder = person(390)
    builder.sign_in(demo.BUILDER)
    builder.page.goto(f"/cases/{case.number}/materials/")
    with builder.page.expect_navigation():
        builder.page.locator("form[id^='remove-']").first.evaluate("form => form.submit()")
    builder.look("online")

    clerk.page.goto(f"/cases/{case.number}/materials/")
    upload_all(clerk.page, "contract")
    clerk.page.goto(f"/cases/{case.number}/check/")
    confirm(clerk)
    clerk.page.wait_for_selector("text=已确认")
    clerk.page.locator("input[name=undertakes]").check()
    clerk.press("提交")
    clerk.page.wait_for_url("**/submitted/")
    clerk.look("submitted")
    receipt = clerk.context.request.get(f"/cases/{case.number}/receipt/?paper=80mm")
    assert receipt.body().startswith(b"%PDF")
    assert case.submissions.get().door == Door.DESK

    window = person(1440)
    window.sign_in_as_staff("window@demo.test")
    open_from_worklist(window, case)
    window.press("予以受理")
    window.page.wait_for_selector("text=已记录")
    review(case)
    actions.grant(world.open_work(case, "decision")[0], by=acting("leader@demo.test"), at=timezone.now())
    work()
    assert Licence.objects.filter(case=case).exists()

    visitor = person(390)
    visitor.page.goto(address(status_url(case)))
    visitor.page.fill("#digits", demo.BUILDER[-4:])
    visitor.press("查进度")
    visitor.look("status")


def test_story_3_a_dealer_rings_and_the_counter_answers_the_correction(person, work):
    firm = Party.objects.get(members__person=User.objects.get(phone=demo.DEALER).person)
    licence = kept(firm)
    clerk = person(390)
    clerk.sign_in_as_staff("clerk@demo.test")
    take_in(clerk, "pesticide-change", demo.DEALER, "phone")
    clerk.page.wait_for_selector(f"text={licence.number}")
    clerk.page.locator(f"input[value='{licence.pk}']").check()
    clerk.look("which-licence")
    clerk.press("开始录入")
    clerk.page.wait_for_url("**/cases/SF-*/")
    case = key_in("pesticide-change")
    assert Concern.objects.get().licence == licence

    clerk.page.goto(f"/cases/{case.number}/materials/")
    clerk.look("ask-the-applicant")
    clerk.press("请申请人同意")
    clerk.look("consent")
    confirm(clerk)
    clerk.page.wait_for_selector("text=不用再收")
    assert Confirmation.objects.get().account.phone == demo.DEALER

    dealer = person(390)
    dealer.sign_in(demo.DEALER)
    dealer.page.goto(f"/cases/{case.number}/materials/")
    upload_all(dealer.page, "licence_copy")
    dealer.page.goto(f"/cases/{case.number}/check/")
    dealer.press("提交")
    dealer.page.wait_for_url("**/submitted/")
    items = {"contact_name": "请写全名"}
    (intake,) = world.open_work(case, "intake")
    actions.request_correction(intake, items=items, by=acting("window@demo.test"), at=timezone.now())

    clerk.page.goto(f"/cases/{case.number}/correct/")
    clerk.page.fill("[name=contact_name]", "刘穗（全名）")
    clerk.press("重新提交")
    clerk.page.wait_for_selector("#confirmation")
    clerk.look("correction")
    confirm(clerk)
    clerk.page.wait_for_selector("text=已确认")
    clerk.press("重新提交")
    clerk.page.wait_for_url("**/submitted/")
    assert case.submissions.latest("round").door == Door.PHONE

    (intake,) = world.open_work(case, "intake")
    actions.accept(intake, by=acting("window@demo.test"), at=timezone.now())
    review(case)
    actions.grant(world.open_work(case, "decision")[0], by=acting("leader@demo.test"), at=timezone.now())
    work()
    rate(person, Case.objects.get(pk=case.pk))


def rate(person, case: Case) -> None:
    """By the second code of the receipt, printed once the case is closed."""
    assert case.status == "closed", case.status
    visitor = person(390)
    visitor.page.goto(address(rate_url(case)))
    visitor.look("to-rate")
    visitor.page.fill("#digits", demo.DEALER[-4:])
    visitor.press("去评价")
    visitor.page.locator("input[name=grade][value='5']").check()
    visitor.press("提交评价")
    visitor.page.wait_for_selector("text=谢谢您的评价")
    visitor.look("rated")
    assert Rating.objects.get().door == "link"
