"""The policies that come with the demonstration district: all that were collected, each with examples."""

from __future__ import annotations

import pytest

from config.demo_record import statements_of
from tests import world
from zerotrip.catalogue import packs
from zerotrip.catalogue.packs.vocabulary import vocabulary_of
from zerotrip.criteria import Truth
from zerotrip.facts.lacking import behind
from zerotrip.facts.models import Fact
from zerotrip.facts.queries import day_of
from zerotrip.facts.worth import known
from zerotrip.policies.evaluating import REGION, Policy, all_clauses, evaluate
from zerotrip.policies.judging import example_facts
from zerotrip.policies.spec import PolicySpec
from zerotrip.policies.unasked.reckoning import freeze

PACK, FAULTS = packs.read(world.WHOLE)
assert PACK is not None
POLICIES: dict[str, PolicySpec] = PACK.parts["policies"]
WORDS = vocabulary_of(PACK)
COLLECTED = [
    "jn25-01-tax",
    "jn25-02a-unemp-rate",
    "jn25-02b-stable-job",
    "jn25-03-housing-fund",
    "jn25-04-utilities",
    "jn25-04-utilities-rev",
    "jn25-05-rent",
    "jn25-07-travel",
    "jn25-bank-award",
    "jn25-startup-loan-person",
    "jn-startup-loan-person-2024",
    "jn-startup-loan-firm-2022",
    "jn-startup-subsidy",
    "jn-job-creation",
    "jn-rent-startup-individual",
    "jn-graduate-si",
    "jn-fin-2024-industrial",
    "jn-fin-2024-agri",
    "jn-fin-2024-agri-guarantee",
    "jn-bank-2020",
    "jn-bridge-fund",
    "jn-hitech-zone",
    "jn-corporatise",
    "jn-ten-trillion",
    "sd-2022-rent",
    "sd-2022-lodging",
    "sd-2022-travel",
    "sd-2022-nev",
    "sd-xinkuayue",
    "nat-six-taxes",
    "nat-small-cit",
    "nat-vat-refund",
    "nat-mfg-deferral",
    "nat-14dept-additional",
    "nat-14dept-public-transport",
    "nat-rail-air",
    "nat-nat-subsidy",
    "nat-sasac-rent",
    "bj-rent",
    "qd-rent",
    "sz-rent",
    "nat-stable-job-2022",
    "nat-stable-job-2023",
    "nat-si-defer-5",
    "nat-si-defer-22",
    "hn-si-defer",
    "tj-si-defer",
    "gz-training",
    "sz-training",
    "qhd-training",
    "ez-training",
    "sz-electricity",
    "sh-construction",
    "qd-2023-loan",
    "qd-2023-travel-insurance",
    "qd-2023-fee-cut",
]
"""The relief policies of 2017 to 2024 that were collected from published pages."""
INVENTED = ["sf26-steady-trades"]
"""Made up by the demonstration district."""
ELSEWHERE = ["bj", "qd", "sz", "hn", "tj", "gz", "qhd", "ez", "sh"]
"""What the ids of policies of other places begin with."""

each = pytest.mark.parametrize("spec", POLICIES.values(), ids=list(POLICIES))


def test_every_collected_policy_is_shipped_and_nothing_else_but_what_is_marked_as_invented():
    assert sorted(POLICIES) == sorted([*COLLECTED, *INVENTED])
    assert len(COLLECTED) == 56
    for name in INVENTED:
        spec = POLICIES[name]
        assert all("虚构" in said for said in (spec.name.zh, spec.issuer.zh, spec.document, *spec.sources))


def test_the_check_finds_nothing_in_facts_shelves_and_policies():
    assert [str(fault) for fault in FAULTS] == []


@each
def test_a_policy_names_its_sources_and_has_every_word_in_english_too(spec):
    if spec.id in COLLECTED:
        assert all(source.startswith("http") for source in spec.sources)
    assert spec.keywords
    assert spec.valid.since or spec.valid.until or spec.valid.note, "nothing is said of how long it holds"
    for words in (spec.name, spec.summary, spec.benefit.gives, *(clause.text for clause in spec.clauses)):
        assert words.zh
        assert words.en


