"""What phones send in, kind by kind: each is read, and one action is called.

A kind is registered here and nowhere else; what it may do is asked by its action, as at every other door.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, ValidationError, model_validator

from zerotrip.duties.models import Due, Report, Subject
from zerotrip.duties.standing import reporting
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.parties.models import HANDS
from zerotrip.prevention.field import actions as phones
from zerotrip.prevention.gates import actions as gates
from zerotrip.prevention.inspections import actions as inspections
from zerotrip.prevention.leaflets import actions as leaflets
from zerotrip.prevention.models import Found, Inspection, Passage
from zerotrip.prevention.screening import taking
from zerotrip.prevention.screening.people import meet
from zerotrip.prevention.venues import actions as venues
from zerotrip.questions.words import Part
from zerotrip.web.duties.reporting import due_of, names_of
from zerotrip.web.duties.stamping import stamped
from zerotrip.web.field.doors import problems_of

if TYPE_CHECKING:
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor


class Later(Exception):
    """Nothing is wrong with a record; it waits for another that is still on its way, or for us."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as a phone sent it."""

    id: UUID
    kind: str
    at: datetime
    """When it was made, put right."""
    device_at: datetime
    """The same by the phone."""
    payload: Mapping[str, Any]
    files: Sequence[Handed] = ()
    phone: UUID | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A record that was taken in."""

    new: bool = True
    notice: str = ""
    """What is to be done all the same."""


Take = Callable[[Sent, "Actor", datetime], Came]
"""Takes a record in. Raises Refusal, Later."""


def take(sent: Sent, *, by: Actor, at: datetime) -> Came:
    """Take in a record. Raises Refusal with what is wrong, Later."""
    if sent.kind not in KINDS:
        # The page is newer than we are, for a while: kinds and fields are added, and none is ever taken away.
        raise Later(_("服务器还收不了这种记录，服务器更新后会自动再交。"))
    return KINDS[sent.kind](sent, by, at)


def _read(sent: Sent, shape: type[Part]) -> Any:
    try:
        return shape.model_validate(dict(sent.payload))
    except ValidationError as error:
        raise Invalid(_("内容不完整，请改好再交。"), problems_of(error)) from error


class PassageTold(Part):
    """A vehicle that came to a gate."""

    gate: UUID
    plate: Annotated[str, Field(max_length=60)]
    driver: Annotated[str, Field(max_length=200)]
    phone: Annotated[str, Field(max_length=30)]
    origin: Annotated[str, Field(max_length=200)]
    goods: Annotated[str, Field(max_length=60)]
    goods_note: Annotated[str, Field(max_length=120)] = ""
    to_name: Annotated[str, Field(max_length=200)] = ""
    temperature: Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9])?\Z")]
    colour: Annotated[str, Field(max_length=8)]
    disinfected: bool = False
    refused: Annotated[str, Field(max_length=200)] = ""


def _passage(sent: Sent, by: Actor, at: datetime) -> Came:
    if Passage.objects.filter(pk=sent.id).exists():
        return Came(new=False)
    told: PassageTold = _read(sent, PassageTold)
    logged = gates.Logged(**told.model_dump(exclude={"gate", "temperature"}), temperature=Decimal(told.temperature))
    gates.log_in(
        sent.id,
        logged,
        gate=told.gate,
        by=by,
        at=at,
        device_at=sent.device_at,
        device_now=sent.device_at + (at - sent.at),
        picture=sent.files[0] if sent.files else None,
    )
    return Came()


class LeavingTold(Part):
    """A vehicle that left, by the record of how it came."""

    passage: UUID


def _leaving(sent: Sent, by: Actor, at: datetime) -> Came:
    told: LeavingTold = _read(sent, LeavingTold)
    passage = Passage.objects.filter(pk=told.passage).first()
    if passage is None:
        raise Later(_("这辆车进来的记录还没有交上来，等交上来后会自动登记离开。"))
    gates.log_out(
        passage.pk,
        by=by,
        at=at,
        out_id=sent.id,
        device_at=sent.device_at,
        device_now=sent.device_at + (at - sent.at),
    )
    return Came(new=passage.left_at is None)


class PositionTold(Part):
    """Where it was done, in degrees and metres of error."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    accuracy: Annotated[float, Field(ge=0, le=100_000)]


class ReportTold(Part):
    """What was reported of a standing duty."""

    window: int
    subject: UUID
    answers: dict[str, Any] = {}
    corrects: UUID | None = None
    position: PositionTold | None = None
    code: Annotated[str, Field(max_length=12)] = ""


