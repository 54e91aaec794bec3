"""Staff change their password; nobody else does, and not without the old one."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import world
from tests.web.accounts.conftest import PASSWORD
from zerotrip.ledger.queries import history
from zerotrip.parties.models import User

NEW = "a staple no battery holds"
PAGE = "/me/password/"


@pytest.fixture
def me(clerk, client) -> User:
    """Staff at their desk."""
    world.sign_in(client, clerk)
    return clerk


def change(client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    typed = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(PAGE, typed)


def has(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def test_the_new_password_is_good_from_now_on_and_the_journal_says_so(client, me):
    assert 'href="/me/password/"' in client.get("/me/").content.decode()
    assert change(client).url == "/me/"
    assert has(me, NEW)
    assert not has(me, PASSWORD)
    assert [(entry.action, entry.actor) for entry in history(me.person_id)][-1] == ("password", me.pk)
    assert client.get("/desk/").status_code == 200, "this browser stays"


def test_whoever_else_is_signed_in_with_the_old_password_is_out(client, me):
    elsewhere = world.sign_in(Client(), me)
    assert elsewhere.get("/desk/").status_code == 200
    change(client)
    assert elsewhere.get("/desk/").url.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"old": "wrong"}, "old_password", "密码"),
        ({"old": ""}, "old_password", "必填"),
        ({"again": "another one entirely"}, "new_password2", "不匹配|不一致|密码"),
        ({"new": "short"}, "new_password2", "10"),
        ({"new": "1234567890"}, "new_password2", "常见"),
        ({"new": "clerk2@example.test"}, "new_password2", "相似|相近"),
        ({"new": ""}, "new_password1", "必填"),
    ],
)
def test_what_does_not_pass_is_said_at_its_field_and_nothing_changes(client, me, typed, field, words):
    answer = change(client, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    start = page.index(f'<label for="{field}"')
    place = page[start : page.index("<input", start)]
    assert re.search(rf'class="problem"[^>]*>[^<]*({words})', place), place
    assert has(me, PASSWORD)
    assert all(value not in page for value in (PASSWORD, NEW))


def test_faults_are_told_in_english_too(client, me):
    client.cookies["django_language"] = "en"
    page = change(client, old="wrong", new="short").content.decode()
    assert "old password was entered incorrectly" in page
    assert "at least 10 characters" in page


def test_guesses_of_the_old_password_are_limited(client, me):
    answers = [change(client, old=f"guess {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "尝试次数太多" in answers[-1].content.decode()
    assert change(client).status_code == 429, "not even the right one"
    assert has(me, PASSWORD)


def test_without_the_second_factor_or_a_seat_there_is_no_such_page(clerk, district):
    without = Client()
    without.force_login(clerk)
    assert change(without).status_code == 302
    applicant = Client()
    applicant.force_login(User.objects.get(pk=district.applicant.user_id))
    assert applicant.get(PAGE).status_code == 403
    assert change(applicant).status_code == 403
    assert has(clerk, PASSWORD)
