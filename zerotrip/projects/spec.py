"""The shape of ``projects.yaml``: what a district asks of a key project, and the permits it then needs."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from zerotrip import criteria, questions
from zerotrip.catalogue.spec import Basis, Limit
from zerotrip.criteria import FactKind, FactType, Rule
from zerotrip.questions import Form
from zerotrip.questions.words import Name, Part, Slug, Words

KIND = "kind"
"""The fact criteria may ask about besides the answers of the form: which kind of project it is."""
PROJECT_NAME = "project_name"
"""The field of service forms that takes the name of the project, wherever there is one."""


class Named(Part):
    """Something with a key and a name."""

    id: Slug
    name: Words


class PhaseSpec(Named):
    """One of the phases a project goes through, in the order of the file."""


class PermitSpec(Part):
    """A permit, filing or check a project may need: which service, when, after what."""

    id: Slug
    service: Slug
    phase: Slug
    when: dict[str, Any] | None = None
    """Criteria over the facts of the project; left out: every project needs it."""
    after: tuple[Slug, ...] = ()
    """The permits that are granted first. What comes after the same ones runs side by side."""
    not_before: Name | None = None
    """A date among the facts, before which it cannot begin: acceptances wait until something is built."""
    early: bool = False
    """Whether its review may begin before those are granted (模拟审批、容缺预审), where the service can."""
    joint: Slug | None = None
    """The joint acceptance it belongs to: opened in one go, on one date."""
    usual: Limit | None = None
    """How long it takes where the register knows of too few cases and the service promises nothing."""
    fills: dict[Name, Name] = Field(default_factory=dict)
    """Field of the service's form → fact of the project, where they are not called the same."""
    note: Words | None = None


class JointSpec(Named):
    """Several acceptances in one go (联合验收)."""

    basis: Words


class ProblemSpec(Named):
    """A class of problems: which department is in charge, and as which need it is raised. The first that fits a
    project is taken."""

    when: dict[str, Any] | None = None
    department: Slug
    need: Slug
    """The subject (``category: need``) whose form, clocks and closing it has."""


class ProjectsSpec(Part):
    """``projects.yaml``."""

    kinds: Annotated[tuple[Named, ...], Field(min_length=1)]
    form: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
    """The facts asked of a project: sections of fields, as in services."""
    phases: Annotated[tuple[PhaseSpec, ...], Field(min_length=1)]
    permits: Annotated[tuple[PermitSpec, ...], Field(min_length=1)]
    joint: tuple[JointSpec, ...] = ()
    problems: Annotated[tuple[ProblemSpec, ...], Field(min_length=1)]
    capital: Annotated[tuple[Named, ...], Field(min_length=1)]
    """Where the money of an investor comes from."""
    legal_basis: tuple[Basis, ...] = ()

    @cached_property
    def parsed_form(self) -> Form:
        """The form, parsed once."""
        return questions.parse(self.form)

    @cached_property
    def vocabulary(self) -> dict[str, FactType]:
        """What criteria over a project may ask about."""
        kinds = frozenset(kind.id for kind in self.kinds)
        return {**self.parsed_form.vocabulary(), KIND: FactType(FactKind.CHOICE, values=kinds)}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The parsed criteria of permits and problems that have some, by ``permit:id`` and ``problem:id``."""
        told = {f"permit:{one.id}": one.when for one in self.permits}
        told |= {f"problem:{one.id}": one.when for one in self.problems}
        return {
            key: criteria.parse(tree, vocabulary=self.vocabulary) for key, tree in told.items() if tree is not None
        }

    def permit(self, permit_id: str) -> PermitSpec | None:
        """The permit of this id; None when there is none."""
        return next((one for one in self.permits if one.id == permit_id), None)

    def name_of(self, among: str, key: str) -> str:
        """The name of a kind, phase, joint acceptance, class of problems or source of capital; its key if gone."""
        return next((str(one.name) for one in getattr(self, among) if one.id == key), key)
