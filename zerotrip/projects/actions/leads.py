"""Investors on the way: each step dated, with who; the last makes a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.projects.actions.money import amount_from
from zerotrip.projects.actions.registering import Described, pack_for, register
from zerotrip.projects.models import Lead, LeadStep, Project
from zerotrip.projects.queries import day_of
from zerotrip.projects.rules import require_follow, seats_to_register
from zerotrip.projects.states import TRANSITIONS, Stage

if TYPE_CHECKING:
    from decimal import Decimal

    from zerotrip.parties.access import Actor

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Offered:
    """A lead as it is typed in."""

    investor: str
    matter: str
    kind: str
    amount: str
    capital: str
    foreign: bool
    contact: str
    on: date | None
    note: str = ""


@transaction.atomic
def open_lead(offered: Offered, *, department: UUID, key: UUID, by: Actor, at: datetime) -> Lead:
    """Register an investor at the first contact, followed by whoever registers them. Twice is once.

    Raises NotAllowed without a seat, Invalid by field.
    """
    found = Lead.objects.filter(pk=key).first()
    if found is not None:
        return found
    pack, spec = pack_for(by, department)
    problems: dict[str, list[str]] = {}
    investor, matter = " ".join(offered.investor.split()), " ".join(offered.matter.split())
    if not 1 < len(investor) <= 120 or not investor.isprintable():
        problems["investor"] = [_("请填写投资方名称，最多 120 个字。")]
    if not 1 < len(matter) <= 200:
        problems["matter"] = [_("请填写想投资什么，最多 200 个字。")]
    if offered.kind not in {kind.id for kind in spec.kinds}:
        problems["kind"] = [_("请选择项目类别。")]
    if offered.capital not in {one.id for one in spec.capital}:
        problems["capital"] = [_("请选择资金来源。")]
    amount = _amount(offered.amount, problems)
    _check_day(offered.on, None, problems, at=at)
    if problems or amount is None or offered.on is None:
        raise Invalid(_("线索还不完整。"), problems)
    seat = next(seat for seat in seats_to_register(by) if seat.department_id == department)
    lead = Lead(
        pk=key,
        pack=pack,
        investor=investor,
        matter=matter,
        kind=offered.kind,
        amount=amount,
        capital=offered.capital,
        foreign=offered.foreign,
        contact=offered.contact.strip()[:120],
        department_id=department,
        area_path=seat.area_path,
        handler_id=by.account,
        opened_at=at,
        moved_on=offered.on,
    )
    ledger.append(lead, "open", by=by, at=at, details={"kind": lead.kind, "amount": str(amount)})
    lead.save(force_insert=True)
    _add_step(lead, Stage.CONTACT, offered.on, offered.note, by=by, at=at)
    return lead


def _amount(text: str, problems: dict[str, list[str]]) -> Decimal | None:
    try:
        return amount_from(text)
    except (ValueError, ArithmeticError):
        problems["amount"] = [_("请填写金额，单位万元，最多两位小数。")]
        return None


def _check_day(on: date | None, since: date | None, problems: dict[str, list[str]], *, at: datetime) -> None:
    if on is None or on > day_of(at) or on.year < 2000:
        problems["on"] = [_("请填写日期，不晚于今天。")]
    elif since is not None and on < since:
        problems["on"] = [_("不能早于上一步的日期。")]


def _add_step(lead: Lead, stage: Stage, on: date, note: str, *, by: Actor, at: datetime) -> None:
    LeadStep.objects.create(
        lead=lead, stage=stage, on=on, note=note.strip()[:LONGEST_NOTE], by_id=by.account, at=at
    )


@transaction.atomic
def move_lead(lead: Lead, to: str, *, on: date | None, note: str, by: Actor, at: datetime) -> Lead:
    """The next step: negotiating, signed, lost with its reason, or a note in the stage it is in.

    Landing has its own action. Raises Refused for a step that does not follow, Invalid by field.
    """
    held = _followed(lead, by)
    if to not in Stage.values or Stage(to) is Stage.LANDED or Stage(to) not in TRANSITIONS[Stage(held.stage)]:
        raise Refused(_("线索现在是“%(stage)s”，不能这样做。") % {"stage": held.get_stage_display()})
    problems: dict[str, list[str]] = {}
    _check_day(on, held.moved_on, problems, at=at)
    if not note.strip() and (to in (Stage.LOST, held.stage)):
        problems["note"] = [_("请写明原因。") if to == Stage.LOST else _("请写明进展。")]
    if problems or on is None:
        raise Invalid(_("进展还没有保存。"), problems)
    _move(held, Stage(to), on, note, by=by, at=at)
    return held


def _followed(lead: Lead, by: Actor) -> Lead:
    held = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    require_follow(held, by)
    return held


def _move(lead: Lead, stage: Stage, on: date, note: str, *, by: Actor, at: datetime, **changed: Any) -> None:
    _add_step(lead, stage, on, note, by=by, at=at)
    before, lead.stage, lead.moved_on = lead.stage, stage, on
    for name, value in changed.items():
        setattr(lead, name, value)
    ledger.append(
        lead, "step", by=by, at=at, reason=note.strip()[:LONGEST_NOTE], details={"from": before, "to": stage}
    )
    lead.save(update_fields=["stage", "moved_on", "ledger_length", "ledger_head", *changed])


@transaction.atomic
def land_lead(
    lead: Lead, described: Described, answers: Mapping[str, Any], *, key: UUID, by: Actor, at: datetime
) -> Project:
    """A signed investor has landed: it becomes a project, with the facts typed for it. Twice is once.

    Raises Refused unless it is signed, and as ``register`` does.
    """
    held = _followed(lead, by)
    if held.project_id is not None:
        return Project.objects.get(pk=held.project_id)
    if Stage.LANDED not in TRANSITIONS[Stage(held.stage)]:
        raise Refused(_("签约以后才能落地为项目。"))
    project = register(described, answers, department=held.department_id, key=key, by=by, at=at)
    _move(held, Stage.LANDED, day_of(at), "", by=by, at=at, project=project)
    return project
