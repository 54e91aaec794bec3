"""The demo's figures: three subdistricts and their communities over two years and a quarter. All made up.

The first quarter of the first subdistrict is the one of the story: fixed-asset investment 1.85, industrial
output 2.08, sales 48.88 and tax 3.00 (亿元), up by 22, 5, 13 and 10 per cent. Last year's figures are kept to
万元, so that the growth worked out of them is the growth that was published.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.indicators.actions import Aimed, Entered
    from zerotrip.parties.access import Actor

DISTRICT = "/370100000000/370199000000/"
FIRST, SECOND, THIRD = (f"{DISTRICT}37019900{number}000/" for number in (1, 2, 3))
COMMUNITIES = {
    FIRST: (("370199001001", "0.62"), ("370199001002", "0.38")),
    SECOND: (("370199002001", "0.27"), ("370199002002", "0.73")),
    THIRD: (("370199003001", "1"),),
}
"""The communities of each subdistrict, and what share of its figures is theirs."""

STORY = {
    "fixed-asset-investment": ("1.85", "1.5164", "22"),
    "industrial-output": ("2.08", "1.9810", "5"),
    "trade-sales": ("48.88", "43.2566", "13"),
    "tax": ("3.00", "2.7273", "10"),
}
"""Of the first subdistrict: the first quarter, the one of the year before, the growth as published."""

OTHERS = {
    SECOND: {"fixed-asset-investment": ("6.42", "5.1"), "industrial-output": ("31.75", "3.4"),
             "trade-sales": ("12.30", "-2.6"), "tax": ("4.86", "6.2")},
    THIRD: {"fixed-asset-investment": ("0.94", "-7.5"), "industrial-output": ("0.66", "1.8"),
            "trade-sales": ("3.15", "8.9"), "tax": ("0.41", "2.3")},
}  # fmt: skip
"""The first quarter of the others, and by how many per cent it grew."""

PACE = (Decimal(1), Decimal("2.24"), Decimal("3.41"), Decimal("4.75"))
"""What a year has brought by the end of each quarter, in first quarters."""
EARLIER = {
    "fixed-asset-investment": ("0.88", "0.97", "1.04"), "industrial-output": ("0.95", "0.91", "0.99"),
    "trade-sales": ("0.93", "1.01", "0.90"), "tax": ("0.92", "0.96", "1.02"),
}  # fmt: skip
"""What the year before last was of last year, in each subdistrict."""
FIRMS = {FIRST: (118, 112, 105), SECOND: (96, 94, 91), THIRD: (21, 21, 20)}
"""Above-scale firms in the first quarter of this year, last year and the year before."""
PARTS = {
    "trade-sales": (("51", "0.58"), ("52", "0.33"), ("61", "0.03"), ("62", "0.06")),
    "industrial-output": (("26", "0.22"), ("34", "0.47"), ("39", "0.31")),
}
"""How figures divide among industries."""
TARGETS = {
    FIRST: {"fixed-asset-investment": "8.80", "industrial-output": "9.60", "trade-sales": "228.00", "tax": "13.80"},
    SECOND: {"fixed-asset-investment": "30", "industrial-output": "152", "trade-sales": "62", "tax": "23"},
    THIRD: {"fixed-asset-investment": "5.00", "industrial-output": "3.20", "trade-sales": "15.50", "tax": "2.00"},
}  # fmt: skip
SOURCE = "演示数据，虚构"
FIRST_REPORTED = Decimal("4.6120")
"""The tax of the second subdistrict last year, before it was corrected."""


def story_year(today: date) -> int:
    """The year whose first quarter is the one of the story: the last that is over."""
    return today.year if today.month > 3 else today.year - 1


def load(*, by: Actor, at: datetime) -> None:
    """Enter everything, as the statistics bureau of the demo, as of ``at``."""
    from zerotrip.indicators import actions

    year = story_year(at.date())
    actions.record(list(_figures(year)), by=by, at=at - timedelta(days=30))
    actions.aim(list(_targets(year)), by=by, at=at - timedelta(days=30))
    actions.record(
        [_entered("tax", SECOND, year - 1, 1, Decimal("4.5763"))],
        reason="税务部门年度清算后核减（演示）",
        by=by,
        at=at - timedelta(days=20),
    )


def _figures(year: int) -> Iterator[Entered]:
    for path in (FIRST, SECOND, THIRD):
        for indicator, quarters in _series(path, year).items():
            published = STORY[indicator][2] if path == FIRST and indicator in STORY else None
            for (of, number), value in quarters.items():
                told = published if (of, number) == (year, 1) else None
                first = FIRST_REPORTED if (indicator, path, of, number) == ("tax", SECOND, year - 1, 1) else value
                yield _entered(indicator, path, of, number, first, published=told)
                yield from _of_communities(indicator, path, of, number, value)
                yield from _of_industries(indicator, path, of, number, value)


def _series(path: str, year: int) -> dict[str, dict[tuple[int, int], Decimal]]:
    """The figures of a subdistrict by indicator, year and quarter."""
    found = {indicator: _quarters(*_firsts(path, indicator), earlier(indicator, path), year) for indicator in STORY}
    now, last, before = FIRMS[path]
    firms: dict[tuple[int, int], int] = {(year, 1): now}
    for quarter in range(1, 5):
        firms[(year - 1, quarter)] = last + (now - last) * (quarter - 1) // 4
        firms[(year - 2, quarter)] = before + (last - before) * (quarter - 1) // 4
    found["above-scale-firms"] = {key: Decimal(value) for key, value in firms.items()}
    return found


def _firsts(path: str, indicator: str) -> tuple[Decimal, Decimal]:
    """This year's first quarter and last year's."""
    if path == FIRST:
        now, last, _published = STORY[indicator]
        return Decimal(now), Decimal(last)
    now, growth = OTHERS[path][indicator]
    return Decimal(now), _kept(Decimal(now) / (1 + Decimal(growth) / 100))


def earlier(indicator: str, path: str) -> Decimal:
    """What the year before last was of last year."""
    return Decimal(EARLIER[indicator][(FIRST, SECOND, THIRD).index(path)])


def _quarters(now: Decimal, last: Decimal, before: Decimal, year: int) -> dict[tuple[int, int], Decimal]:
    found = {(year, 1): now}
    for quarter, pace in enumerate(PACE, 1):
        found[(year - 1, quarter)] = _kept(last * pace)
        found[(year - 2, quarter)] = _kept(last * before * (pace - Decimal(quarter - 1) / 100))
    return found


def _of_communities(indicator: str, path: str, year: int, number: int, value: Decimal) -> Iterator[Entered]:
    """The figures of the communities, which add up to the subdistrict's."""
    left, shares = value, COMMUNITIES[path]
    for place, (code, share) in enumerate(shares, 1):
        whole = indicator == "above-scale-firms"
        drift = 1 if whole else 1 + Decimal(year % 4) / 100
        part = left if place == len(shares) else _kept(value * Decimal(share) * drift, places=0 if whole else 4)
        left -= part
        yield _entered(indicator, f"{path}{code}/", year, number, part)


