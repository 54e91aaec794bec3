"""How a case is told: its steps, its history and what comes next, for each reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from zerotrip.cases.actions.reveal import REVEAL
from zerotrip.cases.models import Assignment, AssignmentStatus, Means, Mode, Procedure, Purpose, RatingDoor, Verdict
from zerotrip.cases.states import Result, Status, Step
from zerotrip.catalogue.queries import form_of, stage_name
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.models import Given, MandateKind
from zerotrip.web.templatetags.show import called

if TYPE_CHECKING:
    from zerotrip.cases.models import NeedFile
    from zerotrip.cases.queries import File
    from zerotrip.ledger.models import Entry

TONES = {
    Status.DRAFT: "",
    Status.SUBMITTED: "water",
    Status.CORRECTING: "warn",
    Status.REVIEWING: "water",
    Status.DECIDING: "water",
    Status.REHEARSED: "warn",
    Status.GRANTED: "ok",
    Status.ISSUED: "ok",
    Status.HELPING: "water",
    Status.CONFIRMING: "warn",
    Status.CLOSED: "",
}
"""The colour of a status tag; never the only sign."""


def tone(status: str, result: str) -> str:
    """The colour of a case's tag."""
    if status == Status.CLOSED:
        return "ok" if result in (Result.GRANTED, Result.RESOLVED) else ""
    return TONES[Status(status)]


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    title: str
    who: str
    at: datetime
    note: str = ""
    files: Sequence[NeedFile] = ()


@dataclass(frozen=True)
class Milestone:
    """One of the few steps drawn at the top of the page."""

    title: str
    state: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Next:
    """What comes next, in plain words."""

    title: str
    text: str


WHOSE = frozenset({"assign", "take", "give_back", "hand_over"})
"""Who does the work: between colleagues."""
PROPOSED = frozenset({"propose_slip", "turn_slip_down"})
"""What is between one hand and the other."""
HIDDEN = (
    WHOSE
    | PROPOSED
    | {
        Step.SEND_BACK,
        Step.ASK_EXTENSION,
        Step.DENY_EXTENSION,
        Step.DRAFT,
        Step.APPROVE,
        Step.RETURN,
        "licence_differs",
    }
)
"""What applicants do not read of: how a decision comes about between offices."""


def history(file: File, reported: Mapping[datetime, Sequence[NeedFile]] | None = None) -> list[Line]:
    """The history, latest first. Applicants read which office acted; staff read who.

    ``reported``: the files that came with word of progress, by when.
    """
    hidden = HIDDEN if file.is_applicant else frozenset()
    hidden |= {Step.OPEN} if file.spec.need is not None else frozenset()  # raised at once, there is no draft
    listed = (entry for entry in reversed(file.history) if entry.action not in hidden)
    lines = [_line(entry, file) for entry in listed if not (file.is_applicant and _between_offices(entry))]
    return (
        [replace(line, files=reported[line.at]) if line.at in reported else line for line in lines]
        if reported
        else lines
    )


def _between_offices(entry: Entry) -> bool:
    """The first of two opinions; and who else is concerned, of whom the applicant reads once they are told."""
    recorded = entry.action == Step.HEAR and entry.details.get("what") in ("concerned", "forgotten")
    return recorded or bool(entry.details.get("first"))


def _line(entry: Entry, file: File) -> Line:
    stage = entry.details.get("stage")
    title = str(
        Step(entry.action).label if entry.action in Step.values else _BESIDE.get(entry.action, entry.action)
    )
    title = _kind_said(title, entry)
    if stage is not None and entry.action in (Step.REVIEW, Step.CONFIRM_REVIEW):
        verdict = Verdict(entry.details["verdict"]).label
        title = _("%(stage)s：%(verdict)s") % {"stage": stage_name(file.spec, stage), "verdict": verdict}
        if not file.is_applicant and (hand := _hand(entry)):
            title = f"{title} · {hand}"
    if entry.details.get("whom"):
        title = _("%(step)s：%(kind)s") % {"step": title, "kind": entry.details["whom"]}
    if entry.details.get("name"):
        title = _("%(step)s：%(kind)s") % {"step": title, "kind": entry.details["name"]}
    if entry.action == REVEAL:
        title = _("查看完整身份证号码：%(field)s") % {"field": _field(entry.details["field"], file)}
    return Line(title=title, who=_who(entry, file), at=entry.at, note=_note(entry, file))


