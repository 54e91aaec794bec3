"""The demo's offers and wants: firms of two subdistricts, all fictitious, some of whom have met already."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from stdnum.cn import uscc

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User
    from zerotrip.relief.matching.spec import Side
    from zerotrip.relief.models import Introduction, Resource

PRINTER, RETAILER = "13800000021", "13800000022"
FIRST, QINGQUAN = "370199001001", "370199001002"
SECOND, PARK = "370199002001", "370199002002"
CLERK = "clerk@demo.test"


class Firm(NamedTuple):
    """A firm of the demo, and who acts for it, if anybody has an account."""

    name: str
    serial: int
    contact: str
    phone: str
    signs_in: bool = False

    @property
    def uscc(self) -> str:
        """A code with a right check character, of a district there is not."""
        body = f"91370199DEM{self.serial:06}"
        return f"{body}{uscc.calc_check_digit(body)}"


FIRMS = {
    "printer": Firm("济南示范青禾印刷有限公司", 71, "纪书墨", PRINTER, signs_in=True),
    "retailer": Firm("济南示范邻里优选商贸有限公司", 72, "于邻", RETAILER, signs_in=True),
    "machinist": Firm("济南示范精工机械有限公司", 73, "铁师傅", "13800000023"),
    "carrier": Firm("济南示范顺达冷链物流有限公司", 74, "程远", "13800000024"),
    "tester": Firm("济南示范明检检测有限公司", 75, "简明", "13800000025"),
    "canteen": Firm("济南示范丰年餐饮管理有限公司", 76, "米香", "13800000026"),
    "bank": Firm("济南示范惠企村镇银行股份有限公司", 77, "钱行", "13800000027"),
}


class Said(NamedTuple):
    """An entry of the demo: whose, of what, where, and its answers. ``+7`` in a date is in so many days."""

    firm: str
    kind: str
    side: Side
    place: str
    title: str
    answers: dict[str, Any]


ENTRIES = (
    Said(
        "printer",
        "premises",
        "offer",
        PARK,
        "印刷厂房一层 1,200 平方米",
        {
            "uses": ["production", "storage"],
            "area": "1200",
            "rent": "18",
            "height": "6",
            "crane": False,
            "free_from": "+0",
            "address": "示范大道 66 号 3 号楼一层",
            "more": "原胶印车间，有货梯和装卸平台，可办环评的轻加工也行。",
        },
    ),
    Said(
        "printer",
        "labour",
        "offer",
        PARK,
        "印刷和装订工人 40 人",
        {
            "jobs": ["line", "sorting"],
            "people": "40",
            "pay": "5800",
            "from_day": "+0",
            "to_day": "+90",
            "lodged": True,
        },
    ),
    Said(
        "printer",
        "equipment",
        "offer",
        PARK,
        "四色胶印机 2 台",
        {"sort": "printing", "terms": ["rent", "sell"], "count": "2", "price": "26000", "age": "6"},
    ),
    Said(
        "canteen",
        "premises",
        "offer",
        QINGQUAN,
        "沿街商铺 320 平方米",
        {
            "uses": ["retail", "display"],
            "area": "320",
            "rent": "55",
            "height": "4.2",
            "crane": False,
            "free_from": "+15",
            "address": "清泉路 9 号底商",
        },
    ),
    Said(
        "machinist",
        "premises",
        "offer",
        SECOND,
        "机加工车间 2,600 平方米",
        {
            "uses": ["production"],
            "area": "2600",
            "rent": "15",
            "height": "9",
            "crane": True,
            "free_from": "+30",
            "address": "新工路 120 号",
        },
    ),
    Said(
        "retailer",
        "premises",
        "want",
        FIRST,
        "社区团购分拣场地 800 至 1,500 平方米",
        {
            "uses": ["storage"],
            "area_least": "800",
            "area_most": "1500",
            "rent_most": "25",
            "crane": False,
            "needed_by": "+40",
            "more": "新开社区团购业务，要能停三辆厢货。",
        },
    ),
    Said(
        "retailer",
        "labour",
        "want",
        FIRST,
        "分拣员 25 人，两个月",
        {
            "jobs": ["sorting"],
            "people": "25",
            "pay_most": "6500",
            "from_day": "+7",
            "to_day": "+67",
            "lodging_needed": True,
        },
    ),
    Said(
        "machinist",
        "orders",
        "offer",
        SECOND,
        "机加工，每月可接五千件",
        {
            "trades": ["machining"],
            "capacity": "5000",
            "least": "100",
            "ready_on": "+10",
            "certified": ["iso9001"],
        },
    ),
    Said(
        "printer",
        "orders",
        "want",
        PARK,
        "装订线轴套三千件",
        {
            "trade": "machining",
            "pieces": "3000",
            "budget": "450000",
            "deliver_by": "+45",
            "certified": ["iso9001"],
        },
    ),
    Said(
        "carrier",
        "logistics",
        "offer",
        SECOND,
        "冷藏车三辆，区内当日达",
        {
            "vehicles": ["cold", "van"],
            "tonnes": "24",
            "price": "180",
            "free_from": "+0",
            "passes": True,
        },
    ),
    Said(
        "tester",
        "test-capacity",
        "offer",
        QINGQUAN,
        "上门采样，每天两千份",
        {
            "kinds": ["single", "pooled", "goods"],
            "daily": "2000",
            "hours": "12",
            "on_site": True,
            "free_from": "+0",
        },
    ),
    Said(
        "machinist",
        "test-capacity",
        "want",
        SECOND,
        "车间 300 人每周检测",
        {
            "kinds": ["pooled"],
            "daily": "300",
            "hours_most": "24",
            "on_site": True,
            "needed_by": "+3",
        },
    ),
    Said(
        "bank",
        "finance",
        "offer",
        FIRST,
        "小微信用贷，最高三百万",
        {
            "ways": ["credit", "orders"],
            "most": "300",
            "rate": "3.85",
            "months": "36",
            "total": "5000",
        },
    ),
)


def load_people(*, at: datetime) -> dict[str, tuple[User | None, Party]]:
    """Register the firms and who acts for them."""
    from config.demo import _registered
    from zerotrip.parties.access import SYSTEM
    from zerotrip.parties.mandates import register_enterprise

    found: dict[str, tuple[User | None, Party]] = {}
    for key, firm in FIRMS.items():
        told = {"name": firm.name, "uscc": firm.uscc}
        if firm.signs_in:
            found[key] = _registered(firm.phone, firm.contact, told, at=at)
        else:
            found[key] = (None, register_enterprise(**told, by=SYSTEM, at=at))
    return found


def load(*, at: datetime) -> None:
    """Enter what the firms offer and want; some have met, one has concluded."""
    from zerotrip.relief.matching import actions

    who = load_people(at=at - timedelta(days=5))
    clerk = _clerk(at)
    made = {said.title: _enter(said, who[said.firm], clerk, at=at - timedelta(days=3)) for said in ENTRIES}
    people = _met(made["印刷和装订工人 40 人"], made["分拣员 25 人，两个月"])
    _agree(people, at=at - timedelta(days=1))
    orders = _met(made["机加工，每月可接五千件"], made["装订线轴套三千件"])
    _agree(orders, at=at - timedelta(days=2))
    worth: dict[str, Any] = {"amount": Decimal(448000), "taken": Decimal(3000), "note": "合同已签，分两批交货"}
    actions.succeed(orders, **worth, by=clerk, at=at - timedelta(hours=3))


def _clerk(at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    return actor_for(User.objects.get(email=CLERK), at=at)


def _enter(said: Said, who: tuple[User | None, Party], clerk: Actor, *, at: datetime) -> Resource:
    from zerotrip.ids import new_id
    from zerotrip.parties.access import actor_for
    from zerotrip.relief.matching import actions

    account, party = who
    firm = FIRMS[said.firm]
    entry = actions.Entry(
        title=said.title,
        answers={name: _dated(value, at) for name, value in said.answers.items()},
        place=said.place,
        contact_name=firm.contact,
        contact_phone=firm.phone,
    )
    by = actor_for(account, at=at) if account is not None else clerk
    return actions.publish(said.kind, said.side, party, entry, key=new_id(), by=by, at=at)


def _dated(value: Any, at: datetime) -> Any:
    if isinstance(value, str) and value.startswith("+"):
        return (at + timedelta(days=int(value))).date().isoformat()
    return value


def _met(offer: Resource, want: Resource) -> Introduction:
    from zerotrip.relief.models import Introduction

    return Introduction.objects.get(offer=offer, want=want)


def _agree(row: Introduction, *, at: datetime) -> None:
    """Both sides agree: by themselves where they have an account, else as the clerk heard it."""
    from zerotrip.relief.matching import actions
    from zerotrip.relief.matching.kinds import SIDES

    for side in SIDES:
        actions.agree(row, side, how="电话同意", by=_speaker(row, side, at), at=at)


def _speaker(row: Introduction, side: Side, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.parties.queries import accounts_of

    accounts = accounts_of(row.offer_party_id if side == "offer" else row.want_party_id, at=at)
    return actor_for(User.objects.get(pk=accounts[0]), at=at) if accounts else _clerk(at)
