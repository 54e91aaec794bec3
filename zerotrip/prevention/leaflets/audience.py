"""For whom a leaflet is: an area, and in it a household, a site, an employer, kinds of roster or ages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from zerotrip import criteria
from zerotrip.duties.standing.asking import may_ask
from zerotrip.duties.standing.populations import Asked
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.leaflets.rules import duty
from zerotrip.prevention.models import EnrolmentKind, Person, Site
from zerotrip.prevention.rosters.population import owing_people, people_facts
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.parties.access import Actor

OLDEST = 150


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom, as it is typed in. What is empty narrows nothing."""

    area: str
    """Code of the area."""
    kinds: Sequence[str] = ()
    household: str = ""
    site: UUID | None = None
    employer: str = ""
    """Its unified social credit code."""
    age_from: str = ""
    age_to: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An audience that was looked up: where, by which criteria, or what is wrong by field."""

    area_path: str
    where: dict[str, Any]
    problems: dict[str, list[str]]


def chosen(audience: Audience, *, by: Actor) -> Chosen:
    """Look an audience up, with everything wrong by field."""
    problems: dict[str, list[str]] = {}
    path = area_path_of(audience.area)
    if not may_ask(by, path):
        problems["area"] = [_("请选择您辖区内的区域。")]
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
    rules += _ages(audience, problems)
    return Chosen(path, {"all": rules} if rules else {}, problems)


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
    """How many people a leaflet would be for."""

    persons: int
    phones: int
    """Of them with a phone."""

    @property
    def doors(self) -> int:
        """Those it has to be brought to."""
        return self.persons - self.phones


def reach(area_path: str, where: Mapping[str, Any], *, at: datetime) -> Reach:
    """How many people on the rosters of today, who are not left out, an audience has. One statement."""
    on: date = at.astimezone(CHINA).date()
    rule = criteria.parse(where, vocabulary=people_facts()) if where else None
    rows = owing_people(Asked(on, area_path, rule, duty())).filter(why="")
    counted = Person.objects.filter(pk__in=rows.values("subject")).aggregate(
        persons=Count("pk"), phones=Count("pk", filter=~Q(phone=""))
    )
    return Reach(**counted)
