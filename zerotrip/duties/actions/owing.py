"""What is owed begins, is reminded of, ends. What belongs to a step adds to what that writes, under its lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from zerotrip.channels.actions import tell, tell_staff
from zerotrip.duties import times
from zerotrip.duties.models import Kind, Obligation, Record, Requirement, Status
from zerotrip.errors import Stale
from zerotrip.ids import new_id
from zerotrip.parties.models import HANDS, OFFICES, Party
from zerotrip.rows import Writes, fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.catalogue.spec import Limit
    from zerotrip.parties.access import Actor
    from zerotrip.questions.words import Words


@dataclass(frozen=True)
class Owed:
    """What is to be owed, before anybody owes it."""

    slug: str
    """Names the requirement: the same words and limit under the same slug."""
    kind: Kind
    name: Words
    limit: Limit
    consequence: str
    remind: Sequence[int] = ()


def owe(
    writes: Writes,
    owed: Owed,
    *,
    subject: UUID,
    key: str,
    owner: UUID,
    watcher: UUID,
    area_path: str,
    at: datetime,
    about: UUID | None = None,
    words: Words | None = None,
    link: str = "",
    context: Mapping[str, Any] | None = None,
) -> Obligation:
    """Add an obligation that begins at ``at`` to what the caller writes; ``words``: a name of its own."""
    requirement = Requirement(
        id=Requirement.key(owed.slug),
        slug=owed.slug,
        kind=owed.kind,
        name=owed.name.model_dump(),
        amount=Decimal(str(owed.limit.amount)),
        unit=owed.limit.unit.value,
        basis=owed.limit.basis.model_dump(),
        remind=sorted(owed.remind, reverse=True),
        consequence=owed.consequence,
    )
    obligation = Obligation(
        requirement=requirement,
        kind=owed.kind,
        subject=subject,
        key=key,
        about_id=about,
        owner_id=owner,
        watcher_id=watcher,
        area_path=area_path,
        words=(words or owed.name).model_dump(),
        context=dict(context or {}),
        link=link,
        opened_at=at,
    )
    times.reset(obligation, requirement, calendar_for(area_path), at=at)
    writes.insert_once(requirement)
    writes.insert(obligation)
    return obligation


def hand_in(writes: Writes, obligation: Obligation, *, by: Actor, at: datetime, key: UUID, **details: Any) -> None:
    """Something was handed in: it waits to be looked at, and is no longer overdue meanwhile."""
    obligation.status, obligation.remind_at = Status.HANDED_IN, None
    writes.change(obligation, "status", "remind_at")
    writes.insert(Record(id=key, obligation=obligation, what="handed_in", details=details, by_id=by.user_id, at=at))


def keep(
    writes: Writes,
    obligation: Obligation,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    key: UUID | None = None,
    **details: Any,
) -> None:
    """It is done, late or in time."""
    _end(writes, obligation, Status.KEPT, "kept", by=by, at=at, note=note, key=key, details=details)


def drop(writes: Writes, obligation: Obligation, *, by: Actor, at: datetime, note: str = "") -> None:
    """Nobody asks for it any more."""
    _end(writes, obligation, Status.DROPPED, "dropped", by=by, at=at, note=note)


def _end(
    writes: Writes,
    obligation: Obligation,
    status: Status,
    what: str,
    *,
    by: Actor,
    at: datetime,
    note: str,
    key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    obligation.status, obligation.ended_at, obligation.remind_at = status, at, None
    writes.change(obligation, "status", "ended_at", "remind_at")
    add_record(writes, obligation, what, by=by, at=at, note=note, key=key, details=details)


def add_record(
    writes: Writes,
    obligation: Obligation,
    what: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a record to what the caller writes; ``key`` is whoever files it's own, so that twice is once."""
    writes.insert(
        Record(
            id=key or new_id(),
            obligation=obligation,
            what=what,
            note=note,
            details=dict(details or {}),
            by_id=by.user_id,
            at=at,
        )
    )


