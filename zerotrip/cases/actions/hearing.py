"""Hearings: the right to one is told, used or waived; called, held and minuted (行政许可法 arts. 46–48)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.access import require_may_act, why_keep_out, works_on
from zerotrip.cases.actions.concerned import hear, notify, person, require_not_held, require_way
from zerotrip.cases.actions.procedures import declared_procedure, ends_at, keep_clocks, start_again, stop, under_way
from zerotrip.cases.actions.step import Work, begin, begin_for_concerned, both
from zerotrip.cases.models import (
    Answer,
    Assignment,
    Case,
    Clock,
    ClockName,
    Concerned,
    Ground,
    Hearing,
    HearingNotice,
    Procedure,
    Telling,
)
from zerotrip.cases.states import Status, Step
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import WORKING_ROLES, Deed, User
from zerotrip.parties.queries import colleagues
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.files.models import Blob
    from zerotrip.parties.access import Actor

LONGEST_PLACE = 200
FITS = {
    HearingNotice.VIEW: (Answer.SAID, Answer.NOTHING),
    HearingNotice.RIGHT: (Answer.ASKED, Answer.WAIVED),
}
"""What can be answered to which notice."""


def require_heard(work: Work) -> None:
    """Before a decision on the merits: Refused while somebody may still answer, or a hearing is not minuted
    (arts. 36, 46–48). NotAllowed for whoever presided over the hearing."""
    if reason := work.heard.waits(work.spec, at=work.at):
        raise Refused(reason)
    require_not_presiding(work)


def require_not_presiding(work: Work) -> None:
    """Raise NotAllowed for whoever presides over the hearing of the case: they examine nothing (art. 48)."""
    hearing = work.heard.hearing
    if hearing is not None and hearing.presided_by_id is not None and hearing.presided_by_id == work.by.user_id:
        raise NotAllowed(_("您主持这个办件的听证，不能再审查和决定，请交由他人办理（《行政许可法》第四十八条）。"))


@transaction.atomic
def tell_right(assignment: Assignment, *, ways: Mapping[UUID, str], by: Actor, at: datetime, key: str = "") -> Case:
    """Tell the applicant and everybody concerned that they may ask for a hearing within five working days
    (art. 47). Who was told before is not told again; ``ways`` says how each of the others is told.

    Raises Refused where the service has no hearing, Stale when nobody is left to be told or it was held.
    """
    work = hear(assignment, "right", by=by, at=at, key=key)
    if work.replayed:
        return work.case
    declared_procedure(work, Procedure.HEARING)
    require_not_held(work)
    told: list[Concerned | None] = [] if work.heard.told(HearingNotice.RIGHT, None) else [None]
    told += work.heard.untold(HearingNotice.RIGHT)
    if not told:
        raise Stale(_("申请人和利害关系人都已经告知。"))
    _require_ways(told, ways)
    calendar = calendar_for(work.case.area_path)
    until = clocks.stage_due(clocks.ASK_FOR_HEARING, at=at, calendar=calendar)
    for one in told:
        notify(work, HearingNotice.RIGHT, one, via=ways[one.pk] if one else "portal", until=until)
    work.stay(details={"what": "right", "until": until.isoformat(), "told": len(told)})
    return work.done()


@transaction.atomic
def note_answer(
    assignment: Assignment,
    telling: UUID,
    *,
    answer: str,
    on: date | None,
    by: Actor,
    at: datetime,
    words: str = "",
    key: str = "",
) -> Case:
    """Note what somebody answered who does not do so here, and on which day it came.

    The same again changes nothing. Raises Invalid for a day before the notice, after today, or, of a
    request, after the five days; Stale for another answer than the one noted. A request can be withdrawn.
    """
    work = hear(assignment, answer, by=by, at=at, key=key, telling=str(telling))
    return _answered(work, telling, answer, words, on)


@transaction.atomic
def answer(case: Case, telling: UUID, *, answer: str, by: Actor, at: datetime, words: str = "") -> Case:
    """The applicant states a view, asks for a hearing or waives it, on the case page.

    Whoever waives it in another's name needs a mandate to withdraw. Raises as ``note_answer``.
    """
    work = begin(Step.HEAR, case.pk, by=by, at=at)
    if answer == Answer.WAIVED:
        require_may_act(work.case, by, Deed.WITHDRAW)
    found = next((one for one in work.heard.tellings if one.pk == telling), None)
    if found is None or not found.to_applicant:
        raise NotFound(_("没有找到这份告知。"))
    return _answered(work, telling, answer, words, timezone.localtime(at).date())


@transaction.atomic
def answer_as_concerned(telling: Telling, *, answer: str, by: Actor, at: datetime, words: str = "") -> Case:
    """Somebody concerned who has an account here answers their notice themselves. Raises as ``note_answer``."""
    work = begin_for_concerned(telling, by=by, at=at)
    return _answered(work, telling.pk, answer, words, timezone.localtime(at).date())


def _answered(work: Work, telling: UUID, answer: str, words: str, on: date | None) -> Case:
    given, words = Answer(answer) if answer in Answer.values else Answer.NONE, words.strip()
    found = next((one for one in work.heard.tellings if one.pk == telling), None)
    if found is None or found.what not in FITS:
        raise NotFound(_("没有找到这份告知。"))
    if (found.answer, found.words) == (given, words):
        return work.case
    withdrawn = (found.answer, given) == (Answer.ASKED, Answer.WAIVED)
    if found.answer and not withdrawn:
        raise Stale(_("答复已经记录过：%(answer)s。") % {"answer": found.get_answer_display()})
    require_not_held(work)
    on = _checked(work, found, given, words, on)
    found.answer, found.words, found.answered_on = given, words, on
    found.noted_at, found.noted_by_id = work.at, work.by.account
    work.writes.change(found, "answer", "words", "answered_on", "noted_at", "noted_by_id")
    details = {"what": given.value, "telling": str(found.pk), "on": on.isoformat()}
    if given is Answer.ASKED:
        _open(work, on)
    if withdrawn and not [one for one in work.heard.asked_for() if one.pk != found.pk]:
        _give_up(work, details)
        return work.done()
    work.stay(details=details)
    return work.done()


def _checked(work: Work, found: Telling, given: Answer, words: str, on: date | None) -> date:
    """The day an answer came, if everything about it fits. Raises Invalid at the places."""
    problems: dict[str, list[str]] = {}
    if given not in FITS[HearingNotice(found.what)]:
        problems["answer"] = [_("请选择答复是什么。")]
    if given is Answer.SAID and not words:
        problems["view"] = [_("请写下陈述的意见。")]
    first, today = timezone.localtime(found.told_at).date(), timezone.localtime(work.at).date()
    if on is None or not first <= on <= today:
        problems["on"] = [_("请填写答复的日期，不早于告知，不晚于今天。")]
    elif given is Answer.ASKED and found.until is not None and on > timezone.localtime(found.until).date():
        problems["on"] = [_("要求听证的期限已经过去（被告知之日起五日内，《行政许可法》第四十七条）。")]
    if problems or on is None:
        raise Invalid(next(iter(problems.values()))[0], problems)
    return on


def _open(work: Work, on: date) -> None:
    """Somebody asks for a hearing: it is held within twenty working days of the first request."""
    if work.heard.hearing is not None:
        return
    calendar = calendar_for(work.case.area_path)
    since = work.at
    if on < timezone.localtime(work.at).date():
        since = datetime.combine(on, calendar.office_hours[0][0], CHINA)
    work.writes.insert(Hearing(case_id=work.case.pk, ground=Ground.ASKED, requested_at=since))
    work.writes.insert(clocks.start(work.case, ClockName.HEARING, clocks.HOLD_HEARING, at=since, calendar=calendar))


def _give_up(work: Work, details: dict[str, Any]) -> None:
    """Nobody asks for the hearing any more: it falls away, and time is counted again."""
    hearing = work.heard.hearing
    if hearing is None or hearing.ground != Ground.ASKED:
        work.stay(details=details)
        return
    hearing.dropped_at = work.at
    work.writes.change(hearing, "dropped_at")
    _end_clock(work)
    _go_on(work, _("要求听证的人撤回了要求。"), details)


def _end_clock(work: Work) -> None:
    for clock in _limit(work):
        clock.ended_at = work.at
        work.writes.change(clock, "ended_at")


def _limit(work: Work) -> list[Clock]:
    """The limit to hold the hearing in, while it runs."""
    return [clock for clock in work.clocks if clock.name == ClockName.HEARING]


def _go_on(work: Work, outcome: str, details: dict[str, Any]) -> None:
    """The procedure ends if it still stops the clocks; the step is journalled either way."""
    running = under_way(work)
    ending = next((one for one in running if one.kind == Procedure.HEARING), None)
    if ending is None:
        work.stay(details=details)
        return
    start_again(work, ending, outcome)
    moved = keep_clocks(work, work.clocks)
    work.move(Status(work.case.status), reason="", details=details, suspended=len(running) > 1, **moved)
    work.tell_applicant("resumed", kind=both(Procedure.HEARING.label), due=work.case.due_at)


def earliest(case: Case, *, at: datetime) -> date:
    """The first day on which a hearing may be held whose notice is given now: after seven working days."""
    ends = clocks.stage_due(clocks.CALL_HEARING, at=at, calendar=calendar_for(case.area_path))
    return timezone.localtime(ends).date() + timedelta(days=1)


def may_preside(case: Case, works: Sequence[Assignment], *, by: Actor, at: datetime) -> list[User]:
    """The staff of the department who may preside: they did no work on the case, hold none of it, and are not
    on the applicant's side. Nobody appoints themselves."""
    hands = {by.user_id} | {who for one in works for who in (one.done_by_id, one.first_by_id, one.assignee_id)}
    offices = {case.department_id}
    found = {seat.person.account.pk: seat.person.account for seat in colleagues(offices, at=at)}
    return [
        user for key, user in found.items() if key not in hands and not why_keep_out(case, actor_for(user, at=at))
    ]


