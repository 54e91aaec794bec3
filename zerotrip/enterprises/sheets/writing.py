"""Cells of workbooks and lists that are written for others to open."""

from __future__ import annotations

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or for another cell."""


def defused(cell: str) -> str:
    """The text of a cell as no spreadsheet can take it for a formula: an apostrophe goes first.

    Full-width forms of the signs count too, which some programs read alike; characters that no
    workbook can hold are left out.
    """
    text = ILLEGAL_CHARACTERS_RE.sub("", cell)
    begins = text.lstrip(" ").translate(_NARROW)
    return f"'{text}" if begins.startswith(DANGEROUS) else text


_NARROW = str.maketrans("＝＋－＠", "=+-@")
