"""What a project runs into: a need of its owner's, which goes to the department in charge and ends as needs do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions import raise_needs
from zerotrip.cases.actions.needs import Asked, Source
from zerotrip.cases.models import Case, Door
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import form_of, spec_of
from zerotrip.errors import Invalid, Refused
from zerotrip.parties.queries import departments
from zerotrip.projects.actions.owing import tell_steward
from zerotrip.projects.actions.step import keep, steered
from zerotrip.projects.declared import scheme_at
from zerotrip.projects.models import CaseRole, Project, ProjectCase
from zerotrip.projects.planning import in_charge
from zerotrip.projects.queries import clean, facts_of

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.projects.spec import ProblemSpec
    from zerotrip.rows import Writes

SOURCE = "project"
"""What needs say they came out of."""
LONGEST = 800
LONGEST_TITLE = 60
NAME_OF_CONTACT, PHONE_OF_CONTACT = "contact.name", "contact.phone"


@dataclass(frozen=True)
class Trouble:
    """A problem in the words of whoever notes it, and whom to call about it."""

    words: str
    contact: str
    phone: str
    what: str = ""
    """Its class; empty, the first that fits the project."""
    permit: str = ""
    """What the permit is called that it is about, if it is about one."""


def problem_classes(project: Project, *, at: datetime) -> tuple[ProblemSpec, ...]:
    """The classes of problems the project may have, the department in charge of its first."""
    return in_charge(scheme_at(project.pack), project.kind, _facts(project, at))


def _facts(project: Project, at: datetime) -> dict[str, Any]:
    return clean(scheme_at(project.pack), facts_of([project.pk], at=at).get(project.pk, {}))


@transaction.atomic
def note_problem(project: Project, trouble: Trouble, *, key: UUID, by: Actor, at: datetime) -> Case:
    """Raise a need of the project's owner: it goes to the department in charge of its class. Twice is once.

    Of a foreign-invested project the first class that fits is that of foreign investment. Raises Invalid by field
    of ``Trouble``, Refused while the subject is not offered.
    """
    held = steered(project, by=by)
    facts = _facts(held, at)
    chosen = _chosen(held, trouble, facts)
    office = departments([chosen.department], area_path=held.area_path)[chosen.department]
    service = Service.objects.filter(pk=chosen.need).select_related("current").first()
    if service is None or service.current is None:
        raise Refused(_("“%(name)s”现在不受理，请联系归口部门。") % {"name": chosen.name})
    asked = Asked(service, _answers(service.current.pk, held, trouble, facts), office=office.pk)
    source = Source(SOURCE, held.pk)
    try:
        (case,) = raise_needs(
            [asked], applicant=held.owner, request=key, by=by, at=at, door=Door.DESK, source=source
        )
    except Invalid as invalid:
        raise Invalid(_("问题还没有提交。"), _at_our_places(invalid.problems, service.current.pk)) from invalid
    _link, new = ProjectCase.objects.get_or_create(
        case=case, defaults={"project": held, "role": CaseRole.PROBLEM, "at": at, "by_id": by.account}
    )
    if new:
        keep(held, "problem", by=by, at=at, what=chosen.id, number=case.number, department=office.code)
    return case


def _chosen(project: Project, trouble: Trouble, facts: Mapping[str, Any]) -> ProblemSpec:
    """The class of a problem. Raises Invalid with all that is wrong."""
    classes = in_charge(scheme_at(project.pack), project.kind, facts)
    found = next((one for one in classes if one.id == trouble.what), None if trouble.what else classes[0])
    problems: dict[str, list[str]] = {}
    if found is None:
        problems["what"] = [_("请选择问题类别。")]
    if not 0 < len(trouble.words.strip()) <= LONGEST:
        problems["words"] = [_("请写明遇到什么问题、需要谁做什么，最多 %(most)d 个字。") % {"most": LONGEST}]
    if problems or found is None:
        raise Invalid(_("问题还没有提交。"), problems)
    return found


def _answers(version: UUID, project: Project, trouble: Trouble, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a need says: in a sentence, at length, where, and whom to call."""
    spec, form, words = spec_of(version), form_of(version), trouble.words.strip()
    about = [_("重点项目“%(name)s”：") % {"name": project.name} + words]
    about += [_("关系到的许可：%(name)s") % {"name": trouble.permit}] if trouble.permit else []
    answers: dict[str, Any] = {}
    for field in form.fields.values():
        if field.kind == "long_text":
            answers.setdefault(field.id, "\n".join(about))
        if field.spec.default_from in (NAME_OF_CONTACT, PHONE_OF_CONTACT):
            said = trouble.contact if field.spec.default_from == NAME_OF_CONTACT else trouble.phone
            answers[field.id] = said.strip()
    site = next((value for value in facts.values() if isinstance(value, Mapping) and "area" in value), None)
    if spec.area and site:
        answers[spec.area] = site
    return {**answers, str(spec.subject): in_short(words)}


def in_short(words: str) -> str:
    """The first sentence, cut where it is too long for a list."""
    first = re.split(r"[。！？!?\n]", words.strip(), maxsplit=1)[0].strip() or words.strip()
    return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"


def _at_our_places(problems: Mapping[str, list[str]], version: UUID) -> dict[str, list[str]]:
    """What is wrong with a need, at the fields it was typed in."""
    ours = {NAME_OF_CONTACT: "contact", PHONE_OF_CONTACT: "phone"}
    fields, found = form_of(version).fields, dict[str, list[str]]()
    for key, texts in problems.items():
        name = key.removeprefix("need-0-")
        place = ours.get(fields[name].spec.default_from or "", "words") if name in fields else "words"
        found.setdefault(place, []).extend(texts)
    return found


def tell_of_end(case: Case, writes: Writes, *, at: datetime) -> None:
    """The need a problem became has ended: tell the steward of its project."""
    link = ProjectCase.objects.filter(case=case, role=CaseRole.PROBLEM).select_related("project").first()
    if link is not None and link.project.ended_at is None:
        key = f"{case.pk}:{case.ledger_length}:ended"
        said = {"what": case.subject, "number": case.number}
        tell_steward(writes, link.project, "staff_project_answered", key, at=at, **said)
