"""An introduction on a page: both faces, the reasons, how far it is, and what this person may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.errors import NotFound
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.relief.matching import actions
from zerotrip.relief.matching.access import own_side, sees_contacts, sides
from zerotrip.relief.matching.judging import faces as told_faces
from zerotrip.relief.matching.queries import Face, faces, held, kind_of, plain
from zerotrip.relief.models import Introduction, Meeting
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.templatetags.show import counted_as

if TYPE_CHECKING:
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import Side
    from zerotrip.relief.models import Reservation

BECAUSE = (
    gettext_lazy("规格或数量不合适"),
    gettext_lazy("地点太远"),
    gettext_lazy("价格不合适"),
    gettext_lazy("时间来不及"),
    gettext_lazy("已经找到别的了"),
)
"""Why a proposal is usually turned down."""
TONES = {
    Meeting.PROPOSED: "warn",
    Meeting.INTRODUCED: "water",
    Meeting.SUCCEEDED: "ok",
}


@dataclass(frozen=True)
class Milestone:
    """One of the steps of an introduction, as ``web/parts/steps.html`` shows it."""

    title: str
    state: Literal["done", "now", "open"]
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One line of what happened."""

    title: str
    who: str
    at: datetime
    note: str = ""


class MeetingPage:
    """An introduction for whoever looks at it."""

    def __init__(self, row: Introduction, request: Request) -> None:
        self.row, self.actor = row, request.actor
        self.kind: Kind = kind_of(row.kind, withdrawn=True)
        self.mine: Side | None = own_side(row, request.actor)
        self.sides = sides(row, request.actor)
        self.held: Reservation | None = held(row)
        self.key, self.fresh = uuid4(), new_id()

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return TONES.get(Meeting(self.row.status), "")

    def face(self, side: Side) -> Face:
        """One side as this person is shown it."""
        entry = self.row.offer if side == "offer" else self.row.want
        contact = sees_contacts(self.row, side, self.actor)
        return faces([entry], {self.kind.id: self.kind}, contact=contact)[0]

    @property
    def offer(self) -> Face:
        """The offer."""
        return self.face("offer")

    @property
    def want(self) -> Face:
        """The want."""
        return self.face("want")

    @property
    def other(self) -> Face:
        """The other side, for a party."""
        return self.face("want" if self.mine == "offer" else "offer")

    @property
    def own(self) -> Face:
        """One's own side, for a party."""
        return self.face(self.mine or "want")

    @property
    def reasons(self) -> list[tuple[bool, dict[str, str]]]:
        """Why it fits, as it is told to this person; staff read it as whoever wants does."""
        return told_faces(self.row.reasons, self.mine or "want")

    @property
    def agreed(self) -> bool:
        """Whether one's own side has agreed."""
        return self.mine is not None and getattr(self.row, f"{self.mine}_agreed_at") is not None

    @property
    def other_agreed(self) -> bool:
        """Whether the other side has."""
        across = "want" if self.mine == "offer" else "offer"
        return getattr(self.row, f"{across}_agreed_at") is not None

    @property
    def to_agree(self) -> list[tuple[str, str]]:
        """The sides this person may agree for now, each with what it is called."""
        if self.row.status not in (Meeting.PROPOSED, Meeting.LAPSED):
            return []
        named = {"offer": _("供给方"), "want": _("需求方")}
        return [(side, named[side]) for side in self.sides if getattr(self.row, f"{side}_agreed_at") is None]

    @property
    def underway(self) -> bool:
        """Whether something can still be done about it."""
        return bool(self.sides) and self.row.status in (Meeting.PROPOSED, Meeting.INTRODUCED)

    @property
    def may_reserve(self) -> bool:
        """Whether the offer can be set aside by this person now."""
        return "want" in self.sides and self.row.status == Meeting.INTRODUCED and self.held is None

    @property
    def may_record(self) -> bool:
        """Whether this person may say what came of it."""
        ended = (Meeting.INTRODUCED, Meeting.SUCCEEDED, Meeting.FAILED)
        checked = self.row.outcome_from == "staff" and self.row.status != Meeting.INTRODUCED
        return bool(self.sides) and self.row.status in ended and not (checked and self.mine is not None)

    @property
    def left(self) -> str:
        """How much of a divisible offer can be had, as a number."""
        offer = self.row.offer
        return plain(offer.quantity - offer.reserved - offer.used).replace(",", "")

    @property
    def amount(self) -> str:
        """What the amount of the outcome will probably be."""
        if self.row.amount is not None:
            return plain(self.row.amount).replace(",", "")
        name = self.kind.spec.outcome.amount or ""
        value = self.row.want.answers.get(name) or self.row.offer.answers.get(name) or ""
        return value if isinstance(value, str) else ""

    @property
    def taken(self) -> str:
        """How much of a divisible offer was probably taken."""
        if self.row.taken is not None:
            return plain(self.row.taken).replace(",", "")
        if self.held is not None:
            return plain(self.held.quantity).replace(",", "")
        return plain(min(self.row.want.quantity, self.row.offer.quantity)).replace(",", "")

    @property
    def because(self) -> list[str]:
        """Why a proposal may be turned down."""
        return [str(text) for text in BECAUSE]

    @property
    def counted(self) -> list[tuple[str, str]]:
        """What the outcome was counted as, for each side."""
        if self.row.amount is None:
            return []
        outcome = self.kind.spec.outcome
        text = counted_as(self.row.amount, outcome.unit)
        return [(str(outcome.offer), text), (str(outcome.want), text)]

    @property
    def milestones(self) -> list[Milestone]:
        """The way from the proposal to the outcome."""
        row, ended = self.row, self.row.ended_at
        both = row.introduced_at
        over = row.status not in (Meeting.PROPOSED, Meeting.INTRODUCED)
        won = row.status == Meeting.SUCCEEDED
        last = str(row.get_status_display()) if over else _("结果")
        return [
            Milestone(_("推荐"), "done", row.proposed_at),
            Milestone(_("双方同意"), "done" if both else "open" if over else "now", both),
            Milestone(
                _("洽谈"),
                "done" if over and both else "now" if both else "open",
                note=_("预留中") if self.held else "",
            ),
            Milestone(last, "done" if won else "now" if over else "open", ended),
        ]

    @property
    def history(self) -> list[Line]:
        """What happened, the latest first, with who did it; for staff."""
        return [
            Line(str(SAID.get(entry.action, entry.action)), entry.actor_name, entry.at, entry.reason)
            for entry in reversed(list(history(self.row.pk)))
        ]


