"""What a policy means for an enterprise, and which enterprises it is for."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests import world
from tests.policies.steady import pack
from zerotrip.catalogue.actions import load_pack
from zerotrip.criteria import FactKind, Truth
from zerotrip.facts import columns
from zerotrip.facts.models import Standing
from zerotrip.facts.queries import vocabulary
from zerotrip.facts.vocabulary import KINDS
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, PartyKind
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


NUMBERS = ["0", "1", "8", "20", "0.055", "0.1", "0.2", "300", "300.01", "3000000"]
"""Close to what policies ask for, on both sides."""


def values(words, rng) -> dict[str, object]:
    """Facts of somebody invented, about half of them known."""
    found: dict[str, object] = {}
    for name, spec in words.facts.items():
        if rng.random() < 0.4:
            continue
        kind = KINDS[spec.kind]
        if kind in (FactKind.NUMBER, FactKind.MONEY):
            found[name] = Decimal(
                rng.choice(["0", "1", "8", "20", "0.055", "0.1", "0.2", "300", "300.01", "3000000"])
            )
        elif kind is FactKind.DATE:
            found[name] = TODAY - timedelta(days=rng.randrange(2_000))
        elif kind is FactKind.BOOLEAN:
            found[name] = rng.random() < 0.5
        elif kind is FactKind.CHOICE:
            found[name] = rng.choice([choice.value for choice in spec.choices])
        elif kind is FactKind.SET:
            found[name] = [choice.value for choice in spec.choices if rng.random() < 0.4]
        elif spec.kind == "industry":
            found[name] = rng.choice(["C3453", "F5211", "H6210", "L7291", "O8040", "G5431", "C13", "A0111"])
        elif spec.kind == "area":
            found[name] = rng.choice(["370199", "370199001", "3702", "440300", "110101"])
        else:
            found[name] = rng.choice(["甲", "乙"])
    return found


def invent(words, count: int) -> dict[object, dict[str, object]]:
    """So many enterprises with facts by chance, in the table of what counts."""
    rng = random.Random(20260506)
    firms = [
        Party(
            kind=PartyKind.ENTERPRISE,
            name=f"虚构企业{number}号",
            uscc=world.uscc(2000 + number),
            area_path=world.DISTRICT,
            created_at=world.MORNING,
        )
        for number in range(count)
    ]
    Party.objects.bulk_create(firms)
    made = {firm.pk: values(words, rng) for firm in firms}
    names = tuple(words.facts)
    columns.write(
        names,
        [
            (key, world.DISTRICT, world.MORNING, None, *(given.get(name) for name in names))
            for key, given in made.items()
        ],
    )
    return made


def test_the_database_and_python_agree_on_every_shipped_policy(db):
    load_pack(world.WHOLE, by=SYSTEM, at=world.MORNING)
    words = vocabulary()
    policies = [Policy.of(spec_of(version), words) for version in published().values()]
    assert policies
    made = invent(words, 300)
    truths = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    for policy in policies:
        said = dict(
            asking.which(Standing.objects.all(), policy, words, today=TODAY).values_list("party_id", "holds")
        )
        for key, given in made.items():
            assert truths[said[key]] is policy.rule.explain({"today": TODAY, **given}).truth, policy.spec.id
    counted = asking.count(policies, words, today=TODAY)
    pairs, params = asking.pairs(policies, words, today=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(pairs, params)
        found = cursor.fetchall()
    for policy, number in zip(policies, counted, strict=True):
        rows = asking.which(Standing.objects.all(), policy, words, today=TODAY)
        assert number.yes == rows.filter(holds=True).count() == sum(each[1] == policy.spec.id for each in found)
        assert number.unknown == rows.filter(holds=None).count()


def test_an_amendment_says_whose_answer_it_changes(steady):
    words = vocabulary()
    made = invent(words, 60)
    stricter = PolicySpec.model_validate(
        steady.spec.model_dump() | {"clauses": (*steady.spec.clauses[:2], steady.spec.clauses[0])}
    )
    after = Policy.of(stricter, words)
    wanted = {
        key: (
            steady.rule.explain({"today": TODAY, **given}).truth,
            after.rule.explain({"today": TODAY, **given}).truth,
        )
        for key, given in made.items()
    }
    moved = {key: pair for key, pair in wanted.items() if pair[0] is not pair[1]}
    assert moved
    truths = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    found = asking.changed(steady, after, words, today=TODAY)
    assert {each.party: (truths[each.before], truths[each.after]) for each in found} == moved
    assert sum(asking.changes(steady, after, words, today=TODAY).values()) == len(moved)


def test_counting_all_policies_is_one_statement(steady, django_assert_num_queries):
    words = vocabulary()
    with django_assert_num_queries(1):
        asking.count([steady, steady], words, today=TODAY)
