"""People entered, moved and left out by hand. What is done to whom is journalled with the event it is done for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from zerotrip.duties import editions
from zerotrip.duties.models import Requirement, Subject, Window
from zerotrip.duties.standing import closing
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.materialising import settle
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.rules import reason_of
from zerotrip.parties import seals
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.queries import held_over
from zerotrip.prevention.events.rules import require_any_in_force
from zerotrip.prevention.models import Enrolment, EnrolmentKind, Event, Exclusion, LeftOut, Person, Site
from zerotrip.prevention.models.rounds import followed
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.rosters.judging import LIVES_AT
from zerotrip.prevention.rosters.rules import may_keep
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.duties.models.windows import WindowQuerySet
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.rosters.identity import Identity

FURTHEST = 31
"""Days from today something on a roster may begin, before or after."""
LONGEST = 366
"""Days somebody can be left out in one go."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place on a roster, as it is typed in."""

    kind: str
    area: str = ""
    """Code of the area."""
    household: str = ""
    site: UUID | None = None
    employer: str = ""
    """USCC."""


@dataclass
class _Checked:
    """A place that is there, or what is wrong with it."""

    area_path: str = ""
    household: str = ""
    site: Site | None = None
    employer: Party | None = None
    problems: dict[str, list[str]] = field(default_factory=dict)

    def is_at(self, enrolment: Enrolment) -> bool:
        """Whether an enrolment is of this place."""
        return (enrolment.area_path, enrolment.household, enrolment.site_id, enrolment.employer_id) == (
            self.area_path,
            self.household,
            self.site.pk if self.site else None,
            self.employer.pk if self.employer else None,
        )


def _checked(where: Where, *, by: Actor) -> _Checked:
    found = _Checked(household=" ".join(where.household.split()))
    kind, problems = where.kind, found.problems
    if kind not in EnrolmentKind.values:
        problems["kind"] = [_("请选择是哪一种名册。")]
    if kind != EnrolmentKind.RESIDENT and where.site:
        found.site = Site.objects.visible_to(by).filter(pk=where.site, closed_on=None).first()
        if found.site is None:
            problems["site"] = [_("没有这个场所，或它已经关闭。")]
    if kind in LIVES_AT and not where.site:
        problems["site"] = [_("请选择宿舍或工地。")]
    if kind == EnrolmentKind.WORKER and where.employer:
        rows = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, uscc=where.employer.strip().upper())
        found.employer = rows.first()
        if found.employer is None:
            problems["employer"] = [_("没有这个统一社会信用代码的企业，请先登记企业。")]
    elif kind == EnrolmentKind.WORKER and not where.site:
        problems["employer"] = [_("请填写单位的统一社会信用代码，或选择场所。")]
    found.area_path = area_path_of(where.area) or (found.site.area_path if found.site else "")
    if not may_keep(by, found.area_path):
        problems["area"] = [_("请选择您辖区内的网格或社区。")]
    if len(found.household) > 80:
        problems["household"] = [_("住址或房间最多 80 个字。")]
    return found


def _day(text: date | None, at: datetime, problems: dict[str, list[str]], place: str = "first_day") -> date:
    today = at.astimezone(CHINA).date()
    if text is None or abs((text - today).days) > FURTHEST:
        problems[place] = [_("请填写从哪一天起，前后 %(days)s 天以内。") % {"days": FURTHEST}]
        return today
    return text


@transaction.atomic
def enter(written: Mapping[str, str], where: Where, *, first_day: date | None, by: Actor, at: datetime) -> Person:
    """Enter somebody on a roster by hand, from a day on; somebody who is known already is found and completed.

    Entered again the same, nothing changes. Raises Invalid with everything wrong by field, Refused where what is
    written means two different people, or no event is under way there.
    """
    person, faults = identity.read(written, today=at.astimezone(CHINA).date())
    place = _checked(where, by=by)
    problems = place.problems
    for name, reason in faults:
        problems.setdefault(name, []).append(reason)
    day = _day(first_day, at, problems)
    if problems or person is None:
        raise Invalid(_("还没有登记。"), problems)
    found = _known(person, at=at)
    event = _event(place.area_path, at=at)
    _enrol(found, where.kind, place, day)
    _journal(event, "enter", by=by, at=at, person=found, kind=where.kind)
    return found


@transaction.atomic
def meet(person: Identity, *, site: Site, by: Actor, at: datetime) -> Person:
    """Somebody turned up where people are sampled: found, or entered on the roster of that place for the day.

    Whoever is on a roster already stays where they are. Raises Refused where what they say means two people.
    """
    found = _known(person, at=at)
    day = at.astimezone(CHINA).date()
    if not Enrolment.objects.on(day).filter(person=found).exists():
        Enrolment.objects.create(
            person=found,
            kind=EnrolmentKind.RESIDENT,
            area_path=site.area_path,
            household=site.name[:80],
            during=DateRange(day, day + timedelta(days=1)),
        )
        _journal(_event(site.area_path, at=at), "meet", by=by, at=at, person=found, site=site.pk)
    return found


