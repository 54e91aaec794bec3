"""Doors in step: mandates, the counter, what an applicant confirms, and calls for advice."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from PIL import Image

from tests import world
from zerotrip.cases import actions
from zerotrip.cases.actions.confirming import VALID, addressees, confirmed
from zerotrip.cases.actions.counter import case_to_take_over, end_of_day
from zerotrip.cases.models import (
    Assignment,
    Case,
    Confirmation,
    Consultation,
    Decision,
    Door,
    Means,
    Purpose,
)
from zerotrip.cases.states import Result, Step
from zerotrip.catalogue.models import Pack, Service
from zerotrip.channels.models import Message
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.files.actions import store
from zerotrip.ledger.queries import history
from zerotrip.licences.models import Licence
from zerotrip.parties import mandates
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.parties.actions import account_at
from zerotrip.parties.models import Deed, Given, Mandate, MandateKind, Membership, Party, PartyKind, Role, User

AT = world.MORNING
FILING = "investment-filing"


def user(actor) -> User:
    return User.objects.get(pk=actor.user_id)


def again(actor, at=AT):
    """The same person a request later, with the mandates there are by then."""
    return actor_for(user(actor), at=at)


def delegate(district, agent, *, deeds=tuple(Deed), until=AT + timedelta(days=30), **scope) -> Mandate:
    return mandates.give_mandate(
        district.firm,
        agent,
        kind=MandateKind.DELEGATED,
        given=Given.ONLINE,
        deeds=deeds,
        until=until,
        statement="网上授权",
        by=district.applicant,
        at=AT,
        **(scope or {"services": [FILING]}),
    )


def walk_in(district, *, phone="13700000001", given=Given.COUNTER, service=FILING) -> Case:
    """An agent of the firm at the counter."""
    contact = mandates.register_person(mandates.Person("林知远", phone), by=district.clerk, at=AT)
    world.agent(contact, district.firm)
    return actions.open_at_counter(
        service=Service.objects.get(pk=service),
        applicant=district.firm,
        contact=contact,
        given=given,
        case_id=uuid4(),
        by=district.clerk,
        at=AT,
    )


def keyed_in(district, **how) -> Case:
    """A walk-in's application, typed by the clerk with all its materials."""
    case = walk_in(district, **how)
    by = again(district.clerk)
    actions.save_draft(case, world.plain(world.sample(FILING)), edit=0, by=by, at=AT)
    for material in case.version.spec.materials:
        actions.attach(case, material.id, world.pdf(material.id), name="扫描件.pdf", by=by, at=AT)
    return case


def sent_code() -> str:
    return Message.objects.order_by("queued_at", "pk").last().body[:6]


def say_yes(case: Case, district, at=AT) -> Confirmation:
    (to, *_others) = addressees(case, at=at)
    asked = actions.ask_code(case, Purpose.HAND_IN, to=to, by=again(district.clerk), at=at)
    return actions.confirm_by_code(asked.pk, sent_code(), by=again(district.clerk), at=at)


