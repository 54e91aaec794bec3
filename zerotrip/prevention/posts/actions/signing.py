"""Signing on and off with the code of the post; who is absent is named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.duties.models import Subject
from zerotrip.duties.standing.reporting import count_act
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.models import Shift
from zerotrip.prevention.posts import spec
from zerotrip.prevention.posts.codes import is_good
from zerotrip.prevention.posts.owed import ACT
from zerotrip.prevention.posts.rules import credit, require_enter, why_not_off, why_not_on
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def sign_on(shift_id: UUID, *, code: str, by: Actor, at: datetime) -> Shift:
    """Sign on to one's own shift with the code shown at the post. Twice is once.

    Raises NotFound for somebody else's, Refused too early or too late, Invalid for a code that is not shown.
    """
    shift = _own(shift_id, by)
    if shift.signed_on_at is not None:
        return shift
    if why := why_not_on(shift, spec.rules(), at):
        raise Refused(why)
    _require_code(shift, code, at)
    shift.signed_on_at = at
    ledger.append(shift, "sign-on", by=by, at=at)
    shift.save()
    _count(shift)
    return shift


@transaction.atomic
def sign_off(shift_id: UUID, *, code: str, by: Actor, at: datetime) -> Shift:
    """Sign off from one's own shift with the code of the post: the time within the shift is credited."""
    shift = _own(shift_id, by)
    if shift.signed_off_at is not None:
        return shift
    if why := why_not_off(shift, at):
        raise Refused(why)
    _require_code(shift, code, at)
    shift.signed_off_at = at
    shift.credited = credit(shift)
    ledger.append(shift, "sign-off", by=by, at=at, details={"credited": shift.credited})
    shift.save()
    return shift


@transaction.atomic
def enter_by_hand(
    shift_id: UUID, *, on: datetime | None, off: datetime | None, reason: str, by: Actor, at: datetime
) -> Shift:
    """Enter when somebody without a telephone came or went, as whoever answers for the post, with the reason.

    Raises NotFound, NotAllowed, also for one's own shift; Refused for one that does not stand, Invalid by field.
    """
    shift = Shift.objects.visible_to(by).filter(pk=shift_id).select_related("post", "worker").first()
    if shift is None:
        raise NotFound(_("没有这个班。"))
    require_enter(shift, by)
    shift = Shift.objects.select_for_update(of=("self",)).select_related("post").get(pk=shift_id)
    problems: dict[str, list[str]] = {}
    if shift.dropped_at is not None or shift.published_at is None:
        raise Refused(_("这个班已经取消，或者还没有发布。"))
    if on is None or not shift.starts_at - timedelta(hours=3) <= on <= min(at, shift.ends_at):
        problems["on"] = [_("请填写到岗时间，不晚于现在和下班时间。")]
    if off is not None and (on is None or not on <= off <= min(at, shift.ends_at + timedelta(hours=12))):
        problems["off"] = [_("离岗时间要在到岗以后，不晚于现在。")]
    if not reason.strip():
        problems["reason"] = [_("请写明为什么补记。")]
    if problems:
        raise Invalid(_("还不能补记。"), problems)
    shift.signed_on_at, shift.signed_off_at = on, off
    shift.credited = credit(shift)
    details = {"on": on.isoformat() if on else "", "off": off.isoformat() if off else ""}
    ledger.append(shift, "enter", by=by, at=at, reason=reason.strip()[:200], details=details)
    shift.save()
    _count(shift)
    return shift


def name_absent(*, at: datetime) -> int:
    """Tell the lead of each post who is not there though their shift began, each once; how many."""
    since = at - timedelta(minutes=spec.rules().missed_minutes)
    rows = Shift.objects.told().filter(
        during__startswith__lte=since,
        during__endswith__gt=at - timedelta(days=1),
        signed_on_at=None,
        missed_at=None,
    )
    return sum(_name(pk, at=at) for pk in rows.values_list("pk", flat=True))


@transaction.atomic
def _name(shift_id: UUID, *, at: datetime) -> int:
    rows = (
        Shift.objects.told().select_for_update(of=("self",)).filter(signed_on_at=None, missed_at=None, pk=shift_id)
    )
    shift = rows.select_related("post__lead", "worker__person").first()
    if shift is None:
        return 0
    shift.missed_at = at
    ledger.append(shift, "miss", by=SYSTEM, at=at)
    shift.save()
    writes = Writes()
    tell(
        writes,
        party=shift.post.lead.person_id,
        template="post_missed",
        context={
            "post": shift.post.name,
            "who": shift.worker.person.name,
            "phone": shift.worker.phone,
            "from": shift.starts_at,
        },
        link=f"/desk/prevention/posts/{shift.post_id}/",
        key=f"post-missed:{shift.pk}",
        at=at,
    )
    writes.send()
    return 1


def _count(shift: Shift) -> None:
    """Whoever is on a shift owes a sign-on: on the day it begins."""
    count_act(ACT, [shift.pk], first=shift.starts_at, last=shift.starts_at, who=Subject.SHIFT)


def _own(shift_id: UUID, by: Actor) -> Shift:
    rows = Shift.objects.filter(worker__person=by.person, published_at__isnull=False)
    shift = rows.select_for_update(of=("self",)).select_related("post").filter(pk=shift_id).first()
    if shift is None:
        raise NotFound(_("没有这个班。"))
    return shift


def _require_code(shift: Shift, code: str, at: datetime) -> None:
    if not is_good(bytes(shift.post.secret), "".join(code.split()), at):
        text = _("签到码不对，或者已经换了。请看岗位上现在显示的六位数字。")
        raise Invalid(text, {"code": [text]})
