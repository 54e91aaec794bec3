"""Saying oneself what nobody has said: a short form for the facts that would decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.facts.actions import Statement, checked, record
from zerotrip.facts.queries import day_of
from zerotrip.facts.vocabulary import Unfit, ends_a_period
from zerotrip.web.portal.policies.controls import Control, control, read, unit_typed, value_typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Places
    from zerotrip.parties.models import Party
    from zerotrip.web.requests import Request

MOST = 30
"""Facts of one form."""


@dataclass(frozen=True)
class Asked:
    """What a form asks for, and what somebody else has to say."""

    controls: tuple[Control, ...]
    elsewhere: tuple[tuple[str, str], ...]
    """Facts one does not state oneself: their label and who does."""


def own_source(words: Vocabulary) -> str:
    """The source by which a party speaks of itself; empty where packs have none."""
    return next((source.id for source in words.sources.values() if source.own), "")


def may_state(name: str, words: Vocabulary) -> bool:
    """Whether a party may state this fact itself."""
    spec, own = words.facts[name], own_source(words)
    return bool(own) and spec.computed is None and (not spec.sources or own in spec.sources)


def key_of(name: str, day: date | None) -> str:
    """A fact, and of a figure its period, in an address: ``staff``, ``sales:2026-01-31``."""
    return f"{name}:{day}" if day else name


def asked(given: QueryDict, words: Vocabulary, *, kind: str, named: Places) -> Asked:
    """What an address asks for; what is no fact of this kind of party is left out."""
    controls: dict[str, Control] = {}
    elsewhere: dict[str, tuple[str, str]] = {}
    for written in ",".join(given.getlist("f")).split(",")[:MOST]:
        name, _colon, day = written.partition(":")
        spec = words.facts.get(name)
        if spec is None or kind not in spec.of or spec.computed is not None:
            continue
        if not may_state(name, words):
            who = _("、").join(words.source_name(source) for source in spec.sources)
            elsewhere[name] = (str(spec.label), who)
            continue
        period = _day(day)
        if bool(spec.per) != bool(period) or (period and not ends_a_period(spec, period)):
            continue
        found = replace(control(spec, day=period, named=named), dated=not spec.per)
        controls[found.name] = found
    return Asked(tuple(controls.values()), tuple(elsewhere.values()))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def state(request: Request, party: Party, controls: Iterable[Control], words: Vocabulary, *, key: UUID) -> int:
    """Record what was typed, all of it or nothing. Returns how many facts.

    Raises Invalid with the controls that were not right in its context, and what was typed in all.
    """
    source, today = own_source(words), day_of(request.now)
    filled = [read(request.POST, each) for each in controls]
    found: list[Control] = []
    statements: list[Statement] = []
    for each in filled:
        if not each.typed:
            found.append(each)
            continue
        try:
            one = _statement(each, source, today)
            checked(one, words, kind=str(party.kind), today=today)
            statements.append(one)
            found.append(each)
        except Unfit as unfit:
            found.append(replace(each, problems=(str(unfit),)))
    wrong = Invalid(_("还有没有填对的地方。"))
    if not statements and not any(each.problems for each in found):
        found = [replace(found[0], problems=(_("请至少填写一项。"),)), *found[1:]] if found else []
    if not statements or any(each.problems for each in found):
        wrong.context["controls"] = found
        raise wrong
    record(party.pk, statements, by=request.actor, at=request.now, key=key)
    return len(statements)


def _statement(each: Control, source: str, today: date) -> Statement:
    day = each.day or _typed_day(each.as_of, today)
    return Statement(each.spec.id, value_typed(each), day, source, unit_typed(each), _("企业在政策超市填报"))


def _typed_day(written: str, today: date) -> date:
    try:
        return date.fromisoformat(written) if written else today
    except ValueError:
        raise Unfit(_("请填写日期。")) from None