class TestDelegatedFiling:
    def test_an_agent_files_under_a_mandate_as_the_applicant_would(self, district):
        agent = world.person("代办员")
        delegate(district, agent)
        case = world.draft(FILING, district.firm, world.acting(agent))
        case = actions.submit(case, by=world.acting(agent), at=AT)
        assert case.applicant == district.firm
        assert Case.objects.applied_by(world.acting(agent)).get() == case

    def test_the_same_mandate_given_again_is_the_one_there_is(self, district):
        agent = world.person("代办员")
        given = delegate(district, agent)
        assert delegate(district, agent) == given
        assert delegate(district, agent, deeds=(Deed.FILL,)) != given
        mandates.revoke_mandate(given.pk, by=district.applicant, at=AT)
        assert delegate(district, agent) != given, "taken back, it is given anew"
        with pytest.raises(Stale):
            mandates.give_mandate(
                world.enterprise("别家", 901),
                agent,
                key=given.pk,
                kind=given.kind,
                given=given.given,
                deeds=(Deed.FILL,),
                until=AT + timedelta(days=30),
                statement="网上授权",
                by=district.applicant,
                at=AT,
                services=[FILING],
            )

    def test_a_mandate_is_for_its_services_alone(self, district):
        agent = world.person("代办员")
        delegate(district, agent)
        with pytest.raises(NotAllowed):
            world.draft("pesticide-change", district.firm, world.acting(agent))

    def test_a_mandate_for_one_case_shows_no_other(self, district):
        mine = world.draft(FILING, district.firm, district.applicant)
        world.draft(FILING, district.firm, district.applicant)
        agent = world.person("代办员")
        delegate(district, agent, case=mine.pk)
        assert list(Case.objects.visible_to(world.acting(agent))) == [mine]

    def test_a_mandate_is_for_its_steps_alone(self, district):
        agent = world.person("代办员")
        delegate(district, agent, deeds=[Deed.FILL])
        case = world.draft(FILING, district.firm, world.acting(agent))
        with pytest.raises(NotAllowed, match="授权不包括"):
            actions.submit(case, by=world.acting(agent), at=AT)
        assert actions.submit(case, by=district.applicant, at=AT).submitted_at == AT

    def test_without_the_step_of_receiving_the_licence_stays_with_its_holder(self, district):
        filler, receiver = world.person("填表员"), world.person("领证员")
        case = world.draft(FILING, district.firm, district.applicant)
        delegate(district, filler, deeds=[Deed.FILL], case=case.pk)
        delegate(district, receiver, deeds=[Deed.RECEIVE], case=case.pk)
        actions.submit(case, by=district.applicant, at=AT)
        actions.accept(world.open_work(case)[0], by=district.clerk, at=AT)
        actions.grant(world.open_work(case)[0], by=district.leader, at=AT)
        actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=AT)
        assert not Licence.objects.visible_to(world.acting(filler)).exists()
        assert Licence.objects.visible_to(world.acting(receiver)).get().case == case

    def test_a_mandate_that_ends_while_filing_stops_the_next_save_and_loses_nothing(self, district):
        agent = world.person("代办员")
        delegate(district, agent, until=AT + timedelta(hours=1))
        case = world.draft(FILING, district.firm, world.acting(agent))
        saved = case.submissions.get()
        late = AT + timedelta(hours=2)
        with pytest.raises(NotAllowed):
            actions.save_draft(case, {"project_name": "新"}, edit=saved.edit, by=world.acting(agent, late), at=late)
        assert case.submissions.get().answers == saved.answers
        assert actions.submit(case, by=district.applicant, at=late).submitted_at == late

    def test_a_mandate_taken_back_ends_at_once(self, district):
        agent = world.person("代办员")
        mandate = delegate(district, agent)
        mandates.revoke_mandate(mandate.pk, by=district.applicant, at=AT)
        assert world.acting(agent).powers == ()
        with pytest.raises(Refused):
            mandates.revoke_mandate(mandate.pk, by=district.applicant, at=AT)

    def test_nobody_takes_back_what_is_not_theirs(self, district):
        mandate = delegate(district, world.person("代办员"))
        with pytest.raises(NotFound):
            mandates.revoke_mandate(mandate.pk, by=district.stranger, at=AT)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"until": AT - timedelta(days=1)},
            {"until": AT + timedelta(days=400)},
            {"deeds": []},
            {"services": []},
            {"statement": " "},
        ],
    )
    def test_a_mandate_names_scope_steps_end_and_evidence(self, district, wrong):
        told = {
            "kind": MandateKind.DELEGATED,
            "given": Given.ONLINE,
            "deeds": [Deed.FILL],
            "services": [FILING],
            "statement": "网上授权",
            "until": AT + timedelta(days=1),
            **wrong,
        }
        with pytest.raises(Invalid):
            mandates.give_mandate(district.firm, world.person("代办员"), by=district.applicant, at=AT, **told)
        assert not Mandate.objects.exists()

    def test_the_database_takes_no_mandate_for_nothing(self, district):
        mandate = delegate(district, world.person("代办员"))
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.filter(pk=mandate.pk).update(services=[])
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.filter(pk=mandate.pk).update(statement="")


