"""Orders (交办): an office asks something of others, each by a day; adds to it, moves days, urges, closes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip import questions
from zerotrip.duties import times
from zerotrip.duties.actions.owing import add_record, drop, keep, tell_owner, tell_owners
from zerotrip.duties.models import Kind, Obligation, Record, Requirement, Status
from zerotrip.duties.rules import issuing_seats, may_manage, may_pass_on, watches
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, PartyKind, User
from zerotrip.parties.queries import areas_of_staff
from zerotrip.questions.words import Words
from zerotrip.rows import Writes, fetch
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat

REMIND = (3, 1)
"""Working days before its day on which whoever owes something is reminded."""
LONGEST_TITLE, LONGEST_TEXT, LONGEST_SOURCE, LONGEST_REASON = 120, 8000, 160, 500
MOST = 5000
"""Whom one order can ask at a time."""
LATEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Order:
    """What is asked, before anybody is asked."""

    kind: Kind
    title: str
    text: str = ""
    source: str = ""
    """The document or the meeting it comes from."""
    form: Sequence[Mapping[str, Any]] | None = None
    """Sections an answer fills in; None: its word is all."""
    checked: bool = False
    """An answer counts once the issuer has looked at it."""
    population: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Of whom it is asked, by when, and which enterprise it is about."""

    owner: UUID
    due_at: datetime
    about: UUID | None = None


@transaction.atomic
def issue(
    order: Order,
    asked: Sequence[Asked] = (),
    *,
    office: UUID,
    key: UUID,
    by: Actor,
    at: datetime,
    part_of: Requirement | None = None,
) -> Requirement:
    """Give an order from an office to offices, people or enterprises in its area, and tell them. Twice is once.

    ``key`` becomes its key. A directive asks nothing itself: its parts do, each an order with ``part_of``.
    Raises Invalid by field, NotAllowed without a seat that may, Refused for part of what is closed.
    """
    if (found := _issued_before(key, by)) is not None:
        return found
    seat = issuing_seat(order.kind, office, by)
    above = _above(part_of, by)
    problems = problems_of(order)
    if order.kind is not Kind.DIRECTIVE and not asked:
        problems["owners"] = [_("请至少选一个对象。")]
    owners = _owners(asked, problems, seat=seat, at=at)
    _require_right(problems)
    return _issue(order, asked, owners, seat=seat, key=key, by=by, at=at, above=above)


@transaction.atomic
def direct(
    directive: Order, part: Order, asked: Sequence[Asked], *, office: UUID, key: UUID, by: Actor, at: datetime
) -> Requirement:
    """Issue a directive with its first part. Twice is once. Raises as ``issue``, with what is wrong with both at
    once; what is wrong with the title of the part stands at ``what``."""
    if (found := _issued_before(key, by)) is not None:
        return found
    seat = issuing_seat(directive.kind, office, by)
    of_part = {"what" if place == "title" else place: texts for place, texts in problems_of(part).items()}
    problems = {**of_part, **problems_of(directive)}
    if not asked:
        problems["owners"] = [_("请至少选一个对象。")]
    owners = _owners(asked, problems, seat=seat, at=at)
    _require_right(problems)
    made = _issue(directive, (), {}, seat=seat, key=key, by=by, at=at)
    _issue(part, asked, owners, seat=seat, key=uuid5(key, "first"), by=by, at=at, above=made)
    return made


def _issued_before(key: UUID, by: Actor) -> Requirement | None:
    """What the same press gave before; a second press waits for the first."""
    fetch(User, lock=True, id=by.account)
    return Requirement.objects.filter(pk=key, issued_by=by.account).first()


def _require_right(problems: dict[str, list[str]]) -> None:
    if problems:
        raise Invalid(_("还没有发出，有 %(count)d 处需要补充或修改。") % {"count": len(problems)}, problems)


