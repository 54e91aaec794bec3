"""Sums are what the rows of cases add up to, whatever happened to them and in whichever order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from tests.insight.population import populate
from zerotrip.cases.models import Case, Priority
from zerotrip.insight.actions import fold
from zerotrip.insight.models import MEASURES, Facts, Hand, Lens, Mark, Spread, Tally
from zerotrip.insight.periods import Period, month_of, quarter_of
from zerotrip.insight.queries import MEASURED, Asked, Scope, list_of, open_now, people_of, percentile, rows_by
from zerotrip.workdays.calendar import CHINA

NOW = datetime(2026, 6, 3, 2, tzinfo=UTC)
QUARTER = quarter_of(date(2026, 2, 10))


@pytest.fixture
def cases(district) -> list[Case]:
    made = populate(district)
    fold(at=NOW)
    return made


def scope(district, period: Period = QUARTER, *, who: str = "supervisor", **asked) -> Scope:
    return Scope(getattr(district, who), Asked(period, **{"green": "with", **asked}))


def test_each_case_that_was_handed_in_is_counted_once(cases):
    assert set(Facts.objects.values_list("case", flat=True)) == {case.pk for case in cases}
    assert Facts.objects.filter(closed_on=None).count() == sum(case.closed_at is None for case in cases)


def test_folding_again_changes_nothing(cases):
    before = [list(model.objects.order_by("pk").values()) for model in (Facts, Hand)]
    sums = sorted(map(str, Tally.objects.values_list("month", "service", "door", "green", "closed", *MEASURES)))
    assert fold(at=NOW, whole=True) == 0
    fold(at=NOW)
    assert [list(model.objects.order_by("pk").values()) for model in (Facts, Hand)] == before
    again = Tally.objects.values_list("month", "service", "door", "green", "closed", *MEASURES)
    assert sorted(map(str, again)) == sums


def test_small_batches_and_one_large_one_come_to_the_same(district):
    populate(district, 40)
    fold(at=NOW, batch=7)
    columns = ("month", "service", "door", "green", "received", "closed", *MEASURES)
    small = sorted(map(str, Tally.objects.values_list(*columns)))
    for model in (Facts, Hand, Mark, Tally, Spread):
        model.objects.all().delete()
    fold(at=NOW, whole=True)
    assert sorted(map(str, Tally.objects.values_list(*columns))) == small


PERIODS = {
    "quarter": QUARTER,
    "month": month_of(date(2026, 3, 1)),
    "from the midst of a month": Period(date(2026, 1, 20), date(2026, 4, 9)),
    "a week": Period(date(2026, 3, 3), date(2026, 3, 9)),
}


def test_the_sums_are_what_a_slow_count_over_the_rows_finds(district, cases, subtests):
    for dimension, name in product(["service", "department", "green", ""], PERIODS):
        with subtests.test(dimension or "all", period=name):
            compare(district, dimension, PERIODS[name])


def compare(district, dimension: str, period: Period) -> None:
    """The sums against every row, one by one."""
    slow: dict[object, Counter[str]] = {}
    spread: dict[object, Counter[int]] = {}
    for row in Facts.objects.all():
        key = getattr(row, f"{dimension}_id" if dimension == "department" else dimension) if dimension else ""
        if period.since <= row.received_on < period.until:
            slow.setdefault(key, Counter())["received"] += 1
        if row.closed_on and period.since <= row.closed_on < period.until:
            slow.setdefault(key, Counter())["closed"] += 1
            slow[key].update({name: getattr(row, name) for name in MEASURES})
            spread.setdefault(key, Counter())[-(-row.hands // 15) * 15] += 1

    found = rows_by(scope(district, period), *filter(None, [dimension]))

    assert {key: +Counter(sums.values) for key, sums in found.items()} == {k: +c for k, c in slow.items()}
    assert {key: Counter(sums.spread) for key, sums in found.items() if sums.spread} == spread
    for key, sums in found.items():
        assert sum(sums.doors.values()) == slow[key]["closed"]


def test_the_work_of_people_is_what_a_slow_count_finds(district, cases):
    slow: Counter[object] = Counter()
    late: Counter[object] = Counter()
    for row in Hand.objects.filter(closed_on__gte=QUARTER.since, closed_on__lt=QUARTER.until):
        slow[row.account_id] += 1
        late[row.account_id] += row.late
    found = people_of(scope(district))
    assert {key: sums["closed"] for key, sums in found.items()} == dict(slow)
    assert {key: sums.late for key, sums in found.items()} == {key: late[key] for key in slow}
    stages = people_of(scope(district), lens=Lens.STAGE)
    assert sum(sums["closed"] for sums in stages.values()) == sum(slow.values())


def test_each_number_and_its_list_agree(district, cases, subtests):
    narrowed = [{}, {"green": "apart"}, {"green": "only"}, {"service": "investment-filing"}]
    for measure, asked in product(MEASURED, narrowed):
        with subtests.test(measure, **asked):
            agree(district, measure, asked)


def agree(district, measure: str, asked: dict[str, str]) -> None:
    """The number of a board against the length of its list."""
    seen = scope(district, **asked)
    total = rows_by(seen).get("")
    listed = list_of(seen, measure, at=NOW).count()
    if measure in ("open", "overdue"):
        assert open_now(seen, at=NOW).get("", (0, 0))[measure == "overdue"] == listed
        return
    assert total is not None
    numbers = {
        "late": total.late,
        "late_unpaused": total["judged"] - total["on_time_unpaused"],
        "unlawful": total.unlawful,
        "trips": total["closed"] - total["zero_trip"],
    }
    if measure in ("corrected", "again", "pauses", "extensions"):
        name = {"corrected": "corrections"}.get(measure, measure)
        assert sum(getattr(row, name) for row in list_of(seen, measure, at=NOW)) == total[name]
    else:
        assert numbers.get(measure, total[measure]) == listed


def test_a_part_of_the_area_is_counted_by_itself(district, cases):
    street = "/370100000000/370199000000/370199001000/"
    found = rows_by(scope(district, area=street))[""]
    closed = [c for c in cases if c.closed_at and c.area_path.startswith(street)]
    within = [c for c in closed if QUARTER.since <= c.closed_at.astimezone(CHINA).date() < QUARTER.until]
    assert found["closed"] == len(within) > 0


def test_a_leader_sees_their_department_and_nobody_sees_more_than_they_answer_for(district, cases):
    mine = rows_by(scope(district, who="leader"), "department")
    assert len(mine) == 1
    assert len(rows_by(scope(district), "department")) == 2
    for who in ("clerk", "housing", "stranger", "applicant"):
        assert rows_by(scope(district, who=who)) == {}
        assert list_of(scope(district, who=who), "closed", at=NOW).count() == 0
    own = people_of(scope(district, who="clerk"))
    assert set(own) == {district.clerk.user_id}
    assert people_of(scope(district, who="housing")) == {}


def test_a_case_that_was_closed_is_taken_out_when_it_is_taken_up_again(district, cases):
    lapsed = next(case for case in cases if case.result == "lapsed")
    before = rows_by(scope(district, month_of(lapsed.closed_at.astimezone(CHINA).date())))[""]["closed"]
    day = lapsed.closed_at
    Case.objects.filter(pk=lapsed.pk).update(closed_at=None, result="", status="correcting")
    fold(at=day + timedelta(days=3))
    after = rows_by(scope(district, month_of(day.astimezone(CHINA).date())))[""]
    assert after["closed"] == before - 1
    assert not Hand.objects.filter(case=lapsed).exists()
    assert Facts.objects.get(case=lapsed).closed_on is None
    Case.objects.filter(pk=lapsed.pk).update(closed_at=NOW, result="withdrawn", status="closed")
    fold(at=NOW, whole=True)
    assert Facts.objects.get(case=lapsed).closed_at == NOW


def test_what_goes_into_the_green_channel_is_counted_apart_from_then_on(district, cases):
    one = next(c for c in cases if c.closed_at is None and c.contact_id is None)
    Case.objects.filter(pk=one.pk).update(priority=Priority.GREEN, contact=district.clerk.user_id)
    fold(at=NOW)
    assert Facts.objects.get(case=one).green
    Case.objects.filter(pk=one.pk).update(priority=Priority.NORMAL, contact=None)
    fold(at=NOW)
    assert not Facts.objects.get(case=one).green


def test_a_median_is_the_least_value_half_do_not_exceed():
    assert percentile({15: 1}, 0.5) == 15
    assert percentile({15: 1, 30: 1}, 0.5) == 15
    assert percentile({15: 9, 600: 1}, 0.9) == 15
    assert percentile({15: 8, 600: 2}, 0.9) == 600
    assert percentile({}, 0.5) is None
