"""The applicant's steps: submit, correct, withdraw."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks, proofs
from zerotrip.cases.actions.bars import require_may_hand_in
from zerotrip.cases.actions.confirming import require_confirmed
from zerotrip.cases.actions.corrections import answered, no_longer_asked, open_corrections
from zerotrip.cases.actions.draft import handed_in_at, judged, sealed
from zerotrip.cases.actions.owed import tolerated, wind_up
from zerotrip.cases.actions.places import require_left_to_hand_in
from zerotrip.cases.actions.stages import open_stages, start_clocks
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Case, ClockName, Door, Material, Submission
from zerotrip.cases.outcomes import require
from zerotrip.cases.states import Status, Step
from zerotrip.cases.tasks import decide_at_once
from zerotrip.catalogue.queries import form_of, needed_materials, terms_of
from zerotrip.duties import actions as duties
from zerotrip.errors import Invalid, Unchanged
from zerotrip.parties.models import Area, Party
from zerotrip.rows import fetch_all, wanted

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def submit(case: Case, *, by: Actor, at: datetime, key: str = "", undertakes: bool = False) -> Case:
    """Hand the draft in. The five days of article 32 begin to run.

    ``undertakes``: the applicant signs that what comes later comes in time. Raises Invalid with every
    field and material that is missing or wrong, named at once, or while the applicant is barred.
    """
    work = begin(Step.SUBMIT, case.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    require_may_hand_in(work.case, at=at)
    require_left_to_hand_in(work.case, at=at)
    submission, values = freeze(work)
    require(work.case, Step.SUBMIT, at=at, answers=values)
    if submission.owed and not undertakes:
        text = _("有材料要容缺后补，请先勾选容缺承诺。")
        raise Invalid(text, {"undertakes": [text]})
    subject = form_of(work.case.version_id).text_at(values, work.spec.subject)
    open_stages(work)
    notice = start_clocks(work, {ClockName.NOTICE: clocks.notice_of(work.spec)})[ClockName.NOTICE]
    work.move(
        Status.SUBMITTED,
        details={"round": submission.round, **({"owed": submission.owed} if submission.owed else {})},
        subject=subject[:200] or work.case.subject,
        submitted_at=at,
        due_at=notice.due_at,
        **terms(work),
    )
    work.tell_applicant("submitted", due=notice.due_at)
    if submission.committed and work.spec.promise is not None and work.spec.promise.at_once:
        work.writes.defer(decide_at_once, case=str(work.case.pk))
    return work.done()


@transaction.atomic
def correct(case: Case, *, by: Actor, at: datetime, key: str = "", keep: Collection[str] = ()) -> Case:
    """Hand the corrected round in. Staff see old and new side by side; the five days run afresh.

    Raises Invalid as ``submit`` does, and Unchanged when a named place was left as it was, unless
    ``keep`` has it: the applicant says that nothing is wrong there, and the journal keeps that.
    """
    work = begin(Step.CORRECT, case.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    submission, values = freeze(work)
    kept = _left_as_they_were(work, submission)
    if left := {place: asked for place, asked in kept.items() if place not in keep}:
        told = {place: [_("您还没有改：%(asked)s") % {"asked": asked}] for place, asked in left.items()}
        raise Unchanged(_("有的地方还没有改。"), told)
    require(work.case, Step.CORRECT, at=at, answers=values)
    _answer(work)
    answered(work)
    notice = start_clocks(work, {ClockName.NOTICE: clocks.notice_of(work.spec)})[ClockName.NOTICE]
    for assignment in work.open:
        assignment.waiting, assignment.due_at = False, notice.due_at
        work.writes.change(assignment, "waiting", "due_at")
    subject = form_of(work.case.version_id).text_at(values, work.spec.subject)
    work.move(
        Status.SUBMITTED,
        details={"round": submission.round, **({"kept": list(kept)} if kept else {})},
        subject=subject[:200] or work.case.subject,
        due_at=notice.due_at,
        **terms(work),
    )
    work.tell_applicant("corrected", due=notice.due_at)
    return work.done()


@transaction.atomic
def withdraw(case: Case, *, by: Actor, at: datetime, reason: str = "", key: str = "") -> Case:
    """Take the application back, at any time before the decision. Open work is cancelled."""
    work = begin(Step.WITHDRAW, case.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    was_draft = work.case.status == Status.DRAFT
    if work.case.status == Status.CORRECTING:
        no_longer_asked(work)
        work.writes.change_all(open_corrections(work), dropped_at=at)
    if work.case.status == Status.CONFIRMING:
        from zerotrip.cases.actions.helping import owed_confirmations  # which needs the steps of this module

        for owed in owed_confirmations(work):
            duties.drop(work.writes, owed, by=by, at=at, note=work.step.value)
    wind_up(work)
    work.move(Status.CLOSED, reason=reason, due_at=None, suspended=False)
    if not was_draft:
        work.tell_applicant("withdrawn")
    return work.done()


def _answer(work: Work) -> None:
    work.writes.change_all(open_corrections(work), answered_at=work.at)


def freeze(work: Work, *, door: Door | None = None) -> tuple[Submission, dict[str, Any]]:
    """Check the open round whole and freeze it; ``door`` is where it was handed in, where that is known already."""
    (submission,) = (found for found in work.rounds if found.submitted_at is None)
    submission.case = work.case
    values, problems = judged(submission, at=work.at)
    area = work.spec.area
    if area is not None and area in values:
        if path := _place(work, values[area]["area"]):
            work.case.area_path = path
        else:
            problems[area] = [_("所选地点不在本区，请改选本区的街道或社区，或向所在地申请。")]
    if problems:
        raise Invalid(_("还有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)
    require_confirmed(submission, by=work.by)
    work.case.variant, work.case.left_out = terms_of(work.case.version_id, values)
    submission.answers = sealed(form_of(work.case.version_id), values, before=submission.answers)
    needed = [material.id for material in needed_materials(work.case.version_id, values)]
    submission.owed = tolerated(work.spec, submission.owed, needed)
    submission.submitted_at, submission.submitted_by_id = work.at, work.by.user_id
    door = door or handed_in_at(work.case, work.by)
    if door is not Door.PORTAL or submission.door != Door.MAIL:  # what came by e-mail is checked and sent online
        submission.door = door
    work.writes.change(submission, "answers", "owed", "door", "submitted_at", "submitted_by_id")
    return submission, values


def terms(work: Work) -> dict[str, Any]:
    """What the answers just frozen make of the case: where it lies, its variant, the stages left out."""
    return {name: getattr(work.case, name) for name in ("area_path", "variant", "left_out")}


def _place(work: Work, code: str) -> str:
    """The path of the area the applicant named, if the case's department serves it."""
    (department,), areas = fetch_all(wanted(Party, id=work.case.department_id), wanted(Area, code=code))
    return next((area.path for area in areas if area.path.startswith(department.area_path)), "")


def _left_as_they_were(work: Work, submission: Submission) -> dict[str, str]:
    """The places the open correction names that are as in the round before, with what was asked there."""
    before = next(found for found in work.rounds if found.round == submission.round - 1)
    (correction,), materials = fetch_all(
        open_corrections(work), wanted(Material, submission_id=[submission.pk, before.pk])
    )
    submission.case = work.case
    proved = proofs.changed_in(submission)
    files: dict[str, dict[str, set[str]]] = {}
    for material in materials:
        which = "now" if material.submission_id == submission.pk else "then"
        files.setdefault(material.key, {"now": set(), "then": set()})[which].add(material.blob_id)
    return {
        place: asked
        for place, asked in correction.places.items()
        if (
            place.removeprefix("material:") not in proved and _same(files.get(place.removeprefix("material:")))
            if place.startswith("material:")
            else submission.answers.get(place.split(".", 1)[0]) == before.answers.get(place.split(".", 1)[0])
        )
    }


def _same(files: dict[str, set[str]] | None) -> bool:
    return files is None or files["now"] == files["then"]
