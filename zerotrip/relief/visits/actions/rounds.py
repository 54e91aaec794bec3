"""A round is given to those who go; a single visit is planned, also upon a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.duties.actions import ordering
from zerotrip.duties.actions.ordering import Asked, Order, issuing_seat
from zerotrip.duties.actions.owing import hand_in
from zerotrip.duties.editions import name_of
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.queries import checklists
from zerotrip.duties.rules import answers_for
from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.ids import new_id
from zerotrip.parties.models import Party
from zerotrip.relief.visits.planning import Plan, Wish, closing, plan
from zerotrip.rows import Writes
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

SINGLE = "single"
"""Marks, in the population of an order, a visit planned for one firm by itself: no round."""


def form_named(key: UUID | None) -> Requirement:
    """A form of a visit the packs declare now. Raises Invalid at ``checklist``."""
    found = next((one for one in checklists(Kind.VISIT) if one.pk == key), None)
    if found is None:
        text = _("请选择走访表。")
        raise Invalid(text, {"checklist": [text]})
    return found


@transaction.atomic
def give_round(
    firms: Sequence[Party],
    wish: Wish,
    *,
    office: UUID,
    key: UUID,
    by: Actor,
    at: datetime,
    part_of: Requirement | None = None,
) -> Requirement:
    """Send people to many firms, each by a day; ``part_of`` makes it a part of a directive. Twice is once.

    Raises Invalid by field, also while there is a firm nobody goes to; NotAllowed.
    """
    if (found := Requirement.objects.filter(pk=key, issued_by=by.account).first()) is not None:
        return found
    form = form_named(wish.checklist)
    planned = _whole(plan(firms, wish, seat=issuing_seat(Kind.VISIT, office, by), at=at))
    order = Order(
        Kind.VISIT, wish.title, text=wish.why, form=form.form, population={**_form_told(form), **wish.population}
    )
    return ordering.issue(order, _asked(planned), office=office, key=key, by=by, at=at, part_of=part_of)


@transaction.atomic
def add_firms(
    requirement: Requirement, firms: Sequence[Party], wish: Wish, *, by: Actor, at: datetime
) -> list[Obligation]:
    """Send people to more firms in a round under way; those in it stay as they are. Raises as ``give_round``."""
    held = ordering.managed(requirement.pk, by=by)
    planned = _whole(plan(firms, wish, seat=issuing_seat(Kind.VISIT, held.office, by), at=at))
    return ordering.ask_also(held, _asked(planned), by=by, at=at)


def _whole(planned: Plan) -> Plan:
    if planned.without:
        text = _("有 %(count)d 家企业还没有人走访，请选定走访的人。") % {"count": len(planned.without)}
        raise Invalid(text, {"people": [text]})
    return planned


def _asked(planned: Plan) -> list[Asked]:
    return [Asked(visit.person, visit.due_at, visit.firm.pk) for visit in planned.visits]


def _form_told(form: Requirement) -> Mapping[str, Any]:
    return {"checklist": {"id": name_of(form), "name": form.name}}


@transaction.atomic
def plan_visit(
    firm: Party,
    *,
    person: UUID,
    day: date | None,
    checklist: UUID | None,
    why: str,
    office: UUID,
    key: UUID,
    by: Actor,
    at: datetime,
    warning: UUID | None = None,
) -> Obligation:
    """Ask one person to go to one firm by a day; a warning is dealt with in the same step. Twice is once.

    Raises Invalid by field, NotAllowed, Stale for a warning somebody dealt with before.
    """
    made = Obligation.objects.filter(requirement=key, requirement__issued_by=by.account).first()
    if made is not None:
        return made
    form, seat = form_named(checklist), issuing_seat(Kind.VISIT, office, by)
    problems: dict[str, list[str]] = {}
    due = closing(day, calendar_for(seat.area_path), at=at, problems=problems, place="day")
    if due is None or problems:
        raise Invalid(_("还没有安排。"), problems)
    title = _("走访%(firm)s") % {"firm": firm.name}
    told = {**_form_told(form), SINGLE: True}
    if warning is not None:
        told["warning"] = str(warning)
    order = Order(Kind.VISIT, title[: ordering.LONGEST_TITLE], text=why, form=form.form, population=told)
    given = ordering.issue(order, [Asked(person, due, firm.pk)], office=office, key=key, by=by, at=at)
    visit = given.obligations.get()
    if warning is not None:
        _deal_with(warning, visit, firm, by=by, at=at)
    return visit


def _deal_with(key: UUID, visit: Obligation, firm: Party, *, by: Actor, at: datetime) -> None:
    """A visit upon a warning: the firm is followed from then on, until its figures turn. A further visit leaves
    it so."""
    held = ordering.locked(key)
    if held.kind != Kind.WARNING or held.about_id != firm.pk:
        raise NotFound(_("没有找到这条预警。"))
    if not answers_for(held, by):
        raise NotAllowed(_("预警由点对点专人或所在部门处置。"))
    if held.status in (Status.DROPPED, Status.KEPT):
        raise Stale(_("这条预警已经有人处置过了，请刷新后查看。"))
    if held.status == Status.OPEN:
        writes = Writes()
        hand_in(writes, held, by=by, at=at, key=new_id(), visit=str(visit.pk))
        writes.send()
