"""Certificates of a lot, disinfection of its packaging, and names shown for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.files.attaching import PLACE, each_once
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.lots.access import may_record, measure_of, serves
from zerotrip.prevention.lots.actions.steps import Stamp, line, moment, require_right
from zerotrip.prevention.models import Holder, Lot, LotFile, Paper
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from zerotrip.files.attaching import Handed
    from zerotrip.ledger.models import Chained
    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it is typed in."""

    kind: str
    number: str
    issued_on: date | None
    lab: str = ""


@transaction.atomic
def certify(
    lot: Lot, certificate: Certificate, files: Sequence[Handed], *, key: UUID, by: Actor, at: datetime
) -> list[LotFile]:
    """Add a certificate with its scans to a lot. Twice is once. Raises NotAllowed, Invalid by field."""
    held = _held(lot, by, at=at)
    if (found := _before(held, key)) is not None:
        return found
    problems: dict[str, list[str]] = {}
    if certificate.kind not in Paper.values:
        problems["kind"] = [_("请选择是哪种证明。")]
    if not line(certificate.number, 60):
        problems["number"] = [_("请填写证明编号。")]
    if certificate.issued_on is None or certificate.issued_on > at.astimezone(CHINA).date():
        problems["issued_on"] = [_("请填写出具日期，不能在今天之后。")]
    if not files:
        problems[PLACE] = [_("请拍照或上传证明。")]
    require_right(problems)
    said = {
        "kind": certificate.kind,
        "number": line(certificate.number, 60),
        "lab": line(certificate.lab, 80),
        "issued_on": certificate.issued_on,
    }
    made = [
        LotFile(lot=held, blob=one.blob, name=one.name, place=place, by_id=by.user_id, at=at, **said)
        for place, one in enumerate(each_once(files))
    ]
    return _bind(
        held,
        made,
        "certify",
        {"kind": certificate.kind, "number": line(certificate.number, 60)},
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def disinfected(
    lot: Lot,
    files: Sequence[Handed],
    *,
    holder: Holder,
    who: str,
    done_at: datetime | None,
    key: UUID,
    by: Actor,
    at: datetime,
) -> list[LotFile]:
    """Note that the outer packaging was disinfected here: a picture, when, by whom. Twice is once.

    Raises NotAllowed, Invalid by field.
    """
    held = _held(lot, by, at=at)
    if (found := _before(held, key)) is not None:
        return found
    problems: dict[str, list[str]] = {}
    when = moment(done_at, Stamp(key, by, at), problems, field="done_at")
    if not may_record(holder, by):
        raise NotAllowed(_("只能登记本企业的货物；工作人员只能登记辖区内的。"))
    if not line(who, 60):
        problems["who"] = [_("请填写消毒人员。")]
    if not files:
        problems[PLACE] = [_("请拍一张消毒现场的照片。")]
    require_right(problems)
    made = [
        LotFile(
            lot=held,
            blob=one.blob,
            name=one.name,
            place=place,
            kind=Paper.DISINFECTION,
            is_log=True,
            done_at=when,
            who=line(who, 60),
            holder=holder,
            by_id=by.user_id,
            at=at,
        )
        for place, one in enumerate(each_once(files))
    ]
    return _bind(held, made, "disinfect", {"holder": holder.name}, key=key, by=by, at=at)


@transaction.atomic
def reveal(lot: Lot, *, reason: str, by: Actor, at: datetime) -> None:
    """Note why somebody reads the names of those who handled a lot. Raises NotAllowed, Invalid at ``reason``."""
    held = _lock(lot)
    paths = held.balances.values_list("holder__area_path", flat=True)
    if not any(serves(by, path) for path in paths):
        raise NotAllowed(_("只有货物所在地的工作人员可以查看经手人。"))
    if not 3 < len(reason.strip()) <= 200:
        raise Invalid(_("请写明查看的原因。"), {"reason": [_("请写明查看的原因，4 到 200 个字。")]})
    ledger.append(held, "reveal", by=by, at=at, reason=reason.strip())
    _keep(held)


def _lock(lot: Lot) -> Lot:
    held = Lot.objects.select_for_update(of=("self",), no_key=True).select_related("item").filter(pk=lot.pk).first()
    if held is None:
        raise NotFound(_("没有找到这个批次。"))
    return held


def _held(lot: Lot, by: Actor, *, at: datetime) -> Lot:
    """The lot, locked, for somebody who may record what happens to it at one of its holders."""
    held = _lock(lot)
    holders = Holder.objects.filter(balances__lot=held)
    here = next((holder for holder in holders if may_record(holder, by)), None)
    if here is None:
        raise NotAllowed(_("只能登记本企业的货物；工作人员只能登记辖区内的。"))
    require_in_force(measure_of(held.item), here.area_path, on=at.astimezone(CHINA).date())
    return held


def _before(lot: Lot, key: UUID) -> list[LotFile] | None:
    """What the same press left before."""
    rows = list(LotFile.objects.filter(lot=lot, step=key))
    return rows or None


def _bind(
    lot: Lot, made: list[LotFile], action: str, details: dict[str, str], *, key: UUID, by: Actor, at: datetime
) -> list[LotFile]:
    for one in made:
        one.step = key
    ledger.append(lot, action, by=by, at=at, details=details)
    _keep(lot)
    return LotFile.objects.bulk_create(made)


def _keep(lot: Chained) -> None:
    lot.save(update_fields=["ledger_length", "ledger_head"])
