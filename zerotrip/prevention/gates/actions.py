"""Every write at gates: in, out, and the list of those that are not let in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.rules import reason_of
from zerotrip.parties.models import Party, PartyKind
from zerotrip.prevention.events.queries import held_over
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.gates.plates import is_odd, normal
from zerotrip.prevention.gates.rules import blocks_of, may_log, require_let_out, require_log, why_refused
from zerotrip.prevention.gates.spec import GatesSpec, rules
from zerotrip.prevention.models import Block, HealthColour, Measure, Passage, Site
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor

KIND = "gate"
"""Of the sites vehicles pass."""
_PHONE = re.compile(r"^\+?[0-9]{5,18}$")
LONG = timedelta(days=3)
"""How long a device may have kept what it logged without a network."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A passage as it is typed in at the gate."""

    plate: str
    driver: str
    phone: str
    origin: str
    goods: str
    temperature: Decimal | None
    colour: str
    to_name: str = ""
    goods_note: str = ""
    disinfected: bool = False
    refused: str = ""
    """Why it is not let in; empty: it is."""


@transaction.atomic
def log_in(
    passage_id: UUID,
    logged: Logged,
    *,
    gate: UUID,
    by: Actor,
    at: datetime,
    device_at: datetime | None = None,
    device_now: datetime | None = None,
    picture: Handed | None = None,
) -> Passage:
    """Log a vehicle that came, let in or refused. The id is made by the device: a replay changes nothing.

    ``device_at`` is when it came and ``device_now`` when it is sent, both by the clock of the device: how long ago
    it was is told by the two, whatever that clock shows. Raises NotFound, NotAllowed, Refused where gates are not
    in force, Invalid by field; a blocked or ill one is logged only as refused.
    """
    found = Passage.objects.filter(pk=passage_id).first()
    if found is not None:
        return found
    site = Site.objects.filter(pk=gate, kind=KIND).first()
    if site is None:
        raise NotFound(_("没有这个卡口。"))
    came = moment_of(device_at, device_now, at)
    require_log(by, site, at=came)
    require_in_force(Measure.GATES, site.area_path, on=came.astimezone(CHINA).date())
    spec, plate, phone = rules(), normal(logged.plate), plain_phone(logged.phone)
    problems = _wrong_in(logged, plate=plate, phone=phone, spec=spec)
    if not problems and not logged.refused.strip():
        problems = _kept_out(logged, spec, plate=plate, phone=phone, site=site, at=came)
    if problems or logged.temperature is None:
        raise Invalid(_("还没有登记。"), problems)
    name = _plain(logged.to_name)
    firm = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, name=name).first() if name else None
    passage = Passage(
        pk=passage_id,
        gate=site,
        area_path=site.area_path,
        plate=plate,
        plate_odd=is_odd(plate),
        driver=_plain(logged.driver),
        phone=phone,
        origin=_plain(logged.origin),
        goods=logged.goods,
        goods_note=_plain(logged.goods_note)[:120],
        to=firm,
        to_name="" if firm else name,
        temperature=logged.temperature,
        colour=logged.colour,
        disinfected=logged.disinfected,
        picture=picture.blob if picture else None,
        refused=_plain(logged.refused)[:200],
        entered_at=came,
        device_at=device_at or at,
        received_at=at,
        entered_by_id=by.account,
    )
    try:
        with transaction.atomic():
            passage.save(force_insert=True)
    except IntegrityError:  # the same, sent twice at once
        return Passage.objects.get(pk=passage_id)
    return passage


@transaction.atomic
def log_out(
    passage_id: UUID,
    *,
    by: Actor,
    at: datetime,
    out_id: UUID | None = None,
    device_at: datetime | None = None,
    device_now: datetime | None = None,
) -> Passage:
    """Log that a vehicle left, by any gate of the place it came to; a replay changes nothing.

    Where two gates say so, it left when the earlier says, whichever comes in first.

    Raises NotFound, NotAllowed, Refused for one that was not let in.
    """
    passage = Passage.objects.select_for_update(of=("self",)).select_related("gate").filter(pk=passage_id).first()
    if passage is None:
        raise NotFound(_("没有这条登记。"))
    moment = moment_of(device_at, device_now, at)
    require_let_out(by, passage.gate, at=moment)
    if passage.refused:
        raise Refused(_("这辆车没有放行，不用登记离开。"))
    left = max(moment, passage.entered_at)
    if passage.left_at is not None and passage.left_at <= left:
        return passage
    passage.left_at, passage.left_by_id, passage.left_id = left, by.account, out_id
    passage.save(update_fields=["left_at", "left_by", "left_id"])
    return passage


def moment_of(device_at: datetime | None, device_now: datetime | None, at: datetime) -> datetime:
    """When something was by our clock: as long before ``at`` as it was by the device's before it sent it.

    Without the device's two times, or where they tell of the future or of more than three days ago, ``at``.
    """
    if device_at is None or device_now is None:
        return at
    ago = device_now - device_at
    return at - ago if timedelta(0) <= ago <= LONG else at


