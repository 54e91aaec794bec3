"""The first page: what can be done here, and what is under way."""

from __future__ import annotations

import gzip

import pytest
from django.contrib.staticfiles import finders

from tests import world
from zerotrip.parties.models import Party

PHONE_BUDGET = 100 * 1024
"""Bytes of a first page, compressed, with everything it loads."""


def test_services_and_themes_are_offered_with_their_numbers(client, offered):
    page = client.get("/").content.decode()
    assert "建筑工程施工许可证核发" in page
    assert 'href="/services/?theme=investment"' in page
    assert "2 个事项" in page
    assert "开办企业" not in page, "a theme without services leads nowhere"


def test_a_visitor_is_told_how_it_works_and_a_user_sees_their_cases(client, offered, settings, tmp_path):
    settings.FILES = tmp_path
    user = world.person("林知远")
    firm = world.enterprise("济南虚构材料有限公司")
    world.agent(user, firm)
    case = world.draft("investment-filing", firm, world.acting(user))
    assert case.number not in client.get("/").content.decode()
    client.force_login(user)
    assert case.number in client.get("/").content.decode()
    client.force_login(world.person("路人甲"))
    assert case.number not in client.get("/").content.decode()


def test_the_page_costs_as_many_queries_with_one_service_as_with_three(client, offered, django_assert_num_queries):
    client.get("/")
    with django_assert_num_queries(4):  # services, themes, district, whether prevention is under way
        client.get("/")
    assert Party.objects.exists()


def test_a_first_page_on_a_phone_is_light_and_asks_nobody_else(client, offered):
    page = client.get("/").content
    files = ["vendor/bootstrap-reboot.min.css", "zerotrip.css", "vendor/htmx.min.js", "zerotrip.js", "icon.svg"]
    texts = [page]
    for name in files:
        assert f"web/{name}".encode() in page
        with open(finders.find(f"web/{name}"), "rb") as file:
            texts.append(file.read())
    assert sum(len(gzip.compress(text)) for text in texts) < PHONE_BUDGET
    assert b"//" not in page.replace(b"http://www.w3.org", b"").replace(b"http://testserver", b"")


@pytest.mark.parametrize("path", ["/", "/services/", "/v/", "/accessibility"])
def test_an_empty_installation_has_pages_too(client, db, path):
    assert client.get(path).status_code == 200
