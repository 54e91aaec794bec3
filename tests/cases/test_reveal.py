"""Which numbers may be read in full, by whom, and what the journal keeps of it."""

from __future__ import annotations

import json

import pytest

from tests import world
from tests.questions.forms import asked, one_section
from zerotrip.cases import actions
from zerotrip.cases.actions.reveal import sealed_numbers
from zerotrip.cases.models import Assignment, Case, Verdict
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break
from zerotrip.parties.models import Role, User
from zerotrip.parties.seals import mask, seal

NUMBER = "11010519491231002X"
PLACE = "representative_number"
WHY = "核对新任法定代表人的证件"


@pytest.fixture
def intake(district) -> Assignment:
    """A change that names a new representative, with the clerk."""
    case = world.draft("pesticide-change", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=world.MORNING)
    (work,) = world.open_work(case)
    return work


def reveal(work: Assignment, by, place: str = PLACE, reason: str = WHY) -> str:
    return actions.reveal(work, place, reason=reason, by=by, at=world.MORNING)


def journal(work: Assignment) -> list[Entry]:
    return list(Entry.objects.filter(subject=work.case_id, action="reveal").order_by("seq"))


def test_whoever_does_the_work_reads_the_number_and_the_journal_says_so_without_it(district, intake):
    assert reveal(intake, district.clerk, reason=f"  {WHY} ") == NUMBER
    (entry,) = journal(intake)
    assert (entry.actor, entry.actor_name, entry.reason) == (district.clerk.user_id, "clerk", WHY)
    assert entry.details == {"field": PLACE, "stage": "intake"}
    assert first_break(Case.objects.get(pk=intake.case_id)) is None
    everything = json.dumps([entry.reason, entry.details, entry.actor_name], ensure_ascii=False)
    assert NUMBER not in everything


def test_a_reason_the_database_would_refuse_is_kept_without_what_it_refuses(district, intake):
    reveal(intake, district.clerk, reason="核对\x00证件")
    assert [entry.reason for entry in journal(intake)] == ["核对\ufffd证件"]


def test_reading_it_again_is_another_line(district, intake):
    for _time in range(2):
        reveal(intake, district.clerk)
    assert len(journal(intake)) == 2


def test_nobody_else_reads_it_and_nothing_is_journalled(district, intake):
    same_office = world.acting(world.staff("reviewer", "approval-bureau", Role.REVIEWER))
    for by in (district.leader, district.supervisor, district.agriculture, district.applicant, same_office):
        with pytest.raises(NotAllowed):
            reveal(intake, by)
    assert journal(intake) == []


def test_whoever_acts_for_the_applicant_keeps_out(district, intake):
    both = world.staff("both", "approval-bureau", Role.CLERK)
    assert reveal(intake, world.acting(both)) == NUMBER
    world.agent(both, district.firm)
    with pytest.raises(NotAllowed):
        reveal(intake, world.acting(User.objects.get(pk=both.pk)))


def test_the_right_to_read_goes_with_the_work(district, intake):
    actions.accept(intake, by=district.clerk, at=world.MORNING)
    (review,) = world.open_work(intake.case)
    with pytest.raises(NotAllowed):
        reveal(intake, district.clerk)
    assert reveal(review, district.agriculture) == NUMBER
    actions.review(review, verdict=Verdict.PASS, by=district.agriculture, at=world.MORNING)
    with pytest.raises(NotAllowed):
        reveal(review, district.agriculture)
    assert [entry.details["stage"] for entry in journal(intake)] == ["agriculture-review"]


@pytest.mark.parametrize(
    "reason", ["", " \n", "好" * 401, f"核对 {NUMBER}", f"核对 {NUMBER.lower()}", "核对 110105 19491231 002X"]
)
def test_a_reason_is_needed_and_holds_no_number(district, intake, reason):
    with pytest.raises(Invalid):
        reveal(intake, district.clerk, reason=reason)
    assert journal(intake) == []


@pytest.mark.parametrize("place", ["", "licence_name", "contact_phone", "nothing", f"{PLACE}.0", "premises.area"])
def test_only_identity_numbers_are_read(district, intake, place):
    with pytest.raises(NotFound):
        reveal(intake, district.clerk, place=place)
    assert journal(intake) == []


def test_staff_read_what_was_handed_in_not_what_is_being_written(district, intake):
    actions.request_correction(intake, items={PLACE: "请核对"}, by=district.clerk, at=world.MORNING)
    other = "370199199001010019"
    case = Case.objects.get(pk=intake.case_id)
    actions.save_draft(case, {PLACE: other}, edit=0, by=district.applicant, at=world.MORNING)
    assert reveal(intake, district.clerk) == NUMBER
    actions.correct(case, by=district.applicant, at=world.MORNING)
    assert reveal(intake, district.clerk) == other


def test_a_number_that_no_key_opens_leaves_no_line(district, intake, settings):
    from cryptography.fernet import Fernet

    settings.SEAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(Refused):
        reveal(intake, district.clerk)
    assert journal(intake) == []


def test_numbers_in_the_rows_of_a_group_are_found_by_row():
    form = one_section(asked("owners", "group", fields=[asked("name", "text"), asked("number", "identity_number")]))
    kept = form.protect(
        {"owners": [{"name": "甲", "number": NUMBER}, {"name": "乙", "number": "尚未填完"}, {"name": "丙"}]},
        seal=seal,
        mask=mask,
        before={},
    )
    assert sealed_numbers(form, kept) == {"owners.0.number": kept["owners"][0]["number"]["sealed"]}
    assert sealed_numbers(form, {}) == {}
