"""Rating (好差评): said once of a closed case from any door, supplemented, and called back on when bad.

鲁政办发〔2020〕10号: five grades, one matter one rating, a supplement within five working days, every bad
rating called back on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions.judging import is_bad, reopen_above, settle
from zerotrip.cases.actions.stages import close_stage_clock, complete, open_on_the_way
from zerotrip.cases.actions.step import Work, begin, rating_token
from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Verdict
from zerotrip.cases.models.rating import BAD_GRADES, Grade, Rating, RatingDoor, Settled, Tag
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.spec import CALL_BACK_STAGE, Limit, StageKind
from zerotrip.channels.actions import tell_staff
from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import NOBODY
from zerotrip.parties.models import Party, Role
from zerotrip.parties.queries import staff_of
from zerotrip.questions.words import Words
from zerotrip.rows import fetch, fetch_all, wanted
from zerotrip.workdays.limits import Unit
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

LONGEST = 500
"""Characters of a comment, and of a supplement."""
_BASIS = Words(zh="鲁政办发〔2020〕10号", en="Shandong General Office [2020] No. 10")
SUPPLEMENT = Limit(amount=5, unit=Unit.WORKING_DAYS, basis=_BASIS)
"""How long something can be added to a rating."""
CALL_BACK = Limit(amount=1, unit=Unit.WORKING_DAYS, basis=_BASIS)
"""Whoever gave a bad grade is called within one working day; in five it is put right and answered."""
CALLERS = (Role.LEADER, Role.HEAD)
"""Who calls back in a department, from below."""


def case_of_token(token: str) -> UUID:
    """The case a rating link is about. Raises NotFound for a link that nobody here made."""
    try:
        return UUID(signing.Signer(salt="zerotrip.rating").unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(_("这个评价链接不完整或已失效，请从短信、邮件或办件页面重新打开。")) from error


def rating_link(case: Case) -> str:
    """Where a closed case that was handed in is rated without signing in; nothing for any other."""
    closed = case.status in (Status.CLOSED, Status.CONFIRMING) and case.submitted_at is not None
    return f"/rate/{rating_token(case.pk)}/" if closed else ""


__all__ = ["call_back", "case_of_token", "rate", "rating_link", "rating_token", "supplement", "supplement_until"]


@transaction.atomic
def rate(
    case_id: UUID,
    *,
    grade: int,
    door: RatingDoor,
    by: Actor,
    at: datetime,
    tags: Collection[str] = (),
    comment: str = "",
    key: str = "",
) -> Rating | None:
    """Say once how a closed case was handled. A bad grade opens a call-back one level up at once.

    Of a need it is the firm's word that closes it; a bad grade opens it anew one level up and is kept in its
    history: no rating is written before it is settled, and None comes back.

    By the link and at the counter nobody need be signed in as the applicant; ``by`` is then nobody, or the clerk
    who handed the screen over. Raises Invalid without a grade, Stale for a case that is not closed or rated.
    """
    work = _work(case_id, by, at, key)
    case = work.case
    found = fetch(Rating, case_id=case.pk)
    if key and _same_press(work):
        return found[0] if found else None
    if found:
        raise Stale(_("这个办件已经评价过。五个工作日内可以补充评价。"))
    _require_may_rate(case, door, by)
    graded, said = _checked(grade, comment)
    if case.spec.need is not None and is_bad(case, graded):
        reopen_above(work, graded, said)
        work.done()
        return None
    rating = Rating(
        case_id=case.pk,
        service=work.spec.id,
        department_id=case.department_id,
        area_path=case.area_path,
        green=case.contact_id is not None,
        grade=graded,
        tags=[tag for tag in Tag.values if tag in tags],
        comment=said,
        door=door,
        by_id=by.user_id,
        at=at,
    )
    work.writes.insert(rating)
    if case.status == Status.CONFIRMING:
        settle(work, graded)
    called = {"call_back": _open_call_back(work)} if graded in BAD_GRADES else {}
    _journal(work, "rate", grade=graded.value, door=door.value, **called)
    work.done()
    return rating


def _work(case_id: UUID, by: Actor, at: datetime, key: str) -> Work:
    cases, assignments = fetch_all(wanted(Case, lock=True, id=case_id), wanted(Assignment, case_id=case_id))
    if not cases:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    speaker = by if by.user_id else replace(NOBODY, name="申请人")
    return Work(Step.CALL_BACK, cases[0], assignments, [], None, speaker, at, key)


def _same_press(work: Work) -> bool:
    said = ("rate", Step.DISSATISFIED.value)
    return Entry.objects.filter(subject=work.case.pk, action__in=said, details__key=work.key).exists()


def _journal(work: Work, action: str, **details: object) -> None:
    work.note(action, details=details)
    work.writes.change(work.case, "ledger_length", "ledger_head")


def _require_may_rate(case: Case, door: RatingDoor, by: Actor) -> None:
    over = case.status in (Status.CLOSED, Status.CONFIRMING)
    if not over or case.submitted_at is None:
        raise Stale(_("办件办结后才能评价。"))
    if door is RatingDoor.PORTAL and case.applicant_id not in by.acts_for:
        raise NotAllowed(_("只有申请人或其经办人可以这样做。"))


def _checked(grade: int, comment: str) -> tuple[Grade, str]:
    problems: dict[str, list[str]] = {}
    said = comment.strip()
    if grade not in Grade.values:
        problems["grade"] = [_("请选择一个等级。")]
    if len(said) > LONGEST:
        text = _("请不要超过 %(most)d 字，现在有 %(count)d 字。")
        problems["comment"] = [text % {"most": LONGEST, "count": len(said)}]
    if problems:
        raise Invalid(_("评价还没有提交，请看下面的提示。"), problems)
    return Grade(grade), said


def _open_call_back(work: Work) -> str:
    """Work for somebody one level above those who handled the case, due within one working day; its name."""
    department, role = _caller(work)
    due = open_on_the_way(
        work, CALL_BACK_STAGE, StageKind.CALL_BACK, department=department, role=role, limit=CALL_BACK
    )
    tell_staff(
        work.writes,
        department=department,
        area_path=work.case.area_path,
        roles=(role,),
        template="staff_call_back",
        context={"number": work.case.number, "service": work.spec.name.model_dump(), "due": due.due_at},
        link=f"/desk/cases/{work.case.number}/",
        key=f"{due.pk}:opened",
        at=work.at,
    )
    return due.stage


def _caller(work: Work) -> tuple[UUID, Role]:
    """The department and role that calls back: the leader, or one level above who decided.

    Where nobody who kept out of the case holds that seat, the next above who does; else the nearest below.
    """
    levels = list(_levels(work.case.department_id))
    begins = _level_of_decision(work) + 1
    handled = {who for one in work.assignments for who in (one.first_by_id, one.done_by_id) if who}
    for department, role in [*levels[begins:], *reversed(levels[:begins])]:
        if set(staff_of(department, (role,), area_path=work.case.area_path, at=work.at)) - handled:
            return department, role
    return levels[min(begins, len(levels) - 1)]


def _levels(department: UUID | None) -> Iterator[tuple[UUID, Role]]:
    """The seats that call back, from below: of the department, then of the one it is part of."""
    seen: set[UUID] = set()
    while department is not None and department not in seen:
        seen.add(department)
        for role in CALLERS:
            yield department, role
        department = Party.objects.filter(pk=department).values_list("parent", flat=True).first()


def _level_of_decision(work: Work) -> int:
    """How high in the department it was decided: -1 below its leaders, 0 by a leader, 1 by its head."""
    roles = {
        one.role
        for one in work.assignments
        if one.done_by_id and one.department_id == work.case.department_id and one.status == AssignmentStatus.DONE
    }
    return max((place for place, role in enumerate(CALLERS) if role in roles), default=-1)


def supplement_until(rating: Rating) -> datetime:
    """Until when something can be added to a rating."""
    return clocks.stage_due(SUPPLEMENT, at=rating.at, calendar=calendar_for(rating.area_path))


@transaction.atomic
def supplement(case_id: UUID, *, text: str, by: Actor, at: datetime, key: str = "") -> Rating:
    """Add something to a rating, once, within five working days. The grade stays.

    Raises Stale when it is too late or was done, Invalid for a text that is none.
    """
    work = _work(case_id, by, at, key)
    rating = next(iter(fetch(Rating, case_id=case_id)), None)
    if rating is None:
        raise Stale(_("这个办件还没有评价。"))
    said = text.strip()
    if rating.supplemented_at is not None:
        if rating.supplement == said:
            return rating
        raise Stale(_("已经补充过评价，不能再改。"))
    if at > supplement_until(rating):
        raise Stale(_("补充评价的期限（五个工作日）已过。"))
    if not said or len(said) > LONGEST:
        words = _("请写 1 到 %(most)d 字。") % {"most": LONGEST}
        raise Invalid(words, {"supplement": [words]})
    rating.supplement, rating.supplemented_at = said, at
    work.writes.change(rating, "supplement", "supplemented_at")
    _journal(work, "supplement")
    work.done()
    return rating


@transaction.atomic
def call_back(
    assignment: Assignment,
    *,
    finding: str,
    settled: Settled,
    by: Actor,
    at: datetime,
    put_right: str = "",
    key: str = "",
) -> Case:
    """Record the call-back on a bad grade: what was found, what was put right, whether they are content now.

    Raises NotAllowed for whoever handled the case, Invalid without a finding or an answer.
    """
    work = begin(Step.CALL_BACK, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    problems: dict[str, list[str]] = {}
    if not finding.strip():
        problems["finding"] = [_("请写明了解到的情况。")]
    if settled is Settled.NONE:
        problems["settled"] = [_("请选择一项。")]
    if problems:
        raise Invalid(_("请写明回访的情况。"), problems)
    (rating,) = fetch(Rating, case_id=work.case.pk)
    rating.finding, rating.put_right, rating.settled = finding.strip(), put_right.strip(), settled
    rating.called_back_at, rating.called_back_by_id = at, by.account
    work.writes.change(rating, "finding", "put_right", "settled", "called_back_at", "called_back_by_id")
    close_stage_clock(work)
    complete(work, Verdict.PASS, "")
    work.stay(details={"settled": settled.value})
    if settled is not Settled.UNREACHED:
        work.tell_applicant("called_back", what=put_right.strip() or finding.strip())
    return work.done()
