"""The form of a standing duty, filled in by whoever answers for who owes it, or by staff for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip import questions
from zerotrip.duties.models import Due, Subject, Window
from zerotrip.duties.standing import receipts, reporting
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.sources import REPORT
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.models import Party
from zerotrip.prevention.models import Person, Shift, Site
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.attaching import attached
from zerotrip.web.duties.answering import PREFIX, FilledPage
from zerotrip.web.duties.stamping import stamped
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.duties.models import DueQuerySet, Requirement


@dataclass(kw_only=True)
class ReportPage(FilledPage):
    """What somebody reports of a due."""

    due: Due
    code: str = ""
    """What whoever received it read out."""
    takes_note: ClassVar[bool] = False
    position: Mapping[str, float] | None = None
    """Where it was done, if whoever reports let the browser say so: latitude, longitude, metres of error."""

    @classmethod
    def begun(cls, due: Due) -> ReportPage:
        """As the form begins."""
        form = form_of(due.window.requirement)
        return cls(due=due, form=form, answers=form.initial() if form else {}, key=new_id())

    @classmethod
    def sent(cls, request: Request, due: Due) -> ReportPage:
        """What the page sent."""
        form = form_of(due.window.requirement)
        answers = form.read_post(request.POST, prefix=PREFIX) if form else {}
        key = uuid_from(typed(request, "key")) or new_id()
        code = typed(request, "code", most=12)
        return cls(
            due=due,
            form=form,
            answers=answers,
            key=key,
            files=attached(request),
            code=code,
            position=position_of(request),
        )

    @property
    def needs_files(self) -> bool:
        """Whether photographs have to be there."""
        return spec_of(self.due.window.requirement).photos > 0

    @property
    def takes_receipt(self) -> bool:
        """Whether whoever received it confirms."""
        return spec_of(self.due.window.requirement).receipt

    @property
    def position_fields(self) -> list[tuple[str, str]]:
        """The hidden controls in which the browser says where it is."""
        return position_fields(self.position)

    def file(self, request: Request, *, done_at: datetime) -> bool:
        """Hand it in. Whether it was taken; else what is wrong stands in the page."""
        due = self.due
        try:
            handed = self.files.handed()
            name = names_of(due.window.subject, [due.subject]).get(due.subject, "")
            done = reporting.Done(
                subject=due.subject,
                owner=due.subject if due.window.subject == Subject.ENTERPRISE else due.place,
                area_path=due.area_path,
                at=done_at,
                answers=self.answers,
                code=self.code,
                files=handed,
                stamped=stamped(handed, name, self.position, done_at=done_at, at=request.now),
                position=self.position,
            )
            reporting.report(due.window.requirement, done, key=self.key, by=request.actor, at=request.now)
        except Invalid as refused:
            receipts.count_wrong(refused, at=request.now)
            self.problems, self.message = refused.problems, refused.message
            self.files.refuse(refused.problems)
            return False
        return True


def position_of(request: Request) -> dict[str, float] | None:
    """Where the browser says it is; None where it does not, or says what cannot be."""
    try:
        found = {name: round(float(typed(request, name, most=24)), 6) for name in ("lat", "lon", "accuracy")}
    except ValueError:
        return None
    there = abs(found["lat"]) <= 90 and abs(found["lon"]) <= 180 and 0 <= found["accuracy"] <= 100_000
    return found if there else None


def position_fields(position: Mapping[str, float] | None) -> list[tuple[str, str]]:
    """The hidden controls in which the browser says where it is, by name."""
    known = position or {}
    return [(name, str(known.get(name, ""))) for name in ("lat", "lon", "accuracy")]


def form_of(requirement: Requirement) -> questions.Form | None:
    """The questions of a duty; None where a report is only that it was done."""
    sections = spec_of(requirement).sections
    return questions.parse(sections) if sections else None


def due_of(rows: DueQuerySet, window_id: int, subject: UUID) -> Due:
    """A due somebody may see, with its window, of a duty that is reported. Raises NotFound."""
    found = (
        rows.select_related("window__requirement")
        .filter(window=window_id, day__in=Window.objects.filter(pk=window_id).values("day"), subject=subject)
        .first()
    )
    if found is None or spec_of(found.window.requirement).act != REPORT:
        raise NotFound(_("没有这项要求。"))
    return found


def require_open(window: Window, at: datetime) -> None:
    """Raise Refusal where a window takes no report any more, or not yet."""
    if window.closed_at is not None or not window.starts <= at < window.ends:
        raise Refusal(_("这一次的时间已经过了，不能再报。"))


def names_of(subject: str, keys: Collection[UUID]) -> Mapping[UUID, str]:
    """What enterprises and sites are called, and people, masked; of a shift who stands where and when."""
    if subject == Subject.SITE:
        return dict(Site.objects.filter(pk__in=keys).values_list("pk", "name"))
    if subject == Subject.ENTERPRISE:
        return dict(Party.objects.filter(pk__in=keys).values_list("pk", "name"))
    if subject == Subject.PERSON:
        rows = Person.objects.filter(pk__in=keys).values_list("pk", "name")
        return {pk: mask_name(name) for pk, name in rows}
    if subject == Subject.SHIFT:
        shifts = Shift.objects.filter(pk__in=keys).select_related("post", "worker__person")
        return {shift.pk: f"{shift.worker.person.name} · {_when(shift)} · {shift.post.name}" for shift in shifts}
    return {}


def _when(shift: Shift) -> str:
    return f"{shift.starts_at.astimezone(CHINA):%H:%M}–{shift.ends_at.astimezone(CHINA):%H:%M}"
