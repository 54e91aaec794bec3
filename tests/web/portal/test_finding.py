"""Finding a service: in one's own words, by plain links, with and without scripts."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from zerotrip.web.templatetags.show import found as marked

PERMIT, FILING, CHANGE = "construction-permit", "investment-filing", "pesticide-change"


def listed(response) -> list[str]:
    """The services a page lists, in order."""
    return re.findall(r'<(?:h2|div)><a href="/services/([a-z-]+)/"', response.content.decode())


@pytest.mark.parametrize(
    ("asked", "first"),
    [("开工要办什么证", PERMIT), ("农药店换法人", CHANGE), ("立项", FILING), ("building permit", PERMIT)],
)
def test_ones_own_words_find_the_service(client, offered, asked, first):
    assert listed(client.get("/services/", {"q": asked}))[0] == first


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, {PERMIT, FILING, CHANGE}),
        ({"theme": "investment"}, {PERMIT, FILING}),
        ({"theme": "agriculture", "audience": "enterprise"}, {CHANGE}),
        ({"department": "approval-bureau"}, {PERMIT, FILING, CHANGE}),
        ({"theme": "nothing-of-the-kind", "audience": "martians"}, {PERMIT, FILING, CHANGE}),
        ({"q": "农药", "theme": "agriculture"}, {CHANGE}),
        ({"q": "农药", "theme": "investment"}, set()),
    ],
)
def test_plain_links_narrow_the_list(client, offered, narrowed, expected):
    assert set(listed(client.get("/services/", narrowed))) == expected


def test_each_number_beside_a_link_is_what_the_link_shows(client, offered):
    page = client.get("/services/", {"theme": "investment"})
    links = re.findall(r'<li><a href="(\?[^"]*)"[^>]*>[^<]*<b>(\d+)</b>', page.content.decode())
    assert len(links) > 3
    for url, count in links:
        assert len(listed(client.get("/services/" + url.replace("&amp;", "&")))) == int(count)


def test_nothing_found_says_what_to_do_next(client, offered):
    page = client.get("/services/", {"q": "zzqq"})
    assert page.status_code == 200
    assert listed(page) == []
    assert "换个说法再试" in page.content.decode()


def test_a_script_gets_the_same_list_as_the_page(client, offered):
    whole = client.get("/services/", {"q": "农药"})
    part = client.get("/services/", {"q": "农药"}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert listed(part) == listed(whole) != []
    assert b"<html" not in part.content
    assert 'id="count" role="status" hx-swap-oob="true"' in part.content.decode()
    assert "HX-Request" in part["Vary"]


def test_what_is_searched_for_is_shown_as_text(client, offered):
    page = client.get("/services/", {"q": "<script>alert(1)</script>施工"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("开工前申领", "开工", "<mark>开工</mark>前申领"),
        ("Construction permit", "PERMIT", "Construction <mark>permit</mark>"),
        ("a < b & 开工", "开工", "a &lt; b &amp; <mark>开工</mark>"),
        ("没有", "开工", "没有"),
        ("没有", "", "没有"),
    ],
)
def test_the_words_searched_for_are_marked(text, asked, expected):
    with override("zh-hans"):
        assert marked(text, asked) == expected


def test_a_list_costs_three_queries_however_it_is_narrowed(client, offered, django_assert_num_queries):
    client.get("/services/")
    for query in ({}, {"q": "农药"}, {"theme": "investment", "audience": "enterprise"}):
        with django_assert_num_queries(3):  # district, themes, services
            client.get("/services/", query)


def test_without_a_search_services_stand_under_their_theme_each_once(client, offered):
    page = client.get("/services/").content.decode()
    assert '<section class="card shelf"><h2>投资建设</h2>' in page
    assert page.count('href="/services/construction-permit/"') == 1
    searched = client.get("/services/", {"q": "施工"}).content.decode()
    assert "card shelf" not in searched
