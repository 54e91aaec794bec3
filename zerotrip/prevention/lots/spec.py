"""The shape of goods in a pack: ``goods.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zerotrip.questions.words import Part, Slug, Text, Words


class ItemSpec(Part):
    """An item lots can be of."""

    id: Slug
    name: Words
    unit: Words
    purpose: Literal["cold_chain", "protective", "meal", "living"]
    """``cold_chain`` is traced while an event asks for the cold chain, the rest while one asks for supplies."""
    decimals: Annotated[int, Field(ge=0, le=3)] = 0
    """Of a quantity."""
    papers: tuple[Literal["customs", "disinfection", "test", "quarantine"], ...] = ()
    """Certificates each lot of it needs; what is missing is named in every trace."""
    transit_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """Longer between leaving and arriving needs a word; without one it is a gap of the trace."""
    source: Text
    """Where this comes from: a document with its number, or that it is the district's own choice."""


class GoodsSpec(Part):
    """What may be received and moved."""

    items: Annotated[tuple[ItemSpec, ...], Field(min_length=1, max_length=500)]
