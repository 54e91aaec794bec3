"""The further steps of a case at the desk: each through its form, and what a slip gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.lawful import days, declare
from tests.web.browsing import Browser
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Found, Verdict
from zerotrip.cases.states import Result, Status
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role


def now():
    return timezone.now()


def begun(district, service: str = "construction-permit", *, owed: str = "") -> Case:
    case = world.draft(
        service,
        district.firm,
        district.applicant,
        now(),
        like="construction-permit" if service == "test-permit" else "",
        without=[owed] if owed else [],
    )
    if owed:
        actions.owe_later(case, owed, "commitment", by=district.applicant, at=now())
    case = actions.submit(case, by=district.applicant, at=now(), undertakes=bool(owed))
    return actions.accept(work(case, "intake"), by=district.clerk, at=now())


def work(case: Case, kind: str) -> Assignment:
    return world.open_work(case, kind)[0]


def of(case: Case, stage: str) -> Assignment:
    return Assignment.objects.get(case=case, stage=stage)


def reviewed(district, case: Case) -> Assignment:
    for stage, by in (("housing", district.housing), ("fire", district.fire), ("civil-defence", district.defence)):
        actions.review(of(case, f"{stage}-review"), verdict=Verdict.PASS, by=by, at=now())
    return work(case, "decision")


def url(case: Case) -> str:
    return f"/desk/cases/{case.number}/"


def test_a_conditional_opinion_asks_for_its_conditions_and_keeps_what_was_typed(district):
    case = begun(district)
    page = Browser(district.fire).open(url(case))
    page = page.form("/cond/").press("有条件通过", opinion="图纸可以", conditions=" ", status=422)
    assert page.marked[".problem"] == ["请写明要满足什么条件。"]
    assert "图纸可以" in page.html
    page.form("/cond/").press("有条件通过", conditions="加装喷淋").follow()
    assert of(case, "fire-review").conditions == "加装喷淋"


def test_a_procedure_is_begun_seen_by_all_and_its_result_recorded(district):
    case = begun(district)
    housing = Browser(district.housing)
    page = housing.open(url(case)).form("/suspend/")
    refused = page.press("启动特别程序", kind="expert_review", amount="很久", reason="深基坑", status=422)
    assert refused.marked[".problem"] == ["请填写数字。"]
    page = (
        refused.form("/suspend/").press("启动特别程序", kind="expert_review", amount="2", reason="深基坑").follow()
    )
    assert "专家评审进行中，暂停计时" in page.text
    assert "专家评审进行中，暂停计时" in Browser(district.applicant).open(f"/cases/{case.number}/").text
    page.form("/resume/").press("登记特别程序结果", kind="expert_review", outcome="方案可行").follow()
    assert not Case.objects.get(pk=case.pk).suspended


def test_an_extension_is_asked_for_and_approved_by_the_head(district):
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
    case = begun(district)
    Browser(district.housing).open(url(case)).form("/ask-extension/").press("申请延期", reason="地质复杂")
    assert case.number in Browser(head).open("/desk/").text
    page = Browser(head).open(url(case))
    assert "地质复杂" in page.text
    page.form("/extend/").press("批准延期").follow()
    applicant = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert "延长办理期限告知书" in applicant.text
    Browser(district.applicant).open(f"/cases/{case.number}/letters/extension/")


def test_a_decision_is_drafted_returned_drafted_again_and_approved(district, tmp_path):
    declare(tmp_path, approval={"levels": ["leader"]})
    case = begun(district, "test-permit")
    reviewed(district, case)
    clerk, leader = Browser(district.clerk), Browser(district.leader)
    page = clerk.open(url(case)).form("/draft/").press("提交审批", verdict="refused", reasons="", status=422)
    assert page.marked[".problem"] == ["请写明理由和依据，申请人会看到。"]
    page.form("/draft/").press("提交审批", verdict="refused", reasons="不符合规划")
    page = leader.open(url(case))
    assert "不符合规划" in page.text
    page.form("/return/").press("退回修改", opinion="理由不充分")
    page = clerk.open(url(case))
    assert "理由不充分" in page.text
    assert "不符合规划" in page.html, "the draft is where the next one begins"
    page.form("/draft/").press("提交审批", verdict="granted", reasons="", conditions="按图施工")
    leader.open(url(case)).form("/approve/").press("批准")
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.decision.conditions) == (Status.GRANTED, "按图施工")
    assert "按图施工" in clerk.open(url(case)).text


def test_a_notice_is_taken_back_and_its_text_is_where_the_next_begins(district):
    case = world.draft("construction-permit", district.firm, district.applicant, now())
    case = actions.submit(case, by=district.applicant, at=now())
    intake = work(case, "intake")
    actions.request_correction(
        intake, items={"project_name": "与合同一致"}, by=district.clerk, at=now(), note="三处"
    )
    clerk = Browser(district.clerk)
    clerk.open(url(case)).form("/take-back/").press("收回补正告知", reason="看错了")
    page = clerk.open(f"/desk/work/{intake.pk}/correction/")
    assert page.form().values["message-project_name"] == ["与合同一致"]
    assert page.form().values["note"] == ["三处"]


def test_a_second_notice_is_warned_of_and_says_why(district):
    case = world.draft("construction-permit", district.firm, district.applicant, now())
    case = actions.submit(case, by=district.applicant, at=now())
    intake = work(case, "intake")
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=now())
    actions.correct(case, by=district.applicant, at=now(), keep=["project_name"])
    page = Browser(district.clerk).open(f"/desk/work/{intake.pk}/correction/")
    assert "这已经不是第一次告知" in page.text
    refused = page.form().press("发出一次性告知", **{"message-scale": "请写明"}, status=422)
    assert "材料应当一次性告知" in refused.text
    page.form().press("发出一次性告知", **{"message-scale": "请写明"}, again_because="规模是补正后改的")


def test_what_was_made_up_is_compared_and_returned_or_kept(district):
    case = begun(district, owed="contract")
    reviewed(district, case)
    case = actions.grant(work(case, "decision"), by=district.leader, at=now())
    clerk = Browser(district.clerk)
    for _time in range(2):
        papers = [(world.pdf(), "合同.pdf")]
        actions.make_up(case, "contract", papers, by=district.applicant, at=now(), record=new_id())
        page = clerk.open(url(case))
        if not _time:
            assert "施工合同" in page.text
            page.form("/not-made-up/").press("不符", note="缺盖章页")
    page.form("/made-up/").press("已补齐")
    assert "已履行" in clerk.open(url(case)).text


def test_a_check_finds_what_is_to_be_put_right(district):
    case = world.draft("pesticide-change", district.firm, district.applicant, now(), without=["change_proof"])
    actions.commit(case, name=district.applicant.name, by=district.applicant, at=now())
    case = actions.submit(case, by=district.applicant, at=now())
    case = actions.accept(work(case, "intake"), by=district.clerk, at=now())
    case = actions.grant(work(case, "decision"), by=district.leader, at=now())
    actions.issue(case, by=SYSTEM, at=now())
    page = Browser(district.clerk).open(url(case)).form("/check/")
    refused = page.press("登记核查结果", found="mending", finding="", status=422)
    assert refused.marked[".problem"] == ["请写明核查发现的问题，申请人会看到。"]
    refused.form("/check/").press("登记核查结果", found="mending", finding="标识不全")
    case.commitment.refresh_from_db()
    assert case.commitment.found == Found.MENDING


def test_a_case_is_ended_with_reasons_and_a_letter(district):
    case = begun(district)
    reviewed(district, case)
    Browser(district.leader).open(url(case)).form("/terminate/").press("终止办理", reasons="建设单位已注销")
    case = Case.objects.get(pk=case.pk)
    assert case.result == Result.TERMINATED
    page = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert "建设单位已注销" in page.text
    assert "终止办理决定书" in page.text


def test_a_lapsed_case_is_taken_up_again_by_its_applicant(district, tmp_path):
    declare(tmp_path, corrections={"within": days(1), "reopen": days(5)})
    earlier = now() - timedelta(days=7)
    case = world.draft("test-permit", district.firm, district.applicant, earlier, like="construction-permit")
    case = actions.submit(case, by=district.applicant, at=earlier)
    actions.request_correction(
        work(case, "intake"), items={"project_name": "请核对"}, by=district.clerk, at=earlier
    )
    actions.lapse(case, by=SYSTEM, at=now())
    page = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert "可以恢复办理" in page.text
    page.form("/reopen/").press("恢复补正")
    assert Case.objects.get(pk=case.pk).status == Status.CORRECTING


@pytest.mark.parametrize("kind", ["acceptance", "decision"])
def test_the_letters_of_a_grant_are_read_by_both_sides(district, kind):
    case = begun(district, owed="contract")
    reviewed(district, case)
    actions.grant(work(case, "decision"), by=district.leader, at=now(), conditions="按图施工")
    for reader in (district.applicant, district.clerk):
        answer = Browser(reader).open(f"/cases/{case.number}/letters/{kind}/").response
        assert answer["Content-Type"] == "application/pdf"
