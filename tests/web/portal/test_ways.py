"""The ways of an application beside the usual one, through their pages."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import world
from tests.web.browsing import Browser, token
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Mode, Submission, Verdict
from zerotrip.cases.states import Status
from zerotrip.duties.models import Obligation


def now():
    return timezone.now()


@pytest.fixture
def applicant(district) -> Browser:
    return Browser(district.applicant)


def draft(district, service: str, *without: str) -> Case:
    return world.draft(service, district.firm, district.applicant, now(), without=without)


def paper(name: str = "合同.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, world.pdf(name).read(), content_type="application/pdf")


def test_a_commitment_is_read_point_by_point_and_signed(district, applicant):
    case = draft(district, "pesticide-change", "change_proof")
    form = applicant.open(f"/cases/{case.number}/way/").form()
    refused = form.press("就这样办", way="committed", read=["1", "2"], name=district.applicant.name, status=422)
    assert refused.marked[".problem"] == ["请逐条读过并勾选，全部符合才能承诺。"]
    assert sorted(refused.form().values["read"]) == ["1", "2"], "what was ticked stays ticked"
    refused = form.press("就这样办", way="committed", read=["1", "2", "3"], name="别人", status=422)
    assert "请签本人姓名" in refused.text
    form.press("就这样办", way="committed", read=["1", "2", "3"], name=district.applicant.name)
    check = applicant.open(f"/cases/{case.number}/check/")
    assert "您已签署承诺书" in check.text
    assert "承诺代替" in check.text
    check.form().press("提交")
    assert Case.objects.get(pk=case.pk).commitment.signed_name == district.applicant.name


def test_a_material_comes_later_by_the_applicants_undertaking(district, applicant):
    case = draft(district, "construction-permit", "contract")
    page = applicant.open(f"/cases/{case.number}/materials/")
    sent = {**token(page), "material": "contract", "how": "commitment"}
    applicant.send(f"/cases/{case.number}/later/", sent)
    check = applicant.open(f"/cases/{case.number}/check/")
    assert "受理后 10 个工作日内补齐" in check.text
    refused = check.form().press("提交", status=422)
    assert "请先勾选容缺承诺" in refused.text
    refused.form().press("提交", undertakes="yes")
    case = Case.objects.get(pk=case.pk)
    actions.accept(world.open_work(case)[0], by=district.clerk, at=now())
    page = applicant.open(f"/cases/{case.number}/")
    assert "容缺后补的材料" in page.text
    make_up = applicant.open(f"/cases/{case.number}/make-up/")
    make_up.form().press("补交", status=422)
    make_up.form().press("补交", files=paper())
    assert Obligation.objects.get(subject=case.pk).status == "handed_in"
    assert "待核对" in applicant.open(f"/cases/{case.number}/make-up/").text


def test_what_is_no_document_is_refused_as_a_make_up_too(district, applicant):
    case = draft(district, "construction-permit", "contract")
    actions.owe_later(case, "contract", "commitment", by=district.applicant, at=now())
    case = actions.submit(case, by=district.applicant, at=now(), undertakes=True)
    actions.accept(world.open_work(case)[0], by=district.clerk, at=now())
    form = applicant.open(f"/cases/{case.number}/make-up/").form()
    hostile = SimpleUploadedFile("合同.pdf", b"<svg onload=alert(1)>", content_type="application/pdf")
    assert form.press("补交", files=hostile, status=415)
    assert Submission.objects.filter(case=case).count() == 1


def test_a_rehearsal_is_chosen_concluded_completed_and_turned_formal(district, applicant):
    case = draft(district, "construction-permit", "planning_permit")
    applicant.open(f"/cases/{case.number}/way/").form().press("就这样办", way="simulated")
    applicant.open(f"/cases/{case.number}/check/").form().press("提交")
    case = actions.accept(world.open_work(case)[0], by=district.clerk, at=now())
    for work in world.open_work(case, "review"):
        by = {"housing-review": district.housing, "fire-review": district.fire}.get(work.stage, district.defence)
        actions.review(work, verdict=Verdict.PASS, by=by, at=now())
    leader = Browser(district.leader)
    page = leader.open(f"/desk/cases/{case.number}/")
    assert "不是行政决定" in page.text
    page.form("/conclude/").press("出具预审意见", verdict="pass", opinion="可以准予")
    page = applicant.open(f"/cases/{case.number}/")
    assert "预审完成" in page.text
    assert applicant.open(f"/cases/{case.number}/letters/rehearsal/").response["Content-Type"] == "application/pdf"
    form = applicant.open(f"/cases/{case.number}/complete/").form()
    refused = form.press("转为正式", status=422)
    assert "请上传“建设工程规划许可证”" in refused.text
    refused.form().press("转为正式", planning_permit=paper("规划.pdf"))
    case = Case.objects.get(pk=case.pk)
    assert (case.mode, case.status) == (Mode.FORMAL, Status.REVIEWING)


def test_a_service_without_other_ways_offers_none(district, applicant):
    case = draft(district, "investment-filing")
    assert "办理方式" not in applicant.open(f"/cases/{case.number}/").text
    applicant.open(f"/cases/{case.number}/way/", status=409)


def test_nobody_else_opens_these_pages(district):
    case = draft(district, "construction-permit")
    for part in ("way", "make-up", "complete"):
        Browser(district.stranger).open(f"/cases/{case.number}/{part}/", status=404)
