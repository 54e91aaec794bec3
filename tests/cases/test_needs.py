"""Needs of enterprises: several at once, a named person at once, clocks, helpers who answer for themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.helped import AT, PARK, answers, asked, help_of, raised, rule_to, seat
from zerotrip.cases import actions
from zerotrip.cases.actions import targets
from zerotrip.cases.actions.needs import Source
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.helping import Standing, standing
from zerotrip.cases.models import Assignment, Case, Clock, Door, Need, Priority
from zerotrip.cases.queries import worklist
from zerotrip.cases.states import Status
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import end_staff, record_absence
from zerotrip.parties.models import Membership, Role
from zerotrip.workdays.calendar import CHINA

LATER = AT + timedelta(minutes=20)


def china(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(CHINA):%m-%d %H:%M}"


def titles(user) -> list[str]:
    world.tell_queued()
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("template", flat=True))


def to(user, case: Case, at=LATER):
    return targets.of_person(user.pk, area_path=case.area_path, at=at)


def test_several_needs_in_one_request_are_several_cases_with_their_own_subject_owner_and_clock(helped):
    rule_to(helped, helped.helper, subjects=["need-labour"])
    request = uuid4()
    needs = [asked("need-testing"), asked("need-labour", title="缺二十名工人")]
    cases = actions.raise_needs(needs, applicant=helped.firm, request=request, by=helped.applicant, at=AT)
    assert [case.subject for case in cases] == ["能不能给我们员工做核酸检测", "缺二十名工人"]
    assert [help_of(case).assignee_id for case in cases] == [helped.duty.pk, helped.helper.pk]
    assert {case.status for case in cases} == {Status.HELPING}
    assert [china(case.due_at) for case in cases] == ["03-03 10:30", "03-03 10:30"]
    assert {need.request for need in Need.objects.all()} == {request}
    assert all(first_break(case) is None for case in cases)


def test_the_same_press_raises_them_once(helped):
    request = uuid4()
    first, again = (
        actions.raise_needs(
            [asked("need-testing")], applicant=helped.firm, request=request, by=helped.applicant, at=AT
        )
        for _ in range(2)
    )
    assert first == again
    assert Need.objects.count() == 1


def test_what_is_wrong_is_said_of_each_and_nothing_is_raised(helped):
    needs = [asked("need-testing", title=""), asked("need-labour", contact_phone="1")]
    with pytest.raises(Invalid) as refused:
        actions.raise_needs(needs, applicant=helped.firm, request=uuid4(), by=helped.applicant, at=AT)
    assert set(refused.value.problems) == {"need-0-title", "need-1-contact_phone"}
    assert not Case.objects.exists()


def test_a_stranger_raises_nothing_for_a_firm_and_a_person_has_no_needs(helped):
    with pytest.raises(NotAllowed):
        actions.raise_needs(
            [asked("need-testing")],
            applicant=helped.firm,
            request=uuid4(),
            by=helped.district.stranger,
            at=AT,
        )
    stranger = helped.district.stranger
    person = Membership.objects.filter(person=helped.applicant.person).first().person
    with pytest.raises(Refused):
        actions.raise_needs([asked("need-testing")], applicant=person, request=uuid4(), by=stranger, at=AT)


def test_staff_raise_a_need_for_a_firm_which_is_told_and_may_take_it_back(helped):
    clerk = helped.district.clerk
    source = Source("visit", uuid4())
    (case,) = actions.raise_needs(
        [asked("need-space")],
        applicant=helped.firm,
        request=uuid4(),
        by=clerk,
        at=AT,
        door=Door.PHONE,
        source=source,
    )
    assert (case.door, case.need.source, case.need.source_id) == (Door.PHONE, "visit", source.id)
    assert case.submissions.get().door == Door.PHONE
    world.tell_queued()
    assert Notice.objects.get(user=helped.applicant.user_id).template == "need_noted"
    case = actions.withdraw(case, by=helped.applicant, at=LATER)
    assert case.status == Status.CLOSED
    assert not world.open_work(case)


def test_a_need_that_says_where_it_is_lies_there(helped):
    case = raised(helped)
    assert case.area_path.endswith(f"/{PARK}/")
    elsewhere = {"area": "370100000000", "detail": "别处"}
    with pytest.raises(Invalid) as refused:
        raised(helped, site=elsewhere)
    assert set(refused.value.problems) == {"need-0-site"}


def test_what_no_rule_fits_goes_to_the_duty_officer_of_the_nearest_area_at_once(helped):
    seat("区值班", "enterprise-service", Role.DUTY)
    work = help_of(raised(helped))
    assert (work.assignee_id, work.role) == (helped.duty.pk, Role.DUTY)
    first = {"area": "370199001001", "detail": "一街道"}
    elsewhere = help_of(raised(helped, site=first))
    assert elsewhere.assignee.person.name == "区值班"  # up the tree
    assert titles(helped.duty.pk) == ["staff_need"]


def test_of_two_on_duty_the_one_with_less_to_do_gets_it(helped):
    other = seat("另一值班", "subdistrict-office", Role.DUTY, area="370199002000")
    got = [help_of(raised(helped)).assignee_id for _ in range(4)]
    assert sorted(map(str, got)) == sorted(map(str, [helped.duty.pk, other.pk] * 2))


def test_without_anybody_on_duty_it_is_the_work_of_whoever_leads(helped):
    end_staff(helped.duty, by=SYSTEM, at=AT)
    work = help_of(raised(helped, at=LATER))
    assert (work.department.code, work.role, work.assignee_id) == ("enterprise-service", Role.LEADER, None)


def test_a_need_is_never_lost_with_whoever_had_it(helped):
    case = raised(helped)
    stand_by = seat("新值班", "subdistrict-office", Role.DUTY, area="370199002000")
    end_staff(helped.duty, by=SYSTEM, at=AT)
    assert sweep(at=LATER)["needs without an owner"] == 1
    assert help_of(case).assignee_id == stand_by.pk
    assert sweep(at=LATER)["needs without an owner"] == 0
    assert [e.action for e in Entry.objects.filter(subject=case.pk, action="route")] == ["route", "route"]


def test_a_need_whose_work_was_wiped_finds_an_owner_again(helped):
    case = raised(helped)
    Assignment.objects.filter(case=case).delete()
    assert sweep(at=LATER)["needs without an owner"] == 1
    assert help_of(case).assignee_id == helped.duty.pk


def test_clocks_to_answer_plan_and_settle_run_from_the_beginning_and_end_one_by_one(helped):
    case = raised(helped)
    names = lambda: set(Clock.objects.filter(case=case, ended_at=None).values_list("name", flat=True))  # noqa: E731
    assert names() == {"answer", "plan", "promised"}
    duty = world.acting(helped.duty)
    case = actions.answer_need(help_of(case), text="您好，我来帮您。", by=duty, at=LATER)
    assert names() == {"plan", "promised"}
    assert china(case.due_at) == "03-04 09:30"  # 24 hours, around the clock
    assert help_of(case).due_at == case.due_at
    case = actions.plan_need(help_of(case), text="明天上午九点上门。", by=duty, at=LATER)
    assert china(case.due_at) == "03-10 09:30"
    case = actions.resolve_need(help_of(case), outcome="已采样 126 人。", by=duty, at=LATER)
    assert (case.status, case.due_at, names()) == (Status.CONFIRMING, None, set())
    told = ["need_raised", "need_answered", "need_planned", "need_resolved"]
    assert titles(helped.applicant.user_id) == told


def test_clocks_of_an_office_subject_count_office_hours(helped):
    evening = datetime(2026, 3, 6, 16, 40, tzinfo=CHINA)  # a Friday
    case = raised(helped, "need-labour", at=evening)
    due = {clock.name: china(clock.due_at) for clock in case.clocks.all()}
    assert due == {"answer": "03-09 09:10", "plan": "03-09 17:00", "promised": "03-17 17:00"}


def test_a_plan_is_an_answer_too_and_nobody_answers_twice(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    actions.plan_need(help_of(case), text="明天上门。", by=duty, at=LATER)
    assert not case.clocks.filter(ended_at=None, name="answer").exists()
    with pytest.raises(Refused):
        actions.answer_need(help_of(case), text="您好。", by=duty, at=LATER)


def test_the_same_press_is_done_once(helped):
    case = raised(helped)
    work, duty = help_of(case), world.acting(helped.duty)
    for _ in range(2):
        actions.answer_need(work, text="您好。", by=duty, at=LATER, key="k")
        actions.report_need(work, text="进展。", by=duty, at=LATER, key="r")
    done = Entry.objects.filter(subject=case.pk, action__in=("answer", "report"))
    assert sorted(done.values_list("action", flat=True)) == ["answer", "report"]


@pytest.mark.parametrize(
    ("act", "place"),
    [
        ("answer_need", "text"),
        ("plan_need", "text"),
        ("report_need", "text"),
        ("resolve_need", "outcome"),
        ("decline_help", "reason"),
    ],
)
def test_nothing_is_said_to_a_firm_without_a_word(helped, act, place):
    work = help_of(raised(helped))
    with pytest.raises(Invalid) as refused:
        getattr(actions, act)(work, **{place: " "}, by=world.acting(helped.duty), at=LATER)
    assert list(refused.value.problems) == [place]


def test_only_whoever_it_was_given_to_helps(helped):
    work = help_of(raised(helped))
    with pytest.raises(NotAllowed):
        actions.answer_need(work, text="您好。", by=world.acting(helped.helper), at=LATER)


def test_whoever_answers_for_an_office_has_it_from_then_on(helped):
    office = rule_to(helped, office=helped_office("human-resources"), name="交人社局")
    case = raised(helped)
    assert (office.stopped, help_of(case).assignee_id) == ("", None)
    helper = world.acting(helped.helper)
    assert case in [work.case for work in worklist(helper)]
    actions.answer_need(help_of(case), text="您好。", by=helper, at=LATER)
    assert help_of(case).assignee_id == helped.helper.pk


def helped_office(code: str):
    from zerotrip.parties.models import Party

    return Party.objects.get(code=code).pk


def test_several_helpers_answer_each_for_themselves_and_the_need_stands_where_they_do(helped):
    case = raised(helped)
    duty, second = world.acting(helped.duty), world.acting(helped.second)
    actions.ask_helper(help_of(case), to=to(helped.second, case), what="请派采样队。", by=duty, at=LATER)
    first, asked_later = world.open_work(case, "help")
    assert (first.assignee_id, asked_later.assignee_id) == (helped.duty.pk, helped.second.pk)
    assert china(asked_later.due_at) == "03-03 10:50"  # an hour of their own
    case = actions.resolve_need(first, outcome="场地已备好。", by=duty, at=LATER)
    assert case.status == Status.HELPING  # one is still at it
    case = actions.decline_help(asked_later, reason="今天没有队伍。", by=second, at=LATER)
    assert case.status == Status.CONFIRMING  # all answered, one did it


def test_when_all_decline_it_goes_to_whoever_leads_with_all_the_reasons(helped):
    case = raised(helped)
    duty, second = world.acting(helped.duty), world.acting(helped.second)
    actions.ask_helper(help_of(case), to=to(helped.second, case), what="请派队。", by=duty, at=LATER)
    first, other = world.open_work(case, "help")
    actions.decline_help(first, reason="不归街道管。", by=duty, at=LATER)
    case = actions.decline_help(other, reason="没有队伍。", by=second, at=LATER)
    lead = help_of(case)
    assert (case.status, lead.stage, lead.role) == (Status.HELPING, "lead.1", Role.LEADER)
    world.tell_queued()
    told = Notice.objects.get(user=helped.lead.pk, template="staff_need_declined")
    assert "不归街道管。" in told.context["reasons"]
    assert "没有队伍。" in told.context["reasons"]
    with pytest.raises(Refused):  # there is nobody to give it back to
        actions.decline_help(lead, reason="不办。", by=world.acting(helped.lead), at=LATER)
    case = actions.cannot_resolve(lead, reasons="全市停采。", by=world.acting(helped.lead), at=LATER)
    assert (case.status, case.result) == (Status.CLOSED, "unresolved")


def test_where_a_need_stands_follows_from_its_helpers_alone():
    def work(status: str, verdict: str = "") -> Assignment:
        return Assignment(kind="help", status=status, verdict=verdict)

    assert standing([work("open"), work("done", "pass")]) is Standing.HELPING
    assert standing([work("done", "fail"), work("done", "pass")]) is Standing.SETTLED
    assert standing([work("done", "fail"), work("cancelled")]) is Standing.DECLINED
    assert standing([work("superseded", "pass")]) is Standing.DECLINED


def test_a_need_handed_on_does_not_come_back_in_a_circle(helped):
    case = raised(helped)
    duty, helper = world.acting(helped.duty), world.acting(helped.helper)
    actions.hand_on(help_of(case), to=to(helped.helper, case), reason="用工归人社。", by=duty, at=LATER)
    assert help_of(case).assignee_id == helped.helper.pk
    with pytest.raises(Refused) as circle:
        actions.hand_on(help_of(case), to=to(helped.duty, case), reason="归街道。", by=helper, at=LATER)
    assert "值班员 → 帮办员 → 值班员（" in circle.value.message
    assert help_of(case).assignee_id == helped.helper.pk


def test_nobody_is_asked_who_is_at_it_or_acts_for_the_firm_or_has_no_seat_there(helped):
    case = raised(helped)
    duty = world.acting(helped.duty)
    with pytest.raises(Refused):
        actions.ask_helper(help_of(case), to=to(helped.duty, case), what="请办。", by=duty, at=LATER)
    world.agent(helped.helper, helped.firm)
    with pytest.raises(Refused):
        actions.hand_on(help_of(case), to=to(helped.helper, case), reason="转。", by=duty, at=LATER)
    with pytest.raises(Refused):
        to(seat("外街道", "subdistrict-office", Role.HELPER, area="370199001000"), case)


def test_staff_split_another_need_out_of_one(helped):
    rule_to(helped, helped.helper, subjects=["need-labour"])
    case = raised(helped, detail="要检测，另外缺二十个人。")
    labour = asked("need-labour").service
    actions.split_need(
        help_of(case), into=labour, title="缺二十人", detail="缝纫工", by=world.acting(helped.duty), at=LATER
    )
    other = Case.objects.exclude(pk=case.pk).get()
    assert (other.subject, other.need.request, other.applicant) == ("缺二十人", case.need.request, case.applicant)
    assert other.submissions.get().answers["site"] == answers("need-testing")["site"]
    assert help_of(other).assignee_id == helped.helper.pk
    assert help_of(case).assignee_id == helped.duty.pk


def test_a_leader_puts_a_need_into_the_green_channel_with_a_reason_and_a_shorter_end(helped):
    case = raised(helped)
    lead = world.acting(helped.lead)
    actions.put_in_green(case, contact=world.acting(helped.duty), reason="全员停工等检测", by=lead, at=LATER)
    case.refresh_from_db()
    assert (case.priority, case.contact_id) == (Priority.GREEN, helped.duty.pk)
    assert china(case.due_at) == "03-03 10:30"  # still with the answer
    assert china(case.clocks.get(name="promised").due_at) == "03-06 09:30"
    assert Entry.objects.get(subject=case.pk, action="green").reason == "全员停工等检测"


def test_a_rule_puts_needs_into_the_green_channel_by_its_own_reason(helped):
    rule_to(helped, helped.second, subjects=["need-testing"], green="疫情防控检测优先")
    case = raised(helped)
    assert (case.priority, case.contact_id) == (Priority.GREEN, helped.second.pk)
    assert help_of(case).priority == Priority.GREEN
    assert Entry.objects.get(subject=case.pk, action="green").reason == "疫情防控检测优先"


def test_lights_of_a_need_turn_and_the_leader_of_its_subject_is_told(helped):
    case = raised(helped)
    sweep(at=AT + timedelta(minutes=46))
    sweep(at=AT + timedelta(minutes=61))
    assert titles(helped.duty.pk) == ["staff_need", "staff_watch", "staff_late"]
    assert "staff_late" in titles(helped.lead.pk)
    assert Entry.objects.filter(subject=case.pk, action="late").count() == 1


def test_reminders_are_rows_one_a_day_and_none_the_day_after_a_notice(helped):
    case = raised(helped)
    world.tell_queued()
    Clock.objects.filter(case=case).update(told=3)  # without lights, which tell of it too
    days = [AT + timedelta(days=n, hours=1) for n in range(4)]  # Tuesday to Friday
    assert [actions.remind_helpers(at=day) for day in days] == [0, 0, 1, 0]
    world.tell_queued()
    assert actions.remind_helpers(at=days[2] + timedelta(hours=2)) == 0
    assert titles(helped.duty.pk) == ["staff_need", "staff_need_reminder"]
    assert [str(one.day) for one in help_of(case).reminders.all()] == ["2026-03-05"]
    with pytest.raises(IntegrityError), transaction.atomic():
        help_of(case).reminders.create(day="2026-03-05", at=AT)


def test_nobody_is_reminded_on_a_day_off_or_before_offices_open(helped):
    case = raised(helped)
    Notice.objects.all().delete()
    Clock.objects.filter(case=case).update(told=3)
    saturday, early = AT + timedelta(days=4), AT + timedelta(days=2) - timedelta(hours=2)
    assert (actions.remind_helpers(at=saturday), actions.remind_helpers(at=early)) == (0, 0)


def test_a_leavers_forty_three_needs_are_handed_over_in_one_action(helped):
    for _ in range(43):
        raised(helped)
    other = seat("接手人", "subdistrict-office", Role.DUTY, area="370199002000")
    leaver = world.acting(helped.duty)
    done = actions.hand_over(helped.duty, to=world.acting(other), by=leaver, at=LATER)
    assert [answer.done for answer in done] == [True] * 43
    assert Assignment.objects.filter(assignee=other, status="open").count() == 43
    assert not Assignment.objects.filter(assignee=helped.duty, status="open").exists()


def test_a_stand_in_helps_with_the_needs_of_whoever_is_away(helped):
    other = seat("代班人", "subdistrict-office", Role.DUTY, area="370199002000")
    case = raised(helped)
    work = help_of(case)
    away = helped.duty if work.assignee_id == helped.duty.pk else other
    there = other if away == helped.duty else helped.duty
    record_absence(
        away.person, stand_in=there.person, since=AT, until=AT + timedelta(days=3), by=world.acting(away), at=AT
    )
    actions.answer_need(work, text="我代班。", by=world.acting(there, LATER), at=LATER)
    assert help_of(case).findings["answer"] == "我代班。"


def test_nothing_is_done_to_a_need_that_is_closed(helped):
    case = raised(helped)
    work = help_of(case)
    actions.withdraw(case, by=helped.applicant, at=LATER)
    with pytest.raises(Stale):
        actions.answer_need(work, text="您好。", by=world.acting(helped.duty), at=LATER)
