"""What is frozen stays: a late sample is in the next figures and never in the last."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.prevention.rounds.screened import NOON, opened, person, sampled
from tests.prevention.screening import sampling
from tests.prevention.test_population import GRID, enrolled, site, somebody
from zerotrip.ids import new_id
from zerotrip.prevention.models import By, Finding, Tally, TallyLine
from zerotrip.prevention.rounds import tallies
from zerotrip.prevention.screening.results.actions import hear
from zerotrip.prevention.screening.results.reading import Said
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 3, 3, 10, tzinfo=CHINA)
FOUR = datetime(2026, 3, 3, 16, tzinfo=CHINA)


def whole(tally: Tally) -> tuple[int, int, int, int]:
    line = tally.lines.get(by=By.WHOLE)
    return line.asked, line.kept, line.excused, line.missing


def test_the_figures_of_a_moment_are_frozen_once(district):
    person()
    opened(district, at=TEN - timedelta(hours=1))
    (tally,) = tallies.freeze_due(at=TEN + timedelta(seconds=20))
    assert tally.at == TEN
    assert whole(tally) == (1, 0, 0, 1)
    assert tallies.freeze_due(at=TEN + timedelta(seconds=80)) == []


def test_before_the_first_moment_and_long_after_one_nothing_is_frozen(district):
    opened(district, at=TEN - timedelta(hours=2))
    assert tallies.freeze_due(at=TEN - timedelta(minutes=1)) == []
    assert tallies.freeze_due(at=TEN + timedelta(hours=3)) == []


def test_a_late_sample_is_in_the_next_figures_and_not_in_the_last(district):
    early, late = person("甲"), person("乙")
    row = opened(district, at=TEN - timedelta(hours=1))
    sampled(row.window, early.pk, TEN - timedelta(minutes=5))
    (first,) = tallies.freeze_due(at=TEN)
    sampled(row.window, late.pk, TEN - timedelta(minutes=1))
    assert whole(first) == (2, 1, 0, 1)
    (second,) = tallies.freeze_due(at=FOUR)
    assert whole(second) == (2, 2, 0, 0)


def test_lines_are_by_area_kind_of_site_and_employer(district):
    dormitory = site()
    enrolled(somebody("甲", phone="13700000001"), "lodger", site=dormitory)
    enrolled(somebody("乙", phone="13700000002"), "worker", employer=district.firm)
    row = opened(district)
    tally = tallies.freeze(row.window, NOON, at=NOON)
    lines = {(line.by, line.key): line.asked for line in tally.lines.all()}
    assert lines[By.SITE_KIND, "dormitory"] == 1
    assert lines[By.EMPLOYER, str(district.firm.pk)] == 1
    assert lines[By.AREA, GRID] == lines[By.AREA, row.window.area_path] == lines[By.WHOLE, ""] == 2


def test_those_found_positive_singly_by_then_are_counted(district):
    pooled, single = somebody("甲", phone="13700000001"), somebody("乙", phone="13700000002")
    enrolled(pooled, "resident")
    enrolled(single, "resident")
    row, point = opened(district), sampling.point()
    told = {"at_point": point, "by": district.leader, "at": TEN}
    sampling.put("JN0001", [pooled], **told)
    sampling.put("JN0002", [single], capacity=1, **told)
    between = TEN + (NOON - TEN) / 2
    found = [Said(code, Finding.POSITIVE, between) for code in ("JN0001", "JN0002")]
    hear(found, b"", laboratory="demo-lab-1", file_id=new_id(), at=between)
    assert tallies.freeze(row.window, TEN, at=NOON).lines.get(by=By.WHOLE).positives == 0
    lines = tallies.freeze(row.window, NOON, at=NOON).lines
    assert lines.get(by=By.WHOLE).positives == 1
    assert lines.get(by=By.AREA, key=GRID).positives == 1


def test_a_frozen_line_cannot_be_changed(district):
    person()
    tally = tallies.freeze(opened(district).window, NOON, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        TallyLine.objects.filter(tally=tally).update(asked=5, missing=5)
