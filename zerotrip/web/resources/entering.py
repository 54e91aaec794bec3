"""The form of an entry: read from a page, shown with its problems, filled in from what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import district_path
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_choices, streets
from zerotrip.relief.matching.actions import Entry
from zerotrip.web.portal.cases.forms import Problem, uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.errors import Invalid
    from zerotrip.questions import Bound
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import Side, SideSpec
    from zerotrip.relief.models import Resource

AROUND = ("title", "place", "reach", "contact_name", "contact_phone", "until", "party")
"""What is typed of every entry, whatever its kind."""
LONGEST_TITLE = 40
DEPTH = 2
"""Places are chosen down to the community."""


@dataclass(frozen=True)
class Begun:
    """What is known of an entry before anything is typed."""

    title: str = ""
    place: str = ""
    """Code of an area, which may lie further down than places are chosen."""
    path: str = ""
    """The areas above it."""
    contact_name: str = ""
    contact_phone: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class EntryPage:
    """The form of one side of a kind, with what is typed in it and what is wrong."""

    kind: Kind
    side: Side
    typed: dict[str, str]
    answers: dict[str, Any]
    key: UUID
    problems: Mapping[str, list[str]] = field(default_factory=dict)
    message: str = ""

    @classmethod
    def fresh(cls, request: Request, kind: Kind, side: Side, begun: Begun | None = None) -> EntryPage:
        """An empty form, but for who is asked for and what is known beforehand."""
        account = User.objects.filter(pk=request.actor.account).first()
        around = dict.fromkeys(AROUND, "")
        if not request.actor.is_staff and account is not None:
            around |= {"contact_name": request.actor.name, "contact_phone": account.phone or ""}
        around["title"] = storable_title(request.GET.get("title", ""))
        page = cls(kind, side, around, kind.forms[side].initial(), new_id())
        if begun is not None:
            page._begin(begun)
        return page

    def _begin(self, begun: Begun) -> None:
        there = {code for code, _name, _depth in self.places}
        near = [begun.place, *reversed(begun.path.strip("/").split("/"))]
        self.typed |= {
            "title": begun.title,
            "place": next((code for code in near if code in there), ""),
            "contact_name": begun.contact_name,
            "contact_phone": begun.contact_phone,
        }
        self.answers |= begun.answers

    @classmethod
    def sent(cls, request: Request, kind: Kind, side: Side) -> EntryPage:
        """What the page sent."""
        around = {name: typed(request, name, most=200) for name in AROUND}
        answers = kind.forms[side].read_post(request.POST)
        return cls(kind, side, around, answers, uuid_from(typed(request, "key")) or new_id())

    @classmethod
    def of(cls, resource: Resource, kind: Kind) -> EntryPage:
        """What an entry says now."""
        last = resource.valid_until.astimezone(CHINA).date() - timedelta(days=1)
        around = {
            "title": resource.title,
            "place": code_of(resource.area_path),
            "reach": code_of(resource.reach),
            "contact_name": resource.contact_name,
            "contact_phone": resource.contact_phone,
            "until": last.isoformat(),
            "party": str(resource.party_id),
        }
        side: Side = resource.stands
        return cls(kind, side, around, dict(resource.answers), new_id())

    @property
    def entry(self) -> Entry:
        """What was typed, for the action that checks it."""
        told = self.typed
        return Entry(
            title=told["title"],
            answers=self.answers,
            place=told["place"],
            reach=told["reach"],
            contact_name=told["contact_name"],
            contact_phone=told["contact_phone"],
            until=_day(told["until"]),
        )

    def refuse(self, refused: Invalid) -> None:
        """Show what does not pass."""
        self.problems, self.message = refused.problems, refused.message

    @property
    def spec(self) -> SideSpec:
        """How this side is asked."""
        found: SideSpec = getattr(self.kind.spec, self.side)
        return found

    @property
    def bound(self) -> list[Bound]:
        """The fields of the kind."""
        return self.kind.forms[self.side].bind(self.answers, problems=self.problems)

    @cached_property
    def _path(self) -> str:
        return district_path()

    @cached_property
    def places(self) -> list[tuple[str, str, int]]:
        """Where it may be: the district's subdistricts and communities; for a want the whole district, too."""
        if not self._path:
            return []
        inside = [place for place in area_choices(self._path) if place[2] <= DEPTH]
        whole = [(code_of(self._path), _("全区都可以"), 0)] if self.side == "want" else []
        return [*whole, *inside]

    @cached_property
    def reaches(self) -> list[tuple[str, str]]:
        """Within which area the other side may lie."""
        return [(code_of(self._path), _("全区")), *streets([self._path])] if self._path else []

    @property
    def longest(self) -> int:
        """The days an entry stands at most."""
        return self.kind.spec.periods.longest_days

    @property
    def summary(self) -> list[Problem]:
        """What is wrong, each with a link to its control, in the order of the page."""
        fields = self.kind.forms[self.side].fields
        labels = {name: str(item.spec.label) for name, item in fields.items()}
        order = ["name", "uscc", "title", "place", "reach", *fields, "contact_name", "contact_phone", "until"]
        places = sorted(self.problems, key=lambda place: order.index(place) if place in order else len(order))
        return [
            Problem(_named(labels.get(place), text), f"#{place}")
            for place in places
            for text in self.problems[place]
        ]


def _named(label: str | None, text: str) -> str:
    """A problem with the name of its field, unless it says that itself."""
    return (
        text if label is None or f"“{label}”" in text else _("%(name)s：%(text)s") % {"name": label, "text": text}
    )


def _day(text: str) -> date | None:
    """A day that was typed; one long past, which is refused at its control, for what is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def storable_title(text: str) -> str:
    """A title handed on in an address."""
    return " ".join(text.replace("\0", "").split())[:LONGEST_TITLE]
