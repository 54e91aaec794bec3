"""What writers of policies stumbled over stays said plainly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policies.steady import pack
from zerotrip.catalogue.packs import check

LOAN = """
id: loan
name: {zh: 创业贷款, en: Start-up loan}
summary: {zh: 给自主创业的人的贷款。, en: A loan for people who start up.}
region: {name: {zh: 济南市, en: Jinan}, code: "3701"}
issuer: {zh: 示范区（虚构）, en: The district (invented)}
issued: "2026"
audience: [person]
shelves: [startup]
clauses:
  - {id: age, text: {zh: 年满 16 周岁, en: 16 or older}, when: {fact: born_on, at_most: today-16years}}
  - {id: loans, text: {zh: 没有别的贷款, en: No loans}, when: {fact: other_loans, only: [none, study]}}
benefit:
  kind: loan
  gives: {zh: 最高 20 万元, en: 'Up to 200,000 yuan'}
sources: [虚构的办法]
examples:
  - name: 当天满 16 周岁
    on: 2026-06-01
    facts: {area: "370199", born_on: 2010-06-01, other_loans: [none]}
    expect: "yes"
    amount: ""
  - name: 差一天
    on: 2026-06-01
    facts: {area: "370199", born_on: 2010-06-02, other_loans: [none]}
    expect: "no"
    clauses: {age: "no"}
"""


def faults(folder: Path, text: str) -> list[str]:
    pack(folder)
    (folder / "policies" / "loan.yaml").write_text(text.lstrip(), encoding="utf-8")
    return [fault.reason for fault in check(folder) if fault.file == "policies/loan.yaml"]


def test_an_example_of_a_policy_for_people_is_a_person(tmp_path):
    assert faults(tmp_path / "pack", LOAN) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    computed: {holds: {fact: industry, within: [",
            "    computed: {holds: {fact: industry, within: [ZZ, ",
        ),
        ("    kind: industry\n", "    kind: industrial\n"),
        ("computed: {party: area}", "computed: {party: place}"),
    ],
)
def test_a_fault_of_the_facts_is_named_there_and_not_repeated_by_every_policy(tmp_path, old, new):
    folder = pack(tmp_path / "pack")
    text = (folder / "facts.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "facts.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [fault for fault in check(folder) if not fault.warning]
    assert found
    assert {fault.file for fault in found} == {"facts.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('amount: ""', 'amount: "12000"', "元和分"),
        ('issued: "2026"', 'issued: "2026/1"', "年月"),
        ('code: "3701"', 'code: "370"', "区划代码"),
    ],
)
def test_a_pattern_is_told_in_words(tmp_path, old, new, said):
    (fault,) = faults(tmp_path / "pack", LOAN.replace(old, new))
    assert said in fault
    assert "\\" not in fault
