"""One module per way out. A transport sends one message or raises Undeliverable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerotrip.channels.models import Message


class Undeliverable(Exception):
    """A message that did not go out. ``permanent`` decides whether it is tried again."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def send(message: Message) -> None:
    """Send by the message's transport. Raises Undeliverable."""
    from zerotrip.channels.models import Transport
    from zerotrip.channels.transports import email, sms

    {Transport.EMAIL: email.send, Transport.SMS: sms.send}[Transport(message.transport)](message)
