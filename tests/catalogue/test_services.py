"""What the three services of the demonstration district say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogue.conftest import SHIPPED
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import Report
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import form_of, needed_materials, spec_of

PACK, _FAULTS = packs.read(SHIPPED)
NAMES = ["construction-permit", "investment-filing", "pesticide-change"]


def version_of(name: str) -> Any:
    return Service.objects.get(slug=name).current_id


def needed(name: str, **changes: Any) -> set[str]:
    values = form_of(version_of(name)).check({**PACK.samples[name], **changes}).values
    return {material.id for material in needed_materials(version_of(name), values)}


def certificate(name: str, **changes: Any) -> dict[str, Any]:
    values = form_of(version_of(name)).check({**PACK.samples[name], **changes}).values
    return spec_of(version_of(name)).outcome.read({"answers": values, "applicant": {"uscc": "x"}})


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_passes_the_form_and_fills_the_certificate(loaded: Report, name: str) -> None:
    assert form_of(version_of(name)).check(PACK.samples[name]).problems == {}
    assert None not in certificate(name).values()


@pytest.mark.parametrize(("name", "days"), [(NAMES[0], 1), (NAMES[1], 0.5), (NAMES[2], 0.5)])
def test_the_promises_of_the_stories_are_kept_as_limits(loaded: Report, name: str, days: float) -> None:
    spec = spec_of(version_of(name))
    assert (spec.promised.amount, spec.promised.unit, spec.visits) == (days, "working_days", 0)


def test_a_proof_of_demolition_is_needed_only_where_something_is_demolished(loaded: Report) -> None:
    assert "demolition_progress" not in needed("construction-permit", demolition=False)
    assert "demolition_progress" in needed("construction-permit", demolition=True)
    assert "demolition_progress" not in needed("construction-permit", demolition=None)


def test_special_works_need_their_fire_review(loaded: Report) -> None:
    extra = needed("construction-permit", special_fire=True) - needed("construction-permit", special_fire=False)
    assert extra == {"fire_review"}


def test_three_departments_review_side_by_side(loaded: Report) -> None:
    spec = spec_of(version_of("construction-permit"))
    assert [stage.id for stage in spec.ready_stages(set())] == ["intake"]
    reviews = spec.ready_stages({"intake"})
    assert {stage.department for stage in reviews} == {"housing", "fire", "civil-defence"}
    assert spec.ready_stages({"intake", "housing-review", "fire-review"}) == tuple(
        stage for stage in reviews if stage.id == "civil-defence-review"
    )
    assert [s.id for s in spec.ready_stages({"intake", *(stage.id for stage in reviews)})] == ["decision"]


def test_the_total_investment_is_the_sum_of_its_parts(loaded: Report) -> None:
    assert certificate("investment-filing", loans="18000000.5")["total"] == "50000000.5"


def test_a_foreign_investor_is_asked_for_only_when_there_is_one(loaded: Report) -> None:
    form = form_of(version_of("investment-filing"))
    asked = form.check({**PACK.samples["investment-filing"], "foreign": True}).problems
    assert set(asked) == {"foreign_investor", "foreign_country", "foreign_amount", "foreign_share"}


def test_a_project_that_does_not_conform_to_policy_cannot_be_filed(loaded: Report) -> None:
    form = form_of(version_of("investment-filing"))
    assert set(form.check({**PACK.samples["investment-filing"], "policy": []}).problems) == {"policy"}


def test_the_new_licence_says_what_changed_and_keeps_the_rest(loaded: Report) -> None:
    facts = certificate("pesticide-change")
    assert facts["operator"] == "济南示范绿野现代农业服务有限公司"
    assert facts["address"] == "济南市示范区田园路 5 号"
    assert certificate("pesticide-change", changes=["representative"])["operator"] == "济南示范绿野农资有限公司"


def test_identity_is_proved_only_when_the_representative_changes(loaded: Report) -> None:
    assert "identity_proof" in needed("pesticide-change")
    assert "identity_proof" not in needed("pesticide-change", changes=["name"])


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_shows_what_real_guides_show_and_no_real_office(loaded: Report, name: str) -> None:
    spec = spec_of(version_of(name))
    for element in ("conditions", "legal_basis", "process", "remedies", "questions", "channels", "sources"):
        assert getattr(spec, element)
    assert spec.consult.phone == ""
