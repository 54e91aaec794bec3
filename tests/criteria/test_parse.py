"""A written rule is understood, or every fault in it is named with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.criteria.rules import VOCABULARY, facts, trees
from zerotrip.criteria import Fault, Faults, parse

WORDS = ["fact", "all", "any", "not", "is", "in", "at_least", "contains", "before", *VOCABULARY, "today", ""]


def faults(tree: object) -> list[tuple[str | int, ...]]:
    with pytest.raises(Faults) as caught:
        parse(tree, vocabulary=VOCABULARY)
    assert all(isinstance(fault, Fault) and fault.message for fault in caught.value.faults)
    return [fault.path for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("tree", "paths"),
    [
        (None, [()]),
        ([], [()]),
        ({}, [()]),
        ({"all": []}, [("all",)]),
        ({"any": "demolition"}, [("any",)]),
        ({"none": [{"fact": "area", "is": 1}]}, [()]),
        ({"all": [], "any": []}, [()]),
        ({"fact": "nothing", "is": 1}, [("fact",)]),
        ({"fact": ["area"], "is": 1}, [("fact",)]),
        ({"fact": "area"}, [()]),
        ({"fact": "area", "at_least": 1, "at_most": 2}, [()]),
        ({"fact": "area", "about": 1}, [()]),
        ({"fact": "name", "at_least": 1}, [("at_least",)]),
        ({"fact": "trades", "is": "a"}, [("is",)]),
        ({"fact": "kind", "contains": "a"}, [("contains",)]),
        ({"fact": "area", "is": "many"}, [("is",)]),
        ({"fact": "area", "is": True}, [("is",)]),
        ({"fact": "demolition", "is": "yes"}, [("is",)]),
        ({"fact": "opened", "after": "tomorrow"}, [("after",)]),
        ({"fact": "kind", "is": "d"}, [("is",)]),
        ({"fact": "trades", "contains": "d"}, [("contains",)]),
        ({"fact": "kind", "in": "a"}, [("in",)]),
        ({"fact": "kind", "in": ["a", "d", 1]}, [("in", 1), ("in", 2)]),
        ({"some": [{"fact": "area", "is": 1}]}, [("some",)]),
        ({"some": {"at_least": 2, "of": [{"fact": "area", "is": 1}]}}, [("some", "at_least")]),
        ({"some": {"at_least": 1, "of": []}}, [("some", "of")]),
        ({"fact": "area", "between": [2, 1]}, [("between",)]),
        ({"fact": "opened", "is": "year-1"}, [("is",)]),
        ({"fact": "opened", "within": "last year"}, [("within",)]),
        ({"fact": "opened", "within": "year-1000"}, [("within",)]),
        ({"fact": "opened", "within": ["year"]}, [("within",)]),
        ({"fact": "area", "between": [1]}, [("between",)]),
        ({"fact": "area", "within": ["C"]}, [("within",)]),
        ({"fact": "industry", "within": ["C", None]}, [("within", 1)]),
        ({"fact": "industry", "at_least": "C"}, [("at_least",)]),
        ({"fact": "opened", "after": "today-9999years"}, [("after",)]),
        (
            {"all": [{"not": {"fact": "area", "is": "x"}}, {"any": [{"fact": "kind", "is": "d"}, 5]}]},
            [("all", 0, "not", "is"), ("all", 1, "any", 0, "is"), ("all", 1, "any", 1)],
        ),
    ],
)
def test_every_fault_is_named_with_its_place(tree, paths):
    assert faults(tree) == paths


def test_a_tree_without_end_is_a_fault():
    tree: dict[str, object] = {}
    tree["not"] = tree
    (path,) = faults(tree)
    assert set(path) == {"not"}


garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
    | st.dates(),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.integers(), below, max_size=3)
        | st.builds(lambda name, how, value: {"fact": name, how: value}, below, st.sampled_from(WORDS), below)
    ),
    max_leaves=15,
)


@given(garbage, facts())
def test_whatever_is_written_is_a_rule_or_faults(tree, given):
    try:
        found = parse(tree, vocabulary=VOCABULARY).explain(given).truth
    except Faults as faults:
        found = faults.faults
    assert found


@given(trees())
def test_a_rule_knows_the_facts_it_reads(tree):
    rule = parse(tree, vocabulary=VOCABULARY)
    assert rule.facts() == {leaf.fact for leaf in rule.leaves()} <= set(VOCABULARY)
    assert parse(tree, vocabulary={name: VOCABULARY[name] for name in rule.facts()}) == rule
