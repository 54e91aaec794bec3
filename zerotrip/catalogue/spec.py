"""The shape of a service: what a pack declares and a service version freezes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class Part(BaseModel):
    """A part of a declaration: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """A text in both languages; English may be missing and then reads as the Chinese."""

    zh: str
    en: str = ""


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"


class Limit(Part):
    """A time limit with where it comes from."""

    amount: Annotated[float, Field(ge=0)]
    unit: Unit
    basis: Words


class Basis(Part):
    """A legal basis: law, articles, and where it was read."""

    title: str
    articles: str = ""
    document: str = ""
    url: str = ""


class Material(Part):
    """A document the applicant supplies."""

    id: Name
    name: Words
    note: Words | None = None
    required: bool | dict[str, Any] = True
    """True, False, or criteria over the answers: needed when they hold."""
    form: Literal["electronic", "paper", "both"] = "electronic"
    files: Annotated[int, Field(ge=1, le=50)] = 10
    basis: Words | None = None


class StageKind(StrEnum):
    """What staff do in a stage."""

    INTAKE = "intake"
    REVIEW = "review"
    DECISION = "decision"


class Stage(Part):
    """One unit of staff work. Stages whose ``after`` are all done run side by side."""

    id: Slug
    name: Words
    kind: StageKind
    department: Slug
    after: tuple[Slug, ...] = ()
    limit: Limit | None = None
    materials: tuple[Name, ...] = ()
    """What this stage looks at; empty means everything."""


class Outcome(Part):
    """What a granted case produces. ``kind`` has exactly one handler (cases/outcomes.py)."""

    kind: Slug
    name: Words
    number: str = ""
    """Scheme of the number: ``{year}``, ``{seq:06}`` and literal text."""
    template: str = ""
    """Typst file in the pack's ``templates/``."""
    valid_days: int | None = None
    facts: dict[str, str] = {}
    """What the certificate says: name of the fact → expression path such as ``answers.project_name``."""


class Question(Part):
    """A frequent question with its answer."""

    q: Words
    a: Words


class Consult(Part):
    """Where to ask. What is not known is left out, never invented."""

    phone: str = ""
    hours: Words | None = None
    address: Words | None = None


class ServiceSpec(Part):
    """A service as a pack declares it."""

    id: Slug
    name: Words
    summary: Words
    category: Literal["permit", "filing", "confirmation", "other"]
    handling: Literal["immediate", "promised"]
    audience: tuple[Literal["enterprise", "person"], ...]
    themes: tuple[Slug, ...]
    keywords: tuple[str, ...] = ()
    department: Slug
    codes: dict[str, str] = {}
    statutory: Limit
    promised: Limit
    visits: Annotated[int, Field(ge=0)] = 0
    depth: Words | None = None
    channels: tuple[Words, ...] = ()
    fee: Words
    conditions: tuple[Words, ...] = ()
    legal_basis: tuple[Basis, ...]
    consult: Consult = Consult()
    remedies: tuple[Words, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Words, ...] = ()
    sources: tuple[str, ...]
    form: tuple[dict[str, Any], ...]
    """Sections of fields; parsed by ``questions.parse``."""
    materials: tuple[Material, ...] = ()
    stages: tuple[Stage, ...]
    outcome: Outcome
    delivery: tuple[Literal["electronic", "post", "counter"], ...] = ("electronic",)
    subject: Name
    """The field whose value names the case in lists."""
    area: Name | None = None
    """The address field that says where the matter lies; without it, the department's area."""
