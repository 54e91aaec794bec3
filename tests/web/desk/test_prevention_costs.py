"""Pages of prevention cost the same number of queries for a few and for many: no row asks for itself."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests import world
from tests.duties.standing.roster import declared, spec
from tests.prevention import emergency
from tests.prevention.gates import passing
from tests.prevention.inspections import looking
from tests.prevention.lots import goods
from tests.prevention.posts import duty
from tests.prevention.rounds.screened import person
from tests.prevention.test_population import GRID, site
from tests.prevention.venues import doors
from tests.web.browsing import Browser, cost
from zerotrip.duties.standing import filling
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.parties.models import Role
from zerotrip.prevention.gates import actions as gates
from zerotrip.prevention.inspections import draws
from zerotrip.prevention.lots import actions as lots
from zerotrip.prevention.lots.actions.supplying import Wish
from zerotrip.prevention.models import EnrolmentKind, Measure, RosterFile
from zerotrip.prevention.rounds import actions as rounds
from zerotrip.prevention.rounds import calling, points, tallies

pytestmark = pytest.mark.django_db

HOME = "/desk/prevention/"
MANY = 4


def require_same(browser: Browser, pages: list[str], more) -> None:
    """The pages cost what they cost before, once there is more of everything."""
    before = {page: cost(browser, page) for page in pages}
    more()
    assert {page: cost(browser, page) for page in pages} == before


class TestRounds:
    @pytest.fixture
    def now(self):
        return timezone.now()

    @pytest.fixture
    def kind(self, district):
        emergency.declared(district, Measure.SCREENING)
        return declared(spec("round", who="person", measure="screening", by_hand=True))[0]

    def opened(self, district, kind, now, *, turn: int = 0):
        starts = now - timedelta(hours=3) + timedelta(hours=turn)
        asked = rounds.Asked(f"第 {turn} 轮", "370199000000", kind.pk, starts, starts + timedelta(hours=1))
        if turn == 0:
            asked = rounds.Asked("本轮", "370199000000", kind.pk, starts, now + timedelta(hours=3))
        window = rounds.open_round(asked, key=new_id(), by=district.leader, at=now).window
        filling.go_on(window.pk, at=now)
        return window

    def test_the_pages_of_a_round(self, district, kind, now):
        grids = [GRID[:-4] + f"{number:03}/" for number in range(2, 2 + MANY)]
        person("张虚构"), person("李虚构")
        site("sampling-point", name="虚构采样点")
        window = self.opened(district, kind, now)
        window.dues.update(since=window.starts)
        calling.take(window.pk, area_path=GRID, by=district.clerk, at=now)
        points.plan(window.pk, time(0), time(23, 59), by=district.leader, at=now)
        tallies.freeze(window, now - timedelta(hours=2), at=now)
        tallies.freeze(window, now - timedelta(hours=1), at=now)
        one = f"{HOME}rounds/{window.pk}/"
        pages = [one, f"{one}missing/", f"{one}plan/", f"{one}figures/", f"{HOME}calls/", f"{HOME}points/"]

        def more() -> None:
            for number, grid in enumerate(grids):
                person(f"王虚构{number}", grid)
                person(f"赵虚构{number}")
                site("sampling-point", name=f"虚构采样点{number}")
            filling.materialising.reconcile(window.pk, at=timezone.now())
            for _turn in grids:
                calling.take(window.pk, area_path=GRID, by=district.clerk, at=timezone.now())
            points.plan(window.pk, time(0), time(23, 59), by=district.leader, at=timezone.now())
            tallies.freeze(window, timezone.now(), at=timezone.now())

        require_same(Browser(district.clerk), pages, more)

    def test_the_list_of_rounds(self, district, kind, now):
        person("张虚构")
        self.opened(district, kind, now)

        def more() -> None:
            for turn in range(7, 7 + MANY):
                self.opened(district, kind, now, turn=turn)

        require_same(Browser(district.leader), [f"{HOME}rounds/"], more)


def blocked(district, plate: str, now) -> None:
    told = {"reason": "冷链车未消杀", "until": timezone.localdate(now), "area_path": passing.STREET}
    gates.block(plate=plate, phone="", key=new_id(), by=district.leader, at=now, **told)


def test_gates(district):
    emergency.declared(district)
    clerk, now = district.clerk, timezone.now()
    north = passing.gate()
    passing.came(north, clerk, at=now)
    blocked(district, "鲁A00001", now)
    pages = [f"{HOME}gates/", f"{HOME}gates/day/", f"{HOME}gates/blocks/", f"{HOME}gates/{north.pk}/"]

    def more() -> None:
        for number in range(MANY):
            passing.came(north, clerk, plate=f"鲁A1234{number}", at=now)
            passing.came(passing.gate(f"虚构卡口{number}"), clerk, plate=f"鲁A2234{number}", at=now)
            blocked(district, f"鲁A1000{number}", now)

    require_same(Browser(clerk), pages, more)


def test_posts(district):
    emergency.declared(district)
    first = duty.post(district)
    for number in range(4):
        duty.worker(district, f"虚构志愿者{number}")
    plan = duty.published(district, first, days=1)
    shifts = list(plan.shifts.standing().select_related("worker__person"))
    duty.swap_to_decide(shifts[0], shifts[1])
    pages = [f"{HOME}posts/", f"{HOME}posts/people/", f"{HOME}posts/plans/", f"{HOME}posts/{first.pk}/"]
    pages += [f"{HOME}posts/plans/{plan.pk}/", f"{HOME}posts/turns/?at=2026-03-04T20:00"]

    def more() -> None:
        others = [duty.post(district, f"虚构岗{number}") for number in range(MANY)]
        for number in range(10, 10 + 3 * MANY):
            duty.worker(district, f"虚构志愿者{number}")
        duty.published(district, *others, days=1)
        duty.swap_to_decide(shifts[1], shifts[2])
        duty.swap_to_decide(shifts[2], shifts[0])

    require_same(Browser(district.clerk), pages, more)


def test_goods_and_supplies(district):
    emergency.declared(district)
    clerk = district.clerk
    store, shop = goods.place("虚构物资库", clerk), goods.place("虚构门店", clerk)
    lot = goods.received(store, clerk, "1000", item="mask-n95", expires_on=date(2027, 1, 1))
    goods.moved(lot, store, shop, clerk, "1", hours=1)

    def asked() -> str:
        wish = Wish(
            item="mask-n95",
            quantity="10",
            where=lots.Where(party=district.firm.pk),
            needed_by=date(2026, 3, 3),
            note="",
        )
        return str(lots.ask(wish, key=new_id(), by=district.applicant, at=world.MORNING).pk)

    request = asked()
    pages = [f"{HOME}goods/", f"{HOME}goods/lots/{lot.pk}/", f"{HOME}goods/lots/{lot.pk}/trace/"]
    pages += [f"{HOME}goods/supplies/", f"{HOME}goods/supplies/{request}/"]
    beef = goods.received(store, clerk)
    goods.moved(beef, store, shop, clerk, "1", hours=1)
    pages += [f"{HOME}goods/due/?of={of}&at=2026-03-03T20:00" for of in ("receipts", "papers")]

    def more() -> None:
        for number in range(MANY):
            goods.received(goods.place(f"虚构库{number}", clerk), clerk, item="mask-n95")
            goods.received(store, clerk, "10", item="mask-n95", expires_on=date(2027, 2, 1 + number))
            other = goods.place(f"虚构门店{number}", clerk)
            goods.moved(lot, store, other, clerk, "1", hours=2 + number)
            goods.moved(goods.received(store, clerk), store, other, clerk, "1", hours=2 + number)
            asked()

    require_same(Browser(clerk), pages, more)


def test_rosters(district):
    emergency.declared(district)
    first = person("张虚构", first=timezone.localdate() - timedelta(days=3))
    now = timezone.now()

    def file(number: int) -> RosterFile:
        return RosterFile.objects.create(
            account_id=district.clerk.account,
            name=f"虚构名册{number}.xlsx",
            sha256="0" * 64,
            language="zh-hans",
            kind=EnrolmentKind.RESIDENT,
            area_path=GRID,
            first_day=timezone.localdate(),
            asked_at=now - timedelta(minutes=number),
            expires_at=now + timedelta(days=1),
        )

    held = file(0)
    pages = [f"{HOME}rosters/", f"{HOME}rosters/people/{first.pk}/", f"{HOME}rosters/files/"]
    pages += [f"{HOME}rosters/files/{held.pk}/"]

    def more() -> None:
        for number in range(MANY):
            person(f"王虚构{number}", first=timezone.localdate() - timedelta(days=3))
            days = [timezone.localdate() - timedelta(days=back) for back in (20 + 2 * number, 19 + 2 * number)]
            first.enrolments.create(kind="resident", area_path=GRID, during=DateRange(*days))
            file(number + 1)

    require_same(Browser(district.clerk), pages, more)


def test_inspections_and_draws(district):
    now = timezone.now()
    mall, second = looking.prepared(district, at=now)
    third = world.acting(world.staff("third", "approval-bureau", Role.CLERK))
    photo = receive(world.pdf("虚构"), name="a.pdf", at=now)
    made = looking.inspected(district, mall, second, photo, at=now, keeper="defect")
    office = district.leader.seats[0].department_id

    def drawn(turn: int, count: int) -> str:
        at = now + timedelta(seconds=turn)
        terms = draws.Terms("抽查", "370199000000", "虚构指数", count, at + timedelta(milliseconds=1))
        told = {"office": office, "key": new_id(), "by": district.leader, "at": at, "reason": "名单有遗漏"}
        row = draws.freeze(terms, **told)
        return str(draws.draw(row.pk, value="1", by=district.leader, at=at + timedelta(milliseconds=1)).pk)

    few = drawn(0, 1)
    pages = [f"{HOME}inspections/", f"{HOME}inspections/{made.pk}/", f"{HOME}draws/", f"{HOME}inspections/defects/"]

    def more() -> None:
        for number in range(MANY):
            shop = doors.site(f"虚构店{number}", kind="small-shop", owner=district.firm)
            looking.inspected(district, shop, third, photo, at=now, keeper="defect", airing="defect")
            drawn(1 + number, 1)

    browser = Browser(district.leader)
    require_same(browser, pages, more)
    many = drawn(10, 1 + MANY)
    assert cost(browser, f"{HOME}draws/{few}/") == cost(browser, f"{HOME}draws/{many}/")
