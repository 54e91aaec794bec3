"""Size classes and above-scale: every bound of the tables, and what is said where figures are missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zerotrip.parties.industries import industries, industry
from zerotrip.parties.scale import (
    Group,
    Measure,
    Size,
    amount,
    group_of,
    size_of,
    standing_of,
    threshold_of,
)

X, Y, Z = Measure.STAFF, Measure.REVENUE, Measure.ASSETS

TABLE = {
    "0111": {Y: (20000, 500, 50)},
    "0610": {X: (1000, 300, 20), Y: (40000, 2000, 300)},
    "3921": {X: (1000, 300, 20), Y: (40000, 2000, 300)},
    "4411": {X: (1000, 300, 20), Y: (40000, 2000, 300)},
    "4710": {Y: (80000, 6000, 300), Z: (80000, 5000, 300)},
    "5111": {X: (200, 20, 5), Y: (40000, 5000, 1000)},
    "5211": {X: (300, 50, 10), Y: (20000, 500, 100)},
    "5431": {X: (1000, 300, 20), Y: (30000, 3000, 200)},
    "5910": {X: (1000, 300, 20), Y: (30000, 3000, 200)},
    "5920": {X: (200, 100, 20), Y: (30000, 1000, 100)},
    "6020": {X: (1000, 300, 20), Y: (30000, 2000, 100)},
    "6110": {X: (300, 100, 10), Y: (10000, 2000, 100)},
    "6210": {X: (300, 100, 10), Y: (10000, 2000, 100)},
    "6312": {X: (2000, 100, 10), Y: (100000, 1000, 100)},
    "6421": {X: (2000, 100, 10), Y: (100000, 1000, 100)},
    "6513": {X: (300, 100, 10), Y: (10000, 1000, 50)},
    "7010": {Y: (200000, 1000, 100), Z: (10000, 5000, 2000)},
    "7020": {X: (1000, 300, 100), Y: (5000, 1000, 500)},
    "7259": {X: (300, 100, 10), Z: (120000, 8000, 100)},
    "7320": {X: (300, 100, 10)},
    "7030": {X: (300, 100, 10)},
    "8514": {X: (300, 100, 10)},
}
"""Printed in 国统字〔2017〕213号: the least of large, medium and small, by one industry of each line."""

BOUNDS = [
    (code, measure, place, bound)
    for code, least in TABLE.items()
    for measure, bounds in least.items()
    for place, bound in enumerate(bounds)
]
ORDER = list(Size)


def filled(code: str, **known: Decimal) -> dict[Measure, Decimal | None]:
    """Figures of a large enterprise of this industry, but for those given."""
    large: dict[Measure, Decimal | None] = {measure: Decimal(bounds[0]) for measure, bounds in TABLE[code].items()}
    return large | {Measure(name): value for name, value in known.items()}


@pytest.mark.parametrize(("code", "measure", "place", "bound"), BOUNDS)
def test_a_bound_reached_is_of_the_class_and_a_hundredth_less_is_one_lower(
    code: str, measure: Measure, place: int, bound: int
):
    reached = size_of(code, filled(code, **{measure.value: Decimal(bound)}))
    missed = size_of(code, filled(code, **{measure.value: Decimal(bound) - Decimal("0.01")}))
    assert (reached.size, missed.size) == (ORDER[place], ORDER[place + 1])


@pytest.mark.parametrize("code", ["5311", "6621", "8310", "8411", "9210", "9700", ""])
def test_railways_finance_schools_hospitals_and_offices_have_no_size_class(code: str):
    found = size_of(code, {X: Decimal(1000), Y: Decimal(100000), Z: Decimal(100000)})
    assert (found.size, found.possible, found.missing, found.matters) == (None, (), (), False)
    assert found.texts() == ["这个行业不在划型标准内。"]


def test_every_industry_falls_under_one_line_or_under_none_as_the_scope_of_the_standard_says():
    without = {one.code[:2] for one in industries() if one.level == 4 and group_of(one.code) is None}
    assert without == {"53", "66", "67", "68", "69", "83", "84", "91", "92", "93", "94", "95", "96", "97"}


def test_a_wide_industry_is_enough_where_its_line_is():
    assert size_of("C", {X: Decimal(20), Y: Decimal(300)}).size is Size.SMALL
    assert isinstance(group_of("M"), Group)
    assert group_of("K") is None


def test_the_lowest_figure_decides_and_the_derivation_says_so():
    found = size_of("3921", {X: Decimal(320), Y: Decimal(1800)})
    assert found.size is Size.SMALL
    assert found.texts() == [
        "按“工业”划型",
        "从业人员 320 人 < 1,000 人 → 中型",
        "营业收入 1,800 万元 < 2,000 万元 → 小型",
        "各项下限须同时满足，否则下划一档 → 小型",
    ]


def test_a_missing_figure_leaves_open_what_it_could_still_pull_down():
    found = size_of("3921", {X: Decimal(320)})
    assert found.size is None
    assert found.possible == (Size.MEDIUM, Size.SMALL, Size.MICRO)
    assert (found.missing, found.matters) == ((Y,), True)
    assert found.texts()[-2:] == ["营业收入：未知", "缺少的数据会影响结果，可能是：中型、小型、微型"]


def test_a_missing_figure_does_not_matter_once_another_gives_micro():
    found = size_of("3921", {Y: Decimal("299.9")})
    assert (found.size, found.missing, found.matters) == (Size.MICRO, (X,), False)
    assert found.texts()[-1] == "已有数据只够微型，缺少的数据不影响结果"


def test_without_any_figure_every_class_is_possible():
    found = size_of("5211", {})
    assert (found.size, found.possible, found.missing) == (None, tuple(Size), (X, Y))


def test_figures_the_table_does_not_ask_for_change_nothing():
    assert size_of("7320", {X: Decimal(100), Y: Decimal(0), Z: None}).size is Size.MEDIUM


@pytest.mark.parametrize(
    ("code", "bound"),
    [
        ("0610", 2000), ("3921", 2000), ("4411", 2000), ("5111", 2000), ("5211", 500), ("6110", 200),
        ("6210", 200), ("5311", 2000), ("6513", 2000), ("7820", 2000), ("8411", 2000), ("7259", 1000),
        ("7320", 1000), ("8310", 1000), ("7020", 1000), ("7030", 1000), ("7040", 1000), ("7090", 1000),
        ("8040", 500), ("8760", 500), ("8514", 500),
    ],
)  # fmt: skip
def test_above_scale_begins_at_the_threshold_of_the_industry(code: str, bound: int):
    assert standing_of(code, revenue=Decimal(bound)).above is True
    assert standing_of(code, revenue=Decimal(bound) - Decimal("0.01")).above is False
    assert standing_of(code, revenue=None).above is None


@pytest.mark.parametrize("code", ["4710", "7010"])
@pytest.mark.parametrize("has", [True, False, None])
def test_builders_and_developers_are_above_scale_by_what_they_have_not_by_revenue(code: str, has: bool | None):
    assert standing_of(code, revenue=Decimal(10**6), has=has).above is has


@pytest.mark.parametrize("code", ["0111", "6621", "9210", "9700", ""])
def test_farms_banks_and_offices_know_no_above_scale(code: str):
    assert threshold_of(code) is None
    assert standing_of(code, revenue=Decimal(10**6)).above is None


def test_a_standing_says_its_figure_and_its_bound():
    told = standing_of("5211", revenue=Decimal("499.5")).text()
    assert told == "限额以上零售业：营业收入 499.5 万元 < 500 万元"
    assert "未知" in standing_of("5211", revenue=None).text()
    assert "资质" in standing_of("4710", revenue=None).text()


def test_amounts_carry_their_unit_and_no_needless_zeros():
    assert amount(Y, Decimal("1800.00")) == "1,800 万元"
    assert amount(X, Decimal(1200)) == "1,200 人"
    assert amount(Y, Decimal("1E+4")) == "10,000 万元"


def test_the_industries_of_the_tables_are_of_the_standard():
    named = [code for code in TABLE if industry(code) is None]
    assert named == []
