"""Whoever still owes something is told before it is too late, once for each reminder."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.duties.standing.roster import MIDNIGHT, declared, firm, opened, reported, spec
from zerotrip.channels.models import Notice
from zerotrip.duties.standing.counting import recount
from zerotrip.duties.standing.reminding import remind

pytestmark = pytest.mark.django_db

END = MIDNIGHT + timedelta(days=1)


def test_the_silent_are_told_once_at_each_reminder(district):
    (duty,) = declared(spec(remind=[240, 60]))
    one, two = firm(1), firm(2)
    world.agent(world.person("甲"), one)
    world.agent(world.person("乙"), two)
    window = opened(duty)
    reported(duty, two.pk, MIDNIGHT + timedelta(hours=8))
    recount(window, duty, [two.pk])
    assert remind(at=END - timedelta(minutes=241)) == 0
    assert remind(at=END - timedelta(minutes=240)) == 1
    assert remind(at=END - timedelta(minutes=239)) == 0
    assert remind(at=END - timedelta(minutes=60)) == 1
    assert remind(at=END - timedelta(minutes=59)) == 0
    world.tell_queued()
    assert Notice.objects.filter(template="standing_reminder").count() == 2
    assert {notice.user.person.name for notice in Notice.objects.filter(template="standing_reminder")} == {"甲"}


def test_reminders_missed_while_nothing_ran_are_given_once():
    (duty,) = declared(spec(remind=[240, 60]))
    firm(1)
    opened(duty)
    assert remind(at=END - timedelta(minutes=1)) == 1
    assert remind(at=END - timedelta(minutes=1)) == 0
    assert remind(at=END) == 0
