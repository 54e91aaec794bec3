"""The shape of ``posts.yaml``: which skills posts ask for, and the district's rules for shifts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from zerotrip.prevention.declared import rules_of
from zerotrip.questions.words import Part, Slug, Words


class SkillSpec(Part):
    """Something somebody at a post has to be able to do."""

    id: Slug
    name: Words
    help: Words | None = None


class PostsSpec(Part):
    """``posts.yaml``. Each figure is the district's own choice; those given here count where it says nothing."""

    skills: Annotated[tuple[SkillSpec, ...], Field(max_length=40)] = ()
    rest_hours: Annotated[int, Field(ge=8, le=24)] = 10
    """Between the end of one shift and the beginning of the next."""
    night_from: Annotated[int, Field(ge=18, le=23)] = 22
    night_to: Annotated[int, Field(ge=4, le=8)] = 6
    """A shift that touches these hours is a night shift."""
    early_minutes: Annotated[int, Field(ge=10, le=180)] = 60
    """Before a shift, from which on one may sign on."""
    late_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    """After the beginning, from which on somebody is late."""
    missed_minutes: Annotated[int, Field(ge=5, le=240)] = 30
    """After the beginning, when the lead is told that somebody is not there."""
    flag_hours: Annotated[int, Field(ge=4, le=72)] = 24
    """Before a turn, when the lead is told that it is not staffed."""

    @property
    def rest(self) -> timedelta:
        """``rest_hours``."""
        return timedelta(hours=self.rest_hours)

    def named(self) -> dict[str, str]:
        """The skills in the reader's language, by id."""
        return {skill.id: str(skill.name) for skill in self.skills}


def rules() -> PostsSpec:
    """What the district decided."""
    return rules_of("posts", PostsSpec)
