"""The whole pack as it is shipped: sixty-three services, each open with its scenarios or plainly not complete."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests import world
from zerotrip.catalogue import packs
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.queries import search
from zerotrip.catalogue.tariffs import Tariff
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.limits import Unit

PACK, FAULTS = packs.read(world.WHOLE)
APPROVALS = {name: spec for name, spec in PACK.services.items() if spec.need is None} if PACK else {}
NEEDS = {name: spec for name, spec in PACK.services.items() if spec.need is not None} if PACK else {}


def test_the_pack_has_no_faults_and_all_its_services():
    assert [str(fault) for fault in FAULTS] == []
    assert PACK is not None
    assert (len(APPROVALS), len(NEEDS)) == (63, 11)


def test_a_service_is_open_with_sample_and_scenarios_or_says_why_it_is_not():
    for name, spec in PACK.services.items():
        told = [(world.WHOLE / part / f"{name}.yaml").exists() for part in ("samples", "scenarios")]
        assert told == [spec.incomplete is None] * 2, name
        assert bool(spec.form and (spec.stages or spec.need)) == (spec.incomplete is None), name


def test_every_service_names_its_source_and_every_limit_its_basis():
    for name, spec in APPROVALS.items():
        assert all(source.startswith("http") or "《" in source or "〔" in source for source in spec.sources), name
        assert spec.statutory.basis.zh, name
        assert spec.promised.basis.zh, name


def test_the_clocks_of_needs_are_said_to_be_the_districts_own_choice():
    for name, spec in NEEDS.items():
        limits = (spec.need.answer, spec.need.plan, spec.need.confirm, spec.promised, spec.green.promised)
        assert all(limit.basis.zh.startswith("示范区自定") for limit in limits), name
        assert spec.sources == ("示范区自定",)


def test_article_58_nobody_pays_without_a_law_that_says_so():
    costs = {name: spec for name, spec in PACK.services.items() if spec.fee and spec.fee.zh != "不收费"}
    assert costs
    assert {name for name, spec in costs.items() if not spec.legal_basis} == set()
    with pytest.raises(ValidationError, match="basis"):
        Tariff.model_validate({"items": [{"name": {"zh": "占道费", "en": "Occupation fee"}, "amount": 100}]})


@pytest.mark.parametrize(
    ("service", "days"),
    [
        ("site-opinion", 10),
        ("land-planning-allocated", 20),
        ("land-planning-granted", 5),
        ("planning-condition-change", 20),
        ("project-planning", 20),
        ("rural-house-planning", 15),
        ("line-check", 3),
        ("planning-acceptance", 20),
    ],
)
def test_jinan_planning_rules_33_to_67_each_permit_has_its_limit_in_working_days(service, days):
    limit = PACK.services[service].statutory
    assert (limit.amount, limit.unit) == (days, Unit.WORKING_DAYS)


def test_jinan_planning_rules_97_a_plan_is_published_for_seven_natural_days_at_least():
    (published,) = [each for each in PACK.services["project-planning"].procedures if each.kind == "publicity"]
    assert published.most.unit == Unit.CALENDAR_DAYS
    assert published.most.amount >= 7


def test_jinan_rules_on_tolerant_acceptance_no_service_done_on_the_spot_lets_materials_come_later():
    later = {name for name, spec in PACK.services.items() if any(material.tolerable for material in spec.materials)}
    assert later
    assert {name for name in later if PACK.services[name].handling == "immediate"} == set()


def test_who_may_apply_as_a_person_is_not_asked_for_a_firm():
    either = {
        name: spec
        for name, spec in PACK.services.items()
        if any(field["id"] == "applicant_kind" for section in spec.form for field in section["fields"])
    }
    assert set(either) >= {"street-facade", "clinic-setup", "road-freight", "private-school-prepare"}
    for name, spec in either.items():
        fields = {field["id"]: field for section in spec.form for field in section["fields"]}
        assert set(spec.audience) == {"enterprise", "person"}, name
        assert fields["unit"]["when"] == {"fact": "applicant_kind", "is": "unit"}, name
        assert fields["identity_number"]["when"] == {"fact": "applicant_kind", "is": "person"}, name


ASKED = {
    "开工要办什么证": "construction-permit",
    "农药店换法人": "pesticide-change",
    "我想开药店": "drug-retail",
    "摆摊卖小吃": "food-stall-filing",
    "注册公司": "company-register",
    "换法人": "company-change-legal-rep",
    "渣土车": "construction-waste",
    "加装电梯": "elevator-planning",
    "开诊所": "clinic-setup",
}


@pytest.mark.django_db
def test_people_find_services_by_their_own_words():
    load_pack(world.WHOLE, by=SYSTEM, at=world.MORNING)
    found = {text: [version.service_id for version in search(text)][:3] for text in ASKED}
    assert {text: places for text, places in found.items() if ASKED[text] not in places} == {}
