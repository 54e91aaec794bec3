"""The demo's past: weeks of cases, driven through the real steps at earlier moments."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from config import demo, history
from tests import world
from zerotrip.cases.models import Case, Rating, Suspension
from zerotrip.catalogue.actions import load_pack
from zerotrip.ledger.queries import first_break
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import calendar_for, forget_calendars

NOW = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)


@pytest.fixture
def told(db, settings, tmp_path):
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    load_year(2026, by=SYSTEM, at=NOW)
    used = {*world.SERVICES, *(life.service for life in history.LIVES)}
    load_pack(world.pack_of(used), by=SYSTEM, at=NOW)
    demo.load_past(at=NOW)
    yield
    forget_calendars()


def test_some_weeks_of_real_steps_have_passed_when_the_demo_begins(told):
    past = Case.objects.filter(opened_at__lt=NOW)
    assert past.count() == len(history.LIVES)
    results = Counter(past.filter(status="closed").values_list("result", flat=True))
    special = Counter(life.turn for life in history.LIVES)
    for turn in ("refused", "declined", "withdrawn"):
        assert results[turn] == special[turn], turn
    assert Licence.objects.count() == past.filter(result="granted").count() == past.count() - 3
    assert past.filter(status="issued").count() == special["posted"] + special["sent"]
    assert not past.exclude(status__in=("closed", "issued")).exists()
    assert Suspension.objects.count() == special["hearing"]
    assert past.filter(priority=0).count() == special["green"]
    calendar = calendar_for("")
    for case in past:
        assert calendar.is_working(timezone.localtime(case.submitted_at).date())
        assert (case.closed_at or case.decided_at) < NOW
        assert first_break(case) is None


def test_most_of_the_past_is_rated_and_its_bad_grade_was_called_back_on(told):
    assert Rating.objects.count() > 10
    (bad,) = Rating.objects.filter(grade__lte=2)
    assert bad.settled == "yes"
    assert bad.called_back_by.email == "head@demo.test"
