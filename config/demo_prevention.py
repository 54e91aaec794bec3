"""The demo's event: sites of every kind, the 39 building sites among them, and some hundred people on rosters.

Nobody is real: names are counted through, and identity numbers are of a district there is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from config.demo_visits import SITES as BUILDING_SITES

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Enrolment, Person, Site

DISTRICT = "370199000000"
GRIDS = (
    *("370199001001001", "370199001001002", "370199001002001"),
    *("370199002001001", "370199002002001", "370199002002002", "370199003001001"),
)
PARK, COUNTRY = "370199002002001", "370199003001001"
BEGAN = 5
"""Days ago the event began."""
SAMPLED = (("春晖", GRIDS[0]), ("清泉", GRIDS[2]), ("新工", GRIDS[3]), ("园区", GRIDS[4]), ("田园", COUNTRY))
PLACES = (
    ("carrier", "示范产业园", PARK),
    *(("building", f"示范产业园 {letter} 座", PARK) for letter in "ABC"),
    *(("dormitory", f"示范产业园职工宿舍 {number} 号楼", PARK) for number in (1, 2, 3)),
    *(("dormitory", f"新工公寓 {number} 号楼", "370199002001001") for number in (1, 2)),
    ("mall", "示范购物中心", "370199001001001"),
    *(("supermarket", f"示例超市{name}店", grid) for name, grid in (("春晖", GRIDS[0]), ("清泉", GRIDS[2]))),
    ("market", "田园农贸市场", COUNTRY),
    *(("restaurant", f"示例酒楼（{name}）", grid) for name, grid in (("春晖", GRIDS[1]), ("新工", GRIDS[3]))),
    ("small-shop", "示例便利店", GRIDS[0]),
    ("small-restaurant", "示例面馆", GRIDS[1]),
    ("small-hotel", "示例旅馆", GRIDS[2]),
    ("small-entertainment", "示例棋牌室", GRIDS[3]),
    ("small-leisure", "示例理发店", GRIDS[0]),
    ("small-clinic", "示例诊所", GRIDS[1]),
    ("small-school", "示例幼儿园", GRIDS[2]),
    ("small-factory", "示例加工坊", GRIDS[3]),
    ("small-hazard", "示例液化气供应点", COUNTRY),
    ("cold-store", "示范产业园冷库", "370199002002002"),
    *(("gate", f"示范产业园{side}门", PARK) for side in "东西"),
    *(("post", f"{name}执勤点", grid) for name, grid in (("春晖路口", GRIDS[0]), ("新工路口", GRIDS[3]))),
    *(("sampling-point", f"{name}采样点", grid) for name, grid in SAMPLED),
    ("collection-point", "示范产业园垃圾暂存点", PARK),
    ("collection-point", "春晖社区收发点", GRIDS[0]),
    ("household", "春晖 9-901 户", GRIDS[0]),
)
"""Kind, name, grid."""
HOUSEHOLDS, LODGERS, BUILDERS, STAFF = 8, 10, 3, 8
"""Of each grid, dormitory, building site and park firm."""
_SURNAMES, _STEMS, _BRANCHES = "赵钱孙李周吴郑王冯陈", "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


def load(*, at: datetime) -> None:
    """Declare the event, and put sites and people in place."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import Area, User
    from zerotrip.prevention.models import SiteKind

    leader = User.objects.filter(email="leader@demo.test").first()
    known = set(Area.objects.filter(pk__in=GRIDS).values_list("pk", flat=True))
    if leader is None or known != set(GRIDS) or not SiteKind.objects.exists():  # another pack was loaded
        return
    actor = actor_for(leader, at=at)
    _declare(actor, at=at)
    _People(_sites(actor, at=at), at=at).enter()


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"zerotrip:demo:prevention:{name}")


def _declare(actor: Actor, *, at: datetime) -> None:
    from zerotrip.prevention.events.actions import Declared, declare
    from zerotrip.prevention.events.exporting import name
    from zerotrip.prevention.models import Measure
    from zerotrip.workdays.calendar import CHINA

    began = at.astimezone(CHINA).date() - timedelta(days=BEGAN)
    told = Declared("示范区防控演练（演示）", "演示用，不是真实的通知", tuple(Measure), began, None, 30)
    event = declare(
        told, area=DISTRICT, department=actor.seats[0].department_id, key=_key("event"), by=actor, at=at
    )
    until = at.astimezone(CHINA).date() + timedelta(days=30)
    name(event.pk, email="leader@demo.test", until=until, by=actor, at=at)


