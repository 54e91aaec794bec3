"""What helps a need beside a person: what was entered for it, whom it met, what came of that; and its warning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zerotrip.cases.states import Status
from zerotrip.enterprises.queries import counts_of
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import HANDS
from zerotrip.questions import Kind as Asks
from zerotrip.relief.matching import queries
from zerotrip.relief.matching.access import sees_contacts
from zerotrip.relief.models import Introduction, Meeting, Resource
from zerotrip.relief.visits.queries import warning_of
from zerotrip.web.resources.entering import LONGEST_TITLE, Begun
from zerotrip.web.resources.meeting import TONES
from zerotrip.web.templatetags.show import counted_as

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotrip.cases.models import Case
    from zerotrip.cases.queries import File
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import HelpSpec
    from zerotrip.web.requests import Request

ABOVE = "above_scale"
"""The fact a firm of the other side is marked by."""


@dataclass(frozen=True)
class Met:
    """An introduction of what was entered for the need, as its page lists it."""

    row: Introduction
    other: Resource
    name: str
    """Whose it is, where the reader may know."""
    above: bool
    came: str
    """What came of it."""

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return TONES.get(Meeting(self.row.status), "")


@dataclass
class Entered:
    """Something entered for the need, with whom it met."""

    resource: Resource
    kind: str
    met: list[Met] = field(default_factory=list)


def matched(file: File, request: Request) -> dict[str, Any] | None:
    """The card of a need; None where nothing of that sort helps it. A fixed number of queries."""
    case, actor = file.case, request.actor
    entered = queries.entered_for(case, actor)
    helping = queries.helping(case.version.service_id)
    if not helping and not entered:
        return None
    enters = case.status != Status.CLOSED and bool(actor.seats_as(*HANDS))
    return {
        "entries": _entries(entered, case, actor),
        "enter": [(kind, _address(kind, help, case)) for kind, help in helping] if enters else [],
        "register": _register(helping),
    }


def _address(kind: Kind, help: HelpSpec, case: Case) -> str:
    address = reverse("desk-resource-new", args=[kind.id, help.side])
    return f"{address}?{urlencode({'need': case.number})}"


def _register(helping: Sequence[tuple[Kind, HelpSpec]]) -> list[tuple[str, str]]:
    """Where the register is searched for the other side: what it is searched by, and the address."""
    named = {help.among for _kind, help in helping if help.among}
    words = vocabulary() if named else None
    return [
        (str(words.facts[name].label), f"{reverse('desk-enterprises')}?{urlencode({name: 'yes'})}")
        for name in sorted(named)
        if words is not None and name in words.facts
    ]


def _entries(entered: Sequence[Resource], case: Case, actor: Actor) -> list[Entered]:
    if not entered:
        return []
    kinds = queries.kinds(withdrawn=True)
    found = {one.pk: Entered(one, str(kinds[one.kind].spec.name)) for one in entered}
    met = queries.met_for(case, actor)
    others = [row.want_party_id if row.offer_id in found else row.offer_party_id for row in met]
    above = counts_of(others, [ABOVE], vocabulary()) if others else {}
    for row in met:
        mine, other = (row.offer, row.want) if row.offer_id in found else (row.want, row.offer)
        if mine.pk in found:
            shown = sees_contacts(row, other.stands, actor)
            name = other.party.name if shown else ""
            is_above = above.get(other.party_id, {}).get(ABOVE) is True
            found[mine.pk].met.append(Met(row, other, name, is_above, came_of(row, kinds)))
    return list(found.values())


def came_of(row: Introduction, kinds: Mapping[str, Kind]) -> str:
    """What came of an introduction for the side that was entered for a need."""
    if row.amount is None:
        return row.outcome_note
    outcome = kinds[row.kind].spec.outcome
    label = outcome.offer if row.offer.need_id else outcome.want
    return f"{label} {counted_as(row.amount, outcome.unit)}"


def outcome_words(case: Case, actor: Actor) -> str:
    """What was brought about for a need, to begin the words of its end with; nothing while there is nothing."""
    won = [row for row in queries.met_for(case, actor) if row.status == Meeting.SUCCEEDED]
    kinds = queries.kinds(withdrawn=True) if won else {}
    return "\n".join(
        _("已与%(name)s谈成：%(what)s。")
        % {"name": (row.want if row.offer.need_id else row.offer).party.name, "what": came_of(row, kinds)}
        for row in won
    )


def warned(file: File, actor: Actor) -> Any:
    """The warning upon which somebody went and heard of the need."""
    return warning_of(file.case.need, actor)


def begun(file: File, kind: Kind, side: str) -> Begun:
    """What is known of an entry for a need: the place, the contact, and what its kind says to fill in."""
    answers = file.shown.answers if file.shown else {}
    help = next(
        (one for one in kind.spec.helps if one.side == side and one.need == file.case.version.service_id), None
    )
    given = {name: answers[source] for name, source in (help.fills if help else {}).items() if answers.get(source)}
    where = answers.get(file.spec.area or "")
    code = where.get("area", "") if isinstance(where, dict) else ""
    return Begun(
        title=str(given.pop("title", ""))[:LONGEST_TITLE],
        path=file.case.area_path if not code or code in file.case.area_path else "",
        place=code,
        contact_name=str(answers.get("contact_name", "")),
        contact_phone=str(answers.get("contact_phone", "")),
        answers={name: _short(kind, side, name, value) for name, value in given.items()},
    )


def _short(kind: Kind, side: str, name: str, value: Any) -> Any:
    """A text no longer than its field takes."""
    spec = kind.forms["offer" if side == "offer" else "want"].fields[name].spec
    if spec.kind in (Asks.TEXT, Asks.LONG_TEXT) and spec.max_length:
        return str(value)[: spec.max_length]
    return value
