"""Letters of the agency: decisions of refusal and notices, as signed PDF."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zerotrip.cases.models import Decision
from zerotrip.cases.states import Result
from zerotrip.catalogue.queries import place_name, spec_of
from zerotrip.errors import NotFound
from zerotrip.licences import keys
from zerotrip.licences.certificates import han_date
from zerotrip.licences.printing import render
from zerotrip.licences.signing import sign

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Case, Correction

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
    data = {**asdict(letter), "specimen": keys.is_demonstration()}
    return sign(render(_template(), TEMPLATE, data, at=at), at=at)


def letter_of(case: Case, kind: str) -> Letter:
    """The letter of a case: ``decision``, or ``correction-1`` for the notice on what was first handed in.

    Raises NotFound when there is none of this kind.
    """
    name, _dash, number = kind.partition("-")
    if name == "decision" and not number:
        decision = Decision.objects.filter(case=case, verdict__in=(Result.REFUSED, Result.DECLINED)).first()
        if decision is not None:
            return refusal(case, decision)
    if name == "correction" and number.isdecimal() and len(number) < 4:
        correction = case.corrections.filter(round=int(number)).first()
        if correction is not None:
            return notice_of_corrections(case, correction)
    raise NotFound(_("这个办件没有这份文书。"))


@cache
def _template() -> dict[str, str]:
    return {TEMPLATE: (Path(__file__).parent / "templates" / TEMPLATE).read_text(encoding="utf-8")}


def refusal(case: Case, decision: Decision) -> Letter:
    """The written decision not to accept (《行政许可法》第三十二条) or not to grant (第三十八条), with its
    reasons and the remedies. Not for a grant: that has its certificate."""
    spec = spec_of(case.version_id)
    name, filing = spec.name.zh, spec.category == "filing"
    refused = ("不予备案", "") if filing else ("不予许可", "第三十八条")
    act, article = ("不予受理", "第三十二条") if decision.verdict == Result.DECLINED else refused
    received = f"我局收到您提出的“{name}”申请（{case.subject}，办件编号 {case.number}）。"
    by_law = f"依据《中华人民共和国行政许可法》{article}，" if article else ""  # which is not about filings
    decided = f"经审查，{by_law}决定{act}。理由如下："
    return Letter(
        title=f"{act}决定书",
        number=f"办件编号 {case.number}",
        addressee=case.applicant.name,
        issuer=case.department.name,
        date=_dated(decision.decided_at),
        paragraphs=(received, decided, *_lines(decision.reasons)),
        remarks=tuple(words.zh for words in spec.remedies),
    )


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
    return Letter(
        title="补正告知书",
        number=f"办件编号 {case.number}",
        addressee=case.applicant.name,
        issuer=case.department.name,
        date=_dated(correction.requested_at),
        paragraphs=(asked,),
        items=items,
        remarks=(*_lines(correction.note), "请在网上按以上内容补正后重新提交，无需到窗口。"),
    )


def _dated(at: datetime) -> str:
    return han_date(timezone.localtime(at).date())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
