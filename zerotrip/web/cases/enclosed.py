"""The pictures and papers of a need beside what they came with: its raising, what was added, what helpers said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases.models import NeedFile
from zerotrip.cases.states import Step

if TYPE_CHECKING:
    from zerotrip.cases.queries import File


@dataclass(frozen=True)
class Added:
    """What the firm said or handed in later."""

    who: str
    at: datetime
    text: str
    files: Sequence[NeedFile]


@dataclass(frozen=True)
class Enclosed:
    """The files of a need by what they came with."""

    raised: Sequence[NeedFile] = ()
    added: Sequence[Added] = ()
    said: Mapping[tuple[UUID, str], Sequence[NeedFile]] = field(default_factory=dict)
    """By the work of a helper and the step in it that is said once."""
    reported: Mapping[datetime, Sequence[NeedFile]] = field(default_factory=dict)
    """By when progress was told of."""


def enclosed_in(file: File) -> Enclosed:
    """What came with a need, as its page shows it. One query."""
    by_step: dict[tuple[str, datetime], list[NeedFile]] = {}
    said: dict[tuple[UUID, str], list[NeedFile]] = {}
    for one in NeedFile.objects.filter(case=file.case.pk).select_related("blob"):
        by_step.setdefault((one.step, one.at), []).append(one)
        if one.assignment_id is not None:
            said.setdefault((one.assignment_id, one.step), []).append(one)
    added = [
        Added(
            _who_added(file, entry.details, entry.actor_name),
            entry.at,
            entry.reason,
            by_step.get(("add", entry.at), []),
        )
        for entry in file.history
        if entry.action == Step.ADD
    ]
    raised = [one for (step, _at), files in by_step.items() if step == Step.RAISE for one in files]
    reported = {at: files for (step, at), files in by_step.items() if step == Step.REPORT}
    return Enclosed(raised, added, said, reported)


def _who_added(file: File, details: Mapping[str, object], name: str) -> str:
    """Whoever added it; of staff, that they wrote it down for the firm."""
    return _("%(name)s代企业登记") % {"name": name} if details.get("stage") else name
