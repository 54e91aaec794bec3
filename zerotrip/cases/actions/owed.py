"""Tolerant acceptance (容缺受理): what may come later, what is owed then, made up, looked at, or missed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks, proofs
from zerotrip.cases.access import require_may_act
from zerotrip.cases.actions.draft import handed_in_at
from zerotrip.cases.actions.stages import (
    cancel_stages,
    close_clocks,
    close_stage_clock,
    complete,
    open_on_the_way,
)
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Assignment, Case, Door, Material, Submission, Suspension, Verdict
from zerotrip.cases.outcomes import fulfil, stop
from zerotrip.cases.states import Result, Status, Step
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import MAKE_UP_STAGE, Limit, StageKind, Unit, Words
from zerotrip.channels.actions import tell_staff
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation, Requirement
from zerotrip.duties.models import Status as DutyStatus
from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.files.actions import store
from zerotrip.files.naming import clean_name
from zerotrip.parties.models import Deed, Role
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Material as Declared
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor

PAPERS = "image"
"""A picture of the paper now, the paper itself later."""
PROMISE = "commitment"
"""Nothing now but the applicant's word."""
OWED = "附条件核发："
"""How the condition begins that a material is still to come."""


@transaction.atomic
def owe_later(case: Case, key: str, how: str, *, by: Actor, at: datetime) -> Submission:
    """Say in a draft that a material comes later: ``image``, ``commitment``, or "" for not any more.

    Raises Refused for a material that may not come later, or not in this way.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require_may_act(locked, by, Deed.FILL)
    submission = Submission.objects.filter(case=locked, submitted_at=None).first()
    if submission is None:
        raise Stale(_("办件已经提交，现在不能修改。请刷新后查看最新情况。"))
    material = _material(spec_of(locked.version_id), key)
    ways = material.tolerable.against if material.tolerable else ()
    if how and how not in ways:
        raise Refused(_("“%(name)s”不能这样容缺后补。") % {"name": material.name})
    owed = {name: way for name, way in submission.owed.items() if name != key}
    submission.owed = {**owed, key: how} if how else owed
    submission.save(update_fields=["owed"])
    return submission


def _material(spec: ServiceSpec, key: str) -> Declared:
    found = next((material for material in spec.materials if material.id == key), None)
    if found is None:
        raise NotFound(_("这个事项没有这件材料。"))
    return found


def begin_owing(work: Work, submission: Submission) -> list[Obligation]:
    """With acceptance each material that comes later is owed, by its own day."""
    return [_owe(work, _material(work.spec, key)) for key in submission.owed]


def begin_owing_unproved(work: Work, but: Collection[str] = ()) -> list[Obligation]:
    """With acceptance each material is owed whose licence proves it no more, unless it is owed anyway."""
    found = proofs.now(work.case).items()
    unproved = [key for key, proof in found if key not in but and proof.trouble(at=work.at)]
    owed = {each.key for each in owed_by(work.case.pk, work.spec, work.case.version_id)} if unproved else set()
    return [_owe(work, _material(work.spec, key)) for key in unproved if key not in owed]


@transaction.atomic
def owe_unproved(case: Case, *, by: Actor, at: datetime, reason: str) -> Case:
    """A licence that stood in for a material of an accepted case proves it no more: the material is owed.

    Nothing happens to a case that is decided, or not accepted yet: then intake names it.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.accepted_at is None or locked.status not in (Status.REVIEWING, Status.DECIDING):
        return locked
    work = Work(Step.MISS, locked, [], [], None, by, at, "")
    for owed in begin_owing_unproved(work):
        work.note("owed", reason=reason, details={"material": owed.key, "name": owed.words["zh"]})
        work.writes.change(locked, "ledger_length", "ledger_head")
        work.tell_applicant("material_owed", material=owed.words, due=owed.due_at, reason=reason)
    return work.done()


