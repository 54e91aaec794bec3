"""The supervision boards: numbers for those who answer for them, each with the list behind it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import timezone

from tests.conftest import DESK
from tests.insight.population import populate
from tests.web.browsing import Browser, Page, chinese_words, cost
from zerotrip.cases.models import Case
from zerotrip.insight.actions import fold
from zerotrip.insight.models import Facts

WHOLE = "period=custom&since=2026-01-01&until=2026-06-30"


@pytest.fixture
def cases(district) -> list[Case]:
    made = populate(district, 60)
    fold(at=datetime(2026, 7, 1, tzinfo=UTC))
    return made


@pytest.fixture
def supervisor(district) -> Browser:
    return Browser(district.supervisor)


def numbers(page: Page) -> dict[str, str]:
    """The numbers of a page that lead somewhere: address → text."""
    found = re.findall(r'<a href="((?:cases|work|marks)/[^"]+)">([\d,.%]+)</a>', page.html)
    return {link.replace("&amp;", "&"): text for link, text in found}


def total(page: Page) -> int:
    return int(re.search(r"([\d,]+)", page.marked["h1"][0].split()[-2 if "件" in page.marked["h1"][0] else -1])[1])


@pytest.mark.parametrize("by", ["service", "department"])
def test_every_count_leads_to_so_many_cases(supervisor, cases, by):
    page = supervisor.open(f"/desk/boards/?by={by}&{WHOLE}")
    counted = {
        link: text
        for link, text in numbers(page).items()
        if re.search(r"measure=(received|closed|open|overdue|late|unlawful|withdrawn|lapsed)$", link)
    }
    assert len(counted) > 10
    for link, text in counted.items():
        listed = supervisor.open(f"/desk/boards/{link}")
        assert total(listed) == int(text.replace(",", "")), link


def test_the_rows_add_up_to_all_cases(supervisor, cases):
    page = supervisor.open(f"/desk/boards/?{WHOLE}&green=with")
    received = [int(text) for link, text in numbers(page).items() if link.endswith("measure=received")]
    assert sum(received) == len(cases)


def test_the_green_channel_is_a_row_of_its_own(supervisor, cases):
    page = supervisor.open(f"/desk/boards/?{WHOLE}")
    assert "绿色通道（单列，不计入以上各行）" in page.text
    received = {link: int(text) for link, text in numbers(page).items() if link.endswith("measure=received")}
    green = [count for link, count in received.items() if "green=only" in link]
    assert green == [Facts.objects.filter(green=True).count()]
    assert sum(received.values()) == len(cases)


def test_a_clerk_sees_their_own_work_and_nobody_elses(district, cases):
    page = Browser(district.clerk).open(f"/desk/boards/?by=service&{WHOLE}")
    assert district.clerk.name in page.text
    assert district.leader.name not in page.text
    listed = Browser(district.clerk).open(f"/desk/boards/cases/?measure=closed&{WHOLE}")
    assert "没有这样的办件" in listed.text
    others = Browser(district.clerk).open(f"/desk/boards/work/?{WHOLE}&account={district.leader.user_id}")
    assert "没有这样的环节" in others.text
    assert district.leader.name not in others.text


def test_a_leader_sees_their_department_and_its_people(district, cases):
    page = Browser(district.leader).open(f"/desk/boards/?by=department&{WHOLE}")
    assert page.html.count('scope="row"') == 2 + page.html.count("<svg")  # the department, and its green channel
    people = Browser(district.leader).open(f"/desk/boards/?by=person&{WHOLE}")
    assert district.clerk.name in people.text


def test_days_that_are_none_say_so_and_stay_as_typed(supervisor, cases):
    for since, until in (("2026-13-01", "2026-02-01"), ("2026-05-01", "2026-02-01"), ("1900-01-01", "2026-01-01")):
        page = supervisor.open(f"/desk/boards/?period=custom&since={since}&until={until}")
        assert page.marked[".problem"][0].endswith("现在显示的是本月。")
        assert f'value="{since}"' in page.html
    supervisor.open("/desk/boards/?service=%27%3B&department=x&area=%C3%A9&green=no&by=what&period=never")
    supervisor.open("/desk/boards/cases/?measure=everything", status=404)


def test_the_pages_take_as_many_queries_for_few_as_for_many(district, supervisor):
    populate(district, 10)
    fold(at=timezone.now())
    pages = [f"/desk/boards/?by={by}&{WHOLE}" for by in ("service", "department", "person")]
    pages += [f"/desk/boards/{name}/?{WHOLE}" for name in ("cases", "marks", "ranking", "steps", "work")]
    few = {url: cost(supervisor, url) for url in pages}
    for case in Case.objects.all():
        Case.objects.filter(pk=case.pk).update(number=f"O{case.number}")
    populate(district, 60, seed=2)
    fold(at=timezone.now(), whole=True)
    assert {url: cost(supervisor, url) for url in pages} == few
    assert max(few.values()) <= 19


def test_a_table_can_be_taken_out_and_holds_no_formulas(supervisor, cases):
    Case.objects.update(subject="=HYPERLINK(1)")
    table = supervisor.open(f"/desk/boards/?{WHOLE}&as=csv").html.splitlines()
    assert table[0].startswith("\ufeff按事项,件数 收件,")
    assert len(table) == 1 + 3 + 1
    listed = supervisor.open(f"/desk/boards/cases/?measure=closed&{WHOLE}&green=with&as=csv").html.splitlines()
    assert len(listed) == 1 + Facts.objects.filter(closed_on__isnull=False).count()
    assert all("'=HYPERLINK(1)" in line for line in listed[1:])


def test_who_paused_and_why_is_listed(district, supervisor, cases):
    page = supervisor.open(f"/desk/boards/marks/?{WHOLE}&green=with&kind=pause")
    assert "现场情况复杂" in page.text
    assert district.leader.name in page.text
    assert "收回" not in page.marked["td"][0]
    assert supervisor.open(f"/desk/boards/marks/?{WHOLE}&as=csv").html.count("\n") > 5


def test_the_ranking_says_what_it_would_be_without_pauses(supervisor, cases):
    page = supervisor.open(f"/desk/boards/ranking/?by=department&{WHOLE}&green=with")
    assert "威尔逊区间" in page.text
    assert page.html.count('<th scope="row"') == 2
    for by in ("service", "person"):
        supervisor.open(f"/desk/boards/ranking/?by={by}&{WHOLE}&green=with")
    assert supervisor.open(f"/desk/boards/ranking/?by=person&{WHOLE}&as=csv").html.count("\n") >= 3


def test_boards_read_in_english(district, cases):
    browser = Browser(district.supervisor, language="en")
    for url in ("", "ranking/", "marks/", "steps/", "cases/"):
        page = browser.open(f"/desk/boards/{url}?{WHOLE}&service=investment-filing")
        words = [word for word in chinese_words(page) if word not in str(page.marked.get("td", []))]
        assert words == [], (url, words)


def test_an_empty_period_says_so(supervisor, district):
    for url in ("", "ranking/", "marks/", "steps/", "cases/", "work/"):
        assert supervisor.open(f"/desk/boards/{url}?period=last-quarter").marked[".empty"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", [DESK], indirect=True)
def test_the_table_needs_no_scrolling_sideways_beside_the_rail(page, live, supervisor, cases):
    session = supervisor.client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live}])
    page.goto(f"/desk/boards/?{WHOLE}")
    width, room = page.eval_on_selector(".scroll", "table => [table.scrollWidth, table.clientWidth]")
    assert width <= room