def _hand(entry: Entry) -> str:
    """Which of two who examine gave it."""
    if entry.action == Step.CONFIRM_REVIEW:
        return _("第二人确认")
    return _("第一人，等另一人确认") if entry.details.get("first") else ""


_BESIDE = {
    "recompute": gettext_lazy("办理期限重新计算"),
    "rate": gettext_lazy("评价"),
    "supplement": gettext_lazy("补充评价"),
    "late": gettext_lazy("超过期限"),
    "escalated": gettext_lazy("超期未办，报上级督促"),
    REVEAL: gettext_lazy("查看完整身份证号码"),
    "green": gettext_lazy("进入绿色通道"),
    "green_ends": gettext_lazy("退出绿色通道"),
    "contact": gettext_lazy("绿色通道换专人"),
    "assign": gettext_lazy("指派"),
    "take": gettext_lazy("领取"),
    "give_back": gettext_lazy("退回待领"),
    "hand_over": gettext_lazy("移交"),
    "fill_in": gettext_lazy("代为录入"),
    "mail": gettext_lazy("电子邮件送来材料"),
    "confirmed": gettext_lazy("申请人确认"),
    "reading_refused": gettext_lazy("申请人不同意读取电子证照"),
    "propose_slip": gettext_lazy("提出更正笔误"),
    "confirm_slip": gettext_lazy("更正笔误"),
    "turn_slip_down": gettext_lazy("不同意更正"),
    "licence_revoked": gettext_lazy("证照被撤销、撤回或者吊销"),
    "lift_bar": gettext_lazy("解除对申请人的限制"),
    "minutes_signed": gettext_lazy("补充签字的听证笔录"),
    "challenge": gettext_lazy("登记行政复议或者诉讼"),
    "challenge_moves": gettext_lazy("行政复议或者诉讼有进展"),
    "licence_used": gettext_lazy("使用电子证照"),
    "licence_use_ended": gettext_lazy("不再使用电子证照"),
    "licence_verified": gettext_lazy("电子证照核验通过"),
    "licence_failed": gettext_lazy("电子证照核验不通过"),
    "licence_differs": gettext_lazy("证照库前后答复不同"),
    "owed": gettext_lazy("材料转为限期补交"),
}
"""What the journal has beside the steps."""


_HEARD = {
    "concerned": gettext_lazy("登记利害关系人"),
    "forgotten": gettext_lazy("删除登记错的利害关系人"),
    "view": gettext_lazy("书面告知利害关系人，听取意见"),
    "right": gettext_lazy("告知听证权利"),
    "said": gettext_lazy("陈述意见"),
    "nothing": gettext_lazy("答复没有意见"),
    "asked": pgettext_lazy("答复", "要求听证"),
    "waived": pgettext_lazy("答复", "放弃听证"),
    "called": gettext_lazy("通知听证时间和地点"),
    "recusal": gettext_lazy("申请主持人回避"),
    "recusal_settled": gettext_lazy("答复回避申请"),
    "minutes": gettext_lazy("听证笔录存档"),
}
"""What happened when people were heard."""
_ANSWERS = frozenset({"said", "nothing", "asked", "waived"})
"""What staff note for whoever does not answer here."""


def _kind_said(title: str, entry: Entry) -> str:
    """A special procedure by its name: ``启动特别程序：听证``; who typed by their mandate: ``帮办录入（窗口）``."""
    if entry.action == "fill_in":
        words = {"kind": MandateKind(entry.details["kind"]).label, "given": Given(entry.details["given"]).label}
        return _("%(kind)s录入（%(given)s）") % words
    if entry.action == "confirmed":
        if entry.details["purpose"] == Purpose.REUSE:
            title = _("申请人同意读取电子证照")
        return _("%(step)s：%(kind)s") % {"step": title, "kind": Means(entry.details["means"]).label}
    if entry.action == Step.HEAR:
        what = entry.details.get("what", "")
        said = str(_HEARD.get(what, title))
        noted = what in _ANSWERS and "stage" in entry.details
        return _("登记答复：%(answer)s") % {"answer": said} if noted else said
    if entry.action not in (Step.SUSPEND, Step.RESUME):
        return title
    kind = Procedure(entry.details["kind"]).label
    return _("%(step)s：%(kind)s") % {"step": title, "kind": kind}


def _field(place: str, file: File) -> str:
    """The label of a field; of one in a group, the group's and the number of the row."""
    root, _dot, rest = place.partition(".")
    label = str(form_of(file.case.version_id).fields[root].spec.label)
    return f"{label} {int(rest.partition('.')[0]) + 1}" if rest else label


