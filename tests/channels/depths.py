"""Cases through the steps that the three plain ones do not need, so that everything is told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.test import override_settings

from tests import world
from tests.district import District
from tests.lawful import BASIS, days, declare, with_materials, words
from zerotrip.cases import actions
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Assignment, Bar, Case, Found, Mode, Procedure, RatingDoor, Settled, Verdict
from zerotrip.cases.states import Result
from zerotrip.catalogue.models import Pack
from zerotrip.channels.inbound import File, Mail
from zerotrip.duties.actions import remind
from zerotrip.duties.models import Obligation
from zerotrip.ids import new_id
from zerotrip.licences import actions as licences
from zerotrip.licences.models import Licence
from zerotrip.licences.queries import current_of
from zerotrip.licences.registries import Answer, Asked, Holder
from zerotrip.licences.reuse import actions as reuse
from zerotrip.parties.access import NOBODY, SYSTEM
from zerotrip.parties.models import Role, User

AT = world.MORNING
DAY = timedelta(days=1)
SENDER = "lin@example.test"
TOLERABLE = {"against": ["commitment"], "within": days(5), "consequence": "suspend", "basis": BASIS}


class Register:
    """A licence registry that says what it is told to."""

    status, amount = "valid", "300"

    def find(self, asked: Asked, *, at: datetime) -> Answer:
        return Answer(
            kind=asked.kind,
            number="资 2026-1",
            title="资金证明",
            holder=Holder(uscc=asked.holder, name="济南虚构材料有限公司"),
            issuer="济南市示范区示范银行",
            status=type(self).status,
            facts={"amount": type(self).amount},
        )


class Depths:
    """A district in which a service with every rule is driven through its steps."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.folder = district, folder
        self.head = world.acting(world.staff("head", "approval-bureau", Role.HEAD))
        materials = with_materials(
            "construction-permit", contract={"tolerable": TOLERABLE}, planning_permit={"rehearsal": "simulated"}
        )
        self.rules = {
            "materials": materials,
            "owing": {"issue": "conditional", "basis": BASIS},
            "extension": days(3),
            "procedures": [{"kind": "hearing", "most": days(20)}],
            "corrections": {"within": days(10), "reopen": days(5)},
            "promise": {
                "conditions": [words("场所符合规定")],
                "liability": words("不实的撤销许可"),
                "waives": ["funding"],
                "check": days(60),
                "correct": days(10),
                "bar": days(365, "calendar_days"),
                "basis": BASIS,
            },
        }
        self.service = declare(folder, **self.rules)

    def draft(self, *without: str) -> Case:
        applicant = self.district.applicant
        return world.draft(
            self.service.pk, self.district.firm, applicant, like="construction-permit", without=without
        )

    def submit(self, case: Case, **how: bool) -> Case:
        return actions.submit(case, by=self.district.applicant, at=AT, **how)

    def work(self, case: Case, kind: str) -> Assignment:
        return world.open_work(case, kind)[0]

    def accept(self, case: Case, at: datetime = AT) -> Case:
        return actions.accept(self.work(case, "intake"), by=self.district.clerk, at=at)

    def review(self, case: Case) -> Assignment:
        offices = {"housing-review": self.district.housing, "fire-review": self.district.fire}
        for work in world.open_work(case, "review"):
            by = offices.get(work.stage, self.district.defence)
            actions.review(work, verdict=Verdict.PASS, by=by, at=AT)
        return self.work(case, "decision")

    def corrections(self) -> None:
        """Taken back, reminded of, lapsed."""
        first = self.submit(self.draft())
        clerk = self.district.clerk
        items = {"project_name": "请核对"}
        actions.request_correction(self.work(first, "intake"), items=items, by=clerk, at=AT)
        actions.take_back(self.work(first, "intake"), reason="没有错", by=clerk, at=AT)
        actions.withdraw(first, by=self.district.applicant, at=AT)
        second = self.submit(self.draft())
        actions.request_correction(self.work(second, "intake"), items=items, by=clerk, at=AT)
        self.remind(second)
        sweep(at=AT + 30 * DAY)
        plain = declare(self.folder, **{**self.rules, "corrections": {"within": days(10)}})
        third = self.submit(
            world.draft(plain.pk, self.district.firm, self.district.applicant, like="construction-permit")
        )
        actions.request_correction(self.work(third, "intake"), items=items, by=clerk, at=AT)
        sweep(at=AT + 30 * DAY)

    def remind(self, case: Case) -> None:
        for owed in Obligation.objects.due().filter(subject=case.pk):
            assert owed.remind_at is not None
            assert remind(owed.pk, at=owed.remind_at)
            assert not remind(owed.pk, at=owed.remind_at), "once for each reminder"

    def tolerance(self) -> None:
        """Owed, reminded of, handed in badly, handed in well; and missed."""
        case = self.draft("contract")
        actions.owe_later(case, "contract", "commitment", by=self.district.applicant, at=AT)
        case = actions.grant(
            self.review(self.accept(self.submit(case, undertakes=True))), by=self.district.leader, at=AT
        )
        self.remind(case)
        case = actions.issue(case, by=SYSTEM, at=AT)
        for good in (False, True):
            actions.make_up(
                case, "contract", [(world.pdf(), "合同.pdf")], by=self.district.applicant, at=AT, record=new_id()
            )
            check = self.work(case, "make_up")
            actions.check_make_up(check, good=good, note="缺盖章页", by=self.district.clerk, at=AT)
        missed = self.draft("contract")
        actions.owe_later(missed, "contract", "commitment", by=self.district.applicant, at=AT)
        self.accept(self.submit(missed, undertakes=True))
        sweep(at=AT + 30 * DAY)

    def rehearsals(self) -> None:
        """Concluded well and turned formal; concluded badly."""
        for verdict in (Verdict.PASS, Verdict.FAIL):
            case = self.draft("planning_permit")
            actions.rehearse(case, Mode.SIMULATED, by=self.district.applicant, at=AT)
            decision = self.review(self.accept(self.submit(case)))
            actions.conclude(decision, verdict=verdict, opinion="意见", by=self.district.leader, at=AT)
        actions.complete_materials(case, by=self.district.applicant, at=AT)
        paper = world.pdf("规划")
        actions.attach(case, "planning_permit", paper, name="规划.pdf", by=self.district.applicant, at=AT)
        actions.formalise(case, by=self.district.applicant, at=AT)

    def limits(self) -> None:
        """Stopped, running again, extended, watched, late, ended."""
        case = self.accept(self.submit(self.draft()))
        decision = self.review(case)
        leader = self.district.leader
        actions.suspend(decision, kind=Procedure.HEARING, reason="听证", amount=3, by=leader, at=AT)
        actions.resume(decision, kind=Procedure.HEARING, outcome="没有异议", by=leader, at=AT)
        actions.ask_extension(decision, reason="图纸复杂", by=leader, at=AT)
        actions.extend(self.work(case, "approval"), by=self.head, at=AT)
        case.refresh_from_db()
        assert case.due_at is not None
        sweep(at=case.due_at - timedelta(hours=1))
        pack = Pack.objects.get(slug="test-pack")
        for department in pack.district["departments"]:
            department["escalate"] = {"after": 0, "role": "leader"}
        pack.save(update_fields=["district"])
        sweep(at=case.due_at + DAY)
        actions.terminate(decision, reasons="申请人已注销", by=leader, at=case.due_at + DAY)

    def commitment(self) -> None:
        """Checked, to be put right, not put right, found false."""
        case = self.draft("funding")
        name = self.district.applicant.name
        actions.commit(case, name=name, by=self.district.applicant, at=AT)
        self.accept(self.submit(case))
        case = actions.grant(self.work(case, "decision"), by=self.district.leader, at=AT)
        actions.issue(case, by=SYSTEM, at=AT)
        clerk, leader = self.district.clerk, self.district.leader
        actions.check(self.work(case, "check"), found=Found.MENDING, finding="缺标识", by=clerk, at=AT)
        self.remind(case)
        sweep(at=AT + 60 * DAY)
        for by in (clerk, leader):
            actions.check(self.work(case, "check"), found=Found.FALSE, finding="场所不存在", by=by, at=AT)

    def rating(self) -> None:
        """A bad grade, called back on."""
        case = self.submit(self.draft())
        case = actions.decline(self.work(case, "intake"), reasons="不在本区", by=self.district.clerk, at=AT)
        actions.rate(case.pk, grade=1, door=RatingDoor.LINK, by=NOBODY, at=AT)
        said = {"finding": "属实", "put_right": "已改", "settled": Settled.YES}
        actions.call_back(self.work(case, "call_back"), by=self.district.leader, at=AT, **said)

    def lifecycle(self) -> None:
        """Corrected, renewed by silence, given up."""
        applicant, clerk, leader = self.district.applicant, self.district.clerk, self.district.leader
        case = world.draft("investment-filing", self.district.firm, applicant)
        self.accept(self.submit(case))
        case = actions.grant(self.work(case, "decision"), reasons="符合条件", by=leader, at=AT)
        actions.issue(case, by=SYSTEM, at=AT)
        for place in ("fact:project_name", "reasons"):
            slip = licences.propose_slip(case, texts={place: "改正"}, reasons="笔误", by=clerk, at=AT)
            licences.confirm_slip(slip, by=leader, at=AT)
        Licence.objects.filter(case=case).update(valid_until=(AT + 60 * DAY).date())
        before = {"before": days(30, "calendar_days"), "deemed": BASIS}
        self.in_writing()
        self.upon(case, "renew", {"valid_days": 365, "upon": before}, silent=True)
        self.upon(case, "cancel", {})

    def in_writing(self) -> None:
        """A service whose decision letter is all there is."""
        outcome = {"kind": "letter", "name": words("备案意见")}
        declare(self.folder, "investment-filing", materials=[], delivery=["electronic"], outcome=outcome)
        applicant = self.district.applicant
        case = world.draft("test-permit", self.district.firm, applicant, like="investment-filing")
        self.accept(self.submit(case))
        case = actions.grant(self.work(case, "decision"), by=self.district.leader, at=AT)
        actions.deliver(actions.issue(case, by=SYSTEM, at=AT), by=SYSTEM, at=AT)

    def upon(self, of: Case, act: str, outcome: dict[str, Any], *, silent: bool = False) -> None:
        """A case about the licence of another, decided or left to silence."""
        upon = {"act": act, **outcome.pop("upon", {})}
        declared = {"kind": "licence", "name": words("备案证明"), "licence_kind": "investment-filing", **outcome}
        service = declare(
            self.folder,
            "investment-filing",
            materials=[],
            delivery=["electronic"],
            outcome={**declared, "upon": upon},
        )
        held = current_of(
            Licence.objects.filter(holder=self.district.firm, kind="investment-filing").latest("edition")
        )
        case = licences.open_upon(service=service, licence=held, by=self.district.applicant, at=AT)
        answers = world.plain(world.sample("investment-filing"))
        actions.save_draft(case, answers, edit=0, by=self.district.applicant, at=AT)
        self.accept(self.submit(case))
        if silent:
            sweep(at=AT + 61 * DAY)
            case.refresh_from_db()
        else:
            case = actions.grant(self.work(case, "decision"), by=self.district.leader, at=AT)
        actions.issue(case, by=SYSTEM, at=AT + 61 * DAY)

    def proofs(self) -> None:
        """A licence of the registry that is told of otherwise, then revoked, while the case is under way."""
        funding = {"licence": {"kind": "proof-of-funds", "registry": True}}
        declare(self.folder, materials=with_materials("construction-permit", funding=funding))
        case = self.draft("funding")
        with override_settings(LICENCE_REGISTRY=f"{__name__}.Register"):
            grant = reuse.fetch(case, "funding", by=self.district.applicant, at=AT, key="1")
            self.accept(self.submit(case))
            for name, value in (("amount", "200"), ("status", "revoked")):
                with patch.object(Register, name, value):
                    reuse.verify(grant, by=SYSTEM, at=AT)

    def heard(self) -> None:
        """Somebody the permit touches has an account: told, heard, and the hearing called, late, and asked off."""
        district = self.district
        chairs = [world.staff(name, "approval-bureau", Role.CLERK) for name in ("chair", "other-chair")]
        case = self.submit(self.draft())
        self.accept(case)
        decision = self.review(case)
        phone = User.objects.get(pk=district.stranger.user_id).phone
        who = {"by": district.leader, "at": AT}
        said = {"name": "路人甲", "contact": phone, "interest": "采光"}
        one = actions.record_concerned(decision, concerned=new_id(), **said, **who)
        told = actions.tell_concerned(decision, one.pk, via="portal", **who)
        actions.answer_as_concerned(told, answer="nothing", by=district.stranger, at=AT)
        actions.tell_right(decision, ways={one.pk: "portal"}, **who)
        mine = case.tellings.get(what="right", to_applicant=True)
        actions.answer(case, mine.pk, answer="asked", by=district.applicant, at=AT)
        actions.call_hearing(
            decision,
            begins_at=AT + 15 * DAY,
            place="政务大厅",
            presider=chairs[0].pk,
            amount=20,
            ways={one.pk: "portal"},
            calls=0,
            **who,
        )
        actions.ask_recusal(case, reason="是亲戚", by=district.applicant, at=AT)
        actions.settle_recusal(decision, answer="换人主持。", presider=chairs[1].pk, **who)
        for days_later in (24, 40):
            sweep(at=AT + days_later * DAY)
        actions.keep_minutes(decision, minutes="记录", signed="路人甲", by=district.leader, at=AT + 41 * DAY)

    def bars(self) -> None:
        """Refused for false materials, which bars the applicant until a leader lifts it."""
        declare(self.folder, **self.rules, safety={"basis": BASIS})
        case = self.submit(self.draft())
        self.accept(case)
        who = {"by": self.district.leader, "at": AT}
        case = actions.refuse(self.review(case), reasons="材料虚假", falsehood=True, **who)
        actions.lift_bar(Bar.objects.get(case=case), reason="复议撤销", **who)

    def mail(self) -> None:
        """A message with a file for a draft, one that names no case, and one with what a case owes."""
        User.objects.filter(pk=self.district.applicant.user_id).update(email=SENDER, email_verified=True)
        case = self.draft("contract")
        for number in (case.number, ""):
            file = File("施工合同.pdf", world.pdf("contract").read())
            told = Mail(f"<{number}@example.test>", SENDER, True, False, "材料", "请查收。", number, (file,), False)
            actions.receive_mail(told, at=AT)
        owing = self.draft("contract")
        actions.owe_later(owing, "contract", "commitment", by=self.district.applicant, at=AT)
        self.accept(self.submit(owing, undertakes=True))
        owed = Mail("<owed@example.test>", SENDER, True, False, "后补", "请查收。", owing.number, (file,), False)
        actions.accept_mailed(actions.receive_mail(owed, at=AT).pk, by=self.district.clerk, at=AT)

    def all(self) -> None:
        """Everything."""
        parts = (self.corrections, self.tolerance, self.rehearsals, self.limits, self.commitment)
        for part in (*parts, self.rating, self.lifecycle, self.proofs, self.heard, self.bars, self.mail):
            part()
        assert not Case.objects.filter(result=Result.GRANTED, decision=None).exists()
