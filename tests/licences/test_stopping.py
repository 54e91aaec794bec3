"""A licence is stopped by the leader of its issuer, with a reason, and says so from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.licences.conftest import AT, DISTRICT, seated
from zerotrip.channels import notices
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions, queries
from zerotrip.licences.access import load
from zerotrip.licences.letters import letter_of
from zerotrip.licences.models import Hands, Licence, Revocation
from zerotrip.licences.states import TRANSITIONS, Ground, Origin, Standing, Status
from zerotrip.parties.access import NOBODY, SYSTEM, Actor, actor_for
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db


def revoke(licence: Licence, *, reason: str, by: Actor, at, ground: str = "annul") -> Licence:
    """Ended with two hands: proposed by a clerk of the issuer, confirmed by a leader."""
    clerk = seated(licence.issuer, "clerk")
    proposed = actions.propose_revocation(licence, ground=ground, reasons=reason, by=clerk, at=at)
    return actions.confirm_revocation(proposed, by=by, at=at).licence


STEPS = {"suspend": actions.suspend, "resume": actions.resume, "revoke": revoke}
LATER = AT + timedelta(days=2)


@pytest.fixture
def licence(granted) -> Licence:
    return actions.issue(case=granted(), by=SYSTEM, at=AT)


def brought_to(licence: Licence, status: Status, leader: Actor) -> Licence:
    if status is Status.SUSPENDED:
        return actions.suspend(licence, reason="检查", by=leader, at=AT)
    if status is Status.REVOKED:
        return revoke(licence, reason="失实", by=leader, at=AT)
    if status is Status.REPLACED:
        with transaction.atomic():
            actions.next_edition_of(licence, Origin.REISSUE, facts=licence.facts, by=SYSTEM, at=AT, reason="补发")
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
    revoke(licence, reason="以欺骗手段取得", by=leader, at=LATER)
    seen = queries.verify(licence.token, at=LATER + timedelta(days=4000))
    assert seen.standing is Standing.REVOKED
    assert seen.stopped_on == LATER.date()
    assert "欺骗" not in repr(seen)


def test_pressed_again_and_again_it_is_stopped_once_and_holds_again_once(licence, leader):
    for _press in range(3):
        assert actions.suspend(licence, reason="检查", by=leader, at=AT, key="press").status == Status.SUSPENDED
    for _press in range(3):
        assert actions.resume(licence, reason="合格", by=leader, at=LATER, key="press").status == Status.VALID
    assert [entry.action for entry in history(licence.pk)] == ["issue", "suspend", "resume"]
    with pytest.raises(Refused):
        actions.resume(licence, reason="合格", by=leader, at=LATER, key="another")


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
        actions.suspend(licence, reason=reason, by=leader, at=AT)
    assert "reason" in refusal.value.problems
    with pytest.raises(Invalid) as refusal:
        actions.propose_revocation(licence, ground="annul", reasons=reason, by=leader, at=AT)
    assert "reasons" in refusal.value.problems
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
            actions.suspend(licence, reason="理由", by=actor, at=AT)
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


class TestTwoHands:
    """A licence is never ended by one hand."""

    def proposed(self, licence, by, **changes) -> Revocation:
        given = {"ground": "annul", "reasons": "材料不实", **changes}
        return actions.propose_revocation(licence, by=by, at=AT, **given)

    def test_a_proposal_alone_ends_nothing(self, licence, department):
        self.proposed(licence, seated(department, "clerk"))
        licence.refresh_from_db()
        assert licence.status == Status.VALID
        assert history(licence.pk).last().action == "propose_revocation"

    def test_whoever_proposed_does_not_confirm(self, licence, leader):
        with pytest.raises(NotAllowed, match="不能自己确认"):
            actions.confirm_revocation(self.proposed(licence, leader), by=leader, at=AT)
        licence.refresh_from_db()
        assert licence.status == Status.VALID

    def test_nor_does_the_database_let_them(self, licence, leader):
        found = self.proposed(licence, leader)
        with pytest.raises(IntegrityError, match="takes_two_hands"), transaction.atomic():
            Revocation.objects.filter(pk=found.pk).update(
                status="confirmed", settled_by=leader.user_id, settled_at=AT
            )

    @pytest.mark.parametrize("role", ["clerk", "reviewer", "supervisor"])
    def test_only_a_leader_confirms(self, licence, department, leader, role):
        with pytest.raises(NotAllowed):
            actions.confirm_revocation(self.proposed(licence, leader), by=seated(department, role), at=AT)

    def test_nobody_of_another_office_proposes(self, licence, department):
        for who, actor in strangers(department).items():
            if who != "a clerk of the issuer":
                with pytest.raises(NotAllowed):
                    self.proposed(licence, actor)

    def test_whoever_acts_for_the_holder_keeps_out(self, licence, leader):
        both = Actor(
            user_id=leader.user_id, person_id=leader.person_id, name="", seats=leader.seats,
            represents=frozenset({licence.holder_id}),
        )  # fmt: skip
        with pytest.raises(NotAllowed, match="回避"):
            self.proposed(licence, both)

    def test_turned_down_it_stays_and_can_be_proposed_again(self, licence, department, leader):
        clerk = seated(department, "clerk")
        found = self.proposed(licence, clerk)
        with pytest.raises(Invalid):
            actions.turn_revocation_down(found, opinion=" ", by=leader, at=AT)
        assert actions.turn_revocation_down(found, opinion="证据不足", by=leader, at=AT).status == Hands.TURNED_DOWN
        with pytest.raises(Stale):
            actions.confirm_revocation(found, by=leader, at=AT)
        licence.refresh_from_db()
        assert licence.status == Status.VALID
        assert self.proposed(licence, clerk).status == Hands.OPEN

    def test_one_proposal_at_a_time(self, licence, department, leader):
        self.proposed(licence, leader)
        with pytest.raises(Refused, match="已经有人提出"):
            self.proposed(licence, seated(department, "clerk"))

    def test_pressed_twice_it_counts_once(self, licence, department, leader):
        from zerotrip.ids import new_id

        key, clerk = new_id(), seated(department, "clerk")
        assert self.proposed(licence, clerk, proposal=key) == self.proposed(licence, clerk, proposal=key)
        found = Revocation.objects.get()
        actions.confirm_revocation(found, by=leader, at=AT)
        actions.confirm_revocation(found, by=leader, at=LATER)
        assert [entry.action for entry in history(licence.pk)] == ["issue", "propose_revocation", "revoke"]

    @pytest.mark.parametrize(
        ("ground", "said"), [("annul", "已撤销"), ("withdraw", "已撤回"), ("penalty", "已吊销")]
    )
    def test_each_ground_has_its_word(self, licence, leader, ground, said):
        revoke(licence, reason="理由", by=leader, at=AT, ground=ground)
        licence.refresh_from_db()
        assert licence.ground == Ground(ground)
        assert queries.verify(licence.token, at=AT).said == said

    def test_cancelling_is_the_holders_word_and_not_proposed_by_staff(self, licence, leader):
        with pytest.raises(Invalid):
            self.proposed(licence, leader, ground="cancel")

    def test_the_letter_gives_reasons_and_remedies(self, licence, leader):
        revoke(licence, reason="以欺骗手段取得许可。", by=leader, at=AT)
        letter = letter_of(licence.case, "revocation")
        assert letter.title == "撤销农药经营许可证决定书"
        assert "以欺骗手段取得许可。" in letter.paragraphs
        assert "六十日内申请行政复议" in letter.remarks[0]