def _issue(
    order: Order,
    asked: Sequence[Asked],
    owners: Mapping[UUID, Party],
    *,
    seat: Seat,
    key: UUID,
    by: Actor,
    at: datetime,
    above: Requirement | None = None,
) -> Requirement:
    """Write an order that was looked at, and tell those it is asked of."""
    requirement = Requirement(
        id=key,
        slug=f"order:{key}",
        kind=order.kind,
        name=Words(zh=" ".join(order.title.split())).model_dump(),
        remind=list(REMIND),
        consequence="report",
        text=order.text.strip(),
        source=" ".join(order.source.split()),
        form=[dict(section) for section in order.form] if order.form else None,
        checked=order.checked,
        population=dict(order.population),
        part_of=above,
        issuer_id=seat.department_id,
        area_path=seat.area_path,
        issued_by_id=by.account,
        issued_at=at,
    )
    writes = Writes()
    entry = ledger.extend(requirement, "issued", by=by, at=at, details={"asked": len(asked)})
    writes.insert(requirement)
    writes.insert(entry)
    _ask(writes, requirement, asked, owners, at=at)
    writes.send()
    return requirement


def issuing_seat(kind: Kind, office: UUID, by: Actor) -> Seat:
    """The seat from which somebody gives orders of this kind for an office. Raises NotAllowed."""
    seat = next((one for one in issuing_seats(kind, by) if one.department_id == office), None)
    if seat is None and kind is Kind.VISIT:
        raise NotAllowed(_("走访由部门负责人、帮办人员或诉求值班人员安排。"))
    if seat is None:
        raise NotAllowed(_("交办由部门负责人发出；走访也可以由帮办人员安排。"))
    return seat


def _above(part_of: Requirement | None, by: Actor) -> Requirement | None:
    """The directive a part belongs to, locked, where whoever adds to it may."""
    if part_of is None:
        return None
    held = managed(part_of.pk, by=by)
    if held.kind != Kind.DIRECTIVE:
        raise Refused(_("只能在交办事项下添加任务、走访、通知或填报。"))
    return held


def managed(requirement_id: UUID, *, by: Actor) -> Requirement:
    """An order, locked, for somebody who may change what is owed under it.

    Raises NotFound, NotAllowed, Refused when it is closed.
    """
    held = next(iter(fetch(Requirement, lock=True, id=requirement_id)), None)
    if held is None or held.issuer_id is None:
        raise NotFound(_("没有找到这件交办事项。"))
    if held.closed_at is not None:
        raise Refused(_("这件事项已经办结归档，不能再改。"))
    if not may_manage(held, by):
        raise NotAllowed(_("由发出的人或本部门负责人管理。"))
    return held


def problems_of(order: Order) -> dict[str, list[str]]:
    """What is wrong with the words of an order, by field."""
    problems: dict[str, list[str]] = {}
    title = " ".join(order.title.split())
    if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
        problems["title"] = [_("请填写标题，最多 %(most)d 个字。") % {"most": LONGEST_TITLE}]
    if len(order.text) > LONGEST_TEXT or "\x00" in order.text:
        problems["text"] = [_("内容最多 %(most)d 个字。") % {"most": LONGEST_TEXT}]
    if len(order.source) > LONGEST_SOURCE or "\x00" in order.source:
        problems["source"] = [_("来源最多 %(most)d 个字。") % {"most": LONGEST_SOURCE}]
    if order.form:
        questions.parse(order.form)
    return problems


def too_soon_or_late(due_at: datetime, place: str, *, at: datetime) -> dict[str, list[str]]:
    """What is wrong with a day that was set by hand, at its place."""
    return {} if at < due_at <= at + LATEST else {place: [_("期限要在现在之后、三年以内。")]}


def _owners(
    asked: Sequence[Asked], problems: dict[str, list[str]], *, seat: Seat, at: datetime
) -> dict[UUID, Party]:
    """Those it is asked of, by key; what is wrong with them is added to the problems."""
    if len(asked) > MOST:
        problems["owners"] = [_("一次最多 %(most)d 个对象，请分几次发出。") % {"most": MOST}]
        return {}
    for one in asked:
        problems |= too_soon_or_late(one.due_at, "due", at=at)
    keys = {one.owner for one in asked} | {one.about for one in asked if one.about}
    found = {party.pk: party for party in Party.objects.live().filter(pk__in=keys)}
    staff = areas_of_staff([party.pk for party in found.values() if party.kind == PartyKind.PERSON], at=at)
    outside = [
        party.name
        for party in found.values()
        if not (staff.get(party.pk) or party.area_path).startswith(seat.area_path)
    ]
    if len(found) < len(keys):
        problems["owners"] = [_("有对象已注销或已合并，请刷新后重选。")]
    elif outside:
        names = _("、").join(outside[:5])
        problems["owners"] = [_("不在您的辖区内：%(names)s。") % {"names": names}]
    for party in found.values():
        party.area_path = staff.get(party.pk) or party.area_path
    return found


