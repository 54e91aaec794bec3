"""Numbers in templates: amounts with their unit as people say them, in either language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from zerotrip.questions.words import Words
from zerotrip.web.templatetags.show import counted_as, or_dash, till, wan
from zerotrip.workdays.calendar import CHINA


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("4930", "4,930 万元", "CNY 49.3 million"),
        ("120.5", "120.50 万元", "CNY 1.205 million"),
        ("26", "26 万元", "CNY 260,000"),
    ],
)
def test_what_is_kept_in_ten_thousands_is_said_in_the_unit_of_the_language(amount, chinese, english):
    assert wan(Decimal(amount)) == chinese
    with override("en"):
        assert wan(Decimal(amount)) == english


def test_an_outcome_in_yuan_is_money_and_any_other_has_its_unit():
    assert counted_as(Decimal(448_000), Words(zh="元", en="yuan")) == "44.8 万元"
    assert counted_as(Decimal("1200.50"), Words(zh="平方米", en="m²")) == "1,200.5 平方米"


def test_none_is_a_dash_to_the_eye_and_a_number_to_the_ear():
    assert or_dash(1200) == "1,200"
    assert "—" in or_dash(0)
    assert '<span class="sr">0</span>' in or_dash(0)


def test_what_ends_at_midnight_ends_with_its_day():
    begins, ends = datetime(2026, 3, 2, 16, 33, tzinfo=CHINA), datetime(2026, 3, 5, tzinfo=CHINA)
    assert till(begins, ends) == "3 月 2 日 16:33 – 3 月 4 日 24:00"
