"""The permits of a project: what it needs, in which order, who may begin them, what is filled in."""

from __future__ import annotations

from uuid import uuid4

from tests import world
from zerotrip.cases.models import Submission
from zerotrip.projects import actions
from zerotrip.projects.planning import State
from zerotrip.projects.queries import plan_of


def states(project) -> dict[str, str]:
    return {step.id: step.state.value for step in plan_of(project, at=world.MORNING).needed}


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


def test_what_comes_after_a_permit_that_is_not_needed_comes_after_what_was_before_it(project):
    step = plan_of(project, at=world.MORNING).step("project-planning")
    assert step.after == ("land-granted",)


def test_the_owner_begins_a_permit_filled_in_from_the_project(place, project):
    opened = actions.open_permit(project, "filing", key=uuid4(), by=place.owner, at=world.MORNING)
    said = Submission.objects.get(case=opened.case).answers
    assert said["project_name"] == "虚构装备二期"
    assert said["site"] == {"area": "370199002002", "detail": "示范大道 88 号"}
    assert said["foreign"] is False
    assert states(project)["filing"] == State.DRAFT