def _of_industries(indicator: str, path: str, year: int, number: int, value: Decimal) -> Iterator[Entered]:
    left, parts = value, PARTS.get(indicator, ())
    for place, (industry, share) in enumerate(parts, 1):
        # Industries do not all grow alike: the last takes what the others leave.
        drift = Decimal(1) + Decimal(place - 2) * Decimal(year % 3) / 250
        part = left if place == len(parts) else _kept(value * Decimal(share) * drift)
        left -= part
        yield _entered(indicator, path, year, number, part, industry=industry)


def _entered(
    indicator: str,
    path: str,
    year: int,
    number: int,
    value: Decimal,
    *,
    industry: str = "",
    published: str | None = None,
) -> Entered:
    from zerotrip.indicators.actions import Entered
    from zerotrip.indicators.figures import Key
    from zerotrip.indicators.models import Basis

    return Entered(
        place=f"{indicator} {path} {year}-{number} {industry}",
        key=Key(indicator, path, industry, year, number),
        value=value,
        published=Decimal(published) if published else None,
        basis=Basis.UNSTATED if published else "",
        source=SOURCE,
    )


def _targets(year: int) -> Iterator[Aimed]:
    from zerotrip.indicators.actions import Aimed

    for path, aims in TARGETS.items():
        for indicator, value in aims.items():
            yield Aimed(f"{indicator} {path}", indicator, path, year, Decimal(value), SOURCE)


def _kept(value: Decimal, places: int = 4) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places))
