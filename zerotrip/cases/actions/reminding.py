"""Reminders to those who help with needs: one row a day, and none the day after they were told anything of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Reminder
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.channels.actions import tell, tell_staff
from zerotrip.channels.models import Notice
from zerotrip.parties.models import User
from zerotrip.parties.queries import staff_of
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

AT_ONCE = 2000


def remind_helpers(*, at: datetime) -> int:
    """Remind those who have not answered a need, or are due today or late, once offices are open. How many.

    Safe to run at any time and again: a reminder is a row, one for a piece of work and a day.
    """
    today = at.astimezone(CHINA).date()
    return sum(remind(work, day=today, at=at) for work in _open(today))


def _open(today: date) -> Iterable[Assignment]:
    tonight = datetime.combine(today + timedelta(days=1), time(), tzinfo=CHINA)
    waits = Q(due_at__lt=tonight) | ~Q(findings__has_key="answer") & ~Q(findings__has_key="plan")
    found = Assignment.objects.filter(
        waits, kind=StageKind.HELP, status=AssignmentStatus.OPEN, case__status=Status.HELPING
    )
    return found.select_related("case").order_by("due_at", "pk")[:AT_ONCE]


def remind(work: Assignment, *, day: date, at: datetime) -> bool:
    """Remind of one piece of work, unless it was done today, offices are closed, or they were just told of it."""
    calendar = calendar_for(work.area_path)
    opens = calendar.office_hours[0][0]
    if not calendar.is_working(day) or at.astimezone(CHINA).time() < opens:
        return False
    if work.opened_at.astimezone(CHINA).date() >= day - timedelta(days=1) or _told(work, day, at=at):
        return False
    try:
        with transaction.atomic():
            Reminder.objects.create(assignment=work, day=day, at=at)
            _tell(work, day, at=at)
    except IntegrityError:  # somebody else reminded of it today
        return False
    return True


def _told(work: Assignment, day: date, *, at: datetime) -> bool:
    """Whether those who have it were told anything of the case today or the day before."""
    if work.reminders.filter(day__gte=day - timedelta(days=1)).exists():
        return True
    yesterday = datetime.combine(day - timedelta(days=1), time(), tzinfo=CHINA)
    return Notice.objects.filter(
        user__in=_accounts(work, at), at__gte=yesterday, link=f"/desk/cases/{work.case.number}/"
    ).exists()


def _accounts(work: Assignment, at: datetime) -> list[UUID]:
    if work.assignee_id is not None:
        return [work.assignee_id]
    return staff_of(work.department_id, (work.role,), area_path=work.area_path, at=at)


def _tell(work: Assignment, day: date, *, at: datetime) -> None:
    case: Case = work.case
    writes = Writes()
    context = {
        "number": case.number,
        "service": spec_of(case.version_id).name.model_dump(),
        "subject": case.subject,
        "due": work.due_at,
    }
    link, key = f"/desk/cases/{case.number}/", f"{work.pk}:reminder:{day}"
    if work.assignee_id is not None:
        person = User.objects.get(pk=work.assignee_id).person_id
        tell(writes, party=person, template="staff_need_reminder", context=context, link=link, key=key, at=at)
    else:
        tell_staff(
            writes,
            department=work.department_id,
            area_path=work.area_path,
            roles=(work.role,),
            template="staff_need_reminder",
            context=context,
            link=link,
            key=key,
            at=at,
        )
    writes.send()
