"""The list is made public, can be objected to, and closes; enterprises are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.parties import seals
from zerotrip.parties.access import SYSTEM
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.access import require_may_work
from zerotrip.policies.unasked.actions.drafting import BATCH, held_grant, held_run, note, required, take_off
from zerotrip.policies.unasked.actions.words import tell_firm, tell_firms, tell_office
from zerotrip.policies.unasked.models import (
    Agreed,
    Consent,
    Grant,
    GrantStatus,
    Objection,
    ObjectionStatus,
    Run,
    RunStatus,
)
from zerotrip.workdays.limits import Due, due
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor

REMIND = 1
"""Working days before the end of the notice on which those who have not answered are told once more."""
LONGEST = 2_000
"""Characters of an objection, and of its answer."""


def notice_of(run: Run, start: datetime) -> Due | None:
    """The time a list is public, with its derivation; None where the policy sets none."""
    unasked = spec_of(run.version_id).unasked
    if unasked is None or unasked.notice is None:
        return None
    limit = unasked.notice
    return due(start=start, amount=limit.amount, unit=limit.unit, calendar=calendar_for(run.area_path))


@transaction.atomic
def announce(run_id: UUID, *, by: Actor, at: datetime) -> Run:
    """Make a list public. The same again changes nothing.

    Raises Stale for a run that is over, Refused while amounts are not worked out or where nobody is left.
    """
    run = held_run(run_id)
    require_may_work(run, by)
    if run.status == RunStatus.ANNOUNCED:
        return run
    if run.status != RunStatus.DRAFT:
        raise Stale(_("这一批是“%(status)s”，不能公示。") % {"status": run.get_status_display()})
    if run.ready_at is None:
        raise Refused(_("金额还没有全部算好，请稍候。"))
    count = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED).count()
    if not count:
        raise Refused(_("名单里没有企业，不用公示；可以作废这一批。"))
    limit = notice_of(run, at)
    until = (limit.at if limit else None) or at
    run.status, run.announced_at, run.announced_by_id, run.notice_until = RunStatus.ANNOUNCED, at, by.account, until
    run.remind_at = _before(until, run)
    names = ("status", "announced_at", "announced_by", "notice_until", "remind_at")
    note(run, "announce", *names, by=by, at=at, grants=count, until=until.isoformat())
    from zerotrip.policies.tasks import tell_announced

    tell_announced.defer(run=str(run.pk))
    return run


def _before(until: datetime, run: Run) -> datetime:
    calendar = calendar_for(run.area_path)
    day = until - timedelta(days=1)
    while not calendar.is_working(day.date()):
        day -= timedelta(days=1)
    return day


def tell_announced_to(run_id: UUID, *, at: datetime, after: UUID | None = None) -> UUID | None:
    """Tell the next enterprises of an announced list, and those that places or money did not reach, each once.

    The last of them; None when all were told.
    """
    with transaction.atomic():
        run = Run.objects.get(pk=run_id)
        left_out = Q(status=GrantStatus.WITHHELD, rank__isnull=False)
        rows = Grant.objects.filter(Q(status=GrantStatus.PROPOSED) | left_out, run=run).order_by("pk")
        grants = list((rows.filter(pk__gt=after) if after else rows)[:BATCH])
        if run.status != RunStatus.ANNOUNCED or not grants:
            return None
        template = "grant_ask" if run.consent == Consent.ASK else "grant_silence"
        listed = [grant for grant in grants if grant.status == GrantStatus.PROPOSED]
        tell_firms(listed, run, template, at=at, until=run.notice_until)
        for grant in grants:
            if grant.status == GrantStatus.WITHHELD:
                tell_firm(grant, run, "grant_left_out", at=at, reason=grant.reason)
        return grants[-1].pk


@transaction.atomic
def remind(run_id: UUID, *, at: datetime) -> int:
    """Tell those of a list who were asked and have not answered, once. How many were told now."""
    run = Run.objects.get(pk=run_id)
    rows = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED, reminded_at=None).order_by("pk")
    if (
        run.status != RunStatus.ANNOUNCED
        or run.consent != Consent.ASK
        or run.remind_at is None
        or at < run.remind_at
    ):
        return 0
    held = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    tell_firms(held, run, "grant_reminder", at=at, until=run.notice_until)
    Grant.objects.filter(pk__in=[grant.pk for grant in held]).update(reminded_at=at)
    return len(held)


def remind_due(*, at: datetime) -> int:
    """Remind for every list whose notice comes to its end."""
    done = 0
    for key in Run.objects.filter(status=RunStatus.ANNOUNCED, remind_at__lte=at).values_list("pk", flat=True):
        while told := remind(key, at=at):
            done += told
    return done


@transaction.atomic
def object_to(
    run_id: UUID, *, grant_id: UUID | None, name: str, phone: str, text: str, by: Actor, at: datetime, key: UUID
) -> Objection:
    """Somebody says that a list, or one enterprise on it, is wrong. The same key again is the same objection.

    Raises Invalid at the controls, Refused once the notice has ended.
    """
    run = Run.objects.published().select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("没有找到这份公示。"))
    problems = {
        name_: [said]
        for name_, wrong, said in (
            ("name", not 1 <= len(name) <= 60, _("请填写您的姓名或单位名称。")),
            ("phone", not 7 <= len([c for c in phone if c.isdigit()]) <= 15, _("请填写能联系到您的电话。")),
            ("text", not 5 <= len(text) <= LONGEST, _("请写明哪里不对、依据是什么，5 到 %d 字。") % LONGEST),
        )
        if wrong
    }
    if problems:
        raise Invalid(_("有 %(count)d 处需要填写。") % {"count": len(problems)}, problems)
    if (found := Objection.objects.filter(pk=key, run=run).first()) is not None:
        return found
    if run.status != RunStatus.ANNOUNCED or run.notice_until is None or at > run.notice_until:
        raise Refused(_("公示已经结束，不能再在这里提异议。可以直接联系发放部门。"))
    grant = None
    if grant_id is not None:
        grant = Grant.objects.filter(run=run, pk=grant_id).first()
        if grant is None:
            raise NotFound(_("名单里没有这家企业。"))
    digits = "".join(c for c in phone if c.isdigit())
    objection = Objection(
        id=key,
        run=run,
        grant=grant,
        name=name,
        phone_sealed=seals.seal(phone),
        phone_tail=digits[-4:],
        text=text,
        account_id=by.user_id,
        at=at,
    )
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
    except IntegrityError:
        raise Stale(_("这一页已经用过，请重新打开后再试。")) from None
    note(run, "object", by=by, at=at, objection=str(key), grant=str(grant_id) if grant_id else None)
    tell_office(run, "objection", at=at, key=f"objection:{key}", subject=grant.party.name if grant else "")
    return objection


@transaction.atomic
def answer_objection(objection_id: UUID, *, upheld: bool, answer: str, by: Actor, at: datetime) -> Objection:
    """Answer an objection. Upheld against an enterprise, its grant is withheld; against the list as a whole,
    the list can only be abandoned. Raises Invalid without an answer, Stale for one that was answered."""
    key = Objection.objects.filter(pk=objection_id).values_list("run", flat=True).first()
    run = held_run(key)
    require_may_work(run, by)
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection_id)
    answer = required(answer, "answer", _("请写明答复。"))
    if objection.status != ObjectionStatus.OPEN:
        raise Stale(_("这条异议已经答复。"))
    objection.status = ObjectionStatus.UPHELD if upheld else ObjectionStatus.REJECTED
    objection.answer, objection.answered_by_id, objection.answered_at = answer, by.account, at
    objection.save(update_fields=["status", "answer", "answered_by", "answered_at"])
    note(run, "answer", by=by, at=at, reason=answer, objection=str(objection_id), upheld=upheld)
    if upheld and objection.grant_id is not None:
        held = held_grant(objection.grant_id)
        if held.grant.status in (GrantStatus.PROPOSED, GrantStatus.AGREED):
            take_off(held, _("公示异议成立：%(answer)s") % {"answer": answer}, by=by, at=at)
    return objection


@transaction.atomic
def close(run_id: UUID, *, by: Actor, at: datetime) -> Run:
    """End the notice. Where silence counts, whoever did not say no agrees with this.

    The same again changes nothing. Raises Refused before its time, while an objection is not answered, and
    where one against the whole list was upheld.
    """
    run = held_run(run_id)
    if not by.is_system:
        require_may_work(run, by)
    if run.status == RunStatus.CLOSED:
        return run
    if run.status != RunStatus.ANNOUNCED or run.notice_until is None:
        raise Stale(_("这一批是“%(status)s”，不能结束公示。") % {"status": run.get_status_display()})
    if at < run.notice_until:
        raise Refused(_("公示期还没有满。"))
    raised = Objection.objects.filter(run=run)
    if raised.filter(status=ObjectionStatus.OPEN).exists():
        raise Refused(_("还有异议没有答复，答复后才能结束公示。"))
    if raised.filter(status=ObjectionStatus.UPHELD, grant=None).exists():
        raise Refused(_("对整份名单的异议成立，请作废这一批，改正后重新测算。"))
    run.status, run.closed_at = RunStatus.CLOSED, at
    agreed = 0
    if run.consent == Consent.SILENCE:
        rows = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED)
        agreed = rows.update(status=GrantStatus.AGREED, agreed=Agreed.SILENCE, agreed_at=at)
    note(run, "close", "status", "closed_at", by=by, at=at, agreed=agreed)
    tell_office(run, "notice_closed", at=at, key="closed")
    return run


def close_due(*, at: datetime) -> int:
    """Close the lists whose notice has ended and against which nothing stands."""
    done = 0
    for key in Run.objects.filter(status=RunStatus.ANNOUNCED, notice_until__lte=at).values_list("pk", flat=True):
        try:
            close(key, by=SYSTEM, at=at)
        except (Refused, Stale):  # somebody has to answer first
            continue
        done += 1
    return done
