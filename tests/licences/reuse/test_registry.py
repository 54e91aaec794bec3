"""A registry of others, over a real connection: it may hang, lie, or answer twice; the case goes on and nothing
is granted on what was not verified."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings

from tests import world
from tests.licences.reuse.conftest import AT, SECRET, eatery, later
from zerotrip.cases import actions
from zerotrip.cases.actions.draft import judged
from zerotrip.cases.models import Case, Submission, Verdict
from zerotrip.cases.states import Result
from zerotrip.channels.models import Notice
from zerotrip.duties.models import Obligation
from zerotrip.errors import Invalid, Refused
from zerotrip.ledger.models import Entry
from zerotrip.licences.registries import Asked, Unanswered
from zerotrip.licences.registries.checks import check_registry
from zerotrip.licences.registries.http import LARGEST, Http
from zerotrip.licences.reuse import actions as reuse
from zerotrip.licences.reuse.models import Fault, Grant, Proven
from zerotrip.licences.reuse.queries import to_ask
from zerotrip.licences.reuse.rules import FRESH
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role

pytestmark = pytest.mark.django_db

PAPER = "licence"


def ask(district, case: Case, at=AT) -> Grant:
    return reuse.fetch(case, PAPER, by=district.applicant, at=at, key="press-1")


def missing(case: Case, at=AT) -> list[str]:
    submission = Submission.objects.select_related("case").get(case=case, submitted_at=None)
    return list(judged(submission, at=at)[1])


def journal(case: Case) -> list[str]:
    return list(Entry.objects.filter(subject=case.pk).order_by("seq").values_list("action", flat=True))


def promised(district, case: Case) -> Grant:
    """Nobody answered: the number was named."""
    return reuse.name_number(case, PAPER, district.firm.uscc, by=district.applicant, at=AT)


def under_review(district, case: Case) -> Case:
    actions.submit(case, by=district.applicant, at=AT)
    (intake,) = world.open_work(case)
    return actions.accept(intake, by=district.clerk, at=AT)


def drafted(district, case: Case, at=AT):
    """The reviews are in favour, and somebody drafts a grant."""
    reviewer = world.acting(world.staff("reviewer", "approval-bureau", Role.REVIEWER))
    for work in world.open_work(case, "review"):
        actions.review(work, verdict=Verdict.PASS, by=reviewer, at=at)
    (decision,) = world.open_work(case, "decision")
    return actions.draft_decision(decision, verdict=Result.GRANTED, by=district.clerk, at=at)


def answers(registry, how) -> None:
    registry.answer = how


SILENCES = {
    "hangs": lambda desk, asked: desk.server.over.wait(5),
    "drips": lambda desk, asked: drip(desk),
    "is broken": lambda desk, asked: desk.tell(asked, status=500),
    "is shut": lambda desk, asked: desk.tell(asked, status=503),
    "sends elsewhere": lambda desk, asked: desk.tell(asked, status=302),
    "babbles": lambda desk, asked: desk.send_body(b"<html>"),
    "floods": lambda desk, asked: desk.send_body(b" " * (LARGEST + 1)),
    "breaks off": lambda desk, asked: desk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    "speaks no HTTP": lambda desk, asked: desk.wfile.write(b"hello\r\n\r\n"),
}
LIES = {
    "is signed by somebody else": lambda desk, asked: desk.tell(asked, secret="another secret of somebody"),
    "denies without a signature": lambda desk, asked: desk.send_json({}, 404, "another secret of somebody"),
    "answers another question": lambda desk, asked: desk.tell({**asked, "id": "yesterday"}),
    "has another holder": lambda desk, asked: desk.tell(asked, holder={"uscc": world.uscc(903), "name": "别人"}),
    "has another kind": lambda desk, asked: desk.tell(asked, kind="pesticide-licence"),
    "has a wrong check character": lambda desk, asked: desk.tell(asked, identifier="1.2.156.3005.2.A.B.C.001.0"),
    "ends before it begins": lambda desk, asked: desk.tell(asked, valid_until="2019-01-01"),
    "is malformed": lambda desk, asked: desk.tell(asked, valid_from="never"),
    "has no facts but a list": lambda desk, asked: desk.tell(asked, facts=[]),
    "is nothing": lambda desk, asked: desk.send_json(None),
    "breaks lines": lambda desk, asked: desk.tell(asked, title="营业\n执照"),
}


def say_again(desk, asked) -> None:
    """What it said ten minutes ago."""
    desk.server.behind = 600
    desk.tell(asked)


LIES["says again what it said before"] = say_again


def drip(desk) -> None:
    """A byte now and then, for ever."""
    desk.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not desk.server.over.wait(0.1):
        desk.wfile.write(b"X")
        desk.wfile.flush()


class TestAnswer:
    def test_the_registrys_licence_stands_in_and_fills_the_form(self, wider, registry):
        case = eatery(wider)
        assert f"material:{PAPER}" in missing(case)
        grant = ask(wider, case)
        assert missing(case) == []
        assert (grant.status, grant.number, grant.holder) == (Proven.VERIFIED, wider.firm.uscc, wider.firm.name)
        assert case.submissions.get().answers["legal_representative"] == "虚构人"

    def test_it_is_asked_only_what_was_agreed_to_and_signed(self, wider, registry):
        ask(wider, eatery(wider))
        (asked,) = registry.asked
        assert registry.signed == [True]
        assert (asked["kind"], asked["holder"]) == ("business-licence", {"uscc": wider.firm.uscc})
        assert asked["purpose"] == "小餐饮登记"

    def test_who_has_none_uploads(self, wider, registry):
        registry.has = None
        with pytest.raises(Refused, match="没有查到"):
            ask(wider, eatery(wider))
        assert not Grant.objects.exists()

    @pytest.mark.parametrize(
        "changes", [{"status": "suspended"}, {"status": "revoked"}, {"valid_until": "2026-03-02"}]
    )
    def test_what_is_not_in_force_never_satisfies(self, wider, registry, changes):
        registry.has |= changes
        with pytest.raises(Refused, match="失效"):
            ask(wider, eatery(wider))

    def test_what_ends_before_the_statutory_end_never_satisfies(self, wider, registry):
        registry.has |= {"valid_until": "2026-03-17"}  # the statutory end is the 18th
        with pytest.raises(Refused, match="到期"):
            ask(wider, eatery(wider))
        registry.has |= {"valid_until": "2026-03-18"}
        assert ask(wider, eatery(wider)).status == Proven.VERIFIED

    def test_agreed_to_twice_it_is_one_use(self, wider, registry):
        case = eatery(wider)
        assert ask(wider, case).pk == ask(wider, case).pk
        assert journal(case).count("licence_used") == 1


class TestNoAnswer:
    @pytest.mark.parametrize("how", [*SILENCES, *LIES])
    def test_no_answer_to_be_relied_on_is_no_answer(self, wider, registry, how, caplog):
        answers(registry, {**SILENCES, **LIES}[how])
        case, begun = eatery(wider), time.monotonic()
        with caplog.at_level(logging.WARNING), pytest.raises(reuse.Down, match="没有应答"):
            ask(wider, case)
        assert time.monotonic() - begun < 3
        assert "registry" in caplog.text
        assert not Grant.objects.exists()

    def test_down_the_case_goes_on_provisionally(self, wider, registry):
        case = eatery(wider)
        assert promised(wider, case).status == Proven.PROVISIONAL
        assert missing(case) == []
        assert under_review(wider, case).accepted_at is not None

    @pytest.mark.parametrize("number", ["", "   ", "x" * 81, "a\x00b"])
    def test_without_a_number_it_does_not(self, wider, registry, number):
        with pytest.raises(Invalid):
            reuse.name_number(eatery(wider), PAPER, number, by=wider.applicant, at=AT)

    def test_nothing_is_granted_before_it_is_verified(self, wider, registry):
        case = eatery(wider)
        grant = promised(wider, case)
        under_review(wider, case)
        with pytest.raises(Refused, match="还没有核验"):
            drafted(wider, case)
        reuse.verify(grant, by=SYSTEM, at=AT)
        assert world.open_work(case, "decision")
        (decision,) = world.open_work(case, "decision")
        actions.draft_decision(decision, verdict=Result.GRANTED, by=wider.clerk, at=AT)


class TestLater:
    def test_verified_it_is_noted_and_the_facts_are_there(self, wider, registry):
        case = eatery(wider)
        grant = reuse.verify(promised(wider, case), by=SYSTEM, at=later(minutes=1))
        assert (grant.status, grant.holder, grant.tries) == (Proven.VERIFIED, wider.firm.name, 0)
        assert journal(case)[-1] == "licence_verified"

    @pytest.mark.parametrize("how", ["hangs", "is broken", "has another kind"])
    def test_silent_it_is_asked_again_ever_later(self, wider, registry, how):
        answers(registry, {**SILENCES, **LIES}[how])
        case = eatery(wider)
        grant, at = promised(wider, case), later(minutes=1)
        waits = []
        for _time in range(4):
            grant = reuse.verify(grant, by=SYSTEM, at=at)
            waits.append((grant.ask_at - at) // timedelta(minutes=1))
            at = grant.ask_at
        assert waits == [1, 2, 4, 8]
        assert grant.status == Proven.PROVISIONAL

    def test_it_is_not_asked_for_ever(self, wider, registry):
        answers(registry, SILENCES["is broken"])
        case = eatery(wider)
        grant = promised(wider, case)
        under_review(wider, case)
        at = AT
        while grant.status == Proven.PROVISIONAL:
            at = grant.ask_at
            grant = reuse.verify(grant, by=SYSTEM, at=at)
        assert grant.fault == Fault.UNANSWERED
        assert timedelta(days=1) < at - AT < timedelta(days=3)
        assert Obligation.objects.get(subject=case.pk).key == PAPER

    def test_no_such_licence_staff_are_told_and_the_paper_is_owed(self, wider, registry):
        registry.has = None
        case = eatery(wider)
        grant = promised(wider, case)
        under_review(wider, case)
        for _twice in range(2):
            reuse.verify(grant, by=SYSTEM, at=later(minutes=1))
        world.tell_queued()
        assert Grant.objects.get().fault == Fault.UNKNOWN
        assert Obligation.objects.get(subject=case.pk, status="open").key == PAPER
        assert Notice.objects.filter(template="staff_licence_failed", user=wider.clerk.user_id).count() == 1
        assert Notice.objects.filter(template="material_owed", user=wider.applicant.user_id).count() == 1

    def test_before_acceptance_intake_names_it_with_everything_else(self, wider, registry):
        registry.has = None
        case = eatery(wider)
        grant = promised(wider, case)
        actions.submit(case, by=wider.applicant, at=AT)
        reuse.verify(grant, by=SYSTEM, at=AT)
        assert not Obligation.objects.filter(subject=case.pk).exists()
        (intake,) = world.open_work(case)
        actions.request_correction(intake, items={f"material:{PAPER}": "请上传"}, by=wider.clerk, at=AT)
        assert f"material:{PAPER}" in missing(case)
        reuse.take_back(case, PAPER, by=wider.applicant, at=AT)
        actions.attach(case, PAPER, world.pdf("own"), name="执照.pdf", by=wider.applicant, at=AT)
        actions.correct(case, by=wider.applicant, at=AT)

    def test_the_number_of_somebody_else_proves_nothing(self, wider, registry):
        answers(registry, LIES["has another holder"])
        grant = reuse.verify(promised(wider, eatery(wider)), by=SYSTEM, at=AT)
        assert (grant.status, grant.fault) == (Proven.FAILED, Fault.OTHERS)


class TestTwoAnswers:
    def test_the_same_again_changes_nothing(self, wider, registry):
        case = eatery(wider)
        grant = ask(wider, case)
        before = journal(case), Grant.objects.values("number", "facts", "status", "differs").get()
        for hours in (24, 48):
            reuse.verify(grant, by=SYSTEM, at=later(hours=hours))
        assert before == (journal(case), Grant.objects.values("number", "facts", "status", "differs").get())

    def test_another_answer_never_takes_the_first_ones_place(self, wider, registry):
        case = eatery(wider)
        grant = ask(wider, case)
        under_review(wider, case)
        registry.has |= {"facts": {"representative": "另一个人"}}
        for hours in (24, 48):
            reuse.verify(grant, by=SYSTEM, at=later(hours=hours))
        world.tell_queued()
        kept = Grant.objects.get()
        assert kept.facts == {"representative": "虚构人"}
        assert kept.differs["facts"] == {"representative": "另一个人"}
        assert journal(case).count("licence_differs") == 1
        assert Notice.objects.filter(template="staff_licence_differs", user=wider.clerk.user_id).count() == 1

    def test_revoked_meanwhile_it_proves_nothing_any_more(self, wider, registry):
        case = eatery(wider)
        grant = ask(wider, case)
        under_review(wider, case)
        registry.has |= {"status": "revoked"}
        assert reuse.verify(grant, by=SYSTEM, at=later(hours=24)).fault == Fault.NOT_VALID
        with pytest.raises(Refused, match="失效"):
            drafted(wider, case)

    def test_what_failed_stays_failed(self, wider, registry):
        registry.has = None
        grant = reuse.verify(promised(wider, eatery(wider)), by=SYSTEM, at=AT)
        with pytest.raises(DatabaseError), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(status=Proven.VERIFIED, fault="", verified_at=AT)

    def test_a_decision_rests_on_a_fresh_answer(self, wider, registry):
        case = eatery(wider)
        grant = ask(wider, case)
        under_review(wider, case)
        stale = AT + FRESH + timedelta(minutes=1)
        with pytest.raises(Refused, match="三天"):
            drafted(wider, case, at=stale)
        reuse.verify(grant, by=SYSTEM, at=stale)
        (decision,) = world.open_work(case, "decision")
        actions.draft_decision(decision, verdict=Result.GRANTED, by=wider.clerk, at=stale)


class TestWhoIsAskedAbout:
    def test_every_day_while_the_case_is_open(self, wider, registry):
        case = eatery(wider)
        grant = ask(wider, case)
        tomorrow = later(hours=25)
        assert list(to_ask(tomorrow)) == []  # a draft: nothing rests on it yet
        actions.submit(case, by=wider.applicant, at=AT)
        assert list(to_ask(later(hours=1))) == []
        assert list(to_ask(tomorrow)) == [grant]
        actions.withdraw(case, by=wider.applicant, at=AT)
        assert list(to_ask(tomorrow)) == []

    def test_a_use_that_was_taken_back_is_let_alone(self, wider, registry):
        case = eatery(wider)
        grant = promised(wider, case)
        reuse.take_back(case, PAPER, by=wider.applicant, at=AT)
        assert list(to_ask(later(hours=1))) == []
        assert reuse.verify(grant, by=SYSTEM, at=AT).status == Proven.PROVISIONAL


class TestSettings:
    @pytest.mark.parametrize(
        ("changes", "faults"),
        [
            ({}, []),
            ({"LICENCE_REGISTRY_URL": "http://registry.example/"}, ["licences.E012"]),
            ({"LICENCE_REGISTRY_SECRET": "short"}, ["licences.E013"]),
            ({"LICENCE_REGISTRY": "no.such.Registry"}, ["licences.E011"]),
            ({"LICENCE_REGISTRY": ""}, []),
        ],
    )
    def test_a_registry_that_cannot_work_is_named_at_start_up(self, changes, faults):
        good = {
            "LICENCE_REGISTRY": "zerotrip.licences.registries.http.Http",
            "LICENCE_REGISTRY_URL": "https://registry.example/",
            "LICENCE_REGISTRY_SECRET": SECRET,
        }
        with override_settings(**good | changes):
            assert [fault.id for fault in check_registry()] == faults


def test_nobody_listening_is_no_answer(settings):
    settings.LICENCE_REGISTRY_URL, settings.LICENCE_REGISTRY_SECRET = "http://127.0.0.1:9/", SECRET
    with pytest.raises(Unanswered) as silence:
        Http().find(Asked(key="1", kind="business-licence", holder=world.uscc(1)), at=AT)
    assert not silence.value.permanent
