"""Decision letters in the pack's own words, frozen with the version; what cannot be said is a fault."""

from __future__ import annotations

import pytest

from tests.licences.conftest import AT, DEFINITION, make_version
from zerotrip.cases.models import Decision
from zerotrip.catalogue.packs import documents
from zerotrip.catalogue.packs.judging import Judge
from zerotrip.catalogue.packs.lettering import letter_faults
from zerotrip.catalogue.packs.writing import dump
from zerotrip.catalogue.spec import ServiceSpec
from zerotrip.licences import letters

REFUSAL = {
    "act": "refuse",
    "title": "关于{subject}的不予许可决定书",
    "paragraphs": ["{applicant}：申请“{service}”（{number}）不符合条件。", "{reasons}", "{remedies}"],
}
GRANT = {"act": "grant", "paragraphs": ["{department}于{date}准予{applicant}办理“{service}”，颁发{outcome}。"]}


@pytest.mark.django_db
def test_a_letter_reads_as_the_version_worded_it(granted):
    case = granted(of=make_version(DEFINITION | {"letters": [REFUSAL, GRANT]}))
    decision = Decision.objects.create(case=case, verdict="refused", reasons="场所不符\n人员不符", decided_at=AT)
    letter = letters.decision_letter(case, decision)
    assert letter.title == f"关于{case.subject}的不予许可决定书"
    assert letter.paragraphs[0].startswith("济南示范田园农资有限公司：申请“农药经营许可证变更”")
    assert letter.paragraphs[1:3] == ("场所不符", "人员不符")
    assert "六十日内申请行政复议" in letter.paragraphs[3]
    assert letters.draw(letter, at=AT).startswith(b"%PDF")


@pytest.mark.django_db
def test_a_grant_on_conditions_takes_its_own_words_or_those_of_a_grant_with_the_conditions_after(granted):
    case = granted(of=make_version(DEFINITION | {"letters": [GRANT]}))
    decision = Decision.objects.create(case=case, verdict="granted", conditions="按期年检", decided_at=AT)
    said = letters.decision_letter(case, decision).paragraphs
    assert said[0].startswith("济南市示范区农业农村局于二〇二六年十一月二十三日准予")
    assert said[-1] == "按期年检"
    bound = {"act": "conditional", "paragraphs": ["附条件准予：{conditions}"]}
    other = granted(of=make_version(DEFINITION | {"letters": [GRANT, bound]}))
    decision = Decision.objects.create(case=other, verdict="granted", conditions="按期年检", decided_at=AT)
    assert letters.decision_letter(other, decision).paragraphs == ("附条件准予：按期年检",)


@pytest.mark.django_db
def test_what_people_wrote_is_no_placeholder(granted):
    case = granted(of=make_version(DEFINITION | {"letters": [REFUSAL]}))
    decision = Decision.objects.create(case=case, verdict="refused", reasons="{applicant} {0} {", decided_at=AT)
    assert "{applicant} {0} {" in letters.decision_letter(case, decision).paragraphs


@pytest.mark.django_db
def test_without_words_of_its_own_a_service_has_ours(granted):
    case = granted(of=make_version(DEFINITION | {"letters": [REFUSAL]}))
    decision = Decision.objects.create(case=case, verdict="granted", decided_at=AT)
    assert letters.decision_letter(case, decision).title == "准予行政许可决定书"


@pytest.mark.parametrize(
    ("letter", "place", "reason"),
    [
        (GRANT | {"paragraphs": ["好", "{aplicant}"]}, "letters.0.paragraphs.1", "{aplicant}"),
        (GRANT | {"paragraphs": ["{number:>9}"]}, "letters.0.paragraphs.0", "{number}"),
        (GRANT | {"paragraphs": ["{reasons.__class__}"]}, "letters.0.paragraphs.0", "没有"),
        (GRANT | {"paragraphs": ["{number"]}, "letters.0.paragraphs.0", "花括号"),
        (GRANT | {"title": "{who}"}, "letters.0.title", "{who}"),
        (REFUSAL | {"paragraphs": ["不行"]}, "letters.0.paragraphs", "{reasons}"),
        ({"act": "conditional", "paragraphs": ["行"]}, "letters.0.paragraphs", "{conditions}"),
    ],
)
def test_a_placeholder_nobody_knows_is_named_at_its_line(letter, place, reason):
    definition = DEFINITION | {"letters": [letter]}
    document = documents.read(dump(definition))
    judge = Judge("services/x.yaml", document)
    letter_faults(judge, ServiceSpec.model_validate(definition))
    fault = judge.faults[0]
    assert fault.path == place
    assert reason in fault.reason
    assert fault.line > 1


def test_each_act_is_worded_once():
    definition = DEFINITION | {"letters": [GRANT, GRANT]}
    judge = Judge("services/x.yaml", documents.read(dump(definition)))
    letter_faults(judge, ServiceSpec.model_validate(definition))
    assert [fault.path for fault in judge.faults] == ["letters.1.act"]
