"""Who was told and heard about a case, and what its decision still waits for. Pure: rows in, reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from zerotrip.cases.models import Answer, Concerned, Hearing, HearingNotice, Telling
from zerotrip.rows import Wanted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from zerotrip.catalogue.spec import ServiceSpec


@dataclass(frozen=True)
class Heard:
    """Those concerned by a case, what they and the applicant were told and said, and its hearing."""

    concerned: tuple[Concerned, ...] = ()
    tellings: tuple[Telling, ...] = ()
    hearing: Hearing | None = None

    @classmethod
    def of(cls, concerned: Iterable[Concerned], tellings: Iterable[Telling], hearings: Iterable[Hearing]) -> Heard:
        """From what ``rows_of`` asks for, in any order."""
        return cls(
            tuple(sorted(concerned, key=lambda one: (one.recorded_at, one.pk))),
            tuple(sorted(tellings, key=lambda one: (one.told_at, one.to_applicant, one.pk))),
            next(iter(hearings), None),
        )

    def __bool__(self) -> bool:
        return bool(self.concerned or self.tellings or self.hearing)

    def told(self, what: HearingNotice, concerned: UUID | None, *, number: int = 1) -> Telling | None:
        """The notice of this kind to somebody concerned; to the applicant for None."""
        about = [one for one in self.tellings if one.what == what and one.number == number]
        if concerned is None:
            return next((one for one in about if one.to_applicant), None)
        return next((one for one in about if one.concerned_id == concerned and not one.to_applicant), None)

    def untold(self, what: HearingNotice, *, number: int = 1) -> list[Concerned]:
        """Those concerned who did not get the notice of this kind."""
        return [one for one in self.concerned if self.told(what, one.pk, number=number) is None]

    def name_of(self, telling: Telling) -> str:
        """Whom a notice was addressed to."""
        if telling.to_applicant:
            return _("申请人")
        return next((one.name for one in self.concerned if one.pk == telling.concerned_id), "")

    def asked_for(self) -> list[Telling]:
        """The requests for a hearing that stand."""
        return [one for one in self.tellings if one.answer == Answer.ASKED]

    def waits(self, spec: ServiceSpec, *, at: datetime) -> str:
        """Why the case cannot be decided on yet as far as hearing people goes; empty when it can."""
        return self._views(at) or self._hearing(spec, at)

    def _views(self, at: datetime) -> str:
        if untold := self.untold(HearingNotice.VIEW):
            words = _("还没有告知利害关系人%(name)s可以陈述意见，告知以后才能决定（《行政许可法》第三十六条）。")
            return words % {"name": untold[0].name}
        words = _("%(name)s可以在 %(until)s 前陈述意见，答复或者到期以后才能决定（《行政许可法》第三十六条）。")
        return self._running(HearingNotice.VIEW, words, at)

    def _hearing(self, spec: ServiceSpec, at: datetime) -> str:
        if self.hearing is not None:
            kept = self.hearing.kept_at is not None
            return "" if kept else _("听证笔录存档以后才能决定（《行政许可法》第四十八条）。")
        if spec.hearing is not None and spec.hearing.held != "asked":
            return _("这个事项应当举行听证，听证笔录存档以后才能决定（《行政许可法》第四十六条、第四十八条）。")
        if spec.hearing is not None and self.concerned:
            untold = [one.name for one in self.untold(HearingNotice.RIGHT)]
            untold += [] if self.told(HearingNotice.RIGHT, None) else [_("申请人")]
            if untold:
                words = _("还没有告知%(name)s有权要求听证，告知以后才能决定（《行政许可法》第四十七条）。")
                return words % {"name": untold[0]}
        words = _("%(name)s可以在 %(until)s 前要求听证，放弃或者到期以后才能决定（《行政许可法》第四十七条）。")
        return self._running(HearingNotice.RIGHT, words, at)

    def _running(self, what: HearingNotice, words: str, at: datetime) -> str:
        """Whose days to answer still run, the last of them."""
        running = [one for one in self.tellings if one.what == what and is_open(one, at=at)]
        if not running:
            return ""
        last = max(running, key=lambda one: one.until or one.told_at)
        until = formats.date_format(timezone.localtime(last.until), "SHORT_DATETIME_FORMAT")
        return words % {"name": self.name_of(last), "until": until}


def rows_of(case_id: UUID) -> tuple[Wanted[Any], ...]:
    """What ``Heard.of`` is made of, to be read with the rest of a case."""
    return (
        wanted(Concerned, case_id=case_id),
        wanted(Telling, case_id=case_id),
        wanted(Hearing, case_id=case_id, dropped_at=None),
    )


NOBODY_HEARD = Heard()
"""Of a case that concerns nobody but its applicant."""


def is_open(telling: Telling, *, at: datetime) -> bool:
    """Whether somebody may still answer, and did not."""
    return telling.answer == Answer.NONE and telling.until is not None and at <= telling.until
