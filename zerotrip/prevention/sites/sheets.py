"""Sites as a workbook: read with every fault named by row, and written. Small enough to be done while one waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook

from zerotrip.enterprises.sheets.headings import plain
from zerotrip.enterprises.sheets.reading import opened
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, TooLarge, WrongType
from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.prevention.models import Risk, Site, SiteKind
from zerotrip.prevention.sites import actions
from zerotrip.prevention.sites.actions import Described

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from zerotrip.parties.access import Actor

MOST = 3_000
"""Rows of a workbook of sites: some seconds."""
COLUMNS = {
    "kind": (gettext_lazy("类型"), ("类型", "场所类型", "kind")),
    "name": (gettext_lazy("名称"), ("名称", "场所名称", "name")),
    "area": (gettext_lazy("网格"), ("网格", "所属网格", "区划代码", "社区", "area")),
    "address": (gettext_lazy("地址"), ("地址", "address")),
    "risk": (gettext_lazy("风险"), ("风险", "risk")),
    "owner": (
        gettext_lazy("单位统一社会信用代码"),
        ("单位统一社会信用代码", "统一社会信用代码", "uscc"),
    ),
    "contact": (gettext_lazy("联系人"), ("联系人", "contact")),
    "phone": (gettext_lazy("联系电话"), ("联系电话", "电话", "phone")),
}
_KNOWN = {plain(word): name for name, (_label, words) in COLUMNS.items() for word in words}


@dataclass
class Looked:
    """What a workbook says."""

    new: list[Described] = field(default_factory=list)
    known: int = 0
    """Rows of sites that are there already."""
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, column, what is wrong."""


def look_through(path: Path, *, by: Actor) -> Looked:
    """What a workbook would add, and everything wrong with it. Raises WrongType, TooLarge."""
    found = Looked()
    areas = _areas(by)
    kinds = {plain(name): row.pk for row in SiteKind.objects.kept() for name in (row.pk, row.spec.name.zh)}
    risks = {plain(word): value for value, label in Risk.choices for word in (value, str(label), _risk_zh(value))}
    seen: dict[tuple[str, ...], int] = {}
    for number, texts in _lines(path):
        told = Described(
            kind=kinds.get(plain(texts.get("kind", "")), ""),
            name=texts.get("name", ""),
            area=areas.get(texts.get("area", ""), ""),
            address=texts.get("address", ""),
            risk=risks.get(plain(texts.get("risk", "")), "-" if texts.get("risk") else ""),
            owner=texts.get("owner", ""),
            contact=texts.get("contact", ""),
            phone=texts.get("phone", ""),
        )
        try:
            columns = actions.read(told, by=by)
        except Invalid as refused:
            for name, reasons in refused.problems.items():
                found.faults += [(number, label_of(name), reason) for reason in reasons]
            continue
        key = (told.kind, columns["name"], columns["area_path"], columns["address"])
        if (first := seen.setdefault(key, number)) != number:
            found.faults.append((number, label_of("name"), _("与第 %(row)d 行重复。") % {"row": first}))
        elif Site.objects.filter(
            **{name: columns[name] for name in ("kind", "name", "area_path", "address")}, closed_on=None
        ).exists():
            found.known += 1
        else:
            found.new.append(told)
    return found


def _risk_zh(value: str) -> str:
    return {"low": "低", "medium": "中", "high": "高"}[value]


def _areas(by: Actor) -> dict[str, str]:
    """Codes of one's own areas, by code, and by name where only one is called so."""
    inside = [seat.area_path for seat in by.seats]
    rows = Area.objects.values_list("code", "name", "path")
    found = [(code, name) for code, name, path in rows if any(path.startswith(one) for one in inside)]
    names = [name for _code, name in found]
    return {name: code for code, name in found if names.count(name) == 1} | {code: code for code, _name in found}


def _lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    with opened(path) as book:
        columns: dict[int, str] = {}
        lines: list[tuple[int, dict[str, str]]] = []
        for number, cells in book.rows(64):
            if not columns:
                names = {index: _KNOWN.get(plain(cell.text)) for index, cell in enumerate(cells)}
                columns = {index: name for index, name in names.items() if name} if "name" in names.values() else {}
                if not columns and number > 20:
                    break
                continue
            if len(lines) >= MOST:
                raise TooLarge(_("一个文件最多 %(most)d 行，请拆成几个文件。") % {"most": MOST})
            texts = {name: cells[index].text for index, name in columns.items() if index < len(cells)}
            if any(texts.values()):
                lines.append((number, texts))
    if not columns:
        raise WrongType(_("没有找到“名称”这一列。请用导出的表头。"))
    return lines


def label_of(name: str) -> str:
    """What a column is called."""
    return str(COLUMNS[name][0]) if name in COLUMNS else name


@transaction.atomic
def take(path: Path, *, by: Actor, at: datetime, key: UUID) -> int:
    """Add the sites of a workbook, all or none; again, nothing changes. Raises Invalid where a row is wrong."""
    found = look_through(path, by=by)
    if found.faults:
        raise Invalid(_("文件里还有错误，请改好后重新上传。"))
    for told in found.new:
        actions.add(told, by=by, at=at, key=uuid5(key, f"{told.kind}|{told.area}|{told.name}|{told.address}"))
    return len(found.new)


def written(sites: Iterable[Site]) -> Workbook:
    """Sites as the workbook that can be handed in."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append([str(label) for label, _words in COLUMNS.values()] + [_("场所码"), _("登记日期")])
    for column, width in zip("ABCDEFGHIJ", (16, 28, 18, 30, 8, 24, 12, 16, 20, 12), strict=True):
        sheet.column_dimensions[column].width = width
    for site in sites:
        sheet.append([defused(str(cell)) for cell in _cells(site)])
    sheet.freeze_panes = "A2"
    return book


def _cells(site: Site) -> list[Any]:
    owner = site.owner.uscc if site.owner else ""
    return [
        *(site.kind.spec.name.zh, site.name, code_of(site.area_path), site.address, _risk_zh(site.risk)),
        *(owner, site.contact, site.phone, site.code, site.opened_on.isoformat()),
    ]
