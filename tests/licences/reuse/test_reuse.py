"""A licence held here stands in for a material: consented to, logged, read-only, looked at again to the end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests import world
from tests.licences.reuse.conftest import AT, FACTS, change, later
from zerotrip.cases import actions
from zerotrip.cases.actions.draft import judged
from zerotrip.cases.models import Case, Submission, Verdict
from zerotrip.cases.states import Status
from zerotrip.channels.models import Notice
from zerotrip.duties.models import Obligation
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.licences import actions as licences
from zerotrip.licences.actions.stopping import change as change_licence
from zerotrip.licences.actions.stopping import locked
from zerotrip.licences.models import Licence
from zerotrip.licences.reuse import actions as reuse
from zerotrip.licences.reuse.models import Grant
from zerotrip.licences.reuse.queries import offers, proved_for, to_look_at, uses_of
from zerotrip.licences.states import Ground
from zerotrip.parties.access import SYSTEM

pytestmark = pytest.mark.django_db

COPY = "licence_copy"


def round_of(case: Case) -> Submission:
    return Submission.objects.select_related("case").get(case=case, submitted_at=None)


def missing(case: Case, at=AT) -> dict[str, list[str]]:
    return judged(round_of(case), at=at)[1]


def agree(district, case: Case, licence: Licence, at=AT) -> Grant:
    return reuse.use(case, COPY, licence, by=district.applicant, at=at)


def handed_in(district, held) -> tuple[Case, Licence]:
    licence, case = held(), change(district)
    agree(district, case, licence)
    return actions.submit(case, by=district.applicant, at=AT), licence


def accepted(district, held) -> tuple[Case, Licence]:
    case, licence = handed_in(district, held)
    (intake,) = world.open_work(case)
    return actions.accept(intake, by=district.clerk, at=AT), licence


def to_be_decided(district, case: Case):
    for work in world.open_work(case, "review"):
        actions.review(work, verdict=Verdict.PASS, by=district.agriculture, at=AT)
    (decision,) = world.open_work(case, "decision")
    return decision


def actions_of(subject) -> list[str]:
    return list(Entry.objects.filter(subject=subject.pk).order_by("seq").values_list("action", flat=True))


class TestConsent:
    def test_what_the_system_holds_is_not_asked_for_again(self, district, held):
        """国务院关于在线政务服务的若干规定: what is shared must not be asked for again."""
        case = change(district)
        assert f"material:{COPY}" in missing(case)
        agree(district, case, held())
        assert missing(case) == {}
        assert actions.submit(case, by=district.applicant, at=AT).status == Status.SUBMITTED

    def test_it_is_written_into_the_journals_of_case_and_licence(self, district, held):
        licence, case = held(), change(district)
        grant = agree(district, case, licence)
        assert actions_of(case)[-1] == "licence_used"
        assert actions_of(licence) == ["used"]
        assert Entry.objects.get(subject=licence.pk).details["case"] == case.number
        assert grant.consented_by_id == district.applicant.user_id
        assert case.version.spec.name.zh in grant.consent["zh"]
        assert licence.number in grant.consent["zh"]
        assert "agree" in grant.consent["en"].lower()

    def test_agreeing_twice_is_agreeing_once(self, district, held):
        licence, case = held(), change(district)
        assert agree(district, case, licence).pk == agree(district, case, licence, later(minutes=1)).pk
        assert actions_of(licence) == ["used"]

    def test_only_the_applicants_side_can_agree(self, district, held):
        licence, case = held(), change(district)
        for other in (district.stranger, district.clerk):
            with pytest.raises(NotAllowed):
                reuse.use(case, COPY, licence, by=other, at=AT)

    def test_the_licence_of_another_holder_does_not_do(self, district, held):
        other = held(world.enterprise("别人的虚构公司", 901))
        with pytest.raises(Refused, match="不能代替"):
            agree(district, change(district), other)

    def test_a_licence_of_another_kind_does_not_do(self, district, held):
        with pytest.raises(Refused, match="不能代替"):
            agree(district, change(district), held(kind="something-else"))

    def test_taken_back_before_handing_in_the_material_is_asked_for_again(self, district, held):
        licence, case = held(), change(district)
        agree(district, case, licence)
        reuse.take_back(case, COPY, by=district.applicant, at=AT)
        assert f"material:{COPY}" in missing(case)
        assert actions_of(licence) == ["used", "use_ended"]
        actions.attach(case, COPY, world.pdf("own"), name="原证.pdf", by=district.applicant, at=AT)
        assert missing(case) == {}

    def test_while_a_licence_stands_in_nothing_is_uploaded(self, district, held):
        case = change(district)
        agree(district, case, held())
        with pytest.raises(Refused, match="电子证照"):
            actions.attach(case, COPY, world.pdf("own"), name="原证.pdf", by=district.applicant, at=AT)

    def test_after_handing_in_nothing_can_be_taken_back(self, district, held):
        case, _licence = handed_in(district, held)
        with pytest.raises(Stale):
            reuse.take_back(case, COPY, by=district.applicant, at=AT)

    def test_what_was_read_and_agreed_to_stays_as_it_was(self, district, held):
        grant = agree(district, change(district), held())
        for changes in ({"facts": {}}, {"consent": {}}, {"number": "x"}, {"material": "x"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Grant.objects.filter(pk=grant.pk).update(**changes)


class TestFilledIn:
    def test_the_licence_fills_in_what_it_says(self, district, held):
        licence, case = held(), change(district)
        agree(district, case, licence)
        answers = round_of(case).answers
        assert answers["licence_number"] == licence.number
        assert answers["licence_representative"] == FACTS["representative"]
        assert answers["licence_valid_until"] == "2029-08-31"

    def test_nobody_types_over_it(self, district, held):
        licence, case = held(), change(district)
        agree(district, case, licence)
        typed = {"licence_number": "改过的", "contact_name": "也改了"}
        saved = actions.save_draft(case, typed, edit=1, by=district.applicant, at=AT, keep=True)
        assert saved.answers["licence_number"] == licence.number
        assert saved.answers["contact_name"] == "也改了"

    def test_what_the_form_would_not_take_is_left_to_the_applicant(self, district, held):
        case = change(district)
        before = round_of(case).answers["licence_scope"]
        grant = agree(district, case, held(facts={**FACTS, "scope": "长" * 300}))
        assert "licence_scope" not in grant.filled
        assert round_of(case).answers["licence_scope"] == before

    def test_taken_back_it_can_be_typed_again(self, district, held):
        case = change(district)
        agree(district, case, held())
        reuse.take_back(case, COPY, by=district.applicant, at=AT)
        saved = actions.save_draft(
            case, {"licence_number": "手写"}, edit=1, by=district.applicant, at=AT, keep=True
        )
        assert saved.answers["licence_number"] == "手写"


STATUTORY_END = date(2026, 3, 31)
"""Twenty working days after the morning of 3 March 2026, as scenarios/pesticide-change.yaml has it."""


class TestWhatNeverSatisfies:
    @pytest.mark.parametrize("step", ["suspend", "revoke"])
    def test_suspended_and_revoked_licences_never_satisfy(self, district, held, step):
        licence = held()
        stopped(licence, step)
        case = change(district)
        with pytest.raises(Refused, match="不能代替"):
            agree(district, case, licence)
        assert offers(case, at=AT)[COPY].usable is None

    @pytest.mark.parametrize(
        ("until", "does"),
        [
            (date(2026, 3, 2), False),  # expired yesterday
            (STATUTORY_END - timedelta(days=1), False),
            (STATUTORY_END, True),
            (None, True),
        ],
    )
    def test_a_licence_has_to_hold_to_the_statutory_end_of_the_case(self, district, held, until, does):
        case, licence = change(district), held(valid_until=until)
        offer = offers(case, at=AT)[COPY]
        assert (offer.usable == licence) is does
        assert bool(offer.why_not) is not does
        if does:
            agree(district, case, licence)
        else:
            with pytest.raises(Refused):
                agree(district, case, licence)

    def test_of_several_licences_the_latest_that_will_do_is_offered(self, district, held):
        good = held(issued_at=AT - timedelta(days=30))
        held(issued_at=AT - timedelta(days=1), status="suspended", stopped_at=AT, stopped_because="虚构")
        assert offers(change(district), at=AT)[COPY].usable == good

    def test_at_handing_in_it_is_looked_at_again(self, district, held):
        licence, case = held(), change(district)
        agree(district, case, licence)
        licences.suspend(licence, reason="虚构的理由", by=agriculture_leader(), at=AT)
        with pytest.raises(Invalid) as refused:
            actions.submit(case, by=district.applicant, at=AT)
        assert list(refused.value.problems) == [f"material:{COPY}"]


def agriculture_leader():
    from zerotrip.parties.models import Role

    return world.acting(world.staff("leader-agriculture", "agriculture", Role.LEADER))


def stopped(licence: Licence, step: str) -> None:
    ground = Ground.ANNUL if step == "revoke" else Ground.NONE
    with transaction.atomic():
        change_licence(step, locked(licence), reason="虚构的理由", by=SYSTEM, at=AT, ground=ground)


def revoked(licence: Licence) -> None:
    stopped(licence, "revoke")


class TestRevokedInBetween:
    def test_accepted_the_material_is_owed_instead(self, district, held):
        case, licence = handed_in(district, held)
        revoked(licence)
        (intake,) = world.open_work(case)
        actions.accept(intake, by=district.clerk, at=AT)
        owed = Obligation.objects.get(subject=case.pk, key=COPY)
        assert owed.status == "open"

    def test_nothing_is_granted_on_it(self, district, held):
        case, licence = accepted(district, held)
        decision = to_be_decided(district, case)
        revoked(licence)
        with pytest.raises(Refused, match="已撤销"):
            actions.grant(decision, by=district.leader, at=AT)

    def test_staff_are_told_and_the_applicant_owes_the_material(self, district, held):
        case, licence = accepted(district, held)
        revoked(licence)
        for _twice in range(2):
            reuse.look_at(Grant.objects.get(case=case), by=SYSTEM, at=AT)
        world.tell_queued()
        assert Notice.objects.filter(template="staff_licence_failed", user=district.clerk.user_id).count() == 1
        assert Notice.objects.filter(template="material_owed", user=district.applicant.user_id).count() == 1
        assert Obligation.objects.get(subject=case.pk).key == COPY

    def test_made_up_and_compared_it_is_granted(self, district, held):
        case, licence = accepted(district, held)
        decision = to_be_decided(district, case)
        revoked(licence)
        reuse.look_at(Grant.objects.get(case=case), by=SYSTEM, at=AT)
        paper = [(world.pdf("paper"), "原证.pdf")]
        actions.make_up(case, COPY, paper, by=district.applicant, at=AT, record=case.pk)
        with pytest.raises(Refused, match="没有补齐"):
            actions.grant(decision, by=district.leader, at=AT)
        (compare,) = world.open_work(case, "make_up")
        actions.check_make_up(compare, good=True, by=district.clerk, at=AT)
        assert actions.grant(decision, by=district.leader, at=AT).status == Status.GRANTED

    def test_of_a_licence_renewed_meanwhile_the_present_edition_counts(self, district, held):
        case, licence = accepted(district, held)
        decision = to_be_decided(district, case)
        Licence.objects.filter(pk=licence.pk).update(status="replaced", stopped_at=AT, stopped_because="延续")
        later_edition = held(number=licence.number, edition=2, origin="renew", replaces=licence)
        assert list(to_look_at(AT)) == []
        assert Grant.objects.get(case=case).trouble(at=AT) == ""
        revoked(later_edition)
        assert list(to_look_at(AT)) == [Grant.objects.get(case=case)]
        with pytest.raises(Refused, match="已撤销"):
            actions.grant(decision, by=district.leader, at=AT)

    def test_suspended_and_resumed_before_anybody_looked_nothing_happened(self, district, held):
        case, licence = accepted(district, held)
        by = agriculture_leader()
        licences.suspend(licence, reason="虚构的理由", by=by, at=AT)
        licences.resume(licence, reason="虚构的理由", by=by, at=AT)
        assert actions.grant(to_be_decided(district, case), by=district.leader, at=AT).status == Status.GRANTED


class TestCorrections:
    def test_a_named_licence_can_be_replaced_by_a_paper(self, district, held):
        case, _licence = handed_in(district, held)
        (intake,) = world.open_work(case)
        place = f"material:{COPY}"
        actions.request_correction(intake, items={place: "看不清"}, by=district.clerk, at=AT)
        with pytest.raises(Invalid, match="没有改"):
            actions.correct(case, by=district.applicant, at=AT)
        reuse.take_back(case, COPY, by=district.applicant, at=AT)
        actions.attach(case, COPY, world.pdf("own"), name="原证.pdf", by=district.applicant, at=AT)
        assert actions.correct(case, by=district.applicant, at=AT).status == Status.SUBMITTED

    def test_what_was_not_named_stays(self, district, held):
        case, _licence = handed_in(district, held)
        (intake,) = world.open_work(case)
        actions.request_correction(intake, items={"contact_name": "请核对"}, by=district.clerk, at=AT)
        with pytest.raises(Refused, match="补正范围"):
            reuse.take_back(case, COPY, by=district.applicant, at=AT)
        actions.save_draft(case, {"contact_name": "改"}, edit=0, by=district.applicant, at=AT, keep=True)
        assert actions.correct(case, by=district.applicant, at=AT).status == Status.SUBMITTED


class TestWhoSees:
    def test_staff_see_what_was_handed_in_and_their_stage_looks_at(self, district, held):
        case = change(district)
        grant = agree(district, case, held())
        assert not Grant.objects.visible_to(district.clerk).exists()
        actions.submit(case, by=district.applicant, at=AT)
        assert Grant.objects.visible_to(district.clerk).get() == grant
        assert Grant.objects.visible_to(district.supervisor).get() == grant
        for nobody in (district.stranger, district.housing):
            assert not Grant.objects.visible_to(nobody).exists()

    def test_the_holder_sees_who_used_it_for_what(self, district, held):
        case, licence = handed_in(district, held)
        (use,) = uses_of([licence], district.applicant)[licence.pk]
        assert (use.case, use.consented_by_id) == (case, district.applicant.user_id)

    def test_the_guide_knows_what_is_proved_already(self, district, held):
        spec, area = change(district).version.spec, district.firm.area_path
        assert proved_for(district.applicant, spec, area_path=area, at=AT) == {}
        licence = held()
        assert proved_for(district.applicant, spec, area_path=area, at=AT) == {COPY: licence}
        assert proved_for(district.stranger, spec, area_path=area, at=AT) == {}


def test_a_service_that_reuses_nothing_asks_nobody(district, django_assert_num_queries):
    case = world.draft("investment-filing", district.firm, district.applicant)
    submission = round_of(case)
    judged(submission, at=AT)
    with django_assert_num_queries(1):
        judged(submission, at=AT)
    assert timezone.is_aware(AT)
