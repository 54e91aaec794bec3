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
        ({"old": "wrong"}, "old_password", "现在的密码不对"),
        ({"old": ""}, "old_password", "请填写这一项"),
        ({"again": "another one entirely"}, "new_password2", "两次输入的新密码不一样"),
        ({"new": "short"}, "new_password1", "至少要有 10 位"),
        ({"new": "1234567890"}, "new_password1", "太常见"),
        ({"new": "clerk2@example.test"}, "new_password1", "太相近"),
        ({"new": "", "again": NEW}, "new_password1", "请填写这一项"),
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


def test_every_fault_the_library_finds_is_told_in_our_words(client, me):
    """Its own words are English where they are not translated."""
    page = change(client, old="wrong", new="12345").content.decode()
    shown = re.findall(r'class="problem"[^>]*>([^<]*)<', page)
    assert len(shown) == 2
    assert not re.search("[A-Za-z]{2}", "".join(shown))


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
