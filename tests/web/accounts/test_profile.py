"""Whom one acts for, on one's own page."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from tests import world
from zerotrip.parties.models import Membership, Party, Role, User

NAME = "济南虚构材料有限公司"


@pytest.fixture
def me(client) -> User:
    """Somebody signed in."""
    user = world.person("林知远")
    client.force_login(user)
    return user


@pytest.fixture
def mine(me) -> Party:
    """An enterprise one acts for."""
    firm = world.enterprise(NAME)
    world.agent(me, firm, since=datetime(2020, 1, 1, tzinfo=UTC))
    return firm


def test_an_enterprise_is_registered_from_the_page(client, me):
    assert client.post("/me/enterprises/", {"name": NAME, "uscc": world.uscc(7).lower()}).url == "/me/"
    assert NAME in client.get("/me/").content.decode()


def test_what_was_typed_stays_when_it_is_refused(client, me):
    page = client.post("/me/enterprises/", {"name": '济南"><script>', "uscc": "123"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "统一社会信用代码不对" in text
    assert 'value="123"' in text
    assert '"><script>' not in text


def test_a_colleague_is_added_and_ended_by_an_address(client, me, mine):
    colleague = world.person("周予安", email="zhou@example.test")
    where = f"/me/enterprises/{mine.pk}/agents/"
    assert client.post(where, {"address": "nobody@example.test"}).status_code == 404
    assert client.post(where, {"address": "?"}).status_code == 404
    assert client.post(where, {"address": "Zhou@Example.test"}).url == "/me/"
    assert "周予安" in client.get("/me/").content.decode()
    agency = Membership.objects.get(person=colleague.person)
    assert client.post(f"/me/agents/{agency.pk}/end/").url == "/me/"
    assert "周予安现在" not in client.get("/me/").content.decode()
    assert client.post(f"/me/agents/{agency.pk}/end/").status_code == 404
    assert client.post(f"/me/agents/{Membership.objects.get(person=me.person).pk}/end/").status_code == 409


def test_a_stranger_learns_nothing_of_an_enterprise(client, me):
    other = world.enterprise("别家公司", serial=901)
    theirs = world.agent(world.person("路人甲"), other, since=datetime(2020, 1, 1, tzinfo=UTC))
    agency = Membership.objects.get(person=theirs.person)
    answers = [
        client.post(f"/me/enterprises/{other.pk}/agents/", {"address": me.phone}),
        client.post(f"/me/agents/{agency.pk}/end/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not any(
        "别家公司" in answer.content.decode() or "路人甲" in answer.content.decode() for answer in answers
    )
    claimed = client.post("/me/enterprises/", {"name": "x公司", "uscc": other.uscc})
    assert claimed.status_code == 409
    assert "别家公司" not in claimed.content.decode()


def test_a_person_changes_their_name_on_their_page(client, me):
    assert 'action="/me/name/"' in client.get("/me/").content.decode()
    assert client.post("/me/name/", {"name": " 林致远 "}).url == "/me/"
    assert "林致远" in client.get("/me/").content.decode()
    assert Party.objects.get(pk=me.person_id).name == "林致远"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "请填写您的真实姓名"), ("en", "name")])
def test_a_name_that_is_none_is_refused_in_place(client, me, language, words):
    client.cookies["django_language"] = language
    answer = client.post("/me/name/", {"name": "<"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'id="new-name-problem"[^>]*>[^<]*{words}', page)
    assert 'value="&lt;"' in page
    assert "<dd>林知远</dd>" in page
    assert Party.objects.get(pk=me.person_id).name == "林知远"


def test_staff_do_not_rename_themselves_not_even_without_their_second_factor(client, district):
    clerk = User.objects.get(pk=district.clerk.user_id)
    client.force_login(clerk)
    answer = client.post("/me/name/", {"name": "苏局长"})
    assert answer.status_code == 409
    assert "工作人员的姓名由本部门登记" in answer.content.decode()
    world.sign_in(client, clerk)
    assert 'action="/me/name/"' not in client.get("/me/").content.decode()
    assert client.post("/me/name/", {"name": "苏局长"}).status_code == 409
    assert Party.objects.get(pk=clerk.person_id).name == "clerk"


def test_addresses_of_colleagues_are_not_tried_one_after_another(client, me, mine):
    where = f"/me/enterprises/{mine.pk}/agents/"
    world.person("周予安", email="zhou@example.test")
    answers = [client.post(where, {"address": f"guess{number}@example.test"}) for number in range(5)]
    assert {answer.status_code for answer in answers} == {404}
    refused = client.post(where, {"address": "zhou@example.test"})
    page = refused.content.decode()
    assert refused.status_code == 429
    assert re.search(r'class="problem"[^>]*>尝试次数太多', page)
    assert "周予安" not in page
    assert Membership.objects.filter(organisation=mine).count() == 1
    other = Client()
    other.force_login(world.agent(world.person("何同事"), mine, since=datetime(2020, 1, 1, tzinfo=UTC)))
    assert other.post(where, {"address": "zhou@example.test"}).url == "/me/", "the limit is of one account"


def test_addresses_are_not_tried_day_in_day_out_either(client, me, mine, settings):
    per_day = settings.ACCOUNT_RATE_LIMITS["add_agent"].split(",")[1]
    settings.ACCOUNT_RATE_LIMITS = {"add_agent": per_day}
    where = f"/me/enterprises/{mine.pk}/agents/"
    answers = [client.post(where, {"address": f"guess{number}@example.test"}).status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


STREET = "370199001000"


def test_an_enterprise_says_where_it_is_and_its_street_knows_of_it(client, district):
    me = world.person("沈清和")
    client.force_login(me)
    told = {"name": NAME, "uscc": world.uscc(8), "area": STREET}
    assert client.post("/me/enterprises/", told).url == "/me/"
    firm = Party.objects.get(uscc=world.uscc(8))
    assert firm.area_path.endswith(f"/{STREET}/")
    street = world.acting(world.staff("street", "subdistrict-office", Role.CLERK, area_path=firm.area_path))
    assert Party.objects.visible_to(street).filter(pk=firm.pk).exists()


def test_an_enterprise_without_a_place_is_asked_for_it_once(client, district):
    me = world.person("沈清和")
    firm = world.enterprise(NAME, 902)
    Party.objects.filter(pk=firm.pk).update(area_path="")
    world.agent(me, firm)
    client.force_login(me)
    where = f"/me/enterprises/{firm.pk}/place/"
    assert where in client.get("/me/").content.decode()
    assert client.post(where, {"area": "1"}).status_code == 422
    assert client.post(where, {"area": STREET}).url == "/me/"
    assert where not in client.get("/me/").content.decode()
    assert client.post(where, {"area": "370199002000"}).status_code == 409
    client.force_login(world.person("路人乙"))
    assert client.post(where, {"area": STREET}).status_code == 404


def test_a_place_that_is_none_registers_nothing(client, district):
    client.force_login(world.person("沈清和"))
    page = client.post("/me/enterprises/", {"name": NAME, "uscc": world.uscc(9), "area": "1"})
    assert page.status_code == 422
    assert not Party.objects.filter(uscc=world.uscc(9)).exists()
