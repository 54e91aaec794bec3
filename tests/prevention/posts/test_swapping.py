"""Two swaps agreed at once: the second sees what the first did."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.posts import duty
from zerotrip.errors import Refused
from zerotrip.ids import new_id
from zerotrip.prevention.models import Shift, Swap, WorkerKind
from zerotrip.prevention.posts import actions
from zerotrip.prevention.posts.actions import swapping

NOW = world.MORNING


def standing_in(district):
    """Two people with a shift of one day each, who both ask the same third to stand in."""
    declared(district)
    post = duty.post(district, turns=((7, 8, 1), (15, 8, 1)), gaps_meant=True)
    for number in range(2):
        duty.worker(district, f"虚构{number}", kind=WorkerKind.STAFF)
    shifts = list(duty.published(district, post, days=1).shifts.standing().select_related("worker__person"))
    third, user = duty.worker(district, "虚构丙", kind=WorkerKind.STAFF)
    swaps = [
        actions.ask_swap(shift.pk, other=third.pk, returned=None, reason="", by=duty.owner(shift, at=NOW), at=NOW)
        for shift in shifts
    ]
    return swaps, third, world.acting(user)


@pytest.mark.django_db(transaction=True)
def test_of_two_swaps_agreed_at_once_the_second_is_held_to_what_the_first_did(district):
    (first, second), third, by = standing_in(district)

    def agree() -> None:
        try:
            actions.agree(second.pk, by=by, at=NOW)
        finally:
            connection.close()

    other = Thread(target=agree)
    with transaction.atomic():
        assert actions.agree(first.pk, by=by, at=NOW).done
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it waits for the first"
    other.join()
    second.refresh_from_db()
    assert (second.done, second.agreed_at, second.settled_at) == (False, NOW, None), "the lead decides"
    assert Shift.objects.filter(worker=third).count() == 1


@pytest.mark.django_db
def test_a_shift_that_was_given_meanwhile_is_a_reason_not_a_fault(district, monkeypatch):
    (swap, _other), third, by = standing_in(district)
    mine = Shift.objects.get(pk=swap.shift_id)
    plan = duty.asked(district, mine.post, days=1)
    during = DateTimeTZRange(mine.starts_at + timedelta(hours=1), mine.ends_at)
    taken = Shift(pk=new_id(), plan=plan, post=mine.post, worker=third, area_path=mine.area_path, during=during)
    broken = swapping._broken

    def then_planned(swap: Swap):
        found = broken(swap)
        taken.save(force_insert=True)
        return found

    monkeypatch.setattr(swapping, "_broken", then_planned)
    with pytest.raises(Refused, match="同一时间"):
        actions.agree(swap.pk, by=by, at=NOW)
    assert Shift.objects.get(pk=mine.pk).worker_id == mine.worker_id
