"""What is owed, answered and late, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerotrip.duties.models import Status
from zerotrip.duties.queries import Progress, display
from zerotrip.questions.fields import Kind as Asks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from zerotrip.duties.models import Obligation, Record
    from zerotrip.duties.queries import Gathered
    from zerotrip.questions import Form

DID = {
    "issued": gettext_lazy("已发出"),
    "asked_more": gettext_lazy("添加了对象"),
    "closed": gettext_lazy("办结归档"),
    "handed_in": gettext_lazy("反馈，待核对"),
    "kept": gettext_lazy("反馈"),
    "returned": gettext_lazy("退回"),
    "missed": gettext_lazy("逾期"),
    "dropped": gettext_lazy("撤销"),
    "moved": gettext_lazy("改期"),
    "passed_on": gettext_lazy("转办"),
    "handed_on": gettext_lazy("改派"),
    "urged": gettext_lazy("催办"),
    "tried": gettext_lazy("联系过，没有联系上"),
}
"""What happened, by the names of entries and records."""
LATELY = 60
"""Lines of a history a page shows."""
SHORT = 3
"""Answers of a form that stand for all of it in a list."""


def did(what: str) -> str:
    """What happened, in words."""
    return str(DID.get(what, what))


def did_in(record: Record) -> str:
    """What a record says happened. An answer that was found good has its own words."""
    if record.what == "kept" and "answers" not in record.details:
        return _("核对通过")
    return did(record.what)


def lateness(due_at: datetime, at: datetime) -> str:
    """How long something is late: ``逾期 2 天``, ``逾期 3 小时``; nothing while it is not."""
    late = at - due_at
    minutes = int(late.total_seconds() // 60)
    if minutes < 0:
        return ""
    if late.days:
        return ngettext("逾期 %(count)d 天", "逾期 %(count)d 天", late.days) % {"count": late.days}
    if minutes >= 60:
        return ngettext("逾期 %(count)d 小时", "逾期 %(count)d 小时", minutes // 60) % {"count": minutes // 60}
    return _("刚刚逾期")


@dataclass
class Line:
    """One obligation on a page, with what came of it."""

    obligation: Obligation
    late: str = ""
    """How long it is late now; empty while it is not."""
    answer: Record | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)
    """The answers of the form, label and text."""
    in_time: bool = True
    """Whether the answer came in time."""
    urged_at: datetime | None = None
    below: Progress | None = None
    """How far what was passed on has come."""

    @property
    def short(self) -> list[tuple[str, str]]:
        """The first answers."""
        return self.pairs[:SHORT]


def line_of(
    obligation: Obligation,
    *,
    at: datetime,
    form: Form | None,
    answer: Record | None = None,
    urged_at: datetime | None = None,
    below: Progress | None = None,
) -> Line:
    """What a page says of one obligation."""
    waits = obligation.status == Status.OPEN
    return Line(
        obligation,
        late=lateness(obligation.due_at, at) if waits else "",
        answer=answer,
        pairs=pairs_of(form, answer.answers if answer else None),
        in_time=answer is None or answer.at <= obligation.due_at,
        urged_at=urged_at if waits else None,
        below=below,
    )


def pairs_of(form: Form | None, said: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What was answered to each question, where something was."""
    if form is None or not said:
        return []
    told = ((str(item.spec.label), display(item, said.get(item.id))) for item in form.fields.values())
    return [(label, text) for label, text in told if text]


def last_of(records: Sequence[Record]) -> Record | None:
    """The latest answer among the records of an obligation, oldest first."""
    return next((one for one in reversed(records) if "answers" in one.details), None)


def returned_of(obligation: Obligation, records: Sequence[Record]) -> Record | None:
    """Why it was given back, as long as nobody has answered since."""
    if obligation.status != Status.OPEN:
        return None
    turns = [one for one in records if one.what in ("handed_in", "kept", "returned")]
    return turns[-1] if turns and turns[-1].what == "returned" else None


def urging_said(told: int) -> str:
    """What became of urging so many."""
    if not told:
        return _("今天都催办过了，一天催办一次。")
    return ngettext("已催办 %(count)d 个对象。", "已催办 %(count)d 个对象。", told) % {"count": told}


@dataclass(frozen=True)
class Told:
    """What several said to one question, as a page shows it."""

    label: str
    answered: int
    total: str = ""
    """The sum, with its unit."""
    bars: list[tuple[str, int, int]] = field(default_factory=list)
    """Each choice, how many took it, and their share in per cent."""
    said: list[tuple[str, str]] = field(default_factory=list)
    """Who said what in their own words."""


def told_of(found: Sequence[Gathered], names: Mapping[UUID, str]) -> list[Told]:
    """What several said, question by question."""
    return [_told(one, names) for one in found]


def _told(one: Gathered, names: Mapping[UUID, str]) -> Told:
    label = str(one.field.spec.label)
    if one.total is not None:
        return Told(label, one.answered, total=display(one.field, format(one.total, "f")))
    yes_no = {"yes": _("是"), "no": _("否")} if one.field.kind is Asks.YES_NO else {}
    bars = [
        (yes_no.get(choice, choice), count, count * 100 // one.answered if one.answered else 0)
        for choice, count in one.chosen
    ]
    return Told(label, one.answered, bars=bars, said=[(names[key], text) for key, text in one.said if text])
