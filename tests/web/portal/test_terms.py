"""Variants, times, amounts and findings on the pages of applicants and staff."""

from __future__ import annotations

from tests import lawful
from tests.lawful import words
from tests.web.browsing import Browser
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions

AREA_FEE = {"name": words("占用费"), "of": ["floor_area"], "rate": 0.1}
FEE = {"fee": words("按面积"), "tariff": {"basis": lawful.BASIS, "items": [AREA_FEE]}}
SCALE = {"name": words("补偿费"), "of": ["floor_area"], "bands": [{"up_to": 100, "amount": 5}, {"amount": 9}]}
LARGE = {"id": "large", "name": words("大型工程"), "when": {"fact": "floor_area", "at_least": 10000}}
SPRING = {"opens": "04-01", "closes": "05-31", "basis": lawful.BASIS}
STAGES = [
    {"id": "intake", "kind": "intake", "department": "approval-bureau", "name": words("受理")},
    {
        "id": "review",
        "kind": "review",
        "department": "housing",
        "name": words("审查"),
        "after": ["intake"],
        "note": words("两人现场核查"),
        "finds": [{"id": "granted", "kind": "number", "label": words("核定面积")}],
    },
    {
        "id": "decision",
        "kind": "decision",
        "department": "approval-bureau",
        "name": words("决定"),
        "after": ["review"],
    },
]


def case_of(district, at=MORNING, **answers):
    return draft("test-permit", district.firm, district.applicant, at, like="construction-permit", **answers)


def test_the_guide_tells_variants_times_and_amounts(district, tmp_path):
    tariff = {**FEE["tariff"], "items": [*FEE["tariff"]["items"], SCALE]}
    hall = {"name": words("政务服务大厅"), "address": words("示范大道 1 号"), "phone": "0531-66000000"}
    lawful.declare(
        tmp_path,
        fee=words("按面积"),
        tariff=tariff,
        variants=[{**LARGE, "promised": lawful.days(7)}],
        apply=[SPRING],
        places=[hall],
        stages=STAGES,
    )
    page = Browser().open("/services/test-permit/").text
    for told in (
        "大型工程",
        "7 个工作日",
        "× 0.1 元",
        "不超过 100",
        "政务服务大厅",
        "两人现场核查",
        "核定面积",
    ):
        assert told in page
    assert "每年 4 月 1 日至 5 月 31 日" in page


def test_the_check_page_says_what_it_costs_and_how(district, tmp_path):
    lawful.declare(tmp_path, **FEE)
    case = case_of(district)
    page = Browser(district.applicant).open(f"/cases/{case.number}/check/").text
    assert "1,260.00 元" in page
    assert "× 0.1 元" in page


def test_an_application_out_of_season_is_refused_on_the_page_with_a_way_on(district, tmp_path):
    once = {"opens": "2020-04-01", "closes": "2020-05-31", "basis": lawful.BASIS}
    lawful.declare(tmp_path, apply=[once])
    case = case_of(district)
    page = Browser(district.applicant).open(f"/cases/{case.number}/check/").form().press(status=422)
    assert "只在2020 年 4 月 1 日至 2020 年 5 月 31 日受理" in page.text


def test_a_reviewer_fills_in_what_is_to_be_found(district, tmp_path):
    lawful.declare(tmp_path, stages=STAGES)
    case = actions.submit(case_of(district), by=district.applicant, at=MORNING)
    (intake,) = open_work(case)
    actions.accept(intake, by=district.clerk, at=MORNING)
    (review,) = open_work(case)
    reviewer = Browser(district.housing)
    page = reviewer.open(f"/desk/cases/{case.number}/")
    assert "两人现场核查" in page.text
    refused = page.form(f"{review.pk}/pass/").press("通过本环节", status=422)
    assert "请填写“核定面积”。" in refused.text
    refused.form(f"{review.pk}/pass/").press("通过本环节", **{"found-granted": "88"})
    review.refresh_from_db()
    assert review.findings == {"granted": "88"}
    assert "核定面积" in reviewer.open(f"/desk/cases/{case.number}/").text