@transaction.atomic
def call_hearing(
    assignment: Assignment,
    *,
    begins_at: datetime | None,
    place: str,
    presider: UUID | None,
    amount: float,
    ways: Mapping[UUID, str],
    calls: int,
    by: Actor,
    at: datetime,
    closed_because: str = "",
    announced: str = "",
    key: str = "",
) -> Case:
    """Notify time and place of the hearing, who presides and whether it is public, seven working days before
    (art. 48). With the notice the clocks stop for ``amount``, in the unit of the service (art. 45).

    ``calls`` is how often it was called when the page was opened: who was overtaken gets Stale. Called again,
    the seven days run anew. Without a request it is held of the agency's own accord, and announced (art. 46).
    Raises Refused where the service has no hearing, Invalid at the places of what does not fit.
    """
    begins = begins_at.isoformat() if begins_at else ""
    work = hear(assignment, "called", by=by, at=at, key=key, begins=begins)
    if work.replayed:
        return work.case
    declared = declared_procedure(work, Procedure.HEARING)
    require_not_held(work)
    hearing = work.heard.hearing or Hearing(case_id=work.case.pk, ground=_of_own_accord(work))
    new = work.heard.hearing is None
    if hearing.calls != calls:
        raise Stale(_("听证的时间地点刚刚已经通知过，请刷新后查看。"))
    place, announced, closed_because = place.strip(), announced.strip(), closed_because.strip()
    problems = _time_problems(work, begins_at) | _place_problems(hearing, place, announced)
    presiding = next(
        (user for user in may_preside(work.case, work.assignments, by=by, at=at) if user.pk == presider), None
    )
    if presiding is None:
        problems["presider"] = [_("请指定没有审查过这个办件的人主持（《行政许可法》第四十八条）。")]
    most = declared.most.amount
    if not 0 < amount <= most:
        problems["amount"] = [_("请填写所需时间，最多 %(most)s。") % {"most": f"{most:g}"}]
    elif begins_at is not None and ends_at(work, declared, amount) < begins_at:
        problems["amount"] = [_("所需时间要够到听证举行以后。")]
    if problems or begins_at is None or presiding is None:
        raise Invalid(_("请把听证通知补充完整。"), problems)
    _require_ways(work.heard.concerned, ways)
    hearing.calls, hearing.called_at, hearing.called_by_id = calls + 1, at, by.account
    hearing.begins_at, hearing.place = begins_at, place
    hearing.closed_because, hearing.announced = closed_because, announced
    hearing.presided_by_id, hearing.presider = presiding.pk, presiding.person.name
    if new:
        work.writes.insert(hearing)
    else:
        work.writes.change(hearing, *_CALLED)
    when = formats.date_format(timezone.localtime(begins_at), "Y 年 n 月 j 日 H:i")
    reason = f"{when} 在{place}举行听证"
    for running in under_way(work):
        if running.kind == Procedure.HEARING:
            start_again(work, running, _("听证改期，重新通知。"))
    stopped = stop(work, declared, reason=reason, amount=amount)
    moved = keep_clocks(work, work.clocks)
    work.note(Step.SUSPEND, reason=reason, details={"kind": "hearing", "until": stopped.until.isoformat()})
    work.tell_applicant("suspended", kind=both(Procedure.HEARING.label), reason=reason, due=stopped.until)
    details = {"what": "called", "begins": begins, "calls": hearing.calls}
    work.move(Status(work.case.status), reason="", details=details, suspended=True, **moved)
    public = f"不公开举行，原因：{closed_because}。" if closed_because else "听证公开举行。"
    says = f"{reason}，由{hearing.presider}主持。{public}"
    said: dict[str, Any] = {"when": begins_at, "place": place, "presider": hearing.presider}
    for one in (None, *work.heard.concerned):
        via = ways[one.pk] if one else "portal"
        notify(work, HearingNotice.HEARING, one, via=via, number=hearing.calls, says=says, **said)
    return work.done()


