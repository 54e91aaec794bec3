"""What every action on a project begins and ends with: the lock, the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotrip.ledger import actions as ledger
from zerotrip.projects.models import Project
from zerotrip.projects.rules import require_steer
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


def steered(project: Project, *, by: Actor) -> Project:
    """The project, locked, for somebody who steers it. Raises NotAllowed, Refused."""
    held = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    require_steer(held, by)
    return held


def keep(
    project: Project,
    action: str,
    *fields: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    writes: Writes | None = None,
    **details: Any,
) -> None:
    """Write the next line of a locked project's journal, and these fields of it, with whatever else is written."""
    writes = writes or Writes()
    writes.insert(ledger.extend(project, action, by=by, at=at, reason=reason, details=details))
    writes.change(project, *fields, "ledger_length", "ledger_head")
    writes.send()
