"""Licences limited in number: granted in the order of acceptance, never more than there are (行政许可法 57)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip.cases.models import Case, Mode, Place
from zerotrip.cases.states import UNDER_WAY
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, Refused
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.cases.actions.step import Work
    from zerotrip.catalogue.spec import Allotment, ServiceSpec

NAMED = 5
"""How many of the cases before one are named."""


@dataclass(frozen=True)
class Count:
    """How many places there are, are taken, and are asked for by accepted applications under way."""

    number: int
    granted: int
    under_way: int
    period: int
    """The year; 0: not by the year."""

    @property
    def left(self) -> int:
        """How many can still be granted."""
        return max(0, self.number - self.granted)


def counted(service: str, allotment: Allotment, *, at: datetime) -> Count:
    """How many places of a service there are, taken and asked for, for what is accepted at ``at``: two queries."""
    period = _period(allotment, at)
    taken = _taken(service, period)
    return Count(allotment.number, len(taken), _waiting(service, allotment, period).count(), period)


def require_left(spec: ServiceSpec, *, at: datetime) -> None:
    """Raise Refused when every place is taken for what would be accepted at ``at``."""
    if told := why_full(spec, at=at):
        raise Refused(told)


def require_left_to_hand_in(case: Case, *, at: datetime) -> None:
    """Raise Invalid, at the place that says when to apply, when every place is taken."""
    if told := why_full(spec_of(case.version_id), at=at):
        raise Invalid(told, {"apply": [told]})


def why_full(spec: ServiceSpec, *, at: datetime) -> str:
    """Why there is nothing to apply for now, or nothing. No query where numbers are not limited."""
    allotment = spec.allotment
    if allotment is None:
        return ""
    period = _period(allotment, at)
    if len(_taken(spec.id, period)) < allotment.number:
        return ""
    if period:
        told = _("这个许可有数量限制：%(year)d 年共 %(number)d 个，已全部准予，今年不再受理新的申请。")
    else:
        told = _("这个许可有数量限制：共 %(number)d 个，已全部准予。有空出的名额后可以再申请。")
    return told % {"year": period, "number": allotment.number}


def before(case: Case) -> list[str]:
    """The numbers of the cases accepted before this one that may still be granted, the first first."""
    allotment = case.spec.allotment
    if allotment is None or case.accepted_at is None:
        return []
    period = _period(allotment, case.accepted_at)
    earlier = Q(accepted_at__lt=case.accepted_at) | Q(accepted_at=case.accepted_at, number__lt=case.number)
    found = _waiting(case.spec.id, allotment, period).filter(earlier)
    return list(found.order_by("accepted_at", "number").values_list("number", flat=True))


def require_turn(work: Work) -> None:
    """Raise Refused when a case cannot be granted now: nothing is left, or those before it may need it.

    The service is locked until the transaction ends, so that two hands do not count the same.
    """
    allotment, case = work.spec.allotment, work.case
    if allotment is None or case.accepted_at is None:
        return
    service = Service.objects.select_for_update(no_key=True).get(pk=work.spec.id)
    left = allotment.number - len(_taken(service.pk, _period(allotment, case.accepted_at)))
    if left < 1:
        told = _("名额已经用完（共 %(number)d 个），不能准予。请说明理由作出不予许可的决定。")
        raise Refused(told % {"number": allotment.number})
    first = before(case)
    if len(first) >= left:
        told = ngettext(
            "按受理的先后顺序，%(numbers)s先受理、还没有决定，只剩 %(left)d 个名额，暂时不能准予。",
            "按受理的先后顺序，%(numbers)s先受理、还没有决定，只剩 %(left)d 个名额，暂时不能准予。",
            left,
        )
        raise Refused(told % {"numbers": _named(first), "left": left})


def take_place(work: Work) -> None:
    """Give a case that is being granted the lowest free place. ``require_turn`` holds the lock."""
    allotment, case = work.spec.allotment, work.case
    if allotment is None or case.accepted_at is None:
        return
    period = _period(allotment, case.accepted_at)
    taken = _taken(work.spec.id, period)
    work.writes.insert(
        Place(
            case_id=case.pk,
            service_id=work.spec.id,
            period=period,
            number=next(number for number in range(1, allotment.number + 1) if number not in taken),
            most=allotment.number,
            taken_at=work.at,
        )
    )


def give_up_places(cases: Iterable[UUID | None], *, at: datetime) -> None:
    """Make room where the licence of one of these cases has ended. A year's places are used once."""
    Place.objects.taken().filter(case__in=[pk for pk in cases if pk], period=0).update(given_up_at=at)


def _period(allotment: Allotment, at: datetime) -> int:
    return at.astimezone(CHINA).year if allotment.per == "year" else 0


def _taken(service: str, period: int) -> frozenset[int]:
    places = Place.objects.taken().filter(service=service, period=period)
    return frozenset(places.values_list("number", flat=True))


def _waiting(service: str, allotment: Allotment, period: int) -> QuerySet[Case]:
    """The accepted cases of a service that may still be granted."""
    found = Case.objects.filter(
        version__service=service, mode=Mode.FORMAL, status__in=UNDER_WAY, accepted_at__isnull=False
    )
    if not period:
        return found
    first, last = (datetime(year, 1, 1, tzinfo=CHINA) for year in (period, period + 1))
    return found.filter(accepted_at__gte=first, accepted_at__lt=last)


def _named(numbers: list[str]) -> str:
    shown = _("、").join(numbers[:NAMED])
    more = len(numbers) - NAMED
    if more < 1:
        return shown
    return ngettext("%(shown)s等 %(count)d 件", "%(shown)s等 %(count)d 件", len(numbers)) % {
        "shown": shown,
        "count": len(numbers),
    }