UNPROVED = Limit(
    amount=10,
    unit=Unit.WORKING_DAYS,
    basis=Words(
        zh="本平台的默认期限：电子证照核验不通过的，限期补交",
        en="The platform's own default: the time to hand in what a licence did not prove",
    ),
)
"""How long an applicant has to hand in what a licence does not prove after all, unless the pack says."""


def _terms(work: Work, material: Declared) -> tuple[Limit, str]:
    """By when an owed material comes, and what follows when it does not."""
    if material.tolerable is not None:
        return material.tolerable.within, material.tolerable.consequence
    if material.licence is None:
        raise AssertionError("the check of packs sees to this")
    return material.licence.make_up or UNPROVED, "report"


def _owe(work: Work, material: Declared) -> Obligation:
    limit, consequence = _terms(work, material)
    owed = duties.Owed(
        slug=make_up_slug(work.case.version_id, material.id),
        kind=Kind.MAKE_UP,
        name=material.name,
        limit=limit,
        consequence=consequence,
        remind=work.spec.owing.remind if work.spec.owing else (3, 1),
    )
    return duties.owe(
        work.writes,
        owed,
        subject=work.case.pk,
        key=material.id,
        owner=work.case.applicant_id,
        watcher=work.case.department_id,
        area_path=work.case.area_path,
        at=work.at,
        link=f"/cases/{work.case.number}/make-up/",
        context={"number": work.case.number, "service": work.spec.name.model_dump()},
    )


def make_up_slug(version_id: UUID, material: str) -> str:
    """The name of the requirement to make a material up."""
    return f"{version_id}:make-up:{material}"


def owed_by(case_id: UUID, spec: ServiceSpec, version_id: UUID) -> list[Obligation]:
    """What is still owed about a case: open, or handed in and not yet looked at."""
    wanted_ids = [
        Requirement.key(make_up_slug(version_id, m.id)) for m in spec.materials if m.tolerable or m.licence
    ]
    if not wanted_ids:
        return []
    statuses = [DutyStatus.OPEN.value, DutyStatus.HANDED_IN.value]
    return fetch(Obligation, subject=case_id, requirement_id=wanted_ids, status=statuses)


def wanted(case: Case) -> list[Declared]:
    """The materials that wait for the applicant: owed, and not handed in yet."""
    spec = spec_of(case.version_id)
    keys = {one.key for one in owed_by(case.pk, spec, case.version_id) if one.status == DutyStatus.OPEN}
    return [material for material in spec.materials if material.id in keys]


def require_made_up(work: Work) -> str:
    """Before a grant: Refused while anything owed has to be there first; else the condition of the grant."""
    owed = owed_by(work.case.pk, work.spec, work.case.version_id)
    if not owed:
        return ""
    names = "、".join(str(_material(work.spec, each.key).name.zh) for each in owed)
    if work.spec.owing is None or work.spec.owing.issue == "after":
        raise Refused(_("还有容缺材料没有补齐：%(names)s。补齐核对后才能准予。") % {"names": names})
    last = max(each.due_at for each in owed)
    return f"{OWED}{names}应当于 {clocks.day_of(last)}前补齐。"


class Unproved(Refused):
    """What a licence is to prove is not proved, or not yet."""


def require_proved(work: Work) -> None:
    """Before a grant: every licence that stands in for a material is looked at once more.

    Raises Unproved while one waits to be verified, or when one proves nothing any more.
    """
    for key, proof in proofs.now(work.case).items():
        if reason := proof.trouble(at=work.at) or proof.waiting(at=work.at):
            words = {"name": _material(work.spec, key).name, "reason": reason}
            raise Unproved(_("“%(name)s”由电子证照代替：%(reason)s") % words)


