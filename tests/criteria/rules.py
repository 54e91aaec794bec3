"""Random facts and rules over them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from zerotrip.criteria import FactKind, FactType

TODAY = date(2026, 3, 2)

VOCABULARY = {
    "name": FactType(FactKind.TEXT, "名称"),
    "area": FactType(FactKind.NUMBER, "面积"),
    "cost": FactType(FactKind.MONEY, "投资"),
    "opened": FactType(FactKind.DATE, "开业"),
    "demolition": FactType(FactKind.BOOLEAN, "拆除"),
    "kind": FactType(FactKind.CHOICE, "类型", frozenset({"a", "b", "c"})),
    "trades": FactType(FactKind.SET, "行业", frozenset({"a", "b", "c"})),
    "industry": FactType(FactKind.TREE, "国民经济行业", key=lambda code: {"39": "C39"}.get(code, code)),
}

DOMAINS = {
    "name": ["济南", "a", "A"],
    "area": [Decimal("0"), Decimal("9.5"), Decimal("10"), Decimal("-3")],
    "cost": [Decimal("0.01"), Decimal("10"), Decimal("1E+3")],
    "opened": [
        date(2026, 3, 1),
        TODAY,
        date(2026, 3, 3),
        date(1999, 12, 31),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 3, 31),
        date(2026, 4, 1),
    ],
    "demolition": [True, False],
    "kind": ["a", "b", "c"],
    "trades": [[], ["a"], ["b", "c"], ["a", "b", "c"]],
    "industry": ["C", "C39", "C3921", "H62"],
}
"""A few values of each fact, close enough to one another that comparisons go both ways."""

DAYS = ["2026-03-01", "2026-03-02", "today", "today-1", "today+1", "today-1months", "today+1year"]
PERIODS = ["year", "year-1", "quarter", "month", "month-1", "year-27"]


def _written(name: str) -> st.SearchStrategy[object]:
    return st.sampled_from(DOMAINS[name])


def _leaf(name: str) -> st.SearchStrategy[dict[str, object]]:
    single = ["is", "is_not"]
    if name in ("area", "cost"):
        single += ["at_least", "at_most", "more_than", "less_than"]
    if name == "trades":
        one = st.builds(lambda value: {"fact": name, "contains": value}, st.sampled_from("abc"))
        how = st.sampled_from(["contains_any", "contains_all", "only"])
        some = st.lists(st.sampled_from("abc"), min_size=1, max_size=3)
        return one | st.builds(lambda how, values: {"fact": name, how: values}, how, some)
    if name == "opened":
        days = st.sampled_from([*DAYS, *PERIODS])
        ends = st.sampled_from([["today-1months", "today"], ["2026-03-01", "2026-03-02"], ["year-1", "month-1"]])
        among = st.sampled_from(["at_least", "at_most", "before", "after"])
        return (
            st.builds(lambda how, value: {"fact": name, how: value}, st.sampled_from(single), st.sampled_from(DAYS))
            | st.builds(lambda how, value: {"fact": name, how: value}, among, days)
            | st.builds(lambda values: {"fact": name, "between": values}, ends)
            | st.builds(lambda value: {"fact": name, "within": value}, st.sampled_from(PERIODS))
        )
    if name == "industry":
        inside = st.sampled_from(["C", "39", "C392", "H", ["H62", "C3921"]])
        return st.builds(lambda value: {"fact": name, "within": value}, inside)
    compared = st.builds(lambda how, value: {"fact": name, how: value}, st.sampled_from(single), _written(name))
    if name in ("area", "cost"):
        ends = st.tuples(_written(name), _written(name)).map(sorted)
        return compared | st.builds(lambda values: {"fact": name, "between": values}, ends)
    if name not in ("name", "kind"):
        return compared
    several = st.lists(_written(name), min_size=1, max_size=3)
    among = st.sampled_from(["in", "not_in"])
    return compared | st.builds(lambda how, values: {"fact": name, how: values}, among, several)


def trees(names: tuple[str, ...] = tuple(VOCABULARY)) -> st.SearchStrategy[dict[str, object]]:
    """Written rules over these facts."""
    return st.recursive(
        st.sampled_from(names).flatmap(_leaf),
        lambda below: st.one_of(
            st.builds(lambda parts: {"all": parts}, st.lists(below, min_size=1, max_size=3)),
            st.builds(lambda parts: {"any": parts}, st.lists(below, min_size=1, max_size=3)),
            st.lists(below, min_size=1, max_size=4).flatmap(
                lambda parts: st.builds(
                    lambda count: {"some": {"at_least": count, "of": parts}}, st.integers(1, len(parts))
                )
            ),
            st.builds(lambda part: {"not": part}, below),
        ),
        max_leaves=8,
    )


def facts(names: tuple[str, ...] = tuple(VOCABULARY)) -> st.SearchStrategy[dict[str, object]]:
    """Values of these facts, some unknown."""
    return st.fixed_dictionaries({name: st.none() | st.sampled_from(DOMAINS[name]) for name in names})
