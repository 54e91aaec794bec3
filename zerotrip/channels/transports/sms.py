"""Text messages through a pluggable sender."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from zerotrip.channels.models import Message


def send(message: Message) -> None:
    """Hand the message to the sender named by ``settings.SMS_SENDER``. Raises Undeliverable."""
    sender: Callable[[str, str], None] = import_string(settings.SMS_SENDER)
    sender(message.address, message.body)


def outbox(to: str, body: str) -> None:
    """The demo's sender: the message stays in its table and is shown on the outbox page."""
