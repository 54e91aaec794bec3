"""Figures add up and grow like with like; where they cannot, they say why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zerotrip.indicators.figures import Book, Key, Place, Row, Why
from zerotrip.indicators.periods import Frequency, Period, back_from, latest_over, period_of
from zerotrip.indicators.spec import IndicatorSpec

D = Decimal
NOW = Period(2026, 2, Frequency.QUARTER)
LAST = NOW.year_before
ROOT, A, B, C = "/1/", "/1/a/", "/1/b/", "/1/c/"
PLACES = {path: Place(path, "district" if path == ROOT else "subdistrict", path) for path in (ROOT, A, B, C)}


def spec(**changes) -> IndicatorSpec:
    declared = {
        "id": "one",
        "name": {"zh": "甲", "en": "One"},
        "unit": {"zh": "亿元", "en": "x"},
        "frequency": "quarter",
        "department": "statistics",
        "source": {"zh": "来源", "en": "Source"},
        **changes,
    }
    return IndicatorSpec.model_validate(declared)


def book(figures: dict, *, targets=None, more=(), **changes) -> Book:
    """A book of ``{(path, period): value or Row}`` of one indicator."""
    specs = {one.id: one for one in (spec(**changes), *more)}
    rows = {}
    for (name, path, period), value in ((key if len(key) == 3 else ("one", *key), v) for key, v in figures.items()):
        rows[Key(name, path, "", period.year, period.number)] = (
            value if isinstance(value, Row) else Row(D(str(value)))
        )
    return Book(specs, rows, PLACES, targets or {})


def test_an_area_without_a_figure_of_its_own_is_added_up_of_those_below():
    read = book({(A, NOW): 10, (B, NOW): 20, (C, NOW): 5, (A, LAST): 8, (B, LAST): 20, (C, LAST): 2})
    value, change = read.value("one", ROOT, NOW), read.change("one", ROOT, NOW)
    assert (value.amount, value.own, value.missing) == (35, False, ())
    assert (change.base, change.why) == (30, Why.ADDED_UP)
    assert change.amount.quantize(D("0.01")) == D("16.67")


def test_its_own_figure_goes_before_the_sum():
    assert book({(ROOT, NOW): 36, (A, NOW): 10, (B, NOW): 20}).value("one", ROOT, NOW).amount == 36


def test_who_has_not_reported_is_named_and_growth_compares_the_others_alone():
    read = book({(A, NOW): 10, (B, NOW): 20, (A, LAST): 8, (B, LAST): 20, (C, LAST): 100})
    assert read.value("one", ROOT, NOW).missing == (C,)
    change = read.change("one", ROOT, NOW)
    assert (change.value, change.base, change.why) == (30, 28, Why.PARTIAL)


def test_who_has_no_base_is_left_out_of_the_comparison_on_both_sides():
    read = book({(A, NOW): 10, (B, NOW): 20, (C, NOW): 7, (A, LAST): 8, (B, LAST): 20})
    change = read.change("one", ROOT, NOW)
    assert (change.value, change.base, change.left_out, change.why) == (30, 28, (C,), Why.PARTIAL)


def test_a_stated_base_is_used_in_the_area_and_in_those_above():
    moved = Row(D(12), base=D(10), base_note="两户迁出")
    read = book({(A, NOW): moved, (B, NOW): 20, (C, NOW): 5, (A, LAST): 15, (B, LAST): 20, (C, LAST): 5})
    assert (read.change("one", A, NOW).amount, read.change("one", A, NOW).why) == (20, Why.STATED)
    above = read.change("one", ROOT, NOW)
    assert (above.base, above.why, above.note) == (35, Why.STATED, "两户迁出")


def test_a_base_that_was_corrected_says_so():
    read = book({(A, NOW): 10, (A, LAST): Row(D(8), revision=2)})
    assert read.change("one", A, NOW).why is Why.REVISED


@pytest.mark.parametrize(("base", "why"), [(None, Why.MISSING), (0, Why.NOT_POSITIVE), (-3, Why.NOT_POSITIVE)])
def test_without_a_base_above_zero_there_is_no_growth(base, why):
    figures = {(A, NOW): 10} if base is None else {(A, NOW): 10, (A, LAST): base}
    change = book(figures, least=None).change("one", A, NOW)
    assert (change.amount, change.why) == (None, why)


BREAK = [{"year": 2026, "number": 1, "note": {"zh": "口径扩大", "en": "Wider"}}]


def test_across_a_change_of_definition_nothing_grows_unless_a_comparable_base_is_stated():
    read = book({(A, NOW): 10, (A, LAST): 8}, breaks=BREAK)
    assert (read.change("one", A, NOW).amount, read.change("one", A, NOW).why) == (None, Why.BROKEN)
    stated = book({(A, NOW): Row(D(10), base=D(8), base_note="按新口径"), (A, LAST): 5}, breaks=BREAK)
    assert stated.change("one", A, NOW).amount == 25


@pytest.mark.parametrize(("year", "broken"), [(2025, False), (2026, True), (2027, False)])
def test_a_change_of_definition_concerns_the_year_that_follows_it_alone(year, broken):
    period = Period(year, 2, Frequency.QUARTER)
    read = book({(A, period): 10, (A, period.year_before): 8}, breaks=BREAK)
    assert (read.change("one", A, period).why is Why.BROKEN) == broken


def test_a_mean_is_weighed_and_grows_only_with_the_same_areas():
    more = [spec(id="heads")]
    figures = {
        ("one", A, NOW): 60, ("one", B, NOW): 90, ("heads", A, NOW): 1, ("heads", B, NOW): 3,
        ("one", A, LAST): 60, ("one", B, LAST): 80, ("heads", A, LAST): 1, ("heads", B, LAST): 1,
    }  # fmt: skip
    mean = {"rolls_up": "mean", "weight": "heads", "change": "points"}
    read = book(figures, more=more, **mean)
    assert read.value("one", ROOT, NOW).amount == D("82.5")
    assert read.change("one", ROOT, NOW).amount == D("12.5")
    del figures["one", B, LAST]
    assert book(figures, more=more, **mean).change("one", ROOT, NOW).why is Why.INCOMPLETE


def test_what_does_not_roll_up_stays_where_it_was_reported():
    assert book({(A, NOW): 10, (B, NOW): 20}, rolls_up="none").value("one", ROOT, NOW) is None


def test_what_a_quarter_brought_is_the_year_so_far_without_what_came_before():
    first = NOW.before
    read = book({(A, NOW): 10, (A, first): 4, (B, NOW): 3})
    assert read.single("one", A, NOW) == 6
    assert read.single("one", A, first) == 4
    assert read.single("one", B, NOW) is None
    assert read.single("one", ROOT, NOW) is None  # B has no first quarter: not the same areas


def test_the_share_of_a_target_takes_the_year_so_far():
    periods = {(A, period): 10 for period in NOW.to_date}
    read = book(periods, reported="period", targets={("one", A, 2026): D(80)})
    assert (read.to_date("one", A, NOW), read.reached("one", A, NOW)) == (20, 25)
    assert book({(A, NOW): 10}, reported="period", targets={("one", A, 2026): D(80)}).reached("one", A, NOW) is None


def test_a_target_of_an_area_is_its_own_or_that_of_all_below():
    targets = {("one", path, 2026): D(10) for path in (A, B, C)}
    assert book({}, targets=targets).target("one", ROOT, 2026) == 30
    assert book({}, targets={**targets, ("one", ROOT, 2026): D(40)}).target("one", ROOT, 2026) == 40
    del targets["one", C, 2026]
    assert book({}, targets=targets).target("one", ROOT, 2026) is None


amounts = st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False)


@given(st.dictionaries(st.tuples(st.sampled_from([A, B, C]), st.sampled_from([NOW, LAST])), amounts))
def test_growth_of_a_sum_compares_exactly_the_areas_that_have_both(figures):
    read = book(figures)
    change = read.change("one", ROOT, NOW)
    both = [path for path in (A, B, C) if (path, NOW) in figures and (path, LAST) in figures]
    if change is None:
        assert not any((path, NOW) in figures for path in (A, B, C))
    elif not both:
        assert (change.why, change.amount) == (Why.MISSING, None)
    else:
        assert change.value == sum(figures[path, NOW] for path in both)
        assert change.base == sum(figures[path, LAST] for path in both)
        assert (change.why is Why.NOT_POSITIVE) == (change.base <= 0)


@pytest.mark.parametrize(
    "changes",
    [{"rolls_up": "mean"}, {"weight": "two"}, {"change": "points"}, {"flow": False}, {"frequency": "week"}],
)
def test_a_declaration_agrees_with_itself(changes):
    with pytest.raises(ValidationError):
        spec(**changes)


def test_periods_have_their_names_in_order_and_their_days():
    assert [one.key for one in back_from(Period(2026, 2, Frequency.QUARTER), 3)] == ["2026-2", "2026-1", "2025-4"]
    assert NOW.name(cumulative=True) == "2026 年上半年"
    assert Period(2026, 5, Frequency.MONTH).name(cumulative=True) == "2026 年 1—5 月"
    assert str(NOW.last_day) == "2026-06-30"
    assert str(NOW.due(15)) == "2026-07-15"
    assert latest_over(NOW.last_day, Frequency.QUARTER) == NOW.before
    assert latest_over(NOW.due(1), Frequency.QUARTER) == NOW


@pytest.mark.parametrize("text", ["", "2026", "2026-5", "2026-0", "x-1", "²-1", "0001-1", "2026-1-1"])
def test_what_is_no_period_is_none(text):
    assert period_of(text, Frequency.QUARTER) is None
