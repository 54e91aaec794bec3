"""The shape of ``gates.yaml``: what a health check lets through, what is disinfected, how long one may stay."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from zerotrip.prevention.declared import rules_of
from zerotrip.prevention.models import HealthColour
from zerotrip.questions.words import Part, Slug, Words


class GoodsSpec(Part):
    """A kind of goods that comes through gates."""

    id: Slug
    name: Words
    disinfect: bool = False
    """Whether vehicle and packing are disinfected before they are let in."""


class GatesSpec(Part):
    """``gates.yaml``. Each figure is the district's own choice; those given here count where it says nothing."""

    fever: Annotated[Decimal, Field(ge=36, le=40)] = Decimal("37.3")
    """Degrees from which a driver is not let in."""
    refuse_codes: tuple[HealthColour, ...] = (HealthColour.YELLOW, HealthColour.RED)
    """Health codes that are not let in."""
    stay_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """After which a vehicle that has not left is named."""
    goods: Annotated[tuple[GoodsSpec, ...], Field(min_length=1, max_length=40)] = (
        GoodsSpec(id="goods", name=Words(zh="货物", en="Goods"), disinfect=True),
        GoodsSpec(id="none", name=Words(zh="空车、载人", en="Empty, or people only")),
    )

    def named(self) -> dict[str, str]:
        """The goods in the reader's language, by id."""
        return {one.id: str(one.name) for one in self.goods}

    def disinfected(self, goods: str) -> bool:
        """Whether goods are disinfected before they are let in."""
        return any(one.id == goods and one.disinfect for one in self.goods)


def rules() -> GatesSpec:
    """What the district decided."""
    return rules_of("gates", GatesSpec)
