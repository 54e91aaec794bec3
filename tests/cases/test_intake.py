"""Intake as the law has it, and as special laws shorten it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import world
from tests.lawful import BASIS, days, declare, hours, with_materials, words
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.models import Case, ClockName, Procedure
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.packs import check
from zerotrip.duties.models import Obligation
from zerotrip.errors import Invalid


def local(moment) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def stages(limit) -> dict:
    bureau = {"department": "approval-bureau"}
    return {
        "stages": [
            {"id": "intake", "name": words("受理"), "kind": "intake", "limit": limit, **bureau},
            {"id": "decision", "name": words("决定"), "kind": "decision", "after": ["intake"], **bureau},
        ]
    }


def handed_in(district, folder, **rules) -> Case:
    service = declare(folder, **rules)
    case = draft(service.pk, district.firm, district.applicant, like="construction-permit")
    return actions.submit(case, by=district.applicant, at=MORNING)


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        pytest.param(days(3), "03-06 17:00", id="discharge permits: three days"),
        pytest.param(days(2), "03-05 17:00", id="joint processing in Binzhou: two working days"),
        pytest.param(hours(7), "03-04 09:30", id="a working day in office hours"),
    ],
)
def test_special_laws_shorten_the_five_days_and_a_correction_starts_them_afresh(district, tmp_path, limit, due):
    case = handed_in(district, tmp_path, **stages(limit))
    (intake,) = open_work(case)
    notice = case.clocks.get(name=ClockName.NOTICE)
    assert local(notice.due_at) == local(case.due_at) == local(intake.due_at) == due
    assert notice.basis == BASIS
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    case = actions.take_back(open_work(case)[0], reason="没有错", by=district.clerk, at=MORNING)
    assert local(case.due_at) == due
    actions.request_correction(open_work(case)[0], items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    case = actions.correct(case, by=district.applicant, at=MORNING, keep=["project_name"])
    assert local(case.due_at) == due


def test_article_32_no_pack_takes_longer_than_five_working_days(district, tmp_path):
    declare(tmp_path, **stages(days(5)))
    found = tmp_path / "test-pack" / "services" / "test-permit.yaml"
    found.write_text(found.read_text("utf-8").replace("amount: 5", "amount: 6"), "utf-8")
    assert any("最长五个工作日" in fault.reason for fault in check(tmp_path / "test-pack"))


def test_article_32_what_is_not_ours_is_declined_at_once_naming_the_right_agency(district, tmp_path):
    case = handed_in(district, tmp_path)
    (intake,) = open_work(case)
    with pytest.raises(Invalid):
        actions.decline(intake, reasons=" ", elsewhere="市水务局", by=district.clerk, at=MORNING)
    case = actions.decline(intake, reasons="不属于本机关职权", elsewhere="市水务局", by=district.clerk, at=MORNING)
    assert (case.status, case.result) == (Status.CLOSED, Result.DECLINED)
    assert case.decision.reasons == "不属于本机关职权\n请向市水务局申请。"


def test_what_ends_without_a_grant_ends_its_procedures_and_what_was_owed(district, tmp_path):
    tolerable = {"against": ["commitment"], "within": days(5), "consequence": "revoke", "basis": BASIS}
    service = declare(
        tmp_path,
        procedures=[{"kind": "hearing", "most": days(20)}],
        materials=with_materials("construction-permit", contract={"tolerable": tolerable}),
        owing={"issue": "conditional", "basis": BASIS},
    )
    case = draft(service.pk, district.firm, district.applicant, like="construction-permit", without=["contract"])
    actions.owe_later(case, "contract", "commitment", by=district.applicant, at=MORNING)
    actions.submit(case, by=district.applicant, at=MORNING, undertakes=True)
    actions.accept(open_work(case)[0], by=district.clerk, at=MORNING)
    work = next(each for each in open_work(case) if each.stage == "fire-review")
    actions.suspend(work, kind=Procedure.HEARING, reason="听证", amount=3, by=district.fire, at=MORNING)
    case = actions.withdraw(case, by=district.applicant, at=MORNING)
    assert not case.suspended
    assert case.suspensions.get().ended_at == MORNING
    assert Obligation.objects.get(subject=case.pk).status == "dropped", "nobody is reminded of it any more"


def test_a_notice_of_corrections_ends_with_the_withdrawal(district):
    case = actions.submit(
        world.draft("investment-filing", district.firm, district.applicant), by=district.applicant, at=world.MORNING
    )
    (intake,) = world.open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=world.MORNING)
    actions.withdraw(case, by=district.applicant, at=world.MORNING)
    notice = case.corrections.get()
    assert (notice.is_open, notice.dropped_at, notice.answered_at) == (False, world.MORNING, None)
    assert not case.corrections.open().exists()
