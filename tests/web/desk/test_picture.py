"""The picture of the day: due, done and missed by measure and by grid, now and at a moment that is over."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pypdfium2
import pytest
from django.utils import timezone

from tests import world
from tests.duties.standing.roster import GRIDS, declared, firm, opened, reported, spec
from tests.prevention import emergency
from tests.prevention.gates import passing
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.counting import recount
from zerotrip.parties.models import Membership, Party
from zerotrip.prevention.picture.counted import duties, gates, kept_by_day
from zerotrip.prevention.picture.lines import Asked
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

PICTURE = "/desk/prevention/picture/"


@pytest.fixture
def midnight() -> datetime:
    """The beginning of today."""
    return datetime.combine(timezone.now().astimezone(CHINA).date(), time(), CHINA)


@pytest.fixture
def window(district, midnight) -> Window:
    """A check over the whole of today that three firms owe, two in one grid; one of these has filed it."""
    emergency.declared(district)
    for number, grid in enumerate((GRIDS[0], GRIDS[0], GRIDS[1])):
        firm(number, grid)
    (duty,) = declared(spec(name={"zh": "每日核查", "en": "Daily check"}))
    window = opened(duty, at=midnight)
    reported(duty, Party.objects.get(name="虚构企业0").pk, midnight)
    recount(window, duty)
    return window


def row_of(district, at: datetime, area: str = ""):
    """The one line of duties at a moment."""
    (line,) = duties(Asked(district.clerk, at, area))
    return line


def test_what_is_due_done_and_missed_adds_up_by_grid(district, window):
    line = row_of(district, window.starts + timedelta(hours=1))
    assert (line.due, line.done, line.missed, line.open) == (3, 1, 0, 2)
    assert line.areas == {GRIDS[0]: (2, 1), GRIDS[1]: (1, 0)}
    over = row_of(district, window.ends - timedelta(microseconds=1))
    assert (over.missed, over.open) == (0, 2)


def test_only_what_can_no_longer_be_done_is_missed(district, window):
    Window.objects.filter(pk=window.pk).update(ends=window.starts + timedelta(hours=2))
    assert row_of(district, window.starts + timedelta(hours=1)).missed == 0
    assert row_of(district, window.starts + timedelta(hours=3)).missed == 2


def test_a_past_moment_is_told_as_it_was(district, window):
    Due.objects.filter(kept_at__isnull=False).update(kept_at=window.starts + timedelta(hours=2))
    assert row_of(district, window.starts + timedelta(hours=1)).done == 0
    assert row_of(district, window.starts + timedelta(hours=2)).done == 1


def test_vehicles_still_inside_after_too_long_are_missed(district, window):
    passage = passing.came(passing.gate(), district.clerk)
    entered = passage.entered_at
    (line,) = gates(Asked(district.clerk, entered))
    assert (line.due, line.done, line.missed) == (1, 0, 0)
    type(passage).objects.filter(pk=passage.pk).update(
        left_at=entered + timedelta(minutes=5), left_by=district.clerk.user_id
    )
    assert gates(Asked(district.clerk, entered + timedelta(minutes=4)))[0].done == 0
    assert gates(Asked(district.clerk, entered + timedelta(minutes=5)))[0].done == 1


def test_the_page_leads_from_a_grid_to_the_names(district, window):
    clerk = Browser(district.clerk)
    page = clerk.open(PICTURE)
    assert "每日核查" in page.text
    assert "差 1，应做 1" in page.text
    grid = next(link for link in page.links if "370199002001" in link and link.startswith("?area"))
    inside = clerk.open(PICTURE + grid)
    names = clerk.open(next(link for link in inside.links if f"/duties/{window.pk}/" in link))
    assert "虚构企业2" in names.text
    assert "虚构企业1" not in names.text


def test_nobody_sees_areas_that_are_not_theirs(district, window):
    Browser(district.applicant).open(PICTURE, status=403)
    street = f"{world.DISTRICT}370199002000/"
    user = world.staff("street", "approval-bureau", "clerk")
    Membership.objects.filter(person=user.person).update(area_path=street)
    elsewhere = Browser(world.acting(user))
    page = elsewhere.open(PICTURE + f"?area={GRIDS[0]}")
    assert "差 1，应做 1" in page.text
    assert "差 1，应做 2" not in page.text


def test_a_trend_of_hundredths_is_of_days_that_are_over(district, window):
    today = window.starts.astimezone(CHINA).date()
    at = window.starts + timedelta(hours=9)
    assert today not in kept_by_day(Asked(district.clerk, at))
    over = window.starts + timedelta(days=1)
    assert kept_by_day(Asked(district.clerk, over - timedelta(microseconds=1)))[today] == 33
    assert kept_by_day(Asked(district.clerk, over + timedelta(hours=9)))[today] == 33


def test_the_board_does_not_wait_for_its_trends(district, window):
    opened(window.requirement, at=window.starts - timedelta(days=1))
    browser = Browser(district.clerk)
    board = browser.open(PICTURE)
    assert "每日核查" in board.text
    assert "每日要求完成率" not in board.text
    address = next(link for link in board.links if "trends=1" in link)
    assert "每日要求完成率" in browser.open(PICTURE + address).text


def test_it_costs_the_same_whatever_the_number_of_grids_and_firms(district, window):
    clerk = Browser(district.clerk)
    names = "/desk/prevention/duties/?duty=tests:check&part=due"
    before = cost(clerk, f"{PICTURE}?trends=1"), cost(clerk, names)
    for number in range(9):
        Due.objects.create(
            day=window.day,
            window=window,
            subject=firm(10 + number).pk,
            area_path=GRIDS[number % 3],
            since=window.starts,
        )
    assert (cost(clerk, f"{PICTURE}?trends=1"), cost(clerk, names)) == before


def test_it_is_english_in_english(district, window):
    words = chinese_words(Browser(district.clerk, language="en").open(PICTURE))
    assert [word for word in words if "虚构" not in word and word not in ("林知远",)] == []


def test_on_paper_it_is_one_page_of_the_same_numbers(district, window):
    browser = Browser(district.clerk)
    with pypdfium2.PdfDocument(browser.client.get(f"{PICTURE}picture.pdf").content) as document:
        assert len(document) == 1
        words = document[0].get_textpage().get_text_bounded().split("\r\n")
    assert any(line.startswith("每日核查 3 1 33% 2 0") for line in words), words
    assert "差得最多的地方" in words
