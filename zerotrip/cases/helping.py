"""Where a need stands, from the answers of those who help with it. Pure: their work in, the standing out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from zerotrip.cases.models.work import AssignmentStatus, Verdict
from zerotrip.catalogue.spec import StageKind

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment


class Standing(Enum):
    """What the answers of all helpers come to."""

    HELPING = "helping"
    """Somebody is still at it."""
    SETTLED = "settled"
    """Everybody answered, and somebody did it: the firm is asked."""
    DECLINED = "declined"
    """Everybody who was asked declined: it goes to whoever leads."""


def helps(works: Iterable[Assignment]) -> list[Assignment]:
    """The work of helping that counts: not what was handed on or called off, nor what was before a reopening."""
    counted = (AssignmentStatus.OPEN, AssignmentStatus.DONE)
    return [work for work in works if work.kind == StageKind.HELP and work.status in counted]


def standing(works: Iterable[Assignment]) -> Standing:
    """What the answers of the helpers come to; of nobody, that somebody has to lead."""
    counted = helps(works)
    if any(work.status == AssignmentStatus.OPEN for work in counted):
        return Standing.HELPING
    if any(work.verdict == Verdict.PASS for work in counted):
        return Standing.SETTLED
    return Standing.DECLINED


def declined(works: Iterable[Assignment]) -> list[tuple[str, str]]:
    """Who declined, by the stage of their work, and why."""
    return [(work.stage, work.opinion) for work in helps(works) if work.verdict == Verdict.FAIL]


def had_it(works: Iterable[Assignment]) -> list[Assignment]:
    """The work of all who had the need since it was last opened anew, whatever became of it."""
    return [w for w in works if w.kind == StageKind.HELP and w.status != AssignmentStatus.SUPERSEDED]


def progress(work: Assignment) -> str:
    """How far one helper is: ``handed_on``, ``declined``, ``resolved``, ``planned``, ``answered`` or ``asked``."""
    if work.status == AssignmentStatus.CANCELLED:
        return "handed_on" if "handed_to" in work.findings else "called_off"
    if work.status != AssignmentStatus.OPEN:
        return "declined" if work.verdict == Verdict.FAIL else "resolved"
    return next(
        (name for key, name in (("plan", "planned"), ("answer", "answered")) if key in work.findings), "asked"
    )
