"""Numbers worked out from rows, dates and other numbers, and their bounds."""

from __future__ import annotations

from typing import Any

import pytest

from zerotrip import questions
from zerotrip.criteria import Faults

LABEL = {"zh": "数", "en": "Number"}


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "label": LABEL, "required": False, **more}


BEFORE = [
    field("start", "date"),
    field("end", "date"),
    field("income", "number"),
    field("people", "number"),
    field(
        "devices",
        "group",
        rows_at_least=0,
        fields=[field("price", "money"), field("name", "text")],
    ),
]


def form(computed: dict[str, Any], **more: Any) -> questions.Form:
    worked = field("worked", "number", computed=computed, **more)
    return questions.parse([{"id": "all", "title": LABEL, "fields": [*BEFORE, worked]}])


def worked(computed: dict[str, Any], answers: dict[str, Any], **more: Any) -> Any:
    return form(computed, **more).check(answers).values.get("worked")


def test_rows_are_counted_and_their_columns_added_up() -> None:
    answers = {"devices": [{"price": "10.5"}, {"name": "没有价格"}, {"price": "2"}]}
    assert worked({"rows": "devices"}, answers) == "3"
    assert worked({"total": "devices.price"}, answers) == "12.5"
    assert worked({"rows": "devices"}, {}) == "0"


@pytest.mark.parametrize(("start", "end", "days"), [("2026-03-01", "2026-03-20", "20"), ("2026-03-01", "2026-03-01", "1"), ("2026-03-02", "2026-03-01", None)])  # fmt: skip  # noqa: E501
def test_days_from_one_date_to_another_count_both(start: str, end: str, days: str | None) -> None:
    assert worked({"days": ["start", "end"]}, {"start": start, "end": end}) == days


def test_a_quotient_is_income_a_head_and_nothing_without_anybody() -> None:
    assert worked({"quotient": ["income", "people"]}, {"income": "1000", "people": "3"}) == "333.33"
    assert worked({"quotient": ["income", "people"]}, {"income": "1000", "people": "0"}) is None


def test_a_computed_number_has_bounds() -> None:
    checked = form({"days": ["start", "end"]}, at_most=20).check({"start": "2026-03-01", "end": "2026-03-21"})
    assert set(checked.problems) == {"worked"}
    checked = form({"days": ["start", "end"]}, at_least=15).check({"start": "2026-03-01", "end": "2026-03-14"})
    assert set(checked.problems) == {"worked"}


@pytest.mark.parametrize(
    "computed",
    [{"rows": "income"}, {"total": "devices.name"}, {"total": "nothing.price"}, {"days": ["start", "income"]}],
)
def test_what_it_reads_has_to_be_there(computed: dict[str, Any]) -> None:
    with pytest.raises(Faults):
        form(computed)
