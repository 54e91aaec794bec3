"""A mail server of the tests' own, and readers."""

from __future__ import annotations

import email
import email.policy
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction

from tests import world
from zerotrip.channels.actions import tell
from zerotrip.channels.models import Notice
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from zerotrip.parties.models import User


@dataclass
class Post:
    """What arrived, and what the server says to recipients."""

    answer: str = "250 OK"
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _in_the_demo(settings) -> None:
    """Text messages are kept in their table."""
    settings.DEMO = True


@pytest.fixture
def no_post(settings) -> None:
    """A mail server that is down."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


@pytest.fixture
def post(settings, no_post) -> Iterator[Post]:
    """A mail server on the loopback interface."""
    received = Post()
    server = Controller(received, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    yield received
    server.stop()


@pytest.fixture
def reader(db) -> User:
    """Somebody with a phone and an e-mail address, who reads English."""
    return world.person("林知远", email="lin@example.test", language="en")


@pytest.fixture
def notice(reader) -> Notice:
    """The reader is told that a case was accepted."""
    writes = Writes()
    tell(
        writes,
        party=reader.person_id,
        template="accepted",
        context={
            "service": {"zh": "企业投资项目备案", "en": "Investment filing"},
            "number": "3701-1",
            "due": world.MORNING,
        },
        link="/cases/3701-1/",
        key="case:3",
        at=world.MORNING,
    )
    with transaction.atomic():
        writes.send()
    world.tell_queued()
    return Notice.objects.get(user=reader)
