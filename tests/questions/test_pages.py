"""What a page shows is what it sends back."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given, settings

from tests.questions.forms import AREAS, FORM, TODAY, answers, asked, one_section, spoilt
from zerotrip.questions import Form
from zerotrip.questions.kinds import display


class Browser(HTMLParser):
    """The controls of a page and what a browser would send of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent = QueryDict(mutable=True)
        self.ids: list[str] = []
        self.buttons: list[str] = []
        self.names = ("", "")
        self.typing: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in pairs}
        self.ids += [given["id"]] if "id" in given else []
        name, value = given.get("name", ""), given.get("value", "")
        if tag in ("select", "textarea"):
            self.names, self.typing = (tag, name), []
        elif tag == "option" and "selected" in given:
            self.sent.appendlist(self.names[1], value)
        elif tag == "button":
            self.buttons.append(name)
        elif (
            tag == "input"
            and given["type"] != "file"
            and (given["type"] not in ("radio", "checkbox") or "checked" in given)
        ):
            self.sent.appendlist(name, value)

    def handle_data(self, data: str) -> None:
        self.typing.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.sent.appendlist(self.names[1], "".join(self.typing).replace("\n", "\r\n"))


def page_of(form: Form, given: dict[str, object], **more) -> Browser:
    context = {"areas": [(code, code, 2) for code in AREAS]}
    fields = form.bind(given, **more)
    return Browser(
        "".join(render_to_string("web/parts/field.html", {**context, "bound": bound}) for bound in fields)
    )


def kept(form: Form, given: dict[str, object], before: dict[str, object]) -> dict[str, object]:
    """As saved: numbers sealed."""
    return form.protect(given, seal=lambda n: f"sealed:{n}", mask=lambda n: f"{n[:4]}**{n[-4:]}", before=before)


@settings(deadline=None, max_examples=50)
@given(answers)
def test_a_page_sends_back_what_it_shows(given):
    values = FORM.check(kept(FORM, given, {}), today=TODAY).values
    page = page_of(FORM, values)
    again = kept(FORM, FORM.read_post(page.sent), values)
    assert FORM.check(again, today=TODAY).values == values


@settings(deadline=None, max_examples=30)
@given(spoilt)
def test_every_draft_has_a_page_and_a_reading(given):
    problems = FORM.check(given, today=TODAY).problems
    page = page_of(FORM, given, problems=problems)
    assert len(page.ids) == len(set(page.ids))
    assert set(FORM.read_post(page.sent)) <= set(FORM.fields)
    for _section, lines in FORM.show(given):
        assert all(isinstance(text, str) for _place, _field, text in lines)


ROWS = one_section(
    asked("rows", "group", rows_at_least=1, rows_at_most=3, fields=[asked("t", "text"), asked("n", "number")])
)


def test_rows_are_added_and_removed_by_buttons():
    given = {"rows": [{"t": "一", "n": "1"}, {"t": "二", "n": "2"}]}
    page = page_of(ROWS, given)
    assert page.buttons == ["remove-rows-0", "remove-rows-1", "add-rows"]
    assert not ROWS.asks_for_rows(page.sent)
    assert ROWS.read_post(page.sent) == given
    for button, rows in {
        "add-rows": [*given["rows"], {}],
        "remove-rows-0": given["rows"][1:],
        "remove-rows-1": given["rows"][:1],
        "remove-rows-7": given["rows"],
    }.items():
        sent = page.sent.copy()
        sent[button] = ""
        assert ROWS.asks_for_rows(sent)
        assert ROWS.read_post(sent) == {"rows": rows}


def test_rows_stop_where_the_form_does():
    sent = QueryDict("&".join(f"rows-{number}-t=x" for number in range(1000)))
    assert len(ROWS.read_post(sent)["rows"]) == 4
    assert ROWS.read_post(QueryDict("rows-99999-t=x&rows--t=x&rows-x-t=y&rows=z")) == {"rows": []}


def test_problems_are_shown_and_described_at_their_field():
    given = {"rows": [{"t": "一", "n": "1"}, {}, {"t": "三", "n": "x"}]}
    (group,) = ROWS.bind(given, problems=ROWS.check(given).problems)
    shown = {bound.place: bound.problems for row in group.rows for bound in row if bound.problems}
    assert set(shown) == {"rows.2.n"}
    bad = group.rows[2][1]
    assert (bad.name, bad.described_by, bad.text) == ("rows-2-n", "rows-2-n-problem", "x")


def test_only_fields_that_are_asked_are_on_the_page():
    names = [bound.name for bound in FORM.bind({"demolition": False}, section="scope")]
    assert "reason" not in names
    names = [bound.name for bound in FORM.bind({"demolition": True}, section="scope")]
    assert "reason" in names


def test_what_hangs_on_a_row_is_asked_in_that_row():
    (people,) = FORM.bind({"people": [{"foreign": True}, {"foreign": False}]}, names=["people"])
    assert [[bound.field.id for bound in row].count("country") for row in people.rows] == [1, 0]


def test_numbers_sent_as_numbers_are_on_the_page():
    form = one_section(asked("area", "number"))
    (bound,) = form.bind({"area": 1280.5})
    assert bound.text == "1280.5"


def test_computed_numbers_are_shown_not_asked():
    page = page_of(FORM, {"area": "2", "price": "3.5"}, section="scope")
    assert "cost" in page.ids
    assert "cost" not in page.sent
    (cost,) = FORM.bind({"area": "2", "price": "3.5", "cost": "999"}, names=["cost"])
    assert cost.text == "7"


@pytest.mark.parametrize(
    ("name", "value", "chinese"),
    [
        ("title", "一期", "一期"),
        ("area", "1280.5", "1,280.5 平方米"),
        ("area", "1e999999999", "1e999999999"),
        ("price", "12000000", "12,000,000 元"),
        ("start", "2026-03-01", "2026年3月1日"),
        ("start", "明天", "明天"),
        ("kind", "a", "A"),
        ("trades", ["a", "c"], "A、C"),
        ("demolition", True, "是"),
        ("owner", {"name": "示范公司", "uscc": "9137"}, "示范公司（9137）"),
        ("place", {"area": "370199001000", "detail": "路 1 号"}, "示范一街道路 1 号"),
        ("title", None, ""),
        ("title", {"x": []}, ""),
    ],
)
def test_values_are_shown_as_read(name, value, chinese):
    with translation.override("zh-hans"):
        spec = FORM.fields[name].spec
        assert display(spec, value, area_name=lambda code: "示范一街道") == chinese


def test_what_was_answered_is_listed_section_by_section():
    given = {
        "title": "一期",
        "demolition": False,
        "reason": "旧",
        "people": [{"person": "甲", "pay": "9"}, {"person": "乙"}],
    }
    shown = {section.id: {place: text for place, _field, text in lines} for section, lines in FORM.show(given)}
    assert shown["subject"]["title"] == "一期"
    assert "reason" not in shown["scope"]
    assert "plan" not in shown["scope"]
    assert shown["scope"]["people.0.person"] == "甲"
    assert shown["scope"]["people.1.person"] == "乙"
    assert shown["scope"]["people.0.pay"] == ""


def test_no_identity_number_is_ever_shown_whole():
    form = one_section(asked("it", "identity_number"))
    spec = form.fields["it"].spec
    assert display(spec, {"masked": "3701**0019", "sealed": "x"}) == "3701**0019"
    assert re.fullmatch(r"\*+", display(spec, "370102199001010019"))