def give_back(writes: Writes, obligation: Obligation, *, by: Actor, at: datetime, note: str) -> None:
    """What was handed in will not do: it is owed again, by the day it was."""
    obligation.status = Status.OPEN
    times.next_reminder(obligation, obligation.requirement, calendar_for(obligation.area_path), at=at)
    writes.change(obligation, "status", "remind_at")
    writes.insert(Record(obligation=obligation, what="returned", note=note, by_id=by.user_id, at=at))


def miss(writes: Writes, obligation: Obligation, *, by: Actor, at: datetime) -> None:
    """It was not done in time; whoever calls this draws the consequence. Raises Stale if it is not overdue."""
    if obligation.status != Status.OPEN or obligation.missed_at is not None or at <= obligation.due_at:
        raise Stale("not overdue")
    obligation.missed_at, obligation.remind_at = at, None
    writes.change(obligation, "missed_at", "remind_at")
    writes.insert(Record(obligation=obligation, what="missed", by_id=by.user_id, at=at))


@transaction.atomic
def remind(obligation_id: UUID, *, at: datetime) -> bool:
    """Tell whoever owes it that the day comes near; once for each reminder. Whether anybody was told."""
    obligation = next(iter(fetch(Obligation, lock=True, id=obligation_id)), None)
    if obligation is None or obligation.status != Status.OPEN:
        return False
    if obligation.remind_at is None or at < obligation.remind_at:
        return False
    writes = Writes()
    obligation.reminded += 1
    times.next_reminder(obligation, obligation.requirement, calendar_for(obligation.area_path), at=at)
    writes.change(obligation, "reminded", "remind_at")
    tell_owner(
        writes,
        obligation,
        f"{obligation.kind}_reminder",
        key=f"{obligation.pk}:reminder:{obligation.reminded}",
        at=at,
    )
    writes.send()
    return True


def tell_owner(
    writes: Writes, obligation: Obligation, template: str, *, key: str, at: datetime, **said: Any
) -> None:
    """Tell whoever owes it something: a person, those who act for an enterprise, the staff of an office."""
    tell_owners(writes, [obligation], template, key=key, at=at, **said)


def tell_owners(
    writes: Writes, obligations: Sequence[Obligation], template: str, *, key: str, at: datetime, **said: Any
) -> None:
    """Tell everybody who owes some of these something: one notice each, of what is due first, with the ``count``.

    Whoever owes several finds them all behind the link of the first.
    """
    of: dict[UUID, list[Obligation]] = {}
    for obligation in obligations:
        of.setdefault(obligation.owner_id, []).append(obligation)
    offices = set(Party.objects.filter(pk__in=list(of), kind__in=OFFICES).values_list("pk", flat=True))
    for owner, theirs in of.items():
        first = min(theirs, key=lambda one: one.due_at)
        context = {**first.context, "what": first.words, "due": first.due_at, "count": len(theirs), **said}
        told = key if len(of) == 1 else f"{key}:{owner}"
        if owner in offices:
            tell_staff(
                writes,
                department=owner,
                area_path=first.area_path,
                roles=HANDS,
                template=template,
                context=context,
                link=first.link,
                key=told,
                at=at,
            )
        else:
            tell(writes, party=owner, template=template, context=context, link=first.link, key=told, at=at)


def recompute(*, at: datetime) -> int:
    """Derive the open obligations anew after a holiday notice. Returns how many moved."""
    moved = 0
    open_ones = Obligation.objects.due().filter(requirement__amount__isnull=False).order_by("pk")
    ids = list(open_ones.values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        moved += _recompute(ids[start : start + 500], at=at)
    return moved


@transaction.atomic
def _recompute(ids: list[UUID], *, at: datetime) -> int:
    rows = Obligation.objects.due().select_related("requirement").select_for_update(of=("self",)).filter(pk__in=ids)
    changed = []
    for row in rows:
        before = row.due_at
        times.reset(row, row.requirement, calendar_for(row.area_path), at=at)
        if row.due_at != before:
            changed.append(row)
    Obligation.objects.bulk_update(changed, ["due_at", "remind_at"])
    return len(changed)
