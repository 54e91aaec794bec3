"""The regimes of the pack count as somebody who goes through the samples day by day would count them."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.duties.standing.roster import MIDNIGHT, declared, opened, reported
from tests.duties.standing.test_counting import reference
from tests.prevention.rounds.screened import NOON, person
from tests.prevention.rounds.screened import opened as opened_round
from tests.prevention.test_population import enrolled, site, somebody
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.counting import recount
from zerotrip.duties.standing.spec import DutySpec
from zerotrip.errors import Refused
from zerotrip.prevention.models import Risk
from zerotrip.prevention.rounds import actions

pytestmark = pytest.mark.django_db

PACK = Path(__file__).resolve().parents[3] / "packs" / "jinan" / "duties"
REGIMES = ("seven", "four", "three")


def regime(name: str) -> DutySpec:
    """A regime as the pack says it, its samples being reports: what counts is the same whoever keeps it."""
    said = yaml.safe_load((PACK / f"screening-{name}.yaml").read_text())
    return DutySpec.model_validate({**said, "act": "report", "photos": 1})


@given(
    st.sampled_from(REGIMES),
    st.lists(st.integers(-24 * 60, 7 * 24 * 60 + 60), max_size=12),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_regime_counts_as_a_day_by_day_reading(db, name, minutes, chance):
    spec = regime(name)
    times = [MIDNIGHT + timedelta(minutes=each) for each in minutes]
    with transaction.atomic():
        (duty,) = declared(spec.model_copy(update={"where": None}))
        subject = person()
        window = opened(duty, days=spec.days)
        for at in chance.sample(times, len(times)):
            reported(duty, subject.pk, at)
            recount(window, duty, [subject.pk])
        due = Due.objects.get(window=window)
        hours, distinct = spec.spacing.hours, spec.spacing.distinct_days
        told = reference(times, needs=spec.records, days=spec.days, hours=hours, distinct=distinct)
        assert (due.done, due.kept_at) == told
        transaction.set_rollback(True)


def test_of_two_regimes_the_stricter_applies(district):
    seven, four, three = declared(*map(regime, REGIMES))
    market, dormitory = site("market", risk=Risk.HIGH), site()
    people = {name: somebody(name, phone=f"1370000000{place}") for place, name in enumerate("甲乙丙")}
    enrolled(people["甲"], "worker", site=market)
    enrolled(people["乙"], "lodger", site=dormitory)
    enrolled(people["乙"], "worker", site=site("small-shop", risk=Risk.LOW))
    enrolled(people["丙"], "worker", site=market)
    enrolled(people["丙"], "builder", site=site("building-site"))
    for duty in (three, four, seven):
        opened(duty, days=7)
    owed = Due.objects.filter(released_at=None).values_list("subject", "window__needs")
    assert dict(owed) == {people["甲"].pk: 7, people["乙"].pk: 4, people["丙"].pk: 7}


@pytest.mark.django_db(transaction=True)
def test_two_who_close_a_round_at_once_close_it_once_and_never_over_somebody_missing(district):
    row = opened_round(district)
    told: list[object] = []

    def close() -> None:
        try:
            told.append(actions.close(row.window_id, by=district.leader, at=NOON).closed_by_id)
        except Refused as refused:
            told.append(refused.status)
        finally:
            connection.close()

    def together() -> None:
        hands = [threading.Thread(target=close) for _hand in range(3)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()

    missed = person()
    together()
    assert told == [409] * 3
    assert Window.objects.get(pk=row.window_id).closed_at is None
    missed.enrolments.all().delete()
    told.clear()
    together()
    assert told == [district.leader.account] * 3
