"""What a draft of one permit can take from the project and from its other cases: nothing is typed twice.

Answers come from the facts of the project, then from what the applicant said in the sister cases, field by field
of the same name and kind. Declarations are not taken over: each is made for its own case. Identity numbers stay
in the case they were given in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zerotrip.catalogue.queries import form_of, needed_materials
from zerotrip.projects.spec import PROJECT_NAME
from zerotrip.questions import Kind
from zerotrip.questions.checking import Checker
from zerotrip.questions.kinds import is_blank

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.cases.models import Material, Submission
    from zerotrip.projects.spec import PermitSpec, ProjectsSpec
    from zerotrip.questions import Field

LEFT_OUT = frozenset({Kind.MULTI_CHOICE, Kind.FILE, Kind.IDENTITY_NUMBER})
"""Kinds of field that are not taken over. A declaration is a multi_choice to be ticked."""


@dataclass(frozen=True)
class Filled:
    """Answers that were found, and where each is from."""

    answers: Mapping[str, Any]
    sources: Mapping[str, str]
    """Field → number of the sister case; empty: the facts of the project."""


def answers_for(
    version: UUID,
    permit: PermitSpec,
    spec: ProjectsSpec,
    *,
    name: str,
    facts: Mapping[str, Any],
    sisters: Iterable[Submission],
) -> Filled:
    """The answers a new draft of ``permit`` begins with. ``sisters`` in the order they are asked."""
    known = _from_facts(permit, spec, name, facts)
    rounds = list(sisters)
    answers: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for item in form_of(version).fields.values():
        if item.kind in LEFT_OUT or item.spec.computed is not None:
            continue
        if item.id in known and _fits(item, known[item.id]):
            answers[item.id], sources[item.id] = known[item.id], ""
            continue
        for sister in rounds:
            value = _said_in(sister, item)
            if value is not None and _fits(item, value):
                answers[item.id], sources[item.id] = value, sister.case.number
                break
    return Filled(answers, sources)


def _from_facts(permit: PermitSpec, spec: ProjectsSpec, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the project answers, by field of the form. A fact the pack maps elsewhere is still its own name too."""
    known = {**facts, PROJECT_NAME: name}
    mapped = {field: known[fact] for field, fact in permit.fills.items() if fact in known}
    return {**known, **mapped}


def _said_in(sister: Submission, item: Field) -> Any:
    """What a sister case says in the field of the same name and kind; None where it says nothing there."""
    theirs = form_of(sister.case.version_id).fields.get(item.id)
    value = sister.answers.get(item.id)
    if theirs is None or theirs.kind is not item.kind or theirs.spec.sensitive or is_blank(value):
        return None
    return value


def _fits(item: Field, value: Any) -> bool:
    """Whether the field takes the value as it stands."""
    checker = Checker()
    return checker.one(item, value, {}, item.id) is not None and not checker.problems


def materials_for(version: UUID, answers: Mapping[str, Any], sisters: Iterable[Submission]) -> list[Material]:
    """The files of sister cases for the same materials, those handed in last: the same name, the same paper.

    A material a licence stands in for is left to the licence.
    """
    checked = form_of(version).check(answers).values
    wanted = {m.id: m for m in needed_materials(version, checked) if m.licence is None}
    found: dict[str, list[Material]] = {}
    for sister in sisters:
        names = {m.id: m.name.zh for m in sister.case.version.spec.materials}
        for material in sister.materials.all():
            mine = wanted.get(material.key)
            if mine is not None and names.get(material.key) == mine.name.zh and material.key not in found:
                files = [each for each in sister.materials.all() if each.key == material.key]
                found[material.key] = files[: mine.files]
    return [file for files in found.values() for file in files]
