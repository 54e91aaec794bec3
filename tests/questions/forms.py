"""A form with every kind of field, and answers to it: good, bad and absurd."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from zerotrip.questions import Form, parse

TODAY = date(2026, 3, 2)
AREAS = ("370199001000", "370199002000", "370199001000001")


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": f"{text} in English"}


def asked(id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "label": words(id), **more}


def one_section(*fields: dict[str, Any]) -> Form:
    return parse([{"id": "only", "title": words("只有一节"), "fields": list(fields)}])


CHOICES = [{"value": value, "label": words(value.upper())} for value in ("a", "b", "c")]
PEOPLE = asked(
    "people",
    "group",
    rows_at_least=1,
    rows_at_most=4,
    fields=[
        asked("person", "text"),
        asked("number", "identity_number"),
        asked("foreign", "yes_no", required=False),
        asked("country", "text", when={"fact": "foreign", "is": True}),
        asked("hours", "number", decimals=0, required=False),
        asked("rate", "number", required=False),
        asked("pay", "money", computed={"product": ["hours", "rate"]}),
        asked("skills", "multi_choice", choices=CHOICES, required=False),
        asked("home", "address", required=False),
    ],
)
SECTIONS = [
    {
        "id": "subject",
        "title": words("主体"),
        "fields": [
            asked("title", "text", help=words("按批文填写")),
            asked("story", "long_text", required=False),
            asked("owner", "enterprise"),
            asked("code", "uscc", required=False),
            asked("phone", "phone", autocomplete="tel"),
            asked("place", "address"),
        ],
    },
    {
        "id": "scope",
        "title": words("范围"),
        "fields": [
            asked("kind", "choice", choices=CHOICES),
            asked("trades", "multi_choice", choices=CHOICES, required=False),
            asked("demolition", "yes_no"),
            asked("reason", "text", when={"fact": "demolition", "is": True}),
            asked("area", "number", at_least=0, unit=words("平方米")),
            asked("price", "money", required=False),
            asked("cost", "money", computed={"product": ["area", "price"]}),
            asked("total", "money", computed={"sum": ["area", "price"]}),
            asked("start", "date", not_before="today-30", not_after="today+30", required=False),
            asked("plan", "file", required={"fact": "kind", "is": "a"}),
            PEOPLE,
        ],
    },
]
FORM = parse(SECTIONS)

digits = st.text("0123456789", min_size=8, max_size=8)
usccs = st.builds(
    lambda first, area, code: (body := f"{first}1{area}{code}") + uscc.calc_check_digit(body),
    st.sampled_from("159ANY"),
    st.sampled_from(["370100", "370199"]),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
)
identity_numbers = st.builds(
    lambda born, turn: (body := f"370102{born:%Y%m%d}{turn:03}") + ric.calc_check_digit(body + "0"),
    st.dates(date(1950, 1, 1), date(2008, 1, 1)),
    st.integers(0, 999),
)
lines = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20).filter(
    lambda text: text.strip()
)
phones = st.sampled_from(["13800000000", "0531-80000000", "053180000000", "400-000-0000", "010-80000000-12"])
numbers = st.decimals(0, 10**6, places=2).map(str) | st.integers(0, 10**6)
addresses = st.fixed_dictionaries({"area": st.sampled_from(AREAS), "detail": lines})
some = st.lists(st.sampled_from("abc"), unique=True)
people = st.fixed_dictionaries(
    {"person": lines, "number": identity_numbers, "country": lines},
    optional={
        "foreign": st.booleans(),
        "hours": st.integers(0, 500),
        "rate": numbers,
        "skills": some,
        "home": addresses,
    },
)
answers = st.fixed_dictionaries(
    {
        "title": lines,
        "owner": st.fixed_dictionaries({"uscc": usccs, "name": lines}),
        "phone": phones,
        "place": addresses,
        "kind": st.sampled_from("abc"),
        "demolition": st.booleans(),
        "area": numbers,
        "people": st.lists(people, min_size=1, max_size=4),
        "reason": lines,
    },
    optional={
        "story": st.lists(lines, min_size=1, max_size=3).map("\n".join),
        "code": usccs,
        "trades": some,
        "price": numbers,
        "start": st.dates(date(2026, 2, 1), date(2026, 3, 30)).map(date.isoformat),
    },
)
"""Answers that pass."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.sampled_from(
        ["a", "2026-03-02", "1e999999999", "-0", "１２", "NaN", "370199001000", "\x00", "\ud800", "٣"]
    )
    | st.sampled_from([10**400, -(10**400), float("inf")])
)
junk = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["area", "detail", "uscc", "name"]), below, max_size=4
        )
        | st.fixed_dictionaries({"masked": below, "sealed": below})
    ),
    max_leaves=12,
)
names = st.sampled_from([*FORM.fields, "nothing"])
rows = st.lists(
    st.dictionaries(st.sampled_from([field["id"] for field in PEOPLE["fields"]]), junk, max_size=5) | junk,
    max_size=6,
)
spoilt = st.builds(
    lambda good, bad, group: {**good, **bad, **group},
    answers | st.just({}),
    st.dictionaries(names, junk, max_size=6),
    st.just({}) | st.fixed_dictionaries({"people": rows}),
)
"""Anything a client could send, near and far from what passes."""


def bottomless(depth: int = 100_000) -> Any:
    """A dictionary deeper than Python's own recursion goes."""
    value: Any = "x"
    for _ in range(depth):
        value = {"area": value}
    return value
