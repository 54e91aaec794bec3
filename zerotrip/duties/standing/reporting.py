"""Somebody says what was done: a report is kept once, and counts in every window it falls into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip import questions
from zerotrip.compiled import Compiled
from zerotrip.duties import editions
from zerotrip.duties.models import Report, ReportFile, Subject, Window
from zerotrip.duties.standing import receipts
from zerotrip.duties.standing.becoming import follow
from zerotrip.duties.standing.counting import recount_few
from zerotrip.duties.standing.declared import edition, spec_of
from zerotrip.duties.standing.sources import duty_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.files.attaching import each_once

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.duties.models import Requirement
    from zerotrip.files.attaching import Handed
    from zerotrip.files.models import Blob
    from zerotrip.parties.access import Actor

AHEAD = timedelta(minutes=2)
"""How far a clock may be ahead of ours before what it says cannot be."""
BEHIND = timedelta(days=3)
"""How long after it was done something may be reported: a phone was away from the network, paper is typed in."""


@dataclass(frozen=True, slots=True)
class Done:
    """What is reported: of whom, when it was done, what was filled in, where, with which photographs."""

    subject: UUID
    owner: UUID | None
    area_path: str
    at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[Handed] = ()
    stamped: Mapping[str, Blob] = field(default_factory=dict)
    """The photographs with time and place drawn on them, by the key of the original."""
    position: Mapping[str, Any] | None = None
    corrects: UUID | None = None
    code: str = ""
    """What whoever received it read out, where the duty asks for a receipt."""


@transaction.atomic
def report(requirement: Requirement, done: Done, *, key: UUID, by: Actor, at: datetime) -> Report:
    """Keep a report and count it. Sent again it is the same report, whatever else it says now.

    Whether the actor may report of the subject is asked by the door, which knows whose it is. Raises Invalid with
    what is wrong by field, WrongCode where that is the code of receipt, which the door counts; NotFound for a
    report to put right that is not of the same duty and subject.
    """
    found = Report.objects.filter(pk=key).first()
    if found is not None:
        return found
    spec = spec_of(requirement)
    checked = questions.parse(spec.sections).check(done.answers) if spec.sections else None
    problems = dict(checked.problems) if checked else {}
    handed = each_once(done.files)
    if len(handed) < spec.photos:
        problems["files"] = [_photos_at_least(spec.photos)]
    code = _wrong_code(requirement, done, at=at) if spec.receipt and not handed else _Code()
    if code.problem:
        problems["code"] = [code.problem]
    if not at - BEHIND <= done.at <= at + AHEAD:
        problems["at"] = [_("时间要在最近 %(days)s 天之内，不能晚于现在。") % {"days": BEHIND.days}]
    duty = duty_of(requirement)
    if code.was_wrong:
        raise receipts.WrongCode(_("还不能提交。"), problems, duty=duty, subject=done.subject)
    if problems:
        raise Invalid(_("还不能提交。"), problems)
    if done.corrects is not None:
        _require_same(duty, done.subject, done.corrects)
    row = Report(
        pk=key,
        duty=duty,
        subject=done.subject,
        owner=done.owner,
        area_path=done.area_path,
        at=min(done.at, at),
        received_at=at,
        by_id=by.user_id,
        answers=dict(checked.values) if checked else {},
        position=dict(done.position) if done.position else None,
        corrects=done.corrects,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same report came twice at once
        return Report.objects.get(pk=key)
    follow(requirement, row, by=by, at=at)
    ReportFile.objects.bulk_create(
        ReportFile(
            report=key,
            blob_id=each.blob.pk,
            name=each.name,
            place=place,
            stamped=done.stamped.get(each.blob.pk),
        )
        for place, each in enumerate(handed)
    )
    count(requirement, [done.subject], at=row.at)
    return row


def count(requirement: Requirement, subjects: Sequence[UUID], *, at: datetime) -> None:
    """Count anew in every window of a duty, in any edition, that a moment falls into."""
    recount_few([(window, window.requirement) for window in _around(requirement, at)], subjects)


def _around(requirement: Requirement, at: datetime) -> QuerySet[Window]:
    windows = Window.objects.select_related("requirement").around(at)
    return windows.filter(requirement__slug__startswith=editions.all_of(requirement))


@dataclass(frozen=True, slots=True)
class _Code:
    """What is wrong with a code of receipt; and whether it was wrong, not only missing or not looked at."""

    problem: str = ""
    was_wrong: bool = False


def _wrong_code(requirement: Requirement, done: Done, *, at: datetime) -> _Code:
    duty = duty_of(requirement)
    until = receipts.locked_until(duty, done.subject, at=at)
    if until is not None:
        return _Code(receipts.why_locked(until))
    if receipts.is_good(done.subject, done.code, _around(requirement, min(done.at, at))):
        receipts.forget(duty, done.subject)
        return _Code()
    if done.code.strip():
        return _Code(_("接收码不对。请接收人再读一遍，或者拍下签收单。"), was_wrong=True)
    return _Code(_("请填接收人告诉您的 6 位接收码，或者拍下签收单。"))


def count_act(
    act: str, subjects: Sequence[UUID], *, first: datetime, last: datetime, who: Subject = Subject.PERSON
) -> None:
    """Count anew what people, or others, owe of an act, in every window that reaches into a time."""
    those = [
        (Window(pk=pk, day=day, starts=starts, ends=ends, needs=needs), edition(slug))
        for pk, day, starts, ends, needs, slug in _REACHING[who].rows(first=first, last=last)
    ]
    recount_few([(window, each) for window, each in those if spec_of(each).act == act], subjects)


def _reaching(who: Subject, *, first: datetime, last: datetime) -> Any:
    rows = Window.objects.filter(subject=who, starts__lte=last, ends__gt=first)
    return rows.values_list("pk", "day", "starts", "ends", "needs", "requirement__slug")


_REACHING = {who: Compiled(partial(_reaching, who), first=datetime, last=datetime) for who in Subject}
"""The windows that reach into a time: asked with each tube."""


def _require_same(duty: str, subject: UUID, corrected: UUID) -> None:
    if not Report.objects.filter(pk=corrected, duty=duty, subject=subject).exists():
        raise NotFound(_("没有要更正的那条记录。"))


def _photos_at_least(count: int) -> str:
    return ngettext("请至少附 %(count)s 张照片。", "请至少附 %(count)s 张照片。", count) % {"count": count}
