"""People at their browsers: signed in, reading pages, sending the forms as the pages hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case
from zerotrip.ledger.queries import history
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Party, User

HAN = re.compile(r"[㐀-鿿豈-﫿]+")
"""Chinese words."""
_VOID = frozenset(["input", "br", "img", "link", "meta", "hr", "source", "col"])
_INLINE = frozenset(["b", "span", "a", "i", "em", "small", "mark", "textarea"])
_SPOKEN = ("placeholder", "aria-label", "title", "alt", "data-failed", "data-offline")
"""Attributes whose words a reader meets."""


class Browser:
    """A browser in which somebody is signed in. Forms carry their token, or are refused."""

    def __init__(self, who: Actor | User | None = None, *, language: str = "zh-hans") -> None:
        self.client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
        if who is not None:
            user = who if isinstance(who, User) else User.objects.get(pk=who.user_id)
            world.sign_in(self.client, user)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    def open(self, url: str, *, status: int = 200) -> Page:
        """The page at an address; a ``#part`` is left to the reader."""
        return self._page(self.client.get(url.partition("#")[0]), status)

    def send(self, url: str, data: dict[str, Any], *, status: int = 302, htmx: bool = False) -> Page:
        """What comes back for a form."""
        headers = {"HX-Request": "true"} if htmx else {}
        return self._page(self.client.post(url, data, headers=headers), status)

    def _page(self, response: Any, status: int) -> Page:
        content = b"".join(response) if response.streaming else response.content
        page = Page(self, response, content.decode(errors="replace"))
        assert page.status == status, f"{page.status} {page.location}: {page.text[:600]}"
        return page


@dataclass
class Form:
    """A form with the values its controls hold, and its buttons."""

    browser: Browser
    page: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)

    def press(
        self, words: str = "", *, status: int = 302, htmx: bool = False, without: tuple[str, ...] = (), **typed: Any
    ) -> Page:
        """Type over what the controls hold, then press the button that says ``words``; with none, Enter.

        Files stand in ``typed`` like everything else. A name no control has is an error of the test.
        """
        button = next((b for b in self.buttons if words and words in b["words"]), None)
        assert button is not None or not words, f"no button {words!r} among {[b['words'] for b in self.buttons]}"
        unknown = set(typed) - set(self.values)
        assert not unknown, f"no control {unknown}"
        data: dict[str, Any] = {name: values for name, values in self.values.items() if name not in without}
        data |= typed
        if button and button.get("name"):
            data[button["name"]] = button.get("value", "")
        target = (button or {}).get("formaction") or self.action or self.page
        return self.browser.send(target, data, status=status, htmx=htmx)


class Page:
    """What came back."""

    def __init__(self, browser: Browser, response: Any, html: str) -> None:
        self.browser, self.response, self.html = browser, response, html
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.url = response.request["PATH_INFO"]
        reader = _Reader(browser, self.url)
        reader.feed(html if "html" in response.headers.get("Content-Type", "") else "")
        reader.close()
        self.forms, self.ids, self.links = reader.forms, reader.ids, reader.links
        self.text = " ".join("".join(reader.words).split())
        self.foreign = " ".join("".join(reader.spoken).split())
        """All words of the page and of its attributes, without what says it is in another language."""
        self.marked = {tag: [" ".join(text.split()) for text in texts] for tag, texts in reader.marked.items()}
        """The texts of elements by tag or class, such as ``del`` and ``.problem``."""

    def form(self, action: str = "") -> Form:
        """The one form whose address ends so; with none, the one that comes back to this page."""
        found = [f for f in self.forms if (f.action.endswith(action) if action else f.action in ("", self.url))]
        assert len(found) == 1, f"{[f.action for f in self.forms]}"
        return found[0]

    def follow(self, *, status: int = 200) -> Page:
        """Where a redirect leads."""
        return self.browser.open(self.location, status=status)


