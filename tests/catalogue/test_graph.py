"""What keeps a pack from being loaded: graphs, limits and materials that do not hold together."""

from __future__ import annotations

import pytest

from tests.lawful import BASIS, days, declare, with_materials, words
from zerotrip.errors import Invalid

BUREAU = {"department": "approval-bureau"}
INTAKE = {"id": "intake", "name": words("受理"), "kind": "intake", **BUREAU}
DECISION = {"id": "decision", "name": words("决定"), "kind": "decision", "after": ["first"], **BUREAU}


def review(name: str, *after: str, **more) -> dict:
    return {"id": name, "name": words(name), "kind": "review", "after": list(after), **BUREAU, **more}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stages": [INTAKE, review("first", "second"), review("second", "first"), DECISION]}, "互相等待"),
        ({"stages": [INTAKE, review("first", "intake"), review("second", "intake"), DECISION]}, "决定不等这个环节"),
        ({"stages": [INTAKE, review("first", "intake", join="any"), DECISION]}, "前面有几个环节"),
        ({"stages": [INTAKE, review("first", "intake", silence="agree"), DECISION]}, "写明环节时限和依据"),
        ({"extension": days(10, "calendar_days")}, "单位"),
        ({"promise": {"conditions": [words("一")], "liability": words("二"), "waives": ["nothing"],
                      "check": days(1), "correct": days(1), "bar": days(1), "basis": BASIS}}, "nothing"),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_named_with_its_line(district, tmp_path, changes, reason):
    with pytest.raises(Invalid) as refusal:
        declare(tmp_path, **changes)
    (place, *_more) = refusal.value.problems
    assert place.startswith("services/test-permit.yaml:")
    told = [text for texts in refusal.value.problems.values() for text in texts]
    assert any(reason in text for text in told), told


def test_a_material_that_may_come_later_needs_a_rule_for_issuing(district, tmp_path):
    tolerable = {"against": ["image"], "within": days(5), "consequence": "report", "basis": BASIS}
    materials = with_materials("construction-permit", contract={"tolerable": tolerable})
    with pytest.raises(Invalid) as refusal:
        declare(tmp_path, materials=materials, owing=None)
    assert any("owing" in text for texts in refusal.value.problems.values() for text in texts)
