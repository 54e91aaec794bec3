"""The demo's facts and enterprises, so that the policy supermarket has something to say. All of it is invented.

The demo firms get facts of several sources and days, one of them stale and one contradictory; thirty more
enterprises stand in the subdistricts; two policies and an amendment are made up whose days lie around today.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.parties.models import Party, User

PACK = "jinan"
"""The pack the invented policies count as being of."""
MADE_UP = "demo"

TRADES = (
    ("面馆", "6210", 6, 90, 40),
    ("火锅店", "6210", 24, 420, 160),
    ("茶饮店", "6231", 4, 60, 20),
    ("便利店", "5212", 5, 120, 45),
    ("服装店", "5232", 3, 70, 30),
    ("家电卖场", "5271", 46, 3600, 1500),
    ("宾馆", "6110", 38, 880, 2600),
    ("旅行社", "7291", 9, 210, 80),
    ("货运公司", "5431", 55, 2800, 1900),
    ("软件公司", "6513", 42, 2600, 1800),
    ("物业公司", "7020", 120, 1500, 900),
    ("精密机械厂", "3421", 180, 9600, 8800),
    ("食品加工厂", "1353", 64, 4100, 3300),
    ("印刷厂", "2319", 28, 1100, 1400),
    ("建筑公司", "4710", 95, 7200, 5400),
)
"""Name, industry, staff, revenue and assets of last year in ten thousand yuan."""
PLACES = ("370199001000", "370199002000", "370199003000")


def load(people: dict[str, tuple[User, Party]], *, now: datetime) -> None:
    """State the facts of the demo's firms, register the others, and publish what is made up, as of ``now``."""
    firms = [firm for _account, firm in people.values()]
    for firm in firms:
        _state(firm, _of_firm(firm, firms.index(firm), now.date()), now=now)
    for at, firm in enumerate(_more(now)):
        _state(firm, _of_trade(at, now.date()), now=now)
    _publish(now)


def _state(firm: Party, said: Iterator[tuple[str, Any, date, str]], *, now: datetime) -> None:
    """Write down those of these facts that the loaded packs know."""
    from zerotrip.facts.actions import Statement, record
    from zerotrip.facts.queries import vocabulary
    from zerotrip.parties.access import SYSTEM

    words = vocabulary()
    known = [Statement(name, value, day, source) for name, value, day, source in said if name in words.facts]
    if known:
        record(firm.pk, known, by=SYSTEM, at=now, key=uuid5(NAMESPACE_URL, f"demo-facts:{firm.pk}"))


def _year_end(today: date) -> date:
    return date(today.year - 1, 12, 31)


def _of_firm(firm: Party, at: int, today: date) -> Iterator[tuple[str, Any, date, str]]:
    """A shop that is known well, and others of which less is."""
    year = _year_end(today)
    quarter = today - timedelta(days=60)
    industry, staff = (("7212", 86), ("4710", 240), ("5175", 7), ("5212", 12))[at % 4]
    yield "industry", industry, date(today.year - 6, 5, 6), "registry"
    yield "entity_type", "company", date(today.year - 6, 5, 6), "registry"
    yield "founded_on", f"{today.year - 6}-05-06", date(today.year - 6, 5, 6), "registry"
    yield "staff", staff, quarter, "insurance"
    yield "foreign_invested", False, date(today.year - 6, 5, 6), "registry"
    yield "blacklisted", False, quarter, "department"
    if at % 4 != 3:
        return
    yield "revenue", 4_200_000, year, "tax"
    yield "assets", 1_600_000, year, "tax"
    yield "taxpayer_type", "small-scale", year, "tax"
    yield "monthly_rent", 9_000, quarter, "self"
    yield "landlord", "private", quarter, "self"
    yield "unemployment_premium", 5_400, year, "insurance"
    yield "layoff_rate", 0, date(today.year - 3, 12, 31), "insurance"  # stale by now
    yield "past_peak_revenue", 3_900_000, year, "tax"  # and two bureaus that do not agree
    yield "past_peak_revenue", 4_500_000, year, "statistics"


def _of_trade(at: int, today: date) -> Iterator[tuple[str, Any, date, str]]:
    """The facts of one of the other enterprises; of some a figure is missing."""
    _name, industry, staff, revenue, assets = TRADES[at % len(TRADES)]
    more = 1 if at < len(TRADES) else 2
    year, lately = _year_end(today), today - timedelta(days=30 + at)
    yield "industry", industry, date(today.year - 4, 3, 1 + at % 28), "registry"
    yield "entity_type", "company", date(today.year - 4, 3, 1 + at % 28), "registry"
    yield "founded_on", f"{today.year - 4}-03-{1 + at % 28:02}", date(today.year - 4, 3, 1 + at % 28), "registry"
    if at % 6 != 5:
        yield "staff", staff * more, lately, "insurance"
    if at % 7 != 3:
        yield "revenue", revenue * more * 10_000, year, "tax"
        yield "assets", assets * more * 10_000, year, "tax"
    if at % 4 != 2:
        yield "layoff_rate", "0" if at % 3 else "0.12", year, "insurance"
        yield "unemployment_premium", staff * more * 450, year, "insurance"
    if at % 5 == 0:
        yield "monthly_rent", 4_000 + 500 * at, lately, "subdistrict"


