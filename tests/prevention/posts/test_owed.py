"""Whoever is on a shift owes a sign-on that day; who has not signed on is named where everything owed is."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.posts import duty
from tests.web.browsing import Browser
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing import queries
from zerotrip.duties.standing.materialising import open_window, reconcile
from zerotrip.duties.standing.schedule import Span
from zerotrip.parties.models import Party
from zerotrip.prevention.events import purging
from zerotrip.prevention.models import Shift, WorkerKind
from zerotrip.prevention.posts import actions
from zerotrip.prevention.posts.codes import code_of
from zerotrip.web.duties.reporting import names_of
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime.combine(duty.TOMORROW, time(), CHINA)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def plan(district):
    """Three turns a day at one post, of two days."""
    declared(district, days=3)
    for number in range(4):
        duty.worker(district, f"虚构{number}", kind=WorkerKind.STAFF)
    return duty.published(district, duty.post(district), days=2)


@pytest.fixture
def window(plan) -> Window:
    """The first day, on which whoever is on a shift owes a sign-on."""
    (requirement,) = roster.declared(roster.spec("shift-sign-on", who="shift", act="sign-on", measure="posts"))
    span = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    return open_window(requirement, span, area_path=world.DISTRICT, at=MIDNIGHT)


def signed(shift: Shift, at: datetime) -> None:
    actions.sign_on(shift.pk, code=code_of(shift.post.secret, at), by=duty.owner(shift), at=at)


def missing(window: Window, district, at: datetime) -> set:
    return set(queries.missing(window, district.clerk, at=at).values_list("subject", flat=True))


def test_each_shift_that_begins_that_day_owes_a_sign_on_and_no_other(district, plan, window):
    of_the_day = {
        shift.pk for shift in plan.shifts.standing() if shift.starts_at.astimezone(CHINA).date() == window.day
    }
    assert len(of_the_day) == 3
    assert missing(window, district, MIDNIGHT) == of_the_day
    first = duty.first_shift(plan)
    signed(first, first.starts_at + 5 * MINUTE)
    assert missing(window, district, first.starts_at + 6 * MINUTE) == of_the_day - {first.pk}
    assert Due.objects.get(subject=first.pk).kept_at == first.starts_at + 5 * MINUTE


def test_who_comes_early_or_after_midnight_is_counted_on_the_day_of_the_shift(district, plan, window):
    first, *_between, last = plan.shifts.standing().select_related("post", "worker__person").order_by("during")[:3]
    signed(first, first.starts_at - 20 * MINUTE)
    assert Due.objects.get(subject=first.pk).kept_at == first.starts_at
    signed(last, MIDNIGHT + timedelta(days=1, minutes=10))
    assert Due.objects.get(subject=last.pk).kept_at < window.ends


def test_one_that_was_entered_by_hand_counts_and_one_that_was_taken_away_is_not_owed(district, plan, window):
    first, second, *_rest = plan.shifts.standing().order_by("during")
    told = {"on": first.starts_at, "off": first.ends_at, "reason": "没有手机"}
    actions.enter_by_hand(first.pk, **told, by=district.clerk, at=first.ends_at)
    actions.take(second.pk, reason="调整", by=district.clerk, at=MIDNIGHT + MINUTE)
    reconcile(window.pk, at=MIDNIGHT + 60 * MINUTE)
    row = queries.total(window, district.clerk, at=window.ends)
    assert (row.asked, row.kept, row.excused, row.missing) == (3, 1, 1, 1)


def test_who_is_missing_is_named_with_post_and_hours(district, plan, window):
    first = duty.first_shift(plan)
    phone = "13900001234"
    Party.objects.filter(pk=first.worker.person_id).update(phone=phone)
    page = Browser(district.clerk).open(f"/desk/prevention/duties/{window.pk}/")
    assert names_of("shift", [first.pk])[first.pk] in page.text
    assert phone not in page.text, "that is on the page of the post, masked"
    assert f"{first.worker.person.name} · 07:00–15:00 · 虚构东门" in page.text


def test_a_rule_may_ask_for_deployments_and_for_volunteers(plan):
    for where, count in (
        ({"fact": "outside", "is": True}, 0),
        ({"fact": "outside", "is": False}, 3),
        ({"fact": "kind", "is": "volunteer"}, 0),
    ):
        (requirement,) = roster.declared(
            roster.spec("shift-sign-on", who="shift", act="sign-on", measure="posts", where=where)
        )
        span = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))
        opened = open_window(requirement, span, area_path=world.DISTRICT, at=MIDNIGHT)
        assert opened.dues.count() == count


def test_it_goes_with_the_event(district, plan, window):
    from zerotrip.prevention.models import Event

    purging.purge(Event.objects.get().pk, at=world.MORNING + timedelta(days=400))
    assert not Due.objects.filter(window=window).exists()
