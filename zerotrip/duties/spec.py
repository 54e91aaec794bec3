"""The shape of ``checklists/<id>.yaml``: the forms orders are answered in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from zerotrip.questions.words import Part, Slug, Words


class ChecklistSpec(Part):
    """A form: of a visit, of a report somebody files, of the feedback on a task."""

    id: Slug
    kind: Literal["visit", "report", "task"]
    name: Words
    about: Words | None = None
    """What it is for, in a sentence or two."""
    source: Words | None = None
    """Where its questions come from; without it they are the district's own."""
    sections: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=20)]
