"""Lists to be paid: each grant is looked at once more, put on one list, approved by another hand, and settled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _

from zerotrip.criteria import Truth
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.policies.queries import parsed, spec_of
from zerotrip.policies.unasked.access import require_may_approve, require_may_work
from zerotrip.policies.unasked.actions.consenting import Account
from zerotrip.policies.unasked.actions.drafting import (
    BATCH,
    answers_of,
    excluding,
    held_grant,
    held_run,
    note,
    required,
    take_off,
)
from zerotrip.policies.unasked.actions.words import tell_office
from zerotrip.policies.unasked.models import Agreed, Grant, GrantStatus, PaymentList, Run, RunStatus
from zerotrip.rows import change_many

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.policies.unasked.reckoning import Frozen

_LETTING_GO = 7_042_026
"""Key of the lock under which lists are completed and approved: one at a time in the whole database."""


def _one_at_a_time() -> None:
    """Hold the lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LETTING_GO])


@transaction.atomic
def make_list(run_id: UUID, *, by: Actor, at: datetime, key: UUID) -> PaymentList:
    """Begin a list of all who agreed and are on none. ``check_list`` fills it. The same key again is the same list.

    Raises Refused before the notice has ended, while another list waits for approval, or when nobody is left.
    """
    run = held_run(run_id)
    require_may_work(run, by)
    if (found := PaymentList.objects.filter(pk=key, run=run).first()) is not None:
        return found
    if run.status != RunStatus.CLOSED:
        raise Refused(_("公示结束后才能编制发放清单。"))
    to_check = Grant.objects.filter(run=run, status=GrantStatus.AGREED, found={}).count()
    if not to_check:
        raise Refused(_("现在没有可以列入清单的企业。"))
    _one_at_a_time()
    serial = (PaymentList.objects.aggregate(last=Max("serial"))["last"] or 0) + 1
    payment = PaymentList(
        id=key,
        run=run,
        serial=serial,
        number=f"FF{day_of(at).year}-{serial:05}",
        drafted_by_id=run.drafted_by_id,
        made_by_id=by.account,
        made_at=at,
        to_check=to_check,
    )
    ledger.append(payment, "make", by=by, at=at, details={"number": payment.number})
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("上一份清单还没有审批，审批或退回后再编制。")) from None
    note(run, "list", by=by, at=at, list=payment.number)
    enqueue_list(payment.pk)
    return payment


def enqueue_list(payment_id: UUID, **more: Any) -> None:
    """Have the worker fill a list; no two at once."""
    from zerotrip.policies.tasks import check_list as job

    job.configure(lock=f"policies.list:{payment_id}", **more).defer(payment=str(payment_id))


def check_list(payment_id: UUID, *, at: datetime) -> PaymentList:
    """Look at everybody once more, batch after batch. May be killed anywhere, and run by two.

    Where the policy cannot be asked any more the list is sent back, with why.
    """
    try:
        while _check_some(payment_id):
            pass
    except Refused as refused:
        return _sent_back(payment_id, refused.message, at=at)
    return _complete(payment_id, at=at)


@transaction.atomic
def _sent_back(payment_id: UUID, reason: str, *, at: datetime) -> PaymentList:
    payment = locked_list(payment_id)
    if payment.ready_at is None and payment.sent_back_at is None:
        _put_back(payment, reason, by=SYSTEM, at=at)
    return payment


@transaction.atomic
def _check_some(payment_id: UUID) -> int:
    """The next batch: onto the list where the answer is what it was, else kept for somebody to decide."""
    payment = PaymentList.objects.select_for_update(of=("self",)).select_related("run").get(pk=payment_id)
    if payment.ready_at is not None or payment.sent_back_at is not None:
        return 0
    _one_at_a_time()
    rows = Grant.objects.filter(run=payment.run, status=GrantStatus.AGREED, found={}).exclude(
        checked_for=payment.pk
    )
    rows = rows.order_by("pk").defer("clauses", "reckoned")
    held = list(rows.select_for_update(of=("self",))[:BATCH])
    words = vocabulary()
    policy = parsed(payment.run.version_id, words)
    if policy is None:
        raise Refused(_("这项政策用到的事实已经不在事实表里，请先修改政策或事实表。"))
    answers = answers_of(held, policy, words, at=payment.made_at)
    barred = _barred_now(held, payment)
    line = payment.grants.aggregate(last=Max("line"))["last"] or 0
    for grant in held:
        grant.checked_for = payment.pk
        grant.found = _another(grant, answers[grant.party_id], barred.get(grant.party_id, ""), at=payment.made_at)
        if not grant.found:
            line += 1
            grant.status, grant.payment, grant.line = GrantStatus.PAYABLE, payment, line
    change_many(held, "checked_for", "found", "status", "payment", "line")
    payment.checked += len(held)
    payment.save(update_fields=["checked"])
    return len(held)


