"""Letters of the agency: decisions of refusal and notices, as signed PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zerotrip.cases.clocks import answer_of, day_of
from zerotrip.cases.models import (
    Bar,
    BarKind,
    Decision,
    Hearing,
    HearingNotice,
    Mode,
    ProposalKind,
    ProposalStatus,
    Verdict,
)
from zerotrip.cases.states import Result
from zerotrip.catalogue.queries import place_name, spec_of
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import NotFound
from zerotrip.licences import keys
from zerotrip.licences.certificates import han_date
from zerotrip.licences.models import Hands, Slip
from zerotrip.licences.printing import render
from zerotrip.licences.queries import revocation_of
from zerotrip.licences.states import Ground
from zerotrip.workdays.spelling import span

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Case, Correction, Telling
    from zerotrip.catalogue.spec import LetterText

TEMPLATE = "letter.typ"


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a letter: the place it speaks of, and what it says."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to somebody about a case. Letters are written in Chinese."""

    title: str
    number: str
    addressee: str
    issuer: str
    date: str
    paragraphs: tuple[str, ...]
    items: tuple[Item, ...] = ()
    remarks: tuple[str, ...] = ()


def draw(letter: Letter, *, at: datetime) -> bytes:
    """The letter as PDF/A, signed as certificates are: a decision in writing bears the agency's seal."""
    from zerotrip.licences.signing import sign  # a second to load: only for what signs

    data = {**asdict(letter), "specimen": keys.is_demonstration()}
    return sign(render(_template(), TEMPLATE, data, at=at), at=at)


def letter_of(case: Case, kind: str) -> Letter:
    """The letter of a case: ``decision``, ``acceptance``, ``extension``, ``rehearsal``, ``revocation``, or of
    several of a kind the one of this number: ``correction-1`` for the notice on what was first handed in,
    ``procedure-1``, ``slip-1``, ``told-1`` for what the applicant was told about being heard, and ``first-1``
    for the decision as it stood before that slip.

    Raises NotFound when there is none of this kind.
    """
    name, _dash, number = kind.partition("-")
    wanted = int(number) if number.isdecimal() and len(number) < 4 else 0
    found = None
    if name in _NUMBERED and wanted:
        found = _NUMBERED[name](case, wanted)
    elif name in _SINGLE and not number:
        found = _SINGLE[name](case)
    if found is None:
        raise NotFound(_("这个办件没有这份文书。"))
    return found


@cache
def _template() -> dict[str, str]:
    return {TEMPLATE: (Path(__file__).parent / "templates" / TEMPLATE).read_text(encoding="utf-8")}


def _decision(case: Case) -> Letter | None:
    decision = Decision.objects.filter(case=case).first()
    return decision_letter(case, decision) if decision else None


def decision_letter(case: Case, decision: Decision) -> Letter:
    """The decision in writing: granted, refused (第三十八条), not accepted (第三十二条) or ended, with its
    reasons, its conditions and the remedies."""
    spec = spec_of(case.version_id)
    filing = spec.category == "filing"
    act, article = _ACTS[Result(decision.verdict), filing]
    granted = decision.verdict == Result.GRANTED
    upon = spec.outcome.upon
    if granted and upon is not None and upon.act in _GRANTED_UPON:
        act, article = _GRANTED_UPON[upon.act], ""
    received = f"我局收到您提出的“{spec.name.zh}”申请（{case.subject}，办件编号 {case.number}）。"
    by_law = f"依据《中华人民共和国行政许可法》{article}，" if article else ""
    told = "。" if granted and not decision.reasons else "。理由如下："
    worded = spec.letter(*_LETTER_ACTS[Result(decision.verdict), bool(decision.conditions)])
    if worded is not None:
        return _worded(case, decision, worded, f"{act}决定书")
    return _letter(
        case,
        title=f"{act}决定书",
        at=decision.decided_at,
        paragraphs=(
            received,
            *_rests_on(case),
            f"经审查，{by_law}决定{act}{told}",
            *_lines(decision.reasons),
            *_bound(decision),
            *_warned(case, decision),
        ),
        remarks=() if granted else tuple(words.zh for words in spec.remedies),
    )


