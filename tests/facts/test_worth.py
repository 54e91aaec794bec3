"""What counts of what was stated, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.words import TODAY, WORDS, Said
from zerotrip.facts.worth import State, Worth, known


def counts(*said: Said, today: date = TODAY, name: str = "staff", area_path: str = "") -> Worth:
    return known(WORDS, said, today=today, area_path=area_path).worths[name]


def months(first: str, *values: int | None, source: str = "tax") -> list[Said]:
    """Sales of months on end, from one on."""
    day = date.fromisoformat(f"{first}-01")
    said = []
    for value in values:
        after = (day + timedelta(days=32)).replace(day=1)
        if value is not None:
            said.append(Said("sales", str(value), source, after - timedelta(days=1)))
        day = after
    return said


def test_nothing_stated_is_missing():
    assert counts().state is State.MISSING


def test_the_latest_date_counts():
    found = counts(Said("staff", "10", as_of=date(2025, 12, 31)), Said("staff", "12", as_of=date(2026, 1, 31)))
    assert (found.value, found.as_of, found.source) == ("12", date(2026, 1, 31), "tax")


def test_what_was_recorded_last_corrects_the_same_date():
    found = counts(Said("staff", "10", hours_ago=2), Said("staff", "12", hours_ago=1))
    assert found.value == "12"


def test_what_was_taken_back_is_missing():
    found = counts(Said("staff", "10", hours_ago=2), Said("staff", None, hours_ago=1))
    assert (found.state, found.value) == (State.MISSING, None)


def test_the_trusted_source_counts_although_another_is_later():
    found = counts(Said("staff", "10", as_of=date(2025, 12, 31)), Said("staff", "300", "self"))
    assert (found.value, found.source) == ("10", "tax")
    assert [one.value for one in found.differing] == ["300"]


def test_a_less_trusted_source_counts_once_the_trusted_one_is_stale():
    found = counts(Said("staff", "10", as_of=date(2024, 12, 31)), Said("staff", "300", "self"))
    assert (found.value, found.source) == ("300", "self")


def test_a_fact_counts_to_its_last_fresh_day_and_not_a_day_longer():
    said = Said("staff", "10", as_of=TODAY)
    last = TODAY + timedelta(days=400)
    assert counts(said, today=last).until == last
    gone = counts(said, today=last + timedelta(days=1))
    assert (gone.state, gone.value, gone.as_of) == (State.STALE, None, TODAY)


def test_sources_of_the_same_trust_that_differ_contradict_one_another():
    found = counts(Said("staff", "10"), Said("staff", "11", "statistics"))
    assert (found.state, found.value) == (State.CONTRADICTORY, None)
    assert {one.source for one in found.among} == {"tax", "statistics"}
    assert counts(Said("staff", "10"), Said("staff", "10", "statistics")).value == "10"


def test_what_follows_from_a_contradiction_is_contradictory():
    said = [Said("staff", "10"), Said("staff", "11", "statistics"), Said("insured", "5")]
    assert counts(*said, name="insured_share").state is State.CONTRADICTORY


def test_a_share_is_unknown_where_there_is_nothing_to_share():
    assert counts(Said("staff", "0"), Said("insured", "5"), name="insured_share").state is State.MISSING
    found = counts(Said("staff", "3", as_of=date(2026, 1, 1)), Said("insured", "1"), name="insured_share")
    assert (found.value, found.as_of) == ("0.333333", date(2026, 1, 1))


def test_a_year_needs_all_its_months():
    whole = months("2025-01", *range(1, 13))
    assert counts(*whole, *months("2026-01", 5), name="year_sales").value == "78"
    assert counts(*whole[:-1], *months("2026-01", 5), name="year_sales").state is State.MISSING


def test_a_year_is_another_one_when_the_year_turns():
    found = counts(*months("2025-01", *range(1, 13)), name="year_sales")
    assert found.until == date(2026, 12, 31)


def test_the_latest_months_are_added_up_without_a_gap():
    assert counts(*months("2025-11", 1, 2, 3, 4), name="quarter").value == "9"
    assert counts(*months("2025-11", 1, 2, None, 4), name="quarter").state is State.MISSING


def test_growth_compares_with_the_same_months_of_the_year_before():
    said = [*months("2025-01", 100, 100), *months("2026-01", 60, 70)]
    assert counts(*said, name="growth").value == "-0.35"
    assert counts(*months("2026-01", 60, 70), name="growth").state is State.MISSING
    assert counts(*months("2025-01", 0, 0), *months("2026-01", 6, 7), name="growth").state is State.MISSING


def test_a_figure_of_months_ago_is_stale():
    assert counts(*months("2025-01", 100, 100), name="sales").state is State.STALE
    assert counts(*months("2025-01", 100, 100), name="quarter").state is State.STALE


def test_a_size_class_is_known_once_the_rest_cannot_change_it():
    """批发业: 20 people and 5 of them … micro below 5 people whatever it earns."""
    micro = counts(Said("industry", "F5112"), Said("staff", "3"), name="size")
    assert micro.value == "micro"
    assert counts(Said("industry", "F5112"), Said("staff", "300"), name="size").state is State.MISSING
    large = [
        Said("industry", "F5112"),
        Said("staff", "300"),
        Said("revenue", "400000000", as_of=date(2025, 12, 31)),
    ]
    assert counts(*large, name="size").value == "large"


@pytest.mark.parametrize(
    ("exporter", "staff", "holds"), [(True, "3", True), (False, None, False), (True, None, None), (None, "3", None)]
)
def test_criteria_can_be_a_fact(exporter, staff, holds):
    said = [Said("industry", "F5112")]
    said += [] if staff is None else [Said("staff", staff)]
    said += [] if exporter is None else [Said("exporter", exporter)]
    assert counts(*said, name="small_exporter").value is holds


def test_the_area_is_that_of_the_party():
    found = counts(name="area", area_path="/370100000000/370199000000/370199001000/")
    assert found.value == "370199001"


statements = st.lists(
    st.builds(
        Said,
        st.just("staff"),
        st.sampled_from(["1", "2", None]),
        st.sampled_from(["tax", "statistics", "self"]),
        st.sampled_from([TODAY, TODAY - timedelta(days=30), TODAY - timedelta(days=500)]),
        st.integers(0, 50),
    ),
    max_size=6,
    unique_by=lambda one: one.hours_ago,
)


@given(statements, st.randoms())
def test_the_order_of_statements_does_not_matter(said, random):
    other = list(said)
    random.shuffle(other)
    one, two = counts(*said), counts(*other)
    assert (one.state, one.value, one.as_of) == (two.state, two.value, two.as_of)


@given(statements)
def test_what_counts_was_stated(said):
    found = counts(*said)
    if found.state is State.KNOWN:
        assert any((one.value, one.as_of) == (found.value, found.as_of) for one in said)
        assert Decimal(found.value) in (1, 2)
