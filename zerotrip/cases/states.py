"""Where a case can be, and which step leads where. The diagram in docs/states/case.md is made from this."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a case is."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待受理")
    CORRECTING = "correcting", _("待补正")
    REVIEWING = "reviewing", _("审查中")
    DECIDING = "deciding", _("待决定")
    GRANTED = "granted", _("制证中")
    ISSUED = "issued", _("待送达")
    CLOSED = "closed", _("已办结")


class Result(models.TextChoices):
    """How a case ended."""

    NONE = "", "—"
    GRANTED = "granted", _("准予")
    REFUSED = "refused", _("不予许可")
    DECLINED = "declined", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")


class Step(models.TextChoices):
    """What can be done to a case."""

    OPEN = "open", _("开始填报")
    SUBMIT = "submit", _("申报")
    REQUEST_CORRECTION = "request_correction", _("一次性告知补正")
    CORRECT = "correct", _("补正后重新提交")
    ACCEPT = "accept", _("受理")
    DECLINE = "decline", _("不予受理")
    REVIEW = "review", _("审查")
    GRANT = "grant", _("准予")
    REFUSE = "refuse", _("不予许可")
    ISSUE = "issue", _("制证")
    DELIVER = "deliver", _("送达")
    WITHDRAW = "withdraw", _("撤回")


S = Status
TRANSITIONS: dict[Step, dict[Status, frozenset[Status]]] = {
    Step.SUBMIT: {S.DRAFT: frozenset({S.SUBMITTED})},
    Step.REQUEST_CORRECTION: {S.SUBMITTED: frozenset({S.CORRECTING})},
    Step.CORRECT: {S.CORRECTING: frozenset({S.SUBMITTED})},
    Step.ACCEPT: {S.SUBMITTED: frozenset({S.REVIEWING, S.DECIDING})},
    Step.DECLINE: {S.SUBMITTED: frozenset({S.CLOSED})},
    Step.REVIEW: {S.REVIEWING: frozenset({S.REVIEWING, S.DECIDING})},
    Step.GRANT: {S.DECIDING: frozenset({S.GRANTED})},
    Step.REFUSE: {S.DECIDING: frozenset({S.CLOSED})},
    Step.ISSUE: {S.GRANTED: frozenset({S.ISSUED})},
    Step.DELIVER: {S.ISSUED: frozenset({S.CLOSED})},
    Step.WITHDRAW: {
        status: frozenset({S.CLOSED}) for status in (S.DRAFT, S.SUBMITTED, S.CORRECTING, S.REVIEWING, S.DECIDING)
    },
}
"""Step → present status → statuses it may lead to. What is not here is forbidden."""

RESULTS: dict[Step, Result] = {
    Step.DECLINE: Result.DECLINED,
    Step.GRANT: Result.GRANTED,
    Step.REFUSE: Result.REFUSED,
    Step.WITHDRAW: Result.WITHDRAWN,
}
"""The result a step fixes."""

OPEN_STATUSES = frozenset(Status) - {S.CLOSED}


def allowed(step: Step, status: str) -> bool:
    """Whether ``step`` can be taken from ``status``."""
    return status in TRANSITIONS[step]


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.DRAFT}: {Step.OPEN}"]
    for step, moves in TRANSITIONS.items():
        for source in sorted(moves):
            lines.extend(f"    {source} --> {target}: {step}" for target in sorted(moves[source]))
    lines.append(f"    {Status.CLOSED} --> [*]")
    return "\n".join(lines)