def _rests_on(case: Case) -> tuple[str, ...]:
    """That the decision rests on the minutes of a hearing, where one was held (第四十八条第二款)."""
    held = Hearing.objects.filter(case=case, kept_at__isnull=False).first()
    if held is None or held.begins_at is None:
        return ()
    return (f"我局于 {day_of(held.begins_at)}在{held.place}举行听证，本决定根据听证笔录作出。",)


_LETTER_ACTS: dict[tuple[Result, bool], tuple[str, ...]] = {
    (Result.GRANTED, False): ("grant",),
    (Result.GRANTED, True): ("conditional", "grant"),
    **{(Result.REFUSED, bound): ("refuse",) for bound in (False, True)},
    **{(Result.DECLINED, bound): ("decline",) for bound in (False, True)},
    **{(Result.TERMINATED, bound): ("terminate",) for bound in (False, True)},
}
"""Which words of the pack a decision takes, by result and whether it hangs on conditions."""


def _worded(case: Case, decision: Decision, worded: LetterText, title: str) -> Letter:
    """The letter as the service version worded it: it reads so however the pack goes on."""
    spec = case.spec
    said = {
        "service": spec.name.zh,
        "outcome": spec.outcome.name.zh,
        "subject": case.subject,
        "number": case.number,
        "applicant": case.applicant.name,
        "department": case.department.name,
        "date": _dated(decision.decided_at),
        "reasons": "\n".join((decision.reasons, *_warned(case, decision))),
        "conditions": decision.conditions,
        "remedies": "\n".join(words.zh for words in spec.remedies),
    }
    paragraphs = [line for text in worded.paragraphs for line in _lines(text.format(**said))]
    if decision.conditions and not any("{conditions}" in text for text in worded.paragraphs):
        paragraphs += _bound(decision)
    called = worded.title.format(**said) if worded.title else title
    return _letter(case, title=called, at=decision.decided_at, paragraphs=tuple(paragraphs))


_ACTS = {
    (Result.GRANTED, False): ("准予行政许可", "第三十八条"),
    (Result.GRANTED, True): ("予以备案", ""),
    (Result.REFUSED, False): ("不予许可", "第三十八条"),
    (Result.REFUSED, True): ("不予备案", ""),
    (Result.DECLINED, False): ("不予受理", "第三十二条"),
    (Result.DECLINED, True): ("不予受理", "第三十二条"),
    (Result.TERMINATED, False): ("终止办理", ""),
    (Result.TERMINATED, True): ("终止办理", ""),
}
"""What a decision is called, by result and whether it is about a filing, and the article it rests on."""


def _warned(case: Case, decision: Decision) -> tuple[str, ...]:
    """The warning for false materials, and from what it bars until when (第七十八条)."""
    if not decision.falsehood:
        return ()
    warned = (
        "您隐瞒有关情况或者提供虚假材料申请行政许可，"
        "依据《中华人民共和国行政许可法》第七十八条，决定不予许可，并给予警告。"
    )
    return (warned, *_barred(case, BarKind.FALSE, "第七十八条", "一年"))


def _barred(case: Case, kind: BarKind, article: str, length: str) -> tuple[str, ...]:
    """From what somebody is barred, and until when; nothing where the service is no matter of safety."""
    bar = Bar.objects.filter(case=case, kind=kind).first()
    if bar is None:
        return ()
    return (
        f"“{bar.named['zh']}”直接关系公共安全、人身健康、生命财产安全，依据《中华人民共和国行政许可法》{article}，"
        f"您在{length}内不得再次申请该行政许可，{day_of(bar.until)}起方可再次申请。",
    )


