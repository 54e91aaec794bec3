"""When something was is told right, whatever the clock of the phone showed, as far as the phone can know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.prevention.field.clock import LONG, SLACK, Reading, TooOld, moment_of

CASES = json.loads(Path(__file__).with_name("clock_cases.json").read_text(encoding="utf-8"))
BEGIN = datetime(2026, 3, 3, tzinfo=UTC)
seconds = st.integers(0, 60_000)


def moment(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def reading(at: float, ticks: float, page: str) -> Reading:
    return Reading(moment(at), timedelta(milliseconds=ticks), page)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case_of_the_table_the_browser_reckons_too(case):
    off = None if case["off"] is None else timedelta(milliseconds=case["off"])

    def told() -> datetime:
        return moment_of(
            reading(*case["made"]), reading(*case["sent"]), off=off, received=moment(case["received"])
        ).at

    if case["at"] is None:
        with pytest.raises(TooOld):
            told()
    else:
        assert told() == moment(case["at"])


class Phone:
    """A phone with a true time, a clock that was set once, and ticks that stop while it sleeps."""

    def __init__(self, slow: int, set_at: int, by: int, slept: tuple[int, int]) -> None:
        self.slow, self.set_at, self.by, self.slept = slow, set_at, by, slept

    def reads(self, true: int, page: str) -> Reading:
        shows = true - self.slow + (self.by if true >= self.set_at else 0)
        return Reading(BEGIN + timedelta(seconds=shows), timedelta(seconds=true - self.asleep(true)), page)

    def asleep(self, true: int) -> int:
        return max(0, min(true, self.slept[1]) - self.slept[0])

    def off(self, true: int) -> timedelta:
        return BEGIN + timedelta(seconds=true) - self.reads(true, "").at


@st.composite
def days(draw):
    heard, made, sent = sorted(draw(st.tuples(seconds, seconds, seconds)))
    first, last = sorted(draw(st.tuples(seconds, seconds)))
    wrong = st.integers(-90_000, 90_000)
    phone = Phone(draw(wrong), draw(seconds), draw(wrong), (first, last))
    return phone, heard, made, sent, draw(st.booleans())


def told(phone: Phone, heard: int, made: int, sent: int, same: bool) -> datetime | None:
    try:
        return moment_of(
            phone.reads(made, "a"),
            phone.reads(sent, "a" if same else "b"),
            off=phone.off(heard),
            received=BEGIN + timedelta(seconds=sent),
        ).at
    except TooOld:
        return None


@given(days())
def test_never_later_than_it_came_nor_longer_ago_than_is_kept(day):
    at, received = told(*day), BEGIN + timedelta(seconds=day[3])
    assert at is None or timedelta(0) <= received - at <= LONG


@given(days())
def test_right_whenever_the_clock_was_not_set_between_hearing_from_us_and_writing_down(day):
    phone, heard, made, sent, _same = day
    # Set back by as long as it slept: no reading of the phone's tells of either.
    hidden = abs(phone.asleep(sent) - phone.asleep(made) + phone.by) <= 2 * SLACK.total_seconds()
    if not heard < phone.set_at <= made and not hidden:
        assert abs(told(*day) - (BEGIN + timedelta(seconds=made))) <= SLACK


@given(days())
def test_right_within_one_page_that_did_not_sleep_however_the_clock_was_set_before(day):
    phone, _heard, made, sent, _same = day
    awake = phone.slept[1] <= made or phone.slept[0] >= sent
    if awake and not made < phone.set_at <= sent:
        assert abs(told(*day[:4], True) - (BEGIN + timedelta(seconds=made))) <= SLACK