SAID = {
    "propose": gettext_lazy("推荐"),
    "agree": gettext_lazy("同意牵线"),
    "take_back": gettext_lazy("收回同意"),
    "refuse": gettext_lazy("不考虑"),
    "reserve": gettext_lazy("预留"),
    "release": gettext_lazy("取消预留"),
    "reservation_expires": gettext_lazy("预留到期"),
    "succeed": gettext_lazy("登记谈成"),
    "fail": gettext_lazy("登记没谈成"),
    "lapse": gettext_lazy("到期没有双方同意"),
    "drop": gettext_lazy("一方撤下或落实"),
    "publish": gettext_lazy("发布"),
    "revise": gettext_lazy("修改"),
    "confirm": gettext_lazy("确认有效"),
    "sleep": gettext_lazy("没有确认，暂时隐藏"),
    "withdraw": gettext_lazy("撤下"),
    "expire": gettext_lazy("到期"),
    "finish": gettext_lazy("已落实"),
    "reopen": gettext_lazy("重新展示"),
}
"""What was done, in words."""


def act(request: Request, row: Introduction, step: str) -> str:
    """Take a step of an introduction. Returns what to say of it. Raises NotFound for a step there is not."""
    action = _STEPS.get(step)
    if action is None:
        raise NotFound(_("没有这个操作。"))
    return action(request, row, _side(request, row))


def _side(request: Request, row: Introduction) -> Side:
    """The side a page speaks for: the party's own; of staff the one they chose."""
    own = own_side(row, request.actor)
    if own is not None:
        return own
    return "offer" if typed(request, "side", most=5) == "offer" else "want"


def _number(request: Request, name: str) -> Decimal | None:
    text = typed(request, name, most=30).replace(",", "").replace("，", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _agree(request: Request, row: Introduction, side: Side) -> str:
    made = actions.agree(row, side, how=typed(request, "how", most=500), by=request.actor, at=request.now)
    if made.status == Meeting.INTRODUCED:
        return _("双方都同意了，现在可以看到对方的联系方式。")
    return _("已同意。对方也同意后，双方就能看到联系方式。")


def _take_back(request: Request, row: Introduction, side: Side) -> str:
    actions.take_back(row, side, how=typed(request, "how", most=500), by=request.actor, at=request.now)
    return _("已收回同意，对方不再看到您的联系方式。")


def _refuse(request: Request, row: Introduction, side: Side) -> str:
    because = "；".join(filter(None, (typed(request, "because", most=100), typed(request, "more", most=100))))
    actions.refuse(row, side, because=because, by=request.actor, at=request.now)
    return _("已记下，这一对不会再推荐。有其他合适的会通知您。")


def _reserve(request: Request, row: Introduction, side: Side) -> str:
    key = uuid_from(typed(request, "reservation")) or new_id()
    made = actions.reserve(row, quantity=_number(request, "quantity"), key=key, by=request.actor, at=request.now)
    until = f"{made.expires_at.astimezone(request.now.tzinfo):%Y-%m-%d}"
    return _("已预留到 %(until)s，期间不再推荐给别人。") % {"until": until}


def _release(request: Request, row: Introduction, side: Side) -> str:
    actions.release(row, by=request.actor, at=request.now)
    return _("预留已取消。")


def _record(request: Request, row: Introduction, side: Side) -> str:
    note = typed(request, "note", most=500)
    if typed(request, "outcome") == "failed":
        actions.fail(row, note=note, by=request.actor, at=request.now)
        return _("已登记没有谈成。")
    amount, taken = _number(request, "amount"), _number(request, "taken")
    actions.succeed(row, amount=amount, taken=taken, note=note, by=request.actor, at=request.now)
    return _("已登记对接成功，双方的成果都计入统计。")


_STEPS: dict[str, Callable[[Request, Introduction, Side], str]] = {
    "agree": _agree,
    "take-back": _take_back,
    "refuse": _refuse,
    "reserve": _reserve,
    "release": _release,
    "outcome": _record,
}


def context_of(page: MeetingPage, **more: Any) -> dict[str, Any]:
    """What the templates of an introduction need."""
    return {"meeting": page, "row": page.row, "kind": page.kind, **more}
