"""A message that came by e-mail, read: who says to have sent it, whether that is proven, what hangs on it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import EmailPolicy
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import SuspiciousOperation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid

if TYPE_CHECKING:
    from email.message import EmailMessage

MOST_FILES = 30
"""Files read of one message."""
LONGEST_TEXT = 20_000
"""Characters kept of what is written in it."""
LONGEST_HEADER, MOST_PARAMETERS = 1000, 30
"""Characters, and parts between semicolons, read of one header: the time it takes grows with their square."""
MOST_HEADERS, MOST_PARTS, MOST_LINES = 500, 60, 5000
"""Headers, parts that are looked at, and lines that could begin a part. With more it is not read, or not on."""
NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{1,8}-\d{4}-\d{6,9}(?!\d)")
"""A case number, wherever it stands."""
_ASIDE = re.compile(r'"[^"]*"|\([^()]*\)')
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)


@dataclass(frozen=True)
class File:
    """One attachment, as it came."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """One message. ``proven`` says that our own mail server vouches for the sender's address (DMARC)."""

    message_id: str
    sender: str
    proven: bool
    automatic: bool
    subject: str
    text: str
    number: str
    files: tuple[File, ...]
    more: bool
    """Whether there were more files than are read."""


class _Bounded(EmailPolicy):
    """Reads so much of a header and no more, so that no message takes minutes."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """See the library."""
        parts = value[:LONGEST_HEADER].split(";", MOST_PARAMETERS)
        return super().header_fetch_parse(name, ";".join(parts[:MOST_PARAMETERS]))


def read(raw: bytes, *, address: str) -> Mail:
    """Read one RFC 822 message that came to ``address``, such as ``cases@example.gov``. Raises Invalid."""
    try:
        if raw.count(b"\n--") > MOST_LINES:
            raise ValueError("too many parts")
        message = cast("EmailMessage", message_from_bytes(raw, policy=_Bounded()))
        if len(message) > MOST_HEADERS:
            raise ValueError("too many headers")
        return _read(message, raw, address.lower())
    except _UNREADABLE as error:  # what the library raises on headers that are none
        raise Invalid(_("这封邮件无法解析。")) from error


def _read(message: EmailMessage, raw: bytes, address: str) -> Mail:
    senders = [one.addr_spec for header in message.get_all("from", []) for one in header.addresses]
    sender = senders[0].lower() if len(senders) == 1 else ""
    subject = _line(str(message.get("subject", "")))
    files, more = _files(message)
    return Mail(
        message_id=_id(message, raw),
        sender=_line(sender)[:254],
        proven=bool(sender) and _vouched(message, address.rpartition("@")[2]),
        automatic=str(message.get("auto-submitted", "no")).strip().lower() != "no",
        subject=subject[:200],
        text=_text(message),
        number=_number(message, subject, address),
        files=files,
        more=more,
    )


def _line(text: str) -> str:
    """One line, without control characters and marks that turn the writing direction."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _id(message: EmailMessage, raw: bytes) -> str:
    """The Message-ID; of a message without a fit one, its content stands in."""
    given = str(message.get("message-id", "")).strip()
    fits = re.fullmatch(r"<[!-;=?-~]{3,240}>", given)
    return given if fits else f"<{hashlib.sha256(raw).hexdigest()}@content>"


def _vouched(message: EmailMessage, server: str) -> bool:
    """Whether the topmost result, which our own server wrote (RFC 8601), says ``dmarc=pass`` and nothing else."""
    results = message.get_all("authentication-results", [])
    if not results:
        return False
    who, *found = _ASIDE.sub(" ", str(results[0])).split(";")
    dmarc = [part.split()[0] for part in found if part.strip().lower().startswith("dmarc")]
    return who.split()[:1] == [server] and dmarc == ["dmarc=pass"]


def _number(message: EmailMessage, subject: str, address: str) -> str:
    """The case number behind the plus of the address it was sent to, else the one in the subject."""
    local, _at, host = address.partition("@")
    tagged = re.compile(rf"{re.escape(local)}\+([A-Z0-9-]+)@{re.escape(host)}", re.IGNORECASE)
    for name in ("to", "cc", "delivered-to"):
        for header in message.get_all(name, []):
            for tag in tagged.finditer(str(header)):
                if NUMBER.fullmatch(tag[1].upper()):
                    return tag[1].upper()
    found = set(NUMBER.findall(subject.upper()))
    return found.pop() if len(found) == 1 else ""


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    plain = _without_tags(content) if body.get_content_subtype() == "html" else content
    return plain.replace("\0", "\ufffd").strip()[:LONGEST_TEXT]


def _without_tags(text: str) -> str:
    try:
        return strip_tags(text)
    except SuspiciousOperation:  # made to keep the one who takes them out busy: shown as it is
        return text


def _files(message: EmailMessage) -> tuple[tuple[File, ...], bool]:
    """What hangs on it, as far as it is looked at, and whether there is more."""
    found: list[File] = []
    for at, part in enumerate(message.walk()):
        if at >= MOST_PARTS or len(found) > MOST_FILES:
            return tuple(found[:MOST_FILES]), True
        name = part.get_filename()
        if part.is_multipart() or not (name or part.get_content_disposition() == "attachment"):
            continue
        content = part.get_payload(decode=True)
        found.append(File(_line(name or "")[:200], content if isinstance(content, bytes) else b""))
    return tuple(found[:MOST_FILES]), len(found) > MOST_FILES
