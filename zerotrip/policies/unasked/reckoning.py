"""What a grant rests on, as it is kept: facts, clauses, and how the amount comes about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.catalogue.tariffs import money
from zerotrip.criteria import Truth
from zerotrip.facts.spec import Kind
from zerotrip.facts.vocabulary import plain, unit_of
from zerotrip.facts.worth import State
from zerotrip.policies.evaluating import Answer, Policy, evaluate

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known
    from zerotrip.policies.evaluating import Gained
    from zerotrip.policies.spec import Tier


@dataclass(frozen=True)
class Frozen:
    """An answer, to be kept."""

    answer: Answer
    facts: dict[str, Any]
    clauses: list[dict[str, Any]]
    reckoned: list[dict[str, Any]]

    @property
    def accepted(self) -> dict[str, str]:
        """The answer in short: whether, and how much."""
        return short(self.answer)


def short(answer: Answer) -> dict[str, str]:
    """Whether, and how much, as it is kept and compared."""
    amount = answer.amount if answer.truth is Truth.YES else None
    return {"truth": answer.truth.value, "amount": "" if amount is None else f"{amount:.2f}"}


def freeze(policy: Policy, known: Known, words: Vocabulary, *, today: date) -> Frozen:
    """What a policy means on what is known, with all that it rests on."""
    facts = known.facts(today)
    answer = evaluate(policy, facts)
    return Frozen(
        answer,
        dict(_facts(policy, known, words)),
        [
            {
                "id": each.clause.id,
                "text": each.clause.text.model_dump(),
                "truth": each.truth.value,
                "facts": sorted(asked.rule.facts()),
                "missing": list(each.verdict.missing),
            }
            for each, asked in zip(answer.clauses, policy.asked, strict=True)
        ],
        [
            _tier(gained, known, words)
            for gained in answer.gained
            if gained.truth is Truth.YES and gained.tier.counts
        ],
    )


def _facts(policy: Policy, known: Known, words: Vocabulary) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything the answer rests on: what is asked for, and what that was worked out from."""
    waiting, seen = [name for name in words.facts if name in policy.facts], set[str]()
    while waiting:
        name = waiting.pop(0)
        worth = known.worths.get(name)
        if name in seen or worth is None or name not in words.facts:
            continue
        seen.add(name)
        waiting += worth.needs
        spec = words.facts[name]
        yield (
            name,
            {
                "label": spec.label.model_dump(),
                "value": worth.value,
                "shown": shown(name, worth.value, words),
                "state": worth.state.value,
                "source": worth.source,
                "source_name": words.source_name(worth.source) if worth.state is State.KNOWN else "",
                "as_of": worth.as_of.isoformat() if worth.as_of else None,
                "from": list(worth.needs),
            },
        )


def shown(name: str, value: Any, words: Vocabulary) -> str:
    """A value as people read it, with its unit."""
    spec = words.facts[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if spec.kind is Kind.MONEY:
        return money(Decimal(value))
    if spec.kind is Kind.NUMBER:
        unit = str(unit_of(spec))
        return f"{plain(Decimal(value))} {unit}".strip()
    names = words.types[name].names
    many = value if isinstance(value, list) else [value]
    return _("、").join(str(names.get(one, one)) if names else str(one) for one in many)


def _tier(gained: Gained, known: Known, words: Vocabulary) -> dict[str, Any]:
    tier = gained.tier
    return {
        "id": tier.id,
        "name": tier.name.model_dump(),
        "of": [_quantity(name, known, words) for name in tier.of],
        "divided_by": _text(tier.divided_by),
        "fixed": _text(tier.amount) if tier.amount else None,
        "rate": _text(tier.rate) if tier.rate else None,
        "bands": [band.model_dump(mode="json") for band in tier.bands],
        "progressive": tier.progressive,
        "at_least": _text(tier.at_least),
        "at_most": _text(tier.at_most),
        "no_more_than": _quantity(tier.no_more_than, known, words) if tier.no_more_than else None,
        "before": _text(_unbounded(tier, known)),
        "amount": None if gained.amount is None else f"{gained.amount:.2f}",
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _quantity(name: str, known: Known, words: Vocabulary) -> dict[str, Any]:
    value = known.worths[name].value if name in known.worths else None
    return {"fact": name, "label": words.facts[name].label.model_dump(), "shown": shown(name, value, words)}


def _unbounded(tier: Tier, known: Known) -> Decimal | None:
    """What a tier would come to without floor and ceiling: for people, to see what the ceiling did."""
    quantity = Decimal(1)
    for name in tier.of:
        worth = known.worths.get(name)
        if worth is None or worth.value is None or isinstance(worth.value, bool):
            return None
        quantity *= Decimal(worth.value)
    free = tier.model_copy(update={"at_least": None, "at_most": None})
    return free.of_quantity(max(quantity, Decimal(0)) / (tier.divided_by or 1))


@dataclass(frozen=True)
class Line:
    """One line of how an amount comes about."""

    text: str
    amount: str = ""


def _say(words: Mapping[str, Any] | None) -> str:
    if not words:
        return ""
    english = (get_language() or "").startswith("en")
    return str((words.get("en") if english else "") or words.get("zh", ""))


def lines(reckoned: Iterable[Mapping[str, Any]], total: Decimal | None) -> list[Line]:
    """How an amount comes about, line by line, in the reader's language."""
    found: list[Line] = []
    amounts = Decimal(0)
    for tier in reckoned:
        amounts += Decimal(tier["amount"] or 0)
        found.append(Line(f"{_say(tier['name'])}：{_how(tier)}", _money(tier["before"])))
        found += _bounds(tier)
    if total is not None and total != amounts:
        found.append(Line(_("整项政策封顶"), money(total)))
    return found


def _money(amount: str | None) -> str:
    return "" if amount is None else money(Decimal(amount))


def _how(tier: Mapping[str, Any]) -> str:
    if not tier["of"]:
        return _("定额")
    told = " × ".join(f"{_say(one['label'])} {one['shown']}" for one in tier["of"])
    if tier["divided_by"]:
        told += f" ÷ {tier['divided_by']}"
    if tier["rate"]:
        told += f" × {_rate(tier['rate'])}"
    if tier["bands"]:
        told += _("，分段累计") if tier["progressive"] else _("，按所在档次")
    return f"{_money(tier['fixed'])} + {told}" if tier["fixed"] else told


def _rate(rate: str) -> str:
    number = Decimal(rate)
    return f"{plain(number * 100)}%" if number < 1 else money(number)


def _bounds(tier: Mapping[str, Any]) -> Iterator[Line]:
    """The floor or ceiling that decided, if one did."""
    if tier["before"] is None or tier["amount"] is None or Decimal(tier["before"]) == Decimal(tier["amount"]):
        return
    amount = Decimal(tier["amount"])
    if tier["at_least"] is not None and amount == Decimal(tier["at_least"]) and amount > Decimal(tier["before"]):
        yield Line(_("不足最低额，按最低额"), money(amount))
    elif tier["at_most"] is not None and amount == Decimal(tier["at_most"]):
        yield Line(_("超过最高额，按最高额"), money(amount))
    elif tier["no_more_than"]:
        yield Line(_("不超过%(label)s") % {"label": _say(tier["no_more_than"]["label"])}, money(amount))