_CALLED = (
    "calls",
    "called_at",
    "called_by_id",
    "begins_at",
    "place",
    "closed_because",
    "announced",
    "presided_by_id",
    "presider",
)


def _of_own_accord(work: Work) -> Ground:
    return Ground.LAW if work.spec.hearing is not None and work.spec.hearing.held == "law" else Ground.PUBLIC


def _place_problems(hearing: Hearing, place: str, announced: str) -> dict[str, list[str]]:
    """What is missing of where it is held, and where that is announced."""
    problems: dict[str, list[str]] = {}
    if not place or len(place) > LONGEST_PLACE:
        problems["place"] = [_("请填写听证地点。")]
    if hearing.ground != Ground.ASKED and not announced:
        problems["announced"] = [_("依职权举行的听证要向社会公告，请写明在哪里公告（《行政许可法》第四十六条）。")]
    return problems


def _time_problems(work: Work, begins_at: datetime | None) -> dict[str, list[str]]:
    """What is wrong with the time: too soon for the notice, or past the twenty days while there is room."""
    if begins_at is None:
        return {"begins_at": [_("请填写听证的日期和时间。")]}
    first, day = earliest(work.case, at=work.at), timezone.localtime(begins_at).date()
    if day < first:
        words = _("通知要在听证七个工作日以前，最早 %(day)s（《行政许可法》第四十八条）。")
        return {"begins_at": [words % {"day": formats.date_format(first, "SHORT_DATE_FORMAT")}]}
    for clock in _limit(work):
        last = timezone.localtime(clock.due_at).date() if clock.due_at else day
        if first <= last < day:
            words = _("听证要在收到要求后二十个工作日内举行，最晚 %(day)s（《行政许可法》第四十七条）。")
            return {"begins_at": [words % {"day": formats.date_format(last, "SHORT_DATE_FORMAT")}]}
    return {}


