"""What the policies mean for one party: in groups, each with the reasons clause by clause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.criteria import Truth
from zerotrip.facts.lacking import Lacking, inputs, lacking
from zerotrip.facts.queries import day_of, known_of, vocabulary
from zerotrip.facts.words import labels, lines
from zerotrip.policies.evaluating import Answer, evaluate
from zerotrip.policies.queries import Had, had_by, offered, places_of
from zerotrip.web.portal.policies.deciding import Deciding, deciding
from zerotrip.web.portal.policies.reading import (
    Standing,
    Term,
    amount_words,
    gains,
    limit_words,
    opening_words,
    term,
)

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.words import Line, Places
    from zerotrip.facts.worth import Known
    from zerotrip.parties.models import Party
    from zerotrip.policies.spec import Clause, PolicySpec


class Group(StrEnum):
    """Where a policy stands for somebody."""

    SOON = "soon"
    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"
    HAD = "had"
    COMING = "coming"
    OVER = "over"
    BROKEN = "broken"

    @property
    def heading(self) -> str:
        """Its heading."""
        return str(_TITLES[self][0])

    @property
    def note(self) -> str:
        """What stands under the heading."""
        return str(_TITLES[self][1])


_TITLES = {
    Group.SOON: (_("即将到期"), _("符合或者可能符合，三十天内就要结束，请先看。")),
    Group.YES: (_("符合"), _("按现在掌握的情况，每一个条件都满足。")),
    Group.UNKNOWN: (_("不确定"), _("缺少会改变结果的情况，补上就能知道。")),
    Group.NO: (_("不符合"), _("至少有一个条件不满足。情况变了，结果也会变。")),
    Group.HAD: (_("已享受"), _("已经批准或者发放的。")),
    Group.COMING: (_("尚未开始"), _("还没有到开始的日子。")),
    Group.OVER: (_("已到期"), _("已经过了有效期，供查阅；按现在的情况判断。")),
    Group.BROKEN: (_("暂时不能判断"), _("这些政策的条件正在维护，请向主管部门了解。")),
}


@dataclass(frozen=True)
class Told:
    """One clause as it came out."""

    clause: Clause
    truth: Truth
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Entry:
    """One policy for one party."""

    spec: PolicySpec
    term: Term
    answer: Answer | None
    """None where it cannot be asked."""
    clauses: tuple[Told, ...] = ()
    gains: tuple[str, ...] = ()
    amount: str = ""
    wanted: tuple[str, ...] = ()
    """What has to be known, by label: for the answer first, then for the amount. Of a computed fact that is what
    it follows from."""
    to_state: tuple[Lacking, ...] = ()
    had: tuple[Had, ...] = ()
    opening: str = ""
    """How it stands with the time to apply."""
    limit: str = ""
    """How much of it there is, where not for everybody."""

    @property
    def failing(self) -> tuple[Told, ...]:
        """The clauses that do not hold."""
        return tuple(each for each in self.clauses if each.truth is Truth.NO)

    @property
    def open(self) -> tuple[Told, ...]:
        """The clauses that cannot be told."""
        return tuple(each for each in self.clauses if each.truth is Truth.UNKNOWN)

    @property
    def truth(self) -> str:
        """``yes``, ``no``, ``unknown``, or nothing where it cannot be asked."""
        return self.answer.truth.value if self.answer else ""


def group_of(entry: Entry) -> Group:
    """Where an entry belongs: each in one group."""
    if entry.had:
        return Group.HAD
    if entry.term.standing is Standing.OVER:
        return Group.OVER
    if entry.answer is None:
        return Group.BROKEN
    if entry.term.standing is Standing.COMING:
        return Group.COMING
    if entry.answer.truth is Truth.NO:
        return Group.NO
    if entry.term.standing is Standing.SOON:
        return Group.SOON
    return Group.YES if entry.answer.truth is Truth.YES else Group.UNKNOWN


def entry_of(
    spec: PolicySpec,
    answer: Answer | None,
    known: Known,
    words: Vocabulary,
    *,
    today: date,
    named: Places,
    had: Iterable[Had] = (),
) -> Entry:
    """One policy with its reasons."""
    when = term(spec, today)
    if answer is None:
        return Entry(spec, when, None, had=tuple(had))
    clauses = tuple(
        Told(
            each.clause,
            each.truth,
            lines(each.verdict.reasons, words, known, today=today, places=named),
        )
        for each in answer.clauses
    )
    return Entry(
        spec,
        when,
        answer,
        clauses,
        tuple(gains(answer)),
        amount_words(answer),
        tuple(labels(inputs(answer.wanted, words, known, today=today), words)),
        tuple(lacking(answer.wanted, words, known, today=today)),
        tuple(had),
        opening_words(answer.opening),
        limit_words(spec),
    )


@dataclass(frozen=True)
class Mine:
    """Every policy for a party, and what to say next so that most of what is open can be told."""

    entries: list[Entry]
    deciding: Deciding | None


def mine_of(party: Party, *, at: datetime) -> Mine:
    """Every published policy for a party, with reasons. Six queries, one more in a process that is new to some."""
    words, today = vocabulary(), day_of(at)
    known, listed = known_of(party, at=at, words=words), offered(words, audience=str(party.kind))
    named = places_of(one.spec for one in listed)
    had: dict[str, list[Had]] = {}
    for each in had_by(party, [one.spec for one in listed]):
        had.setdefault(each.policy, []).append(each)
    facts = known.facts(today)
    entries = [
        entry_of(
            one.spec,
            evaluate(one.policy, facts) if one.policy else None,
            known,
            words,
            today=today,
            named=named,
            had=had.get(one.spec.id, ()),
        )
        for one in listed
    ]
    return Mine(entries, deciding(entries, words, known, today=today, named=named))


def asked_under(groups: Iterable[tuple[Group, list[Entry]]]) -> Group:
    """The group above which the facts that are missing are asked for."""
    return Group.UNKNOWN if any(group is Group.UNKNOWN for group, _held in groups) else Group.SOON


def grouped(found: Iterable[Entry]) -> list[tuple[Group, list[Entry]]]:
    """The entries by group, empty groups left out."""
    kept: dict[Group, list[Entry]] = {group: [] for group in Group}
    for entry in found:
        kept[group_of(entry)].append(entry)
    for held in kept.values():
        held.sort(key=lambda entry: (-(entry.answer.amount or 0) if entry.answer else 0, entry.spec.id))
    return [(group, held) for group, held in kept.items() if held]
