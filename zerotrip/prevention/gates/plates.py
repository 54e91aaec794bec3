"""Number plates: brought into one form; what is not written as plates are is kept, and marked."""

from __future__ import annotations

import re
import unicodedata

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_ORDINARY = re.compile(rf"^[{PROVINCES}][A-HJ-Z][A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳领]$")
_ELECTRIC = re.compile(rf"^[{PROVINCES}][A-HJ-Z](?:[A-HJK][A-HJ-NP-Z0-9][0-9]{{4}}|[0-9]{{5}}[A-HJK])$")
_MISSION = re.compile(r"^使[0-9]{6}$")
LONGEST = 20


def normal(typed: str) -> str:
    """A plate without spaces, dots and dashes, full-width letters plain, small ones large, cut at 20.

    ``鲁ａ·12345`` → ``鲁A12345``. Characters that stand on no plate stay: what was read is what was read.
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(char for char in text if char.isalnum())[:LONGEST]


def is_odd(plate: str) -> bool:
    """Whether a normalised plate is not as those of cars are written (GA 36): temporary, foreign, misread."""
    return not (_ORDINARY.match(plate) or _ELECTRIC.match(plate) or _MISSION.match(plate))
