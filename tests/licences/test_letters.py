"""Decisions and notices in writing name the case, the law, the reasons and the remedies."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.licences.conftest import AT
from zerotrip.cases.models import Concerned, Correction, Decision, Telling
from zerotrip.errors import NotFound
from zerotrip.licences.letters import Item, decision_letter, draw, letter_of, notice_of_corrections, telling_letter

pytestmark = pytest.mark.django_db


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


@pytest.mark.parametrize(
    ("verdict", "title", "article"),
    [("refused", "不予许可决定书", "第三十八条"), ("declined", "不予受理决定书", "第三十二条")],
)
def test_a_refusal_gives_reasons_and_remedies(granted, verdict, title, article):
    case = granted()
    decision = Decision(case=case, verdict=verdict, reasons="一是缺少场所。\n二是 #人员 不足。", decided_at=AT)
    text = words(draw(decision_letter(case, decision), at=AT))
    for part in (title, article, case.number, "一是缺少场所。", "二是#人员不足。", "六十日内申请行政复议"):
        assert part in text
    assert "济南示范田园农资有限公司：" in text
    assert "二〇二六年十一月二十三日" in text


def test_a_notice_names_every_place_as_people_call_it(granted):
    case = granted()
    items = [
        {"place": "operator", "message": "与营业执照不一致"},
        {"place": "material:old", "message": "照片不清楚"},
        {"place": "gone.0.name", "message": "x"},
    ]
    letter = notice_of_corrections(case, Correction(case=case, items=items, note="尽快", requested_at=AT))
    assert letter.items[:2] == (Item("经营者名称", "与营业执照不一致"), Item("原许可证", "照片不清楚"))
    assert letter.items[2].place == "gone.0.name"
    text = words(draw(letter, at=AT))
    assert "第三十二条第一款第四项" in text
    assert "2.原许可证：照片不清楚" in text
    assert "尽快" in text


@pytest.mark.parametrize("kind", ["decision", "correction-1", "correction-x", "correction-9999", "", "correction"])
def test_a_letter_that_was_never_written_is_not_found(granted, kind):
    with pytest.raises(NotFound):
        letter_of(granted(), kind)


def test_a_letter_bears_the_seal_of_the_agency(granted):
    case = granted()
    decision = Decision(case=case, verdict="refused", reasons="缺少场所。", decided_at=AT)
    reader = PdfFileReader(io.BytesIO(draw(decision_letter(case, decision), at=AT)))
    assert len(reader.embedded_signatures) == 1


HELD = "2026 年 12 月 8 日 09:30在政务大厅三楼举行听证，由听证员主持。听证公开举行。"


def telling(case, what: str, *, concerned: Concerned | None = None, **changes) -> Telling:
    given = {"until": AT + timedelta(days=7), "says": ""} if what != "hearing" else {"says": HELD}
    return Telling(
        case=case, what=what, to_applicant=concerned is None, concerned=concerned, told_at=AT, **given, **changes
    )


def test_a_notice_of_hearing_says_when_where_and_that_it_is_free(granted):
    text = words(draw(telling_letter(telling(granted(), "hearing")), at=AT))
    for part in (
        "听证通知书",
        "第四十八条",
        "政务大厅三楼",
        "由听证员主持",
        "听证公开举行",
        "不承担组织听证的费用",
        "申请回避",
    ):
        assert part in text


def test_a_notice_to_somebody_concerned_is_addressed_to_them_and_names_the_last_day(granted):
    case = granted()
    one = Concerned(case=case, name="邻居甲", contact="虚构路 2 号", interest="采光")
    text = words(draw(telling_letter(telling(case, "view", concerned=one)), at=AT))
    for part in ("邻居甲：", "第三十六条", "采光", case.applicant.name, "法律没有规定"):
        assert part in text
    assert "虚构路" not in text
    assert "第四十七条" in words(draw(telling_letter(telling(case, "right", concerned=one)), at=AT))
