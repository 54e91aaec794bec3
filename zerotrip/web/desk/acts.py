"""What a member of staff can do on a case page, beyond the usual: each act with the controls it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.cases import actions
from zerotrip.cases.actions.staff import FOUND
from zerotrip.cases.models import Found, Procedure, ProposalKind, Settled, Tag, Verdict
from zerotrip.cases.states import Result, Step
from zerotrip.catalogue.queries import findings_form_of
from zerotrip.errors import Invalid
from zerotrip.web.requests import typed
from zerotrip.web.templatetags.show import limit as in_words

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment, Case
    from zerotrip.cases.queries import File
    from zerotrip.web.requests import Request

LONGEST = 4000
"""Characters of an opinion, of reasons, of what is asked for at one place."""


@dataclass(frozen=True)
class Control:
    """One thing to fill in: a text, a number or a choice."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    hint: str = ""
    rows: int = 2


@dataclass(frozen=True)
class Act:
    """Something that can be done: the button, what it asks, and whether it is the usual thing to do."""

    path: str
    button: str
    controls: tuple[Control, ...] = ()
    usual: bool = False
    against: bool = False
    note: str = ""
    files: bool = False
    """Whether pictures and papers can go with it."""


def acts(file: File, assignment: Assignment, steps: Iterable[Step]) -> list[Act]:
    """What can be done in this work besides intake and plain review, the usual first."""
    found: list[Act] = []
    for step in steps:
        make = _MAKERS.get(step)
        if make is not None:
            found.extend(make(file, assignment))
    return sorted(found, key=lambda act: not act.usual)


def _reason(label: str, name: str = "reason", *, required: bool = True, value: str = "", hint: str = "") -> Control:
    return Control(name, label, required=required, value=value, hint=hint or ("" if required else _("（选填）")))


def _suspend(file: File, assignment: Assignment) -> Iterator[Act]:
    under_way = {each.kind for each in file.stopped}
    heard = {"hearing"} if file.spec.hearing else set()  # begun by its notice
    offered = [each for each in file.spec.procedures if each.kind not in under_way | heard]
    if not offered:
        return
    options = tuple(
        (
            each.kind,
            _("%(kind)s（最长 %(most)s）") % {"kind": Procedure(each.kind).label, "most": in_words(each.most)},
        )
        for each in offered
    )
    yield Act(
        "suspend",
        _("启动特别程序"),
        (
            Control("kind", _("程序"), "choice", options=options),
            Control("amount", _("需要多少时间（单位同上）"), "number"),
            _reason(_("理由（写进告知书，申请人会看到）")),
        ),
        note=_(
            "所需时间书面告知申请人，不计入办理期限（《行政许可法》第四十五条）。没有结束的，到期自动恢复计时。"
        ),
    )


def _resume(file: File, assignment: Assignment) -> Iterator[Act]:
    ended_by_minutes = {"hearing"} if file.spec.hearing else set()
    running = [each for each in file.stopped if each.kind not in ended_by_minutes]
    if not running:
        return
    options = tuple((each.kind, str(each.get_kind_display())) for each in running)
    yield Act(
        "resume",
        _("登记特别程序结果"),
        (Control("kind", _("程序"), "choice", options=options), _reason(_("结果"), "outcome")),
    )


def _ask_extension(file: File, assignment: Assignment) -> Iterator[Act]:
    asked = [each for each in file.proposals if each.kind == ProposalKind.EXTENSION]
    if file.spec.extension is None or any(each.status in ("open", "approved") for each in asked):
        return
    yield Act(
        "ask-extension",
        _("申请延期"),
        (_reason(_("理由（批准后告知申请人）")),),
        note=_("可以延长一次，%(limit)s，由负责人批准（《行政许可法》第四十二条）。")
        % {"limit": in_words(file.spec.extension)},
    )


def _extend(file: File, assignment: Assignment) -> Iterator[Act]:
    proposal = file.proposal(ProposalKind.EXTENSION)
    asked = proposal.reasons if proposal else ""
    note = _("申请延长 %(limit)s。理由：%(reason)s")
    words = in_words(file.spec.extension) if file.spec.extension else ""
    yield Act("extend", _("批准延期"), (), usual=True, note=note % {"limit": words, "reason": asked})


def _deny(file: File, assignment: Assignment) -> Iterator[Act]:
    yield Act("deny-extension", _("不批准"), (_reason(_("理由"), "opinion"),), against=True)


def _take_back(file: File, assignment: Assignment) -> Iterator[Act]:
    yield Act(
        "take-back",
        _("收回补正告知"),
        (_reason(_("为什么收回（申请人会看到）")),),
        note=_("告知的内容和申请人已经改的都会保留；五日期限从收到申请时接着算。"),
    )