def _sites(actor: Actor, *, at: datetime) -> list[Site]:
    from zerotrip.prevention.sites.actions import Described, add

    found: dict[str, Site] = {}
    places: list[tuple[str, str, str]] = [
        *PLACES,
        *(
            ("building-site", f"{name}工地", GRIDS[number % len(GRIDS)])
            for number, name in enumerate(BUILDING_SITES)
        ),
    ]
    for kind, name, grid in places:
        within = found["示范产业园"].pk if name.startswith("示范产业园") and found else None
        address = f"虚构路 {len(found) + 1} 号"
        told = Described(kind, name, grid, address, contact="虚构联系人", phone="0531-00000000", within=within)
        found[name] = add(told, by=actor, at=at - timedelta(days=BEGAN), key=_key(name))
    return list(found.values())


class _People:
    """Those on the rosters, counted through."""

    def __init__(self, sites: list[Site], *, at: datetime) -> None:
        from zerotrip.workdays.calendar import CHINA

        self.sites, self.at = sites, at
        self.first_day: date = at.astimezone(CHINA).date() - timedelta(days=BEGAN)
        self.people: list[Person] = []
        self.enrolments: list[Enrolment] = []

    def enter(self) -> None:
        from zerotrip.parties.models import Area, Party, PartyKind
        from zerotrip.prevention.models import Enrolment, Person

        paths = dict(Area.objects.filter(pk__in=GRIDS).values_list("pk", "path"))
        for grid in GRIDS:
            for door in range(1, HOUSEHOLDS + 1):
                for born in (1952, 1984, 1986, 2015)[door % 3 :]:
                    self.add("resident", paths[grid], born, household=f"{door}-{door}01")
        for site in self.sites:
            if site.kind_id == "dormitory":
                for bed in range(LODGERS):
                    room = f"{bed // 4 + 1}0{bed % 4 + 1}"
                    self.add("lodger", site.area_path, 1990 + bed % 12, household=room, site=site)
            elif site.kind_id == "building-site":
                for _worker in range(BUILDERS):
                    self.add("builder", site.area_path, 1975, site=site)
        firms = Party.objects.live().filter(kind=PartyKind.ENTERPRISE).order_by("uscc")[:5]
        for firm in firms:
            for place in range(STAFF):
                self.add("worker", paths[PARK], 1980 + place, employer=firm)
        Person.objects.bulk_create(self.people)
        Enrolment.objects.bulk_create(self.enrolments)

    def add(self, kind: str, area_path: str, born: int, **more: object) -> None:
        """One more. Every seventeenth shows a passport, every nineteenth is known by name and phone alone."""
        from django.db.backends.postgresql.psycopg_any import DateRange

        from zerotrip.parties import seals
        from zerotrip.prevention.models import Enrolment, Person
        from zerotrip.prevention.rosters.identity import Identity

        serial = len(self.people)
        name = _SURNAMES[serial % 10] + _STEMS[serial // 10 % 10] + _BRANCHES[serial // 100 % 12]
        who = Identity(name, _number(born, serial), phone=f"1380001{serial:04}", birth_year=born)
        if serial % 17 == 16:
            who = Identity(f"GUEST {serial}", "", "passport", f"X{serial:07}", f"1380001{serial:04}", born)
        elif serial % 19 == 18:
            who = Identity(name, phone=f"1380001{serial:04}", birth_year=born)
        elif born < 1960:
            who = Identity(name, _number(born, serial), birth_year=born)
        person = Person(
            id=_key(f"person {serial}"),
            name=who.name,
            name_key=who.key,
            ric_digest=who.number_digest,
            ric_sealed=seals.seal(who.number).encode() if who.number else None,
            document_kind=who.document_kind,
            document_digest=who.document_digest,
            document_sealed=seals.seal(who.document).encode() if who.document else None,
            number_shown=who.shown,
            phone=who.phone,
            birth_year=who.birth_year,
            created_at=self.at,
        )
        self.people.append(person)
        during = DateRange(self.first_day, None)
        self.enrolments.append(Enrolment(person=person, kind=kind, area_path=area_path, during=during, **more))


def _number(born: int, serial: int) -> str:
    """An identity number of a district there is not, with its check digit."""
    from stdnum.cn import ric

    body = f"370199{born}{serial // 28 % 12 + 1:02}{serial % 28 + 1:02}{serial % 1000:03}"
    return body + str(ric.calc_check_digit(body + "0"))
