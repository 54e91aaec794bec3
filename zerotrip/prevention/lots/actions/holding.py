"""Holders: found by what was typed, made where there is none yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.parties.models import Area, Party, PartyKind
from zerotrip.prevention.models import Holder, Site
from zerotrip.questions.kinds import is_uscc
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Where:
    """A holder as somebody names it: a known one, a site, an enterprise by its code, a place by name and area."""

    holder: UUID | None = None
    site: UUID | None = None
    uscc: str = ""
    party: UUID | None = None
    """An enterprise one acts for: its own store."""
    name: str = ""
    """Of the store or the place; a store without a name is the enterprise itself."""
    area: str = ""
    """The code of the area of a place that belongs to no enterprise."""

    @property
    def is_named(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.holder or self.site or self.uscc or self.party or self.name)


@transaction.atomic
def place_at(where: Where, *, by: Actor, at: datetime, field: str = "holder") -> Holder:
    """The holder that was named; a store or a place nobody named before is made.

    Anybody may name any enterprise that is registered here, as goods go to all of them.
    Raises Invalid at ``field``.
    """
    if where.holder is not None:
        found = Holder.objects.filter(pk=where.holder).first()
        if found is None:
            raise _unknown(field, _("请从列表中选择存放点。"))
        return found
    if where.site is not None:
        return _of_site(where.site, field, by=by, at=at)
    name = " ".join(where.name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise _unknown(field, _("名称最多 %(most)d 个字。") % {"most": LONGEST_NAME})
    firm = _firm(where, field, by=by)
    if firm is not None:
        return _made(
            party=firm, name=name or firm.name[:LONGEST_NAME], area_path=firm.area_path, at=at, field=field
        )
    path = Area.objects.filter(pk=where.area).values_list("path", flat=True).first() if where.area else None
    if not name or path is None:
        raise _unknown(field, _("请选择地点；列表里没有的，请填写名称和所在区域，企业填统一社会信用代码。"))
    return _made(party=None, name=name, area_path=path, at=at, field=field)


def _of_site(site_id: UUID, field: str, *, by: Actor, at: datetime) -> Holder:
    """The store of a site one may see."""
    site = Site.objects.visible_to(by).open_on(at.astimezone(CHINA).date()).filter(pk=site_id).first()
    if site is None:
        raise _unknown(field, _("请从列表中选择存放点。"))
    made = Holder(party=site.owner, site=site, name=site.name[:LONGEST_NAME], area_path=site.area_path, made_at=at)
    Holder.objects.bulk_create([made], ignore_conflicts=True)
    return Holder.objects.get(site=site)


def _firm(where: Where, field: str, *, by: Actor) -> Party | None:
    firms = Party.objects.live().filter(kind=PartyKind.ENTERPRISE)
    if where.party is not None:
        found = firms.filter(pk=where.party).first() if where.party in by.represents else None
        if found is None:
            raise _unknown(field, _("您不是这家企业的经办人。"))
        return found
    code = where.uscc.strip().upper()
    if not code:
        return None
    if not is_uscc(code):
        raise _unknown(field, _("统一社会信用代码不对，请对照营业执照核对。"))
    found = firms.filter(uscc=code).first()
    if found is None:
        raise _unknown(field, _("平台上没有这家企业，请改填名称。"))
    return found


def _made(*, party: Party | None, name: str, area_path: str, at: datetime, field: str) -> Holder:
    if not area_path:
        raise _unknown(field, _("这家企业还没有登记所在街道，请先登记。"))
    which: dict[str, Any] = {"site": None} | (
        {"party": party, "name": name}
        if party is not None
        else {"party": None, "name": name, "area_path": area_path}
    )
    Holder.objects.bulk_create(
        [Holder(party=party, name=name, area_path=area_path, made_at=at)], ignore_conflicts=True
    )
    return Holder.objects.get(**which)


def _unknown(field: str, text: str) -> Invalid:
    return Invalid(text, {field: [text]})
