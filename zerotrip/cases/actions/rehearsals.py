"""Tolerant pre-review and simulated approval: the whole review while something is still open, and no decision."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.access import require_may_act
from zerotrip.cases.actions.applicant import freeze, terms
from zerotrip.cases.actions.bars import require_may_hand_in
from zerotrip.cases.actions.corrections import open_next_round
from zerotrip.cases.actions.owed import begin_owing_unproved
from zerotrip.cases.actions.stages import close_clocks, complete, open_stages, start_limits
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import (
    Assignment,
    AssignmentStatus,
    Case,
    ClockName,
    Material,
    Mode,
    Submission,
    Verdict,
)
from zerotrip.cases.rules import first_role
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.parties.models import Deed
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor


@transaction.atomic
def rehearse(case: Case, mode: Mode, *, by: Actor, at: datetime) -> Case:
    """Choose in a draft whether it is to be decided, or only reviewed while something is still open.

    Raises Refused when no material of the service may be open in this way.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require_may_act(locked, by, Deed.FILL)
    if locked.status != Status.DRAFT:
        raise Stale(_("办件已经提交，不能再改办理方式。"))
    if mode is not Mode.FORMAL and mode.value not in ways_to_rehearse(spec_of(locked.version_id)):
        raise Refused(_("这个事项没有可以先行预审的材料。"))
    locked.mode = mode
    locked.save(update_fields=["mode"])
    return locked


def ways_to_rehearse(spec: ServiceSpec) -> frozenset[str]:
    """How a service can be rehearsed: ``pre_review``, ``simulated``, both or not at all."""
    return frozenset(material.rehearsal for material in spec.materials if material.rehearsal)


@transaction.atomic
def complete_materials(case: Case, *, by: Actor, at: datetime) -> Submission:
    """Begin the round in which what was open in a rehearsal is added; the one there is, if there is one."""
    work = begin(Step.FORMALISE, case.pk, by=by, at=at)
    found = next((each for each in work.rounds if each.submitted_at is None), None)
    if found is not None:
        return found
    opened = open_next_round(work, max(work.rounds, key=lambda each: each.round))
    work.done()
    return opened


@transaction.atomic
def conclude(
    assignment: Assignment, *, verdict: Verdict, opinion: str, by: Actor, at: datetime, key: str = ""
) -> Case:
    """Say what the decision would be, if nothing changed. It decides nothing.

    Raises Invalid without an opinion when it would not be granted.
    """
    work = begin(Step.CONCLUDE, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if verdict is not Verdict.PASS and not opinion.strip():
        raise Invalid(_("请写明意见。"), {"opinion": [_("请写明还缺什么、为什么。")]})
    complete(work, verdict, opinion.strip())
    close_clocks(work)
    work.move(Status.REHEARSED, reason=opinion.strip(), details={"verdict": verdict.value}, due_at=None)
    template = "rehearsal_good" if verdict is Verdict.PASS else "rehearsal_bad"
    work.tell_applicant(template, opinion=opinion.strip())
    return work.done()


@transaction.atomic
def formalise(case: Case, *, by: Actor, at: datetime, key: str = "") -> Case:
    """Turn a rehearsal formal: everything is there now. It counts as accepted, and the limits begin to run.

    Opinions stand; only stages that look at what is new give theirs again. Raises Invalid with what is
    still missing.
    """
    work = begin(Step.FORMALISE, case.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    require_may_hand_in(work.case, at=at)
    work.case.mode = Mode.FORMAL
    changed = _close_round(work)
    close_clocks(work)
    due_at = start_limits(work)[ClockName.PROMISED].due_at
    again = _supersede(work, changed)
    for held in work.open:
        held.due_at = due_at
        if held.kind == StageKind.DECISION:
            held.role = first_role(work.case, StageKind.DECISION)
        work.writes.change(held, "due_at", "role")
        _ask_first_again(work, held, changed)
    to = open_stages(work, due_at=due_at)
    begin_owing_unproved(work)
    details = {"materials": sorted(changed), "again": again}
    work.move(to, details=details, mode=Mode.FORMAL.value, accepted_at=at, due_at=due_at, **terms(work))
    work.tell_applicant("formalised", due=due_at)
    return work.done()


def _close_round(work: Work) -> set[str]:
    """Freeze the round the applicant completed; the materials that are new in it.

    Without one nothing was added, and what was open is still open: freezing says so.
    """
    handed_in = max((r for r in work.rounds if r.submitted_at), key=lambda r: r.round)
    if not any(found.submitted_at is None for found in work.rounds):
        raise Invalid(_("请先补齐前置材料，再转为正式。"), _still_open(work, handed_in))
    submission, _values = freeze(work)
    before = {(m.key, m.blob_id) for m in fetch(Material, submission_id=handed_in.pk)}
    return {m.key for m in fetch(Material, submission_id=submission.pk) if (m.key, m.blob_id) not in before}


def _still_open(work: Work, handed_in: Submission) -> dict[str, list[str]]:
    there = {m.key for m in fetch(Material, submission_id=handed_in.pk)}
    missing = [m for m in work.spec.materials if m.rehearsal and m.id not in there]
    return {f"material:{m.id}": [_("请上传“%(name)s”。") % {"name": m.name}] for m in missing}


def _ask_first_again(work: Work, held: Assignment, changed: set[str]) -> None:
    """What the first of two said before something new came is not confirmed any more."""
    if held.first_by_id is None or not changed or (held.materials and not changed & set(held.materials)):
        return
    held.first_by_id, held.first_at, held.proposed = None, None, Verdict.NONE
    work.writes.change(held, "first_by_id", "first_at", "proposed")


def _supersede(work: Work, changed: set[str]) -> list[str]:
    """Open opinions on what is new again, and with them the rehearsed conclusion; the stages concerned."""
    again = []
    for done in [one for one in work.assignments if one.status == AssignmentStatus.DONE]:
        looks = not done.materials or changed & set(done.materials)
        if done.kind == StageKind.DECISION or (done.kind == StageKind.REVIEW and changed and looks):
            done.status = AssignmentStatus.SUPERSEDED
            work.writes.change(done, "status")
            again.append(done.stage)
    return again
