"""Whoever leads moves a need that lies with another office of their area; everybody it concerns is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.cases.test_needs import to
from tests.helped import AT, FIRST, SECOND, help_of, raised, seat
from zerotrip.cases import actions
from zerotrip.cases.actions import targets
from zerotrip.cases.models import Assignment, Case
from zerotrip.cases.rules import may
from zerotrip.cases.states import Step
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Party, Role

LATER = AT + timedelta(minutes=20)


def move(case: Case, whom, by: Actor, *, reason="卫健更近。", key="", work: Assignment | None = None) -> Case:
    return actions.move_need(work or help_of(case), to=whom, reason=reason, by=by, at=LATER, key=key)


def office(code: str, case: Case):
    key = Party.objects.get(code=code).pk
    return targets.of_office(key, area_path=case.area_path, at=LATER)


def test_whoever_leads_with_the_subject_moves_a_need_and_all_are_told_why(helped):
    case = raised(helped)
    move(case, to(helped.second, case), world.acting(helped.lead))
    assert help_of(case).assignee_id == helped.second.pk
    world.tell_queued()
    told = set(Notice.objects.values_list("template", "user"))
    assert told == {
        ("need_raised", helped.applicant.user_id),
        ("staff_need", helped.duty.pk),
        ("staff_need", helped.second.pk),
        ("staff_need_moved", helped.duty.pk),
        ("need_handed_on", helped.applicant.user_id),
    }
    entry = Entry.objects.get(subject=case.pk, action="move")
    assert (entry.reason, entry.actor) == ("卫健更近。", helped.lead.pk)
    assert first_break(Case.objects.get(pk=case.pk)) is None


def test_those_who_help_too_stay_at_it_and_are_told(helped):
    case = raised(helped)
    first = help_of(case)
    actions.ask_helper(first, to=to(helped.helper, case), what="一起看", by=world.acting(helped.duty), at=LATER)
    move(case, to(helped.second, case), world.acting(helped.lead), work=first)
    world.tell_queued()
    moved = Notice.objects.filter(template="staff_need_moved").values_list("user", flat=True)
    assert set(moved) == {helped.duty.pk, helped.helper.pk}
    assert {one.assignee_id for one in world.open_work(case, "help")} == {helped.helper.pk, helped.second.pk}


def test_a_need_is_moved_to_an_office_as_well(helped):
    case = raised(helped)
    move(case, office("health", case), world.acting(helped.lead))
    assert help_of(case).assignee_id is None
    assert help_of(case).department.code == "health"


def test_the_same_press_moves_once_and_the_work_that_is_gone_is_not_moved_again(helped):
    case, lead = raised(helped), world.acting(helped.lead)
    work = help_of(case)
    for _press in range(2):
        move(case, to(helped.second, case), lead, key="k", work=work)
    assert Entry.objects.filter(subject=case.pk, action="move").count() == 1
    with pytest.raises(Stale):
        move(case, to(helped.helper, case), lead, work=work)


def test_it_never_goes_back_to_whoever_had_it_and_the_circle_is_named(helped):
    case, lead = raised(helped), world.acting(helped.lead)
    move(case, to(helped.second, case), lead)
    with pytest.raises(Refused) as circle:
        move(case, to(helped.duty, case), lead)
    assert "值班员 → 协办员 → 值班员（" in circle.value.message
    with pytest.raises(Refused):
        move(case, to(helped.second, case), lead)


def test_a_reason_is_asked_for_and_nothing_moves_without(helped):
    case = raised(helped)
    with pytest.raises(Invalid) as refused:
        move(case, to(helped.second, case), world.acting(helped.lead), reason=" ")
    assert list(refused.value.problems) == ["reason"]
    assert help_of(case).assignee_id == helped.duty.pk


def test_helpers_colleagues_and_supervision_do_not_move_what_is_not_theirs(helped):
    case = raised(helped)
    for who in (world.acting(helped.second), helped.supervisor, helped.applicant, helped.district.stranger):
        with pytest.raises(NotAllowed):
            move(case, to(helped.helper, case), who)


def test_the_leader_of_an_office_that_never_had_it_pulls_nothing_in(helped):
    case = raised(helped)
    outsider = world.acting(seat("卫健负责人", "health", Role.LEADER))
    assert not Case.objects.visible_to(outsider).filter(pk=case.pk).exists()
    with pytest.raises(NotAllowed):
        move(case, to(helped.second, case), outsider)


def test_the_leader_of_the_street_moves_what_lies_there_and_not_what_lies_with_the_district(helped):
    case = raised(helped)
    street = world.acting(seat("街道主任", "subdistrict-office", Role.LEADER, area=SECOND))
    elsewhere = world.acting(seat("邻街主任", "subdistrict-office", Role.LEADER, area=FIRST))
    work = help_of(case)
    assert not may(Step.MOVE, case, elsewhere, work)
    move(case, to(helped.second, case), street)
    with pytest.raises(NotAllowed):
        move(case, to(helped.helper, case), street)


def test_ones_own_work_is_handed_on_rather_than_moved(helped):
    case = raised(helped)
    move(case, to(helped.lead, case), world.acting(helped.lead))
    with pytest.raises(Refused) as refused:
        move(case, to(helped.second, case), world.acting(helped.lead))
    assert "请直接转办" in refused.value.message
