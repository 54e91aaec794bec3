"""Goods of the demo: a lot of frozen beef on its way from the port to kitchens, and supplies of the street.

Everybody and everything is fictitious: firms are called 示范, people 演示.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerotrip.parties.models import Party, User
    from zerotrip.prevention.models import Lot

FIRST_STREET = "370199001000"


def load(firm: tuple[User, Party], *, at: datetime) -> None:
    """Declare an event unless one asks for goods already, and let a week of movements have passed by ``at``.

    ``firm``: an account with the enterprise it acts for, a shop that receives some of it.
    """
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.lots import actions
    from zerotrip.prevention.lots.actions.supplying import Wish

    begun = at - timedelta(days=7)
    leader, clerk = (
        actor_for(User.objects.get(email=f"{name}@demo.test"), at=begun) for name in ("leader", "clerk")
    )
    _declared(leader, at=begun)
    places = {
        name: actions.place_at(actions.Where(name=name, area=FIRST_STREET), by=clerk, at=begun)
        for name in ("示范冷库（虚构）", "示范农贸市场（虚构）", "街道物资库（虚构）")
    }
    cold, market, store = places.values()
    shop = actions.Where(uscc=firm[1].uscc)
    driver = actions.Carried(handler="演示司机甲", handler_phone="13800009999", plate="鲁A·D0001")

    def stamp(hours: float) -> Any:
        return actions.Stamp(_key(), clerk, begun + timedelta(hours=hours))

    arrived = actions.Arrived(
        "frozen-beef",
        "1200",
        actions.Where(holder=cold.pk),
        country="虚构国",
        port="青岛（演示）",
        consignment="DEMO20260000000001",
        marks="BF-D-01",
        expires_on=date(at.year + 1, 6, 30),
        documented="1250",
        carried=driver,
    )
    lot = _lot(actions.receive(arrived, stamp=stamp(1)))
    (sent,) = actions.move(
        lot, "500", source=cold, to=actions.Where(holder=market.pk), carried=driver, stamp=stamp(20)
    )
    actions.confirm(sent, "495", by=clerk, at=begun + timedelta(hours=22))
    part = _lot(actions.split(lot, ["120"], holder=market, stamp=stamp(30)))
    actions.sell(part, "80", source=market, to=shop, carried=driver, stamp=stamp(31))
    buyer = actions.Carried(outside="外地演示酒楼")
    actions.sell(lot, "60", source=market, carried=buyer, stamp=stamp(40))
    more = actions.Carried(reason="盘点时冷柜底层多出一箱（演示）")
    actions.count(lot, "318", holder=market, carried=more, stamp=stamp(44))
    today = 7 * 24 - 5
    new = actions.Arrived(
        "frozen-pork", "300", actions.Where(holder=cold.pk), consignment="DEMO20260000000002", carried=driver
    )
    pork = _lot(actions.receive(new, stamp=stamp(today)))
    (brought,) = actions.move(
        pork, "100", source=cold, to=actions.Where(holder=market.pk), carried=driver, stamp=stamp(today + 1)
    )
    actions.confirm(brought, "100", by=clerk, at=begun + timedelta(hours=today + 2))
    actions.sell(pork, "20", source=market, to=shop, carried=driver, stamp=stamp(today + 3))
    why = "外包装抽检结果异常（演示）"
    actions.recall(pork, reason=why, key=_key(), by=leader, at=begun + timedelta(hours=today + 4))
    for item, quantity, expires in (
        ("mask-n95", "800", date(at.year + 1, 1, 31)),
        ("mask-n95", "600", date(at.year + 2, 5, 31)),
        ("coverall", "40", None),
        ("vegetable-pack", "120", (at + timedelta(days=2)).date()),
    ):
        goods = actions.Arrived(item, quantity, actions.Where(holder=store.pk), expires_on=expires, carried=driver)
        actions.receive(goods, stamp=stamp(50))
    for item, least in (("mask-n95", "500"), ("coverall", "100")):
        actions.set_level(store, _item(item), least, by=clerk, at=at)
    own = actor_for(firm[0], at=at)
    wish = Wish(
        "mask-n95", "200", actions.Where(party=firm[1].pk), (at + timedelta(days=1)).date(), "员工 40 人，5 天"
    )
    actions.ask(wish, key=_key(), by=own, at=at)


def _declared(leader: Any, *, at: datetime) -> None:
    from zerotrip.prevention.events.actions import Declared, declare
    from zerotrip.prevention.models import Event, Measure

    day = at.date()
    wanted = {Measure.COLD_CHAIN, Measure.SUPPLIES}
    if any(wanted <= set(event.measures) for event in Event.objects.in_force(day)):
        return
    told = Declared("冷链和物资演练（虚构）", "演示通知〔2026〕1号", sorted(wanted), day, None, 30)
    declare(told, area="370199000000", department=leader.seats[0].department_id, key=_key(), by=leader, at=at)


def _key() -> Any:
    from zerotrip.ids import new_id

    return new_id()


def _lot(made: list[Any]) -> Lot:
    lot: Lot = made[0].target
    return lot


def _item(slug: str) -> Any:
    from zerotrip.prevention.models import Item

    return Item.objects.get(pk=slug)
