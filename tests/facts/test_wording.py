"""Values as a record shows them: in the unit people say, shares in per cent, days with their year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.facts.words import WORDS
from zerotrip.facts.wording import in_round_figures, value_text, whole_day


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("980.5", "980.5 元", "CNY 980.5"),
        ("357120", "35.71 万元", "CNY 357,120"),
        ("345600", "34.56 万元", "CNY 345,600"),
        ("52000000", "5,200 万元", "CNY 52,000,000"),
        ("-144000000", "−1.44 亿元", "CNY −144,000,000"),
    ],
)
def test_money_is_told_to_two_places_of_its_unit(amount, chinese, english):
    assert in_round_figures(Decimal(amount)) == chinese
    with override("en"):
        assert in_round_figures(Decimal(amount)) == english


@pytest.mark.parametrize(("value", "told"), [("0.10808", "10.81%"), ("-0.3", "−30%"), ("0", "0%")])
def test_a_rate_of_change_is_told_in_per_cent(value, told):
    assert value_text(WORDS.facts["growth"], value) == told


def test_a_count_is_told_with_its_unit():
    assert value_text(WORDS.facts["staff"], "1320") == "1,320 人"


def test_a_day_is_told_with_its_year_in_either_language():
    assert whole_day(date(2026, 4, 14)) == "2026 年 4 月 14 日"
    with override("en"):
        assert whole_day(date(2026, 4, 14)) == "14 Apr 2026"
