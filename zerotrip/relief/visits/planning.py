"""A round before it is given: who goes to which firm by when. Whoever gives it sees all of that first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.duties.actions.ordering import MOST, too_soon_or_late
from zerotrip.errors import Invalid
from zerotrip.parties.models import Party
from zerotrip.parties.queries import areas_of_staff
from zerotrip.relief.naming.queries import people_named
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.parties.access import Seat
    from zerotrip.workdays.calendar import WorkCalendar

MOST_A_DAY = 50


@dataclass(frozen=True)
class Wish:
    """What is asked of a round, as it was typed."""

    title: str
    why: str = ""
    checklist: UUID | None = None
    """The form, a requirement a pack declares."""
    last: date | None = None
    """The last day."""
    named: bool = True
    """The person named for a firm goes; else, and where nobody is named, those chosen."""
    people: tuple[UUID, ...] = ()
    """Those chosen; several share the firms out evenly."""
    a_day: int | None = None
    """How many firms one person visits on a working day; None: all are due on the last day."""
    population: Mapping[str, Any] = field(default_factory=dict)
    """How the firms were found, for the record."""


@dataclass(frozen=True)
class Planned:
    """One visit to be: to whom, by whom, by when."""

    firm: Party
    person: UUID
    due_at: datetime


@dataclass(frozen=True)
class Plan:
    """All visits of a round to be, and the firms nobody goes to."""

    visits: list[Planned]
    without: list[Party]
    names: Mapping[UUID, str]

    @property
    def shares(self) -> list[tuple[str, int, datetime]]:
        """Each person with how many firms and the last day, most first."""
        counted = Counter(visit.person for visit in self.visits)
        last: dict[UUID, datetime] = {}
        for visit in self.visits:
            last[visit.person] = max(visit.due_at, last.get(visit.person, visit.due_at))
        return [(self.names[person], count, last[person]) for person, count in counted.most_common()]

    @property
    def days(self) -> list[tuple[datetime, int]]:
        """How many visits fall due on which day."""
        return sorted(Counter(visit.due_at for visit in self.visits).items())


def plan(firms: Sequence[Party], wish: Wish, *, seat: Seat, at: datetime) -> Plan:
    """Who goes where by when. Neighbours go to one person and on one day where that can be.

    Raises Invalid by field: no firm or too many, no last day, more firms than the days hold.
    """
    calendar = calendar_for(seat.area_path)
    problems: dict[str, list[str]] = {}
    if not firms:
        problems["firms"] = [_("请至少选一家企业。")]
    if len(firms) > MOST:
        problems["firms"] = [_("一次最多 %(most)d 家企业，请分几次发起。") % {"most": MOST}]
    last = closing(wish.last, calendar, at=at, problems=problems)
    if wish.a_day is not None and not 1 <= wish.a_day <= MOST_A_DAY:
        problems["a_day"] = [_("每人每天走访 1 到 %(most)d 家。") % {"most": MOST_A_DAY}]
    if problems or last is None:
        raise Invalid(_("还没有发起，有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)
    shares, without = share_out(firms, wish, seat=seat, at=at)
    visits = [
        Planned(firm, person, due)
        for person, own in shares.items()
        for firm, due in zip(own, spread(len(own), wish, calendar, last=last, at=at), strict=True)
    ]
    names = dict(Party.objects.filter(pk__in=shares).values_list("pk", "name"))
    return Plan(visits, without, names)


def closing(
    day: date | None, calendar: WorkCalendar, *, at: datetime, problems: dict[str, list[str]], place: str = "last"
) -> datetime | None:
    """The close of offices on a day that was set by hand, also of a day off; what is wrong goes to the problems."""
    due = calendar.closes(day) if day is not None else None
    if due is None:
        problems[place] = [_("请填写日期。")]
    else:
        problems |= too_soon_or_late(due, place, at=at)
    return due


def spread(count: int, wish: Wish, calendar: WorkCalendar, *, last: datetime, at: datetime) -> list[datetime]:
    """By when each of one person's visits is due: so many a working day, from the first that is left."""
    if wish.a_day is None:
        return [last] * count
    day, days = calendar.next_working_moment(at).date(), []
    for place in range(count):
        if place and place % wish.a_day == 0:
            day = calendar.working_day_after(day, 1)
        days.append(calendar.closes(day))
    if days and days[-1] > last:
        text = _("每人每天 %(count)d 家，要到 %(day)s 才走得完。请推迟截止日期、增加人手或者每天多走几家。")
        told = text % {"count": wish.a_day, "day": days[-1].date().isoformat()}
        raise Invalid(_("还没有发起，时间不够。"), {"a_day": [told]})
    return days


def share_out(
    firms: Sequence[Party], wish: Wish, *, seat: Seat, at: datetime
) -> tuple[dict[UUID, list[Party]], list[Party]]:
    """The firms of each person, neighbours side by side, and those nobody goes to."""
    near = sorted(firms, key=lambda firm: (firm.area_path, firm.name, str(firm.pk)))
    named = people_named([firm.pk for firm in firms], at=at) if wish.named else {}
    reached = _within(set(named.values()), seat, at=at)
    shares: dict[UUID, list[Party]] = {}
    left = []
    for firm in near:
        if named.get(firm.pk) in reached:
            shares.setdefault(named[firm.pk], []).append(firm)
        else:
            left.append(firm)
    if not wish.people:
        return shares, left
    size, more = divmod(len(left), len(wish.people))
    start = 0
    for place, person in enumerate(wish.people):
        end = start + size + (place < more)
        if left[start:end]:
            shares.setdefault(person, []).extend(left[start:end])
        start = end
    return shares, []


def _within(people: set[UUID], seat: Seat, *, at: datetime) -> set[UUID]:
    """Those of these people who work inside the area of the seat: nobody orders those of a wider office."""
    return {who for who, path in areas_of_staff(people, at=at).items() if path.startswith(seat.area_path)}
