"""When an application may come: seasons, and distances from a day the applicant names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.workdays.reference import CALENDAR
from zerotrip import questions
from zerotrip.catalogue.windows import SEASON, Missed, Window, bounds, is_open, missed, next_opening

BASIS = {"zh": "测试依据", "en": "Test"}
FORM = questions.parse(
    [
        {
            "id": "matter",
            "title": BASIS,
            "fields": [
                {"id": "expires", "kind": "date", "label": {"zh": "有效期至"}},
                {"id": "kind", "kind": "yes_no", "label": {"zh": "是否延续"}},
            ],
        }
    ]
)


def window(**keys: Any) -> Window:
    return Window.model_validate({"basis": BASIS, **keys})


def against(on: str, *windows: Window, **values: Any) -> list[Missed]:
    return list(missed(windows, FORM, values, on=date.fromisoformat(on), calendar=CALENDAR))


SPRING = window(opens="03-01", closes="05-31")
AUTUMN = window(opens="09-01", closes="09-30")
RENEWAL = window(field="expires", before={"at_least": {"amount": 30}, "at_most": {"amount": 6, "unit": "months"}})


@pytest.mark.parametrize(
    ("on", "open_"), [("2026-02-28", False), ("2026-03-01", True), ("2026-05-31", True), ("2026-06-01", False)]
)
def test_a_season_holds_from_its_first_day_to_its_last(on: str, open_: bool) -> None:
    assert is_open(SPRING, date.fromisoformat(on)) is open_


def test_a_season_can_go_over_new_year() -> None:
    winter = window(opens="11-15", closes="02-28")
    assert [is_open(winter, date(2026, *day)) for day in ((11, 14), (12, 31), (1, 1), (3, 1))] == [
        False,
        True,
        True,
        False,
    ]


def test_of_several_seasons_one_is_enough() -> None:
    assert against("2026-09-15", SPRING, AUTUMN) == []
    (found,) = against("2026-07-01", SPRING, AUTUMN)
    assert (found.place, found.refuses) == (SEASON, True)
    assert "下一次从 2026 年 9 月 1 日开始" in found.reason


def test_a_season_that_is_over_for_good_does_not_promise_another() -> None:
    (found,) = against("2026-07-01", window(opens="2026-03-01", closes="2026-05-31"))
    assert "下一次" not in found.reason


def test_thirty_days_before_it_runs_out_is_the_last_day() -> None:
    assert against("2026-12-01", RENEWAL, expires="2026-12-31") == []
    (late,) = against("2026-12-02", RENEWAL, expires="2026-12-31")
    assert late.place == "expires"
    assert "最晚 2026 年 12 月 1 日" in late.reason


def test_six_months_before_is_counted_by_the_calendar() -> None:
    (early,) = against("2026-06-29", RENEWAL, expires="2026-12-31")
    assert "2026 年 6 月 30 日起" in early.reason
    assert against("2026-06-30", RENEWAL, expires="2026-12-31") == []


def test_within_thirty_days_of_an_event_ends_on_a_day_that_is_worked() -> None:
    after = window(field="expires", after={"at_most": {"amount": 30}})
    # 30 days after 1 September is 1 October: a holiday, so that the limit ends on the 8th (民法典第二百零三条).
    assert bounds(after, date(2026, 9, 1), CALENDAR) == (None, date(2026, 10, 8))


def test_working_days_before_are_counted_back_over_weekends() -> None:
    ahead = window(field="expires", before={"at_least": {"amount": 5, "unit": "working_days"}})
    assert bounds(ahead, date(2026, 3, 9), CALENDAR) == (None, date(2026, 3, 2))
    assert bounds(ahead, date(2026, 3, 8), CALENDAR) == (None, date(2026, 3, 2)), (
        "Sunday counts as the Monday after"
    )


def test_a_window_that_only_warns_does_not_refuse() -> None:
    (found,) = against(
        "2026-12-15",
        window(field="expires", before={"at_least": {"amount": 30}}, late="warn"),
        expires="2026-12-31",
    )
    assert not found.refuses


def test_a_window_with_a_condition_is_looked_at_when_it_holds() -> None:
    only = window(opens="03-01", closes="05-31", when={"fact": "kind", "is": True})
    assert against("2026-07-01", only, kind=False) == []
    assert against("2026-07-01", only) == []
    assert len(against("2026-07-01", only, kind=True)) == 1


def test_a_day_that_is_not_named_is_not_judged() -> None:
    assert against("2026-07-01", RENEWAL) == []


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_the_next_opening_is_the_first_open_day_after_a_closed_one(on: date) -> None:
    if not is_open(SPRING, on):
        day = on
        while not is_open(SPRING, day):
            day += timedelta(days=1)
        assert next_opening(SPRING, on) == day


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"opens": "03-01"},
        {"opens": "03-01", "closes": "02-30"},
        {"opens": "2026-05-01", "closes": "2026-03-01"},
        {"opens": "03-01", "closes": "2026-05-01"},
        {"field": "expires"},
        {"field": "expires", "before": {}},
        {"field": "expires", "opens": "03-01", "closes": "05-31"},
        {"opens": "03-01", "closes": "05-31", "before": {"at_least": {"amount": 3}}},
    ],
)
def test_a_window_is_a_season_or_a_distance(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        window(**keys)
