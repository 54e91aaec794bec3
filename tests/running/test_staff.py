"""Staff from the command line, in processes of their own over the test database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection

from config.commands.staff import ROLES
from tests import world
from zerotrip.parties import actions
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role, User

ADD = ("staff", "add", "He@Example.test", "何住建", "housing")


@pytest.fixture
def zerotrip(transactional_db):
    """Runs a command over the test database, which has one department."""
    actions.declare_area(code="370199000000", name="示范区", level="district", by=SYSTEM, at=world.MORNING)
    actions.declare_department(code="housing", name="住建局", area="370199000000", by=SYSTEM, at=world.MORNING)
    address = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(address._replace(path="/" + connection.settings_dict["NAME"]))

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config", *arguments],
            env={**os.environ, "DATABASE_URL": url},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_roles_are_those_there_are():
    assert set(ROLES) == set(Role.values)


def test_staff_are_added_listed_reset_and_ended(zerotrip):
    added = zerotrip(*ADD, "reviewer", "clerk")
    assert added.returncode == 0, added.stderr
    password = added.stdout.split("shown once: ")[1].strip()
    account = User.objects.get()
    assert (account.email, account.person.name) == ("he@example.test", "何住建")
    assert account.check_password(password)

    rows = json.loads(zerotrip("staff", "list", "--json").stdout)
    assert [(row["department"], row["role"], row["second_factor"]) for row in rows] == [
        ("housing", "clerk", False),
        ("housing", "reviewer", False),
    ]

    TOTP.activate(account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    fresh = zerotrip("staff", "reset", "he@example.test").stdout.split("shown once: ")[1].strip()
    account.refresh_from_db()
    assert account.check_password(fresh)
    assert not Authenticator.objects.exists()

    assert zerotrip("staff", "rename", "he@example.test", "何 建").stdout == "he@example.test: 何 建\n"
    assert json.loads(zerotrip("staff", "list", "--json").stdout)[0]["name"] == "何 建"

    ended = zerotrip("staff", "end", "he@example.test")
    assert "2 seats ended" in ended.stdout
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert zerotrip("staff", "list").stdout == ""
    assert zerotrip("staff", "end", "he@example.test").returncode == 1


def test_what_cannot_be_is_said_in_one_line_and_leaves_nothing_behind(zerotrip):
    for arguments, code in (
        (("staff", "add", "he@example.test", "何住建", "nowhere", "clerk"), 1),
        (("staff", "add", "he@example.test", "x", "housing", "clerk"), 1),
        (("staff", "add", "no address", "何住建", "housing", "clerk"), 2),
        ((*ADD, "king"), 2),
        (ADD, 2),
        (("staff", "reset", "he@example.test"), 1),
    ):
        told = zerotrip(*arguments)
        assert told.returncode == code, told.stderr
        assert "Traceback" not in told.stderr
    assert not User.objects.exists()


def test_a_password_may_be_typed_and_has_ten_characters(zerotrip):
    assert zerotrip(*ADD, "clerk", "--ask", typed="short\nshort\n").returncode == 2
    told = zerotrip(*ADD, "clerk", "--ask", typed="correct horse\ncorrect horse\n")
    assert told.returncode == 0, told.stderr
    assert "shown once" not in told.stdout
    assert User.objects.get().check_password("correct horse")