def _barred_now(grants: Iterable[Grant], payment: PaymentList) -> dict[UUID, str]:
    """Whoever is to be paid, or was, what excludes this policy; the first list has it. One or two queries."""
    spec = spec_of(payment.run.version_id)
    grants = list(grants)
    names = excluding(spec)
    found: dict[UUID, str] = {}
    going = Grant.objects.filter(
        party__in=[grant.party_id for grant in grants],
        status__in=(GrantStatus.PAYABLE, GrantStatus.PAID),
    )
    if names:
        for party, slug in going.filter(policy__in=names).values_list("party", "policy"):
            found[party] = _("已享受不能同时享受的政策：%(name)s") % {"name": names[slug]}
        applied = Grant.objects.filter(
            case__isnull=False, status=GrantStatus.AGREED, policy__in=names,
            party__in=[grant.party_id for grant in grants],
        )  # fmt: skip
        for party, slug in applied.values_list("party", "policy"):
            found[party] = _("已享受不能同时享受的政策：%(name)s") % {"name": names[slug]}
    if spec.times is not None:
        counted = going.filter(policy=spec.id).order_by().values_list("party").annotate(n=Count("pk"))
        for party, count in counted:
            if count >= spec.times:
                found.setdefault(party, _("已享受 %(count)d 次，达到次数上限") % {"count": count})
    return found


def _another(grant: Grant, frozen: Frozen, barred: str, *, at: datetime) -> dict[str, Any]:
    """What is other than it was; empty where nothing is."""
    now = frozen.accepted
    if now == grant.accepted and not barred:
        return {}
    differing = {
        name: [grant.facts.get(name, {}).get("shown", ""), fact["shown"]]
        for name, fact in frozen.facts.items()
        if fact["value"] != grant.facts.get(name, {}).get("value")
    }
    labels = {name: frozen.facts[name]["label"] for name in differing}
    return {**now, "barred": barred, "at": at.isoformat(), "facts": differing, "labels": labels}


@transaction.atomic
def _complete(payment_id: UUID, *, at: datetime) -> PaymentList:
    payment = PaymentList.objects.select_for_update(of=("self",)).select_related("run").get(pk=payment_id)
    if payment.ready_at is not None or payment.sent_back_at is not None:
        return payment
    left = Grant.objects.filter(run=payment.run, status=GrantStatus.AGREED, found={})
    if left.exclude(checked_for=payment.pk).exists():
        return payment
    count = payment.grants.count()
    if not count:
        payment.sent_back_at, payment.reason = at, _("复核后没有可以发放的企业")
        ledger.append(payment, "send_back", by=SYSTEM, at=at, reason=payment.reason)
        payment.save(update_fields=["sent_back_at", "reason", "ledger_length", "ledger_head"])
        return payment
    payment.count, payment.total, payment.digest, payment.ready_at = count, _total(payment), digest_of(payment), at
    told = {"count": count, "total": str(payment.total), "digest": payment.digest}
    ledger.append(payment, "ready", by=SYSTEM, at=at, details=told)
    names = ["count", "total", "digest", "ready_at", "ledger_length", "ledger_head"]
    payment.save(update_fields=names)
    tell_office(payment.run, "list_ready", at=at, key=f"list:{payment.pk}", number=payment.number, count=count)
    return payment


def _total(payment: PaymentList) -> Decimal:
    return payment.grants.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def digest_of(payment: PaymentList) -> str:
    """SHA-256 over the lines of a list, as they are: who, how much, to which account."""
    found = hashlib.sha256(payment.number.encode())
    rows = payment.grants.order_by("line").values_list("line", "party__uscc", "amount", "account_sealed")
    for line, uscc, amount, sealed in rows.iterator(chunk_size=2_000):
        account = hashlib.sha256(sealed.encode()).hexdigest()
        found.update(f"\n{line},{uscc},{amount:.2f},{account}".encode())
    return found.hexdigest()


KEEP, LOWER, TAKE_OFF = "keep", "lower", "withhold"
"""What can be decided of a grant whose facts have changed."""


