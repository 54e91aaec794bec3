"""The weekly report: what counts in a week, and that a week that is over never changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests import world
from tests.projects.site import FACTS
from tests.projects.test_following import lead, milestone, move, problem, settled, tell
from tests.projects.test_permits import granted
from zerotrip.cases import actions as case_actions
from zerotrip.projects import actions
from zerotrip.projects.models import CaseRole
from zerotrip.projects.weeks import Week, report_of

NOW = world.MORNING
DAY = timedelta(days=1)
WEEK = Week(date(2026, 3, 2))


def figures(place, *, now=NOW + 60 * DAY, week=WEEK) -> tuple:
    report = report_of(week, place.leader, now=now)
    return (
        len(report.lines),
        report.granted,
        report.permits,
        report.planned,
        report.done,
        report.reached,
        report.late,
        report.recovered,
        report.settled,
        report.open_problems,
        [(each.stage, each.count, each.amount) for each in report.leads],
        [(line.plan.phase, line.plan.finish, line.plan.cautious) for line in report.lines],
    )


def test_a_week_is_named_as_the_standard_does():
    assert Week.of(date(2026, 3, 8)) == WEEK
    assert WEEK.name == "2026-W10"
    assert Week.named("2026-W10") == WEEK
    assert Week.of(date(2027, 1, 1)).name == "2026-W53"
    assert WEEK.after.before == WEEK


@pytest.mark.parametrize("text", ["", "2026", "2026-W54", "x-Wy", "2026-W1-1"])
def test_what_is_no_week_is_an_error(text):
    with pytest.raises(ValueError):  # noqa: PT011  whatever the parts of it say
        Week.named(text)


def test_what_happened_in_the_week_is_in_its_report(place, project):
    granted(place, project, "investment-filing", "filing")
    tell(place, project, "2026-03", "500", "100")
    actions.reach_milestone(milestone(place, project), note="", by=place.steward, at=NOW + DAY)
    settled(problem(place, project), place.housing, of=place.owner, at=NOW + DAY)
    problem(place, project)
    lead(place)
    told = figures(place)
    assert told[:10] == (1, 1, (1, 8), Decimal(500), Decimal(100), 1, 0, 0, 1, 1)
    assert told[10][0] == ("contact", 1, Decimal(12000))
    assert told[11][0][0] == "land"


def test_a_week_that_is_over_comes_out_the_same_whatever_happens_later(place, project):
    owed = milestone(place, project)
    asked = problem(place, project)
    offer = lead(place)
    tell(place, project, "2026-03", "500", "100")
    case = case_actions.submit(
        world.draft("investment-filing", place.firm, place.owner, NOW), by=place.owner, at=NOW
    )
    link = {"role": CaseRole.PERMIT, "permit": "filing"}
    actions.link_case(project, case.number, **link, by=place.leader, at=NOW)
    rehearsed = actions.open_permit(project, "land-granted", key=uuid4(), by=place.owner, at=NOW)
    before = figures(place)

    later = NOW + 10 * DAY
    case_actions.accept(world.open_work(case)[0], by=place.clerk, at=later)
    case_actions.grant(world.open_work(case)[0], by=place.leader, at=later)
    case_actions.withdraw(rehearsed.case, by=place.owner, at=later)
    actions.reach_milestone(owed, note="", by=place.steward, at=later)
    settled(asked, place.housing, of=place.owner, at=later)
    move(place, offer, "signed", at=later)
    tell(place, project, "2026-03", "900", "900", at=later)
    actions.change_facts(project, {**FACTS, "land": "allocated"}, by=place.steward, at=later)
    milestone_later = actions.set_milestone(
        project, name="竣工", on=date(2026, 9, 1), key=uuid4(), by=place.steward, at=later
    )
    actions.move_milestone(milestone_later, on=date(2026, 10, 1), reason="雨", by=place.steward, at=later)
    actions.hand_on(project, to=place.colleague.user_id, reason="调岗", by=place.steward, at=later)
    actions.end(project, reason="办结", by=place.leader, at=later + DAY)
    assert figures(place) == before


def test_a_week_before_the_project_does_not_have_it(place, project):
    assert figures(place, week=WEEK.before)[0] == 0


def test_the_present_week_is_reported_as_of_now(place, project):
    report = report_of(WEEK, place.leader, now=NOW + DAY)
    assert (report.over, report.day) == (False, date(2026, 3, 4))
    assert report_of(WEEK, place.leader, now=NOW + 9 * DAY).day == date(2026, 3, 8)
