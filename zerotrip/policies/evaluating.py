"""What a policy means for one enterprise on one day, clause by clause. Pure: facts in, an answer out.

The same clauses as SQL, over every enterprise, are in ``asking``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from math import prod
from typing import Any

from zerotrip import criteria
from zerotrip.catalogue.tariffs import CENT
from zerotrip.criteria import Fact, FactKind, Rule, Truth, Verdict
from zerotrip.facts.vocabulary import NUMERIC, Vocabulary
from zerotrip.policies.spec import Clause, PolicySpec, Season, Tier
from zerotrip.policies.windows import Opening, opening
from zerotrip.questions.words import Words

REGION = "region"
"""Id of the clause that follows from where a policy holds."""


@dataclass(frozen=True)
class Asked:
    """One clause with its rule."""

    clause: Clause
    rule: Rule


@dataclass(frozen=True)
class Policy:
    """A policy with its criteria parsed against a vocabulary. Parse once, ask often."""

    spec: PolicySpec
    asked: tuple[Asked, ...]
    tiers: tuple[tuple[Tier, Rule | None], ...]
    windows: tuple[Rule | None, ...] = ()
    """Whom each time to apply is for, in the order declared; None: everybody."""

    @classmethod
    def of(cls, spec: PolicySpec, vocabulary: Vocabulary) -> Policy:
        """Raises criteria.Faults where a clause asks for a fact there is not."""
        clauses = [Asked(clause, vocabulary.rule(clause.when)) for clause in all_clauses(spec, vocabulary)]
        tiers = [(tier, vocabulary.rule(tier.when) if tier.when else None) for tier in spec.benefit.tiers]
        windows = [vocabulary.rule(each.when) if each.when else None for each in windows_of(spec)]
        return cls(spec, tuple(clauses), tuple(tiers), tuple(windows))

    @cached_property
    def rule(self) -> Rule:
        """All clauses together."""
        return criteria.All(tuple(each.rule for each in self.asked))

    @cached_property
    def facts(self) -> frozenset[str]:
        """Every fact it reads: for conditions, for the benefit, for who comes first."""
        of_tiers = {name for tier, _rule in self.tiers for name in (*tier.of, *_some(tier.no_more_than))}
        ruled = {name for _tier, rule in self.tiers if rule for name in rule.facts()}
        ranked = {each.fact for each in self.spec.limited.rank} if self.spec.limited else set()
        return self.rule.facts() | of_tiers | ruled | ranked

    @cached_property
    def read(self) -> frozenset[str]:
        """These, and those its times to apply ask for."""
        return self.facts | {name for rule in self.windows if rule for name in rule.facts()}


def windows_of(spec: PolicySpec) -> tuple[Season, ...]:
    """The times to apply, where there are several or one each year."""
    return spec.apply.windows if spec.apply else ()


def _some(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def all_clauses(spec: PolicySpec, vocabulary: Vocabulary) -> Iterable[Clause]:
    """The clauses, first the one that follows from where the policy holds."""
    home = vocabulary.home
    if spec.region.code and not spec.region.anywhere and home:
        yield Clause(
            id=REGION,
            text=Words(zh=f"在{spec.region.name.zh}", en=f"In {spec.region.name.en or spec.region.name.zh}"),
            when={"fact": home, "within": spec.region.code},
        )
    yield from spec.clauses


@dataclass(frozen=True)
class Answered:
    """What one clause came to."""

    clause: Clause
    verdict: Verdict

    @property
    def truth(self) -> Truth:
        """Whether it holds."""
        return self.verdict.truth


@dataclass(frozen=True)
class Gained:
    """One tier that holds, or may."""

    tier: Tier
    truth: Truth
    amount: Decimal | None = None
    """Yuan; None where it is no sum of money, or cannot be told."""
    missing: tuple[str, ...] = ()
    """Facts without which this cannot be told."""


@dataclass(frozen=True)
class Answer:
    """What a policy means for somebody."""

    policy: Policy
    truth: Truth
    clauses: tuple[Answered, ...]
    missing: tuple[str, ...]
    """Facts that are unknown and could change the answer, none where it is decided."""
    gained: tuple[Gained, ...] = field(default=())
    """The tiers that hold, or may; none when the clauses do not hold."""
    opening: Opening | None = None
    """The time to apply; None where the clauses do not hold, no day is known, or none is declared."""

    @property
    def failing(self) -> tuple[Answered, ...]:
        """The clauses that do not hold."""
        return tuple(each for each in self.clauses if each.truth is Truth.NO)

    @property
    def amount(self) -> Decimal | None:
        """What it comes to in yuan; None where it is no sum, or cannot be told yet."""
        counted = [each for each in self.gained if each.tier.counts]
        if not counted or any(each.amount is None for each in counted):
            return None
        total = sum((each.amount for each in counted if each.amount is not None), Decimal(0))
        most = self.policy.spec.benefit.at_most
        return min(total, most) if most is not None else total

    @property
    def wanted(self) -> tuple[str, ...]:
        """Facts that would decide what is open: the answer first, then the amount."""
        of_gains = (name for each in self.gained for name in each.missing)
        return tuple(dict.fromkeys((*self.missing, *of_gains)))


def evaluate(policy: Policy, facts: Mapping[str, object]) -> Answer:
    """What the policy means on these facts; ``facts["today"]`` is the day it is asked."""
    clauses = tuple(Answered(each.clause, each.rule.explain(facts)) for each in policy.asked)
    truths = {each.truth for each in clauses}
    if Truth.NO in truths:
        return Answer(policy, Truth.NO, clauses, ())
    missing = tuple(dict.fromkeys(name for each in clauses for name in each.verdict.missing))
    truth = Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES
    gained = _chosen(policy, list(_gains(policy, facts)))
    today = facts.get("today")
    when = opening(policy.spec, today, policy=policy, facts=facts) if isinstance(today, date) else None
    return Answer(policy, truth, clauses, missing, gained, when)


def _chosen(policy: Policy, gained: list[Gained]) -> tuple[Gained, ...]:
    """Where the highest counts, that one alone, as soon as it is known; of two that are equal the first."""
    amounts = [each.amount for each in gained if each.truth is Truth.YES and each.amount is not None]
    if policy.spec.benefit.choose != "highest" or len(amounts) < len(gained):
        return tuple(gained)
    return tuple(each for each in gained if each.amount == max(amounts))[:1]


def _gains(policy: Policy, facts: Mapping[str, object]) -> Iterable[Gained]:
    """The tiers that hold, or only the first; while one before is open, those after it are open too."""
    first = policy.spec.benefit.choose == "first"
    for tier, rule in policy.tiers:
        verdict = rule.explain(facts) if rule else None
        truth = verdict.truth if verdict else Truth.YES
        if truth is Truth.NO:
            continue
        open_facts = verdict.missing if verdict else ()
        # Of a tier that is open the facts of its amount are named too: nobody is asked twice for one answer.
        amount, lacking = amount_of(tier, facts) if tier.counts else (None, ())
        yield Gained(tier, truth, amount if truth is Truth.YES else None, (*open_facts, *lacking))
        if first and truth is Truth.YES:
            return


def amount_of(tier: Tier, facts: Mapping[str, object]) -> tuple[Decimal | None, tuple[str, ...]]:
    """What a tier comes to in yuan, halves of a fen up; or None and the facts that are missing for it."""
    names = (*tier.of, *_some(tier.no_more_than))
    numbers = {name: _number(facts.get(name)) for name in names}
    missing = tuple(name for name, number in numbers.items() if number is None)
    if missing:
        return None, missing
    quantity = prod((numbers[name] or Decimal(0) for name in tier.of), start=Decimal(1))
    amount = tier.of_quantity(max(quantity, Decimal(0)) / (tier.divided_by or 1))
    if tier.no_more_than:
        amount = min(amount, max(numbers[tier.no_more_than] or Decimal(0), Decimal(0)))
    return amount.quantize(CENT, rounding=ROUND_HALF_UP), ()


def _number(fact: object) -> Decimal | None:
    value = fact.value if isinstance(fact, Fact) else fact
    number = criteria.facts.read(FactKind.NUMBER, value)
    return number if isinstance(number, Decimal) else None


def numeric(vocabulary: Vocabulary) -> frozenset[str]:
    """The facts an amount can be worked out from."""
    return frozenset(name for name, kind in vocabulary.types.items() if kind.kind in NUMERIC)


def in_force(spec: PolicySpec, day: date) -> bool:
    """Whether the policy holds on a day."""
    valid = spec.valid
    return (valid.since is None or valid.since <= day) and (valid.until is None or day <= valid.until)


def plain_facts(facts: Mapping[str, object]) -> dict[str, Any]:
    """Facts as they are kept with a claim: value, source and date of each that is known."""
    return {
        name: {
            "value": fact.value,
            "source": fact.source,
            "as_of": fact.as_of.isoformat() if fact.as_of else None,
        }
        for name, fact in facts.items()
        if isinstance(fact, Fact) and fact.value is not None
    }
