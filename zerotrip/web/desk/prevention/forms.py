"""What forms of prevention have in common: areas and places to choose from, and what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_choices, area_names
from zerotrip.web.requests import Request, summary_of, typed

if TYPE_CHECKING:
    from collections.abc import Collection

    from zerotrip.errors import Invalid
    from zerotrip.parties.access import Actor


def areas_of(actor: Actor) -> list[tuple[str, str, int]]:
    """The areas somebody works in, each with those inside it: code, name, depth."""
    return areas_inside({seat.area_path for seat in actor.seats})


def areas_inside(paths: Collection[str]) -> list[tuple[str, str, int]]:
    """Some areas, each with those inside it: code, name, depth."""
    found: dict[str, tuple[str, str, int]] = {}
    names = area_names({code_of(path) for path in paths})
    for path in sorted(paths):
        code = code_of(path)
        found.setdefault(code, (code, names.get(code, ""), 0))
        for choice in area_choices(path):
            found.setdefault(choice[0], choice)
    return list(found.values())


def refused_with(refused: Invalid | None) -> dict[str, Any]:
    """What a form that was refused says, by field and on top."""
    problems = refused.problems if refused else {}
    return {"refused": refused, "problems": problems, "summary": summary_of(refused)}


def number(request: Request, name: str) -> int | None:
    """A small number that was typed; None for what is none."""
    text = typed(request, name, most=4)
    return int(text) if text.isascii() and text.isdigit() else None
