"""Entering what is offered or wanted, changing it, confirming that it still stands, taking it down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Area, Party
from zerotrip.questions import Kind as Asks
from zerotrip.relief.matching.access import require_manager, works_over
from zerotrip.relief.matching.actions.kinds import fill
from zerotrip.relief.matching.actions.steps import drop_all, journal, locked, move_entry, rematch, save_entry
from zerotrip.relief.matching.queries import kind_of
from zerotrip.relief.matching.states import Step
from zerotrip.relief.models import Resource
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import Side

TITLE = 40
_REACHABLE = re.compile(
    r"1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}|\d{7,8}(?!\d)(?=.*电话)|[\w.]+@[\w.]+|(?<!小)微信|QQ|V信", re.I
)
"""What would give a contact away in a text everybody reads."""
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")


@dataclass(frozen=True)
class Entry:
    """What was typed of an entry, unchecked."""

    title: str
    answers: Mapping[str, Any]
    place: str
    """Code of the area where it is, or where it is needed."""
    contact_name: str
    contact_phone: str
    reach: str = ""
    """Code of the area in which the other side may lie; empty: the whole district."""
    until: date | None = None
    """The last day it stands; None: as long as its kind allows."""


@transaction.atomic
def publish(
    slug: str,
    side: Side,
    party: Party,
    entry: Entry,
    *,
    key: UUID,
    by: Actor,
    at: datetime,
    need: Case | None = None,
) -> Resource:
    """Enter what a party offers or wants; those it matches are proposed. The same ``key`` is one entry. ``need``:
    the party's need it is to help.

    By whoever acts for the party, or by staff of the place in its name. Raises Invalid at each place that does
    not pass, NotAllowed for somebody else's party, NotFound for a kind there is not, Stale for another's key,
    Refused for somebody else's need.
    """
    found = Resource.objects.filter(pk=key).first()
    if found is not None:
        if (found.party_id, found.kind, found.side) != (party.pk, slug, side):
            raise Stale(_("这一页已经用过，请重新打开后再试。"))
        return found
    if need is not None and need.applicant_id != party.pk:
        raise Refused(_("只能为提出诉求的企业登记。"))
    kind = kind_of(slug)
    resource = Resource(
        id=key, kind=slug, side=side, party=party, need=need, entered_at=at, entered_by_id=by.user_id
    )
    _write(resource, kind, entry, at=at)
    resource.by_staff = _in_whose_name(resource, by)
    ledger.append(
        resource, "publish", by=by, at=at, details={"title": resource.title, "by_staff": resource.by_staff}
    )
    try:
        with transaction.atomic():
            resource.save(force_insert=True)
    except IntegrityError:  # the same press at the same time
        return Resource.objects.get(pk=key)
    _match(resource, at=at)
    return resource


def _in_whose_name(resource: Resource, by: Actor) -> bool:
    """Whether staff enter it for the party. Raises NotAllowed."""
    if resource.party_id in by.acts_for:
        return False
    if not by.is_system and not works_over(by, resource.area_path):
        raise NotAllowed(_("只能为自己、自己代表的企业发布；工作人员可以代本辖区的企业发布。"))
    return True


@transaction.atomic
def revise(resource: Resource, entry: Entry, *, by: Actor, at: datetime) -> Resource:
    """Change what an entry says; it counts as confirmed. Proposals nobody has answered and that no longer fit fall
    away. Raises Invalid, NotAllowed, and Refused for one that has ended."""
    row = locked(resource)
    require_manager(row, by)
    move_entry(row, Step.REVISE)
    _write(row, kind_of(row.kind), entry, at=at)
    journal(row, "revise", by=by, at=at)
    save_entry(row)
    from zerotrip.relief.matching.actions.meeting import drop_unfit

    drop_unfit(row, by=by, at=at)
    _match(row, at=at)
    return row


@transaction.atomic
def confirm(resource: Resource, *, by: Actor, at: datetime) -> Resource:
    """It still stands: shown again if it was hidden, and asked about again after the time of its kind. Said twice
    is said once more. Raises NotAllowed, Refused for one that has ended."""
    row = locked(resource)
    require_manager(row, by)
    move_entry(row, Step.CONFIRM)
    _fresh(row, kind_of(row.kind), at=at)
    journal(row, "confirm", by=by, at=at)
    save_entry(row)
    _match(row, at=at)
    return row


@transaction.atomic
def withdraw(resource: Resource, *, because: str, by: Actor, at: datetime) -> Resource:
    """Take an entry down; what was under way with it ends, and the other sides are told. Raises NotAllowed,
    Invalid without a reason, Refused for one that has ended."""
    because = because.strip()[:200]
    if not because:
        text = _("请写一句为什么撤下。")
        raise Invalid(text, {"because": [text]})
    row = locked(resource)
    require_manager(row, by)
    move_entry(row, Step.WITHDRAW, at=at)
    row.ended_because = because
    drop_all(row, by=by, at=at)
    journal(row, "withdraw", by=by, at=at, reason=because)
    save_entry(row)
    return row


def _match(resource: Resource, *, at: datetime) -> None:
    """Propose what there is now; a job looks once more when this is kept, at what was entered meanwhile."""
    from zerotrip.relief.matching.actions.meeting import match

    match(resource, at=at)
    rematch(resource)


def _write(resource: Resource, kind: Kind, entry: Entry, *, at: datetime) -> None:
    """Check what was typed and put it into the row. Raises Invalid."""
    side: Side = resource.stands
    today = at.astimezone(CHINA).date()
    checked = kind.forms[side].check(entry.answers, today=today)
    problems = dict(checked.problems)
    title = " ".join(entry.title.split())
    if not 2 <= len(title) <= TITLE:
        problems["title"] = [_("请用 2 到 %(most)d 个字写清是什么。") % {"most": TITLE}]
    _keep_contacts_out(kind, side, title, checked.values, problems)
    area, reach = _areas(entry, problems)
    _contact(entry, problems)
    until = _until(entry, kind, today, problems)
    quantity = _quantity(kind, side, checked.values, problems)
    if resource.used + resource.reserved > quantity:
        problems.setdefault(_quantity_field(kind, side), []).append(_("不能少于已经预留和落实的数量。"))
    if problems:
        raise Invalid(_("还有没填好的地方。"), problems)
    resource.title, resource.answers = title, checked.values
    resource.contact_name, resource.contact_phone = entry.contact_name.strip(), _digits(entry.contact_phone)
    resource.area_path, resource.reach = area, reach
    resource.quantity = quantity
    resource.valid_until = datetime.combine(until + timedelta(days=1), time(), tzinfo=CHINA)
    fill(resource, kind)
    _fresh(resource, kind, at=at)


def _fresh(resource: Resource, kind: Kind, *, at: datetime) -> None:
    resource.confirmed_at = at
    resource.confirm_at = at + timedelta(days=kind.spec.periods.confirm_days)
    resource.asked_at = resource.sleep_at = None


def _keep_contacts_out(
    kind: Kind, side: Side, title: str, values: Mapping[str, Any], problems: dict[str, list[str]]
) -> None:
    """What everybody reads holds no number to call: contacts are exchanged when both agree."""
    open_texts = {"title": title}
    for name, field in kind.forms[side].fields.items():
        if field.kind in (Asks.TEXT, Asks.LONG_TEXT) and not field.spec.sensitive:
            open_texts[name] = str(values.get(name, ""))
    for name, text in open_texts.items():
        if _REACHABLE.search(text):
            problems.setdefault(name, []).append(_("这里大家都看得到，请不要写电话、邮箱、微信等联系方式。"))


def _areas(entry: Entry, problems: dict[str, list[str]]) -> tuple[str, str]:
    """The paths of the place and of the reach, which is the district of the place where none is chosen."""
    paths = dict(Area.objects.filter(pk__in={entry.place, entry.reach}).values_list("code", "path"))
    area = paths.get(entry.place, "")
    if not area:
        problems["place"] = [_("请选择所在的街道或社区。")]
    if entry.reach and entry.reach not in paths:
        problems["reach"] = [_("请从所列范围中选择。")]
    return area, paths.get(entry.reach, "") or _district(area)


def _district(path: str) -> str:
    """The first two areas of a path: a city and its district."""
    parts = path.strip("/").split("/")[:2]
    return f"/{'/'.join(parts)}/"


def _digits(phone: str) -> str:
    return re.sub(r"[\s()（）]+", "", phone)


def _contact(entry: Entry, problems: dict[str, list[str]]) -> None:
    if not 1 < len(entry.contact_name.strip()) <= 60:
        problems["contact_name"] = [_("请填写联系人姓名。")]
    if not _PHONE.fullmatch(_digits(entry.contact_phone)):
        problems["contact_phone"] = [_("请填写 11 位手机号，或带区号的固定电话，例如 0531-80000000。")]


def _until(entry: Entry, kind: Kind, today: date, problems: dict[str, list[str]]) -> date:
    longest = today + timedelta(days=kind.spec.periods.longest_days)
    until = entry.until or longest
    if not today <= until <= longest:
        problems["until"] = [_("有效期不早于今天，最长 %(days)d 天。") % {"days": kind.spec.periods.longest_days}]
    return until


def _quantity_field(kind: Kind, side: Side) -> str:
    quantity = kind.spec.quantity
    return "" if quantity is None else quantity.offer if side == "offer" else quantity.want or ""


def _quantity(kind: Kind, side: Side, values: Mapping[str, Any], problems: dict[str, list[str]]) -> Decimal:
    """How much there is, or is wanted; one where it goes as a whole, or where nobody says."""
    name = _quantity_field(kind, side)
    if not name or name not in values:
        return Decimal(1)
    amount = Decimal(values[name])
    if amount <= 0:
        problems.setdefault(name, []).append(_("要大于零。"))
        return Decimal(1)
    if amount >= 10**13:
        problems.setdefault(name, []).append(_("数字太大，请核对单位。"))
        return Decimal(1)
    return amount


def party_for(party_id: UUID | None, by: Actor) -> Party:
    """A party one may enter for oneself. Raises NotFound."""
    found = Party.objects.live().filter(pk=party_id).first() if party_id in by.acts_for else None
    if found is None:
        raise NotFound(_("没有找到这家企业，或您不是它的经办人。"))
    return found
