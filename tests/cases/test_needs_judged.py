"""The firm's word on a need: it closes it, or opens it anew one level up; the third time to supervision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.helped import AT, help_of, raised, rule_to
from zerotrip.cases import actions
from zerotrip.cases.actions.rating import case_of_token, rating_link
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Case, Grade, Rating, RatingDoor
from zerotrip.cases.queries import worklist
from zerotrip.cases.states import Status
from zerotrip.channels.models import Notice
from zerotrip.duties.models import Obligation
from zerotrip.duties.tasks import remind as remind_duties
from zerotrip.errors import NotAllowed, Stale
from zerotrip.ledger.queries import first_break
from zerotrip.parties.access import NOBODY, SYSTEM
from zerotrip.parties.models import Role

LATER = AT + timedelta(hours=2)


@pytest.fixture
def done(helped) -> Case:
    """A need the duty officer resolved, which waits for the firm's word."""
    case = raised(helped)
    return actions.resolve_need(help_of(case), outcome="已采样。", by=world.acting(helped.duty), at=AT)


def rate(case: Case, by, grade: int, *, at=LATER, **more) -> Rating | None:
    return actions.rate(case.pk, grade=grade, door=RatingDoor.PORTAL, by=by, at=at, **more)


def resolve(case: Case, by, at=LATER) -> Case:
    return actions.resolve_need(help_of(case), outcome="再办好了。", by=by, at=at)


def test_a_firm_that_is_content_closes_its_need_with_its_rating(helped, done):
    rating = rate(done, helped.applicant, Grade.VERY_GOOD, comment="很快")
    done.refresh_from_db()
    assert (done.status, done.result, rating.grade) == (Status.CLOSED, "resolved", Grade.VERY_GOOD)
    assert Obligation.objects.get(subject=done.pk).status == "kept"
    assert first_break(done) is None
    with pytest.raises(Stale):
        rate(done, helped.applicant, Grade.BAD)


def test_the_signed_link_closes_it_without_signing_in(helped, done):
    token = rating_link(done).split("/")[2]
    actions.rate(case_of_token(token), grade=Grade.GOOD, door=RatingDoor.LINK, by=NOBODY, at=LATER)
    done.refresh_from_db()
    assert done.status == Status.CLOSED
    world.tell_queued()
    link = Notice.objects.get(user=helped.applicant.user_id, template="need_resolved").link
    assert link == rating_link(done)


def test_nobody_else_says_the_firms_word(helped, done):
    with pytest.raises(NotAllowed):
        rate(done, helped.district.stranger, Grade.GOOD)


def test_a_need_that_is_still_helped_with_is_not_rated(helped):
    with pytest.raises(Stale):
        rate(raised(helped), helped.applicant, Grade.GOOD)


def test_not_content_opens_it_one_level_up_with_all_that_was_before(helped, done):
    before = list(done.assignments.values_list("stage", "opinion"))
    assert rate(done, helped.applicant, Grade.BAD, comment="人没有来", key="k") is None
    assert rate(done, helped.applicant, Grade.BAD, comment="人没有来", key="k") is None  # the same press
    done.refresh_from_db()
    work = help_of(done)
    assert (done.status, done.result, done.closed_at, done.need.level) == (Status.HELPING, "", None, 1)
    assert (work.department.code, work.role, work.stage) == ("enterprise-service", Role.LEADER, "lead.1")
    assert set(before) <= set(done.assignments.values_list("stage", "opinion"))
    assert set(done.clocks.filter(ended_at=None).values_list("name", flat=True)) == {"answer", "plan", "promised"}
    assert not Rating.objects.exists()
    world.tell_queued()
    told = Notice.objects.get(user=helped.lead.pk, template="staff_need_reopened")
    assert told.context["said"] == "人没有来"
    assert first_break(done) is None


