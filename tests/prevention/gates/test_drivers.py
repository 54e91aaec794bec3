"""Whoever drove is hidden wherever gates are listed; the guard confirms the same one without seeing all of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.prevention import emergency
from tests.prevention.gates import passing
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import User
from zerotrip.prevention.models import Event, Passage

pytestmark = pytest.mark.django_db

NAME, PHONE = "虚构司机", "13800001111"
HIDDEN = ("虚**机", "138****1111")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ready(district, now):
    emergency.declared(district, at=now)
    return district


@pytest.fixture
def desk(ready):
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=ready.clerk.user_id))


@pytest.fixture
def passage(ready, now):
    return passing.came(passing.gate(), ready.clerk, at=now)


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("page", ["desk-gates", "desk-gates-day"])
def test_lists_and_the_sheet_of_a_day_hide_who_drove(desk, passage, page):
    shown = text(desk.get(reverse(page)))
    assert passage.plate in shown
    assert NAME not in shown
    assert PHONE not in shown
    assert HIDDEN[0] in shown


def test_a_plate_that_is_typed_tells_of_its_driver_no_more_than_that(desk, passage):
    shown = text(desk.get(reverse("desk-gate", args=[passage.gate_id]), {"plate": passage.plate}))
    assert NAME not in shown
    assert PHONE not in shown
    assert all(part in shown for part in HIDDEN)
    assert f'name="same" value="{passage.pk}">' in shown, "nobody has confirmed it yet"


def typed(passage: Passage, **more: str) -> dict[str, str]:
    told = {"plate": passage.plate, "temperature": "36.5", "colour": "green", "origin": "虚构市", "goods": "none"}
    return {**told, **more}


def test_the_same_driver_is_confirmed_and_another_one_typed(desk, passage):
    address = reverse("desk-gate", args=[passage.gate_id])
    assert desk.post(address, typed(passage, same=str(passage.pk))).status_code == 302
    assert {(row.driver, row.phone) for row in Passage.objects.all()} == {(NAME, PHONE)}
    latest = str(Passage.objects.latest("received_at").pk)
    assert desk.post(address, typed(passage, same=latest, driver="虚构另一人")).status_code == 422, "whose number?"
    other = typed(passage, same=latest, driver="虚构另一人", phone="13900002222")
    assert desk.post(address, other).status_code == 302
    latest = str(Passage.objects.latest("received_at").pk)
    desk.post(address, typed(passage, same=latest, phone="13900003333"))
    row = Passage.objects.latest("received_at")
    assert (row.driver, row.phone) == ("虚构另一人", "13900003333")


def test_nobody_is_the_same_driver_unless_that_was_confirmed_of_this_plate(desk, ready, passage, now):
    other = passing.came(passage.gate, ready.clerk, plate="鲁C11111", driver="虚构乙", phone="13900009999", at=now)
    address = reverse("desk-gate", args=[passage.gate_id])
    for same in ("", str(other.pk)):
        assert desk.post(address, typed(passage, same=same)).status_code == 422


def test_a_driver_is_shown_in_full_for_a_reason_that_is_kept(desk, passage):
    address = reverse("desk-passage-driver", args=[passage.pk])
    assert NAME not in text(desk.get(address))
    refused = desk.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert NAME not in text(refused)
    shown = text(desk.post(address, {"reason": "车超时没有离开，联系司机"}))
    assert NAME in shown
    assert PHONE in shown
    event = Event.objects.get()
    entry = history(event.pk).get(action="reveal")
    assert (entry.reason, entry.details) == ("车超时没有离开，联系司机", {"passage": str(passage.pk)})
    assert first_break(event) is None
