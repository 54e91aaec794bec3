"""What a rule says of facts, some of which are unknown."""

from __future__ import annotations

from datetime import date, datetime
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.criteria.rules import DOMAINS, TODAY, VOCABULARY, facts, trees
from zerotrip.criteria import Fact, FactKind, FactType, Rule, Truth, parse

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
SMALL = ("demolition", "kind", "opened")
BOOLEANS = {name: FactType(FactKind.BOOLEAN) for name in "abcdef"}
AND = {NO: 0, UNKNOWN: 1, YES: 2}
"""Kleene's order of truth: "and" is the least, "or" the greatest."""


def truth(tree: object, given: dict[str, object]) -> Truth:
    return parse(tree, vocabulary=VOCABULARY).explain({"today": TODAY, **given}).truth


@given(st.lists(trees(), min_size=1, max_size=4), facts())
def test_all_is_the_least_and_any_the_greatest_of_its_parts(parts, given):
    truths = [truth(part, given) for part in parts]
    assert truth({"all": parts}, given) is min(truths, key=AND.__getitem__)
    assert truth({"any": parts}, given) is max(truths, key=AND.__getitem__)


@given(trees(), trees(), trees(), facts())
def test_the_laws_of_kleene_hold(one, other, third, given):
    def same(left, right):
        assert truth(left, given) is truth(right, given)

    same({"not": {"not": one}}, one)
    same({"not": {"all": [one, other]}}, {"any": [{"not": one}, {"not": other}]})
    same({"not": {"any": [one, other]}}, {"all": [{"not": one}, {"not": other}]})
    same({"all": [one, other]}, {"all": [other, one]})
    same({"all": [one, {"any": [one, other]}]}, one)
    same({"any": [one, {"all": [other, third]}]}, {"all": [{"any": [one, other]}, {"any": [one, third]}]})


@given(trees(), facts(), facts())
def test_an_answer_stands_when_more_becomes_known(tree, given, more):
    before = truth(tree, given)
    after = truth(tree, {name: more[name] if value is None else value for name, value in given.items()})
    assert before in (UNKNOWN, after)


@given(trees(), facts())
def test_with_everything_known_every_rule_is_decided(tree, given):
    whole = {name: DOMAINS[name][0] if value is None else value for name, value in given.items()}
    assert truth(tree, whole) is not UNKNOWN


def fillings(names, given):
    """Every way to make these facts known."""
    for values in product(*(DOMAINS[name] for name in names)):
        yield {**given, **dict(zip(names, values, strict=True)), "today": TODAY}


@given(trees(SMALL), facts(SMALL))
def test_facts_that_are_not_missing_never_matter(tree, given):
    rule = parse(tree, vocabulary=VOCABULARY)
    verdict = rule.explain({"today": TODAY, **given})
    others = [name for name in SMALL if given[name] is None and name not in verdict.missing]
    assert (verdict.truth is UNKNOWN) == bool(verdict.missing)
    assert all(given[name] is None for name in verdict.missing)
    for missing in fillings(verdict.missing, given):
        assert {rule.explain(whole).truth for whole in fillings(others, missing)} == {rule.explain(missing).truth}


@st.composite
def read_once(draw):
    """A rule over booleans that asks about each at most once."""
    names = draw(st.permutations(list(BOOLEANS)))
    nodes = [{"fact": name, "is": draw(st.booleans())} for name in names[: draw(st.integers(1, 6))]]
    while len(nodes) > 1:
        count = draw(st.integers(2, len(nodes)))
        joined = {draw(st.sampled_from(["all", "any"])): nodes[:count]}
        nodes = [*nodes[count:], {"not": joined} if draw(st.booleans()) else joined]
    return parse(nodes[0], vocabulary=BOOLEANS)


def matters(rule: Rule, name: str, given: dict[str, bool | None]) -> bool:
    """Whether, whatever else becomes known, some value of this fact changes what is said."""
    others = [other for other, value in given.items() if value is None and other != name]
    for count in range(len(others) + 1):
        for chosen in combinations(others, count):
            for values in product((True, False), repeat=count):
                known = {**given, **dict(zip(chosen, values, strict=True))}
                said = {rule.explain({**known, name: value}).truth for value in (None, True, False)}
                if len(said) > 1:
                    return True
    return False


@given(read_once(), st.fixed_dictionaries({name: st.sampled_from([None, None, True, False]) for name in BOOLEANS}))
def test_missing_is_exactly_what_could_change_the_answer(rule, given):
    unknown = [name for name, value in given.items() if value is None]
    wanted = {name for name in unknown if matters(rule, name, given)}
    assert set(rule.explain(given).missing) == wanted


def test_missing_facts_come_in_the_order_the_rule_asks_each_once():
    leaves = [{"fact": name, "is": True} for name in "cabac"]
    assert parse({"all": leaves}, vocabulary=BOOLEANS).explain({"b": True}).missing == ("c", "a")


