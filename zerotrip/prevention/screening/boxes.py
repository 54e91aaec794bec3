"""Boxes: packed at a point, handed to whoever carries them, taken in at a laboratory; what is missing is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import VOIDING, Box, Finding, Measure, Mishap, MishapKind, Result, Tube
from zerotrip.prevention.screening.rules import code_of, may_sample, point_for
from zerotrip.prevention.screening.spec import rules
from zerotrip.prevention.screening.voiding import lock, recount
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
    held = {
        tube.code: tube for tube in Tube.objects.select_for_update().filter(pk__in=codes, point=site).order_by("pk")
    }
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


@dataclass(frozen=True, slots=True)
class Came:
    """A box as a laboratory's own system says it came."""

    code: str
    tubes: Collection[str]
    """What is in it."""
    receiver: str
    damaged: Mapping[str, str] = field(default_factory=dict)
    """By tube, a kind of mishap."""


def take_in(came: Iterable[Came], *, also: Collection[str], laboratory: str, at: datetime) -> list[Box]:
    """A laboratory takes in the boxes that were handed over to it last under these codes: boxes are used again.

    Within the caller's transaction. The tubes in them are locked in one order with those ``also`` concerned. Raises
    NotFound for a box that was not handed to this laboratory, Invalid by field.
    """
    found = [(one, _handed(one.code, laboratory)) for one in came]
    boxes = sorted({box.pk for _one, box in found})
    list(Box.objects.held().filter(pk__in=boxes).order_by("pk"))
    packed = Tube.objects.filter(box__in=boxes).values_list("pk", flat=True)
    lock({*also, *packed, *(code for one, _box in found for code in _codes([*one.tubes, *one.damaged]))})
    return [
        receive(box.pk, one.tubes, receiver=one.receiver, damaged=one.damaged, by=SYSTEM, at=at)
        for one, box in found
    ]