def _event(area_path: str, *, at: datetime) -> Event:
    """The event under way there, locked: its journal is written. Raises Refused."""
    event = require_any_in_force(area_path, on=at.astimezone(CHINA).date())
    return Event.objects.select_for_update(of=("self",)).get(pk=event.pk)


def _journal(event: Event, action: str, *, by: Actor, at: datetime, reason: str = "", **details: Any) -> None:
    """One line with the event; people by their keys alone."""
    told = {name: str(value) for name, value in details.items()}
    ledger.append(event, action, by=by, at=at, reason=reason, details=told)
    event.save(update_fields=["ledger_length", "ledger_head"])


def found_by(person: Identity) -> list[Person]:
    """Whoever is known by this number, document, or name and phone: in that order, the first is meant."""
    rows = Person.objects.all()
    found: list[Person] = []
    if person.number:
        found += rows.filter(ric_digest=person.number_digest)
    if person.document:
        found += rows.filter(document_digest=person.document_digest)
    if person.phone:
        alike = rows.filter(name_key=person.key, phone=person.phone)
        if person.number or person.document:
            alike = alike.filter(ric_digest=None, document_digest=None)
        found += alike
    return list({one.pk: one for one in found}.values())


def _found(person: Identity) -> Person | None:
    """Who is meant. Raises Refused where that is two people."""
    rows = found_by(person)
    strong = [one for one in rows if one.ric_digest or one.document_digest]
    if person.number or person.document:
        if len(strong) > 1 or (strong and _contradicts(strong[0], person)):
            raise Refused(_("身份证号和证件号已分别登记在两个人名下，请核对证件后再登记。"))
        return strong[0] if strong else (rows[0] if rows else None)
    if len(rows) > 1:
        raise Refused(_("叫这个名字、用这个手机号的不止一人，请填写身份证号或其他证件号。"))
    return rows[0] if rows else None


def _contradicts(held: Person, person: Identity) -> bool:
    """Whether somebody found by the document has another number."""
    return bool(person.number and held.ric_digest and bytes(held.ric_digest) != person.number_digest)


def _sealed(number: str) -> bytes | None:
    return seals.seal(number).encode() if number else None


def _known(person: Identity, *, at: datetime) -> Person:
    """Who is meant, completed, or somebody new; locked, so that two hands at once come to one and the same."""
    found = _found(person)
    if found is None:
        try:
            with transaction.atomic():
                return _new(person, at=at)
        except IntegrityError:  # somebody else entered them a moment ago
            found = _found(person)
            if found is None:
                raise
    held = Person.objects.select_for_update(of=("self",)).filter(pk=found.pk).first()
    if held is None:  # went with an event a moment ago
        return _new(person, at=at)
    _complete(held, person)
    return held


def _new(person: Identity, *, at: datetime) -> Person:
    return Person.objects.create(
        name=person.name,
        name_key=person.key,
        ric_digest=person.number_digest,
        ric_sealed=_sealed(person.number),
        document_kind=person.document_kind,
        document_digest=person.document_digest,
        document_sealed=_sealed(person.document),
        number_shown=person.shown,
        phone=person.phone,
        birth_year=person.birth_year,
        party=_party(person),
        created_at=at,
    )


def _party(person: Identity) -> Party | None:
    """The account of the same number."""
    digest = person.number_digest
    return Party.objects.live().filter(ric_digest=digest).first() if digest else None


def _complete(held: Person, person: Identity) -> None:
    """What is not known yet is added; what is known is never overwritten."""
    if person.number and held.ric_digest is None:
        held.ric_digest, held.ric_sealed = person.number_digest, _sealed(person.number)
        held.number_shown, held.party = seals.mask(person.number), held.party or _party(person)
    if person.document and held.document_digest is None:
        held.document_kind, held.document_digest = person.document_kind, person.document_digest
        held.document_sealed = _sealed(person.document)
        held.number_shown = held.number_shown or seals.mask(person.document)
    held.phone = held.phone or person.phone
    held.birth_year = held.birth_year or person.birth_year
    held.save()