class TestRecusal:
    def test_whoever_filed_under_a_mandate_keeps_out_even_after_it_has_ended(self, district):
        clerk = user(district.clerk)
        delegate(district, clerk, until=AT + timedelta(hours=1))
        case = world.draft(FILING, district.firm, again(district.clerk))
        actions.submit(case, by=again(district.clerk), at=AT)
        late = AT + timedelta(hours=2)
        (intake,) = world.open_work(case)
        with pytest.raises(NotAllowed, match="应当回避"):
            actions.accept(intake, by=again(district.clerk, late), at=late)
        assert intake not in Assignment.objects.for_hands_of(again(district.clerk, late))
        with pytest.raises(Refused, match="应当回避"):
            actions.assign(intake, to=again(district.clerk, late), by=district.leader, at=late)

    def test_whoever_keyed_in_does_not_accept_where_the_district_does_not_say_so(self, district):
        case = keyed_in(district)
        say_yes(case, district)
        actions.submit(case, by=again(district.clerk), at=AT)
        (intake,) = world.open_work(case)
        with pytest.raises(NotAllowed, match="由他人受理"):
            actions.accept(intake, by=again(district.clerk), at=AT)

    def test_whoever_keyed_in_accepts_at_a_single_counter_and_declines_nothing(self, district):
        single_counter()
        case = keyed_in(district)
        say_yes(case, district)
        actions.submit(case, by=again(district.clerk), at=AT)
        (intake,) = world.open_work(case)
        with pytest.raises(NotAllowed, match="由他人审查和决定"):
            actions.decline(intake, reasons="不属于本机关职权范围", by=again(district.clerk), at=AT)
        assert actions.accept(intake, by=again(district.clerk), at=AT).accepted_at == AT

    def test_whoever_keyed_in_never_decides(self, district):
        single_counter()
        Membership.objects.create(
            person=user(district.clerk).person,
            organisation=Party.objects.get(code="approval-bureau"),
            kind="staff",
            role=Role.LEADER,
            area_path=world.DISTRICT,
            during=world.period("2026-01-01", "2027-01-01"),
        )
        case = keyed_in(district)
        say_yes(case, district)
        actions.submit(case, by=again(district.clerk), at=AT)
        actions.accept(world.open_work(case)[0], by=again(district.clerk), at=AT)
        (decision,) = world.open_work(case)
        with pytest.raises(NotAllowed, match="由他人审查和决定"):
            actions.grant(decision, by=again(district.clerk), at=AT)
        with pytest.raises(DatabaseError, match="does not decide"), transaction.atomic():
            Decision.objects.create(
                case=case, verdict=Result.GRANTED, decided_by=user(district.clerk), decided_at=AT
            )
        assert actions.grant(decision, by=district.leader, at=AT).result == Result.GRANTED


def single_counter() -> None:
    """The district lets whoever keys in accept (综合窗口)."""
    pack = Pack.objects.get()
    pack.district = {**pack.district, "counter": {"accepts_own": True}}
    pack.save(update_fields=["district"])


