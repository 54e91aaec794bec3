"""What counts in a window is what somebody who goes through the records day by day would count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.duties.standing.roster import MIDNIGHT, declared, firm, opened, reported, spec
from zerotrip.duties.models import Due, Report
from zerotrip.duties.standing.counting import recount
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


def reference(times: list[datetime], *, needs: int, days: int, hours: int | None, distinct: bool):
    """Go through the records in order and take each that may count, until there are enough."""
    taken: list[datetime] = []
    for at in sorted(at for at in times if MIDNIGHT <= at < MIDNIGHT + timedelta(days=days)):
        if len(taken) == needs:
            break
        if hours and taken and at < taken[-1] + timedelta(hours=hours):
            continue
        if distinct and taken and at.astimezone(CHINA).date() == taken[-1].astimezone(CHINA).date():
            continue
        taken.append(at)
    return len(taken), taken[-1] if len(taken) == needs else None


@st.composite
def regimes(draw):
    days = draw(st.integers(1, 7))
    way = draw(st.sampled_from(["all", "hours", "days"]))
    needs = draw(st.integers(1, days if way == "days" else 7))
    hours = draw(st.sampled_from([1, 12, 24, 48])) if way == "hours" else None
    minutes = draw(st.lists(st.integers(-24 * 60, days * 24 * 60 + 60), max_size=14))
    return days, needs, hours, way == "days", [MIDNIGHT + timedelta(minutes=each) for each in minutes]


@given(regimes(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_count_is_that_of_a_day_by_day_reading_whatever_order_records_come_in(db, regime, chance):
    days, needs, hours, distinct, times = regime
    spacing = {"hours": hours} if hours else {"distinct_days": True} if distinct else None
    with transaction.atomic():
        (duty,) = declared(spec(days=days, records=needs, spacing=spacing))
        subject, other = firm(1), firm(2)
        window = opened(duty, days=days)
        for at in chance.sample(times, len(times)):
            reported(duty, subject.pk, at)
            recount(window, duty, [subject.pk])
        due = Due.objects.get(window=window, subject=subject.pk)
        assert (due.done, due.kept_at) == reference(times, needs=needs, days=days, hours=hours, distinct=distinct)
        assert Due.objects.get(window=window, subject=other.pk).done == 0
        assert recount(window, duty) == 0, "everybody counted at once agrees"
        Due.objects.filter(window=window).delete()
        window.delete()
        again = Due.objects.get(window=opened(duty, days=days), subject=subject.pk)
        assert (again.done, again.kept_at) == (due.done, due.kept_at), "so does a window opened after the records"
        transaction.set_rollback(True)


def test_seven_in_seven_is_a_record_on_each_day():
    (duty,) = declared(spec(days=7, records=7, spacing={"distinct_days": True}))
    subject = firm(1)
    window = opened(duty, days=7)
    for day in (0, 0, 1, 2, 3, 4, 5):
        reported(duty, subject.pk, MIDNIGHT + timedelta(days=day, hours=9))
    recount(window, duty)
    due = Due.objects.get(window=window)
    assert (due.done, due.kept_at) == (6, None)
    reported(duty, subject.pk, last := MIDNIGHT + timedelta(days=6, hours=23, minutes=59))
    recount(window, duty)
    due = Due.objects.get(window=window)
    assert (due.done, due.kept_at) == (7, last)


def test_a_record_at_the_last_moment_counts_and_one_at_the_end_does_not():
    (duty,) = declared(spec())
    early, late = firm(1), firm(2)
    window = opened(duty)
    reported(duty, early.pk, window.ends - timedelta(microseconds=1))
    reported(duty, late.pk, window.ends)
    recount(window, duty)
    assert list(Due.objects.filter(done=1).values_list("subject", flat=True)) == [early.pk]


def test_a_report_that_was_put_right_counts_once_and_where_it_now_stands():
    (duty,) = declared(spec(records=2))
    subject = firm(1)
    window = opened(duty)
    wrong = reported(duty, subject.pk, MIDNIGHT + timedelta(hours=9))
    right = reported(duty, subject.pk, MIDNIGHT + timedelta(hours=8))
    Report.objects.filter(pk=right.pk).delete()
    Report.objects.create(
        id=right.pk,
        duty=right.duty,
        subject=subject.pk,
        area_path=right.area_path,
        at=right.at,
        received_at=right.at,
        corrects=wrong.pk,
    )
    recount(window, duty)
    assert Due.objects.get(window=window).done == 1


def test_records_of_another_duty_do_not_count():
    duty, other = declared(spec(), spec("other"))
    subject = firm(1)
    window = opened(duty)
    reported(other, subject.pk, MIDNIGHT + timedelta(hours=9))
    recount(window, duty)
    assert Due.objects.get(window=window).done == 0
