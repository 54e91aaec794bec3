"""The shape of ``sites.yaml``: which kinds of place a district looks after."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zerotrip.questions.words import Name, Part, Slug, Text, Words


class GroupSpec(Part):
    """Kinds that stand together in lists."""

    id: Slug
    name: Words


class OwnFieldSpec(Part):
    """What is kept of a kind besides what is kept of every site."""

    name: Name
    label: Words
    kind: Literal["text", "number"] = "text"


class SiteKindSpec(Part):
    """A kind of place."""

    id: Slug
    name: Words
    group: Slug
    small: bool = False
    """One of the nine kinds of small venue (九小场所)."""
    risk: Literal["low", "medium", "high"] = "low"
    """What a new site of the kind begins with."""
    fields: Annotated[tuple[OwnFieldSpec, ...], Field(max_length=12)] = ()
    source: Text
    """Where it comes from; ``unsourced`` for what is common knowledge or the district's own choice."""


class SitesSpec(Part):
    """The whole file."""

    groups: Annotated[tuple[GroupSpec, ...], Field(min_length=1)]
    kinds: Annotated[tuple[SiteKindSpec, ...], Field(min_length=1)]
