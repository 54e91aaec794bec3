"""Industries: 国民经济行业分类 GB/T 4754-2017, four levels, as data.

A section (门类) is a letter, a division (大类) two digits, a group (中类) three, a class (小类) four. An industry
is written with or without its letter (``C3921``, ``3921``); its path is ``/C/39/392/3921/``, so that "lies in"
is a prefix match, as with areas. What the data rest on, and what is missing from them, stands at their head.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

STANDARD = "GB/T 4754-2017"

_WRITTEN = re.compile(r"[A-T]?[0-9]{2,4}|[A-T]")


class Level(IntEnum):
    """How far down an industry lies, by the length of its code."""

    SECTION = 1
    DIVISION = 2
    GROUP = 3
    CLASS = 4


class Sector(models.TextChoices):
    """The three sectors of the economy (三次产业划分规定, 国家统计局 2018)."""

    PRIMARY = "primary", _("第一产业")
    SECONDARY = "secondary", _("第二产业")
    TERTIARY = "tertiary", _("第三产业")


_SECTORS = {
    "A": Sector.PRIMARY,
    "B": Sector.SECONDARY,
    "C": Sector.SECONDARY,
    "D": Sector.SECONDARY,
    "E": Sector.SECONDARY,
}
_SUPPORTING = frozenset({"05", "11", "43"})
"""Professional and support activities of sections A, B and C, which the rules count as services."""


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry of the standard: its bare code (no letter before digits), names and place in the tree."""

    code: str
    name: str
    name_en: str
    path: str

    @property
    def level(self) -> Level:
        """Section, division, group or class."""
        return Level(len(self.code))

    @property
    def section(self) -> str:
        """The letter of its section."""
        return self.path[1]

    @property
    def written(self) -> str:
        """The code as it is usually written, with the letter: ``C3921``."""
        return self.code if self.level is Level.SECTION else f"{self.section}{self.code}"

    @property
    def parent(self) -> str | None:
        """The code one level up; None of a section."""
        steps = self.path.strip("/").split("/")
        return steps[-2] if len(steps) > 1 else None

    @property
    def label(self) -> str:
        """Its name in the language of the page; below the divisions there is the Chinese one alone."""
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=1)
def _tree() -> dict[str, Industry]:
    text = (files(__name__) / "gbt4754_2017.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    tree: dict[str, Industry] = {}
    section = ""
    for row in csv.DictReader(lines):
        code = row["code"]
        section = code if code.isalpha() else section
        steps = [section, *(code[:length] for length in range(2, len(code) + 1))]
        tree[code] = Industry(code, row["name"], row["name_en"], f"/{'/'.join(steps)}/")
    return tree


def bare(written: str) -> str:
    """A written code without what surrounds it: no letter before digits, no spaces, capital letters."""
    code = written.strip().upper()
    return code[1:] if len(code) > 1 and code[0].isalpha() else code


def industry(written: str) -> Industry | None:
    """The industry with this code, written ``3921``, ``C3921`` or ``C``; None when the standard has none.

    A letter that is not that of the section is no slip to be overlooked: ``F3921`` is unknown.
    """
    code = written.strip().upper()
    if not _WRITTEN.fullmatch(code):
        return None
    found = _tree().get(bare(code))
    return found if found is not None and code in (found.code, found.written) else None


def industries(level: Level | None = None, *, under: str = "") -> list[Industry]:
    """All industries in the order of the standard, of one level when given, in the one ``under`` when given."""
    return list(_inside(level, under))


@lru_cache(maxsize=64)
def _inside(level: Level | None, under: str) -> tuple[Industry, ...]:
    root = industry(under) if under else None
    if under and root is None:
        return ()
    inside = root.path if root else "/"
    return tuple(
        one for one in _tree().values() if one.path.startswith(inside) and (level is None or one.level is level)
    )


def path_of(written: str) -> str:
    """The path of an industry, ``/C/39/392/3921/``; empty when the standard has none with this code."""
    found = industry(written)
    return found.path if found else ""


def at_path(path: str) -> Industry | None:
    """The industry a path ends in; None when it is no path of the standard."""
    found = _tree().get(path.rstrip("/").rpartition("/")[2])
    return found if found is not None and found.path == path else None


def ancestors(written: str) -> list[Industry]:
    """The industry and all it lies in, widest first; empty when the standard has none with this code."""
    return [_tree()[step] for step in path_of(written).strip("/").split("/") if step]


def sector(written: str) -> Sector | None:
    """The sector an industry belongs to; None when unknown.

    Divisions 05, 11 and 43 count as services though their sections do not (三次产业划分规定, 2018). Of section
    A, B or C as a whole the sector of its greater part is said.
    """
    found = industry(written)
    if found is None:
        return None
    return Sector.TERTIARY if found.code[:2] in _SUPPORTING else _SECTORS.get(found.section, Sector.TERTIARY)


def search(text: str, *, limit: int = 20) -> list[Industry]:
    """Industries whose code begins with ``text`` or whose name holds it: the same name first, then those that
    begin with it, then the others; wide before narrow."""
    wanted = text.strip()
    if not wanted:
        return []
    code, folded = bare(wanted), wanted.casefold()
    found = [one for one in _tree().values() if one.code.startswith(code) or _named(one, folded)]
    return sorted(found, key=lambda one: (_distance(one, code, folded), one.level))[:limit]


def _named(one: Industry, folded: str) -> bool:
    return folded in one.name.casefold() or folded in one.name_en.casefold()


def _distance(one: Industry, code: str, folded: str) -> int:
    names = [name for name in (one.name.casefold(), one.name_en.casefold()) if name]
    if one.code == code or folded in names:
        return 0
    return 1 if one.code.startswith(code) or any(name.startswith(folded) for name in names) else 2
