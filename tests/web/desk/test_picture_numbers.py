"""Every number on the picture of the day leads to a list of exactly that many, and to nobody one may not see."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

import pytest

from tests import world
from tests.duties.standing.roster import GRIDS, declared, firm, reported, spec
from tests.prevention import emergency
from tests.prevention.gates import passing
from tests.prevention.inspections import looking
from tests.prevention.lots import goods
from tests.prevention.posts import duty
from tests.prevention.rounds.screened import person
from tests.prevention.screening import sampling
from tests.prevention.venues import doors
from tests.web.browsing import Browser, Page, chinese_words
from zerotrip.duties.models import Due, Obligation, Status
from zerotrip.duties.standing.counting import recount
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.parties.models import Membership, Role
from zerotrip.prevention.inspections import actions as inspections
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.papers import Certificate
from zerotrip.prevention.lots.actions.supplying import Wish
from zerotrip.prevention.models import (
    Declared,
    InspectionItem,
    Item,
    Passage,
    Retest,
    Shift,
    SupplyRequest,
    WorkerKind,
)
from zerotrip.prevention.picture import rows
from zerotrip.prevention.picture.lines import Asked, Part
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

PICTURE = "/desk/prevention/picture/"
DAY = datetime(2026, 3, 4, tzinfo=CHINA)
AT = f"{PICTURE}?at=2026-03-04T20:00"
EVENING = DAY + timedelta(hours=20)
NUMBER = re.compile(r'<a class="number[^"]*" href="([^"]+)">(\d+)</a>')
NOTE = re.compile(r'<a href="([^"]+part=[^"]+)">[^<]*?(\d+)[^<]*</a>')


@pytest.fixture
def full(district):
    """A day on which everything that is counted is there: done, still open, and missed."""
    emergency.declared(district)
    _duties()
    _vehicles(district)
    _retests(district)
    _turns(district)
    _goods(district)
    _cold(district)
    _defects(district)
    return district


def _duties() -> None:
    """A check twice a day of three firms, of which one is excused once; and people who are sampled all day."""
    for number, grid in enumerate((GRIDS[0], GRIDS[0], GRIDS[1])):
        firm(number, grid)
    people = [person(f"虚构{number}") for number in range(4)]
    check, sampled = declared(
        spec(name={"zh": "每日核查", "en": "Daily check"}),
        spec("round", who="person", measure="screening", by_hand=True, name={"zh": "筛查", "en": "Screening"}),
    )
    for first, last in ((6, 12), (12, 24)):
        span = Span(DAY + timedelta(hours=first), DAY + timedelta(hours=last))
        window = open_window(check, span, area_path=world.DISTRICT, at=span.starts)
        one, other, _third = Due.objects.filter(window=window).order_by("subject")
        reported(check, one.subject, span.starts + timedelta(hours=1))
        recount(window, check)
        if first == 6:
            Due.objects.filter(pk=other.pk).update(released_at=span.starts, why="other")
    whole = Span(DAY, DAY + timedelta(days=1))
    window = open_window(sampled, whole, area_path=world.DISTRICT, at=DAY)
    for each in people[:3]:
        reported(sampled, each.pk, DAY + timedelta(hours=9))
    recount(window, sampled)


def _vehicles(district) -> None:
    gate = passing.gate()
    left, late, _inside = (
        passing.came(gate, district.clerk, plate=f"鲁A1234{number}", at=DAY + timedelta(hours=hour))
        for number, hour in enumerate((9, 7, 19))
    )
    hour = timedelta(hours=1)
    Passage.objects.filter(pk=left.pk).update(left_at=DAY + 10 * hour, left_by=district.clerk.user_id)
    Passage.objects.filter(pk=late.pk).update(disinfected=True)
    passing.came(gate, district.clerk, plate="鲁A99999", at=DAY + 11 * hour, refused="没有健康码")
    passing.came(gate, district.clerk, plate="鲁A88888", at=DAY - hour)


def _retests(district) -> None:
    people = sampling.people(3)
    sampling.put("T0001", people, at_point=sampling.point(), by=district.clerk, at=DAY)
    ends = ((None, 8), (DAY + timedelta(hours=9), 8), (None, 23))
    for one, (ended, due) in zip(people, ends, strict=True):
        Retest.objects.create(
            tube_id="T0001",
            person=one,
            because="positive",
            area_path=sampling.GRID,
            told_at=DAY,
            due_at=DAY + timedelta(hours=due),
            ended_at=ended,
            outcome="negative" if ended else "",
        )


def _turns(district) -> None:
    """Two stand in the morning, of whom one signed on; nobody was put on the turn that began just now."""
    for number in range(2):
        duty.worker(district, f"虚构{number}", kind=WorkerKind.STAFF)
    post = duty.post(district, turns=((7, 8, 2), (20, 8, 1)), gaps_meant=True)
    duty.published(district, post, days=1)
    morning = Shift.objects.filter(during__startswith=DAY + timedelta(hours=7)).first()
    Shift.objects.filter(pk=morning.pk).update(signed_on_at=DAY + timedelta(hours=7))


def _goods(district) -> None:
    store = goods.place("虚构物资库", district.clerk)
    goods.received(store, district.clerk, "50", item="mask-n95")
    for item, least in (("mask-n95", "20"), ("gloves", "20")):
        actions.set_level(store, Item.objects.get(pk=item), least, by=district.clerk, at=world.MORNING)
    rows = [_asked(district, day) for day in (3, 4, 4)]
    SupplyRequest.objects.filter(pk=rows[1].pk).update(closed_at=DAY + timedelta(hours=9))


def _cold(district) -> None:
    """Goods that were and were not confirmed, with and without their papers, and a recall one of two answered."""
    by, store = district.clerk, goods.place("虚构冷库", district.clerk)
    begun, hour = 14.5, 1  # so many hours after the morning of the tests the day begins
    kept = goods.received(store, by, item="frozen-beef")
    new, held = (goods.received(store, by, item="frozen-beef", hours=begun + 9 * hour) for _each in range(2))
    for kind in new.item.papers:
        said, file = (
            Certificate(kind, f"虚构 {kind}", DAY.date(), "虚构实验室"),
            receive(world.pdf(kind), name="a.pdf", at=DAY),
        )
        actions.certify(new, said, [file], key=new_id(), by=by, at=DAY + timedelta(hours=10))
    market = goods.place("虚构市场", by)
    goods.moved(kept, store, market, by, "1", hours=1)
    goods.moved(kept, store, market, by, "1", hours=begun + 18)
    came = goods.moved(kept, store, market, by, "1", hours=begun + 9)
    actions.confirm(came, "1", by=by, at=DAY + timedelta(hours=11))
    for party in (district.firm, world.enterprise("虚构另一企业", serial=77)):
        to = actions.Where(uscc=party.uscc)
        sent = goods.stamp(by, hours=begun + 10)
        (made,) = actions.sell(held, "1", source=store, to=to, carried=goods.DRIVER, stamp=sent)
        actions.confirm(made, "1", by=by, at=DAY + timedelta(hours=11))
    told = {"by": district.leader, "at": DAY + timedelta(hours=12)}
    row = actions.recall(held, reason="外包装核酸阳性（虚构）", key=new_id(), **told)
    Obligation.objects.filter(requirement=row.order, owner=district.firm).update(
        status=Status.KEPT, ended_at=DAY + timedelta(hours=13)
    )


def _defects(district) -> None:
    """Three things were found wrong: one is put right and looked at again, one waits for that, one is overdue."""
    Declared.objects.update_or_create(pack="tests", name="inspections", defaults={"definition": looking.RULES})
    second = world.acting(world.staff("second", "approval-bureau", Role.CLERK))
    photo = receive(world.pdf("虚构"), name="a.pdf", at=DAY)
    wrong = dict.fromkeys(("keeper", "airing", "goods"), "defect")
    site, found = doors.site(owner=district.firm), DAY + timedelta(hours=9)
    looking.inspected(district, site, second, photo, at=found, **wrong)
    owed = {row.item: row.owed_id for row in InspectionItem.objects.all()}
    for item in ("keeper", "airing"):
        told = {"note": "改了", "files": [photo], "key": new_id(), "by": district.applicant}
        inspections.put_right(owed[item], at=DAY + timedelta(hours=14), **told)
    at = DAY + timedelta(hours=15)
    inspections.recheck(owed["keeper"], passed=True, note="", by=district.clerk, at=at)
    Obligation.objects.filter(pk__in=[owed["airing"], owed["goods"]]).update(due_at=DAY + timedelta(hours=18))


def _asked(district, day: int) -> SupplyRequest:
    where = actions.Where(party=district.firm.pk)
    wish = Wish(item="mask-n95", quantity="10", where=where, needed_by=date(2026, 3, day), note="")
    return actions.ask(wish, key=new_id(), by=district.applicant, at=world.MORNING)


def numbers(page: Page) -> list[tuple[str, int]]:
    """The numbers of a page that lead somewhere, and where."""
    found = [*NUMBER.findall(page.html), *NOTE.findall(page.html)]
    return [(urljoin(PICTURE, html.unescape(address)), int(number)) for address, number in found]


def listed(browser: Browser, address: str) -> int:
    """How many rows a list has, its pages together."""
    count, page = 0, browser.open(address)
    while True:
        body = re.search(r'<tbody id="rows">(.*?)</tbody>', page.html, re.DOTALL)
        count += body.group(1).count("<tr") if body else 0
        ahead = re.search(r'rel="next" href="([^"]+)"', page.html)
        if not ahead:
            return count
        page = browser.open(urljoin(address, html.unescape(ahead.group(1))))


def test_every_number_leads_to_a_list_of_exactly_so_many(full):
    browser = Browser(full.leader)
    board = browser.open(AT)
    lines = [one for one in numbers(board) if "#" not in one[0]]
    wrong = {one: rows for one in lines if (rows := listed(browser, one[0])) != one[1]}
    assert wrong == {}
    pages = {address.partition("?")[0].rstrip("/").rpartition("/")[2] for address, _number in lines}
    assert pages == {"duties", "gates", "retests", "turns", "posts", "supplies", "due", "defects"}


def test_there_is_no_number_that_leads_nowhere(full):
    page = Browser(full.leader).open(AT)
    rows = re.search(r'<div id="lines".*?</div>', page.html, re.DOTALL)
    cells = re.findall(
        r'<td class="right[^"]*">\s*(.*?)\s*(?:<span class="sub">.*?</span>)?</td>', rows.group(), re.S
    )
    told = "two duties, gates, retests, posts, requests and stock, receipts, papers, answers and defects"
    assert len(cells) == 4 * 11, told
    assert [cell for cell in cells if not cell.startswith('<a class="number') and cell != "0"] == []


def test_what_cold_chain_and_inspections_owe_is_due_done_and_missed(full):
    asked = Asked(full.leader, EVENING)
    parts = (Part.DUE, Part.DONE, Part.OPEN, Part.MISSED)
    counts = (rows.receipts, rows.papers, rows.answers, rows.defects)
    told = {count.__name__: tuple(count(asked).counted()[part] for part in parts) for count in counts}
    assert told == {
        "receipts": (5, 3, 1, 1),
        "papers": (3, 1, 1, 1),
        "answers": (2, 1, 0, 1),
        "defects": (3, 1, 1, 1),
    }
    noon = Asked(full.leader, DAY + timedelta(hours=12), past=True)
    told = {count.__name__: tuple(count(noon).counted()[part] for part in parts) for count in counts}
    assert told == {
        "receipts": (4, 3, 0, 1),
        "papers": (3, 1, 1, 1),
        "answers": (2, 0, 2, 0),
        "defects": (3, 0, 3, 0),
    }


def test_the_sums_are_those_of_the_lines(full):
    page = Browser(full.leader).open(AT)
    found = numbers(page)
    sums = [number for address, number in found if address.endswith("#lines")]
    parts = ("due", "done", "open", "missed")
    by_part = [sum(number for address, number in found if f"part={part}" in address) for part in parts]
    by_part[0] -= 1  # the posts, told beside
    assert sums == by_part


def test_a_tile_leads_to_the_same_picture_of_its_grid(full):
    browser = Browser(full.leader)
    grid = next(link for link in browser.open(AT).links if link.startswith("?area=") and "001001" in link)
    inside = browser.open(urljoin(PICTURE, grid))
    assert "at=2026-03-04T20" in grid
    lines = [one for one in numbers(inside) if "#" not in one[0]]
    assert lines
    assert {one: rows for one in lines if (rows := listed(browser, one[0])) != one[1]} == {}
    assert all("area=" in address for address, _number in lines)


def test_the_lists_are_narrowed_to_the_area_of_whoever_looks(full):
    address = next(
        one for one, _number in numbers(Browser(full.leader).open(AT)) if "check" in one and "due" in one
    )
    user = world.staff("street", "approval-bureau", "clerk")
    Membership.objects.filter(person=user.person).update(area_path=GRIDS[1])
    elsewhere = Browser(world.acting(user))
    assert "虚构企业2" in elsewhere.open(address).text
    assert "虚构企业1" not in elsewhere.open(address).text
    assert listed(elsewhere, address) == 2, "one firm, twice"
    wider = re.sub(r"area=[^&]*", "", address)
    assert listed(elsewhere, f"{wider}&area={GRIDS[0]}") == 2


def test_people_are_listed_under_masked_names_that_lead_to_where_one_says_why(full):
    address = next(
        one for one, _ in numbers(Browser(full.leader).open(AT)) if "round" in one and "part=open" in one
    )
    page = Browser(full.leader).open(address)
    assert "虚构3" not in page.text
    assert any("/rosters/people/" in link for link in page.links)


def test_a_vehicle_of_a_day_of_the_trend_is_in_the_list_of_that_day(full):
    browser = Browser(full.leader)
    trends = browser.open(f"{AT}&trends=1")
    found = [one for one in numbers(trends) if "part=came" in one[0]]
    assert {number for _address, number in found} == {1, 4}
    assert all(listed(browser, address) == number for address, number in found)


def test_the_lists_are_english_in_english(full):
    browser = Browser(full.leader, language="en")
    for address, _number in numbers(browser.open(AT)):
        if "#" not in address:
            words = chinese_words(browser.open(address))
            typed = ("没有健康码", "没有做到")
            assert [word for word in words if not set(word) & set("虚鲁甲") and not word.endswith(typed)] == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "2026-13-01", "\0"])
def test_a_moment_that_makes_no_sense_is_now(full, at):
    assert "过去某一刻" not in Browser(full.leader).open(PICTURE + f"?at={at}").text
