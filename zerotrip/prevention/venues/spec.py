"""The shape of ``venues.yaml``: whom the door of a site lets in, and what holds while nobody can tell a code."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from zerotrip.prevention.declared import rules_of
from zerotrip.prevention.models import HealthColour
from zerotrip.questions.words import Part


class Without(StrEnum):
    """What a door does with somebody whose code cannot be told."""

    REGISTER = "register"
    """Let in; who it was is noted."""
    REPORT = "report"
    """Let in, noted, whoever shows a test report; others are turned away."""
    REFUSE = "refuse"
    """Turn away."""


class VenuesSpec(Part):
    """``venues.yaml``. Each of it is the district's own choice; what is given here counts where it says nothing."""

    fever: Annotated[Decimal, Field(ge=36, le=40)] = Decimal("37.3")
    """Degrees from which nobody is let in."""
    refuse_codes: tuple[HealthColour, ...] = (HealthColour.YELLOW, HealthColour.RED)
    """Health codes that are not let in."""
    masks: bool = True
    """Whether nobody is let in without one."""
    down: Without = Without.REGISTER
    """While the health-code service does not answer and the keeper sees no code that is refused."""
    no_code: Without = Without.REGISTER
    """For whoever shows none: elders and children without a phone."""
    report_hours: Annotated[int, Field(ge=12, le=168)] = 48
    """How old a test report may be, where one is asked for."""


def rules() -> VenuesSpec:
    """What the district decided."""
    return rules_of("venues", VenuesSpec)
