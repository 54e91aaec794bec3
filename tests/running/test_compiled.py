"""Queries put together once give what they gave before, whatever is asked of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from zerotrip.compiled import Compiled, prepared
from zerotrip.parties.models import User

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_query_is_put_together_once_and_asked_of_others():
    built = []

    def build(key, now):
        built.append(key)
        return Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data")

    asked = Compiled(build, key=str, now=datetime)
    for key in ("first", "second"):
        Session.objects.create(session_key=key, session_data=f"of {key}", expire_date=NOW)
    before = NOW - timedelta(seconds=1)
    assert [asked.rows(key=key, now=before) for key in ("first", "second", "third")] == [
        [("of first",)],
        [("of second",)],
        [],
    ]
    assert asked.rows(key="first", now=NOW) == []
    assert len(built) == 1


@pytest.mark.django_db
def test_what_never_changes_is_written_into_it_as_it_is():
    awkward = "100%s of 'it' %% \\ {}"
    Session.objects.create(session_key="a", session_data=awkward, expire_date=NOW)
    Session.objects.create(session_key="b", session_data="another", expire_date=NOW)
    asked = Compiled(
        lambda now: Session.objects.filter(session_data__in=[awkward, "%"], expire_date=now).values_list(
            "session_key"
        ),
        now=datetime,
    )
    assert asked.rows(now=NOW) == [("a",)]


@pytest.mark.django_db
def test_a_place_the_query_does_not_have_is_a_fault_of_ours():
    asked = Compiled(lambda user: User.objects.values_list("pk"), user=UUID)
    with pytest.raises(ImproperlyConfigured, match="no place for user"):
        asked.rows(user=uuid4())


@pytest.mark.django_db
def test_a_value_that_is_not_told_is_a_fault_of_ours():
    asked = Compiled(lambda key: Session.objects.filter(session_key=key).values_list("pk"), key=str)
    with pytest.raises(KeyError, match="key"):
        asked.rows()


@pytest.mark.django_db
def test_statements_are_counted_and_their_errors_are_djangos():
    with CaptureQueriesContext(connection) as seen, prepared() as cursor:
        cursor.execute("SELECT %(number)s::int + 1", {"number": 1})
        assert cursor.fetchone() == (2,)
    assert len(seen) == 1
    with pytest.raises(DatabaseError), transaction.atomic(), prepared() as cursor:
        cursor.execute("SELECT 1 / %(number)s::int", {"number": 0})


@pytest.mark.django_db
def test_an_account_comes_with_its_person_by_one_query(django_assert_num_queries):
    from zerotrip.web.accounts.backends import AuthenticationBackend

    clerk = world.person("somebody of tests")
    backend = AuthenticationBackend()
    with django_assert_num_queries(1):
        found = backend.get_user(clerk.pk)
        assert (found, found.person.name) == (clerk, clerk.person.name)
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert backend.get_user(clerk.pk) is None
    assert backend.get_user(uuid4()) is None
