"""Acting for an enterprise: who comes first, who joins, who leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections

from tests import world
from zerotrip.cases.models import Case
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties import actions
from zerotrip.parties.access import NOBODY, SYSTEM
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind, User

NAME, USCC = "济南虚构材料有限公司", world.uscc(901)
LATER = world.MORNING + timedelta(hours=1)


def claim(user: User, *, uscc: str = USCC, name: str = NAME, at=world.MORNING) -> Party:
    return actions.claim_enterprise(name=name, uscc=uscc, by=world.acting(user, at), at=at)


def agency(user: User, firm: Party) -> Membership:
    return Membership.objects.get(person=user.person, organisation=firm, kind=MembershipKind.AGENT)


@pytest.fixture
def first(db) -> User:
    """Whoever registers the enterprise."""
    return world.person("林知远")


@pytest.fixture
def second(db) -> User:
    """A colleague, or a rival."""
    return world.person("路人甲")


@pytest.fixture
def firm(first) -> Party:
    """The enterprise, registered."""
    return claim(first)


@pytest.mark.parametrize(
    "uscc", ["", USCC[:-1], USCC[:-1] + ("0" if USCC[-1] != "0" else "1"), "I" * 18, USCC + "0"]
)
def test_a_code_that_does_not_check_is_told_at_its_field(first, uscc):
    with pytest.raises(Invalid) as refusal:
        claim(first, uscc=uscc)
    assert set(refusal.value.problems) == {"uscc"}
    assert not Party.objects.filter(kind=PartyKind.ENTERPRISE).exists()


def test_an_enterprise_has_a_name(first):
    with pytest.raises(Invalid):
        claim(first, name=" ")


def test_whoever_registers_an_enterprise_acts_for_it(first, firm):
    assert firm.pk in world.acting(first, LATER).acts_for
    assert [entry.action for entry in history(firm.pk)] == ["register", "agent_begins"]
    assert first_break(Party.objects.get(pk=firm.pk)) is None


def test_registering_again_changes_nothing(first, firm):
    assert claim(first, uscc=USCC.lower(), name="别的名称", at=LATER) == firm
    assert Party.objects.get(pk=firm.pk).name == NAME
    assert Membership.objects.count() == 1


def test_a_second_claimant_is_refused_and_told_whom_to_ask(first, firm, second):
    with pytest.raises(Refused, match="经办人"):
        claim(second, at=LATER)
    assert not world.acting(second, LATER).represents


def test_an_office_is_no_enterprise(first):
    office = world.enterprise("某局", serial=902)
    Party.objects.filter(pk=office.pk).update(kind=PartyKind.TEAM, code="some-team")
    with pytest.raises(Refused):
        claim(first, uscc=office.uscc)


def test_nobody_registers_nothing(db):
    for actor in (NOBODY, SYSTEM):
        with pytest.raises(NotAllowed):
            actions.claim_enterprise(name=NAME, uscc=USCC, by=actor, at=world.MORNING)
    assert not Party.objects.exists()


def test_an_agent_adds_a_colleague(first, firm, second):
    actions.add_agent(firm.pk, phone=second.phone, by=world.acting(first), at=LATER)
    actions.add_agent(firm.pk, phone=second.phone, by=world.acting(first), at=LATER)
    assert firm.pk in world.acting(second, LATER).represents
    assert Membership.objects.filter(organisation=firm).count() == 2


def test_an_outsider_neither_adds_nor_ends_anybody(first, firm, second):
    for act in (
        lambda by: actions.add_agent(firm.pk, phone=second.phone, by=by, at=LATER),
        lambda by: actions.remove_agent(agency(first, firm).pk, by=by, at=LATER),
        lambda by: actions.add_agent(uuid4(), phone=second.phone, by=by, at=LATER),
        lambda by: actions.remove_agent(uuid4(), by=by, at=LATER),
    ):
        with pytest.raises(NotFound):
            act(world.acting(second, LATER))
    assert Membership.objects.count() == 1


def test_only_somebody_who_is_there_is_added(first, firm, second):
    User.objects.filter(pk=second.pk).update(is_active=False)
    nameless = actions.account_at(phone="13899999999", at=world.MORNING)
    for phone in (second.phone, nameless.phone, "13800009999"):
        with pytest.raises(NotFound):
            actions.add_agent(firm.pk, phone=phone, by=world.acting(first), at=LATER)


def test_the_last_agent_stays(first, firm, second):
    with pytest.raises(Refused):
        actions.remove_agent(agency(first, firm).pk, by=world.acting(first), at=LATER)
    actions.add_agent(firm.pk, phone=second.phone, by=world.acting(first), at=LATER)
    actions.remove_agent(agency(first, firm).pk, by=world.acting(second, LATER), at=LATER)
    with pytest.raises(NotFound):
        actions.remove_agent(agency(first, firm).pk, by=world.acting(second, LATER), at=LATER)
    assert not world.acting(first, LATER).represents


def test_whoever_left_sees_and_does_nothing_from_then_on(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    colleague = world.person("周予安")
    actions.add_agent(district.firm.pk, phone=colleague.phone, by=district.applicant, at=world.MORNING)
    leaving = User.objects.get(pk=district.applicant.user_id)
    assert Case.objects.visible_to(world.acting(leaving, world.MORNING)).filter(pk=case.pk).exists()
    actions.remove_agent(agency(leaving, district.firm).pk, by=world.acting(colleague), at=LATER)
    assert not Case.objects.visible_to(world.acting(leaving, LATER)).exists()
    assert Case.objects.visible_to(world.acting(colleague, LATER)).filter(pk=case.pk).exists()


def at_once(*acts) -> list[object]:
    """What each returns or refuses with, all begun at the same moment."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(10)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_several_who_claim_at_once_one_acts_for_the_enterprise():
    people = [world.person(f"申请人{number}号") for number in range(4)]
    connection.close()
    results = at_once(*[lambda user=user: claim(user) for user in people])
    assert len([made for made in results if isinstance(made, Party)]) == 1
    assert len([refused for refused in results if isinstance(refused, Refused)]) == 3
    assert Membership.objects.count() == Party.objects.filter(uscc=USCC).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_registers_once_and_refuses_nobody():
    person = world.person("林知远")
    connection.close()
    made = at_once(lambda: claim(person), lambda: claim(person))
    assert made[0] == made[1]
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_end_each_other_at_once_do_not_leave_the_enterprise_alone():
    first, second = world.person("林知远"), world.person("路人甲")
    firm = claim(first)
    actions.add_agent(firm.pk, phone=second.phone, by=world.acting(first, LATER), at=LATER)
    at = LATER + timedelta(hours=1)
    ends = [(world.acting(first, at), agency(second, firm).pk), (world.acting(second, at), agency(first, firm).pk)]
    connection.close()
    results = at_once(*[lambda by=by, pk=pk: actions.remove_agent(pk, by=by, at=at) for by, pk in ends])
    assert len([refused for refused in results if isinstance(refused, Refused)]) == 1
    assert Membership.objects.in_force(at).filter(organisation=firm).count() == 1
