"""Reads over the gate log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zerotrip.prevention.gates.plates import normal
from zerotrip.prevention.models import HealthColour, Passage, Site
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.gates.spec import GatesSpec
    from zerotrip.prevention.models.gates import PassageQuerySet
    from zerotrip.prevention.models.sites import SiteQuerySet

LAST = 3
"""Passages of a plate that are shown when it comes again."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which passages a list is to show."""

    day: date | None = None
    gate: UUID | None = None
    text: str = ""
    state: str = ""
    """``inside``, ``overdue``, ``refused``; empty: all."""


def gates_of(actor: Actor, *, on: date) -> list[Site]:
    """The gates somebody logs at: those of their area, and those they stand at now."""
    from zerotrip.prevention.models import Shift

    there = Shift.objects.told().filter(
        worker__person=actor.person_id, signed_on_at__isnull=False, signed_off_at=None
    )
    seen = Q(pk__in=Site.objects.visible_to(actor).values("pk")) if actor.seats else Q(pk__in=[])
    rows = Site.objects.open_on(on).filter(seen | Q(posts__in=there.values("post")), kind="gate")
    return list(rows.distinct().order_by("name", "pk"))


def beside(gates: Iterable[Site]) -> SiteQuerySet:
    """The gates of the places some gates are of, they too: those within the same site; of one that is within none,
    those of its area that are within none either."""
    of_place = Q(pk__in=[])
    for gate in gates:
        of_place |= Q(within=gate.within_id) if gate.within_id else Q(within=None, area_path=gate.area_path)
    return Site.objects.filter(of_place, kind="gate")


def passages(search: Search, *, by: Actor, at: datetime, spec: GatesSpec) -> PassageQuerySet:
    """The passages that are searched for, the latest first."""
    rows = Passage.objects.visible_to(by)
    if search.day is not None:
        begin = datetime.combine(search.day, time(), CHINA)
        rows = rows.filter(entered_at__gte=begin, entered_at__lt=begin + timedelta(days=1))
    if search.gate is not None:
        rows = rows.filter(gate=search.gate)
    if search.text:
        found = (
            Q(driver__contains=search.text) | Q(to__name__contains=search.text) | Q(to_name__contains=search.text)
        )
        plate = normal(search.text)
        rows = rows.filter(found | Q(plate__contains=plate) if plate else found)
    if search.state == "inside":
        rows = rows.inside()
    elif search.state == "overdue":
        rows = rows.overdue(at, spec.stay_hours)
    elif search.state == "refused":
        rows = rows.exclude(refused="")
    return rows


def counts(rows: PassageQuerySet, *, at: datetime, spec: GatesSpec) -> dict[str, int]:
    """How many came, were refused, are inside, and for too long."""
    late = at - timedelta(hours=spec.stay_hours)
    inside = Q(refused="", left_at=None)
    return rows.order_by().aggregate(
        came=Count("pk"),
        turned_away=Count("pk", filter=~Q(refused="")),
        inside=Count("pk", filter=inside),
        overdue=Count("pk", filter=inside & Q(entered_at__lt=late)),
    )


def by_gate(rows: PassageQuerySet) -> list[Any]:
    """How many came to each gate, were refused there, and are inside."""
    return list(
        rows.order_by()
        .values("gate", "gate__name")
        .annotate(
            came=Count("pk"),
            turned_away=Count("pk", filter=~Q(refused="")),
            inside=Count("pk", filter=Q(refused="", left_at=None)),
        )
        .order_by("-came", "gate__name")
    )


def last_of(plate: str, *, area_paths: list[str]) -> list[Passage]:
    """The last passages of a plate in these areas, the latest first: what a form is filled in with."""
    found = Q(pk__in=[])
    for path in area_paths:
        found |= Q(area_path__startswith=path)
    rows = Passage.objects.filter(found, plate=normal(plate)).select_related("to", "gate")
    return list(rows[:LAST])


def lines(rows: PassageQuerySet, spec: GatesSpec, *, named: bool = False) -> Iterator[list[str]]:
    """The rows of a list as texts, with their heading, one at a time: numbers hidden, names unless ``named``."""
    yield [
        *(_("卡口"), _("车牌"), _("司机"), _("电话"), pgettext("货物", "从哪里来"), _("货物"), _("送到哪家")),
        *(_("体温"), _("健康码"), _("消杀"), _("进入"), _("离开"), _("不放行原因")),
    ]
    goods = spec.named()
    for row in rows.select_related("gate", "to").iterator(chunk_size=500):
        yield [
            row.gate.name,
            row.plate,
            row.driver if named else mask_name(row.driver),
            hidden(row.phone),
            row.origin,
            " ".join([goods.get(row.goods, row.goods), row.goods_note]).strip(),
            row.to.name if row.to else row.to_name,
            str(row.temperature),
            str(HealthColour(row.colour).label),
            _("是") if row.disinfected else _("否"),
            _clock(row.entered_at),
            _clock(row.left_at),
            row.refused,
        ]


def hidden(phone: str) -> str:
    """A telephone number without its middle."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "*" * len(phone)


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}" if moment else ""