_GRANTED_UPON = {"change": "准予变更", "renew": "准予延续", "reissue": "准予补发", "cancel": "准予注销"}
"""What a grant is called that acts upon a licence, by what it does."""


def _bound(decision: Decision) -> tuple[str, ...]:
    return ("附加条件：", *_lines(decision.conditions)) if decision.conditions else ()


def acceptance(case: Case) -> Letter | None:
    """The notice of acceptance (第三十二条第二款), with what is still owed where it was tolerant."""
    if case.accepted_at is None:
        return None
    owed = list(Obligation.objects.filter(subject=case.pk, kind=Kind.MAKE_UP, opened_at=case.accepted_at))
    name = spec_of(case.version_id).name.zh
    accepted = f"您提出的“{name}”申请（{case.subject}，办件编号 {case.number}），" + (
        "主要材料齐全，您承诺按期补齐其余材料，现予容缺受理。" if owed else "材料齐全、符合法定形式，现予受理。"
    )
    late = "以下材料请按期补齐；逾期不补的，按您的承诺和办事指南公布的后果处理：" if owed else ""
    return _letter(
        case,
        title="容缺受理通知书" if owed else "受理通知书",
        at=case.accepted_at,
        paragraphs=tuple(filter(None, (accepted, late))),
        items=tuple(Item(each.words["zh"], f"{day_of(each.due_at)}前补齐。") for each in owed),
    )


def procedure(case: Case, number: int) -> Letter | None:
    """The notice of a special procedure and the time it takes (第四十五条)."""
    held = list(case.suspensions.all())[number - 1 : number]
    if not held:
        return None
    with translation.override("zh-hans"):
        kind = str(held[0].get_kind_display())
    name = spec_of(case.version_id).name.zh
    told = (
        f"您提出的“{name}”申请（{case.subject}，办件编号 {case.number}）需要{kind}。"
        "依据《中华人民共和国行政许可法》第四十五条，所需时间不计入办理期限，"
        f"自 {day_of(held[0].started_at)}起，至 {day_of(held[0].until)}止。"
    )
    return _letter(
        case,
        title="特别程序告知书",
        at=held[0].started_at,
        paragraphs=(told, "理由：", *_lines(held[0].reason)),
        remarks=("提前结束的，自结束之时恢复计时；到期没有结束的，自到期之时恢复计时。",),
    )


def extension(case: Case) -> Letter | None:
    """The notice that the limit was extended, with its reasons (第四十二条)."""
    approved = case.proposals.filter(kind=ProposalKind.EXTENSION, status=ProposalStatus.APPROVED).first()
    limit = case.spec.extension
    if approved is None or approved.ended_at is None or limit is None:
        return None
    with translation.override("zh-hans"):
        length = span(limit.amount, limit.unit)
    name = spec_of(case.version_id).name.zh
    told = (
        f"您提出的“{name}”申请（{case.subject}，办件编号 {case.number}）不能在期限内作出决定。"
        f"依据《中华人民共和国行政许可法》第四十二条，经批准，延长 {length}。"
    )
    return _letter(
        case,
        title="延长办理期限告知书",
        at=approved.ended_at,
        paragraphs=(told, "理由：", *_lines(approved.reasons)),
    )


def rehearsal(case: Case) -> Letter | None:
    """The opinion of a rehearsal, which decides nothing."""
    done = case.assignments.filter(kind="decision", status__in=("done", "superseded")).order_by("done_at").first()
    if done is None or done.done_at is None or (case.accepted_at is not None and done.done_at > case.accepted_at):
        return None
    if case.accepted_at is None and case.mode == Mode.FORMAL:
        return None
    name = spec_of(case.version_id).name.zh
    good = done.verdict == Verdict.PASS
    told = f"您提出的“{name}”申请（{case.subject}，办件编号 {case.number}）在前置条件尚未齐备时先行审查。"
    return _letter(
        case,
        title="预审意见书",
        at=done.done_at,
        paragraphs=(
            told,
            "按现有材料，没有发现不符合条件的情形。" if good else "按现有材料，还有以下问题：",
            *_lines(done.opinion),
        ),
        remarks=(
            "预审意见不是行政决定，不产生法律效力。前置条件齐备后可以转为正式办理，没有变化的内容不再重复审查。",
        ),
    )


