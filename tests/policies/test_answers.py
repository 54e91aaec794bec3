"""What a policy means for an enterprise, and which enterprises it is for."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests import world
from tests.policies import invented
from tests.policies.steady import pack
from zerotrip.catalogue.actions import load_pack
from zerotrip.criteria import Truth
from zerotrip.facts import columns
from zerotrip.facts.models import Standing
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.access import SYSTEM
from zerotrip.policies import asking
from zerotrip.policies.evaluating import Policy, evaluate, in_force
from zerotrip.policies.queries import current, published, spec_of
from zerotrip.policies.spec import PolicySpec

TODAY = date(2026, 5, 6)
WHOLE = {
    "area": "370199",
    "industry": "C3453",
    "above_scale": True,
    "revenue_change": "0.12",
    "blacklisted": False,
    "specialised": False,
    "quarter_power_cost": "300000",
    "exporter": False,
    "new_staff": "0",
}


@pytest.fixture
def steady(db, tmp_path) -> Policy:
    load_pack(pack(tmp_path / "pack"), by=SYSTEM, at=world.MORNING)
    (policy,) = current()
    return policy


def answer(policy, **facts):
    return evaluate(policy, {"today": TODAY, **WHOLE, **facts})


def test_somebody_qualifies_with_an_amount(steady):
    found = answer(steady)
    assert (found.truth, found.amount, found.wanted) == (Truth.YES, Decimal("30000.00"), ())


def test_a_clause_that_fails_decides_whatever_is_unknown(steady):
    found = answer(steady, blacklisted=True, revenue_change=None, quarter_power_cost=None)
    assert found.truth is Truth.NO
    assert [each.clause.id for each in found.failing] == ["honest"]
    assert (found.missing, found.gained, found.amount) == ((), (), None)


def test_what_is_missing_is_named_first_for_the_answer_then_for_the_amount(steady):
    found = answer(steady, revenue_change=None, quarter_power_cost=None)
    assert (found.truth, found.missing) == (Truth.UNKNOWN, ("revenue_change",))
    assert found.wanted == ("revenue_change", "quarter_power_cost")


def test_an_open_tier_leaves_the_amount_open(steady):
    found = answer(steady, exporter=True, new_staff=None, research_share=None)
    assert found.truth is Truth.YES
    assert found.amount is None
    assert set(found.wanted) == {"new_staff", "research_share"}


def test_another_region_is_a_plain_no(steady):
    found = answer(steady, area="440300")
    assert [each.clause.id for each in found.failing] == ["region"]


def test_a_cap_holds_to_the_cent(steady):
    assert answer(steady, quarter_power_cost="2000000.05").amount == Decimal("200000.00")
    assert answer(steady, quarter_power_cost="1.05").amount == Decimal("0.11")


def test_a_policy_holds_from_its_first_to_its_last_day(steady):
    spec = steady.spec
    assert not in_force(spec, spec.valid.since - timedelta(days=1))
    assert in_force(spec, spec.valid.since)
    assert in_force(spec, spec.valid.until)
    assert not in_force(spec, spec.valid.until + timedelta(days=1))


def test_the_database_and_python_agree_on_every_shipped_policy(db):
    load_pack(world.WHOLE, by=SYSTEM, at=world.MORNING)
    words = vocabulary()
    policies = [Policy.of(spec_of(version), words) for version in published().values()]
    assert policies
    invented.populate(2_000, policies, words, today=TODAY)
    for policy in policies:
        assert invented.disagreements(policy, words, today=TODAY) == (2_000, []), policy.spec.id
    counted = asking.count(policies, words, today=TODAY)
    pairs, params = asking.pairs(policies, words, today=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(pairs, params)
        found = Counter(policy for _party, policy in cursor.fetchall())
    for policy, number in zip(policies, counted, strict=True):
        rows = asking.which(Standing.objects.all(), policy, words, today=TODAY)
        assert number.yes == rows.filter(holds=True).count() == found[policy.spec.id]
        assert number.unknown == rows.filter(holds=None).count()


def test_an_amendment_says_whose_answer_it_changes(steady):
    words = vocabulary()
    invented.populate(500, [steady], words, today=TODAY)
    stricter = PolicySpec.model_validate(
        steady.spec.model_dump() | {"clauses": (*steady.spec.clauses[:2], steady.spec.clauses[0])}
    )
    after = Policy.of(stricter, words)
    truths = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    names = tuple(steady.rule.facts() | after.rule.facts())
    moved = {}
    for key in Standing.objects.values_list("party_id", flat=True):
        facts = {"today": TODAY, **columns.read(key, names)}
        pair = tuple(each.rule.explain(facts).truth for each in (steady, after))
        if pair[0] is not pair[1]:
            moved[key] = pair
    assert moved
    found = asking.changed(steady, after, words, today=TODAY)
    assert {each.party: (truths[each.before], truths[each.after]) for each in found} == moved
    assert sum(asking.changes(steady, after, words, today=TODAY).values()) == len(moved)


def test_counting_all_policies_is_one_statement(steady, django_assert_num_queries):
    words = vocabulary()
    with django_assert_num_queries(1):
        asking.count([steady, steady], words, today=TODAY)
