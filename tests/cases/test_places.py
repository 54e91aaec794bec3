"""Article 57: a licence limited in number is granted in the order of acceptance, and never more than there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.cases.test_two_hands import together
from tests.lawful import BASIS, declare, words
from tests.web.browsing import Browser
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.actions.places import counted
from zerotrip.cases.models import Case, Place
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.models import Service
from zerotrip.errors import Invalid, Refusal, Refused
from zerotrip.licences import actions as licences
from zerotrip.licences.models import Licence
from zerotrip.parties.access import SYSTEM

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUREAU = {"department": "approval-bureau"}
STAGES = [
    {"id": "intake", "name": words("受理"), "kind": "intake", **BUREAU},
    {"id": "decision", "name": words("决定"), "kind": "decision", "after": ["intake"], **BUREAU},
]


@pytest.fixture
def limited(district, tmp_path):
    """A permit of which there are so many."""

    def declared(number: int = 2, **rules) -> Service:
        allotment = {"number": number, "basis": BASIS, **rules}
        return declare(tmp_path, stages=STAGES, materials=[], allotment=allotment)

    return declared


def begun(district, at=MORNING) -> Case:
    return draft("test-permit", district.firm, district.applicant, at, like="construction-permit")


def accepted(district, at=MORNING) -> Case:
    case = actions.submit(begun(district, MORNING), by=district.applicant, at=MORNING)
    return actions.accept(open_work(case)[0], by=district.clerk, at=at)


def grant(case: Case, district, at=MORNING + DAY) -> Case:
    return actions.grant(open_work(case, "decision")[0], by=district.leader, at=at)


def count(at=MORNING):
    spec = Service.objects.get(pk="test-permit").current.spec
    return counted("test-permit", spec.allotment, at=at)


def test_article_57_who_was_accepted_later_waits_while_the_numbers_may_not_suffice(limited, district):
    limited(2)
    first, second, third = (accepted(district, MORNING + n * HOUR) for n in range(3))
    with pytest.raises(Refused, match=f"{first.number}、{second.number}先受理"):
        grant(third, district)
    assert grant(second, district).status == Status.GRANTED, "there is one for the first too"
    with pytest.raises(Refused, match="只剩 1 个名额"):
        grant(third, district)
    actions.refuse(open_work(first)[0], reasons="不符合", by=district.leader, at=MORNING + DAY)
    assert grant(third, district).status == Status.GRANTED
    assert sorted(Place.objects.values_list("number", flat=True)) == [1, 2]


def test_article_57_the_order_is_that_of_acceptance_not_of_handing_in(limited, district):
    limited(1)
    early = actions.submit(begun(district), by=district.applicant, at=MORNING)
    late = accepted(district, MORNING + HOUR)
    actions.accept(open_work(early)[0], by=district.clerk, at=MORNING + 2 * HOUR)
    with pytest.raises(Refused, match=late.number):
        grant(early, district)
    assert grant(late, district).status == Status.GRANTED


def test_article_57_when_all_are_granted_nothing_more_is_taken_up_and_the_rest_is_refused(limited, district):
    limited(1)
    draft_before = begun(district)
    waiting = actions.submit(begun(district), by=district.applicant, at=MORNING)
    first, second = accepted(district), accepted(district, MORNING + HOUR)
    grant(first, district)
    with pytest.raises(Refused, match="已全部准予"):
        begun(district)
    with pytest.raises(Invalid) as refusal:
        actions.submit(draft_before, by=district.applicant, at=MORNING + DAY)
    assert list(refusal.value.problems) == ["apply"]
    with pytest.raises(Refused, match="已全部准予"):
        actions.accept(open_work(waiting)[0], by=district.clerk, at=MORNING + DAY)
    with pytest.raises(Refused, match="名额已经用完"):
        grant(second, district)
    refused = actions.refuse(open_work(second)[0], reasons="名额已满", by=district.leader, at=MORNING + DAY)
    assert refused.result == Result.REFUSED
    assert actions.decline(open_work(waiting)[0], reasons="名额已满", by=district.clerk, at=MORNING + DAY)


def test_article_57_what_is_told_is_what_is_there(limited, district):
    limited(3)
    first = accepted(district)
    accepted(district, MORNING + HOUR)
    grant(first, district)
    found = count()
    assert (found.number, found.granted, found.under_way, found.left) == (3, 1, 1, 2)


def test_article_57_each_year_has_its_own_by_the_day_of_acceptance(limited, district):
    limited(1, per="year")
    grant(accepted(district), district)
    with pytest.raises(Refused, match="2026 年共 1 个"):
        begun(district)
    later = MORNING + 320 * DAY
    assert count(later).left == 1
    assert begun(district, later)


def test_article_57_a_licence_that_ends_makes_room_where_numbers_are_for_all_time(limited, district):
    limited(1)
    case = grant(accepted(district), district)
    actions.issue(case, by=SYSTEM, at=MORNING + DAY)
    proposed = licences.propose_revocation(
        Licence.objects.get(case=case), ground="withdraw", reasons="规划调整", by=district.clerk, at=MORNING + DAY
    )
    assert count().left == 0
    licences.confirm_revocation(proposed, by=district.leader, at=MORNING + DAY)
    assert count().left == 1
    assert grant(accepted(district, MORNING + DAY), district, MORNING + 2 * DAY).status == Status.GRANTED


def test_article_57_the_database_gives_no_place_twice_and_none_beyond_the_last(limited, district):
    limited(2)
    first, second = accepted(district), accepted(district, MORNING + HOUR)
    grant(first, district)
    place = {"case": second, "service_id": "test-permit", "period": 0, "taken_at": MORNING}
    with pytest.raises(IntegrityError, match="each_place_taken_once"), transaction.atomic():
        Place.objects.create(number=1, most=2, **place)
    with pytest.raises(IntegrityError, match="beyond_the_last"), transaction.atomic():
        Place.objects.create(number=3, most=2, **place)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"category": "filing"}, "只有核发新证"), ({"allotment": {"number": 0, "basis": BASIS}}, "不能小于 1")],
)
def test_the_check_of_packs_says_where_nothing_can_be_limited(district, tmp_path, changes, reason):
    rules = {"stages": STAGES, "materials": [], "allotment": {"number": 1, "basis": BASIS}, **changes}
    with pytest.raises(Invalid) as refusal:
        declare(tmp_path, **rules)
    assert [reason in told for (told,) in refusal.value.problems.values()] == [True]


# The pages


def test_the_guide_counts_and_says_when_there_are_none_left(limited, district):
    limited(2)
    grant(accepted(district), district)
    other = accepted(district, MORNING + HOUR)
    page = Browser(None).open("/services/test-permit/")
    assert "共 2 个，已准予 1 个，还剩 1 个" in page.text
    assert "正在办理 1 件" in page.text
    page = Browser(district.leader).open(f"/desk/cases/{other.number}/")
    assert "本件排第 1" in page.text
    grant(other, district)
    page = Browser(None).open("/services/test-permit/")
    assert "名额已满" in page.text
    page = Browser(district.applicant).open("/services/test-permit/apply/")
    assert "已全部准予" in page.text


@pytest.mark.django_db(transaction=True)
def test_article_57_two_hands_at_once_never_grant_more_than_there_are(limited, district):
    limited(1)
    first, second = accepted(district), accepted(district, MORNING + HOUR)
    got = together(lambda: grant(first, district), lambda: grant(second, district))
    assert sum(not isinstance(each, Refusal) for each in got) == 1
    assert Place.objects.get().case == first, "and out of turn neither"
