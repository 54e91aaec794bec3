"""What is sent and answered by a receipt is asked of those it can be sent to, by hand, by one duty each."""

from __future__ import annotations

import shutil

import pytest

from tests import world
from zerotrip.catalogue import packs

pytestmark = pytest.mark.django_db

GOOD = """id: {id}
name: {{zh: 签收}}
who: {who}
act: receipt
by_hand: {by_hand}
"""


@pytest.fixture
def folder(tmp_path):
    """The pack without duties."""
    folder = shutil.copytree(world.pack_of(world.SERVICES), tmp_path / "pack")
    (folder / "duties").mkdir(exist_ok=True)
    return folder


def faults(folder, *duties: tuple[str, str, str]) -> list[tuple[str, str]]:
    """What is wrong with these duties: the file and where in it."""
    for name, who, by_hand in duties:
        text = GOOD.format(id=name, who=who, by_hand=by_hand)
        (folder / "duties" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [(fault.file, fault.path) for fault in packs.check(folder) if not fault.warning]


def test_one_for_people_and_one_for_sites_are_good(folder):
    assert faults(folder, ("people", "person", "true"), ("sites", "site", "true")) == []


def test_a_second_one_of_people_is_named(folder):
    found = faults(folder, ("one", "person", "true"), ("two", "person", "true"))
    assert found == [("duties/two.yaml", "act")]


def test_it_is_sent_to_people_or_sites_and_by_hand(folder):
    assert faults(folder, ("firms", "enterprise", "true")) == [("duties/firms.yaml", "who")]
    assert faults(folder, ("firms", "site", "false")) == [("duties/firms.yaml", "by_hand")]
