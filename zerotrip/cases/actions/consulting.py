"""Calls for advice: recorded, the guide sent as a link, wiped after their time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.models import Case, Consultation
from zerotrip.catalogue.models import Service
from zerotrip.channels.actions import post
from zerotrip.channels.models import Transport
from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.parties.mandates import PHONE
from zerotrip.parties.models import WORKING_ROLES

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor


@transaction.atomic
def record_consultation(
    *,
    question: str,
    minutes: int,
    by: Actor,
    at: datetime,
    key: UUID,
    service: str = "",
    caller: str = "",
    phone: str = "",
    email: str = "",
    answer: str = "",
    number: str = "",
) -> Consultation:
    """Keep that somebody asked, and what they were told. The same ``key`` is one call.

    Raises Invalid at each place that does not pass, Stale when ``key`` is somebody else's.
    """
    seats = by.seats_as(*WORKING_ROLES)
    if not seats:
        raise Refused(_("电话咨询由有办理岗位的工作人员登记。"))
    found = Consultation.objects.filter(pk=key).first()
    if found is not None:
        if found.taken_by_id != by.account:
            raise Stale(_("这一页已经用过，请重新打开后再试。"))
        return found
    problems: dict[str, list[str]] = {}
    if not question.strip():
        problems["question"] = [_("请写一句问了什么。")]
    if not 0 <= minutes <= 600:
        problems["minutes"] = [_("请填写 0 到 600 之间的分钟数。")]
    if phone and not PHONE.match(phone):
        problems["phone"] = [_("请填写 11 位手机号。")]
    if email and not _is_email(email):
        problems["email"] = [_("这个邮箱地址不对。")]
    about = Service.objects.offered().filter(pk=service).first() if service else None
    if service and about is None:
        problems["service"] = [_("没有找到这个事项，可能已停止受理。")]
    led_to = Case.objects.visible_to(by).filter(number=number.strip().upper()).first() if number.strip() else None
    if number.strip() and led_to is None:
        problems["number"] = [_("没有找到这个办件，请核对办件编号。")]
    if problems:
        raise Invalid(_("还有没填好的地方。"), problems)
    call = Consultation(
        id=key,
        department_id=seats[0].department_id,
        area_path=seats[0].area_path,
        service=about,
        caller=caller.strip()[:120],
        phone=phone,
        email=email,
        question=question.strip(),
        answer=answer.strip(),
        minutes=minutes,
        taken_by_id=by.account,
        taken_at=at,
        case=led_to,
        purge_at=at + timedelta(days=settings.CONSULTATION_KEEP),
    )
    Consultation.objects.bulk_create([call], ignore_conflicts=True)  # the same press at the same time keeps one
    return call


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


@transaction.atomic
def send_guide(consultation_id: UUID, *, by: Actor, at: datetime) -> Consultation:
    """Send the guide of the service to whoever asked, by text message or e-mail. Once: pressed again, nothing.

    Raises NotFound for another office's call, Refused without a service or an address.
    """
    seen = Consultation.objects.visible_to(by).select_for_update(of=("self",))
    call = seen.filter(pk=consultation_id).first()
    if call is None:
        raise NotFound(_("没有找到这次咨询。"))
    if call.guide_sent_at is not None:
        return call
    if call.service is None or call.service.current is None:
        raise Refused(_("请先选好是哪个事项。"))
    if not call.phone and not call.email:
        raise Refused(_("没有手机号或邮箱，不能发送。请问清后再登记一次。"))
    name = call.service.current.spec.name
    post(
        transport=Transport.SMS if call.phone else Transport.EMAIL,
        to=call.phone or call.email,
        subject=_("办事指南：%(service)s") % {"service": name},
        body=_("您咨询的“%(service)s”办事指南，材料、时限和网上申请都在这里：%(link)s")
        % {"service": name, "link": f"{settings.SITE_URL}/services/{call.service_id}/"},
        at=at,
        purge_at=call.purge_at,
    )
    call.guide_sent_at = at
    call.save(update_fields=["guide_sent_at"])
    return call


def purge_consultations(*, at: datetime) -> int:
    """Wipe what identifies callers, and what they said, once its time is over. Returns how many calls."""
    return Consultation.objects.filter(purge_at__lte=at, purged_at=None).update(
        caller="", phone="", email="", question="", answer="", purged_at=at
    )
