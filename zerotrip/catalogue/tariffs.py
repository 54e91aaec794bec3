"""Amounts of money that follow from the answers: what a service costs, or what it pays.

Pure: a declared tariff and checked answers in; each item with how it comes about, and the total, out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from zerotrip import criteria
from zerotrip.questions.kinds import plain
from zerotrip.questions.words import Name, Part, Words

if TYPE_CHECKING:
    from zerotrip.questions import Form

Yuan = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 12, max_digits=20, decimal_places=6)]
CENT = Decimal("0.01")


class Band(Part):
    """One step of a scale."""

    up_to: Yuan | None = None
    """The quantity this step ends with, itself included; only the last step has none."""
    amount: Yuan = Decimal(0)
    rate: Yuan = Decimal(0)
    """Yuan for each unit of the quantity, or of what of it lies in the step if ``progressive``."""


class Charge(Part):
    """One item of a tariff: ``amount`` + quantity × ``rate``, or by the step the quantity lies in."""

    name: Words
    when: dict[str, Any] | None = None
    """Criteria over the answers: it counts only when they hold."""
    of: tuple[Name, ...] = ()
    """Number fields whose product is the quantity."""
    amount: Yuan = Decimal(0)
    rate: Yuan = Decimal(0)
    """Yuan for each unit of the quantity."""
    bands: tuple[Band, ...] = ()
    progressive: bool = False
    """Each step counts what of the quantity lies in it, instead of the whole by the step it ends in."""
    at_least: Yuan | None = None
    at_most: Yuan | None = None

    @model_validator(mode="after")
    def agrees(self) -> Self:
        """A rate or steps need a quantity, a quantity one of them; the steps climb and the last is open."""
        if bool(self.of) != (bool(self.rate) or bool(self.bands)) or (self.rate and self.bands):
            raise ValueError("charge")
        ends = [band.up_to for band in self.bands]
        if any(end is None for end in ends[:-1]):
            raise ValueError("bands")
        known = [end for end in ends if end is not None]
        if sorted(set(known)) != known:
            raise ValueError("bands")
        return self

    def of_quantity(self, quantity: Decimal) -> Decimal:
        """The amount for so much, in yuan and fen; halves of a fen round up."""
        amount = self.amount + quantity * self.rate + self._by_bands(quantity)
        if self.at_least is not None:
            amount = max(amount, self.at_least)
        if self.at_most is not None:
            amount = min(amount, self.at_most)
        return amount.quantize(CENT, rounding=ROUND_HALF_UP)

    def _by_bands(self, quantity: Decimal) -> Decimal:
        total, below = Decimal(0), Decimal(0)
        for band in self.bands:
            inside = band.up_to is None or quantity <= band.up_to
            if self.progressive:
                end = quantity if inside or band.up_to is None else band.up_to
                total += band.amount + (end - below) * band.rate
                below = end
            if inside:
                return total if self.progressive else band.amount + quantity * band.rate
        last = self.bands[-1] if self.bands else None
        # Past the last step of a scale that ends, the last one goes on.
        return total if self.progressive or last is None else last.amount + quantity * last.rate


class Tariff(Part):
    """What is to be paid, or is paid out, item by item."""

    items: Annotated[tuple[Charge, ...], Field(min_length=1, max_length=60)]
    per: Words | None = None
    """How often, such as ``每月``; once if left out."""
    at_most: Yuan | None = None
    """The most of all items together."""
    basis: Words


@dataclass(frozen=True)
class Line:
    """One item as it comes out."""

    name: Words
    how: str
    """``30 平方米 × 20 日 × 0.5 元``; empty for a set amount."""
    amount: Decimal


@dataclass(frozen=True)
class WorkedOut:
    """A tariff applied to answers."""

    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    """Labels of fields without which it cannot be told yet."""
    total: Decimal | None
    """None while something is missing."""
    per: Words | None
    basis: Words

    def __str__(self) -> str:
        return "" if self.total is None else money(self.total, self.per)


def work_out(tariff: Tariff, form: Form, values: Mapping[str, Any]) -> WorkedOut:
    """The tariff for these checked answers. An item whose condition is open, or whose quantity is not
    answered, leaves the total open."""
    lines: list[Line] = []
    missing: list[str] = []
    for charge in tariff.items:
        if charge.when is not None:
            rule = criteria.parse(charge.when, vocabulary=form.vocabulary())
            truth = rule.explain(values).truth
            if truth is criteria.Truth.UNKNOWN:
                missing += [
                    str(form.fields[name].spec.label) for name in sorted(rule.facts()) if name not in values
                ]
            if truth is not criteria.Truth.YES:
                continue
        lacking = [str(form.fields[name].spec.label) for name in charge.of if values.get(name) is None]
        if lacking:
            missing += lacking
            continue
        quantity = prod((Decimal(str(values[name])) for name in charge.of), start=Decimal(1))
        lines.append(Line(charge.name, _how(charge, form, values), charge.of_quantity(quantity)))
    total = sum((line.amount for line in lines), start=Decimal(0))
    if tariff.at_most is not None:
        total = min(total, tariff.at_most)
    found = None if missing else total.quantize(CENT)
    return WorkedOut(tuple(lines), tuple(dict.fromkeys(missing)), found, tariff.per, tariff.basis)


def _how(charge: Charge, form: Form, values: Mapping[str, Any]) -> str:
    factors = [_factor(form, name, values[name]) for name in charge.of]
    if charge.rate:
        factors.append(_("%(amount)s 元") % {"amount": plain(charge.rate)})
    told = " × ".join(factors)
    if charge.amount and charge.of:
        told = f"{_('%(amount)s 元') % {'amount': plain(charge.amount)}} + {told}"
    return told


def _factor(form: Form, name: str, value: Any) -> str:
    unit = form.fields[name].spec.unit
    return f"{value} {unit}" if unit else str(value)


def money(amount: Decimal, per: Words | None = None) -> str:
    """An amount as people read it: ``1,280.00 元``, ``300.00 元（每月）``."""
    told = _("%(amount)s 元") % {"amount": f"{amount:,.2f}"}
    return _("%(amount)s（%(per)s）") % {"amount": told, "per": per} if per else told
