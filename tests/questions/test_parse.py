"""A pack's declaration becomes a form, or every fault in it is named with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions.forms import CHOICES, FORM, SECTIONS, asked, junk, one_section, words
from zerotrip.criteria import FactKind, Faults
from zerotrip.questions import parse

KEYS = ["id", "kind", "label", "fields", "title", "when", "required", "choices", "default", "computed", "pattern"]


def faults(*fields: object) -> list[tuple[str | int, ...]]:
    with pytest.raises(Faults) as caught:
        parse([{"id": "only", "title": words("只有一节"), "fields": list(fields)}])
    assert all(path[:2] == (0, "fields") for path in (fault.path for fault in caught.value.faults))
    return [fault.path[2:] for fault in caught.value.faults]


EARLIER = asked("earlier", "number")


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({"id": "it", "kind": "text"}, (1, "label")),
        (asked("it", "colour"), (1, "kind")),
        (asked("It", "text"), (1, "id")),
        (asked("it", "text", colour="red"), (1, "colour")),
        (asked("earlier", "text"), (1, "id")),
        (asked("it", "choice"), (1, "choices")),
        (asked("it", "choice", choices=[*CHOICES, CHOICES[0]]), (1, "choices")),
        (asked("it", "text", choices=CHOICES), (1, "choices")),
        (asked("it", "group"), (1, "fields")),
        (asked("it", "text", fields=[asked("b", "text")]), (1, "fields")),
        (asked("it", "group", fields=[asked("b", "file")]), (1, "fields")),
        (asked("it", "group", rows_at_least=3, rows_at_most=2, fields=[asked("b", "text")]), (1, "rows_at_least")),
        (asked("it", "text", pattern="("), (1, "pattern")),
        (asked("it", "number", pattern="1"), (1, "pattern")),
        (asked("it", "text", at_least=1), (1, "at_least")),
        (asked("it", "text", at_most=1), (1, "at_most")),
        (asked("it", "text", not_before="today"), (1, "not_before")),
        (asked("it", "number", max_length=5), (1, "max_length")),
        (asked("it", "date", not_after="tomorrow"), (1, "not_after")),
        (asked("it", "choice", choices=CHOICES, default="d"), (1, "default")),
        (asked("it", "yes_no", default="yes"), (1, "default")),
        (asked("it", "text", when={"fact": "later", "is": "x"}), (1, "when", "fact")),
        (asked("it", "text", when={"fact": "it", "is": "x"}), (1, "when", "fact")),
        (asked("it", "text", required={"all": [{"fact": "earlier", "is": "x"}]}), (1, "required", "all", 0, "is")),
        (asked("it", "number", computed={"sum": ["earlier", "later"]}), (1, "computed", "sum", 1)),
        (asked("it", "text", computed={"sum": ["earlier"]}), (1, "computed")),
        (asked("it", "number", computed={"sum": ["earlier"], "product": ["earlier"]}), (1, "computed")),
        (
            asked("it", "group", fields=[asked("b", "text", when={"fact": "c", "is": 1})]),
            (1, "fields", 0, "when", "fact"),
        ),
    ],
)
def test_every_fault_is_named_with_its_place(field, path):
    assert path in faults(EARLIER, field)


def test_what_is_asked_does_not_hang_on_the_day():
    day = asked("day", "date")
    assert faults(day, asked("it", "text", when={"fact": "day", "before": "today"})) == [(1, "when")]


def test_sections_have_names_of_their_own():
    with pytest.raises(Faults) as caught:
        parse([SECTIONS[0], {**SECTIONS[1], "id": SECTIONS[0]["id"]}])
    assert [fault.path for fault in caught.value.faults] == [(1, "id")]


written = st.recursive(
    junk | st.sampled_from(["text", "number", "group", "choice", "yes_no"]),
    lambda below: st.dictionaries(st.sampled_from(KEYS), below, max_size=6) | st.lists(below, max_size=3),
    max_leaves=10,
)
fields = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "kind": st.sampled_from(["text", "number", "date", "group", "yes_no"])},
    optional=dict.fromkeys(KEYS[2:], written),
).map(lambda field: {"label": {"zh": "名"}, **field})


@given(
    st.lists(
        written | st.builds(lambda parts: {"id": "part", "title": {"zh": "节"}, "fields": parts}, st.lists(fields)),
        max_size=3,
    )
)
def test_whatever_is_written_is_a_form_or_faults(sections):
    try:
        found: object = parse(sections)
    except Faults as faults:
        found = faults.faults
    assert found


def test_criteria_may_ask_about_what_can_be_compared():
    kinds = {name: fact.kind for name, fact in FORM.vocabulary().items()}
    assert kinds == {
        "title": FactKind.TEXT,
        "kind": FactKind.CHOICE,
        "trades": FactKind.SET,
        "demolition": FactKind.BOOLEAN,
        "reason": FactKind.TEXT,
        "area": FactKind.NUMBER,
        "price": FactKind.MONEY,
        "cost": FactKind.MONEY,
        "total": FactKind.MONEY,
        "start": FactKind.DATE,
    }
    assert FORM.vocabulary()["kind"].values == {"a", "b", "c"}


def test_fields_can_be_chosen_by_section_and_by_name():
    assert [item.id for item in FORM.select(section="subject", names=["phone", "kind", "title"])] == [
        "title",
        "phone",
    ]
    assert FORM.places() == tuple(FORM.fields)


def test_words_read_in_the_readers_language(settings):
    from django.utils import translation

    label = one_section(asked("it", "text")).fields["it"].spec.label
    with translation.override("zh-hans"):
        assert str(label) == "it"
    with translation.override("en"):
        assert str(label) == "it in English"


@pytest.mark.parametrize(
    "fields",
    [
        [{"id": "end", "kind": "date", "label": {"zh": "止"}, "not_before_field": "start"}],
        [
            {"id": "start", "kind": "text", "label": {"zh": "起"}},
            {"id": "end", "kind": "date", "label": {"zh": "止"}, "not_before_field": "start"},
        ],
        [
            {"id": "start", "kind": "date", "label": {"zh": "起"}},
            {"id": "end", "kind": "text", "label": {"zh": "止"}, "not_before_field": "start"},
        ],
    ],
)
def test_only_a_date_asked_before_bounds_a_date(fields):
    with pytest.raises(Faults) as refused:
        parse([{"id": "part", "title": {"zh": "部分"}, "fields": fields}])
    assert [fault.path[-1] for fault in refused.value.faults] == ["not_before_field"]
