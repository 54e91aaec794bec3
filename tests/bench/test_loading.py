"""The generator of the bench: what it loads is a district as the product would have it after some years."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from bench import loading, town
from bench.patterns import STANDS, events
from tests import world
from tests.web.browsing import Browser
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Clock
from zerotrip.cases.queries import Search, find
from zerotrip.insight.actions import fold
from zerotrip.insight.models import Facts, Tally
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role
from zerotrip.workdays.queries import forget_calendars

pytestmark = pytest.mark.django_db(transaction=True)

CASES = 240
MONTHS = "^ledger_entry_"
"""The partitions of the journal: there are more of them afterwards."""


@pytest.fixture
def grown(settings, tmp_path):
    settings.FILES, settings.KEYS, settings.DEMO = tmp_path / "files", tmp_path / "keys", True
    made = town.build(world.PACK, cases=CASES, staff=2)
    before = constraints()
    made.grow(CASES // 2, workers=1)
    made.grow(CASES, workers=1)
    assert constraints() == before
    yield made
    forget_calendars()


def constraints() -> list[tuple[object, ...]]:
    """Every constraint and index there is, and whether all rows were checked against it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, contype, convalidated FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ %s ORDER BY 1, 2",
            [MONTHS],
        )
        kept = cursor.fetchall()
        cursor.execute(
            "SELECT tablename, indexname FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename !~ %s ORDER BY 1, 2",
            [MONTHS],
        )
        return [*kept, *cursor.fetchall()]


def clones():
    return Case.objects.filter(number__regex=r"-\d{7}$")


def test_a_generated_district_is_as_the_product_would_have_it(grown):
    every_stand_has_its_clones_and_each_its_own_number(grown)
    every_journal_is_whole_and_in_the_partition_of_its_month(grown)
    due_dates_are_those_the_calendar_gives()
    applicants_subjects_and_staff_differ()
    boards_count_what_was_loaded()
    the_pages_of_staff_and_applicants_open(grown)


def every_stand_has_its_clones_and_each_its_own_number(grown):
    assert clones().count() == CASES
    assert {pattern.stand for pattern in grown.driven} == set(STANDS)
    assert set(clones().values_list("status", flat=True)) >= {"closed", "submitted", "reviewing", "deciding"}
    assert clones().values("number").distinct().count() == CASES


def every_journal_is_whole_and_in_the_partition_of_its_month(grown):
    broken = [
        row.number for rows in (clones(), Licence.objects.all()) for row in rows if first_break(row) is not None
    ]
    assert broken == []
    assert Entry.objects.count() > CASES * events(grown.driven) * 0.7
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry_other AS e JOIN cases_case c ON c.id = e.subject")
        assert cursor.fetchone() == (0,)


def due_dates_are_those_the_calendar_gives():
    assert Clock.objects.filter(ended_at=None, case__in=clones()).exists()
    forget_calendars()
    assert actions.recompute(by=SYSTEM, at=timezone.now(), reason="nothing has changed") == []


def applicants_subjects_and_staff_differ():
    assert clones().values("applicant").distinct().count() > 15
    assert clones().values("subject").distinct().count() > CASES * 0.9
    done = Assignment.objects.filter(case__in=clones(), done_by__isnull=False)
    assert done.values("done_by").distinct().count() > 3


def boards_count_what_was_loaded():
    closed = Case.objects.filter(closed_at__isnull=False, submitted_at__isnull=False)
    assert Tally.objects.aggregate(closed=Sum("closed"))["closed"] == closed.count()
    assert Facts.objects.filter(case__in=clones()).count() == CASES
    assert fold(at=timezone.now(), whole=True) == 0, "the facts of clones are those of their cases"


def the_pages_of_staff_and_applicants_open(grown):
    office = grown.office
    case = clones().filter(status="reviewing").first()
    department = case.department_id
    clerk = office.staff[department, Role.CLERK.value][1]
    found = find(world.acting(clerk, timezone.now()), Search(text=case.subject[:6]))
    assert 1 <= found.count() < CASES / 10
    assert case in found
    Browser(office.supervisor).open("/desk/boards/")
    for user in (clerk, office.staff[department, Role.LEADER.value][0], office.supervisor):
        browser = Browser(user)
        browser.open("/desk/")
        for address in (f"/desk/cases/?q={case.number}", f"/desk/cases/{case.number}/"):
            assert case.subject in browser.open(address).text
    owner = Browser(case.opened_by)
    assert case.subject in owner.open(f"/cases/{case.number}/").text
    assert case.number in owner.open("/cases/").text


def test_cases_are_spread_over_two_years_and_open_ones_are_recent():
    class Like:
        def __init__(self, stand, share):
            self.stand, self.share = stand, share

    weeks = loading.spread([Like("closed", 95), Like("submitted", 5)], 0, 5_000)
    counts = {week: dict(clones) for week, _number, clones in weeks}
    assert sum(sum(found.values()) for found in counts.values()) == 5_000
    assert len(counts) == loading.WEEKS
    assert {week for week, found in counts.items() if 1 in found} <= set(range(9))
    numbers = [number for _week, number, _clones in weeks]
    assert numbers == sorted(numbers), "older cases have smaller numbers"
