"""What somebody who stands at posts sees of it: the statement of the hours they are credited with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.posts import duty
from tests.web.browsing import Browser
from zerotrip.prevention.models import Worker
from zerotrip.prevention.posts import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def volunteer(district) -> Browser:
    """A volunteer who stood there for eight hours, and for 90 minutes of which only the sum is left."""
    declared(district)
    worker, user = duty.worker(district, "虚构志愿者")
    plan = duty.published(district, duty.post(district, turns=((8, 8, 1),), gaps_meant=True), days=1)
    shift = duty.first_shift(plan)
    told = {"on": shift.starts_at, "off": shift.ends_at, "reason": "虚构"}
    actions.enter_by_hand(shift.pk, **told, by=district.clerk, at=shift.ends_at + timedelta(hours=1))
    Worker.objects.filter(pk=worker.pk).update(minutes_before=90)
    return Browser(world.acting(user))


def test_the_statement_says_who_stood_where_for_how_long_for_whom_and_as_of_when(volunteer, district):
    page = volunteer.open("/my-shifts/statement/")
    office = district.clerk.seats[0].department
    today = f"{timezone.localdate():%Y-%m-%d}"
    for words in ("虚构志愿者（志愿者）", "累计 9.5 小时", "2026-03-04 08:00", "虚构东门", "8.0", "其中 1.5 小时"):
        assert words in page.text
    assert f"值守由{office}组织。 截至 {today}。" in page.text


def test_who_did_not_enlist_has_no_statement(volunteer, district):
    Browser(district.stranger).open("/my-shifts/statement/", status=404)
