"""Jobs of channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from zerotrip.channels import actions
from zerotrip.channels.models import Message
from zerotrip.channels.transports import Undeliverable

RETRY = RetryStrategy(max_attempts=actions.MOST_TRIES, exponential_wait=4)


@app.task(name="channels.tell", retry=RETRY)
def tell(
    *,
    party: str,
    template: str,
    context: dict[str, Any],
    link: str,
    key: str,
    at: str,
    roles: Sequence[str] = (),
    area: str = "",
) -> None:
    """Write the notices of an event and their messages, and queue each message on its own."""
    notices = actions.write_notices(
        party=UUID(party),
        template=template,
        context=context,
        link=link,
        key=key,
        at=datetime.fromisoformat(at),
        roles=roles,
        area=area,
    )
    for notice in notices:
        for message in actions.address(notice, at=timezone.now()):
            send_message.defer(message=str(message.pk))


@app.task(name="channels.send_message", retry=RETRY)
def send_message(message: str) -> None:
    """Send one message; failures that may pass are tried again with growing pauses."""
    found = Message.objects.filter(pk=message).first()
    if found is None:
        return
    try:
        actions.send(found, at=timezone.now())
    except Undeliverable as error:
        if not error.permanent:
            raise


@app.periodic(cron="*/5 * * * *")
@app.task(name="channels.purge", queueing_lock="channels.purge")
def purge(timestamp: int) -> None:
    """Wipe codes that have expired."""
    actions.purge(at=timezone.now())