INSIDE = frozenset(
    {
        Step.REVIEW,
        Step.CONFIRM_REVIEW,
        Step.SEND_BACK,
        Step.ACCEPT,
        Step.ASK_EXTENSION,
        Step.DENY_EXTENSION,
        Step.DRAFT,
        Step.APPROVE,
        Step.RETURN,
        Step.HEAR,
        Step.HAND_ON,
        Step.MOVE,
        Step.ASK_HELPER,
        Step.DECLINE_HELP,
        REVEAL,
        "green",
        "green_ends",
    }
)
"""Steps whose words are between offices."""


def _who(entry: Entry, file: File) -> str:
    assignment = next((a for a in file.assignments if a.stage == entry.details.get("stage")), None)
    if assignment is None and file.is_applicant and entry.action in OF_THE_OFFICE:
        return called(file.case.department)
    if entry.action in OF_THE_APPLICANT:
        return _rater(entry)
    if assignment is None:
        return entry.actor_name if entry.actor else _("系统")
    if file.is_applicant and (file.spec.need is None or not entry.actor):
        return called(assignment.department)
    return f"{called(assignment.department)} · {entry.actor_name}"


OF_THE_APPLICANT = frozenset({"rate", "supplement"})
"""What the applicant says of the case, whoever's session it was said in."""


def _rater(entry: Entry) -> str:
    """The applicant, or their agent by name; at the counter with the clerk who handed the screen over."""
    if entry.details.get("door") == RatingDoor.DESK:
        return _("申请人，在窗口（%(name)s）") % {"name": entry.actor_name}
    return entry.actor_name if entry.actor else _("申请人")


OF_THE_OFFICE = frozenset(
    {
        "green",
        "green_ends",
        "contact",
        "confirm_slip",
        "licence_revoked",
        "minutes_signed",
        "challenge",
        "challenge_moves",
        "lift_bar",
    }
)
"""What the office did with the case as a whole."""


def _note(entry: Entry, file: File) -> str:
    if file.is_applicant and entry.action in INSIDE:
        return ""
    passed = [] if file.is_applicant else entry.details.get("passed", [])
    if passed or (entry.details.get("rule") and not file.is_applicant):
        rule = entry.details.get("rule")
        found = [_("按规则“%(rule)s”") % {"rule": rule}] if rule else [_("没有符合的规则，交值班人员或牵头部门")]
        return "\n".join([*found, *passed])
    return entry.reason


def milestones(file: File) -> list[Milestone]:
    """Submit, accept, review, decide, deliver: done, now or to come. A need: answer, plan, do, confirm."""
    case = file.case
    if file.spec.need is not None:
        return _need_milestones(file)
    granted = case.result == Result.GRANTED
    decided = None if case.result == Result.DECLINED else case.decided_at
    receiving = case.status in (Status.SUBMITTED, Status.CORRECTING)
    delivering = case.status in (Status.GRANTED, Status.ISSUED)
    marks = [
        _mark(_("申报"), case.submitted_at, case.status == Status.DRAFT),
        _intake_mark(file, receiving),
        _mark(_("决定"), decided, case.status == Status.DECIDING),
        _mark(_("送达"), case.closed_at if granted else None, delivering),
    ]
    promised = file.commitment is not None  # which stands in for the reviews
    if any(stage.kind is StageKind.REVIEW for stage in file.spec.stages) and not promised:
        marks.insert(2, _review_mark(file))
    return marks


def _need_milestones(file: File) -> list[Milestone]:
    """Where a need is since it was last opened anew."""
    case = file.case
    since = max((e.at for e in file.history if e.action == Step.DISSATISFIED), default=case.submitted_at)

    def first(*steps: Step) -> datetime | None:
        found = (e.at for e in file.history if e.action in steps and since is not None and e.at >= since)
        return min(found, default=None)

    settled = case.status in (Status.CONFIRMING, Status.CLOSED)
    done = first(Step.RESOLVE) if settled else None
    answered, planned = first(Step.ANSWER, Step.PLAN, Step.RESOLVE), first(Step.PLAN) or done
    helping = case.status == Status.HELPING
    return [
        _mark(pgettext("诉求", "提出"), case.submitted_at, False),
        _mark(_("响应"), answered, helping and not answered),
        _mark(_("方案"), planned, helping and bool(answered) and not planned),
        _mark(_("办理"), done, helping and bool(planned)),
        _mark(_("企业确认"), case.closed_at if settled else None, case.status == Status.CONFIRMING),
    ]


