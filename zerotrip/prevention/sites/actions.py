"""Every write to sites: one action is one step, with its line in the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.models import Risk, Site, SiteKind
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Described:
    """A site as it is typed in."""

    kind: str
    name: str
    area: str
    """Code of the area, down to its grid where that is known."""
    address: str = ""
    risk: str = ""
    """Empty: what its kind begins with."""
    owner: str = ""
    """USCC of the enterprise it belongs to."""
    contact: str = ""
    phone: str = ""
    within: UUID | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def may_keep(actor: Actor) -> bool:
    """Whether somebody keeps the list of sites: staff, each in their own area."""
    return actor.is_staff


def _plain(text: str) -> str:
    return " ".join(text.split())


def read(told: Described, *, by: Actor) -> dict[str, Any]:
    """What a site is, by its columns. Raises Invalid with everything wrong by field."""
    problems: dict[str, list[str]] = {}
    kind = SiteKind.objects.kept().filter(pk=told.kind).first()
    if kind is None:
        problems["kind"] = [_("请选择场所类型。")]
    name, address = _plain(told.name), _plain(told.address)
    if not 1 < len(name) <= 120:
        problems["name"] = [_("请填写名称，2 到 120 个字。")]
    if len(address) > 200:
        problems["address"] = [_("最多 200 个字。")]
    path = area_path_of(told.area)
    if not any(path.startswith(seat.area_path) for seat in by.seats):
        problems["area"] = [_("请选择您辖区内的网格或社区。")]
    risk = told.risk or (kind.risk if kind else "")
    if risk not in Risk.values and kind is not None:
        problems["risk"] = [_("请选择风险。")]
    owner = _owner(told.owner)
    if told.owner.strip() and owner is None:
        problems["owner"] = [_("没有这个统一社会信用代码的企业，请先登记企业。")]
    if len(told.contact) > 60:
        problems["contact"] = [_("最多 %(most)d 个字。") % {"most": 60}]
    if len(told.phone) > 20:
        problems["phone"] = [_("最多 %(most)d 个字。") % {"most": 20}]
    within = Site.objects.visible_to(by).filter(pk=told.within, closed_on=None).first() if told.within else None
    if told.within and within is None:
        problems["within"] = [_("没有这个场所，或它已经关闭。")]
    details = _details(kind, told.details, problems)
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    return {
        **{"kind": kind, "name": name, "address": address, "area_path": path, "risk": risk, "owner": owner},
        **{"contact": _plain(told.contact), "phone": _plain(told.phone), "within": within, "details": details},
    }


def _owner(uscc: str) -> Party | None:
    if not uscc.strip():
        return None
    return Party.objects.live().filter(kind=PartyKind.ENTERPRISE, uscc=uscc.strip().upper()).first()


def _details(kind: SiteKind | None, written: Mapping[str, str], problems: dict[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for own in kind.spec.fields if kind else ():
        text = _plain(written.get(own.name, ""))
        if not text:
            continue
        if len(text) > 100 or (own.kind == "number" and not (text.isascii() and text.isdigit() and len(text) < 10)):
            problems[own.name] = [_("“%(label)s”请填写整数。") % {"label": own.label}]
        found[own.name] = text
    return found


@transaction.atomic
def add(told: Described, *, by: Actor, at: datetime, key: UUID) -> Site:
    """A new site. Twice is once. Raises NotAllowed for whoever is no staff, Invalid by field."""
    if not may_keep(by):
        raise NotAllowed(_("场所由工作人员登记。"))
    found = Site.objects.visible_to(by).filter(pk=key).first()
    if found is not None:
        return found
    site = Site(id=key, opened_on=at.astimezone(CHINA).date(), **read(told, by=by))
    ledger.append(site, "add", by=by, at=at, details=_told(site))
    _save(site, new=True)
    return site


@transaction.atomic
def change(site_id: UUID, told: Described, *, reason: str, by: Actor, at: datetime) -> Site:
    """A site is otherwise than it was. Its kind stays. Raises NotFound, Invalid by field."""
    site = _seen(site_id, by)
    reason = _plain(reason)
    try:
        columns = read(told, by=by)
    except Invalid as refused:
        if not reason:
            refused.problems["reason"] = [_("请写明为什么改。")]
        raise
    if not reason or columns["kind"] != site.kind:
        place = "reason" if not reason else "kind"
        text = _("请写明为什么改。") if not reason else _("类型不能改：请关闭这个场所，另行登记。")
        raise Invalid(_("还没有保存。"), {place: [text]})
    if columns["within"] is not None and columns["within"].pk == site.pk:
        raise Invalid(_("还没有保存。"), {"within": [_("不能在它自己里面。")]})
    for name, value in columns.items():
        setattr(site, name, value)
    ledger.append(site, "change", by=by, at=at, reason=reason, details=_told(site))
    _save(site)
    return site


@transaction.atomic
def close(site_id: UUID, *, closed_on: date | None, reason: str, by: Actor, at: datetime) -> Site:
    """A site is not there any more, from a day on. Raises NotFound, Invalid by field."""
    site = _seen(site_id, by)
    problems: dict[str, list[str]] = {}
    if not _plain(reason):
        problems["reason"] = [_("请写明为什么关闭。")]
    if closed_on is None or closed_on < site.opened_on:
        problems["closed_on"] = [_("请填写从哪一天起不再使用，不能早于登记的那天。")]
    if problems:
        raise Invalid(_("还没有保存。"), problems)
    if site.closed_on is None:
        site.closed_on = closed_on
        told = {"closed_on": str(closed_on)}
        ledger.append(site, "close", by=by, at=at, reason=_plain(reason), details=told)
        site.save(update_fields=["closed_on", "ledger_length", "ledger_head"])
    return site


def _seen(site_id: UUID, by: Actor) -> Site:
    """A site of one's area, locked. Its owner sees it and does not change it. Raises NotFound."""
    rows = Site.objects.visible_to(by).select_for_update(of=("self",)).select_related("kind")
    site = rows.filter(pk=site_id).first() if may_keep(by) else None
    if site is None or not any(site.area_path.startswith(seat.area_path) for seat in by.seats):
        raise NotFound(_("没有找到这个场所，或不在您的辖区。"))
    return site


def _save(site: Site, *, new: bool = False) -> None:
    try:
        with transaction.atomic():
            site.save(force_insert=new)
    except IntegrityError as error:
        if "one_open_site" not in str(error):
            raise
        text = _("这里已有同类型、同名称、同地址的场所。")
        raise Invalid(text, {"name": [text]}) from None


def _told(site: Site) -> dict[str, Any]:
    """A site for the journal, without its contact."""
    names = ("name", "area_path", "address", "risk", "details")
    told = {name: getattr(site, name) for name in names}
    return told | {"kind": site.kind_id, "owner": str(site.owner_id or ""), "within": str(site.within_id or "")}
