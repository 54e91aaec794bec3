"""Who was told and heard about a case, as its readers see it: staff in full, the applicant without names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerotrip.cases import clocks
from zerotrip.cases.actions.exporting import masked
from zerotrip.cases.heard import is_open
from zerotrip.cases.models import HearingNotice
from zerotrip.cases.states import Step, allowed
from zerotrip.workdays.limits import due
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Concerned, Hearing, Telling
    from zerotrip.cases.queries import File
    from zerotrip.workdays.limits import Due


@dataclass(frozen=True)
class Notified:
    """A notice with whose it is, whether it can still be answered, and how its last day comes about."""

    telling: Telling
    who: str
    open: bool
    noted_by: str
    basis: dict[str, str]
    derivation: Due | None


@dataclass(frozen=True)
class Neighbour:
    """Somebody concerned, with what they were told and what was said about it."""

    one: Concerned
    name: str
    contact: str
    """Empty for whoever does not do the work."""
    view: Notified | None
    reply: Notified | None
    """What the applicant says about it."""


@dataclass(frozen=True)
class Sheet:
    """What the pages of a case show of it."""

    neighbours: list[Neighbour]
    rights: list[Notified]
    notices: list[Notified]
    """Of the time and place of the hearing, as it was called last."""
    hearing: Hearing | None
    waits: str
    """Why the decision waits; only for staff, and until it is taken."""
    mine: list[Notified]
    """What the applicant can answer now."""


def sheet_of(file: File, *, now: datetime, doing: bool = False) -> Sheet | None:
    """What of the hearing of people a reader sees; None where nothing of it is there. ``doing``: by whoever
    does the work, who alone sees how somebody concerned is reached."""
    heard = file.heard
    if not heard or (
        file.is_applicant and heard.hearing is None and not any(t.to_applicant for t in heard.tellings)
    ):
        return None
    told = [_notified(file, one, now) for one in heard.tellings]
    return Sheet(
        neighbours=[
            each
            for each in (_neighbour(file, one, told, doing=doing) for one in heard.concerned)
            if each.reply or not file.is_applicant
        ],
        rights=[
            one
            for one in told
            if one.telling.what == HearingNotice.RIGHT and (one.telling.to_applicant or not file.is_applicant)
        ],
        notices=[
            one
            for one in told
            if heard.hearing
            and one.telling.what == HearingNotice.HEARING
            and one.telling.number == heard.hearing.calls
        ],
        hearing=heard.hearing,
        waits="" if file.is_applicant or file.decision else heard.waits(file.spec, at=now),
        mine=[one for one in told if one.telling.to_applicant and one.open],
    )


def _neighbour(file: File, one: Concerned, told: list[Notified], *, doing: bool) -> Neighbour:
    about = [
        each for each in told if each.telling.concerned_id == one.pk and each.telling.what == HearingNotice.VIEW
    ]
    return Neighbour(
        one=one,
        name=masked(one.name) if file.is_applicant else one.name,
        contact=one.contact if doing else "",
        view=next((each for each in about if not each.telling.to_applicant), None),
        reply=next((each for each in about if each.telling.to_applicant), None),
    )


def _notified(file: File, telling: Telling, now: datetime) -> Notified:
    limit = clocks.ASK_FOR_HEARING if telling.what == HearingNotice.RIGHT else clocks.answer_of(file.spec)
    return Notified(
        telling=telling,
        who=file.heard.name_of(telling),
        open=is_open(telling, at=now) and allowed(Step.HEAR, file.case.status),
        noted_by=file.names.get(telling.noted_by_id, "") if telling.noted_by_id else "",
        basis=limit.basis.model_dump(),
        derivation=due(
            start=telling.told_at,
            amount=float(limit.amount),
            unit=limit.unit,
            calendar=calendar_for(file.case.area_path),
        )
        if telling.until
        else None,
    )
