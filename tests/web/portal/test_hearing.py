"""The applicant is heard on the page of the case; somebody else it touches on a page of their own."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.cases.test_hearing import call, tell_right
from tests.web.browsing import Browser, cost
from tests.web.desk.test_hearing import BEGAN, begin, chair  # noqa: F401  fixtures
from zerotrip.cases import actions
from zerotrip.cases.models import Concerned, Hearing, Telling
from zerotrip.ids import new_id
from zerotrip.parties.models import User


def told(work, district, at=None, *, contact="虚构路 2 号", via="post") -> Concerned:
    who = {"by": district.leader, "at": at or timezone.now()}
    said = {"name": "邻居甲", "contact": contact, "interest": "采光", "concerned": new_id()}
    one = actions.record_concerned(work, **said, **who)
    actions.tell_concerned(work, one.pk, via=via, **who)
    return one


def test_the_applicant_states_a_view_from_the_case_page(district, begin):  # noqa: F811
    case, work = begin()
    told(work, district)
    applicant = Browser(district.applicant)
    page = applicant.open(f"/cases/{case.number}/")
    assert f"/cases/{case.number}/hearing/" in page.links
    assert "申请涉及他人重大利益" in page.text
    telling = Telling.objects.get(to_applicant=True)
    page = applicant.open(f"/cases/{case.number}/hearing/")
    refused = page.form(f"#view-{telling.pk}").press("提交意见", status=422, view="")
    assert "请写下陈述的意见" in refused.text
    refused.form(f"#view-{telling.pk}").press("提交意见", view="间距符合规定")
    page = applicant.open(f"/cases/{case.number}/hearing/")
    assert "间距符合规定" in page.text
    assert "陈述申辩权利告知书" in applicant.open(f"/cases/{case.number}/").text
    letter = applicant.client.get(f"/cases/{case.number}/letters/told-1/")
    assert letter.status_code in (200, 404)


def test_the_applicant_asks_for_a_hearing_withdraws_and_asks_for_another_to_preside(district, begin, chair):  # noqa: F811
    case, work = begin(BEGAN)
    told(work, district, BEGAN)
    tell_right(case, work, district, timezone.now())
    applicant, page_url = Browser(district.applicant), f"/cases/{case.number}/hearing/"
    applicant.open(page_url).form("#right").press("要求听证")
    assert Hearing.objects.get(case=case).ground == "asked"
    call(case, work, chair, district, timezone.now())
    assert "听证员" in applicant.open(page_url).text
    assert "请写明主持人" in applicant.open(page_url).form("#recusal").press(status=422, reason="").text
    applicant.open(page_url).form("#recusal").press("申请回避", reason="是邻居的亲戚")
    assert Hearing.objects.get(case=case).recusal_is_open
    applicant.open(page_url).form("#right").press("撤回听证要求")
    assert Hearing.objects.get(case=case).dropped_at is not None


def test_somebody_concerned_answers_on_a_page_of_their_own_that_nobody_else_opens(district, begin):  # noqa: F811
    case, work = begin()
    phone = User.objects.get(pk=district.stranger.user_id).phone
    told(work, district, contact=phone, via="portal")
    telling = Telling.objects.get(to_applicant=False)
    theirs, page_url = Browser(district.stranger), f"/heard/{telling.pk}/"
    page = theirs.open(page_url)
    assert case.applicant.name in page.text
    assert case.number not in page.text
    theirs.open(f"/cases/{case.number}/", status=404)
    for other in (district.applicant, district.leader, district.clerk):
        Browser(other).open(page_url, status=404)
    assert "请写下陈述的意见" in page.form().press("提交意见", status=422).text
    page.form().press("提交意见", view="噪声太大")
    assert "噪声太大" in theirs.open(page_url).text
    assert "噪声太大" in Browser(district.applicant).open(f"/cases/{case.number}/hearing/").text


def test_after_the_decision_nobody_answers_any_more_and_what_was_said_stays(district, begin):  # noqa: F811
    case, work = begin()
    told(work, district)
    applicant, page_url = Browser(district.applicant), f"/cases/{case.number}/hearing/"
    assert [form for form in applicant.open(page_url).forms if "#" in form.action]
    actions.terminate(work, reasons="工程取消", by=district.leader, at=timezone.now())
    page = applicant.open(page_url)
    assert "采光" in page.text
    assert not [form for form in page.forms if "#" in form.action]


def test_a_case_in_which_nobody_is_heard_has_no_such_page(district, begin):  # noqa: F811
    case, _work = begin()
    applicant = Browser(district.applicant)
    applicant.open(f"/cases/{case.number}/hearing/", status=404)
    assert f"/cases/{case.number}/hearing/" not in applicant.open(f"/cases/{case.number}/").links


@pytest.mark.parametrize("page", ["", "hearing/"])
def test_the_pages_of_the_applicant_take_no_query_for_each_of_those_concerned(district, begin, page):  # noqa: F811
    case, work = begin()
    told(work, district)
    applicant = Browser(district.applicant)
    one = cost(applicant, f"/cases/{case.number}/{page}")
    for _more in range(3):
        told(work, district)
    assert cost(applicant, f"/cases/{case.number}/{page}") == one


def test_the_applicant_reads_no_name_in_the_letters_list(district, begin):  # noqa: F811
    case, work = begin()
    told(work, district)
    assert "邻居甲" not in Browser(district.applicant).open(f"/cases/{case.number}/").text
