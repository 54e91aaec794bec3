"""Facts are stated by those who may, kept for ever, and what counts stands in one row for each enterprise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from tests import world
from tests.facts.words import SPEC, WORDS
from zerotrip.criteria import Truth, select
from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.facts import columns
from zerotrip.facts.actions import Statement, declare, derive_due, record
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import known_of, vocabulary
from zerotrip.facts.spec import Kind
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import NOBODY, SYSTEM

DAY = date(2026, 3, 1)
AT = world.MORNING


@pytest.fixture
def firm(district):
    declare("jinan-tests", SPEC, at=AT)
    return district.firm


def say(firm, *statements, by=SYSTEM, at=AT, key=None):
    return record(firm.pk, statements, by=by, at=at, key=key or uuid4())


def stated(name, value, source="tax", as_of=DAY, **extra):
    return Statement(name, value, as_of, source, **extra)


def test_what_counts_stands_in_the_row_of_the_enterprise(firm):
    say(
        firm,
        stated("staff", "3"),
        stated("industry", "5112"),
        stated("markets", ["home"]),
        stated("exporter", True),
    )
    row = columns.read(firm.pk, ["staff", "industry", "markets", "size", "small_exporter", "area", "sales"])
    assert row == {
        "staff": Decimal(3),
        "industry": "F5112",
        "markets": ["home"],
        "size": "micro",
        "small_exporter": True,
        "area": "370199",
        "sales": None,
    }
    found = known_of(firm, at=AT).worths
    assert {name: found[name].value for name in ("staff", "size")} == {"staff": "3", "size": "micro"}


def test_the_same_key_again_changes_nothing(firm):
    key = uuid4()
    first = say(firm, stated("staff", "3"), key=key)
    again = say(firm, stated("staff", "3"), key=key)
    assert [fact.pk for fact in first] == [fact.pk for fact in again]
    assert Fact.objects.count() == 1
    assert [entry.action for entry in history(firm.pk)] == ["facts"]
    firm.refresh_from_db()
    assert first_break(firm) is None


def test_all_of_it_or_nothing_with_a_message_for_each(firm):
    with pytest.raises(Invalid) as refusal:
        say(
            firm,
            stated("staff", "3"),
            stated("industry", "9999"),
            stated("sales", "5", as_of=date(2026, 2, 27)),
            stated("assets", "5", as_of=date(2026, 12, 31)),
            stated("size", "micro"),
            stated("insured", "5", source="self"),
            stated("nothing", "5"),
        )
    assert set(refusal.value.problems) == {"industry", "sales", "assets", "size", "insured", "nothing"}
    assert not Fact.objects.exists()


def test_statements_are_kept(firm):
    (fact,) = say(firm, stated("staff", "3"))
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).update(value="4")
    with pytest.raises(DatabaseError), transaction.atomic():
        fact.delete()


def test_the_firm_speaks_for_itself_and_nobody_else_does(firm, district):
    say(firm, stated("staff", "3", source="self"), by=district.applicant)
    with pytest.raises(NotAllowed):
        say(firm, stated("staff", "3"), by=district.applicant)
    with pytest.raises(NotAllowed):
        say(firm, stated("staff", "3", source="self"), by=district.clerk)
    say(firm, stated("staff", "4"), by=district.clerk)
    for other in (district.stranger, NOBODY):
        with pytest.raises(NotFound):
            say(firm, stated("staff", "3", source="self"), by=other)


def test_facts_are_seen_by_the_firm_and_by_staff_of_its_area(firm, district):
    say(firm, stated("staff", "3"))
    for actor, seen in [(district.applicant, 1), (district.clerk, 1), (district.stranger, 0), (NOBODY, 0)]:
        assert Fact.objects.visible_to(actor).count() == seen
        assert Standing.objects.visible_to(actor).count() == seen


def test_what_grows_stale_leaves_the_row_on_the_day_after(firm):
    say(firm, stated("staff", "3"))
    last = datetime(2026, 3, 1, 4, tzinfo=UTC) + timedelta(days=400)
    assert derive_due(at=last) == 0
    assert derive_due(at=last + timedelta(days=1)) == 1
    assert columns.read(firm.pk, ["staff"]) == {"staff": None}
    assert derive_due(at=last + timedelta(days=1)) == 0


def test_a_changed_pack_is_derived_anew(firm):
    say(firm, stated("staff", "300"), stated("motto", "快"))
    facts = [
        each.model_copy(update={"kind": Kind.TEXT, "unit": None, "units": {}}) if each.id == "staff" else each
        for each in SPEC.facts
    ]
    facts = [each for each in facts if each.id not in ("insured_share", "size", "small_exporter")]
    declare("jinan-tests", SPEC.model_copy(update={"facts": tuple(facts)}), at=AT)
    assert columns.present()["staff"] == "text"
    assert derive_due(at=AT) == 1
    assert columns.read(firm.pk, ["staff", "motto"]) == {"staff": "300", "motto": "快"}
    assert not declare("jinan-tests", SPEC.model_copy(update={"facts": tuple(facts)}), at=AT)


def test_questions_over_all_enterprises_agree_with_each_ones_answer(firm):
    others = [world.enterprise(f"虚构企业{number}号", 910 + number) for number in range(4)]
    say(firm, stated("staff", "3"), stated("industry", "5112"))
    say(others[0], stated("staff", "500"), stated("industry", "3921"), stated("markets", ["home", "abroad"]))
    say(others[1], stated("exporter", True), stated("opened", "2026-01-15"), stated("markets", []))
    say(others[2], stated("staff", "3"), stated("staff", "4", source="statistics"))
    trees = [
        {"fact": "industry", "within": ["C", "F51"]},
        {"fact": "size", "in": ["small", "micro"]},
        {"fact": "area", "within": "3701"},
        {"fact": "staff", "between": [3, 300]},
        {
            "some": {
                "at_least": 2,
                "of": [
                    {"fact": "exporter", "is": True},
                    {"fact": "staff", "at_most": 3},
                    {"fact": "markets", "contains_any": ["home"]},
                ],
            }
        },
        {"not": {"fact": "opened", "before": "today-2months"}},
        {"fact": "markets", "only": ["home"]},
    ]
    words = vocabulary()
    means = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}
    for tree in trees:
        rule = words.rule(tree)
        held = Standing.objects.annotate(holds=select(rule, columns.columns(words), today=DAY))
        said = {key: means[value] for key, value in held.values_list("party_id", "holds")}
        assert len(said) == 4
        for party in [firm, *others[:3]]:
            assert said[party.pk] is rule.explain(known_of(party, at=AT, words=words).facts(DAY)).truth, tree


def test_a_vocabulary_is_the_packs(firm):
    assert set(WORDS.facts) <= set(vocabulary().facts)
