"""The demo's leaflets: one to the people of a grid, one to shops; some read, some brought, some waited for.

Fictitious.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.demo_prevention import DISTRICT, GRIDS, _key

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Leaflet

TITLE, TITLE_EN = "采样期间这样出门（演示）", "Going out on days of sampling (demo)"
TEXT = (
    "1. 按网格通知的时段到采样点，戴好口罩，间隔一米。\n\n"
    "2. 带上身份证件；老人、小孩由家里人陪同。\n\n"
    "3. 有发热的不要去采样点，先打社区电话。"
)
TEXT_EN = (
    "1. Come to the sampling point at the time your grid was given, with a mask, a metre apart.\n\n"
    "2. Bring a document. Elders and children come with family.\n\n"
    "3. With a fever, do not come: call the community office first."
)
SHOPS, SHOPS_EN = "致商户：请和我们一起守好店门（演示）", "To shops: help us look after your doors (demo)"
SHOPS_TEXT = "1. 门口张贴场所码，请客人扫码、戴好口罩。\n\n2. 店里每天消毒、通风，记在手机上。"
SHOPS_TEXT_EN = (
    "1. Put the venue code up at the door; ask guests to scan it and to wear a mask.\n\n"
    "2. Disinfect and air the shop every day, and note it on the phone."
)


def load(*, at: datetime) -> None:
    """Send one yesterday; a third of those with a phone read it, and it was brought to one of the others."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.leaflets import actions, sending
    from zerotrip.prevention.leaflets.audience import Audience
    from zerotrip.prevention.leaflets.rules import duty
    from zerotrip.workdays.calendar import CHINA

    leader = User.objects.filter(email="leader@demo.test").first()
    if leader is None or duty("person") is None:  # another pack was loaded
        return
    by, began = actor_for(leader, at=at), at - timedelta(days=1)
    until = at.astimezone(CHINA).date() + timedelta(days=1)
    written = actions.Written("notice", TITLE, TEXT, TITLE_EN, TEXT_EN, until=until)
    row = actions.send(written, Audience(GRIDS[0]), key=_key("leaflet"), by=by, at=began)
    sending.work(row.pk, at=began)
    row.refresh_from_db()
    _read(row, at=at)
    _to_shops(by, began, at=at)


def _to_shops(by: Actor, began: datetime, *, at: datetime) -> None:
    """One to small shops and restaurants, signed at the door of one."""
    from zerotrip.prevention.leaflets import actions, sending
    from zerotrip.prevention.leaflets.audience import Audience
    from zerotrip.workdays.calendar import CHINA

    until = at.astimezone(CHINA).date() + timedelta(days=1)
    written = actions.Written("appeal", SHOPS, SHOPS_TEXT, SHOPS_EN, SHOPS_TEXT_EN, until=until)
    kinds = ("small-shop", "small-restaurant", "restaurant", "supermarket", "mall")
    to = Audience(DISTRICT, who="site", kinds=kinds)
    row = actions.send(written, to, key=_key("leaflet to shops"), by=by, at=began)
    sending.work(row.pk, at=began)
    row.refresh_from_db()
    for due in sending.for_the_door(row, at=at).order_by("subject")[:1]:
        actions.bring(row.pk, due.subject, actions.Brought("虚构店长", "店长"), by=by, at=at)


def _read(leaflet: Leaflet, *, at: datetime) -> None:
    from zerotrip.parties.access import actor_for
    from zerotrip.prevention.leaflets import actions, sending
    from zerotrip.prevention.leaflets.links import token_of
    from zerotrip.prevention.models import Person

    if leaflet.window is None:
        return
    read = list(leaflet.receipts.order_by("subject")[::3])
    names = dict(Person.objects.filter(pk__in=[row.subject for row in read]).values_list("pk", "name"))
    for number, row in enumerate(read):
        actions.read(token_of(row.pk), names[row.subject], at=at - timedelta(minutes=10 * number + 5))
    door = sending.for_the_door(leaflet, at=at).order_by("subject").first()
    if door is not None:
        brought = actions.Brought(Person.objects.get(pk=door.subject).name)
        actions.bring(leaflet.pk, door.subject, brought, by=actor_for(leaflet.made_by, at=at), at=at)
