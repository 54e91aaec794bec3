"""Licences in place of papers, as applicants and staff see it; the wallet of a holder."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.licences.reuse.conftest import change, held  # noqa: F401  a fixture
from tests.web.browsing import Browser, cost, token
from zerotrip.cases import actions
from zerotrip.licences.reuse import actions as reuse
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.models import Party, User


@pytest.fixture
def applicant(district) -> Browser:
    return Browser(district.applicant)


def now():
    return timezone.now()


def send(browser: Browser, case, status: int = 302, **typed):
    """Press a button about the licence of the case."""
    sent = token(browser.open(f"/cases/{case.number}/materials/"))
    data = {"material": "licence_copy", **sent, **typed}
    return browser.send(f"/cases/{case.number}/reuse/", data, status=status)


def test_with_a_licence_there_is_no_upload_control_but_a_way_to_one(district, applicant, held):  # noqa: F811
    case = change(district, now())
    url = f"/cases/{case.number}/materials/"
    assert 'name="licence_copy"' in applicant.open(url).html
    held()
    page = applicant.open(url)
    assert 'name="licence_copy"' not in page.html
    assert "已有电子证照，不用上传" in page.text
    assert 'name="licence_copy"' in applicant.open(f"{url}?own=licence_copy").html


def test_nothing_is_used_without_a_tick(district, applicant, held):  # noqa: F811
    case, licence = change(district, now()), held()
    refused = send(applicant, case, 422, what="use", licence=str(licence.pk))
    assert "请先勾选同意" in refused.text
    assert not Grant.objects.exists()
    send(applicant, case, what="use", licence=str(licence.pk), agree="yes")
    assert Grant.objects.get().licence == licence


@pytest.mark.parametrize(
    ("licence", "status"), [("", 422), ("x", 422), ("00000000-0000-0000-0000-000000000000", 404)]
)
def test_a_licence_that_is_not_there_is_not_used(district, applicant, licence, status):
    case = change(district, now())
    send(applicant, case, status, what="use", licence=licence, agree="yes")
    assert not Grant.objects.exists()


def test_what_a_licence_fills_in_is_shown_and_not_asked(district, applicant, held):  # noqa: F811
    case, licence = change(district, now()), held()
    reuse.use(case, "licence_copy", licence, by=district.applicant, at=now())
    url = f"/cases/{case.number}/form/operator/"
    page = applicant.open(url)
    assert 'name="licence_number"' not in page.html
    assert licence.number in page.text
    assert "取自农药经营许可证（电子证照），不用填。" in page.text
    forged = {"edit": "1", "licence_number": "改过的", "contact_name": "也改了"}
    applicant.send(url, {**forged, **token(page)}, status=422)
    answers = case.submissions.get().answers
    assert (answers["licence_number"], answers["contact_name"]) == (licence.number, "也改了")


def test_the_guide_counts_what_is_proved_already_for_whoever_holds_it(district, applicant, held):  # noqa: F811
    url = "/services/pesticide-change/"
    assert "您需要准备 2 件材料" in applicant.open(url).text
    held()
    page = applicant.open(url)
    assert "您需要准备 1 件材料" in page.text
    assert "1 件不用交" in page.text
    assert "1 件不用交" not in Browser(district.stranger).open(url).text


def test_staff_see_what_stands_against_a_licence_at_the_place(district, held):  # noqa: F811
    case, licence = change(district, now()), held()
    reuse.use(case, "licence_copy", licence, by=district.applicant, at=now())
    actions.submit(case, by=district.applicant, at=now())
    desk = Browser(district.clerk)
    page = desk.open(f"/desk/cases/{case.number}/")
    assert "已核验" in page.text
    assert licence.facts["representative"] in page.text
    type(licence).objects.update(status="revoked", ground="annul", stopped_at=now(), stopped_because="虚构")
    page = desk.open(f"/desk/cases/{case.number}/")
    assert "已不能作为依据" in page.text
    assert "已撤销，不能代替材料" in page.text
    grant = Grant.objects.get()
    desk.open(f"/grants/{grant.pk}/")
    Browser(district.housing).open(f"/grants/{grant.pk}/", status=404)


def test_the_wallet_shows_what_ends_soon_first_and_what_it_was_used_for(district, applicant, held):  # noqa: F811
    today = timezone.localdate()
    titles = {"久的": 900, "快到的": 20, "今天的": 0, "过了的": -1}
    made = {
        title: held(title=title, valid_from=today - timedelta(days=99), valid_until=today + timedelta(days=days))
        for title, days in titles.items()
    }
    case = change(district, now())
    reuse.use(case, "licence_copy", made["久的"], by=district.applicant, at=now())
    page = applicant.open("/licences/")
    places = [page.text.index(title) for title in ("今天的", "快到的", "久的", "过了的")]
    assert places == sorted(places)
    assert "还有 20 天到期" in page.text
    assert "今天到期" in page.text
    assert "已过期" in page.text
    assert f"{case.number} · 林知远" in page.text


def test_the_wallet_costs_the_same_however_full_it_is(district, applicant, held):  # noqa: F811
    licence = held()
    reuse.use(change(district, now()), "licence_copy", licence, by=district.applicant, at=now())
    few = cost(applicant, "/licences/")
    for _more in range(9):
        held()
    assert cost(applicant, "/licences/") == few


def test_a_draft_of_a_service_that_reuses_nothing_costs_no_more(district, applicant):
    case = world.draft("investment-filing", district.firm, district.applicant, now())
    assert cost(applicant, f"/cases/{case.number}/materials/") <= 8


def test_pages_about_licences_read_english_throughout(district, held):  # noqa: F811
    Party.objects.filter(kind__in=("enterprise", "person")).update(name="Example Works")
    district.firm.refresh_from_db()
    browser = Browser(world.acting(User.objects.get(pk=district.applicant.user_id)), language="en")
    case, licence = change(district, now()), held(number="A 1", facts={})
    texts = [browser.open(f"/cases/{case.number}/materials/").text]
    reuse.use(case, "licence_copy", licence, by=district.applicant, at=now())
    texts += [browser.open(f"/cases/{case.number}/materials/").text, browser.open("/licences/").text]
    for words in ("You hold this e-licence", "I agree that", "E-licence instead", "Used 1 time"):
        assert any(words in text for text in texts), words
