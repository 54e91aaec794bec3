"""For whom a leaflet is: people of an area, a household, a site, an employer, kinds of roster, ages; or sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.duties.models import Subject
from zerotrip.duties.standing.asking import may_ask
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.materialising import those
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.leaflets.reaching import reached
from zerotrip.prevention.leaflets.rules import duty
from zerotrip.prevention.models import EnrolmentKind, Site, SiteKind
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.parties.access import Actor

OLDEST = 150


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom, as it is typed in. What is empty narrows nothing; sites are narrowed by their kinds alone."""

    area: str
    """Code of the area."""
    who: str = Subject.PERSON
    kinds: Sequence[str] = ()
    """Of roster, or of site."""
    household: str = ""
    site: UUID | None = None
    employer: str = ""
    """Its unified social credit code."""
    age_from: str = ""
    age_to: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An audience that was looked up: who, where, by which criteria, or what is wrong by field."""

    who: str
    area_path: str
    where: dict[str, Any]
    problems: dict[str, list[str]]


def chosen(audience: Audience, *, by: Actor) -> Chosen:
    """Look an audience up, with everything wrong by field."""
    problems: dict[str, list[str]] = {}
    path = area_path_of(audience.area)
    if not may_ask(by, path):
        problems["area"] = [_("请选择您辖区内的区域。")]
    narrow = _sites if audience.who == Subject.SITE else _people
    rules = narrow(audience, problems, by)
    return Chosen(audience.who, path, {"all": rules} if rules else {}, problems)


def _sites(audience: Audience, problems: dict[str, list[str]], _by: Actor) -> list[dict[str, Any]]:
    if not audience.kinds:
        return []
    if SiteKind.objects.kept().filter(pk__in=audience.kinds).count() != len(set(audience.kinds)):
        problems["kinds"] = [_("请选择是哪一类场所。")]
    return [{"fact": "kind", "in": sorted(audience.kinds)}]


def _people(audience: Audience, problems: dict[str, list[str]], by: Actor) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if audience.kinds:
        if not set(audience.kinds) <= set(EnrolmentKind.values):
            problems["kinds"] = [_("请选择是哪一种名册。")]
        rules.append({"fact": "kind", "in": sorted(audience.kinds)})
    if household := " ".join(audience.household.split()):
        rules.append({"fact": "household", "is": household})
    if audience.site is not None:
        if not Site.objects.visible_to(by).filter(pk=audience.site).exists():
            problems["site"] = [_("没有这个场所，或它已经关闭。")]
        rules.append({"fact": "site", "is": str(audience.site)})
    if audience.employer:
        rows = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, uscc=audience.employer.strip().upper())
        employer = rows.values_list("pk", flat=True).first()
        if employer is None:
            problems["employer"] = [_("没有这个统一社会信用代码的企业，请先登记企业。")]
        rules.append({"fact": "employer", "is": str(employer)})
    return rules + _ages(audience, problems)


def _ages(audience: Audience, problems: dict[str, list[str]]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for name, text, how in (("age_from", audience.age_from, "at_least"), ("age_to", audience.age_to, "at_most")):
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and int(text) <= OLDEST):
            problems[name] = [_("请填写整岁数。")]
            continue
        rules.append({"fact": "age", how: int(text)})
    return rules


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people or sites a leaflet would be for."""

    count: int
    linked: int
    """Of them those who are sent the link."""

    @property
    def doors(self) -> int:
        """Those it has to be brought to."""
        return self.count - self.linked


def reach(who: str, area_path: str, where: Mapping[str, Any], *, at: datetime) -> Reach:
    """How many there are today who would owe a receipt, nobody who is left out among them. None where no pack has
    the duty.
    """
    requirement = duty(who)
    if requirement is None:
        return Reach(0, 0)
    on = at.astimezone(CHINA).date()
    rows = those(requirement, spec_of(requirement), on=on, area_path=area_path, where=where).filter(why="")
    linked = reached(who, at=at).filter(pk__in=rows.values("subject"))
    return Reach(rows.count(), linked.count())