@transaction.atomic
def make_up(
    case: Case,
    key: str,
    uploads: Iterable[tuple[Readable, str]],
    *,
    by: Actor,
    at: datetime,
    record: UUID,
    door: Door | None = None,
) -> Case:
    """Hand in what was owed: files for one material. ``record`` is made by the page: sent twice, it counts once.

    The files make a round of their own, so that staff see old and new side by side; it came by ``door``, else
    where ``by`` is. Raises Stale when nothing is owed any more, Invalid without a file.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require_may_act(locked, by, Deed.CORRECT)
    spec = spec_of(locked.version_id)
    material = _material(spec, key)
    _require_still_wanted(locked)
    owed = next((o for o in owed_by(locked.pk, spec, locked.version_id) if o.key == key), None)
    if owed is None:
        raise Stale(_("“%(name)s”已经不用再补交。") % {"name": material.name})
    if owed.status == DutyStatus.HANDED_IN:
        return locked
    blobs = [(store(stream, at=at), name) for stream, name in uploads]
    if not blobs:
        text = _("请选择要补交的文件。")
        raise Invalid(text, {f"material:{key}": [text]})
    work = Work(Step.MAKE_UP, locked, fetch(Assignment, case_id=locked.pk), [], None, by, at, "")
    round_ = _next_round(work, by, at, door or handed_in_at(locked, by))
    for blob, name in blobs:
        work.writes.insert(
            Material(submission=round_, key=key, blob=blob, name=clean_name(name, blob.media_type), added_at=at)
        )
    proofs.replace(work.writes, locked, key, round_.round, by=by, at=at)
    duties.hand_in(work.writes, owed, by=by, at=at, key=record, round=round_.round)
    open_on_the_way(
        work,
        MAKE_UP_STAGE,
        StageKind.MAKE_UP,
        department=locked.department_id,
        limit=clocks.NOTICE,
        materials=[key],
    )
    work.stay(details={"material": key, "round": round_.round})
    return work.done()


def _require_still_wanted(case: Case) -> None:
    ended = case.status == Status.CLOSED and case.result != Result.GRANTED
    if ended or case.accepted_at is None:
        raise Stale(_("办件已经结束，不用再补交材料。"))


def _next_round(work: Work, by: Actor, at: datetime, door: Door) -> Submission:
    """A frozen round with what was there before; the new files are added to it."""
    before = max(fetch(Submission, case_id=work.case.pk), key=lambda found: found.round)
    opened = Submission(
        case_id=work.case.pk,
        round=before.round + 1,
        answers=before.answers,
        owed=before.owed,
        committed=before.committed,
        door=door,
        started_at=at,
        submitted_at=at,
        submitted_by_id=by.account,
    )
    work.writes.insert(opened)
    work.writes.insert(
        *(
            Material(submission=opened, key=m.key, blob_id=m.blob_id, name=m.name, added_at=m.added_at)
            for m in fetch(Material, submission_id=before.pk)
        )
    )
    return opened


@transaction.atomic
def check_make_up(
    assignment: Assignment, *, good: bool, by: Actor, at: datetime, note: str = "", key: str = ""
) -> Case:
    """Compare what was handed in with what was owed: it will do, or it is owed again.

    Raises Invalid when it will not do and nothing says why.
    """
    work = begin(Step.CHECK_MAKE_UP, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed or work.assignment is None:
        return work.case
    if not good and not note.strip():
        raise Invalid(_("请写明哪里不符。"), {"note": [_("请写明哪里不符、要怎么补，申请人会看到。")]})
    (material,) = work.assignment.materials
    owed = next(each for each in owed_by(work.case.pk, work.spec, work.case.version_id) if each.key == material)
    complete(work, Verdict.PASS if good else Verdict.FAIL, note.strip())
    close_stage_clock(work)
    name = _material(work.spec, material).name.model_dump()
    if good:
        duties.keep(work.writes, owed, by=by, at=at, note=note.strip())
        work.tell_applicant("made_up", material=name)
        _fulfil(work, owed)
    else:
        owed.requirement = next(iter(fetch(Requirement, id=owed.requirement_id)))
        duties.give_back(work.writes, owed, by=by, at=at, note=note.strip())
        work.tell_applicant("make_up_returned", material=name, reason=note.strip(), due=owed.due_at)
    work.stay(reason=note.strip(), details={"material": material, "good": good})
    return work.done()


def _fulfil(work: Work, kept: Obligation) -> None:
    """With the last material that was owed, a licence that hung on it hangs on it no longer."""
    left = owed_by(work.case.pk, work.spec, work.case.version_id)
    if work.case.result == Result.GRANTED and all(each.pk == kept.pk for each in left):
        fulfil(work.case, by=work.by, at=work.at)


@transaction.atomic
def draw_consequence(obligation: Obligation, *, by: Actor, at: datetime) -> Case:
    """A material was not made up in time: what the service says follows. Raises Stale when it is not overdue."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=obligation.subject)
    held = next(iter(fetch(Obligation, lock=True, id=obligation.pk)))
    held.requirement = next(iter(fetch(Requirement, id=held.requirement_id)))
    work = Work(Step.MISS, case, fetch(Assignment, case_id=case.pk), [], None, by, at, "")
    duties.miss(work.writes, held, by=by, at=at)
    name = held.words
    reason = _("“%(name)s”到期没有补交。") % {"name": name["zh"]}
    consequence = held.requirement.consequence
    if consequence == "end" and case.status in (Status.REVIEWING, Status.DECIDING):
        _end(work, held, reason)
    elif consequence in ("suspend", "revoke") and case.result == Result.GRANTED:
        stop(case, consequence, reason=reason, by=by, at=at)
        work.stay(reason=reason, details={"material": held.key, "consequence": consequence})
    else:
        work.stay(reason=reason, details={"material": held.key, "consequence": "report"})
    work.tell_applicant("make_up_missed", material=name)
    tell_staff(
        work.writes,
        department=case.department_id,
        area_path=case.area_path,
        roles=(Role.LEADER, Role.SUPERVISOR),
        template="staff_make_up_missed",
        context={"number": case.number, "material": name, "service": work.spec.name.model_dump()},
        link=f"/desk/cases/{case.number}/",
        key=f"{held.pk}:missed",
        at=at,
    )
    return work.done()


