"""The demo's doors: scans and checks of the last hours, two inspections, a draw. All fictitious."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.inspections.draws import Terms
    from zerotrip.prevention.models import Draw, Site

SITE = "示范购物中心"
OWNER = "13800000001"
"""Phone of the applicant whose enterprise it belongs to."""
STAFF = ("leader@demo.test", "clerk@demo.test", "review@demo.test")
SCANS = 160


def load(*, at: datetime) -> None:
    """Put them in place; nothing where another pack was loaded."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.inspections.spec import rules
    from zerotrip.prevention.models import Site

    site = Site.objects.filter(name=SITE).first()
    accounts = {user.email: user for user in User.objects.filter(email__in=STAFF)}
    owner = User.objects.filter(phone=OWNER).first()
    if site is None or owner is None or len(accounts) < len(STAFF) or not rules().lists:
        return
    firms = sorted(actor_for(owner, at=at).represents)
    if firms:
        Site.objects.filter(pk=site.pk).update(owner=firms[0])
        site.refresh_from_db()
    leader, first, second = (actor_for(accounts[email], at=at) for email in STAFF)
    _scans(site, first, at=at)
    _inspection(site, first, second, at=at)
    _begun(first, second, at=at)
    _drawn_and_inspected(leader, at=at)
    _draw(leader, at=at)


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"zerotrip:demo:venues:{name}")


def _scans(site: Site, keeper: Actor, *, at: datetime) -> None:
    from zerotrip.ids import new_id
    from zerotrip.prevention.venues.actions import Checked, check, enter

    for number in range(SCANS):
        enter(site.code, scan=new_id(), person=None, at=at - timedelta(minutes=number * 6))
    checks = [
        Checked(
            id=new_id(),
            colour="yellow" if number % 19 == 5 else "green",
            temperature=Decimal("38.1") if number % 23 == 7 else Decimal("36.5"),
            mask=number % 17 != 3,
            number=f"1390000{number:04}",
            at=at - timedelta(minutes=number * 7),
        )
        for number in range(90)
    ]
    check(checks, site=site.pk, by=keeper, at=at, device_now=at)


def _inspection(site: Site, first: Actor, second: Actor, *, at: datetime) -> None:
    import io

    from PIL import Image

    from zerotrip.errors import Refusal
    from zerotrip.files.attaching import receive
    from zerotrip.prevention.inspections import actions

    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 130, 140)).save(drawn, "JPEG")
    drawn.seek(0)
    begun = at - timedelta(days=1)
    try:
        made = actions.start(
            site.pk, checklist="venue", second=second.account, key=_key("inspection"), by=first, at=begun
        )
    except Refusal:  # the two work in different offices
        return
    answers = {item.id: actions.Answered("ok") for item in actions.items_of(made)}
    photo = receive(drawn, name="现场.jpg", at=begun)
    answers["distance"] = actions.Answered("defect", "收银台前没有一米线", photo)
    actions.fill_in(made.pk, answers, by=first, at=begun)
    actions.sign(made.pk, by=first, at=begun)
    actions.sign(made.pk, by=second, at=begun)


def _begun(first: Actor, second: Actor, *, at: datetime) -> None:
    """An inspection under way, to be filled in on a phone."""
    from zerotrip.errors import Refusal
    from zerotrip.prevention.inspections import actions
    from zerotrip.prevention.inspections.spec import rules
    from zerotrip.prevention.models import Site

    sites = Site.objects.visible_to(first).exclude(name=SITE).filter(kind="dormitory", closed_on=None)
    site = sites.select_related("kind").order_by("name", "pk").first()
    if site is None:
        return
    begun, lists = at - timedelta(hours=1), rules().for_kind(site.kind_id, site.kind.group)
    try:
        actions.start(site.pk, checklist=lists[-1].id, second=second.account, key=_key("begun"), by=first, at=begun)
    except Refusal:  # the two work in different offices
        return


def _drawn_and_inspected(leader: Actor, *, at: datetime) -> None:
    """A draw of two sites that were both inspected, one by others than it fell to: anybody can work it out."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.parties.queries import colleagues
    from zerotrip.prevention.inspections import draws

    office, begun = leader.seats[0].department_id, at - timedelta(days=3)
    known = begun + timedelta(hours=6)
    terms = draws.Terms("两处抽查（演示）", "370199000000", "三天前公布的虚构指数（演示）", 2, known)
    row = _drawn(terms, "draw before", "2998.76", leader, begun=begun, at=known)
    if row is None:
        return
    row.refresh_from_db()
    people = {str(one.person.account.pk): one.person.account for one in colleagues({office}, at=at)}
    for number, (site, pair) in enumerate(row.outcome or ()):
        spare = [who for who in sorted(people) if who not in pair]
        there = [*pair[:1], spare[0]] if number and spare else pair
        users = User.objects.select_related("person").in_bulk([people[who].pk for who in there])
        first, second = (actor_for(users[people[who].pk], at=at) for who in there)
        because = "抽中的一人当天发热请假（演示）" if there != pair else ""
        _inspected(UUID(site), first, second, draw=row.pk, because=because, at=known + timedelta(hours=18 + number))


def _inspected(site_id: UUID, first: Actor, second: Actor, *, draw: UUID, because: str, at: datetime) -> None:
    """A drawn site that was inspected and found in order."""
    from zerotrip.prevention.inspections import actions
    from zerotrip.prevention.inspections.spec import rules
    from zerotrip.prevention.models import Site

    site = Site.objects.select_related("kind").get(pk=site_id)
    lists = rules().for_kind(site.kind_id, site.kind.group)
    if not lists:
        return
    made = actions.start(
        site_id,
        checklist=lists[0].id,
        second=second.account,
        key=_key(f"drawn:{site_id}"),
        by=first,
        at=at,
        draw=draw,
        others_because=because,
    )
    actions.fill_in(made.pk, {item.id: actions.Answered("ok") for item in actions.items_of(made)}, by=first, at=at)
    actions.sign(made.pk, by=first, at=at)
    actions.sign(made.pk, by=second, at=at)


def _draw(leader: Actor, *, at: datetime) -> None:
    from zerotrip.prevention.inspections import draws

    yesterday = at - timedelta(days=1)
    known = yesterday + timedelta(hours=12)
    terms = draws.Terms("场所抽查（演示）", "370199000000", "次日公布的虚构指数（演示）", 5, known)
    _drawn(terms, "draw", "3000.01", leader, begun=yesterday, at=at)


def _drawn(terms: Terms, key: str, value: str, leader: Actor, *, begun: datetime, at: datetime) -> Draw | None:
    """A draw that was frozen, and drawn when its value was there; None where there are too few inspectors."""
    from zerotrip.errors import Refusal
    from zerotrip.prevention.inspections import draws

    office = leader.seats[0].department_id
    try:
        row = draws.freeze(terms, office=office, key=_key(key), by=leader, at=begun)
    except Refusal:
        return None
    return draws.draw(row.pk, value=value, by=leader, at=at)