class TestCounterIntake:
    def test_a_walk_in_has_the_same_case_as_online(self, district):
        case = keyed_in(district)
        assert case.door == Door.DESK
        say_yes(case, district)
        actions.submit(case, by=again(district.clerk), at=AT)
        handed_in = case.submissions.get()
        assert (handed_in.door, handed_in.submitted_by) == (Door.DESK, user(district.clerk))
        assert case in Case.objects.visible_to(district.applicant)

    def test_a_caller_comes_by_the_phone(self, district):
        case = keyed_in(district, given=Given.PHONE)
        say_yes(case, district)
        actions.submit(case, by=again(district.clerk), at=AT)
        assert (case.door, case.submissions.get().door) == (Door.PHONE, Door.PHONE)

    def test_the_journal_says_who_typed_which_round(self, district):
        case = keyed_in(district)
        typed = [entry for entry in history(case.pk) if entry.action == "fill_in"]
        assert [(e.actor, e.details["round"], e.details["kind"]) for e in typed] == [
            (district.clerk.user_id, 1, MandateKind.ASSISTED)
        ]

    def test_the_same_page_sent_twice_opens_one_case(self, district):
        case = walk_in(district)
        same = actions.open_at_counter(
            service=case.version.service,
            applicant=district.firm,
            contact=user(district.applicant),
            given=Given.COUNTER,
            case_id=case.pk,
            by=again(district.clerk),
            at=AT,
        )
        assert same == case
        assert Mandate.objects.filter(kind=MandateKind.ASSISTED).count() == 1

    def test_help_ends_with_the_day(self, district):
        case = walk_in(district)
        tomorrow = end_of_day(AT)
        with pytest.raises(NotAllowed):
            actions.save_draft(case, {}, edit=0, by=again(district.clerk, tomorrow), at=tomorrow)
        assert not Case.objects.visible_to(again(district.clerk, tomorrow)).filter(pk=case.pk).exists()

    def test_only_clerks_take_in(self, district):
        with pytest.raises(NotAllowed, match="受理岗位"):
            walk_in(replace_clerk(district, district.housing))

    def test_nobody_takes_their_own_firm_in(self, district):
        world.agent(user(district.clerk), district.firm)
        with pytest.raises(Refused, match="网上办理"):
            walk_in(replace_clerk(district, again(district.clerk)))

    def test_whoever_comes_for_a_firm_brings_its_authority(self, district):
        contact = mandates.register_person(mandates.Person("来人", "13700000009"), by=district.clerk, at=AT)
        told = {
            "service": Service.objects.get(pk=FILING),
            "applicant": district.firm,
            "contact": contact,
            "given": Given.COUNTER,
            "by": district.clerk,
            "at": AT,
        }
        with pytest.raises(Invalid, match="授权委托书"):
            actions.open_at_counter(case_id=uuid4(), **told)
        assert not Case.objects.exists()
        case = actions.open_at_counter(case_id=uuid4(), authority=store(world.pdf("委托书"), at=AT), **told)
        assert list(Case.objects.applied_by(world.acting(contact))) == [case]

    def test_a_commitment_is_signed_by_the_applicant_alone(self, district):
        case = walk_in(district, service="pesticide-change")
        with pytest.raises(Refused, match="本人"):
            actions.commit(case, name="clerk", by=again(district.clerk), at=AT)

    def test_taking_back_is_the_applicants_own(self, district):
        case = walk_in(district)
        with pytest.raises(NotAllowed):
            actions.withdraw(case, by=again(district.clerk), at=AT)


def replace_clerk(district, actor):
    return replace(district, clerk=actor)


