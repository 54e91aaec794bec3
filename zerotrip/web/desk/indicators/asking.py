"""What a page of indicators was asked to show: which area, which period, of what is visible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zerotrip.errors import NotFound
from zerotrip.indicators import queries
from zerotrip.indicators.models import Observation
from zerotrip.indicators.periods import Frequency, Period, back_from, latest_over, period_of, valid
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_path_of
from zerotrip.web.requests import today_of

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.indicators.figures import Place
    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.web.requests import Request

OFFERED = {Frequency.MONTH: 24, Frequency.QUARTER: 12, Frequency.YEAR: 10}
"""How many periods back can be chosen."""


@dataclass
class Question:
    """What the address asks for."""

    request: Request
    specs: dict[str, IndicatorSpec]
    """All that are kept."""
    path: str
    """Of the area."""
    root: str
    """The area of a seat it lies in."""
    frequency: Frequency
    period: Period

    @property
    def code(self) -> str:
        """The code of the area."""
        return code_of(self.path)

    @cached_property
    def shown(self) -> dict[str, IndicatorSpec]:
        """The indicators reported at this frequency."""
        return {key: spec for key, spec in self.specs.items() if spec.frequency is self.frequency}

    @property
    def today(self) -> date:
        """The day it is in China."""
        return today_of(self.request)

    @property
    def frequencies(self) -> list[Frequency]:
        """Those some indicator has, the most frequent first."""
        return [one for one in Frequency if any(spec.frequency is one for spec in self.specs.values())]

    @cached_property
    def periods(self) -> list[Period]:
        """The periods that can be chosen, the newest first; the one asked for among them."""
        newest = max(latest_over(self.today, self.frequency), self.period)
        found = list(back_from(newest, OFFERED[self.frequency]))
        return found if self.period in found else [*found, self.period]

    @property
    def cumulative(self) -> bool:
        """Whether the figures of the page are mostly of the year so far, so that periods are called so."""
        return all(spec.cumulative for spec in self.shown.values() if spec.flow)

    def query(self, **changes: str) -> str:
        """The query string that asks for the same, but for the changes."""
        several = len(self.frequencies) > 1
        kept = {"area": self.code, "period": self.period.key, "frequency": self.frequency if several else ""}
        return urlencode({name: value for name, value in {**kept, **changes}.items() if value})


def question_of(request: Request, given: Mapping[str, str], *, spec: IndicatorSpec | None = None) -> Question:
    """What is asked for; what nobody offers asks for what is usual.

    Raises NotFound for an area in which somebody holds no seat, and for somebody whose seat is nowhere.
    """
    specs = queries.specs(request.actor)
    root, path = _area(request, given.get("area", ""))
    frequency = spec.frequency if spec else _frequency(specs, given.get("frequency", ""))
    today = today_of(request)
    asked = period_of(given.get("period", "")[:9], frequency)
    if asked is None:
        asked = _newest(request, specs, path, frequency) or latest_over(today, frequency)
    return Question(request, specs, path, root, frequency, asked)


def _area(request: Request, code: str) -> tuple[str, str]:
    roots = queries.roots(request.actor)
    if not roots:
        raise NotFound(_("您没有岗位所在的区域。"))
    if not code:
        return roots[0], roots[0]
    path = area_path_of(code) if code.isascii() and code.isdigit() and len(code) <= 15 else ""
    root = next((one for one in roots if path.startswith(one)), "")
    if not path or not root:
        raise NotFound(_("没有这个区域，或您看不到它的数据。"))
    return root, path


def _frequency(specs: dict[str, IndicatorSpec], asked: str) -> Frequency:
    there = [spec.frequency for spec in specs.values()]
    if asked in there:
        return Frequency(asked)
    return there[0] if there else Frequency.QUARTER


def _newest(request: Request, specs: dict[str, IndicatorSpec], path: str, frequency: Frequency) -> Period | None:
    """The last period of which somebody has reported anything here."""
    among = [key for key, spec in specs.items() if spec.frequency is frequency]
    rows = Observation.objects.visible_to(request.actor).filter(indicator__in=among, area_path__startswith=path)
    found = rows.order_by("-year", "-number").values_list("year", "number").first()
    period = Period(*found, frequency) if found else None
    return period if period and valid(period) else None


def crumbs(places: Mapping[str, Place], path: str) -> list[Place]:
    """The areas around one that were read, the widest first, and itself."""
    return [place for at, place in sorted(places.items()) if path.startswith(at)]
