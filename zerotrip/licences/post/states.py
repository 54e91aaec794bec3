"""Where a parcel can be, and which step leads where."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How the applicant receives the result. The electronic copy always comes too."""

    ELECTRONIC = "electronic", _("只要电子证照")
    POST = "post", _("邮寄到家")
    COUNTER = "counter", _("窗口自取")


class Status(models.TextChoices):
    """Where the paper is."""

    WAITING = "waiting", _("待寄送")
    LABELLED = "labelled", _("已打面单")
    HANDED_OVER = "handed_over", _("已交寄")
    IN_TRANSIT = "in_transit", _("运输中")
    DELIVERED = "delivered", _("已送达")
    UNDELIVERED = "undelivered", _("未能送达")
    CANCELLED = "cancelled", _("不再寄送")


class Step(models.TextChoices):
    """What can happen to a parcel."""

    LABEL = "label", _("打印面单")
    VOID = "void", _("面单作废")
    HAND_OVER = "hand_over", _("交寄")
    MOVE = "move", _("运输")
    DELIVER = "deliver", _("送达")
    FAIL = "fail", _("未能送达")
    AGAIN = "again", _("重新寄送")
    COLLECT = "collect", _("窗口领取")
    CANCEL = "cancel", _("不再寄送")


class EventKind(models.TextChoices):
    """What a courier can tell of a parcel."""

    ACCEPTED = "accepted", _("快递已收件")
    IN_TRANSIT = "in_transit", _("运输中")
    OUT_FOR_DELIVERY = "out_for_delivery", _("正在派送")
    DELIVERED = "delivered", _("已签收")
    UNDELIVERED = "undelivered", _("未能送达")


class Source(models.TextChoices):
    """Who told us."""

    WEBHOOK = "webhook", _("快递推送")
    POLLING = "polling", _("向快递查询")
    HAND = "hand", _("工作人员登记")


S = Status
TRANSITIONS: dict[Step, tuple[frozenset[Status], Status]] = {
    Step.LABEL: (frozenset({S.WAITING}), S.LABELLED),
    Step.VOID: (frozenset({S.LABELLED}), S.WAITING),
    Step.HAND_OVER: (frozenset({S.LABELLED}), S.HANDED_OVER),
    Step.MOVE: (frozenset({S.HANDED_OVER, S.IN_TRANSIT, S.UNDELIVERED}), S.IN_TRANSIT),
    Step.DELIVER: (frozenset({S.HANDED_OVER, S.IN_TRANSIT, S.UNDELIVERED}), S.DELIVERED),
    Step.FAIL: (frozenset({S.HANDED_OVER, S.IN_TRANSIT}), S.UNDELIVERED),
    Step.AGAIN: (frozenset({S.UNDELIVERED}), S.WAITING),
    Step.COLLECT: (frozenset({S.WAITING}), S.DELIVERED),
    Step.CANCEL: (frozenset({S.WAITING, S.LABELLED, S.UNDELIVERED}), S.CANCELLED),
}
"""Step → from which statuses, to which. What is not here is forbidden.

A courier may try again by itself: an undelivered parcel moves on, or arrives, as long as it has not
been sent anew.
"""

TOLD: dict[EventKind, Step] = {
    EventKind.ACCEPTED: Step.MOVE,
    EventKind.IN_TRANSIT: Step.MOVE,
    EventKind.OUT_FOR_DELIVERY: Step.MOVE,
    EventKind.DELIVERED: Step.DELIVER,
    EventKind.UNDELIVERED: Step.FAIL,
}
"""The step that follows from what a courier tells."""

CHANGEABLE = frozenset({S.WAITING, S.LABELLED, S.UNDELIVERED})
"""While the paper is in our hands, the applicant may say otherwise where it goes."""

UNDER_WAY = frozenset({S.HANDED_OVER, S.IN_TRANSIT, S.UNDELIVERED})
"""With the courier: there may be news."""


def allowed(step: Step, status: str) -> bool:
    """Whether ``step`` can be taken from ``status``."""
    return status in TRANSITIONS[step][0]


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.WAITING}: open"]
    for step, (sources, target) in TRANSITIONS.items():
        lines.extend(f"    {source} --> {target}: {step}" for source in sorted(sources))
    return "\n".join([*lines, *(f"    {end} --> [*]" for end in (Status.DELIVERED, Status.CANCELLED))])