def test_each_time_it_goes_further_up_and_the_third_time_to_supervision(helped, done):
    lead, head = world.acting(helped.lead), world.acting(helped.head)
    rate(done, helped.applicant, Grade.BAD)
    assert help_of(done).role == Role.LEADER
    resolve(done, lead)
    rate(done, helped.applicant, Grade.VERY_BAD)
    assert help_of(done).role == Role.HEAD
    resolve(done, head)
    rate(done, helped.applicant, Grade.BAD)
    done.refresh_from_db()
    work = help_of(done)
    assert (done.need.level, work.role) == (3, Role.SUPERVISOR)
    assert [one.case for one in worklist(helped.supervisor)] == [done]
    resolve(done, helped.supervisor)
    rate(done, helped.applicant, Grade.GOOD)
    done.refresh_from_db()
    assert (done.status, done.result) == (Status.CLOSED, "resolved")


def test_up_from_an_office_with_a_leader_is_its_leader(helped):
    from tests.helped import seat

    leader = seat("人社负责人", "human-resources", Role.LEADER)
    rule_to(helped, helped.helper, subjects=["need-labour"])
    case = raised(helped, "need-labour")
    resolve(case, world.acting(helped.helper), at=AT)
    rate(case, helped.applicant, Grade.BAD)
    assert help_of(case).department.code == "human-resources"
    resolve(case, world.acting(leader))
    rate(case, helped.applicant, Grade.BAD)
    assert (help_of(case).department.code, help_of(case).role) == ("enterprise-service", Role.LEADER)


def test_a_firm_that_says_nothing_is_reminded_once_and_then_counts_as_content(helped, done):
    days = [LATER + timedelta(days=n) for n in range(10)]
    for day in days:
        for owed in Obligation.objects.filter(status="open", remind_at__lte=day):
            actions_remind(owed, day)
        sweep(at=day)
    world.tell_queued()
    told = Notice.objects.filter(user=helped.applicant.user_id).order_by("pk").values_list("template", flat=True)
    assert list(told)[1:] == ["need_resolved", "confirm_reminder", "need_settled"]
    done.refresh_from_db()
    assert (done.status, done.result) == (Status.CLOSED, "resolved")


def actions_remind(owed: Obligation, at) -> None:
    from zerotrip.duties.actions import remind

    assert remind_duties is not None
    remind(owed.pk, at=at)


def test_a_need_closed_by_silence_opens_again_when_the_firm_is_not_content(helped, done):
    sweep(at=LATER + timedelta(days=9))
    assert rate(done, helped.applicant, Grade.BAD, at=LATER + timedelta(days=10)) is None
    done.refresh_from_db()
    assert (done.status, done.need.level) == (Status.HELPING, 1)


def test_a_need_that_could_not_be_met_may_be_looked_at_one_level_up(helped, done):
    rate(done, helped.applicant, Grade.BAD)
    case = actions.cannot_resolve(help_of(done), reasons="没有条件。", by=world.acting(helped.lead), at=LATER)
    assert (case.status, case.result) == (Status.CLOSED, "unresolved")
    rate(case, helped.applicant, Grade.BAD)
    assert help_of(case).role == Role.HEAD


def test_one_that_could_not_be_met_and_is_accepted_so_stays_unresolved(helped, done):
    rate(done, helped.applicant, Grade.BAD)
    case = actions.cannot_resolve(help_of(done), reasons="没有条件。", by=world.acting(helped.lead), at=LATER)
    rate(case, helped.applicant, Grade.FAIR)
    case.refresh_from_db()
    assert (case.result, case.rating.grade) == ("unresolved", Grade.FAIR)


def test_a_need_taken_back_while_it_waits_owes_no_word(helped, done):
    actions.withdraw(done, by=helped.applicant, at=LATER)
    assert Obligation.objects.get(subject=done.pk).status == "dropped"
    assert sweep(at=LATER + timedelta(days=9))["duties missed"] == 0
    assert SYSTEM.is_system
