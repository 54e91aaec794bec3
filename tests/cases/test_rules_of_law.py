"""Each rule of law the flow follows, by its name. Articles without a law are of the 行政许可法."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.lawful import BASIS, days, declare, with_materials, words
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import (
    Assignment,
    Bar,
    Case,
    Clock,
    ClockName,
    Found,
    Material,
    Mode,
    Procedure,
    Submission,
    Verdict,
)
from zerotrip.cases.queries import file_of, load
from zerotrip.cases.states import Result, Status
from zerotrip.cases.tasks import decide_at_once
from zerotrip.channels.models import Notice
from zerotrip.duties.models import Obligation
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role
from zerotrip.workdays.actions import announce

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def clock(case: Case, name: ClockName) -> Clock:
    return Clock.objects.filter(case=case, name=name).latest("started_at")


@pytest.fixture
def permit(district, tmp_path):
    """Begin, and hand in, a case of a permit with rules of its own."""

    def begin(at: datetime = MORNING, *, without=(), owed=None, hand_in: bool = True, **rules) -> Case:
        service = declare(tmp_path, **rules)
        case = draft(service.pk, district.firm, district.applicant, at, like="construction-permit", without=without)
        for key, how in (owed or {}).items():
            actions.owe_later(case, key, how, by=district.applicant, at=at)
        return actions.submit(case, by=district.applicant, at=at, undertakes=bool(owed)) if hand_in else case

    return begin


def accept(case: Case, district, at: datetime = MORNING) -> Case:
    (intake,) = open_work(case, "intake")
    return actions.accept(intake, by=district.clerk, at=at)


def review_all(case: Case, district, at: datetime = MORNING, **verdicts: Verdict) -> Case:
    offices = {"housing-review": district.housing, "fire-review": district.fire}
    for work in open_work(case, "review"):
        by = offices.get(work.stage, district.defence)
        verdict = verdicts.get(work.stage.replace("-review", "").replace("-", "_"), Verdict.PASS)
        case = actions.review(work, verdict=verdict, by=by, at=at, opinion="意见", conditions="条件")
    return case


def to_decide(case: Case, district, at: datetime = MORNING) -> Assignment:
    review_all(accept(case, district, at), district, at)
    (decision,) = open_work(case, "decision")
    return decision


# Acceptance and corrections


def test_article_32_silence_of_five_working_days_is_shown_as_acceptance_due(permit):
    case = permit()
    assert local(clock(case, ClockName.NOTICE).due_at) == "03-10 17:00"


def test_article_32_everything_is_named_once_and_a_second_notice_says_why_it_is_needed(permit, district):
    case = permit()
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    case = actions.correct(case, by=district.applicant, at=MORNING, keep=world.asked(case))
    with pytest.raises(Invalid) as refusal:
        actions.request_correction(intake, items={"scale": "请写明"}, by=district.clerk, at=MORNING)
    assert list(refusal.value.problems) == ["again_because"]
    case = actions.request_correction(
        intake, items={"scale": "请写明"}, by=district.clerk, at=MORNING, again_because="规模是补正后才改的"
    )
    assert case.corrections.get(round=2).again_because == "规模是补正后才改的"


def test_a_notice_can_be_taken_back_and_what_was_begun_is_kept(permit, district):
    case = permit()
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING + DAY)
    actions.save_draft(case, {"project_name": "改了一半"}, edit=0, by=district.applicant, at=MORNING, keep=True)
    with pytest.raises(Invalid):
        actions.take_back(intake, reason=" ", by=district.clerk, at=MORNING + 2 * DAY)
    case = actions.take_back(intake, reason="名称没有错", by=district.clerk, at=MORNING + 2 * DAY)
    assert case.status == Status.SUBMITTED
    assert local(case.due_at) == "03-10 17:00", "the five days go on from receipt"
    seen = file_of(load(case.number, district.clerk), district.clerk)
    assert seen.shown.round == 1, "what was begun stays the applicant's"
    assert [c.taken_back_at for c in seen.corrections] == [MORNING + 2 * DAY], "the text is kept"
    (work,) = open_work(case)
    case = actions.request_correction(
        work, items={"project_name": "还是要改"}, by=district.clerk, at=MORNING + 3 * DAY
    )
    assert Submission.objects.get(case=case, submitted_at=None).answers["project_name"] == "改了一半"
    assert first_break(case) is None


def test_an_answer_that_comes_while_the_notice_is_taken_back_is_told_so(permit, district):
    case = permit()
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    actions.take_back(intake, reason="发错了", by=district.clerk, at=MORNING)
    with pytest.raises(Stale):
        actions.correct(case, by=district.applicant, at=MORNING, keep=["project_name"])


CORRECTIONS = {"within": days(10), "remind": [3, 1], "lapse": True, "reopen": days(5)}


def test_an_unanswered_notice_is_reminded_of_lapses_and_can_be_taken_up_again(permit, district):
    case = permit(corrections=CORRECTIONS)
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    owed = Obligation.objects.get(subject=case.pk)
    assert (local(owed.due_at), local(owed.remind_at)) == ("03-17 17:00", "03-12 08:30")
    sweep(at=owed.due_at)
    assert Case.objects.get(pk=case.pk).status == Status.CORRECTING
    overdue = owed.due_at + HOUR
    sweep(at=overdue)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.result) == (Status.CLOSED, Result.LAPSED)
    assert open_work(case) == []
    with pytest.raises(Stale):
        actions.correct(case, by=district.applicant, at=overdue)
    case = actions.reopen(case, by=district.applicant, at=overdue + DAY)
    assert (case.status, case.result, case.closed_at) == (Status.CORRECTING, Result.NONE, None)
    case = actions.correct(case, by=district.applicant, at=overdue + DAY, keep=["project_name"])
    assert [work.waiting for work in open_work(case)] == [False]
    assert first_break(case) is None


def test_a_lapsed_application_is_taken_up_again_only_within_its_days(permit, district):
    case = permit(corrections=CORRECTIONS)
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    overdue = MORNING + 20 * DAY
    sweep(at=overdue)
    with pytest.raises(Refused):
        actions.reopen(case, by=district.applicant, at=overdue + 30 * DAY)
    with pytest.raises(NotAllowed):
        actions.reopen(case, by=district.stranger, at=overdue)


def test_a_correction_of_a_withdrawn_case_is_refused(permit, district):
    case = permit()
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    actions.withdraw(case, by=district.applicant, at=MORNING)
    for answer in (
        lambda: actions.correct(case, by=district.applicant, at=MORNING, keep=["project_name"]),
        lambda: actions.take_back(intake, reason="收回", by=district.clerk, at=MORNING),
    ):
        with pytest.raises(Stale):
            answer()


# Limits


def test_article_42_twenty_days_and_ten_more_with_approval_and_reasons(permit, district):
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
    case = accept(permit(statutory=days(20), promised=days(20), extension=days(10)), district)
    before = clock(case, ClockName.STATUTORY).due_at
    work = open_work(case, "review")[0]
    with pytest.raises(Invalid):
        actions.ask_extension(work, reason=" ", by=district.defence, at=MORNING)
    actions.ask_extension(work, reason="图纸复杂", by=district.defence, at=MORNING)
    with pytest.raises(Refused):
        actions.ask_extension(work, reason="再要一次", by=district.defence, at=MORNING)
    (approval,) = open_work(case, "approval")
    with pytest.raises(NotAllowed):
        actions.extend(approval, by=district.leader, at=MORNING)
    case = actions.extend(approval, by=head, at=MORNING + DAY)
    after = clock(case, ClockName.STATUTORY)
    assert local(before) == "03-31 17:00"
    assert local(after.due_at) == "04-15 17:00", "the 6th of April is a holiday"
    assert case.due_at == clock(case, ClockName.PROMISED).due_at == after.due_at
    lines = file_of(load(case.number, district.clerk), district.clerk).explain(after).lines
    assert any("延长 10 个工作日：图纸复杂" in line.words and line.basis == "行政许可法 42" for line in lines)
    with pytest.raises(Refused):
        actions.ask_extension(work, reason="再要一次", by=district.defence, at=MORNING + 2 * DAY)


def test_article_42_whoever_asks_for_an_extension_does_not_approve_it(permit, district):
    both = world.acting(world.staff("both", "approval-bureau", Role.LEADER, Role.HEAD))
    case = permit(extension=days(10))
    decision = to_decide(case, district)
    actions.ask_extension(decision, reason="需要研究", by=both, at=MORNING)
    (approval,) = open_work(case, "approval")
    with pytest.raises(NotAllowed):
        actions.extend(approval, by=both, at=MORNING)


def test_an_extension_that_is_denied_can_be_asked_for_again(permit, district):
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
    case = permit(extension=days(10))
    decision = to_decide(case, district)
    actions.ask_extension(decision, reason="忙", by=district.leader, at=MORNING)
    before = Case.objects.get(pk=case.pk).due_at
    actions.deny_extension(open_work(case, "approval")[0], opinion="不是理由", by=head, at=MORNING)
    case = actions.ask_extension(decision, reason="图纸复杂", by=district.leader, at=MORNING)
    assert case.due_at == before
    assert [work.stage for work in open_work(case, "approval")] == ["extension.2"]


def test_article_42_joint_processing_has_forty_five_days_and_fifteen_more(permit, district):
    case = accept(permit(statutory=days(45), promised=days(45), extension=days(15)), district)
    assert local(clock(case, ClockName.STATUTORY).due_at) == "05-09 17:00"


def test_article_44_the_licence_is_delivered_within_ten_working_days(permit, district):
    case = permit()
    case = actions.grant(to_decide(case, district), by=district.leader, at=MORNING)
    assert local(clock(case, ClockName.DELIVERY).due_at) == "03-17 17:00"


HEARING = [{"kind": "hearing", "most": days(20)}, {"kind": "publicity", "most": days(7, "calendar_days")}]


def test_article_45_a_hearing_is_not_counted_and_is_announced_with_its_length(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    assert local(case.due_at) == "03-10 17:00"
    case = actions.suspend(
        work, kind=Procedure.HEARING, reason="利害关系人要求听证", amount=3, by=district.defence, at=MORNING
    )
    assert case.suspended
    promised = clock(case, ClockName.PROMISED)
    assert local(promised.due_at) == local(case.due_at) == "03-13 17:00"
    lines = file_of(load(case.number, district.clerk), district.clerk).explain(promised).lines
    assert any("听证，利害关系人要求听证" in line.words and line.basis == "行政许可法 45" for line in lines)
    world.tell_queued()
    assert Notice.objects.filter(template="suspended", user=district.applicant.user_id).exists()


def test_article_45_no_more_is_left_out_than_was_announced(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    case = actions.suspend(work, kind=Procedure.HEARING, reason="听证", amount=3, by=district.defence, at=MORNING)
    announced = case.due_at
    sweep(at=MORNING + 10 * DAY)
    case = Case.objects.get(pk=case.pk)
    assert (case.suspended, case.due_at) == (False, announced)
    assert case.suspensions.get().ended_by is None


def test_article_45_a_procedure_that_ends_early_gives_its_days_back(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    actions.suspend(work, kind=Procedure.HEARING, reason="听证", amount=10, by=district.defence, at=MORNING)
    with pytest.raises(Invalid):
        actions.resume(work, kind=Procedure.HEARING, outcome="", by=district.defence, at=MORNING + DAY)
    case = actions.resume(
        work, kind=Procedure.HEARING, outcome="双方没有异议", by=district.defence, at=MORNING + DAY
    )
    assert local(case.due_at) == "03-11 17:00", "the fourth, of which a part was paused, is not counted"
    assert not case.suspended


def test_article_45_overlapping_procedures_count_once_and_the_decision_waits_for_both(permit, district):
    case = permit(statutory=days(20), promised=days(5), procedures=HEARING)
    decision = to_decide(case, district)
    for kind in (Procedure.HEARING, Procedure.PUBLICITY):
        case = actions.suspend(decision, kind=kind, reason="需要", amount=3, by=district.leader, at=MORNING)
    assert local(case.due_at) == "03-13 17:00"
    for kind in (Procedure.HEARING, Procedure.PUBLICITY):
        with pytest.raises(Refused):
            actions.grant(decision, by=district.leader, at=MORNING)
        actions.resume(decision, kind=kind, outcome="没有异议", by=district.leader, at=MORNING + HOUR)
    actions.grant(decision, by=district.leader, at=MORNING + HOUR)


def test_pressed_again_and_again_an_extension_is_asked_for_and_approved_once(permit, district):
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
    case = accept(permit(statutory=days(20), promised=days(20), extension=days(10)), district)
    work = open_work(case, "review")[0]
    for _press in range(3):
        actions.ask_extension(work, reason="图纸复杂", by=district.defence, at=MORNING, key="press")
    (approval,) = open_work(case, "approval")
    for _press in range(3):
        case = actions.extend(approval, by=head, at=MORNING + DAY, key="press")
    assert local(clock(case, ClockName.STATUTORY).due_at) == "04-15 17:00"
    acts = [entry.action for entry in history(case.pk)]
    assert (acts.count("ask_extension"), acts.count("extend")) == (1, 1)
    actions.ask_extension(work, reason="图纸复杂", by=district.defence, at=MORNING + DAY, key="press")
    assert not open_work(case, "approval"), "an old press asks for nothing"


def test_pressed_again_and_again_a_procedure_begins_and_ends_once(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    said = {"kind": Procedure.HEARING, "by": district.defence, "key": "press"}
    for _press in range(3):
        case = actions.suspend(work, reason="听证", amount=3, at=MORNING, **said)
        assert (case.suspended, local(case.due_at)) == (True, "03-13 17:00")
    for _press in range(3):
        case = actions.resume(work, outcome="没有异议", at=MORNING + HOUR, **said)
        assert not case.suspended
    assert not actions.suspend(work, reason="听证", amount=3, at=MORNING + HOUR, **said).suspended, "an old press"
    assert case.suspensions.count() == 1
    acts = [entry.action for entry in history(case.pk)]
    assert (acts.count("suspend"), acts.count("resume")) == (1, 1)


def test_another_procedure_from_the_same_page_is_another_press(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    for kind in (Procedure.HEARING, Procedure.PUBLICITY):
        actions.suspend(work, kind=kind, reason="需要", amount=3, by=district.defence, at=MORNING, key="press")
    assert case.suspensions.count() == 2
    with pytest.raises(Stale):
        actions.suspend(
            work, kind=Procedure.HEARING, reason="又", amount=3, by=district.defence, at=MORNING, key="later"
        )


def test_only_procedures_the_guide_publishes_stop_the_clock_and_only_so_long(permit, district):
    case = accept(permit(procedures=HEARING), district)
    work = open_work(case, "review")[0]
    with pytest.raises(Refused):
        actions.suspend(work, kind=Procedure.TEST, reason="检测", amount=1, by=district.defence, at=MORNING)
    for amount in (0, -1, 21):
        with pytest.raises(Invalid):
            actions.suspend(
                work, kind=Procedure.HEARING, reason="听证", amount=amount, by=district.defence, at=MORNING
            )


def test_article_82_a_limit_in_working_days_skips_holidays_and_counts_made_up_days(permit, district):
    late = datetime(2026, 9, 30, 1, 30, tzinfo=UTC)
    case = permit(late, statutory=days(3), promised=days(3))
    case = accept(case, district, late)
    assert local(case.due_at) == "10-10 17:00", "seven days off, Saturday the 10th is worked"


def test_publicity_counts_calendar_days(permit, district):
    rules = {"statutory": days(20), "promised": days(20), "procedures": HEARING}
    case = accept(permit(**rules), district)
    work = open_work(case, "review")[0]
    actions.suspend(work, kind=Procedure.PUBLICITY, reason="公示", amount=7, by=district.defence, at=MORNING)
    assert local(case.suspensions.get().until) == "03-10 17:00"


def test_article_36_of_the_business_environment_rules_lateness_is_told_and_kept(permit, district):
    case = accept(permit(promised=days(1)), district)
    sweep(at=case.due_at - HOUR)
    sweep(at=case.due_at + HOUR)
    sweep(at=case.due_at + 2 * HOUR)
    late = [entry.details["clock"] for entry in history(case.pk) if entry.action == "late"]
    assert sorted(late).count("promised") == 1
    world.tell_queued()
    told = Notice.objects.filter(template="staff_late").values_list("user", flat=True)
    assert district.leader.user_id in told


def test_a_holiday_notice_moves_stages_pauses_and_extensions_alike(permit, district):
    case = accept(permit(statutory=days(20), promised=days(5), procedures=HEARING), district)
    work = open_work(case, "review")[0]
    actions.suspend(work, kind=Procedure.HEARING, reason="听证", amount=3, by=district.defence, at=MORNING)
    announce(2026, off={date(2026, 3, 12): "测试假"}, worked={}, source="测试", by=SYSTEM, at=MORNING)
    moved = actions.recompute(by=SYSTEM, at=MORNING + HOUR, reason="测试通知")
    assert {change.clock for change in moved} >= {"promised", "statutory"}
    assert local(Case.objects.get(pk=case.pk).due_at) == "03-16 17:00"


# Tolerant acceptance

TOLERABLE = {
    "tolerable": {
        "against": ["image", "commitment"],
        "within": days(5),
        "consequence": "revoke",
        "basis": BASIS,
    }
}


def tolerant(consequence: str = "revoke", issue: str = "conditional") -> dict:
    rule = {"tolerable": {**TOLERABLE["tolerable"], "consequence": consequence}}
    return {
        "materials": with_materials("construction-permit", contract=rule, funding=rule),
        "owing": {"issue": issue, "basis": BASIS},
    }


def test_tolerant_acceptance_owes_each_missing_material_by_its_day(permit, district):
    case = permit(without=["contract"], owed={"contract": "commitment", "funding": "image"}, **tolerant())
    case = accept(case, district)
    owed = {each.key: local(each.due_at) for each in Obligation.objects.filter(subject=case.pk)}
    assert owed == {"contract": "03-10 17:00", "funding": "03-10 17:00"}


def test_tolerant_acceptance_needs_the_applicants_own_undertaking(permit, district):
    case = permit(without=["contract"], owed=None, hand_in=False, **tolerant())
    actions.owe_later(case, "contract", "commitment", by=district.applicant, at=MORNING)
    with pytest.raises(Invalid) as refusal:
        actions.submit(case, by=district.applicant, at=MORNING)
    assert list(refusal.value.problems) == ["undertakes"]
    assert Case.objects.get(pk=case.pk).status == Status.DRAFT


def test_only_secondary_materials_may_come_later(permit, district):
    case = permit(without=["drawings"], hand_in=False, **tolerant())
    with pytest.raises(Refused):
        actions.owe_later(case, "drawings", "commitment", by=district.applicant, at=MORNING)
    with pytest.raises(Invalid) as refusal:
        actions.submit(case, by=district.applicant, at=MORNING)
    assert list(refusal.value.problems) == ["material:drawings"]


def test_an_image_that_is_not_there_is_no_image(permit, district):
    case = permit(without=["contract"], hand_in=False, **tolerant())
    actions.owe_later(case, "contract", "image", by=district.applicant, at=MORNING)
    with pytest.raises(Invalid) as refusal:
        actions.submit(case, by=district.applicant, at=MORNING, undertakes=True)
    assert list(refusal.value.problems) == ["material:contract"]


def upload(text: str = "合同"):
    return [(world.pdf(text), f"{text}.pdf")]


def made_up(case: Case, district, key: str = "contract", at: datetime = MORNING) -> Assignment:
    actions.make_up(case, key, upload(key), by=district.applicant, at=at, record=new_id())
    (work,) = open_work(case, "make_up")
    return work


def test_jinan_the_licence_is_issued_only_after_everything_is_made_up(permit, district):
    case = permit(without=["contract"], owed={"contract": "commitment"}, **tolerant(issue="after"))
    decision = to_decide(case, district)
    with pytest.raises(Refused, match="施工合同"):
        actions.grant(decision, by=district.leader, at=MORNING)
    work = made_up(case, district)
    with pytest.raises(Refused):
        actions.grant(decision, by=district.leader, at=MORNING)
    actions.check_make_up(work, good=True, by=district.clerk, at=MORNING)
    assert actions.grant(decision, by=district.leader, at=MORNING).status == Status.GRANTED


def granted_on_condition(permit, district, consequence: str = "revoke") -> Case:
    case = permit(without=["contract"], owed={"contract": "commitment"}, **tolerant(consequence))
    case = actions.grant(to_decide(case, district), by=district.leader, at=MORNING)
    actions.issue(case, by=SYSTEM, at=MORNING)
    return actions.deliver(Case.objects.get(pk=case.pk), by=SYSTEM, at=MORNING)


def test_a_conditional_licence_says_so_and_stays_when_its_condition_is_met(permit, district):
    case = granted_on_condition(permit, district)
    assert "施工合同应当于 2026 年 3 月 10 日前补齐" in case.decision.conditions
    work = made_up(case, district, at=MORNING + DAY)
    actions.check_make_up(work, good=True, by=district.clerk, at=MORNING + 2 * DAY)
    sweep(at=MORNING + 30 * DAY)
    assert Licence.objects.get(case=case).status == "valid"


@pytest.mark.parametrize(
    ("consequence", "standing"), [("revoke", "revoked"), ("suspend", "suspended"), ("report", "valid")]
)
def test_a_material_that_is_not_made_up_has_the_consequence_of_its_service(permit, district, consequence, standing):
    case = granted_on_condition(permit, district, consequence)
    sweep(at=MORNING + 30 * DAY)
    sweep(at=MORNING + 31 * DAY)
    assert Licence.objects.get(case=case).status == standing
    missed = [entry for entry in history(case.pk) if entry.action == "miss"]
    assert [entry.details["consequence"] for entry in missed] == [consequence]


def test_where_the_acceptance_falls_away_the_case_ends_with_its_reasons(permit, district):
    case = permit(without=["contract"], owed={"contract": "commitment"}, **tolerant("end", "after"))
    accept(case, district)
    sweep(at=MORNING + 30 * DAY)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.result) == (Status.CLOSED, Result.TERMINATED)
    assert "施工合同" in case.decision.reasons
    assert open_work(case) == []


def test_what_was_made_up_badly_is_owed_again_by_the_same_day(permit, district):
    case = granted_on_condition(permit, district)
    work = made_up(case, district)
    with pytest.raises(Invalid):
        actions.check_make_up(work, good=False, by=district.clerk, at=MORNING)
    actions.check_make_up(work, good=False, note="缺盖章页", by=district.clerk, at=MORNING)
    assert Obligation.objects.get(subject=case.pk).status == "open"
    again = made_up(case, district, at=MORNING + DAY)
    actions.check_make_up(again, good=True, by=district.clerk, at=MORNING + DAY)
    assert Obligation.objects.get(subject=case.pk).status == "kept"


def test_a_make_up_after_a_refusal_is_told_that_it_is_over(permit, district):
    case = permit(without=["contract"], owed={"contract": "commitment"}, **tolerant(issue="after"))
    actions.refuse(to_decide(case, district), reasons="不符合", by=district.leader, at=MORNING)
    with pytest.raises(Stale):
        made_up(case, district)


def test_the_same_make_up_sent_twice_is_one(permit, district):
    case = granted_on_condition(permit, district)
    record = new_id()
    for _press in range(2):
        actions.make_up(case, "contract", upload(), by=district.applicant, at=MORNING, record=record)
    assert len(open_work(case, "make_up")) == 1
    assert Submission.objects.filter(case=case).count() == 2


# Rehearsals


def rehearsable() -> dict:
    materials = with_materials(
        "construction-permit", planning_permit={"rehearsal": "simulated"}, funding={"rehearsal": "pre_review"}
    )
    return {"materials": materials}


def rehearsed(permit, district, at: datetime = MORNING) -> Case:
    case = permit(without=["planning_permit"], hand_in=False, **rehearsable())
    actions.rehearse(case, Mode.SIMULATED, by=district.applicant, at=at)
    actions.submit(case, by=district.applicant, at=at)
    decision = to_decide(case, district, at)
    with pytest.raises(Refused):
        actions.grant(decision, by=district.leader, at=at)
    return actions.conclude(decision, verdict=Verdict.PASS, opinion="可以准予", by=district.leader, at=at)


def test_a_simulated_approval_runs_the_whole_review_and_decides_nothing(permit, district):
    case = rehearsed(permit, district)
    assert (case.status, case.result, case.accepted_at) == (Status.REHEARSED, Result.NONE, None)
    assert not case.clocks.filter(name__in=("promised", "statutory")).exists()


def test_a_rehearsal_turns_formal_only_when_everything_is_there(permit, district):
    case = rehearsed(permit, district)
    with pytest.raises(Invalid) as refusal:
        actions.formalise(case, by=district.applicant, at=MORNING)
    assert list(refusal.value.problems) == ["material:planning_permit"]


def test_it_turns_formal_in_one_step_without_a_second_review_of_what_did_not_change(permit, district):
    case = rehearsed(permit, district)
    actions.complete_materials(case, by=district.applicant, at=MORNING)
    with pytest.raises(Refused):
        actions.attach(case, "drawings", world.pdf("换图"), name="图.pdf", by=district.applicant, at=MORNING)
    actions.attach(case, "planning_permit", world.pdf("规划"), name="规划.pdf", by=district.applicant, at=MORNING)
    case = actions.formalise(case, by=district.applicant, at=MORNING + DAY)
    assert (case.mode, case.status, case.accepted_at) == (Mode.FORMAL, Status.REVIEWING, MORNING + DAY)
    # Fire does not look at the planning permit; housing and civil defence do.
    assert [work.stage for work in open_work(case)] == ["civil-defence-review", "housing-review"]
    case = review_all(case, district, MORNING + DAY)
    (decision,) = open_work(case, "decision")
    assert actions.grant(decision, by=district.leader, at=MORNING + DAY).result == Result.GRANTED
    assert first_break(Case.objects.get(pk=case.pk)) is None


# Notification and commitment

PROMISE = {
    "conditions": [words("经营场所符合规定"), words("有专人负责")],
    "liability": words("不实的，撤销许可"),
    "waives": ["contract"],
    "check": days(60),
    "correct": days(10),
    "bar": days(365, "calendar_days"),
    "basis": BASIS,
}


def committed(permit, district, **changes) -> Case:
    case = permit(without=["contract"], hand_in=False, promise={**PROMISE, **changes})
    with pytest.raises(Invalid):
        actions.commit(case, name="别人", by=district.applicant, at=MORNING)
    actions.commit(case, name=district.applicant.name, by=district.applicant, at=MORNING)
    return actions.submit(case, by=district.applicant, at=MORNING)


def test_a_commitment_stands_in_for_proof_and_review(permit, district):
    case = accept(committed(permit, district), district)
    assert case.status == Status.DECIDING
    (decision,) = open_work(case)
    case = actions.grant(decision, by=district.leader, at=MORNING)
    (check,) = open_work(case)
    assert (check.kind, local(check.due_at)) == ("check", "05-29 17:00")


def test_where_the_service_says_so_the_decision_follows_at_once(permit, district):
    case = committed(permit, district, at_once=True)
    decide_at_once(str(case.pk))
    decide_at_once(str(case.pk))
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.decision.decided_by) == (Status.GRANTED, None)
    assert [entry.action for entry in history(case.pk)].count("grant") == 1


def checked(permit, district) -> tuple[Case, Assignment]:
    case = accept(committed(permit, district), district)
    case = actions.grant(open_work(case)[0], by=district.leader, at=MORNING)
    actions.issue(case, by=SYSTEM, at=MORNING)
    case = actions.deliver(Case.objects.get(pk=case.pk), by=SYSTEM, at=MORNING)
    (check,) = open_work(case)
    return case, check


def test_a_true_commitment_is_kept(permit, district):
    case, check = checked(permit, district)
    actions.check(check, found=Found.TRUE, finding="", by=district.clerk, at=MORNING + DAY)
    assert (case.commitment.found, open_work(case)) == (Found.TRUE, [])
    assert not case.clocks.filter(ended_at=None).exists()


def test_what_a_check_finds_is_put_right_and_checked_again(permit, district):
    case, check = checked(permit, district)
    actions.check(check, found=Found.MENDING, finding="缺一块标识", by=district.clerk, at=MORNING + DAY)
    owed = Obligation.objects.get(subject=case.pk)
    (again,) = open_work(case)
    assert (again.stage, again.due_at) == ("check.2", owed.due_at)
    actions.check(again, found=Found.TRUE, finding="已整改", by=district.clerk, at=MORNING + 2 * DAY)
    assert Obligation.objects.get(subject=case.pk).status == "kept"


def test_a_false_commitment_revokes_the_licence_and_bars_from_committing_for_a_time(permit, district):
    case, check = checked(permit, district)
    with pytest.raises(Invalid):
        actions.check(check, found=Found.FALSE, finding=" ", by=district.clerk, at=MORNING + DAY)
    actions.check(check, found=Found.FALSE, finding="场所不存在", by=district.clerk, at=MORNING + DAY)
    assert Licence.objects.get(case=case).status == "valid", "a leader confirms it first"
    actions.check(check, found=Found.FALSE, finding="场所不存在", by=district.leader, at=MORNING + DAY)
    assert Licence.objects.get(case=case).status == "revoked"
    bar = Bar.objects.get()
    assert timezone.localtime(bar.until).date() == date(2027, 3, 4)
    again = draft("test-permit", district.firm, district.applicant, MORNING + 2 * DAY, like="construction-permit")
    with pytest.raises(Refused):
        actions.commit(again, name=district.applicant.name, by=district.applicant, at=MORNING + 2 * DAY)
    actions.commit(again, name=district.applicant.name, by=district.applicant, at=bar.until + DAY)


# Joint processing


def joined(join: str, **silence) -> dict:
    reviews = [
        {
            "id": f"{office}-review",
            "name": words(office),
            "kind": "review",
            "department": office,
            "after": ["intake"],
            "limit": days(1),
            **silence,
        }
        for office in ("housing", "fire")
    ]
    bureau = {"department": "approval-bureau"}
    return {
        "stages": [
            {"id": "intake", "name": words("受理"), "kind": "intake", **bureau},
            *reviews,
            {
                "id": "decision",
                "name": words("决定"),
                "kind": "decision",
                "after": ["housing-review", "fire-review"],
                "join": join,
                **bureau,
            },
        ]
    }


def test_joint_processing_all_each_opinion_has_to_be_favourable(permit, district):
    case = review_all(accept(permit(**joined("all")), district), district, fire=Verdict.FAIL)
    (decision,) = open_work(case)
    with pytest.raises(Refused, match="fire"):
        actions.grant(decision, by=district.leader, at=MORNING)
    assert actions.refuse(decision, reasons="消防不合格", by=district.leader, at=MORNING).result == Result.REFUSED


def test_joint_processing_any_one_is_enough_and_the_others_are_no_longer_asked(permit, district):
    case = accept(permit(**joined("any")), district)
    work = next(w for w in open_work(case) if w.stage == "fire-review")
    case = actions.review(work, verdict=Verdict.PASS, by=district.fire, at=MORNING)
    assert [w.stage for w in open_work(case)] == ["decision"]
    assert case.status == Status.DECIDING
    assert case.assignments.get(stage="housing-review").status == "cancelled"


def test_joint_processing_any_fails_only_when_all_fail(permit, district):
    case = accept(permit(**joined("any")), district)
    case = review_all(case, district, fire=Verdict.FAIL, housing=Verdict.FAIL)
    with pytest.raises(Refused):
        actions.grant(open_work(case)[0], by=district.leader, at=MORNING)


def test_joint_processing_lead_weighs_the_opinions(permit, district):
    case = review_all(accept(permit(**joined("lead")), district), district, fire=Verdict.FAIL)
    assert actions.grant(open_work(case)[0], by=district.leader, at=MORNING).result == Result.GRANTED


def test_no_decision_while_an_opinion_is_open(permit, district):
    case = accept(permit(**joined("all")), district)
    actions.review(open_work(case)[0], verdict=Verdict.PASS, by=district.fire, at=MORNING)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, [w.stage for w in open_work(case)]) == (Status.REVIEWING, ["housing-review"])


@pytest.mark.parametrize(("silence", "verdict"), [("agree", Verdict.SILENT), ("object", Verdict.OBJECTED)])
def test_suzhou_silence_counts_as_the_service_says(permit, district, silence, verdict):
    case = accept(permit(**joined("all", silence=silence, silence_basis=BASIS)), district)
    sweep(at=MORNING + HOUR)
    assert len(open_work(case, "review")) == 2
    sweep(at=MORNING + 3 * DAY)
    assert set(case.assignments.filter(kind="review").values_list("verdict", flat=True)) == {verdict}
    (decision,) = open_work(case)
    assert decision.kind == "decision"


def test_silence_that_means_nothing_is_told_to_the_leader(permit, district):
    case = accept(permit(**joined("all")), district)
    sweep(at=MORNING + 3 * DAY)
    assert len(open_work(case, "review")) == 2


def test_a_conditional_opinion_names_its_conditions(permit, district):
    case = accept(permit(**joined("all")), district)
    work = open_work(case, "review")[0]
    with pytest.raises(Invalid):
        actions.review(work, verdict=Verdict.CONDITIONAL, by=district.fire, at=MORNING)
    actions.review(work, verdict=Verdict.CONDITIONAL, by=district.fire, at=MORNING, conditions="加装喷淋")
    assert case.assignments.get(pk=work.pk).conditions == "加装喷淋"


def test_each_department_sees_its_own_materials_only(permit, district):
    case = accept(permit(), district)
    seen = set(
        Material.objects.visible_to(district.fire).filter(submission__case=case).values_list("key", flat=True)
    )
    assert seen == {"drawings"}
    assert {
        m.key for ms in file_of(load(case.number, district.fire), district.fire).materials.values() for m in ms
    } == {"drawings"}


# Decisions

LEVELS = {"approval": {"draft": "clerk", "levels": ["leader", "head"]}}


def test_four_eyes_a_decision_is_drafted_by_one_and_approved_by_others(permit, district):
    head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
    decision = to_decide(permit(**LEVELS), district)
    with pytest.raises((NotAllowed, Refused)):
        actions.grant(decision, by=district.leader, at=MORNING)
    case = actions.draft_decision(
        decision, verdict=Result.GRANTED, by=district.clerk, at=MORNING, conditions="按图施工"
    )
    with pytest.raises((NotAllowed, Refused)):
        actions.approve(decision, by=district.clerk, at=MORNING)
    case = actions.approve(decision, by=district.leader, at=MORNING)
    assert case.status == Status.DECIDING
    with pytest.raises((NotAllowed, Refused)):
        actions.approve(decision, by=district.leader, at=MORNING)
    case = actions.approve(decision, by=head, at=MORNING)
    assert (case.status, case.decision.conditions) == (Status.GRANTED, "按图施工")


def test_four_eyes_hold_for_one_person_in_two_seats(permit, district):
    two = world.acting(world.staff("two", "approval-bureau", Role.CLERK, Role.LEADER))
    decision = to_decide(permit(**LEVELS), district)
    actions.draft_decision(decision, verdict=Result.GRANTED, by=two, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.approve(decision, by=two, at=MORNING)


def test_a_draft_that_is_returned_is_drafted_anew(permit, district):
    decision = to_decide(permit(**LEVELS), district)
    with pytest.raises(Invalid):
        actions.draft_decision(decision, verdict=Result.REFUSED, by=district.clerk, at=MORNING)
    actions.draft_decision(decision, verdict=Result.REFUSED, reasons="不行", by=district.clerk, at=MORNING)
    with pytest.raises(Invalid):
        actions.return_draft(decision, opinion="", by=district.leader, at=MORNING)
    case = actions.return_draft(decision, opinion="理由不充分", by=district.leader, at=MORNING)
    actions.draft_decision(decision, verdict=Result.GRANTED, by=district.clerk, at=MORNING)
    assert [p.status for p in case.proposals.all()] == ["returned", "open"]


def test_article_38_a_refusal_and_a_termination_give_reasons(permit, district):
    decision = to_decide(permit(), district)
    with pytest.raises(Invalid):
        actions.terminate(decision, reasons="", by=district.leader, at=MORNING)
    case = actions.terminate(decision, reasons="申请人已注销", by=district.leader, at=MORNING)
    assert (case.result, case.decision.verdict) == (Result.TERMINATED, Result.TERMINATED)