def _ask(
    writes: Writes,
    requirement: Requirement,
    asked: Iterable[Asked],
    owners: Mapping[UUID, Party],
    *,
    at: datetime,
    part_of: Obligation | None = None,
    watcher: UUID | None = None,
) -> list[Obligation]:
    """Let each owe it from now on, and tell each once of all that is new to them."""
    made = []
    for one in asked:
        owner, about = owners[one.owner], owners[one.about] if one.about else None
        which = f"{part_of.pk}:{owner.pk}" if part_of else str(about.pk if about else owner.pk)
        area = about.area_path if about else owner.area_path
        obligation = Obligation(
            requirement=requirement,
            kind=requirement.kind,
            subject=requirement.part_of_id or requirement.pk,
            key=which,
            about=about,
            part_of=part_of,
            owner_id=owner.pk,
            watcher_id=watcher or requirement.office,
            area_path=area or requirement.area_path,
            words=requirement.name,
            context={"about": about.name} if about else {},
            opened_at=at,
            due_at=one.due_at,
        )
        obligation.link = link_to(obligation, owner)
        times.next_reminder(obligation, requirement, calendar_for(obligation.area_path), at=at)
        made.append(obligation)
    for start in range(0, len(made), 500):
        writes.insert(*made[start : start + 500])
    _tell_asked(writes, requirement, made, at=at)
    return made


def link_to(obligation: Obligation, owner: Party) -> str:
    """Where whoever owes it does it: enterprises at the portal, staff at the desk."""
    if owner.kind == PartyKind.ENTERPRISE:
        return f"/asked/{obligation.pk}/"
    return f"/desk/{'visits' if obligation.kind == Kind.VISIT else 'tasks'}/{obligation.pk}/"


def _tell_asked(writes: Writes, requirement: Requirement, made: Sequence[Obligation], *, at: datetime) -> None:
    """One notice to each owner, however much they are asked."""
    if not made:
        return
    issuer = Party.objects.only("name").get(pk=made[0].watcher_id).name
    often = Counter(one.owner_id for one in made)
    for template, several in (("order_given", False), ("orders_given", True)):
        rows = [one for one in made if (often[one.owner_id] > 1) is several]
        tell_owners(writes, rows, template, key=f"{template}:{made[0].pk}", at=at, issuer=issuer)


@transaction.atomic
def ask_also(requirement: Requirement, asked: Sequence[Asked], *, by: Actor, at: datetime) -> list[Obligation]:
    """Ask it of more. Those it was asked of before are left as they are. Raises as ``issue``."""
    held = managed(requirement.pk, by=by)
    if held.kind == Kind.DIRECTIVE:
        raise Refused(_("请在交办事项的某一项任务下添加对象。"))
    seat = next(one for one in by.seats if one.department_id == held.issuer_id)
    there = set(held.obligations.exclude(status=Status.DROPPED).values_list("key", flat=True))
    new = [one for one in asked if str(one.about or one.owner) not in there]
    problems: dict[str, list[str]] = {}
    owners = _owners(new, problems, seat=seat, at=at)
    if problems:
        raise Invalid(_("还没有添加。"), problems)
    writes = Writes()
    made = _ask(writes, held, new, owners, at=at)
    writes.insert(ledger.extend(held, "asked_more", by=by, at=at, details={"asked": len(made)}))
    writes.change(held, "ledger_length", "ledger_head")
    writes.send()
    return made