def _enrol(person: Person, kind: str, place: _Checked, day: date) -> bool:
    """On this roster from a day on, on no other of its kind; whether that changed anything."""
    rows = Enrolment.objects.select_for_update().filter(person=person, kind=kind)
    current = rows.on(day).first()
    if current is not None and place.is_at(current):
        return False
    if current is not None and current.during.lower == day:
        current.delete()
    elif current is not None:
        current.during, current.because = DateRange(current.during.lower, day), ""
        current.save(update_fields=["during", "because"])
    later = rows.filter(during__startswith__gt=day).order_by("during").first()
    Enrolment.objects.create(
        person=person,
        kind=kind,
        area_path=place.area_path,
        household=place.household,
        site=place.site,
        employer=place.employer,
        during=DateRange(day, later.during.lower if later else None),
    )
    return True


def _kept(person_id: UUID, by: Actor, *, at: datetime) -> tuple[Person, Enrolment]:
    """Somebody on a roster one keeps, today or later: locked, and that roster.

    Raises NotFound; NotAllowed for whoever only looks on, and where somebody is on a roster elsewhere by now.
    """
    rows = Person.objects.visible_to(by).select_for_update(of=("self",))
    person = rows.filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("没有找到这个人，或不在您的辖区。"))
    today = at.astimezone(CHINA).date()
    now = Enrolment.objects.kept_by(by).from_on(today).filter(person=person)
    enrolment = now.order_by("during").first()
    if enrolment is None:
        raise NotAllowed(_("由这个人现在所在区域的工作人员办理。"))
    return person, enrolment


@transaction.atomic
def move(person_id: UUID, where: Where, *, first_day: date | None, by: Actor, at: datetime) -> Person:
    """Somebody is on another roster of the kind from a day on.

    Raises NotFound, NotAllowed, Invalid by field, Refused.
    """
    person, _enrolment = _kept(person_id, by, at=at)
    place = _checked(where, by=by)
    day = _day(first_day, at, place.problems)
    if place.problems:
        raise Invalid(_("还没有保存。"), place.problems)
    event = _event(place.area_path, at=at)
    if _enrol(person, where.kind, place, day):
        _journal(event, "move", by=by, at=at, person=person, kind=where.kind)
    return person


@transaction.atomic
def move_household(
    area: str, household: str, where: Where, *, first_day: date | None, by: Actor, at: datetime
) -> int:
    """Everybody of a household lives elsewhere from a day on: all of them or nobody; how many.

    Raises NotFound where nobody lives there on that day, Invalid by field, Refused without an event.
    """
    place = _checked(where, by=by)
    day = _day(first_day, at, place.problems)
    if not place.household:
        place.problems["household"] = [_("请填写新的住址。")]
    if place.problems:
        raise Invalid(_("还没有保存。"), place.problems)
    rows = Enrolment.objects.kept_by(by).on(day).filter(kind=EnrolmentKind.RESIDENT)
    people = [
        one.person
        for one in rows.filter(area_path=area_path_of(area), household=household).select_related("person")
    ]
    if not people:
        raise NotFound(_("这一天没有人住在这里。"))
    event = _event(place.area_path, at=at)
    for person in people:
        if _enrol(person, EnrolmentKind.RESIDENT, place, day):
            _journal(event, "move", by=by, at=at, person=person, kind=EnrolmentKind.RESIDENT.value)
    return len(people)


@transaction.atomic
def leave(person_id: UUID, enrolment_id: int, *, day: date | None, reason: str, by: Actor, at: datetime) -> None:
    """Somebody is on a roster no more, from a day on. Raises NotFound, NotAllowed, Invalid by field."""
    person, _current = _kept(person_id, by, at=at)
    rows = Enrolment.objects.kept_by(by).select_for_update().filter(pk=enrolment_id, person=person)
    enrolment = rows.first()
    if enrolment is None:
        raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
    problems: dict[str, list[str]] = {}
    ends = _day(day, at, problems, "day")
    told = " ".join(reason.split())
    if not 0 < len(told) <= 400:
        problems["reason"] = [_("请写明为什么移出，最多 400 个字。")]
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    if enrolment.during.upper is not None and enrolment.during.upper <= ends:
        return
    if ends <= enrolment.during.lower:
        raise Invalid(_("还没有保存。"), {"day": [_("要晚于登记的第一天。")]})
    enrolment.during, enrolment.because = DateRange(enrolment.during.lower, ends), told
    enrolment.save(update_fields=["during", "because"])
    _journal(_event(enrolment.area_path, at=at), "leave", by=by, at=at, reason=told, person=person)


@dataclass(frozen=True, slots=True)
class Left:
    """Why somebody is left out, as it is typed in."""

    reason: str
    first_day: date | None
    last_day: date | None
    note: str = ""
    requirement: UUID | None = None
    """Of which they are left out, in whatever edition; None: of everything."""


FINAL = (LeftOut.DECEASED, LeftOut.DOUBLE)
"""Reasons that do not pass."""


