"""What the pages of a draft and of a correction show: sections, tasks, materials, problems with links."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from zerotrip.cases.actions.draft import comes_later, unlocked_places
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import form_of, needed_materials, place_name
from zerotrip.catalogue.windows import SEASON
from zerotrip.ids import new_id
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.queries import area_choices
from zerotrip.questions import Kind
from zerotrip.web.portal.cases.proving import NOTHING, Offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.cases.models import Case, Material
    from zerotrip.cases.queries import File
    from zerotrip.catalogue.spec import Material as MaterialSpec
    from zerotrip.licences.reuse.queries import Offer
    from zerotrip.questions import Bound, Field, Form, Section

MATERIAL = "material:"


def uuid_from(text: str | None) -> UUID | None:
    """A key sent by the page, or None if it is no key."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def number_from(text: str | None) -> int:
    """The save a page saw; -1, which no save has, for anything that is no number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass(frozen=True)
class Task:
    """One line of a draft's task list."""

    title: str
    url: str
    done: bool
    started: bool
    note: str = ""


def tasks(file: File) -> list[Task]:
    """What is left to do: each section of the form, then the materials."""
    form = form_of(file.case.version_id)
    answers = file.shown.answers if file.shown else {}
    problems = form.check(answers).problems
    listed = [_section_task(file.case, part, answers, problems) for part in asked_sections(form, answers)]
    if file.spec.materials:
        listed.append(_material_task(file, answers))
    return listed


def _section_task(case: Case, part: Section, answers: Mapping[str, Any], problems: Mapping[str, list[str]]) -> Task:
    names = {item.id for item in part.fields}
    open_places = [place for place in problems if place.split(".", 1)[0] in names]
    started = any(answers.get(name) not in (None, "", [], {}) for name in names)
    return Task(
        title=str(part.title),
        url=reverse("case-section", args=[case.number, part.id]),
        done=not open_places,
        started=started,
        note=_("还有 %(count)d 项") % {"count": len(open_places)} if open_places and started else "",
    )


def _material_task(file: File, answers: Mapping[str, Any]) -> Task:
    needed = needed_materials(file.case.version_id, answers)
    there = {row.spec.id for row in material_rows(file, {}) if row.files or row.later or row.grant}
    missing = [material for material in needed if material.id not in there]
    return Task(
        title=_("材料"),
        url=reverse("case-materials", args=[file.case.number]),
        done=not missing,
        started=bool(file.materials),
        note=_("还差 %(count)d 件") % {"count": len(missing)} if missing else "",
    )


def asked_sections(form: Form, answers: Mapping[str, Any]) -> list[Section]:
    """The sections in which something is asked, given the answers so far."""
    facts = form.check(answers).values
    return [part for part in form.sections if any(item.is_asked(facts) for item in part.fields)]


def next_place(case: Case, part: Section, answers: Mapping[str, Any]) -> str:
    """The page after a section: the next section that asks something, else the materials, else the check."""
    form = form_of(case.version_id)
    at = form.sections.index(part)
    for following in asked_sections(form, answers):
        if form.sections.index(following) > at:
            return reverse("case-section", args=[case.number, following.id])
    if case.version.spec.materials:
        return reverse("case-materials", args=[case.number])
    return reverse("case-check", args=[case.number])


