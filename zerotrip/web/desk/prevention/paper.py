"""Figures on paper: a title, what they are of, tables; A4, as PDF, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zerotrip import prevention
from zerotrip.web.requests import paper_language
from zerotrip.web.templatetags.show import stamp

if TYPE_CHECKING:
    from zerotrip.web.requests import Request

PAPER = "figures.typ"


@dataclass(frozen=True, slots=True)
class Part:
    """A table of figures; of each row the first cell is a name."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    """Below it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed."""

    title: str
    facts: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    note: str = ""


def told(number: int | None) -> str:
    """A number as it is printed: one that is not known is a dash."""
    return "—" if number is None else f"{number:,}"


def printed(sheet: Sheet, name: str, request: Request) -> HttpResponse:
    """The sheet as PDF, to be looked at, with who printed it and when at its foot."""
    from zerotrip.licences.printing import render  # slow to load, seldom needed

    data = asdict(sheet) | {
        "language": paper_language(),
        "as_of": _("%(name)s 打印于 %(at)s") % {"name": request.actor.name, "at": stamp(request.now)},
        "none": _("没有。"),
    }
    pdf = render({PAPER: _template()}, PAPER, data, at=request.now)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=utf-8''{quote(name)}"
    answer["Cache-Control"] = "private, no-store"
    return answer


@cache
def _template() -> str:
    return (Path(prevention.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")
