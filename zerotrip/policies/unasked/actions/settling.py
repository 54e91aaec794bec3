"""What became of the lines of a list: by hand, or from a file of the bank that the worker goes through."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, NotFound, Refusal, Refused, Stale
from zerotrip.facts.queries import day_of
from zerotrip.files import keeping, under_way
from zerotrip.files.scanning import scan
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.policies.unasked.access import require_may_work
from zerotrip.policies.unasked.actions.drafting import BATCH, held_grant, note, required
from zerotrip.policies.unasked.actions.paying import locked_list
from zerotrip.policies.unasked.actions.words import tell_firm, tell_firms
from zerotrip.policies.unasked.answers import LARGEST, Row, Settled, rows_in
from zerotrip.policies.unasked.models import AnswerStatus, BankAnswer, Grant, GrantStatus, PaymentList

if TYPE_CHECKING:
    from typing import BinaryIO

    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor

AT_ONCE = 2_000
"""Lines recorded in one transaction, by one statement; rows after which it is said how far a file is."""
KEPT = timedelta(days=3)
"""How long the files are kept."""
SHOWN = 100
"""Faults shown on the page; all of them are in a file."""

Each = TypeVar("Each")


def hand_in(
    file: Readable, payment_id: UUID, *, name: str, language: str, by: Actor, at: datetime, answer_id: UUID
) -> BankAnswer:
    """Keep what a bank answered and have it looked through and recorded. Nothing of it is recorded yet.

    The same ``answer_id`` again is the same answer, and so is the file that is under way already, whoever handed
    it in. Raises Refused for a list that is not approved or has another file under way, Invalid without a file.
    """
    payment = PaymentList.objects.select_related("run").filter(pk=payment_id).first()
    if payment is None:
        raise NotFound(_("没有找到这份清单。"))
    require_may_work(payment.run, by)
    of_list = BankAnswer.objects.filter(payment=payment_id)
    if (found := of_list.filter(pk=answer_id).first()) is not None:
        return found
    answer = BankAnswer(id=answer_id, payment_id=payment_id, account_id=by.account, at=at, expires_at=at + KEPT)
    answer.name, answer.language = name[-200:], language
    try:
        return under_way.made_once(answer, of_list, partial(_keep, answer, file, by=by))
    except _OtherError as other:
        return other.answer


class _OtherError(Exception):
    """The same file is under way."""

    def __init__(self, answer: BankAnswer) -> None:
        self.answer = answer


def _keep(answer: BankAnswer, file: Readable, *, by: Actor) -> None:
    with keeping.received(file, place_of(answer.pk), most=LARGEST) as (answer.sha256, size):
        if not size:
            raise Invalid(_("这是一个空文件。"), {"file": [_("这是一个空文件。")]})
        payment = locked_list(answer.payment_id)
        if payment.approved_at is None:
            raise Refused(_("清单审批后才能登记发放结果。"))
        other = BankAnswer.objects.under_way().filter(payment=payment).first()
        if other is not None and other.sha256 == answer.sha256:
            raise _OtherError(other)
        _require_none(other)
        details = {"list": payment.number, "name": answer.name, "sha256": answer.sha256, "bytes": size}
        ledger.append(answer, "hand_in", by=by, at=answer.at, details=details)
        answer.save(force_insert=True)
        enqueue_answer(answer.pk)


def _require_none(answer: BankAnswer | None) -> None:
    if answer is not None:
        raise Refused(_("银行的结果文件“%(name)s”正在登记，请等它完成，或者先放弃它。") % {"name": answer.name})


def enqueue_answer(answer_id: UUID, **more: Any) -> None:
    """Have the worker go on with an answer; no two at once."""
    from zerotrip.policies.tasks import take_answer as job

    job.configure(lock=f"policies.answer:{answer_id}", **more).defer(answer=str(answer_id))


def place_of(answer_id: UUID) -> Path:
    """Where the file of an answer lies; whatever is in it, what reads workbooks asks for this ending."""
    return keeping.folder("answers") / f"{answer_id}.xlsx"


def faults_place_of(answer_id: UUID) -> Path:
    """Where the list of its faults lies."""
    return keeping.folder("answers") / f"{answer_id}.csv"


def take_answer(answer_id: UUID, *, at: datetime) -> BankAnswer | None:
    """Look a file through, then record it, batch by batch; nothing of a file in which a row does not fit.

    May be killed anywhere, and run by two: what is looked through begins anew, what is recorded goes on where it
    was. None for what is over.
    """
    rows = BankAnswer.objects.select_related("account__person", "payment__run__version")
    answer = under_way.begun(rows, answer_id, AnswerStatus.SAVING)
    if answer is not None:
        return _go_on(answer, at=at)
    answer = under_way.begun(rows, answer_id, AnswerStatus.QUEUED, AnswerStatus.CHECKING, wrong=0, shown=[])
    if answer is None:
        return None
    said: dict[int, Settled] = {}
    try:
        because = under_way.why_not(
            answer,
            partial(_look_through, answer, said),
            language=answer.language,
            broken=lambda: _("检查时出了问题，什么都没有登记，请重新上传。"),
        )
    except under_way.OverError:
        return None
    if because:
        return _over(answer, AnswerStatus.FAILED, at=at, action="fail", because=because[:400])
    details = {"lines": answer.lines}
    held = under_way.ended(answer, AnswerStatus.SAVING, by=SYSTEM, at=at, action="check", details=details)
    return _save(held, said, at=at) if held is not None else None


def _look_through(answer: BankAnswer, said: dict[int, Settled]) -> None:
    """Gather what is said of each line. Raises Refused with how many rows do not fit, once all were looked at."""
    payment, by = answer.payment, actor_for(answer.account, at=answer.at)
    require_may_work(payment.run, by)
    with place_of(answer.pk).open("rb") as held:
        scan(held)
    stand = dict(payment.grants.values_list("line", "status"))
    faults = keeping.whole(faults_place_of(answer.pk))
    with faults as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        kept = csv.writer(file)
        kept.writerow([_("行"), _("支付编号"), _("哪里不对")])
        rows = rows_in(place_of(answer.pk), payment, at=answer.at)
        for answer.rows, row in enumerate(rows, start=1):
            problem = _problem_of(row, said, stand, payment, at=answer.at)
            if problem:
                answer.wrong += 1
                kept.writerow([row.number, defused(row.reference[:60]), defused(problem)])
                if len(answer.shown) < SHOWN:
                    answer.shown.append([row.number, row.reference[:60], problem])
            if answer.rows % AT_ONCE == 0:
                under_way.told(answer, rows=answer.rows, wrong=answer.wrong)
    answer.lines = len(said)
    if answer.wrong:
        raise Refused(_("有 %(count)d 行对不上，什么都没有登记。") % {"count": answer.wrong})
    if not said:
        raise Refused(_("文件里没有发放结果。"))


def _problem_of(
    row: Row, said: dict[int, Settled], stand: Mapping[int | None, str], payment: PaymentList, *, at: datetime
) -> str:
    """What is wrong with a row; what it says is kept beside what the rows before it said."""
    one = row.told
    if one is None:
        return row.fault
    if said.setdefault(one.line, one) != one:
        return _("和前面的行矛盾。")
    return _problem(stand.get(one.line), one, payment, at=at)


def _problem(status: str | None, one: Settled, payment: PaymentList, *, at: datetime) -> str:
    if status is None:
        return _("清单里没有第 %d 行。") % one.line
    if one.paid and not day_of(payment.approved_at or at) <= one.on <= day_of(at):
        return _("发放日期应在审批之后、今天之前。")
    if not one.paid and not one.reason:
        return _("退回的要写明原因。")
    if status in (GrantStatus.PAYABLE, _became(one)):
        return ""
    return _("已经登记为“%(status)s”。") % {"status": GrantStatus(status).label}


def _became(one: Settled) -> GrantStatus:
    return GrantStatus.PAID if one.paid else GrantStatus.RETURNED


def _over(
    answer: BankAnswer, status: AnswerStatus, *, at: datetime, action: str, because: str = ""
) -> BankAnswer | None:
    details = {name: getattr(answer, name) for name in ("rows", "lines", "wrong", "saved", "paid", "returned")}
    return under_way.ended(
        answer, status, by=SYSTEM, at=at, action=action, because=because, details=details, ended_at=at
    )


def _go_on(answer: BankAnswer, *, at: datetime) -> BankAnswer | None:
    """Read again what was looked through before, and record what is not recorded yet."""
    said: dict[int, Settled] = {}
    try:
        for row in rows_in(place_of(answer.pk), answer.payment, at=answer.at):
            if row.told is not None:
                said[row.told.line] = row.told
    except (Refusal, OSError):
        with translation.override(answer.language):
            because = _("文件不在了，没有登记完；请重新上传同一个文件，不会重复登记。")
        return _over(answer, AnswerStatus.DROPPED, at=at, action="drop", because=because)
    return _save(answer, said, at=at)


def _save(answer: BankAnswer, said: Mapping[int, Settled], *, at: datetime) -> BankAnswer | None:
    by = actor_for(answer.account, at=at)
    lines = sorted(said)
    try:
        for some in in_batches(lines[answer.saved :], AT_ONCE):
            _save_some(answer, [said[line] for line in some], by=by, at=at)
    except under_way.OverError:
        return None
    return _over(answer, AnswerStatus.DONE, at=at, action="take")


@transaction.atomic
def _save_some(answer: BankAnswer, some: list[Settled], *, by: Actor, at: datetime) -> None:
    """Record the next lines, and that they are. Raises OverError where it was given up, or another came first."""
    payment = locked_list(answer.payment_id)
    rows = BankAnswer.objects.select_for_update(of=("self",))
    held = rows.filter(pk=answer.pk, status=AnswerStatus.SAVING, saved=answer.saved).first()
    if held is None:
        raise under_way.OverError
    became = _record(payment, some, by=by, at=at, answer=str(answer.pk))
    held.saved += len(some)
    held.paid += became["paid"]
    held.returned += became["returned"]
    held.save(update_fields=["saved", "paid", "returned"])
    answer.saved, answer.paid, answer.returned = held.saved, held.paid, held.returned


@transaction.atomic
def drop(answer_id: UUID, *, by: Actor, at: datetime) -> BankAnswer:
    """Give a file up: no more of it is recorded. What was recorded stays. The same again changes nothing.

    Raises NotFound, NotAllowed, and Stale for one that is recorded as a whole or was refused.
    """
    rows = BankAnswer.objects.select_for_update(of=("self",)).select_related("payment__run")
    answer = rows.filter(pk=answer_id).first()
    if answer is None:
        raise NotFound(_("没有找到这个文件。"))
    require_may_work(answer.payment.run, by)
    if answer.status == AnswerStatus.DROPPED:
        return answer
    if answer.ended_at is not None:
        raise Stale(_("这个文件已经处理完。"))
    answer.status, answer.ended_at = AnswerStatus.DROPPED, at
    ledger.append(answer, "drop", by=by, at=at, details={"saved": answer.saved})
    answer.save(update_fields=["status", "ended_at", "ledger_length", "ledger_head"])
    return answer


def fetch_faults(answer_id: UUID, *, by: Actor) -> tuple[BankAnswer, BinaryIO]:
    """The list of all faults of an answer, for reading. Raises NotFound."""
    answer = BankAnswer.objects.visible_to(by).filter(pk=answer_id, purged=False).exclude(wrong=0).first()
    try:
        if answer is not None:
            return answer, faults_place_of(answer_id).open("rb")
    except FileNotFoundError:
        pass
    raise NotFound(_("这个文件已经过期或不存在，请重新上传。"))


def purge(*, at: datetime) -> int:
    """Delete the files whose time is over. Returns of how many answers."""
    over = list(BankAnswer.objects.over(at).values_list("pk", flat=True))
    for pk in over:
        place_of(pk).unlink(missing_ok=True)
        faults_place_of(pk).unlink(missing_ok=True)
    BankAnswer.objects.filter(pk__in=over).update(purged=True)
    keeping.clear_leftovers(keeping.folder("answers"), before=at - KEPT)
    return len(over)


@transaction.atomic
def record_results(payment_id: UUID, results: Iterable[Settled], *, by: Actor, at: datetime) -> dict[str, int]:
    """Write down what became of some lines; all of it or nothing. What was said before changes nothing.

    Raises Refused for a list that is not approved, or has a file of the bank under way; Invalid, by line, for what
    contradicts what was recorded.
    """
    payment = locked_list(payment_id)
    require_may_work(payment.run, by)
    if payment.approved_at is None:
        raise Refused(_("清单审批后才能登记发放结果。"))
    _require_none(BankAnswer.objects.under_way().filter(payment=payment).first())
    said = {one.line: one for one in results}
    stand = dict(payment.grants.filter(line__in=said).values_list("line", "status"))
    found = {line: _problem(stand.get(line), one, payment, at=at) for line, one in said.items()}
    problems = {str(line): [problem] for line, problem in found.items() if problem}
    if problems:
        raise Invalid(_("有 %(count)d 行对不上，什么都没有登记。") % {"count": len(problems)}, problems)
    return _record(payment, said.values(), by=by, at=at)


_SETTLE = """
UPDATE policies_grant SET status = CASE WHEN said.paid THEN 'paid' ELSE 'returned' END, reason = said.reason,
       paid_on = CASE WHEN said.paid THEN said.day END
