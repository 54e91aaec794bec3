"""Packs are a subset of YAML: plain data, every part with its line, nothing that can hurt the reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.catalogue.packs import documents
from zerotrip.catalogue.packs.writing import dump


def test_every_part_knows_its_line() -> None:
    document = documents.read("a: 1\nb:\n  - c: x\n    d: y\n  - {e: z}\n")
    assert document.problems == []
    assert document.line(("a",)) == 1
    assert document.line(("b", 0, "d")) == 4
    assert document.line(("b", 1, "e")) == 5


def test_what_is_not_there_is_told_at_the_line_around_it() -> None:
    document = documents.read("a: 1\nb:\n  - c: x\n")
    assert document.line(("b", 0, "missing", "deeper")) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("2026-01-01", "2026-01-01"),
        ("08", "08"),
        ("12", 12),
        ("0.5", 0.5),
        ("08:30", "08:30"),
        ("'12'", "12"),
        ("~", None),
        (".inf", ".inf"),
        ("9" * 40, "9" * 40),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    assert documents.read(f"a: {text}\n").value == {"a": value}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "写了两次"),
        ("a: &x 1\nb: 2\n", 1, "锚点"),
        ("a: 1\nb: !!python/object/apply:os.system [x]\n", 2, "标签"),
        ("a:\n\tb: 1\n", 2, "制表符"),
        ("a: 1\n---\nb: 2\n", 2, "一份"),
        ("[a, b]: 1\n", 1, "键必须是文字"),
        ('a: "x\\0y"\n', 1, "控制字符"),
        ("a: [1\nb: 2\n", 2, "不是有效的 YAML"),
        ("[" * 10_000, 1, "嵌套太深"),
        ("{a: " * 10_000, 1, "嵌套太深"),
        ("- " * 10_000, 1, "嵌套太深"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    problems = documents.read(text).problems
    assert any(found == line and reason in said for found, said in problems), problems


def test_a_billion_laughs_are_not_laughed() -> None:
    laughs = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    document = documents.read("\n".join(laughs))
    assert len(json.dumps(document.value)) < 1_000
    assert len(document.problems) > 11


def test_a_file_of_very_many_parts_is_not_read_to_its_end() -> None:
    document = documents.read("- a\n" * (documents.MOST + 10))
    assert not document.whole
    assert len(document.value) <= documents.MOST + 1


@given(st.text())
def test_any_text_is_read_or_faulted(text: str) -> None:
    document = documents.read(text)
    assert document.problems or documents.read(dump(document.value)).value == document.value


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(categories=["L", "N"]), min_size=1), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(plain)
def test_what_is_written_reads_back_the_same(value: object) -> None:
    document = documents.read(dump(value))
    assert document.problems == []
    assert document.value == value