@transaction.atomic
def settle_found(grant_id: UUID, *, how: str, reason: str, by: Actor, at: datetime) -> Grant:
    """Decide, with a reason, what becomes of a grant whose answer is another one by now.

    ``keep``: what was announced is paid. ``lower``: the new amount, where that is less. ``withhold``: nothing.
    Raises Invalid without a reason, Refused for an amount above the announced one: that is announced first.
    """
    held = held_grant(grant_id)
    require_may_work(held.run, by)
    grant, reason = held.grant, required(reason)
    if not grant.found or grant.status != GrantStatus.AGREED:
        raise Stale(_("这一笔没有要决定的变化。"))
    found = grant.found
    if how == TAKE_OFF:
        take_off(held, reason, by=by, at=at)
        return grant
    if how == LOWER:
        _lower(grant, found)
    elif how != KEEP:
        raise Invalid(_("请选择怎么办。"), {"how": [_("请选择怎么办。")]})
    elif found["barred"]:
        raise Refused(_("不能同时享受的，不能照发：%(why)s") % {"why": found["barred"]})
    grant.accepted = {"truth": found["truth"], "amount": found["amount"]}
    grant.found, grant.checked_for = {}, None
    names = ("accepted", "found", "checked_for", "amount")
    note(grant, f"changed_{how}", *names, by=by, at=at, reason=reason, found=found)
    return grant


def _lower(grant: Grant, found: Mapping[str, Any]) -> None:
    if found["barred"] or found["truth"] != Truth.YES.value or not found["amount"]:
        raise Refused(_("现在不符合条件，没有新的金额。"))
    amount = Decimal(found["amount"])
    if grant.amount is None or not 0 < amount < grant.amount:
        raise Refused(_("新的金额比公示的多，要重新公示才能多发；可以按公示的金额发放。"))
    grant.amount = amount


@transaction.atomic
def approve(payment_id: UUID, *, by: Actor, at: datetime) -> PaymentList:
    """Let a list be paid, by a leader who neither drafted the run nor made the list.

    The same again changes nothing. Raises Refused where a line is no longer what was added up.
    """
    payment = locked_list(payment_id)
    require_may_approve(payment, payment.run, by)
    if payment.approved_at is not None:
        return payment
    if payment.ready_at is None or payment.sent_back_at is not None:
        raise Stale(_("这份清单还没有编好，或者已经退回。"))
    if digest_of(payment) != payment.digest or _total(payment) != payment.total:
        raise Refused(_("清单内容和编制时不一致，请退回后重新编制。"))
    payment.approved_at, payment.approved_by_id = at, by.account
    told = {"count": payment.count, "total": str(payment.total), "digest": payment.digest}
    ledger.append(payment, "approve", by=by, at=at, details=told)
    payment.save(update_fields=["approved_at", "approved_by", "ledger_length", "ledger_head"])
    note(payment.run, "approve", by=by, at=at, list=payment.number, digest=payment.digest)
    return payment


def locked_list(payment_id: UUID) -> PaymentList:
    """A list with its run, both locked, the run first. Raises NotFound."""
    run = held_run(PaymentList.objects.filter(pk=payment_id).values_list("run", flat=True).first())
    payment = PaymentList.objects.select_for_update(of=("self",)).get(pk=payment_id)
    payment.run = run
    return payment


@transaction.atomic
def send_back(payment_id: UUID, *, reason: str, by: Actor, at: datetime) -> PaymentList:
    """Do not let a list be paid; whoever was on it waits for the next one. Raises Stale for an approved one.

    One that is still being made is given up so, without having to say why.
    """
    payment = locked_list(payment_id)
    require_may_work(payment.run, by)
    if payment.approved_at is not None or payment.sent_back_at is not None:
        raise Stale(_("这份清单已经审批或者退回。"))
    given = reason.strip() or _("编制时放弃")
    _put_back(payment, required(reason) if payment.ready_at else given, by=by, at=at)
    return payment


def _put_back(payment: PaymentList, reason: str, *, by: Actor, at: datetime) -> None:
    payment.grants.update(status=GrantStatus.AGREED, payment=None, line=None, checked_for=None)
    payment.sent_back_at, payment.reason = at, reason
    ledger.append(payment, "send_back", by=by, at=at, reason=reason)
    payment.save(update_fields=["sent_back_at", "reason", "ledger_length", "ledger_head"])
    note(payment.run, "send_back", by=by, at=at, reason=reason, list=payment.number)


