"""Telling people: notices in the transaction of the step, messages out by the worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from zerotrip.channels import notices, transports
from zerotrip.channels.models import Message, MessageStatus, Notice, Transport
from zerotrip.parties.queries import accounts_of, staff_of
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_TRIES = 8


def tell(
    writes: Writes, *, party: UUID, template: str, context: Mapping[str, Any], link: str, key: str, at: datetime
) -> None:
    """Tell whoever acts for ``party`` something, once for each ``key``.

    One job among what the caller writes, and nothing more: who that is, in which language and on
    which transports, is found when the job runs.
    """
    _queue(
        writes, party=str(party), template=template, context=_told(context), link=link, key=key, at=at.isoformat()
    )


def tell_staff(
    writes: Writes,
    *,
    department: UUID,
    area_path: str,
    roles: Collection[str],
    template: str,
    context: Mapping[str, Any],
    link: str,
    key: str,
    at: datetime,
) -> None:
    """Tell those who hold one of ``roles`` in a department over an area something, once for each ``key``."""
    _queue(
        writes,
        party=str(department),
        roles=list(roles),
        area=area_path,
        template=template,
        context=_told(context),
        link=link,
        key=key,
        at=at.isoformat(),
    )


def _queue(writes: Writes, **arguments: Any) -> None:
    from zerotrip.channels.tasks import tell as job

    writes.defer(job, **arguments)


def _told(context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"moment": value.isoformat()} if isinstance(value, datetime) else value
        for name, value in context.items()
    }


def write_notices(
    *,
    party: UUID,
    template: str,
    context: Mapping[str, Any],
    link: str,
    key: str,
    at: datetime,
    roles: Collection[str] = (),
    area: str = "",
) -> list[Notice]:
    """The notices of one event, one for each account that acted for ``party`` at the time; written once.

    With ``roles``, for those who held one of them in the department ``party`` over the area.
    """
    users = staff_of(party, roles, area_path=area, at=at) if roles else accounts_of(party, at=at)
    Notice.objects.bulk_create(
        (Notice(user_id=user, key=key, template=template, context=context, link=link, at=at) for user in users),
        ignore_conflicts=True,
    )
    return list(Notice.objects.filter(user__in=users, key=key).select_related("user"))


@transaction.atomic
def address(notice: Notice, *, at: datetime) -> list[Message]:
    """Write the messages of a notice in its reader's language: e-mail and text, where there is one."""
    user = notice.user
    addresses = {Transport.EMAIL: user.email, Transport.SMS: user.phone}
    with translation.override(user.language):
        # One line, and no longer than its column: names of services and licences stand in it.
        subject = " ".join(notices.title(notice.template, notice.context).split())[:200]
        body = notices.text(notice.template, notice.context)
    body = f"{body}\n{settings.SITE_URL}{notice.link}" if notice.link else body
    Message.objects.bulk_create(
        [
            Message(notice=notice, transport=transport, address=to, subject=subject, body=body, queued_at=at)
            for transport, to in addresses.items()
            if to
        ],
        ignore_conflicts=True,
    )
    return list(notice.messages.filter(status=MessageStatus.QUEUED))


def send_code(*, transport: Transport, to: str, subject: str, body: str, at: datetime, valid: timedelta) -> Message:
    """Send a sign-in code at once; its text is wiped when the code has expired.

    Raises transports.Undeliverable when the transport refuses; nobody tries again, a new code is asked for.
    """
    message = Message.objects.create(
        transport=transport, address=to, subject=subject, body=body, queued_at=at, purge_at=at + valid
    )
    send(message, at=at, tries=1)
    return message


@transaction.atomic
def post(*, transport: Transport, to: str, subject: str, body: str, at: datetime, purge_at: datetime) -> Message:
    """Queue a message to somebody who has no account, in the caller's transaction; wiped at ``purge_at``."""
    (message,) = post_all([Posted(to, subject, body)], transport=transport, at=at, purge_at=purge_at)
    return message


@dataclass(frozen=True, slots=True)
class Posted:
    """A message to somebody who has no account."""

    to: str
    subject: str
    body: str


@transaction.atomic
def post_all(posted: Sequence[Posted], *, transport: Transport, at: datetime, purge_at: datetime) -> list[Message]:
    """What ``post`` does, for many at once. Two statements, however many."""
    from zerotrip.channels.tasks import send_message

    messages = [
        Message(
            transport=transport,
            address=one.to,
            subject=one.subject[:200],
            body=one.body,
            queued_at=at,
            purge_at=purge_at,
        )
        for one in posted
    ]
    writes = Writes()
    writes.insert(*messages)
    writes.defer_all(send_message, [{"message": str(message.pk)} for message in messages])
    writes.send()
    return messages


def send(message: Message, *, at: datetime, tries: int = MOST_TRIES) -> None:
    """Send one queued message, ``tries`` times at most. A message already sent is not sent again.

    Raises transports.Undeliverable after noting the failure; ``permanent`` ones are not tried again.
    """
    with transaction.atomic():
        held = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=message.pk).first()
        if held is None or held.status != MessageStatus.QUEUED:
            return
        try:
            transports.send(held)
        except transports.Undeliverable as error:
            held.tries += 1
            held.error = str(error)[:500]
            if error.permanent or held.tries >= tries:
                held.status = MessageStatus.FAILED
            held.save(update_fields=["tries", "error", "status"])
            failure: transports.Undeliverable | None = error
        else:
            held.status, held.sent_at, held.error = MessageStatus.SENT, at, ""
            held.tries += 1
            held.save(update_fields=["tries", "error", "status", "sent_at"])
            failure = None
    if failure is not None:
        raise failure


def mark_read(*, by: Actor, at: datetime, notice: UUID | None = None) -> int:
    """Mark one's notices read: one, or all. Returns how many were unread."""
    mine = Notice.objects.visible_to(by).unread()
    return (mine.filter(pk=notice) if notice else mine).update(read_at=at)


@transaction.atomic
def forget(templates: Collection[str], when: Q) -> int:
    """Delete notices of some templates, and the messages in which they went out. Returns how many notices."""
    rows = Notice.objects.filter(when, template__in=templates)
    Message.objects.filter(notice__in=rows.values("pk"))._raw_delete("default")
    return rows._raw_delete("default")


def purge(*, at: datetime) -> int:
    """Wipe the text of messages past their time, and the address of those to somebody without an account; what has
    not gone out by then goes out no more. Returns how many."""
    late = Message.objects.filter(purge_at__lte=at).exclude(body="")
    late.filter(status=MessageStatus.QUEUED).update(status=MessageStatus.FAILED)
    late.filter(notice=None).update(address="")
    return late.update(body="", subject="")
