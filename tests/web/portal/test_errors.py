"""Whatever goes wrong, the page says what happened and what to do; a script gets the reason to show."""

from __future__ import annotations

from urllib.parse import unquote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import path

from tests import world
from tests.web.browsing import Browser
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


FIELDS = "填写的项目太多"
TEXTS = "填写的内容太长"
ROWS = {f"row-{number}": "x" for number in range(1_100)}


@pytest.fixture
def somebody() -> Browser:
    browser = Browser(world.person("林知远"))
    browser.open("/")
    return browser


@pytest.mark.parametrize("visitor", [True, False])
@pytest.mark.parametrize(
    ("sent", "headline", "advice"),
    [({"theme": "字" * 400_000}, TEXTS, "缩短后再提交"), (ROWS, FIELDS, "减少行数")],
)
def test_a_form_that_holds_too_much_says_what_and_what_to_do(somebody, client, visitor, sent, headline, advice):
    asked = client if visitor else somebody.client
    page = asked.post("/theme", urlencode(sent), content_type="application/x-www-form-urlencoded")
    text = page.content.decode()
    assert page.status_code == 413
    assert headline in text
    assert "这次没有保存" in text
    assert "填写的内容还在" in text
    assert advice in text
    assert 'id="main"' in text


@pytest.mark.parametrize(("sent", "reason"), [({"theme": "长" * 1_000_000}, "填写的文字太多"), (ROWS, "项目太多")])
def test_so_does_a_form_with_room_for_files_and_a_script_gets_the_reason(somebody, sent, reason):
    page = somebody.send("/theme", sent, status=413, htmx=True)
    assert reason in page.text
    assert reason in unquote(page.response["X-Reason"])


def test_what_is_too_much_is_said_in_english_too():
    browser = Browser(language="en")
    browser.open("/")
    page = browser.send("/theme", ROWS, status=413)
    assert "Too many entries" in page.text
    assert "so nothing was saved" in page.text


def test_too_many_files_at_once_are_told_so(client):
    files = {f"file-{number}": SimpleUploadedFile("a.txt", b"x") for number in range(101)}
    page = client.post("/theme", files)
    assert page.status_code == 413
    assert "请把文件分几次上传" in page.content.decode()
