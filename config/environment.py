"""What the settings need before they can be read: a secret, a database. Made if not given."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from config.faults import Fault, WrongSetting
from config.places import DATA, make_data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


def secret() -> str:
    """This installation's secret, made once and readable by its owner only."""
    path = make_data_folder() / "secret"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


@contextlib.contextmanager
def database_address() -> Iterator[str]:
    """``DATABASE_URL`` if set; else the embedded PostgreSQL, up within this context.

    Raises :class:`Fault` when there is none that will do.
    """
    from config import database

    if given := os.environ.get("DATABASE_URL"):
        if shortcomings := database.examine(given):
            raise Fault("\n".join(["The database of DATABASE_URL will not do.", *shortcomings]))
        yield given
        return
    make_data_folder()
    with database.embedded(DATA / "postgres") as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield url
        finally:
            del os.environ["DATABASE_URL"]


def describe(*, demo: bool | None = None, port: int | None = None) -> None:
    """Put into the environment what the settings ask for and nobody has set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not os.environ.get("ZEROTRIP_SECRET"):
        os.environ["ZEROTRIP_SECRET"] = secret()
    if demo is not None:
        os.environ["ZEROTRIP_DEMO"] = "1" if demo else ""
    if port is not None:
        os.environ.setdefault("ZEROTRIP_URL", f"http://localhost:{port}")


def offline() -> None:
    """Django, without a database: for commands that only read files."""
    describe()
    os.environ.setdefault("DATABASE_URL", "postgresql:///none-is-used")
    with settings_explained():
        import django

        django.setup()


@contextlib.contextmanager
def settings_explained() -> Iterator[None]:
    """For what reads the settings first. Raises WrongSetting with the words of one that will not do."""
    from django.core.exceptions import ImproperlyConfigured

    try:
        yield
    except ImproperlyConfigured as error:
        raise WrongSetting(str(error)) from error


@contextlib.contextmanager
def installation() -> Iterator[None]:
    """Django, ready to use, with its database up: for commands, which come and go."""
    describe()
    with database_address():
        import django
        from django.conf import settings
        from django.db import connections

        with settings_explained():
            # A pool would keep threads and connections for a process that needs one for a moment.
            settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
            django.setup()
        try:
            yield
        finally:
            connections.close_all()
