"""Which firms a round goes to: ticked, found by a search, or named line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.duties.actions.ordering import MOST
from zerotrip.enterprises import queries
from zerotrip.enterprises.sheets import reading
from zerotrip.errors import TooLarge
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import Party

if TYPE_CHECKING:
    from zerotrip.enterprises.queries import Search
    from zerotrip.parties.access import Actor

LOOKED_AT = 10
"""Rows of a workbook in which its headings are looked for."""
CODES = ("统一社会信用代码", "社会信用代码", "信用代码", "uscc", "code")
NAMES = ("企业名称", "单位名称", "名称", "工地名称", "施工单位", "name", "enterprise")


@dataclass(frozen=True)
class Found:
    """The firms some lines name, in the order of the lines, and the lines that name none, or several."""

    firms: list[Party]
    unknown: list[str]
    """No firm one may see is called so."""
    several: list[str]
    """More than one firm is called so: their codes tell them apart."""


def of_lines(text: str, actor: Actor) -> Found:
    """The firms named by USCC or by their whole name, a line each. Two queries, however many lines."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(lines) > MOST:
        raise TooLarge(_("一次最多 %(most)d 家企业，请分几次发起。") % {"most": MOST})
    codes = {line: line.upper() for line in lines if len(line) == 18 and line.isascii()}
    seen = queries.find(actor, queries.Search(), vocabulary())
    by_code = {firm.uscc: firm for firm in seen.filter(uscc__in=list(codes.values()))}
    names: dict[str, list[Party]] = {}
    for firm in seen.filter(name__in=[line for line in lines if line not in codes]):
        names.setdefault(firm.name, []).append(firm)
    firms: dict[UUID, Party] = {}
    unknown, several = [], []
    for line in lines:
        called = (
            names.get(line, [])
            if line not in codes
            else [by_code[code] for code in (codes[line],) if code in by_code]
        )
        if not called:
            unknown.append(line)
        elif len(called) > 1:
            several.append(line)
        else:
            firms[called[0].pk] = called[0]
    return Found(list(firms.values()), unknown, several)


def lines_of(path: Path) -> list[str]:
    """The codes or names in a workbook: the column headed so, else the first; of its first sheet.

    Raises TooLarge and WrongType as whatever reads workbooks.
    """
    with reading.opened(path) as book:
        rows = [[cell.text for cell in cells] for _number, cells in book.rows(width=40, last=MOST + LOOKED_AT)]
    top = rows[:LOOKED_AT]
    for wanted in (CODES, NAMES):
        for at, row in enumerate(top):
            for column, text in enumerate(row):
                if text.strip().lower() in wanted:
                    return _column(rows[at + 1 :], column)
    return _column(rows, 0)


def _column(rows: Iterable[list[str]], column: int) -> list[str]:
    return [row[column] for row in rows if column < len(row) and row[column]][:MOST]


def of_search(search: Search, actor: Actor) -> list[Party]:
    """The firms a search of the list finds, as far as one may see them; one more than a round may have at most."""
    return list(queries.find(actor, search, vocabulary())[: MOST + 1])


def of_keys(keys: Collection[UUID], actor: Actor) -> list[Party]:
    """The firms of these keys one may see."""
    seen = queries.find(actor, queries.Search(), vocabulary())
    return list(seen.filter(pk__in=list(keys)[: MOST + 1]))
