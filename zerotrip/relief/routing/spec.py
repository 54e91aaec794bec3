"""The shape of ``relief.yaml``: the teams of a district, and by which rules needs find whoever helps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from zerotrip.catalogue.spec import AreaCode, DepartmentName
from zerotrip.questions.words import Part, Slug, Words


class TeamSpec(Part):
    """A team (专班): people of several offices. Who belongs to it is said at the desk, not in a pack."""

    code: Slug
    name: DepartmentName
    area: AreaCode


class RuleSpec(Part):
    """One line of the list. The first whose conditions all hold counts."""

    id: Slug
    name: Words
    list: Slug | None = None
    """Code of the team whose own list this is in; None: the district's."""
    subjects: tuple[Slug, ...] = ()
    """Services of category ``need``; empty: any."""
    areas: tuple[AreaCode, ...] = ()
    """The need lies in one of these; empty: anywhere."""
    when: dict[str, Any] | None = None
    """Criteria over what is known of the firm."""
    department: Slug | None = None
    """Whoever helps in this department goes at it; of several of one code, the one nearest to the need."""
    team: Slug | None = None
    named: bool = False
    """Whoever is named for the enterprise: for the subject, else for all subjects."""
    role: Literal["helper", "duty", "clerk", "reviewer", "leader", "head"] | None = None
    """Which seat; None: whichever of them there is, helpers first."""
    green: Words | None = None
    """Puts such needs into the green channel, for this reason."""

    @model_validator(mode="after")
    def goes_somewhere(self) -> RuleSpec:
        """To a department, to a team or to whoever is named for the firm: exactly one. Only offices have seats."""
        if [self.department is not None, self.team is not None, self.named].count(True) != 1:
            raise ValueError("target")
        if self.named and self.role is not None:
            raise ValueError("named-role")
        return self


class ReliefSpec(Part):
    """``relief.yaml``. The rules are tried in the order they stand."""

    teams: tuple[TeamSpec, ...] = ()
    rules: Annotated[tuple[RuleSpec, ...], Field(max_length=10_000)] = ()
