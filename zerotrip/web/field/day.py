"""What a phone needs to go on without a network: of gates, doors, points and duties, in the reader's language."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from zerotrip import questions
from zerotrip.duties.models import Due, Requirement, Subject, Window
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.queries import under_way
from zerotrip.duties.standing.sources import REPORT
from zerotrip.parties.models import HANDS
from zerotrip.parties.paths import around
from zerotrip.prevention.events.rules import is_in_force_anywhere
from zerotrip.prevention.field.people import digest
from zerotrip.prevention.gates.queries import beside, gates_of
from zerotrip.prevention.gates.spec import rules
from zerotrip.prevention.models import (
    Block,
    HealthColour,
    Measure,
    Passage,
    Shift,
    Site,
    Task,
)
from zerotrip.prevention.venues.spec import rules as venues
from zerotrip.web.duties.reporting import names_of
from zerotrip.web.field import bringing, inspecting
from zerotrip.web.field.clock import milliseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from zerotrip.duties.standing.spec import DutySpec
    from zerotrip.parties.access import Actor
    from zerotrip.questions.fields import FieldSpec

MOST_DUES = 300
MOST_INSIDE = 2000
MOST_BLOCKS = 2000
MOST_POINTS = 40
OFFLINE = {"text", "long_text", "number", "money", "date", "choice", "multi_choice", "yes_no", "phone"}
"""Kinds of field a phone can ask without a network; of others it says that they need one."""
TOLD = {"choice", "yes_no"}
"""Kinds of field by whose answer a phone tells whether another is asked."""


def gates(actor: Actor, *, on: date) -> list[Site]:
    """The gates somebody logs at today."""
    return gates_of(actor, on=on) if is_in_force_anywhere(Measure.GATES, on=on) else []


def dues(actor: Actor, *, at: datetime) -> list[Due]:
    """What somebody may report of now, what ends first, first: their own, or those of their area."""
    rows = Due.objects.visible_to(actor) if actor.seats_as(*HANDS) else Due.objects.of(actor.acts_for)
    reported = [each.pk for each in _asked(at) if spec_of(each).act == REPORT]
    waiting = under_way(rows, at=at).filter(kept_at=None, window__requirement__in=reported)
    return list(waiting[:MOST_DUES])


def _asked(at: datetime) -> QuerySet[Requirement]:
    """The standing duties that ask for something now, each in every edition under way."""
    return Requirement.objects.filter(pk__in=Window.objects.open().around(at).values("requirement"))


def along(actor: Actor, tasks: Collection[str], key: bytes, *, on: date, at: datetime) -> dict[str, Any]:
    """What goes along for some tasks, without the people of a point; for a task there is nothing of, nothing."""
    given: dict[str, Any] = {}
    if Task.GATE in tasks and (sites := gates(actor, on=on)):
        given["gate"] = of_gates(sites, key, at=at)
    if Task.REPORT in tasks and (owed := dues(actor, at=at)):
        given["report"] = of_dues(owed)
    if Task.DOOR in tasks and (sites := doors(actor, on=on)):
        given["door"] = of_doors(sites)
    if Task.INSPECTION in tasks and (mine := inspecting.mine(actor)):
        given["inspection"] = mine
    if Task.LEAFLET in tasks and (visits := bringing.visits(actor, key, at=at)):
        given["leaflet"] = visits
    return given


def of_gates(sites: Sequence[Site], key: bytes, *, at: datetime) -> dict[str, Any]:
    """The rules of gates, who is inside, and the digests by which a phone knows whom no gate lets in."""
    spec = rules()
    return {
        "gates": [{"id": str(site.pk), "name": site.name} for site in sites],
        "fever": float(spec.fever),
        "refuse_codes": list(spec.refuse_codes),
        "goods": [{"id": one.id, "name": str(one.name), "disinfect": one.disinfect} for one in spec.goods],
        "colours": [{"id": value, "name": str(label)} for value, label in HealthColour.choices],
        "blocks": [_block(row, key) for row in _blocks(sites, at=at)[:MOST_BLOCKS]],
        "inside": [_inside(row) for row in _inside_of(sites)[:MOST_INSIDE]],
    }


def _blocks(sites: Sequence[Site], *, at: datetime) -> QuerySet[Block]:
    paths = {path for site in sites for path in around(site.area_path)}
    return Block.objects.in_force(at).filter(area_path__in=paths)


def _block(row: Block, key: bytes) -> dict[str, Any]:
    return {
        "plate": digest(key, row.plate) if row.plate else "",
        "phone": digest(key, row.phone) if row.phone else "",
        "reason": row.reason,
    }


def _inside_of(sites: Sequence[Site]) -> QuerySet[Passage]:
    rows = Passage.objects.inside().filter(gate__in=beside(sites))
    return rows.select_related("gate").order_by("-entered_at")


def _inside(row: Passage) -> dict[str, Any]:
    return {"id": str(row.pk), "plate": row.plate, "at": milliseconds(row.entered_at), "gate": row.gate.name}


def doors(actor: Actor, *, on: date) -> list[Site]:
    """The doors somebody checks at today: of their own sites, and where they stand now."""
    if not is_in_force_anywhere(Measure.VENUES, on=on):
        return []
    mine = Q(owner__in=actor.acts_for)
    stands = Shift.objects.told().filter(signed_on_at__isnull=False, signed_off_at=None)
    mine |= Q(posts__in=stands.filter(worker__person=actor.person_id).values("post"))
    return list(Site.objects.open_on(on).filter(mine).distinct().order_by("name", "pk")[:MOST_POINTS])


def of_doors(sites: Sequence[Site]) -> dict[str, Any]:
    """Whom doors let in, by the rules of the district."""
    spec = venues()
    return {
        "doors": [{"id": str(site.pk), "name": site.name} for site in sites],
        "fever": float(spec.fever),
        "refuse_codes": list(spec.refuse_codes),
        "masks": spec.masks,
        "no_code": spec.no_code,
        "colours": [{"id": value, "name": str(label)} for value, label in HealthColour.choices],
    }


def of_dues(found: Sequence[Due]) -> dict[str, Any]:
    """The forms of standing duties and of whom they are owed."""
    names: dict[UUID, str] = {}
    for subject in Subject.values:
        names |= names_of(subject, [due.subject for due in found if due.window.subject == subject])
    specs = {due.window.requirement_id: spec_of(due.window.requirement) for due in found}
    return {
        "forms": {str(key): _form(spec) for key, spec in specs.items()},
        "dues": [
            {
                "window": due.window_id,
                "subject": str(due.subject),
                "name": names.get(due.subject, ""),
                "form": str(due.window.requirement_id),
                "ends": milliseconds(due.window.ends),
                "done": due.done,
                "needs": due.window.needs,
            }
            for due in found
        ],
    }


def _form(spec: DutySpec) -> dict[str, Any]:
    form = questions.parse(spec.sections) if spec.sections else None
    return {
        "name": str(spec.name),
        "about": str(spec.about or ""),
        "photos": spec.photos,
        "receipt": spec.receipt,
        "sections": _sections(form) if form else [],
    }


def _sections(form: questions.Form) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "fields": [_field(item.spec, form) for item in section.fields]}
        for section in form.sections
    ]


def is_told(rule: Mapping[str, Any], form: questions.Form) -> bool:
    """Whether a phone can tell of a condition without a network: what was chosen, one of several, yes or no."""
    for joint in ("all", "any"):
        if joint in rule:
            return all(is_told(one, form) for one in rule[joint])
    if "not" in rule:
        return is_told(rule["not"], form)
    field = form.fields.get(rule.get("fact", ""))
    return field is not None and str(field.kind) in TOLD and rule.keys() in ({"fact", "is"}, {"fact", "in"})


def _field(spec: FieldSpec, form: questions.Form) -> dict[str, Any]:
    told = spec.computed is None and (spec.when is None or is_told(spec.when, form))
    kind = str(spec.kind) if str(spec.kind) in OFFLINE and told else ""
    return {
        "id": spec.id,
        "kind": kind,
        "label": str(spec.label),
        "help": str(spec.help or ""),
        "required": spec.required is True,
        "when": spec.when,
        "default": spec.default,
        "choices": [{"value": one.value, "label": str(one.label)} for one in spec.choices],
        "at_least": _plain(spec.at_least),
        "at_most": _plain(spec.at_most),
        "decimals": spec.decimals,
        "unit": str(spec.unit or ""),
        "max_length": spec.max_length,
    }


def _plain(number: Any) -> float | None:
    return float(number) if number is not None else None


def key_of(taking: UUID, secret: str) -> bytes:
    """The key of the digests of one taking: nobody keeps it, it can be worked out again."""
    return hmac.new(secret.encode(), b"zerotrip.field:" + taking.bytes, hashlib.sha256).digest()
