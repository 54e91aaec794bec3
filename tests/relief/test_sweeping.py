"""What nobody confirms is hidden and not lost; what nobody answers lapses; what has an end ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import world
from tests.relief.market import introduced, the_pair
from tests.world import MORNING
from zerotrip.channels.models import Notice
from zerotrip.errors import Refused
from zerotrip.relief.matching import actions
from zerotrip.relief.models import Introduction, Resource

DAY = timedelta(days=1)


def told(actor, template: str) -> int:
    world.tell_queued()
    return Notice.objects.visible_to(actor).filter(template=template).count()


def now(resource) -> Resource:
    return Resource.objects.get(pk=resource.pk)


def test_after_thirty_days_an_offer_is_asked_after_once_and_a_week_later_hidden(printer, retailer):
    offer = printer.enters("premises", "offer")
    for days in (29, 30, 31, 36):
        actions.sweep(at=MORNING + days * DAY)
    assert told(printer.agent, "resource_confirm") == 1
    assert now(offer).status == "open"
    actions.sweep(at=MORNING + 37 * DAY)
    assert (now(offer).status, told(printer.agent, "resource_asleep")) == ("asleep", 1)
    assert the_pair(offer, retailer.enters("premises", "want", needed_by=None, at=MORNING + 37 * DAY)) is None


def test_confirmed_it_is_shown_again_with_everything_in_it_and_matched(printer, retailer):
    offer = printer.enters("premises", "offer")
    for days in (30, 37):
        actions.sweep(at=MORNING + days * DAY)
    want = retailer.enters("premises", "want", needed_by=None, at=MORNING + 37 * DAY)
    actions.confirm(offer, by=printer.agent, at=MORNING + 38 * DAY)
    woken = now(offer)
    assert (woken.status, woken.answers) == ("open", offer.answers)
    assert the_pair(offer, want) is not None
    actions.sweep(at=MORNING + 67 * DAY)
    assert now(offer).status == "open"


def test_confirmed_in_time_it_is_never_hidden(printer):
    offer = printer.enters("premises", "offer")
    actions.sweep(at=MORNING + 30 * DAY)
    actions.confirm(offer, by=printer.agent, at=MORNING + 33 * DAY)
    actions.sweep(at=MORNING + 40 * DAY)
    assert now(offer).status == "open"


def test_each_kind_has_its_own_time(printer):
    labour = printer.enters("labour", "offer")
    for days in (15, 20):
        actions.sweep(at=MORNING + days * DAY)
    assert now(labour).status == "asleep"


def test_an_entry_ends_after_the_last_day_it_stands(printer, retailer):
    offer = printer.enters("premises", "offer", until=date(2026, 3, 5))
    row = the_pair(offer, retailer.enters("premises", "want"))
    actions.sweep(at=MORNING + 2 * DAY)
    assert now(offer).status == "open"
    actions.sweep(at=MORNING + 3 * DAY)
    assert (now(offer).status, told(printer.agent, "resource_expired")) == ("expired", 1)
    row.refresh_from_db()
    assert row.status == "dropped"


def test_a_proposal_nobody_answers_lapses_and_can_be_taken_up_again(printer, retailer):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    row = actions.agree(row, "offer", by=printer.agent, at=MORNING)
    actions.sweep(at=MORNING + 13 * DAY)
    assert Introduction.objects.get().status == "proposed"
    actions.sweep(at=MORNING + 14 * DAY)
    row.refresh_from_db()
    assert (row.status, row.offer_agreed_at) == ("lapsed", None)
    assert told(printer.agent, "match_lapsed") == 1
    row = actions.agree(row, "want", by=retailer.agent, at=MORNING + 15 * DAY)
    assert row.status == "proposed"
    assert actions.agree(row, "offer", by=printer.agent, at=MORNING + 15 * DAY).status == "introduced"


def test_swept_twice_nothing_happens_twice(printer, retailer):
    introduced(printer, retailer)
    later = MORNING + 400 * DAY
    assert actions.sweep(at=later) > 0
    assert actions.sweep(at=later) == 0


def test_what_has_ended_is_not_confirmed_back(printer):
    offer = printer.enters("premises", "offer", until=date(2026, 3, 4))
    actions.sweep(at=MORNING + 5 * DAY)
    with pytest.raises(Refused):
        actions.confirm(offer, by=printer.agent, at=MORNING + 5 * DAY)
