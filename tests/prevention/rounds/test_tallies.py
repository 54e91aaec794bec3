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
from zerotrip.prevention.screening.spec import ScreeningSpec
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


def test_a_round_opened_only_afterwards_has_no_figures_of_that_moment(district):
    person()
    opened(district, at=TEN + timedelta(minutes=30))
    assert tallies.freeze_due(at=TEN + timedelta(hours=1)) == []
    assert len(tallies.freeze_due(at=FOUR)) == 1


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


def test_whoever_works_at_a_site_or_lives_here_counts_with_their_employer_too(district):
    builder, resident, both = (somebody(name, phone=f"1370000000{place}") for place, name in enumerate("甲乙丙"))
    building = site("building-site")
    enrolled(builder, "builder", site=building, employer=district.firm)
    enrolled(resident, "resident")
    enrolled(resident, "worker", employer=district.firm)
    enrolled(both, "lodger", site=site(), employer=district.firm)
    enrolled(both, "worker", employer=district.firm)
    row, point = opened(district), sampling.point()
    sampled(row.window, builder.pk, NOON - timedelta(hours=1))
    sampling.put("JN0001", [builder], at_point=point, by=district.leader, at=TEN, capacity=1)
    hear([Said("JN0001", Finding.POSITIVE, TEN)], b"", laboratory="demo-lab-1", file_id=new_id(), at=TEN)
    lines = {(line.by, line.key): line for line in tallies.freeze(row.window, NOON, at=NOON).lines.all()}
    firm = lines[By.EMPLOYER, str(district.firm.pk)]
    assert (firm.asked, firm.sampled, firm.kept, firm.missing, firm.positives) == (3, 1, 1, 2, 1)
    assert lines[By.SITE_KIND, "building-site"].asked == 1
    assert lines[By.WHOLE, ""].asked == 3


@pytest.mark.parametrize("clock", ["23:30", "24:00"])
def test_what_is_told_at_the_end_of_a_day_is_frozen_though_the_worker_came_back_after_it(
    district, monkeypatch, clock
):
    monkeypatch.setattr(tallies, "rules", lambda: ScreeningSpec(report_times=(clock,)))
    person()
    opened(district)
    midnight = TEN + timedelta(hours=14)
    (tally,) = tallies.freeze_due(at=midnight + timedelta(minutes=10))
    assert midnight - timedelta(minutes=30) <= tally.at <= midnight
    assert whole(tally) == (1, 0, 0, 1)
    assert tallies.freeze_due(at=midnight + timedelta(minutes=11)) == []


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
