"""Codes of classifications as keys: what lies inside a place has a key that begins with the place's own."""

from __future__ import annotations

import re

_AREA = re.compile(r"(?:\d{2}|\d{4}|\d{6}|\d{9}|\d{12}|\d{15})\Z")
_ENDS = (2, 4, 6, 9, 12)


def area_key(code: str) -> str | None:
    """The digits of a division that tell: ``370100000000`` is ``3701``, Jinan; None for no such code.

    Province 2 digits, city 4, district 6 (GB/T 2260), subdistrict 9, community 12 (统计用区划代码), grid 15.
    """
    if not _AREA.match(code):
        return None
    if len(code) == 15:
        return code
    for end in _ENDS:
        if end <= len(code) and not code[end:].strip("0"):
            return code[:end]
    return None


def area_of_path(path: str) -> str:
    """The key of the area a path of ours leads to; empty for none."""
    code = path.rstrip("/").rpartition("/")[2]
    return area_key(code) or ""
