"""What differs by case, time between two days, whole ones, named periods, listed areas: reckoned once, the same in
Python and in the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from tests.facts.words import SPEC, Said
from zerotrip.criteria import Truth, select
from zerotrip.facts import columns
from zerotrip.facts.actions import declare, derive
from zerotrip.facts.lacking import askable, lacking
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import known_of, vocabulary
from zerotrip.facts.spec import FactsSpec
from zerotrip.facts.vocabulary import Vocabulary
from zerotrip.facts.worth import State, full_months, known
from zerotrip.parties.models import Party
from zerotrip.workdays.limits import months_after

TODAY = date(2026, 3, 3)
MORE = FactsSpec.model_validate_json(
    """{"sources": [{"id": "tax", "trust": 1, "name": {"zh": "税务"}}], "facts": [
      {"id": "area", "kind": "area", "label": {"zh": "区域"}, "computed": {"party": "area"}},
      {"id": "born", "kind": "date", "label": {"zh": "出生"}},
      {"id": "hired", "kind": "date", "label": {"zh": "招用"}},
      {"id": "share", "kind": "number", "label": {"zh": "占比"}},
      {"id": "exporter", "kind": "yes_no", "label": {"zh": "出口"}},
      {"id": "gain", "kind": "money", "label": {"zh": "增量"}},
      {"id": "bill", "kind": "money", "per": "month", "fresh": 60, "label": {"zh": "电费"}},
      {"id": "age", "kind": "number", "label": {"zh": "年龄"}, "computed": {"years": ["born", "hired"]}},
      {"id": "months", "kind": "number", "label": {"zh": "月数"}, "computed": {"months": ["born", "hired"]}},
      {"id": "days", "kind": "number", "label": {"zh": "天数"}, "computed": {"days": ["born", "hired"]}},
      {"id": "full", "kind": "number", "label": {"zh": "满"}, "computed": {"whole": {"of": "gain", "each": 100}}},
      {"id": "begun", "kind": "number", "label": {"zh": "不足算一"},
       "computed": {"whole": {"of": "gain", "each": 100, "up": true}}},
      {"id": "spring", "kind": "money", "label": {"zh": "电费"},
       "computed": {"total": {"of": "bill", "since": "2025-04-01", "until": "2025-06-30"}}},
      {"id": "listed", "kind": "yes_no", "label": {"zh": "列入"}, "computed": {"published": [
        {"since": "2026-01-01", "value": false, "source": "区"},
        {"since": "2026-03-01", "value": true, "within": ["370199001"], "source": "区"}]}},
      {"id": "points", "kind": "number", "label": {"zh": "得分"}, "computed": {"cases": [
        {"when": {"fact": "share", "at_least": 0.05}, "value": 20},
        {"when": {"fact": "exporter", "is": true}, "value": "share"},
        {"value": 0}]}},
      {"id": "class", "kind": "choice", "label": {"zh": "类别"}, "choices": [
        {"value": "one", "label": {"zh": "一类"}}, {"value": "two", "label": {"zh": "二类"}}],
       "computed": {"cases": [{"when": {"fact": "points", "at_least": 20}, "value": "one"}, {"value": "two"}]}}
    ]}"""
)
WORDS = Vocabulary.of([MORE])


def on(*said: Said, today: date = TODAY, area_path: str = ""):
    return known(WORDS, said, today=today, area_path=area_path).worths


def value(name: str, *said: Said):
    return on(*said)[name].value


@pytest.mark.parametrize(
    ("born", "hired", "days", "months", "age"),
    [
        ("2000-03-15", "2022-03-14", "8035", "263", "21"),
        ("2000-03-15", "2022-03-15", "8036", "264", "22"),
        ("2026-05-01", "2026-05-03", "3", "0", "0"),
        ("2026-05-01", "2026-05-01", "1", "0", "0"),
        ("2026-01-31", "2026-02-28", "29", "1", "0"),
        ("2004-02-29", "2025-02-28", "7671", "252", "21"),
        ("2026-05-03", "2026-04-01", "-33", "-1", "0"),
    ],
)
def test_time_between_two_days_is_counted_in_full_months_and_years(born, hired, days, months, age):
    found = on(Said("born", born), Said("hired", hired))
    assert (found["days"].value, found["months"].value, found["age"].value) == (days, months, age)
    assert on(Said("born", born))["age"].state is State.MISSING


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 1_000), st.integers(0, 400))
def test_full_months_are_the_most_that_fit(start, months, further):
    end = months_after(start, months) + timedelta(days=further)
    found = full_months(start, end)
    assert months <= found
    assert months_after(start, found) <= end < months_after(start, found + 1)


@pytest.mark.parametrize(
    ("gain", "full", "begun"),
    [("99.99", "0", "1"), ("100", "1", "1"), ("250", "2", "3"), ("0", "0", "0"), ("-250", "-2", "-2")],
)
def test_only_whole_ones_count_or_a_part_as_one(gain, full, begun):
    found = on(Said("gain", gain))
    assert (found["full"].value, found["begun"].value) == (full, begun)


def test_named_periods_are_added_up_and_do_not_go_stale():
    months = [Said("bill", "10", as_of=date(2025, *last)) for last in ((4, 30), (5, 31), (6, 30), (7, 31))]
    assert on(*months)["bill"].state is State.STALE
    found = on(*months)["spring"]
    assert (found.value, found.until) == ("30", None)
    facts = known(WORDS, months[1:], today=TODAY)
    assert facts.worths["spring"].state is State.MISSING
    assert [each.day for each in lacking(["spring"], WORDS, facts, today=TODAY)] == [date(2025, 4, 30)]


def test_an_area_is_listed_by_day():
    assert on(area_path="/370199000/370199001/")["listed"].value is True
    assert on(area_path="/370199000/370199001/", today=date(2026, 2, 28))["listed"].value is False
    assert on(area_path="/370199000/370199002/")["listed"].value is False
    assert on()["listed"].state is State.MISSING


def test_the_first_case_that_holds_decides():
    assert value("points", Said("share", "0.05")) == "20"
    assert value("points", Said("share", "0.02"), Said("exporter", True)) == "0.02"
    assert value("points", Said("share", "0.02"), Said("exporter", False)) == "0"
    assert value("class", Said("share", "0.05")) == "one"


def test_while_a_case_before_is_unknown_so_is_the_fact_and_what_would_tell_is_named():
    facts = known(WORDS, [Said("exporter", True)], today=TODAY)
    assert facts.worths["points"].state is State.MISSING
    assert [each.name for each in lacking(["class"], WORDS, facts, today=TODAY)] == ["share"]
    facts = known(WORDS, [Said("share", "0.01")], today=TODAY)
    assert [each.name for each in lacking(["points"], WORDS, facts, today=TODAY)] == ["exporter"]
    assert askable(["class", "age"], WORDS) == ["share", "exporter", "born", "hired"]


TREES = [
    {"fact": "age", "less_than": 22},
    {"fact": "months", "between": [0, 264]},
    {"fact": "days", "at_least": 3},
    {"fact": "full", "at_least": 1},
    {"not": {"fact": "begun", "is": 1}},
    {"fact": "listed", "is": True},
    {"fact": "points", "more_than": 0},
    {"fact": "class", "in": ["two"]},
    {"any": [{"fact": "hired", "within": "month"}, {"fact": "born", "at_most": "year-22"}]},
]


@pytest.mark.parametrize("seed", range(3))
def test_the_database_says_the_same_of_what_follows(district, seed):
    declare("jinan-tests", SPEC.model_copy(update={"facts": MORE.facts}), at=world.MORNING)
    words = vocabulary()
    parties = [district.firm, *(world.enterprise(f"虚构企业{at}号", 930 + at) for at in range(11))]
    for at, party in enumerate(parties):
        mixed = {
            "born": ["2000-01-31", "2004-02-29", None, "2026-03-01"][(at + seed) % 4],
            "hired": ["2026-03-01", None, "2025-12-31", "2004-02-29", "2022-01-31"][(at * 2 + seed) % 5],
            "share": ["0.01", "0.05", None][(at + seed) % 3],
            "exporter": [True, False, None, None][(at // 2 + seed) % 4],
            "gain": ["-1", "99", "100", None, "250"][(at + 2 * seed) % 5],
        }
        Fact.objects.bulk_create(
            Fact(party=party, name=name, value=said, source="tax", as_of=TODAY, recorded_at=world.MORNING)
            for name, said in mixed.items()
            if said is not None
        )
    derive(Party.objects.filter(pk__in=[party.pk for party in parties]), at=world.MORNING, words=words)
    means = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    seen = set()
    for tree in TREES:
        rule = words.rule(tree)
        held = Standing.objects.annotate(holds=select(rule, columns.columns(words), today=TODAY))
        said = {key: means[value] for key, value in held.values_list("party_id", "holds")}
        for party in parties:
            truth = rule.explain(known_of(party, at=world.MORNING, words=words).facts(TODAY)).truth
            assert said[party.pk] is truth, tree
            seen.add(truth)
    assert seen == set(Truth)