def _more(now: datetime) -> list[Party]:
    """The other enterprises, registered."""
    from zerotrip.parties.models import Area, Party, PartyKind

    paths = dict(Area.objects.filter(pk__in=PLACES).values_list("pk", "path"))
    found = []
    for at in range(2 * len(TRADES)):
        path = paths.get(PLACES[at % len(PLACES)])
        if path is None:
            continue
        name = f"济南示范{'甲乙'[at // len(TRADES)]}号{TRADES[at % len(TRADES)][0]}有限公司"
        firm, _made = Party.objects.get_or_create(
            uscc=_uscc(at),
            defaults={"kind": PartyKind.ENTERPRISE, "name": name, "area_path": path, "created_at": now},
        )
        found.append(firm)
    return found


_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _uscc(at: int) -> str:
    """A code with a valid check sign (GB 32100-2015), of a district that does not exist."""
    body = f"91370199DEM{700 + at:06}"
    total = sum(_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _SIGNS[-total % 31]


def _publish(now: datetime) -> None:
    from django.db import transaction

    with transaction.atomic():
        _publish_all(now)


def _publish_all(now: datetime) -> None:
    """A policy about to end, one that was had already, and an amendment that waits to be published."""
    from zerotrip.parties.access import SYSTEM
    from zerotrip.policies import loading, queries
    from zerotrip.policies.spec import PolicySpec

    today = now.date()
    common = {
        "region": {"name": {"zh": "示范区", "en": "Demonstration District"}, "code": "370199"},
        "issuer": {"zh": "示范区商务局（虚构）", "en": "Commerce bureau of the district (invented)"},
        "issued": str(today.year),
        "department": "approval-bureau",
        "sources": ["示范区自拟（虚构）"],
        "notes": [
            {"zh": "本政策为演示而编，不产生法律效力。", "en": "Made up for the demonstration; no legal effect."}
        ],
    }
    made_up = (
        {
            "id": "demo-year-end-sales",
            "name": {"zh": "年末促消费补助（虚构）", "en": "Year-end sales subsidy (invented)"},
            "summary": {
                "zh": "零售、餐饮小微企业年末促销，一次性补助 3000 元。",
                "en": "3,000 yuan for small shops.",
            },
            "shelves": ["trades"],
            "keywords": ["促消费", "零售", "餐饮"],
            "valid": {"since": str(date(today.year, 1, 1)), "until": str(today + timedelta(days=18))},
            "clauses": [
                {
                    "id": "trade",
                    "text": {"zh": "属于零售业或餐饮业", "en": "In retail or catering"},
                    "when": {"fact": "industry", "within": ["52", "62"]},
                }
            ],
            "benefit": {
                "kind": "payment",
                "gives": {"zh": "一次性补助 3000 元", "en": "3,000 yuan once"},
                "tiers": [{"id": "once", "name": {"zh": "促销补助", "en": "Subsidy"}, "amount": "3000"}],
            },
            "apply": {"how": {"zh": "向所在街道申请", "en": "At the subdistrict"}},
            **common,
        },
        {
            "id": "demo-catering-start",
            "name": {"zh": "小餐饮开业帮扶（虚构）", "en": "Help for new small restaurants (invented)"},
            "summary": {
                "zh": "取得小餐饮登记的，上门指导一次。",
                "en": "A visit for those registered as small catering.",
            },
            "shelves": ["startup"],
            "keywords": ["小餐饮", "开业"],
            "benefit": {"kind": "service", "gives": {"zh": "上门指导一次", "en": "One visit"}},
            "apply": {
                "how": {"zh": "随小餐饮登记办理", "en": "With the registration"},
                "service": "small-catering",
            },
            **common,
        },
    )
    for definition in made_up:
        loading.publish(PolicySpec.model_validate(definition), MADE_UP, by=SYSTEM, at=now)
    current = queries.published().get("sf26-steady-trades")
    if current is not None:
        spec = queries.spec_of(current)
        clauses = tuple(
            clause.model_copy(update={"when": {"fact": "staff", "at_most": 10}}) if clause.id == "size" else clause
            for clause in spec.clauses
        )
        loading.propose_one(spec.model_copy(update={"clauses": clauses}), PACK, by=SYSTEM, at=now)