class TestConfirmation:
    def test_nothing_keyed_in_is_handed_in_without_the_applicants_yes(self, district):
        case = keyed_in(district)
        with pytest.raises(Invalid) as refused:
            actions.submit(case, by=again(district.clerk), at=AT)
        assert set(refused.value.problems) == {"confirmation"}

    def test_a_yes_is_to_what_was_there_and_to_nothing_else(self, district):
        case = keyed_in(district)
        say_yes(case, district)
        edit = case.submissions.get().edit
        actions.save_draft(case, {"project_name": "另一个"}, edit=edit, by=again(district.clerk), at=AT, keep=True)
        with pytest.raises(Invalid):
            actions.submit(case, by=again(district.clerk), at=AT)

    def test_another_material_needs_another_yes(self, district):
        case = keyed_in(district)
        say_yes(case, district)
        case.submissions.get().materials.first().delete()
        assert confirmed(case.submissions.select_related("case").get()) is None

    def test_a_signature_is_as_good_as_a_code(self, district):
        case = keyed_in(district)
        actions.confirm_on_paper(case, Purpose.HAND_IN, world.pdf("签字页"), by=again(district.clerk), at=AT)
        assert actions.submit(case, by=again(district.clerk), at=AT).submitted_at == AT

    def test_the_applicant_may_hand_in_themselves_instead(self, district):
        case = keyed_in(district)
        actions.submit(case, by=district.applicant, at=AT)
        assert case.submissions.get().door == Door.PORTAL

    def test_a_wrong_code_counts_and_five_end_it(self, district):
        case = keyed_in(district)
        (to, *_others) = addressees(case, at=AT)
        asked = actions.ask_code(case, Purpose.HAND_IN, to=to, by=again(district.clerk), at=AT)
        right = sent_code()
        wrong = "000000" if right != "000000" else "111111"
        for _try in range(5):
            with pytest.raises(Invalid, match="不对"):
                actions.confirm_by_code(asked.pk, wrong, by=again(district.clerk), at=AT)
        with pytest.raises(Refused, match="重新发送"):
            actions.confirm_by_code(asked.pk, right, by=again(district.clerk), at=AT)

    def test_a_code_expires(self, district):
        case = keyed_in(district)
        (to, *_others) = addressees(case, at=AT)
        asked = actions.ask_code(case, Purpose.HAND_IN, to=to, by=again(district.clerk), at=AT)
        late = AT + VALID + timedelta(seconds=1)
        with pytest.raises(Refused, match="过期"):
            actions.confirm_by_code(asked.pk, sent_code(), by=again(district.clerk), at=late)

    def test_a_code_is_typed_by_whoever_asked_for_it(self, district):
        case = keyed_in(district)
        (to, *_others) = addressees(case, at=AT)
        asked = actions.ask_code(case, Purpose.HAND_IN, to=to, by=again(district.clerk), at=AT)
        with pytest.raises(NotFound):
            actions.confirm_by_code(asked.pk, sent_code(), by=district.housing, at=AT)

    def test_the_database_takes_no_confirmation_of_nothing(self, district):
        case = keyed_in(district)
        with pytest.raises(IntegrityError), transaction.atomic():
            Confirmation.objects.create(
                case=case, purpose=Purpose.HAND_IN, means=Means.PAPER, asked_by=user(district.clerk), asked_at=AT
            )


class TestHandOver:
    def test_an_online_draft_goes_on_at_the_counter_with_the_applicants_yes(self, district):
        case = world.draft(FILING, district.firm, district.applicant)
        with pytest.raises(NotAllowed):
            actions.save_draft(case, {}, edit=1, by=district.clerk, at=AT)
        (to,) = addressees(case, at=AT)
        asked = actions.ask_code(case, Purpose.TAKE_OVER, to=to, by=district.clerk, at=AT)
        said = actions.confirm_by_code(asked.pk, sent_code(), by=district.clerk, at=AT)
        actions.take_over(said, Given.COUNTER, by=district.clerk, at=AT)
        saved = actions.save_draft(case, {"project_name": "改"}, edit=1, by=again(district.clerk), at=AT, keep=True)
        assert saved.answers["project_name"] == "改"

    def test_without_that_yes_nothing_is_taken_over(self, district):
        case = world.draft(FILING, district.firm, district.applicant)
        (to,) = addressees(case, at=AT)
        asked = actions.ask_code(case, Purpose.TAKE_OVER, to=to, by=district.clerk, at=AT)
        with pytest.raises(Refused, match="还没有同意"):
            actions.take_over(asked, Given.COUNTER, by=district.clerk, at=AT)

    def test_a_correction_goes_on_at_the_counter_and_says_by_which_door(self, district):
        case = world.draft(FILING, district.firm, district.applicant)
        actions.submit(case, by=district.applicant, at=AT)
        (intake,) = world.open_work(case)
        actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=AT)
        said = actions.confirm_on_paper(case, Purpose.TAKE_OVER, world.pdf("委托"), by=district.clerk, at=AT)
        actions.take_over(said, Given.COUNTER, by=district.clerk, at=AT)
        by = again(district.clerk)
        actions.save_draft(case, {"project_name": "改好的"}, edit=0, by=by, at=AT, keep=True)
        actions.confirm_on_paper(case, Purpose.HAND_IN, world.pdf("签字"), by=by, at=AT)
        actions.correct(case, by=by, at=AT)
        assert list(case.submissions.order_by("round").values_list("door", flat=True)) == [Door.PORTAL, Door.DESK]

    def test_a_case_under_review_is_not_taken_over(self, district):
        case = world.draft(FILING, district.firm, district.applicant)
        actions.submit(case, by=district.applicant, at=AT)
        said = actions.confirm_on_paper(case, Purpose.TAKE_OVER, world.pdf("委托"), by=district.clerk, at=AT)
        with pytest.raises(Stale):
            actions.take_over(said, Given.COUNTER, by=district.clerk, at=AT)

    def test_both_at_once_is_told_to_the_second(self, district):
        case = keyed_in(district)
        edit = case.submissions.get().edit
        actions.save_draft(case, {"project_name": "甲"}, edit=edit, by=district.applicant, at=AT, keep=True)
        with pytest.raises(Stale):
            actions.save_draft(case, {"project_name": "乙"}, edit=edit, by=again(district.clerk), at=AT, keep=True)

    def test_a_number_nobody_has_is_not_found(self, district):
        with pytest.raises(NotFound):
            case_to_take_over("SF-2026-999999", by=district.clerk)


