"""A file with a holiday notice: taken whole, or each thing that cannot be meant is named with its line."""

from __future__ import annotations

from datetime import date

import pytest

from config.commands.calendar import tables_of
from config.faults import Fault

WHOLE = """
off:
  2027-01-01: 元旦
  2027-02-05: 春节
  2027-02-08: 春节
  2027-02-09: 春节
  2027-02-10: 春节
  2027-04-05: 清明节
  2027-05-03: 劳动节
  2027-06-09: 端午节
  2027-09-15: 中秋节
  2027-10-01: 国庆节
  2027-10-04: 国庆节
worked:
  2027-10-09: 国庆节
"""
"""A notice as one may come, its weekends left out: they are off anyway."""


def told(text: str) -> str:
    """What is said of a file that is not taken."""
    with pytest.raises(Fault) as fault:
        tables_of(text, name="2027.yaml", year=2027)
    return str(fault.value)


def test_a_whole_notice_is_taken():
    off, worked = tables_of(WHOLE, name="2027.yaml", year=2027)
    assert len(off) == 11
    assert off[date(2027, 2, 5)] == "春节"
    assert worked == {date(2027, 10, 9): "国庆节"}


def test_months_that_are_missing_are_a_gap():
    gap = told(WHOLE.replace("  2027-05-03: 劳动节\n", "").replace("  2027-06-09: 端午节\n", ""))
    assert "2027-06-09: 端午节 is missing among the days off" in gap
    assert "2027-05" not in gap, "the first two of May are a weekend"
    assert "国庆节 is missing" in told("off: {2027-01-01: 元旦}")
    assert told("").count("is missing") == 7


def test_a_table_or_a_day_written_twice_is_named_with_its_line():
    assert "2027.yaml:16: “worked”写了两次。" in told(WHOLE + "worked: {2027-10-10: 国庆节}\n")
    assert "2027.yaml:4: “2027-01-01”写了两次。" in told(WHOLE.replace("off:\n", "off:\n  2027-01-01: 元旦\n"))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2027-10-01", "both a day off and worked"),
        ("2027-10-02", "国庆节 is off by law"),
        ("2027-10-12", "a make-up day is a Saturday or a Sunday"),
        ("2027-13-01", "no day with its holiday"),
        ("[1]", "no day with its holiday"),
    ],
)
def test_a_make_up_day_that_cannot_be_is_named_with_its_line(day, why):
    assert f"2027.yaml:16: {day if why.startswith('no') is False else ''}" in told(f"{WHOLE}  {day}: 国庆节\n")
    assert why in told(f"{WHOLE}  {day}: 国庆节\n")


def test_what_is_no_table_names_every_holiday_it_lacks():
    assert "is missing" in told("- 2027-01-01")
    assert "is missing" in told("off: 2027")
