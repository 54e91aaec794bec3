"""Who helps with a need: asked of whoever registered as the router, with what was passed over on the way.

Cases know no routing rules. The app that has them registers at start-up, as outcomes do; where it finds nobody,
or there is none, a need goes to the duty officer of its area (``actions.targets``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from zerotrip.cases.models import Case


@dataclass(frozen=True)
class Target:
    """Whose work something becomes: a named person in a seat, or whoever takes it in an office or a team."""

    department_id: UUID
    office: str
    role: str
    account: UUID | None = None
    person: UUID | None = None
    name: str = ""

    @property
    def called(self) -> str:
        """The person with their office, or the office."""
        return f"{self.name}（{self.office}）" if self.name else self.office

    def is_same(self, *, department_id: UUID, role: str, account: UUID | None) -> bool:
        """Whether it is the same person, or the same seat of nobody in particular."""
        if self.account is not None or account is not None:
            return self.account == account
        return (self.department_id, self.role) == (department_id, role)


@dataclass(frozen=True)
class Route:
    """Where a need goes and by which rule; without a target, what stood in the way."""

    target: Target | None = None
    rule: str = ""
    """The name of the rule, as staff know it."""
    rule_id: UUID | None = None
    green: str = ""
    """Why the rule puts it into the green channel; empty: it does not."""
    passed: list[str] = field(default_factory=list)
    """Rules that matched and could not be followed, each with why."""


class Router(Protocol):
    """Finds who helps with a need. Reads, and writes nothing; never raises for what is in its rules."""

    def __call__(self, case: Case, *, subject: str, at: datetime) -> Route: ...


_routers: list[Router] = []


def register(router: Router) -> None:
    """Name the one who knows the rules."""
    _routers[:] = [router]


def route(case: Case, *, subject: str, at: datetime) -> Route:
    """Where a need goes by the rules, if anybody knows any."""
    return _routers[0](case, subject=subject, at=at) if _routers else Route()
