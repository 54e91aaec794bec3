"""From the clauses of a policy to money that is paid once: drafted, public, agreed, listed, approved, settled."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import world
from tests.policies.unasked.conftest import (
    ACCOUNT,
    AT,
    POLICY,
    after_notice,
    announced,
    drafted,
    example,
    grant_of,
    state,
)
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.facts.queries import day_of
from zerotrip.ledger.queries import first_break, history
from zerotrip.policies import tasks
from zerotrip.policies.queries import had_by, spec_of
from zerotrip.policies.unasked import actions, queries, reckoning
from zerotrip.policies.unasked.models import Grant, Objection, PaymentList, Run

pytestmark = pytest.mark.django_db


def statuses(run) -> dict[str, str]:
    return dict(Grant.objects.filter(run=run).values_list("party__name", "status"))


def agree(run, firm, by, at=AT):
    return actions.agree(grant_of(run, firm).pk, holder=firm.name, **ACCOUNT, by=by, at=at)


def closed(run, by):
    at = after_notice(run)
    return actions.close(run.pk, by=by, at=at), at


def listed(run, by, at):
    payment = actions.make_list(run.pk, by=by, at=at, key=uuid4())
    return actions.check_list(payment.pk, at=at)


def approved(run, *, by, other, at):
    return actions.approve(listed(run, by, at).pk, by=other, at=at)


def test_a_run_has_everybody_the_policy_is_for_with_what_they_get(firms, district):
    run = drafted(district.clerk)
    assert {name: grant_of(run, firms[name]).amount for name in ("ours", "chip")} == {
        "ours": Decimal("30000.00"),
        "chip": Decimal("350000.00"),
    }
    assert set(statuses(run).values()) == {"proposed"}
    assert Grant.objects.filter(run=run).count() == 2
    assert run.unknown == {"count": 1, "facts": {"blacklisted": 1}}
    assert run.ready_at == AT


def test_what_a_grant_rests_on_is_frozen_with_source_and_date(firms, district):
    grant = grant_of(drafted(district.clerk), firms["chip"])
    assert [clause["truth"] for clause in grant.clauses] == ["yes"] * 4
    cost = grant.facts["quarter_power_cost"]
    assert (cost["value"], cost["as_of"], cost["source"]) == ("9000000", "2026-03-31", "department")
    assert grant.facts["revenue_change"]["from"] == ["monthly_revenue"]
    assert "monthly_revenue" in grant.facts
    told = [(line.text, line.amount) for line in reckoning.lines(grant.reckoned, grant.amount)]
    assert told == [
        ("电费补贴（专精特新）：一季度电费 9,000,000.00 元 × 15%", "1,350,000.00 元"),
        ("超过最高额，按最高额", "300,000.00 元"),
        ("另加：定额", "50,000.00 元"),
    ]


def test_the_same_key_again_is_the_same_run(firms, district):
    key = uuid4()
    first = actions.draft(POLICY, by=district.clerk, at=AT, key=key)
    assert actions.draft(POLICY, by=district.clerk, at=AT, key=key) == first
    assert Run.objects.count() == 1
    for _again in range(2):
        actions.go_on(first.pk, at=AT)
    assert Grant.objects.count() == 2


def test_a_second_run_pays_nobody_again(firms, district):
    first = drafted(district.clerk)
    second = drafted(district.leader)
    assert set(statuses(first).values()) == {"proposed"}
    assert set(statuses(second).values()) == {"withheld"}
    assert "已经享受" in grant_of(second, firms["ours"]).reason
    with pytest.raises(Refused, match="没有企业"):
        actions.announce(second.pk, by=district.leader, at=AT)
    actions.abandon(first.pk, reason="重来", by=district.clerk, at=AT)
    assert set(statuses(drafted(district.clerk)).values()) == {"proposed"}


def test_the_database_itself_refuses_the_same_money_twice(firms, district):
    run = drafted(district.clerk)
    other = drafted(district.clerk)
    with pytest.raises(IntegrityError, match="money_once"), transaction.atomic():
        Grant.objects.filter(run=other).update(status="proposed")
    assert run.pk != other.pk


def test_another_quarter_is_another_benefit(firms, pack, district):
    pack.policy(unasked={"period": "quarter"})
    run = drafted(district.clerk)
    assert run.period == "2026Q2"
    assert set(statuses(run).values()) == {"proposed"}


def test_only_people_of_the_paying_department_run_a_policy(firms, district):
    for somebody in (district.applicant, district.housing, district.supervisor):
        with pytest.raises(NotAllowed):
            actions.draft(POLICY, by=somebody, at=AT, key=uuid4())


def test_an_amount_that_cannot_be_told_is_withheld_with_what_is_missing(firms, firm_of, district):
    firm = firm_of("示范缺数有限公司", 910, quarter_power_cost=None)
    grant = grant_of(drafted(district.clerk), firm)
    assert (grant.status, grant.amount) == ("withheld", None)
    assert grant.reason == "金额无法确定，缺少：一季度电费"


def test_the_notice_runs_five_working_days_and_says_so(firms, district):
    run = announced(district.clerk)
    assert run.notice_until.date() == date(2026, 5, 12), "Saturday the 9th is worked in 2026"
    lines = queries.notice_lines(run)
    assert "5" in lines[-1].words


def test_those_on_the_list_are_told_once_and_reminded_once(firms, district):
    from zerotrip.policies.unasked.actions.announcing import tell_announced_to

    run = announced(district.clerk)
    for _again in range(2):
        assert tell_announced_to(run.pk, at=AT) is not None
    world.tell_queued()
    notices = Notice.objects.filter(template="grant_ask")
    assert [notice.user_id for notice in notices] == [district.applicant.user_id]
    assert actions.remind_due(at=AT) == 0
    assert actions.remind_due(at=run.remind_at) == 2
    assert actions.remind_due(at=run.remind_at) == 0


def test_an_enterprise_agrees_with_its_account_sealed(firms, district):
    run = announced(district.clerk)
    grant = agree(run, firms["ours"], district.applicant)
    assert (grant.status, grant.agreed, grant.account_tail) == ("agreed", "said", "5678")
    assert "6222000012345678" not in grant.account_sealed
    assert actions.Account.unsealed(grant.account_sealed).number == "6222000012345678"
    with pytest.raises(NotFound):
        actions.agree(grant.pk, holder="x", bank="银行", number="12345678", by=district.stranger, at=AT)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"holder": "别的公司"}, "holder"),
        ({"number": "12ab"}, "number"),
        ({"bank": ""}, "bank"),
    ],
)
def test_an_account_that_cannot_be_right_is_refused_at_its_place(firms, district, typed, where):
    grant = grant_of(announced(district.clerk), firms["ours"])
    with pytest.raises(Invalid) as refusal:
        actions.agree(grant.pk, **{"holder": firms["ours"].name, **ACCOUNT, **typed}, by=district.applicant, at=AT)
    assert set(refusal.value.problems) == {where}


def test_nobody_agrees_to_what_is_not_public(firms, district):
    grant = grant_of(drafted(district.clerk), firms["ours"])
    with pytest.raises(NotFound):
        actions.agree(grant.pk, holder=firms["ours"].name, **ACCOUNT, by=district.applicant, at=AT)


def test_where_enterprises_are_asked_only_those_who_agree_are_paid(firms, district, head):
    run = announced(district.clerk)
    agree(run, firms["ours"], district.applicant)
    run, at = closed(run, district.clerk)
    payment = approved(run, by=district.clerk, other=head, at=at)
    assert (payment.count, payment.total) == (1, Decimal("30000.00"))
    assert grant_of(run, firms["chip"]).status == "proposed"


def test_where_silence_counts_all_are_paid_who_do_not_say_no(firms, pack, district, head):
    pack.policy(unasked={"consent": "silence"})
    run = announced(district.clerk)
    actions.decline(grant_of(run, firms["ours"]).pk, reason="不需要", by=district.applicant, at=AT)
    run, at = closed(run, district.clerk)
    assert statuses(run) == {firms["ours"].name: "declined", firms["chip"].name: "agreed"}
    payment = approved(run, by=district.clerk, other=head, at=at)
    (line,) = actions.lines_of(payment)
    assert (line.name, line.account) == (firms["chip"].name, None)


def test_the_notice_is_not_ended_before_its_time(firms, district):
    run = announced(district.clerk)
    with pytest.raises(Refused, match="没有满"):
        actions.close(run.pk, by=district.clerk, at=AT)
    assert actions.close_due(at=AT) == 0
    assert actions.close_due(at=after_notice(run)) == 1
    run.refresh_from_db()
    assert run.status == "closed"


def object_to(run, grant=None, *, at=AT, by=None, key=None, **typed):
    from zerotrip.parties.access import NOBODY

    said = {"name": "王举报", "phone": "13800001111", "text": "这家企业今年没有出口。", **typed}
    return actions.object_to(
        run.pk, grant_id=grant.pk if grant else None, **said, by=by or NOBODY, at=at, key=key or uuid4()
    )


def test_an_objection_that_is_upheld_takes_the_enterprise_off(firms, district):
    run = announced(district.clerk)
    grant = grant_of(run, firms["chip"])
    objection = object_to(run, grant)
    with pytest.raises(Refused, match="异议"):
        actions.close(run.pk, by=district.clerk, at=after_notice(run))
    actions.answer_objection(objection.pk, upheld=True, answer="核实无出口", by=district.clerk, at=AT)
    grant.refresh_from_db()
    assert (grant.status, grant.reason) == ("withheld", "公示异议成立：核实无出口")
    with pytest.raises(Stale):
        actions.answer_objection(objection.pk, upheld=False, answer="再答", by=district.clerk, at=AT)
    assert closed(run, district.clerk)[0].status == "closed"


def test_an_objection_that_is_not_upheld_changes_nothing_but_is_answered(firms, district):
    run = announced(district.clerk)
    objection = object_to(run, grant_of(run, firms["chip"]))
    actions.answer_objection(objection.pk, upheld=False, answer="有报关单", by=district.clerk, at=AT)
    assert statuses(run)[firms["chip"].name] == "proposed"


def test_an_upheld_objection_to_the_whole_list_leaves_only_a_new_run(firms, district):
    run = announced(district.clerk)
    objection = object_to(run)
    actions.answer_objection(objection.pk, upheld=True, answer="口径有误", by=district.clerk, at=AT)
    with pytest.raises(Refused, match="作废"):
        actions.close(run.pk, by=district.clerk, at=after_notice(run))
    run = actions.abandon(run.pk, reason="口径有误", by=district.clerk, at=AT)
    assert set(statuses(run).values()) == {"withheld"}


def test_objections_come_within_the_notice_each_once(firms, district):
    run = announced(district.clerk)
    key = uuid4()
    assert object_to(run, key=key) == object_to(run, key=key)
    assert Objection.objects.count() == 1
    with pytest.raises(Refused, match="已经结束"):
        object_to(run, at=after_notice(run))
    with pytest.raises(Invalid) as refusal:
        object_to(run, name="", phone="1", text="")
    assert set(refusal.value.problems) == {"name", "phone", "text"}


@pytest.fixture
def waiting(firms, district):
    """A run of which one enterprise agreed and whose notice has ended."""
    run = announced(district.clerk)
    agree(run, firms["ours"], district.applicant)
    return closed(run, district.clerk)


def test_nobody_approves_what_they_made(waiting, district, head):
    run, at = waiting
    payment = listed(run, district.leader, at)
    with pytest.raises(NotAllowed):
        actions.approve(payment.pk, by=district.leader, at=at)
    with pytest.raises(NotAllowed):
        actions.approve(payment.pk, by=district.clerk, at=at)
    with pytest.raises(IntegrityError, match="nobody_approves"), transaction.atomic():
        PaymentList.objects.update(approved_at=at, approved_by=district.leader.user_id)
    payment = actions.approve(payment.pk, by=head, at=at)
    assert payment.approved_by_id == head.user_id


def test_run_twice_pays_once(waiting, district, head):
    run, at = waiting
    key = uuid4()
    first = actions.make_list(run.pk, by=district.clerk, at=at, key=key)
    assert actions.make_list(run.pk, by=district.clerk, at=at, key=key) == first
    for _again in range(2):
        actions.check_list(first.pk, at=at)
        actions.approve(first.pk, by=head, at=at)
    assert Grant.objects.filter(payment=first).count() == 1
    with pytest.raises(Refused, match="没有可以列入"):
        actions.make_list(run.pk, by=district.clerk, at=at, key=uuid4())


def results(payment, at, *, paid=True, reason=""):
    from zerotrip.facts.queries import day_of

    return [actions.Settled(grant.line, paid, day_of(at), reason) for grant in payment.grants.all()]


def test_what_the_bank_says_is_recorded_once(waiting, firms, district, head):
    run, at = waiting
    payment = approved(run, by=district.clerk, other=head, at=at)
    said = results(payment, at)
    assert actions.record_results(payment.pk, said, by=district.clerk, at=at) == {"paid": 1, "returned": 0}
    assert actions.record_results(payment.pk, said, by=district.clerk, at=at) == {"paid": 0, "returned": 0}
    again = results(payment, at, paid=False, reason="户名不符")
    with pytest.raises(Invalid, match="1 行对不上"):
        actions.record_results(payment.pk, again, by=district.clerk, at=at)
    assert grant_of(run, firms["ours"]).status == "paid"
    run = actions.finish(run.pk, by=district.clerk, at=at)
    assert run.status == "paid"
    assert grant_of(run, firms["chip"]).reason == "到办结时没有确认"
    assert [had.policy for had in had_by(firms["ours"], [])] == [POLICY]
    assert had_by(firms["chip"], []) == []


def test_what_the_bank_returned_is_paid_to_another_account_once(waiting, firms, district, head):
    run, at = waiting
    payment = approved(run, by=district.clerk, other=head, at=at)
    actions.record_results(
        payment.pk, results(payment, at, paid=False, reason="户名不符"), by=district.clerk, at=at
    )
    returned = grant_of(run, firms["ours"])
    assert (returned.status, returned.reason) == ("returned", "户名不符")
    typed = {"holder": firms["ours"].name, "bank": "另一家银行支行", "number": "6222000099998888"}
    again = actions.pay_again(returned.pk, **typed, by=district.applicant, at=at)
    with pytest.raises(Stale):
        actions.pay_again(returned.pk, **typed, by=district.applicant, at=at)
    second = approved(run, by=district.clerk, other=head, at=at)
    assert [grant.pk for grant in second.grants.all()] == [again.pk]


def test_facts_that_changed_are_decided_by_somebody_and_never_silently(waiting, firms, district, head):
    run, at = waiting
    state(firms["ours"], at=at, quarter_power_cost="200000")
    payment = listed(run, district.clerk, at)
    assert payment.sent_back_at == at
    grant = grant_of(run, firms["ours"])
    assert (grant.status, grant.found["amount"]) == ("agreed", "20000.00")
    assert grant.found["facts"]["quarter_power_cost"] == ["300,000.00 元", "200,000.00 元"]
    with pytest.raises(Refused, match="没有可以列入"):
        listed(run, district.clerk, at)
    with pytest.raises(Invalid):
        actions.settle_found(grant.pk, how="lower", reason=" ", by=district.clerk, at=at)
    actions.settle_found(grant.pk, how="lower", reason="以税务数据为准", by=district.clerk, at=at)
    payment = approved(run, by=district.clerk, other=head, at=at)
    assert payment.total == Decimal("20000.00")
    grant.refresh_from_db()
    assert first_break(grant) is None
    assert "changed_lower" in [entry.action for entry in history(grant.pk)]


def test_more_than_was_announced_is_not_paid(waiting, firms, district):
    run, at = waiting
    state(firms["ours"], at=at, quarter_power_cost="900000")
    listed(run, district.clerk, at)
    grant = grant_of(run, firms["ours"])
    with pytest.raises(Refused, match="重新公示"):
        actions.settle_found(grant.pk, how="lower", reason="多了", by=district.clerk, at=at)
    actions.settle_found(grant.pk, how="keep", reason="按公示的发", by=district.clerk, at=at)
    assert listed(run, district.clerk, at).total == Decimal("30000.00")


def test_a_list_sent_back_is_made_anew(waiting, district, head):
    run, at = waiting
    payment = listed(run, district.clerk, at)
    actions.send_back(payment.pk, reason="账号要核对", by=head, at=at)
    again = approved(run, by=district.clerk, other=head, at=at)
    assert (again.count, again.serial) == (1, payment.serial + 1)
    with pytest.raises(Stale):
        actions.approve(payment.pk, by=head, at=at)


def test_a_list_that_was_tampered_with_is_not_approved(waiting, firms, district, head):
    run, at = waiting
    payment = listed(run, district.clerk, at)
    Grant.objects.filter(payment=payment).update(amount=Decimal(31000))
    with pytest.raises(Refused, match="不一致"):
        actions.approve(payment.pk, by=head, at=at)


def test_a_run_stays_on_the_version_it_was_drafted_under(firms, pack, district, head):
    run = announced(district.clerk)
    amended = example()
    amended["benefit"]["tiers"][0]["rate"] = 0.2
    pack.policy(benefit=amended["benefit"])
    agree(run, firms["ours"], district.applicant)
    run, at = closed(run, district.clerk)
    payment = approved(run, by=district.clerk, other=head, at=at)
    assert payment.total == Decimal("30000.00")
    assert spec_of(run.version_id).benefit.tiers[0].rate == Decimal("0.1")


def test_policies_that_exclude_each_other_are_not_both_had(firms, pack, district):
    other = pack.policy("other-power", excludes=[POLICY])
    announced(district.clerk)
    run = drafted(district.clerk, other)
    assert grant_of(run, firms["ours"]).reason == "已享受不能同时享受的政策：企业稳产补贴"
    assert set(statuses(run).values()) == {"withheld"}


def test_the_first_list_has_it_where_two_runs_exclude_each_other(firms, pack, district, head):
    first = announced(district.clerk)
    other = pack.policy("other-power")
    second = announced(district.clerk, other)
    pack.policy(excludes=[other])
    for run in (first, second):
        agree(run, firms["ours"], district.applicant)
        closed(run, district.clerk)
    at = after_notice(second)
    approved(first, by=district.clerk, other=head, at=at)
    listed(second, district.clerk, at)
    grant = grant_of(second, firms["ours"])
    assert grant.found["barred"] == "已享受不能同时享受的政策：企业稳产补贴"
    with pytest.raises(Refused, match="不能照发"):
        actions.settle_found(grant.pk, how="keep", reason="想发", by=district.clerk, at=at)


def test_as_often_as_a_policy_says_and_no_more(firms, pack, district):
    pack.policy(times=1, unasked={"period": "month"})
    announced(district.clerk)
    later = AT + timedelta(days=30)
    run = drafted(district.clerk, at=later)
    assert run.period == "2026-06"
    assert "达到次数上限" in grant_of(run, firms["ours"]).reason


def test_the_file_is_for_approved_lists_and_each_time_it_is_taken_is_journalled(waiting, firms, district, head):
    run, at = waiting
    payment = listed(run, district.clerk, at)
    with pytest.raises(Refused):
        actions.fetch(payment.pk, by=district.clerk, at=at, form="csv")
    actions.approve(payment.pk, by=head, at=at)
    for _again in range(2):
        payment = actions.fetch(payment.pk, by=district.clerk, at=at, form="csv")
    assert [entry.action for entry in history(payment.pk)][-2:] == ["fetch", "fetch"]
    (line,) = actions.lines_of(payment)
    assert line.reference == f"{payment.number}-0001"
    assert (line.account.number, line.amount) == ("6222000012345678", Decimal("30000.00"))


def test_withheld_by_hand_needs_a_reason_and_tells_the_enterprise(firms, district):
    run = announced(district.clerk)
    grant = grant_of(run, firms["ours"])
    with pytest.raises(Invalid):
        actions.withhold(grant.pk, reason=" ", by=district.clerk, at=AT)
    actions.withhold(grant.pk, reason="已注销", by=district.clerk, at=AT)
    world.tell_queued()
    assert Notice.objects.filter(template="grant_withheld").count() == 1
    with pytest.raises(Stale):
        agree(run, firms["ours"], district.applicant)


def test_where_many_are_paid_the_worker_tells_them_batch_by_batch_and_each_once(firms, district, head, monkeypatch):
    monkeypatch.setattr("zerotrip.policies.unasked.actions.settling.BATCH", 1)
    run = announced(district.clerk)
    for name in ("ours", "chip"):
        agree(run, firms[name], world.acting(world.agent(world.person(name), firms[name])))
    _run, at = closed(run, district.clerk)
    payment = approved(run, by=district.clerk, other=head, at=at)
    results = [actions.Settled(line, True, day_of(at)) for line in (1, 2)]
    assert actions.record_results(payment.pk, results, by=district.clerk, at=at) == {"paid": 2, "returned": 0}
    jobs = list(ProcrastinateJob.objects.filter(task_name="policies.tell_settled").order_by("id"))
    assert [job.args["lines"] for job in jobs] == [[1], [2]]
    for job in jobs * 2:
        tasks.tell_settled(**job.args)
    told = ProcrastinateJob.objects.filter(args__template="grant_paid").values_list("args__key", flat=True)
    paid = Grant.objects.filter(payment=payment).values_list("pk", flat=True)
    assert set(told) == {f"{pk}:grant_paid" for pk in paid}