def _handed(code: str, laboratory: str) -> Box:
    box = Box.objects.filter(code=code_of(code)).order_by("-packed_at").first()
    if box is None or box.handed_at is None or box.laboratory != laboratory:
        raise NotFound(_("没有这个箱子，或者没有交给这家检测机构。"))
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
    mishap) is named. A tube that is not there can be packed again; one that is lost, leaked or empty says nothing
    of those in it, who are missing again. Raises NotFound, Refused for a box nobody handed over, Invalid by field.
    """
    box = Box.objects.held().filter(pk=box_id).first()
    if box is None:
        raise NotFound(_("没有这个箱子。"))
    if box.received_at is not None:
        return box
    if box.handed_at is None:
        raise Refused(_("这箱还没有交接。"))
    if not receiver.strip():
        raise Invalid(_("还没有签收。"), {"receiver": [_("请填写签收人。")]})
    packed = set(box.tubes.values_list("pk", flat=True))
    seen = _codes(there)
    harmed = [
        (_code(each), MishapKind(kind)) for each, kind in (damaged or {}).items() if kind in MishapKind.values
    ]
    lock(packed | seen | {code for code, _kind in harmed})
    elsewhere = _seen_elsewhere(packed - seen)
    named = [
        *((code, MishapKind.MISSING) for code in packed - seen),
        *((code, MishapKind.EXTRA) for code in seen - packed),
        *harmed,
    ]
    _name(box, named, there=packed | seen, elsewhere=elsewhere, at=at)
    _put_where_they_are(box, missing=packed - seen, extra=seen - packed, elsewhere=elsewhere)
    again = _found_again(box, seen, at=at)
    box.received_at, box.received_by = at, receiver.strip()[:60]
    ledger.append(box, "receive", by=by, at=at, details={"tubes": len(seen), "mishaps": len(named)})
    box.save()
    recount(again.union(code for code, kind in named if kind in VOIDING))
    return box


def _code(text: str) -> str:
    """A code as it is printed; of what is none, as much as is kept."""
    return code_of(text) or text.strip()[:32]


def _codes(texts: Iterable[str]) -> set[str]:
    return {_code(each) for each in texts if each.strip()}


def _seen_elsewhere(missing: Collection[str]) -> dict[str, UUID]:
    """Of tubes that are not in their box, the one they came in by mistake."""
    rows = Mishap.objects.filter(code__in=missing, kind=MishapKind.EXTRA)
    return dict(rows.values_list("code", "box"))


def _name(
    box: Box,
    named: Collection[tuple[str, MishapKind]],
    *,
    there: Collection[str],
    elsewhere: Collection[str],
    at: datetime,
) -> None:
    """Write down what is wrong. A tube in which something was found already, or that came elsewhere, is good; so is
    one that was neither packed nor seen: its code was mistyped. A result may have come before its tube."""
    known = Result.objects.filter(tube__in=[code for code, _kind in named]).exclude(outcome=Finding.INVALID)
    tested = set(known.values_list("tube", flat=True))
    fine = {MishapKind.MISSING: tested.union(elsewhere)}
    rows = (
        Mishap(
            box=box,
            code=code,
            kind=kind,
            found_at=at,
            voids=kind in VOIDING and code in there and code not in fine.get(kind, tested),
        )
        for code, kind in named
    )
    Mishap.objects.bulk_create(rows, ignore_conflicts=True)


def _put_where_they_are(
    box: Box, *, missing: Collection[str], extra: Collection[str], elsewhere: Mapping[str, UUID]
) -> None:
    Tube.objects.filter(pk__in=missing).update(box=None)
    for code, other in elsewhere.items():
        Tube.objects.filter(pk=code).update(box=other)
    Tube.objects.filter(pk__in=extra, box=None).update(box=box)


def _found_again(box: Box, seen: Collection[str], *, at: datetime) -> set[str]:
    """What was missing in a box before, and came in this one, is settled. Which tubes."""
    rows = Mishap.objects.filter(code__in=seen, kind=MishapKind.MISSING).exclude(box=box)
    codes = set(rows.values_list("code", flat=True))
    if codes:
        rows.filter(settled_at=None).update(settled_at=at, settled=_("随 %(box)s 箱送到") % {"box": box.code})
        rows.filter(voids=True).update(voids=False)
    return codes


@transaction.atomic
def settle(mishap_id: UUID, how: str, *, usable: bool = False, by: Actor, at: datetime) -> Mishap:
    """Say how what was wrong with a tube was settled; ``usable``: it was found, or is fit to be tested after all.

    Otherwise whoever is in a tube that was lost, leaked or empty stays missing. Raises NotFound, Invalid, Stale
    once it is settled.
    """
    rows = Mishap.objects.visible_to(by).filter(pk=mishap_id)
    lock(list(rows.values_list("code", flat=True)))
    mishap = rows.select_for_update(of=("self",)).select_related("box").first()
    if mishap is None or not may_sample(by, mishap.box.area_path):
        raise NotFound(_("没有这条记录。"))
    if not how.strip():
        raise Invalid(_("还没有保存。"), {"how": [_("请写明怎么处理的。")]})
    if mishap.settled_at is not None:
        if mishap.settled == how.strip()[:200]:
            return mishap
        raise Stale(_("这条已经有人处理了，请刷新后再看。"))
    mishap.settled, mishap.settled_at = how.strip()[:200], at
    counts_again = mishap.voids and usable
    mishap.voids = mishap.voids and not usable
    mishap.save(update_fields=["settled", "settled_at", "voids"])
    if counts_again:
        recount([mishap.code])
    return mishap


def _held(box_id: UUID, by: Actor) -> Box:
    box = Box.objects.visible_to(by).held().filter(pk=box_id).first()
    if box is None:
        raise NotFound(_("没有这个箱子，或不在您负责的区域。"))
    point_for(by, box.point_id)
    return box