class SectionPage:
    """A section with its answers, ready for the template."""

    def __init__(
        self,
        case: Case,
        section: Section,
        answers: Mapping[str, Any],
        edit: int,
        *,
        saved_at: datetime | None = None,
        conflict: str = "",
        window: str = "",
        fixed: Mapping[str, str] | None = None,
    ) -> None:
        self.fixed = fixed or {}
        self.case, self.section, self.answers, self.edit = case, section, answers, edit
        self.saved_at, self.conflict = saved_at, conflict
        self.window = window or str(new_id())
        self.form = form_of(case.version_id)
        self.problems: dict[str, list[str]] = {}

    def show_problems(self, today: date) -> None:
        """Name what is missing or wrong in this section."""
        names = {item.id for item in self.section.fields}
        found = self.form.check(self.answers, today=today).problems
        self.problems = {place: texts for place, texts in found.items() if place.split(".", 1)[0] in names}

    @property
    def bound(self) -> list[Bound]:
        """The fields that are asked now."""
        return fix(self.form.bind(self.answers, section=self.section.id, problems=self.problems), self.fixed)

    @property
    def summary(self) -> list[Problem]:
        """The problems with links to their fields on this page."""
        return problem_links(self.case, self.problems, on_this_page=True)

    @property
    def areas(self) -> list[tuple[str, str, int]]:
        """The streets and communities an address may lie in."""
        return areas_for(self.case, self.section.fields)

    @property
    def position(self) -> tuple[int, int]:
        """Which section of how many, among those that ask something."""
        ids = [section.id for section in asked_sections(self.form, self.answers)]
        at = ids.index(self.section.id) + 1 if self.section.id in ids else 1
        return at, max(len(ids), at)


def fix(bound: list[Bound], fixed: Mapping[str, str]) -> list[Bound]:
    """The fields, those among them not asked that a licence fills in."""
    for item in bound:
        item.fixed = fixed.get(item.place, "")
    return bound


def areas_for(case: Case, fields: Iterable[Field]) -> list[tuple[str, str, int]]:
    """The areas to choose from, if one of these fields asks for an address."""
    asks = any(item.kind is Kind.ADDRESS for field in fields for item in (field, *field.fields))
    return area_choices(case.department.area_path) if asks else []


@dataclass(frozen=True)
class MaterialRow:
    """A material with whether it is needed, what is there and what is wrong."""

    spec: MaterialSpec
    needed: bool
    files: list[Material]
    problems: list[str]
    asked: str = ""
    owed: str = ""
    """What stands in for it for now: ``image``, ``commitment``, or nothing."""
    may_wait: bool = False
    """The applicant may choose that it comes later, or no longer does."""
    later: bool = False
    """It may be missing now: promised for later, waived by a commitment, or open in a rehearsal."""
    unchanged: bool = False
    """Handed in again as it was: the applicant may say that nothing is wrong with it."""
    grant: Grant | None = None
    """The use of a licence that stands in for it."""
    offer: Offer | None = None
    """What could stand in for it."""
    own: bool = False
    """The applicant would rather upload it."""
    down: bool = False
    """The registry was asked and did not answer."""
    number: str = ""
    """What was typed as the number of the licence."""
    keyed_in: bool = False
    """A clerk keys in: the applicant is asked on a page of its own whether a licence may be read."""
    refused: bool = False
    """The applicant said no to that."""

    @property
    def uploads(self) -> bool:
        """Whether there is an upload control: not while a licence stands in, or is offered to."""
        if self.grant is not None:
            return False
        offered = self.offer is not None and (self.offer.usable or self.offer.registry)
        return self.own or self.down or self.refused or bool(self.files) or not offered


def material_rows(
    file: File,
    problems: Mapping[str, list[str]],
    *,
    unchanged: Collection[str] = (),
    offered: Offered = NOTHING,
) -> list[MaterialRow]:
    """The service's materials: needed ones first, then those that may be added."""
    answers = file.shown.answers if file.shown else {}
    needed = {material.id for material in needed_materials(file.case.version_id, answers)}
    asked = file.correction.places if file.correction else {}
    shown = file.shown
    rows = [
        MaterialRow(
            spec=material,
            needed=material.id in needed,
            files=file.materials.get(material.id, []),
            problems=problems.get(MATERIAL + material.id, []),
            asked=asked.get(MATERIAL + material.id, ""),
            owed=shown.owed.get(material.id, "") if shown else "",
            may_wait=material.tolerable is not None and material.id in needed and file.case.status == Status.DRAFT,
            later=shown is not None and comes_later(shown, material),
            unchanged=MATERIAL + material.id in unchanged,
            grant=_grant(file, material.id),
            offer=offered.offers.get(material.id),
            own=offered.own == material.id,
            down=offered.down == material.id,
            number=offered.number if offered.down == material.id else "",
            keyed_in=offered.keyed_in,
            refused=material.id in offered.refused,
        )
        for material in file.spec.materials
    ]
    return sorted(rows, key=lambda row: not row.needed)


