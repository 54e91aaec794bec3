"""What is planned to be spent in a month, and was."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.projects.actions.step import keep, steered
from zerotrip.projects.models import Investment
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.projects.models import Project

MOST = Decimal(100_000_000)
"""A trillion yuan in units of 10,000: more is a slip of the pen, or typed in yuan."""


def amount_from(text: str, *, empty: bool = False) -> Decimal | None:
    """An amount in units of 10,000 yuan as it was typed. None for nothing where that may be. Raises ValueError."""
    if empty and not text.strip():
        return None
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        raise ValueError("no number") from None
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("no amount")
    return amount


def month_from(text: str) -> date:
    """The first day of a month typed as ``2026-03``. Raises ValueError."""
    return date.fromisoformat(f"{text.strip()[:7]}-01")


@transaction.atomic
def tell_money(project: Project, *, month: str, planned: str, done: str, by: Actor, at: datetime) -> Investment:
    """Say what is planned for a month and what was spent; the row before stays for earlier reports.

    Raises Invalid by field: a month before the project began, money spent in a month to come, no amount.
    """
    held = steered(project, by=by)
    problems: dict[str, list[str]] = {}
    first = _month(month, held, problems)
    planned_amount, done_amount = _typed("planned", planned, problems), _typed("done", done, problems)
    if first and done_amount is not None and first > at.astimezone(CHINA).date():
        problems["done"] = [_("这个月还没有到，只能填计划。")]
    if problems or first is None or planned_amount is None:
        raise Invalid(_("投资还没有保存。"), problems)
    last = Investment.objects.filter(project=held, month=first).order_by("-at").first()
    if last is not None and (last.planned, last.done) == (planned_amount, done_amount):
        return last
    row = Investment.objects.create(
        project=held, month=first, planned=planned_amount, done=done_amount, at=at, by_id=by.account
    )
    told = None if done_amount is None else str(done_amount)
    keep(held, "money", by=by, at=at, month=first.isoformat(), planned=str(planned_amount), done=told)
    return row


def _typed(name: str, text: str, problems: dict[str, list[str]]) -> Decimal | None:
    """An amount as it was typed; what is planned has to be said, what was done may be open."""
    try:
        return amount_from(text, empty=name == "done")
    except (ValueError, InvalidOperation):
        problems[name] = [_("请填写金额，单位万元，最多两位小数。")]
        return None


def _month(text: str, project: Project, problems: dict[str, list[str]]) -> date | None:
    try:
        first = month_from(text)
    except ValueError:
        problems["month"] = [_("请选择月份，例如 2026-03。")]
        return None
    begun = project.begun_on.replace(day=1)
    if not begun <= first <= begun.replace(year=begun.year + 15):
        problems["month"] = [_("月份要在项目启动之后的十五年以内。")]
    return first
