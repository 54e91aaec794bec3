"""Codes by which somebody at a place confirms what was handed over there: told by whoever keeps places.

Six digits are guessed by whoever may try often enough: after a few that were wrong, none is looked at of that place
and duty for a while. A picture of the paper it was signed on is taken all the same.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from zerotrip.duties.models import WrongCodes
from zerotrip.duties.models.windows import MOST_WRONG
from zerotrip.errors import Invalid

if TYPE_CHECKING:
    from zerotrip.duties.models import Window

REST = timedelta(minutes=15)
"""After the last wrong code of many, until the next one is looked at."""
Codes = Callable[[UUID, "Window"], str | None]
"""The code of a place in a window; None where there is no such place."""

_codes: list[Codes] = []


class WrongCode(Invalid):
    """The code is wrong, maybe beside other things. Whoever catches it, outside the transaction that is undone with
    it, says so to ``count_wrong``: a try that was counted inside would be forgotten."""

    def __init__(self, message: str, problems: dict[str, list[str]], *, duty: str, subject: UUID) -> None:
        super().__init__(message, problems)
        self.duty, self.subject = duty, subject


def register(codes: Codes) -> None:
    """Say which codes places have. Raises ImproperlyConfigured for a second one."""
    if codes not in _codes:
        _codes.append(codes)
    if len(_codes) > 1:
        raise ImproperlyConfigured("codes of places are told twice")


def is_good(subject: UUID, code: str, windows: Iterable[Window]) -> bool:
    """Whether this is the code of a place in one of some windows."""
    wanted = [told for window in windows for codes in _codes if (told := codes(subject, window)) is not None]
    return any(hmac.compare_digest(told.encode(), code.strip().encode()) for told in wanted)


def locked_until(duty: str, subject: UUID, *, at: datetime) -> datetime | None:
    """Until when no code of a place is looked at; None: one is."""
    row = WrongCodes.objects.filter(duty=duty, subject=subject, tries__gte=MOST_WRONG).first()
    return row.last_at + REST if row is not None and at < row.last_at + REST else None


def why_locked(until: datetime) -> str:
    """Why no code is looked at, and what to do."""
    shown = formats.date_format(timezone.localtime(until), "TIME_FORMAT")
    return _("接收码填错的次数太多，请 %(time)s 以后再填，或者拍下签收单。") % {"time": shown}


def forget(duty: str, subject: UUID) -> None:
    """A code was good: those before it that were wrong count no more."""
    WrongCodes.objects.filter(duty=duty, subject=subject).delete()


@transaction.atomic
def count_wrong(error: Invalid, *, at: datetime) -> None:
    """Count a wrong code, if it was one. Those of long ago are forgotten."""
    if not isinstance(error, WrongCode):
        return
    row, _made = WrongCodes.objects.select_for_update().get_or_create(
        duty=error.duty, subject=error.subject, defaults={"last_at": at}
    )
    tries = row.tries if at < row.last_at + REST else 0
    row.tries, row.last_at = min(tries + 1, MOST_WRONG), at
    row.save(update_fields=["tries", "last_at"])