def _grant(file: File, material: str) -> Grant | None:
    found = file.proved.get(material)
    return found if isinstance(found, Grant) else None


def owed_rows(file: File) -> list[MaterialRow]:
    """The materials the draft says come later: needed, tolerable, and not there, or there as a picture only."""
    return [row for row in material_rows(file, {}) if row.needed and row.owed and row.spec.tolerable]


def unlocked_fields(case: Case, at: datetime) -> set[str]:
    """The fields an open correction lets the applicant change."""
    submission = case.submissions.select_related("case").get(submitted_at=None)
    return _fields(unlocked_places(submission, at=at))


def _fields(places: Iterable[str]) -> set[str]:
    """The fields in which these places lie."""
    return {place.split(".", 1)[0] for place in places if not place.startswith(MATERIAL)}


class CorrectionPage:
    """Only what was named, and what else keeps the case back: fields with what is asked of each, and materials.

    ``typed`` stands in for what is stored when it could not be saved.
    """

    def __init__(
        self,
        file: File,
        problems: Mapping[str, list[str]],
        *,
        unlocked: Iterable[str],
        typed: Mapping[str, Any] | None = None,
        unchanged: Collection[str] = (),
        fixed: Mapping[str, str] | None = None,
        offered: Offered = NOTHING,
    ) -> None:
        form = form_of(file.case.version_id)
        places = file.correction.places if file.correction else {}
        unlocked = frozenset(unlocked)
        names = _fields(unlocked) | _fields(problems)
        self.form = form
        self.answers = {**(file.shown.answers if file.shown else {}), **(typed or {})}
        self.edit = file.shown.edit if file.shown else 0
        self.note = file.correction.note if file.correction else ""
        self.problems = dict(problems)
        self.fields = [
            (
                item,
                [text for place, text in places.items() if place.split(".", 1)[0] == item.field.id],
                [place for place in unchanged if place.split(".", 1)[0] == item.field.id],
            )
            for item in fix(form.bind(self.answers, names=names, problems=problems), fixed or {})
        ]
        self.areas = areas_for(file.case, [item.field for item, _asked, _unchanged in self.fields])
        self.materials = [
            row
            for row in material_rows(file, problems, unchanged=unchanged, offered=offered)
            if row.asked or row.problems or MATERIAL + row.spec.id in unlocked
        ]


@dataclass(frozen=True)
class Problem:
    """A line of the error summary: what is wrong, and where to mend it."""

    text: str
    url: str


def problem_links(case: Case, problems: Mapping[str, list[str]], *, on_this_page: bool = False) -> list[Problem]:
    """Each problem with a link to its field."""
    return [
        Problem(_named(case, place, text), _place_url(case, place, on_this_page=on_this_page))
        for place, texts in problems.items()
        for text in texts
    ]


def _named(case: Case, place: str, text: str) -> str:
    """The text with the name of its place before it, unless it says so itself."""
    name = place_name(case.version_id, place) if place not in ("", SEASON) else ""
    return text if not name or f"“{name}" in text else _("%(name)s：%(text)s") % {"name": name, "text": text}


def _place_url(case: Case, place: str, *, on_this_page: bool) -> str:
    anchor = f"#{place.replace(':', '-').replace('.', '-')}"
    if on_this_page:
        return anchor
    if place == SEASON:
        return reverse("guide", args=[case.version.service_id]) + anchor
    if place.startswith(MATERIAL):
        return reverse("case-materials", args=[case.number]) + anchor
    name = place.split(".", 1)[0]
    part = next((p for p in form_of(case.version_id).sections if name in {item.id for item in p.fields}), None)
    return reverse("case-section", args=[case.number, part.id]) + anchor if part else "#"
