"""Filling in for somebody else: whom, under which mandate, and whether they said yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zerotrip.cases.access import power_in
from zerotrip.cases.actions.confirming import addressees, confirmed

if TYPE_CHECKING:
    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor
    from zerotrip.web.requests import Request


@dataclass(frozen=True)
class Helping:
    """Whom this page is filled in for, and under which mandate."""

    applicant: str
    assists: bool
    deeds: frozenset[str]

    @classmethod
    def of(cls, case: Case, actor: Actor) -> Helping | None:
        """As ``actor`` helps in a case; None on one's own side."""
        power = power_in(case, actor)
        return cls(case.applicant.name, power.assists, power.deeds) if power else None


def confirmation_card(request: Request, case: Case) -> dict[str, Any] | None:
    """What the check page shows a clerk: who can say yes, and whether they did. None on one's own side."""
    if request.helping is None or not request.helping.assists:
        return None
    submission = case.submissions.select_related("case").filter(submitted_at=None).first()
    return {
        "given": confirmed(submission) if submission else None,
        "addressees": addressees(case, at=request.now),
    }
