"""Amendments: proposed, published, let go; by whom, once, and with what was before kept."""

from __future__ import annotations

import json
from contextlib import nullcontext
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from django.utils import timezone

from config import environment
from config.commands.policy import command
from tests.policies import market
from zerotrip.catalogue import packs
from zerotrip.errors import NotAllowed, NotFound, Stale
from zerotrip.ledger.queries import history
from zerotrip.parties.access import SYSTEM
from zerotrip.policies import actions, loading
from zerotrip.policies.models import Policy, Publication
from zerotrip.policies.queries import editions


@pytest.fixture
def town(district, tmp_path):
    market.load(tmp_path / "pack")
    market.state(district.firm, staff="120")
    return district


@pytest.fixture
def amended(town, tmp_path):
    """A pack in which one policy lets fewer in."""
    files = market.policies()
    files["rent-half"] = files["rent-half"].replace("at_most: 300", "at_most: 100")
    return market.pack(tmp_path / "amended", files)


@pytest.fixture
def proposed(town, amended) -> Policy:
    pack, _faults = packs.read(amended)
    loading.propose(pack.parts["policies"], pack, by=SYSTEM, at=timezone.now())
    return Policy.objects.get(pk="rent-half")


def decide(act, policy, by, **more):
    told = {"version": policy.proposed_id, "by": by, "at": timezone.now(), **more}
    return act(policy.slug, **told)


def test_what_was_published_stays_as_it_was_told(proposed, town):
    before = proposed.current_id
    decide(actions.publish, proposed, town.leader, reason="财政已安排")
    assert [each.version for each in editions("rent-half")] == [proposed.proposed_id, before]
    told = Publication.objects.order_by("at").last()
    assert (told.act, told.by_id, told.version_id) == ("publish", town.leader.user_id, proposed.proposed_id)
    assert [(entry.action, entry.reason) for entry in history(told.pk)] == [("publish", "财政已安排")]


@pytest.mark.parametrize("act", [actions.publish, actions.discard])
def test_only_those_who_lead_or_administer_decide(proposed, town, act):
    for by in (town.clerk, town.supervisor, town.housing):
        with pytest.raises(NotAllowed):
            decide(act, proposed, by, reason="x")
    with pytest.raises((NotAllowed, NotFound)):
        decide(act, proposed, town.applicant, reason="x")


@pytest.mark.parametrize("act", [actions.publish, actions.discard])
def test_a_proposal_that_is_another_by_now_is_stale(proposed, town, act):
    with pytest.raises(Stale):
        act(proposed.slug, version=uuid4(), by=town.leader, at=timezone.now(), reason="x")


@pytest.mark.parametrize("act", [actions.publish, actions.discard])
def test_decided_twice_is_decided_once(proposed, town, act):
    for _time in range(2):
        decide(act, proposed, town.leader, reason="x")
    assert Publication.objects.filter(version=proposed.proposed_id).count() == 1


def test_what_is_let_go_can_be_proposed_again(proposed, town, amended):
    decide(actions.discard, proposed, town.leader, reason="x")
    pack, _faults = packs.read(amended)
    assert loading.propose(pack.parts["policies"], pack, by=SYSTEM, at=timezone.now()) == ["rent-half"]
    decide(actions.publish, proposed, town.leader)
    assert Policy.objects.get(pk="rent-half").current_id == proposed.proposed_id


def test_what_is_proposed_is_never_what_is_published(proposed):
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(pk="rent-half").update(proposed=proposed.current_id)


# The command line


@pytest.fixture
def told(monkeypatch):
    """Run a command over the test's database."""
    monkeypatch.setattr(environment, "installation", nullcontext)

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(command, list(arguments))
        assert result.exit_code == code, result.output
        return result

    return run


def test_propose_keeps_what_changed_and_says_how_many_answers_change(town, amended, told):
    found = json.loads(told("propose", str(amended), "--json").output)
    assert found == [{"policy": "rent-half", "version": 2, "changes": 1}]
    assert Policy.objects.get(pk="rent-half").current.number == 1
    assert told("propose", str(amended)).output == "rent-half\tv2\t1 answers change\n"


def test_propose_without_a_change_says_so(town, tmp_path, told):
    assert told("propose", str(market.pack(tmp_path / "same"))).output == "Nothing changed.\n"


def test_publish_makes_it_the_one_people_are_told_of(proposed, told):
    told("publish", "rent-half", "--reason", "财政已安排")
    assert Policy.objects.get(pk="rent-half").current.number == 2
    assert "Nothing is proposed" in str(told("publish", "rent-half", code=1).exception)


def test_which_counts_and_names_what_is_missing(town, told):
    found = json.loads(told("which", "export-help", "--json").output)
    assert found == {"policy": "export-help", "yes": 0, "unknown": 1, "missing": {"exporter": 1}}
    assert told("which", "rent-half").output == "rent-half: 1 yes, 0 unknown\n"
    assert "No policy" in str(told("which", "nonsense", code=1).exception)
    assert "No area" in str(told("which", "rent-half", "--area", "1", code=1).exception)