def _report(sent: Sent, by: Actor, at: datetime) -> Came:
    if Report.objects.filter(pk=sent.id).exists():
        return Came(new=False)
    told: ReportTold = _read(sent, ReportTold)
    due = due_of(Due.objects.visible_to(by), told.window, told.subject)
    _require_may_report(due, by)
    name = names_of(due.window.subject, [due.subject]).get(due.subject, "")
    position = told.position.model_dump() if told.position else None
    done = reporting.Done(
        subject=due.subject,
        owner=due.subject if due.window.subject == Subject.ENTERPRISE else due.place,
        area_path=due.area_path,
        at=sent.at,
        answers=told.answers,
        code=told.code,
        files=sent.files,
        stamped=stamped(sent.files, name, position, done_at=sent.at, at=at),
        position=position,
        corrects=told.corrects,
    )
    reporting.report(due.window.requirement, done, key=sent.id, by=by, at=at)
    return Came()


def _require_may_report(due: Due, by: Actor) -> None:
    own = due.subject in by.acts_for or (due.window.subject == Subject.SITE and due.place in by.acts_for)
    if not own and not by.seats_as(*HANDS):
        raise NotAllowed(_("由本区域的经办人代报。"))


class WrittenTold(Part):
    """Somebody who was on no list of the phone, as they were written down."""

    name: Annotated[str, Field(max_length=120)] = ""
    number: Annotated[str, Field(max_length=40)] = ""
    document_kind: Annotated[str, Field(max_length=20)] = ""
    document: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    born: Annotated[str, Field(max_length=20)] = ""


class TubeTold(Part):
    """A tube was filled, or closed."""

    point: UUID
    tube: Annotated[str, Field(max_length=80)]
    capacity: int


class SampleTold(TubeTold):
    """Somebody was put into a tube, or taken out again."""

    person: UUID | None = None
    written: WrittenTold | None = None
    out: bool = False

    @model_validator(mode="after")
    def _somebody(self) -> SampleTold:
        if (self.person is None) is (self.written is None):
            raise ValueError("a person, or somebody written down")
        return self


def _tube(several: Sequence[Sent], by: Actor, at: datetime) -> list[Came]:
    """What was done with one tube: people put in, taken out, and the tube sealed. Raises Refusal where one of it
    will not do."""
    told: list[TubeTold] = [_read(sent, SampleTold if sent.kind == "sample" else TubeTold) for sent in several]
    people = {
        sent.id: one.person or _met(one, by=by, at=sent.at)
        for one, sent in zip(told, several, strict=True)
        if isinstance(one, SampleTold)
    }
    filled = taking.fill(
        told[0].tube,
        [
            taking.Taken(people[sent.id], sent.at, one.out)
            for one, sent in zip(told, several, strict=True)
            if isinstance(one, SampleTold)
        ],
        capacity=told[0].capacity,
        point=told[0].point,
        by=by,
        at=at,
        sealed_at=max((sent.at for sent in several if sent.kind == "seal"), default=None),
    )
    if filled.unknown:
        raise Refused(_("名册里已经没有这个人，请重新扫码采样。"))
    undone = {
        people[sent.id] for one, sent in zip(told, several, strict=True) if isinstance(one, SampleTold) and one.out
    }
    return [Came(notice=_notice(people.get(sent.id), filled, undone)) for sent in several]


def _notice(person: UUID | None, filled: taking.Filled, undone: Collection[UUID]) -> str:
    """Why somebody who was put into a tube does not count, where those who put them in do not know yet."""
    words = {"tube": filled.code, "size": filled.capacity}
    if person in filled.over:
        return _("管 %(tube)s 已满 %(size)d 人，这个人不算，请另采一管。") % words
    if person in filled.out and person not in undone:
        return _("这个人已经从管 %(tube)s 撤销，这一条不算；撤销错了的，请重新扫码放入。") % words
    return ""


def _met(told: SampleTold, *, by: Actor, at: datetime) -> UUID:
    """Whoever was written down, as of the moment they stood there: their roster of the day is that of the point."""
    written = told.written.model_dump() if told.written else {}
    return meet(written, point=told.point, by=by, at=at).pk


def _one_of_tube(sent: Sent, by: Actor, at: datetime) -> Came:
    (came,) = _tube([sent], by, at)
    return came


