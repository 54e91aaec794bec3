"""The shape of ``warnings.yaml``: which figures of a firm propose that somebody goes there."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from zerotrip.catalogue.spec import Limit
from zerotrip.questions.words import Part, Slug, Words


class WarningSpec(Part):
    """One warning: asked of every enterprise each night."""

    id: Slug
    name: Words
    """What is wrong, in a few words."""
    when: dict[str, Any]
    """Criteria over the facts of an enterprise; what is unknown warns of nothing."""
    why: Words
    """A sentence with the figures: ``{fact}`` is a fact as it reads, ``{fact:percent}`` as per cent,
    ``{fact:fall}`` a fall as per cent without its sign."""
    within: Limit
    """Time to decide whether somebody goes."""
    again_after: Annotated[int, Field(ge=1, le=730)] = 60
    """Days before the same firm is warned of anew, and then only on newer figures."""
    subject: Slug | None = None
    """The need that is likely: a service of category ``need``."""
    checklist: Slug | None = None
    """The form of the visit; None: any the packs have."""
    follow: tuple[Slug, ...] = ()
    """Kinds of resources in which buyers, premises or whatever helps is looked for."""


class WarningsSpec(Part):
    """``warnings.yaml``."""

    warnings: Annotated[tuple[WarningSpec, ...], Field(min_length=1, max_length=100)]
