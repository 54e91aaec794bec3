"""Reads over surveys: who goes to which firm, who has answered and to whom, what one still has to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from zerotrip.duties.models import Due, Report, Subject, Window
from zerotrip.duties.standing.sources import duty_of
from zerotrip.parties.models import Party
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, phones_of
from zerotrip.prevention.models import Caller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.duties.models import DueQuerySet
    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Visitor:
    """How far somebody is with the firms of a survey they go to."""

    account: UUID
    name: str
    given: int
    kept: int
    """Firms that have answered."""
    asked: int
    """Of these, where the visitor wrote down what was said; the others answered by themselves, or another did."""

    @property
    def left(self) -> int:
        """Firms that have not answered."""
        return self.given - self.kept


def visitors(window: Window, area_path: str) -> list[Visitor]:
    """Who goes to the firms of an area in a survey; whoever has most left, first. One statement."""
    due = Due.objects.filter(day=OuterRef("window__day"), window=OuterRef("window"), subject=OuterRef("subject"))
    said = Report.objects.filter(
        duty=duty_of(window.requirement),
        subject=OuterRef("subject"),
        at__gte=window.starts,
        at__lt=window.ends,
        by=OuterRef("caller"),
    )
    rows = Caller.objects.open().filter(Exists(due.filter(released_at=None)), area_path__startswith=area_path)
    counted = (
        rows.filter(window=window)
        .annotate(kept=Exists(due.exclude(kept_at=None)), asked=Exists(said))
        .values("caller", "caller__person__name")
        .annotate(given=Count("pk"), answered=Count("pk", filter=Q(kept=True)))
        .annotate(wrote=Count("pk", filter=Q(kept=True, asked=True)))
        .values_list("caller", "caller__person__name", "given", "answered", "wrote")
    )
    return sorted((Visitor(*row) for row in counted), key=lambda each: (-each.left, each.name))


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm of a survey that has not answered."""

    subject: UUID
    name: str
    area: str
    phone: str
    visitor: str
    window: Window


def firms(dues: Sequence[Due], *, at: datetime) -> list[Firm]:
    """Some firms as they are listed, with who goes there: four statements, however many there are."""
    keys = [due.subject for due in dues]
    windows = {due.window_id for due in dues}
    going = Caller.objects.open().filter(window__in=windows, subject__in=keys)
    named = {
        (window, key): name for window, key, name in going.values_list("window", "subject", "caller__person__name")
    }
    names = dict(Party.objects.filter(pk__in=keys).values_list("pk", "name"))
    phones = phones_of(keys, at=at)
    areas = area_names({code_of(due.area_path) for due in dues})
    return [
        Firm(
            subject=due.subject,
            name=names.get(due.subject, ""),
            area=areas.get(code_of(due.area_path), ""),
            phone=phones.get(due.subject, ""),
            visitor=named.get((due.window_id, due.subject), ""),
            window=due.window,
        )
        for due in dues
    ]


def to_visit(actor: Actor, *, at: datetime) -> DueQuerySet:
    """The firms the actor still has to go to, of surveys under way: those that end first, first."""
    mine = Caller.objects.open().filter(
        window=OuterRef("window"), subject=OuterRef("subject"), caller=actor.user_id
    )
    under_way = Window.objects.open().around(at).filter(subject=Subject.ENTERPRISE)
    rows = Due.objects.filter(Exists(mine), day__in=under_way.values("day"), window__in=under_way)
    return rows.missing(at).select_related("window__requirement").order_by("window__ends", "area_path", "subject")
