"""Accounts, names, seats and places."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import world
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties import actions, tasks
from zerotrip.parties.access import NOBODY, SYSTEM, actor_for
from zerotrip.parties.models import Area, Membership, MembershipKind, Party, Role, User

LATER = world.MORNING + timedelta(hours=1)


@pytest.fixture
def office(db) -> Party:
    """A department."""
    actions.declare_area(code="370100000000", name="济南市", level="city", by=SYSTEM, at=world.MORNING)
    actions.declare_area(
        code="370199000000", name="示范区", level="district", parent="370100000000", by=SYSTEM, at=world.MORNING
    )
    return actions.declare_department(
        code="housing", name="住建局", area="370199000000", by=SYSTEM, at=world.MORNING
    )


def test_an_address_has_one_account(db):
    first = actions.account_at(phone="13900000000", at=world.MORNING)
    assert actions.account_at(phone="13900000000", at=LATER) == first
    assert actions.account_at(email="a@example.test", at=LATER) != first
    assert not first.has_usable_password()


def test_a_name_is_said_once(db):
    person = actions.account_at(phone="13900000000", at=world.MORNING).person
    for bad in ("", " ", "林", "林\x00知远", "长" * 121):
        with pytest.raises(Invalid):
            actions.name_person(person, name=bad, by=SYSTEM, at=LATER)
    assert actions.name_person(person, name=" 林  知远 ", by=SYSTEM, at=LATER).name == "林 知远"
    actions.name_person(person, name="林 知远", by=SYSTEM, at=LATER)
    with pytest.raises(Refused):
        actions.name_person(person, name="苏决定", by=SYSTEM, at=LATER)
    assert [entry.action for entry in history(person.pk)] == ["register", "name"]
    assert first_break(Party.objects.get(pk=person.pk)) is None


def test_a_person_goes_by_another_name_and_the_journal_keeps_both(db):
    person = world.person("林知远").person
    for bad in ("", " ", "林", "林\x00知远", "长" * 121):
        with pytest.raises(Invalid):
            actions.rename_person(person, name=bad, by=SYSTEM, at=LATER)
    actions.rename_person(person, name=" 林  致远 ", by=SYSTEM, at=LATER)
    actions.rename_person(person, name="林 致远", by=SYSTEM, at=LATER)
    row = Party.objects.get(pk=person.pk)
    assert row.name == "林 致远"
    assert [(entry.action, entry.details) for entry in history(person.pk)] == [
        ("rename", {"from": "林知远", "to": "林 致远"})
    ]
    assert first_break(row) is None


def test_staff_are_named_by_their_office(office):
    account = world.person("何住建")
    seat = actions.appoint(account.person, department=office, role=Role.REVIEWER, by=SYSTEM, at=world.MORNING)
    with pytest.raises(Refused):
        actions.rename_person(account.person, name="苏局长", by=world.acting(account), at=LATER)
    assert actions.rename_person(account.person, name="何建", by=SYSTEM, at=LATER).name == "何建"
    actions.dismiss(seat, by=SYSTEM, at=LATER)
    actions.rename_person(account.person, name="何自己", by=world.acting(account), at=LATER)


def test_only_accounts_nobody_used_are_swept(db):
    unused = actions.account_at(phone="13900000000", at=world.MORNING)
    fresh = actions.account_at(phone="13900000009", at=LATER)
    used = actions.account_at(phone="13900000008", at=world.MORNING)
    User.objects.filter(pk=used.pk).update(last_login=world.MORNING)
    named = world.person("林知远")
    assert actions.sweep_accounts(before=world.MORNING + timedelta(minutes=1)) == 1
    assert set(User.objects.all()) == {fresh, used, named}
    assert not Party.objects.filter(pk=unused.person_id).exists()


def test_the_nightly_job_sweeps_what_is_older_than_a_day(db):
    actions.account_at(phone="13900000000", at=world.MORNING)
    tasks.sweep_accounts(timestamp=0)
    assert not User.objects.exists()


def test_a_seat_is_held_once_at_a_time(office):
    person = world.person("何住建").person
    seat = actions.appoint(person, department=office, role=Role.REVIEWER, by=SYSTEM, at=world.MORNING)
    with pytest.raises(Refused):
        actions.appoint(person, department=office, role=Role.REVIEWER, by=SYSTEM, at=LATER)
    actions.appoint(person, department=office, role=Role.CLERK, by=SYSTEM, at=LATER)
    actions.dismiss(seat, by=SYSTEM, at=LATER)
    with pytest.raises(Refused):
        actions.dismiss(seat, by=SYSTEM, at=LATER + timedelta(days=1))
    assert Membership.objects.get(pk=seat.pk).during.upper == LATER, "an ended seat does not end again"
    actions.appoint(person, department=office, role=Role.REVIEWER, by=SYSTEM, at=LATER + timedelta(days=1))
    assert first_break(Party.objects.get(pk=person.pk)) is None


def test_a_seat_reaches_no_further_than_its_department(office):
    person = world.person("何住建").person
    for area in ("/", "/370100000000/", "/370100000000/370188000000/"):
        with pytest.raises(Refused):
            actions.appoint(person, department=office, role=Role.CLERK, by=SYSTEM, at=LATER, area_path=area)
    firm = world.enterprise("济南虚构材料有限公司")
    with pytest.raises(Refused):
        actions.appoint(person, department=firm, role=Role.CLERK, by=SYSTEM, at=LATER)
    street = office.area_path + "370199001000/"
    seat = actions.appoint(person, department=office, role=Role.CLERK, by=SYSTEM, at=LATER, area_path=street)
    assert seat.area_path == street


def test_staff_begin_with_a_password_and_end_without(office):
    account = actions.add_staff(
        email="He@Example.Test",
        name="何住建",
        password="correct horse battery",
        department=office,
        roles=[Role.REVIEWER, Role.LEADER],
        by=SYSTEM,
        at=world.MORNING,
    )
    assert account.check_password("correct horse battery")
    assert {seat.role for seat in world.acting(account, LATER).seats} == {"reviewer", "leader"}
    before = account.get_session_auth_hash()
    assert actions.end_staff(account, by=SYSTEM, at=LATER) == 2
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert account.get_session_auth_hash() != before, "sessions end with the password"
    assert not world.acting(account, LATER).is_staff
    with pytest.raises(Refused):
        actions.end_staff(account, by=SYSTEM, at=LATER)


@pytest.mark.parametrize("path", ["/370199000000/", "/370100000000/370199000000", "370199000000/"])
def test_an_area_lies_where_its_path_says(office, path):
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(code="370188000000", name="他区", level="district", path=path)


def test_an_area_stays_where_it_is(office):
    with pytest.raises(Refused):
        actions.declare_area(code="370199000000", name="示范区", level="district", by=SYSTEM, at=LATER)


def test_memberships_of_a_kind_do_not_overlap_and_may_follow_each_other(db):
    person, firm = world.person("林知远").person, world.enterprise("济南虚构材料有限公司")

    def during(*days):
        with transaction.atomic():
            Membership.objects.create(
                person=person, organisation=firm, kind=MembershipKind.AGENT, during=world.period(*days)
            )

    during("2026-01-01", "2026-02-01")
    during("2026-02-01", "2026-03-01")
    with pytest.raises(IntegrityError):
        during("2026-02-15", "2026-04-01")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "staff", "role": "", "area_path": "/1/"},
        {"kind": "staff", "role": "clerk", "area_path": ""},
        {"kind": "agent", "role": "clerk", "area_path": ""},
        {"kind": "agent", "role": "", "area_path": "/1/"},
    ],
)
def test_staff_have_a_role_and_an_area_and_agents_neither(office, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            person=world.person("何住建").person,
            organisation=office,
            during=DateTimeTZRange(world.MORNING, None),
            **fields,
        )


def test_who_acts_costs_one_query(office, django_assert_num_queries):
    user = world.staff("何住建", "housing", Role.REVIEWER, Role.CLERK)
    world.agent(user, world.enterprise("济南虚构材料有限公司"))
    with django_assert_num_queries(2):
        actor = actor_for(User.objects.get(pk=user.pk), at=world.MORNING)
    assert actor.name == "何住建"
    assert len(actor.seats) == 2
    assert len(actor.represents) == 1


def test_a_seat_counts_only_while_it_is_held_and_its_department_lives(office):
    user = world.staff("何住建", "housing", Role.REVIEWER)
    assert not world.acting(user, world.MORNING - timedelta(days=365)).is_staff
    Party.objects.filter(pk=office.pk).update(ended_at=LATER)
    assert not world.acting(user, LATER).is_staff


def test_a_language_is_kept(db):
    user, other = world.person("林知远"), world.person("路人甲")
    actions.prefer_language("en", by=world.acting(user))
    assert User.objects.get(pk=user.pk).language == "en"
    assert User.objects.get(pk=other.pk).language == "zh-hans"
    with pytest.raises(NotAllowed):
        actions.prefer_language("en", by=NOBODY)
