"""Amounts that follow from the answers: each item as the tariff says, and never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zerotrip import questions
from zerotrip.catalogue.tariffs import Charge, Tariff, WorkedOut, work_out

NAME = {"zh": "占道费", "en": "Occupation"}
FORM = questions.parse(
    [
        {
            "id": "matter",
            "title": NAME,
            "fields": [
                {"id": "area", "kind": "number", "label": {"zh": "面积"}, "unit": {"zh": "平方米"}},
                {"id": "days", "kind": "number", "label": {"zh": "天数"}, "unit": {"zh": "日"}},
                {"id": "poor", "kind": "yes_no", "label": {"zh": "低保"}},
            ],
        }
    ]
)


def worked(values: dict[str, Any], *items: dict[str, Any], **more: Any) -> WorkedOut:
    tariff = Tariff.model_validate({"items": [{"name": NAME, **item} for item in items], "basis": NAME, **more})
    return work_out(tariff, FORM, values)


def charge(**item: Any) -> Charge:
    return Charge.model_validate({"name": NAME, **item})


def test_a_rate_is_taken_times_every_quantity() -> None:
    found = worked({"area": "30", "days": "20"}, {"of": ["area", "days"], "rate": 0.5})
    assert found.total == Decimal("300.00")
    assert found.lines[0].how == "30 平方米 × 20 日 × 0.5 元"


def test_a_set_amount_needs_no_answer() -> None:
    assert worked({}, {"amount": 20}).total == Decimal("20.00")


def test_items_add_up_to_the_most_there_is() -> None:
    assert worked({"area": "10"}, {"of": ["area"], "rate": 9}, {"amount": 30}).total == Decimal("120.00")
    assert worked({"area": "10"}, {"of": ["area"], "rate": 9}, {"amount": 30}, at_most=100).total == Decimal(100)


def test_an_item_counts_only_when_its_condition_holds() -> None:
    items = [{"amount": 100, "when": {"fact": "poor", "is": False}}, {"amount": 10}]
    assert worked({"poor": True}, *items).total == Decimal(10)
    assert worked({"poor": False}, *items).total == Decimal(110)


def test_nothing_is_guessed_while_an_answer_is_missing() -> None:
    found = worked({}, {"of": ["area"], "rate": 2}, {"amount": 5, "when": {"fact": "poor", "is": True}})
    assert (found.total, found.missing) == (None, ("面积", "低保"))


@pytest.mark.parametrize(
    ("quantity", "amount"), [("0", "80"), ("90", "80"), ("90.01", "120"), ("144", "120"), ("200", "200")]
)
def test_a_step_ends_with_its_own_last_quantity(quantity: str, amount: str) -> None:
    steps = charge(of=["area"], bands=[{"up_to": 90, "amount": 80}, {"up_to": 144, "amount": 120}, {"amount": 200}])
    assert steps.of_quantity(Decimal(quantity)) == Decimal(amount)


def test_a_progressive_scale_counts_what_lies_in_each_step() -> None:
    # 国家计委关于诉讼费的分段累计：1 万以内 50 元，超过 1 万至 10 万的部分 2.5 %，超过 10 万至 20 万的部分 2 %。
    scale = charge(
        of=["area"],
        progressive=True,
        bands=[{"up_to": 10_000, "amount": 50}, {"up_to": 100_000, "rate": 0.025}, {"rate": 0.02}],
    )
    assert scale.of_quantity(Decimal(8_000)) == Decimal("50.00")
    assert scale.of_quantity(Decimal(100_000)) == Decimal("2300.00")
    assert scale.of_quantity(Decimal(150_000)) == Decimal("3300.00")


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_progressive_scale_never_falls_and_has_no_jump_of_its_own(one: Decimal, other: Decimal) -> None:
    scale = charge(
        of=["area"], progressive=True, bands=[{"up_to": 100, "rate": 1}, {"up_to": 5000, "rate": 2}, {"rate": 3}]
    )
    low, high = sorted((one, other))
    assert 0 <= scale.of_quantity(high) - scale.of_quantity(low) <= 3 * (high - low) + Decimal("0.01")


def test_least_and_most_of_an_item_hold() -> None:
    bounded = charge(of=["area"], rate=1, at_least=50, at_most=500)
    assert [bounded.of_quantity(Decimal(n)) for n in (1, 200, 900)] == [50, 200, 500]


def test_half_a_fen_rounds_up() -> None:
    assert charge(of=["area"], rate="0.005").of_quantity(Decimal(1)) == Decimal("0.01")


@pytest.mark.parametrize(
    "item",
    [
        {"of": ["area"]},
        {"rate": 2},
        {"of": ["area"], "rate": 2, "bands": [{"amount": 1}]},
        {"of": ["area"], "bands": [{"amount": 1}, {"up_to": 5, "amount": 2}]},
        {"of": ["area"], "bands": [{"up_to": 9, "amount": 1}, {"up_to": 5, "amount": 2}]},
        {"amount": -1},
    ],
)
def test_an_item_that_makes_no_sense_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        charge(**item)