def _intake_mark(file: File, receiving: bool) -> Milestone:
    """Acceptance; a rehearsal is taken up, and accepted once it turns formal."""
    if file.case.mode == Mode.FORMAL:
        return _mark(_("受理"), file.case.accepted_at, receiving)
    taken_up = next((one.done_at for one in file.assignments if one.kind == StageKind.INTAKE), None)
    return _mark(_("开始预审"), taken_up, receiving)


def _mark(title: str, at: datetime | None, now: bool, note: str = "") -> Milestone:
    return Milestone(title, "done" if at else "now" if now else "", at, note)


def _review_mark(file: File) -> Milestone:
    reviews = [a for a in file.assignments if a.kind == StageKind.REVIEW]
    running = file.case.status == Status.REVIEWING
    finished = [a.done_at for a in reviews if a.done_at]
    over = finished and not running and all(a.done_at for a in reviews)
    return _mark(_("审查"), max(finished) if over else None, running, review_note(reviews))


def review_note(reviews: list[Assignment]) -> str:
    """How far parallel reviews are: ``2/3``."""
    if len(reviews) < 2:
        return ""
    done = sum(a.status == AssignmentStatus.DONE for a in reviews)
    return f"{done}/{len(reviews)}"


def what_next(file: File) -> Next:
    """What comes next, to the applicant, in plain words."""
    case = file.case
    if case.status == Status.CORRECTING and file.correction:
        count = len(file.correction.items)
        return Next(
            ngettext("请您补正 %(count)d 处", "请您补正 %(count)d 处", count) % {"count": count},
            _("需要改的地方已一次性列出，改好后重新提交即可，其他内容不用再填。"),
        )
    if case.status == Status.CLOSED:
        return _ended(file)
    words = {
        Status.DRAFT: Next(_("填好后提交"), _("内容会自动保存，可以随时离开，回来接着填。")),
        Status.SUBMITTED: Next(
            _("等待受理"), _("工作人员正在核对您的材料。符合要求就受理；需要补充的会一次性告诉您。")
        ),
        Status.REVIEWING: Next(_("部门正在审查"), _("各部门同时审查，您不用做什么，有结果会通知您。")),
        Status.DECIDING: Next(_("等待作出决定"), _("审查已经完成，正在作出决定。")),
        Status.REHEARSED: Next(
            _("预审完成"), _("补齐前置材料后可以一步转为正式，没有变化的内容不再重复审查。预审意见不是行政决定。")
        ),
        Status.GRANTED: Next(_("已准予，正在制证"), _("电子证照马上就好，制成后会通知您。")),
        Status.HELPING: Next(_("正在帮办"), _("下面写明谁在帮办、什么时候答复。有进展会发消息给您。")),
        Status.CONFIRMING: Next(
            _("请您确认解决了没有"), _("满意就评价办结；不满意，由上一级接着办，以前的经过都在。")
        ),
        Status.ISSUED: Next(_("证照已制成，正在送达"), _("电子证照即将放入您的“证照”。")),
    }
    return words[Status(case.status)]


def _granted(file: File) -> Next:
    upon = file.spec.outcome.upon
    if upon is not None and upon.act == "cancel":
        return Next(_("已办结"), _("证照已按您的申请注销，不再有效。"))
    return Next(_("已办结"), _("电子证照在您的“证照”里，可以下载、出示和验证。"))


def _ended(file: File) -> Next:
    endings = {
        Result.GRANTED: _granted(file),
        Result.REFUSED: Next(_("不予许可"), _("理由和救济途径见下方决定。")),
        Result.DECLINED: Next(_("不予受理"), _("理由见下方决定。您可以按提示重新申报或向有权机关申请。")),
        Result.LAPSED: Next(_("逾期未补正，视为撤回"), _("规定时间内没有收到补正，这个办件已经结束。")),
        Result.TERMINATED: Next(_("终止办理"), _("理由和救济途径见下方决定。")),
        Result.RESOLVED: Next(_("已解决"), _("这件诉求已经办结。又遇到难处，随时再提。")),
        Result.UNRESOLVED: Next(_("未能解决"), _("原因见下。不满意的请评价，由上一级接着办。")),
        Result.WITHDRAWN: Next(_("已撤回"), _("这个办件已经结束。需要时可以重新申报。")),
    }
    return endings[Result(file.case.result)]
