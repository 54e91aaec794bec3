"""A kind of resource ready for use: its forms, and the columns its fields are compared by.

What rules and measures look at is kept beside the answers in columns without a meaning of their own: numbers
and days in ``n1`` to ``n6``, choices as bits in ``s1`` to ``s4``. Which field of which side stands in which is
worked out here, from the declaration alone; after a change of the declaration the columns are filled anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zerotrip import questions
from zerotrip.questions import Kind as Asks
from zerotrip.relief.matching.spec import KindSpec, MeasureSpec, RuleSpec, Side

if TYPE_CHECKING:
    from zerotrip.questions import Form
    from zerotrip.questions.form import Field

NUMBERS = ("n1", "n2", "n3", "n4", "n5", "n6")
SETS = ("s1", "s2", "s3", "s4")
MOST_CHOICES = 60
"""Bits of a column of choices."""
ORDERED = (Asks.NUMBER, Asks.MONEY, Asks.DATE)
CHOSEN = (Asks.CHOICE, Asks.MULTI_CHOICE, Asks.YES_NO)
SIDES: tuple[Side, Side] = ("offer", "want")
YES = "yes"
Place = tuple[str | int, ...]
"""Where something stands in a declaration."""
Fields = tuple[str, ...]
"""One field, or two whose middle counts."""


@dataclass(frozen=True)
class Rule:
    """A hard rule with the columns it compares."""

    spec: RuleSpec
    offer: str
    want: str


@dataclass(frozen=True)
class Measure:
    """A measure with the columns it compares; none of a place."""

    spec: MeasureSpec
    offer: str = ""
    want: str = ""
    relative: bool = True
    """The distance counts against the want's number; of dates against ``spec.within``."""


@dataclass(frozen=True)
class Kind:
    """A declaration, parsed."""

    spec: KindSpec
    forms: Mapping[Side, Form]
    slots: Mapping[Side, Mapping[Fields, str]]
    """The column of each field that is compared."""
    bits: Mapping[str, Mapping[str, int]]
    """Of each column of choices, which bit a choice is. The two sides of a rule have the same."""
    rules: tuple[Rule, ...]
    measures: tuple[Measure, ...]
    faults: tuple[tuple[Place, str, str], ...] = field(default=())
    """What cannot be compared: its place in the declaration, why in a word, and about what."""

    @property
    def id(self) -> str:
        """The name of the kind in addresses and packs."""
        return self.spec.id

    @property
    def divisible(self) -> bool:
        """Whether a part of it can be taken."""
        return self.spec.quantity is not None

    def field(self, side: Side, name: str) -> Field | None:
        """A field of one side."""
        return self.forms[side].fields.get(name)

    def columns(self, side: Side, values: Mapping[str, Any]) -> dict[str, float | int | None]:
        """What stands in the columns for these clean answers; every column is named."""
        found: dict[str, float | int | None] = dict.fromkeys((*NUMBERS, *SETS))
        for names, column in self.slots[side].items():
            if column in SETS:
                found[column] = _bits(self.bits[column], values.get(names[0]))
            else:
                known = [n for name in names if (n := ordinal(values.get(name))) is not None]
                found[column] = sum(known) / len(known) if known else None
        return found


def other(side: Side) -> Side:
    """The side across."""
    return "want" if side == "offer" else "offer"


def ordinal(value: Any) -> float | None:
    """A clean number as it is, a clean date as the number of its day."""
    if not isinstance(value, str) or not value:
        return None
    if len(value) == 10 and value[4] == value[7] == "-":
        return float(date.fromisoformat(value).toordinal())
    return float(value)


def _bits(places: Mapping[str, int], value: Any) -> int | None:
    if value is True:
        value = YES
    chosen = value if isinstance(value, list) else [value]
    return sum(1 << places[one] for one in chosen if one in places) or None


@lru_cache(maxsize=128)
def parsed(definition: str) -> Kind:
    """The kind a stored declaration says, once a process for each text."""
    return parse(KindSpec.model_validate_json(definition))


def parse(spec: KindSpec) -> Kind:
    """A declaration ready for use, with whatever in it cannot be compared. Raises criteria.Faults for fields
    that are none."""
    forms = {side: _form(spec, side) for side in SIDES}
    return _Parser(spec, forms).kind()


def _form(spec: KindSpec, side: Side) -> Form:
    part = getattr(spec, side)
    return questions.parse([{"id": side, "title": part.name, "fields": part.fields}])


