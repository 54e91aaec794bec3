"""The shape of ``sealed.yaml``: the levels an area can be sealed at, and for how long at most at a time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from zerotrip.prevention.declared import rules_of
from zerotrip.questions.words import Part, Slug, Words


class LevelSpec(Part):
    """How closely an area is shut."""

    id: Slug
    name: Words
    help: Words | None = None
    runs: bool = True
    """Whether meals, waste and medicine are brought and taken there."""


class SealedSpec(Part):
    """``sealed.yaml``. All of it is the district's own choice; what is given here counts where it says nothing."""

    levels: Annotated[tuple[LevelSpec, ...], Field(min_length=1, max_length=9)] = (
        LevelSpec(id="sealed", name=Words(zh="封控区", en="Sealed area")),
        LevelSpec(id="controlled", name=Words(zh="管控区", en="Controlled area")),
        LevelSpec(id="watched", name=Words(zh="防范区", en="Watched area"), runs=False),
    )
    most_days: Annotated[int, Field(ge=1, le=60)] = 14
    """Days an area is sealed for at most without being looked at again: it can be prolonged."""

    def named(self) -> dict[str, str]:
        """The levels in the reader's language, by id."""
        return {one.id: str(one.name) for one in self.levels}

    def level(self, slug: str) -> LevelSpec | None:
        """The level of a name; None where there is none."""
        return next((one for one in self.levels if one.id == slug), None)


def rules() -> SealedSpec:
    """What the district decided."""
    return rules_of("sealed", SealedSpec)