def test_reasons_mirror_the_rule_and_name_source_and_day():
    rule = parse(
        {"any": [{"fact": "demolition", "is": True}, {"not": {"fact": "area", "at_least": 10}}]},
        vocabulary=VOCABULARY,
    )
    area = Fact("9.5", source="不动产登记", as_of=date(2026, 1, 5))
    verdict = rule.explain({"area": area})
    demolition, small = verdict.reasons.parts
    assert (verdict.truth, demolition.truth, small.truth, small.parts[0].truth) == (YES, UNKNOWN, YES, NO)
    assert small.parts[0].fact is area
    assert verdict.missing == ()


@pytest.mark.parametrize(
    ("tree", "value", "wanted"),
    [
        ({"fact": "opened", "after": "today-30"}, "2026-02-01", YES),
        ({"fact": "opened", "after": "today-30"}, "2026-01-31", NO),
        ({"fact": "opened", "at_most": "today"}, datetime(2026, 3, 2, 23, 59), YES),
        ({"fact": "opened", "before": "today"}, "2026-13-01", UNKNOWN),
        ({"fact": "cost", "at_least": "0.1"}, 0.1, YES),
        ({"fact": "cost", "more_than": 3000}, "3000.00", NO),
        ({"fact": "cost", "more_than": 3000}, "3千", UNKNOWN),
        ({"fact": "cost", "more_than": 3000}, float("nan"), UNKNOWN),
        ({"fact": "cost", "more_than": 0}, True, UNKNOWN),
        ({"fact": "name", "is_not": "济南"}, "", UNKNOWN),
        ({"fact": "kind", "in": ["a", "b"]}, "b", YES),
        ({"fact": "demolition", "is": True}, "true", UNKNOWN),
        ({"fact": "trades", "contains": "a"}, [], NO),
        ({"fact": "trades", "contains": "a"}, ["a", 1], UNKNOWN),
    ],
)
def test_comparisons_are_exact_and_take_the_unreadable_as_unknown(tree, value, wanted):
    assert truth(tree, {tree["fact"]: value}) is wanted


def test_a_number_too_long_to_write_out_is_still_compared():
    assert truth({"fact": "cost", "more_than": 3000}, {"cost": 10**5000}) is YES


@pytest.mark.parametrize(
    ("how", "written", "opened", "wanted"),
    [
        ("within", "year-1", "2025-01-01", YES),
        ("within", "year-1", "2025-12-31", YES),
        ("within", "year-1", "2026-01-01", NO),
        ("within", "quarter", "2026-03-31", YES),
        ("within", "quarter-1", "2025-10-01", YES),
        ("within", "month-1", "2026-02-28", YES),
        ("within", "month-1", "2026-03-01", NO),
        ("at_least", "year-2", "2024-01-01", YES),
        ("at_least", "year-2", "2023-12-31", NO),
        ("at_most", "year-2", "2024-12-31", YES),
        ("at_most", "year-2", "2025-01-01", NO),
        ("before", "year", "2025-12-31", YES),
        ("before", "year", "2026-01-01", NO),
        ("after", "quarter", "2026-04-01", YES),
        ("after", "quarter", "2026-03-31", NO),
        ("between", ["year-2", "month-1"], "2024-01-01", YES),
        ("between", ["year-2", "month-1"], "2026-02-28", YES),
        ("between", ["year-2", "month-1"], "2026-03-01", NO),
        ("within", "year", None, UNKNOWN),
    ],
)
def test_a_calendar_period_goes_from_its_first_to_its_last_day(how, written, opened, wanted):
    assert truth({"fact": "opened", how: written}, {"opened": opened}) is wanted


def test_without_today_a_rule_about_today_asks_for_it():
    rule = parse({"fact": "opened", "after": "today-30"}, vocabulary=VOCABULARY)
    assert rule.explain({"opened": "2026-01-31"}).missing == ("today",)
    assert rule.explain({}).missing == ("opened", "today")
    assert rule.explain({"today": TODAY}).missing == ("opened",)


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.integers(1, 6))
def test_some_holds_once_enough_do_whatever_becomes_of_the_rest(values, count):
    count = min(count, len(values))
    names = list(BOOLEANS)[: len(values)]
    rule = parse(
        {"some": {"at_least": count, "of": [{"fact": name, "is": True} for name in names]}}, vocabulary=BOOLEANS
    )
    known = dict(zip(names, values, strict=True))
    open_ones = [name for name, value in known.items() if value is None]
    ends = {
        sum(bool(value) for value in {**known, **dict(zip(open_ones, filled, strict=True))}.values()) >= count
        for filled in product((True, False), repeat=len(open_ones))
    }
    wanted = Truth.UNKNOWN if len(ends) > 1 else Truth.of(ends.pop())
    verdict = rule.explain(known)
    assert verdict.truth is wanted
    assert set(verdict.missing) == (set(open_ones) if wanted is UNKNOWN else set())


def test_a_month_that_lacks_the_day_counts_from_its_last():
    rule = parse({"fact": "opened", "at_most": "today-6months"}, vocabulary=VOCABULARY)
    assert rule.explain({"today": date(2026, 8, 31), "opened": date(2026, 2, 28)}).truth is YES
    assert rule.explain({"today": date(2026, 8, 31), "opened": date(2026, 3, 1)}).truth is NO
