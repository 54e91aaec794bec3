"""What is published for everybody counts by day and by division, and is never guessed to go on."""

from __future__ import annotations

from datetime import date

import pytest

from tests.facts.words import SPEC, Said
from zerotrip.facts.lacking import askable, lacking
from zerotrip.facts.spec import FactsSpec
from zerotrip.facts.vocabulary import Vocabulary
from zerotrip.facts.words import found
from zerotrip.facts.worth import State, known

MORE = FactsSpec.model_validate_json(
    """{"sources": [{"id": "tax", "trust": 1, "name": {"zh": "税务"}}], "facts": [
      {"id": "area", "kind": "area", "label": {"zh": "区域"}, "computed": {"party": "area"}},
      {"id": "signed", "kind": "date", "label": {"zh": "签订日期"}},
      {"id": "floor", "kind": "number", "label": {"zh": "面积"}},
      {"id": "lpr", "kind": "number", "decimals": 4, "at_most": 1, "label": {"zh": "LPR"}, "fresh": 40,
       "computed": {"published": [
        {"since": "2026-02-20", "value": 0.03, "source": "同业拆借中心"},
        {"since": "2026-01-20", "value": 0.031, "source": "同业拆借中心"},
        {"since": "2025-10-20", "value": 0.032, "source": "同业拆借中心"}]}},
      {"id": "wage", "kind": "money", "label": {"zh": "最低工资"}, "computed": {"published": [
        {"since": "2023-10-01", "value": 1800, "source": "省"},
        {"since": "2025-10-01", "value": 2000, "source": "省"},
        {"since": "2023-10-01", "value": 2200, "within": ["3701"], "source": "省"},
        {"since": "2023-10-01", "value": 1900, "within": ["370124", "370126"], "source": "省"}]}},
      {"id": "unfilled", "kind": "money", "label": {"zh": "社平工资"}, "computed": {"published": []}},
      {"id": "signed_lpr", "kind": "number", "decimals": 4, "at_most": 1, "label": {"zh": "签订时的 LPR"},
       "computed": {"published_on": {"of": "lpr", "day": "signed"}}},
      {"id": "half", "kind": "number", "label": {"zh": "一半"},
       "computed": {"scaled": {"of": "lpr", "times": 0.5}}},
      {"id": "counted", "kind": "number", "label": {"zh": "计入"}, "computed": {"least": ["floor", 200]}},
      {"id": "at_least_wage", "kind": "money", "label": {"zh": "不低于"}, "computed": {"greatest": ["wage", 2100]}}
    ]}"""
)
WORDS = Vocabulary.of([MORE])


def on(day: str, *said: Said, area_path: str = "/370000000000/370100000000/370102000000/"):
    return known(WORDS, said, today=date.fromisoformat(day), area_path=area_path).worths


@pytest.mark.parametrize(
    ("day", "value", "until"),
    [
        ("2026-01-20", "0.031", "2026-02-19"),
        ("2026-02-19", "0.031", "2026-02-19"),
        ("2026-02-20", "0.03", "2026-04-01"),
        ("2026-01-19", "0.032", "2026-01-19"),  # unconfirmed, but the next one says until when it held
    ],
)
def test_a_value_counts_from_its_day_until_the_next_one(day, value, until):
    found = on(day)["lpr"]
    assert (found.state, found.value, found.until) == (State.KNOWN, value, date.fromisoformat(until))
    assert found.source == "同业拆借中心"


def test_a_value_nobody_confirmed_is_stale_and_what_follows_from_it_unknown():
    found = on("2026-04-02")
    assert (found["lpr"].state, found["lpr"].value, found["lpr"].as_of) == (State.STALE, None, date(2026, 2, 20))
    assert found["half"].state is State.STALE


def test_before_the_first_value_nothing_is_known_until_the_day_before_it():
    found = on("2025-10-19")["lpr"]
    assert (found.state, found.until) == (State.MISSING, date(2025, 10, 19))


@pytest.mark.parametrize(
    ("place", "value"),
    [("370102000000", "2200"), ("370124000000", "1900"), ("370124001000", "1900"), ("370900000000", "2000")],
)
def test_the_narrowest_division_counts(place, value):
    assert on("2026-03-03", area_path=f"/370000000000/{place}/")["wage"].value == value


def test_where_it_differs_by_division_it_is_unknown_of_somebody_who_is_nowhere():
    found = on("2026-03-03", area_path="")["wage"]
    assert (found.state, found.needs) == (State.MISSING, ("area",))


def test_what_the_district_has_not_filled_in_is_unknown():
    assert on("2026-03-03")["unfilled"].state is State.MISSING


def test_the_value_of_an_earlier_day_is_read_by_a_fact_that_is_that_day():
    assert on("2026-03-03", Said("signed", "2025-12-31"))["signed_lpr"].value == "0.032"
    assert on("2026-03-03", Said("signed", "2024-12-31"))["signed_lpr"].state is State.MISSING
    assert on("2026-03-03")["signed_lpr"].needs == ("signed",)


def test_nobody_knows_the_value_of_a_day_to_come():
    found = on("2026-03-03", Said("signed", "2026-03-04"))["signed_lpr"]
    assert (found.state, found.until) == (State.MISSING, date(2026, 3, 3))


def test_the_least_and_the_greatest_are_of_facts_and_numbers():
    found = on("2026-03-03", Said("floor", "250"))
    assert (found["counted"].value, found["at_least_wage"].value) == ("200", "2200")
    assert on("2026-03-03", Said("floor", "150"))["counted"].value == "150"
    assert on("2026-03-03")["counted"].state is State.MISSING


def test_nobody_is_asked_to_state_what_is_published():
    today = date(2026, 4, 2)
    nothing = known(WORDS, [], today=today, area_path="/370102000000/")
    assert lacking(["half", "unfilled", "counted"], WORDS, nothing, today=today)[0].name == "floor"
    assert len(lacking(["half", "unfilled", "counted"], WORDS, nothing, today=today)) == 1
    assert askable(["half", "signed_lpr"], WORDS) == ["signed"]


def test_a_reader_is_told_why_a_published_value_is_not_known():
    said = on("2026-04-02")
    told = found(WORDS.facts["lpr"], said["lpr"], WORDS)
    assert told == "同业拆借中心 2026-02-20 公布的数值已过有效期，等本区更新"
    assert found(WORDS.facts["unfilled"], said["unfilled"], WORDS) == "本区还没有登记公布的数值"
    said = on("2026-03-03")
    assert found(WORDS.facts["lpr"], said["lpr"], WORDS) == "现为 3%，同业拆借中心，2026-02-20 起"


def test_the_whole_comes_back_from_what_is_kept():
    dumped = MORE.model_dump(mode="json", exclude_defaults=True)
    assert FactsSpec.model_validate(dumped) == MORE
    assert SPEC.facts
