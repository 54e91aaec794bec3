"""Noting that a decision is before another authority (行政复议、行政诉讼), how far it is, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases.access import works_on
from zerotrip.cases.models import Case
from zerotrip.cases.models.challenge import Challenge, ChallengeKind, Stage, Upshot
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import WORKING_ROLES

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor

LONGEST_ORGAN, LONGEST_NUMBER = 120, 80


def may_note(case: Case, actor: Actor) -> bool:
    """Whether ``actor`` keeps such notes: staff of the department that decided, on nobody's side."""
    return works_on(case, actor, WORKING_ROLES)


@transaction.atomic
def note_challenge(
    case: Case,
    *,
    kind: str,
    organ: str,
    filed_on: date | None,
    by: Actor,
    at: datetime,
    number: str = "",
    challenge: UUID | None = None,
) -> Challenge:
    """Note that a review or a lawsuit was filed. ``challenge`` is made by the page: sent twice, it counts once.

    Raises NotAllowed for others, Refused without a decision or while one of the kind is open, Invalid for
    what is missing, or filed before the decision or in the future.
    """
    held = _held(case, by)
    if challenge is not None and (before := Challenge.objects.filter(pk=challenge, case=held).first()) is not None:
        return before
    if held.decided_at is None:
        raise Refused(_("这个办件还没有作出决定。"))
    problems: dict[str, list[str]] = {}
    if kind not in ChallengeKind.values:
        problems["kind"] = [_("请选择行政复议还是行政诉讼。")]
    if not organ.strip() or len(organ) > LONGEST_ORGAN:
        problems["organ"] = [_("请填写复议机关或者法院的名称。")]
    if len(number) > LONGEST_NUMBER:
        problems["number"] = [_("案号太长。")]
    first, today = timezone.localtime(held.decided_at).date(), timezone.localtime(at).date()
    if filed_on is None or not first <= filed_on <= today:
        problems["filed_on"] = [_("请填写提出的日期，不早于作出决定，不晚于今天。")]
    if problems or filed_on is None:
        raise Invalid(_("请把登记内容补充完整。"), problems)
    if Challenge.objects.filter(case=held, kind=kind).exclude(stage=Stage.CLOSED).exists():
        raise Refused(_("已经登记了一件没有结案的%(kind)s。") % {"kind": ChallengeKind(kind).label})
    made = Challenge(
        case=held,
        kind=kind,
        organ=organ.strip(),
        number=number.strip(),
        filed_on=filed_on,
        noted_by_id=by.account,
        noted_at=at,
    )
    if challenge is not None:
        made.pk = challenge
    made.save(force_insert=True)
    _note(held, "challenge", made, by=by, at=at)
    return made


@transaction.atomic
def move_challenge(
    challenge: Challenge,
    *,
    stage: str,
    by: Actor,
    at: datetime,
    upshot: str = "",
    closed_on: date | None = None,
    note: str = "",
) -> Challenge:
    """Note how far it is, or what came of it. Once closed it stays so; the same again changes nothing.

    Raises Refused when it is closed, Invalid when it is to be closed without an outcome or a day.
    """
    held = _held(challenge.case, by)
    found = Challenge.objects.get(pk=challenge.pk)
    if (found.stage, found.upshot, found.closed_on) == (stage, upshot, closed_on):
        return found
    if found.stage == Stage.CLOSED:
        raise Refused(_("这一件已经结案，不再改动。"))
    problems: dict[str, list[str]] = {}
    if stage not in Stage.values or stage == Stage.FILED:
        problems["stage"] = [_("请选择现在到了哪一步。")]
    if stage == Stage.CLOSED:
        if upshot not in Upshot.values or not upshot:
            problems["upshot"] = [_("请选择结果。")]
        if closed_on is None or not found.filed_on <= closed_on <= timezone.localtime(at).date():
            problems["closed_on"] = [_("请填写结案日期，不早于提出，不晚于今天。")]
    if problems:
        raise Invalid(_("请把登记内容补充完整。"), problems)
    closed = stage == Stage.CLOSED
    found.stage, found.note = stage, note.strip()
    found.upshot, found.closed_on = (upshot, closed_on) if closed else ("", None)
    found.save(update_fields=["stage", "upshot", "closed_on", "note"])
    _note(held, "challenge_moves", found, by=by, at=at)
    return found


def _held(case: Case, by: Actor) -> Case:
    held = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk).first()
    if held is None:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    if not may_note(held, by):
        raise NotAllowed(_("只有作出决定的部门可以登记复议和诉讼，申请人一方的应当回避。"))
    return held


def _note(case: Case, action: str, about: Challenge, *, by: Actor, at: datetime) -> None:
    details = {"kind": about.kind, "organ": about.organ, "stage": about.stage, "upshot": about.upshot}
    ledger.append(case, action, by=by, at=at, reason=about.note, details=details)
    case.save(update_fields=["ledger_length", "ledger_head"])
