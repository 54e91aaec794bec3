"""What the demo shows of projects: told through the same actions as everything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config import demo, demo_projects
from tests.projects.site import CHAIN, scheme
from zerotrip.catalogue.actions import load_pack
from zerotrip.ledger.queries import first_break
from zerotrip.parties.access import SYSTEM
from zerotrip.projects.models import Lead, Project
from zerotrip.projects.queries import Light, milestones_of, money_of, plan_of, problems_of
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars

NOW = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)


@pytest.fixture
def told(db, settings, tmp_path):
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    for year in (2026, 2027):
        load_year(year, by=SYSTEM, at=NOW)
    load_pack(scheme(CHAIN), by=SYSTEM, at=NOW)
    people = demo.load_people(at=NOW - timedelta(days=demo.LONG_AGO))
    demo.submitted("investment-filing", people[demo.INVESTOR], at=NOW)
    demo_projects.load(people, now=NOW)
    yield
    forget_calendars()


def test_one_project_is_under_construction_and_late_and_one_is_at_its_start(told):
    park, motors = Project.objects.get(kind="industry", carrier__gt=""), Project.objects.get(carrier="")
    plan = plan_of(park, at=NOW)
    assert (plan.done, plan.phase) == (6, "construction")
    lights = [row.light for row in milestones_of([park.pk], at=NOW)[park.pk]]
    assert lights == [Light.KEPT, Light.RECOVERED, Light.LATE, Light.OPEN]
    (problem,) = problems_of([park.pk], at=NOW)[park.pk]
    assert [work.department.code for work in problem.case.assignments.all()] == ["commerce"]
    assert money_of([park.pk], at=NOW)[park.pk].done > 0
    assert plan_of(motors, at=NOW).phase == "land"
    assert plan_of(motors, at=NOW).missing
    assert {lead.stage for lead in Lead.objects.all()} == {"contact", "negotiating", "signed", "lost"}
    assert all(first_break(row) is None for row in (park, motors, *Lead.objects.all()))
