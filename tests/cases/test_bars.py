"""Articles 78 and 79: who hands in false materials, or gets a licence by fraud, may not apply again for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import formats, timezone

from tests import world
from tests.lawful import BASIS, declare
from tests.web.browsing import Browser
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.actions.bars import barred
from zerotrip.cases.models import Bar, BarKind, Case, Verdict
from zerotrip.cases.states import Result
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions as licences
from zerotrip.licences.letters import letter_of
from zerotrip.licences.models import Licence, Revocation
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role

DAY = timedelta(days=1)
SAFE = {"safety": {"basis": BASIS}}
FALSE = "合同系伪造。"


@pytest.fixture
def service(district, tmp_path):
    """A permit that directly concerns safety, or one with rules of its own."""

    def declared(**rules) -> Service:
        return declare(tmp_path, **{**SAFE, **rules})

    return declared


def begun(district, at: datetime = MORNING) -> Case:
    return draft("test-permit", district.firm, district.applicant, at, like="construction-permit")


def to_decide(district, at: datetime = MORNING):
    case = actions.submit(begun(district, at), by=district.applicant, at=at)
    actions.accept(open_work(case)[0], by=district.clerk, at=at)
    offices = {"housing-review": district.housing, "fire-review": district.fire}
    for work in open_work(case, "review"):
        actions.review(work, verdict=Verdict.PASS, by=offices.get(work.stage, district.defence), at=at)
    return open_work(case, "decision")[0]


def refused(district, at: datetime = MORNING) -> Case:
    return actions.refuse(to_decide(district, at), reasons=FALSE, falsehood=True, by=district.leader, at=at)


def granted(district) -> Licence:
    case = actions.grant(to_decide(district), by=district.leader, at=MORNING)
    actions.deliver(actions.issue(case, by=SYSTEM, at=MORNING), by=SYSTEM, at=MORNING)
    return Licence.objects.get(case=case)


def revoked(district, *, fraud: bool = True) -> Revocation:
    proposed = licences.propose_revocation(
        granted(district), ground="annul", reasons="行贿取得。", fraud=fraud, by=district.clerk, at=MORNING
    )
    return licences.confirm_revocation(proposed, by=district.leader, at=MORNING + DAY)


def test_article_78_false_materials_are_refused_with_a_warning_and_bar_for_a_year(service, district):
    service()
    case = refused(district)
    assert (case.result, case.decision.falsehood) == (Result.REFUSED, True)
    bar = Bar.objects.get()
    assert (bar.kind, bar.party, bar.licence) == (BarKind.FALSE, district.firm, spec_of(case.version_id).barred_as)
    assert f"{timezone.localtime(bar.until):%Y-%m-%d %H:%M}" == "2027-03-04 00:00", "its last day is 3 March"
    letter = "".join(letter_of(case, "decision").paragraphs)
    assert "给予警告" in letter
    assert "一年内不得再次申请该行政许可，2027 年 3 月 4 日起方可再次申请" in letter
    world.tell_queued()
    assert Notice.objects.filter(template="barred", user=district.applicant.account).count() == 1
    with pytest.raises(Refused, match=r"2027年3月4日前不能再次申请.*第七十八条.*行政复议"):
        begun(district, bar.until - timedelta(seconds=1))
    assert begun(district, bar.until).status == "draft"


def test_article_78_what_does_not_concern_safety_is_warned_of_and_bars_nobody(service, district):
    service(safety=None)
    case = refused(district)
    assert "给予警告" in "".join(letter_of(case, "decision").paragraphs)
    assert not Bar.objects.exists()
    assert begun(district, MORNING + DAY)


def test_article_78_whoever_else_applies_and_other_licences_are_free(service, district):
    service()
    refused(district)
    other = world.enterprise("济南另一家虚构公司", 901)
    world.agent(world.User.objects.get(pk=district.applicant.account), other)
    both = world.acting(world.User.objects.get(pk=district.applicant.account))
    spec = spec_of(Service.objects.get(pk="test-permit").current_id)
    assert set(barred(spec, [district.firm.pk, other.pk], at=MORNING)) == {district.firm.pk}
    assert draft("investment-filing", district.firm, district.applicant, MORNING)
    assert draft("test-permit", other, both, MORNING, like="construction-permit")


def test_article_78_a_draft_begun_before_is_not_handed_in(service, district):
    service()
    waiting = begun(district)
    refused(district)
    with pytest.raises(Invalid) as refusal:
        actions.submit(waiting, by=district.applicant, at=MORNING + DAY)
    assert list(refusal.value.problems) == ["apply"]


def test_article_78_a_drafted_refusal_takes_the_hands_every_decision_takes(service, district):
    service(approval={"draft": "clerk", "levels": ["leader"]})
    decision = to_decide(district)
    with pytest.raises(Invalid) as refusal:
        actions.draft_decision(
            decision, verdict=Result.TERMINATED, reasons=FALSE, falsehood=True, by=district.clerk, at=MORNING
        )
    assert list(refusal.value.problems) == ["falsehood"]
    actions.draft_decision(
        decision, verdict=Result.REFUSED, reasons=FALSE, falsehood=True, by=district.clerk, at=MORNING
    )
    assert not Bar.objects.exists(), "one hand bars nobody"
    actions.approve(open_work(decision.case)[0], by=district.leader, at=MORNING)
    assert Bar.objects.get().kind == BarKind.FALSE


def test_article_78_nobody_is_found_to_have_deceived_by_one_person_alone(service, district):
    bureau = {"department": "approval-bureau"}
    stages = [
        {"id": "intake", "name": BASIS, "kind": "intake", **bureau},
        {"id": "decision", "name": BASIS, "kind": "decision", "after": ["intake"], **bureau},
    ]
    service(stages=stages, materials=[])
    alone = world.acting(world.staff("alone", "approval-bureau", Role.CLERK, Role.LEADER))
    case = actions.submit(begun(district), by=district.applicant, at=MORNING)
    actions.accept(open_work(case)[0], by=alone, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.refuse(open_work(case)[0], reasons=FALSE, falsehood=True, by=alone, at=MORNING)
    assert actions.refuse(open_work(case)[0], reasons=FALSE, falsehood=True, by=district.leader, at=MORNING)


def test_article_78_speaks_of_licences_alone(service, district):
    service(category="filing", safety=None)
    with pytest.raises(Refused):
        refused(district)


def test_article_79_a_licence_got_by_fraud_is_annulled_and_bars_for_three_years(service, district):
    service()
    found = revoked(district)
    bar = Bar.objects.get()
    assert (bar.kind, bar.party) == (BarKind.FRAUD, district.firm)
    assert f"{timezone.localtime(bar.until):%Y-%m-%d}" == "2029-03-05"
    letter = "".join(letter_of(found.licence.case, "revocation").paragraphs)
    assert "三年内不得再次申请该行政许可，2029 年 3 月 5 日起方可再次申请" in letter
    with pytest.raises(Refused, match="第七十九条"):
        begun(district, MORNING + 700 * DAY)


def test_article_79_without_fraud_nobody_is_barred_and_fraud_is_no_other_ground(service, district):
    service()
    licence = granted(district)
    with pytest.raises(Invalid) as refusal:
        licences.propose_revocation(
            licence, ground="penalty", reasons="x", fraud=True, by=district.clerk, at=MORNING
        )
    assert list(refusal.value.problems) == ["ground"]
    proposed = licences.propose_revocation(licence, ground="annul", reasons="x", by=district.clerk, at=MORNING)
    with pytest.raises(IntegrityError, match="got_by_fraud"), transaction.atomic():
        Revocation.objects.update(ground="penalty", fraud=True)
    licences.confirm_revocation(proposed, by=district.leader, at=MORNING)
    assert not Bar.objects.exists()


def test_a_bar_is_lifted_by_a_leader_with_a_reason_when_what_it_rests_on_is_undone(service, district):
    service()
    case = refused(district)
    bar = Bar.objects.get()
    with pytest.raises(NotAllowed):
        actions.lift_bar(bar, reason="复议撤销", by=district.clerk, at=MORNING + DAY)
    with pytest.raises(Invalid):
        actions.lift_bar(bar, reason=" ", by=district.leader, at=MORNING + DAY)
    actions.lift_bar(bar, reason="复议撤销", by=district.leader, at=MORNING + DAY)
    actions.lift_bar(bar, reason="复议撤销", by=district.leader, at=MORNING + DAY)
    with pytest.raises(Stale):
        actions.lift_bar(bar, reason="又一次", by=district.leader, at=MORNING + DAY)
    told = list(history(case.pk))
    assert [entry.action for entry in told].count("lift_bar") == 1
    assert told[-1].reason == "复议撤销"
    case.refresh_from_db()
    assert first_break(case) is None
    assert begun(district, MORNING + DAY)


def test_a_leader_who_acts_for_the_applicant_does_not_lift(service, district):
    service()
    refused(district)
    own = world.acting(world.agent(world.staff("own", "approval-bureau", Role.LEADER), district.firm))
    with pytest.raises(NotAllowed):
        actions.lift_bar(Bar.objects.get(), reason="帮忙", by=own, at=MORNING + DAY)


def test_the_database_keeps_bars_to_the_length_of_the_law_and_says_who_lifted_them(service, district):
    service()
    case = refused(district)
    since = datetime(2026, 3, 3, tzinfo=UTC)
    one = {"party": district.firm, "reason": "x", "since": since}
    wrong = {
        "no_longer_than": {"kind": "false", "licence": "x", "until": since + 400 * DAY},
        "names_its_licence": {"kind": "fraud", "until": since + DAY},
        "when_by_whom_and_why": {"until": since + DAY, "lifted_at": since + DAY},
    }
    for name, values in wrong.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Bar.objects.create(case=case, **one, **values)
    with pytest.raises(IntegrityError, match="one_bar_of_a_kind"), transaction.atomic():
        Bar.objects.create(case=case, kind="false", licence="x", until=since + DAY, **one)


# The pages


def test_the_barred_read_why_and_until_when_before_they_fill_anything(service, district):
    service()
    waiting = begun(district)
    case = refused(district, timezone.now())
    day = formats.date_format(timezone.localtime(Bar.objects.get().until), "DATE_FORMAT")
    mine = Browser(district.applicant)
    for address in ("/services/test-permit/", "/services/test-permit/apply/"):
        page = mine.open(address)
        assert f"{day}前不能再次申请" in page.text
        assert case.number in page.text
    page = mine.open(f"/cases/{waiting.number}/check/")
    assert f"{day}前不能再次申请" in page.text
    page = mine.open(f"/cases/{case.number}/")
    assert "一段时间内不能再次申请" in page.text
    assert "给予警告" in page.text
    assert "不能再次申请" not in Browser(district.stranger).open("/services/test-permit/").text


def test_the_counter_is_told_the_same(service, district):
    service()
    refused(district)
    firm = district.firm
    contact = world.User.objects.get(pk=district.applicant.account)
    with pytest.raises(Refused, match="不能再次申请"):
        actions.open_at_counter(
            service=Service.objects.get(pk="test-permit"),
            applicant=firm,
            contact=contact,
            given="counter",
            case_id=new_id(),
            by=district.clerk,
            at=MORNING + DAY,
        )


def test_staff_refuse_for_false_materials_see_the_bar_and_lift_it(service, district):
    service()
    decision = to_decide(district, timezone.now())
    number = decision.case.number
    leader = Browser(district.leader)
    page = leader.open(f"/desk/cases/{number}/")
    assert "一年内不得再次申请" in page.text
    page.form("/refuse/").press("不予许可", reasons=FALSE, falsehood="1")
    page = leader.open(f"/desk/cases/{number}/")
    assert "对申请人的限制" in page.text
    assert "解除限制…" not in Browser(district.clerk).open(f"/desk/cases/{number}/").text
    other = actions.submit(
        draft("investment-filing", district.firm, district.applicant, MORNING), by=district.applicant, at=MORNING
    )
    assert "来自另一个办件的决定" in Browser(district.clerk).open(f"/desk/cases/{other.number}/").text
    address = f"/desk/cases/{number}/lift-bar/?bar={Bar.objects.get().pk}"
    Browser(district.clerk).open(address, status=404)
    page = leader.open(address).form().press("解除限制", reason=" ", status=422)
    assert "请写明原决定怎样被撤销或者更正" in page.text
    leader.open(address).form().press("解除限制", reason="复议决定撤销")
    assert "复议决定撤销" in leader.open(f"/desk/cases/{number}/").text
    assert "限制已解除" in Browser(district.applicant).open(f"/cases/{number}/").text
