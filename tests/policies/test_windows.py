"""Times to apply: several, each year, or for some only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.facts.words import WORDS
from zerotrip.criteria import Truth
from zerotrip.policies.evaluating import Policy, evaluate
from zerotrip.policies.spec import PolicySpec
from zerotrip.policies.windows import Opening, last_day, opening

SPRING, AUTUMN = {"opens": "03-01", "closes": "03-31"}, {"opens": "09-01", "closes": "09-30"}
WINTER = {"opens": "12-15", "closes": "02-29"}
FIRST, SECOND = (
    {"opens": "2026-03-01", "closes": "2026-03-31"},
    {"opens": "2026-09-01", "closes": "2026-09-30"},
)


def policy(*windows: dict[str, Any], until: str | None = None, **apply: Any) -> PolicySpec:
    return PolicySpec.model_validate(
        {
            "id": "grant",
            "name": {"zh": "补助"},
            "summary": {"zh": "补助"},
            "region": {"name": {"zh": "全国"}},
            "issuer": {"zh": "虚构"},
            "shelves": ["tax"],
            "valid": {"until": until} if until else {},
            "benefit": {"kind": "payment", "gives": {"zh": "补助"}},
            "apply": {"how": {"zh": "网上"}, "windows": windows, **apply},
            "sources": ["虚构"],
        }
    )


def on(day: str, spec: PolicySpec) -> Opening | None:
    return opening(spec, date.fromisoformat(day))


def days(when: Opening | None) -> tuple[Truth, str, str]:
    assert when is not None
    return when.truth, str(when.closes or ""), str(when.again or "")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-02-28", (Truth.NO, "", "2026-03-01")),
        ("2026-03-01", (Truth.YES, "2026-03-31", "2026-09-01")),
        ("2026-03-31", (Truth.YES, "2026-03-31", "2026-09-01")),
        ("2026-04-01", (Truth.NO, "", "2026-09-01")),
        ("2026-10-01", (Truth.NO, "", "2027-03-01")),
    ],
)
def test_times_come_again_every_year(day, expected):
    assert days(on(day, policy(SPRING, AUTUMN))) == expected


def test_times_end_with_the_policy():
    spec = policy(SPRING, AUTUMN, until="2026-09-15")
    assert days(on("2026-09-10", spec)) == (Truth.YES, "2026-09-15", "")
    assert last_day(spec) == date(2026, 9, 15)
    assert last_day(policy(SPRING, AUTUMN, until="2026-08-31")) == date(2026, 3, 31)
    assert on("2026-04-01", policy(SPRING, AUTUMN, until="2026-08-31")).over


def test_a_time_goes_over_new_year_and_ends_on_the_last_of_february():
    assert days(on("2026-12-31", policy(WINTER))) == (Truth.YES, "2027-02-28", "2027-12-15")
    assert days(on("2028-02-29", policy(WINTER))) == (Truth.YES, "2028-02-29", "2028-12-15")
    assert days(on("2027-03-01", policy(WINTER))) == (Truth.NO, "", "2027-12-15")


def test_after_the_last_of_several_times_it_is_over():
    spec = policy(FIRST, SECOND)
    assert days(on("2026-05-01", spec)) == (Truth.NO, "", "2026-09-01")
    assert on("2026-10-01", spec).over
    assert last_day(spec) == date(2026, 9, 30)


def test_a_time_each_year_without_an_end_is_never_over():
    assert last_day(policy(SPRING, FIRST)) is None


def test_one_time_may_be_open_at_one_end():
    assert days(on("2026-05-01", policy(opens="2026-05-01"))) == (Truth.YES, "", "")
    assert days(on("2026-04-30", policy(opens="2026-05-01"))) == (Truth.NO, "", "2026-05-01")
    assert on("2026-05-02", policy(closes="2026-05-01")).over
    assert on("2026-05-02", policy()) is None


@pytest.mark.parametrize(
    ("exporter", "expected"),
    [
        (True, (Truth.YES, "2026-03-31", "2026-09-01")),
        (False, (Truth.NO, "", "2026-09-01")),
        (None, (Truth.UNKNOWN, "2026-03-31", "2026-09-01")),
    ],
)
def test_a_time_may_be_for_some_only(exporter, expected):
    spec = policy({**FIRST, "when": {"fact": "exporter", "is": True}}, SECOND)
    found = evaluate(Policy.of(spec, WORDS), {"today": date(2026, 3, 3), "exporter": exporter})
    assert days(found.opening) == expected


def test_somebody_for_whom_there_is_no_time_is_told_none():
    spec = policy({**FIRST, "when": {"fact": "exporter", "is": True}})
    assert evaluate(Policy.of(spec, WORDS), {"today": date(2026, 3, 3), "exporter": False}).opening is None
