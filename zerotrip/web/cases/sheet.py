"""A case as a sheet: answers beside what they were, materials by name, the clock as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import form_of
from zerotrip.parties.queries import area_names
from zerotrip.questions import Kind
from zerotrip.workdays.calendar import working_time_between
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.cases.models import Material
    from zerotrip.cases.queries import File
    from zerotrip.questions import Form, Section


@dataclass(frozen=True)
class AnswerLine:
    """One answer as it reads, and as it read in the round before."""

    label: str
    text: str
    place: str = ""
    before: str = ""
    changed: bool = False


@dataclass(frozen=True)
class AnswerSection:
    """A section of answers, with where to change them."""

    title: str
    url: str
    lines: list[AnswerLine]


def shown_answers(file: File, *, compare: bool = False) -> list[AnswerSection]:
    """What was answered, section by section; with ``compare``, beside what the round before said."""
    if file.shown is None:
        return []
    form = form_of(file.case.version_id)
    names = _names_of_areas(form, [r.answers for r in (file.shown, file.before) if r])
    earlier: dict[str, str] = {}
    if compare and file.before:
        earlier = {
            place: text
            for _section, lines in form.show(file.before.answers, area_name=names)
            for place, _field, text in lines
        }
    return [
        AnswerSection(
            title=section.title,
            url=_edit_url(file, section),
            lines=[
                AnswerLine(
                    str(item.spec.label),
                    text,
                    place,
                    earlier.get(place, ""),
                    bool(earlier) and earlier.get(place, "") != text,
                )
                for place, item, text in lines
            ],
        )
        for section, lines in form.show(file.shown.answers, area_name=names)
    ]


def _edit_url(file: File, section: Section) -> str:
    if not file.is_applicant or file.case.status != Status.DRAFT:
        return ""
    return reverse("case-section", args=[file.case.number, section.id])


def _names_of_areas(form: Form, rounds: list[dict[str, Any]]) -> Callable[[str], str]:
    codes = {
        value["area"]
        for answers in rounds
        for name, value in answers.items()
        if name in form.fields and form.fields[name].kind is Kind.ADDRESS and isinstance(value, dict)
        if isinstance(value.get("area"), str)
    }
    names = area_names(codes) if codes else {}
    return lambda code: names.get(code, code)


@dataclass(frozen=True)
class ClockView:
    """A running clock as it stands: working time left, how much is used, and its colour."""

    left: timedelta
    percent: int
    tone: str

    @property
    def late(self) -> bool:
        """Past its end."""
        return self.left < timedelta()


WATCH_FROM = 75
"""Per cent of a limit after which it is watched."""


def clock_view(file: File, now: datetime) -> ClockView | None:
    """How the clock that counts now stands; None while none runs or it is paused."""
    clock = file.running
    if clock is None or clock.due_at is None:
        return None
    calendar = calendar_for(file.case.area_path)
    whole = working_time_between(clock.started_at, clock.due_at, calendar)
    left = working_time_between(now, clock.due_at, calendar) if now <= clock.due_at else clock.due_at - now
    used = 100 if left <= timedelta() or not whole else round(100 * (1 - left / whole))
    tone = "late" if left < timedelta() else "watch" if used >= WATCH_FROM else ""
    return ClockView(left, max(0, min(100, used)), tone)


def named_materials(file: File) -> list[tuple[str, list[Material]]]:
    """The files of the shown round under the names of their materials."""
    form = form_of(file.case.version_id)
    names = {material.id: str(material.name) for material in file.spec.materials}
    names |= {item.id: str(item.spec.label) for item in form.fields.values() if item.kind is Kind.FILE}
    return [(names.get(key, key), materials) for key, materials in file.materials.items()]