def _require_ways(told: Sequence[Concerned | None], ways: Mapping[UUID, str]) -> None:
    for one in told:
        if one is not None:
            require_way(one, ways.get(one.pk, ""), place=f"via-{one.pk}")


@transaction.atomic
def ask_recusal(case: Case, *, reason: str, by: Actor, at: datetime) -> Case:
    """The applicant asks that somebody else preside (art. 48). Raises Refused when nobody does, or it was held."""
    work = begin(Step.HEAR, case.pk, by=by, at=at)
    return _asked_off(work, _("申请人"), reason)


@transaction.atomic
def note_recusal(
    assignment: Assignment, concerned: UUID, *, reason: str, by: Actor, at: datetime, key: str = ""
) -> Case:
    """Note that somebody concerned asks that somebody else preside."""
    work = hear(assignment, "recusal", by=by, at=at, key=key)
    if work.replayed:
        return work.case
    return _asked_off(work, person(work, concerned).name, reason)


def _asked_off(work: Work, who: str, reason: str) -> Case:
    hearing = _called(work)
    reason = reason.strip()
    if hearing.recusal_is_open and (hearing.recusal_asked_by, hearing.recusal_reason) == (who, reason):
        return work.case
    if hearing.recusal_is_open:
        raise Refused(_("已经有一份回避申请等待答复。"))
    if not reason:
        raise Invalid(_("请写明理由。"), {"reason": [_("请写明主持人与这个办件有什么直接利害关系。")]})
    hearing.recusal_asked_at, hearing.recusal_asked_by, hearing.recusal_reason = work.at, who, reason
    hearing.recusal_settled_at = hearing.recusal_settled_by_id = None
    hearing.recusal_answer = ""
    work.writes.change(hearing, *_RECUSAL)
    work.stay(reason=reason, details={"what": "recusal"})
    return work.done()


