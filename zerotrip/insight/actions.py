"""The one write of insight: folding what happened to cases into facts and sums. It changes nothing of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from zerotrip.cases.models import (
    Assignment,
    Case,
    Clock,
    Correction,
    Door,
    Proposal,
    ProposalKind,
    ProposalStatus,
    Submission,
    Suspension,
)
from zerotrip.cases.models.case import GREEN_FIRST
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.insight.measuring import Story, closing_day, hands, marks, measure
from zerotrip.insight.models import MEASURES, Facts, Fold, Hand, Mark, Measures
from zerotrip.insight.sums import Key, add_up
from zerotrip.licences.post.models import Delivery
from zerotrip.licences.post.states import Way
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

BATCH = 2_000
"""Cases of one transaction."""
SLACK = timedelta(minutes=15)
"""How far back a fold looks: a step may be written some time after the moment it carries."""
REOPENED_WITHIN = timedelta(days=120)
"""How far back closed cases may be taken up again between two looks at all of them."""

MEASURED = [*MEASURES, "green", "closed_on", "closed_at"]


def fold(*, at: datetime, whole: bool = False, batch: int = BATCH) -> int:
    """Bring facts and sums up to what cases are now. How many cases were new to it.

    With ``whole``, all cases are compared; else those handed in or closed since the last time. Can be
    killed anywhere and run again: each batch of facts and the sums of its months are one transaction.
    """
    done = 0
    for step in (_received, _closed):
        after, count = None, batch
        while count == batch:
            count, after = step(at=at, whole=whole, batch=batch, after=after)
            done += count
    return done + _turned(at=at, whole=whole)


@transaction.atomic
def _received(*, at: datetime, whole: bool, batch: int, after: Any) -> tuple[int, Any]:
    """Facts for the next cases handed in: how many, and the last of them. All are gone through by their keys."""
    held = _hold()
    cases = Case.objects.filter(submitted_at__isnull=False, need=None)  # needs are counted apart
    if whole or held.received_until is None or after is not None:
        cases = cases.filter(pk__gt=after) if after else cases
    else:
        recent = {"rank__in": (0, 1), "submitted_at__gte": held.received_until - SLACK}
        cases = cases.alias(rank=GREEN_FIRST).filter(**recent)  # as the index of the case list has it
    known = Facts.objects.filter(case=OuterRef("pk"))
    fresh = list(cases.filter(~Exists(known)).order_by("pk")[:batch])
    services = _services(fresh)
    made = Facts.objects.bulk_create([_new(case, services) for case in fresh], ignore_conflicts=True)
    add_up({key for row in made for key in _keys(row)})
    held.at = at
    held.received_until = _latest([held.received_until, *(case.submitted_at for case in fresh)])
    held.save()
    return len(fresh), fresh[-1].pk if fresh else None


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def _new(case: Case, services: dict[UUID, str]) -> Facts:
    if case.submitted_at is None:
        raise AssertionError("asked for")
    return Facts(
        case_id=case.pk,
        service=services[case.version_id],
        department_id=case.department_id,
        area_path=case.area_path,
        door=case.door,
        green=case.contact_id is not None,
        received_on=case.submitted_at.astimezone(CHINA).date(),
    )


@transaction.atomic
def _closed(*, at: datetime, whole: bool, batch: int, after: Any) -> tuple[int, Any]:
    """The measures of the next cases that were closed, or closed again: how many, and when the last was."""
    held = _hold()
    since = after or (None if whole or held.closed_until is None else held.closed_until - SLACK)
    cases = Case.objects.filter(closed_at__isnull=False, submitted_at__isnull=False)
    cases = cases.filter(closed_at__gte=since) if since else cases
    measured = Facts.objects.filter(case=OuterRef("pk"), closed_at=OuterRef("closed_at"))
    known = Facts.objects.filter(case=OuterRef("pk"))
    fresh = list(cases.filter(Exists(known), ~Exists(measured)).order_by("closed_at", "pk")[:batch])
    _measure(fresh)
    held.at = at
    held.closed_until = _latest([held.closed_until, *(case.closed_at for case in fresh)])
    held.save()
    return len(fresh), fresh[-1].closed_at if fresh else None


def _measure(cases: Sequence[Case]) -> None:
    rows = Facts.objects.in_bulk([case.pk for case in cases])
    touched = {key for row in rows.values() for key in _keys(row)}
    done: list[Hand] = []
    noted: list[Mark] = []
    for story in _stories(cases):
        case, row = story.case, rows[story.case.pk]
        calendar = calendar_for(case.area_path)
        _take(row, measure(story, calendar))
        row.green, row.closed_on, row.closed_at = case.contact_id is not None, closing_day(case), case.closed_at
        done += hands(story, calendar)
        noted += marks(story, calendar)
        touched.update(_keys(row))
    touched |= {_of_hand(hand) for hand in [*done, *_forget(rows)]}
    _keep(rows.values())
    Hand.objects.bulk_create(done)
    Mark.objects.bulk_create(noted)
    add_up(touched)


def _keep(rows: Iterable[Facts]) -> None:
    """Write measures over those that are there: one statement for many, where an update would compare each."""
    Facts.objects.bulk_create(rows, update_conflicts=True, unique_fields=["case"], update_fields=MEASURED)


def _take(row: Facts, measures: Measures) -> None:
    for name in MEASURES:
        setattr(row, name, getattr(measures, name))


def _forget(cases: Iterable[UUID]) -> list[Hand]:
    """Take away what was counted of cases before; the work of it, whose sums change with it."""
    before = list(Hand.objects.filter(case__in=list(cases)))
    if before:
        Hand.objects.filter(case__in=list(cases)).delete()
    Mark.objects.filter(case__in=list(cases)).delete()
    return before


def _of_hand(hand: Hand) -> Key:
    return Key(hand.closed_on.replace(day=1), hand.department_id, hand.service)


@transaction.atomic
def _turned(*, at: datetime, whole: bool) -> int:
    """What closed and was taken up again, and what went into or out of the green channel meanwhile."""
    _hold()
    since = date.min if whole else (at - REOPENED_WITHIN).date()
    lapsed = Facts.objects.filter(closed_on__gte=since, lapsed=1, case__closed_at=None)
    reopened = {row.pk: row for row in lapsed}
    touched = {key for row in reopened.values() for key in _keys(row)}
    for row in reopened.values():
        _take(row, Facts())
        row.closed_on = row.closed_at = None
    touched |= {_of_hand(hand) for hand in _forget(reopened)}
    _keep(reopened.values())
    green = Case.objects.filter(contact__isnull=False, closed_at=None).values("pk")
    strayed = list(Facts.objects.filter(closed_on=None, green=False, case__in=green))
    strayed += Facts.objects.filter(closed_on=None, green=True).exclude(case__in=green)
    for row in strayed:
        row.green = not row.green
    Facts.objects.bulk_update(strayed, ["green"], batch_size=500)
    add_up(touched | {key for row in strayed for key in _keys(row)})
    return len(reopened) + len(strayed)


def _keys(row: Facts) -> set[Key]:
    """Where a case is added: the month it came in, and the month it was closed."""
    days = [day for day in (row.received_on, row.closed_on) if day]
    return {Key(day.replace(day=1), row.department_id, row.service) for day in days}


def _hold() -> Fold:
    Fold.objects.get_or_create(pk=1)
    return Fold.objects.select_for_update().get(pk=1)


def _services(cases: Iterable[Case]) -> dict[UUID, str]:
    versions = {case.version_id for case in cases}
    return dict(ServiceVersion.objects.filter(pk__in=versions).values_list("pk", "service"))


def _stories(cases: Sequence[Case]) -> list[Story]:
    """The cases with their rows, in as many queries as there are kinds of rows."""
    services = _services(cases)
    stories = {case.pk: Story(case, services[case.version_id]) for case in cases}
    extensions = Proposal.objects.filter(kind=ProposalKind.EXTENSION, status=ProposalStatus.APPROVED)
    kinds: list[tuple[str, QuerySet[Any]]] = [
        ("corrections", Correction.objects.defer("items")),
        ("suspensions", Suspension.objects.order_by("started_at")),
        ("clocks", Clock.objects.all()),
        (
            "assignments",
            Assignment.objects.filter(done_at__isnull=False).defer("opinion", "conditions", "materials"),
        ),
        ("extensions", extensions),
    ]
    for name, rows in kinds:
        for row in rows.filter(case__in=list(stories)):
            getattr(stories[row.case_id], name).append(row)
    collected = Delivery.objects.filter(case__in=list(stories), way=Way.COUNTER)
    brought = Submission.objects.filter(case__in=list(stories), door=Door.DESK, submitted_at__isnull=False)
    for case in collected.values_list("case", flat=True).union(brought.values_list("case", flat=True)):
        stories[case].visited = True
    return list(stories.values())
