"""What the answers make of a service: its variant, the stages there are, the time to apply, the outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from tests import lawful
from tests.lawful import days, words
from tests.world import MORNING, draft, open_work, tell_queued
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Clock, Verdict
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid
from zerotrip.licences.certificates import outcome_of, printed
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party
from zerotrip.workdays.calendar import CHINA

LARGE = {"id": "large", "name": words("大型"), "when": {"fact": "floor_area", "at_least": 10000}}


def submit(district, **answers: Any) -> Case:
    case = draft("test-permit", district.firm, district.applicant, like="construction-permit", **answers)
    return actions.submit(case, by=district.applicant, at=MORNING)


def accept(district, **answers: Any) -> Case:
    (intake,) = open_work(submit(district, **answers))
    return actions.accept(intake, by=district.clerk, at=MORNING)


def limit(case: Case, name: str) -> float | None:
    amount = Clock.objects.filter(case=case, name=name).values_list("amount", flat=True).first()
    return None if amount is None else float(amount)


def stages(base: str = "construction-permit") -> list[dict[str, Any]]:
    from zerotrip.catalogue.models import Service

    version = Service.objects.get(pk=base).current_id
    return spec_of(version).model_dump(mode="json", exclude_defaults=True)["stages"]


def test_the_variant_the_answers_make_has_its_own_limits(district, tmp_path):
    variant = {**LARGE, "promised": days(7), "statutory": days(20)}
    lawful.declare(tmp_path, promised=days(2), variants=[variant])
    large, small = accept(district, floor_area="10000"), accept(district, floor_area="9999")
    assert (large.variant, limit(large, "promised"), limit(large, "statutory")) == ("large", 7, 20)
    assert (small.variant, limit(small, "promised"), limit(small, "statutory")) == ("", 2, 3)


def test_a_corrected_answer_makes_it_another_variant(district, tmp_path):
    lawful.declare(tmp_path, promised=days(2), variants=[{**LARGE, "promised": days(7)}])
    case = submit(district, floor_area="12600")
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"floor_area": "请核对"}, by=district.clerk, at=MORNING)
    case.refresh_from_db()
    saved = case.submissions.get(submitted_at=None)
    actions.save_draft(case, {"floor_area": "900"}, edit=saved.edit, by=district.applicant, at=MORNING, keep=True)
    case = actions.correct(case, by=district.applicant, at=MORNING)
    assert case.variant == ""
    (intake,) = open_work(case)
    assert limit(actions.accept(intake, by=district.clerk, at=MORNING), "promised") == 2


def test_a_stage_is_there_only_when_its_condition_holds(district, tmp_path):
    changed = stages()
    for stage in changed:
        if stage["id"] == "fire-review":
            stage["when"] = {"fact": "special_fire", "is": True}
    lawful.declare(tmp_path, stages=changed)
    plain, special = accept(district, special_fire=False), accept(district, special_fire=True)
    assert {work.stage for work in open_work(plain)} == {"housing-review", "civil-defence-review"}
    assert "fire-review" in {work.stage for work in open_work(special)}
    for work in open_work(plain, "review"):
        actions.review(work, verdict=Verdict.PASS, by=SYSTEM, at=MORNING)
    plain.refresh_from_db()
    assert plain.status == Status.DECIDING, "nobody waits for a review that is not there"


def test_what_comes_after_a_stage_that_is_left_out_comes_after_what_was_before_it(district, tmp_path):
    first, *_rest, last = stages()
    middle = {**_rest[0], "id": "inspection", "after": ["intake"], "materials": [], "when": LARGE["when"]}
    later = {**_rest[0], "id": "opinion", "after": ["inspection"], "materials": []}
    lawful.declare(tmp_path, stages=[first, middle, later, {**last, "after": ["opinion"]}])
    assert [work.stage for work in open_work(accept(district, floor_area="500"))] == ["opinion"]
    assert [work.stage for work in open_work(accept(district, floor_area="50000"))] == ["inspection"]


def test_without_a_limit_of_the_law_only_the_promise_runs(district, tmp_path):
    spec = {"statutory": days(0) | {"basis": {"zh": "来源没有写明", "en": "Not stated by the source"}}}
    lawful.declare(tmp_path, **spec)
    case = accept(district)
    assert (limit(case, "statutory"), limit(case, "promised")) == (None, 1)


def test_an_application_outside_its_season_is_refused_with_the_day_it_can_come(district, tmp_path):
    lawful.declare(tmp_path, apply=[{"opens": "04-01", "closes": "05-31", "basis": lawful.BASIS}])
    case = draft("test-permit", district.firm, district.applicant, like="construction-permit")
    with translation.override("zh-hans"), pytest.raises(Invalid) as refused:
        actions.submit(case, by=district.applicant, at=MORNING)
    assert "下一次从 2026 年 4 月 1 日开始" in refused.value.problems["apply"][0]
    april = datetime(2026, 4, 1, 9, tzinfo=CHINA)
    assert actions.submit(case, by=district.applicant, at=april).status == Status.SUBMITTED


def test_an_application_too_late_before_a_day_is_refused_at_its_field(district, tmp_path):
    window = {"field": "start_date", "before": {"at_least": {"amount": 15}}, "basis": lawful.BASIS}
    lawful.declare(tmp_path, apply=[window])
    late = draft(
        "test-permit", district.firm, district.applicant, like="construction-permit", start_date="2026-03-10"
    )
    with pytest.raises(Invalid) as refused:
        actions.submit(late, by=district.applicant, at=MORNING)
    assert set(refused.value.problems) == {"start_date"}
    assert submit(district, start_date="2026-03-18").status == Status.SUBMITTED


def test_what_was_in_time_stays_in_time_when_it_is_corrected(district, tmp_path):
    lawful.declare(tmp_path, apply=[{"opens": "03-01", "closes": "03-31", "basis": lawful.BASIS}])
    case = submit(district)
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"floors_above": "请核对"}, by=district.clerk, at=MORNING)
    case.refresh_from_db()
    april = MORNING + timedelta(days=30)
    actions.save_draft(
        case,
        {"floors_above": "5"},
        edit=case.submissions.get(submitted_at=None).edit,
        by=district.applicant,
        at=april,
        keep=True,
    )
    assert actions.correct(case, by=district.applicant, at=april).status == Status.SUBMITTED


def finish(district, case: Case) -> Case:
    for kind in ("review", "decision"):
        for work in open_work(case, kind):
            if kind == "review":
                actions.review(work, verdict=Verdict.PASS, by=SYSTEM, at=MORNING)
            else:
                actions.grant(work, by=district.leader, at=MORNING)
    case.refresh_from_db()
    case = actions.issue(case, by=SYSTEM, at=MORNING)
    return actions.deliver(case, by=SYSTEM, at=MORNING)


SIMPLE = [
    {"id": "intake", "kind": "intake", "department": "approval-bureau", "name": words("受理")},
    {
        "id": "decision",
        "kind": "decision",
        "department": "approval-bureau",
        "name": words("决定"),
        "after": ["intake"],
    },
]
FACTS = {"project_name": "answers.project_name", "subcontractors": "answers.subcontractors", "fee": "case.fee"}
GENERAL = {
    "kind": "licence",
    "name": words("许可证"),
    "number": "试{year}{seq:04}",
    "template": "general.typ",
    "facts": FACTS,
}
FEE = {
    "tariff": {"items": [{"name": words("费"), "of": ["floor_area"], "rate": 0.1}], "basis": lawful.BASIS},
    "fee": words("按面积"),
}


def test_a_service_can_end_with_its_decision_letter_and_nothing_more(district, tmp_path):
    outcome = {"kind": "letter", "name": words("批复")}
    lawful.declare(tmp_path, stages=SIMPLE, outcome=outcome, delivery=["electronic"])
    case = finish(district, accept(district))
    assert (case.status, case.result) == (Status.CLOSED, Result.GRANTED)
    assert not Licence.objects.filter(case=case).exists()
    tell_queued()
    assert Notice.objects.filter(template="decided_in_writing").exists()


def test_a_variant_can_have_another_outcome(district, tmp_path):
    variant = {**LARGE, "outcome": {**GENERAL, "name": words("大型许可证"), "valid_months": 36}}
    lawful.declare(tmp_path, stages=SIMPLE, outcome=GENERAL, variants=[variant], **FEE)
    case = finish(district, accept(district))
    licence = Licence.objects.get(case=case)
    assert licence.title == "大型许可证"
    assert str(licence.valid_until) == "2029-03-02", "three years, to the day before the same date"
    assert outcome_of(licence).name.zh == "大型许可证"


def test_the_certificate_says_the_amount_and_the_rows_of_a_table(district, tmp_path):
    lawful.declare(tmp_path, stages=SIMPLE, outcome=GENERAL, **FEE)
    licence = Licence.objects.get(case=finish(district, accept(district)))
    assert licence.facts["fee"] == "1,260.00 元"
    assert licence.facts["subcontractors"] == "单位名称 济南示范消防工程有限公司；分包内容 消防设施安装"


def test_a_certificate_has_a_sheet_for_each_declared_one(district, tmp_path):
    import pypdfium2

    sheets = [
        {"name": words("正本")},
        {"name": words("副本")},
        {"name": words("附页"), "facts": ["subcontractors"]},
    ]
    lawful.declare(tmp_path, stages=SIMPLE, outcome={**GENERAL, "sheets": sheets}, **FEE)
    licence = Licence.objects.get(case=finish(district, accept(district)))
    with pypdfium2.PdfDocument(printed(licence, at=MORNING)) as document:
        pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert [name in page for name, page in zip(("正本", "副本", "附页"), pages, strict=True)] == [True] * 3
    assert "新材料产业园一期厂房" in pages[1]
    assert "新材料产业园一期厂房" not in pages[2]


OFFICES = """\
  - {code: street-office, area: "370199001000", name: {zh: 一街道办事处, en: First}}
  - {code: street-office, area: "370199002000", name: {zh: 二街道办事处, en: Second}}
  - {code: street-office, area: "370199003000", name: {zh: 三街道办事处, en: Third}}