@transaction.atomic
def pass_on(task: Obligation, asked: Sequence[Asked], *, note: str, by: Actor, at: datetime) -> list[Obligation]:
    """Ask a task one's office owes of offices and people below it; the office still answers for all of them.

    None is due after the task itself. Raises Invalid by field, NotAllowed, Stale when it was answered meanwhile.
    """
    held = locked(task.pk)
    if not may_pass_on(held, by):
        raise NotAllowed(_("任务由承办部门的负责人转办，转办一级为止。"))
    seat = next(one for one in by.seats if one.department_id == held.owner_id)
    there = set(held.parts.exclude(status=Status.DROPPED).values_list("owner", flat=True))
    new = [one for one in asked if one.owner not in there]
    problems: dict[str, list[str]] = {}
    if not asked:
        problems["owners"] = [_("请至少选一个对象。")]
    if any(one.due_at > held.due_at for one in new):
        problems["due"] = [_("不能晚于这项任务自己的期限。")]
    if any(one.owner == held.owner_id for one in new):
        problems["owners"] = [_("不能转办给自己。")]
    owners = _owners(new, problems, seat=seat, at=at)
    if problems:
        raise Invalid(_("还没有转办。"), problems)
    writes = Writes()
    made = _ask(writes, held.requirement, new, owners, at=at, part_of=held, watcher=held.owner_id)
    names = [owners[one.owner_id].name for one in made]
    add_record(writes, held, "passed_on", by=by, at=at, note=note.strip()[:LONGEST_REASON], details={"to": names})
    writes.send()
    return made


@transaction.atomic
def move(obligation: Obligation, *, due_at: datetime, reason: str, by: Actor, at: datetime) -> Obligation:
    """Give whoever owes it another day, with the reason, and tell them. Raises Invalid by field."""
    held = locked(obligation.pk)
    _require_watched(held, by)
    if held.status != Status.OPEN:
        raise Stale(_("已经反馈或撤销了，请刷新后查看。"))
    problems = too_soon_or_late(due_at, "due", at=at)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        problems["reason"] = [_("请写明为什么改期，最多 %(most)d 个字。") % {"most": LONGEST_REASON}]
    if problems:
        raise Invalid(_("还没有改期。"), problems)
    writes = Writes()
    details = {"from": held.due_at.isoformat(), "to": due_at.isoformat()}
    held.due_at, held.missed_at = due_at, None
    times.next_reminder(held, held.requirement, calendar_for(held.area_path), at=at)
    writes.change(held, "due_at", "missed_at", "remind_at")
    add_record(writes, held, "moved", by=by, at=at, note=reason.strip(), details=details)
    tell_owner(
        writes, held, "order_moved", key=f"{held.pk}:moved:{due_at.isoformat()}", at=at, reason=reason.strip()
    )
    writes.send()
    return held


@transaction.atomic
def hand_on(obligation: Obligation, *, owner: UUID, reason: str, by: Actor, at: datetime) -> Obligation:
    """Ask it of somebody else instead, by the same day; both are told. What was noted so far stays with it.

    Raises Invalid by field, NotAllowed for who does not look after it, Stale once it was answered.
    """
    held = locked(obligation.pk)
    _require_watched(held, by)
    if held.status != Status.OPEN:
        raise Stale(_("已经反馈或撤销了，请刷新后查看。"))
    if held.owner_id == owner:
        return held
    seat = next(one for one in by.seats if one.department_id == held.watcher_id)
    problems: dict[str, list[str]] = {}
    if held.about_id is None:
        raise Refused(_("这一项是本单位自己的事，不能改派，请撤销后另外添加对象。"))
    owners = _owners([Asked(owner, max(held.due_at, at + timedelta(minutes=1)))], problems, seat=seat, at=at)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        problems["reason"] = [_("请写明为什么改派，最多 %(most)d 个字。") % {"most": LONGEST_REASON}]
    if problems:
        raise Invalid(_("还没有改派。"), problems)
    writes = Writes()
    tell_owner(
        writes, held, "order_withdrawn", key=f"{held.pk}:handed:{at.isoformat()}", at=at, reason=reason.strip()
    )
    change_hands(writes, held, owner, name=owners[owner].name, note=reason.strip(), by=by, at=at)
    issuer = Party.objects.only("name").get(pk=held.watcher_id).name
    tell_owners(writes, [held], "order_given", key=f"handed:{at:%Y%m%d%H%M%S}:{held.pk}", at=at, issuer=issuer)
    writes.send()
    return held