@each
def test_it_has_an_example_that_qualifies_one_that_does_not_and_one_that_cannot_be_told(spec):
    assert {example.expect for example in spec.examples} == {"yes", "no", "unknown"}
    for example in spec.examples:
        if example.expect == "no":
            assert "no" in example.clauses.values(), example.name
        if example.expect == "unknown":
            assert example.missing, example.name
    if spec.benefit.tiers:
        assert any(example.tier or example.amount for example in spec.examples if example.expect == "yes")


@each
def test_every_clause_fails_and_every_tier_holds_in_some_example(spec):
    failing = {name for example in spec.examples for name, said in example.clauses.items() if said == "no"}
    assert {clause.id for clause in spec.clauses} <= failing
    holding = {name for example in spec.examples for name in example.tier or ()}
    assert {tier.id for tier in spec.benefit.tiers} <= holding


@each
def test_where_a_sum_follows_some_example_says_it(spec):
    if any(tier.counts for tier in spec.benefit.tiers):
        assert any(example.amount for example in spec.examples)
    else:
        assert not any(example.amount for example in spec.examples)


def test_a_policy_of_another_place_is_a_plain_no_for_an_enterprise_of_jinan():
    elsewhere = [spec for spec in POLICIES.values() if spec.id.partition("-")[0] in ELSEWHERE]
    assert len(elsewhere) == 14
    for spec in elsewhere:
        facts = example_facts({"area": "370199", "tax_area": "370199"}, WORDS, spec.examples[0].on)
        answer = evaluate(Policy.of(spec, WORDS), facts)
        assert answer.truth is Truth.NO, spec.id
        assert answer.failing[0].clause.id in (REGION, "place"), spec.id
    for spec in POLICIES.values():
        if spec not in elsewhere and spec.id != "jn-hitech-zone":
            held = [clause.id for clause in all_clauses(spec, WORDS) if clause.id == REGION]
            facts = example_facts({"area": "370199"}, WORDS, spec.examples[0].on, kinds=spec.audience)
            region = [each for each in evaluate(Policy.of(spec, WORDS), facts).clauses if each.clause.id == REGION]
            assert [each.truth for each in region] == [Truth.YES] * len(held), spec.id


def test_the_revision_of_june_2022_takes_the_place_of_item_four():
    assert POLICIES["jn25-04-utilities-rev"].replaces == ("jn25-04-utilities",)
    before, after = POLICIES["jn25-04-utilities"].valid, POLICIES["jn25-04-utilities-rev"].valid
    assert before.until is not None
    assert after.since is not None
    assert before.until < after.since


def test_what_comes_without_application_is_paid_by_others_but_for_the_invented_one():
    unasked = {name: spec.unasked for name, spec in POLICIES.items() if spec.unasked}
    assert sorted(name for name, how in unasked.items() if how.by == "us") == INVENTED
    assert len(unasked) == 11
    (ours,) = (how for how in unasked.values() if how.by == "us")
    assert ours.notice is not None
    assert ours.notice.amount == 5
    assert ours.consent == "ask"


def stated_of(number: int) -> list[Fact]:
    """What the demonstration states of an enterprise."""
    at = world.MORNING
    return [
        Fact(name=one.name, value=one.value, source=one.source, as_of=one.as_of, recorded_at=at)
        for one in statements_of(number, day_of(at))
    ]


@pytest.mark.parametrize("slug", sorted(POLICIES))
def test_what_a_policy_reads_is_enough_to_freeze_its_answer(slug):
    policy, today = Policy.of(POLICIES[slug], WORDS), day_of(world.MORNING)
    read = behind(policy.read, WORDS)
    for number in range(3):
        whole, part = (
            known(WORDS, stated_of(number), today=today, area_path=world.DISTRICT, among=among)
            for among in (None, read)
        )
        assert set(part.worths) <= read
        assert freeze(policy, part, WORDS, today=today) == freeze(policy, whole, WORDS, today=today)
