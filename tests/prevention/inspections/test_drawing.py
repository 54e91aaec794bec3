"""A draw: the same for everybody who works it out, another for any change, and by weight in the long run."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zerotrip.prevention.inspections import drawing
from zerotrip.prevention.inspections.drawing import Lists, digest, draw, frozen

VERIFIER = Path(__file__).parents[3] / "docs" / "verify_draw.py"
KEYS = st.text("0123456789abcdef-", min_size=1, max_size=12)
NAMES = st.text(max_size=12)


@st.composite
def lists(draw_from) -> Lists:
    sites = draw_from(st.lists(KEYS, unique=True, min_size=1, max_size=12))
    people = draw_from(st.lists(KEYS, unique=True, max_size=6))
    pairs = [(site, who, "亲属") for site in sites for who in people]
    return Lists(
        sites=[(key, draw_from(st.integers(1, 5)), draw_from(NAMES)) for key in sites],
        inspectors=[(key, draw_from(NAMES)) for key in people],
        recused=draw_from(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [],
        count=draw_from(st.integers(1, 12)),
        each=draw_from(st.integers(1, 3)),
        source=draw_from(NAMES),
    )


@given(lists(), NAMES, NAMES, st.randoms())
def test_the_order_of_the_lists_changes_nothing(given_lists, secret, value, order):
    shuffled = replace(
        given_lists,
        sites=order.sample(list(given_lists.sites), len(given_lists.sites)),
        inspectors=order.sample(list(given_lists.inspectors), len(given_lists.inspectors)),
        recused=order.sample(list(given_lists.recused), len(given_lists.recused)),
    )
    assert draw(frozen(shuffled), secret, value) == draw(frozen(given_lists), secret, value)


@given(lists(), NAMES, NAMES)
def test_as_many_as_there_are_and_nobody_who_is_recused(given_lists, secret, value):
    drawn = draw(frozen(given_lists), secret, value)
    assert len(drawn) == min(given_lists.count, len(given_lists.sites))
    assert len({site for site, _people in drawn}) == len(drawn)
    recused = {(site, who) for site, who, _why in given_lists.recused}
    for site, people in drawn:
        free = [who for who, _name in given_lists.inspectors if (site, who) not in recused]
        assert len(people) == min(given_lists.each, len(free)) == len(set(people))
        assert set(people) <= set(free)


@given(lists(), st.data())
def test_any_change_of_the_lists_shows(given_lists, data):
    text = frozen(given_lists)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8"))
    assume(text[place] != other)
    changed = text[:place] + other + text[place + 1 :]
    assert digest(changed) != digest(text)
    assert drawing.seed_of(changed, "s", "v") != drawing.seed_of(text, "s", "v")


@given(NAMES, NAMES, NAMES, NAMES)
def test_secret_and_value_both_decide(secret, value, other_secret, other_value):
    assume("\n" not in secret + value + other_secret + other_value)
    same = (secret, value) == (other_secret, other_value)
    assert (drawing.seed_of("l", secret, value) == drawing.seed_of("l", other_secret, other_value)) is same


def test_sites_are_drawn_by_their_tickets_and_inspectors_evenly():
    sites = [(f"s{number}", (1, 2, 4)[number % 3], "") for number in range(30)]
    people = [(f"p{number}", "") for number in range(5)]
    text = frozen(Lists(sites, people, [], count=1, each=1, source=""))
    times = 3000
    first: Counter[str] = Counter()
    who: Counter[str] = Counter()
    tickets = {key: count for key, count, _name in sites}
    for number in range(times):
        ((site, (person,)),) = draw(text, "secret", str(number))
        first[str(tickets[site])] += 1
        who[person] += 1
    for weight in (1, 2, 4):
        expected = times * weight / 7
        assert abs(first[str(weight)] - expected) < 5 * math.sqrt(expected)
    assert all(abs(count - times / 5) < 5 * math.sqrt(times / 5) for count in who.values())


def test_work_is_shared_out():
    sites = [(f"s{number}", 1, "") for number in range(10)]
    people = [(f"p{number}", "") for number in range(5)]
    drawn = draw(frozen(Lists(sites, people, [], count=10, each=2, source="")), "secret", "3000.01")
    assert set(Counter(who for _site, both in drawn for who in both).values()) == {4}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "right: 3 of 5 sites"),
        ({"value": "3000.02"}, "outcome"),
        ({"secret": "another"}, "secret"),
        ({"lists": "zerotrip draw 1\nsites 1\n"}, "lists"),
        ({"outcome": []}, "outcome"),
        ({"outcome": None, "secret": "", "value": ""}, "not drawn yet"),
        ({"outcome": None, "lists": "zerotrip draw 1\nsites 1\n"}, "lists"),
    ],
)
def test_anybody_works_it_out_again_with_plain_python(tmp_path, changed, said):
    sites = [(f"s{number}", number % 3 + 1, f"虚构 {number} 店") for number in range(5)]
    people = [(f"p{number}", "虚构人") for number in range(4)]
    text = frozen(Lists(sites, people, [("s1", "p1", "上次检查过")], count=3, each=2, source="某数"))
    told = {
        "lists": text,
        "lists_hash": digest(text),
        "secret": "s",
        "secret_hash": digest("s"),
        "value": "3000.01",
    }
    told["outcome"] = [[site, who] for site, who in draw(text, "s", "3000.01")]
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(told | changed), encoding="utf-8")
    run = subprocess.run([sys.executable, VERIFIER, file], capture_output=True, text=True, check=False)
    assert said in run.stdout + run.stderr
    assert (run.returncode == 0) is (not changed)
