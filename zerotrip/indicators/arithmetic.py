"""What is worked out of figures. Pure, in exact decimals; nothing is rounded before it is shown.

Growth is a percentage of the base (同比). It is only worked out over a base above zero: what a loss or
nothing grew by says nothing. All of it is at the prices of the figures themselves; growth at constant prices
cannot be worked out of them and is kept as it was published (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)


def growth(value: Decimal, base: Decimal) -> Decimal | None:
    """By how many per cent ``value`` is above ``base``; None when the base is not above zero."""
    return (value - base) / base * HUNDRED if base > 0 else None


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """How many per cent of the whole: of a target, of a total. None when the whole is not above zero."""
    return part / whole * HUNDRED if whole > 0 else None


def pull(value: Decimal, base: Decimal, whole_base: Decimal) -> Decimal | None:
    """How many percentage points of the growth of the whole come from a part (拉动百分点)."""
    return (value - base) / whole_base * HUNDRED if whole_base > 0 else None


def contribution(value: Decimal, base: Decimal, whole: Decimal, whole_base: Decimal) -> Decimal | None:
    """How many per cent of the increase of the whole come from a part (贡献率); None without an increase.

    Of a whole that shrinks the shares say who lost how much, with the same sign, which nobody reads right.
    """
    return (value - base) / (whole - whole_base) * HUNDRED if whole > whole_base else None


def singles(cumulative: Sequence[Decimal | None]) -> list[Decimal | None]:
    """What each period brought, of what the year had brought by its end. Needs the one before."""
    found: list[Decimal | None] = []
    for place, value in enumerate(cumulative):
        before = cumulative[place - 1] if place else Decimal(0)
        found.append(None if value is None or before is None else value - before)
    return found


def cumulated(single: Sequence[Decimal | None]) -> list[Decimal | None]:
    """What the year had brought by the end of each period. Ends at the first gap."""
    found: list[Decimal | None] = []
    total: Decimal | None = Decimal(0)
    for value in single:
        total = None if total is None or value is None else total + value
        found.append(total)
    return found


def mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The average of values by their weights; None when all weights together are not above zero."""
    pairs = list(weighted)
    weights = sum((weight for _value, weight in pairs), Decimal(0))
    return sum((value * weight for value, weight in pairs), Decimal(0)) / weights if weights > 0 else None


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half away from zero, as figures are published (四舍五入)."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def decimals_of(value: Decimal) -> int:
    """How many places after the point a value has, without trailing noughts."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def agrees(ours: Decimal, published: Decimal) -> bool:
    """Whether what we work out, rounded as the published figure is, is that figure."""
    exponent = published.as_tuple().exponent
    return rounded(ours, -exponent if isinstance(exponent, int) and exponent < 0 else 0) == published
