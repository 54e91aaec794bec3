"""What the certificate fonts can write, and what stands for the rest."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
"""Noto Serif SC under the SIL Open Font License: the regular weight whole, the bold one for headings."""

_NUMERALS = "〇一二三四五六七八九"


@lru_cache(maxsize=1)
def _ranges() -> list[tuple[int, int]]:
    """First and last code points of the runs the regular weight has, from its ``cmap`` (format 12)."""
    data = (FONTS / "NotoSerifSC-Regular.ttf").read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * n) for n in range(tables))
    cmap = next(offset for tag, _checksum, offset, _length in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    places = {cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * n)[0] for n in range(count)}
    full = next(place for place in sorted(places) if struct.unpack_from(">H", data, place)[0] == 12)
    (groups,) = struct.unpack_from(">I", data, full + 12)
    return [struct.unpack_from(">II", data, full + 16 + 12 * n) for n in range(groups)]


@lru_cache(maxsize=8192)
def _has(character: str) -> bool:
    ranges, code = _ranges(), ord(character)
    place = bisect_right(ranges, (code, 0x110000)) - 1
    return place >= 0 and ranges[place][0] <= code <= ranges[place][1]


def writable(text: str) -> str:
    """``text`` in characters the fonts have: another one is shown by its code, as ［U+30EDE］.

    A name is never silently changed. Control characters are spaces, line ends stay.
    """
    return "".join(_writable(character) for character in text.replace("\r\n", "\n"))


def _writable(character: str) -> str:
    if character == "\n" or (character.isprintable() and _has(character)):
        return character
    if character.isspace() or (not character.isprintable() and ord(character) < 0xA0):
        return " "
    return f"［U+{ord(character):04X}］"


def writable_all(value: Any) -> Any:
    """``writable`` on every string of nested lists and mappings; other values as they are."""
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, dict):
        return {key: writable_all(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [writable_all(part) for part in value]
    return value


def han_year(year: int) -> str:
    """The digits of a year one by one: 二〇二六."""
    return "".join(_NUMERALS[int(digit)] for digit in str(year))


def han_number(number: int) -> str:
    """A number from 1 to 99 in Chinese numerals, as in dates: 二十三."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _NUMERALS[tens]) + "十" if tens else ""
    return head + (_NUMERALS[ones] if ones else "")
