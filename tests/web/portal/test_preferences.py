"""Language and light are kept, and lead back to where one was."""

from __future__ import annotations

import pytest


def test_the_language_stays_chosen(client, db):
    assert '<html lang="zh-hans"' in client.get("/").content.decode()
    assert client.post("/language", {"language": "en", "next": "/v/"}).url == "/v/"
    assert '<html lang="en"' in client.get("/v/").content.decode()
    client.post("/language", {"language": "tlh"})
    assert '<html lang="en"' in client.get("/").content.decode(), "an unknown language changes nothing"


def test_light_and_dark_are_on_the_page_before_it_is_painted(client, db):
    assert "data-theme" not in client.get("/").content.decode()
    for theme in ("dark", "light"):
        client.post("/theme", {"theme": theme})
        assert f'data-theme="{theme}"' in client.get("/").content.decode()
    client.post("/theme", {"theme": ""})
    assert "data-theme" not in client.get("/").content.decode(), "back to what the device likes"


def test_a_cookie_of_somebody_elses_making_is_not_believed(client, db):
    client.cookies["theme"] = 'dark" onload="x'
    assert "data-theme" not in client.get("/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:alert(1)", "\\\\x", ""])
def test_nobody_is_sent_elsewhere(client, db, elsewhere):
    assert client.post("/theme", {"theme": "dark", "next": elsewhere}).url == "/"


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_a_choice_is_sent_and_not_opened(client, db, path):
    page = client.get(path)
    assert page.status_code == 405
    assert page["Allow"] == "POST"
    assert "请从页面上的按钮进入" in page.content.decode()
