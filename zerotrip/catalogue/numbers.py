"""Schemes of numbers on certificates: ``济示备字〔{year}〕{seq:04} 号``."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, StringConstraints

if TYPE_CHECKING:
    from datetime import date

_WIDTHS = {f"0{width}" for width in range(1, 10)} | {""}
_NAMES = {"year", "month", "seq"}


def fault_in(scheme: str) -> str:
    """Why ``scheme`` is no scheme, or the empty string. It needs ``{seq}`` once, and ``{year}``:
    sequences begin anew each year, and a number must never come twice."""
    try:
        parts = [part for part in Formatter().parse(scheme) if part[1] is not None]
    except ValueError:
        return "braces"
    if any(name not in _NAMES or conversion for _text, name, _width, conversion in parts):
        return "name"
    if any(width and (name != "seq" or width not in _WIDTHS) for _text, name, width, _conversion in parts):
        return "width"
    names = [name for _text, name, _width, _conversion in parts]
    if names.count("seq") != 1:
        return "seq"
    return "" if "year" in names else "year"


def _require(scheme: str) -> str:
    if fault := fault_in(scheme):
        raise ValueError(fault)
    return scheme


NumberScheme = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_require)]


def write(scheme: str, *, day: date, seq: int) -> str:
    """The number ``seq`` of the scheme, dated ``day``. Sequences run through the calendar year."""
    return scheme.format(year=day.year, month=f"{day.month:02}", seq=seq)
