"""E-mail by SMTP."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage

from zerotrip.channels.transports import Undeliverable

if TYPE_CHECKING:
    from zerotrip.channels.models import Message

NONE = "django.core.mail.backends.dummy.EmailBackend"
PERMANENT = range(500, 600)
"""SMTP replies that will not change by asking again (RFC 5321, section 4.2.1)."""


def send(message: Message) -> None:
    """Hand the message to the SMTP server. The Message-ID is the row's, so that a second try is seen as one.

    Raises Undeliverable, also when there is no server outside the demo.
    """
    if settings.EMAIL_BACKEND == NONE and not settings.DEMO:
        raise Undeliverable("ZEROTRIP_SMTP is not set: e-mail cannot be sent.", permanent=True)
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.address],
        headers={"Message-ID": f"<{message.pk}@zerotrip>"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise Undeliverable(str(error), permanent=all(code in PERMANENT for code in codes)) from error
    except smtplib.SMTPResponseException as error:
        raise Undeliverable(str(error), permanent=error.smtp_code in PERMANENT) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Undeliverable(str(error), permanent=False) from error