class TestTheSamePerson:
    def test_whoever_signs_in_at_that_phone_later_is_this_person(self, district):
        made = mandates.register_person(mandates.Person("赵虚构", "13700000002"), by=district.clerk, at=AT)
        assert account_at(phone="13700000002", at=AT).person == made.person

    def test_somebody_known_is_not_made_twice(self, district):
        known = user(district.applicant)
        found = mandates.register_person(mandates.Person("林知远", known.phone), by=district.clerk, at=AT)
        assert found == known

    def test_another_name_at_the_same_phone_is_refused_without_telling_whose(self, district):
        known = user(district.applicant)
        with pytest.raises(Invalid) as refused:
            mandates.register_person(mandates.Person("钱某某", known.phone), by=district.clerk, at=AT)
        assert "林知远" not in refused.value.message

    def test_an_identity_number_is_sealed_and_belongs_to_one(self, district):
        number = "110101199003074477"
        made = mandates.register_person(
            mandates.Person("赵虚构", "13700000003", identity_number=number), by=district.clerk, at=AT
        )
        row = Party.objects.get(pk=made.person_id)
        assert number.encode() not in bytes(row.ric_sealed)
        same = mandates.register_person(
            mandates.Person("赵虚构", "13700000004", identity_number=number), by=district.clerk, at=AT
        )
        assert same == made
        with pytest.raises(Invalid):
            mandates.register_person(
                mandates.Person("孙虚构", "13700000005", identity_number=number), by=district.clerk, at=AT
            )

    def test_what_does_not_pass_is_named_all_at_once(self, district):
        with pytest.raises(Invalid) as refused:
            mandates.register_person(
                mandates.Person("", "123", identity_number="110101199003074478"), by=district.clerk, at=AT
            )
        assert set(refused.value.problems) == {"name", "phone", "identity_number"}

    def test_a_firm_is_found_by_its_code(self, district):
        firm = mandates.register_enterprise(
            name=district.firm.name, uscc=district.firm.uscc, by=district.clerk, at=AT
        )
        assert firm == district.firm
        with pytest.raises(Invalid):
            mandates.register_enterprise(name="另一家公司", uscc=district.firm.uscc, by=district.clerk, at=AT)
        made = mandates.register_enterprise(name="虚构新公司", uscc=world.uscc(77), by=district.clerk, at=AT)
        assert made.kind == PartyKind.ENTERPRISE


