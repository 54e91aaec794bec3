"""A slip of the pen is put right by two hands: old beside new, the next edition of the same number."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.licences.conftest import AT, DISTRICT, seated
from zerotrip.cases.models import Decision
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions, queries
from zerotrip.licences.letters import letter_of
from zerotrip.licences.models import Hands, Licence, Slip
from zerotrip.licences.states import Origin, Standing, Status
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db

RIGHT = "济南示范田园农资有限责任公司"
TEXTS = {"fact:operator": RIGHT}
WHY = "录入时漏字，营业执照为准。"


@pytest.fixture
def licence(granted) -> Licence:
    case = granted()
    Decision.objects.create(case=case, verdict="granted", reasons="材料齐全", conditions="按期年检", decided_at=AT)
    return actions.issue(case=case, by=SYSTEM, at=AT)


@pytest.fixture
def clerk(department) -> Actor:
    return seated(department, "clerk")


def proposed(licence: Licence, by: Actor, texts=TEXTS, **more) -> Slip:
    return actions.propose_slip(licence.case, texts=texts, reasons=WHY, by=by, at=AT, **more)


def test_the_licence_is_printed_as_its_next_edition_with_number_and_validity_as_they_were(licence, clerk, leader):
    case = licence.case
    slip = actions.confirm_slip(proposed(licence, clerk), by=leader, at=AT)
    old, made = Licence.objects.get(pk=licence.pk), slip.made
    assert (made.number, made.edition, made.origin, made.case) == (licence.number, 2, Origin.CORRECT, case)
    assert made.facts == {**licence.facts, "operator": RIGHT}
    assert (made.valid_from, made.valid_until) == (licence.valid_from, licence.valid_until)
    assert (old.status, old.replaced_by, old.facts["operator"]) == (
        Status.REPLACED,
        made,
        licence.facts["operator"],
    )
    assert queries.verify(licence.token, at=AT).standing is Standing.REPLACED
    assert queries.verify(made.token, at=AT).standing is Standing.VALID
    assert queries.licence_of(case.pk) == made


def test_old_stands_beside_new_and_the_journal_has_both(licence, clerk, leader):
    slip = actions.confirm_slip(proposed(licence, clerk), by=leader, at=AT)
    (change,) = slip.changes
    assert (change["label"], change["before"], change["after"]) == ("经营者名称", licence.facts["operator"], RIGHT)
    case = slip.case
    case.refresh_from_db()
    entries = {entry.action: entry.details for entry in history(case.pk)}
    assert entries["propose_slip"]["changes"] == entries["confirm_slip"]["changes"] == [change]
    assert first_break(case) is None


def test_the_letter_says_what_was_wrong_and_what_is_right(licence, clerk, leader):
    actions.confirm_slip(proposed(licence, clerk), by=leader, at=AT)
    letter = letter_of(licence.case, "slip-1")
    assert letter.title == "更正通知书"
    assert letter.items[0].message == f"“{licence.facts['operator']}”更正为“{RIGHT}”。"
    assert WHY in letter.remarks[0]


def test_a_decision_letter_reads_as_it_was_meant_and_the_slip_keeps_what_it_said(licence, clerk, leader):
    slip = actions.confirm_slip(proposed(licence, clerk, {"reasons": "材料齐全，符合条件"}), by=leader, at=AT)
    assert slip.made is None, "nothing printed says it"
    assert "材料齐全，符合条件" in letter_of(licence.case, "decision").paragraphs
    assert "材料齐全" in letter_of(licence.case, "first-1").paragraphs
    assert slip.changes[0]["before"] == "材料齐全"


def test_a_condition_is_put_right_in_the_decision_and_on_the_licence(licence, clerk, leader):
    slip = actions.confirm_slip(proposed(licence, clerk, {"conditions": "按期接受年检"}), by=leader, at=AT)
    assert slip.made.facts["conditions"] == "按期接受年检"
    assert "按期接受年检" in letter_of(licence.case, "decision").paragraphs


def test_proposed_alone_it_changes_nothing(licence, clerk):
    proposed(licence, clerk)
    licence.refresh_from_db()
    assert licence.status == Status.VALID


def test_whoever_proposed_does_not_confirm(licence, leader):
    with pytest.raises(NotAllowed, match="不能自己确认"):
        actions.confirm_slip(proposed(licence, leader), by=leader, at=AT)
    with pytest.raises(IntegrityError, match="takes_two_hands"), transaction.atomic():
        Slip.objects.update(status="confirmed", settled_by=leader.user_id, settled_at=AT)


def test_only_the_department_proposes_and_only_its_leaders_confirm(licence, department, clerk, leader):
    elsewhere = Party.objects.create(
        kind="department", name="他局", code="other", area_path=DISTRICT, created_at=AT
    )
    for actor in (seated(elsewhere, "leader"), seated(department, "supervisor")):
        with pytest.raises(NotAllowed):
            proposed(licence, actor)
    slip = proposed(licence, leader)
    for actor in (clerk, seated(elsewhere, "leader")):
        with pytest.raises(NotAllowed):
            actions.confirm_slip(slip, by=actor, at=AT)


@pytest.mark.parametrize("texts", [{}, {"fact:operator": " "}, {"fact:invented": "x"}, {"case": "x"}])
def test_only_what_is_said_can_be_put_right_and_only_into_something(licence, clerk, texts):
    with pytest.raises(Invalid):
        proposed(licence, clerk, texts)
    assert not Slip.objects.exists()


def test_pressed_twice_it_counts_once(licence, clerk, leader):
    key = new_id()
    assert proposed(licence, clerk, proposal=key) == proposed(licence, clerk, proposal=key)
    slip = Slip.objects.get()
    first = actions.confirm_slip(slip, by=leader, at=AT)
    assert actions.confirm_slip(slip, by=leader, at=AT).made == first.made
    assert Licence.objects.count() == 2


def test_one_at_a_time_and_turned_down_it_may_be_proposed_again(licence, clerk, leader, department):
    slip = proposed(licence, clerk)
    with pytest.raises(Refused):
        proposed(licence, leader)
    assert actions.turn_slip_down(slip, opinion="执照就是这样写的", by=leader, at=AT).status == Hands.TURNED_DOWN
    with pytest.raises(Stale):
        actions.confirm_slip(slip, by=leader, at=AT)
    assert proposed(licence, clerk).status == Hands.OPEN


def test_a_licence_that_was_ended_is_not_printed_again(licence, clerk, leader, department):
    slip = proposed(licence, clerk)
    other = seated(department, "leader")
    found = actions.propose_revocation(licence, ground="annul", reasons="不实", by=clerk, at=AT)
    actions.confirm_revocation(found, by=other, at=AT)
    with pytest.raises(Refused, match="已撤销"):
        actions.confirm_slip(slip, by=leader, at=AT)
    slip.refresh_from_db()
    assert slip.status == Hands.OPEN


def test_the_holder_is_told(granted, clerk, leader):
    case = granted(kind="person", name="李小明")
    licence = actions.issue(case=case, by=SYSTEM, at=AT)
    user = User.objects.create_user(person=licence.holder, phone="13800000001", created_at=AT)
    actions.confirm_slip(proposed(licence, clerk), by=leader, at=AT)
    world.tell_queued()
    assert [notice.template for notice in Notice.objects.filter(user=user)] == ["licence_corrected"]


def test_applicants_read_of_a_slip_once_it_is_confirmed(licence, clerk, leader):
    holder = Actor(user_id=None, person_id=None, name="", represents=frozenset({licence.holder_id}))
    slip = proposed(licence, clerk)
    assert not Slip.objects.visible_to(holder).exists()
    actions.confirm_slip(slip, by=leader, at=AT)
    assert Slip.objects.visible_to(holder).get() == slip
