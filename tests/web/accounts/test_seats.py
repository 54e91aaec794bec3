"""Seats count once the second factor was shown in this session, and for an hour without a request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from zerotrip.parties.models import User


@pytest.fixture
def clerk(district) -> User:
    return User.objects.get(pk=district.clerk.user_id)


def test_with_the_second_factor_staff_are_at_their_desk(clerk, client):
    world.sign_in(client, clerk)
    assert client.get(reverse("desk")).status_code == 200


def test_without_it_they_are_sent_to_set_one_up_and_are_nobody_in_particular_elsewhere(clerk, client):
    world.sign_in(client, clerk, factor=False)
    assert client.get(reverse("desk")).headers["Location"] == reverse("mfa_activate_totp")
    answer = client.get(reverse("home"))
    assert not answer.wsgi_request.actor.seats
    assert answer.wsgi_request.actor.name == "clerk"
    assert reverse("desk") not in answer.text


def test_a_second_factor_shown_by_somebody_else_in_this_browser_does_not_count(clerk, client):
    world.sign_in(client, clerk)
    other = world.staff("other", "housing", world.Role.REVIEWER)
    session = client.session
    session["account_authentication_methods_user"] = str(other.pk)
    session.save()
    assert client.get(reverse("desk")).status_code == 302


def test_an_hour_without_a_request_signs_staff_out(clerk, client):
    world.sign_in(client, clerk)
    client.get(reverse("desk"))
    session = Session.objects.get(pk=client.session.session_key)
    left = session.expire_date - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)
    session.expire_date -= timedelta(minutes=61)
    session.save()
    assert client.get(reverse("desk")).headers["Location"].startswith(reverse("sign-in"))


def test_each_minute_at_work_prolongs_it_and_not_each_request(clerk, client):
    world.sign_in(client, clerk)
    client.get(reverse("desk"))
    before = Session.objects.get(pk=client.session.session_key).expire_date
    client.get(reverse("desk"))
    assert Session.objects.get(pk=client.session.session_key).expire_date == before, "not at each request"
    session = client.session
    session["seen"] -= 61
    session.save()
    client.get(reverse("desk"))
    assert Session.objects.get(pk=client.session.session_key).expire_date > before


def test_applicants_stay_signed_in(district, client):
    world.sign_in(client, User.objects.get(pk=district.applicant.user_id))
    client.get(reverse("my-cases"))
    left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
    assert left > timedelta(days=13)


def test_an_account_that_is_closed_is_out_at_once(clerk, client: Client):
    world.sign_in(client, clerk)
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get(reverse("desk")).headers["Location"].startswith(reverse("sign-in"))
    assert not client.get(reverse("home")).wsgi_request.actor.user_id