_RECUSAL = (
    "recusal_asked_at",
    "recusal_asked_by",
    "recusal_reason",
    "recusal_settled_at",
    "recusal_settled_by_id",
    "recusal_answer",
)


def _called(work: Work) -> Hearing:
    """The hearing of this step, called and not held yet. Raises Refused or Stale."""
    require_not_held(work)
    hearing = work.heard.hearing
    if hearing is None or not hearing.is_called:
        raise Refused(_("听证的时间地点还没有通知。"))
    return hearing


@transaction.atomic
def settle_recusal(
    assignment: Assignment,
    *,
    answer: str,
    by: Actor,
    at: datetime,
    presider: UUID | None = None,
    key: str = "",
) -> Case:
    """Answer a request that somebody else preside: with ``presider``, they do from now on; without, it is
    turned down. The applicant is told. Raises Refused when there is none, Invalid without an answer."""
    work = hear(assignment, "recusal_settled", by=by, at=at, key=key)
    if work.replayed:
        return work.case
    hearing = _called(work)
    if not hearing.recusal_is_open:
        raise Stale(_("没有等待答复的回避申请。"))
    problems: dict[str, list[str]] = {}
    if not answer.strip():
        problems["answer"] = [_("请写明决定和理由，申请人会看到。")]
    if presider is not None:
        free = may_preside(work.case, work.assignments, by=by, at=at)
        taken = {hearing.presided_by_id, hearing.called_by_id}
        new = next((user for user in free if user.pk == presider and user.pk not in taken), None)
        if new is None:
            problems["presider"] = [_("请指定没有审查过这个办件的人主持（《行政许可法》第四十八条）。")]
        else:
            hearing.presided_by_id, hearing.presider = new.pk, new.person.name
    if problems:
        raise Invalid(_("请把答复补充完整。"), problems)
    hearing.recusal_settled_at, hearing.recusal_settled_by_id = at, by.account
    hearing.recusal_answer = answer.strip()
    work.writes.change(hearing, *_RECUSAL, "presided_by_id", "presider")
    work.stay(reason=answer.strip(), details={"what": "recusal_settled", "granted": presider is not None})
    work.tell_applicant("recusal_settled", answer=answer.strip(), presider=hearing.presider)
    return work.done()


