"""Part of a name finds it: by pairs of characters in the database, as by looking in Python."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from zerotrip.pairs import contains, contains_by_index, pairs
from zerotrip.parties.models import Party, PartyKind

pytestmark = pytest.mark.django_db

LETTERS = st.text(alphabet="食品加工厂aBé𠮷 1（", min_size=1, max_size=8)


def named(name: str) -> Party:
    return Party.objects.create(kind=PartyKind.PERSON, name=name, created_at=world.MORNING)


def found(text: str) -> set[str]:
    by_index = Party.objects.filter(contains_by_index("name", text))
    assert {*by_index} == {*Party.objects.filter(contains("name", text))}
    return {party.name for party in by_index}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(names=st.lists(LETTERS, min_size=1, max_size=6, unique=True), text=LETTERS)
def test_what_contains_the_text_is_found_and_nothing_else(names: list[str], text: str) -> None:
    Party.objects.all().delete()
    for name in names:
        named(name)
    assert found(text) == {name for name in names if text.upper() in name.upper()}


def test_a_word_of_two_characters_is_found_by_its_pair() -> None:
    named("济南示范食品加工厂")
    named("济南示范品食店")
    assert found("食品") == {"济南示范食品加工厂"}


def test_pairs_that_lie_apart_are_no_text() -> None:
    named("食品，品加工")
    assert found("食品加") == set()


def test_a_single_character_is_looked_for_too() -> None:
    named("济南示范食品加工厂")
    assert found("食") == {"济南示范食品加工厂"}


def test_a_text_of_one_character_has_no_pair() -> None:
    assert pairs("食") == []
    assert pairs("食品") == [(ord("食") << 21) | ord("品")]
