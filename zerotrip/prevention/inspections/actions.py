"""Every write to inspections: begun, filled in, signed by two, put right, looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell, tell_staff
from zerotrip.duties import actions as duties
from zerotrip.duties import times
from zerotrip.duties.actions.owing import tell_owner, tell_owners
from zerotrip.duties.models import Kind, Obligation, Record, RecordFile, Status
from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.files.attaching import each_once
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.inspections.draws import fell_to
from zerotrip.prevention.inspections.rules import (
    companions,
    may_answer,
    may_fill_in,
    may_recheck,
    may_sign,
    require_seat,
)
from zerotrip.prevention.inspections.spec import ItemSpec, rules
from zerotrip.prevention.models import Found, Inspection, InspectionItem, Measure, Site
from zerotrip.questions.words import Words
from zerotrip.rows import Writes, fetch
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.files.models import Blob
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import User

LONGEST = 400


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said of one item."""

    found: str
    note: str = ""
    photo: Handed | None = None
    """None: the one that is there stays."""
    stamped: Blob | None = None
    """The photograph with time and place drawn on it."""


def items_of(inspection: Inspection) -> list[ItemSpec]:
    """The list as it was when the inspection began."""
    return [ItemSpec.model_validate(item) for item in inspection.items]


@transaction.atomic
def start(
    site_id: UUID,
    *,
    checklist: str,
    second: UUID | None,
    key: UUID,
    by: Actor,
    at: datetime,
    draw: UUID | None = None,
    others_because: str = "",
) -> Inspection:
    """Begin to inspect a site with a colleague. Twice by one key is once.

    By a draw it is a site that was drawn, and those it fell to inspect it; others only with a reason.
    Raises NotFound, NotAllowed, Refused where no event asks for it or it was not drawn, Invalid by field.
    """
    found = Inspection.objects.filter(pk=key).first()
    if found is not None:
        return found
    site = Site.objects.visible_to(by).select_related("kind").filter(pk=site_id, closed_on=None).first()
    if site is None:
        raise NotFound(_("没有这个场所。"))
    drawn, people = fell_to(draw, site.pk, by=by) if draw else (None, ())
    seat = require_seat(by, site, drawn.office_id if drawn else None)
    require_in_force(Measure.VENUES, site.area_path, on=at.astimezone(CHINA).date())
    chosen = next((one for one in rules().for_kind(site.kind_id, site.kind.group) if one.id == checklist), None)
    problems: dict[str, list[str]] = {}
    if chosen is None:
        problems["checklist"] = [_("请选择检查表。")]
    as_drawn = {by.account, second} >= set(people)
    because = "" if as_drawn else " ".join(others_because.split())
    if second not in companions(by, site, seat.department_id, at=at):
        problems["second"] = [_("请选择一起检查的同事：检查要有两个人。")]
    elif not as_drawn and not 0 < len(because) <= LONGEST:
        told = _("这两人不是抽中的检查人。换人请写明原因，最多 %(most)d 个字。") % {"most": LONGEST}
        problems["others_because"] = [told]
    if problems or chosen is None or second is None:
        raise Invalid(_("还不能开始检查。"), problems)
    inspection = Inspection(
        pk=key,
        site=site,
        area_path=site.area_path,
        office_id=seat.department_id,
        checklist=chosen.id,
        items=[item.model_dump(mode="json", exclude_defaults=True) for item in chosen.items],
        draw=drawn,
        others_because=because,
        first_id=by.account,
        second_id=second,
        started_at=at,
    )
    details = {"site": str(site.pk), "second": str(second)} | ({"draw": str(drawn.pk)} if drawn else {})
    ledger.append(inspection, "start", by=by, at=at, reason=because, details=details)
    inspection.save(force_insert=True)
    return inspection


@transaction.atomic
def fill_in(
    inspection_id: UUID,
    answers: Mapping[str, Answered],
    *,
    by: Actor,
    at: datetime,
    found_at: datetime | None = None,
) -> Inspection:
    """Keep what was found of some items; the others stay as they are.

    ``found_at`` is when that was, where it comes in later: of two answers the later counts, and of two photographs.
    Raises NotFound, NotAllowed, Stale once it is signed, Invalid by field.
    """
    inspection = _locked(inspection_id)
    if inspection.signed_at is not None:
        raise Stale(_("已经签字，不能再改；要改请第二检查人退回。"))
    if not may_fill_in(inspection, by):
        raise NotAllowed(_("由这次检查的两位检查人填写。"))
    known = {item.id for item in items_of(inspection)}
    there = {row.item: row for row in inspection.findings.all()}
    problems: dict[str, list[str]] = {}
    moment = min(found_at or at, at)
    for item, said in answers.items():
        if item not in known or said.found not in Found.values:
            continue
        note = " ".join(said.note.split())
        if len(note) > LONGEST:
            problems[f"note-{item}"] = [_("最多 %(most)d 个字。") % {"most": LONGEST}]
            continue
        row = there.get(item) or InspectionItem(inspection=inspection, item=item)
        if row.found_at is None or row.found_at <= moment:
            row.found, row.note, row.found_at = said.found, note, moment
        if said.photo is not None and (row.photo_at is None or row.photo_at <= moment):
            row.photo, row.stamped, row.photo_at = said.photo.blob, said.stamped, moment
        row.save()
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    return inspection


