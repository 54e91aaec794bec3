"""Boxes: packed at a point, handed to whoever carries them, taken in at a laboratory; what is missing is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import Box, Measure, Mishap, MishapKind, Tube
from zerotrip.prevention.screening.rules import code_of, may_sample, point_for
from zerotrip.prevention.screening.spec import rules
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST = 500
"""Tubes of one box."""


@transaction.atomic
def pack(
    box_id: UUID, code: str, tubes: Collection[str], *, counted: int | None, point: UUID, by: Actor, at: datetime
) -> Box:
    """Pack the tubes of a point into a box, counted by hand. The same again changes nothing.

    Raises NotFound, NotAllowed, Refused where screening is not in force, Invalid by field: tubes that are not
    there, are open, or are in another box; a count by hand that is not the number of tubes.
    """
    site = point_for(by, point)
    if (found := Box.objects.filter(pk=box_id).first()) is not None:
        return found
    require_in_force(Measure.SCREENING, site.area_path, on=at.astimezone(CHINA).date())
    codes = sorted({code_of(each) or each for each in tubes})
    held = {tube.code: tube for tube in Tube.objects.select_for_update().filter(pk__in=codes, point=site)}
    problems = _wrong_to_pack(code_of(code), codes, held, counted)
    if problems:
        raise Invalid(_("还没有装箱。"), problems)
    row = Box(
        pk=box_id,
        code=code_of(code),
        point=site,
        area_path=site.area_path,
        counted=len(codes),
        packed_at=at,
        packed_by_id=by.account,
    )
    try:
        with transaction.atomic():
            ledger.append(row, "pack", by=by, at=at, details={"tubes": codes})
            row.save(force_insert=True)
    except IntegrityError:
        if (found := Box.objects.filter(pk=box_id, packed_by=by.account).first()) is not None:
            return found
        told = _("这个箱子还在路上，没有被检测机构签收，请换一个箱号。")
        raise Invalid(_("还没有装箱。"), {"code": [told]}) from None
    Tube.objects.filter(pk__in=codes).update(box=row)
    return row


def _wrong_to_pack(
    code: str, codes: Collection[str], held: Mapping[str, Tube], counted: int | None
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not code:
        problems["code"] = [_("箱号应为 4 到 32 位字母、数字或短横线。")]
    if not codes or len(codes) > MOST:
        problems["tubes"] = [_("请选择 1 到 %(most)d 支管。") % {"most": MOST}]
    faults = {
        _("这个采样点没有这支管：%(codes)s"): [each for each in codes if each not in held],
        _("还没有封管：%(codes)s"): [tube.code for tube in held.values() if tube.sealed_at is None],
        _("已经在别的箱里：%(codes)s"): [tube.code for tube in held.values() if tube.box_id is not None],
    }
    for text, those in faults.items():
        if those:
            problems.setdefault("tubes", []).append(text % {"codes": "、".join(those[:10])})
    if counted != len(codes):
        told = _("系统里是 %(count)d 支，请重新清点；少了或多了的，先查清是哪一支。")
        problems["counted"] = [told % {"count": len(codes)}]
    return problems


@transaction.atomic
def unpack(box_id: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """Think better of a box that was not handed over yet: its tubes can be packed anew.

    Raises NotFound, Refused for one that is under way, Invalid without a reason.
    """
    box = _held(box_id, by)
    if box.handed_at is not None:
        raise Refused(_("这箱已经交接，不能拆箱。"))
    if not reason.strip():
        raise Invalid(_("还没有拆箱。"), {"reason": [_("请写明为什么拆箱。")]})
    box.tubes.update(box=None)
    ledger.append(box, "unpack", by=by, at=at, reason=reason.strip())
    box.delete()


@transaction.atomic
def hand_over(box_id: UUID, *, laboratory: str, carrier: str, plate: str = "", by: Actor, at: datetime) -> Box:
    """Hand a box to whoever carries it. Again, it is as it was. Raises NotFound, Invalid by field."""
    box = _held(box_id, by)
    if box.handed_at is not None:
        return box
    problems: dict[str, list[str]] = {}
    if laboratory not in {one.id for one in rules().laboratories}:
        problems["laboratory"] = [_("请选择检测机构。")]
    if not carrier.strip():
        problems["carrier"] = [_("请填写谁来取的。")]
    if problems:
        raise Invalid(_("还没有交接。"), problems)
    box.laboratory, box.carrier, box.plate = laboratory, carrier.strip()[:60], plate.strip().upper()[:20]
    box.handed_at, box.handed_by_id = at, by.account
    ledger.append(box, "hand_over", by=by, at=at, details={"laboratory": laboratory})
    box.save()
    return box


@transaction.atomic
def receive(
    box_id: UUID,
    there: Collection[str],
    *,
    receiver: str,
    damaged: Mapping[str, str] | None = None,
    by: ledger.Actor,
    at: datetime,
) -> Box:
    """A laboratory takes a box in and says which tubes are in it. Again, it is as it was.

    What was packed and is not there, what is there and was not packed, and what is damaged (by tube, a kind of
    mishap) is named. Raises NotFound, Refused for a box nobody handed over, Invalid by field.
    """
    box = Box.objects.select_for_update(of=("self",)).filter(pk=box_id).first()
    if box is None:
        raise NotFound(_("没有这个箱子。"))
    if box.received_at is not None:
        return box
    if box.handed_at is None:
        raise Refused(_("这箱还没有交接。"))
    if not receiver.strip():
        raise Invalid(_("还没有签收。"), {"receiver": [_("请填写签收人。")]})
    packed = set(box.tubes.values_list("pk", flat=True))
    seen = {code_of(each) or each[:32] for each in there if each.strip()}
    named = [
        *((code, MishapKind.MISSING) for code in packed - seen),
        *((code, MishapKind.EXTRA) for code in seen - packed),
        *((code, MishapKind(kind)) for code, kind in (damaged or {}).items() if kind in MishapKind.values),
    ]
    Mishap.objects.bulk_create(
        (Mishap(box=box, code=code, kind=kind, found_at=at) for code, kind in named), ignore_conflicts=True
    )
    box.received_at, box.received_by = at, receiver.strip()[:60]
    ledger.append(box, "receive", by=by, at=at, details={"tubes": len(seen), "mishaps": len(named)})
    box.save()
    return box


@transaction.atomic
def settle(mishap_id: UUID, how: str, *, by: Actor, at: datetime) -> Mishap:
    """Say how what was wrong with a tube was settled. Raises NotFound, Invalid, Stale once it is settled."""
    rows = Mishap.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=mishap_id)
    mishap = rows.select_related("box").first()
    if mishap is None or not may_sample(by, mishap.box.area_path):
        raise NotFound(_("没有这条记录。"))
    if not how.strip():
        raise Invalid(_("还没有保存。"), {"how": [_("请写明怎么处理的。")]})
    if mishap.settled_at is not None:
        if mishap.settled == how.strip()[:200]:
            return mishap
        raise Stale(_("这条已经有人处理了，请刷新后再看。"))
    mishap.settled, mishap.settled_at = how.strip()[:200], at
    mishap.save(update_fields=["settled", "settled_at"])
    return mishap


def _held(box_id: UUID, by: Actor) -> Box:
    box = Box.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=box_id).first()
    if box is None:
        raise NotFound(_("没有这个箱子，或不在您负责的区域。"))
    point_for(by, box.point_id)
    return box
