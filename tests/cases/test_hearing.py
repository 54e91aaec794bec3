"""Third parties are told and heard (行政许可法 art. 36); hearings are called, held and minuted (arts. 46–48)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from tests.cases.test_doors import delegate
from tests.cases.test_rules_of_law import accept, clock, local, permit, to_decide  # noqa: F401  a fixture among them
from tests.lawful import BASIS, days
from tests.world import MORNING, open_work
from zerotrip.cases import actions, tasks
from zerotrip.cases.actions.concerned import purge_contacts
from zerotrip.cases.actions.hearing import earliest, may_add_scan, may_preside
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Assignment, Case, ClockName, Concerned, Hearing, Procedure, Telling
from zerotrip.cases.states import Result
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.files import actions as files
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Deed, Role, User

DAY = timedelta(days=1)
HEARD = {
    "statutory": days(20),
    "promised": days(20),
    "procedures": [{"kind": "hearing", "most": days(20)}],
    "hearing": {"held": "asked", "basis": BASIS},
}
BEFORE_NATIONAL_DAY = datetime(2026, 9, 28, 1, 30, tzinfo=UTC)
"""Monday, 09:30; the 1st to the 7th of October are off, Saturday the 10th is worked."""


def of_own_accord(held: str) -> dict:
    return {**HEARD, "hearing": {"held": held, "basis": BASIS}}


@pytest.fixture
def chair(district) -> User:
    """Somebody of the bureau who has nothing to do with the case."""
    return world.staff("听证员", "approval-bureau", Role.CLERK)


def neighbour(work: Assignment, district, at: datetime = MORNING, *, by=None, **changes) -> Concerned:
    said = {"name": "邻居甲", "contact": "济南市虚构路 2 号", "interest": "采光", **changes}
    return actions.record_concerned(work, concerned=new_id(), by=by or district.leader, at=at, **said)


def told_of_view(work: Assignment, district, at: datetime = MORNING, via: str = "post", **changes) -> Telling:
    one = neighbour(work, district, at, **changes)
    return actions.tell_concerned(work, one.pk, via=via, by=district.leader, at=at)


def view(case: Case, *, to_applicant: bool = False) -> Telling:
    return Telling.objects.get(case=case, what="view", to_applicant=to_applicant)


def right(case: Case, *, to_applicant: bool = False) -> Telling:
    return Telling.objects.get(case=case, what="right", to_applicant=to_applicant)


def note(work, telling, answer, district, at: datetime = MORNING, on: date | None = None, words: str = ""):
    day = on or at.astimezone().date()
    return actions.note_answer(work, telling.pk, answer=answer, words=words, on=day, by=district.leader, at=at)


def both_silent_on_views(case, work, district, at: datetime = MORNING) -> None:
    """A neighbour is recorded and told, and nobody has a view."""
    told_of_view(work, district, at)
    note(work, view(case), "nothing", district, at)
    actions.answer(case, view(case, to_applicant=True).pk, answer="nothing", by=district.applicant, at=at)


def tell_right(case, work, district, at: datetime = MORNING) -> Case:
    ways = {one.pk: "post" for one in Concerned.objects.filter(case=case)}
    return actions.tell_right(work, ways=ways, by=district.leader, at=at)


def call(case, work, chair, district, at: datetime = MORNING, **changes):
    begins = datetime.combine(earliest(case, at=at), datetime.min.time(), MORNING.tzinfo) + timedelta(hours=2)
    given = {
        "begins_at": begins,
        "place": "政务大厅三楼",
        "presider": chair.pk,
        "amount": 15,
        "ways": {one.pk: "post" for one in Concerned.objects.filter(case=case)},
        "calls": 0,
        "by": district.leader,
        "at": at,
        **changes,
    }
    return actions.call_hearing(work, **given)


def hearing(case: Case) -> Hearing:
    return Hearing.objects.get(case=case, dropped_at=None)


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def asked_for(case, work, district, at: datetime = MORNING) -> None:
    """The applicant asks for a hearing, and the neighbour waives it."""
    both_silent_on_views(case, work, district, at)
    tell_right(case, work, district, at)
    note(work, right(case), "waived", district, at)
    actions.answer(case, right(case, to_applicant=True).pk, answer="asked", by=district.applicant, at=at)


# Article 36


def test_article_36_the_decision_waits_while_somebody_told_may_still_answer(permit, district):  # noqa: F811
    case = permit(**{**HEARD, "hearing": None})
    decision = to_decide(case, district)
    neighbour(decision, district)
    with pytest.raises(Refused, match="还没有告知利害关系人邻居甲"):
        actions.grant(decision, by=district.leader, at=MORNING)
    one = Concerned.objects.get()
    actions.tell_concerned(decision, one.pk, via="post", by=district.leader, at=MORNING)
    assert local(view(case).until) == "03-10 17:00"
    for decide in (
        lambda at: actions.grant(decision, by=district.leader, at=at),
        lambda at: actions.refuse(decision, reasons="不符合条件", by=district.leader, at=at),
    ):
        with pytest.raises(Refused, match=r"2026-03-10 17:00|2026年3月10日 17:00|2026/3/10 17:00|3月10日"):
            decide(MORNING + DAY)
    case = actions.grant(decision, by=district.leader, at=MORNING + 8 * DAY)
    assert case.result == Result.GRANTED
    assert first_break(case) is None


def test_article_36_what_they_say_is_kept_with_who_noted_it_and_the_applicant_is_heard_too(permit, district):  # noqa: F811
    case = permit(**{**HEARD, "hearing": None})
    decision = to_decide(case, district)
    told_of_view(decision, district)
    note(decision, view(case), "said", district, MORNING + DAY, words="挡住了我家采光")
    with pytest.raises(Refused, match="申请人可以在"):
        actions.grant(decision, by=district.leader, at=MORNING + DAY)
    mine = view(case, to_applicant=True)
    case = actions.answer(
        case, mine.pk, answer="said", words="间距符合规定", by=district.applicant, at=MORNING + DAY
    )
    theirs = view(case)
    assert (theirs.words, theirs.answered_on, theirs.noted_by_id) == (
        "挡住了我家采光",
        date(2026, 3, 4),
        district.leader.user_id,
    )
    assert view(case, to_applicant=True).noted_by_id == district.applicant.user_id
    actions.grant(decision, by=district.leader, at=MORNING + DAY)
    assert "挡住了" not in str([(entry.reason, entry.details) for entry in history(case.pk)])
    assert "邻居甲" not in str([(entry.reason, entry.details) for entry in history(case.pk)])


def test_article_36_the_days_to_answer_are_the_districts(permit, district):  # noqa: F811
    case = permit(third_parties={"within": days(10)})
    told_of_view(to_decide(case, district), district)
    assert local(view(case).until) == "03-17 17:00"


def test_article_36_days_told_before_national_day_run_on_after_it(permit, district):  # noqa: F811
    at = BEFORE_NATIONAL_DAY
    case = permit(at)
    told_of_view(to_decide(case, district, at), district, at)
    assert local(view(case).until) == "10-10 17:00", "two days before, three after, the Saturday worked"


def test_article_36_whoever_has_an_account_is_told_here_and_others_by_a_way_that_is_on_record(permit, district):  # noqa: F811
    case = permit()
    decision = to_decide(case, district)
    with pytest.raises(Invalid) as refusal:
        told_of_view(decision, district, via="portal")
    assert "via" in refusal.value.problems
    known = User.objects.get(pk=district.stranger.user_id)
    one = neighbour(decision, district, name="邻居乙", contact=known.phone)
    told = actions.tell_concerned(decision, one.pk, via="portal", by=district.leader, at=MORNING)
    assert actions.tell_concerned(decision, one.pk, via="portal", by=district.leader, at=MORNING) == told
    world.tell_queued()
    assert Notice.objects.filter(template="third_view", user=known).count() == 1
    assert Notice.objects.filter(template="hear_view", user=district.applicant.user_id).count() == 1
    actions.answer_as_concerned(told, answer="said", words="噪声太大", by=district.stranger, at=MORNING)
    assert Telling.objects.get(pk=told.pk).noted_by_id == district.stranger.user_id
    mine = Telling.objects.get(case=case, to_applicant=True)
    with pytest.raises(NotFound):
        actions.answer_as_concerned(mine, answer="nothing", by=district.stranger, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.answer(case, told.pk, answer="nothing", by=district.stranger, at=MORNING)


@pytest.mark.parametrize("missing", ["name", "contact", "interest"])
def test_article_36_somebody_concerned_is_named_and_can_be_reached(permit, district, missing):  # noqa: F811
    decision = to_decide(permit(), district)
    with pytest.raises(Invalid) as refusal:
        neighbour(decision, district, **{missing: " "})
    assert list(refusal.value.problems) == [missing]
    neighbour(decision, district)
    with pytest.raises(IntegrityError, match="named_and_reached"), transaction.atomic():
        Concerned.objects.update(**{missing: ""})


def test_somebody_recorded_by_mistake_is_taken_back_until_they_are_told(permit, district):  # noqa: F811
    case = permit()
    decision = to_decide(case, district)
    one = neighbour(decision, district)
    actions.forget_concerned(decision, one.pk, by=district.leader, at=MORNING)
    assert not Concerned.objects.exists()
    told = told_of_view(decision, district)
    with pytest.raises(Refused):
        actions.forget_concerned(decision, told.concerned_id, by=district.leader, at=MORNING)


def test_recorded_twice_by_one_press_it_is_one(permit, district):  # noqa: F811
    decision = to_decide(permit(), district)
    key = new_id()
    said = {"name": "邻居甲", "contact": "虚构路 2 号", "interest": "采光", "concerned": key}
    for _press in range(2):
        actions.record_concerned(decision, **said, by=district.leader, at=MORNING)
    assert Concerned.objects.count() == 1


def test_an_answer_comes_between_the_notice_and_today_and_is_given_once(permit, district):  # noqa: F811
    case = permit()
    decision = to_decide(case, district)
    told_of_view(decision, district)
    for day in (date(2026, 3, 2), date(2026, 3, 9), None):
        with pytest.raises(Invalid):
            actions.note_answer(decision, view(case).pk, answer="nothing", on=day, by=district.leader, at=MORNING)
    with pytest.raises(Invalid) as refusal:
        note(decision, view(case), "asked", district)
    assert "answer" in refusal.value.problems
    note(decision, view(case), "nothing", district)
    note(decision, view(case), "nothing", district)
    with pytest.raises(Stale):
        note(decision, view(case), "said", district, words="又有意见了")


def test_a_filing_touches_nobodys_licence_and_a_rehearsal_hears_nobody(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=MORNING)
    accept(case, district)
    (decision,) = open_work(case, "decision")
    with pytest.raises(Refused):
        neighbour(decision, district)


# Articles 46 to 48


def test_article_47_the_applicant_and_those_concerned_are_told_before_the_decision(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    with pytest.raises(Refused, match="还没有告知邻居甲有权要求听证"):
        actions.grant(decision, by=district.leader, at=MORNING)
    tell_right(case, decision, district)
    with pytest.raises(Stale):
        tell_right(case, decision, district)
    assert [local(one.until) for one in Telling.objects.filter(what="right")] == ["03-10 17:00"] * 2
    with pytest.raises(Refused, match="前要求听证"):
        actions.grant(decision, by=district.leader, at=MORNING + DAY)
    actions.grant(decision, by=district.leader, at=MORNING + 8 * DAY)


def test_article_47_the_five_days_are_working_days(permit, district):  # noqa: F811
    at = BEFORE_NATIONAL_DAY
    case = permit(at, **HEARD)
    decision = to_decide(case, district, at)
    both_silent_on_views(case, decision, district, at)
    tell_right(case, decision, district, at)
    assert local(right(case).until) == "10-10 17:00"


def test_article_47_who_waives_the_hearing_need_not_be_waited_for(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    tell_right(case, decision, district)
    note(decision, right(case), "waived", district)
    actions.answer(case, right(case, to_applicant=True).pk, answer="waived", by=district.applicant, at=MORNING)
    actions.grant(decision, by=district.leader, at=MORNING)


def test_article_47_without_anybody_concerned_nothing_waits(permit, district):  # noqa: F811
    actions.grant(to_decide(permit(**HEARD), district), by=district.leader, at=MORNING)


def test_article_47_a_request_after_the_five_days_is_too_late(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    tell_right(case, decision, district)
    late = MORNING + 8 * DAY
    with pytest.raises(Invalid, match="期限已经过去"):
        actions.answer(case, right(case, to_applicant=True).pk, answer="asked", by=district.applicant, at=late)
    note(decision, right(case), "asked", district, late, on=date(2026, 3, 10))
    assert hearing(case).ground == "asked", "it came in time and was noted later"


def test_article_47_it_is_held_within_twenty_working_days_of_the_request_and_lateness_is_told(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    limit = clock(case, ClockName.HEARING)
    assert local(limit.due_at) == "03-31 17:00"
    assert again(case).due_at == clock(case, ClockName.PROMISED).due_at, "the case is due by its own limit"
    sweep(at=limit.due_at + timedelta(minutes=1))
    world.tell_queued()
    assert Notice.objects.filter(template="staff_hearing_late", user=district.leader.user_id).exists()
    assert [entry.details["clock"] for entry in history(case.pk) if entry.action == "late"].count("hearing") == 1


def test_article_47_the_twenty_days_skip_national_day(permit, district):  # noqa: F811
    at = BEFORE_NATIONAL_DAY
    case = permit(at, **HEARD)
    decision = to_decide(case, district, at)
    asked_for(case, decision, district, at)
    assert local(clock(case, ClockName.HEARING).due_at) == "10-30 17:00"


def test_article_47_a_request_that_is_withdrawn_lets_the_case_go_on(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    assert again(case).suspended
    mine = right(case, to_applicant=True)
    actions.answer(case, mine.pk, answer="waived", by=district.applicant, at=MORNING + DAY)
    assert (again(case).suspended, Hearing.objects.get().dropped_at) == (False, MORNING + DAY)
    assert clock(case, ClockName.HEARING).ended_at == MORNING + DAY
    actions.grant(decision, by=district.leader, at=MORNING + DAY)


def test_article_47_it_goes_on_while_another_asks(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    tell_right(case, decision, district)
    note(decision, right(case), "asked", district)
    mine = right(case, to_applicant=True)
    actions.answer(case, mine.pk, answer="asked", by=district.applicant, at=MORNING)
    actions.answer(case, mine.pk, answer="waived", by=district.applicant, at=MORNING)
    assert hearing(case).dropped_at is None


@pytest.mark.parametrize("held", ["law", "public"])
def test_article_46_what_has_to_be_heard_is_not_decided_without_and_is_announced(permit, district, chair, held):  # noqa: F811
    case = permit(**of_own_accord(held))
    decision = to_decide(case, district)
    with pytest.raises(Refused, match="应当举行听证"):
        actions.grant(decision, by=district.leader, at=MORNING)
    with pytest.raises(Invalid) as refusal:
        call(case, decision, chair, district)
    assert list(refusal.value.problems) == ["announced"]
    call(case, decision, chair, district, announced="区政府网站")
    assert hearing(case).ground == held
    with pytest.raises(IntegrityError, match="is_announced"), transaction.atomic():
        Hearing.objects.update(announced="")


def test_article_48_seven_working_days_before_and_over_national_day(permit, district, chair):  # noqa: F811
    at = BEFORE_NATIONAL_DAY
    case = permit(at, **of_own_accord("public"))
    decision = to_decide(case, district, at)
    assert earliest(case, at=at) == date(2026, 10, 14), "the seventh working day is the 13th"
    soon = datetime(2026, 10, 13, 2, tzinfo=UTC)
    with pytest.raises(Invalid) as refusal:
        call(case, decision, chair, district, at, announced="公告栏", begins_at=soon)
    assert list(refusal.value.problems) == ["begins_at"]
    call(case, decision, chair, district, at, announced="公告栏", begins_at=soon + DAY)


def test_article_48_asked_for_it_is_not_called_for_a_day_after_the_twenty(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    with pytest.raises(Invalid) as refusal:
        call(case, decision, chair, district, begins_at=datetime(2026, 4, 1, 2, tzinfo=UTC), amount=20)
    assert "begins_at" in refusal.value.problems
    late = MORNING + 25 * DAY
    call(case, decision, chair, district, late), "better late than never, and its lateness is on record"


def test_article_48_the_notice_stops_the_clock_and_the_minutes_start_it_again(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    before = again(case).due_at
    call(case, decision, chair, district)
    stopped = again(case).suspensions.get()
    assert (stopped.kind, local(stopped.until)) == (Procedure.HEARING, "03-24 17:00")
    assert again(case).due_at > before
    with pytest.raises(Refused):
        actions.refuse(decision, reasons="不符合", by=district.leader, at=MORNING + DAY)
    held = hearing(case).begins_at
    assert local(held) == "03-13 10:00"
    with pytest.raises(Refused, match="还没有举行"):
        actions.keep_minutes(decision, minutes="记录", signed="邻居甲", by=district.leader, at=MORNING + DAY)
    actions.keep_minutes(
        decision, minutes="双方陈述", signed="邻居甲\n林知远", refused="某人", by=district.leader, at=held + DAY
    )
    kept = hearing(case)
    assert [(one["name"], one["signed"]) for one in kept.signatures] == [
        ("邻居甲", True),
        ("林知远", True),
        ("某人", False),
    ]
    assert not again(case).suspended
    assert again(case).suspensions.get().ended_at == held + DAY
    assert clock(case, ClockName.HEARING).ended_at == held + DAY
    with pytest.raises(Stale):
        actions.keep_minutes(decision, minutes="又记", signed="甲", by=district.leader, at=held + DAY)
    case = actions.grant(decision, by=district.leader, at=held + DAY)
    assert first_break(case) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Hearing.objects.update(minutes="")


def test_pressed_again_and_again_each_step_of_a_hearing_is_taken_once(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    for _press in range(3):
        call(case, decision, chair, district, key="press")
    held = hearing(case).begins_at
    said = {"minutes": "双方陈述", "signed": "邻居甲", "by": district.leader, "at": held + DAY, "key": "press"}
    for _press in range(3):
        actions.keep_minutes(decision, **said)
    assert (hearing(case).calls, again(case).suspensions.count()) == (1, 1)
    entries = [entry.details["what"] for entry in history(case.pk) if entry.action == "hear"]
    assert (entries.count("called"), entries.count("minutes")) == (1, 1)


def test_an_old_page_does_nothing_more_to_a_decided_case(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    one = neighbour(decision, district)
    said = {"by": district.leader, "at": MORNING, "key": "page"}
    told = actions.tell_concerned(decision, one.pk, via="post", **said)
    actions.withdraw(again(case), by=district.applicant, at=MORNING)
    with pytest.raises(Stale):
        actions.note_answer(decision, told.pk, answer="nothing", on=MORNING.date(), **said)
    told.refresh_from_db()
    assert told.answer == ""


def held_until_now(permit, district, chair):  # noqa: F811
    """A case whose hearing was held, its decision, and the moment after."""
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    return case, decision, hearing(case).begins_at + DAY


def paper(text: str = "签字的笔录", at: datetime = MORNING) -> Blob:
    return files.store(world.pdf(text), at=at)


def keep(decision, district, at: datetime, **changes) -> None:
    actions.keep_minutes(decision, minutes="双方陈述", signed="邻居甲", by=district.leader, at=at, **changes)


def test_article_48_the_signed_paper_is_kept_with_the_minutes(permit, district, chair):  # noqa: F811
    case, decision, now = held_until_now(permit, district, chair)
    signed = paper()
    keep(decision, district, now, scan=signed)
    assert hearing(case).scan == signed
    entry = history(case.pk).last()
    assert (entry.details["what"], entry.details["scan"]) == ("minutes", signed.pk)
    assert files.sweep(at=now + 9 * DAY) == 0, "what a hearing refers to is not swept away"
    with pytest.raises(Stale, match="不能更换"):
        actions.add_scan(hearing(case), paper("另一份"), by=district.leader, at=now)
    assert hearing(case).scan == signed


def test_article_48_a_paper_that_comes_late_is_added_once_however_far_the_case_is(permit, district, chair):  # noqa: F811
    case, decision, now = held_until_now(permit, district, chair)
    with pytest.raises(Refused, match="还没有存档"):
        actions.add_scan(hearing(case), paper(), by=district.leader, at=now)
    keep(decision, district, now)
    assert history(case.pk).last().details.get("scan") is None
    case = actions.grant(decision, by=district.leader, at=now)
    signed = paper(at=now)
    for _twice in range(2):
        assert actions.add_scan(hearing(case), signed, by=district.clerk, at=now + DAY).scan == signed
    entries = [entry for entry in history(case.pk) if entry.action == "minutes_signed"]
    assert [(one.actor, one.details) for one in entries] == [(district.clerk.user_id, {"scan": signed.pk})]
    assert first_break(again(case)) is None


def test_article_48_others_add_no_paper(permit, district, chair):  # noqa: F811
    case, decision, now = held_until_now(permit, district, chair)
    keep(decision, district, now)
    for other in (district.applicant, district.housing, district.supervisor):
        assert not may_add_scan(again(case), hearing(case), other)
        with pytest.raises(NotAllowed):
            actions.add_scan(hearing(case), paper(), by=other, at=now)
    assert hearing(case).scan is None


def test_article_48_whoever_put_the_minutes_on_file_adds_the_paper_from_another_department(permit, district, chair):  # noqa: F811
    case, decision, now = held_until_now(permit, district, chair)
    keep(decision, district, now)
    Hearing.objects.update(kept_by=district.housing.user_id)
    actions.add_scan(hearing(case), paper(), by=district.housing, at=now)
    assert hearing(case).scan is not None


def test_no_signed_paper_is_there_without_minutes(permit, district, chair):  # noqa: F811
    held_until_now(permit, district, chair)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hearing.objects.update(scan=paper())


def test_article_48_the_clock_runs_on_once_the_announced_time_is_over_and_the_decision_still_waits(
    permit,  # noqa: F811
    district,
    chair,
):
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    over = again(case).suspensions.get().until + timedelta(minutes=1)
    sweep(at=over)
    assert not again(case).suspended
    with pytest.raises(Refused, match="笔录存档以后才能决定"):
        actions.grant(decision, by=district.leader, at=over)
    actions.keep_minutes(decision, minutes="记录", signed="甲", by=district.leader, at=over)
    actions.grant(decision, by=district.leader, at=over)


def test_article_48_everybody_is_notified_and_told_that_it_costs_nothing(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    assert set(Telling.objects.filter(what="hearing").values_list("to_applicant", "via")) == {
        (True, "portal"),
        (False, "post"),
    }
    said = Telling.objects.filter(what="hearing", to_applicant=False).get().says
    assert said.startswith("2026 年 3 月 13 日 10:00 在政务大厅三楼举行听证，")
    world.tell_queued()
    assert Notice.objects.filter(template="hear_hearing", user=district.applicant.user_id).count() == 1
    assert Notice.objects.filter(template="suspended", user=district.applicant.user_id).count() == 1


def test_article_48_called_by_two_hands_it_is_called_once_and_anew_only_on_purpose(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    with pytest.raises(Stale, match="刚刚已经通知过"):
        call(case, decision, chair, district)
    call(case, decision, chair, district, MORNING + DAY, calls=1)
    assert (hearing(case).calls, Telling.objects.filter(what="hearing").count()) == (2, 4)
    assert again(case).suspensions.filter(ended_at=None).count() == 1
    assert local(hearing(case).begins_at) == "03-14 10:00", "the seven days run anew"


def test_article_48_whoever_examines_does_not_preside_and_whoever_presides_does_not_decide(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    works = list(Assignment.objects.filter(case=case))
    assert [user.pk for user in may_preside(case, works, by=district.leader, at=MORNING)] == [chair.pk]
    for nobody in (district.leader, district.clerk, district.applicant):
        with pytest.raises(Invalid) as refusal:
            call(case, decision, chair, district, presider=nobody.user_id)
        assert list(refusal.value.problems) == ["presider"]
    second = world.staff("second-leader", "approval-bureau", Role.LEADER)
    call(case, decision, chair, district, presider=second.pk)
    held = hearing(case).begins_at
    actions.keep_minutes(decision, minutes="记录", signed="甲", by=district.leader, at=held)
    with pytest.raises(NotAllowed, match="主持这个办件的听证"):
        actions.grant(decision, by=world.acting(second, held), at=held)
    with pytest.raises(IntegrityError, match="examines_does_not_preside"), transaction.atomic():
        Hearing.objects.update(presided_by=district.leader.user_id)


def test_article_48_a_recusal_is_answered_before_the_minutes_are_kept(permit, district, chair):  # noqa: F811
    other = world.staff("other-chair", "approval-bureau", Role.CLERK)
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    with pytest.raises(Refused):
        actions.ask_recusal(case, reason="是我亲戚", by=district.applicant, at=MORNING)
    call(case, decision, chair, district)
    with pytest.raises(Invalid):
        actions.ask_recusal(case, reason=" ", by=district.applicant, at=MORNING)
    actions.ask_recusal(case, reason="与邻居是亲戚", by=district.applicant, at=MORNING)
    actions.ask_recusal(case, reason="与邻居是亲戚", by=district.applicant, at=MORNING)
    one = Concerned.objects.get()
    with pytest.raises(Refused, match="等待答复"):
        actions.note_recusal(decision, one.pk, reason="也不同意", by=district.leader, at=MORNING)
    held = hearing(case).begins_at
    with pytest.raises(Refused, match="回避申请还没有答复"):
        actions.keep_minutes(decision, minutes="记录", signed="甲", by=district.leader, at=held)
    with pytest.raises(Invalid) as refusal:
        actions.settle_recusal(decision, answer="", presider=chair.pk, by=district.leader, at=MORNING)
    assert set(refusal.value.problems) == {"answer", "presider"}
    actions.settle_recusal(decision, answer="同意，换人主持。", presider=other.pk, by=district.leader, at=MORNING)
    assert hearing(case).presided_by_id == other.pk
    actions.note_recusal(decision, one.pk, reason="还是不同意", by=district.leader, at=MORNING)
    actions.settle_recusal(decision, answer="没有直接利害关系，不予回避。", by=district.leader, at=MORNING)
    assert hearing(case).presided_by_id == other.pk
    actions.keep_minutes(decision, minutes="记录", signed="甲", by=district.leader, at=held)
    world.tell_queued()
    assert Notice.objects.filter(template="recusal_settled").count() == 2


def test_article_48_the_hearing_is_not_begun_or_ended_as_a_bare_procedure(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    with pytest.raises(Refused):
        actions.suspend(decision, kind=Procedure.HEARING, reason="听证", amount=3, by=district.leader, at=MORNING)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    with pytest.raises(Refused, match="记录笔录"):
        actions.resume(decision, kind=Procedure.HEARING, outcome="开过了", by=district.leader, at=MORNING)


def test_a_service_without_a_hearing_tells_of_no_right_to_one(permit, district):  # noqa: F811
    case = permit(procedures=[], hearing=None)
    decision = to_decide(case, district)
    with pytest.raises(Refused):
        tell_right(case, decision, district)


def test_others_neither_record_nor_tell_nor_call(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    for actor in (district.clerk, district.housing, district.stranger, district.applicant, district.supervisor):
        with pytest.raises(NotAllowed):
            neighbour(decision, district, by=actor)
        with pytest.raises(NotAllowed):
            call(case, decision, chair, district, by=actor)


def test_a_case_that_ends_ends_the_hearing_with_it(permit, district, chair):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    asked_for(case, decision, district)
    call(case, decision, chair, district)
    case = actions.withdraw(case, by=district.applicant, at=MORNING + DAY)
    assert not case.clocks.filter(ended_at=None).exists()
    assert not case.suspensions.filter(ended_at=None).exists()
    assert first_break(case) is None


def test_the_decision_asks_who_was_heard_without_another_query(permit, district):  # noqa: F811
    case = permit(**{**HEARD, "hearing": None})
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    with CaptureQueriesContext(
        connection,
    ) as spent:
        actions.grant(decision, by=district.leader, at=MORNING)
    reading = [one["sql"] for one in spent if "cases_telling" in one["sql"]]
    assert len(reading) == 1
    assert "cases_case" in reading[0], "read with the case, in one go"


def test_a_mandate_to_correct_asks_for_a_hearing_and_only_one_to_withdraw_waives_it(permit, district):  # noqa: F811
    case = permit(**HEARD)
    decision = to_decide(case, district)
    both_silent_on_views(case, decision, district)
    tell_right(case, decision, district)
    mine, agent = right(case, to_applicant=True), world.person("代办员")
    delegate(district, agent, deeds=[Deed.CORRECT], services=["test-permit"])
    with pytest.raises(NotAllowed):
        actions.answer(case, mine.pk, answer="waived", by=world.acting(agent), at=MORNING)
    actions.answer(case, mine.pk, answer="asked", by=world.acting(agent), at=MORNING)
    delegate(district, agent, deeds=[Deed.CORRECT, Deed.WITHDRAW], services=["test-permit"])
    actions.answer(case, mine.pk, answer="waived", by=world.acting(agent), at=MORNING)
    assert Telling.objects.get(pk=mine.pk).answer == "waived"


# How those concerned are reached


def closed(permit, district) -> Case:  # noqa: F811
    """A case that was refused at once: nobody concerned had anything to say."""
    case = permit(**{**HEARD, "hearing": None})
    decision = to_decide(case, district)
    told_of_view(decision, district)
    note(decision, view(case), "nothing", district)
    actions.answer(case, view(case, to_applicant=True).pk, answer="nothing", by=district.applicant, at=MORNING)
    return actions.refuse(decision, reasons="不符合条件", by=district.leader, at=MORNING)


def test_how_somebody_concerned_is_reached_is_wiped_some_time_after_the_case(permit, district, settings):  # noqa: F811
    settings.CONCERNED_KEEP = 30
    open_case = permit(**{**HEARD, "hearing": None})
    neighbour(to_decide(open_case, district), district)
    case = closed(permit, district)
    over = case.closed_at + 30 * DAY
    assert purge_contacts(at=over - timedelta(seconds=1)) == 0
    assert purge_contacts(at=over) == 1
    assert purge_contacts(at=over) == 0
    tasks.purge_contacts(0)
    one = Concerned.objects.get(case=case)
    assert (one.contact, one.name, one.interest, one.purged_at) == ("", "邻居甲", "采光", over)
    assert view(case).answer == "nothing", "what was told and said stays"
    assert Concerned.objects.get(case=open_case).contact
    with pytest.raises(IntegrityError), transaction.atomic():
        Concerned.objects.filter(case=open_case).update(contact="")


def test_how_somebody_is_reached_is_kept_while_the_decision_is_challenged(permit, district, settings):  # noqa: F811
    settings.CONCERNED_KEEP = 30
    case = closed(permit, district)
    day, over = case.closed_at.date(), case.closed_at + 31 * DAY
    filed = {"kind": "lawsuit", "organ": "虚构区人民法院", "filed_on": day}
    challenge = actions.note_challenge(case, **filed, by=district.leader, at=over)
    assert purge_contacts(at=over) == 0
    done = {"stage": "closed", "upshot": "upheld", "closed_on": over.date()}
    actions.move_challenge(challenge, **done, by=district.leader, at=over)
    assert purge_contacts(at=over) == 1
