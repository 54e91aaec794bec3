"""A file under way: a row somebody made, perhaps a file at a place, and a worker that does what the row waits for.

What all of these have in common: workbooks of enterprises and of indicators, lists of cases taken out, what a
bank answered. A row is made once under a key its page brought; begun and ended under its lock, and ended only
from the state it was begun in, so that a second run after a crash, two workers, and somebody who thinks better
of it meanwhile come to one outcome. What is done with it, and what its states are called, is the app's. See
docs/decisions/0034.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.errors import Refusal, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Chained

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

WAITING = 3
"""Files of a kind somebody can have under way at once."""


class UnderWay(Chained):
    """A row a worker moves on."""

    STATE: ClassVar[str] = "status"
    """The column of its state."""

    class Meta:
        abstract = True

    @property
    def stands(self) -> str:
        """The state it is in, as this row was read."""
        return str(getattr(self, self.STATE))


Row = TypeVar("Row", bound=UnderWay)
Made = TypeVar("Made", bound=models.Model)


class OverError(Exception):
    """The row moved on meanwhile: somebody gave it up, or another worker was faster."""


def require_free(under_way: models.QuerySet[Any]) -> None:
    """Raises Refused while somebody has too many under way."""
    if under_way.count() >= WAITING:
        raise Refused(_("还有 %(count)d 个文件没有处理完，请等它们完成。") % {"count": WAITING})


def made_once(row: Made, mine: models.QuerySet[Made], make: Callable[[], None]) -> Made:
    """Make a row whose key came from outside, in a transaction; made by oneself a moment ago, it is that one.

    Raises Stale where the key is somebody else's.
    """
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        if (found := mine.filter(pk=row.pk).first()) is None:
            raise Stale(_("这一页已经用过，请重新打开后再试。")) from None
        return found
    return row


@transaction.atomic
def begun(rows: models.QuerySet[Row], key: UUID, /, *states: str, **changes: Any) -> Row | None:
    """The row, marked as being in the last of these states; None unless it is in one of them."""
    name = rows.model.STATE
    row = rows.select_for_update(of=("self",)).filter(pk=key, **{f"{name}__in": states}).first()
    if row is not None:
        for column, value in {name: states[-1], **changes}.items():
            setattr(row, column, value)
        row.save(update_fields=[name, *changes])
    return row


def told(row: UnderWay, /, **far: Any) -> None:
    """Say how far a row is, for whoever waits for it. Raises OverError where it moved on meanwhile."""
    rows = type(row)._base_manager.filter(pk=row.pk, **{row.STATE: row.stands})
    if not rows.update(**far):
        raise OverError


@transaction.atomic
def ended(
    row: Row, state: str, /, *, by: ledger.Actor, at: datetime, action: str,
    because: str = "", details: Mapping[str, Any], **changes: Any,
) -> Row | None:  # fmt: skip
    """The worker is done with a row for now, and the journal says with what. None where it moved on meanwhile."""
    rows = type(row)._base_manager.select_for_update(of=("self",))
    held = rows.filter(pk=row.pk, **{row.STATE: row.stands}).first()
    if held is None:
        return None
    row.ledger_length, row.ledger_head = held.ledger_length, held.ledger_head
    for name, value in {row.STATE: state, **({"because": because} if because else {}), **changes}.items():
        setattr(row, name, value)
    ledger.append(row, action, by=by, at=at, reason=because, details=dict(details))
    row.save()
    return row


def why_not(row: UnderWay, do: Callable[[], None], *, language: str, broken: Callable[[], str]) -> str:
    """Do what a row waits for, in the language of whoever made it. Why it came to nothing; empty where it did not.

    What nobody foresaw is logged, and called what ``broken`` calls it. Raises OverError where it moved on.
    """
    with translation.override(language):
        try:
            do()
        except OverError:
            raise
        except Refusal as refusal:
            return refusal.message
        except Exception:
            log.exception("%s %s", type(row).__name__, row.pk)
            return broken()
    return ""