def _letter(
    case: Case,
    *,
    title: str,
    at: datetime,
    paragraphs: tuple[str, ...],
    items: tuple[Item, ...] = (),
    remarks: tuple[str, ...] = (),
) -> Letter:
    return Letter(
        title=title,
        number=f"办件编号 {case.number}",
        addressee=case.applicant.name,
        issuer=case.department.name,
        date=_dated(at),
        paragraphs=paragraphs,
        items=items,
        remarks=remarks,
    )


def _correction(case: Case, number: int) -> Letter | None:
    found = case.corrections.filter(round=number).order_by("-requested_at").first()
    return notice_of_corrections(case, found) if found else None


def notice_of_corrections(case: Case, correction: Correction) -> Letter:
    """The single notice of everything to be corrected (《行政许可法》第三十二条第一款第四项)."""
    name = spec_of(case.version_id).name.zh
    asked = (
        f"您提出的“{name}”申请（{case.subject}，办件编号 {case.number}）材料不齐全或者不符合法定形式。"
        "依据《中华人民共和国行政许可法》第三十二条第一款第四项，现一次性告知需要补正的全部内容："
    )
    with translation.override("zh-hans"):
        items = tuple(
            Item(place_name(case.version_id, item["place"]), item["message"]) for item in correction.items
        )
    return _letter(
        case,
        title="补正告知书",
        at=correction.requested_at,
        paragraphs=(asked,),
        items=items,
        remarks=(*_lines(correction.note), "请在网上按以上内容补正后重新提交，无需到窗口。"),
    )


def _dated(at: datetime) -> str:
    return han_date(timezone.localtime(at).date())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _first(case: Case, number: int) -> Letter | None:
    """The decision as it was written before a slip of the pen in it was put right: the number of that slip."""
    decision = Decision.objects.filter(case=case).first()
    slips = list(Slip.objects.filter(case=case, status=Hands.CONFIRMED).order_by("settled_at", "pk"))
    if decision is None or number > len(slips):
        return None
    for slip in reversed(slips[number - 1 :]):
        for change in slip.changes:
            if change["place"] in ("reasons", "conditions"):
                setattr(decision, change["place"], change["before"])
    return decision_letter(case, decision)


def _revocation(case: Case) -> Letter | None:
    """The decision that ends a licence, with its reasons and the remedies (第六十九条、第八条)."""
    ended = revocation_of(case.pk)
    if ended is None or ended.settled_at is None:
        return None
    licence = ended.licence
    with translation.override("zh-hans"):
        act = str(Ground(ended.ground).label)
    told = (
        f"您持有的“{licence.title}”（编号 {licence.number}），"
        f"经查明以下事实和理由，决定予以{act}，自本决定作出之日起不再有效。"
    )
    fraud = (
        "该许可系以欺骗、贿赂等不正当手段取得，依据《中华人民共和国行政许可法》第六十九条第二款、第七十九条，应当予以撤销。",
        *_barred(case, BarKind.FRAUD, "第七十九条", "三年"),
    )
    return _letter(
        case,
        title=f"{act}{licence.title}决定书",
        at=ended.settled_at,
        paragraphs=(told, *_lines(ended.reasons), *(fraud if ended.fraud else ())),
        remarks=tuple(words.zh for words in spec_of(case.version_id).remedies),
    )


