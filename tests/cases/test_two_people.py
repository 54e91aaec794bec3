"""Article 34: two staff examine. One gives the opinion, another confirms it, and it counts only then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from tests.lawful import declare, words
from tests.web.browsing import Browser
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Verdict
from zerotrip.cases.queries import done_by, worklist
from zerotrip.cases.rules import had_a_hand
from zerotrip.cases.states import Status
from zerotrip.catalogue import packs
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Role

DAY = timedelta(days=1)
BUREAU = {"department": "approval-bureau"}
STAGES = [
    {"id": "intake", "name": words("受理"), "kind": "intake", **BUREAU},
    {
        "id": "site",
        "name": words("现场核查"),
        "kind": "review",
        "department": "housing",
        "after": ["intake"],
        "two_people": True,
    },
    {"id": "decision", "name": words("决定"), "kind": "decision", "after": ["site"], **BUREAU},
]


@pytest.fixture
def second(district):
    return world.acting(world.staff("second", "housing", Role.REVIEWER))


@pytest.fixture
def site(district, second, tmp_path) -> Assignment:
    """The site check of a case, waiting for its first hand."""
    declare(tmp_path, stages=STAGES)
    case = draft("test-permit", district.firm, district.applicant, MORNING, like="construction-permit")
    case = actions.submit(case, by=district.applicant, at=MORNING)
    actions.accept(open_work(case)[0], by=district.clerk, at=MORNING)
    return open_work(case, "review")[0]


def first(site: Assignment, district, verdict: Verdict = Verdict.PASS, **said) -> Case:
    return actions.review(site, verdict=verdict, by=district.housing, at=MORNING, **{"opinion": "符合", **said})


def test_article_34_the_opinion_of_one_counts_once_another_confirms_it(site, district, second):
    case = first(site, district)
    site.refresh_from_db()
    assert (case.status, site.status, site.verdict, site.proposed) == (Status.REVIEWING, "open", "", "pass")
    case = actions.confirm_review(site, remark="我也到了现场", by=second, at=MORNING + DAY)
    site.refresh_from_db()
    assert (case.status, site.status, site.verdict) == (Status.DECIDING, "done", Verdict.PASS)
    assert (site.first_by_id, site.done_by_id) == (district.housing.account, second.account)
    told = [(entry.action, entry.actor) for entry in history(case.pk)][-2:]
    assert told == [("review", district.housing.account), ("confirm_review", second.account)]
    case.refresh_from_db()
    assert first_break(case) is None


def test_article_34_nobody_is_both_of_the_two(site, district, second):
    first(site, district)
    for step in (actions.confirm_review, actions.send_back):
        with pytest.raises(NotAllowed):
            step(site, remark="x", by=district.housing, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.confirm_review(site, by=district.fire, at=MORNING)
    site.refresh_from_db()
    assert site.status == "open"


def test_article_34_the_database_knows_no_examination_by_one(site, district):
    first(site, district)
    done = {"status": "done", "verdict": "pass", "done_at": MORNING}
    with pytest.raises(IntegrityError, match="confirmed_by_another"), transaction.atomic():
        Assignment.objects.filter(pk=site.pk).update(done_by=district.housing.account, **done)
    with pytest.raises(IntegrityError, match="names_both"), transaction.atomic():
        Assignment.objects.filter(pk=site.pk).update(**done)
    with pytest.raises(IntegrityError, match="says_when_and_what"), transaction.atomic():
        Assignment.objects.filter(pk=site.pk).update(proposed="")


def test_article_34_disagreement_sends_it_back_to_the_first_with_why(site, district, second):
    first(site, district)
    with pytest.raises(Invalid):
        actions.send_back(site, remark=" ", by=second, at=MORNING)
    actions.send_back(site, remark="没有量面积", by=second, at=MORNING)
    site.refresh_from_db()
    assert (site.assignee_id, site.first_by_id, site.remark) == (district.housing.account, None, "没有量面积")
    with pytest.raises(Stale):
        actions.confirm_review(site, by=second, at=MORNING)
    first(site, district, opinion="已量，符合")
    case = actions.confirm_review(site, by=second, at=MORNING)
    assert case.status == Status.DECIDING


def test_article_34_a_second_opinion_of_the_first_is_too_late(site, district, second):
    first(site, district)
    with pytest.raises(Stale):
        actions.review(site, verdict=Verdict.PASS, by=second, at=MORNING)
    actions.confirm_review(site, by=second, at=MORNING)
    with pytest.raises(Stale):
        actions.review(site, verdict=Verdict.PASS, by=second, at=MORNING)


def test_one_press_sent_twice_is_one(site, district, second):
    first(site, district, key="a")
    first(site, district, key="a")
    case = actions.confirm_review(site, by=second, at=MORNING, key="b")
    actions.confirm_review(site, by=second, at=MORNING, key="b")
    assert [entry.action for entry in history(case.pk)].count("confirm_review") == 1


def test_what_waits_for_a_second_hand_is_on_their_list_and_not_on_the_firsts(site, district, second):
    assert site in worklist(district.housing)
    first(site, district)
    assert site not in worklist(district.housing)
    assert site in worklist(second)
    counted = sum(part.count() for _whose, part in Assignment.objects.parts_for_hands_of(district.housing))
    assert counted == 0
    actions.take(site, by=second, at=MORNING)
    with pytest.raises(Refused, match="第二人须是"):
        actions.assign(
            site, to=district.housing, by=world.acting(world.staff("h", "housing", Role.LEADER)), at=MORNING
        )


def test_work_handed_over_to_the_first_goes_back_to_the_department(site, district, second):
    first(site, district)
    actions.take(site, by=second, at=MORNING)
    answers = actions.hand_over(
        world.User.objects.get(pk=second.account), to=district.housing, by=second, at=MORNING
    )
    assert [answer.done for answer in answers] == [True]
    site.refresh_from_db()
    assert site.assignee_id is None


def test_whoever_acts_for_the_applicant_is_neither(site, district):
    own = world.acting(world.agent(world.staff("own", "housing", Role.REVIEWER), district.firm))
    with pytest.raises(NotAllowed):
        actions.review(site, verdict=Verdict.PASS, by=own, at=MORNING)
    first(site, district)
    with pytest.raises(NotAllowed):
        actions.confirm_review(site, by=own, at=MORNING)


def test_both_had_a_hand_in_it(site, district, second):
    case = first(site, district)
    actions.confirm_review(site, by=second, at=MORNING)
    assert had_a_hand(case, district.housing)
    assert had_a_hand(case, second)


def test_several_at_once_is_refused_with_why(site, district):
    work = Assignment.objects.select_related("case__version").get(pk=site.pk)
    with pytest.raises(Invalid, match="须两人核查、逐件确认"):
        actions.grant_together([work], by=district.leader, at=MORNING)


def test_findings_are_written_case_by_case_too(site, district, tmp_path):
    review = {**STAGES[1], "two_people": False, "finds": [{"id": "level", "kind": "text", "label": words("等级")}]}
    declare(tmp_path, stages=[STAGES[0], review, STAGES[2]])
    case = draft("test-permit", district.firm, district.applicant, MORNING, like="construction-permit")
    case = actions.submit(case, by=district.applicant, at=MORNING)
    actions.accept(open_work(case)[0], by=district.clerk, at=MORNING)
    work = Assignment.objects.select_related("case__version").get(case=case, kind="review")
    with pytest.raises(Invalid, match="要逐件写明认定的内容"):
        actions.grant_together([work], by=district.leader, at=MORNING)


@pytest.mark.parametrize(
    ("stage", "changes", "reason"),
    [(0, {"two_people": True}, "只有审查环节"), (1, {"silence": "agree"}, "逾期不能视为已有意见")],
)
def test_the_check_of_packs_says_where_two_people_cannot_be(district, tmp_path, stage, changes, reason):
    stages = [dict(each) for each in STAGES]
    stages[stage] |= changes
    with pytest.raises(Invalid):
        declare(tmp_path, stages=stages)
    _pack, faults = packs.read(tmp_path / "test-pack")
    assert any(reason in fault.reason for fault in faults)


# The pages


def test_each_of_the_two_presses_by_themselves_and_both_are_named(site, district, second):
    number = site.case.number
    address = f"/desk/cases/{number}/"
    one, other = Browser(district.housing), Browser(second)
    page = one.open(address)
    assert "须两人核查" in page.text
    page.form("/pass/").press("通过本环节", opinion="现场符合图纸")
    page = one.open(address)
    assert "等另一人确认" in page.text
    assert "确认意见" not in page.text
    page = other.open(address)
    assert "现场符合图纸" in page.text
    page = page.form("/send-back/").press("不同意，退回", remark=" ", status=422)
    assert "请写明不同意什么" in page.text
    other.open(address).form("/send-back/").press("不同意，退回", remark="图纸版本不对")
    page = one.open(address)
    assert "图纸版本不对" in page.text
    assert "现场符合图纸" in page.html, "the first goes on with what they wrote"
    page.form("/pass/").press("通过本环节", opinion="按新版图纸核过")
    other.open(address).form("/confirm-review/").press("确认意见", remark="同意")
    page = Browser(district.supervisor).open(address)
    assert "housing、second" in page.text
    assert "第二人确认" in page.text
    mine = Browser(district.applicant).open(f"/cases/{number}/")
    assert "现场核查：通过" in mine.text
    assert "图纸版本不对" not in mine.text
    assert "由两名工作人员核查" in Browser(None).open("/services/test-permit/").text


def test_each_of_the_two_finds_it_among_what_they_have_done_with_what_they_did(site, district, second):
    number, address = site.case.number, "/desk/done/"
    one, other = Browser(district.housing), Browser(second)
    first(site, district)
    page = one.open(address)
    assert number in page.text
    assert "现场核查 · 通过（第一人，等另一人确认）" in page.text
    assert number not in other.open(address).text
    actions.confirm_review(site, by=second, at=MORNING + DAY)
    assert "现场核查 · 通过（第一人）" in one.open(address).text
    assert "现场核查 · 通过（第二人确认）" in other.open(address).text
    assert [work.acted_at for work in done_by(district.housing)] == [MORNING]
    assert [work.acted_at for work in done_by(second)] == [MORNING + DAY]
    english = Browser(district.housing, language="en").open(address)
    assert "(as the first)" in english.text


def test_what_the_second_sent_back_is_to_be_done_and_not_done(site, district, second):
    first(site, district)
    actions.send_back(site, remark="没有量面积", by=second, at=MORNING)
    assert not done_by(district.housing).exists()
    assert not done_by(second).exists()


def test_first_hands_and_finished_work_are_one_list_the_latest_first(site, district, second):
    first(site, district)
    case = draft("construction-permit", district.firm, district.applicant, MORNING)
    case = actions.submit(case, by=district.applicant, at=MORNING)
    actions.accept(open_work(case)[0], by=district.clerk, at=MORNING)
    whole = next(work for work in open_work(case) if work.department_id == site.department_id)
    actions.review(whole, verdict=Verdict.PASS, opinion="好", by=district.housing, at=MORNING + DAY)
    assert [work.pk for work in done_by(district.housing)] == [whole.pk, site.pk]
    with CaptureQueriesContext(connection) as spent:
        list(done_by(district.housing)[:30])
    assert len(spent) == 1
