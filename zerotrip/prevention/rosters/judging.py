"""The rows of a roster file, judged one by one: who is meant, and where they belong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext as _

from zerotrip.parties.models import HANDS, Area, Party, PartyKind
from zerotrip.prevention.models import EnrolmentKind, Site
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.rosters.reading import AREA, EMPLOYER, HOUSEHOLD, SITE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import RosterFile
    from zerotrip.prevention.rosters.identity import Identity
    from zerotrip.prevention.rosters.reading import Written

LIVES_AT = (EnrolmentKind.LODGER, EnrolmentKind.BUILDER)
"""Kinds of roster that are always of a site."""
SITE_KINDS = {EnrolmentKind.LODGER: "dormitory", EnrolmentKind.BUILDER: "building-site"}
"""Which kind of site they are of."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is on a roster."""

    area_path: str
    household: str = ""
    site_id: UUID | None = None
    employer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: its number, the column, why. Never what was written there."""

    row: int
    column: str
    reason: str


@dataclass
class Places:
    """The areas, sites and employers a row may name, of those whoever hands it in works for."""

    kind: str
    default: Place
    areas: Mapping[str, str] = field(default_factory=dict)
    """Paths by code, and by name where only one is called so."""
    sites: Mapping[str, tuple[UUID, str]] = field(default_factory=dict)
    """Sites and their areas, by venue code, and by name where only one is called so."""
    employers: Mapping[str, tuple[UUID, str]] = field(default_factory=dict)

    def of(self, texts: Mapping[str, str]) -> tuple[Place | None, list[tuple[str, str]]]:
        """Where a row says that somebody is; or what is wrong with that."""
        faults: list[tuple[str, str]] = []
        area = site = employer = None
        if text := texts.get(AREA):
            area = self.areas.get(text)
            if area is None:
                faults.append((AREA, _("您的辖区里没有这个网格，或叫这个名字的不止一个，请填写代码。")))
        if text := texts.get(SITE):
            site = self.sites.get(text.upper()) or self.sites.get(text)
            if site is None:
                faults.append((SITE, _("您的辖区里没有这个场所，或叫这个名字的不止一个，请填写场所码。")))
        if text := texts.get(EMPLOYER):
            employer = self.employers.get(text.upper().replace(" ", ""))
            if employer is None:
                faults.append((EMPLOYER, _("没有这个统一社会信用代码的企业，请先登记企业。")))
        household = texts.get(HOUSEHOLD, "")
        if len(household) > 80:
            faults.append((HOUSEHOLD, _("住址或房间最多 80 个字。")))
        if faults:
            return None, faults
        return self._placed(area, household, site, employer)

    def _placed(
        self, area: str | None, household: str, site: tuple[UUID, str] | None, employer: tuple[UUID, str] | None
    ) -> tuple[Place | None, list[tuple[str, str]]]:
        default = self.default
        site_id = site[0] if site else default.site_id
        employer_id = employer[0] if employer else default.employer_id
        if self.kind == EnrolmentKind.RESIDENT:
            site_id = employer_id = None
        elif self.kind in LIVES_AT and site_id is None:
            return None, [(SITE, _("请填写宿舍或工地。"))]
        elif self.kind == EnrolmentKind.WORKER and site_id is None and employer_id is None:
            return None, [(EMPLOYER, _("请填写单位的统一社会信用代码，或场所。"))]
        path = area or (site[1] if site and site_id else "") or (employer[1] if employer and employer_id else "")
        return Place(path or default.area_path, household, site_id, employer_id), []


def places_for(file: RosterFile, actor: Actor) -> Places:
    """Everything a row of a file may name."""
    inside = [seat.area_path for seat in actor.seats_as(*HANDS)]
    areas = [row for row in Area.objects.values_list("code", "name", "path") if _within(row[2], inside)]
    wanted = SITE_KINDS.get(EnrolmentKind(file.kind))
    rows = Site.objects.visible_to(actor).filter(closed_on=None)
    if wanted:
        rows = rows.filter(kind=wanted)
    sites = [
        (code, name, (pk, path))
        for code, name, pk, path in rows.values_list("code", "name", "id", "area_path")
        if _within(path, inside)
    ]
    return Places(
        kind=file.kind,
        default=Place(file.area_path, "", file.site_id, file.employer_id),
        areas=_single((name, path) for _code, name, path in areas) | {code: path for code, _name, path in areas},
        sites=_single((name, site) for _code, name, site in sites) | {code: site for code, _name, site in sites},
        employers=_employers(inside) if file.kind == EnrolmentKind.WORKER else {},
    )


def _employers(inside: list[str]) -> dict[str, tuple[UUID, str]]:
    """Enterprises by USCC, with their area where that is one's own."""
    rows = Party.objects.live().filter(kind=PartyKind.ENTERPRISE).values_list("uscc", "id", "area_path")
    return {uscc: (pk, path if _within(path, inside) else "") for uscc, pk, path in rows.iterator(5_000)}


def _within(path: str, inside: Iterable[str]) -> bool:
    return any(path.startswith(one) for one in inside)


Value = TypeVar("Value")


def _single(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """What is called by a name nothing else is called by."""
    found: dict[str, Value] = {}
    twice: set[str] = set()
    for name, value in pairs:
        if name in found:
            twice.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name not in twice}


def judged(written: Written, places: Places, *, today: date) -> tuple[Identity | None, Place | None, list[Fault]]:
    """Who a row is about, and where they belong; or everything that is wrong with it."""
    wrong = [(name, _("这里是公式或错误值，请填写内容本身。")) for name in written.formulas]
    person, faults = identity.read(written.texts, today=today)
    place, more = places.of(written.texts)
    wrong += [fault for fault in (*faults, *more) if fault[0] not in written.formulas]
    return person, place, [Fault(written.number, name, reason) for name, reason in wrong]