@transaction.atomic
def fetch(payment_id: UUID, *, by: Actor, at: datetime, form: str) -> PaymentList:
    """Somebody takes the file of an approved list out; each time is journalled. Raises Refused before approval."""
    payment = locked_list(payment_id)
    require_may_work(payment.run, by)
    if payment.approved_at is None:
        raise Refused(_("清单审批后才能导出。"))
    payment.fetched_at = payment.fetched_at or at
    ledger.append(payment, "fetch", by=by, at=at, details={"form": form, "digest": payment.digest})
    payment.save(update_fields=["fetched_at", "ledger_length", "ledger_head"])
    return payment


@dataclass(frozen=True)
class Paying:
    """One line of a list as the bank gets it."""

    reference: str
    name: str
    uscc: str
    account: Account | None
    """None: the department has it, as nobody was asked."""
    amount: Decimal


def lines_of(payment: PaymentList) -> Iterator[Paying]:
    """The lines of an approved list, in bounded memory. Whoever asks has journalled it with ``fetch``."""
    if payment.approved_at is None:
        raise NotAllowed(_("清单审批后才能导出。"))
    rows = payment.grants.select_related("party").order_by("line").defer("facts", "clauses", "reckoned", "found")
    for grant in rows.iterator(chunk_size=2_000):
        yield Paying(
            reference_of(payment, grant),
            grant.party.name,
            grant.party.uscc,
            Account.unsealed(grant.account_sealed) if grant.account_sealed else None,
            grant.amount or Decimal(0),
        )


def reference_of(payment: PaymentList, grant: Grant) -> str:
    """What a payment is called between us and the bank: ``FF2026-00001-0007``."""
    return f"{payment.number}-{grant.line:04}"


@transaction.atomic
def pay_again(grant_id: UUID, *, holder: str, bank: str, number: str, by: Actor, at: datetime) -> Grant:
    """The bank returned the money: with another account the grant is made once more, in the same run.

    The returned one stays as it is. Raises Invalid at the controls, Stale where that was done before.
    """
    held = held_grant(grant_id)
    grant = held.grant
    if grant.party_id not in by.acts_for:
        raise NotFound(_("没有找到这笔补贴。"))
    if grant.status != GrantStatus.RETURNED or held.run.status != RunStatus.CLOSED:
        raise Stale(_("这笔补贴不用再改账号。"))
    account = Account.checked(holder=holder, bank=bank, number=number, party_name=grant.party.name)
    again = Grant(
        **{name: getattr(grant, name) for name in _COPIED},
        status=GrantStatus.AGREED,
        agreed=Agreed.SAID,
        agreed_at=at,
        agreed_by_id=by.account,
        account_sealed=account.sealed,
        account_tail=account.number[-4:],
    )
    ledger.append(again, "again", by=by, at=at, details={"instead_of": str(grant.pk)})
    try:
        with transaction.atomic():
            again.save(force_insert=True)
    except IntegrityError:
        raise Stale(_("新的账号已经提交过，不用再交。")) from None
    return again


_COPIED = (
    "policy_id",
    "run_id",
    "party_id",
    "department_id",
    "area_path",
    "period",
    "amount",
    "evaluated_at",
    "facts",
    "clauses",
    "reckoned",
    "accepted",
)
"""What of a returned grant stands in the one made in its place."""


@transaction.atomic
def finish(run_id: UUID, *, by: Actor, at: datetime) -> Run:
    """End a run: nobody who has not answered by now has anything of it.

    Raises Refused while a list waits, a payment is not settled, or a change is not decided.
    """
    run = held_run(run_id)
    require_may_work(run, by)
    if run.status == RunStatus.PAID:
        return run
    if run.status != RunStatus.CLOSED:
        raise Stale(_("这一批是“%(status)s”，不能办结。") % {"status": run.get_status_display()})
    grants = Grant.objects.filter(run=run)
    if grants.filter(status__in=(GrantStatus.AGREED, GrantStatus.PAYABLE)).exists():
        raise Refused(_("还有企业等待发放，或者发放结果没有登记，不能办结。"))
    silent = grants.filter(status=GrantStatus.PROPOSED).update(
        status=GrantStatus.WITHHELD, reason=_("到办结时没有确认")
    )
    run.status, run.ended_at = RunStatus.PAID, at
    note(run, "finish", "status", "ended_at", by=by, at=at, unanswered=silent)
    return run
