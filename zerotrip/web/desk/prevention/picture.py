"""The picture of the day (今日一图): what was due, done and missed, by measure and by grid, at any moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names
from zerotrip.prevention.events.rules import measures_for
from zerotrip.prevention.picture.lines import NUMBERS, Link, Part, sources
from zerotrip.web.charts import Series, lines
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention import paper
from zerotrip.web.desk.prevention.counted import address_of, asked_of
from zerotrip.web.desk.prevention.forms import areas_of
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.templatetags.show import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_stubs_ext import StrPromise

    from zerotrip.prevention.picture.lines import Asked, Line, Source
    from zerotrip.web.requests import Request

MOST_TILES = 240
"""More grids than that are shown as the areas right below the one that is open."""
MOST_PRINTED = 15
"""Grids on paper."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A grid, or an area: what was due in it, what of it was done."""

    name: str
    address: str
    due: int
    done: int

    @property
    def lacking(self) -> int:
        """What was not done."""
        return self.due - self.done

    @property
    def percent(self) -> int:
        """Hundredths that were done, rounded down."""
        return self.done * 100 // self.due if self.due else 100

    @property
    def shade(self) -> int:
        """How dark it is: the more is lacking, the darker; nothing lacking, no shade."""
        share = self.lacking * 100 / self.due if self.due else 0
        return 0 if not share else 1 + (share >= 5) + (share >= 20) + (share >= 50)