def _end(work: Work, held: Obligation, reason: str) -> None:
    """The acceptance falls away, and the application with it."""
    work.step = Step.TERMINATE
    wind_up(work)
    work.decide(Result.TERMINATED, reason)
    details = {"material": held.key, "consequence": "end"}
    work.move(Status.CLOSED, reason=reason, details=details, decided_at=work.at, due_at=None, suspended=False)


def wind_up(work: Work) -> None:
    """The case ends without a grant: nobody has anything to do, no clock runs, no procedure, nothing is owed."""
    cancel_stages(work)
    close_clocks(work)
    end_procedures(work)
    if work.case.accepted_at is not None:
        for owed in owed_by(work.case.pk, work.spec, work.case.version_id):
            duties.drop(work.writes, owed, by=work.by, at=work.at, note=work.step.value)


def end_procedures(work: Work) -> None:
    """What was to be found out is not needed any more. The caller's move says ``suspended=False``."""
    if not work.case.suspended:
        return
    for procedure in fetch(Suspension, case_id=work.case.pk, ended_at=None):
        procedure.ended_at, procedure.ended_by_id = min(work.at, procedure.until), work.by.user_id
        procedure.outcome = _("办件已经结束，程序随之终止。")
        work.writes.change(procedure, "ended_at", "ended_by_id", "outcome")


def tolerated(spec: ServiceSpec, owed: Mapping[str, str], needed: Iterable[str]) -> dict[str, str]:
    """Of what the applicant says comes later, what is needed at all and may come later so."""
    ways = {m.id: m.tolerable.against for m in spec.materials if m.tolerable}
    return {key: how for key, how in owed.items() if key in set(needed) and how in ways.get(key, ())}
