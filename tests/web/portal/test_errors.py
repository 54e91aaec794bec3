"""Whatever goes wrong, the page says what happened and what to do; a script gets the reason to show."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.test import Client, override_settings
from django.urls import path

from zerotrip import errors
from zerotrip.web import errors as pages
from zerotrip.web.urls import urlpatterns as real

REFUSALS = [
    errors.Refused, errors.NotAllowed, errors.NotFound, errors.Stale, errors.Invalid, errors.TooLarge,
    errors.WrongType, errors.Refusal,
]  # fmt: skip


def refuse(request, number):
    raise REFUSALS[number]("这是给读者的话。")


def fault(request):
    raise RuntimeError("secret detail")


urlpatterns = [path("refuse/<int:number>", refuse), path("fault", fault), *real]
handler400, handler403, handler404, handler500 = pages.bad_request, pages.denied, pages.missing, pages.failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_faults")]


@pytest.fixture
def with_faults():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_a_refusal_is_a_page_of_its_status_with_the_reason(client, number):
    page = client.get(f"/refuse/{number}")
    assert page.status_code == REFUSALS[number].status
    assert "这是给读者的话。" in page.content.decode()
    assert unquote(page["X-Reason"]) == "这是给读者的话。"
    assert 'id="main"' in page.content.decode()


def test_a_fault_of_ours_tells_nobody_its_details(client):
    client.raise_request_exception = False
    page = client.get("/fault")
    assert page.status_code == 500
    assert "这是我们的问题" in page.content.decode()
    assert "secret detail" not in page.content.decode()


def test_a_form_without_its_token_is_told_what_to_do():
    page = Client(enforce_csrf_checks=True).post("/theme", {"theme": "dark"})
    assert page.status_code == 403
    assert "页面打开太久" in page.content.decode()


def test_an_address_that_leads_nowhere_leads_on(client):
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert 'href="/services/"' in page.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "a b"])
def test_a_host_that_is_not_ours_is_a_bad_request_and_no_fault_of_ours(client, db, host):
    shown = client.get("/", headers={"host": host})
    assert shown.status_code == 400
    assert "请求有误" in shown.content.decode()
    assert host not in shown.content.decode()
