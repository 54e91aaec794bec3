"""Money once, whoever runs at the same time, whatever is killed, and whichever way it was given."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests import world
from tests.policies.unasked.conftest import AT, POLICY, announced, drafted, grant_of
from zerotrip.cases import actions as cases
from zerotrip.channels.models import Notice
from zerotrip.errors import Refused
from zerotrip.policies.models import Policy
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions import drafting
from zerotrip.policies.unasked.models import Grant, Match, Run


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_moment_give_it_once(firms, district):
    gate, made = Barrier(2), []

    def run(by):
        gate.wait()
        try:
            made.append(drafted(by))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(by,)) for by in (district.clerk, district.leader)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert Run.objects.count() == 2
    live = Grant.objects.live()
    assert sorted(live.values_list("party__name", flat=True)) == ["济南虚构材料有限公司", "示范芯片有限公司"]
    assert Grant.objects.filter(status="withheld").count() == 2


@pytest.mark.django_db
def test_a_run_killed_between_its_batches_goes_on_and_comes_to_the_same(firms, firm_of, district, monkeypatch):
    for serial in range(930, 935):
        firm_of(f"示范{serial}有限公司", serial)
    monkeypatch.setattr(drafting, "BATCH", 2)
    run = actions.draft(POLICY, by=district.clerk, at=AT, key=uuid4())
    worked, real = [], drafting._settle

    def dying(grant, *rest, **named):
        worked.append(grant.pk)
        if len(worked) in (3, 8):
            raise KeyboardInterrupt
        real(grant, *rest, **named)

    monkeypatch.setattr(drafting, "_settle", dying)
    for _death in range(2):
        with pytest.raises(KeyboardInterrupt):
            actions.go_on(run.pk, at=AT)
    run = actions.go_on(run.pk, at=AT)
    assert run.ready_at == AT
    amounts = Grant.objects.filter(run=run).values_list("status", "amount")
    assert sorted((status, f"{amount}") for status, amount in amounts) == [
        *[("proposed", "30000.00")] * 6,
        ("proposed", "350000.00"),
    ]


@pytest.mark.django_db
def test_what_was_granted_upon_application_is_not_paid_again(firms, pack, district):
    apply = {"how": {"zh": "网上申请"}, "service": "investment-filing"}
    pack.policy(apply=apply)
    case = to_grant(district)
    cases.grant(case, by=district.leader, at=world.MORNING)
    grant = Grant.objects.get(party=district.firm)
    assert (grant.run, grant.status, grant.period) == (None, "agreed", "once")
    run = drafted(district.clerk)
    assert grant_of(run, firms["ours"]).status == "withheld"
    assert grant_of(run, firms["chip"]).status == "proposed"


@pytest.mark.django_db
def test_what_is_being_paid_is_not_granted_upon_application(firms, pack, district):
    apply = {"how": {"zh": "网上申请"}, "service": "investment-filing"}
    pack.policy(apply=apply)
    case = to_grant(district)
    drafted(district.clerk)
    with pytest.raises(Refused, match="不能重复给予"):
        cases.grant(case, by=district.leader, at=world.MORNING)
    assert not Grant.objects.filter(case__isnull=False).exists()


def to_grant(district):
    """The decision of a filing, to be taken."""
    case = world.draft("investment-filing", district.firm, district.applicant)
    cases.submit(case, by=district.applicant, at=world.MORNING)
    (intake,) = world.open_work(case)
    cases.accept(intake, by=district.clerk, at=world.MORNING)
    (decision,) = world.open_work(case)
    return decision


@pytest.mark.django_db
def test_enterprises_are_told_once_of_what_newly_fits_and_once_a_day(firms, pack, district):
    assert actions.match(at=AT) == (2, 0)
    assert actions.match(at=AT) == (0, 0)
    assert actions.tell_matches(at=AT) == 2
    assert actions.tell_matches(at=AT) == 0
    pack.policy("second-subsidy")
    actions.match(at=AT + timedelta(hours=2))
    assert actions.tell_matches(at=AT + timedelta(hours=2)) == 0, "one notice a day"
    assert actions.tell_matches(at=AT + timedelta(days=1)) == 2
    world.tell_queued()
    notices = Notice.objects.filter(template="policies_fit", user=district.applicant.user_id)
    assert [notice.context["count"] for notice in notices.order_by("at")] == [1, 1]


@pytest.mark.django_db
def test_what_ends_and_comes_back_is_not_told_again(firms, pack, district):
    actions.match(at=AT)
    actions.tell_matches(at=AT)
    Policy.objects.filter(slug=POLICY).update(valid_to=None)
    pack.policy(valid={"until": "2026-05-01"})
    assert actions.match(at=AT + timedelta(days=1)) == (0, 2)
    pack.policy()
    assert actions.match(at=AT + timedelta(days=2)) == (2, 0)
    assert actions.tell_matches(at=AT + timedelta(days=2)) == 0
    assert Match.objects.holding().count() == 2


@pytest.mark.django_db
def test_who_does_not_want_to_be_told_is_not(firms, district):
    actions.hush(district.firm.pk, quiet=True, by=district.applicant, at=AT)
    actions.match(at=AT)
    assert actions.tell_matches(at=AT) == 1
    actions.hush(district.firm.pk, quiet=False, by=district.applicant, at=AT)
    assert actions.tell_matches(at=AT + timedelta(hours=1)) == 1


@pytest.mark.django_db
def test_a_grant_is_of_a_run_or_of_a_case(firms, district):
    run = announced(district.clerk)
    with pytest.raises(IntegrityError, match="grant_is_of_a_run_or_a_case"), transaction.atomic():
        Grant.objects.filter(run=run).update(run=None)
