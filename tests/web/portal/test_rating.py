"""Rating at the browser: signed in, by the link without, on the clerk's screen; what is published of it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import world
from tests.cases.test_rating import call, granted, rate
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.cases.actions.rating import rating_token
from zerotrip.cases.models import Case, Grade, Rating, RatingDoor
from zerotrip.parties.access import NOBODY
from zerotrip.parties.models import Role


@pytest.fixture
def case(district) -> Case:
    return granted(district)


@pytest.fixture
def link(case) -> str:
    return f"/rate/{rating_token(case.pk)}/"


def test_the_case_page_leads_to_the_rating(district, case, link):
    page = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert link in page.links
    done = Browser(district.applicant).open(link).form().press("提交评价", grade="5", comment="很好").follow()
    assert "谢谢您的评价" in done.text
    assert (Rating.objects.get().door, Rating.objects.get().by_id) == ("portal", district.applicant.user_id)
    assert "非常满意" in Browser(district.applicant).open(f"/cases/{case.number}/").text


def test_whoever_has_the_link_rates_without_signing_in(link, case, district):
    page = Browser().open(link)
    assert district.firm.name not in page.html
    page.form().press("提交评价", grade="2", tags=["slow"]).follow()
    rating = Rating.objects.get()
    assert (rating.door, rating.by_id, rating.tags) == ("link", None, ["slow"])
    assert call(case)


def test_what_was_typed_is_kept_when_the_grade_is_missing(link, case):
    page = Browser().open(link).form().press("提交评价", comment="还没选等级", tags=["slow"], status=422)
    assert "请选择一个等级。" in page.marked[".problem"]
    assert "还没选等级" in page.html
    assert 'value="slow" checked' in page.html
    assert not Rating.objects.exists()


@pytest.mark.parametrize("grade", ["6", "x", "五", "", "-1"])
def test_odd_grades_are_none(link, case, grade):
    page = Browser().open(link)
    page.form().press("提交评价", grade=grade, status=422)


def test_a_wrong_link_leads_nowhere(case, link):
    Browser().open(link[:-3] + "/", status=404)
    Browser().open("/rate/x/", status=404)


def test_twice_is_once(link, case):
    first, second = Browser().open(link), Browser().open(link)
    first.form().press("提交评价", grade="4")
    second.form().press("提交评价", grade="1", status=409)
    assert Rating.objects.get().grade == 4


def test_a_supplement_is_added_on_the_same_page(link, case, district):
    rate(case, NOBODY, door=RatingDoor.LINK, at=timezone.now())
    page = Browser().open(link)
    page.form().press("提交补充", supplement="再说一句").follow()
    assert Rating.objects.get().supplement == "再说一句"
    assert not Browser().open(link).forms[-1].values.get("supplement")


def test_a_case_on_its_way_is_not_rated_yet(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    Browser().open(f"/rate/{rating_token(case.pk)}/", status=404)


def test_the_clerk_hands_the_screen_over(district, case):
    clerk = Browser(district.clerk)
    assert f"/desk/cases/{case.number}/rating/" in clerk.open(f"/desk/cases/{case.number}/").links
    clerk.open(f"/desk/cases/{case.number}/rating/").form().press("提交评价", grade="1", comment="态度差").follow()
    rating = Rating.objects.get()
    assert (rating.door, rating.by_id) == ("desk", district.clerk.user_id)
    assert "态度差" not in clerk.open(f"/desk/cases/{case.number}/").text
    assert "态度差" in Browser(district.supervisor).open(f"/desk/cases/{case.number}/").text


def test_the_head_reads_what_was_said_and_records_the_call(district, case):
    boss = Browser(world.acting(world.staff("head", "approval-bureau", Role.HEAD)))
    rate(case, NOBODY, Grade.BAD, door=RatingDoor.LINK, comment="等了太久")
    assert case.number in boss.open("/desk/?kind=call_back").text
    page = boss.open(f"/desk/cases/{case.number}/")
    assert "等了太久" in page.text
    page.form("call-back/").press("登记回访", finding="", settled="yes", put_right="改了", status=422)
    page.form("call-back/").press("登记回访", finding="属实", settled="no", put_right="已改流程")
    assert (Rating.objects.get().settled, Rating.objects.get().put_right) == ("no", "已改流程")


def test_the_guide_and_the_public_page_show_averages_from_five_on(district):
    for grade in (5, 5, 4, 3):
        rate(granted(district), NOBODY, grade, door=RatingDoor.LINK, comment="不公开的原话")
    assert "rated" not in Browser().open("/services/investment-filing/").ids
    assert "暂不公布平均分" in Browser().open("/ratings/").text
    rate(granted(district), NOBODY, 3, door=RatingDoor.LINK)
    assert "平均 4.0 分（满分 5 分，共 5 次评价）" in Browser().open("/services/investment-filing/").text
    public = Browser().open("/ratings/")
    assert "4.0" in public.text
    assert "不公开的原话" not in public.html
    assert chinese_words(Browser(language="en").open("/ratings/")) == []


def test_the_boards_count_ratings_and_list_them(district, case):
    rate(case, NOBODY, Grade.BAD, door=RatingDoor.LINK, comment="慢", at=timezone.now())
    supervisor = Browser(district.supervisor)
    assert "2.00" in supervisor.open("/desk/boards/").text
    listed = supervisor.open("/desk/boards/ratings/?bad=1")
    assert "慢" in listed.text
    assert "待回访" in listed.text
    assert "这段时间没有评价" in Browser(district.clerk).open("/desk/boards/ratings/").text


def test_the_pages_of_ratings_take_a_fixed_number_of_queries(district, link, case):
    browser = Browser(district.applicant)
    assert cost(browser, link) <= 8
    assert cost(Browser(), "/ratings/") <= 4


def test_the_rating_reads_in_english(link, case):
    assert chinese_words(Browser(language="en").open(link)) == []
