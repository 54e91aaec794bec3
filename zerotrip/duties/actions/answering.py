"""What is owed under an order is answered, looked at, given back; and told of when nobody answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell_staff
from zerotrip.duties.actions.ordering import LONGEST_REASON, LONGEST_TEXT, locked
from zerotrip.duties.actions.owing import add_record, give_back, keep, miss, tell_owner, tell_owners
from zerotrip.duties.models import ORDERED, Kind, Obligation, Record, RecordFile, Requirement, Status
from zerotrip.duties.queries import form_of, last_answers
from zerotrip.duties.rules import answers_for, may_answer, may_check
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.files.attaching import each_once
from zerotrip.parties import seals
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import LEADING_ROLES, Party
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor


@transaction.atomic
def answer(
    obligation: Obligation,
    answers: Mapping[str, Any],
    *,
    note: str = "",
    files: Sequence[Handed] = (),
    key: UUID,
    by: Actor,
    at: datetime,
) -> Obligation:
    """Fill in the form of what is owed, or say a word where there is none; pictures and papers go with it.
    Twice under one ``key`` is once.

    Where the order has its answers looked at it waits for that, else it is done. Until it is found good it can
    be answered anew: the latest answer counts, the earlier ones stay. Raises Invalid by field, NotAllowed, Stale.
    """
    held = locked(obligation.pk)
    if Record.objects.filter(pk=key, obligation=held).exists():
        return held
    _require_may_answer(held, by)
    kept = _checked(held, answers, note, at=at)
    handed = each_once(files)
    writes = Writes()
    settled = held.status != Status.OPEN
    what = "handed_in" if held.requirement.checked else "kept"
    if held.requirement.checked and not settled:
        held.status, held.remind_at = Status.HANDED_IN, None
        writes.change(held, "status", "remind_at")
    if held.requirement.checked or settled:
        add_record(writes, held, what, by=by, at=at, note=note.strip(), key=key, details={"answers": kept})
    else:
        keep(writes, held, by=by, at=at, note=note.strip(), key=key, answers=kept)
    writes.insert(
        *(
            RecordFile(record_id=key, blob_id=one.blob.pk, name=one.name, place=place)
            for place, one in enumerate(handed)
        )
    )
    if not settled:
        _tell_watcher(writes, held, at=at)
    writes.send()
    return held


def _require_may_answer(held: Obligation, by: Actor) -> None:
    if may_answer(held, by):
        return
    if not answers_for(held, by) or held.kind not in ORDERED:
        raise NotAllowed(_("这项由承办的人或部门反馈。"))
    if held.requirement.closed_at is not None:
        raise Refused(_("这件事项已经办结归档，不能再反馈。"))
    raise Stale(_("这项已经办结或撤销，请刷新后查看。"))


def _checked(held: Obligation, answers: Mapping[str, Any], note: str, *, at: datetime) -> dict[str, Any]:
    """The answers as they are kept. Raises Invalid by field."""
    problems: dict[str, list[str]] = {}
    kept: dict[str, Any] = {}
    if len(note) > LONGEST_TEXT or "\x00" in note:
        problems["note"] = [_("说明最多 %(most)d 个字。") % {"most": LONGEST_TEXT}]
    form = form_of(held.requirement)
    if form is not None:
        last = last_answers([held.pk]).get(held.pk)
        sealed = form.protect(
            answers, seal=seals.seal, mask=seals.mask, before=last.answers if last is not None else {}
        )
        checked = form.check(sealed, today=at.astimezone(CHINA).date())
        problems |= checked.problems
        kept = checked.values
    elif not note.strip() and held.kind not in (Kind.RECEIPT, Kind.WARNING):
        problems["note"] = [_("请写明完成情况。")]
    if problems:
        raise Invalid(_("还没有提交，有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)
    return kept


def _tell_watcher(writes: Writes, held: Obligation, *, at: datetime) -> None:
    """Tell whoever gave the order once everybody has answered; each answer by itself would drown them."""
    silent = held.requirement.obligations.filter(watcher=held.watcher_id, status=Status.OPEN).exclude(pk=held.pk)
    if silent.exists():
        return
    tell_staff(
        writes,
        department=held.watcher_id,
        area_path=held.requirement.area_path or held.area_path,
        roles=LEADING_ROLES,
        template="orders_answered",
        context={"what": held.words},
        link=link_of(held),
        key=f"{held.requirement_id}:answered:{held.pk}",
        at=at,
    )


def link_of(held: Obligation) -> str:
    """Where whoever looks after it sees who has answered."""
    if held.part_of_id is not None:
        return f"/desk/tasks/{held.part_of_id}/"
    requirement = held.requirement
    if requirement.issuer_id is None:
        return held.link
    if requirement.kind == Kind.VISIT:
        return f"/desk/rounds/{requirement.pk}/"
    return f"/desk/directives/{requirement.part_of_id or requirement.pk}/"


@transaction.atomic
def accept(obligation: Obligation, *, by: Actor, at: datetime) -> Obligation:
    """An answer will do. Raises NotAllowed, Stale when somebody said so before."""
    held = _to_check(obligation, by)
    writes = Writes()
    keep(writes, held, by=by, at=at)
    writes.send()
    return held


@transaction.atomic
def return_answer(
    obligation: Obligation, *, reason: str, due_at: datetime | None, by: Actor, at: datetime
) -> Obligation:
    """An answer will not do: it is owed again, by another day if one is given. Raises Invalid without a reason."""
    held = _to_check(obligation, by)
    problems: dict[str, list[str]] = {}
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        problems["reason"] = [_("请写明哪里要补充或修改，最多 %(most)d 个字。") % {"most": LONGEST_REASON}]
    if due_at is not None and due_at <= at:
        problems["due"] = [_("期限要在现在之后。")]
    if problems:
        raise Invalid(_("还没有退回。"), problems)
    writes = Writes()
    if due_at is not None:
        held.due_at, held.missed_at = due_at, None
        writes.change(held, "due_at", "missed_at")
    give_back(writes, held, by=by, at=at, note=reason.strip())
    tell_owner(
        writes, held, "order_returned", key=f"{held.pk}:returned:{at.isoformat()}", at=at, reason=reason.strip()
    )
    writes.send()
    return held


def _to_check(obligation: Obligation, by: Actor) -> Obligation:
    held = locked(obligation.pk)
    if may_check(held, by):
        return held
    if held.status != Status.HANDED_IN:
        raise Stale(_("已经有人处理过了，请刷新后查看。"))
    raise NotAllowed(_("反馈由发出任务的部门核对。"))


@transaction.atomic
def note_try(obligation: Obligation, *, note: str, key: UUID, by: Actor, at: datetime) -> Obligation:
    """Somebody was called or looked for in vain: on record, and still owed. Twice is once. Raises Invalid."""
    held = locked(obligation.pk)
    if Record.objects.filter(pk=key, obligation=held).exists():
        return held
    _require_may_answer(held, by)
    if not 0 < len(note.strip()) <= LONGEST_REASON:
        text = _("请写明怎么联系的、为什么没有联系上，最多 %(most)d 个字。") % {"most": LONGEST_REASON}
        raise Invalid(text, {"tried": [text]})
    writes = Writes()
    add_record(writes, held, "tried", by=by, at=at, note=note.strip(), key=key)
    writes.send()
    return held


@transaction.atomic
def miss_some(requirement_id: UUID, watcher_id: UUID, *, at: datetime) -> int:
    """What is overdue of an order and was not found before: each owner is told, and once whoever looks after it.

    Returns how many.
    """
    rows = list(
        Obligation.objects.due()
        .filter(requirement=requirement_id, watcher=watcher_id, due_at__lt=at, missed_at=None)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not rows:
        return 0
    requirement = Requirement.objects.get(pk=requirement_id)
    writes = Writes()
    for row in rows:
        row.requirement = requirement
        miss(writes, row, by=SYSTEM, at=at)
    tell_owners(writes, rows, "order_late", key=f"{rows[0].pk}:late:{rows[0].due_at.isoformat()}", at=at)
    watcher = Party.objects.get(pk=watcher_id)
    tell_staff(
        writes,
        department=watcher.pk,
        area_path=requirement.area_path or watcher.area_path,
        roles=LEADING_ROLES,
        template="orders_late",
        context={"what": rows[0].words, "count": len(rows)},
        link=link_of(rows[0]),
        key=f"{requirement.pk}:{watcher.pk}:late:{at.isoformat()}",
        at=at,
    )
    writes.send()
    return len(rows)