class TestPhotographs:
    def test_page_after_page_becomes_one_document(self, district):
        case = walk_in(district)
        material = case.version.spec.materials[0].id
        by = again(district.clerk)
        for colour in ("white", "grey"):
            actions.attach_pages(case, material, [photograph(colour)], name="拍照.pdf", by=by, at=AT)
        (bound,) = case.submissions.get().materials.all()
        assert bound.blob.pages == 2


def photograph(colour: str) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, "JPEG")
    out.seek(0)
    return out


class TestCalls:
    def record(self, district, **told) -> Consultation:
        return actions.record_consultation(
            **{
                "question": "农药经营许可证改名要什么材料？",
                "minutes": 3,
                "phone": "13700000006",
                "service": "pesticide-change",
                "key": uuid4(),
                "by": district.clerk,
                "at": AT,
                **told,
            }
        )

    def test_the_same_press_is_one_call_and_a_colleagues_is_not_ones_own(self, district):
        call = self.record(district)
        assert self.record(district, key=call.pk).pk == call.pk
        with pytest.raises(Stale):
            self.record(district, key=call.pk, by=district.housing)

    def test_the_guide_goes_out_as_a_link_once(self, district, settings):
        call = self.record(district)
        actions.send_guide(call.pk, by=district.clerk, at=AT)
        actions.send_guide(call.pk, by=district.clerk, at=AT)
        (sent,) = Message.objects.all()
        assert sent.address == "13700000006"
        assert f"{settings.SITE_URL}/services/pesticide-change/" in sent.body

    def test_without_service_or_address_there_is_no_guide_to_send(self, district):
        with pytest.raises(Refused):
            actions.send_guide(self.record(district, service="").pk, by=district.clerk, at=AT)
        with pytest.raises(Refused):
            actions.send_guide(self.record(district, phone="").pk, by=district.clerk, at=AT)

    def test_pressed_twice_it_is_one_call(self, district):
        key = uuid4()
        assert self.record(district, key=key) == self.record(district, key=key)
        assert Consultation.objects.count() == 1

    def test_what_is_wrong_is_said_at_its_place(self, district):
        with pytest.raises(Invalid) as refused:
            self.record(
                district, question=" ", minutes=-1, phone="1", service="no-such", number="SF-1-1", email="x"
            )
        assert set(refused.value.problems) == {"question", "minutes", "phone", "service", "number", "email"}

    def test_a_case_one_may_not_see_is_not_named(self, district):
        case = world.draft(FILING, district.firm, district.applicant)
        with pytest.raises(Invalid):
            self.record(district, number=case.number)

    def test_calls_are_read_in_their_office_and_watched_in_their_area(self, district):
        call = self.record(district)
        assert call in Consultation.objects.visible_to(district.leader)
        assert call in Consultation.objects.visible_to(district.supervisor)
        assert call not in Consultation.objects.visible_to(district.housing)
        assert call not in Consultation.objects.visible_to(district.applicant)

    def test_what_identifies_is_wiped_and_what_is_counted_stays(self, district, settings):
        call = self.record(district, caller="王女士")
        on_time = AT + timedelta(days=settings.CONSULTATION_KEEP)
        assert actions.purge_consultations(at=on_time - timedelta(seconds=1)) == 0
        assert actions.purge_consultations(at=on_time) == 1
        call.refresh_from_db()
        assert (call.caller, call.phone, call.question, call.answer) == ("", "", "", "")
        assert (call.minutes, call.service_id) == (3, "pesticide-change")


def test_the_pack_decides_who_may_accept(district):
    case = keyed_in(district)
    say_yes(case, district)
    actions.submit(case, by=again(district.clerk), at=AT)
    (intake,) = world.open_work(case)
    colleague = world.acting(world.staff("clerk2", "approval-bureau", Role.CLERK))
    assert actions.accept(intake, by=colleague, at=AT).accepted_at == AT
    assert Step.ACCEPT in [entry.action for entry in history(case.pk)]