def score_of(items: Sequence[ItemSpec], found: Mapping[str, str]) -> int:
    """Of a hundred: the weight of what was in order, of all that applies. Nothing applies: a hundred."""
    fine = sum(item.weight for item in items if found.get(item.id) == Found.OK)
    whole = fine + sum(item.weight for item in items if found.get(item.id) == Found.DEFECT)
    return 100 if whole == 0 else (200 * fine + whole) // (2 * whole)


@transaction.atomic
def sign(inspection_id: UUID, *, by: Actor, at: datetime) -> Inspection:
    """Sign: the first inspector once everything is answered, then the second, upon which the owner owes what was
    found wrong and is told. Raises NotFound, NotAllowed, Stale, Invalid by item."""
    inspection = _locked(inspection_id)
    if inspection.countersigned_at is not None:
        raise Stale(_("两位检查人都已签字。"))
    if not may_sign(inspection, by):
        raise NotAllowed(_("先由第一检查人签字，再由第二检查人签字。"))
    rows = {row.item: row for row in inspection.findings.all()}
    if inspection.signed_at is None:
        _require_complete(inspection, rows)
        inspection.signed_at = at
        inspection.score = score_of(items_of(inspection), {item: row.found for item, row in rows.items()})
        ledger.append(inspection, "sign", by=by, at=at, details={"score": inspection.score})
        inspection.save()
        _tell(inspection.second, "inspection_to_sign", {"who": inspection.first.person.name}, inspection, at=at)
        return inspection
    inspection.countersigned_at = at
    ledger.append(inspection, "countersign", by=by, at=at, details={"score": inspection.score})
    inspection.save()
    _owe(inspection, [row for row in rows.values() if row.found == Found.DEFECT], at=at)
    return inspection


def _require_complete(inspection: Inspection, rows: Mapping[str, InspectionItem]) -> None:
    problems: dict[str, list[str]] = {}
    for item in items_of(inspection):
        row = rows.get(item.id)
        if row is None:
            problems[f"found-{item.id}"] = [_("“%(item)s”还没有填。") % {"item": item.name}]
        elif row.found == Found.DEFECT and (not row.note or row.photo_id is None):
            problems[f"found-{item.id}"] = [_("“%(item)s”有问题，请写明并拍照。") % {"item": item.name}]
    if problems:
        raise Invalid(_("还不能签字，有 %(count)d 处没有填完。") % {"count": len(problems)}, problems)


def _owe(inspection: Inspection, defects: Sequence[InspectionItem], *, at: datetime) -> None:
    """Each defect is owed by whoever owns the site, else by the office itself; they are told once."""
    if not defects:
        return
    spec, items = rules(), {item.id: item for item in items_of(inspection)}
    site = inspection.site
    owner = site.owner_id or inspection.office_id
    writes, made = Writes(), []
    for row in defects:
        item = items[row.item]
        severity = spec.severity(item.severity)
        words = Words(zh=f"{site.name}：{item.name.zh}", en=f"{site.name}: {item.name.en or item.name.zh}")
        owed = duties.Owed(f"inspection:{severity.id}", Kind.DEFECT, severity.name, severity.within, "report", (1,))
        made.append(
            duties.owe(
                writes,
                owed,
                subject=inspection.pk,
                key=row.item,
                owner=owner,
                watcher=inspection.office_id,
                area_path=inspection.area_path,
                at=at,
                words=words,
                link=f"/rectify/{inspection.pk}/" if site.owner_id else _desk(inspection.pk),
                context={"site": site.name},
            )
        )
        row.owed = made[-1]
    tell_owners(writes, made, "defects_found", key=f"{inspection.pk}:found", at=at)
    writes.send()
    InspectionItem.objects.bulk_update(defects, ["owed"])


@transaction.atomic
def send_back(inspection_id: UUID, *, reason: str, by: Actor, at: datetime) -> Inspection:
    """The second inspector does not agree: it is filled in and signed anew. Raises NotAllowed, Stale, Invalid."""
    inspection = _locked(inspection_id)
    if inspection.signed_at is None or inspection.countersigned_at is not None:
        raise Stale(_("现在没有等您签字的内容，请刷新后查看。"))
    if by.user_id != inspection.second_id:
        raise NotAllowed(_("由第二检查人退回。"))
    inspection.signed_at, inspection.score = None, None
    why = _reason(reason)
    ledger.append(inspection, "send_back", by=by, at=at, reason=why)
    inspection.save()
    context = {"who": inspection.second.person.name, "reason": why}
    _tell(inspection.first, "inspection_sent_back", context, inspection, at=at)
    return inspection


