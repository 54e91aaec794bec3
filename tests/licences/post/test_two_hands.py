"""Two clerks at once, and a machine that dies at any statement: one parcel, handed over once, or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.licences.post.conftest import ANNA, fresh, hear, later, number_of, told
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case, Clock
from zerotrip.errors import Refusal
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.licences.post import actions
from zerotrip.licences.post.models import Batch, Delivery, Event, Label, Shipment
from zerotrip.parties.access import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """All of it at the same moment: what each gave, or the refusal."""
    start = Barrier(len(works))

    def run(work):
        try:
            start.wait(10)
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as crowd:
        return list(crowd.map(run, works))


def test_two_clerks_hand_over_the_same_parcel_and_one_is_told_of_the_other(district, parcel):
    shipment = parcel()
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
    code = number_of(shipment)
    scans = [lambda: actions.hand_over(batch, code, by=district.clerk, at=later(minutes=2))] * 4
    answers = at_once(*scans)
    refused = [one for one in answers if isinstance(one, Refusal)]
    assert len(refused) == 3
    assert all("已由clerk" in one.message for one in refused)
    assert [entry.action for entry in history(shipment.pk)] == ["open", "label", "hand_over"]


def test_two_clerks_label_the_same_parcels_and_one_batch_has_them(district, parcel):
    pks = [parcel().pk, parcel().pk]
    ways = [pks, pks[::-1], pks]
    made = at_once(*(lambda way=way: actions.make_batch(way, by=district.clerk, at=later()) for way in ways))
    assert sum(isinstance(one, Batch) for one in made) == 1
    assert (Batch.objects.count(), Label.objects.count()) == (1, 2)


@pytest.mark.parametrize("turn", range(4))
def test_who_changes_the_address_while_it_is_scanned_either_does_or_is_told_it_is_too_late(district, parcel, turn):
    shipment = parcel()
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
    code, new = number_of(shipment), {**ANNA, "address": f"济南市示范区虚构路 {turn} 号"}
    _scanned, changed = at_once(
        lambda: actions.hand_over(batch, code, by=district.clerk, at=later(minutes=2)),
        lambda: actions.choose(shipment.case, way="post", to=new, by=district.applicant, at=later(minutes=2)),
    )
    late = isinstance(changed, Refusal)
    assert fresh(shipment).status == ("handed_over" if late else "waiting")
    assert (Delivery.objects.get(case=shipment.case).address == new["address"]) is not late


@pytest.mark.parametrize("turn", range(4))
def test_a_batch_is_closed_with_what_was_scanned_or_the_scan_comes_too_late(district, parcel, turn):
    shipment = parcel()
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1))
    code = number_of(shipment)
    scanned, closed = at_once(
        lambda: actions.hand_over(batch, code, by=district.clerk, at=later(minutes=2)),
        lambda: actions.close_batch(batch, missing=1, by=district.clerk, at=later(minutes=2)),
    )
    assert isinstance(scanned, Refusal) is not isinstance(closed, Refusal)
    label = Label.objects.get(tracking=code)
    assert (label.batch is None) is (label.handed_over_at is None) is isinstance(scanned, Refusal)


def test_the_courier_and_a_clerk_say_it_is_delivered_and_the_case_closes_once(district, sent):
    shipment = sent()
    report = told(shipment, "delivered", later(hours=1))
    at_once(
        lambda: hear(report),
        lambda: hear(report),
        lambda: actions.record(shipment, "delivered", said="本人", key="k", by=district.clerk, at=later(hours=2)),
    )
    assert [entry.action for entry in history(shipment.case_id)].count("deliver") == 1
    assert [entry.action for entry in history(shipment.pk)].count("deliver") == 1
    assert first_break(fresh(shipment)) is None
    assert first_break(fresh(shipment).case) is None


class Death(Exception):
    """The machine stops here."""


def dying_at(statement: int):
    """Lets so many statements through."""
    passed = iter(range(statement))

    def execute(run, *arguments):
        if next(passed, None) is None:
            raise Death
        return run(*arguments)

    return connection.execute_wrapper(execute)


def state(shipment: Shipment) -> tuple[object, ...]:
    shipment = fresh(shipment)
    clock = Clock.objects.get(case=shipment.case, name="delivery")
    return (
        shipment.status,
        shipment.ledger_length,
        shipment.case.status,
        shipment.case.ledger_length,
        clock.ended_at,
        Event.objects.count(),
        Batch.objects.count(),
        list(Label.objects.values_list("tracking", "handed_over_at", "batch")),
    )


def survives(shipment: Shipment, act) -> int:
    """Let ``act`` die at its first statement, its second, and so on, until it gets through: how many it has."""
    before = state(shipment)
    for statement in range(1000):
        try:
            with dying_at(statement):
                act()
        except Death:
            assert state(shipment) == before, f"something was left by statement {statement}"
        else:
            assert state(shipment) != before
            return statement
    raise AssertionError("it never got through")


def test_a_machine_that_dies_at_any_statement_leaves_all_or_nothing(district, parcel):
    shipment = parcel()
    batches: list[Batch] = []
    survives(
        shipment, lambda: batches.append(actions.make_batch([shipment.pk], by=district.clerk, at=later(minutes=1)))
    )
    code = number_of(shipment)
    survives(shipment, lambda: actions.hand_over(batches[-1], code, by=district.clerk, at=later(minutes=2)))
    report = told(shipment, "delivered", later(hours=1))
    assert survives(shipment, lambda: hear(report)) > 5
    assert fresh(shipment).case.status == "closed"
    assert Batch.objects.get().number.endswith("-0001")


def test_a_licence_and_its_parcel_come_together_or_not_at_all(granted):
    case = granted()
    for statement in range(1000):
        try:
            with dying_at(statement):
                cases.issue(case, by=SYSTEM, at=later())
        except Death:
            assert Case.objects.get(pk=case.pk).status == "granted"
            assert not Licence.objects.exists()
            assert not Shipment.objects.exists()
        else:
            break
    assert statement > 10
    assert (Licence.objects.count(), Shipment.objects.count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).status == "issued"
