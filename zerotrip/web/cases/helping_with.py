"""Who helps with a need, as its pages show it: each with their own answer, plan and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from zerotrip.cases.helping import progress
from zerotrip.cases.models import AssignmentStatus
from zerotrip.cases.states import Step
from zerotrip.catalogue.queries import stage_name
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.models import User
from zerotrip.web.templatetags.show import called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

    from zerotrip.cases.models import Assignment, NeedFile
    from zerotrip.cases.queries import File
    from zerotrip.web.cases.enclosed import Enclosed

PROGRESS: dict[str, tuple[str | Promise, str]] = {
    "asked": (_("等待响应"), "warn"),
    "answered": (_("已响应"), "water"),
    "planned": (_("已有方案"), "water"),
    "resolved": (_("已办好"), "ok"),
    "declined": (_("已退回"), ""),
    "handed_on": (_("已转办"), ""),
    "called_off": (_("已取消"), ""),
}
"""How far a helper is, in a word, with the colour of its tag."""
SAID = (("answer", _("答复")), ("plan", _("方案")), ("result", _("结果")))
"""What a helper says to the firm, in its order."""
STEPS = {"answer": Step.ANSWER, "plan": Step.PLAN, "result": Step.RESOLVE}
"""The step in which each is said."""


@dataclass(frozen=True)
class Helper:
    """One helper as the page shows them."""

    name: str
    office: str
    stage: str
    progress: str | Promise
    tone: str
    said: list[tuple[str | Promise, str, datetime | None, Sequence[NeedFile]]]
    """What about, in which words, when, and with which files."""
    reason: str
    """Why they declined, or to whom they handed it on."""
    due_at: datetime | None
    is_open: bool
    before: bool
    """Of before the need was opened anew."""


def helpers_of(file: File, enclosed: Enclosed) -> list[Helper]:
    """Those who help, or helped, with a need: who is at it first. One query for the names."""
    works = [work for work in file.assignments if work.kind == StageKind.HELP]
    people = [who for work in works if (who := work.assignee_id or work.done_by_id)]
    names: dict[UUID | None, str] = {user.pk: user.person.name for user in User.objects.filter(pk__in=people)}
    shown = [_helper(file, work, enclosed, names.get(work.assignee_id or work.done_by_id, "")) for work in works]
    return sorted(shown, key=lambda one: (not one.is_open, one.before))


def _helper(file: File, work: Assignment, enclosed: Enclosed, name: str) -> Helper:
    how = progress(work)
    words, tone = PROGRESS[how]
    reason = ""
    if how == "declined" and not file.is_applicant:
        reason = work.opinion
    elif how == "handed_on":
        reason = str(work.findings["handed_to"])
    return Helper(
        name=name,
        office=called(work.department),
        stage=stage_name(file.spec, work.stage),
        progress=words,
        tone=tone,
        said=[
            (label, str(work.findings[key]), _at(work, key), enclosed.said.get((work.pk, STEPS[key]), ()))
            for key, label in SAID
            if key in work.findings
        ],
        reason=reason,
        due_at=work.due_at if work.status == AssignmentStatus.OPEN else None,
        is_open=work.status == AssignmentStatus.OPEN,
        before=work.status == AssignmentStatus.SUPERSEDED,
    )


def _at(work: Assignment, key: str) -> datetime | None:
    moment = work.findings.get(f"{key}_at")
    return datetime.fromisoformat(moment) if isinstance(moment, str) else None
