"""Records come in from phones: each is judged by itself, none holds up another, and a replay changes nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import Field, ValidationError

from zerotrip.duties.standing import receipts
from zerotrip.errors import Invalid, Refusal, Refused
from zerotrip.ids import is_made_around
from zerotrip.prevention.field import actions
from zerotrip.prevention.field.clock import LONG, Reading, TooOld, moment_of
from zerotrip.questions.words import Part
from zerotrip.web.attaching import opened
from zerotrip.web.field.clock import ReadingTold, milliseconds
from zerotrip.web.field.doors import for_phones, problems_of, told
from zerotrip.web.field.kinds import Later, Sent, take, take_together, together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor
    from zerotrip.web.field.kinds import Came
    from zerotrip.web.requests import Request

log = logging.getLogger(__name__)

MOST = 50
"""Records that come at once."""
MOST_PHOTOS = 20
"""Photographs of records that come at once; those of more come with the next."""


class RecordTold(Part):
    """A record of an outbox."""

    id: UUID
    kind: Annotated[str, Field(max_length=20)]
    made: ReadingTold
    off: Annotated[float, Field(ge=-4e12, le=4e12)] | None = None
    """Milliseconds by which the clock was known to be behind ours when it was made."""
    payload: dict[str, Any]
    photos: Annotated[tuple[Annotated[str, Field(max_length=400)], ...], Field(max_length=9)] = ()
    """The tokens of photographs that were sent before."""


class BatchTold(Part):
    """What a phone sends at once. Its records are read one by one: one that cannot be read holds up no other."""

    phone: UUID | None
    account: UUID
    kind: Annotated[str, Field(max_length=400)] = ""
    sent: ReadingTold
    records: Annotated[tuple[dict[str, Any], ...], Field(max_length=MOST)]


@require_POST
@for_phones
def sync(request: Request) -> JsonResponse:
    """Take in a batch; of each record what became of it, in the order they came."""
    batch = told(request, BatchTold)
    if batch.account != request.actor.user_id:
        raise Refused(_("这些记录是用另一个账号做的，请用那个账号登录后再交。"), phone="another")
    sent = batch.sent.read()
    off = request.now - sent.at
    phone = actions.meet(batch.phone, kind=batch.kind, off=off, by=request.actor, at=request.now)
    verdicts = _verdicts(batch.records, sent, phone=phone.pk, by=request.actor, at=request.now)
    return JsonResponse({"now": milliseconds(request.now), "phone": str(phone.pk), "verdicts": verdicts})


@dataclass(frozen=True, slots=True)
class _Ready:
    """A record that was read."""

    answer: dict[str, Any]
    sent: Sent


def _verdicts(
    raws: Sequence[dict[str, Any]], sent: Reading, *, phone: UUID, by: Actor, at: datetime
) -> list[dict[str, Any]]:
    """What became of each record: accepted, already, refused with the reason and the places, or later.

    Records that follow each other and belong together, such as those of one tube, are taken in at one go; where one
    of them will not do, each is judged by itself.
    """
    read = _at_most([_read(raw, sent, phone=phone, by=by, at=at) for raw in raws])
    verdicts: list[dict[str, Any]] = []
    for kind, group in groupby(read, key=_what):
        several = list(group)
        ready = [one for one in several if isinstance(one, _Ready)]
        at_once = _at_once(ready, by=by, at=at) if kind is not None and len(ready) > 1 else None
        verdicts += at_once or [one if isinstance(one, dict) else _taken(one, by=by, at=at) for one in several]
    return verdicts


def _at_most(read: Sequence[_Ready | dict[str, Any]]) -> list[_Ready | dict[str, Any]]:
    """The records of a batch, those beyond the photographs of one request put off: each has to be drawn on."""
    photos = 0
    taken: list[_Ready | dict[str, Any]] = []
    for one in read:
        photos += len(one.sent.files) if isinstance(one, _Ready) else 0
        if isinstance(one, _Ready) and one.sent.files and photos > MOST_PHOTOS:
            taken.append(one.answer | {"state": "later", "reason": _("照片多，分几次交，会自动进行。")})
        else:
            taken.append(one)
    return taken


def _what(one: _Ready | dict[str, Any]) -> tuple[str, ...] | None:
    """What a record is of, where it is taken in together with others of the same."""
    return together(one.sent) if isinstance(one, _Ready) else None


def _read(raw: dict[str, Any], sent: Reading, *, phone: UUID, by: Actor, at: datetime) -> _Ready | dict[str, Any]:
    """A record, or why it cannot be taken in."""
    answer: dict[str, Any] = {"id": str(raw.get("id", ""))[:40]}
    try:
        record = RecordTold.model_validate(raw)
        made = moment_of(record.made.read(), sent, off=_off(record), received=at)
        answer["at"] = milliseconds(made.at)
        if not is_made_around(record.id, at, within=LONG + timedelta(days=1)):
            raise Refused(_("记录的编号不是最近几天做的，手机的时间可能改动过。请点“改好再交”重新提交。"))
        handed = _photos(record, by=by, at=at)
    except Exception as error:
        return answer | _why(error, answer)
    came = Sent(record.id, record.kind, made.at, record.made.read().at, record.payload, handed, phone)
    return _Ready(answer, came)


def _taken(one: _Ready, *, by: Actor, at: datetime) -> dict[str, Any]:
    try:
        with transaction.atomic():
            came = take(one.sent, by=by, at=at)
    except Exception as error:
        if isinstance(error, Invalid):
            receipts.count_wrong(error, at=at)
        return one.answer | _why(error, one.answer)
    return one.answer | _told(came)


def _at_once(ready: Sequence[_Ready], *, by: Actor, at: datetime) -> list[dict[str, Any]] | None:
    """What became of records that belong together; None where they have to be judged one by one."""
    try:
        with transaction.atomic():
            came = take_together([one.sent for one in ready], by=by, at=at)
    except Refusal:
        return None
    except Exception:
        log.exception("records of a phone could not be taken together: %s", ready[0].answer["id"])
        return None
    return [one.answer | _told(what) for one, what in zip(ready, came, strict=True)]


def _told(came: Came) -> dict[str, Any]:
    return {"state": "accepted" if came.new else "already", "notice": came.notice}


def _why(error: Exception, answer: dict[str, Any]) -> dict[str, Any]:
    """What a phone is told of a record that was not taken in."""
    match error:
        case ValidationError():
            return {"state": "refused", "reason": _("内容不完整，请改好再交。"), "fields": problems_of(error)}
        case TooOld():
            return {"state": "refused", "reason": _("这是三天以前的记录，不能再从手机提交。请在电脑上补录。")}
        case Later():
            return {"state": "later", "reason": str(error)}
        case Refusal():
            problems = error.problems if isinstance(error, Invalid) else {}
            return {"state": "refused", "reason": error.message, "fields": problems}
    # One record that trips us up must not keep all behind it from coming in.
    log.error("a record of a phone could not be taken: %s", answer["id"], exc_info=error)
    return {"state": "later", "reason": _("系统出了问题，稍后自动再试。")}


def _off(record: RecordTold) -> timedelta | None:
    return timedelta(milliseconds=record.off) if record.off is not None else None


def _photos(record: RecordTold, *, by: Actor, at: datetime) -> list[Handed]:
    """The photographs of a record. Raises Later for one that is not kept any more: the phone sends it again."""
    found = [opened(token, by=by, at=at) for token in dict.fromkeys(record.photos)]
    if None in found:
        raise Later(_("照片要重新传一次，会自动进行。"))
    return [one for one in found if one is not None]