def change_hands(
    writes: Writes, held: Obligation, owner: UUID, *, name: str, note: str, by: Actor, at: datetime
) -> None:
    """Let another member of staff owe it, on record; whoever calls this tells them."""
    details = {"from": str(held.owner_id), "to": str(owner), "name": name}
    held.owner_id = owner
    writes.change(held, "owner_id")
    add_record(writes, held, "handed_on", by=by, at=at, note=note, details=details)


@transaction.atomic
def withdraw(obligation: Obligation, *, reason: str, by: Actor, at: datetime) -> Obligation:
    """Nobody asks it of this one any more, nor of those it was passed on to. Raises Invalid without a reason."""
    held = locked(obligation.pk)
    _require_watched(held, by)
    if held.status not in (Status.OPEN, Status.HANDED_IN):
        raise Stale(_("已经办结或撤销了，请刷新后查看。"))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        text = _("请写明为什么撤销，最多 %(most)d 个字。") % {"most": LONGEST_REASON}
        raise Invalid(text, {"reason": [text]})
    writes = Writes()
    below = fetch(Obligation, lock=True, part_of_id=held.pk, status=[Status.OPEN.value, Status.HANDED_IN.value])
    for one in (held, *below):
        drop(writes, one, by=by, at=at, note=reason.strip())
        tell_owner(writes, one, "order_withdrawn", key=f"{one.pk}:withdrawn", at=at, reason=reason.strip())
    writes.send()
    return held


@transaction.atomic
def urge(obligations: Iterable[UUID], *, by: Actor, at: datetime) -> int:
    """Remind those who owe these and are silent, at most once a day each. Returns how many were told."""
    day = at.astimezone(CHINA).date()
    held = Obligation.objects.select_for_update(of=("self",)).filter(pk__in=list(obligations)).order_by("pk")
    rows = {uuid5(row.pk, f"urged:{day}"): row for row in held}
    for row in rows.values():
        _require_watched(row, by)
    done = set(Record.objects.filter(pk__in=list(rows)).values_list("pk", flat=True))
    silent = {key: row for key, row in rows.items() if row.status == Status.OPEN and key not in done}
    writes = Writes()
    for key, row in silent.items():
        add_record(writes, row, "urged", by=by, at=at, key=key)
    told = f"urged:{day}:{min(silent)}" if silent else ""
    tell_owners(writes, list(silent.values()), "order_urged", key=told, at=at)
    writes.send()
    return len(silent)


@transaction.atomic
def close(requirement: Requirement, *, note: str, by: Actor, at: datetime) -> Requirement:
    """An order is settled and filed: what is still open under it and its parts is asked no more, with this note.

    What was handed in and not looked at is taken as it is. Raises Invalid without a note while something is open.
    """
    held = managed(requirement.pk, by=by)
    orders = [held, *fetch(Requirement, lock=True, part_of_id=held.pk, closed_at=None)]
    rows = fetch(
        Obligation,
        lock=True,
        requirement_id=[one.pk for one in orders],
        status=[Status.OPEN.value, Status.HANDED_IN.value],
    )
    silent = [row for row in rows if row.status == Status.OPEN]
    if silent and not note.strip():
        text = _("还有 %(count)d 项没有反馈，请写明为什么办结归档。") % {"count": len(silent)}
        raise Invalid(text, {"note": [text]})
    writes, reason = Writes(), note.strip()[:LONGEST_REASON]
    for row in rows:
        if row.status == Status.OPEN:
            drop(writes, row, by=by, at=at, note=reason)
        else:
            keep(writes, row, by=by, at=at)
    for one in orders:
        one.closed_at = at
        entry = ledger.extend(one, "closed", by=by, at=at, reason=reason, details={"silent": len(silent)})
        writes.insert(entry)
        writes.change(one, "closed_at", "ledger_length", "ledger_head")
    writes.send()
    return held


def locked(obligation_id: UUID) -> Obligation:
    """An obligation with its requirement, locked. Raises NotFound."""
    held = next(iter(fetch(Obligation, lock=True, id=obligation_id)), None)
    if held is None:
        raise NotFound(_("没有找到这项任务。"))
    held.requirement = Requirement.objects.get(pk=held.requirement_id)
    return held


def _require_watched(obligation: Obligation, by: Actor) -> None:
    if not watches(obligation, by):
        raise NotAllowed(_("由发出任务的部门办理。"))
