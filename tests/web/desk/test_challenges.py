"""Administrative review and lawsuits are noted on the case they are about, move on, and are counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.web.browsing import Browser
from tests.web.desk.test_licences import licence  # noqa: F401  a fixture
from tests.world import MORNING
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Challenge
from zerotrip.cases.queries import challenged
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history

LATER = MORNING + timedelta(days=40)
ORGAN = "济南市人民政府"


@pytest.fixture
def case(licence) -> Case:  # noqa: F811
    return licence.case


def noted(case: Case, by, **changes) -> Challenge:
    given = {"kind": "review", "organ": ORGAN, "filed_on": date(2026, 3, 20), **changes}
    return actions.note_challenge(case, by=by, at=LATER, **given)


def test_filed_taken_up_and_closed_with_its_outcome(district, case):
    found = noted(case, district.clerk)
    actions.move_challenge(found, stage="accepted", by=district.clerk, at=LATER)
    closed = actions.move_challenge(
        found, stage="closed", upshot="upheld", closed_on=date(2026, 4, 10), by=district.clerk, at=LATER
    )
    assert (closed.stage, closed.upshot) == ("closed", "upheld")
    assert [entry.action for entry in list(history(case.pk))[-3:]] == [
        "challenge",
        "challenge_moves",
        "challenge_moves",
    ]
    case.refresh_from_db()
    assert first_break(case) is None
    with pytest.raises(Refused, match="已经结案"):
        actions.move_challenge(found, stage="accepted", by=district.clerk, at=LATER)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"kind": "appeal"}, "kind"),
        ({"organ": " "}, "organ"),
        ({"filed_on": None}, "filed_on"),
        ({"filed_on": date(2026, 3, 1)}, "filed_on"),
        ({"filed_on": date(2027, 1, 1)}, "filed_on"),
    ],
)
def test_what_is_missing_or_impossible_is_named(district, case, changes, place):
    with pytest.raises(Invalid) as refusal:
        noted(case, district.clerk, **changes)
    assert place in refusal.value.problems


def test_closing_takes_an_outcome_and_a_day(district, case):
    found = noted(case, district.clerk)
    with pytest.raises(Invalid) as refusal:
        actions.move_challenge(found, stage="closed", by=district.clerk, at=LATER)
    assert set(refusal.value.problems) == {"upshot", "closed_on"}
    with pytest.raises(IntegrityError, match="says_when_and_how"), transaction.atomic():
        Challenge.objects.update(stage="closed")


def test_noted_twice_by_one_press_it_is_one_and_one_of_a_kind_is_open(district, case):
    key = new_id()
    assert noted(case, district.clerk, challenge=key) == noted(case, district.clerk, challenge=key)
    with pytest.raises(Refused):
        noted(case, district.clerk)
    noted(case, district.clerk, kind="lawsuit")


def test_nobody_else_notes_it(district, case):
    for actor in (district.applicant, district.stranger, district.housing, district.supervisor):
        with pytest.raises(NotAllowed):
            noted(case, actor)


def test_what_is_not_decided_cannot_be_challenged(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=MORNING)
    with pytest.raises(Refused, match="还没有作出决定"):
        noted(case, district.clerk)


def test_they_are_counted_by_kind_and_outcome(district, case):
    noted(case, district.clerk, kind="lawsuit")
    found = noted(case, district.clerk)
    actions.move_challenge(
        found, stage="closed", upshot="revoked", closed_on=date(2026, 4, 10), by=district.clerk, at=LATER
    )
    assert challenged(district.leader) == {"lawsuit": {"open": 1}, "review": {"revoked": 1}}
    assert challenged(district.housing) == {}
    assert "行政复议" in Browser(district.leader).open("/desk/licences/").text


def test_from_the_case_page_to_the_licence_when_the_decision_was_revoked(district, case, licence):  # noqa: F811
    clerk, url = Browser(district.clerk), f"/desk/cases/{case.number}/"
    page = clerk.open(f"{url}challenge/")
    page = page.form().press("登记", kind="review", organ="", filed_on="2026-03-20", status=422)
    page.form().press("登记", kind="review", organ=ORGAN, filed_on="2026-03-20")
    page = clerk.open(url)
    assert ORGAN in page.text
    (going_on,) = [link for link in page.links if "?challenge=" in link]
    clerk.open(going_on).form().press(
        "登记", stage="closed", upshot="revoked", closed_on="2026-04-10", note="事实不清"
    )
    page = clerk.open(url)
    assert "决定已被撤销，去处理证照" in page.text
    assert f"/desk/licences/{licence.pk}/" in page.links
    mine = Browser(district.applicant).open(f"/cases/{case.number}/")
    assert "行政复议或者诉讼有进展" in mine.text
