"""The permits of a project: what it needs, in which order, who may begin them, what is filled in."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests import world
from tests.projects.site import FACTS
from zerotrip.cases import actions as case_actions
from zerotrip.cases.models import Case, Mode, Submission, Verdict
from zerotrip.cases.states import Result
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.parties.models import MandateKind
from zerotrip.projects import actions
from zerotrip.projects.models import CaseRole, ProjectCase
from zerotrip.projects.planning import Source, State
from zerotrip.projects.queries import milestones_of, plan_of

NOW = world.MORNING
LATER = NOW + timedelta(hours=2)


def states(project, at=NOW) -> dict[str, str]:
    return {step.id: step.state.value for step in plan_of(project, at=at).needed}


def granted(place, project, service: str, permit: str, at=NOW) -> Case:
    """A case of the owner's, handed in and granted, linked to the project."""
    case = case_actions.submit(world.draft(service, place.firm, place.owner, at), by=place.owner, at=at)
    (intake,) = world.open_work(case)
    case_actions.accept(intake, by=place.clerk, at=at)
    while work := world.open_work(case):
        for each in work:
            if each.kind == "review":
                by = place.seated(each.department.code)
                case_actions.review(each, verdict=Verdict.PASS, by=by, at=at)
            elif not case.version.spec.approval.levels:
                case_actions.grant(each, by=place.leader, at=at)
            elif each.role == "leader":
                case_actions.approve(each, by=place.leader, at=at)
            else:
                by = place.clerk if each.role == "clerk" else place.colleague
                case_actions.draft_decision(each, verdict=Result.GRANTED, reasons="", by=by, at=at)
    actions.link_case(project, case.number, role=CaseRole.PERMIT, permit=permit, by=place.leader, at=at)
    return Case.objects.get(pk=case.pk)


def test_facts_and_criteria_give_the_permits_a_project_needs(project):
    assert states(project) == {
        "filing": "ready",
        "land-granted": "waiting",
        "project-planning": "waiting",
        "construction-permit": "waiting",
        "drainage": "waiting",
        "line-check": "waiting",
        "planning-acceptance": "waiting",
        "completion-filing": "waiting",
    }


def test_other_facts_give_other_permits(place, project):
    changed = {**FACTS, "land": "allocated", "verified": True, "demolition": True}
    actions.change_facts(project, changed, by=place.steward, at=LATER)
    assert {"site-opinion", "verification", "land-allocated", "waste"} <= set(states(project, LATER))
    assert not {"filing", "land-granted"} & set(states(project, LATER))


def test_a_permit_whose_criteria_cannot_be_told_says_which_fact_is_missing(place, project):
    known = {name: value for name, value in FACTS.items() if name != "pollutes"}
    actions.change_facts(project, known, by=place.steward, at=LATER)
    plan = plan_of(project, at=LATER)
    assert plan.step("pollutant-permit").missing == ("pollutes",)
    assert plan.missing == ("pollutes",)


def test_what_comes_after_a_permit_that_is_not_needed_comes_after_what_was_before_it(project):
    assert plan_of(project, at=NOW).step("project-planning").after == ("land-granted",)


def test_the_plan_is_in_four_phases_and_the_project_is_in_the_first_with_something_left(place, project):
    assert plan_of(project, at=NOW).phase == "land"
    granted(place, project, "investment-filing", "filing")
    assert plan_of(project, at=NOW).phase == "land"
    granted(place, project, "land-planning-granted", "land-granted")
    assert plan_of(project, at=NOW).phase == "design"


def test_until_five_cases_are_closed_a_plan_reckons_with_the_promise(place, project):
    step = plan_of(project, at=NOW).step("land-granted")
    assert (step.duration.source, step.duration.likely) == (Source.PROMISED, 2)


