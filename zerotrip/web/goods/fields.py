"""Controls of the forms of goods: what is asked, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zerotrip.parties.queries import area_choices
from zerotrip.prevention.lots.actions import Carried, Where
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import day_or_none, moment_of, today_of, typed

if TYPE_CHECKING:
    from datetime import date, datetime

    from zerotrip.errors import Invalid
    from zerotrip.web.requests import Request

MOST_PARTS = 6
"""New lots a form asks for at a time."""


@dataclass(frozen=True)
class Control:
    """One control."""

    name: str
    label: str
    kind: str = "text"
    """text, number, tel, date, time, select, check, long."""
    help: str = ""
    options: Sequence[tuple[str, str]] = ()
    optional: bool = False
    width: str = "half"
    most: int = 120
    value: str = ""
    problems: Sequence[str] = ()
    place: str = ""
    """Where what is wrong with it is said, where that is not its name."""

    @property
    def described_by(self) -> str:
        """What a reader is read with it."""
        parts = [f"{self.name}-help"] * bool(self.help) + [f"{self.name}-problem"] * bool(self.problems)
        return " ".join(parts)


def bound(controls: Sequence[Control], values: Mapping[str, str], refused: Invalid | None = None) -> list[Control]:
    """The controls with what was typed and what is wrong with it."""
    problems = refused.problems if refused else {}
    return [
        replace(one, value=values.get(one.name, one.value), problems=problems.get(one.place or one.name, ()))
        for one in controls
    ]


def summary(refused: Invalid | None, controls: Sequence[Control]) -> list[dict[str, str]]:
    """What is wrong, with where it stands."""
    if refused is None:
        return []
    places = {one.place or one.name: one.name for one in controls}
    return [
        {"text": text, "url": f"#{places.get(place, place)}"}
        for place, texts in refused.problems.items()
        for text in texts
    ] or [{"text": refused.message, "url": "#main"}]


def values_of(request: Request) -> dict[str, str]:
    """Everything that was typed."""
    return {name: typed(request, name, most=400) for name in request.POST}


def where_from(request: Request, prefix: str) -> Where:
    """A holder as it was chosen or named: ``h:`` a known one, ``s:`` a site, ``p:`` an enterprise one acts for."""
    chosen, _colon, key = typed(request, prefix, most=40).partition(":")
    found = uuid_from(key)
    if found is not None and chosen in ("h", "s", "p"):
        return _chosen(chosen, found)
    return Where(
        uscc=typed(request, f"{prefix}-uscc", most=18),
        name=typed(request, f"{prefix}-name", most=200),
        area=typed(request, f"{prefix}-area", most=15),
    )


def _chosen(kind: str, key: UUID) -> Where:
    return Where(holder=key) if kind == "h" else Where(site=key) if kind == "s" else Where(party=key)


def carried_from(request: Request) -> Carried:
    """Who carried it, and who is at the other end."""
    return Carried(
        handler=typed(request, "handler", most=60),
        handler_phone=typed(request, "handler_phone", most=20),
        plate=typed(request, "plate", most=16),
        outside=typed(request, "outside", most=120),
        outside_person=typed(request, "outside_person", most=3) == "yes",
        reason=typed(request, "reason", most=200),
    )


def when_from(request: Request, prefix: str) -> datetime | None:
    """When it happened; None where nobody says, which is now. Midnight of a day of which no hour is said, or now on
    the day itself."""
    day, hour = typed(request, f"{prefix}-day", most=10), typed(request, f"{prefix}-time", most=8)
    if day and not hour:
        return None if day == today_of(request).isoformat() else moment_of(day, "00:00")
    return moment_of(day, hour)


def day_from(request: Request, name: str) -> date | None:
    """A day."""
    return day_or_none(request, name)


def areas_of(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Areas to choose from, each indented below the one it lies in."""
    found: dict[str, str] = {}
    for path in sorted(set(paths)):
        for code, label, depth in area_choices(path):
            found.setdefault(code, "　" * min(depth, 3) + label)
    return [("", _("请选择")), *found.items()]


def handler_controls(*, wanted: bool = True) -> list[Control]:
    """Who carried it, in what."""
    help = _("没有经手人的，追溯时会列为缺口。") if wanted else ""
    return [
        Control("handler", _("经手人（司机或搬运人）"), help=help, optional=True, most=60),
        Control("handler_phone", _("经手人电话"), "tel", optional=True, width="half", most=20),
        Control("plate", _("车牌号"), optional=True, width="short", most=16),
    ]


def when_controls(prefix: str, label: str) -> list[Control]:
    """When it happened."""
    return [
        Control(f"{prefix}-day", label, "date", _("不填就是现在。"), optional=True, width="short", place=prefix),
        Control(
            f"{prefix}-time", pgettext("货物", "几点"), "time", optional=True, width="short", place=f"{prefix}-time"
        ),
    ]