def _slip(case: Case, number: int) -> Letter | None:
    """The notice that a slip of the pen was put right: what stood there, and what it reads now."""
    confirmed = Slip.objects.filter(case=case, status=Hands.CONFIRMED).order_by("settled_at", "pk")
    slip = next(iter(confirmed[number - 1 : number]), None)
    if slip is None or slip.settled_at is None:
        return None
    what = f"“{slip.licence.title}”（编号 {slip.licence.number}）" if slip.licence else "决定书"
    told = (
        f"我局就您的申请（{case.subject}，办件编号 {case.number}）制发的{what}有文字错误，"
        "现更正如下，其余内容和效力不变："
    )
    printed = "证照已经换发，编号和有效期不变，原来的一版不再使用。" if slip.made_id else ""
    return _letter(
        case,
        title="更正通知书",
        at=slip.settled_at,
        paragraphs=(told,),
        items=tuple(Item(each["label"], f"“{each['before']}”更正为“{each['after']}”。") for each in slip.changes),
        remarks=tuple(filter(None, (*_lines(f"原因：{slip.reasons}"), printed))),
    )


def _told(case: Case, number: int) -> Letter | None:
    """What the applicant was told about being heard, by number."""
    found = list(case.tellings.filter(to_applicant=True)[number - 1 : number])
    return telling_letter(found[0]) if found else None


def telling_letter(telling: Telling) -> Letter:
    """A notice to somebody concerned or to the applicant: that they may state their view (第三十六条) or ask
    for a hearing (第四十七条), or when and where it is held (第四十八条)."""
    case, one = telling.case, telling.concerned
    about = f"“{spec_of(case.version_id).name.zh}”（{case.subject}，办件编号 {case.number}）"
    mine = telling.to_applicant
    whose = f"您提出的{about}申请" if mine else f"{case.applicant.name}提出的{about}申请"
    title, paragraphs, remarks = _TOLD[HearingNotice(telling.what)](telling, whose)
    written = _letter(case, title=title, at=telling.told_at, paragraphs=paragraphs, remarks=remarks)
    return written if mine or one is None else replace(written, addressee=one.name)


_Words = tuple[str, tuple[str, ...], tuple[str, ...]]


def _of_view(telling: Telling, whose: str) -> _Words:
    whom = "他人的" if telling.to_applicant else "您的"
    interest = telling.concerned.interest if telling.concerned else ""
    said = (
        f"{whose}，可能直接关系{whom}重大利益：{interest}。"
        "依据《中华人民共和国行政许可法》第三十六条，您有权陈述和申辩，"
        f"请在 {day_of(telling.until)}前向我局提出；逾期没有提出的，我局依法作出决定。"
        if telling.until
        else ""
    )
    basis = answer_of(telling.case.spec).basis.zh
    return "陈述申辩权利告知书", (said,), (f"期限的依据：{basis}。",)


def _of_right(telling: Telling, whose: str) -> _Words:
    said = (
        f"{whose}，涉及申请人与他人之间的重大利益关系。"
        "依据《中华人民共和国行政许可法》第四十七条，您有权要求听证。要求听证的，"
        f"请在 {day_of(telling.until)}前向我局提出；逾期没有提出的，视为放弃。"
        if telling.until
        else ""
    )
    return "听证权利告知书", (said,), (FREE,)


FREE = "申请人、利害关系人不承担组织听证的费用。"
"""第四十七条第二款。"""


def _of_hearing(telling: Telling, whose: str) -> _Words:
    told = f"{whose}，依据《中华人民共和国行政许可法》第四十八条，定于 {telling.says}"
    remarks = ("您可以提出证据，进行申辩和质证；认为主持人与该事项有直接利害关系的，有权申请回避。", FREE)
    return "听证通知书", (told,), remarks


_TOLD: dict[HearingNotice, Callable[[Telling, str], _Words]] = {
    HearingNotice.VIEW: _of_view,
    HearingNotice.RIGHT: _of_right,
    HearingNotice.HEARING: _of_hearing,
}


_SINGLE = {
    "acceptance": acceptance,
    "decision": _decision,
    "extension": extension,
    "rehearsal": rehearsal,
    "revocation": _revocation,
}
_NUMBERED = {"correction": _correction, "procedure": procedure, "slip": _slip, "first": _first, "told": _told}