def _conditional(file: File, assignment: Assignment) -> Iterator[Act]:
    if findings_form_of(file.case.version_id, assignment.stage).fields:
        return  # the form of the review has it, beside what is to be found
    yield Act(
        "cond",
        _("有条件通过"),
        (
            Control("conditions", _("要满足的条件（写进决定）")),
            _reason(_("意见"), "opinion", required=False),
        ),
    )


def _confirm_review(file: File, assignment: Assignment) -> Iterator[Act]:
    first = _("第一人：%(name)s · %(verdict)s") % {
        "name": file.names.get(assignment.first_by_id, ""),
        "verdict": assignment.get_proposed_display(),
    }
    form = findings_form_of(file.case.version_id, assignment.stage)
    found = (
        f"{field.spec.label}：{form.text_at(assignment.findings, name)}" for name, field in form.fields.items()
    )
    lines = [first, assignment.opinion, assignment.conditions, *(found if assignment.findings else ())]
    yield Act(
        "confirm-review",
        _("确认意见"),
        (_reason(_("补充意见"), "remark", required=False),),
        usual=True,
        note="\n".join(filter(None, lines)),
    )


def _send_back(file: File, assignment: Assignment) -> Iterator[Act]:
    yield Act("send-back", _("不同意，退回"), (_reason(_("不同意什么（第一人会看到）"), "remark"),), against=True)


_VERDICTS = (Result.GRANTED, Result.REFUSED, Result.TERMINATED)


def _draft(file: File, assignment: Assignment) -> Iterator[Act]:
    last = file.proposal(ProposalKind.DECISION)
    returned = last if last is not None and last.status == "returned" else None
    opinions = [one.conditions for one in file.assignments if one.conditions]
    verdicts = tuple((each.value, str(each.label)) for each in _VERDICTS)
    again = list(returned.approvals.all())[-1].opinion if returned else ""
    yield Act(
        "draft",
        _("提交审批"),
        (
            Control(
                "verdict", _("拟作决定"), "choice", options=verdicts, value=returned.verdict if returned else ""
            ),
            _reason(
                _("理由和依据"),
                "reasons",
                required=False,
                value=returned.reasons if returned else "",
                hint=_("（准予时选填）"),
            ),
            *_falsehood(file, chosen=returned is not None and returned.falsehood),
            _reason(
                _("附加条件"),
                "conditions",
                hint=_("（准予时选填）"),
                required=False,
                value=returned.conditions if returned else "\n".join(opinions),
            ),
        ),
        usual=True,
        note=_("退回修改：%(opinion)s") % {"opinion": again} if again else "",
    )


def falsehood_note(file: File) -> str:
    """What follows from finding that materials are false, as this service is."""
    warned = _("认定材料虚假的，不予许可并给予警告（《行政许可法》第七十八条）。")
    barred = _("这个事项直接关系公共安全、人身健康、生命财产安全：申请人一年内不得再次申请。")
    return f"{warned}{barred}" if file.spec.safety is not None else warned


def _falsehood(file: File, *, chosen: bool) -> Iterator[Control]:
    """Whether it is refused for false materials: asked of licences alone."""
    if file.spec.category != "permit":
        return
    options = (("", _("不符合法定条件、标准")), ("1", _("隐瞒有关情况或者提供虚假材料")))
    hint = _("（不予许可时选择）")
    yield Control("falsehood", _("不予许可的情形"), "choice", False, options, "1" if chosen else "", hint)


def _approve(file: File, assignment: Assignment) -> Iterator[Act]:
    proposal = file.proposal(ProposalKind.DECISION)
    if proposal is None:
        return
    said = _("拟作决定：%(verdict)s") % {"verdict": proposal.get_verdict_display()}
    parts = [said, proposal.reasons, proposal.conditions, falsehood_note(file) if proposal.falsehood else ""]
    yield Act(
        "approve",
        _("批准"),
        (_reason(_("意见"), "opinion", required=False),),
        usual=True,
        note="\n".join(filter(None, parts)),
    )


def _return(file: File, assignment: Assignment) -> Iterator[Act]:
    yield Act("return", _("退回修改"), (_reason(_("要改什么"), "opinion"),), against=True)


def _conclude(file: File, assignment: Assignment) -> Iterator[Act]:
    options = ((Verdict.PASS.value, _("没有发现问题")), (Verdict.FAIL.value, _("还有问题")))
    yield Act(
        "conclude",
        _("出具预审意见"),
        (
            Control("verdict", _("预审结论"), "choice", options=options),
            _reason(_("意见"), "opinion", required=False, hint=_("（有问题时必填）")),
        ),
        usual=True,
        note=_("预审意见不是行政决定。前置条件齐备后，申请人可以一步转为正式。"),
    )


