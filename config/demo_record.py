"""What the demo's district knows of its enterprises: facts from several sources, months of figures, a workbook.

All of it is made up; the numbers of a firm follow from its place in the list, so that they are the same each time.
"""

from __future__ import annotations

import io
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from zerotrip.facts.actions import Statement
    from zerotrip.parties.models import Party, User

FIRST_AREA, SECOND_AREA = "370199001000", "370199002000"
MONTHS = 25
"""Months of figures: two years and the month to compare the first with."""

FIRMS = (
    ("济南示例精密电机有限公司", "C3812", 320, 5200, "云景智造园"),
    ("济南示例微电子有限公司", "C3973", 1450, 61000, "云景智造园"),
    ("济南示例泵业有限公司", "C3441", 86, 1750, "云景智造园"),
    ("济南示例数控机床有限公司", "C3421", 240, 4100, "云景智造园"),
    ("济南示例包装印刷有限公司", "C2319", 45, 620, ""),
    ("济南示例食品有限公司", "C1411", 130, 2600, ""),
    ("济南示例生物医药有限公司", "C2761", 210, 9800, "海棠生物孵化器"),
    ("济南示例建筑工程有限公司", "E4710", 380, 8600, ""),
    ("济南示例装饰工程有限公司", "E5011", 60, 900, ""),
    ("济南示例建材批发有限公司", "F5165", 24, 6800, ""),
    ("济南示例冷链食品批发有限公司", "F5124", 38, 4900, ""),
    ("济南示例生活超市有限公司", "F5212", 150, 7400, "南湖广场"),
    ("济南示例便利连锁有限公司", "F5213", 64, 1320, "南湖广场"),
    ("济南示例图书有限公司", "F5243", 8, 92, "南湖广场"),
    ("济南示例物流有限公司", "G5431", 96, 3300, ""),
    ("济南示例仓储有限公司", "G5920", 31, 1100, ""),
    ("济南示例大酒店有限公司", "H6110", 165, 2450, "南湖广场"),
    ("济南示例餐饮管理有限公司", "H6210", 74, 860, "南湖广场"),
    ("济南示例软件有限公司", "I6513", 118, 3900, "海棠生物孵化器"),
    ("济南示例数据服务有限公司", "I6450", 22, 540, ""),
    ("济南示例物业管理有限公司", "K7020", 310, 1800, ""),
    ("济南示例人力资源有限公司", "L7263", 41, 1260, ""),
    ("济南示例检测技术有限公司", "M7452", 57, 980, "海棠生物孵化器"),
    ("济南示例保洁服务有限公司", "O8211", 88, 420, ""),
)
"""Name, industry, staff, revenue of last year in 万元, carrier."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def load(people: Mapping[str, tuple[User, Party]], *, at: datetime) -> None:
    """Put the applicants' firms where they are, say what is known of them, and bring in others from a workbook."""
    from zerotrip.enterprises import actions
    from zerotrip.facts.queries import day_of
    from zerotrip.parties.access import SYSTEM

    for place, (_account, firm) in enumerate(people.values()):
        area = (SECOND_AREA, FIRST_AREA)[place % 2]
        actions.place(firm.pk, area=area, reason="演示数据", by=SYSTEM, at=at)
    _workbook(at=at)
    firms = [firm for _account, firm in people.values()]
    for place, firm in enumerate(firms):
        _say(firm, statements_of(place, day_of(at)), at=at)


def uscc(serial: int) -> str:
    """A USCC with a valid check character (GB 32100), of a district that does not exist."""
    body = f"91370199DEM{serial:06}"
    total = sum(_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _ALPHABET[-total % 31]


def _workbook(*, at: datetime) -> None:
    """The others, as the subdistrict handed them in."""
    from openpyxl import Workbook

    from zerotrip.enterprises import actions
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    last_year = at.year - 1
    book = Workbook(write_only=True)
    page = book.create_sheet("企业")
    head = (
        "统一社会信用代码",
        "企业名称",
        "区划",
        "所属行业",
        "从业人员（人）",
        f"年营业收入（万元）{last_year}",
        "规模以上企业",
    )
    page.append([*head, "所在载体"])
    for place, (name, industry, staff, revenue, carrier) in enumerate(FIRMS):
        area = (FIRST_AREA, SECOND_AREA)[place % 2]
        page.append(
            [uscc(500 + place), name, area, industry, staff, revenue, "是" if revenue > 2000 else "否", carrier]
        )
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    clerk = actor_for(User.objects.get(email="window@demo.test"), at=at)
    key = uuid5(NAMESPACE_URL, "zerotrip:demo:enterprises")
    as_of = date(last_year, 12, 31)
    actions.hand_in(
        out,
        name="统计名录（演示）.xlsx",
        source="statistics",
        as_of=as_of,
        language="zh-hans",
        by=clerk,
        at=at,
        sheet_id=key,
    )
    actions.judge(key, at=at)
    actions.confirm(key, by=clerk, at=at)
    actions.take_over(key, at=at)


def _say(firm: Party, statements: list[Statement], *, at: datetime) -> None:
    from zerotrip.facts.actions import record
    from zerotrip.parties.access import SYSTEM

    key = uuid5(NAMESPACE_URL, f"zerotrip:demo:facts:{firm.uscc}")
    record(firm.pk, statements, by=SYSTEM, at=at, key=key, reason="演示数据")


INDUSTRIES = ("C3421", "L7221", "F5167", "F5212")


def statements_of(place: int, today: date) -> list[Statement]:
    """What is known of an applicant's firm: of one the sources differ, of another a figure is stale."""
    from zerotrip.facts.actions import Statement

    recent, last_year = today - timedelta(days=20), date(today.year - 1, 12, 31)
    scale = (40, 12, 1, 3)[place % 4]
    said = [
        Statement("industry", INDUSTRIES[place % 4], recent, "registry"),
        Statement("founded_on", f"{2009 + 3 * place}-05-18", recent, "registry"),
        Statement("foreign_invested", place == 0, recent, "registry"),
        Statement("staff", 9 * scale, recent, "insurance"),
        Statement("revenue", 130 * scale, last_year, "tax", unit="万元"),
        Statement("assets", 210 * scale, last_year, "statistics", unit="万元"),
        *months_of(scale, today, falling=place == 1),
    ]
    if place == 0:  # two offices, one day, two numbers
        said.append(Statement("staff", 9 * scale + 12, recent, "statistics"))
        said.append(Statement("staff", 9 * scale + 10, recent - timedelta(days=5), "self"))
    if place == 3:  # so long ago that it does not count
        said = [one for one in said if one.name != "staff"]
        said.append(Statement("staff", 9 * scale, today - timedelta(days=700), "insurance"))
    return said


def months_of(scale: int, today: date, *, falling: bool) -> Iterator[Statement]:
    """The figures of two years of months; ``falling``: much lower in the last three."""
    from zerotrip.facts.actions import Statement

    for back in range(1, MONTHS + 1):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        last = date(year, month + 1, monthrange(year, month + 1)[1])
        season = (8, 7, 10, 10, 11, 12, 11, 11, 12, 12, 13, 13)[month]
        trend = 60 if falling and back <= 3 else 100 + (MONTHS - back)
        revenue = scale * season * trend * 100
        yield Statement("monthly_revenue", revenue, last, "tax")
        yield Statement("monthly_tax", revenue * 6 // 100, last, "tax")
        yield Statement("monthly_staff", 9 * scale + (back % 3), last, "insurance")
        if scale >= 40:
            yield Statement("monthly_output", revenue * 108 // 100, last, "statistics")