def _tell(who: User, template: str, context: Mapping[str, object], inspection: Inspection, *, at: datetime) -> None:
    """Tell one of the two what waits for them; each signature anew."""
    writes = Writes()
    told = {"site": inspection.site.name, **context}
    key = f"{template}:{inspection.pk}:{inspection.ledger_length}"
    tell(writes, party=who.person_id, template=template, context=told, link=_desk(inspection.pk), key=key, at=at)
    writes.send()


def _desk(inspection_id: UUID) -> str:
    return f"/desk/prevention/inspections/{inspection_id}/"


@transaction.atomic
def put_right(
    owed_id: UUID, *, note: str, files: Sequence[Handed], key: UUID, by: Actor, at: datetime
) -> Obligation:
    """The owner says what was put right, with photographs. Twice by one key is once; the latest counts.

    Raises NotFound, NotAllowed, Stale, Invalid by field.
    """
    held = _owed(owed_id)
    if Record.objects.filter(pk=key, obligation=held).exists():
        return held
    if not may_answer(held, by):
        if held.status in (Status.KEPT, Status.DROPPED):
            raise Stale(_("这一项已经复查通过，不用再报。"))
        raise NotAllowed(_("由场所的人填报整改情况。"))
    handed, text = each_once(files), " ".join(note.split())
    problems: dict[str, list[str]] = {}
    if not 0 < len(text) <= LONGEST:
        problems["note"] = [_("请写明怎么改的，最多 %(most)d 个字。") % {"most": LONGEST}]
    if not handed:
        problems["files"] = [_("请附整改后的照片。")]
    if problems:
        raise Invalid(_("还没有提交。"), problems)
    writes = Writes()
    duties.hand_in(writes, held, by=by, at=at, key=key, note=text)
    writes.insert(
        *(
            RecordFile(record_id=key, blob_id=one.blob.pk, name=one.name, place=place)
            for place, one in enumerate(handed)
        )
    )
    tell_staff(
        writes,
        department=held.watcher_id,
        area_path=held.area_path,
        roles=rules().escalate,
        template="defect_put_right",
        context={**held.context, "what": held.words},
        link=_desk(held.subject),
        key=f"{held.pk}:put-right:{key}",
        at=at,
    )
    writes.send()
    return held


@transaction.atomic
def recheck(owed_id: UUID, *, passed: bool, note: str, by: Actor, at: datetime) -> Obligation:
    """Look again: it is settled, or owed once more with its time beginning anew, the reason given to the owner.

    Raises NotFound, NotAllowed, Stale, Invalid.
    """
    held = _owed(owed_id)
    if held.status != Status.HANDED_IN:
        raise Stale(_("已经有人复查过了，请刷新后查看。"))
    if not may_recheck(held, by):
        raise NotAllowed(_("由检查的部门复查。"))
    inspection = _locked(held.subject)
    writes = Writes()
    if passed:
        duties.keep(writes, held, by=by, at=at, note=" ".join(note.split())[:LONGEST])
    else:
        reason = _reason(note)
        held.opened_at, held.missed_at = at, None
        times.reset(held, held.requirement, calendar_for(held.area_path), at=at)
        writes.change(held, "opened_at", "due_at", "missed_at")
        duties.give_back(writes, held, by=by, at=at, note=reason)
        tell_owner(
            writes, held, "defect_returned", key=f"{held.pk}:returned:{at.isoformat()}", at=at, reason=reason
        )
    writes.send()
    ledger.append(inspection, "recheck", by=by, at=at, details={"item": held.key, "passed": passed})
    inspection.save(update_fields=["ledger_length", "ledger_head"])
    return held


@transaction.atomic
def escalate(owed_id: UUID, *, at: datetime) -> bool:
    """A defect is overdue: the owner is told, and whoever the district named in the office. Whether it was."""
    held = _owed(owed_id)
    writes = Writes()
    try:
        duties.miss(writes, held, by=SYSTEM, at=at)
    except Stale:
        return False
    late = f"{held.pk}:late:{held.due_at.isoformat()}"
    tell_owner(writes, held, "defect_late", key=late, at=at)
    tell_staff(
        writes,
        department=held.watcher_id,
        area_path=held.area_path,
        roles=rules().escalate,
        template="staff_defect_late",
        context={**held.context, "what": held.words, "due": held.due_at},
        link=_desk(held.subject),
        key=f"{late}:staff",
        at=at,
    )
    writes.send()
    return True


def _locked(inspection_id: UUID) -> Inspection:
    rows = Inspection.objects.select_for_update(of=("self",))
    rows = rows.select_related("site__kind", "first__person", "second__person")
    found = rows.filter(pk=inspection_id).first()
    if found is None:
        raise NotFound(_("没有这次检查。"))
    return found


def _owed(owed_id: UUID) -> Obligation:
    held = next(iter(fetch(Obligation, lock=True, id=owed_id)), None)
    if held is None or held.kind != Kind.DEFECT:
        raise NotFound(_("没有这一项整改。"))
    return held


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST:
        raise Invalid(_("还没有退回。"), {"reason": [_("请写明原因，最多 %(most)d 个字。") % {"most": LONGEST}]})
    return reason