@require_GET
@during(None)
def show(request: Request) -> HttpResponse:
    """The board of one's area or of one inside it. Its trends, of many days, are asked for once it is there."""
    asked = asked_of(request)
    there = sources(measures_for(request.actor, on=asked.day))
    groups = _groups(there, asked)
    every = [line for _title, found in groups for line in found]
    context = {
        "groups": [(title, [_row(line) for line in found]) for title, found in groups],
        "sums": _sums(every),
        "tiles": _tiles(request, every, asked.area_path),
        "trends": [_trend(each, asked) for each in there if each.trend] if _wants_trends(request) else None,
        "at": asked.at,
        "past": asked.past,
        "area": asked.area_path,
        "code": code_of(asked.area_path),
        "area_name": area_names({code_of(asked.area_path)}).get(code_of(asked.area_path), ""),
        "up": _up(request, asked.area_path),
        "areas": areas_of(request.actor),
        "query": _query(request),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/picture.html", context)


@require_GET
@during(None)
def on_paper(request: Request) -> HttpResponse:
    """The board at a moment, on one page: its sums, its lines, and where most is lacking."""
    asked = asked_of(request)
    groups = _groups(sources(measures_for(request.actor, on=asked.day)), asked)
    every = [line for _title, found in groups for line in found]
    sums = _sums(every)
    code = code_of(asked.area_path)
    facts = [
        (_("区域"), area_names({code}).get(code, "") or _("我的辖区")),
        (_("截至"), stamp(asked.at)),
        (_("应做"), paper.told(sums["due"])),
        (_("已做"), f"{paper.told(sums['done'])} ({sums['percent']}%)"),
        (_("还在时限内"), paper.told(sums["open"])),
        (_("漏做"), paper.told(sums["missed"])),
    ]
    head = [pgettext("防控", "事项"), _("应做"), _("已做"), _("完成率"), _("还在时限内"), _("漏做")]
    parts = [paper.Part(str(title), head, [_printed(line) for line in found]) for title, found in groups]
    tiles = [tile for tile in _tiles(request, every, asked.area_path) if tile.lacking][:MOST_PRINTED]
    if tiles:
        rows = [
            [tile.name, paper.told(tile.due), paper.told(tile.done), f"{tile.percent}%", paper.told(tile.lacking)]
            for tile in tiles
        ]
        head = [_("区域"), _("应做"), _("已做"), _("完成率"), _("没做")]
        parts.append(paper.Part(_("差得最多的地方"), head, rows))
    sheet = paper.Sheet(_("今日一图"), facts, parts)
    return paper.printed(sheet, f"{_('今日一图')} {stamp(asked.at).replace(':', '')}.pdf", request)


def _wants_trends(request: Request) -> bool:
    return request.GET.get("trends") == "1"


def _printed(line: Line) -> list[str]:
    told = paper.told
    return [line.title, told(line.due), told(line.done), f"{line.percent}%", told(line.open), told(line.missed)]


def _groups(there: Iterable[Source], asked: Asked) -> list[tuple[StrPromise, list[Line]]]:
    """What each of some counts, those that have anything to say."""
    return [(each.title, found) for each in there if (found := list(each.lines(asked)))]


def _query(request: Request) -> str:
    """What is asked of the board, without its trends."""
    return urlencode({name: request.GET[name] for name in ("area", "at") if name in request.GET})


def _up(request: Request, area: str) -> str | None:
    """The area around the open one, as far as one works there; None where none is open."""
    if not area:
        return None
    above = area[: area.rstrip("/").rindex("/") + 1]
    return above if any(above.startswith(seat.area_path) for seat in request.actor.seats) else ""


def _row(line: Line) -> dict[str, Any]:
    """A line with the page of what it is made of, and behind each number the list of what it counts."""
    links = [(address_of(link), link.text) for link in line.links]
    return {
        "line": line,
        "link": links[0][0] if len(links) == 1 else "",
        "links": links if len(links) > 1 else [],
        "notes": [(note.text, address_of(note.link)) for note in line.notes],
        "numbers": {part.value: _number(line, part) for part in NUMBERS},
    }


def _number(line: Line, part: Part) -> dict[str, Any]:
    value = line.numbers[part]
    return {"value": value, "address": address_of(line.names.of(part)) if value else ""}


def _sums(every: Iterable[Line]) -> dict[str, int]:
    due = done = missed = 0
    for line in every:
        due, done, missed = due + line.due, done + line.done, missed + line.missed
    percent = done * 100 // due if due else 100
    return {"due": due, "done": done, "missed": missed, "open": due - done - missed, "percent": percent}


def _tiles(request: Request, every: Iterable[Line], area: str) -> list[Tile]:
    """The grids, those that lack most first; where there are too many, the areas right below the open one."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in every:
        for path, (due, done) in line.areas.items():
            found[path] = (found[path][0] + due, found[path][1] + done)
    if len(found) > MOST_TILES:
        found = _below(found, area or min(found, key=len)[:1])
    names = own_area_names(found)
    at = {"at": request.GET["at"]} if request.GET.get("at") else {}
    tiles = [
        Tile(names.get(path, code_of(path)), "?" + urlencode({"area": path, **at}), due, done)
        for path, (due, done) in found.items()
        if due and path != area
    ]
    return sorted(tiles, key=lambda tile: (tile.percent, -tile.lacking, tile.name))


def _below(found: Mapping[str, tuple[int, int]], area: str) -> dict[str, tuple[int, int]]:
    """The same, each area together with what lies in it: so far down that not too many are left."""
    deepest = max(path.count("/") for path in found)
    for depth in range(deepest - 1, area.count("/"), -1):
        sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for path, (due, done) in found.items():
            whole = "/".join(path.split("/")[:depth]) + "/"
            sums[whole] = (sums[whole][0] + due, sums[whole][1] + done)
        if len(sums) <= MOST_TILES:
            return sums
    return sums


def _trend(source: Source, asked: Asked) -> dict[str, Any]:
    """The last days of something, as a chart and the table behind it."""
    found = source.trend(asked) if source.trend else {}
    values = [(day, found.get(day)) for day in asked.days]
    labels = [date_format(day, "n/j") for day, _value in values]
    numbers = tuple(None if value is None else Decimal(value) for _day, value in values)
    unit = "%" if source.percent else ""
    known = [value for value in numbers if value is not None]
    told = {min(known), max(known), known[-1]} if known else set()  # written at their dots; all are in the table
    drawn = lines(
        labels,
        [Series("", numbers, strong=True)],
        shown=lambda value: f"{value:f}{unit}" if value in told else "",
    )
    return {
        "title": source.trend_title,
        "charts": drawn,
        "rows": [
            (day, "—" if value is None else f"{value}{unit}", _trend_address(source, asked.ending(day)))
            for day, value in values
        ],
        "any": any(value is not None for _day, value in values),
    }


def _trend_address(source: Source, asked: Asked) -> str:
    """What a number of a trend is of: its list; else the picture of that day."""
    return address_of(source.trend_link(asked) if source.trend_link else Link("desk-picture", query=asked.query))