def test_with_five_cases_closed_it_reckons_with_what_they_took(place, project):
    for days in (0, 0, 1, 2, 6):
        case = world.draft("investment-filing", place.firm, place.owner, NOW)
        case = case_actions.submit(case, by=place.owner, at=NOW)
        case_actions.accept(world.open_work(case)[0], by=place.clerk, at=NOW)
        case_actions.grant(world.open_work(case)[0], by=place.leader, at=NOW + timedelta(days=days))
    step = plan_of(project, at=NOW + timedelta(days=7)).step("filing")
    # 3 March 2026 is a Tuesday: six days later is Monday, four working days.
    assert (step.duration.source, step.duration.count) == (Source.REGISTER, 5)
    assert (step.duration.likely, step.duration.cautious) == (1, 2)
    assert plan_of(project, at=NOW).step("filing").duration.source is Source.PROMISED


def test_the_owner_begins_a_permit_filled_in_from_the_project(place, project):
    opened = actions.open_permit(project, "filing", key=uuid4(), by=place.owner, at=NOW)
    said = Submission.objects.get(case=opened.case).answers
    assert said["project_name"] == "虚构装备二期"
    assert said["site"] == {"area": "370199002002", "detail": "示范大道 88 号"}
    assert said["foreign"] is False
    assert "truth" not in said
    assert states(project)["filing"] == State.DRAFT


def test_the_same_press_begins_one_case(place, project):
    key = uuid4()
    first = actions.open_permit(project, "filing", key=key, by=place.owner, at=NOW)
    again = actions.open_permit(project, "filing", key=key, by=place.owner, at=NOW)
    assert first.case == again.case
    with pytest.raises(Refused, match=first.case.number):
        actions.open_permit(project, "filing", key=uuid4(), by=place.owner, at=NOW)


def test_what_was_said_and_handed_in_once_is_in_the_next_draft(place, project):
    granted(place, project, "investment-filing", "filing")
    land = granted(place, project, "land-planning-granted", "land-granted")
    opened = actions.open_permit(project, "project-planning", key=uuid4(), by=place.owner, at=LATER)
    said = Submission.objects.get(case=opened.case).answers
    assert said["legal_representative"] == "林知远"
    assert said["scale"] == FACTS["scale"]
    mine = {m.key: m.blob_id for m in opened.case.submissions.get().materials.all()}
    theirs = {m.key: m.blob_id for m in land.submissions.get().materials.all()}
    assert mine == {"application": theirs["application"]} or not mine
    assert opened.files == len(mine)


def test_a_permit_that_is_not_due_begins_as_a_simulated_approval_where_the_pack_allows(place, project):
    opened = actions.open_permit(project, "land-granted", key=uuid4(), by=place.owner, at=NOW)
    assert Case.objects.get(pk=opened.case.pk).mode == Mode.SIMULATED


def test_a_permit_that_may_not_run_ahead_waits_and_says_for_what(place, project):
    with pytest.raises(Refused, match="construction-permit"):
        actions.open_permit(project, "line-check", key=uuid4(), by=place.owner, at=NOW)


def test_what_a_project_does_not_need_cannot_be_begun(place, project):
    with pytest.raises(NotFound):
        actions.open_permit(project, "site-opinion", key=uuid4(), by=place.owner, at=NOW)


def test_the_steward_files_only_under_a_mandate_of_the_owner(place, project):
    with pytest.raises(NotAllowed):
        actions.open_permit(project, "filing", key=uuid4(), by=place.steward, at=NOW)
    mandate = actions.entrust(project, ["investment-filing"], by=place.owner, at=NOW)
    assert (mandate.kind, mandate.agent_id) == (MandateKind.DELEGATED, place.steward.user_id)
    opened = actions.open_permit(project, "filing", key=uuid4(), by=place.anew(place.steward), at=NOW)
    assert opened.case.applicant_id == place.firm.pk
    with pytest.raises(NotAllowed):
        actions.open_permit(project, "land-granted", key=uuid4(), by=place.anew(place.steward), at=NOW)


def test_nobody_but_the_owner_entrusts(place, project):
    for who in (place.stranger, place.steward, place.leader):
        with pytest.raises(NotAllowed):
            actions.entrust(project, ["investment-filing"], by=who, at=NOW)


