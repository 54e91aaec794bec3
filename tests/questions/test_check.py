"""Answers become clean values and problems, whatever they are."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions.forms import (
    CHOICES,
    FORM,
    TODAY,
    answers,
    asked,
    bottomless,
    identity_numbers,
    junk,
    one_section,
    spoilt,
    usccs,
)
from zerotrip.questions.kinds import LARGEST


def checked(kind: str, value: object, **more: object) -> tuple[object, list[str]]:
    """What one field makes of one answer."""
    result = one_section(asked("it", kind, **more)).check({"it": value}, today=TODAY)
    return result.values.get("it"), result.problems.get("it", [])


@given(answers)
def test_good_answers_pass(given):
    assert FORM.check(given, today=TODAY).problems == {}


@given(junk | spoilt)
def test_nothing_a_client_sends_raises(given):
    result = FORM.check(given, today=TODAY, files=[])
    json.dumps(result.values, allow_nan=False)
    assert all(isinstance(text, str) and text for texts in result.problems.values() for text in texts)
    assert set(result.values) <= set(FORM.fields)


@given(junk | spoilt)
def test_clean_values_are_clean(given):
    values = FORM.check(given, today=TODAY).values
    assert FORM.check(values, today=TODAY).values == values


@given(spoilt)
def test_a_bad_answer_is_a_problem_and_no_value(given):
    result = FORM.check(given, today=TODAY)
    assert not set(result.values) & (set(result.problems) - {"people"})


@pytest.mark.parametrize("name", FORM.fields)
def test_depth_and_length_are_refused_without_harm(name):
    for value in (bottomless(), [bottomless()], "济" * 1_000_000, "9" * 1_000_000, 10**5000, [[]] * 100_000):
        result = FORM.check({name: value}, today=TODAY)
        assert name not in result.values


@given(usccs, st.data())
def test_one_wrong_character_in_a_uscc_is_found(code, data):
    assert checked("uscc", code) == (code, [])
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY").filter(lambda c: c != code[place]))
    value, problems = checked("uscc", code[:place] + wrong + code[place + 1 :])
    assert value is None
    assert problems


@given(identity_numbers, st.data())
def test_one_wrong_digit_in_an_identity_number_is_found(number, data):
    assert checked("identity_number", number) == (number, [])
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda c: c != number[place]))
    value, problems = checked("identity_number", number[:place] + wrong + number[place + 1 :])
    assert value is None
    assert problems


FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHJKLMNPQRTUWXYabcdefghjklmnpqrtuwxy"}


@given(usccs | identity_numbers, st.lists(st.integers(0, 18), max_size=4), st.booleans(), st.booleans())
def test_spaces_case_and_full_width_do_not_matter(code, spaces, lower, wide):
    typed = code.lower() if lower else code
    for place in spaces:
        typed = f"{typed[:place]} {typed[place:]}"
    typed = typed.translate(FULL_WIDTH) if wide else typed
    kind = "uscc" if checked("uscc", code) == (code, []) else "identity_number"
    assert checked(kind, f"\u3000{typed}\n") == (code, [])


@given(st.decimals(-(10**14), 10**14, places=2))
def test_numbers_stay_exact(number):
    value, problems = checked("money", f"{number:,f}")
    assert (Decimal(value), problems) == (number, [])


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("number", "１，２８０．５", "1280.5"),
        ("number", "1,280.50", "1280.5"),
        ("number", "-0", "0"),
        ("number", 12, "12"),
        ("number", 0.1, "0.1"),
        ("date", "2026年3月1日", "2026-03-01"),
        ("date", "２０２６.３.１", "2026-03-01"),
        ("date", "20260301", "2026-03-01"),
        ("phone", "+86 138 0000 0000", "13800000000"),
        ("phone", "（0531）8000 0000", "0531-80000000"),
        ("phone", "0531—80000000", "0531-80000000"),
        ("text", "  e\u0301  ", "\u00e9"),
        ("long_text", "一\r\n二", "一\n二"),
        ("yes_no", False, False),
        (
            "address",
            {"area": "370199001000", "detail": " 路 1 号 ", "x": 1},
            {"area": "370199001000", "detail": "路 1 号"},
        ),
    ],
)
def test_values_are_normalised(kind, typed, value):
    assert checked(kind, typed) == (value, [])


def test_what_no_number_can_be_made_of_is_told_one_of_its_kind():
    assert checked("number", "十二")[1] == ["请填写数字，例如 1280.5。"]
    assert checked("number", "十二", decimals=0)[1] == ["请填写数字，例如 12。"]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "1_000"),
        ("number", "1e3"),
        ("number", "٣"),
        ("number", "NaN"),
        ("number", True),
        ("number", "0.001"),
        ("number", str(LARGEST)),
        ("date", "2026-02-29"),
        ("date", "2026-W01-1"),
        ("date", "0999-01-01"),
        ("date", "today"),
        ("date", 20260301),
        ("phone", "12800000000"),
        ("phone", "8000000"),
        ("text", "一\n二"),
        ("text", "一\x00"),
        ("text", "一\u202e二"),
        ("text", "\ud800"),
        ("text", "济" * 201),
        ("text", 5),
        ("yes_no", "true"),
        ("uscc", "01370100MA00000000"),
        ("uscc", "9137"),
        ("identity_number", "370102190001010019"[:17]),
        ("identity_number", {"masked": "", "sealed": "x"}),
        ("address", {"area": "3701", "detail": "路"}),
        ("address", {"area": "370199001000"}),
        ("enterprise", {"name": "某公司"}),
        ("enterprise", {"uscc": "91370100MA00000000", "name": "某公司"}),
    ],
)
def test_what_does_not_pass_says_why(kind, typed):
    value, problems = checked(kind, typed)
    assert value is None
    assert problems
    assert all(problem.endswith("。") for problem in problems)


@pytest.mark.parametrize(
    ("value", "passes"),
    [("2026-01-31", True), ("2026-01-30", False), ("2026-03-02", True), ("2026-03-03", False)],
)
def test_dates_keep_within_their_bounds(value, passes):
    _, problems = checked("date", value, not_before="today-30", not_after="today")
    assert (problems == []) is passes


def test_bounds_patterns_and_choices_hold():
    assert checked("number", "5", at_least=5, at_most=6) == ("5", [])
    assert checked("number", "4.99", at_least=5)[1]
    assert checked("number", "6.01", at_most=6)[1]
    assert checked("number", "1.5", decimals=0)[1]
    assert checked("text", "ab1", pattern="[a-z]+")[1]
    assert checked("text", "ab", pattern="[a-z]+") == ("ab", [])
    assert checked("choice", "d", choices=CHOICES)[1]
    assert checked("multi_choice", ["c", "a", "a"], choices=CHOICES) == (["a", "c"], [])
    assert checked("multi_choice", ["a", {}], choices=CHOICES)[1]


@pytest.mark.parametrize("blank", [None, "", " \u3000", [], {}, {"area": "", "detail": " "}])
def test_blank_is_not_an_answer(blank):
    for name in FORM.fields:
        assert name not in FORM.check({name: blank}).values


def test_a_field_that_is_not_asked_is_neither_required_nor_kept():
    form = one_section(
        asked("demolition", "yes_no"),
        asked("reason", "text", when={"fact": "demolition", "is": True}),
        asked("detail", "text", when={"fact": "reason", "is": "旧"}),
    )
    assert form.check({"demolition": False, "reason": "旧", "detail": "x"}).values == {"demolition": False}
    assert form.check({"demolition": False}).problems == {}
    assert set(form.check({"demolition": True}).problems) == {"reason"}
    assert set(form.check({"demolition": True, "reason": "旧"}).problems) == {"detail"}


def test_required_may_hang_on_what_was_answered():
    form = one_section(asked("area", "number"), asked("plan", "text", required={"fact": "area", "more_than": 300}))
    assert form.check({"area": "300"}).problems == {}
    assert set(form.check({"area": "300.01"}).problems) == {"plan"}


def test_files_are_judged_by_their_names_only_when_given():
    form = one_section(asked("plan", "file"))
    assert form.check({}).problems == {}
    assert set(form.check({}, files=[]).problems) == {"plan"}
    assert form.check({}, files=["plan"]).problems == {}


def computed(way: str, **answers: object) -> object:
    form = one_section(
        *(asked(name, "number", required=False) for name in ("a", "b", "c")),
        asked("it", "number", computed={way: ["a", "b", "c"]}),
    )
    result = form.check({**answers, "it": "999"})
    return result.values.get("it"), len(result.problems)


def test_computed_numbers_are_worked_out_and_cannot_be_sent():
    assert computed("sum", a="1.5", c=2) == ("3.5", 0)
    assert computed("sum") == (None, 0)
    assert computed("difference", a=10, b="2.5", c=1) == ("6.5", 0)
    assert computed("product", a=2, b=3, c="0.5") == ("3", 0)
    assert computed("product", a=2, b=3) == (None, 0)
    assert computed("product", a="0.05", b="0.1", c=1) == ("0.01", 0)
    assert computed("product", a=10**14, b=10**14, c=10**14) == (None, 1)


def test_problems_of_a_group_stand_at_the_row_they_are_in():
    form = one_section(asked("rows", "group", rows_at_most=3, fields=[asked("n", "number"), asked("t", "text")]))
    result = form.check({"rows": [{"n": "1", "t": "一"}, {"n": "", "t": " "}, {"n": "x", "t": "二"}, "junk"]})
    assert result.values == {"rows": [{"n": "1", "t": "一"}, {"t": "二"}]}
    assert set(result.problems) == {"rows.2.n"}


def test_groups_have_a_least_and_a_most():
    form = one_section(asked("rows", "group", rows_at_least=2, rows_at_most=3, fields=[asked("t", "text")]))
    for count in range(6):
        result = form.check({"rows": [{"t": "一"}] * count + [{}]})
        assert (result.problems == {}) is (2 <= count <= 3)
        assert len(result.values.get("rows", [])) == min(count, 3)


def test_a_new_draft_begins_with_what_is_known():
    form = one_section(
        asked("name", "text", default_from="applicant.name"),
        asked("phone", "phone", default_from="contact.phone", default="13800000000"),
        asked("kind", "choice", choices=CHOICES, default="b"),
        asked("sure", "yes_no", default=False),
        asked("rest", "text"),
    )
    known = {"applicant": {"name": "示范公司"}, "contact": {"phone": ""}}
    started = form.initial(known=known)
    assert started == {"name": "示范公司", "phone": "13800000000", "kind": "b", "sure": False}
    assert form.initial() == {"phone": "13800000000", "kind": "b", "sure": False}


def test_a_date_may_not_precede_the_one_it_follows():
    form = one_section(
        asked("start", "date", label={"zh": "开工日期"}),
        asked("finish", "date", not_before_field="start"),
    )
    for finish, told in (("2026-03-01", []), ("2026-02-28", ["不能早于“开工日期”。"])):
        result = form.check({"start": "2026-03-01", "finish": finish}, today=TODAY)
        assert result.problems.get("finish", []) == told
        assert ("finish" in result.values) == (not told)
    assert "finish" not in form.check({"finish": "2026-02-28"}, today=TODAY).problems, "nothing to compare with"