"""


def test_the_office_of_the_subdistrict_where_it_lies_reviews_first(district, tmp_path):
    first = {
        "id": "street-review",
        "kind": "review",
        "department": "street-office",
        "name": words("街道初审"),
        "after": ["intake"],
    }
    lawful.declare(
        tmp_path, offices=OFFICES, stages=[SIMPLE[0], first, {**SIMPLE[1], "after": ["street-review"]}], area="site"
    )
    (work,) = open_work(accept(district))
    assert work.department == Party.objects.get(code="street-office", area_path__endswith="/370199002000/")


FINDS = [
    {"id": "granted_area", "kind": "number", "label": words("核定面积"), "at_most": 20000},
    {"id": "granted_until", "kind": "date", "label": words("准予至")},
]
REVIEW = {"id": "review", "kind": "review", "department": "approval-bureau", "name": words("审查"), "finds": FINDS}
FOUND_STAGES = [SIMPLE[0], {**REVIEW, "after": ["intake"]}, {**SIMPLE[1], "after": ["review"]}]
FOUND_FACTS = {"granted_area": "found.granted_area", "fee": "case.fee"}
FOUND_OUTCOME = {**GENERAL, "facts": FOUND_FACTS, "valid_until": "found.granted_until"}
FOUND_FEE = {"items": [{"name": words("费"), "of": ["granted_area"], "rate": 2}], "basis": lawful.BASIS}


def found(district, tmp_path) -> Case:
    lawful.declare(tmp_path, stages=FOUND_STAGES, outcome=FOUND_OUTCOME, tariff=FOUND_FEE, fee=words("按核定面积"))
    return accept(district)


def test_a_favourable_opinion_says_what_the_stage_has_to_find(district, tmp_path):
    (work,) = open_work(found(district, tmp_path))
    for wrong in (None, {"granted_area": "many"}, {"granted_area": "30000", "granted_until": "2027-01-31"}):
        with pytest.raises(Invalid) as refused:
            actions.review(work, verdict=Verdict.PASS, found=wrong, by=SYSTEM, at=MORNING)
        assert set(refused.value.problems) <= {"found-granted_area", "found-granted_until"}
    case = actions.review(work, verdict=Verdict.FAIL, opinion="不符合", by=SYSTEM, at=MORNING)
    assert case.status == Status.DECIDING, "who objects finds nothing"


def test_the_certificate_and_the_fee_say_what_was_found(district, tmp_path):
    case = found(district, tmp_path)
    (work,) = open_work(case)
    answers = {"granted_area": "1500", "granted_until": "2027-01-31"}
    actions.review(work, verdict=Verdict.PASS, found=answers, by=SYSTEM, at=MORNING)
    licence = Licence.objects.get(case=finish(district, Case.objects.get(pk=case.pk)))
    assert licence.facts == {"granted_area": "1,500", "fee": "3,000.00 元"}
    assert str(licence.valid_until) == "2027-01-31"
