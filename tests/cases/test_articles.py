"""Rules of law that hold without an action of their own, by name. Articles without a law are of the 行政许可法."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.lawful import days, declare
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Case, ClockName
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import needed_materials
from zerotrip.errors import Invalid, NotFound
from zerotrip.ledger.queries import history
from zerotrip.parties.models import User

LIKE = "construction-permit"


def local(moment) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def handed_in(service, district):
    case = draft(service, district.firm, district.applicant, like=LIKE if service == "test-permit" else service)
    return actions.submit(case, by=district.applicant, at=MORNING)


def test_articles_29_and_31_nothing_is_asked_for_that_the_guide_does_not_list(district):
    case = draft("construction-permit", district.firm, district.applicant)
    with pytest.raises(NotFound):
        actions.attach(case, "tax_returns", world.pdf(), name="纳税.pdf", by=district.applicant, at=MORNING)
    case = actions.submit(case, by=district.applicant, at=MORNING)
    (intake,) = open_work(case)
    with pytest.raises(Invalid):
        actions.request_correction(intake, items={"material:tax_returns": "请补"}, by=district.clerk, at=MORNING)


def test_article_29_an_application_is_made_online_without_a_visit(district):
    case = handed_in("construction-permit", district)
    assert (case.door, case.submitted_at) == ("portal", MORNING)


def test_article_30_what_is_needed_is_what_the_guide_lists(district):
    case = draft("construction-permit", district.firm, district.applicant)
    listed = {material.id for material in case.spec.materials}
    answers = case.submissions.get().answers
    assert {material.id for material in needed_materials(case.version_id, answers)} <= listed


def test_article_32_without_a_notice_in_five_days_it_is_accepted_from_the_day_of_receipt(district):
    case = handed_in("construction-permit", district)
    (intake,) = open_work(case)
    assert sweep(at=intake.due_at)["accepted by silence"] == 0
    found = [sweep(at=intake.due_at + timedelta(minutes=n))["accepted by silence"] for n in (1, 2)]
    case = Case.objects.get(pk=case.pk)
    assert (found, case.status, case.accepted_at) == ([1, 0], Status.REVIEWING, MORNING)
    assert {clock.started_at for clock in case.clocks.filter(name__in=("promised", "statutory"))} == {MORNING}
    (said,) = [entry for entry in history(case.pk) if entry.action == "accept"]
    assert said.actor is None
    assert said.details["silent_since"] == MORNING.isoformat()
    assert next(entry.details["clock"] for entry in history(case.pk) if entry.action == "late") == "notice"


def test_article_32_accepted_late_the_limits_have_run_since_receipt(district):
    case = handed_in("construction-permit", district)
    (intake,) = open_work(case)
    case = actions.accept(intake, by=district.clerk, at=intake.due_at + timedelta(hours=1))
    assert case.accepted_at == MORNING


def test_article_32_what_waits_for_the_applicant_is_not_accepted_by_silence(district):
    case = handed_in("construction-permit", district)
    (intake,) = open_work(case)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    assert sweep(at=intake.due_at + timedelta(days=1))["accepted by silence"] == 0


def test_article_33_the_applicant_reads_the_standing_of_the_case_online(district, client):
    case = handed_in("construction-permit", district)
    world.sign_in(client, world.person("somebody else"))
    assert client.get(f"/cases/{case.number}/").status_code == 404
    client.logout()
    client.force_login(User.objects.get(pk=district.applicant.user_id))
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert case.number in page


def test_article_43_the_examination_below_has_a_limit_of_its_own(district, tmp_path):
    stages = [
        {"id": "intake", "name": {"zh": "受理", "en": "Intake"}, "kind": "intake", "department": "approval-bureau"},
        {
            "id": "below",
            "name": {"zh": "下级审查", "en": "Examination below"},
            "kind": "review",
            "department": "housing",
            "after": ["intake"],
            "limit": days(20),
        },
        {
            "id": "decision",
            "name": {"zh": "决定", "en": "Decision"},
            "kind": "decision",
            "department": "approval-bureau",
            "after": ["below"],
        },
    ]
    declare(tmp_path, statutory=days(40), promised=days(40), stages=stages)
    case = handed_in("test-permit", district)
    (intake,) = open_work(case)
    case = actions.accept(intake, by=district.clerk, at=MORNING)
    (below,) = open_work(case)
    assert (below.stage, local(below.due_at)) == ("below", "03-31 17:00")
    assert local(case.clocks.get(name=ClockName.STATUTORY).due_at) == "04-29 17:00"


def test_article_56_what_is_complete_is_accepted_and_decided_on_the_spot(district):
    case = handed_in("investment-filing", district)
    (intake,) = open_work(case)
    case = actions.accept(intake, by=district.clerk, at=MORNING)
    (decision,) = open_work(case)
    case = actions.grant(decision, by=district.leader, at=MORNING)
    assert case.decided_at == case.accepted_at == case.submitted_at == MORNING
