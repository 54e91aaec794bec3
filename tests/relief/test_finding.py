"""The statement that finds matches and the judge that tells why agree on whatever is entered."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.relief.market import FIRST, SECOND, THIRD, firm
from tests.world import MORNING
from zerotrip.ids import new_id
from zerotrip.parties.models import Area
from zerotrip.relief.matching.actions.kinds import fill
from zerotrip.relief.matching.finding import find
from zerotrip.relief.matching.judging import columns_of, holds, score, within_reach
from zerotrip.relief.matching.queries import kind_of
from zerotrip.relief.models import Resource

PLACES = (FIRST, SECOND, THIRD, "370199001000", "370199000000", "370199002002001")
REACHES = ("370199000000", "370199001000", "370199002000")
DAYS = st.dates(date(2026, 3, 1), date(2026, 6, 30)).map(date.isoformat)
USES = st.lists(
    st.sampled_from(["production", "storage", "retail", "office", "display"]), min_size=1, max_size=3, unique=True
)
JOBS = st.lists(st.sampled_from(["line", "skilled", "driving", "sorting"]), min_size=1, max_size=3, unique=True)


def some(low: int, high: int):
    return st.integers(low, high).map(str)


def maybe(strategy):
    return st.none() | strategy


ANSWERS = {
    ("premises", "offer"): st.fixed_dictionaries(
        {
            "uses": USES,
            "area": some(500, 2000),
            "rent": some(5, 40),
            "height": some(3, 12),
            "crane": st.booleans(),
            "free_from": DAYS,
        }
    ),
    ("premises", "want"): st.fixed_dictionaries(
        {
            "uses": USES,
            "area_least": some(300, 1500),
            "area_most": some(600, 3000),
            "rent_most": maybe(some(5, 40)),
            "height_least": maybe(some(3, 12)),
            "crane": st.booleans(),
            "needed_by": maybe(DAYS),
        }
    ),
    ("labour", "offer"): st.fixed_dictionaries(
        {
            "jobs": JOBS,
            "people": some(1, 60),
            "pay": some(3000, 9000),
            "from_day": DAYS,
            "to_day": DAYS,
            "lodged": st.booleans(),
        }
    ),
    ("labour", "want"): st.fixed_dictionaries(
        {
            "jobs": JOBS,
            "people": some(1, 60),
            "pay_most": maybe(some(3000, 9000)),
            "from_day": DAYS,
            "to_day": DAYS,
            "lodging_needed": st.booleans(),
        }
    ),
}


def made(kind, side, party, answers, place, reach) -> Resource:
    """An entry, not yet kept."""
    paths = dict(Area.objects.values_list("code", "path"))
    row = Resource(
        id=new_id(),
        kind=kind.id,
        side=side,
        party=party,
        title="一条",
        answers={name: value for name, value in answers.items() if value is not None},
        contact_name="林",
        contact_phone="13900000000",
        area_path=paths[place],
        reach=paths[reach],
        entered_at=MORNING,
        confirmed_at=MORNING,
        confirm_at=MORNING,
        valid_until=MORNING,
    )
    fill(row, kind)
    return row


@pytest.mark.parametrize("slug", ["premises", "labour"])
@pytest.mark.parametrize("side", ["want", "offer"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_statement_finds_is_what_the_judge_says(district, slug, side, data):
    kind, across = kind_of(slug), "offer" if side == "want" else "want"
    parties = _parties()
    entries = st.tuples(ANSWERS[(slug, across)], st.sampled_from(PLACES), st.sampled_from(REACHES))
    Resource.objects.all().delete()
    rows = [made(kind, across, parties[1], *drawn) for drawn in data.draw(st.lists(entries, max_size=12))]
    Resource.objects.bulk_create(rows)
    own = data.draw(st.tuples(ANSWERS[(slug, side)], st.sampled_from(PLACES), st.sampled_from(REACHES)))
    of = made(kind, side, parties[0], *own)

    found = dict(find(of, kind, limit=50))

    expected = {}
    for row in rows:
        offer, want = (row, of) if side == "want" else (of, row)
        ours, theirs = columns_of(offer), columns_of(want)
        if within_reach(offer, want) and all(holds(rule, ours, theirs) for rule in kind.rules):
            expected[row.pk] = score(kind, ours, theirs, offer.area_path, want.area_path)
    assert set(found) == set(expected)
    assert all(abs(found[key] - expected[key]) <= 1 for key in found)


def _parties():
    from zerotrip.parties.models import Party

    there = list(Party.objects.filter(kind="enterprise", name__startswith="对").order_by("name"))
    return there or [firm("对甲", 950).party, firm("对乙", 951).party]


def test_of_more_than_are_looked_at_the_nearest_by_the_first_measure_are(district, monkeypatch):
    monkeypatch.setattr("zerotrip.relief.matching.finding.DEEP", 2)
    kind, parties = kind_of("premises"), _parties()
    base = {"uses": ["storage"], "rent": "10", "height": "5", "crane": False, "free_from": "2026-03-01"}
    places = (FIRST, "370199000000")
    rows = [made(kind, "offer", parties[1], {**base, "area": str(area)}, *places) for area in range(800, 1501, 100)]
    Resource.objects.bulk_create(rows)
    want = made(
        kind,
        "want",
        parties[0],
        {"uses": ["storage"], "area_least": "800", "area_most": "1500", "crane": False},
        *places,
    )
    found = [next(row.n1 for row in rows if row.pk == key) for key, _score in find(want, kind, limit=10)]
    assert sorted(found) == [1000, 1100, 1200, 1300]
