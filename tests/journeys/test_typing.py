"""A form that saves itself over a slow line loses nothing of what is typed and pressed meanwhile."""

from __future__ import annotations

import re

import pytest

from config import demo
from zerotrip.cases.models import Case, Submission

pytestmark = pytest.mark.django_db(transaction=True)


def begin(person, service: str):
    """A draft, over a line that takes its time."""
    applicant = person(390)
    applicant.sign_in(demo.INVESTOR)
    applicant.page.goto(f"/services/{service}/apply/")
    applicant.page.locator("input[name=applicant], input[name=licence]").first.check()
    applicant.press("开始填写")
    case = Case.objects.get(status="draft")
    line = applicant.context.new_cdp_session(applicant.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", slow)
    return applicant, case


def answers(case: Case) -> dict:
    return Submission.objects.get(case=case).answers


def test_what_is_typed_and_pressed_while_a_save_is_under_way_stays(person):
    applicant, case = begin(person, "investment-filing")
    page = applicant.page
    page.goto(f"/cases/{case.number}/form/investment/")
    page.locator("[name=own_funds]").press_sequentially("20000000")
    with page.expect_request(lambda request: request.method == "POST"):
        page.keyboard.press("Tab")
    page.keyboard.type("30000000")
    page.locator("label.choice:has-text('否')").click()
    page.locator("[name=other_funds]").fill("5")
    page.locator("output", has_text=re.compile("^50,?000,?00[05]")).wait_for()
    assert page.locator("[name=other_funds]").input_value() == "5"
    page.locator("button:has-text('保存并继续'):visible").click()
    page.wait_for_url(lambda url: "/form/investment/" not in url)
    kept = answers(case)
    assert [kept[name] for name in ("own_funds", "loans", "other_funds", "foreign")] == [
        "20000000",
        "30000000",
        "5",
        False,
    ]


def test_fields_that_an_answer_brings_up_come_without_touching_what_is_typed_next(person):
    applicant, case = begin(person, "pesticide-change")
    page = applicant.page
    page.goto(f"/cases/{case.number}/form/change/")
    first, second = page.locator("[name=changes]").all()[:2]
    with page.expect_request(lambda request: request.method == "POST"):
        first.check()
    second.check()
    page.locator("[data-field=name_after]").wait_for()
    page.locator("[name=name_after]").press_sequentially("田园")
    page.locator("[data-field=representative_after]").wait_for()
    assert page.locator("[name=name_after]").input_value() == "田园"
    assert first.is_checked()
    assert second.is_checked()
    page.wait_for_selector("form[data-autosave]:not(.htmx-request)")
    assert len(answers(case)["changes"]) == 2