def _terminate(file: File, assignment: Assignment) -> Iterator[Act]:
    yield Act("terminate", _("终止办理"), (_reason(_("理由和依据（申请人会看到）"), "reasons"),), against=True)


def _check_make_up(file: File, assignment: Assignment) -> Iterator[Act]:
    names = {material.id: str(material.name) for material in file.spec.materials}
    handed_in = _("、").join(names.get(key, key) for key in assignment.materials)
    yield Act("made-up", _("已补齐"), usual=True, note=_("申请人补交了：%(names)s") % {"names": handed_in})
    yield Act("not-made-up", _("不符，退回重补"), (_reason(_("哪里不符、要怎么补"), "note"),), against=True)


def _check(file: File, assignment: Assignment) -> Iterator[Act]:
    options = (
        (Found.TRUE.value, _("与承诺一致")),
        (Found.MENDING.value, _("有问题，责令整改")),
        (Found.FALSE.value, _("承诺不实")),
    )
    yield Act(
        "check",
        _("登记核查结果"),
        (
            Control("found", _("核查结果"), "choice", options=options),
            _reason(_("发现的问题"), "finding", required=False, value=assignment.opinion, hint=_("（一致时选填）")),
        ),
        usual=True,
        note=_("承诺不实由负责人认定，认定后撤销证照，并在一段时间内不再适用告知承诺。"),
    )


def _call_back(file: File, assignment: Assignment) -> Iterator[Act]:
    rating = file.rating
    if rating is None:
        return
    tags = _("、").join(str(Tag(tag).label) for tag in rating.tags)
    said = [_("评价：%(grade)s") % {"grade": rating.get_grade_display()}, tags, rating.comment, rating.supplement]
    options = tuple((one.value, str(one.label)) for one in Settled if one is not Settled.NONE)
    yield Act(
        "call-back",
        _("登记回访"),
        (
            _reason(_("了解到的情况"), "finding"),
            _reason(_("改了什么、怎么答复"), "put_right", required=False),
            Control("settled", _("申请人现在"), "choice", options=options),
        ),
        usual=True,
        note="\n".join(filter(None, said)),
    )


_MAKERS: dict[Step, Callable[[File, Assignment], Iterator[Act]]] = {
    Step.SUSPEND: _suspend,
    Step.RESUME: _resume,
    Step.ASK_EXTENSION: _ask_extension,
    Step.EXTEND: _extend,
    Step.DENY_EXTENSION: _deny,
    Step.TAKE_BACK: _take_back,
    Step.REVIEW: _conditional,
    Step.CONFIRM_REVIEW: _confirm_review,
    Step.SEND_BACK: _send_back,
    Step.DRAFT: _draft,
    Step.APPROVE: _approve,
    Step.RETURN: _return,
    Step.CONCLUDE: _conclude,
    Step.TERMINATE: _terminate,
    Step.CHECK_MAKE_UP: _check_make_up,
    Step.CHECK: _check,
    Step.CALL_BACK: _call_back,
}


def common(request: Request) -> dict[str, Any]:
    """Who acts, when, and the key by which the same press is known again."""
    return {"by": request.actor, "at": request.now, "key": typed(request, "key", most=40)}


def text(request: Request, name: str) -> str:
    """A text that was typed. Raises Invalid at its place when it is too long."""
    written = typed(request, name)
    if len(written) > LONGEST:
        message = _("请不要超过 %(most)d 字，现在有 %(count)d 字。") % {"most": LONGEST, "count": len(written)}
        raise Invalid(message, {name.removeprefix("message-"): [message]})
    return written


def _chosen(request: Request, name: str, among: Iterable[str]) -> str:
    value = typed(request, name)
    if value not in set(among):
        message = _("请选择一项。")
        raise Invalid(message, {name: [message]})
    return value


def _number(request: Request, name: str) -> float:
    try:
        value = float(typed(request, name, most=12))
    except ValueError:
        value = float("nan")
    if not 0 <= value < 10_000:
        message = _("请填写数字。")
        raise Invalid(message, {name: [message]})
    return value


def _suspended(r: Request, a: Assignment) -> Case:
    kind = Procedure(_chosen(r, "kind", Procedure.values))
    return actions.suspend(a, kind=kind, reason=text(r, "reason"), amount=_number(r, "amount"), **common(r))


def _resumed(r: Request, a: Assignment) -> Case:
    kind = Procedure(_chosen(r, "kind", Procedure.values))
    return actions.resume(a, kind=kind, outcome=text(r, "outcome"), **common(r))


def _drafted(r: Request, a: Assignment) -> Case:
    verdict = Result(_chosen(r, "verdict", _VERDICTS))
    return actions.draft_decision(
        a,
        verdict=verdict,
        reasons=text(r, "reasons"),
        conditions=text(r, "conditions"),
        falsehood=typed(r, "falsehood") == "1",
        **common(r),
    )


