"""What hangs on the answers agrees with the form, or the check says where not and what was perhaps meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from zerotrip.catalogue.packs import check
from zerotrip.catalogue.packs.scaffold import scaffold
from zerotrip.catalogue.packs.writing import dump

NAME = "services/stall.yaml"
DAYS = {"amount": 3, "unit": "working_days", "basis": {"zh": "依据", "en": "Basis"}}
BASIS = {"zh": "依据", "en": "Basis"}
WORDS = {"zh": "名称", "en": "Name"}


def reasons(pack: Path, **changes: object) -> list[tuple[str, str]]:
    """Place and reason of each fault of a new service with these changes; None takes a key away."""
    scaffold(pack, "stall")
    told = {**yaml.safe_load((pack / NAME).read_text(encoding="utf-8")), **changes}
    told = {key: value for key, value in told.items() if value is not None}
    (pack / NAME).write_text(dump(told), encoding="utf-8")
    return [(fault.path, fault.reason) for fault in check(pack) if fault.file == NAME and not fault.warning]


RENTED = {"fact": "rented", "is": True}
VARIANT = {"id": "one", "name": WORDS, "when": RENTED}
LETTER = {"kind": "letter", "name": WORDS}


def priced(**item: object) -> dict[str, object]:
    """A tariff of one item."""
    return {"basis": BASIS, "items": [{"name": WORDS, **item}]}


WRONG: list[tuple[dict[str, object], str, str]] = [
    (
        {"variants": [{**VARIANT, "when": {"fact": "rentd", "is": True}}]},
        "variants.0.when.fact",
        "是不是“rented”？",
    ),
    ({"variants": [VARIANT, VARIANT]}, "variants.1.id", "重复"),
    ({"apply": [{"field": "title", "after": {"at_most": {"amount": 3}}, "basis": BASIS}]}, "apply.0.field", "日期"),
    ({"apply": [{"opens": "03-01", "basis": BASIS}]}, "apply.0", "要么写“opens”和“closes”"),
    ({"tariff": priced(of=["title"], rate=2)}, "tariff.items.0.of.0", "没有数字"),
    ({"tariff": priced(rate=2)}, "tariff.items.0", "按数量收的"),
    ({"tariff": priced(amount=2), "fee": None}, "tariff", "fee"),
    ({"outcome": {**LETTER, "number": "a{year}{seq}"}}, "outcome.number", "licence"),
    ({"outcome": LETTER, "delivery": ["electronic", "post"]}, "delivery", "电子送达"),
    ({"outcome": {**LETTER, "kind": "lisence"}}, "outcome.kind", "是不是“licence”？"),
    ({"departmnt": "x"}, "departmnt", "是不是“department”？"),
    ({"department": "approval-buro"}, "department", "是不是“approval-bureau”？"),
    ({"statutory": {**DAYS, "unit": "months", "amount": 1.5}}, "statutory", "整数"),
    ({"statutory": None, "promised": None}, "", "incomplete"),
    ({"category": "permit", "hearing": {"held": "asked", "basis": BASIS}}, "hearing", "procedures"),
    ({"third_parties": {"within": DAYS}}, "third_parties", "只用于行政许可"),
    (
        {
            "category": "permit",
            "handling": "immediate",
            "procedures": [{"kind": "hearing", "most": DAYS}],
            "hearing": {"held": "law", "basis": BASIS},
        },
        "hearing.held",
        "不能当场决定",
    ),
]


@pytest.mark.parametrize(("changes", "place", "says"), WRONG)
def test_what_does_not_agree_is_named_at_its_place(
    pack: Path, changes: dict[str, object], place: str, says: str
) -> None:
    found = reasons(pack, **changes)
    assert place in [path for path, _reason in found]
    assert any(says in reason for _path, reason in found), found


def test_one_limit_is_enough(pack: Path) -> None:
    scenario = pack / "scenarios" / "stall.yaml"
    assert reasons(pack, promised=None) == []
    scenario.unlink()
    (pack / NAME).unlink()
    (pack / "samples" / "stall.yaml").unlink()
    assert reasons(pack, statutory=None) == []


def test_an_amount_on_a_certificate_needs_its_tariff(pack: Path) -> None:
    facts = {"unit": "answers.unit", "amount": "case.pays"}
    outcome = {
        "kind": "licence",
        "name": WORDS,
        "number": "a{year}{seq}",
        "template": "general.typ",
        "facts": facts,
    }
    assert "pays" in dict(reasons(pack, outcome=outcome))["outcome.facts.amount"]


def test_a_stage_that_every_case_has_cannot_be_left_out(pack: Path) -> None:
    stages = [
        {"id": "intake", "kind": "intake", "department": "approval-bureau", "name": WORDS},
        {
            "id": "decision",
            "kind": "decision",
            "department": "approval-bureau",
            "name": WORDS,
            "after": ["intake"],
            "when": {"fact": "rented", "is": True},
        },
    ]
    assert "只有审查环节" in dict(reasons(pack, stages=stages))["stages.1.when"]


def test_an_office_of_some_subdistricts_only_is_missed_in_the_others(pack: Path) -> None:
    district = pack / "district.yaml"
    text = district.read_text(encoding="utf-8")
    one = '  - {code: street, area: "370199001000", name: {zh: 一街道办, en: First}}\n'
    district.write_text(text.replace("departments:\n", f"departments:\n{one}", 1), encoding="utf-8")
    found = dict(reasons(pack, department="street"))
    assert "示范二街道、示范三街道" in found["department"]


def test_a_comma_in_braces_is_explained(pack: Path) -> None:
    scaffold(pack, "stall")
    text = (pack / NAME).read_text(encoding="utf-8")
    (pack / NAME).write_text(text.replace("en: New service}", "en: New, and better}"), encoding="utf-8")
    assert any("花括号" in fault.reason for fault in check(pack))
