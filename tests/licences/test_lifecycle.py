"""A licence is changed, renewed, issued again and given up by cases about it: one number, one present edition."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from tests import lawful, world
from tests.world import MORNING, open_work
from zerotrip.cases import actions as cases
from zerotrip.cases.actions import sweeping
from zerotrip.cases.models import Case, Decision, Verdict
from zerotrip.cases.states import Result, Status
from zerotrip.cases.tasks import produce
from zerotrip.catalogue.models import Service
from zerotrip.errors import Invalid, NotAllowed, Refusal, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences import actions, letters, queries
from zerotrip.licences.identifiers import is_identifier
from zerotrip.licences.models import Concern, Counter, Licence
from zerotrip.licences.states import Ground, Origin, Standing, diagram
from zerotrip.licences.states import Status as LicenceStatus
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

UNTIL = "2026-08-31"


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=CHINA)


def granted(case: Case, district, *, when: datetime = MORNING) -> Case:
    """Through intake, the reviews there are, and the decision."""
    for work in open_work(case):
        cases.accept(work, by=district.clerk, at=when)
    for work in open_work(case, "review"):
        cases.review(work, verdict=Verdict.PASS, by=district.agriculture, at=when)
    (decision,) = open_work(case, "decision")
    return cases.grant(decision, by=district.leader, at=when)


def done(case: Case, *, when: datetime = MORNING) -> Case:
    case = cases.issue(case, by=SYSTEM, at=when)
    return cases.deliver(case, by=SYSTEM, at=when)


@pytest.fixture
def licence(district) -> Licence:
    """A pesticide licence issued here, valid to the end of August."""
    case = world.draft("pesticide-change", district.firm, district.applicant, licence_valid_until=UNTIL)
    case = cases.submit(case, by=district.applicant, at=MORNING)
    done(granted(case, district))
    return Licence.objects.get(case=case)


STAGES = [
    {"id": "intake", "kind": "intake", "department": "approval-bureau", "name": lawful.words("受理")},
    {
        "id": "decision",
        "kind": "decision",
        "department": "approval-bureau",
        "after": ["intake"],
        "name": lawful.words("决定"),
    },
]
FORM = [
    {
        "id": "it",
        "title": lawful.words("证照"),
        "fields": [
            {"id": "licence_number", "kind": "text", "label": lawful.words("编号")},
            {"id": "operator", "kind": "text", "label": lawful.words("名称")},
        ],
    }
]
FILLS = {"licence_number": "number", "operator": "operator"}


def service(folder, act: str, **outcome: Any) -> Service:
    """A service that does this to pesticide licences, and takes nothing else than the number and the name."""
    upon = {"act": act, "fills": FILLS, **outcome.pop("upon", {})}
    declared = {
        "kind": "licence",
        "name": lawful.words("农药经营许可证"),
        "licence_kind": "pesticide-licence",
        **outcome,
    }
    return lawful.declare(
        folder,
        "pesticide-change",
        form=FORM,
        materials=[],
        stages=STAGES,
        promise=None,
        apply=[],
        subject="operator",
        area=None,
        delivery=["electronic"],
        outcome={**declared, "upon": upon},
    )


def begun(service: Service, licence: Licence, district, *, when: datetime = MORNING, **changes: Any) -> Case:
    case = actions.open_upon(service=service, licence=licence, by=district.applicant, at=when)
    if changes:
        cases.save_draft(case, changes, edit=0, by=district.applicant, at=when, keep=True)
    return case


RENEWS = {
    "valid_days": 365,
    "upon": {
        "before": lawful.days(30, "calendar_days"),
        "deemed": {"zh": "《行政许可法》第五十条第二款", "en": "art. 50(2) of the Administrative Licensing Law"},
    },
}


def test_a_change_is_the_next_edition_of_the_same_number(district, licence):
    pesticide = Service.objects.get(pk="pesticide-change")
    case = begun(pesticide, licence, district)
    answers = case.submissions.get().answers
    assert answers["licence_number"] == licence.number
    assert answers["licence_representative"] == licence.facts["representative"]
    assert answers["licence_valid_until"] == UNTIL
    told = {
        name: value for name, value in world.plain(world.sample("pesticide-change")).items() if name not in answers
    }
    cases.save_draft(
        case, {**told, "changes": ["address"], "address_after": "新址 9 号"}, edit=0, by=district.applicant,
        at=MORNING, keep=True,
    )  # fmt: skip
    for material in ("change_proof", "licence_copy"):
        cases.attach(case, material, world.pdf(material), name="a.pdf", by=district.applicant, at=MORNING)
    case = done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    made, old = Licence.objects.get(case=case), Licence.objects.get(pk=licence.pk)
    assert (made.number, made.edition, made.origin) == (licence.number, 2, Origin.CHANGE)
    assert made.facts["address"] == "新址 9 号"
    assert made.facts["representative"] == licence.facts["representative"], "what did not change stays"
    assert made.valid_until == licence.valid_until
    assert made.identifier.split(".")[-2] == "002"
    assert made.identifier.split(".")[-3] == licence.identifier.split(".")[-3]
    assert is_identifier(made.identifier)
    assert (old.status, old.replaced_by) == (LicenceStatus.REPLACED, made)
    assert old.case is not None, "the case that issued it keeps it"
    assert Counter.objects.get().last == 1, "no number was used"
    for row in (made, old):
        assert first_break(row) is None


def test_whoever_scans_the_old_one_reads_that_a_newer_replaced_it_and_when(district, licence, tmp_path):
    case = begun(service(tmp_path, "reissue"), licence, district)
    done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    old = queries.verify(licence.token, at=MORNING)
    assert (old.standing, old.said) == (Standing.REPLACED, "已被新版本取代")
    assert old.stopped_on == date(2026, 3, 3)
    new = queries.verify(Licence.objects.get(case=case).token, at=MORNING)
    assert (new.standing, new.edition, new.origin) == (Standing.VALID, 2, "补发")
    assert new.identifier != old.identifier


def test_what_is_issued_again_says_the_same_under_a_new_token(district, licence, tmp_path):
    case = begun(service(tmp_path, "reissue"), licence, district)
    done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    made = Licence.objects.get(case=case)
    assert (made.facts, made.valid_from, made.valid_until) == (
        licence.facts,
        licence.valid_from,
        licence.valid_until,
    )
    assert made.token != licence.token


def test_a_renewal_runs_on_from_the_old_end(district, licence, tmp_path):
    case = begun(service(tmp_path, "renew", **RENEWS), licence, district)
    done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    made = Licence.objects.get(case=case)
    assert made.number == licence.number
    assert made.valid_until == date(2027, 8, 31)
    assert made.standing(at("2027-08-31", 23)) is Standing.VALID
    assert made.standing(MORNING) is Standing.VALID, "there is no gap"


def test_why_a_licence_was_given_up_reads_in_the_readers_language(district, licence, tmp_path):
    case = begun(service(tmp_path, "cancel"), licence, district)
    with translation.override("en"):
        done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    licence.refresh_from_db()
    assert licence.because == licence.stopped_because == f"持证人申请注销（办件 {case.number}）。"
    with translation.override("en"):
        assert licence.because == f"Given up by its holder (case {case.number})."


def test_a_licence_its_holder_gives_up_is_cancelled_and_no_new_one_comes(district, licence, tmp_path):
    case = begun(service(tmp_path, "cancel"), licence, district)
    case = done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    held = Licence.objects.get(pk=licence.pk)
    assert (held.status, held.ground) == (LicenceStatus.REVOKED, Ground.CANCEL)
    assert queries.verify(held.token, at=MORNING).said == "已注销"
    assert (case.status, case.result) == (Status.CLOSED, Result.GRANTED)
    assert not Licence.objects.filter(case=case).exists()
    assert letters.letter_of(case, "decision").title == "准予注销决定书"


def test_made_twice_it_is_made_once(district, licence, tmp_path):
    case = begun(service(tmp_path, "renew", **RENEWS), licence, district)
    case = granted(cases.submit(case, by=district.applicant, at=MORNING), district)
    first = actions.produce(case, by=SYSTEM, at=MORNING)
    assert actions.produce(case, by=SYSTEM, at=MORNING + timedelta(hours=1)) == first
    produce(str(case.pk))
    produce(str(case.pk))
    assert [each.edition for each in queries.editions_of(licence)] == [2, 1]


def test_the_database_keeps_one_present_edition_of_a_number(licence):
    with pytest.raises(IntegrityError, match="one_current_licence_per_number"), transaction.atomic():
        Licence.objects.create(
            **{
                field.attname: getattr(licence, field.attname)
                for field in Licence._meta.concrete_fields
                if field.name not in ("id", "token", "identifier", "case", "edition", "replaces")
            },
            identifier="x",
            edition=2,
            replaces=licence,
        )


def test_the_second_case_of_a_kind_is_told_the_number_of_the_first(district, licence, tmp_path):
    renew = service(tmp_path, "renew", **RENEWS)
    first = begun(renew, licence, district)
    with pytest.raises(Refused, match=first.number):
        begun(renew, licence, district)
    cases.withdraw(first, by=district.applicant, at=MORNING)
    assert begun(renew, licence, district).pk != first.pk


def test_the_same_press_begins_one_draft(district, licence, tmp_path):
    renew = service(tmp_path, "renew", **RENEWS)
    first = begun(renew, licence, district)
    again = actions.open_upon(service=renew, licence=licence, by=district.applicant, at=MORNING, case_id=first.pk)
    assert again == first


def test_nobody_begins_anything_about_somebody_elses_licence(district, licence, tmp_path):
    renew = service(tmp_path, "renew", **RENEWS)
    for actor in (district.stranger, district.clerk, district.leader):
        with pytest.raises(NotAllowed):
            actions.open_upon(service=renew, licence=licence, by=actor, at=MORNING)


@pytest.mark.parametrize("act", ["change", "renew", "reissue"])
def test_a_licence_that_is_not_in_force_is_not_acted_upon(district, licence, tmp_path, act):
    found = service(tmp_path, act, **(RENEWS if act == "renew" else {}))
    expired = at("2026-09-01")
    with pytest.raises(Refused, match="已过期"):
        begun(found, licence, district, when=expired)
    actions.suspend(licence, reason="检查", by=district.leader, at=MORNING)
    with pytest.raises(Refused, match="已暂停"):
        begun(found, licence, district)


@pytest.mark.parametrize("act", ["change", "renew", "reissue"])
def test_suspended_on_the_way_it_is_not_granted_and_the_case_waits(district, licence, tmp_path, act):
    found = service(tmp_path, act, **(RENEWS if act == "renew" else {}))
    case = cases.submit(begun(found, licence, district), by=district.applicant, at=MORNING)
    actions.suspend(licence, reason="检查", by=district.leader, at=MORNING)
    with pytest.raises(Refused, match="已暂停"):
        granted(case, district)
    case.refresh_from_db()
    assert case.status == Status.DECIDING
    actions.resume(licence, reason="合格", by=district.leader, at=MORNING)
    (decision,) = open_work(case, "decision")
    assert cases.grant(decision, by=district.leader, at=MORNING).status == Status.GRANTED


def test_ended_between_grant_and_print_it_is_not_brought_back(district, licence, tmp_path):
    case = begun(service(tmp_path, "renew", **RENEWS), licence, district)
    case = granted(cases.submit(case, by=district.applicant, at=MORNING), district)
    actions.stop(licence.case, "revoke", reason="承诺不实", by=SYSTEM, at=MORNING)
    case = done(case)
    assert case.status == Status.CLOSED
    assert [each.status for each in queries.editions_of(licence)] == [LicenceStatus.REVOKED]


def test_a_suspension_goes_on_with_the_next_edition(district, licence, tmp_path):
    case = begun(service(tmp_path, "change"), licence, district)
    case = granted(cases.submit(case, by=district.applicant, at=MORNING), district)
    actions.suspend(licence, reason="检查", by=district.leader, at=MORNING)
    done(case)
    made = Licence.objects.get(case=case)
    assert (made.status, made.stopped_because) == (LicenceStatus.SUSPENDED, "检查")


def test_what_the_licence_says_of_its_number_cannot_be_written_over(district, licence, tmp_path):
    case = begun(service(tmp_path, "renew", **RENEWS), licence, district, licence_number="别的编号")
    with pytest.raises(Invalid) as refusal:
        cases.submit(case, by=district.applicant, at=MORNING)
    assert licence.number in refusal.value.problems["licence_number"][0]


def test_without_a_licence_a_service_that_needs_one_is_not_handed_in(district, licence, tmp_path):
    renew = service(tmp_path, "renew", **RENEWS)
    case = cases.open_case(service=renew, applicant=district.firm, by=district.applicant, at=MORNING)
    cases.save_draft(
        case, {"licence_number": "1", "operator": "x"}, edit=0, by=district.applicant, at=MORNING, keep=True
    )
    with pytest.raises(Refused, match="先选择"):
        cases.submit(case, by=district.applicant, at=MORNING)


def test_about_a_paper_licence_it_issues_as_before(district):
    case = world.draft("pesticide-change", district.firm, district.applicant)
    case = done(granted(cases.submit(case, by=district.applicant, at=MORNING), district))
    made = Licence.objects.get(case=case)
    assert (made.edition, made.origin, made.replaces) == (1, Origin.ISSUE, None)
    assert not Concern.objects.exists()


class TestRenewalLaw:
    """Administrative Licensing Law, art. 50."""

    def asked(self, district, licence, tmp_path, day: str) -> Case:
        case = begun(service(tmp_path, "renew", **RENEWS), licence, district, when=at(day))
        return cases.submit(case, by=district.applicant, at=at(day))

    def test_article_50_no_decision_before_the_end_renews_the_licence(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-01")
        for work in open_work(case):
            cases.accept(work, by=district.clerk, at=at("2026-08-03"))
        assert sweeping.sweep(at=at(UNTIL, 23))["renewed by silence"] == 0, "its last day counts"
        assert sweeping.sweep(at=at("2026-09-01", 0))["renewed by silence"] == 1
        case.refresh_from_db()
        assert (case.status, case.result) == (Status.GRANTED, Result.GRANTED)
        assert open_work(case) == []
        decision = Decision.objects.get(case=case)
        assert decision.decided_by is None
        assert "第五十条" in decision.reasons
        assert [entry.action for entry in history(case.pk)][-1] == "deem"
        done(case, when=at("2026-09-01", 1))
        made = Licence.objects.get(case=case)
        assert (made.edition, made.valid_from, made.valid_until) == (2, date(2026, 9, 1), date(2027, 8, 31))
        assert "视为准予延续" in "".join(letters.letter_of(case, "decision").paragraphs)

    def test_article_50_not_even_accepted_it_is_renewed(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-01")
        assert sweeping.sweep(at=at("2026-09-01"))["renewed by silence"] == 1
        case.refresh_from_db()
        assert case.accepted_at is not None

    def test_article_50_once_however_often_is_looked(self, district, licence, tmp_path):
        self.asked(district, licence, tmp_path, "2026-08-01")
        found = [sweeping.sweep(at=at("2026-09-01", hour))["renewed by silence"] for hour in (0, 1, 2)]
        assert found == [1, 0, 0]

    def test_article_50_asked_later_than_thirty_days_before_it_is_not(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-02")
        assert sweeping.sweep(at=at("2026-09-01"))["renewed by silence"] == 0
        case.refresh_from_db()
        assert case.result == Result.NONE

    def test_article_50_what_waits_for_the_applicant_is_not_silence(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-01")
        (intake,) = open_work(case)
        cases.request_correction(intake, items={"operator": "请核对"}, by=district.clerk, at=at("2026-08-03"))
        assert sweeping.sweep(at=at("2026-09-01"))["renewed by silence"] == 0

    def test_article_50_refused_in_time_it_is_not(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-01")
        for work in open_work(case):
            cases.accept(work, by=district.clerk, at=at("2026-08-03"))
        (decision,) = open_work(case)
        cases.refuse(decision, reasons="不再符合条件", by=district.leader, at=at("2026-08-20"))
        assert sweeping.sweep(at=at("2026-09-01"))["renewed by silence"] == 0

    def test_a_grant_after_the_end_still_runs_on_from_the_old_end(self, district, licence, tmp_path):
        case = self.asked(district, licence, tmp_path, "2026-08-02")
        done(granted(case, district, when=at("2026-09-03")), when=at("2026-09-03"))
        made = Licence.objects.get(case=case)
        assert (made.valid_from, made.valid_until) == (date(2026, 9, 1), date(2027, 8, 31))


def test_the_drawn_diagram_is_the_table():
    from config.places import ROOT

    assert diagram() in (ROOT / "docs/states/licence.md").read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_does(district, licence, tmp_path):
    renew, start, got = service(tmp_path, "renew", **RENEWS), Barrier(2), []

    def begin() -> None:
        try:
            start.wait(timeout=20)
            got.append(begun(renew, licence, district))
        except Refusal as refusal:
            got.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=begin) for _which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    (case,) = [one for one in got if isinstance(one, Case)]
    (refusal,) = [one for one in got if isinstance(one, Refused)]
    assert case.number in refusal.message
