"""Of whom an office asks something: offices below it by level, its own people, enterprises it searches for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.duties.actions.ordering import MOST
from zerotrip.enterprises import queries as enterprises
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import HANDS, OFFICES, Area, AreaLevel, Membership, MembershipKind, Party, PartyKind
from zerotrip.parties.queries import colleagues
from zerotrip.prevention.models import Risk, Site, SiteKind
from zerotrip.web.desk.enterprises.views import controls, search_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor, Seat

LEVELS = {
    AreaLevel.CITY: gettext_lazy("市级部门"),
    AreaLevel.DISTRICT: gettext_lazy("区级部门"),
    AreaLevel.SUBDISTRICT: gettext_lazy("街道和园区"),
    AreaLevel.COMMUNITY: gettext_lazy("社区"),
    AreaLevel.GRID: gettext_lazy("网格"),
}
EVERY = {
    AreaLevel.CITY: gettext_lazy("全部市级部门"),
    AreaLevel.DISTRICT: gettext_lazy("全部区级部门"),
    AreaLevel.SUBDISTRICT: gettext_lazy("全部街道"),
    AreaLevel.COMMUNITY: gettext_lazy("全部社区"),
    AreaLevel.GRID: gettext_lazy("全部网格"),
}
NAMED = 8
"""Enterprises a preview names."""


@dataclass(frozen=True)
class Box:
    """One party that can be ticked."""

    party: Party
    ticked: bool
    manned: bool = True
    """Whether anybody works there who would be told."""


@dataclass(frozen=True)
class Level:
    """The offices of one level."""

    id: str
    name: str
    every: str
    boxes: list[Box]
    all: bool
    """Whether the tick for all of them is set."""


@dataclass(frozen=True)
class Whom:
    """Who can be asked from a seat, and who is ticked."""

    levels: list[Level]
    people: list[Box]

    @property
    def chosen(self) -> list[UUID]:
        """Those who are asked, each once, in the order of the page."""
        found = [box.party.pk for level in self.levels for box in level.boxes if level.all or box.ticked]
        return [*found, *(box.party.pk for box in self.people if box.ticked)]


def whom(seat: Seat, actor: Actor, *, ticked: Collection[str], at: datetime, without: Iterable[str] = ()) -> Whom:
    """Who can be asked from this seat; those ``without`` were asked before."""
    left_out = {str(seat.department_id), *without}
    offices = Party.objects.live().filter(kind__in=OFFICES, area_path__startswith=seat.area_path)
    rows = [row for row in offices.order_by("area_path", "name") if str(row.pk) not in left_out]
    levels = dict(Area.objects.filter(path__in={row.area_path for row in rows}).values_list("path", "level"))
    manned = _manned([row.pk for row in rows], at=at)
    found = []
    for level in AreaLevel:
        there = [row for row in rows if levels.get(row.area_path) == level]
        every = f"level:{level.value}" in ticked
        boxes = [Box(row, every or str(row.pk) in ticked, row.pk in manned) for row in there]
        if boxes:
            found.append(Level(level.value, str(LEVELS[level]), str(EVERY[level]), boxes, every))
    return Whom(found, _people(seat, actor, ticked=ticked, left_out=left_out, at=at))


def _manned(offices: list[UUID], *, at: datetime) -> set[UUID]:
    seats = Membership.objects.in_force(at).filter(
        organisation__in=offices, kind=MembershipKind.STAFF, role__in=HANDS
    )
    return set(seats.values_list("organisation", flat=True))


def _people(seat: Seat, actor: Actor, *, ticked: Collection[str], left_out: set[str], at: datetime) -> list[Box]:
    """The others of the office who work inside the area, each once."""
    people = {
        row.person_id: row.person
        for row in colleagues([seat.department_id], at=at)
        if row.person_id != actor.person_id and row.area_path.startswith(seat.area_path)
    }
    return [Box(one, str(one.pk) in ticked) for key, one in people.items() if str(key) not in left_out]


@dataclass(frozen=True)
class Firms:
    """The enterprises something is asked of: those a search finds, or those named by their USCC."""

    keys: list[UUID]
    names: list[str]
    count: int
    population: dict[str, Any]
    unknown: list[str]
    """USCCs of no enterprise of the area."""
    narrowed: bool
    """Whether by more than an area: else it goes to everybody there."""

    @property
    def too_many(self) -> bool:
        """Whether there are more than one order can ask."""
        return self.count > MOST


def firms(request: Request, seat: Seat) -> Firms:
    """The enterprises that were asked for, and how they were found, for the record."""
    words = vocabulary()
    named = [code.upper() for code in typed(request, "usccs", most=40_000).split()]
    search = search_of(request.POST.dict(), words)
    if named:
        seen = Party.objects.visible_to(request.actor).live()
        found: QuerySet[Party] = seen.filter(kind=PartyKind.ENTERPRISE, uscc__in=named)
        how: dict[str, Any] = {"usccs": named[:MOST]}
    else:
        found = enterprises.find(request.actor, search, words)
        how = {"search": {name: value for name, value in asdict(search).items() if value}}
    found = found.filter(area_path__startswith=seat.area_path)
    places = {name: typed(request, name, most=60) for name in ("site_kind", "site_risk")}
    if not named and any(places.values()):
        found = found.filter(pk__in=_owners(request, places))
        how["search"] |= {name: value for name, value in places.items() if value}
    rows = list(found.order_by("name").values_list("pk", "name", "uscc")[: MOST + 1])
    known = {uscc for _pk, _name, uscc in rows}
    return Firms(
        keys=[pk for pk, _name, _uscc in rows[:MOST]],
        names=[name for _pk, name, _uscc in rows[:NAMED]],
        count=len(rows),
        population={**how, "count": len(rows)},
        unknown=[code for code in dict.fromkeys(named) if code not in known],
        narrowed=bool(named) or any(name != "area" for name in how["search"]),
    )


def _owners(request: Request, places: Mapping[str, str]) -> QuerySet[Site, Any]:
    """Whose the sites of a kind or a risk are."""
    sites = Site.objects.visible_to(request.actor).open_on(today_of(request)).exclude(owner=None)
    if places["site_kind"]:
        sites = sites.filter(Q(kind=places["site_kind"]) | Q(kind__group=places["site_kind"]))
    if places["site_risk"]:
        sites = sites.filter(risk=places["site_risk"])
    return sites.values("owner")


def places(request: Request) -> dict[str, Any]:
    """The kinds and risks of sites whose owners something can be asked of, with what is chosen."""
    return {
        "kinds": [(kind.pk, str(kind.spec.name)) for kind in SiteKind.objects.kept()],
        "risks": Risk.choices,
        **{name: typed(request, name, most=60) for name in ("site_kind", "site_risk")},
    }


def filters(request: Request) -> dict[str, Any]:
    """The controls enterprises are searched by, with what they hold."""
    words = vocabulary()
    given = request.POST if request.method == "POST" else request.GET
    return controls(search_of(given.dict(), words), words, request.actor)


def ticked_in(request: Request) -> set[str]:
    """What was ticked: keys of parties, and ``level:…`` for all of a level."""
    return {value[:60] for value in request.POST.getlist("owner")}


def keys_in(request: Request, name: str = "owed") -> list[UUID]:
    """The keys of obligations that were picked."""
    return [key for text in request.POST.getlist(name)[:MOST] if (key := uuid_from(text)) is not None]


def none_found(found: Firms) -> list[str]:
    """What is wrong with the enterprises that were asked for, if anything."""
    if found.unknown:
        return [_("辖区内没有这些企业：%(codes)s。") % {"codes": _("、").join(found.unknown[:5])}]
    if found.too_many:
        return [_("一次最多 %(most)d 家，请再缩小范围。") % {"most": MOST}]
    return [] if found.count else [_("没有找到企业，请换一个条件。")]