@transaction.atomic
def keep_minutes(
    assignment: Assignment,
    *,
    minutes: str,
    signed: str,
    refused: str = "",
    scan: Blob | None = None,
    by: Actor,
    at: datetime,
    key: str = "",
) -> Case:
    """Put the minutes of the hearing on file, with who signed them and who did not (art. 48): names line by
    line, and ``scan``, the paper they signed, if it is at hand. Time is counted again, and the decision can
    rest on them.

    Raises Refused before the hearing began or while a recusal is not answered, Invalid for what is missing,
    Stale when they are on file.
    """
    work = hear(assignment, "minutes", by=by, at=at, key=key)
    if work.replayed:
        return work.case
    hearing = _called(work)
    if hearing.begins_at is None or at < hearing.begins_at:
        raise Refused(_("听证还没有举行。"))
    if hearing.recusal_is_open:
        raise Refused(_("回避申请还没有答复。请先答复，再将笔录存档。"))
    names = [(name, True) for name in _names(signed)] + [(name, False) for name in _names(refused)]
    problems: dict[str, list[str]] = {}
    if not minutes.strip():
        problems["minutes"] = [_("请记下听证的经过、各方意见和证据。")]
    if not any(was for _name, was in names):
        problems["signed"] = [_("请写下在笔录上签字或者盖章的人，一行一位。")]
    if problems:
        raise Invalid(_("请把听证笔录补充完整。"), problems)
    hearing.minutes, hearing.kept_at, hearing.kept_by_id = minutes.strip(), at, by.account
    hearing.signatures = [{"name": name, "signed": was} for name, was in names]
    hearing.scan = scan
    work.writes.change(hearing, "minutes", "signatures", "scan_id", "kept_at", "kept_by_id")
    _end_clock(work)
    facts = {"what": "minutes", "scan": scan.pk} if scan else {"what": "minutes"}
    _go_on(work, _("听证已经举行，笔录已经存档。"), facts)
    return work.done()


def may_add_scan(case: Case, hearing: Hearing | None, actor: Actor) -> bool:
    """Whether ``actor`` may still add the signed paper: it is missing, and they put the minutes on file or
    work in the department of the case. However far the case is: paper comes late."""
    if hearing is None or hearing.kept_at is None or hearing.scan_id is not None:
        return False
    kept = actor.user_id == hearing.kept_by_id and bool(actor.seats_as(*WORKING_ROLES))
    return works_on(case, actor, WORKING_ROLES) or (kept and not why_keep_out(case, actor))


@transaction.atomic
def add_scan(hearing: Hearing, scan: Blob, *, by: Actor, at: datetime) -> Hearing:
    """Put the paper that was signed beside minutes that were kept without it (art. 48). Once it is there it
    stays; the same paper again changes nothing.

    Raises Refused without minutes on file, Stale where another paper is there, NotAllowed for others.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=hearing.case_id)
    held = Hearing.objects.get(pk=hearing.pk)
    if held.kept_at is None:
        raise Refused(_("听证笔录还没有存档。"))
    if held.scan_id == scan.pk:
        return held
    if held.scan_id is not None:
        raise Stale(_("签字的笔录已经存档，不能更换。"))
    if not may_add_scan(case, held, by):
        raise NotAllowed(_("签字的笔录由承办部门的工作人员补充，申请人一方的应当回避。"))
    held.scan = scan
    held.save(update_fields=["scan"])
    ledger.append(case, "minutes_signed", by=by, at=at, details={"scan": scan.pk})
    case.save(update_fields=["ledger_length", "ledger_head"])
    return held


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip()[:80] for line in text.splitlines() if line.strip()))
