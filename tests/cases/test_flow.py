"""A case from draft to delivered licence, and every way it may end before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, ClockName, Correction, Submission, Verdict
from zerotrip.cases.queries import file_of, load, worklist
from zerotrip.cases.states import Result, Status
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM

HOUR = timedelta(hours=1)


def filing(district, **changes) -> Case:
    return draft("investment-filing", district.firm, district.applicant, **changes)


def permit(district, **changes) -> Case:
    return draft("construction-permit", district.firm, district.applicant, **changes)


def submitted(district, make=filing) -> tuple[Case, Assignment]:
    case = actions.submit(make(district), by=district.applicant, at=MORNING)
    (work,) = open_work(case)
    return case, work


def test_a_filing_is_accepted_decided_issued_and_delivered(district):
    case, intake = submitted(district)
    assert case.status == Status.SUBMITTED
    case = actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    assert case.status == Status.DECIDING
    (decision,) = open_work(case)
    case = actions.grant(decision, by=district.leader, at=MORNING + 2 * HOUR)
    assert case.status == Status.GRANTED
    case = actions.issue(case, by=SYSTEM, at=MORNING + 2 * HOUR)
    case = actions.deliver(case, by=SYSTEM, at=MORNING + 2 * HOUR)
    assert (case.status, case.result) == (Status.CLOSED, Result.GRANTED)
    licence = Licence.objects.get(case=case)
    assert licence.holder == district.firm
    steps = [entry.action for entry in history(case.pk)]
    assert steps == ["open", "submit", "accept", "grant", "issue", "deliver"]
    assert first_break(Case.objects.get(pk=case.pk)) is None


def test_three_departments_review_side_by_side_and_the_last_opens_the_decision(district):
    case, intake = submitted(district, permit)
    case = actions.accept(intake, by=district.clerk, at=MORNING)
    reviews = open_work(case, "review")
    assert len(reviews) == 3
    for actor in (district.housing, district.fire, district.defence):
        (mine,) = [work for work in worklist(actor) if work.case_id == case.pk]
        assert case.status == Status.REVIEWING
        case = actions.review(mine, verdict=Verdict.PASS, by=actor, at=MORNING + HOUR)
    assert case.status == Status.DECIDING
    assert [work.kind for work in open_work(case)] == ["decision"]


def test_everything_missing_is_named_at_once(district):
    case = filing(district, project_name="", total_investment="abc")
    with pytest.raises(Invalid) as refusal:
        actions.submit(case, by=district.applicant, at=MORNING)
    assert "project_name" in refusal.value.problems
    assert Case.objects.get(pk=case.pk).status == Status.DRAFT


def test_a_correction_unlocks_only_what_was_named(district):
    case, intake = submitted(district)
    before = Submission.objects.get(case=case, round=1)
    case = actions.request_correction(
        intake, items={"project_name": "名称与营业执照不一致，请核对"}, by=district.clerk, at=MORNING + HOUR
    )
    assert case.status == Status.CORRECTING
    draft_round = Submission.objects.get(case=case, round=2)
    saved = actions.save_draft(
        case,
        {"project_name": "改好的名称", "project_unit": "偷偷改的"},
        edit=draft_round.edit,
        by=district.applicant,
        at=MORNING + 2 * HOUR,
        keep=True,
    )
    assert saved.answers["project_name"] == "改好的名称"
    assert saved.answers.get("project_unit") == before.answers.get("project_unit")


def test_staff_see_the_corrected_round_only_once_it_is_handed_in(district):
    case, intake = submitted(district)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    actions.save_draft(case, {"project_name": "新名称"}, edit=0, by=district.applicant, at=MORNING, keep=True)
    seen = file_of(load(case.number, district.clerk), district.clerk)
    assert seen.shown.round == 1
    case = actions.correct(case, by=district.applicant, at=MORNING + HOUR)
    seen = file_of(load(case.number, district.clerk), district.clerk)
    assert (seen.before.round, seen.shown.round) == (1, 2)
    assert seen.shown.answers["project_name"] == "新名称"
    assert Correction.objects.get(case=case).answered_at == MORNING + HOUR


def test_a_correction_names_something_that_exists_and_says_what(district):
    _case, intake = submitted(district)
    for items in ({}, {"no_such_field": "x"}, {"project_name": "  "}):
        with pytest.raises(Invalid):
            actions.request_correction(intake, items=items, by=district.clerk, at=MORNING)


def test_a_declined_application_has_its_reasons(district):
    case, intake = submitted(district)
    with pytest.raises(Invalid):
        actions.decline(intake, reasons=" ", by=district.clerk, at=MORNING)
    case = actions.decline(intake, reasons="不属于本机关职权，请向省级部门申请", by=district.clerk, at=MORNING)
    assert (case.status, case.result) == (Status.CLOSED, Result.DECLINED)
    assert case.decision.reasons.startswith("不属于")


def test_a_refusal_has_its_reasons_and_makes_no_licence(district):
    case, intake = submitted(district)
    actions.accept(intake, by=district.clerk, at=MORNING)
    (decision,) = open_work(case)
    with pytest.raises(Invalid):
        actions.refuse(decision, reasons="", by=district.leader, at=MORNING)
    case = actions.refuse(decision, reasons="属于禁止投资的项目", by=district.leader, at=MORNING)
    assert (case.status, case.result) == (Status.CLOSED, Result.REFUSED)
    assert not Licence.objects.filter(case=case).exists()


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_an_application_can_be_withdrawn_until_it_is_decided(district, steps):
    case = filing(district)
    if steps > 0:
        actions.submit(case, by=district.applicant, at=MORNING)
    if steps > 1:
        actions.accept(open_work(case)[0], by=district.clerk, at=MORNING)
    case = actions.withdraw(case, by=district.applicant, at=MORNING)
    assert (case.status, case.result) == (Status.CLOSED, Result.WITHDRAWN)
    assert open_work(case) == []


def test_a_decided_application_can_no_longer_be_withdrawn(district):
    case, intake = submitted(district)
    actions.accept(intake, by=district.clerk, at=MORNING)
    actions.grant(open_work(case)[0], by=district.leader, at=MORNING)
    with pytest.raises(Stale):
        actions.withdraw(case, by=district.applicant, at=MORNING)


def test_only_the_office_whose_turn_it_is_can_act(district):
    case, intake = submitted(district)
    for actor in (district.leader, district.housing, district.supervisor, district.applicant, district.stranger):
        with pytest.raises(NotAllowed):
            actions.accept(intake, by=actor, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.withdraw(case, by=district.clerk, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.issue(case, by=district.clerk, at=MORNING)


def test_a_stranger_cannot_tell_that_a_case_exists(district):
    case = filing(district)
    for actor in (district.stranger, district.clerk, district.supervisor):
        with pytest.raises(NotFound):
            load(case.number, actor)
    actions.submit(case, by=district.applicant, at=MORNING)
    assert load(case.number, district.clerk) == case
    assert load(case.number, district.supervisor) == case
    with pytest.raises(NotFound):
        load(case.number, district.stranger)
    with pytest.raises(NotFound):
        load(case.number, district.agriculture)


def test_the_second_clerk_is_told_that_it_is_done(district):
    case, intake = submitted(district)
    actions.accept(intake, by=district.clerk, at=MORNING)
    with pytest.raises(Stale):
        actions.decline(intake, reasons="晚了一步", by=district.clerk, at=MORNING)
    assert [entry.action for entry in history(case.pk)].count("accept") == 1


def test_the_same_request_twice_is_one_step(district):
    case, intake = submitted(district)
    for _press in range(2):
        actions.accept(intake, by=district.clerk, at=MORNING, key="a-key-of-the-page")
    assert [entry.action for entry in history(case.pk)].count("accept") == 1
    assert len(open_work(case)) == 1


def test_an_older_window_does_not_overwrite_a_newer_draft(district):
    case = filing(district)
    actions.save_draft(case, {"project_name": "新"}, edit=1, by=district.applicant, at=MORNING, keep=True)
    with pytest.raises(Stale):
        actions.save_draft(case, {"project_name": "旧"}, edit=1, by=district.applicant, at=MORNING, keep=True)


def test_a_page_does_not_stand_in_its_own_way(district):
    case = filing(district)

    def save(name: str, edit: int, window: str, *, leaving: bool) -> None:
        actions.save_draft(
            case,
            {"project_name": name},
            edit=edit,
            by=district.applicant,
            at=MORNING,
            keep=True,
            window=window,
            leaving=leaving,
        )

    save("自动保存", 1, "page", leaving=False)
    save("又一次自动保存", 1, "page", leaving=False)
    with pytest.raises(Stale):
        save("另一个窗口", 1, "other", leaving=True)
    save("按下保存", 1, "page", leaving=True)
    with pytest.raises(Stale):
        save("迟到的自动保存", 1, "page", leaving=False)
    assert Submission.objects.get(case=case).answers["project_name"] == "按下保存"


def test_the_same_key_opens_one_case(district):
    from zerotrip.catalogue.models import Service
    from zerotrip.ids import new_id

    key = new_id()
    service = Service.objects.get(pk="investment-filing")
    for _press in range(2):
        actions.open_case(service=service, applicant=district.firm, by=district.applicant, at=MORNING, case_id=key)
    assert Case.objects.count() == 1


def test_a_file_that_is_no_document_is_refused_and_leaves_nothing(district):
    import io

    from zerotrip.errors import WrongType
    from zerotrip.files.models import Blob

    case = permit(district)
    before = Blob.objects.count()
    for hostile in (b"<svg onload=alert(1)>", b"PK\x03\x04" + b"0" * 100, b"MZ" + b"\0" * 200, b""):
        with pytest.raises((WrongType, Refused, Invalid)):
            actions.attach(
                case, "contract", io.BytesIO(hostile), name="合同.pdf", by=district.applicant, at=MORNING
            )
    assert Blob.objects.count() == before


def test_the_applicant_is_told_of_each_step_once(district):
    _case, intake = submitted(district)
    actions.accept(intake, by=district.clerk, at=MORNING, key="k")
    actions.accept(intake, by=district.clerk, at=MORNING, key="k")
    world.tell_queued()
    told = Notice.objects.filter(user=district.applicant.user_id).values_list("template", flat=True)
    assert sorted(told) == ["accepted", "submitted"]


def test_the_five_days_run_from_submission_and_end_with_acceptance(district):
    case, intake = submitted(district)
    notice = case.clocks.get(name=ClockName.NOTICE)
    assert notice.due_at.isoformat() == "2026-03-10T17:00:00+08:00" or notice.due_at.day == 10
    actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    assert case.clocks.get(name=ClockName.NOTICE).ended_at == MORNING + HOUR
    assert set(case.clocks.filter(ended_at=None).values_list("name", flat=True)) == {"promised", "statutory"}