def _concluded(r: Request, a: Assignment) -> Case:
    verdict = Verdict(_chosen(r, "verdict", (Verdict.PASS, Verdict.FAIL)))
    return actions.conclude(a, verdict=verdict, opinion=text(r, "opinion"), **common(r))


def _checked(r: Request, a: Assignment) -> Case:
    found = Found(_chosen(r, "found", (Found.TRUE, Found.MENDING, Found.FALSE)))
    return actions.check(a, found=found, finding=text(r, "finding"), **common(r))


def _called_back(r: Request, a: Assignment) -> Case:
    settled = Settled(_chosen(r, "settled", (Settled.YES, Settled.NO, Settled.UNREACHED)))
    finding, put_right = text(r, "finding"), text(r, "put_right")
    return actions.call_back(a, finding=finding, put_right=put_right, settled=settled, **common(r))


def _reviewed(r: Request, a: Assignment, verdict: Verdict) -> Case:
    return actions.review(
        a,
        verdict=verdict,
        opinion=text(r, "opinion"),
        conditions=text(r, "conditions"),
        found=findings_form_of(a.case.version_id, a.stage).read_post(r.POST, prefix=FOUND),
        **common(r),
    )


ACTIONS: dict[str, Callable[[Request, Assignment], Case]] = {
    "accept": lambda r, a: actions.accept(a, opinion=text(r, "opinion"), **common(r)),
    "decline": lambda r, a: actions.decline(
        a, reasons=text(r, "reasons"), elsewhere=text(r, "elsewhere")[:120], **common(r)
    ),
    "take-back": lambda r, a: actions.take_back(a, reason=text(r, "reason"), **common(r)),
    "pass": lambda r, a: _reviewed(r, a, Verdict.PASS),
    "cond": lambda r, a: _reviewed(r, a, Verdict.CONDITIONAL),
    "fail": lambda r, a: _reviewed(r, a, Verdict.FAIL),
    "confirm-review": lambda r, a: actions.confirm_review(a, remark=text(r, "remark"), **common(r)),
    "send-back": lambda r, a: actions.send_back(a, remark=text(r, "remark"), **common(r)),
    "suspend": _suspended,
    "resume": _resumed,
    "ask-extension": lambda r, a: actions.ask_extension(a, reason=text(r, "reason"), **common(r)),
    "extend": lambda r, a: actions.extend(a, **common(r)),
    "deny-extension": lambda r, a: actions.deny_extension(a, opinion=text(r, "opinion"), **common(r)),
    "draft": _drafted,
    "approve": lambda r, a: actions.approve(a, opinion=text(r, "opinion"), **common(r)),
    "return": lambda r, a: actions.return_draft(a, opinion=text(r, "opinion"), **common(r)),
    "conclude": _concluded,
    "grant": lambda r, a: actions.grant(
        a, reasons=text(r, "opinion"), conditions=text(r, "conditions"), **common(r)
    ),
    "refuse": lambda r, a: actions.refuse(
        a, reasons=text(r, "reasons"), falsehood=typed(r, "falsehood") == "1", **common(r)
    ),
    "terminate": lambda r, a: actions.terminate(a, reasons=text(r, "reasons"), **common(r)),
    "made-up": lambda r, a: actions.check_make_up(a, good=True, **common(r)),
    "not-made-up": lambda r, a: actions.check_make_up(a, good=False, note=text(r, "note"), **common(r)),
    "check": _checked,
    "call-back": _called_back,
}
"""The steps of the case page by the word in their address."""

STEPS: dict[str, Step] = {
    "accept": Step.ACCEPT,
    "decline": Step.DECLINE,
    "take-back": Step.TAKE_BACK,
    "confirm-review": Step.CONFIRM_REVIEW,
    "send-back": Step.SEND_BACK,
    "suspend": Step.SUSPEND,
    "resume": Step.RESUME,
    "ask-extension": Step.ASK_EXTENSION,
    "extend": Step.EXTEND,
    "deny-extension": Step.DENY_EXTENSION,
    "draft": Step.DRAFT,
    "approve": Step.APPROVE,
    "return": Step.RETURN,
    "conclude": Step.CONCLUDE,
    "grant": Step.GRANT,
    "refuse": Step.REFUSE,
    "terminate": Step.TERMINATE,
    "made-up": Step.CHECK_MAKE_UP,
    "not-made-up": Step.CHECK_MAKE_UP,
    "check": Step.CHECK,
    "call-back": Step.CALL_BACK,
}
_VERDICT_SAID = {"pass": Verdict.PASS, "cond": Verdict.CONDITIONAL, "fail": Verdict.FAIL}


def said(path: str) -> str:
    """What was done, in a word."""
    return str(_VERDICT_SAID[path].label if path in _VERDICT_SAID else STEPS[path].label)
