"""How the opinions of joint processing combine (并联审批). Pure: a declared graph and what is done in it.

``all``: every opinion before a stage has to be favourable. ``any``: one is enough, and the others are no
longer asked for. ``lead``: all are given, and whoever does the stage weighs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.cases.models.work import FAVOURABLE, AssignmentStatus
from zerotrip.catalogue.spec import StageKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zerotrip.cases.models import Assignment
    from zerotrip.catalogue.spec import ServiceSpec, Stage


def ready(spec: ServiceSpec, works: Iterable[Assignment]) -> list[Stage]:
    """The stages that have not begun and whose turn it is, in the order declared."""
    latest = _latest(works)
    return [stage for stage in spec.stages if stage.id not in latest and _opens(stage, latest)]


def not_needed(spec: ServiceSpec, works: Iterable[Assignment], *, opening: Sequence[Stage]) -> list[Assignment]:
    """Open work that only stages wait for which open without it."""
    latest = _latest(works)
    begun = set(latest) | {stage.id for stage in opening}
    return [
        work
        for work in latest.values()
        if work.status == AssignmentStatus.OPEN
        if (waiting := [stage for stage in spec.stages if work.stage in stage.after])
        if all(stage.join == "any" and stage.id in begun for stage in waiting)
    ]


def obstacles(spec: ServiceSpec, works: Iterable[Assignment]) -> list[Stage]:
    """The stages whose unfavourable opinion stands in the way of a grant; none when it may be granted."""
    latest = _latest(works)
    decision = next(stage for stage in spec.stages if stage.kind is StageKind.DECISION)
    return _before(spec, decision, latest)


def _before(spec: ServiceSpec, stage: Stage, latest: dict[str, Assignment]) -> list[Stage]:
    """What stands against ``stage``, by its rule over those before it."""
    if stage.join == "lead":
        return []
    against = [_against(spec, spec.stage(name), latest) for name in stage.after]
    if stage.join == "any" and not all(against):
        return []
    return list(dict.fromkeys(found for each in against for found in each))


def _against(spec: ServiceSpec, stage: Stage, latest: dict[str, Assignment]) -> list[Stage]:
    work = latest.get(stage.id)
    own = [] if work is None or work.status != AssignmentStatus.DONE or work.verdict in FAVOURABLE else [stage]
    return own + _before(spec, stage, latest)


def _opens(stage: Stage, latest: dict[str, Assignment]) -> bool:
    before = [latest.get(name) for name in stage.after]
    settled = all(work is not None and work.status != AssignmentStatus.OPEN for work in before)
    favoured = any(work is not None and work.verdict in FAVOURABLE for work in before)
    return settled or (stage.join == "any" and favoured)


def _latest(works: Iterable[Assignment]) -> dict[str, Assignment]:
    """The last unit of work of each stage: a cancelled one counts only while none followed it."""
    found: dict[str, Assignment] = {}
    for work in works:
        if work.status == AssignmentStatus.SUPERSEDED:
            continue
        before = found.get(work.stage)
        if before is None or before.status == AssignmentStatus.CANCELLED:
            found[work.stage] = work
    return found
