"""Frozen figures say the same on the page, in the workbook and on paper, in both languages."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests.prevention.rounds.screened import AREA, opened, person, sampled
from tests.prevention.test_population import enrolled, site, somebody
from tests.web.browsing import Browser
from zerotrip.ids import new_id
from zerotrip.prevention.models import By, Tally
from zerotrip.prevention.rounds import actions, tallies
from zerotrip.web.desk.prevention import figures

pytestmark = pytest.mark.django_db

FIGURES = "/desk/prevention/rounds/"


@pytest.fixture
def tally(district) -> Tally:
    """The later of two: three at home of whom one came, then two; one in a dormitory, one at a firm."""
    first, second, _third = person("甲"), person("乙"), person("丙")
    enrolled(somebody("丁", phone="13700000001"), "lodger", site=site())
    enrolled(somebody("戊", phone="13700000002"), "worker", employer=district.firm)
    now = timezone.now()
    starts, ends = now - timedelta(hours=5), now + timedelta(hours=5)
    window = opened(district, at=now, starts=starts, ends=ends).window
    since = window.opened_at
    window.dues.update(since=starts)
    sampled(window, first.pk, starts)
    tallies.freeze(window, now - timedelta(hours=2), at=since)
    sampled(window, second.pk, now - timedelta(hours=1))
    return tallies.freeze(window, now, at=now)


def on_paper(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        return " ".join(page.get_textpage().get_text_bounded() for page in document)


def rows_in(html: str) -> list[list[str]]:
    """The cells of the tables of the page, without what is added to a number in small."""
    found = re.findall(r"<tr>(<td>.*?)</tr>", html, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>([^<]*)", row) for row in found]
    more = [re.findall(r'"sub">\+(\d+)<', row) for row in found]
    return [[*cell, *(added or [""])] for cell, added in zip(cells, more, strict=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_workbook_and_paper_hold_the_same_numbers(district, tally, language):
    browser = Browser(district.leader, language=language)
    page = browser.open(f"{FIGURES}{tally.window_id}/figures/").html
    book = load_workbook(io.BytesIO(browser.client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.xlsx").content))
    paper = on_paper(browser.client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.pdf").content)
    shown = rows_in(page)
    assert shown[0][1:6] == ["5", "2", "2", "0", "3"], "of five asked, two came"
    sheets = [row for sheet in book for row in sheet.iter_rows(min_row=3, values_only=True)]
    blank = {None: "", "0": "0"}
    held = [[blank.get(cell, str(cell)) for cell in row] for row in sheets]
    assert [[*row[:7], "" if row[7] in ("", "0") else row[7]] for row in held] == shown
    printed = re.sub(r"\s+", "", paper)
    for row in held:
        assert "".join(cell or "—" for cell in row).replace(" ", "") in printed, row


def test_paper_says_of_which_moment_and_who_printed_it(district, tally):
    paper = on_paper(Browser(district.leader).client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.pdf").content)
    assert "由系统自动留存" in paper
    assert district.leader.name in paper
    english = Browser(district.leader, language="en")
    words = on_paper(english.client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.pdf").content)
    assert "Frozen by the system" in words
    assert "应检" not in words


def test_figures_of_another_round_are_not_printed_under_this_one(district, tally):
    starts = tally.at + timedelta(hours=6)
    asked = actions.Asked("第二轮", AREA, tally.window.requirement_id, starts, starts + timedelta(hours=2))
    other = actions.open_round(asked, key=new_id(), by=district.leader, at=tally.at)
    own = tallies.freeze(other.window, starts, at=starts)
    client = Browser(district.leader).client
    assert client.get(f"{FIGURES}{other.window_id}/{own.pk}.pdf").status_code == 200
    assert client.get(f"{FIGURES}{other.window_id}/{tally.pk}.pdf").status_code == 404


def test_of_very_many_lines_those_that_miss_most_are_shown_and_the_rest_is_in_the_workbook(
    district, tally, monkeypatch
):
    monkeypatch.setattr(figures, "MOST_LINES", 1)
    browser = Browser(district.leader)
    page = browser.open(f"{FIGURES}{tally.window_id}/figures/").text
    assert re.findall("另有 [0-9]+ 行", page) == [f"另有 {tally.lines.filter(by=By.AREA).count() - 1} 行"], page
    paper = on_paper(browser.client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.pdf").content)
    assert "另有" in paper
    book = load_workbook(io.BytesIO(browser.client.get(f"{FIGURES}{tally.window_id}/{tally.pk}.xlsx").content))
    assert sum(sheet.max_row - 2 for sheet in book) == tally.lines.count()
