"""What is worked out of figures: exact, like for like, and back again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.indicators.arithmetic import (
    agrees,
    contribution,
    cumulated,
    decimals_of,
    growth,
    mean,
    pull,
    rounded,
    share,
    singles,
)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False)
positive = st.decimals(min_value=Decimal("0.0001"), max_value=10**9, places=4, allow_nan=False)
perhaps = st.none() | amounts


@pytest.mark.parametrize(
    ("value", "base", "published"),
    [("1.85", "1.5164", "22"), ("2.08", "1.9810", "5"), ("48.88", "43.2566", "13"), ("3.00", "2.7273", "10")],
)
def test_the_quarter_of_the_story_grows_as_it_was_published(value, base, published):
    ours = growth(Decimal(value), Decimal(base))
    assert rounded(ours, 1) == Decimal(published)
    assert agrees(ours, Decimal(published))


def test_of_a_base_that_is_not_above_zero_nothing_grows():
    assert growth(Decimal(5), Decimal(0)) is None
    assert growth(Decimal(5), Decimal(-2)) is None
    assert growth(Decimal(-5), Decimal(10)) == -150


@given(st.lists(amounts, max_size=12))
def test_what_periods_bring_adds_up_to_the_year_and_comes_apart_again(values):
    assert singles(cumulated(values)) == values
    assert cumulated(singles(values)) == values


@given(st.lists(perhaps, max_size=12))
def test_a_gap_is_never_filled(values):
    apart = singles(values)
    for place, value in enumerate(values):
        known = value is not None and (place == 0 or values[place - 1] is not None)
        assert (apart[place] is not None) == known
    together = cumulated(values)
    first_gap = values.index(None) if None in values else len(values)
    assert all(total is not None for total in together[:first_gap])
    assert all(total is None for total in together[first_gap:])


@given(positive, amounts)
def test_growth_over_a_base_gives_the_figure_again(base, value):
    again = base * (1 + growth(value, base) / 100)
    assert abs(again - value) <= abs(value) * Decimal("1e-20") + Decimal("1e-12")


@given(positive, positive, positive)
def test_growth_does_not_depend_on_the_unit(value, base, unit):
    assert abs(growth(value * unit, base * unit) - growth(value, base)) <= Decimal("1e-9") * (1 + value / base)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=8))
def test_what_the_parts_pull_is_the_growth_of_the_whole(parts):
    whole, whole_base = sum(now for now, _base in parts), sum(base for _now, base in parts)
    pulled = sum(pull(now, base, whole_base) for now, base in parts)
    assert abs(pulled - growth(whole, whole_base)) <= Decimal("1e-12") * (1 + abs(pulled))


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=8))
def test_contributions_of_an_increase_make_a_hundred_per_cent_and_there_are_none_of_a_decrease(parts):
    whole, whole_base = sum(now for now, _base in parts), sum(base for _now, base in parts)
    given_ = [contribution(now, base, whole, whole_base) for now, base in parts]
    if whole > whole_base:
        assert abs(sum(given_) - 100) <= Decimal("1e-6") * (1 + max(map(abs, given_)))
    else:
        assert given_ == [None] * len(parts)


@given(st.lists(st.tuples(amounts, positive), min_size=1, max_size=8))
def test_a_mean_lies_between_the_least_and_the_most(weighted):
    values = [value for value, _weight in weighted]
    slack = Decimal("1e-12")
    assert min(values) - slack <= mean(weighted) <= max(values) + slack


def test_without_weight_there_is_no_mean_and_without_target_no_share():
    assert mean([]) is None
    assert mean([(Decimal(5), Decimal(0))]) is None
    assert share(Decimal(5), Decimal(0)) is None
    assert share(Decimal("1.85"), Decimal("8.80")).quantize(Decimal("0.1")) == Decimal("21.0")


def test_halves_are_rounded_away_from_zero():
    assert rounded(Decimal("2.345"), 2) == Decimal("2.35")
    assert rounded(Decimal("-2.345"), 2) == Decimal("-2.35")


@given(amounts)
def test_places_count_no_trailing_noughts(value):
    places = decimals_of(value)
    assert rounded(value, places) == value
    assert places == 0 or rounded(value, places - 1) != value


def test_a_published_growth_is_met_at_its_own_places():
    assert agrees(Decimal("21.96"), Decimal("22"))
    assert not agrees(Decimal("21.96"), Decimal("22.1"))
    assert agrees(Decimal("21.96"), Decimal("22.0"))
