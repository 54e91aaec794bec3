"""A licence is stopped by the leader of its issuer, with a reason, and says so from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.licences.conftest import AT, DISTRICT, seated
from zerotrip.channels import notices
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions, queries
from zerotrip.licences.access import load
from zerotrip.licences.models import Licence
from zerotrip.licences.states import TRANSITIONS, Standing, Status
from zerotrip.parties.access import NOBODY, SYSTEM, Actor, actor_for
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db

STEPS = {"suspend": actions.suspend, "resume": actions.resume, "revoke": actions.revoke}
LATER = AT + timedelta(days=2)


@pytest.fixture
def licence(granted) -> Licence:
    return actions.issue(case=granted(), by=SYSTEM, at=AT)


def brought_to(licence: Licence, status: Status, leader: Actor) -> Licence:
    if status is Status.SUSPENDED:
        return actions.suspend(licence, reason="检查", by=leader, at=AT)
    if status is Status.REVOKED:
        return actions.revoke(licence, reason="失实", by=leader, at=AT)
    return licence


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", Status)
def test_the_whole_grid_of_steps(licence, leader, step, status):
    licence = brought_to(licence, status, leader)
    sources, to = TRANSITIONS[step]
    if status in sources:
        assert STEPS[step](licence, reason="理由", by=leader, at=LATER).status == to
    else:
        with pytest.raises(Refused):
            STEPS[step](licence, reason="理由", by=leader, at=LATER)
        licence.refresh_from_db()
        assert licence.status == status


def test_a_revoked_licence_says_so_to_whoever_scans_it(licence, leader):
    actions.revoke(licence, reason="以欺骗手段取得", by=leader, at=LATER)
    seen = queries.verify(licence.token, at=LATER + timedelta(days=4000))
    assert seen.standing is Standing.REVOKED
    assert seen.stopped_on == LATER.date()
    assert "欺骗" not in repr(seen)


def test_resumed_it_holds_again_and_the_journal_keeps_both(licence, leader):
    actions.suspend(licence, reason="检查", by=leader, at=AT)
    assert queries.verify(licence.token, at=AT).standing is Standing.SUSPENDED
    resumed = actions.resume(licence, reason="检查合格", by=leader, at=LATER)
    assert queries.verify(licence.token, at=LATER).standing is Standing.VALID
    assert [(e.action, e.reason) for e in history(licence.pk)] == [
        ("issue", ""),
        ("suspend", "检查"),
        ("resume", "检查合格"),
    ]
    assert first_break(resumed) is None


@pytest.mark.parametrize("step", ["suspend", "revoke"])
def test_the_holder_is_told_why(granted, leader, step):
    licence = actions.issue(case=granted(kind="person", name="李小明"), by=SYSTEM, at=AT)
    user = User.objects.create_user(person=licence.holder, phone="13800000001", created_at=AT)
    STEPS[step](licence, reason="现场检查不合格", by=leader, at=AT)
    world.tell_queued()
    (notice,) = Notice.objects.visible_to(actor_for(user, at=AT))
    assert "农药经营许可证" in notices.title(notice.template, notice.context)
    assert "现场检查不合格" in notices.text(notice.template, notice.context)


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_happens(licence, leader, reason):
    with pytest.raises(Invalid) as refusal:
        actions.revoke(licence, reason=reason, by=leader, at=AT)
    assert "reason" in refusal.value.problems
    licence.refresh_from_db()
    assert licence.status == Status.VALID


def strangers(department: Party) -> dict[str, Actor]:
    elsewhere = Party.objects.create(
        kind="department", name="他局", code="other", area_path=DISTRICT, created_at=AT
    )
    return {
        "nobody": NOBODY,
        "a clerk of the issuer": seated(department, "clerk"),
        "a supervisor": seated(department, "supervisor"),
        "a leader over a part of the area only": seated(department, "leader", DISTRICT + "370199001000/"),
        "a leader of another department": seated(elsewhere, "leader"),
    }


def test_nobody_else_may_stop_it(licence, department):
    for who, actor in strangers(department).items():
        with pytest.raises(NotAllowed):
            actions.revoke(licence, reason="理由", by=actor, at=AT)
        licence.refresh_from_db()
        assert licence.status == Status.VALID, who


def test_who_sees_it(licence, department, leader):
    holder = Actor(user_id=None, person_id=None, name="代理", represents=frozenset({licence.holder_id}))
    seen = {"holder": holder, "leader": leader}
    others = strangers(department)
    for who in ("a clerk of the issuer", "a supervisor"):
        seen[who] = others.pop(who)
    for who, actor in seen.items():
        assert load(licence.pk, actor) == licence, who
        assert licence in queries.issued(actor), who
    for who, actor in others.items():
        with pytest.raises(NotFound):
            load(licence.pk, actor)
        assert licence not in queries.issued(actor), who
    assert list(queries.my_licences(holder)) == [licence]
    assert list(queries.my_licences(leader)) == []