class _Parser:
    """Hands out the columns."""

    def __init__(self, spec: KindSpec, forms: Mapping[Side, Form]) -> None:
        self.spec, self.forms = spec, forms
        self.slots: dict[Side, dict[Fields, str]] = {"offer": {}, "want": {}}
        self.bits: dict[str, dict[str, int]] = {}
        self.faults: list[tuple[Place, str, str]] = []

    def kind(self) -> Kind:
        measures = self._first_measure()
        rules = [self._rule(index, rule) for index, rule in enumerate(self.spec.rules)]
        measures += [
            self._measure(index, measure)
            for index, measure in enumerate(self.spec.closeness)
            if index not in self.taken
        ]
        self._names()
        return Kind(
            self.spec,
            self.forms,
            self.slots,
            self.bits,
            tuple(rule for rule in rules if rule is not None),
            tuple(measure for measure in measures if measure is not None),
            tuple(self.faults),
        )

    def _first_measure(self) -> list[Measure | None]:
        """The first measure of a number takes the first column, which the index has in order."""
        self.taken: set[int] = set()
        for index, measure in enumerate(self.spec.closeness):
            if measure.by in ("near", "low"):
                self.taken = {index}
                return [self._measure(index, measure)]
        return []

    def _rule(self, index: int, rule: RuleSpec) -> Rule | None:
        at = ("rules", index)
        ordered = rule.must in ("at_least", "at_most")
        pair = self._pair(at, rule.offer, (rule.want,), ordered=ordered)
        return Rule(rule, *pair) if pair else None

    def _measure(self, index: int, measure: MeasureSpec) -> Measure | None:
        at = ("closeness", index)
        if measure.by == "place":
            if measure.offer or measure.want:
                self.faults.append((at, "place", ""))
            return Measure(measure)
        if measure.offer is None or measure.want is None:
            self.faults.append((at, "pair", ""))
            return None
        wants = (measure.want,) if isinstance(measure.want, str) else measure.want
        pair = self._pair(at, measure.offer, wants, ordered=measure.by != "share")
        if pair is None:
            return None
        offered = self.forms["offer"].fields[measure.offer]
        dated = offered.kind is Asks.DATE
        if dated != (measure.within is not None) or (dated and measure.by == "low"):
            self.faults.append((at, "within", measure.offer))
        return Measure(measure, *pair, relative=not dated)

    def _pair(self, at: Place, offer: str, wants: Fields, *, ordered: bool) -> tuple[str, str] | None:
        """The columns of both sides, which are alike for choices."""
        found = [self._field(at, "offer", offer), *(self._field(at, "want", want) for want in wants)]
        fields = [one for one in found if one is not None]
        if len(fields) < len(found):
            return None
        allowed = ORDERED if ordered else CHOSEN
        unlike = {one.kind is Asks.DATE for one in fields} == {True, False}
        if any(one.kind not in allowed for one in fields) or unlike or any(one.spec.computed for one in fields[1:]):
            self.faults.append((at, "kind", "、".join([offer, *wants])))
            return None
        if ordered:
            return self._slot(at, "offer", (offer,)), self._slot(at, "want", wants)
        return self._sets(at, offer, wants[0], fields)

    def _field(self, at: Place, side: Side, name: str) -> Field | None:
        found = self.forms[side].fields.get(name)
        if found is None:
            self.faults.append(((*at, side), "field", name))
        return found

    def _slot(self, at: Place, side: Side, names: Fields) -> str:
        slots = self.slots[side]
        if names not in slots:
            used = set(slots.values())
            free = [column for column in NUMBERS if column not in used]
            if not free:
                self.faults.append((at, "numbers", str(len(NUMBERS))))
            slots[names] = free[0] if free else NUMBERS[-1]
        return slots[names]

    def _sets(self, at: Place, offer: str, want: str, fields: list[Field]) -> tuple[str, str] | None:
        """One column for a pair of choices, on both sides: the bits have to mean the same."""
        offered, wanted = self.slots["offer"].get((offer,)), self.slots["want"].get((want,))
        if offered != wanted:
            self.faults.append((at, "paired", f"{offer}、{want}"))
            return None
        column = offered
        if column is None:
            used = {c for side in SIDES for c in self.slots[side].values()}
            free = [c for c in SETS if c not in used]
            if not free:
                self.faults.append((at, "sets", str(len(SETS))))
                return None
            column = self.slots["offer"][(offer,)] = self.slots["want"][(want,)] = free[0]
        values = [
            value
            for one in fields
            for value in ((YES,) if one.kind is Asks.YES_NO else (choice.value for choice in one.spec.choices))
        ]
        self.bits[column] = {value: bit for bit, value in enumerate(dict.fromkeys(values))}
        if len(self.bits[column]) > MOST_CHOICES:
            self.faults.append((at, "choices", str(MOST_CHOICES)))
        return column, column

    def _names(self) -> None:
        """Fields named outside of rules and measures are there, and are numbers."""
        quantity, outcome = self.spec.quantity, self.spec.outcome
        named: list[tuple[Place, Side, str]] = []
        if quantity is not None:
            named.append((("quantity", "offer"), "offer", quantity.offer))
            named += [(("quantity", "want"), "want", quantity.want)] if quantity.want else []
        if outcome.amount is not None and outcome.amount not in self.forms["want"].fields:
            named.append((("outcome", "amount"), "offer", outcome.amount))
        for at, side, name in named:
            found = self.forms[side].fields.get(name)
            if found is None:
                self.faults.append((at, "field", name))
            elif found.kind not in (Asks.NUMBER, Asks.MONEY):
                self.faults.append((at, "number", name))
