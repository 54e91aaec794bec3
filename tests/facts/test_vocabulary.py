"""A stated value is kept as its fact keeps it, or refused with what is wrong."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.facts.words import WORDS
from zerotrip.facts.trees import area_key
from zerotrip.facts.vocabulary import Unfit, ends_a_period, industry_key, period_before, value_of


@pytest.mark.parametrize(
    ("name", "written", "unit", "kept"),
    [
        ("staff", "1,200", "", "1200"),
        ("staff", 12, "人", "12"),
        ("staff", "1.2", "千人", "1200"),
        ("sales", "3", "万元", "30000"),
        ("sales", "0.055", "亿元", "5500000"),
        ("opened", datetime(2020, 5, 1), "", "2020-05-01"),
        ("exporter", "是", "", True),
        ("exporter", False, "", False),
        ("markets", "国外、国内", "", ["abroad", "home"]),
        ("markets", [], "", []),
        ("industry", 3921, "", "C3921"),
        ("industry", "C39", "", "C39"),
        ("motto", " 快 ", "", "快"),
    ],
)
def test_a_value_is_kept_in_one_form(name, written, unit, kept):
    assert value_of(WORDS.facts[name], written, unit=unit) == kept


@pytest.mark.parametrize(
    ("name", "written", "unit"),
    [
        ("staff", "many", ""),
        ("staff", "12", "万元"),
        ("staff", "-1", ""),
        ("staff", "200", "千人"),
        ("staff", True, ""),
        ("staff", "NaN", ""),
        ("staff", "1e400", ""),
        ("sales", "3", "美元"),
        ("sales", "9" * 30, ""),
        ("opened", "2020-13-01", ""),
        ("opened", "0001-01-01", ""),
        ("opened", "2020-01-01", "天"),
        ("exporter", "也许", ""),
        ("markets", "火星", ""),
        ("industry", "9999", ""),
        ("industry", None, ""),
        ("motto", "", ""),
        ("motto", "字" * 500, ""),
    ],
)
def test_what_does_not_fit_is_refused(name, written, unit):
    with pytest.raises(Unfit):
        value_of(WORDS.facts[name], written, unit=unit)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("370000000000", "37"),
        ("370100", "3701"),
        ("370199001000", "370199001"),
        ("370199001001", "370199001001"),
        ("370199001001002", "370199001001002"),
        ("110000", "11"),
        ("37", "37"),
        ("3701990", None),
        ("济南", None),
        ("", None),
    ],
)
def test_an_area_is_the_digits_that_tell(code, key):
    assert area_key(code) == key


@pytest.mark.parametrize(
    ("code", "key"), [("39", "C39"), ("C", "C"), ("5291", "F5291"), ("F39", None), ("Z", None)]
)
def test_an_industry_begins_with_its_section(code, key):
    assert industry_key(code) == key


def test_a_figure_is_dated_by_the_last_day_of_its_period():
    sales, assets = WORDS.facts["sales"], WORDS.facts["assets"]
    assert ends_a_period(sales, date(2024, 2, 29))
    assert not ends_a_period(sales, date(2024, 2, 28))
    assert ends_a_period(assets, date(2024, 12, 31))
    assert not ends_a_period(assets, date(2024, 11, 30))
    assert period_before(sales, date(2024, 3, 31)) == date(2024, 2, 29)
    assert period_before(assets, date(2024, 12, 31), 2) == date(2022, 12, 31)