@transaction.atomic
def block(
    *, plate: str, phone: str, reason: str, until: date | None, area_path: str, key: UUID, by: Actor, at: datetime
) -> Block:
    """Let a plate, or the driver of a telephone number, in at no gate of an area until the end of a day.

    Raises NotAllowed, Refused where one holds already, Invalid by field. Twice by one key is once.
    """
    found = Block.objects.filter(pk=key).first()
    if found is not None:
        return found
    if not may_log(by, area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))
    plate, phone, today = normal(plate), plain_phone(phone), at.astimezone(CHINA).date()
    require_in_force(Measure.GATES, area_path, on=today)
    problems: dict[str, list[str]] = {}
    if bool(plate) == bool(phone):
        problems["plate"] = [_("请填写车牌或者司机电话，填一样。")]
    if not reason.strip():
        problems["reason"] = [_("请写明原因。")]
    if until is None or not today <= until <= today + timedelta(days=365):
        problems["until"] = [_("请填写到哪天为止，一年以内。")]
    if problems or until is None:
        raise Invalid(_("还不能列入。"), problems)
    ends = datetime.combine(until + timedelta(days=1), time(), CHINA)
    row = Block(
        pk=key,
        area_path=area_path,
        plate=plate,
        phone=phone,
        reason=reason.strip()[:200],
        during=DateTimeTZRange(at, ends),
        put_by_id=by.account,
        put_at=at,
    )
    ledger.append(row, "block", by=by, at=at, reason=row.reason)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("已经在名单里了。")) from error
    return row


@transaction.atomic
def lift(block_id: UUID, *, reason: str, by: Actor, at: datetime) -> Block:
    """Let in again whom a block kept out, with the reason. Twice is once. Raises NotFound, NotAllowed, Invalid."""
    row = Block.objects.visible_to(by).select_for_update().filter(pk=block_id).first()
    if row is None:
        raise NotFound(_("名单里没有这一条。"))
    if not may_log(by, row.area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))
    if row.lifted_at is not None:
        return row
    if not reason.strip():
        raise Invalid(_("还不能移出。"), {"reason": [_("请写明原因。")]})
    row.lifted_at = at
    ledger.append(row, "lift", by=by, at=at, reason=reason.strip()[:200])
    row.save()
    return row


@transaction.atomic
def reveal(passage_id: UUID, *, reason: str, by: Actor, at: datetime) -> Passage:
    """A passage whose driver is shown in full, for a reason that is journalled with the event, by its key alone.

    Raises NotFound, Invalid, Refused where no event holds it.
    """
    reason = reason_of(reason)
    passage = Passage.objects.visible_to(by).filter(pk=passage_id).first()
    if passage is None:
        raise NotFound(_("没有这条登记。"))
    event = held_over(passage.area_path)
    ledger.append(event, "reveal", by=by, at=at, reason=reason, details={"passage": str(passage.pk)})
    event.save(update_fields=["ledger_length", "ledger_head"])
    return passage


def _wrong_in(logged: Logged, *, plate: str, phone: str, spec: GatesSpec) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if len(plate) < 3:
        problems["plate"] = [_("请填写车牌。看不清的，照看到的填。")]
    if not 1 <= len(_plain(logged.driver)) <= 60:
        problems["driver"] = [_("请填写司机姓名。")]
    if not _PHONE.match(phone):
        problems["phone"] = [_("请填写司机电话。")]
    if not 1 <= len(_plain(logged.origin)) <= 80:
        problems["origin"] = [_("请填写从哪里来。")]
    if logged.goods not in spec.named():
        problems["goods"] = [_("请选择货物。")]
    if logged.temperature is None or not 30 <= logged.temperature <= 45:
        problems["temperature"] = [_("请填写体温，如 36.5。")]
    if logged.colour not in HealthColour.values:
        problems["colour"] = [_("请选择健康码。")]
    if len(_plain(logged.to_name)) > 120:
        problems["to_name"] = [_("送到哪家最多 120 个字。")]
    return problems


def _kept_out(
    logged: Logged, spec: GatesSpec, *, plate: str, phone: str, site: Site, at: datetime
) -> dict[str, list[str]]:
    """Why it is not let in: it is to be logged as refused, or what is missing is to be done first."""
    blocks = blocks_of(plate, phone, area_path=site.area_path, at=at)
    found = [_("在拦截名单里：%(reason)s") % {"reason": row.reason} for row in blocks]
    found += why_refused(
        spec,
        temperature=logged.temperature,
        colour=logged.colour,
        disinfected=logged.disinfected,
        goods=logged.goods,
    )
    if not found:
        return {}
    return {"refused": [_("不能放行：%(why)s。请写明不放行的原因再登记。") % {"why": _("、").join(found)}]}


def plain_phone(typed: str) -> str:
    """A telephone number without spaces and dashes."""
    return typed.replace(" ", "").replace("-", "")[:20]


def _plain(text: str) -> str:
    return " ".join(text.split())