OF_TUBES = ("sample", "seal")
"""Kinds whose records are taken in at one go where they are of the same tube."""


def together(sent: Sent) -> tuple[str, ...] | None:
    """What a record is of, where those of the same are taken in at one go; None: it goes alone."""
    if sent.kind not in OF_TUBES:
        return None
    return tuple(str(sent.payload.get(name)) for name in ("point", "tube", "capacity"))


def take_together(several: Sequence[Sent], *, by: Actor, at: datetime) -> list[Came]:
    """Take in records of the same tube. Raises Refusal where one of them will not do: then none is."""
    return _tube(several, by, at)


class DoorTold(Part):
    """Somebody at a door, as the keeper saw them. The number is digested by the action, and kept nowhere."""

    site: UUID
    colour: Annotated[str, Field(max_length=8)]
    temperature: Annotated[str, Field(pattern=r"^([0-9]{2}(\.[0-9])?)?\Z")] = ""
    mask: bool
    report: bool = False
    number: Annotated[str, Field(max_length=40)] = ""


def _door(sent: Sent, by: Actor, at: datetime) -> Came:
    told: DoorTold = _read(sent, DoorTold)
    checked = venues.Checked(
        id=sent.id,
        colour=told.colour,
        temperature=Decimal(told.temperature) if told.temperature else None,
        mask=told.mask,
        report=told.report,
        number=told.number,
        at=sent.device_at,
    )
    device_now = sent.device_at + (at - sent.at)
    (answer,) = venues.check([checked], site=told.site, by=by, at=at, device_now=device_now)
    if answer.problems:
        raise Invalid(_("内容不完整，请改好再交。"), {name: list(texts) for name, texts in answer.problems.items()})
    return Came()


class FindingTold(Part):
    """What was found of one item of an inspection; a photograph goes with it."""

    inspection: UUID
    item: Annotated[str, Field(max_length=60)]
    found: Found
    note: Annotated[str, Field(max_length=800)] = ""
    position: PositionTold | None = None


def _finding(sent: Sent, by: Actor, at: datetime) -> Came:
    told: FindingTold = _read(sent, FindingTold)
    rows = Inspection.objects.visible_to(by).select_related("site")
    inspection = rows.filter(pk=told.inspection).first()
    if inspection is None or told.item not in {item.id for item in inspections.items_of(inspection)}:
        raise NotFound(_("没有这次检查，或者检查表里没有这一项。"))
    position = told.position.model_dump() if told.position else None
    photo = sent.files[0] if sent.files else None
    drawn = stamped(sent.files[:1], inspection.site.name, position, done_at=sent.at, at=at)
    said = inspections.Answered(told.found, told.note, photo, drawn.get(photo.blob.pk) if photo else None)
    inspections.fill_in(inspection.pk, {told.item: said}, by=by, at=at, found_at=sent.at)
    return Came()


class ReceiptTold(Part):
    """Somebody was brought a leaflet, and who signed for it."""

    leaflet: UUID
    person: UUID
    name: Annotated[str, Field(max_length=120)]
    on_behalf: Annotated[str, Field(max_length=40)] = ""


def _receipt(sent: Sent, by: Actor, at: datetime) -> Came:
    told: ReceiptTold = _read(sent, ReceiptTold)
    brought = leaflets.Brought(told.name, told.on_behalf)
    leaflets.bring(told.leaflet, told.person, brought, by=by, at=min(sent.at, at))
    return Came()


class AsideTold(Part):
    """A record that was not taken in is given up: which, why it was not taken, and why nobody puts it right."""

    record: UUID
    kind: Annotated[str, Field(max_length=20)]
    refused: Annotated[str, Field(max_length=200)]
    why: Annotated[str, Field(min_length=1, max_length=200)]


def _aside(sent: Sent, by: Actor, at: datetime) -> Came:
    told: AsideTold = _read(sent, AsideTold)
    if sent.phone is None:
        raise NotFound(_("没有这部手机。"))
    aside = phones.Aside(**told.model_dump())
    return Came(new=phones.set_aside(sent.phone, aside, by=by, at=at))


KINDS: dict[str, Take] = {
    "passage": _passage,
    "leaving": _leaving,
    "report": _report,
    "sample": _one_of_tube,
    "seal": _one_of_tube,
    "door": _door,
    "finding": _finding,
    "receipt": _receipt,
    "aside": _aside,
}
"""By name, as phones send them."""
