"""The record of an enterprise: who it is, how large, what is known of it and from whom, what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerotrip.cases.models import Case
from zerotrip.enterprises import blocks
from zerotrip.enterprises.queries import agents_of
from zerotrip.facts.models import Fact
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.spec import Kind, Sized
from zerotrip.facts.worth import MISSING, Known, State, known
from zerotrip.parties.industries import ancestors, sector
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.parties.scale import Measure, Sizing, Standing, size_of, standing_of
from zerotrip.web.enterprises import showing

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Membership, Party

SHOWN = 6
"""Rows of a block; the rest is in the list it leads to."""
WAN = Decimal(10_000)


@dataclass(frozen=True)
class Reached:
    """How somebody can be reached, hidden but for what tells them apart."""

    key: str
    name: str
    phone: str
    email: str


def record_of(party: Party, actor: Actor, *, at: datetime, at_desk: bool) -> dict[str, Any]:
    """All the page shows, in a handful of queries; the blocks of other apps are read when they come into view."""
    words = vocabulary()
    said = list(Fact.objects.filter(party=party).select_related("recorded_by__person"))
    found = known(words, said, today=day_of(at), area_path=party.area_path, kind=str(party.kind))
    agents = agents_of(party, at=at)
    shown = showing.lines(words, found, said)
    specs, months = showing.months(words, found)
    code = _value(found, "industry")
    lines_open = [line for line in shown if line.state != "missing"]
    return {
        "party": party,
        "words": words,
        "industries": ancestors(code) if code else [],
        "sector": sector(code) if code else None,
        "sizing": sizing_of(found, words),
        "standing": standing(found, words),
        "above": next((line for line in shown if line.spec.id == "above_scale"), None),
        "lines": lines_open,
        "missing": [line for line in shown if line.state == "missing" and line.spec.computed is None],
        "doubtful": [line for line in lines_open if line.state in ("stale", "contradictory")],
        "figures": specs,
        "months": months,
        "area": _area(party),
        "reached": reached(party, agents),
        "agents": agents,
        "blocks": blocks.registered(at_desk=at_desk),
        **_cases(party, actor),
    }


def _value(found: Known, name: str) -> str:
    worth = found.worths.get(name, MISSING)
    return str(worth.value) if worth.state is State.KNOWN else ""


def _amount(found: Known, name: str, unit: Decimal = Decimal(1)) -> Decimal | None:
    value = _value(found, name)
    return Decimal(value) / unit if value else None


def sizing_of(found: Known, words: Vocabulary) -> Sizing | None:
    """The size class with its derivation, from the facts the pack names for it; None where it names none."""
    said = _sized(words)
    if said is None:
        return None
    figures = {
        Measure.STAFF: _amount(found, said.staff),
        Measure.REVENUE: _amount(found, said.revenue, WAN),
        Measure.ASSETS: _amount(found, said.assets, WAN),
    }
    return size_of(_value(found, said.industry), figures) if _value(found, said.industry) else None


def standing(found: Known, words: Vocabulary) -> Standing | None:
    """Whether it reaches the above-scale threshold of its industry, and why."""
    said = _sized(words)
    if said is None or not _value(found, said.industry):
        return None
    return standing_of(_value(found, said.industry), revenue=_amount(found, said.revenue, WAN))


def _sized(words: Vocabulary) -> Sized | None:
    computed = (spec.computed for spec in words.of_kind("enterprise") if spec.kind is Kind.CHOICE and spec.computed)
    return next((how.size_class for how in computed if how.size_class), None)


def _area(party: Party) -> str:
    code = code_of(party.area_path)
    return area_names([code]).get(code, "") if code else ""


def reached(party: Party, agents: list[Membership]) -> list[Reached]:
    """The enterprise and those who act for it, with how to reach them hidden."""
    people = [party, *(agent.person for agent in agents)]
    return [Reached(str(one.pk), one.name, hidden(one.phone), hidden_mail(one.email)) for one in people]


def hidden(phone: str) -> str:
    """A telephone number with its middle hidden: ``138****0001``."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)


def hidden_mail(email: str) -> str:
    """An address with all but its beginning and its server hidden: ``l***@example.test``."""
    name, at, server = email.partition("@")
    return f"{name[:1]}***{at}{server}" if at else ""


def _cases(party: Party, actor: Actor) -> dict[str, Any]:
    """The latest cases, as far as ``actor`` may see them; drafts are the firm's own."""
    found = Case.objects.visible_to(actor).filter(applicant=party)
    if party.pk not in actor.acts_for:
        found = found.filter(submitted_at__isnull=False)
    rows = found.select_related("version").defer("version__definition", "version__files").order_by("-opened_at")
    cases = list(rows[: SHOWN + 1])
    return {"cases": cases[:SHOWN], "more_cases": len(cases) > SHOWN}
