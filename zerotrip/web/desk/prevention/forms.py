"""What forms of prevention have in common: areas and places to choose from, and what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_choices, area_names
from zerotrip.web.requests import Request, typed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.errors import Invalid
    from zerotrip.parties.access import Actor


def today(request: Request) -> date:
    """The day in China."""
    return request.now.astimezone(CHINA).date()


def areas_of(actor: Actor) -> list[tuple[str, str, int]]:
    """The areas somebody works in, each with those inside it: code, name, depth."""
    found: dict[str, tuple[str, str, int]] = {}
    paths = sorted({seat.area_path for seat in actor.seats})
    names = area_names({code_of(path) for path in paths})
    for path in paths:
        code = code_of(path)
        found.setdefault(code, (code, names.get(code, ""), 0))
        for choice in area_choices(path):
            found.setdefault(choice[0], choice)
    return list(found.values())


def refused_with(refused: Invalid | None) -> dict[str, Any]:
    """What a form that was refused says, by field and on top."""
    problems = refused.problems if refused else {}
    summary = [{"text": text, "url": f"#{place}"} for place, texts in problems.items() for text in texts]
    return {"refused": refused, "problems": problems, "summary": summary}


def number(request: Request, name: str) -> int | None:
    """A small number that was typed; None for what is none."""
    text = typed(request, name, most=4)
    return int(text) if text.isascii() and text.isdigit() else None
