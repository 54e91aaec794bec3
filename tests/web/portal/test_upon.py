"""Applying about a licence: which of one's own, filled in from it; who has none is told what to do."""

from __future__ import annotations

import pytest

from tests import lawful, world
from tests.licences.test_lifecycle import RENEWS, done, granted, service
from tests.web.browsing import Browser
from tests.world import MORNING
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case
from zerotrip.licences import actions
from zerotrip.licences.models import Concern, Licence


@pytest.fixture
def licence(district) -> Licence:
    """A pesticide licence issued here, valid for some years."""
    case = world.draft("pesticide-change", district.firm, district.applicant)
    done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    return Licence.objects.get(case=case)


@pytest.fixture
def browser(district) -> Browser:
    return Browser(district.applicant)


def test_my_licences_offer_what_can_be_done_and_the_draft_knows_the_licence(district, licence, browser):
    page = browser.open("/licences/")
    (offered,) = [link for link in page.links if link.startswith("/services/pesticide-change/apply/")]
    page = browser.open(offered)
    assert licence.number in page.text
    page = page.form().press("开始填写").follow()
    assert f"办理的证照：{licence.title}（{licence.number}）" in page.text
    assert licence.number in browser.open(f"{page.url}form/operator/").html
    assert Concern.objects.get().licence == licence


def test_a_paper_licence_can_be_chosen_where_the_service_allows_it(district, licence, browser):
    page = browser.open("/services/pesticide-change/apply/")
    page.form().press("开始填写", licence=f"paper:{district.firm.pk}").follow()
    assert not Concern.objects.exists()


def test_nothing_chosen_is_said_at_its_place(district, licence, browser):
    page = browser.open("/services/pesticide-change/apply/")
    page = page.form().press("开始填写", without=("licence",), status=422)
    assert "请选择要办理的证照" in page.text


def test_somebody_elses_licence_cannot_be_chosen(district, licence):
    other = world.enterprise("济南另一家公司", 901)
    stranger = Browser(world.agent(world.person("外人"), other))
    page = stranger.open(f"/services/pesticide-change/apply/?licence={licence.pk}")
    assert licence.number not in page.text
    page.form().press("开始填写", licence=str(licence.pk), status=422)
    assert not Concern.objects.exists()


def test_who_has_none_reads_where_to_get_one(district, browser, tmp_path):
    service(tmp_path, "renew", **RENEWS)
    page = browser.open("/services/test-permit/apply/")
    assert "您名下没有可以这样办理的证照" in page.text
    assert page.forms == [] or all("apply" not in form.action for form in page.forms)


def test_one_in_use_already_names_its_case(district, licence, browser, tmp_path):
    renew = service(tmp_path, "renew", **RENEWS)
    case = actions.open_upon(service=renew, licence=licence, by=district.applicant, at=MORNING)
    page = browser.open("/services/test-permit/apply/")
    assert case.number in page.text


def test_one_press_twice_begins_one_draft(district, licence, browser):
    form = browser.open("/services/pesticide-change/apply/").form()
    chosen = {"licence": str(licence.pk)}
    assert form.press("开始填写", **chosen).location == form.press("开始填写", **chosen).location
    assert Case.objects.exclude(pk=licence.case_id).count() == 1
    again = form.press("开始填写", licence=f"paper:{district.firm.pk}")
    assert Case.objects.exclude(pk=licence.case_id).count() == 2, again.location


def test_english_pages_have_no_chinese_of_ours(district, licence, tmp_path):
    service(tmp_path, "renew", **RENEWS)
    page = Browser(district.applicant, language="en").open("/services/test-permit/apply/")
    assert "Which licence is it about?" in page.text
    assert lawful.BASIS["zh"] not in page.text
