"""Identity numbers are never stored in clear, and nothing is stored that the database refuses."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.questions.forms import FORM, asked, bottomless, identity_numbers, one_section, spoilt

ONE = one_section(asked("it", "identity_number"))
GROUP = one_section(asked("rows", "group", fields=[asked("n", "identity_number"), asked("t", "text")]))


def mask(number: str) -> str:
    return f"{number[:4]}**********{number[-4:]}"


def sealed(number: str) -> dict[str, str]:
    return {"masked": mask(number), "sealed": f"sealed:{number[::-1]}"}


def protect(form, given, before=None):
    return form.protect(given, seal=lambda n: f"sealed:{n[::-1]}", mask=mask, before=before or {})


@given(identity_numbers)
def test_a_number_is_sealed_and_shown_by_its_mask(number):
    kept = protect(ONE, {"it": f" {number.lower()} "})
    assert kept == {"it": sealed(number)}
    assert number not in json.dumps(kept)
    assert ONE.check(kept).values == kept
    assert ONE.check(kept).problems == {}


@given(identity_numbers, identity_numbers)
def test_the_mask_sent_back_keeps_the_number_and_another_replaces_it(number, other):
    before = protect(ONE, {"it": number})
    assert protect(ONE, {"it": mask(number)}, before) == before
    assert protect(ONE, before, before) == before
    assert protect(ONE, {"it": other}, before) == {"it": sealed(other)}
    assert protect(ONE, {"it": ""}, before) == {"it": ""}


@given(identity_numbers)
def test_a_seal_from_elsewhere_is_dropped(number):
    assert protect(ONE, {"it": sealed(number)}) == {"it": None}
    assert protect(GROUP, {"rows": [{"n": sealed(number)}]}, {"rows": []})["rows"][0]["n"] is None


@given(st.lists(identity_numbers, min_size=1, max_size=4, unique_by=mask), st.data())
def test_removing_a_row_leaves_the_others_their_numbers(numbers, data):
    before = protect(GROUP, {"rows": [{"n": number, "t": "x"} for number in numbers]})
    gone = data.draw(st.integers(0, len(numbers) - 1))
    shown = [{"n": mask(number), "t": "x"} for index, number in enumerate(numbers) if index != gone]
    wanted = [row for index, row in enumerate(before["rows"]) if index != gone]
    assert protect(GROUP, {"rows": shown}, before)["rows"] == wanted


def test_a_mask_that_fits_two_numbers_stands_for_neither_once_rows_have_gone():
    one, other = "370102199001010019", "370102198807070019"
    before = {"rows": [{"n": {"masked": mask(one), "sealed": number}, "t": "x"} for number in (one, other)]}
    shown = {"n": mask(one), "t": "x"}
    assert protect(GROUP, {"rows": [shown, shown]}, before) == before
    assert protect(GROUP, {"rows": [shown, shown, {}]}, before)["rows"][:2] == before["rows"]
    (left,) = protect(GROUP, {"rows": [shown]}, before)["rows"]
    assert left == shown
    assert set(GROUP.check({"rows": [left]}).problems) == {"rows.0.n"}


def stored(value):
    """Through the database's jsonb and back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [json.dumps(value)])
        (text,) = cursor.fetchone()
    return json.loads(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(spoilt, spoilt)
def test_whatever_is_protected_can_be_stored(db, given, before):
    kept = protect(FORM, given, before)
    assert stored(kept).keys() == kept.keys()
    assert protect(FORM, kept, kept) == kept


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b"])
def test_what_cannot_be_stored_fails_the_check(value):
    form = one_section(asked("it", "text"))
    kept = protect(form, {"it": value})
    assert kept == {"it": "a\ufffdb"}
    assert set(form.check(kept).problems) == {"it"}


def test_bottomless_answers_are_cut(db):
    stored(protect(FORM, {"place": bottomless(), "nothing": [bottomless()], "area": 10**5000}))
