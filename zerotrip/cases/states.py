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
    REHEARSED = "rehearsed", _("预审完成")
    GRANTED = "granted", _("制证中")
    ISSUED = "issued", _("待送达")
    HELPING = "helping", _("帮办中")
    CONFIRMING = "confirming", _("待企业确认")
    CLOSED = "closed", _("已办结")


class Result(models.TextChoices):
    """How a case ended."""

    NONE = "", "—"
    GRANTED = "granted", _("准予")
    REFUSED = "refused", _("不予许可")
    DECLINED = "declined", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    LAPSED = "lapsed", _("逾期未补正，视为撤回")
    TERMINATED = "terminated", _("终止办理")
    RESOLVED = "resolved", _("已解决")
    UNRESOLVED = "unresolved", _("未能解决")


class Step(models.TextChoices):
    """What can be done to a case."""

    OPEN = "open", _("开始填报")
    SUBMIT = "submit", _("申报")
    REQUEST_CORRECTION = "request_correction", _("一次性告知补正")
    TAKE_BACK = "take_back", _("收回补正告知")
    CORRECT = "correct", _("补正后重新提交")
    LAPSE = "lapse", _("逾期未补正")
    REOPEN = "reopen", _("恢复补正")
    ACCEPT = "accept", _("受理")
    DECLINE = "decline", _("不予受理")
    REVIEW = "review", _("审查")
    CONFIRM_REVIEW = "confirm_review", _("第二人确认意见")
    SEND_BACK = "send_back", _("第二人退回意见")
    SUSPEND = "suspend", _("启动特别程序")
    RESUME = "resume", _("特别程序结束")
    HEAR = "hear", _("听取意见和听证")
    ASK_EXTENSION = "ask_extension", _("申请延期")
    EXTEND = "extend", _("批准延期")
    DENY_EXTENSION = "deny_extension", _("不批准延期")
    DRAFT = "draft", _("拟定决定")
    APPROVE = "approve", _("批准")
    RETURN = "return", _("退回修改")
    CONCLUDE = "conclude", _("预审完成")
    FORMALISE = "formalise", _("转为正式")
    GRANT = "grant", _("准予")
    DEEM = "deem", _("逾期未决定，视为准予延续")
    REFUSE = "refuse", _("不予许可")
    TERMINATE = "terminate", _("终止办理")
    MAKE_UP = "make_up", _("补交容缺材料")
    CHECK_MAKE_UP = "check_make_up", _("核对后补材料")
    MISS = "miss", _("到期未补交")
    CHECK = "check", _("事后核查")
    CALL_BACK = "call_back", _("差评回访")
    ISSUE = "issue", _("制证")
    DELIVER = "deliver", _("送达")
    WITHDRAW = "withdraw", _("撤回")
    RAISE = "raise", _("提出诉求")
    ROUTE = "route", _("分派")
    ADD = "add", _("企业补充")
    ANSWER = "answer", _("响应")
    PLAN = "plan", _("拿出方案")
    REPORT = "report", _("通报进展")
    ASK_HELPER = "ask_helper", _("请人协办")
    HAND_ON = "hand_on", _("转办")
    MOVE = "move", _("牵头调整帮办人")
    DECLINE_HELP = "decline_help", _("退回")
    SPLIT = "split", _("拆出一件")
    RESOLVE = "resolve", _("帮办完成")
    CANNOT = "cannot", _("未能解决，办结")
    CONFIRM = "confirm", _("企业确认解决")
    DISSATISFIED = "dissatisfied", _("企业不满意，上一级再办")


S = Status
UNDER_WAY = (S.REVIEWING, S.DECIDING)
HELPED = (
    *(Step.ROUTE, Step.ADD, Step.ANSWER, Step.PLAN, Step.REPORT),
    *(Step.ASK_HELPER, Step.HAND_ON, Step.MOVE, Step.SPLIT),
)
"""What is done while a need is helped with, and leaves it there."""
AFTER_ACCEPTANCE = (*UNDER_WAY, S.GRANTED, S.ISSUED, S.CLOSED)


def _stays(*statuses: Status) -> dict[Status, frozenset[Status]]:
    return {status: frozenset({status}) for status in statuses}


