"""Stories 1 to 3, from the first page to the licence, each by an applicant on a phone and staff at a desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from config import demo
from tests import world
from zerotrip.cases.models import Case
from zerotrip.catalogue.queries import form_of, needed_materials
from zerotrip.web.portal.cases.forms import asked_sections

pytestmark = pytest.mark.django_db(transaction=True)


def apply(person, phone: str, service: str, *, later: str = "", commit: bool = False):
    """Find the service, begin, fill in every section, attach the materials, submit.

    ``later`` is a material that comes later, against a promise; ``commit`` takes the way of a commitment.
    """
    applicant = person(390)
    applicant.sign_in(phone)
    applicant.page.goto(f"/services/{service}/")
    applicant.look("guide")
    applicant.press("在线申报")
    applicant.page.locator("input[name=applicant], input[name=licence]").first.check()
    applicant.press("开始填写")
    applicant.look("tasks")
    case = Case.objects.get(status="draft")
    if commit:
        sign_commitment(applicant, case)
    answers = world.plain(world.sample(service))
    for section in asked_sections(form_of(case.version_id), answers):
        applicant.page.goto(f"/cases/{case.number}/form/{section.id}/")
        applicant.fill({f.id: answers[f.id] for f in section.fields if f.id in answers})
        applicant.look(f"section-{section.id}")
        applicant.press("保存并继续")
        expect(applicant.page).not_to_have_url(re.compile(f"/form/{section.id}/"))
    attach(applicant, case, later=later, commit=commit)
    applicant.page.goto(f"/cases/{case.number}/check/")
    if later:
        applicant.page.locator("input[name=undertakes]").check()
    applicant.look("check")
    applicant.press("提交")
    applicant.page.wait_for_url("**/submitted/")
    applicant.look("submitted")
    return applicant, case


def sign_commitment(applicant, case: Case) -> None:
    """Read the conditions point by point, tick them, sign."""
    applicant.page.goto(f"/cases/{case.number}/way/")
    applicant.page.locator("input[value=committed]").check()
    for point in applicant.page.locator("input[name=read]").all():
        point.check()
    applicant.page.fill("input[name=name]", case.opened_by.person.name)
    applicant.look("way")
    applicant.press("就这样办")
    applicant.page.wait_for_url(f"**/cases/{case.number}/")


def attach(applicant, case: Case, *, later: str, commit: bool) -> None:
    """Upload a paper for each material that is needed; promise the one that comes later."""
    answers = case.submissions.latest("round").answers
    waived = case.version.spec.promise.waives if commit else ()
    for material in needed_materials(case.version_id, answers):
        applicant.page.goto(f"/cases/{case.number}/materials/")
        if material.id in waived:
            continue
        if material.id == later:
            applicant.page.locator(f"#material-{material.id} button", has_text="先承诺").click()
            applicant.page.wait_for_selector(f"#material-{material.id} .tag.water")
            continue
        content = world.pdf(material.id).read()
        applicant.page.set_input_files(
            f"#file-{material.id}", {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        applicant.page.wait_for_selector(f"#material-{material.id} .file a")
    if case.version.spec.materials:
        applicant.look("materials")


def at_desk(person, email: str, case: Case):
    """A member of staff opens the case from their worklist."""
    staff = person(1440)
    staff.sign_in_as_staff(email)
    staff.look("worklist")
    return open_from_worklist(staff, case)


def open_from_worklist(staff, case: Case):
    """What lies there to do now."""
    staff.page.goto("/desk/")
    staff.page.locator(f"a[href='/desk/cases/{case.number}/']").first.click()
    staff.page.wait_for_load_state()
    return staff


def receive_licence(applicant, case: Case) -> None:
    """The applicant finds the licence on the case, opens it, and anybody can verify it."""
    applicant.page.goto(f"/cases/{case.number}/")
    applicant.look("granted")
    applicant.page.goto("/licences/")
    applicant.look("licences")
    link = applicant.page.locator("a:has-text('打开')").first.get_attribute("href")
    answer = applicant.context.request.get(link)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def test_story_1_an_investor_files_a_project_mends_it_and_gets_the_certificate(person, work):
    applicant, case = apply(person, demo.INVESTOR, "investment-filing")
    clerk = at_desk(person, "clerk@demo.test", case)
    clerk.look("case")
    clerk.page.keyboard.press("c")
    clerk.page.wait_for_url("**/correction/")
    clerk.page.fill("[name='message-project_name']", "请在名称里写明扩建规模")
    clerk.look("correction")
    clerk.press("发出一次性告知")

    applicant.page.goto(f"/cases/{case.number}/")
    applicant.look("to-correct")
    applicant.press("去补正")
    applicant.page.fill("[name=project_name]", "年产 5000 台高效节能电机扩建项目（扩建 8200 平方米）")
    applicant.look("correct")
    applicant.press("重新提交")
    applicant.page.wait_for_url("**/submitted/")

    clerk.page.goto(f"/desk/cases/{case.number}/")
    expect(clerk.page.locator("ins", has_text="扩建 8200 平方米")).to_have_count(1)
    clerk.look("old-and-new")
    clerk.page.keyboard.press("a")
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_selector("text=已记录")

    leader = at_desk(person, "leader@demo.test", case)
    leader.press("准予")
    leader.page.wait_for_selector("text=已记录")
    work()
    receive_licence(applicant, case)


def test_story_2_a_builder_gets_the_permit_after_three_departments_side_by_side(person, work):
    applicant, case = apply(person, demo.BUILDER, "construction-permit", later="contract")
    clerk = at_desk(person, "clerk@demo.test", case)
    clerk.press("予以受理")
    clerk.page.wait_for_selector("text=已记录")
    for email in ("housing@demo.test", "fire@demo.test", "defence@demo.test"):
        reviewer = at_desk(person, email, case)
        reviewer.look(f"review-{email.split('@')[0]}")
        reviewer.press("通过本环节")
        reviewer.page.wait_for_selector("text=已记录")
    applicant.page.goto(f"/cases/{case.number}/")
    applicant.look("under-way")
    leader = at_desk(person, "leader@demo.test", case)
    leader.press("准予")
    leader.page.wait_for_selector("text=已记录")
    work()
    receive_licence(applicant, case)
    make_up(clerk, applicant, case)


def make_up(clerk, applicant, case: Case) -> None:
    """The contract comes later, and intake finds it right."""
    applicant.page.goto(f"/cases/{case.number}/make-up/")
    applicant.look("make-up")
    paper = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": world.pdf("contract").read()}
    applicant.page.set_input_files("input[name=files]", paper)
    applicant.press("补交")
    applicant.page.wait_for_selector("text=待核对")
    open_from_worklist(clerk, case)
    clerk.look("made-up")
    clerk.press("已补齐")
    clerk.page.wait_for_selector("text=已记录")


def test_story_3_a_dealer_changes_a_pesticide_licence_on_a_commitment(person, work):
    applicant, case = apply(person, demo.DEALER, "pesticide-change", commit=True)
    clerk = at_desk(person, "clerk@demo.test", case)
    clerk.press("予以受理")
    clerk.page.wait_for_selector("text=已记录")
    leader = at_desk(person, "leader@demo.test", case)
    leader.press("准予")
    leader.page.wait_for_selector("text=已记录")
    work()
    receive_licence(applicant, case)
    open_from_worklist(clerk, case)
    clerk.look("check-afterwards")
    clerk.press("登记核查结果")
    clerk.page.wait_for_selector("text=已记录")