class _Reader(HTMLParser):
    """Reads a page as far as the tests ask."""

    def __init__(self, browser: Browser, url: str) -> None:
        super().__init__()
        self.browser, self.url = browser, url
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.spoken: list[str] = []
        self.marked: dict[str, list[str]] = {}
        self._open: list[tuple[str, dict[str, str], list[tuple[str, int]]]] = []
        self._form: Form | None = None
        self._named: dict[str, Form] = {}
        self._elsewhere: list[dict[str, str]] = []
        self._button: dict[str, str] | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if "href" in given:
            self.links.append(given["href"])
        heard = self._follow_marks(tag, given)
        if self._is_ours(given):
            self.spoken += [f" {given[name]} " for name in _SPOKEN if name in given]
        self._follow_form(tag, given)
        if tag not in _VOID:
            self._open.append((tag, given, heard))
        else:
            self.handle_data(" ")

    def _follow_marks(self, tag: str, given: dict[str, str]) -> list[tuple[str, int]]:
        names = {tag, *(f".{name}" for name in given.get("class", "").split())}
        for name in names:
            self.marked.setdefault(name, []).append("")
        return [(name, len(self.marked[name]) - 1) for name in names]

    def _follow_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(self.browser, self.url, given.get("action", ""))
            self.forms.append(self._form)
            self._named[given.get("id", "")] = self._form
            return
        if tag == "button" and "form" in given:
            self._button = {**given, "words": ""}
            self._elsewhere.append(self._button)
            return
        form = self._form
        if form is None:
            return
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if tag == "button":
            self._button = {**given, "words": ""}
            form.buttons.append(self._button)
        elif tag == "option" and "selected" in given:
            form.values[self._select] = [value]
        elif not name:
            return
        elif tag == "select":
            self._select = name
            form.values[name] = [""]
        elif tag == "textarea":
            self._area = name
            form.values[name] = [""]
        elif tag == "input" and kind in ("radio", "checkbox"):
            form.values.setdefault(name, [])
            form.values[name] += [value] if "checked" in given else []
        elif tag == "input" and kind == "file":
            form.values[name] = []
        elif tag == "input":
            form.values[name] = [value]

    def close(self) -> None:
        """Buttons may stand before the form they belong to."""
        super().close()
        for button in self._elsewhere:
            self._named[button["form"]].buttons.append(button)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _given, _heard = self._open.pop()
            if closed == tag:
                break
        if tag == "form":
            self._form = None
        if tag == "button":
            self._button = None
        if tag == "textarea":
            self._area = ""
        if tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _given, _heard in self._open}
        if inside & {"script", "style"}:
            return
        self.words.append(data)
        if self._is_ours({}):
            self.spoken.append(data)
        if self._button is not None:
            self._button["words"] += data
        if self._area and self._form:
            # A newline right after the tag is not part of the value.
            self._form.values[self._area][0] += data
        for _tag, _given, heard in self._open:
            for name, number in heard:
                self.marked[name][number] += data

    def _is_ours(self, given: dict[str, str]) -> bool:
        """Whether the reader was not told that another language follows."""
        return not any("lang" in g and tag != "html" for tag, g, _h in self._open) and "lang" not in given


def steps(case: Case) -> list[str]:
    """What happened to a case so far."""
    return [entry.action for entry in history(case.pk)]


def submitted(
    service: str, applicant: Party, by: Actor, *, at: datetime | None = None, **changes: Any
) -> tuple[Case, Assignment]:
    """A case handed in now, or when the test says, with its intake."""
    at = at or timezone.now()
    case = actions.submit(world.draft(service, applicant, by, at, **changes), by=by, at=at)
    (work,) = world.open_work(case)
    return case, work


def token(page: Page) -> dict[str, str]:
    """What any form of a page sends along."""
    return {"csrfmiddlewaretoken": page.forms[0].values["csrfmiddlewaretoken"][0]}


def without_chinese(value: Any) -> Any:
    """Answers as somebody who writes no Chinese would give them."""
    if isinstance(value, dict):
        return {name: without_chinese(part) for name, part in value.items()}
    if isinstance(value, list):
        return [without_chinese(part) for part in value]
    return HAN.sub("text", value) if isinstance(value, str) else value


def chinese_words(page: Page) -> list[str]:
    """What a reader of an English page meets in Chinese, without saying so."""
    return [word for word in page.foreign.split() if HAN.search(word)]


def cost(browser: Browser, url: str) -> int:
    """How many queries a page takes, once everything that is remembered is."""
    browser.open(url)
    with CaptureQueriesContext(connection) as asked:
        browser.open(url)
    return len(asked)


def stored(folder: Path) -> list[str]:
    """The names of all files below a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