TRANSITIONS: dict[Step, dict[Status, frozenset[Status]]] = {
    Step.SUBMIT: {S.DRAFT: frozenset({S.SUBMITTED})},
    Step.REQUEST_CORRECTION: {S.SUBMITTED: frozenset({S.CORRECTING})},
    Step.TAKE_BACK: {S.CORRECTING: frozenset({S.SUBMITTED})},
    Step.CORRECT: {S.CORRECTING: frozenset({S.SUBMITTED})},
    Step.LAPSE: {S.CORRECTING: frozenset({S.CLOSED})},
    Step.REOPEN: {S.CLOSED: frozenset({S.CORRECTING})},
    Step.ACCEPT: {S.SUBMITTED: frozenset({S.REVIEWING, S.DECIDING})},
    Step.DECLINE: {S.SUBMITTED: frozenset({S.CLOSED})},
    Step.REVIEW: {S.REVIEWING: frozenset({S.REVIEWING, S.DECIDING})},
    Step.CONFIRM_REVIEW: {S.REVIEWING: frozenset({S.REVIEWING, S.DECIDING})},
    Step.SEND_BACK: _stays(S.REVIEWING),
    Step.SUSPEND: _stays(*UNDER_WAY),
    Step.RESUME: _stays(*UNDER_WAY),
    Step.HEAR: _stays(*UNDER_WAY),
    Step.ASK_EXTENSION: _stays(*UNDER_WAY),
    Step.EXTEND: _stays(*UNDER_WAY),
    Step.DENY_EXTENSION: _stays(*UNDER_WAY),
    Step.DRAFT: _stays(S.DECIDING),
    Step.APPROVE: _stays(S.DECIDING),
    Step.RETURN: _stays(S.DECIDING),
    Step.CONCLUDE: {S.DECIDING: frozenset({S.REHEARSED})},
    Step.FORMALISE: {
        S.REVIEWING: frozenset({S.REVIEWING}),
        S.DECIDING: frozenset({S.REVIEWING, S.DECIDING}),
        S.REHEARSED: frozenset({S.REVIEWING, S.DECIDING}),
    },
    Step.GRANT: {S.DECIDING: frozenset({S.GRANTED})},
    Step.DEEM: {status: frozenset({S.GRANTED}) for status in (S.SUBMITTED, *UNDER_WAY)},
    Step.REFUSE: {S.DECIDING: frozenset({S.CLOSED})},
    Step.TERMINATE: {status: frozenset({S.CLOSED}) for status in (*UNDER_WAY, S.REHEARSED)},
    Step.MAKE_UP: _stays(*AFTER_ACCEPTANCE),
    Step.CHECK_MAKE_UP: _stays(*AFTER_ACCEPTANCE),
    Step.MISS: _stays(*AFTER_ACCEPTANCE),
    Step.CHECK: _stays(S.GRANTED, S.ISSUED, S.CLOSED),
    Step.CALL_BACK: _stays(S.CLOSED),
    Step.ISSUE: {S.GRANTED: frozenset({S.ISSUED})},
    Step.DELIVER: {S.ISSUED: frozenset({S.CLOSED})},
    Step.WITHDRAW: {
        status: frozenset({S.CLOSED})
        for status in (
            *(S.DRAFT, S.SUBMITTED, S.CORRECTING, S.REVIEWING, S.DECIDING, S.REHEARSED),
            *(S.HELPING, S.CONFIRMING),
        )
    },
    Step.RAISE: {S.DRAFT: frozenset({S.HELPING})},
    **{step: _stays(S.HELPING) for step in HELPED},
    Step.DECLINE_HELP: {S.HELPING: frozenset({S.HELPING, S.CONFIRMING})},
    Step.RESOLVE: {S.HELPING: frozenset({S.HELPING, S.CONFIRMING})},
    Step.CANNOT: {S.HELPING: frozenset({S.CLOSED})},
    Step.CONFIRM: {S.CONFIRMING: frozenset({S.CLOSED})},
    Step.DISSATISFIED: {S.CONFIRMING: frozenset({S.HELPING}), S.CLOSED: frozenset({S.HELPING})},
}
"""Step → present status → statuses it may lead to. What is not here is forbidden."""

RESULTS: dict[Step, Result] = {
    Step.DECLINE: Result.DECLINED,
    Step.GRANT: Result.GRANTED,
    Step.DEEM: Result.GRANTED,
    Step.REFUSE: Result.REFUSED,
    Step.WITHDRAW: Result.WITHDRAWN,
    Step.LAPSE: Result.LAPSED,
    Step.REOPEN: Result.NONE,
    Step.TERMINATE: Result.TERMINATED,
    Step.CANNOT: Result.UNRESOLVED,
    Step.CONFIRM: Result.RESOLVED,
    Step.DISSATISFIED: Result.NONE,
}
"""The result a step fixes."""

CLOSING = frozenset(
    step
    for step, moves in TRANSITIONS.items()
    if any(source is not S.CLOSED and targets == {S.CLOSED} for source, targets in moves.items())
)
"""The steps that close a case."""
OPENING_AGAIN = frozenset(
    step for step, moves in TRANSITIONS.items() if S.CLOSED in moves and S.CLOSED not in moves[S.CLOSED]
)
"""The steps that open a closed one again."""

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
