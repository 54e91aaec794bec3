"""Every write to people, enterprises, departments and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Refused
from zerotrip.parties.models import Area, AreaLevel, Party, PartyKind

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


@transaction.atomic
def declare_area(
    *, code: str, name: str, level: str, by: Actor, at: datetime, name_en: str = "", parent: str | None = None
) -> Area:
    """Make the area ``code`` or bring its names up to date. The parent is declared before its parts.

    Raises Refused when the area is known under another parent or on another level: rows all over
    the database carry its path.
    """
    above = Area.objects.get(pk=parent).path if parent else "/"
    area, made = Area.objects.select_for_update(of=("self",)).get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_en": name_en,
            "level": AreaLevel(level),
            "parent_id": parent,
            "path": f"{above}{code}/",
        },
    )
    if made or (area.name, area.name_en, area.level, area.path) == (name, name_en, level, f"{above}{code}/"):
        return area
    if area.path != f"{above}{code}/" or area.level != level:
        raise Refused(_("区划 %(code)s 已在另一处登记，不能移动。") % {"code": code})
    area.name, area.name_en = name, name_en
    area.save(update_fields=["name", "name_en"])
    return area


@transaction.atomic
def declare_department(
    *,
    code: str,
    name: str,
    area: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    part_of: str | None = None,
    uscc: str = "",
) -> Party:
    """Make the department ``code`` of an area or bring its names up to date.

    ``part_of`` is the code of a department of the same area, declared before. Raises Refused when
    the USCC belongs to another live party.
    """
    path = Area.objects.get(pk=area).path
    live = Party.objects.live()
    above = live.get(kind=PartyKind.DEPARTMENT, code=part_of, area_path=path) if part_of else None
    department = live.select_for_update(of=("self",)).filter(code=code, area_path=path).first()
    if uscc and live.filter(uscc=uscc).exclude(pk=department.pk if department else None).exists():
        raise Refused(_("统一社会信用代码 %(uscc)s 已属于另一主体。") % {"uscc": uscc})
    if department is None:
        return Party.objects.create(
            kind=PartyKind.DEPARTMENT,
            code=code,
            name=name,
            name_en=name_en,
            uscc=uscc,
            area_path=path,
            parent=above,
            created_at=at,
        )
    changes = {"name": name, "name_en": name_en, "uscc": uscc, "parent": above}
    if any(getattr(department, field) != value for field, value in changes.items()):
        for field, value in changes.items():
            setattr(department, field, value)
        department.save(update_fields=list(changes))
    return department
