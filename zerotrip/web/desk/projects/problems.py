"""The problems of a project as its page shows them: needs, where each stands, who helps and what they said last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from zerotrip.cases.helping import helps, progress
from zerotrip.cases.models import Assignment, Case
from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.web.cases.helping_with import PROGRESS, SAID
from zerotrip.web.templatetags.show import called

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import Promise

    from zerotrip.parties.access import Actor
    from zerotrip.projects.queries import Problem


@dataclass(frozen=True)
class Helper:
    """Who helps with a problem, how far they are and what they said last."""

    name: str
    office: str
    progress: str | Promise
    said: str


@dataclass(frozen=True)
class Shown:
    """One problem."""

    case: Case
    subject: str
    status: str
    tone: str
    helpers: list[Helper]
    url: str
    """Its page, for whoever may read it."""

    @property
    def due_at(self) -> datetime | None:
        """When something is due next, while somebody helps."""
        return self.case.due_at if self.case.status == Status.HELPING else None


def shown(problems: Sequence[Problem], actor: Actor) -> list[Shown]:
    """The problems with who helps. Two queries."""
    if not problems:
        return []
    keys = [problem.case.pk for problem in problems]
    works: dict[UUID, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(case__in=keys, kind=StageKind.HELP)
    for work in rows.select_related("department", "assignee__person", "done_by__person").order_by("opened_at"):
        works[work.case_id].append(work)
    seen = Case.objects.visible_to(actor).filter(pk__in=keys)
    readable = set(seen.exclude(applicant__in=actor.acts_for).values_list("pk", flat=True))
    return [_shown(each.case, works[each.case.pk], readable=each.case.pk in readable) for each in problems]


def _shown(case: Case, works: Iterable[Assignment], *, readable: bool) -> Shown:
    closed = case.status == Status.CLOSED
    status = case.get_result_display() if closed and case.result else case.get_status_display()
    tone = ("ok" if case.result in (Result.RESOLVED, Result.GRANTED) else "") if closed else "water"
    url = reverse("desk-case", args=[case.number]) if readable else ""
    name = str(spec_of(case.version_id).name)
    return Shown(case, name, status, tone, [_helper(work) for work in helps(works)], url)


def _helper(work: Assignment) -> Helper:
    words, _tone = PROGRESS[progress(work)]
    person = work.assignee or work.done_by
    said = next((str(work.findings[key]) for key, _label in reversed(SAID) if key in work.findings), "")
    return Helper(person.person.name if person else "", called(work.department), words, said)