def test_the_owner_is_reminded_once_a_day(place, project):
    for at in (NOW, LATER, NOW + timedelta(days=1)):
        actions.remind_owner(project, "filing", by=place.steward, at=at)
    world.tell_queued()
    assert Notice.objects.filter(user=place.owner.user_id, template="project_next").count() == 2


def test_acceptances_are_opened_in_one_go_with_one_date(place, project):
    on = date(2026, 6, 1)
    for service in ("investment-filing", "land-planning-granted", "project-planning"):
        permit = {"investment-filing": "filing", "land-planning-granted": "land-granted"}.get(service, service)
        granted(place, project, service, permit)
    with pytest.raises(Refused, match="line-check"):
        actions.open_jointly(project, "acceptance", on=on, key=uuid4(), by=place.owner, at=NOW)
    for service in ("construction-permit", "line-check"):
        granted(place, project, service, service)
    services = ["planning-acceptance", "completion-filing"]
    actions.entrust(project, services, by=place.owner, at=NOW)
    steward, key = place.anew(place.steward), uuid4()
    with pytest.raises(Invalid):
        actions.open_jointly(project, "acceptance", on=NOW.date(), key=key, by=steward, at=NOW)
    opened = actions.open_jointly(project, "acceptance", on=on, key=key, by=steward, at=NOW)
    assert sorted(one.case.version.service_id for one in opened) == sorted(services)
    (milestone,) = milestones_of([project.pk], at=NOW)[project.pk]
    assert (milestone.words["zh"], milestone.due_on) == ("联合验收", on)


def test_a_case_of_somebody_else_or_of_another_service_is_not_linked(place, project):
    other = world.enterprise("别家公司", 901)
    agent = world.acting(world.agent(world.person("别人"), other))
    case = case_actions.submit(world.draft("investment-filing", other, agent), by=agent, at=NOW)
    with pytest.raises(Invalid) as refused:
        actions.link_case(project, case.number, role=CaseRole.PERMIT, permit="filing", by=place.leader, at=NOW)
    assert "number" in refused.value.problems
    mine = case_actions.submit(world.draft("line-check", place.firm, place.owner), by=place.owner, at=NOW)
    with pytest.raises(Invalid):
        actions.link_case(project, mine.number, role=CaseRole.PERMIT, permit="filing", by=place.leader, at=NOW)
    actions.link_case(project, mine.number, role=CaseRole.PROBLEM, permit="", by=place.leader, at=NOW)
    with pytest.raises(Invalid):
        actions.link_case(project, mine.number, role=CaseRole.PROBLEM, permit="", by=place.leader, at=NOW)
    assert ProjectCase.objects.get().permit == ""


def test_a_case_that_ended_without_a_grant_lets_the_permit_begin_again(place, project):
    opened = actions.open_permit(project, "filing", key=uuid4(), by=place.owner, at=NOW)
    case_actions.withdraw(opened.case, by=place.owner, at=LATER)
    step = plan_of(project, at=LATER).step("filing")
    assert (step.state, step.tried.number) == (State.READY, opened.case.number)


def test_an_ended_project_owes_nothing_and_takes_nothing(place, project):
    actions.set_milestone(project, name="开工", on=date(2026, 6, 1), key=uuid4(), by=place.steward, at=NOW)
    with pytest.raises(NotAllowed):
        actions.end(project, reason="放弃", by=place.steward, at=LATER)
    actions.end(project, reason="企业放弃投资", by=place.leader, at=LATER)
    project.refresh_from_db()
    assert milestones_of([project.pk], at=LATER) == {}
    assert len(milestones_of([project.pk], at=NOW)[project.pk]) == 1
    with pytest.raises(Refused):
        actions.remind_owner(project, "filing", by=place.leader, at=LATER)
    with pytest.raises(Refused):
        actions.open_permit(project, "filing", key=uuid4(), by=place.owner, at=LATER)