FROM unnest(%s::int[], %s::bool[], %s::date[], %s::text[]) AS said (line, paid, day, reason)
WHERE policies_grant.payment_id = %s AND policies_grant.line = said.line AND policies_grant.status = 'payable'
RETURNING policies_grant.line, said.paid
"""


def _record(
    payment: PaymentList, said: Iterable[Settled], *, by: Actor, at: datetime, **more: Any
) -> dict[str, int]:
    """Write down what became of lines of a locked list, by one statement; journal it, and have those told."""
    said = list(said)
    lines, paid_too, days = [one.line for one in said], [one.paid for one in said], [one.on for one in said]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [lines, paid_too, days, [one.reason for one in said], payment.pk])
        fresh = cursor.fetchall()
    paid, returned = ([line for line, was_paid in fresh if was_paid is which] for which in (True, False))
    if fresh:
        told = {"list": payment.number, "paid": len(paid), "returned": sorted(returned), **more}
        ledger.append(payment, "settle", by=by, at=at, details=told)
        payment.save(update_fields=["ledger_length", "ledger_head"])
        _tell(payment, sorted([*paid, *returned]), at=at)
    return {"paid": len(paid), "returned": len(returned)}


def _tell(payment: PaymentList, lines: list[int], *, at: datetime) -> None:
    """A few are told with it; many by the worker, one batch a job."""
    from zerotrip.policies.tasks import tell_settled

    if len(lines) <= BATCH:
        tell_settled_to(payment.pk, lines, at=at)
        return
    for some in in_batches(lines, BATCH):
        tell_settled.defer(payment=str(payment.pk), lines=some)


@transaction.atomic
def tell_settled_to(payment_id: UUID, lines: Collection[int], *, at: datetime) -> None:
    """Tell the enterprises of these lines that they were paid, or why the money came back; each once."""
    rows = Grant.objects.filter(payment=payment_id, line__in=lines).only("party", "amount", "status", "reason")
    run = PaymentList.objects.select_related("run").get(pk=payment_id).run
    tell_firms([grant for grant in rows if grant.status == GrantStatus.PAID], run, "grant_paid", at=at)
    returned = sorted((grant for grant in rows if grant.status == GrantStatus.RETURNED), key=_reason)
    for reason, grants in groupby(returned, key=_reason):
        tell_firms(grants, run, "grant_returned", at=at, reason=reason)


def _reason(grant: Grant) -> str:
    return grant.reason


def in_batches(each: Iterable[Each], count: int) -> Iterator[list[Each]]:
    """So many at a time."""
    waiting = iter(each)
    while some := list(islice(waiting, count)):
        yield some


@transaction.atomic
def return_one(grant_id: UUID, *, reason: str, by: Actor, at: datetime) -> Grant:
    """Money that was paid came back. Raises Invalid without a reason, Stale for what was not paid, Refused while a
    file of the bank about its list is under way."""
    held = held_grant(grant_id)
    require_may_work(held.run, by)
    grant, reason = held.grant, required(reason)
    if grant.status != GrantStatus.PAID:
        raise Stale(_("这一笔是“%(status)s”，不能登记退回。") % {"status": grant.get_status_display()})
    _require_none(BankAnswer.objects.under_way().filter(payment=grant.payment_id).first())
    grant.status, grant.paid_on, grant.reason = GrantStatus.RETURNED, None, reason
    note(grant, "return", "status", "paid_on", "reason", by=by, at=at, reason=reason)
    tell_firm(grant, held.run, "grant_returned", at=at, key=f"returned:{grant.ledger_length}", reason=reason)
    return grant