@transaction.atomic
def exclude(person_id: UUID, left: Left, *, by: Actor, at: datetime, key: UUID) -> Exclusion:
    """Nothing is due of somebody, from a day to a day, for a reason; of one requirement or of all. Twice is once.

    What they owe now is released at once, and not only when the rosters are gone through next; so is what they owed
    in rounds that are over and not closed, where the days reach back to their end.

    Raises NotFound, NotAllowed, Invalid with everything wrong by field, Refused without an event.
    """
    person, enrolment = _kept(person_id, by, at=at)
    held = Exclusion.objects.filter(pk=key, person=person).first()
    if held is not None:
        return held
    problems: dict[str, list[str]] = {}
    if left.reason not in LeftOut.values:
        problems["reason"] = [_("请选择原因。")]
    first = _day(left.first_day, at, problems)
    last = None if left.reason in FINAL else left.last_day
    if left.reason not in FINAL and last is None:
        problems["last_day"] = [_("请填写到哪一天为止。")]
    elif last is not None and not timedelta() <= last - first <= timedelta(LONGEST):
        problems["last_day"] = [_("不能早于第一天，最长 %(days)s 天。") % {"days": LONGEST}]
    note = " ".join(left.note.split())
    if left.reason in (LeftOut.OTHER, LeftOut.ELSEWHERE) and not note:
        problems["note"] = [_("请写明情况，如证明的出处和日期。")]
    elif len(note) > 200:
        problems["note"] = [_("最多 200 个字。")]
    if left.requirement and not _is_of_people(left.requirement):
        problems["requirement"] = [_("没有这项要求，请重新选择。")]
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    event = _event(enrolment.area_path, at=at)
    held = Exclusion.objects.create(
        id=key,
        person=person,
        reason=left.reason,
        during=DateRange(first, last + timedelta(1) if last else None),
        requirement_id=left.requirement,
        note=note,
        recorded_by_id=by.account,
        recorded_at=at,
    )
    _journal(event, "exclude", by=by, at=at, reason=left.reason, person=person, exclusion=held.pk)
    settle([person.pk], who=Subject.PERSON, at=at)
    closing.excuse(person.pk, _over(held, at=at), why=left.reason, at=at)
    return held


def _is_of_people(requirement: UUID) -> bool:
    """Whether it is a standing duty of people, in whatever edition: windows go on by the one they began with."""
    row = Requirement.objects.filter(pk=requirement, slug__startswith=f"{SORT}:").first()
    return row is not None and spec_of(row).who == "person"


def _over(held: Exclusion, *, at: datetime) -> WindowQuerySet:
    """The rounds that are over, and not closed, on whose last day somebody was left out."""
    first, after = held.during.lower, held.during.upper
    rows = Window.objects.filter(
        followed(at), subject=Subject.PERSON, ends__gt=datetime.combine(first, time(), CHINA)
    )
    if after is not None:
        rows = rows.filter(ends__lte=datetime.combine(after, time(), CHINA))
    if held.requirement is not None:
        rows = rows.filter(requirement__slug__startswith=editions.all_of(held.requirement))
    return rows


@transaction.atomic
def end_exclusion(exclusion_id: UUID, *, by: Actor, at: datetime) -> None:
    """Somebody who was left out is due again from today on; left out from today on at the earliest, never was.

    Raises NotFound, NotAllowed, Refused without an event.
    """
    rows = Exclusion.objects.visible_to(by).select_for_update(of=("self",))
    held = rows.filter(pk=exclusion_id).first()
    if held is None:
        raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
    _person, enrolment = _kept(held.person_id, by, at=at)
    today = at.astimezone(CHINA).date()
    if held.during.upper is not None and held.during.upper <= today:
        return
    event = _event(enrolment.area_path, at=at)
    if held.during.lower >= today:
        held.delete()
    else:
        held.during = DateRange(held.during.lower, today)
        # What was for good has passed after all: it keeps its reason.
        held.save(update_fields=["during"])
    _journal(event, "include", by=by, at=at, person=held.person_id, exclusion=exclusion_id)
    settle([held.person_id], who=Subject.PERSON, at=at)


@transaction.atomic
def reveal(person_id: UUID, *, reason: str, by: Actor, at: datetime) -> dict[str, str]:
    """Name, numbers and phone of somebody in full, for a reason that is journalled.

    Raises Invalid, NotFound, NotAllowed.
    """
    reason = reason_of(reason)
    person, enrolment = _kept(person_id, by, at=at)
    event = held_over(enrolment.area_path)
    _journal(event, "reveal", by=by, at=at, reason=reason, person=person)
    return {
        "name": person.name,
        "number": _unsealed(person.ric_sealed),
        "document": _unsealed(person.document_sealed),
        "phone": person.phone,
    }


def _unsealed(sealed: Any) -> str:
    return seals.unseal(bytes(sealed).decode()) if sealed else ""
